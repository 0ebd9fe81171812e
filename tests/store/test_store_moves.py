"""Counts merge by their instant: what moved a cell after it comes on top, what moved it before is in it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from model import Model
from redis.asyncio import Redis
from store_kit import ANY, HOUR, SECOND, START_MS, Shop, all_cells, all_moves, check_books, dump, outcomes

from promessa.domain.errors import InvalidRequest
from promessa.domain.stock import FeedOutcome, FeedResult

APPLIED, STALE, TOO_OLD = FeedOutcome.APPLIED, FeedOutcome.STALE, FeedOutcome.TOO_OLD
ABSORBED, IN_FUTURE = FeedOutcome.ABSORBED, FeedOutcome.IN_FUTURE


async def sell(shop: Shop, name: str, units: int) -> None:
    await shop.hold(name, (0, 0, units))
    await shop.confirm(name)
    await shop.fulfill(name)


async def delta(shop: Shop, units: int, at: int = 0, *, merge_late: bool = False) -> FeedOutcome:
    fed = await shop.store.apply_deltas(
        "", ANY, items=[0, 0, units], reason="", occurred_ms=[at], merge_late=merge_late
    )
    return outcomes(fed)[0]


async def test_what_moved_after_the_count_survives_it_and_what_moved_before_is_in_it(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await shop.count(0, 0, 20)
    fixed.now_ms += SECOND
    await sell(shop, "sold-0001", 3)  # before the count: its 20 - 3 = 17 is what the shelf had
    as_of = fixed.now_ms
    fixed.now_ms += SECOND
    await sell(shop, "sold-0002", 2)
    await delta(shop, 10)
    fixed.now_ms += SECOND
    assert (await shop.count(0, 0, 16, as_of_ms=as_of)).results == [FeedResult(APPLIED, 16 - 2 + 10, 16 - 2 + 10)]
    assert (await shop.cell(0, 0)).counted_at_ms == as_of
    assert await all_moves(redis, shop.store.keys) == {(0, 0): [0, as_of + SECOND, -2, as_of + SECOND, 10]}
    await shop.count(0, 0, 30)
    assert await all_moves(redis, shop.store.keys) == {}
    await check_books(redis, shop.store.keys)


async def test_holds_and_confirmed_orders_survive_every_count(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 2))
    await shop.hold("hold-0002", (0, 0, 3))
    await shop.confirm("hold-0002")
    for as_of_ms in (START_MS + 1, START_MS + 2, 0):
        fixed.now_ms += SECOND
        assert (await shop.count(0, 0, 9, as_of_ms=as_of_ms)).results == [FeedResult(APPLIED, 9, 4)]


async def test_a_shelf_counted_emptier_than_what_left_it_since_is_at_zero(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    fixed.now_ms += SECOND
    await sell(shop, "sold-0001", 6)
    assert (await shop.count(0, 0, 4, as_of_ms=START_MS + 1)).results == [FeedResult(APPLIED, 0, 0)]


async def test_what_left_beyond_an_empty_shelf_is_remembered_whole(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 6)
    await shop.hold("sold-0001", (0, 0, 6))
    await shop.confirm("sold-0001")
    await shop.count(0, 0, 1)
    fixed.now_ms += SECOND
    await shop.fulfill("sold-0001")
    assert (await shop.count(0, 0, 8, as_of_ms=START_MS + 1)).results == [FeedResult(APPLIED, 2, 2)]


async def test_a_count_older_than_what_is_remembered_is_refused(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 100)
    for _ in range(17):  # two moves an hour, one of each direction
        fixed.now_ms += HOUR
        await delta(shop, -1)
        await delta(shop, 1)
    before = await dump(redis)
    assert outcomes(await shop.count(0, 0, 50, as_of_ms=START_MS + HOUR - 1)) == [TOO_OLD]
    assert await dump(redis) == before
    assert outcomes(await shop.count(0, 0, 50, as_of_ms=START_MS + HOUR)) == [APPLIED]
    fixed.now_ms += 49 * HOUR
    await delta(shop, -1)
    assert outcomes(await shop.count(0, 0, 50, as_of_ms=START_MS + 16 * HOUR)) == [TOO_OLD]


async def test_many_sales_of_one_cell_are_remembered_by_the_quarter_of_an_hour(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    """Eight hours of a sale every minute: a count as of a whole quarter is exact, one from within it promises less."""
    quarter = 900 * SECOND
    await shop.count(0, 0, 1_000, as_of_ms=START_MS - 1)
    for minute in range(8 * 60):
        fixed.now_ms = START_MS + minute * 60 * SECOND
        await delta(shop, -1)
    (moves,) = (await all_moves(redis, shop.store.keys)).values()
    assert len(moves) <= 65
    assert (await shop.count(0, 0, 900, as_of_ms=START_MS + quarter - 1)).results[0].on_hand == 900 - (480 - 15)
    within = START_MS + 2 * quarter + 7 * 60 * SECOND
    assert (await shop.count(0, 0, 900, as_of_ms=within)).results[0].on_hand == 900 - (480 - 30)


async def test_a_late_delta_is_in_the_count_unless_the_feed_says_otherwise(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await shop.count(0, 0, 5, as_of_ms=START_MS)
    before = await dump(redis)
    assert await delta(shop, -2, START_MS) == ABSORBED
    assert await dump(redis) == before
    assert await delta(shop, -2, START_MS, merge_late=True) == APPLIED
    assert await delta(shop, -1, START_MS + 1) == APPLIED
    assert (await shop.cell(0, 0)).on_hand == 2
    assert await all_moves(redis, shop.store.keys) == {(0, 0): [0, START_MS + 1, -1]}


async def test_what_is_told_of_the_future_is_refused(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 5)
    before = await dump(redis)
    with pytest.raises(InvalidRequest) as caught:
        await shop.count(0, 0, 7, as_of_ms=START_MS + 5_001)
    assert caught.value.metadata["field"] == "as_of"
    assert await delta(shop, 1, START_MS + 5_001) == IN_FUTURE
    assert await dump(redis) == before
    assert await delta(shop, 1, START_MS + 5_000) == APPLIED
    assert outcomes(await shop.count(0, 0, 7, as_of_ms=START_MS + 5_000)) == [APPLIED]
    assert outcomes(await shop.count(0, 0, 8)) == [APPLIED]  # a count of now is never older than the last one


async def test_store_and_model_remember_the_same_of_a_busy_cell(shop: Shop, redis: Redis, fixed: Any) -> None:
    randomness = random.Random(7)
    model = Model(lambda: fixed.now_ms)
    for _ in range(40):
        fixed.now_ms += randomness.choice([SECOND, 60 * SECOND, HOUR, 5 * HOUR])
        for _ in range(randomness.randrange(1, 20)):
            at = randomness.choice([0, fixed.now_ms - randomness.randrange(3 * HOUR)])
            late = randomness.random() < 0.3
            fixed.now_ms += randomness.randrange(100 * SECOND)
            change = {"items": [0, 0, randomness.choice([50, -1, -1, -1])], "reason": "", "merge_late": late}
            found = await shop.store.apply_deltas("", ANY, occurred_ms=[at], **change)  # type: ignore[arg-type]
            assert found.results == model.apply_deltas("", ANY, occurred_ms=[at], **change)[0]  # type: ignore[arg-type]
        if randomness.random() < 0.5:
            as_of = fixed.now_ms - randomness.randrange(20 * HOUR)
            counted = await shop.count(0, 0, 500, as_of_ms=as_of)
            assert counted.results == model.apply_counts("", ANY, as_of_ms=as_of, items=[0, 0, 500, -1, -1])[0]
        assert await all_cells(redis, shop.store.keys) == {key: cell.frozen() for key, cell in model.cells.items()}
        assert await all_moves(redis, shop.store.keys) == {
            key: [moves.forgotten_ms, *(x for move in moves.known for x in move)] for key, moves in model.moves.items()
        }


async def test_the_worked_count_of_the_concepts_page(shop: Shop, fixed: Any) -> None:
    minute = 60 * SECOND
    await shop.count(0, 0, 20)
    await shop.hold("order-0001", (0, 0, 4))
    await shop.confirm("order-0001")
    fixed.now_ms = START_MS + 10 * minute
    await shop.fulfill("order-0001", (0, 0, 3))
    fixed.now_ms = START_MS + 40 * minute
    await shop.hold("order-0002", (0, 0, 5))
    fixed.now_ms = START_MS + 50 * minute
    await shop.fulfill("order-0001", (0, 0, 1))
    fixed.now_ms = START_MS + 55 * minute
    await delta(shop, 10)
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.held, cell.committed) == (26, 5, 0)
    fixed.now_ms = START_MS + 60 * minute
    await shop.count(0, 0, 16, as_of_ms=START_MS + 30 * minute)
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.held, cell.committed) == (25, 5, 0)
