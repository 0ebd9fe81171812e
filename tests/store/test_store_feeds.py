"""deltas, counts and safety: what feeds say about stock, item by item, once a request id."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, SECOND, START_MS, Shop, check_books, contents, dump, outcomes, request

from promessa.domain.errors import AlreadyExists
from promessa.domain.limits import CELL_QUANTITY_MAX
from promessa.domain.stock import FeedOutcome, FeedResult, StockCell

APPLIED, UNCHANGED, STALE = FeedOutcome.APPLIED, FeedOutcome.UNCHANGED, FeedOutcome.STALE
INSUFFICIENT, CONFLICT, OVERFLOW = FeedOutcome.INSUFFICIENT_ON_HAND, FeedOutcome.CONFLICT, FeedOutcome.OVERFLOW


async def test_deltas_apply_in_order_each_by_itself(shop: Shop, redis: Redis) -> None:
    items = [0, 0, 5, 0, 0, -7, 0, 0, -3, 1, 0, -1]
    fed = await shop.store.apply_deltas("", ANY, items=items, reason="sold")
    assert fed.results == [
        FeedResult(APPLIED, 5, 5), FeedResult(INSUFFICIENT, 5, 5), FeedResult(APPLIED, 2, 2), FeedResult(INSUFFICIENT, 0, 0)
    ]  # fmt: skip
    assert (await shop.cell(0, 0)).version == 2
    await check_books(redis, shop.store.keys)


async def test_a_cell_never_holds_more_than_its_limit(shop: Shop) -> None:
    await shop.count(0, 0, CELL_QUANTITY_MAX - 1)
    fed = await shop.store.apply_deltas("", ANY, items=[0, 0, 1, 0, 0, 1], reason="")
    assert outcomes(fed) == [APPLIED, OVERFLOW]
    assert (await shop.cell(0, 0)).on_hand == CELL_QUANTITY_MAX


async def test_deltas_that_change_nothing_write_nothing(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 1)
    before = await dump(redis)
    assert outcomes(await shop.store.apply_deltas("", ANY, items=[0, 0, -2], reason="")) == [INSUFFICIENT]
    assert await dump(redis) == before


async def test_a_repeated_feed_gets_its_first_answer(shop: Shop, redis: Redis) -> None:
    first = await shop.store.apply_deltas("feed-0001", ANY, items=[0, 0, 5, 0, 0, -9], reason="")
    before = await contents(redis, without=(b"clock",))
    again = await shop.store.apply_deltas("feed-0001", ANY, items=[0, 0, 5, 0, 0, -9], reason="")
    assert (again.replayed, again.results, again.positions, again.cell) == (
        True, first.results, first.positions, first.cell,
    )  # fmt: skip
    with pytest.raises(AlreadyExists):
        await shop.store.apply_deltas("feed-0001", request("other"), items=[0, 0, 5], reason="")
    assert await contents(redis, without=(b"clock",)) == before


async def test_a_count_sets_what_it_names_and_leaves_the_rest(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10, unavailable=2, safety=1)
    await shop.hold("hold-0001", (0, 0, 3))
    fed = await shop.count(0, 0, 8)
    assert fed.results == [FeedResult(APPLIED, 8, 2)]
    assert fed.cell == StockCell(8, 2, 1, 3, 0, 3, START_MS)


async def test_a_count_older_than_the_last_one_is_stale(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 5, as_of_ms=START_MS)
    before = await dump(redis)
    assert outcomes(await shop.count(0, 0, 9, as_of_ms=START_MS - 1)) == [STALE]
    assert await dump(redis) == before


async def test_a_snapshot_sent_again_does_not_bring_back_what_was_sold_since(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10, as_of_ms=START_MS)
    await shop.hold("x-000001", (0, 0, 3))
    await shop.confirm("x-000001")
    await shop.store.fulfill("", ANY, "x-000001")
    assert outcomes(await shop.count(0, 0, 10, as_of_ms=START_MS)) == [STALE]
    assert (await shop.cell(0, 0)).on_hand == 7


async def test_the_same_count_again_is_unchanged_and_a_first_count_of_zero_is_not(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    assert outcomes(await shop.count(0, 0, 0, as_of_ms=START_MS)) == [APPLIED]
    before = await dump(redis)
    assert outcomes(await shop.count(0, 0, 0, as_of_ms=START_MS)) == [UNCHANGED]
    assert await dump(redis) == before


async def test_a_count_with_an_expectation_applies_only_if_it_holds(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 5, as_of_ms=1_000)
    before = await dump(redis)
    assert outcomes(await shop.count(0, 0, 9, expected_on_hand=4)) == [CONFLICT]
    assert outcomes(await shop.count(0, 0, 9, expected_version=2)) == [CONFLICT]
    assert await dump(redis) == before
    assert outcomes(await shop.count(0, 0, 9, expected_on_hand=5, expected_version=1)) == [APPLIED]
    assert outcomes(await shop.count(0, 0, 7, expected_version=2, as_of_ms=1)) == [APPLIED]
    assert (await shop.cell(0, 0)).counted_at_ms > 1_000


async def test_safety_stock_is_withheld_from_promising(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 5)
    set_to = shop.store.set_safety_stock
    assert (await set_to("", ANY, node_ix=0, sku_ix=0, quantity=2)).results == [FeedResult(APPLIED, 5, 3)]
    before = await dump(redis)
    assert outcomes(await set_to("", ANY, node_ix=0, sku_ix=0, quantity=2)) == [UNCHANGED]
    assert await dump(redis) == before


async def test_five_thousand_counts_in_one_message(shop: Shop, redis: Redis, fixed: Any) -> None:
    """More than one command can carry: reads, writes and log entries are split, and every cell is right."""
    items = [x for n in range(5_000) for x in (n % 3, n // 3, n, 1, -1)]
    fed = await shop.store.apply_counts("feed-0001", ANY, as_of_ms=START_MS, items=items)
    assert set(outcomes(fed)) == {APPLIED}
    again = await shop.store.apply_counts("feed-0001", ANY, as_of_ms=START_MS, items=items)
    assert (again.replayed, again.results) == (True, fed.results)
    cells = await shop.store.read_cells([(n % 3, n // 3) for n in range(5_000)])
    assert [cell and cell.on_hand for cell in cells] == list(range(5_000))
    await check_books(redis, shop.store.keys)


async def test_numbers_beyond_32_bits_stay_exact(shop: Shop) -> None:
    await shop.count(0, 0, 999_999_999_999, unavailable=2**33 + 1, safety=2**36 - 1)
    await shop.hold("hold-0001", (0, 0, 1_000_000_000), ttl_ms=30 * 24 * 3600 * SECOND)
    cell = await shop.cell(0, 0)
    expected = (999_999_999_999, 2**33 + 1, 2**36 - 1, 1_000_000_000)
    assert (cell.on_hand, cell.unavailable, cell.safety_stock, cell.held) == expected
