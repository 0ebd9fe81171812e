"""The journey of orders over a real channel: every step, what it moves in stock, and what it is refused for."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import error_of, refused
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving

from promessa.store.order_store import OrderStore
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od
from promessa.v1 import stock_confidence_service_pb2 as sc
from promessa.v1 import stock_confidence_service_pb2_grpc as sc_grpc
from promessa.v1 import supply_service_pb2 as ss
from promessa.v1 import supply_service_pb2_grpc as ss_grpc

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
COLLECTED = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "a"}


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    made = OrdersApi(serving)
    await made.pickup_shop()
    return made


async def test_a_shipment_goes_all_the_way(api: OrdersApi) -> None:
    await api.place()
    await api.step("AcceptShipment", actor="ana")
    await api.step("RecordPick")
    assert await api.counts() == (10, 0, 0, 2)
    shipped = await api.step("Ship", carrier="carrier", tracking_code="BR1", actor="van")
    assert (shipped.outcome, shipped.order.state) == (os.STEP_OUTCOME_DONE, od.ORDER_STATE_IN_TRANSIT)
    assert await api.counts() == (8, 0, 0, 0)
    assert shipped.token
    done = await api.step("RecordDelivery", deliver_time={"seconds": 1_800_000_000})
    assert (done.order.state, states(done.order)) == (od.ORDER_STATE_COMPLETED, ["DELIVERED"])
    assert done.order.shipments[0].deliver_time.seconds == 1_800_000_000
    assert (done.order.shipments[0].carrier, done.order.shipments[0].tracking_code) == ("carrier", "BR1")
    assert kinds(done.order) == ["PLACE", "ACCEPT", "PICK", "SHIP", "DELIVER"]
    assert [x.actor for x in done.order.steps] == ["", "ana", "", "van", ""]
    await api.check_books()


async def test_what_a_state_does_not_allow_names_the_state_and_what_it_allows(api: OrdersApi) -> None:
    await api.place()
    await refused(
        api.step("Ship"), PRECONDITION, "ILLEGAL_STEP",
        state="OFFERED", step="SHIP", legal_steps="ACCEPT,REJECT,CANCEL", shipment_number="1",
    )  # fmt: skip
    await refused(api.step("RecordDelivery"), PRECONDITION, "ILLEGAL_STEP", state="OFFERED")  # out of order
    await refused(api.step("HandOver", pickup_code="X"), PRECONDITION, "ILLEGAL_STEP")
    assert kinds(await api.get()) == ["PLACE"], "nothing was done"
    await refused(api.step("AcceptShipment", shipment_number=2), grpc.StatusCode.NOT_FOUND, "SHIPMENT_NOT_FOUND")
    await refused(api.step("AcceptShipment", "o-9"), grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")
    wrong = api.step("RejectShipment", reason=99)
    await refused(wrong, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="reason")


async def test_a_step_is_made_once_by_its_request_id(api: OrdersApi) -> None:
    await api.place()
    first = await api.step("AcceptShipment", request_id="accept-0001")
    await api.steps("RecordPick", "Ship")
    again = await api.step("AcceptShipment", request_id="accept-0001")
    assert again.replayed and again.order == first.order, "its first answer, though the order went on"
    reused = api.step("Ship", request_id="accept-0001")
    await refused(reused, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="method")


async def test_what_a_carrier_tells_twice_is_done_once(api: OrdersApi) -> None:
    await api.place()
    await api.steps("AcceptShipment", "RecordPick")
    await api.step("Ship", carrier="c", tracking_code="1")
    again = await api.step("Ship", carrier="c", tracking_code="1")
    assert (again.outcome, again.order.version) == (os.STEP_OUTCOME_ALREADY_DONE, 4)
    await refused(api.step("Ship", carrier="c", tracking_code="2"), PRECONDITION, "ILLEGAL_STEP", state="SHIPPED")
    await api.step("RecordDelivery", deliver_time={"seconds": 1_800_000_000})
    assert (await api.step("RecordDelivery", request_id="deliver-0001")).outcome == os.STEP_OUTCOME_ALREADY_DONE
    late = await api.step("RecordDelivery", deliver_time={"seconds": 1_900_000_000})
    assert late.outcome == os.STEP_OUTCOME_ALREADY_DONE
    assert late.order.shipments[0].deliver_time.seconds == 1_800_000_000
    assert await api.counts() == (8, 0, 0, 0)


async def test_what_a_node_refuses_is_sourced_elsewhere(api: OrdersApi) -> None:
    await api.place(units=2)
    rejected = await api.step("RejectShipment", reason=od.REJECT_REASON_NO_CAPACITY, request_id="reject-0001")
    assert rejected.order.state == od.ORDER_STATE_TO_SOURCE
    order = await api.get()
    assert [(x.node_id, states(order)[i]) for i, x in enumerate(order.shipments)] == [
        ("a", "REJECTED"),
        ("b", "OFFERED"),
    ]
    assert (order.state, order.sourcing_count) == (od.ORDER_STATE_PLACED, 1)
    assert (await api.counts("a"), await api.counts("b")) == ((10, 0, 0, 0), (10, 0, 0, 2))
    assert (await api.step("RejectShipment", reason=od.REJECT_REASON_NO_CAPACITY, request_id="reject-0001")).replayed
    assert kinds(await api.get()) == ["PLACE", "REJECT", "SOURCE"]
    await api.step("RejectShipment", shipment_number=2, reason=od.REJECT_REASON_NODE_CLOSED)
    order = await api.get()
    assert (order.state, kinds(order)[-1]) == (od.ORDER_STATE_TO_SOURCE, "SOURCE_FAILED"), "nobody is left"
    assert order.lines[0].to_source_quantity == 2
    await api.check_books()


async def test_what_was_not_found_is_not_promised_until_it_is_counted(api: OrdersApi) -> None:
    await api.place(units=2)
    other = (await api.reserve(3)).reservation.reservation_id
    await api.step("RejectShipment", reason=od.REJECT_REASON_NOT_FOUND)
    assert await api.counts() == (10, 7, 3, 0), "what others were promised stays promised"
    assert (await api.reserve(1)).outcome == 3
    page = await api.inventory.ListUnavailableStock(iv.ListUnavailableStockRequest(reason="not_found"))
    assert [(x.sku, x.node_id, x.unavailable[0].quantity) for x in page.cells] == [("cup", "a", 7)]
    confidence = sc_grpc.StockConfidenceServiceStub(api.channel)
    found = await confidence.GetStockConfidence(sc.GetStockConfidenceRequest(sku="cup", node_ids=["a"]))
    assert (found.nodes[0].missing_milliunits, found.nodes[0].found_milliunits) == (2_000, 0)
    await api.check_books()
    await api.count("a", 9)
    assert await api.counts() == (9, 0, 3, 0), "a count says what is there"
    assert other
    await api.check_books()


async def test_what_is_damaged_cannot_be_sold(api: OrdersApi) -> None:
    await api.place(units=2)
    await api.step("RejectShipment", reason=od.REJECT_REASON_DAMAGED)
    assert await api.counts() == (10, 2, 0, 0)
    assert (await api.reserve(8)).outcome == 1
    await api.check_books()


async def test_a_short_pick_sends_the_rest_elsewhere(api: OrdersApi) -> None:
    await api.place(units=5)
    await api.step("AcceptShipment")
    too_many = api.step("RecordPick", short_lines=[{"line": 0, "picked_quantity": 6}])
    await refused(too_many, PRECONDITION, "QUANTITY_EXCEEDS_ORDER", line="0", open_quantity="5")
    await api.step("RecordPick", short_lines=[{"line": 0, "picked_quantity": 3}])
    order = await api.get()
    assert [(x.node_id, x.lines[0].quantity) for x in order.shipments] == [("a", 3), ("b", 2)]
    assert states(order) == ["PICKED", "OFFERED"]
    assert order.shipments[0].reject_reason == od.REJECT_REASON_NOT_FOUND
    assert (await api.counts("a"), await api.counts("b")) == ((10, 7, 0, 3), (10, 0, 0, 2))
    await api.step("Ship")
    assert await api.counts("a") == (7, 7, 0, 0)
    await api.check_books()


async def test_a_pick_of_nothing_is_a_refusal(api: OrdersApi) -> None:
    await api.place(units=5)
    await api.step("AcceptShipment")
    await api.step("RecordPick", short_lines=[{"line": 0, "picked_quantity": 0}])
    assert states(await api.get()) == ["REJECTED", "OFFERED"]


async def test_whoever_collects_shows_the_code(api: OrdersApi) -> None:
    await api.place(sourcing=COLLECTED)
    ready = await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup")
    assert len(ready.pickup_code) == 8
    assert await api.counts() == (10, 0, 0, 2)
    await refused(
        api.step("HandOver", pickup_code="WRONG"),
        PRECONDITION,
        "PICKUP_CODE_WRONG",
        tries_left="4",
        shipment_number="1",
    )
    done = await api.step("HandOver", pickup_code=ready.pickup_code.lower(), request_id="hand-over-1")
    assert (done.order.state, states(done.order)) == (od.ORDER_STATE_COMPLETED, ["HANDED_OVER"])
    assert await api.counts() == (8, 0, 0, 0)
    assert (await api.step("HandOver", pickup_code=ready.pickup_code.lower(), request_id="hand-over-1")).replayed
    assert ready.pickup_code not in str(done.order)
    await api.check_books()


async def test_a_code_is_locked_after_five_wrong_ones_and_made_anew(api: OrdersApi) -> None:
    await api.place(sourcing=COLLECTED)
    ready = await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup")
    for left in (4, 3, 2, 1, 0):
        request_id = api.new_id()
        for _ in range(2):  # a retry is no other try
            wrong = api.step("HandOver", pickup_code="WRONG", request_id=request_id)
            await refused(wrong, PRECONDITION, "PICKUP_CODE_WRONG", tries_left=str(left))
    await refused(api.step("HandOver", pickup_code=ready.pickup_code), PRECONDITION, "PICKUP_CODE_LOCKED")
    anew = await api.step("MarkReadyForPickup", request_id="ready-0002")
    assert anew.pickup_code not in ("", ready.pickup_code)
    again = await api.step("MarkReadyForPickup", request_id="ready-0002")
    assert (again.replayed, again.pickup_code) == (True, ""), "a code is told once"
    await refused(api.step("HandOver", pickup_code=ready.pickup_code), PRECONDITION, "PICKUP_CODE_WRONG")
    assert states((await api.step("HandOver", pickup_code=anew.pickup_code)).order) == ["HANDED_OVER"]


async def test_what_nobody_collects_is_cancelled(api: OrdersApi) -> None:
    await api.place(sourcing=COLLECTED)
    await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup", "CancelOrder")
    assert states(await api.get()) == ["CANCELLED"]
    assert await api.counts() == (10, 0, 0, 0)


async def test_what_is_sent_to_a_store_leaves_its_node_and_waits_there(api: OrdersApi) -> None:
    await api.network.PutNode(
        nw.PutNodeRequest(
            request_id=api.new_id(),
            node={"node_id": "a", "pickup_point": True, "country_code": "BR", "postal_code": "01310100"},
        )
    )
    await api.count("a", 0)
    await api.place(sourcing={**COLLECTED, "allow_ship_to_store": True})
    await api.steps("AcceptShipment", "RecordPick")
    await refused(api.step("MarkReadyForPickup"), PRECONDITION, "ILLEGAL_STEP", legal_steps="REJECT,SHIP,CANCEL")
    await api.step("Ship", carrier="own van")
    assert await api.counts("b") == (8, 0, 0, 0)
    ready = await api.step("MarkReadyForPickup")
    assert (ready.order.state, ready.order.shipments[0].pickup_node_id) == (od.ORDER_STATE_IN_TRANSIT, "a")
    await refused(api.step("CancelOrder"), PRECONDITION, "ILLEGAL_STEP", state="READY")
    done = await api.step("HandOver", pickup_code=ready.pickup_code)
    assert done.order.state == od.ORDER_STATE_COMPLETED
    assert await api.counts("b") == (8, 0, 0, 0)
    await api.check_books()


async def test_of_steps_at_once_each_is_made_or_refused_by_what_came_before(api: OrdersApi) -> None:
    await api.place(units=2)
    tries = [api.step("AcceptShipment") for _ in range(8)] + [
        api.step("RejectShipment", reason=od.REJECT_REASON_OTHER) for _ in range(8)
    ]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    refusals = [error_of(each)[0] for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert set(refusals) <= {"ILLEGAL_STEP"}
    order = await api.get()
    assert states(order)[0] == "REJECTED", "whoever accepts first may be followed by one refusal"
    assert len(answers) - len(refusals) == len([x for x in kinds(order) if x in ("ACCEPT", "REJECT")])
    await api.check_books()


async def test_a_step_that_is_always_too_late_says_so(api: OrdersApi, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.place()
    read = OrderStore.get

    async def what_was_before(self: OrderStore, order_id: str) -> Any:
        found = await read(self, order_id)
        return found and found._replace(version=found.version - 1)

    monkeypatch.setattr(OrderStore, "get", what_was_before)
    await refused(api.step("AcceptShipment"), grpc.StatusCode.UNAVAILABLE, "ORDER_CONTENDED", order_id="o-1")


async def test_units_that_are_still_to_come_do_not_leave(api: OrdersApi) -> None:
    supply = ss_grpc.SupplyServiceStub(api.channel)
    await supply.SetOrderLimits(
        ss.SetOrderLimitsRequest(request_id=api.new_id(), sku="cup", node_id="a", backorder_limit_quantity=5)
    )
    held = (await api.reserve(12, allow_backorder=True)).reservation.reservation_id
    await api.place(reservation_id=held)
    await api.steps("AcceptShipment", "RecordPick")
    await refused(api.step("Ship"), PRECONDITION, "QUANTITY_EXCEEDS_RESERVATION", open_quantity="10")
    await api.count("a", 10)
    assert states(await api.get()) == ["PICKED"], "nothing half done"
    await api.check_books()


async def test_a_kit_goes_and_comes_back_by_its_components(api: OrdersApi) -> None:
    kit = {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}]}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=kit))
    await api.place(sourcing={"lines": [{"sku": "set", "quantity": 3}], **TO_SAO_PAULO})
    assert await api.counts() == (10, 0, 0, 6)
    await api.step("CancelOrder", lines=[{"line": 0, "quantity": 1}])
    assert await api.counts() == (10, 0, 0, 4)
    await api.steps("AcceptShipment", "RecordPick", "Ship")
    assert await api.counts() == (6, 0, 0, 0)
    await api.step("RequestReturn", lines=[{"line": 0, "quantity": 1}])
    came = [{"line": 0, "quantity": 1, "disposition": od.DISPOSITION_RESELLABLE}]
    await api.step("ReceiveReturn", return_number=1, node_id="b", lines=came)
    assert await api.counts("b") == (12, 0, 0, 0)
    await api.check_books()
