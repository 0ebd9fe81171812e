"""OrderService over a real channel: orders placed, cancelled, read and listed."""

from __future__ import annotations

import grpc
import pytest
from api_kit import refused
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs

PRECONDITION, EXISTS, NOT_FOUND, INVALID = (
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
)


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    made = OrdersApi(serving)
    await made.shop()
    return made


async def test_an_order_of_lines_is_sourced_held_and_committed(api: OrdersApi) -> None:
    prices = [{"line": 0, "unit_price_micros": 7_000_000}]
    placed = await api.place(units=12, prices=prices, currency_code="BRL", customer_id="c-1", actor="shop")
    assert placed.outcome == os.PLACE_ORDER_OUTCOME_PLACED
    order = placed.order
    assert (order.order_id, order.state, order.version) == ("o-1", od.ORDER_STATE_PLACED, 1)
    assert sorted((x.node_id, x.lines[0].quantity) for x in order.shipments) == [("a", 10), ("b", 2)]
    assert (order.lines[0].quantity, order.lines[0].unit_price_micros, order.currency_code) == (12, 7_000_000, "BRL")
    assert [(x.kind, x.actor) for x in order.steps] == [(od.ORDER_STEP_KIND_PLACE, "shop")]
    assert order.shipments[0].promise_time.seconds >= order.shipments[0].ship_time.seconds > 0
    assert (await api.counts("a"), await api.counts("b")) == ((10, 0, 0, 10), (10, 0, 0, 2))
    assert await api.get() == order
    await api.check_books()


async def test_an_order_of_a_reservation_takes_what_it_holds(api: OrdersApi) -> None:
    held = (await api.reserve(3)).reservation.reservation_id
    placed = await api.place(reservation_id=held, request_id="place-0001")
    assert [(x.node_id, x.reservation_id) for x in placed.order.shipments] == [("a", held)]
    assert await api.counts() == (10, 0, 0, 3)
    again = await api.place(reservation_id=held, request_id="place-0001")
    assert again.replayed
    assert again.order == placed.order
    found = await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id=held))
    assert (found.reservation.state, found.reservation.order_id) == (rv.RESERVATION_STATE_CONFIRMED, "o-1")


async def test_what_no_line_of_the_order_names_goes_back_to_stock(api: OrdersApi) -> None:
    held = (await api.reserve(5)).reservation.reservation_id
    sourcing = {"lines": [{"sku": "cup", "quantity": 2}], **TO_SAO_PAULO}
    await api.place(reservation_id=held, sourcing=sourcing)
    assert await api.counts() == (10, 0, 0, 2)
    other = (await api.reserve(1)).reservation.reservation_id
    await refused(
        api.place("o-2", reservation_id=other, sourcing=sourcing),
        PRECONDITION, "QUANTITY_EXCEEDS_RESERVATION", open_quantity="1",
    )  # fmt: skip
    in_part = await api.place("o-2", reservation_id=other, sourcing=sourcing, allow_partial=True)
    assert in_part.outcome == os.PLACE_ORDER_OUTCOME_PLACED_IN_PART
    assert (in_part.order.state, in_part.order.lines[0].to_source_quantity) == (od.ORDER_STATE_TO_SOURCE, 1)
    await api.check_books()


async def test_a_confirmed_reservation_becomes_an_order(api: OrdersApi) -> None:
    held = (await api.reserve(2)).reservation.reservation_id
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=held, order_id="o-1"))
    await refused(api.place("o-2", reservation_id=held), PRECONDITION, "WRONG_STATE")
    assert (await api.place(reservation_id=held)).order.order_id == "o-1"
    await api.check_books()


async def test_the_reservation_of_an_order_is_changed_by_its_steps_alone(api: OrdersApi) -> None:
    held = (await api.place()).order.shipments[0].reservation_id
    ids = {"reservation_id": held}
    for call, kind in (("Release", rs.ReleaseRequest), ("Fulfill", rs.FulfillRequest), ("Confirm", rs.ConfirmRequest)):
        request = kind(request_id=api.new_id(), **ids)
        await refused(getattr(api.reservation, call)(request), PRECONDITION, "RESERVATION_OF_ORDER", order_id="o-1")
    await refused(api.place("o-2", reservation_id=held), PRECONDITION, "RESERVATION_OF_ORDER")
    assert await api.counts() == (10, 0, 0, 2)


async def test_an_order_id_is_for_one_order(api: OrdersApi) -> None:
    await api.place(request_id="place-0001")
    assert (await api.place(request_id="place-0001")).replayed
    await refused(api.place(request_id="place-0002"), EXISTS, "ORDER_EXISTS", order_id="o-1")
    await refused(api.place(units=3, request_id="place-0001"), EXISTS, "REQUEST_ID_REUSED", request_id="place-0001")
    assert await api.counts() == (10, 0, 0, 2), "what was held for the second is back"
    held = (await api.reserve(1)).reservation.reservation_id
    await refused(api.place(reservation_id=held), EXISTS, "ORDER_EXISTS")
    assert await api.counts() == (10, 0, 1, 2), "a reservation of the caller's own stays as it is"


async def test_what_cannot_be_served_is_no_order(api: OrdersApi) -> None:
    none = await api.place(units=50, request_id="place-0001")
    assert (none.outcome, none.HasField("order")) == (os.PLACE_ORDER_OUTCOME_NOT_SERVED, False)
    assert [(x.sku, x.requested_quantity) for x in none.shortfalls] == [("cup", 50)]
    assert (await api.place(units=50, request_id="place-0001")).replayed
    await refused(api.get(), NOT_FOUND, "ORDER_NOT_FOUND", order_id="o-1")
    in_part = await api.place(units=50, allow_partial=True)
    assert in_part.outcome == os.PLACE_ORDER_OUTCOME_PLACED_IN_PART
    assert in_part.order.lines[0].to_source_quantity == 30
    await api.check_books()


async def test_nothing_becomes_an_order_that_is_over(api: OrdersApi) -> None:
    await refused(api.place(reservation_id="no-such-hold"), NOT_FOUND, "RESERVATION_NOT_FOUND")
    held = (await api.reserve(1)).reservation.reservation_id
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id=held))
    await refused(api.place(reservation_id=held), PRECONDITION, "WRONG_STATE", state="RELEASED")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reservation_id": ""}, "order.sourcing"),
        ({"prices": [{"line": 0, "unit_price_micros": 1}]}, "order.currency_code"),
        ({"prices": [{"line": 7, "unit_price_micros": 1}], "currency_code": "BRL"}, "order.prices"),
        ({"prices": [{"line": 0}, {"line": 0}], "currency_code": "BRL"}, "order.prices"),
        ({"order_id": "no spaces"}, "order.order_id"),
        ({"order_id": "x" * 49}, "order.order_id"),
    ],
)
async def test_an_order_that_contradicts_itself_is_refused_with_its_field(
    api: OrdersApi, fields: dict[str, object], field: str
) -> None:
    await refused(api.place(**fields), INVALID, "INVALID_FIELD", field=field)
    assert await api.counts() == (10, 0, 0, 0)


async def test_lines_are_cancelled_until_they_leave(api: OrdersApi) -> None:
    await api.place(units=12, request_id="place-0001")
    part = await api.step("CancelOrder", lines=[{"line": 0, "quantity": 3}], request_id="cancel-0001")
    assert part.order.lines[0].cancelled_quantity == 3
    assert sum(x.lines[0].quantity for x in part.order.shipments if x.state == od.SHIPMENT_STATE_OFFERED) == 9
    assert (await api.counts("a"))[3] + (await api.counts("b"))[3] == 9
    again = await api.step("CancelOrder", lines=[{"line": 0, "quantity": 3}], request_id="cancel-0001")
    assert again.replayed and again.order == part.order
    await refused(
        api.step("CancelOrder", lines=[{"line": 0, "quantity": 10}]),
        PRECONDITION, "QUANTITY_EXCEEDS_ORDER", line="0", open_quantity="9",
    )  # fmt: skip
    await refused(
        api.step("CancelOrder", lines=[{"line": 5, "quantity": 1}]), PRECONDITION, "QUANTITY_EXCEEDS_ORDER", line="5"
    )
    rest = await api.step("CancelOrder")
    assert (rest.order.state, set(states(rest.order))) == (od.ORDER_STATE_CANCELLED, {"CANCELLED"})
    assert (await api.counts("a"), await api.counts("b")) == ((10, 0, 0, 0), (10, 0, 0, 0))
    await refused(api.step("CancelOrder"), PRECONDITION, "ILLEGAL_STEP", state="CANCELLED", legal_steps="")
    await refused(api.step("CancelOrder", "o-9"), NOT_FOUND, "ORDER_NOT_FOUND")
    assert kinds(rest.order) == ["PLACE", "CANCEL", "CANCEL"]
    await api.check_books()


async def test_orders_are_listed_by_page_and_filter(api: OrdersApi) -> None:
    for n in range(7):
        channel = ("web/vip", "web", "shop")[n % 3]
        await api.place(
            f"o-{n}", 1, sourcing={"lines": [{"sku": "cup", "quantity": 1}], "channel": channel, **TO_SAO_PAULO}
        )
    await api.step("CancelOrder", "o-3")
    placed = [await api.get(f"o-{n}") for n in range(7)]

    async def listed(**filters: object) -> list[str]:
        names, token = [], ""
        while True:
            page = await api.orders.ListOrders(os.ListOrdersRequest(page_size=2, page_token=token, **filters))
            assert len(page.orders) <= 2
            names += [order.order_id for order in page.orders]
            token = page.next_page_token
            if not token:
                return names

    assert await listed() == [f"o-{n}" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert await listed(states=[od.ORDER_STATE_CANCELLED]) == ["o-3"]
    assert await listed(channel="web") == ["o-6", "o-4", "o-3", "o-1", "o-0"]
    assert await listed(channel="web/vip") == ["o-6", "o-3", "o-0"]
    assert await listed(node_id="b") == []
    assert await listed(placed_from_time=placed[2].place_time, placed_until_time=placed[5].place_time) in (
        ["o-4", "o-3", "o-2"],
        ["o-4", "o-3", "o-2", "o-1"],
        ["o-3", "o-2"],
        ["o-5", "o-4", "o-3", "o-2"],
    )  # fmt: skip - some may share a millisecond
    await refused(api.orders.ListOrders(os.ListOrdersRequest(page_token="nonsense")), INVALID, "INVALID_PAGE_TOKEN")
    await refused(api.orders.ListOrders(os.ListOrdersRequest(node_id="nowhere")), NOT_FOUND, "NODE_NOT_FOUND")


async def test_a_paused_node_keeps_the_orders_it_has(api: OrdersApi) -> None:
    await api.place(units=2)
    await api.network.SetNodeState(nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=2))
    assert states((await api.step("AcceptShipment")).order) == ["ACCEPTED"]


async def test_the_owner_of_the_shop_where_it_is_sold_is_the_seller_if_none_is_named(api: OrdersApi) -> None:
    shop = {"node_id": "a", "owner_code": "franchisee"}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=shop))
    lines = {"lines": [{"sku": "cup", "quantity": 1}], **TO_SAO_PAULO, "sold_at_node_id": "a"}
    assert (await api.place(sourcing=lines)).order.seller_code == "franchisee"
    assert (await api.place("o-2", sourcing={**lines, "seller_code": "other"})).order.seller_code == "other"
    held = (await api.reserve(1)).reservation.reservation_id
    unknown = {"reservation_id": held, "sourcing": {**lines, "sold_at_node_id": "nowhere"}}
    await refused(api.place("o-3", **unknown), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND", node_id="nowhere")
