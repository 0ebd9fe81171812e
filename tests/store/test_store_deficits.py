"""Cells that promise more than they have: seen when a feed says so, listed since then, and closed to new holds."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, SECOND, START_MS, Shop, check_books, dump, refused

from promessa.domain.errors import InvalidRequest
from promessa.domain.stock import SupplyDeficit
from promessa.store.books import Books


async def listed(shop: Shop) -> list[SupplyDeficit]:
    found, token = await shop.store.list_deficits(page_token="", page_size=1_000)
    assert token == ""
    return found


async def deltas(shop: Shop, *units: int, node: int = 0) -> None:
    items = [x for each in units for x in (node, 0, each)]
    await shop.store.apply_deltas("", ANY, items=items, reason="")


async def short_of_three(shop: Shop) -> None:
    """Node 0 has promised 5, 2 of them for good, and then 2 are found."""
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 3))
    await shop.hold("hold-0002", (0, 0, 2))
    await shop.confirm("hold-0002")
    await shop.count(0, 0, 2)


async def test_a_count_below_what_is_promised_is_a_deficit_since_then(shop: Shop, redis: Redis, fixed: Any) -> None:
    await short_of_three(shop)
    fixed.now_ms += SECOND
    await deltas(shop, -1)  # it grows, and is the same deficit
    assert await listed(shop) == [SupplyDeficit(0, 0, 4, START_MS)]
    await check_books(redis, shop.store.keys)


async def test_a_cell_in_deficit_takes_no_hold(shop: Shop, redis: Redis, fixed: Any) -> None:
    await short_of_three(shop)
    before = await dump(redis)
    assert refused(await shop.hold("hold-0003", (0, 0, 1), keep_refusal=False))
    assert refused(await shop.hold("hold-0004", (0, 0, 1), keep_refusal=False, partial=True))
    assert await dump(redis) == before


async def test_the_log_has_a_change_of_its_own_for_each_growth(shop: Shop, fixed: Any) -> None:
    await short_of_three(shop)
    await deltas(shop, -1, 1, -1)
    books = Books(shop.store._redis, shop.store.keys)
    changes = [change for _, entry in [x async for x in books.log(0)] for change in entry]
    assert [(kind, reference) for kind, reference, _ in changes if kind == "deficit"] == [
        ("deficit", "0:0 3"), ("deficit", "0:0 4"), ("deficit", "0:0 4")
    ]  # fmt: skip


async def test_units_that_come_end_it_and_the_next_one_begins_anew(shop: Shop, redis: Redis, fixed: Any) -> None:
    await short_of_three(shop)
    await deltas(shop, 3)
    assert await listed(shop) == []
    assert await redis.exists(shop.store.keys.deficits(0)) == 0
    fixed.now_ms += SECOND
    await deltas(shop, -1)
    assert await listed(shop) == [SupplyDeficit(0, 0, 1, START_MS + SECOND)]


async def test_promises_that_go_end_it_and_the_next_one_begins_anew(shop: Shop, redis: Redis, fixed: Any) -> None:
    await short_of_three(shop)
    await shop.release("hold-0001")
    assert await listed(shop) == []
    assert await shop.store.settle_deficits() == 0
    assert await redis.exists(shop.store.keys.deficits(0)) == 0
    await deltas(shop, -1)
    fixed.now_ms += SECOND
    await shop.fulfill("hold-0002", (0, 0, 2))
    await deltas(shop, 4)
    await shop.hold("hold-0003", (0, 0, 4))
    await deltas(shop, -4)
    assert await listed(shop) == [SupplyDeficit(0, 0, 4, START_MS + SECOND)]
    assert await shop.store.settle_deficits() == 1


async def test_safety_stock_is_no_deficit_and_units_that_cannot_be_sold_are(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 4))
    await shop.store.set_safety_stock("", ANY, node_ix=0, sku_ix=0, quantity=3)
    assert await listed(shop) == []
    await shop.count(0, 0, 5, unavailable=2)
    assert await listed(shop) == [SupplyDeficit(0, 0, 1, START_MS)]


async def test_nobody_is_owed_what_nobody_was_promised(shop: Shop, redis: Redis, fixed: Any) -> None:
    await shop.count(0, 0, 5, unavailable=4)
    await deltas(shop, -3)  # 2 are there, of which more than 2 cannot be sold
    assert await listed(shop) == []
    assert await redis.exists(shop.store.keys.deficits(0)) == 0
    await shop.count(1, 0, 5)
    await shop.hold("hold-0001", (1, 0, 2))
    await shop.count(1, 0, 1, unavailable=3)
    assert await listed(shop) == [SupplyDeficit(1, 0, 2, START_MS)]


async def test_pages_list_every_cell_once(shop: Shop, fixed: Any) -> None:
    for node in range(6):
        cells = [x for sku in range(200) for x in (node, sku, 1, -1, -1)]
        await shop.store.apply_counts("", ANY, as_of_ms=0, items=cells)
        await shop.hold(f"hold-{node:04d}", *[(node, sku, 1) for sku in range(200)])
        await shop.store.apply_counts("", ANY, as_of_ms=0, items=[0 if i % 5 == 2 else x for i, x in enumerate(cells)])
    assert await shop.store.settle_deficits() == 1_200
    found: list[SupplyDeficit] = []
    token = ""
    while True:
        page, token = await shop.store.list_deficits(page_token=token, page_size=70)
        assert len(page) <= 70
        found += page
        if not token:
            break
    assert len(found) == len(set(found)) == 1_200
    with pytest.raises(InvalidRequest):
        await shop.store.list_deficits(page_token="nonsense", page_size=10)
