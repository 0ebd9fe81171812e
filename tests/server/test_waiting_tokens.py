"""Plan tokens of plans that wait for supply: held if as much still comes in time; else what changed, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from api_kit import refused
from serving import Serving, WallClock
from test_fulfillment_kinds_api import DAY_MS, KindsApi, line
from test_plan_tokens_api import CHANGED, FAILED, HONOURED, INVALID, REPLACED
from test_supply_api import NOON_MS

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as osv
from promessa.v1 import order_service_pb2_grpc as os_grpc
from promessa.v1 import plan_token_pb2 as pt
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1 import supply_service_pb2 as ss

SHORT = pt.PLAN_TOKEN_CHANGE_KIND_SUPPLY_SHORT
WANTED = {"allow_future_supply": True, "constraints": {"keep_lines_whole": True}}
MINUTE_MS = 60_000


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[KindsApi]:
    """Nodes a, where customers collect, and b, with 10 cups each."""
    wall_clock.now_ms = NOON_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = KindsApi(serving, wall_clock)
    await made.shop()
    await made.put_node("a", type=2, pickup_point=True, postal_code="01001000", country_code="BR")
    for sku in ("pot", "plate"):
        await made.network.PutSku(nw.PutSkuRequest(request_id=made.new_id(), sku={"sku": sku, "weight_grams": 900}))
    yield made
    following.cancel()


async def quoted(api: KindsApi, units: int = 15, **more: Any) -> so.QuoteOption:
    """The only way to serve so many cups: a has 10, and what comes in five days."""
    (option,) = (await api.quote(line(quantity=units), **{**WANTED, **more})).options
    assert option.plan_token, "a plan that waits has a token"
    return option


async def redeem(api: KindsApi, token: str, units: int = 15, **more: Any) -> so.SourceAndReserveResponse:
    own = {name: more.pop(name) for name in ("accept_changes", "max_extra_cost_micros", "request_id") if name in more}
    request = {"request_id": api.new_id(), "plan_token": token, **own}
    order = api.order(line(quantity=units), **{**WANTED, **more})
    return await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(order=order, **request))


async def held_nothing(api: KindsApi) -> bool:
    return not (await api.reservation.ListReservations(rs.ListReservationsRequest())).reservations


async def test_a_plan_that_waits_is_held_as_it_was_quoted(api: KindsApi, wall_clock: WallClock) -> None:
    await api.expect(days=5, quantity=10)
    option = await quoted(api)
    wall_clock.now_ms += 9 * MINUTE_MS
    answer = await redeem(api, option.plan_token, request_id="waiting-0001")
    assert answer.plan == option.plan and answer.plan.shipments[0].supply_date == api.day(5)
    result = answer.plan_token_result
    assert (result.outcome, len(result.changes)) == (HONOURED, 0)
    assert result.total_now_micros == result.quoted_total_micros == option.plan.cost.total_micros
    kept = [(each.quantity, each.inbound_id) for each in answer.reservation.lines]
    assert kept == [(10, ""), (5, "po-1")]
    again = await redeem(api, option.plan_token, request_id="waiting-0001")
    assert again.replayed and (again.plan, again.reservation) == (answer.plan, answer.reservation)
    found = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="waiting-0001"))
    assert found.is_identical and found.plan == answer.plan, found.differences
    assert found.quoted.total_at_hold_micros == result.total_now_micros
    await api.audited()


async def test_inbound_that_came_meanwhile_serves_the_quote(api: KindsApi) -> None:
    await api.expect(days=5, quantity=10)
    option = await quoted(api)
    await api.receive(10)
    await api.stock("plate", "b", 1)  # the replica shows it
    answer = await redeem(api, option.plan_token)
    assert answer.plan_token_result.outcome == HONOURED and answer.plan == option.plan
    assert [(each.quantity, each.inbound_id) for each in answer.reservation.lines] == [(15, "")]
    await api.audited()


async def later(api: KindsApi) -> int:
    """It comes after nine days instead of five; units of it in time after that."""
    await api.expect(days=9, quantity=10)
    return 10


async def smaller(api: KindsApi) -> int:
    """Two come instead of ten; another inbound brings the rest after eight days."""
    await api.expect(days=5, quantity=2)
    await api.expect("po-2", days=8, quantity=10)
    return 12


async def promised_to_others(api: KindsApi) -> int:
    """Who was faster has all but three of them; more comes after eight days."""
    await api.expect("po-2", days=8, quantity=20)
    taken = await api.hold(line(quantity=17), allow_future_supply=True, constraints={"excluded_node_ids": ["b"]})
    assert taken.outcome == rv.RESERVE_OUTCOME_RESERVED
    return 3


async def cancelled(api: KindsApi) -> int:
    """It does not come at all; another inbound does after seven days."""
    await api.cancel()
    await api.expect("po-2", days=7, quantity=10)
    return 10


WAYS_OF_CHANGE = (later, smaller, promised_to_others, cancelled)
Change = Callable[[KindsApi], Awaitable[int]]


@pytest.mark.parametrize("change", WAYS_OF_CHANGE)
async def test_supply_that_does_not_come_as_it_was_to_is_told_with_what_it_costs(api: KindsApi, change: Change) -> None:
    await api.expect(days=5, quantity=10)
    option = await quoted(api)
    left = await change(api)
    before = len((await api.reservation.ListReservations(rs.ListReservationsRequest())).reservations)
    answer = await redeem(api, option.plan_token, request_id="waiting-0001")
    assert answer.outcome == rv.RESERVE_OUTCOME_REFUSED and not answer.HasField("reservation")
    result = answer.plan_token_result
    assert result.outcome == CHANGED
    (told,) = result.changes
    assert (told.kind, told.node_id, told.lane_id, told.sku) == (SHORT, "a", "lane-a", "cup")
    assert (told.requested_quantity, told.available_quantity, told.supply_date) == (15, left, api.day(5))
    assert told.reason == rv.SHORTFALL_REASON_INSUFFICIENT_STOCK
    assert len((await api.reservation.ListReservations(rs.ListReservationsRequest())).reservations) == before
    now = (await api.source(line(quantity=15), **WANTED)).plan
    assert now.shipments[0].supply_date > api.day(5) and result.plan == now
    assert result.extra_cost_micros == now.cost.total_micros - option.plan.cost.total_micros > 0
    fresh = await redeem(api, result.plan_token)
    assert fresh.plan_token_result.outcome == HONOURED and fresh.plan == result.plan
    again = await redeem(api, option.plan_token, request_id="waiting-0001")
    assert again.replayed and again.plan_token_result == result
    await api.audited()


async def test_units_that_are_to_come_are_not_taken_for_stock_by_what_is_told(api: KindsApi) -> None:
    await api.expect(days=5, quantity=10)
    await api.stock("cup", "b", 0)
    split = {"constraints": {}}
    option = await quoted(api, **split)
    await api.expect(days=5, quantity=2)
    await api.stock("cup", "b", 3)
    result = (await redeem(api, option.plan_token, **split)).plan_token_result
    assert [(each.kind, each.available_quantity) for each in result.changes] == [(SHORT, 12)]
    assert result.plan == (await api.source(line(quantity=15), **{**WANTED, **split})).plan
    assert {ship.supply_date for ship in result.plan.shipments} == {"", api.day(5)}


async def test_with_accept_changes_the_later_plan_is_held_within_what_it_may_cost(api: KindsApi) -> None:
    await api.expect(days=5, quantity=10)
    option = await quoted(api)
    await later(api)
    more = 4 * 500_000  # four days more of patience
    dear = await redeem(api, option.plan_token, accept_changes=True, max_extra_cost_micros=more - 1)
    assert (dear.plan_token_result.outcome, dear.plan_token_result.extra_cost_micros) == (CHANGED, more)
    assert await held_nothing(api)
    answer = await redeem(
        api, option.plan_token, accept_changes=True, max_extra_cost_micros=more, request_id="waiting-0001"
    )
    assert (answer.plan_token_result.outcome, answer.plan_token_result.extra_cost_micros) == (REPLACED, more)
    assert answer.plan.shipments[0].supply_date == api.day(9)
    found = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="waiting-0001"))
    assert found.is_identical and found.plan == answer.plan
    await api.audited()


async def test_a_backorder_is_held_while_the_allowance_lasts(api: KindsApi) -> None:
    async def allow(units: int) -> None:
        limits = {"sku": "cup", "node_id": "a", "backorder_limit_quantity": units}
        await api.supply.SetOrderLimits(ss.SetOrderLimitsRequest(request_id=api.new_id(), **limits))

    await allow(9)
    backorder = {"allow_future_supply": False, "allow_backorder": True}
    option = await quoted(api, 14, **backorder)
    assert not option.plan.HasField("promise_time")
    answer = await redeem(api, option.plan_token, 14, **backorder)
    assert answer.plan_token_result.outcome == HONOURED and answer.plan == option.plan
    assert not answer.plan_token_result.HasField("quoted_promise_time")
    option = await quoted(api, 4, constraints={"excluded_node_ids": ["b"], "keep_lines_whole": True}, **backorder)
    await allow(7)
    more = {"constraints": {"excluded_node_ids": ["b"], "keep_lines_whole": True}, **backorder}
    (told,) = (await redeem(api, option.plan_token, 4, **more)).plan_token_result.changes
    assert (told.kind, told.requested_quantity, told.available_quantity, told.supply_date) == (SHORT, 4, 3, "")
    await api.audited()


async def test_what_is_collected_and_mixed_baskets_wait_by_token(api: KindsApi) -> None:
    await api.expect(days=3, quantity=9)
    await api.stock("pot", "b", 4)
    lines = [line(quantity=12, pickup_node_id="a"), line("pot", 2)]
    (option, *_) = (await api.quote(*lines, allow_future_supply=True)).options
    assert sorted(ship.supply_date for ship in option.plan.shipments) == ["", api.day(3)]
    await api.stock("pot", "b", 1)
    order = api.order(*lines, allow_future_supply=True)
    request = so.SourceAndReserveRequest(request_id=api.new_id(), order=order, plan_token=option.plan_token)
    (told,) = (await api.sourcing.SourceAndReserve(request)).plan_token_result.changes
    assert (told.kind, told.sku, told.available_quantity) == (pt.PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT, "pot", 1)
    await api.stock("pot", "b", 4)
    request.request_id = "waiting-0002"
    answer = await api.sourcing.SourceAndReserve(request)
    assert answer.plan_token_result.outcome == HONOURED and answer.plan == option.plan
    found = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="waiting-0002"))
    assert found.is_identical and found.plan == answer.plan
    await api.audited()


async def test_a_node_that_takes_no_orders_or_is_gone_is_told_as_ever(api: KindsApi) -> None:
    await api.expect(days=5, quantity=10)
    option = await quoted(api)
    pause = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=2)
    await api.network.SetNodeState(pause)
    (told,) = (await redeem(api, option.plan_token)).plan_token_result.changes
    assert (told.kind, told.reason) == (pt.PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT, rv.SHORTFALL_REASON_NODE_PAUSED)
    await api.network.SetNodeState(nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=1))
    await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id="lane-a"))
    (told,) = (await redeem(api, option.plan_token)).plan_token_result.changes
    assert told.kind == pt.PLAN_TOKEN_CHANGE_KIND_LANE_GONE
    await api.cancel()
    await api.stock("cup", "a", 0)
    await api.network.DeleteNode(nw.DeleteNodeRequest(request_id=api.new_id(), node_id="a"))
    (told,) = (await redeem(api, option.plan_token)).plan_token_result.changes
    assert told.kind == pt.PLAN_TOKEN_CHANGE_KIND_NODE_GONE
    assert await held_nothing(api)


async def test_tokens_that_do_not_count_are_refused_and_bind_nothing(api: KindsApi, wall_clock: WallClock) -> None:
    await api.expect(days=5, quantity=10)
    token = (await quoted(api)).plan_token
    for at in (0, 60, len(token) // 2, len(token) - 1):
        altered = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        await refused(redeem(api, altered), INVALID, "PLAN_TOKEN_INVALID")
    await refused(
        redeem(api, token, allow_backorder=True), INVALID, "PLAN_TOKEN_MISMATCH", field="order.allow_backorder"
    )
    await refused(redeem(api, token, 14), INVALID, "PLAN_TOKEN_MISMATCH", field="order.lines")
    wall_clock.now_ms += 15 * MINUTE_MS
    await refused(redeem(api, token), FAILED, "PLAN_TOKEN_EXPIRED")
    assert await held_nothing(api) and (await api.get()).open_quantity == 10


async def test_a_supply_day_that_passed_before_the_token_did_is_no_promise(
    api: KindsApi,
    wall_clock: WallClock,
) -> None:
    """It was quoted for today, a moment before midnight; the inbound is overdue by now."""
    wall_clock.now_ms += DAY_MS - wall_clock.now_ms % DAY_MS - MINUTE_MS
    await api.expect(days=0, quantity=10)
    option, day = await quoted(api), api.day()
    wall_clock.now_ms += 2 * MINUTE_MS
    (told,) = (await redeem(api, option.plan_token)).plan_token_result.changes
    assert (told.kind, told.available_quantity, told.supply_date) == (SHORT, 10, day)


async def test_an_order_is_placed_by_the_token_of_a_plan_that_waits(api: KindsApi, serving: Serving) -> None:
    await api.expect(days=5, quantity=10)
    option, orders = await quoted(api), os_grpc.OrderServiceStub(serving.channel)
    new = {"order_id": "o-1", "sourcing": api.order(line(quantity=15), **WANTED), "plan_token": option.plan_token}
    await api.expect(days=6, quantity=10)
    changed = await orders.PlaceOrder(osv.PlaceOrderRequest(request_id=api.new_id(), order=new))
    assert changed.outcome == osv.PLACE_ORDER_OUTCOME_PLAN_CHANGED
    assert [each.kind for each in changed.plan_token_result.changes] == [SHORT]
    new["plan_token"] = changed.plan_token_result.plan_token
    placed = await orders.PlaceOrder(osv.PlaceOrderRequest(request_id=api.new_id(), order=new))
    assert (placed.outcome, placed.plan_token_result.outcome) == (osv.PLACE_ORDER_OUTCOME_PLACED, HONOURED)
    assert placed.order.shipments[0].node_id == "a"
    await api.audited()
