"""What a node refuses of an order goes to others as by Resource: the rest stays, the node cools down, decisions are linked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from orders_kit import OrdersApi, states
from serving import Serving, WallClock
from test_plan_tokens_api import NINE_MS
from test_resource_api import ResourceApi, both

from promessa.domain.order import RejectReason
from promessa.domain.refusal import RefusalReason
from promessa.service.order_history import asked_between
from promessa.v1 import orders_pb2 as od
from promessa.v1 import resourcing_pb2 as rc
from promessa.v1 import sourcing_service_pb2 as so

HOUR_MS = 3_600_000


class RestApi(OrdersApi, ResourceApi):
    """Orders over near, mid and far."""

    async def order(self, order_id: str = "o-1", **sourcing: Any) -> od.Order:
        return (await self.place(order_id, sourcing=both(**sourcing))).order

    async def cools(self, node_id: str) -> dict[str, tuple[int, str]]:
        """For which skus a node is left alone: why, and since which decision."""
        found = self.parts.keeper.catalogue.coolings.by_id.get(node_id)
        return {each.sku: (each.reason, each.decision_id) for each in (found.coolings if found else ())}

    async def planned_for(self, sku: str) -> str:
        wanted = {"lines": [{"sku": sku, "quantity": 1}], "destination": {"postal_code": "01310100"}}
        plan = (await self.sourcing.Source(so.SourceRequest(order=wanted))).plan
        return plan.shipments[0].node_id if plan.shipments else ""


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[RestApi]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = RestApi(serving)
    await made.chain()
    for node_id in ("near", "mid", "far"):
        await made.stock("pot", node_id, 5)
    yield made
    await made.check_books()
    following.cancel()


def nodes(order: od.Order) -> list[str]:
    return [ship.node_id for ship in order.shipments]


def test_the_reasons_of_orders_are_those_of_refusals() -> None:
    assert [each.value for each in RejectReason] == [each.value for each in RefusalReason]
    assert {each.name for each in RejectReason} ^ {each.name for each in RefusalReason} == {"NODE_CLOSED", "CLOSED"}


async def test_what_was_refused_has_a_decision_of_its_own_that_names_the_one_before(api: RestApi) -> None:
    first = (await api.order()).shipments[0]
    assert (first.node_id, first.previous_decision_id) == ("near", "")
    await api.step("RejectShipment", reason=od.REJECT_REASON_OTHER)
    order = await api.get()
    assert (nodes(order), states(order)) == (["near", "mid"], ["REJECTED", "OFFERED"])
    second = order.shipments[1]
    assert second.previous_decision_id == first.reservation_id != second.reservation_id
    told = await api.explain(second.reservation_id)
    assert (told.decision_id, told.previous_decision_id) == (second.reservation_id, first.reservation_id)
    await api.step("RejectShipment", shipment_number=2, reason=od.REJECT_REASON_OTHER)
    third = (await api.get()).shipments[2]
    assert (third.node_id, third.previous_decision_id) == ("far", second.reservation_id)
    assert (await api.explain(third.reservation_id)).previous_decision_id == second.reservation_id


async def test_what_was_refused_is_no_order_of_its_own_to_simulations(api: RestApi) -> None:
    await api.order()
    await api.step("RejectShipment", reason=od.REJECT_REASON_OTHER)
    found = await asked_between(api.parts.store, 0, NINE_MS + HOUR_MS, 9)
    assert [len(each.order.lines) for each in found] == [2]


async def test_the_rest_of_the_order_keeps_its_plan(api: RestApi) -> None:
    for node_id in ("mid", "far"):
        await api.stock("cup", node_id, 0)
    await api.stock("pot", "near", 0)
    order = await api.order(cups=5)
    assert sorted(nodes(order)) == ["mid", "near"], "the pot comes from elsewhere"
    near, mid = sorted(order.shipments, key=lambda ship: ship.node_id, reverse=True)
    await api.step("AcceptShipment", shipment_number=near.shipment_number)
    await api.step("RejectShipment", shipment_number=mid.shipment_number, reason=od.REJECT_REASON_DAMAGED)
    after = await api.get()
    assert (nodes(after)[2], sorted(states(after))) == ("far", ["ACCEPTED", "OFFERED", "REJECTED"])
    assert after.shipments[near.shipment_number - 1].lines == near.lines


async def test_a_short_pick_is_sourced_beside_the_shipment_that_goes_on(api: RestApi) -> None:
    await api.order(cups=4, constraints={"max_shipments": 1})
    await api.step("AcceptShipment")
    await api.step("RecordPick", short_lines=[{"line": 0, "picked_quantity": 1}])
    order = await api.get()
    assert (nodes(order), states(order)) == (["near", "mid"], ["PICKED", "OFFERED"]), (
        "one shipment at least may bring it"
    )
    assert [(line.line, line.quantity) for line in order.shipments[1].lines] == [(0, 3)]
    assert await api.cools("near") == {"cup": (rc.REFUSAL_REASON_NOT_FOUND, order.shipments[0].reservation_id)}


@pytest.mark.parametrize(
    ("reason", "skus"),
    [
        (od.REJECT_REASON_NOT_FOUND, {"cup", "pot"}),
        (od.REJECT_REASON_DAMAGED, {"cup", "pot"}),
        (od.REJECT_REASON_OTHER, {"cup", "pot"}),
        (od.REJECT_REASON_NO_CAPACITY, {""}),
        (od.REJECT_REASON_NODE_CLOSED, {""}),
    ],
)
async def test_a_node_that_refuses_cools_down_by_its_reason(
    api: RestApi, wall_clock: WallClock, reason: int, skus: set[str]
) -> None:
    first = (await api.order()).shipments[0]
    await api.step("RejectShipment", reason=reason, request_id="reject-0001")
    assert await api.cools("near") == dict.fromkeys(skus, (reason, first.reservation_id))
    wall_clock.now_ms += HOUR_MS - 1
    again = await api.step("RejectShipment", reason=reason, request_id="reject-0001")
    assert again.replayed and await api.planned_for("cup") == "mid"
    wall_clock.now_ms += 1
    assert await api.planned_for("pot") == ("mid" if reason == od.REJECT_REASON_NOT_FOUND else "near")


async def test_other_skus_of_a_node_that_did_not_find_one_are_sold(api: RestApi) -> None:
    wanted = {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "01310100"}}
    await api.place(sourcing=wanted)
    await api.step("RejectShipment", reason=od.REJECT_REASON_NOT_FOUND)
    assert (await api.planned_for("cup"), await api.planned_for("pot")) == ("mid", "near")


async def test_a_refused_offer_cools_its_node_down_too(api: RestApi) -> None:
    order = (await api.place(sourcing=both(), offer_count=2)).order
    assert [offer.node_id for offer in order.shipments[0].offers] == ["near", "mid"]
    await api.step("RejectShipment", node_id="mid", reason=od.REJECT_REASON_NODE_CLOSED)
    assert await api.cools("mid") == {"": (rc.REFUSAL_REASON_CLOSED, order.shipments[0].reservation_id)}
    assert await api.cools("near") == {}
