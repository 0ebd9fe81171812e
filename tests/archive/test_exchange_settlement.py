"""What companies owe each other for an exchange that is undone: a posting of then, the other way round, and zero in all."""

from __future__ import annotations

from typing import Any

import pytest
from archive_kit import Kept
from orders_world import OrdersWorld
from test_order_tables import DAY, check_ledger, check_reports, recounted

from promessa.archive.reports import connect
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od

REAL = 1_000_000
IMMEDIATE, ON_RECEIPT = od.EXCHANGE_POLICY_IMMEDIATE, od.EXCHANGE_POLICY_ON_RECEIPT


@pytest.fixture
async def sold(world: OrdersWorld) -> OrdersWorld:
    """Two cups at 30.00 that the chain sold from its own node, and their customer has."""
    order = order_of("old", 2, 30, "", "dc")
    await world.orders.PlaceOrder(os.PlaceOrderRequest(request_id=world.new_id(), order=order))
    for method in ("AcceptShipment", "RecordPick"):
        await world.step(method, "old", shipment_number=1)
    ready = await world.step("MarkReadyForPickup", "old", shipment_number=1)
    await world.step("HandOver", "old", shipment_number=1, pickup_code=ready.pickup_code)
    return world


def order_of(order_id: str, units: int, price: int, seller: str, node_id: str) -> dict[str, Any]:
    """Cups at a price that are collected at a node."""
    sourcing = {
        "lines": [{"sku": "cup", "quantity": units}], "pickup_node_id": node_id, "allow_ship_to_store": True,
        "seller_code": seller,
    }  # fmt: skip
    prices = [{"line": 0, "unit_price_micros": price * REAL}]
    return {"order_id": order_id, "sourcing": sourcing, "prices": prices, "currency_code": "BRL"}


async def exchange(world: OrdersWorld, units: int = 3, price: int = 25, **fields: Any) -> None:
    """Both cups are to come back, and ana gives three of hers at 25.00 for them, unless it is said otherwise."""
    new = order_of("new", units, price, fields.pop("seller", "ana"), fields.pop("node_id", "shop-1"))
    await world.step("ExchangeOrder", "old", lines=[{"line": 0, "quantity": 2}], order=new, **fields)


async def cancel(world: OrdersWorld, units: int = 0) -> None:
    await world.step("CancelOrder", "new", lines=[{"line": 0, "quantity": units}] if units else [])


async def exchanged(world: OrdersWorld, kept: Kept) -> list[tuple[str, int, str, str, str, int]]:
    """The postings of exchanges: account, days since the first, order, debtor, creditor, in whole reais. All reports on orders
    are as the raw log has them, of all days and of each by itself."""
    await kept.archive()
    again = await recounted(kept)
    first = min(stored.placed_ms for stored in again.steps)
    check_ledger(kept)
    for start in range(first, world.now_ms + 1, DAY):
        check_reports(kept, again, start, start + DAY)
    check_reports(kept, again, 0, world.now_ms + 1)
    with connect(kept.directory) as connection:
        found = connection.execute(
            "SELECT account, (time_ms - ?) // ?, order_id, debtor, creditor, micros FROM postings "
            "WHERE account LIKE 'EXCHANGE%' ORDER BY time_ms, account",
            [first, DAY],
        ).fetchall()
    return [(*posting[:5], posting[5] // REAL) for posting in found]


async def test_what_is_cancelled_is_given_back_when_it_is_and_no_more(sold: OrdersWorld, kept_orders: Kept) -> None:
    await exchange(sold)
    posted = [("EXCHANGE", 0, "old", "", "ana", 60)]
    assert await exchanged(sold, kept_orders) == posted
    for units, left in ((1, 50), (1, 25), (0, 0)):
        sold.later(DAY)
        await cancel(sold, units)
        was = 60 - sum(micros for account, *_, micros in posted if account == "EXCHANGE_BACK")
        posted.append(("EXCHANGE_BACK", len(posted), "new", "ana", "", was - left))
        assert await exchanged(sold, kept_orders) == posted, "what was posted stays"
    assert sum(-micros if account == "EXCHANGE_BACK" else micros for account, *_, micros in posted) == 0


async def test_what_the_exchange_did_not_come_to_is_not_given_back(sold: OrdersWorld, kept_orders: Kept) -> None:
    await exchange(sold, 5, 20)
    await cancel(sold, 2)
    assert await exchanged(sold, kept_orders) == [("EXCHANGE", 0, "old", "", "ana", 60)], "three are left, of 60.00"
    await cancel(sold, 1)
    assert (await exchanged(sold, kept_orders))[1:] == [("EXCHANGE_BACK", 0, "new", "ana", "", 20)]


async def test_a_return_that_never_comes_undoes_the_exchange(sold: OrdersWorld, kept_orders: Kept) -> None:
    await exchange(sold, policy=ON_RECEIPT)
    sold.later(30 * DAY - 1)
    await sold.tend()
    assert (await sold.get("new")).state == od.ORDER_STATE_PLACED
    sold.later(1)
    await sold.tend()
    posted = [("EXCHANGE", 0, "old", "", "ana", 60), ("EXCHANGE_BACK", 30, "new", "ana", "", 60)]
    assert await exchanged(sold, kept_orders) == posted
    back = [{"line": 0, "quantity": 2, "disposition": od.DISPOSITION_RESELLABLE}]
    await sold.step("ReceiveReturn", "old", return_number=1, node_id="shop-2", lines=back)
    await sold.tend()
    assert await exchanged(sold, kept_orders) == posted, "what comes later is a return like any other"


@pytest.mark.parametrize("collected", ["shop-1", "shop-2"])
async def test_what_nobody_collects_undoes_the_exchange(sold: OrdersWorld, kept_orders: Kept, collected: str) -> None:
    for node_id in ("dc", "shop-2", "shop-3"):
        await sold.fill(node_id, "cup", 0)
    await exchange(sold, node_id=collected)
    more = () if collected == "shop-1" else ("Ship",)
    for method in ("AcceptShipment", "RecordPick", *more, "MarkReadyForPickup"):
        await sold.step(method, "new", shipment_number=1)
    sold.later(7 * DAY)
    await sold.tend()
    assert (await exchanged(sold, kept_orders))[1:] == [("EXCHANGE_BACK", 7, "new", "ana", "", 60)]


async def test_what_the_customer_had_and_brings_back_does_not(sold: OrdersWorld, kept_orders: Kept) -> None:
    await exchange(sold)
    for method in ("AcceptShipment", "RecordPick"):
        await sold.step(method, "new", shipment_number=1)
    ready = await sold.step("MarkReadyForPickup", "new", shipment_number=1)
    await sold.step("HandOver", "new", shipment_number=1, pickup_code=ready.pickup_code)
    await sold.step("RequestReturn", "new", lines=[{"line": 0, "quantity": 3}])
    back = [{"line": 0, "quantity": 3, "disposition": od.DISPOSITION_RESELLABLE}]
    await sold.step("ReceiveReturn", "new", return_number=1, node_id="shop-1", lines=back)
    assert await exchanged(sold, kept_orders) == [("EXCHANGE", 0, "old", "", "ana", 60)]


async def test_with_one_seller_there_is_nothing_to_undo(sold: OrdersWorld, kept_orders: Kept) -> None:
    await exchange(sold, seller="")
    await cancel(sold)
    assert await exchanged(sold, kept_orders) == []
