"""Deltas with a position: applied in their turn, once, whatever their messages go through on the way."""

from __future__ import annotations

from redis.asyncio import Redis
from store_kit import ANY, Shop, all_members, check_books, contents, dump

from promessa.domain.stock import FeedOutcome, FeedPlace, FeedPosition, FeedResult, ReleasedDeltas, SequenceOutcome
from promessa.store.store import Fed

IN_SEQUENCE, DUPLICATE = SequenceOutcome.IN_SEQUENCE, SequenceOutcome.DUPLICATE
PARKED, STALE_EPOCH, FULL = SequenceOutcome.PARKED, SequenceOutcome.STALE_EPOCH, SequenceOutcome.PARKING_FULL
APPLIED, INSUFFICIENT = FeedOutcome.APPLIED, FeedOutcome.INSUFFICIENT_ON_HAND


async def send(
    shop: Shop, sequence: int, *units: int, epoch: int = 1, source: str = "pos-1", request_id: str = "", node: int = 0
) -> Fed:
    items = [x for each in units or (1,) for x in (node, 0, each)]
    position = FeedPosition(source, epoch, sequence)
    return await shop.store.apply_deltas(request_id, ANY, items=items, reason="", position=position)


def place(fed: Fed) -> tuple[SequenceOutcome, int]:
    """What became of a message, and what its source must send next."""
    assert fed.place is not None
    return fed.place.outcome, fed.place.expected_sequence


async def test_messages_in_order_are_applied_as_they_come(shop: Shop, redis: Redis) -> None:
    for sequence in (1, 2, 3):
        assert place(await send(shop, sequence)) == (IN_SEQUENCE, sequence + 1)
    assert (await shop.cell(0, 0)).on_hand == 3
    await check_books(redis, shop.store.keys)


async def test_a_doubled_message_does_nothing_whatever_its_request_id(shop: Shop, redis: Redis) -> None:
    first = await send(shop, 1, 5, request_id="feed-0001")
    before = await contents(redis, without=(b"clock",))
    assert place(await send(shop, 1, 5)) == (DUPLICATE, 2)
    again = await send(shop, 1, 5, request_id="feed-0001")
    assert (again.replayed, again.results, again.place) == (True, first.results, first.place)
    assert await contents(redis, without=(b"clock",)) == before


async def test_what_comes_too_early_waits_and_is_applied_in_order(shop: Shop, redis: Redis) -> None:
    await send(shop, 1, 2)
    assert place(await send(shop, 4, -3, request_id="feed-0004", node=1)) == (PARKED, 2)
    assert place(await send(shop, 3, 4, request_id="feed-0003", node=1)) == (PARKED, 2)
    before = await contents(redis, without=(b"clock",))
    assert place(await send(shop, 3, 4, request_id="feed-0003", node=1)) == (PARKED, 2)
    assert await contents(redis, without=(b"clock",)) == before
    assert (await shop.store.read_cells([(1, 0)])) == [None]
    filled = await send(shop, 2, 1)
    released = [
        ReleasedDeltas(3, "feed-0003", [FeedResult(APPLIED, 4, 4)]),
        ReleasedDeltas(4, "feed-0004", [FeedResult(APPLIED, 1, 1)]),
    ]
    assert filled.place == FeedPlace(IN_SEQUENCE, 1, 5, released)
    keys = shop.store.keys
    heads = {p: int(await redis.hget(keys.cells(p), "seq") or 0) for p in (0, keys.partition_of(1))}  # type: ignore[misc]
    positions = list(filled.positions)
    assert dict(zip(positions[::2], positions[1::2], strict=True)) == heads
    parked = await send(shop, 4, -3, request_id="feed-0004", node=1)  # its own answer, though nobody waited for it
    assert (parked.replayed, parked.results, place(parked)) == (True, released[1].results, (IN_SEQUENCE, 5))
    assert {m for m in await all_members(redis, keys) if m.startswith("p:")} == set()
    await check_books(redis, keys)


async def test_a_gap_is_filled_step_by_step(shop: Shop) -> None:
    for sequence, expected in ((5, 1), (3, 1), (1, 2), (2, 4), (4, 6)):
        assert (await send(shop, sequence)).place.expected_sequence == expected  # type: ignore[union-attr]
    assert (await shop.cell(0, 0)).on_hand == 5


async def test_a_later_epoch_starts_anew_and_an_earlier_one_is_refused(shop: Shop, redis: Redis) -> None:
    await send(shop, 1)
    await send(shop, 3, 100)
    assert place(await send(shop, 3, 7, epoch=2)) == (PARKED, 1)
    before = await dump(redis)
    stale = await send(shop, 2, epoch=1)
    assert (place(stale), stale.place and stale.place.epoch, stale.results) == ((STALE_EPOCH, 1), 2, [])
    assert await dump(redis) == before
    await send(shop, 1, epoch=2)
    assert place(await send(shop, 2, epoch=2)) == (IN_SEQUENCE, 4)
    assert (await shop.cell(0, 0)).on_hand == 1 + 1 + 1 + 7  # what the first epoch parked is forgotten


async def test_sources_do_not_wait_for_each_other(shop: Shop) -> None:
    await send(shop, 2, source="pos-1")
    assert place(await send(shop, 1, source="pos-2")) == (IN_SEQUENCE, 2)


async def test_parking_is_bounded_in_messages_and_in_deltas(shop: Shop, redis: Redis) -> None:
    for sequence in range(2, 66):
        assert place(await send(shop, sequence))[0] == PARKED
    for sequence in range(2, 10):
        assert place(await send(shop, sequence, *[1] * 1_000, source="pos-2"))[0] == PARKED
    before = await contents(redis)
    assert place(await send(shop, 66)) == (FULL, 1)
    assert place(await send(shop, 10, source="pos-2")) == (FULL, 1)
    assert await contents(redis) == before
    assert place(await send(shop, 1)) == (IN_SEQUENCE, 66)
    assert place(await send(shop, 1, source="pos-2")) == (IN_SEQUENCE, 10)
    assert (await shop.cell(0, 0)).on_hand == 65 + 8_001
    await check_books(redis, shop.store.keys)


async def test_items_of_a_parked_message_have_their_own_results(shop: Shop) -> None:
    await send(shop, 2, -1, 3, -5, request_id="feed-0002")
    filled = await send(shop, 1, 1)
    assert filled.place is not None
    assert filled.place.released[0].results == [
        FeedResult(APPLIED, 0, 0), FeedResult(APPLIED, 3, 3), FeedResult(INSUFFICIENT, 3, 3)
    ]  # fmt: skip


async def test_a_parked_message_whose_request_id_went_to_another_is_not_applied(shop: Shop) -> None:
    from store_kit import request

    await send(shop, 2, 4, request_id="feed-0002")
    await shop.store.set_safety_stock("feed-0002", request("other"), node_ix=0, sku_ix=0, quantity=1)
    filled = await send(shop, 1, 1)
    assert filled.place is not None
    assert [(x.sequence, x.results) for x in filled.place.released] == [(2, [])]
    assert (await shop.cell(0, 0)).on_hand == 1


async def test_the_worked_feed_of_the_concepts_page(shop: Shop) -> None:
    steps = [
        (1, 1, IN_SEQUENCE, 2, 1),
        (1, 3, PARKED, 2, 1),
        (1, 1, DUPLICATE, 2, 1),
        (1, 4, PARKED, 2, 1),
        (1, 2, IN_SEQUENCE, 5, 4),
        (2, 1, IN_SEQUENCE, 2, 5),
        (1, 5, STALE_EPOCH, 2, 5),
    ]
    for epoch, sequence, outcome, expected, applied in steps:
        assert place(await send(shop, sequence, epoch=epoch)) == (outcome, expected)
        assert (await shop.cell(0, 0)).on_hand == applied
