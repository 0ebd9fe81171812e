"""Shipments offered to several nodes over a real channel: the first to accept has it, and nothing is oversold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import error_of, refused, token_read
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving, WallClock

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import order_service_pb2_grpc as os_grpc
from promessa.v1 import orders_pb2 as od
from promessa.v1 import policy_pb2 as pl
from promessa.v1 import policy_service_pb2 as ps

INVALID, FAILED, MISSING = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
)
NINE_MS = 1_795_521_600_000
NODES = 8
REAL = 1_000_000


class OfferApi(OrdersApi):
    """Nodes n0 to n7 with 3 cups each, the first the cheapest; n7 takes a day longer than the others."""

    async def chain(self) -> None:
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": "cup", "weight_grams": 400}))
        for i in range(NODES):
            node = {"node_id": f"n{i}", "country_code": "BR", "postal_code": "01310100"}
            await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))
            brackets = [{"max_weight_grams": 9_000, "price_micros": (10 + i) * REAL}]
            card = {"rate_card_id": f"card-{i}", "currency_code": "BRL", "brackets": brackets}
            await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))
            lane = {
                "lane_id": f"lane-{i}", "node_id": f"n{i}", "country_code": "BR", "postal_code_prefixes": ["0"],
                "carrier_service": f"road-{i}", "rate_card_id": f"card-{i}", "transit_days": 3 if i == 7 else 2,
            }  # fmt: skip
            await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))
            await self.stock(f"n{i}", 3)

    async def stock(self, node_id: str, units: int) -> None:
        counted = {"sku": "cup", "node_id": node_id, "on_hand_quantity": units}
        answer = await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=counted))
        await self.availability.GetAvailability(token_read(answer.token))

    async def offer(self, order_id: str = "o-1", count: int = 3, **fields: Any) -> od.Order:
        return (await self.place(order_id, offer_count=count, **fields)).order

    async def committed(self) -> dict[str, int]:
        """Committed cups, of nodes that have any."""
        found = {f"n{i}": (await self.counts(f"n{i}"))[3] for i in range(NODES)}
        return {node_id: units for node_id, units in found.items() if units}

    async def accept(self, node_id: str, **more: Any) -> os.AcceptShipmentResponse:
        return await self.step("AcceptShipment", node_id=node_id, **more)

    async def reject(self, node_id: str, reason: int = od.REJECT_REASON_OTHER, **more: Any) -> od.Order:
        return (await self.step("RejectShipment", node_id=node_id, reason=reason, **more)).order

    async def listed(self, node_id: str, **more: Any) -> list[str]:
        found = await self.orders.ListOrders(os.ListOrdersRequest(node_id=node_id, **more))
        return [order.order_id for order in found.orders]


def offers(order: od.Order, number: int = 1) -> dict[str, str]:
    """What became of the offers of a shipment."""
    return {
        offer.node_id: od.OfferState.Name(offer.state).removeprefix("OFFER_STATE_")
        for offer in order.shipments[number - 1].offers
    }


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[OfferApi]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = OfferApi(serving)
    await made.chain()
    yield made
    await made.check_books()
    following.cancel()


async def test_a_shipment_is_offered_to_the_cheapest_that_could_bring_it_whole_and_in_time(api: OfferApi) -> None:
    await api.stock("n1", 1)
    order = await api.offer(count=10)
    (ship,) = order.shipments
    assert offers(order) == {f"n{i}": "OPEN" for i in (0, 2, 3, 4, 5, 6)}, "n1 has too few, n7 is too late"
    assert [offer.planned_cost_micros for offer in ship.offers] == [(10 + i) * REAL for i in (0, 2, 3, 4, 5, 6)]
    assert order.offer_count == 10 and await api.committed() == {"n0": 2}, "nobody else is blocked"
    assert offers(await api.offer("o-2", count=1, units=1)) == {}


async def test_the_first_to_accept_has_it_and_its_units(api: OfferApi) -> None:
    planned = (await api.offer()).shipments[0]
    done = await api.accept("n1", request_id="accept-0001")
    (ship,) = done.order.shipments
    assert (ship.node_id, states(done.order), ship.lane_id, ship.carrier_service) == (
        "n1",
        ["ACCEPTED"],
        "lane-1",
        "road-1",
    )
    assert (ship.reservation_id, ship.promise_time) == (planned.reservation_id, planned.promise_time)
    assert ship.planned_cost_micros == 11 * REAL
    assert offers(done.order) == {"n0": "TAKEN", "n1": "ACCEPTED", "n2": "TAKEN"}
    assert await api.committed() == {"n1": 2}
    again = await api.accept("n1", request_id="accept-0001")
    assert again.replayed and again.order == done.order
    for late in ("n0", "n2"):
        await refused(api.accept(late), FAILED, "OFFER_TAKEN", node_id=late, order_id="o-1")
        await refused(api.reject(late), FAILED, "OFFER_TAKEN", node_id=late)
    await refused(api.accept("n1"), FAILED, "ILLEGAL_STEP")
    await refused(api.accept("n5"), FAILED, "NOT_OFFERED", node_id="n5")
    await refused(api.accept("nowhere"), MISSING, "NODE_NOT_FOUND")
    await api.steps("RecordPick", "Ship", "RecordDelivery")
    assert (await api.counts("n1"))[0] == 1 and await api.committed() == {}


async def test_eight_nodes_that_accept_at_once_over_two_workers_are_one_that_has_it(
    api: OfferApi, other_channel: grpc.aio.Channel
) -> None:
    await api.network.PutLane(
        nw.PutLaneRequest(
            request_id=api.new_id(),
            lane={
                "lane_id": "lane-7", "node_id": "n7", "country_code": "BR", "postal_code_prefixes": ["0"],
                "rate_card_id": "card-7", "transit_days": 2,
            },
        )
    )  # fmt: skip
    stubs = [api.orders, os_grpc.OrderServiceStub(other_channel)]
    for n in range(5):
        order_id = f"o-{n}"
        order = await api.offer(order_id, count=NODES, units=1)
        nodes = list(offers(order))
        assert len(nodes) == NODES - n, "each order before took the last cup of one"

        async def accept(i: int, node_id: str, order_id: str = order_id) -> str:
            request = os.AcceptShipmentRequest(
                request_id=f"accept-{order_id}-{i}", order_id=order_id, shipment_number=1, node_id=node_id
            )
            try:
                await stubs[i % 2].AcceptShipment(request)
            except grpc.aio.AioRpcError as error:
                return error_of(error)[0]
            return "WON"

        found = await asyncio.gather(*(accept(i, node_id) for i, node_id in enumerate(nodes)))
        assert Counter(found) == {"WON": 1, "OFFER_TAKEN": len(nodes) - 1}
        winner = nodes[found.index("WON")]
        assert (await api.get(order_id)).shipments[0].node_id == winner
        for i, node_id in enumerate(nodes):
            assert await accept(i, node_id) == found[i], "a retry is answered as the first call"
        await api.stock(winner, 1)  # what it committed is all that it has


async def test_a_node_without_the_units_is_told_so_and_others_may_still_accept(api: OfferApi) -> None:
    await api.offer()
    await api.stock("n1", 1)
    await refused(
        api.accept("n1"), FAILED, "OFFER_NOT_IN_STOCK", node_id="n1", sku="cup", requested_quantity="2",
        available_quantity="1", why="INSUFFICIENT_STOCK",
    )  # fmt: skip
    assert offers(await api.get()) == {"n0": "OPEN", "n1": "OPEN", "n2": "OPEN"}
    assert await api.committed() == {"n0": 2}
    await api.accept("n2")
    assert await api.committed() == {"n2": 2}


async def test_capacity_is_honoured_where_a_shipment_is_accepted(api: OfferApi) -> None:
    await api.offer(units=1)
    capacity = {"limit_quantity": 1, "unit": np.CAPACITY_UNIT_ORDERS, "on_full": np.CAPACITY_ON_FULL_PAUSE}
    ask = nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="n1", capacity=capacity)
    await api.network.SetNodeCapacity(ask)
    await api.reserve(lines=[{"sku": "cup", "node_id": "n1", "quantity": 1}])
    await refused(api.accept("n1"), FAILED, "OFFER_NOT_IN_STOCK", node_id="n1", why="CAPACITY_FULL")
    await api.accept("n0")


async def test_a_refusal_withdraws_one_offer_and_when_all_refused_others_are_looked_for(api: OfferApi) -> None:
    await api.offer()
    order = await api.reject("n1", od.REJECT_REASON_NO_CAPACITY, actor="n1's clerk")
    assert offers(order) == {"n0": "OPEN", "n1": "REFUSED", "n2": "OPEN"}
    assert (order.shipments[0].node_id, states(order)) == ("n0", ["OFFERED"])
    await refused(api.accept("n1"), FAILED, "NOT_OFFERED", node_id="n1")
    order = await api.reject("n0", od.REJECT_REASON_NOT_FOUND)
    assert (order.shipments[0].node_id, offers(order)["n2"]) == ("n2", "OPEN"), "who is left has the units"
    assert await api.committed() == {"n2": 2} and await api.counts("n0") == (3, 3, 0, 0)
    await api.reject("n2")
    order = await api.get()
    assert states(order) == ["REJECTED", "OFFERED"] and order.state == od.ORDER_STATE_PLACED
    assert offers(order) == {"n0": "REFUSED", "n1": "REFUSED", "n2": "REFUSED"}
    assert offers(order, 2) == {"n3": "OPEN", "n4": "OPEN", "n5": "OPEN"}, "none that refused it is asked again"
    assert order.shipments[1].previous_decision_id == order.shipments[0].reservation_id
    assert kinds(order) == ["PLACE", "REFUSE_OFFER", "REFUSE_OFFER", "REJECT", "SOURCE"]
    assert [step.detail for step in order.steps[1:3]] == ["n1 NO_CAPACITY", "n0 NOT_FOUND"]
    assert await api.committed() == {"n3": 2}


async def test_nodes_without_the_units_are_passed_over_when_the_one_that_has_them_refuses(api: OfferApi) -> None:
    await api.offer(count=4)
    await api.stock("n1", 0)
    order = await api.reject("n0")
    assert order.shipments[0].node_id == "n2" and offers(order)["n1"] == "OPEN"
    await api.stock("n1", 2)
    await api.accept("n1")
    assert await api.committed() == {"n1": 2}


async def test_when_nobody_left_has_the_units_they_are_sourced_again(api: OfferApi) -> None:
    await api.offer()
    for node_id in ("n1", "n2"):
        await api.stock(node_id, 0)
    order = await api.reject("n0", request_id="reject-0001")
    assert states(order) == ["REJECTED"] and offers(order) == {"n0": "REFUSED", "n1": "WITHDRAWN", "n2": "WITHDRAWN"}
    assert await api.committed() == {"n3": 2}
    assert (
        await api.step("RejectShipment", node_id="n0", reason=od.REJECT_REASON_OTHER, request_id="reject-0001")
    ).replayed


async def test_who_accepts_must_be_named_where_several_may(api: OfferApi) -> None:
    await api.offer()
    await refused(api.accept(""), INVALID, "INVALID_FIELD", field="node_id")
    await refused(api.reject(""), INVALID, "INVALID_FIELD", field="node_id")
    await api.reject("n1")
    await api.reject("n2")
    assert (await api.accept("")).order.shipments[0].node_id == "n0"
    await refused(api.offer("o-2", count=21), INVALID, "INVALID_FIELD")
    await refused(api.place("o-2", reservation_id="hold-0001", offer_count=2), INVALID, "INVALID_FIELD")


async def test_a_cancelled_shipment_has_no_offers_any_more(api: OfferApi) -> None:
    await api.offer()
    order = (await api.step("CancelOrder")).order
    assert offers(order) == {"n0": "WITHDRAWN", "n1": "WITHDRAWN", "n2": "WITHDRAWN"}
    await refused(api.accept("n1"), FAILED, "ILLEGAL_STEP")
    assert await api.committed() == {}


async def test_what_was_accepted_and_then_refused_is_sourced_without_all_who_refused(api: OfferApi) -> None:
    await api.offer()
    await api.reject("n2")
    await api.accept("n1")
    order = await api.reject("n1")
    assert offers(order) == {"n0": "WITHDRAWN", "n1": "REFUSED", "n2": "REFUSED"}
    assert (await api.get()).shipments[1].node_id == "n0"


async def test_a_pickup_is_offered_to_nobody_else_and_what_is_sent_to_a_store_is(api: OfferApi) -> None:
    node = {"node_id": "n4", "country_code": "BR", "postal_code": "01310100", "pickup_point": True}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    wanted = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "n4"}
    assert offers(await api.offer(sourcing=wanted)) == {}
    await api.stock("n4", 0)
    order = await api.offer("o-2", sourcing={**wanted, "allow_ship_to_store": True})
    assert offers(order) == {"n0": "OPEN", "n1": "OPEN", "n2": "OPEN"}
    order = (await api.accept("n2", order_id="o-2")).order
    assert (order.shipments[0].node_id, order.shipments[0].pickup_node_id) == ("n2", "n4")
    await api.steps("RecordPick", "Ship", order_id="o-2")
    ready = await api.step("MarkReadyForPickup", "o-2")
    await api.step("HandOver", "o-2", pickup_code=ready.pickup_code)
    assert (await api.counts("n2"))[0] == 1


async def test_a_policy_says_to_how_many_a_shipment_is_offered(api: OfferApi) -> None:
    rule = {"name": "any", "offer": {"nodes": 4}}
    policy = {"policy_id": "stores", "mode": pl.POLICY_MODE_COST, "rules": [rule]}
    made = await api.policies.CreatePolicyVersion(
        ps.CreatePolicyVersionRequest(request_id=api.new_id(), policy=policy, comment="to four")
    )
    await api.policies.ActivatePolicyVersion(
        ps.ActivatePolicyVersionRequest(request_id=api.new_id(), policy_id="stores", version=made.version.version)
    )
    assert offers(await api.offer(count=0)) == {f"n{i}": "OPEN" for i in range(4)}
    assert offers(await api.offer("o-2", count=1, units=1)) == {}
    for i in range(4):
        await api.reject(f"n{i}")
    assert offers(await api.get(), 2) == {"n4": "OPEN", "n5": "OPEN", "n6": "OPEN"}, (
        "what is sourced later is offered, too"
    )


async def test_what_may_wait_for_supply_is_offered_to_nobody_else(api: OfferApi) -> None:
    wanted = {"lines": [{"sku": "cup", "quantity": 2}], **TO_SAO_PAULO, "allow_future_supply": True}
    assert offers(await api.offer(sourcing=wanted)) == {}


async def test_an_order_s_own_rules_say_who_is_offered_it(api: OfferApi) -> None:
    wanted = {
        "lines": [{"sku": "cup", "quantity": 2}],
        **TO_SAO_PAULO,
        "constraints": {"excluded_node_ids": ["n1", "n3"]},
    }
    assert offers(await api.offer(sourcing=wanted)) == {"n0": "OPEN", "n2": "OPEN", "n4": "OPEN"}


async def test_the_orders_of_a_node_are_those_that_it_may_accept_too(api: OfferApi) -> None:
    await api.offer()
    await api.offer("o-2", units=1, count=0)
    assert await api.listed("n0") == ["o-2", "o-1"]
    assert await api.listed("n1") == ["o-1"] and await api.listed("n5") == []
    await api.accept("n1")
    assert await api.listed("n0") == ["o-2", "o-1"], "what was offered to it it may look at"


async def test_a_node_sees_what_it_has_to_do_and_no_more(api: OfferApi) -> None:
    async def todo() -> dict[str, list[str]]:
        found = {f"n{i}": await api.listed(f"n{i}", open_at_node=True) for i in range(5)}
        return {node_id: orders for node_id, orders in found.items() if orders}

    await api.offer()
    await api.offer("o-2", units=1, count=0)
    assert await todo() == {"n0": ["o-2", "o-1"], "n1": ["o-1"], "n2": ["o-1"]}
    assert await api.listed("n0", open_at_node=True, page_size=1) == ["o-2"]
    await api.reject("n2")
    await api.accept("n1")
    assert await todo() == {"n0": ["o-2"], "n1": ["o-1"]}
    await api.steps("RecordPick", "Ship")
    assert await todo() == {"n0": ["o-2"]}
    await api.step("CancelOrder", "o-2")
    assert await todo() == {}
    await refused(api.listed("", open_at_node=True), INVALID, "INVALID_FIELD", field="node_id")


async def test_a_store_sees_what_comes_to_it_to_be_collected(api: OfferApi) -> None:
    node = {"node_id": "n4", "country_code": "BR", "postal_code": "01310100", "pickup_point": True}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    await api.stock("n4", 0)
    wanted = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "n4", "allow_ship_to_store": True}
    await api.place(sourcing=wanted)
    await api.steps("AcceptShipment", "RecordPick")
    assert await api.listed("n4", open_at_node=True) == []
    await api.step("Ship")
    assert await api.listed("n4", open_at_node=True) == await api.listed("n4") == ["o-1"]
    ready = await api.step("MarkReadyForPickup")
    assert await api.listed("n4", open_at_node=True) == ["o-1"]
    await api.step("HandOver", pickup_code=ready.pickup_code)
    assert await api.listed("n4", open_at_node=True) == [] and await api.listed("n4") == ["o-1"]
