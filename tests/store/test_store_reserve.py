"""reserve: holds units of cells, all or some, once a request id."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, SECOND, START_MS, Shop, check_books, contents, dump, granted, refused, request

from promessa.domain.errors import AlreadyExists
from promessa.domain.fingerprint import fingerprint
from promessa.domain.reservation import ReservationState, ReserveOutcome, ShortfallReason


async def test_a_hold_takes_units_out_of_what_can_be_promised(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    held = await shop.hold("hold-0001", (0, 0, 4), ttl_ms=30 * SECOND, owner_id="ann", order_id="o-1", extra=b"\x00x")
    record = held.reservation
    assert (record.state, record.outcome) == (ReservationState.HELD, ReserveOutcome.RESERVED)
    assert (record.created_ms, record.expires_ms) == (START_MS, START_MS + 30 * SECOND)
    assert (record.owner_id, record.order_id, record.extra) == ("ann", "o-1", b"\x00x")
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.held, cell.available) == (10, 4, 6)
    assert await shop.store.get_reservation("hold-0001") is not None


async def test_unavailable_units_and_safety_stock_are_not_promised(shop: Shop) -> None:
    await shop.count(0, 0, 10, unavailable=3, safety=2)
    assert refused(await shop.hold("hold-0001", (0, 0, 6)))
    assert granted(await shop.hold("hold-0002", (0, 0, 5))) == [5]


async def test_several_lines_over_partitions_are_held_together_or_not_at_all(shop: Shop, redis: Redis) -> None:
    for node in range(5):
        await shop.count(node, 1, 3)
    lines = [(node, 1, 2) for node in range(5)]
    first = await shop.hold("hold-0001", *lines)
    assert granted(first) == [2] * 5
    assert len(first.positions) == 2 * 4  # five nodes in four partitions
    second = await shop.hold("hold-0002", (4, 1, 1), (0, 1, 2))
    assert refused(second)
    assert [(x.granted, x.available, x.reason) for x in second.reservation.lines] == [
        (0, 1, ShortfallReason.NONE),
        (0, 1, ShortfallReason.INSUFFICIENT_STOCK),
    ]
    assert (await shop.cell(4, 1)).held == 2
    await check_books(redis, shop.store.keys)


async def test_a_partial_hold_takes_what_there_is(shop: Shop) -> None:
    await shop.count(0, 0, 3)
    await shop.count(1, 0, 0)
    held = await shop.hold("hold-0001", (0, 0, 5), (1, 0, 1), partial=True)
    assert held.reservation.outcome == ReserveOutcome.PARTIALLY_RESERVED
    assert granted(held) == [3, 0]
    assert refused(await shop.hold("hold-0002", (0, 0, 1), partial=True))


async def test_a_cell_that_never_was_has_nothing(shop: Shop) -> None:
    assert refused(await shop.hold("hold-0001", (7, 7, 1)))


@pytest.mark.parametrize("state", [2, 3])
async def test_a_node_that_is_not_active_holds_nothing_until_it_is_again(shop: Shop, state: int) -> None:
    index = await shop.node("a")
    await shop.count(index, 0, 5)
    await shop.store.set_node_state("", ANY, node_id="a", state=state)
    line = (await shop.hold("hold-0001", (index, 0, 1))).reservation.lines[0]
    assert (line.granted, line.available, line.reason) == (0, 0, ShortfallReason.NODE_PAUSED)
    await shop.store.set_node_state("", ANY, node_id="a", state=1)
    assert granted(await shop.hold("hold-0002", (index, 0, 1))) == [1]


async def test_a_paused_node_does_not_stop_its_neighbours_in_the_partition(shop: Shop) -> None:
    for name in "abcdefgh":
        await shop.node(name)
    await shop.count(4, 0, 5)
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    assert granted(await shop.hold("hold-0001", (4, 0, 1))) == [1]


async def test_the_same_request_gets_the_first_answer_and_takes_nothing_more(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 10)
    first = await shop.hold("hold-0001", (0, 0, 4))
    before = await contents(redis, without=(b"clock",))
    again = await shop.hold("hold-0001", (0, 0, 4))
    assert (again.replayed, again.reservation, again.positions) == (True, first.reservation, first.positions)
    assert await contents(redis, without=(b"clock",)) == before


async def test_a_repeated_request_writes_the_clock_so_that_a_wait_after_it_is_honest(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 4))
    fixed.now_ms += 1
    home = shop.store.keys.cells(shop.store.keys.home_of("hold-0001"))
    await shop.hold("hold-0001", (0, 0, 4))
    assert int(await redis.hget(home, "clock")) == fixed.now_ms


async def test_two_equal_requests_in_one_call_have_one_effect(shop: Shop) -> None:
    await shop.count(0, 0, 10)
    first, second = await asyncio.gather(shop.hold("hold-0001", (0, 0, 4)), shop.hold("hold-0001", (0, 0, 4)))
    assert (first.replayed, second.replayed) == (False, True)
    assert first.reservation == second.reservation
    assert (await shop.cell(0, 0)).held == 4


async def test_a_refusal_is_the_answer_for_good(shop: Shop) -> None:
    await shop.count(0, 0, 1)
    first = await shop.hold("hold-0001", (0, 0, 2))
    await shop.count(0, 0, 10)
    again = await shop.hold("hold-0001", (0, 0, 2))
    assert (again.replayed, again.reservation) == (True, first.reservation)
    assert await shop.store.get_reservation("hold-0001") is None


async def test_a_refusal_not_kept_changes_nothing_and_may_be_tried_again(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 1)
    before = await dump(redis)
    assert refused(await shop.hold("hold-0001", (0, 0, 2), keep_refusal=False))
    assert await dump(redis) == before
    await shop.count(0, 0, 2)
    assert granted(await shop.hold("hold-0001", (0, 0, 2), keep_refusal=False)) == [2]


async def test_another_payload_is_refused_and_the_first_different_field_named(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 9)
    fields = ("method", "lines", "owner_id", "ttl")
    await shop.hold("hold-0001", (0, 0, 1), payload=fingerprint(fields, "Reserve", (0, 0, 1), "ann", 60))
    before = await contents(redis, without=(b"clock",))
    for values, field in [
        (("Reserve", (0, 0, 2), "bob", 60), "lines"),
        (("Reserve", (0, 0, 1), "bob", 70), "owner_id"),
        (("Reserve", (0, 0, 1), "ann", 70), "ttl"),
        (("Source", (0, 0, 1), "ann", 60), "method"),
    ]:
        with pytest.raises(AlreadyExists) as refusal:
            await shop.hold("hold-0001", (0, 0, 1), payload=fingerprint(fields, *values))
        assert (refusal.value.reason, refusal.value.metadata["field"]) == ("REQUEST_ID_REUSED", field)
    assert await contents(redis, without=(b"clock",)) == before


async def test_a_refusal_is_given_only_after_every_due_hold_is_back(shop: Shop, fixed: Any, redis: Redis) -> None:
    """Holds of any partition, on any cell: all that are due are returned, and none that is not."""
    for node in range(6):
        await shop.count(node, 0, 2)
        await shop.hold(f"due-{node:05d}", (node, 0, 2), ttl_ms=5 * SECOND)
    await shop.count(6, 0, 2)
    await shop.hold("later-0001", (6, 0, 2), ttl_ms=6 * SECOND)
    fixed.now_ms += 5 * SECOND
    assert refused(await shop.hold("hold-0001", (6, 0, 1)))
    assert [(await shop.cell(node, 0)).held for node in range(7)] == [0] * 6 + [2]
    assert granted(await shop.hold("hold-0002", *[(node, 0, 2) for node in range(6)])) == [2] * 6
    await check_books(redis, shop.store.keys)


async def test_more_due_holds_than_one_call_may_return_delay_a_hold_but_do_not_refuse_it(
    shop: Shop, fixed: Any
) -> None:
    await shop.count(0, 0, 4_500)
    for first in range(0, 4_500, 250):
        await asyncio.gather(*[shop.hold(f"due-{n:05d}", (0, 0, 1), ttl_ms=SECOND) for n in range(first, first + 250)])
    fixed.now_ms += SECOND
    assert granted(await shop.hold("hold-0001", (0, 0, 4_500))) == [4_500]


async def test_units_a_feed_took_away_are_missing_and_never_promised_twice(shop: Shop) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 4))
    await shop.count(0, 0, 1)
    cell = await shop.cell(0, 0)
    assert (cell.available, cell.deficit) == (0, 3)
    assert refused(await shop.hold("hold-0002", (0, 0, 1), partial=True))


async def test_lines_that_name_one_cell_twice_never_oversell(shop: Shop, redis: Redis) -> None:
    """Callers sum such lines; one that does not is stopped before anything is written."""
    await shop.count(0, 0, 3)
    before = await dump(redis)
    with pytest.raises(Exception, match="name one cell"):
        await shop.hold("hold-0001", (0, 0, 2), (0, 0, 2))
    assert await dump(redis) == before


async def test_a_large_reservation_is_one_entry_in_every_partition_it_touches(shop: Shop, redis: Redis) -> None:
    lines = [(sku % 4, sku, 1) for sku in range(200)]
    for node, sku, _ in lines:
        await shop.count(node, sku, 1)
    heads = [await redis.xlen(shop.store.keys.log(p)) for p in range(4)]
    assert granted(await shop.hold("hold-0001", *lines)) == [1] * 200
    assert [await redis.xlen(shop.store.keys.log(p)) for p in range(4)] == [head + 1 for head in heads]
    await check_books(redis, shop.store.keys)


async def test_refuse_remembers_that_nothing_could_be_planned(shop: Shop, redis: Redis) -> None:
    lines = [-1, 3, 2, 0, 0, 0, 0, 3]
    store = shop.store
    first = await store.refuse("hold-0001", request("r"), owner_id="ann", order_id="o", lines=lines, extra=b"why")
    again = await store.refuse("hold-0001", request("r"), owner_id="ann", order_id="o", lines=lines, extra=b"why")
    assert refused(first)
    assert (again.replayed, again.reservation) == (True, first.reservation)
    line = first.reservation.lines[0]
    assert (line.node_ix, line.sku_ix, line.requested, line.reason) == (-1, 3, 2, ShortfallReason.NOT_SERVED)
    with pytest.raises(AlreadyExists):
        await shop.hold("hold-0001", (0, 0, 1))
    await check_books(redis, store.keys)
