"""The audit of orders finds what was tampered with, and nothing where order and reservations agree."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from redis.asyncio import Redis
from test_audit import ANY, audit
from test_repair import repair

from promessa.domain.order import OrderedLine, PlacedOrder, Shipment, ShipmentLine, StoredOrder, Way
from promessa.domain.order_filters import OrderFilters
from promessa.domain.order_steps import Change, accept, cancel, sourced
from promessa.service.repair import RepairOutcome
from promessa.store.order_codec import encode_body
from promessa.store.order_repair import OrderRepairs
from promessa.store.order_store import OrderStore, Write
from promessa.store.store import Store

SHOWN = {(0, 0): 7}


@pytest.fixture
async def orders(store: Store, redis: Redis) -> OrderStore:
    """Ten cups at node 0, of which an order has three."""
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 10, -1, -1])
    await store.reserve("hold-0001", ANY, cells=[0, 0, 3], all_or_nothing=True, ttl_ms=60_000, owner_id="", order_id="")
    made = OrderStore(redis, store.keys, store._commit)
    shipment = Shipment(0, "hold-0001", Way.DELIVERY, (ShipmentLine(0, 0, 3),))
    await made.step("", ANY, [Write(0, sourced(PlacedOrder("o-1", (OrderedLine(0, 3, 3),), ()), [shipment]), "", 0, 0)])
    return made


async def found(store: Store, redis: Redis, shown: dict[tuple[int, int], int] = SHOWN) -> list[tuple[str, str]]:
    report = await audit(store, redis, shown)
    assert report.order_count <= 1
    return [(each.invariant, each.subject) for each in report.violations]


async def step(orders: OrderStore, change: Change) -> None:
    stored = await orders.get("o-1")
    assert stored is not None
    keep_ms = 3_600_000 if change.order.is_final else 0
    await orders.step("", ANY, [Write(stored.version, change, "", keep_ms, 0)])


async def order(orders: OrderStore) -> StoredOrder:
    stored = await orders.get("o-1")
    assert stored is not None
    return stored


async def rewrite(orders: OrderStore, redis: Any, changed: PlacedOrder) -> None:
    """Another body for the order, behind the store's back."""
    key = orders.keys.orders(orders.keys.home_of("o-1"))
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(await redis.hget(key, "o-1"))
    values = list(unpacker)
    values[3] = encode_body(changed)
    await redis.hset(key, "o-1", b"".join(msgpack.packb(value, use_bin_type=False) for value in values))


async def test_an_order_in_order_is_no_violation(orders: OrderStore, store: Store, redis: Redis) -> None:
    assert await found(store, redis) == []
    await step(orders, accept((await order(orders)).order, 1))
    await step(orders, cancel((await order(orders)).order, {0: 1}))
    assert await found(store, redis, {(0, 0): 8}) == []


async def test_what_nodes_have_to_do_is_what_their_index_says(orders: OrderStore, store: Store, redis: Any) -> None:
    await redis.hset(store.keys.cells(store.keys.catalogue), "next:node", 3)
    assert await found(store, redis) == []
    await redis.zadd(store.keys.work(2), {"o-1": 1})
    assert await found(store, redis) == [("ORDER_INDEX", "o-1")]
    await redis.delete(store.keys.work(2), store.keys.work(0))
    assert await found(store, redis) == [("ORDER_INDEX", "o-1")]
    await step(orders, cancel((await order(orders)).order, {}))
    await redis.zadd(store.keys.work(1), {"o-9": 1})
    assert await found(store, redis, {(0, 0): 10}) == [("ORDER_INDEX", "o-9")]


async def test_units_that_went_missing_in_an_order_are_found(orders: OrderStore, store: Store, redis: Redis) -> None:
    before = (await order(orders)).order
    fewer = before.shipments[0]._replace(lines=(ShipmentLine(0, 0, 2),))
    await rewrite(orders, redis, before._replace(shipments=(fewer,)))
    assert sorted(await found(store, redis)) == [("ORDER", "o-1"), ("ORDER_SUM", "o-1")]


async def test_a_reservation_whose_order_is_gone_is_found(orders: OrderStore, store: Store, redis: Any) -> None:
    await redis.hdel(orders.keys.orders(orders.keys.home_of("o-1")), "o-1")
    assert sorted(await found(store, redis)) == [
        ("ORDER_INDEX", "orders"),
        ("ORDER_SUM", "o-1"),
        ("ORDER_TIMER", "o-1"),
    ]


async def test_an_order_whose_reservation_is_gone_is_found(orders: OrderStore, store: Store, redis: Any) -> None:
    await redis.hdel(orders.keys.res(orders.keys.home_of("hold-0001")), "r:hold-0001")
    assert ("ORDER_SUM", "o-1") in await found(store, redis)


async def test_an_order_that_no_listing_shows_is_found(orders: OrderStore, store: Store, redis: Any) -> None:
    await redis.zrem(orders.keys.placed, "o-1")
    assert await found(store, redis) == [("ORDER_INDEX", "orders")]


@pytest.mark.parametrize("turn", [None, 1_000])
async def test_an_order_of_which_time_makes_nothing_is_found(
    orders: OrderStore, store: Store, redis: Any, turn: int | None
) -> None:
    await (redis.zadd(orders.keys.underway, {"o-1": turn}) if turn else redis.zrem(orders.keys.underway, "o-1"))
    assert await found(store, redis) == [("ORDER_TIMER", "o-1")]


async def forget_indexes(orders: OrderStore, redis: Any) -> None:
    """As orders are that were placed by a version without timers and without what nodes have to do."""
    await redis.delete(orders.keys.underway, orders.keys.work(0))


async def tell_of_none(orders: OrderStore, redis: Any) -> None:
    await redis.zadd(orders.keys.work(1), {"o-9": 1})
    await redis.zadd(orders.keys.underway, {"o-9": 1})


async def tell_otherwise(orders: OrderStore, redis: Any) -> None:
    await redis.zadd(orders.keys.work(2), {"o-1": 1})
    await redis.zadd(orders.keys.underway, {"o-1": 1})


@pytest.mark.parametrize("break_it", [forget_indexes, tell_of_none, tell_otherwise])
async def test_indexes_of_orders_are_put_right(orders: OrderStore, store: Store, redis: Any, break_it: Any) -> None:
    await redis.hset(store.keys.cells(store.keys.catalogue), "next:node", 3)
    before = await order(orders)
    await break_it(orders, redis)
    assert {name for name, _ in await found(store, redis)} == {"ORDER_INDEX", "ORDER_TIMER"}
    (planned,) = await repair(store, redis, apply=False)
    assert planned.invariant == "ORDER_INDEX" and await found(store, redis)
    (done,) = await repair(store, redis, apply=True)
    assert done == planned._replace(outcome=RepairOutcome.DONE)
    assert await found(store, redis) == []
    assert await order(orders) == before, "an index is no step"
    page, _ = await orders.page(page_token="", page_size=9, filters=OrderFilters(node_ix=0, open_at_node=True))
    assert page == [before]


async def test_an_order_that_goes_on_meanwhile_is_not_put_anywhere(
    orders: OrderStore, store: Store, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repairs, read = OrderRepairs(orders, store._commit), orders.get

    async def read_and_go_on(order_id: str) -> StoredOrder | None:
        stored = await read(order_id)
        monkeypatch.undo()
        await step(orders, cancel((await order(orders)).order, {}))
        return stored

    monkeypatch.setattr(orders, "get", read_and_go_on)
    assert not await repairs.repair("repair-0001", "o-1", [0])
    assert await found(store, redis, {(0, 0): 10}) == []
    assert await repairs.repair("repair-0001", "o-1", [0])
    assert await found(store, redis, {(0, 0): 10}) == []
