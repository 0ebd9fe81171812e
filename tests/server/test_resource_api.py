"""Resource over a real channel: what a node refused goes to others in one step, the rest stays, and the node is left alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving, WallClock
from test_plan_tokens_api import NINE_MS, TokenApi, nodes_of, order

from promessa.service import resourcing
from promessa.store.store import Store
from promessa.v1 import constraint_pb2 as cn
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import plan_token_pb2 as pt
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import resourcing_pb2 as rc
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so

FAILED, MISSING = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND
RESOURCED, IN_PART, NOT_RESOURCED = rc.ResourceOutcome.values()[1:]
HOUR_MS = 3600 * 1000
NOT_FOUND, NO_CAPACITY = rc.REFUSAL_REASON_NOT_FOUND, rc.REFUSAL_REASON_NO_CAPACITY


class ResourceApi(TokenApi):
    async def source(self, wanted: dict[str, Any], request_id: str, **more: Any) -> so.SourceAndReserveResponse:
        request = so.SourceAndReserveRequest(request_id=request_id, order=wanted, **more)
        return await self.sourcing.SourceAndReserve(request)

    async def refuse(self, reservation_id: str, node_id: str, request_id: str = "", **more: Any) -> so.ResourceResponse:
        more.setdefault("reason", NOT_FOUND)
        request_id = request_id or f"refusal-{self.new_id()}"
        request = so.ResourceRequest(request_id=request_id, reservation_id=reservation_id, node_id=node_id, **more)
        return await self.sourcing.Resource(request)

    async def lines(self, reservation_id: str) -> dict[tuple[str, str], int]:
        found = await self.reservation.GetReservation(rs.GetReservationRequest(reservation_id=reservation_id))
        return {(line.sku, line.node_id): line.open_quantity for line in found.reservation.lines if line.open_quantity}

    async def explain(self, decision_id: str) -> so.ExplainDecisionResponse:
        return await self.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id=decision_id))

    async def planned(self, wanted: dict[str, Any]) -> list[str]:
        return nodes_of((await self.sourcing.Source(so.SourceRequest(order=wanted))).plan)


def both(cups: int = 2, pots: int = 1, **more: Any) -> dict[str, Any]:
    lines = [{"sku": "cup", "quantity": cups}, {"sku": "pot", "quantity": pots}]
    return {"lines": lines, "destination": {"postal_code": "01310100"}, **more}


def open_lines(reservation: Any) -> dict[tuple[str, str], int]:
    return {(line.sku, line.node_id): line.open_quantity for line in reservation.lines if line.open_quantity}


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[ResourceApi]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = ResourceApi(serving.channel)
    await made.chain()
    await made.stock("pot", "far", 3)
    await made.stock("pot", "mid", 3)
    yield made
    await made.audited()
    following.cancel()


@pytest.fixture
def other(api: ResourceApi, other_channel: grpc.aio.Channel) -> ResourceApi:
    """Another worker of the same data set."""
    return api.at(other_channel)


async def test_the_refused_units_go_elsewhere_and_the_rest_of_the_order_stays(api: ResourceApi) -> None:
    first = await api.source(both(constraints={"excluded_node_ids": ["mid"]}), "order-0001")
    assert open_lines(first.reservation) == {("cup", "far"): 2, ("pot", "far"): 1}
    answer = await api.refuse("order-0001", "far", lines=[{"sku": "cup", "quantity": 2}])
    assert (answer.outcome, nodes_of(answer.plan), answer.attempt_count) == (RESOURCED, ["near"], 1)
    assert [(line.line, line.sku, line.quantity) for line in answer.plan.shipments[0].lines] == [(0, "cup", 2)]
    assert open_lines(answer.reservation) == {("cup", "near"): 2, ("pot", "far"): 1}
    assert answer.reservation.state == rv.RESERVATION_STATE_HELD
    assert answer.reservation.expire_time == first.reservation.expire_time
    assert (answer.previous_decision_id, answer.shortfalls[:]) == ("order-0001", [])
    (cooling,) = answer.coolings
    assert (cooling.sku, cooling.reason) == ("cup", NOT_FOUND)
    assert cooling.until_time.ToMilliseconds() - cooling.since_time.ToMilliseconds() == HOUR_MS


async def test_a_confirmed_reservation_stays_confirmed(api: ResourceApi) -> None:
    await api.source(order(2), "order-0001")
    await api.reservation.Confirm(rs.ConfirmRequest(request_id="confirm-0001", reservation_id="order-0001"))
    answer = await api.refuse("order-0001", "near")
    assert answer.reservation.state == rv.RESERVATION_STATE_CONFIRMED
    assert open_lines(answer.reservation) == {("cup", "mid"): 2}
    await api.reservation.Fulfill(rs.FulfillRequest(request_id="fulfil-0001", reservation_id="order-0001"))
    assert await api.lines("order-0001") == {}


async def test_a_part_of_a_line_can_be_refused(api: ResourceApi) -> None:
    await api.source(order(4), "order-0001")
    answer = await api.refuse(
        "order-0001", "near", lines=[{"sku": "cup", "quantity": 1}, {"sku": "cup", "quantity": 2}]
    )
    assert open_lines(answer.reservation) == {("cup", "near"): 1, ("cup", "mid"): 3}


async def test_the_next_refusal_follows_the_one_before(api: ResourceApi) -> None:
    first = await api.source(order(2), "order-0001")
    one = await api.refuse("order-0001", "near", "refusal-0001")
    two = await api.refuse("order-0001", "mid", "refusal-0002")
    assert (one.previous_decision_id, two.previous_decision_id) == ("order-0001", "refusal-0001")
    assert open_lines(two.reservation) == {("cup", "far"): 2}
    found = await api.explain("order-0001")
    assert found.is_identical and found.plan == first.plan
    assert found.later_decision_ids == ["refusal-0001", "refusal-0002"] and not found.previous_decision_id
    found = await api.explain("refusal-0002")
    assert found.is_identical and found.previous_decision_id == "refusal-0001"
    assert found.order.constraints.excluded_node_ids == ["mid"]
    assert found.order.traits.refused_by_node_ids == ["near", "mid"]
    fates = {each.node_id: each for each in found.candidates}
    assert fates["near"].removed_by.kind == cn.CONSTRAINT_KIND_NODE_COOLING
    assert (fates["near"].removed_by.field, fates["near"].removed_by.text) == ("not_found", "2026-11-24T13:00Z")
    assert fates["far"].reason == sp.CANDIDATE_REASON_CHOSEN
    again = await api.source(order(2), "order-0001")
    assert again.replayed and again.plan == first.plan, "the first answer is the first plan"


async def test_a_node_is_left_alone_for_what_it_refused_until_its_time_is_over(
    api: ResourceApi, wall_clock: WallClock
) -> None:
    await api.stock("pot", "near", 3)
    await api.source(order(1), "order-0001")
    await api.refuse("order-0001", "near")
    assert await api.planned(order(1)) == ["mid"]
    pots = {"lines": [{"sku": "pot", "quantity": 1}], "destination": {"postal_code": "01310100"}}
    assert await api.planned(pots) == ["near"], "it refused cups"
    told = await api.sourcing.Source(so.SourceRequest(order=order(1), explain=True))
    fate = {each.node_id: each for each in told.candidates}["near"]
    assert (fate.reason, fate.removed_by.kind) == (
        sp.CANDIDATE_REASON_NOT_ELIGIBLE, cn.CONSTRAINT_KIND_NODE_COOLING,
    )  # fmt: skip
    node = await api.network.GetNode(nw.GetNodeRequest(node_id="near"))
    assert [(each.sku, each.decision_id[:8]) for each in node.coolings] == [("cup", "refusal-")]
    wall_clock.now_ms += HOUR_MS - 1
    assert await api.planned(order(1)) == ["mid"]
    wall_clock.now_ms += 1
    assert await api.planned(order(1)) == ["near"]
    assert not (await api.network.GetNode(nw.GetNodeRequest(node_id="near"))).coolings


async def test_a_node_without_capacity_is_left_alone_for_every_sku_and_as_long_as_is_said(
    api: ResourceApi, wall_clock: WallClock
) -> None:
    await api.stock("pot", "near", 3)
    await api.source(order(1), "order-0001")
    answer = await api.refuse("order-0001", "near", reason=NO_CAPACITY, cooldown={"seconds": 60})
    assert [each.sku for each in answer.coolings] == [""]
    pots = {"lines": [{"sku": "pot", "quantity": 1}], "destination": {"postal_code": "01310100"}}
    assert await api.planned(pots) == ["mid"]
    wall_clock.now_ms += 60_000
    assert await api.planned(pots) == ["near"]
    await api.source(order(1), "order-0002")
    none = await api.refuse("order-0002", "near", cooldown={"seconds": 0})
    assert not none.coolings and await api.planned(order(1)) == ["near"]


async def test_another_worker_leaves_the_node_alone_too(api: ResourceApi, other: ResourceApi) -> None:
    await api.source(order(1), "order-0001")
    await api.refuse("order-0001", "near")
    quoted = (await other.quote(order(1))).options
    while "near" in {node for option in quoted for node in nodes_of(option.plan)}:
        await asyncio.sleep(0)
        quoted = (await other.quote(order(1))).options
    assert nodes_of(quoted[0].plan) == ["mid"]


async def test_a_plan_token_is_not_honoured_by_a_node_that_refused_meanwhile(api: ResourceApi) -> None:
    token = (await api.quote(order(1))).options[0].plan_token
    await api.source(order(1), "order-0001")
    await api.refuse("order-0001", "near")
    result = (await api.redeem(order(1), token)).plan_token_result
    assert [each.kind for each in result.changes] == [pt.PLAN_TOKEN_CHANGE_KIND_NODE_COOLING]
    assert nodes_of(result.plan) == ["mid"]


async def test_what_was_held_by_a_token_can_be_resourced(api: ResourceApi) -> None:
    token = (await api.quote(order(2))).options[0].plan_token
    await api.redeem(order(2), token, "order-0001")
    answer = await api.refuse("order-0001", "near", "refusal-0001")
    assert (answer.outcome, open_lines(answer.reservation)) == (RESOURCED, {("cup", "mid"): 2})
    assert (await api.explain("refusal-0001")).is_identical


async def nobody_else(api: ResourceApi, units: int = 1) -> None:
    """near has five cups, mid `units`."""
    await api.stock("cup", "far", 0)
    await api.stock("cup", "mid", units)


async def test_what_nobody_else_serves_stays_where_it_was(api: ResourceApi) -> None:
    await nobody_else(api)
    await api.source(order(3), "order-0001")
    answer = await api.refuse("order-0001", "near", "refusal-0001")
    assert answer.outcome == NOT_RESOURCED and not answer.HasField("plan")
    assert open_lines(answer.reservation) == {("cup", "near"): 3}
    (short,) = answer.shortfalls
    assert (short.sku, short.requested_quantity, short.available_quantity, short.reason) == (
        "cup", 3, 1, rv.SHORTFALL_REASON_NOT_SERVED,
    )  # fmt: skip
    assert [each.sku for each in answer.coolings] == ["cup"], "it refused all the same"
    found = await api.explain("refusal-0001")
    assert found.is_identical and found.outcome == rv.RESERVE_OUTCOME_REFUSED


async def test_what_nobody_else_serves_is_released_if_that_is_asked_for(api: ResourceApi) -> None:
    await nobody_else(api)
    await api.source(order(3), "order-0001")
    answer = await api.refuse("order-0001", "near", release_unserved=True)
    assert answer.outcome == NOT_RESOURCED and open_lines(answer.reservation) == {}
    assert answer.reservation.state == rv.RESERVATION_STATE_RELEASED


@pytest.mark.parametrize(("release", "stays"), [(False, {("cup", "near"): 2}), (True, {})])
async def test_a_part_goes_elsewhere_if_a_part_may(api: ResourceApi, release: bool, stays: dict[Any, int]) -> None:
    await nobody_else(api)
    await api.source(order(3), "order-0001")
    answer = await api.refuse("order-0001", "near", "refusal-0001", allow_partial=True, release_unserved=release)
    assert answer.outcome == IN_PART and nodes_of(answer.plan) == ["mid"]
    assert open_lines(answer.reservation) == {("cup", "mid"): 1, **stays}
    assert answer.shortfalls[0].available_quantity == 1
    assert (await api.explain("refusal-0001")).is_identical
    if stays:
        again = await api.refuse("order-0001", "near", lines=[{"sku": "cup", "quantity": 2}], release_unserved=True)
        assert open_lines(again.reservation) == {("cup", "mid"): 1}


async def test_lines_that_leave_together_are_refused_together(api: ResourceApi) -> None:
    await api.stock("pot", "near", 3)
    wanted = both(2, 1)
    for line in wanted["lines"]:
        line["together"] = "set"
    await api.source(wanted, "order-0001")
    assert await api.lines("order-0001") == {("cup", "near"): 2, ("pot", "near"): 1}
    answer = await api.refuse("order-0001", "near", lines=[{"sku": "pot", "quantity": 1}])
    assert open_lines(answer.reservation) == {("cup", "mid"): 2, ("pot", "mid"): 1}


async def test_a_repeated_refusal_gets_the_first_answer(api: ResourceApi, other: ResourceApi) -> None:
    await api.source(order(2), "order-0001")
    first = await api.refuse("order-0001", "near", "refusal-0001")
    for node_id in ("mid", "far"):
        await api.stock("cup", node_id, 0)
    await api.refuse("order-0001", "mid", "refusal-0002", release_unserved=True)
    again = await api.refuse("order-0001", "near", "refusal-0001")
    first.replayed = True
    assert again == first
    assert await other.refuse("order-0001", "near", "refusal-0001") == first
    for changed, field in (({"node_id": "mid"}, "node_id"), ({"release_unserved": True}, "release_unserved")):
        values = {"node_id": "near", **changed}
        await refused(
            api.refuse("order-0001", request_id="refusal-0001", **values),
            grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field=field,
        )  # fmt: skip


async def test_a_retry_that_is_overtaken_by_its_first_call_gets_the_first_answer(
    api: ResourceApi, other: ResourceApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It found no answer yet, and then nothing at the node any more."""
    await api.source(order(2), "order-0001")
    first: list[Any] = []
    get_reservation = Store.get_reservation

    async def overtaken(self: Store, reservation_id: str) -> Any:
        if not first:
            first.append(None)
            first[0] = await other.refuse("order-0001", "near", "refusal-0001")
        return await get_reservation(self, reservation_id)

    monkeypatch.setattr(Store, "get_reservation", overtaken)
    again = await api.refuse("order-0001", "near", "refusal-0001")
    first[0].replayed = True
    assert again == first[0] and again.outcome == RESOURCED


async def test_a_node_refuses_all_that_came_to_it_by_several_decisions(api: ResourceApi) -> None:
    wanted = order(4, constraints={"excluded_node_ids": ["far"]})
    for node_id, units in (("near", 3), ("mid", 1)):
        await api.stock("cup", node_id, units)
    await api.source(wanted, "order-0001")
    assert await api.lines("order-0001") == {("cup", "near"): 3, ("cup", "mid"): 1}
    for node_id in ("near", "mid"):
        await api.stock("cup", node_id, 5)
    await api.refuse("order-0001", "near")
    assert await api.lines("order-0001") == {("cup", "mid"): 4}
    answer = await api.refuse("order-0001", "mid", release_unserved=True)
    assert (answer.outcome, answer.shortfalls[0].requested_quantity) == (NOT_RESOURCED, 4)
    assert await api.lines("order-0001") == {}


async def test_a_reservation_is_refused_so_often_and_no_more(api: ResourceApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resourcing, "REFUSALS_MAX", 2)
    await api.source(order(4), "order-0001")
    lines = [{"sku": "cup", "quantity": 1}]
    for i in range(2):
        await api.refuse("order-0001", "near", f"refusal-{i:04}", lines=lines)
    await refused(
        api.refuse("order-0001", "near", lines=lines), FAILED, "REFUSAL_LIMIT", reservation_id="order-0001", limit="2"
    )
    assert (await api.refuse("order-0001", "near", "refusal-0001", lines=lines)).replayed


async def test_what_cannot_be_resourced_says_why_and_changes_nothing(api: ResourceApi) -> None:
    await api.source(order(2), "order-0001")
    await refused(api.refuse("nobody-knows", "near"), MISSING, "RESERVATION_NOT_FOUND", reservation_id="nobody-knows")
    await refused(api.refuse("order-0001", "none"), MISSING, "NODE_NOT_FOUND", node_id="none")
    await refused(api.refuse("order-0001", "far"), FAILED, "NOTHING_AT_NODE", node_id="far")
    await refused(
        api.refuse("order-0001", "near", lines=[{"sku": "cup", "quantity": 3}]),
        FAILED, "QUANTITY_EXCEEDS_RESERVATION", sku="cup", node_id="near", open_quantity="2",
    )  # fmt: skip
    line = {"sku": "cup", "node_id": "near", "quantity": 1}
    await api.reservation.Reserve(rs.ReserveRequest(request_id="by-hand-1", lines=[line]))
    await refused(api.refuse("by-hand-1", "near"), FAILED, "DECISION_NOT_REPLAYABLE", missing="record")
    await refused(
        api.refuse("order-0001", "near", reason=0), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="reason"
    )
    await refused(api.explain("request-000001"), MISSING, "DECISION_NOT_FOUND")
    await api.reservation.Release(rs.ReleaseRequest(request_id="release-1", reservation_id="order-0001"))
    await refused(api.refuse("order-0001", "near"), FAILED, "WRONG_STATE", state="RELEASED")
    assert await api.planned(order(1)) == ["near"]


async def test_of_many_refusals_at_once_each_unit_moves_once(api: ResourceApi) -> None:
    await api.source(order(4), "order-0001")
    lines = [{"sku": "cup", "quantity": 1}]
    asked = [api.refuse("order-0001", "near", f"refusal-{i:04}", lines=lines) for i in range(12)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    done = [each for each in answers if not isinstance(each, BaseException)]
    assert len(done) == 4 and all(each.outcome == RESOURCED for each in done)
    assert await api.lines("order-0001") == {("cup", "mid"): 4}
    chain = (await api.explain("order-0001")).later_decision_ids
    assert len(set(chain)) == 4


async def test_many_orders_refused_at_once_share_what_others_have(api: ResourceApi) -> None:
    await nobody_else(api, units=3)
    for i in range(5):
        await api.source(order(1), f"order-{i:04}")
    answers = await asyncio.gather(*[api.refuse(f"order-{i:04}", "near") for i in range(5)])
    assert Counter(answer.outcome for answer in answers) == {RESOURCED: 3, NOT_RESOURCED: 2}
    where = Counter([next(iter((await api.lines(f"order-{i:04}")).items())) for i in range(5)])
    assert where == {(("cup", "mid"), 1): 3, (("cup", "near"), 1): 2}


async def test_stock_lost_meanwhile_is_decided_again(api: ResourceApi, serving: Serving) -> None:
    await api.source(order(2), "order-0001")
    serving.stop_following()
    api.stands_still = True
    await Api.count(api, "mid", 0)
    answer = await api.refuse("order-0001", "near", "refusal-0001")
    assert (answer.outcome, answer.attempt_count, nodes_of(answer.plan)) == (RESOURCED, 2, ["far"])
    assert (await api.explain("refusal-0001")).is_identical


async def test_a_kit_is_refused_and_moved_as_one(api: ResourceApi) -> None:
    kit = {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}]}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=kit))
    await api.stock("pot", "near", 3)
    wanted = {"lines": [{"sku": "set", "quantity": 2}], "destination": {"postal_code": "01310100"}}
    await api.source(wanted, "order-0001")
    assert await api.lines("order-0001") == {("set", "near"): 2}
    answer = await api.refuse("order-0001", "near", "refusal-0001", lines=[{"sku": "set", "quantity": 1}])
    assert open_lines(answer.reservation) == {("set", "near"): 1, ("set", "mid"): 1}
    assert (await api.explain("refusal-0001")).is_identical
    assert await api.planned(wanted) == ["far"], "near is left alone for sets"


async def test_what_is_collected_and_refused_is_sent_there_by_others(api: ResourceApi) -> None:
    node = {"node_id": "p1", "country_code": "BR", "postal_code": "01310200", "pickup_point": True}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    await api.stock("cup", "p1", 2)
    await api.source(order(2, pickup_node_id="p1", allow_ship_to_store=True), "order-0001")
    assert await api.lines("order-0001") == {("cup", "p1"): 2}
    answer = await api.refuse("order-0001", "p1")
    (shipment,) = answer.plan.shipments
    assert (shipment.node_id, shipment.pickup_node_id) == ("near", "p1")
    assert open_lines(answer.reservation) == {("cup", "near"): 2}
    await api.source(order(1, pickup_node_id="p1"), "order-0002", allow_partial=True)
    assert await api.planned(order(1, pickup_node_id="p1")) == [], "p1 is left alone"


async def test_units_of_a_channel_come_from_its_pools_elsewhere_too(api: ResourceApi) -> None:
    pool = {
        "sku": "cup", "node_id": "mid", "channel": "web", "strategy": "ALLOCATION_STRATEGY_OWN_FIRST", "quantity": 4,
    }  # fmt: skip
    await api.inventory.SetAllocationPool(iv.SetAllocationPoolRequest(request_id=api.new_id(), allocation_pool=pool))
    await api.source(order(2, channel="web"), "order-0001")
    await api.source(order(2), "order-0002")
    answer = await api.refuse("order-0001", "near", cooldown={"seconds": 0})
    assert open_lines(answer.reservation) == {("cup", "mid"): 2}
    assert [(each.node_id, each.channel, each.quantity) for each in answer.reservation.drawn] == [("mid", "web", 2)]
    answer = await api.refuse("order-0002", "near", cooldown={"seconds": 0})
    assert open_lines(answer.reservation) == {("cup", "far"): 2}, "mid keeps all but one of its cups for the web"


async def test_a_node_whose_day_is_full_takes_nothing_on(api: ResourceApi) -> None:
    capacity = {"limit_quantity": 1, "unit": "CAPACITY_UNIT_ORDERS", "on_full": "CAPACITY_ON_FULL_PAUSE"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="mid", capacity=capacity)
    )
    await api.source(order(1), "order-0001")
    await api.source(order(1), "order-0002")
    first = await api.refuse("order-0001", "near", cooldown={"seconds": 0})
    second = await api.refuse("order-0002", "near", cooldown={"seconds": 0})
    assert [nodes_of(each.plan) for each in (first, second)] == [["mid"], ["far"]]


async def test_nobody_is_told_to_bring_stock_to_a_node_that_is_left_alone(api: ResourceApi) -> None:
    await nobody_else(api)
    await api.stock("cup", "near", 1)
    await api.source(order(1), "order-0001")
    await api.refuse("order-0001", "near")
    asked = so.SourceRequest(order=order(2), parts={"relaxations": True})
    told = (await api.sourcing.Source(asked)).explanation.relaxations
    assert {missing.node_id for each in told for missing in each.missing} <= {"mid", "far"} and told


async def test_a_node_that_would_be_too_late_for_want_of_room_takes_nothing_on(api: ResourceApi) -> None:
    capacity = {"limit_quantity": 1, "unit": "CAPACITY_UNIT_ORDERS", "on_full": "CAPACITY_ON_FULL_NEXT_DAY"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="mid", capacity=capacity)
    )
    latest = {"latest_delivery_time": {"seconds": (NINE_MS + 4 * 24 * HOUR_MS + 4 * HOUR_MS) // 1000}}
    for i, said in enumerate((latest, latest, {}, {})):
        await api.source(order(1, constraints=said), f"order-{i:04}")
    answers = [await api.refuse(f"order-{i:04}", "near", cooldown={"seconds": 0}) for i in (0, 2, 1, 3)]
    assert [nodes_of(each.plan) for each in answers] == [["mid"], ["mid"], ["far"], ["mid"]]
    slips = [[(day.node_id, day.slip_days) for day in each.reservation.work_days] for each in answers]
    assert slips == [[("mid", 0)], [("mid", 1)], [], [("mid", 2)]]
    late = answers[1].plan.promise_time.seconds - answers[0].plan.promise_time.seconds
    assert late == 24 * HOUR_MS // 1000
