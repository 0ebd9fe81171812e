"""Exchanges over a real channel: a return and an order in one change, on their terms."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import refused
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od
from promessa.v1 import sourcing_pb2 as sp

PRECONDITION, NOT_FOUND = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND
IMMEDIATE, ON_RECEIPT = od.EXCHANGE_POLICY_IMMEDIATE, od.EXCHANGE_POLICY_ON_RECEIPT
IN_BRL = {"currency_code": "BRL"}


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    """An order of five cups at 30.00 that has arrived."""
    made = OrdersApi(serving)
    await made.shop()
    await made.place(units=5, prices=price(30), **IN_BRL)
    await made.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery")
    return made


def price(whole: int) -> list[dict[str, int]]:
    return [{"line": 0, "unit_price_micros": whole * 1_000_000}]


def units(quantity: int) -> list[dict[str, int]]:
    return [{"line": 0, "quantity": quantity}]


async def receive(api: OrdersApi, quantity: int, node_id: str = "a", **fields: Any) -> Any:
    lines = [{"line": 0, "quantity": quantity, "disposition": od.DISPOSITION_RESELLABLE}]
    return await api.step("ReceiveReturn", return_number=1, node_id=node_id, lines=lines, **fields)


async def exchange(api: OrdersApi, new_id: str, quantity: int = 1, of: str = "o-1", **fields: Any) -> Any:
    order = {
        "order_id": new_id,
        "sourcing": {"lines": [{"sku": "cup", "quantity": fields.pop("wanted", 1)}], **TO_SAO_PAULO},
        **fields.pop("order", {}),
    }
    request_id = fields.pop("request_id", "") or api.new_id()
    request = os.ExchangeOrderRequest(request_id=request_id, order_id=of, lines=units(quantity), order=order, **fields)
    return await api.orders.ExchangeOrder(request)


async def test_an_exchange_is_a_return_and_an_order_in_one_change(api: OrdersApi) -> None:
    done = await exchange(api, "o-2", 2, wanted=2, request_id="exchange-1", reason="too small")
    assert (done.outcome, done.order.exchange_of_order_id) == (os.PLACE_ORDER_OUTCOME_PLACED, "o-1")
    assert list(done.exchanged_order.exchanged_by_order_ids) == ["o-2"]
    assert [x.quantity for x in done.exchanged_order.returns[0].lines] == [2]
    assert kinds(done.exchanged_order)[-1] == "EXCHANGE"
    assert (await api.get("o-2"), await api.get("o-1")) == (done.order, done.exchanged_order)
    again = await exchange(api, "o-2", 2, wanted=2, request_id="exchange-1", reason="too small")
    assert again.replayed and again.exchanged_order == done.exchanged_order
    await receive(api, 2)
    await api.check_books()


async def test_an_exchange_that_cannot_be_made_changes_neither_order(api: OrdersApi) -> None:
    before = await api.get()
    none = await exchange(api, "o-2", wanted=500)
    assert (none.outcome, none.HasField("order")) == (os.PLACE_ORDER_OUTCOME_NOT_SERVED, False)
    await refused(exchange(api, "o-2", 6), PRECONDITION, "QUANTITY_EXCEEDS_ORDER", open_quantity="5")
    await refused(exchange(api, "o-1"), grpc.StatusCode.ALREADY_EXISTS, "ORDER_EXISTS")
    await refused(exchange(api, "o-2", of="o-9"), NOT_FOUND, "ORDER_NOT_FOUND")
    assert await api.get() == before
    await refused(api.get("o-2"), NOT_FOUND, "ORDER_NOT_FOUND")
    assert (await api.counts("a"), await api.counts("b")) == ((5, 0, 0, 0), (10, 0, 0, 0)), "what was held is back"


async def test_what_was_given_in_exchange_is_not_exchanged_again(api: OrdersApi) -> None:
    await exchange(api, "o-2")
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery", order_id="o-2")
    again = exchange(api, "o-3", of="o-2")
    await refused(again, PRECONDITION, "EXCHANGE_OF_EXCHANGE", order_id="o-2", exchange_of="o-1")
    assert (await api.step("RequestReturn", "o-2", lines=units(1))).order.returns


async def test_at_once_is_the_policy_of_an_exchange_that_names_none(api: OrdersApi) -> None:
    done = await exchange(api, "o-2")
    assert (done.order.exchange.policy, done.order.exchange.waits_for_return) == (IMMEDIATE, False)
    assert (states(done.order), done.order.exchange.return_number) == (["OFFERED"], 1)
    assert done.exchanged_order.returns[0].exchanged_by_order_id == "o-2"
    received = await receive(api, 1)
    assert not received.HasField("released_order"), "it waited for nothing"


async def test_what_waits_is_offered_with_the_last_unit_that_comes_back(api: OrdersApi) -> None:
    done = await exchange(api, "o-2", 2, wanted=3, policy=ON_RECEIPT)
    assert (states(done.order), done.order.state, done.order.exchange.waits_for_return) == (
        ["WAITING"], od.ORDER_STATE_PLACED, True,
    )  # fmt: skip
    assert list(done.order.shipments[0].legal_steps) == [od.ORDER_STEP_KIND_CANCEL, od.ORDER_STEP_KIND_RETURN_CAME]
    assert (await api.counts("a"))[3] == 3, "its units are kept for it"
    too_early = api.step("AcceptShipment", "o-2")
    await refused(too_early, PRECONDITION, "ILLEGAL_STEP", state="WAITING", legal_steps="CANCEL,RETURN_CAME")
    part = await receive(api, 1)
    assert not part.HasField("released_order") and states(await api.get("o-2")) == ["WAITING"]
    whole = await receive(api, 1, request_id="receive-02")
    assert (states(whole.released_order), kinds(whole.released_order)[-1]) == (["OFFERED"], "RETURN_CAME")
    assert whole.released_order == await api.get("o-2")
    again = await receive(api, 1, request_id="receive-02")
    assert again.replayed and (again.order, again.released_order) == (whole.order, whole.released_order)
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery", order_id="o-2")
    await api.check_books()


async def test_what_is_sourced_later_for_an_order_that_waits_waits_too(api: OrdersApi) -> None:
    await api.count("a", 0)
    done = await exchange(api, "o-2", wanted=12, policy=ON_RECEIPT, order={"allow_partial": True})
    assert done.outcome == os.PLACE_ORDER_OUTCOME_PLACED_IN_PART
    await api.count("a", 5)
    await api.parts.order_rest.source(await api.parts.order_rest.writes.get("o-2"))
    assert states(await api.get("o-2")) == ["WAITING", "WAITING"]
    done = await receive(api, 1)
    assert states(done.released_order) == ["OFFERED", "OFFERED"]


async def test_where_the_return_never_comes_the_new_order_is_cancelled(api: OrdersApi) -> None:
    await exchange(api, "o-2", policy=ON_RECEIPT)
    cancelled = await api.step("CancelOrder", "o-2")
    assert (cancelled.order.state, (await api.counts("a"))[3]) == (od.ORDER_STATE_CANCELLED, 0)
    late = await receive(api, 1)
    assert late.order.returns[0].state == od.RETURN_STATE_RECEIVED, "it is a return like any other"
    assert not late.HasField("released_order") and await api.get("o-2") == cancelled.order
    await api.check_books()


@pytest.mark.parametrize(
    ("given", "back", "expected"),
    [((45, 2), 2, (60, 90, 30)), ((30, 2), 2, (60, 60, 0)), ((25, 1), 2, (60, 25, -35))],
)
async def test_the_difference_says_who_owes_whom(
    api: OrdersApi, given: tuple[int, int], back: int, expected: tuple[int, int, int]
) -> None:
    done = await exchange(api, "o-2", back, wanted=given[1], order={"prices": price(given[0]), **IN_BRL})
    terms = done.order.exchange
    found = (terms.returned_total_micros, terms.given_total_micros, terms.difference_micros)
    assert found == tuple(x * 1_000_000 for x in expected) and terms.HasField("difference_micros")


async def test_without_a_currency_nothing_is_said_of_who_owes_whom(api: OrdersApi) -> None:
    done = await exchange(api, "o-2")
    assert not done.order.exchange.HasField("difference_micros")
    assert not done.order.exchange.HasField("returned_total_micros")


async def test_two_currencies_are_not_compared(api: OrdersApi) -> None:
    before = await api.get()
    other = exchange(api, "o-2", order={"prices": price(9), "currency_code": "USD"})
    await refused(
        other, PRECONDITION, "EXCHANGE_CURRENCY_DIFFERS", order_id="o-1", currency_code="USD",
        exchanged_currency_code="BRL",
    )  # fmt: skip
    assert await api.get() == before
    assert (await api.counts("a")) == (5, 0, 0, 0), "what was held is back"


async def test_the_shop_where_the_customer_stands_hands_over_what_it_has(api: OrdersApi) -> None:
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "b", "pickup_point": True}))
    nearer = await exchange(api, "o-2")
    assert (nearer.order.shipments[0].node_id, nearer.order.shipments[0].pickup_node_id) == ("a", "")
    stands = await exchange(api, "o-3", return_node_id="b", policy=ON_RECEIPT)
    (ship,) = stands.order.shipments
    assert (ship.node_id, ship.pickup_node_id, stands.order.exchange.return_node_id) == ("b", "b", "b")
    done = await api.step("ReceiveReturn", return_number=2, node_id="b", lines=[
        {"line": 0, "quantity": 1, "disposition": od.DISPOSITION_RESELLABLE}
    ])  # fmt: skip
    assert states(done.released_order) == ["OFFERED"]
    await api.steps("AcceptShipment", "RecordPick", order_id="o-3")
    ready = await api.step("MarkReadyForPickup", "o-3")
    await api.step("HandOver", "o-3", pickup_code=ready.pickup_code)
    assert (await api.get("o-3")).state == od.ORDER_STATE_COMPLETED
    await api.check_books()


async def test_what_the_shop_does_not_have_comes_from_elsewhere(api: OrdersApi) -> None:
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "b", "pickup_point": True}))
    await api.inventory.SetOnHand(
        iv.SetOnHandRequest(request_id=api.new_id(), count={"sku": "cup", "node_id": "b", "on_hand_quantity": 0})
    )
    done = await exchange(api, "o-2", return_node_id="b")
    (ship,) = done.order.shipments
    assert (ship.node_id, ship.pickup_node_id) == ("a", "")


async def test_a_customer_stands_where_something_can_be_handed_over(api: OrdersApi) -> None:
    nowhere = exchange(api, "o-2", return_node_id="nowhere")
    await refused(nowhere, NOT_FOUND, "NODE_NOT_FOUND", node_id="nowhere")
    none = exchange(api, "o-2", return_node_id="b")
    await refused(none, PRECONDITION, "PICKUP_NOT_OFFERED", node_id="b")
    unknown = exchange(api, "o-2", policy=9)
    await refused(unknown, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="policy")
    held = await api.reserve(1)
    request = os.ExchangeOrderRequest(
        request_id=api.new_id(), order_id="o-1", lines=units(1), return_node_id="nowhere",
        order={"order_id": "o-2", "reservation_id": held.reservation.reservation_id},
    )  # fmt: skip
    await refused(api.orders.ExchangeOrder(request), NOT_FOUND, "NODE_NOT_FOUND", node_id="nowhere")


@pytest.mark.parametrize("reason", [od.REJECT_REASON_NOT_FOUND, od.REJECT_REASON_NO_CAPACITY])
async def test_what_the_shop_refuses_to_hand_over_comes_from_elsewhere(api: OrdersApi, reason: Any) -> None:
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "b", "pickup_point": True}))
    await exchange(api, "o-2", return_node_id="b")
    done = await api.step("RejectShipment", "o-2", reason=reason)
    assert states(done.order)[0] == "REJECTED"
    order = await api.get("o-2")
    assert [(ship.node_id, ship.pickup_node_id) for ship in order.shipments] == [("b", "b"), ("a", "")]


async def test_an_order_that_is_cancelled_while_its_return_comes_is_not_offered(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exchange(api, "o-2", policy=ON_RECEIPT)
    store = api.parts.order_rest.writes.store
    read, cancelled = store.get, []

    async def read_and_cancel(order_id: str) -> Any:
        found = await read(order_id)
        if order_id == "o-2" and not cancelled:
            cancelled.append(order_id)
            await api.step("CancelOrder", "o-2")
        return found

    monkeypatch.setattr(store, "get", read_and_cancel)
    done = await receive(api, 1)
    assert cancelled and not done.HasField("released_order")
    assert (await api.get("o-2")).state == od.ORDER_STATE_CANCELLED
    assert kinds(await api.get("o-2")) == ["PLACE", "CANCEL"]
    await api.check_books()


async def test_what_the_order_says_of_where_it_is_sold_counts_first(api: OrdersApi) -> None:
    for node_id in "ab":
        node = {"node_id": node_id, "pickup_point": True}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    lines = {"lines": [{"sku": "cup", "quantity": 1}], **TO_SAO_PAULO}
    sold = {"sourcing": {**lines, "sold_at_node_id": "a", "own_stock": sp.OWN_STOCK_EXCLUDED}}
    done = await exchange(api, "o-2", return_node_id="b", order=sold)
    assert (done.order.shipments[0].node_id, done.order.shipments[0].pickup_node_id) == ("b", "")
    assert done.order.exchange.return_node_id == "b"


@pytest.mark.parametrize("other", [{"policy": ON_RECEIPT}, {"return_node_id": "b"}])
async def test_other_terms_are_another_request(api: OrdersApi, other: dict[str, Any]) -> None:
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "b", "pickup_point": True}))
    await exchange(api, "o-2", request_id="exchange-1")
    again = exchange(api, "o-2", request_id="exchange-1", **other)
    await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_nobody_has_anything_to_do_for_what_waits(api: OrdersApi) -> None:
    async def to_do() -> list[list[str]]:
        asked = [os.ListOrdersRequest(node_id=node_id, open_at_node=True) for node_id in "ab"]
        return [[x.order_id for x in (await api.orders.ListOrders(each)).orders] for each in asked]

    done = await exchange(api, "o-2", policy=ON_RECEIPT, order={"offer_count": 2})
    assert [offer.state for offer in done.order.shipments[0].offers] == [od.OFFER_STATE_OPEN] * 2
    early = api.step("AcceptShipment", "o-2", node_id="b")
    await refused(early, PRECONDITION, "ILLEGAL_STEP", state="WAITING")
    assert await to_do() == [[], []]
    await receive(api, 1)
    assert await to_do() == [["o-2"], ["o-2"]]
    await api.step("AcceptShipment", "o-2", node_id="b")
    assert await to_do() == [[], ["o-2"]]
    await api.check_books()
