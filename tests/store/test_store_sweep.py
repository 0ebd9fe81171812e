"""sweep: due holds back to stock, old records forgotten; and the clock that decides."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from store_kit import SECOND, START_MS, Shop, all_due, all_members, check_books, granted, refused

from promessa.domain.limits import RETENTION_MS
from promessa.domain.reservation import ReservationState
from promessa.store.store import Store


async def test_a_sweep_returns_what_is_due_and_nothing_else(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=SECOND)
    await shop.hold("hold-0002", (0, 0, 2), ttl_ms=2 * SECOND)
    await shop.hold("hold-0003", (0, 0, 4), ttl_ms=SECOND)
    await shop.confirm("hold-0003")
    fixed.now_ms += SECOND
    assert await shop.store.sweep() == 1
    cell = await shop.cell(0, 0)
    assert (cell.held, cell.committed) == (2, 4)
    record = await shop.store.get_reservation("hold-0001")
    assert record is not None
    assert (record.state, record.updated_ms, record.lines[0].open) == (ReservationState.EXPIRED, fixed.now_ms, 0)
    await check_books(redis, shop.store.keys)


async def test_a_sweep_takes_no_more_than_its_limit_of_a_partition(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 100)
    await asyncio.gather(*[shop.hold(f"hold-{n:04d}", (0, 0, 1), ttl_ms=SECOND + n) for n in range(100)])
    fixed.now_ms += 2 * SECOND
    taken = []
    while taken[-1:] != [0]:
        taken.append(await shop.store.sweep(limit=7))
        await check_books(redis, shop.store.keys)
    assert sum(taken) == 100
    assert max(taken) <= 7 * shop.store.keys.partitions
    assert (await shop.cell(0, 0)).held == 0


async def test_a_sweep_and_a_hold_in_one_call_return_every_due_unit(shop: Shop, redis: Redis, fixed: Any) -> None:
    """The sweep takes a part of what is due; the hold after it must go on where the sweep ended."""
    await shop.count(0, 0, 100)
    await asyncio.gather(*[shop.hold(f"hold-{n:04d}", (0, 0, 1), ttl_ms=SECOND) for n in range(100)])
    fixed.now_ms += SECOND
    _, held = await asyncio.gather(shop.store.sweep(limit=3), shop.hold("hold-9999", (0, 0, 100)))
    assert granted(held) == [100]
    await check_books(redis, shop.store.keys)


async def test_a_change_in_the_same_call_goes_before_the_sweep(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    for n in range(3):
        await shop.hold(f"hold-{n:04d}", (0, 0, 1), ttl_ms=SECOND)
    fixed.now_ms += SECOND - 1
    await asyncio.gather(shop.confirm("hold-0000"), shop.extend("hold-0001", 9 * SECOND), shop.store.sweep())
    fixed.now_ms += 1
    await shop.store.sweep()
    cell = await shop.cell(0, 0)
    assert (cell.held, cell.committed) == (1, 1)
    await check_books(redis, shop.store.keys)


async def test_records_and_answers_are_forgotten_after_their_retention_and_not_before(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await shop.count(0, 0, 10, request_id="feed-0001")
    await shop.hold("hold-0001", (0, 0, 1))
    await shop.release("hold-0001", request_id="edit-0001")
    assert refused(await shop.hold("hold-0002", (0, 0, 99)))
    fixed.now_ms += RETENTION_MS - 1
    assert await shop.store.sweep() == 0
    fixed.now_ms += 1
    assert await shop.store.sweep() == 4
    assert await all_members(redis, shop.store.keys) == {}
    assert await all_due(redis, shop.store.keys) == {}


async def test_an_answer_forgotten_and_given_again_in_one_call_is_forgotten_again_later(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await shop.count(0, 0, 10, request_id="feed-0001")
    fixed.now_ms += RETENTION_MS
    _, fed = await asyncio.gather(shop.store.sweep(), shop.count(0, 0, 12, request_id="feed-0001"))
    assert not fed.replayed
    assert await all_due(redis, shop.store.keys) == {"r:feed-0001": fixed.now_ms + RETENTION_MS}
    fixed.now_ms += RETENTION_MS
    await shop.store.sweep()
    assert await all_members(redis, shop.store.keys) == {}


async def test_the_clock_never_runs_back(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=10 * SECOND)
    fixed.now_ms += 5 * SECOND
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=10 * SECOND)
    fixed.now_ms = START_MS - 3600 * SECOND
    extended = (await shop.extend("hold-0001", 10 * SECOND)).reservation
    assert (extended.updated_ms, extended.expires_ms) == (START_MS + 5 * SECOND, START_MS + 15 * SECOND)
    await check_books(redis, shop.store.keys)


async def test_a_hold_seen_as_over_in_one_partition_is_over_in_all(shop: Shop, store: Store, fixed: Any) -> None:
    """The record's partition may not have heard of the later instant; the partition of its cell has."""
    home = store.keys.home_of("hold-0001")
    other = next(node for node in range(4) if node != home)
    await shop.count(other, 0, 10)
    await shop.hold("hold-0001", (other, 0, 1), ttl_ms=SECOND)
    fixed.now_ms += SECOND
    await shop.count(other, 1, 1)
    fixed.now_ms -= SECOND
    try:
        await shop.confirm("hold-0001")
    except Exception as error:
        assert getattr(error, "reason", "") == "RESERVATION_EXPIRED"
    else:
        raise AssertionError("the hold was confirmed after its end")
