"""Orders that are read at once: few trips on one connection, each answered as of after it was asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from serving import StoreProcess
from store_kit import Shop
from test_order_guards import Orders

from promessa.domain.errors import Unavailable
from promessa.domain.order_steps import cancel
from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.order_reads import OrderReads


async def test_any_number_of_orders_is_read_at_once(shop: Shop) -> None:
    """More than there may be connections: to read each on one of its own was STORE_UNAVAILABLE from the hundredth on."""
    orders = Orders(shop)
    await shop.count(0, 0, 99)
    placed = [await orders.place(f"o-{i}", 1, f"hold-{i:04d}") for i in range(9)]
    found = await asyncio.gather(*[orders.store.get(f"o-{i % 10}") for i in range(1_000)])
    assert found == [placed[i % 10] if i % 10 < 9 else None for i in range(1_000)]


async def test_who_reads_after_a_change_sees_it_whatever_reads_are_under_way(shop: Shop) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 999)

    async def change_and_look(order_id: str) -> None:
        found = await orders.place(order_id, 9, f"hold-{order_id}")
        for _ in range(8):
            found = await orders.step(found, lambda order: cancel(order, {0: 1}))
            assert await orders.store.get(order_id) == found

    await asyncio.gather(*[change_and_look(f"order-{i:02d}") for i in range(40)])


async def test_reads_that_fail_are_told_so_and_the_next_one_is_tried(own_store_process: type[StoreProcess]) -> None:
    process = own_store_process()
    redis = connect(process.url)
    reads = OrderReads(redis, await open_data_set(redis, namespace="test", partitions=2, new_id="test"))
    process.kill()
    failed = await asyncio.gather(*[reads.get("o-1") for _ in range(5)], return_exceptions=True)
    assert [type(each) for each in failed] == [Unavailable] * 5
    process.start()
    assert await reads.get("o-1") is None
    await redis.aclose()


async def test_who_gives_up_takes_no_others_with_it(shop: Shop) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    placed = await orders.place()
    waiting: list[asyncio.Task[Any]] = [asyncio.create_task(orders.store.get("o-1")) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    assert [await waiting[0], await waiting[2]] == [placed, placed]
    with pytest.raises(asyncio.CancelledError):
        await waiting[1]
