"""Pickup, ship to store, mixed baskets and supply to come over a real channel: planned, quoted, held, retried, refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import refused, token_read
from serving import Serving, WallClock
from test_supply_api import NOON_MS, SupplyApi

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_service_pb2 as po
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1 import supply_service_pb2 as ss

INVALID, FAILED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
MISSING = grpc.StatusCode.NOT_FOUND
DAY_MS = 24 * 3600 * 1000


class KindsApi(SupplyApi):
    """Orders with few words."""

    def order(self, *lines: dict[str, Any], to: str = "01310100", **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = {"order_id": "order-1", "lines": list(lines), **more}
        return {**found, "destination": {"postal_code": to}} if to else found

    async def source(self, *lines: dict[str, Any], explain: bool = False, **more: Any) -> so.SourceResponse:
        return await self.sourcing.Source(so.SourceRequest(order=self.order(*lines, **more), explain=explain))

    async def hold(self, *lines: dict[str, Any], request_id: str = "", **more: Any) -> so.SourceAndReserveResponse:
        own = {name: more.pop(name) for name in ("allow_partial", "owner_id", "hold_rule_id") if name in more}
        request_id = request_id or self.new_id()
        request = so.SourceAndReserveRequest(request_id=request_id, order=self.order(*lines, **more), **own)
        return await self.sourcing.SourceAndReserve(request)

    async def put_node(self, node_id: str, **fields: Any) -> None:
        await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node={"node_id": node_id, **fields}))

    async def quote(self, *lines: dict[str, Any], **more: Any) -> so.QuoteResponse:
        return await self.sourcing.Quote(so.QuoteRequest(order=self.order(*lines, **more), alternative_count=2))

    async def stock(self, sku: str, node_id: str, units: int) -> None:
        """Count a cell, and wait until the replica shows it."""
        counted = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        answer = await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=counted))
        await self.availability.GetAvailability(token_read(answer.token))

    async def audited(self) -> None:
        found = await self.inventory.CheckInvariants(iv.CheckInvariantsRequest())
        assert found.ok, found


def line(sku: str = "cup", quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, **more}


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[KindsApi]:
    """Nodes a, a store where customers collect, and b, a centre, with 10 cups each."""
    wall_clock.now_ms = NOON_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = KindsApi(serving, wall_clock)
    await api.shop()
    await api.put_node("a", type=2, pickup_point=True, postal_code="01001000", country_code="BR", receiving_minutes=30)
    await api.put_node("b", type=1, shipment_cost_micros=3)
    for sku in ("pot", "plate"):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": sku, "weight_grams": 900}))
    yield api
    following.cancel()


def told(plan: sp.SourcingPlan) -> list[tuple[str, str, str, list[tuple[int, str, int]]]]:
    kinds = sp.FulfillmentKind
    return [
        (
            ship.node_id,
            kinds.Name(ship.fulfillment_kind).removeprefix("FULFILLMENT_KIND_"),
            ship.pickup_node_id,
            [(each.line, each.sku, each.quantity) for each in ship.lines],
        )
        for ship in plan.shipments
    ]


async def test_an_order_that_is_collected_needs_no_destination(api: KindsApi) -> None:
    answer = await api.source(line(quantity=2), to="", pickup_node_id="a")
    assert told(answer.plan) == [("a", "PICKUP", "a", [(0, "cup", 2)])]
    (ship,) = answer.plan.shipments
    assert (ship.lane_id, ship.cost.shipping_micros) == ("", 0)
    assert ship.promise_time.ToMilliseconds() == NOON_MS
    assert answer.plan.proven_optimal


async def test_what_is_collected_is_planned_with_the_catalogue_of_now(api: KindsApi) -> None:
    wanted = {"to": "", "pickup_node_id": "a"}
    assert (await api.source(line(), **wanted)).plan.cost.total_micros == 0
    await api.put_node("a", type=2, pickup_point=True, shipment_cost_micros=5, handling_minutes=90)
    plan = (await api.source(line(), **wanted)).plan
    assert (plan.cost.total_micros, plan.promise_time.ToMilliseconds()) == (5, NOON_MS + 90 * 60_000)


async def test_a_plain_order_says_its_kind_too(api: KindsApi) -> None:
    for answer in ((await api.source(line())).plan, (await api.hold(line())).plan):
        assert told(answer) == [("a", "SHIP_FROM_STORE", "", [(0, "cup", 1)])]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"to": ""}, "order.destination"),
        ({"to": "", "sold_at_node_id": "a"}, "order.destination"),
        ({"own_stock": sp.OWN_STOCK_FIRST}, "order.own_stock"),
        ({"allowed_kinds": [0]}, "order.allowed_kinds[0]"),
        ({"allowed_kinds": [2, 2]}, "order.allowed_kinds"),
        (
            {"allow_backorder": True, "constraints": {"latest_delivery_time": {"seconds": 2_000_000_000}}},
            "order.allow_backorder",
        ),
        ({"constraints": {"min_shipment_value_micros": -1}}, "order.constraints.min_shipment_value_micros"),
        ({"pickup_node_id": "no spaces"}, "order.pickup_node_id"),
    ],
)
async def test_bad_ways_name_their_field(api: KindsApi, fields: dict[str, Any], field: str) -> None:
    await refused(api.source(line(), **fields), INVALID, "INVALID_FIELD", field=field)
    await refused(api.hold(line(), **fields), INVALID, "INVALID_FIELD", field=field)


async def test_ways_that_are_not_there_are_errors_with_a_reason(api: KindsApi) -> None:
    await refused(api.source(line(), pickup_node_id="x"), MISSING, "NODE_NOT_FOUND", node_id="x")
    await refused(api.source(line(), sold_at_node_id="x"), MISSING, "NODE_NOT_FOUND", node_id="x")
    await refused(
        api.hold(line(), pickup_node_id="b"), FAILED, "PICKUP_NOT_OFFERED", node_id="b", why="NOT_A_PICKUP_POINT"
    )
    pause = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=2)
    await api.network.SetNodeState(pause)
    await refused(api.quote(line(), pickup_node_id="a"), FAILED, "PICKUP_NOT_OFFERED", node_id="a", why="PAUSED")
    wanted = [line(together="set"), line(quantity=2, together="set", pickup_node_id="a")]
    await api.network.SetNodeState(nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=1))
    await refused(api.source(*wanted), INVALID, "INVALID_FIELD", field="order.lines[1].together")


async def test_a_mixed_basket_is_quoted_sourced_and_held_alike(api: KindsApi) -> None:
    await api.stock("pot", "b", 5)
    lines = [line(quantity=3, pickup_node_id="a"), line("pot", 2), line(quantity=8)]
    sourced = (await api.source(*lines)).plan
    assert told(sourced) == [
        ("a", "PICKUP", "a", [(0, "cup", 3)]),
        ("b", "SHIP_FROM_CENTRE", "", [(1, "pot", 2), (2, "cup", 8)]),
    ]
    assert sourced.proven_optimal
    quoted = await api.quote(*lines)
    assert quoted.options[0].plan == sourced
    made = await api.hold(*lines, request_id="mixed-0001")
    assert made.plan == sourced
    held = sorted((each.node_id, each.sku, each.quantity) for each in made.reservation.lines)
    assert held == [("a", "cup", 3), ("b", "cup", 8), ("b", "pot", 2)]
    again = await api.hold(*lines, request_id="mixed-0001")
    assert again.replayed
    assert (again.plan, again.reservation, again.token) == (made.plan, made.reservation, again.token)
    await refused(
        api.hold(*lines, request_id="mixed-0001", allow_ship_to_store=True),
        grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="allow_ship_to_store",
    )  # fmt: skip
    await api.audited()


async def test_kits_go_several_ways_and_share_what_they_are_made_of(api: KindsApi) -> None:
    await api.stock("pot", "a", 3)
    kit = {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}]}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=kit))
    made = await api.hold(line("set", 1, pickup_node_id="a"), line("set", 2))
    assert told(made.plan) == [("a", "PICKUP", "a", [(0, "set", 1)]), ("a", "SHIP_FROM_STORE", "", [(1, "set", 2)])]
    (kept,) = made.reservation.lines
    assert (kept.sku, kept.quantity) == ("set", 3)
    refusal = await api.hold(line("set", 1, pickup_node_id="a"))
    assert refusal.outcome == rv.RESERVE_OUTCOME_REFUSED
    await api.audited()


async def test_rules_of_a_method_and_capacity_count_for_what_is_collected(api: KindsApi) -> None:
    rule = {"safety_rule_id": "pick", "fulfillment_method": "pickup", "quantity": 8}
    await api.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=api.new_id(), safety_rule=rule))
    wanted = {"pickup_node_id": "a", "to": ""}
    assert told((await api.source(line(quantity=3), **wanted)).plan) != []
    assert told((await api.source(line(quantity=3), fulfillment_method="pickup", **wanted)).plan) == [
        ("a", "PICKUP", "a", [(0, "cup", 2)])
    ]
    refusal = await api.hold(line(quantity=3), fulfillment_method="pickup", **wanted)
    assert (refusal.outcome, refusal.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 2)
    capacity = {"limit_quantity": 1, "unit": 1, "on_full": 1}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="a", capacity=capacity)
    )
    first = await api.hold(line(), line(quantity=2, pickup_node_id="a"), constraints={"excluded_node_ids": ["b"]})
    assert [len(first.plan.shipments), first.reservation.work_days[0].node_id] == [2, "a"], "one order, one day's work"
    second = await api.hold(line(), **wanted)
    assert second.outcome == rv.RESERVE_OUTCOME_REFUSED


# What is to come ----------------------------------------------------------------------------------------------------------


async def test_an_order_waits_for_supply_where_stock_does_not_serve_it(api: KindsApi) -> None:
    await api.expect(days=5, quantity=10)
    lines = [line(quantity=15)]
    short = (await api.source(*lines, constraints={"keep_lines_whole": True})).plan
    assert (len(short.shipments), short.unserved_lines[0].quantity) == (0, 15)
    whole = {"constraints": {"keep_lines_whole": True}, "allow_future_supply": True}
    plan = (await api.source(*lines, **whole)).plan
    assert told(plan) == [("a", "SHIP_FROM_STORE", "", [(0, "cup", 15)])]
    (ship,) = plan.shipments
    assert (ship.supply_date, ship.cost.waiting_micros) == (api.day(5), 5 * 500_000)
    midnight = NOON_MS - NOON_MS % DAY_MS + 5 * DAY_MS
    assert (ship.ship_time.ToMilliseconds(), ship.promise_time.ToMilliseconds()) == (midnight, midnight)
    assert plan.proven_optimal
    assert plan.cost.total_micros == ship.cost.total_micros
    late = {
        **whole,
        "constraints": {"keep_lines_whole": True, "latest_delivery_time": {"seconds": (midnight - 1) // 1000}},
    }
    assert not (await api.source(*lines, **late)).plan.shipments
    in_time = {"keep_lines_whole": True, "latest_delivery_time": {"seconds": midnight // 1000}}
    assert (await api.source(*lines, **{**whole, "constraints": in_time})).plan.shipments


async def test_stock_comes_before_what_is_to_come(api: KindsApi) -> None:
    await api.expect(days=1, quantity=100)
    plan = (await api.source(line(quantity=8), allow_future_supply=True)).plan
    assert [ship.supply_date for ship in plan.shipments] == [""]


async def test_what_waits_is_held_in_stock_and_bound_to_inbound_in_one_call(api: KindsApi) -> None:
    await api.stock("pot", "a", 5)
    await api.expect(days=5, quantity=10)
    await api.count("b", 0)
    wanted = {"allow_future_supply": True, "constraints": {"max_shipments": 1}}
    lines = [line(quantity=14), line("pot", 2)]
    made = await api.hold(*lines, request_id="wait-0001", **wanted)
    assert told(made.plan) == [("a", "SHIP_FROM_STORE", "", [(0, "cup", 14), (1, "pot", 2)])]
    kept = [(each.sku, each.quantity, each.inbound_id, each.expected_date) for each in made.reservation.lines]
    assert kept == [("cup", 10, "", ""), ("cup", 4, "po-1", api.day(5)), ("pot", 2, "", "")]
    assert (await api.get()).open_quantity == 10
    await api.audited()
    again = await api.hold(*lines, request_id="wait-0001", **wanted)
    assert (again.replayed, again.plan, again.reservation) == (True, made.plan, made.reservation)
    await api.receive(10)
    came = await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id="wait-0001"))
    assert {(each.sku, each.quantity, each.inbound_id) for each in came.reservation.lines} >= {("pot", 2, "")}
    assert sum(each.open_quantity for each in came.reservation.lines if each.sku == "cup") == 14
    once_more = await api.hold(*lines, request_id="wait-0001", **wanted)
    assert once_more.replayed
    assert [(each.sku, each.quantity, each.inbound_id) for each in once_more.reservation.lines] == [
        (sku, quantity, inbound) for sku, quantity, inbound, _ in kept
    ]
    await api.audited()


async def test_preorder_limits_and_what_others_are_promised_count(api: KindsApi) -> None:
    await api.count("b", 0)
    await api.expect(days=5, quantity=10)
    limits = {"sku": "cup", "node_id": "a", "preorder_limit_quantity": 3}
    await api.supply.SetOrderLimits(ss.SetOrderLimitsRequest(request_id=api.new_id(), **limits))
    refusal = await api.hold(line(quantity=14), allow_future_supply=True)
    assert refusal.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert refusal.shortfalls[0].available_quantity == 13
    made = await api.hold(line(quantity=14), allow_future_supply=True, allow_partial=True)
    assert (made.outcome, made.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_PARTIALLY_RESERVED, 13)
    assert sum(each.quantity for each in made.reservation.lines) == 13
    await api.audited()


async def test_orders_that_race_for_what_is_to_come_never_get_it_twice(api: KindsApi) -> None:
    await api.count("b", 0)
    await api.expect(days=5, quantity=10)
    answers = await asyncio.gather(*[api.hold(line(quantity=4), allow_future_supply=True) for _ in range(8)])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(rv.RESERVE_OUTCOME_RESERVED) == 5
    assert sum(each.quantity for answer in answers for each in answer.reservation.lines) == 20
    await api.audited()


async def test_an_allowance_serves_what_nothing_is_known_to_bring_and_has_no_date(api: KindsApi) -> None:
    await api.count("b", 0)
    limits = {"sku": "cup", "node_id": "a", "backorder_limit_quantity": 5}
    await api.supply.SetOrderLimits(ss.SetOrderLimitsRequest(request_id=api.new_id(), **limits))
    made = await api.hold(line(quantity=12), allow_backorder=True)
    (ship,) = made.plan.shipments
    assert (ship.supply_date, ship.HasField("ship_time"), ship.HasField("promise_time")) == ("", False, False)
    assert not made.plan.HasField("promise_time")
    states = [(each.quantity, each.state) for each in made.reservation.lines]
    assert states == [(10, rv.LINE_STATE_UNSPECIFIED), (2, rv.LINE_STATE_BACKORDERED)]
    refusal = await api.hold(line(quantity=4), allow_backorder=True)
    assert refusal.outcome == rv.RESERVE_OUTCOME_REFUSED
    await api.audited()


async def test_what_is_collected_may_wait_too(api: KindsApi) -> None:
    await api.expect(days=3, quantity=4)
    wanted = {"pickup_node_id": "a", "to": "", "allow_future_supply": True}
    plan = (await api.source(line(quantity=12), **wanted)).plan
    assert told(plan) == [("a", "PICKUP", "a", [(0, "cup", 12)])]
    assert plan.shipments[0].supply_date == api.day(3)
    sent = await api.source(line(quantity=12), **{**wanted, "allow_ship_to_store": True})
    assert sum(each.quantity for ship in sent.plan.shipments for each in ship.lines) == 12


async def test_an_owner_limit_counts_what_waits(api: KindsApi) -> None:
    await api.count("b", 0)
    await api.expect(days=5, quantity=10)
    rule = {"hold_rule_id": "pix", "ttl_seconds": 600, "owner_units_max": 12}
    await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))
    own = {"owner_id": "ana", "hold_rule_id": "pix", "allow_future_supply": True}
    refusal = await api.hold(line(quantity=13), **own)
    assert (refusal.outcome, refusal.shortfalls[0].reason) == (
        rv.RESERVE_OUTCOME_REFUSED,
        rv.SHORTFALL_REASON_OWNER_LIMIT,
    )
    made = await api.hold(line(quantity=12), **own)
    assert made.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert (await api.hold(line(quantity=1), **own)).outcome == rv.RESERVE_OUTCOME_REFUSED
    await api.audited()


async def test_a_kit_does_not_wait(api: KindsApi) -> None:
    kit = {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}]}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=kit))
    await refused(
        api.source(line(), line("set"), allow_future_supply=True), INVALID, "INVALID_FIELD", field="order.lines[1].sku"
    )


async def test_a_policy_decides_about_what_waits(api: KindsApi) -> None:
    await api.count("b", 0)
    await api.expect(days=5, quantity=10)
    weights = "costs: {weights: [{term: waiting, percent: 300}]}"
    document = f"policy: p\nmode: cost\nrules: [{{name: r, limits: {{arrives_within_days: %d}}, {weights}}}]"
    for days, served in ((3, 0), (6, 1)):
        made = await api.policies.CreatePolicyVersion(
            po.CreatePolicyVersionRequest(request_id=api.new_id(), document=document % days)
        )
        version = made.version.version
        wanted = api.order(line(quantity=15), allow_future_supply=True, policy_id="p", policy_version=version)
        plan = (await api.sourcing.Source(so.SourceRequest(order=wanted))).plan
        assert len(plan.shipments) == served
        if served:
            assert plan.policy.objective_micros == plan.cost.total_micros + 2 * plan.cost.waiting_micros
