"""Plan tokens over a real channel: what was quoted is held as it was quoted, by any server, or what changed is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Self

import grpc
import pytest
from api_kit import Api, refused, token_read
from serving import Serving, WallClock

from promessa.domain.limits import PICKUP_CANDIDATES_MAX
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import plan_token_pb2 as pt
from promessa.v1 import policy_service_pb2 as po
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import sourcing_service_pb2 as so

INVALID, FAILED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
NINE_MS = 1_795_521_600_000  # 2026-11-24 09:00 in São Paulo, a Tuesday
MINUTE_MS, DAY_MS = 60_000, 24 * 3600 * 1000
REAL = 1_000_000
HONOURED, REPLACED, CHANGED = pt.PlanTokenOutcome.values()[1:]


class TokenApi(Api):
    """A chain of three: near is cheap and slow, with a cut-off at noon; far is dear and fast; mid is between."""

    def at(self, channel: grpc.aio.Channel) -> Self:
        """The same calls of another worker, with ids of their own."""
        found = type(self)(channel)
        found.new_id = lambda: f"other-{self.new_id()}"  # type: ignore[method-assign]
        return found

    async def chain(self) -> None:
        put = self.network
        for node_id, prices, days in (("near", 10, 4), ("mid", 14, 3), ("far", 30, 1)):
            node = {"node_id": node_id, "shipment_cost_micros": REAL, "country_code": "BR", "postal_code": "01310100"}
            if node_id == "near":
                node |= {"time_zone": "America/Sao_Paulo", "cutoff_minute": 12 * 60}
            await put.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))
            await self.card(node_id, prices)
            await self.lane(node_id, days)
        for sku, grams in (("cup", 400), ("pot", 1_500)):
            await put.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, "weight_grams": grams}))
        for node_id, units in (("mid", 5), ("far", 5), ("near", 5)):
            await self.stock("cup", node_id, units)

    async def card(self, node_id: str, reais: int, grams: int = 9_000) -> None:
        brackets = [{"max_weight_grams": grams, "price_micros": reais * REAL}]
        card = {"rate_card_id": f"card-{node_id}", "currency_code": "BRL", "brackets": brackets}
        await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))

    async def lane(self, node_id: str, days: int) -> None:
        lane = {
            "lane_id": f"lane-{node_id}", "node_id": node_id, "country_code": "BR", "postal_code_prefixes": ["0"],
            "carrier_service": "road", "rate_card_id": f"card-{node_id}", "transit_days": days,
        }  # fmt: skip
        await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))

    async def stock(self, sku: str, node_id: str, units: int) -> None:
        """Count a cell, and wait until the replica shows it."""
        counted = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        answer = await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=counted))
        await self.availability.GetAvailability(token_read(answer.token))

    async def pause(self, node_id: str) -> None:
        state = nw.SetNodeStateRequest(request_id=self.new_id(), node_id=node_id, state=np.NODE_STATE_PAUSED)
        await self.network.SetNodeState(state)

    async def quote(self, wanted: dict[str, Any], **more: Any) -> so.QuoteResponse:
        return await self.sourcing.Quote(so.QuoteRequest(order=wanted, **more))

    async def redeem(
        self, wanted: dict[str, Any], token: str, request_id: str = "", **more: Any
    ) -> so.SourceAndReserveResponse:
        request = so.SourceAndReserveRequest(
            request_id=request_id or self.new_id(), order=wanted, plan_token=token, **more
        )
        return await self.sourcing.SourceAndReserve(request)

    stands_still = False
    """Whether the test has stopped the replica, which the audit would say."""

    async def audited(self) -> None:
        found = await self.inventory.CheckInvariants(iv.CheckInvariantsRequest())
        wrong = [each for each in found.violations if not (self.stands_still and each.invariant == "REPLICA")]
        assert not wrong, wrong


def order(units: int = 1, **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "cup", "quantity": units}], "destination": {"postal_code": "01310100"}, **more}


def nodes_of(plan: Any) -> list[str]:
    return [shipment.node_id for shipment in plan.shipments]


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[TokenApi]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = TokenApi(serving.channel)
    await made.chain()
    yield made
    await made.audited()
    following.cancel()


@pytest.fixture
def other(api: TokenApi, other_channel: grpc.aio.Channel) -> TokenApi:
    """Another worker of the same data set; it knows what `api` has put."""
    return api.at(other_channel)


async def test_every_option_can_be_held_as_it_was_quoted_by_another_worker(api: TokenApi, other: TokenApi) -> None:
    options = (await api.quote(order())).options
    assert [nodes_of(option.plan) for option in options] == [["near"], ["far"]]
    for option in options:
        assert option.plan_token_expire_time.ToMilliseconds() == NINE_MS + 15 * MINUTE_MS
        answer = await other.redeem(order(order_id="o-7"), option.plan_token)
        assert answer.outcome == rv.RESERVE_OUTCOME_RESERVED and answer.plan == option.plan
        assert (answer.attempt_count, answer.reservation.order_id) == (0, "o-7")
        result = answer.plan_token_result
        assert (result.outcome, len(result.changes), result.extra_cost_micros) == (HONOURED, 0, 0)
        assert result.total_now_micros == result.quoted_total_micros == option.plan.cost.total_micros
        assert not result.HasField("plan") and not result.plan_token


async def test_a_quoted_price_is_kept_and_the_price_of_now_is_told(api: TokenApi) -> None:
    (cheapest, _) = (await api.quote(order(2))).options
    await api.card("near", 99)
    await api.stock("cup", "near", 2)
    answer = await api.redeem(order(2), cheapest.plan_token)
    assert answer.plan == cheapest.plan and answer.plan.cost.total_micros == 11 * REAL
    assert answer.plan_token_result.outcome == HONOURED
    assert answer.plan_token_result.total_now_micros == 100 * REAL


async def test_a_plan_that_the_decision_would_not_choose_any_more_is_held_all_the_same(api: TokenApi) -> None:
    cheapest = (await api.quote(order())).options[0]
    await api.card("far", 1)
    rules = [{"name": "no near", "filters": [{"where": "POLICY_FACT_NODE", "none_of": ["near"]}]}]
    made = await api.policies.CreatePolicyVersion(
        po.CreatePolicyVersionRequest(
            request_id=api.new_id(), policy={"policy_id": "p", "mode": "POLICY_MODE_COST", "rules": rules}
        )
    )
    await api.policies.ActivatePolicyVersion(
        po.ActivatePolicyVersionRequest(request_id=api.new_id(), policy_id="p", version=made.version.version)
    )
    assert nodes_of((await api.quote(order())).options[0].plan) == ["far"]
    answer = await api.redeem(order(), cheapest.plan_token)
    assert (answer.plan_token_result.outcome, nodes_of(answer.plan)) == (HONOURED, ["near"])


async def test_a_plan_by_a_policy_says_so_when_it_is_held(api: TokenApi) -> None:
    rules = [{"name": "halves", "costs": {"weights": [{"term": "POLICY_TERM_SHIPPING", "percent": 50}]}}]
    made = await api.policies.CreatePolicyVersion(
        po.CreatePolicyVersionRequest(
            request_id=api.new_id(), policy={"policy_id": "p", "mode": "POLICY_MODE_COST", "rules": rules}
        )
    )
    version = made.version.version
    draft = await api.quote(order(policy_id="p", policy_version=version))
    assert draft.options and not any(option.plan_token for option in draft.options), "a draft holds nothing"
    await api.policies.ActivatePolicyVersion(
        po.ActivatePolicyVersionRequest(request_id=api.new_id(), policy_id="p", version=version)
    )
    option = (await api.quote(order(policy_id="p"))).options[0]
    await api.policies.ArchivePolicyVersion(
        po.ArchivePolicyVersionRequest(request_id=api.new_id(), policy_id="p", version=version)
    )
    answer = await api.redeem(order(policy_id="p"), option.plan_token)
    assert answer.plan == option.plan and answer.plan.policy.version == version
    assert answer.plan_token_result.total_now_micros == answer.plan.cost.total_micros


async def lost_stock(api: TokenApi) -> dict[str, Any]:
    await api.stock("cup", "near", 1)
    return {
        "kind": pt.PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT, "sku": "cup", "requested_quantity": 2, "available_quantity": 1,
        "reason": rv.SHORTFALL_REASON_INSUFFICIENT_STOCK,
    }  # fmt: skip


async def paused(api: TokenApi) -> dict[str, Any]:
    await api.pause("near")
    return {
        "kind": pt.PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT, "sku": "cup", "requested_quantity": 2, "available_quantity": 0,
        "reason": rv.SHORTFALL_REASON_NODE_PAUSED,
    }  # fmt: skip


async def without_lane(api: TokenApi) -> dict[str, Any]:
    await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id="lane-near"))
    return {"kind": pt.PLAN_TOKEN_CHANGE_KIND_LANE_GONE}


async def without_node(api: TokenApi) -> dict[str, Any]:
    await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id="lane-near"))
    await api.stock("cup", "near", 0)
    await api.network.DeleteNode(nw.DeleteNodeRequest(request_id=api.new_id(), node_id="near"))
    return {"kind": pt.PLAN_TOKEN_CHANGE_KIND_NODE_GONE}


async def slower(api: TokenApi) -> dict[str, Any]:
    await api.lane("near", 6)
    return {"kind": pt.PLAN_TOKEN_CHANGE_KIND_LATER}


async def too_heavy(api: TokenApi) -> dict[str, Any]:
    await api.card("near", 10, grams=700)
    return {"kind": pt.PLAN_TOKEN_CHANGE_KIND_NOT_ALLOWED}


WAYS_OF_CHANGE = [lost_stock, paused, without_lane, without_node, slower, too_heavy]


@pytest.mark.parametrize("change", WAYS_OF_CHANGE)
async def test_what_changed_is_told_with_the_best_plan_now_and_nothing_is_held(api: TokenApi, change: Any) -> None:
    quoted = (await api.quote(order(2))).options[0]
    assert nodes_of(quoted.plan) == ["near"]
    expected = await change(api)
    answer = await api.redeem(order(2), quoted.plan_token, "redeemed-1")
    assert answer.outcome == rv.RESERVE_OUTCOME_REFUSED and not answer.HasField("reservation")
    result = answer.plan_token_result
    assert result.outcome == CHANGED
    (told,) = result.changes
    assert (told.node_id, told.lane_id) == ("near", "lane-near")
    assert {name: getattr(told, name) for name in expected} == expected
    now = (await api.quote(order(2))).options[0].plan
    assert result.plan == now and result.quoted_total_micros == quoted.plan.cost.total_micros
    assert result.extra_cost_micros == now.cost.total_micros - quoted.plan.cost.total_micros
    assert not (await api.reservation.ListReservations(_all())).reservations
    fresh = await api.redeem(order(2), result.plan_token)
    assert fresh.outcome == rv.RESERVE_OUTCOME_RESERVED and fresh.plan == result.plan
    again = await api.redeem(order(2), quoted.plan_token, "redeemed-1")
    assert again.replayed and again.plan_token_result == result and again.outcome == answer.outcome


def _all() -> Any:
    from promessa.v1 import reservation_service_pb2 as rs

    return rs.ListReservationsRequest()


@pytest.mark.parametrize("change", WAYS_OF_CHANGE)
async def test_with_accept_changes_what_serves_it_now_is_held_and_a_retry_is_told_the_same(
    api: TokenApi, change: Any, wall_clock: WallClock
) -> None:
    quoted = (await api.quote(order(2))).options[0]
    await change(api)
    answer = await api.redeem(order(2), quoted.plan_token, "redeemed-1", accept_changes=True)
    assert answer.outcome == rv.RESERVE_OUTCOME_RESERVED
    result = answer.plan_token_result
    assert (result.outcome, len(result.changes)) == (REPLACED, 1)
    assert result.extra_cost_micros == answer.plan.cost.total_micros - quoted.plan.cost.total_micros
    assert not result.HasField("plan") and not result.plan_token
    for node_id in ("mid", "far"):
        await api.stock("cup", node_id, 0)
    wall_clock.now_ms += DAY_MS
    again = await api.redeem(order(2), quoted.plan_token, "redeemed-1", accept_changes=True)
    assert again.replayed and (again.plan, again.plan_token_result) == (answer.plan, result)
    explained = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="redeemed-1"))
    assert explained.is_identical and explained.plan == answer.plan


async def test_what_it_may_cost_and_when_it_must_come_bound_what_is_held_instead(api: TokenApi) -> None:
    quoted = (await api.quote(order(2))).options[0]
    await api.stock("cup", "near", 0)
    dear = await api.redeem(order(2), quoted.plan_token, accept_changes=True, max_extra_cost_micros=4 * REAL - 1)
    assert dear.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (dear.plan_token_result.outcome, dear.plan_token_result.extra_cost_micros) == (CHANGED, 4 * REAL)
    late = await api.redeem(
        order(2),
        quoted.plan_token,
        accept_changes=True,
        latest_promise_time={"seconds": (NINE_MS + 2 * DAY_MS) // 1000},
    )
    assert late.outcome == rv.RESERVE_OUTCOME_REFUSED and nodes_of(late.plan_token_result.plan) == ["mid"]
    held = await api.redeem(order(2), quoted.plan_token, accept_changes=True, max_extra_cost_micros=4 * REAL)
    assert (held.plan_token_result.outcome, nodes_of(held.plan)) == (REPLACED, ["mid"])


async def test_dates_hold_until_the_cut_off_and_are_told_when_it_has_passed(
    api: TokenApi, wall_clock: WallClock
) -> None:
    wall_clock.now_ms = NINE_MS + 3 * 3600 * 1000 - 10 * MINUTE_MS
    near, far = (await api.quote(order())).options
    wall_clock.now_ms += 9 * MINUTE_MS
    kept = await api.redeem(order(), near.plan_token)
    assert kept.plan == near.plan
    moved = await api.redeem(order(), far.plan_token)
    assert moved.plan_token_result.outcome == HONOURED, "what takes a day from now takes a day from the order"
    assert moved.plan.promise_time.ToMilliseconds() == far.plan.promise_time.ToMilliseconds() + 9 * MINUTE_MS
    wall_clock.now_ms += MINUTE_MS
    missed = (await api.redeem(order(), near.plan_token)).plan_token_result
    (told,) = missed.changes
    assert told.kind == pt.PLAN_TOKEN_CHANGE_KIND_LATER
    assert told.quoted_promise_time == near.plan.promise_time == missed.quoted_promise_time
    assert told.promise_time.ToMilliseconds() == near.plan.promise_time.ToMilliseconds() + DAY_MS


async def test_a_server_whose_clock_is_behind_the_one_that_quoted_honours_the_token(
    api: TokenApi, wall_clock: WallClock
) -> None:
    near, far = (await api.quote(order())).options
    wall_clock.now_ms -= 50
    for option in (near, far):
        assert (await api.redeem(order(), option.plan_token)).plan_token_result.outcome == HONOURED


async def test_an_order_with_a_latest_delivery_keeps_to_it(api: TokenApi, wall_clock: WallClock) -> None:
    latest = {"seconds": (NINE_MS + DAY_MS + 5 * MINUTE_MS) // 1000}
    wanted = order(constraints={"latest_delivery_time": latest})
    (option,) = (await api.quote(wanted)).options
    wall_clock.now_ms += 5 * MINUTE_MS
    assert (await api.redeem(wanted, option.plan_token)).plan_token_result.outcome == HONOURED
    wall_clock.now_ms += MINUTE_MS
    result = (await api.redeem(wanted, option.plan_token)).plan_token_result
    assert result.outcome == CHANGED and not result.HasField("plan") and result.changes


async def test_tokens_that_do_not_count_are_refused_with_their_reason_and_hold_nothing(
    api: TokenApi, wall_clock: WallClock
) -> None:
    token = (await api.quote(order())).options[0].plan_token
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    await refused(api.redeem(order(), altered), INVALID, "PLAN_TOKEN_INVALID")
    await refused(api.redeem(order(), "A" * 100), INVALID, "PLAN_TOKEN_INVALID", why="SIGNATURE")
    await refused(api.redeem(order(2), token), INVALID, "PLAN_TOKEN_MISMATCH", field="order.lines")
    await refused(
        api.redeem(order(pickup_node_id="near"), token), INVALID, "PLAN_TOKEN_MISMATCH", field="order.pickup_node_id"
    )
    await refused(api.redeem(order(), token + "="), INVALID, "INVALID_FIELD", field="plan_token")
    for more in ({"max_extra_cost_micros": 1}, {"latest_promise_time": {"seconds": 1}}):
        await refused(api.redeem(order(), token, **more), INVALID, "INVALID_FIELD")
    await refused(api.redeem(order(), "", accept_changes=True), INVALID, "INVALID_FIELD", field="accept_changes")
    wall_clock.now_ms += 15 * MINUTE_MS
    await refused(
        api.redeem(order(), token), FAILED, "PLAN_TOKEN_EXPIRED", expire_time_ms=str(NINE_MS + 15 * MINUTE_MS)
    )
    assert not (await api.reservation.ListReservations(_all())).reservations


async def test_a_retry_gets_the_first_answer_whatever_changed_since(
    api: TokenApi, other: TokenApi, wall_clock: WallClock
) -> None:
    token, second = [option.plan_token for option in (await api.quote(order())).options]
    first = await api.redeem(order(), token, "redeemed-1")
    for change in (slower, lost_stock, without_lane):
        await change(api)
    await api.card("mid", 200)
    again = await api.redeem(order(), token, "redeemed-1")
    assert again.replayed and (again.plan, again.plan_token_result) == (first.plan, first.plan_token_result)
    wall_clock.now_ms += DAY_MS
    assert (await other.redeem(order(), token, "redeemed-1")).plan == first.plan
    for changed in ({"token": second}, {"accept_changes": True}, {"owner_id": "eve"}):
        field = {"token": "plan_token"}.get(*changed, *changed)
        await refused(
            api.redeem(order(), changed.pop("token", token), "redeemed-1", **changed),
            grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field=field,
        )  # fmt: skip
    without = so.SourceAndReserveRequest(request_id="redeemed-1", order=order())
    await refused(api.sourcing.SourceAndReserve(without), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_what_is_held_by_a_token_is_explained_by_what_was_quoted(api: TokenApi) -> None:
    option = (await api.quote(order())).options[0]
    await api.card("near", 99)
    await api.stock("cup", "near", 5)
    answer = await api.redeem(order(), option.plan_token, "redeemed-1")
    explained = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="redeemed-1"))
    assert explained.is_identical and explained.plan == answer.plan and explained.attempt_count == 0
    assert explained.quoted.quote_time.ToMilliseconds() == NINE_MS
    assert (explained.quoted.total_micros, explained.quoted.total_at_hold_micros) == (11 * REAL, 100 * REAL)
    assert explained.explanation.sentences[-1] == (
        "It was quoted on 2026-11-24T12:00Z for R$\N{NO-BREAK SPACE}11.00, and held as it was quoted; "
        "when it was held it would have cost R$\N{NO-BREAK SPACE}100.00."
    )


@pytest.mark.parametrize("units", [7, 64])
async def test_of_many_who_use_one_token_exactly_as_many_win_as_there_are_units(
    api: TokenApi, other: TokenApi, units: int
) -> None:
    await api.stock("cup", "near", 64)
    token = (await api.quote(order())).options[0].plan_token
    await api.stock("cup", "near", units)
    asked = [(api, other)[i % 2].redeem(order(), token, f"redeemed-{i:03}") for i in range(80)]
    answers = await asyncio.gather(*asked)
    assert Counter(answer.plan_token_result.outcome for answer in answers) == {HONOURED: units, CHANGED: 80 - units}
    for answer in answers:
        if answer.plan_token_result.outcome == CHANGED:
            (told,) = answer.plan_token_result.changes
            assert (told.requested_quantity, told.available_quantity) == (1, 0)


async def test_the_last_units_and_changes_accepted_sell_all_there_is_and_no_more(api: TokenApi) -> None:
    token = (await api.quote(order())).options[0].plan_token
    asked = [api.redeem(order(), token, f"redeemed-{i:03}", accept_changes=True) for i in range(40)]
    answers = await asyncio.gather(*asked)
    told = Counter((answer.plan_token_result.outcome, *nodes_of(answer.plan)) for answer in answers)
    assert told == {(HONOURED, "near"): 5, (REPLACED, "mid"): 5, (REPLACED, "far"): 5, (CHANGED,): 25}


async def test_a_quote_of_a_part_is_held_if_a_part_may_be(api: TokenApi) -> None:
    option = (await api.quote(order(20))).options[0]
    assert option.plan.unserved_lines[0].quantity == 5
    answer = await api.redeem(order(20), option.plan_token)
    assert answer.outcome == rv.RESERVE_OUTCOME_REFUSED and answer.plan_token_result.outcome == CHANGED
    assert not answer.plan_token_result.changes and answer.shortfalls[0].available_quantity == 15
    answer = await api.redeem(order(20), option.plan_token, allow_partial=True)
    assert answer.outcome == rv.RESERVE_OUTCOME_PARTIALLY_RESERVED and answer.plan == option.plan
    assert answer.plan_token_result.outcome == HONOURED


async def test_a_day_that_filled_up_is_told_and_a_later_one_is_held_if_that_is_accepted(api: TokenApi) -> None:
    token = (await api.quote(order())).options[0].plan_token
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(
            request_id=api.new_id(),
            node_id="near",
            capacity={"limit_quantity": 1, "unit": "CAPACITY_UNIT_ORDERS", "on_full": "CAPACITY_ON_FULL_NEXT_DAY"},
        )
    )
    first = await api.redeem(order(), token)
    assert first.plan_token_result.outcome == HONOURED
    full = (await api.redeem(order(), token)).plan_token_result
    assert (full.outcome, full.changes[0].reason) == (CHANGED, rv.SHORTFALL_REASON_CAPACITY_FULL)
    assert nodes_of(full.plan) == ["mid"]
    later = await api.redeem(order(), token, accept_changes=True)
    assert (later.plan_token_result.outcome, nodes_of(later.plan)) == (REPLACED, ["near"])
    assert later.plan.promise_time.seconds == first.plan.promise_time.seconds + DAY_MS // 1000


async def pickup_points(api: TokenApi) -> None:
    for i in range(PICKUP_CANDIDATES_MAX + 1):  # as near as can be, but no pickup points
        node = {"node_id": f"x{i}", "country_code": "BR", "postal_code": "01310100"}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    for node_id, postal_code, at in (
        ("p1", "01310200", -23_500_000),
        ("p2", "01319999", -23_560_000),
        ("p3", "99000000", None),
    ):
        place = {} if at is None else {"latitude_e6": at, "longitude_e6": -46_600_000}
        node = {
            "node_id": node_id, "country_code": "BR", "postal_code": postal_code, "pickup_point": True,
            "shipment_cost_micros": 2 * REAL, **place,
        }  # fmt: skip
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
        await api.stock("cup", node_id, 3 if node_id != "p2" else 1)


async def test_pickup_options_come_with_dates_prices_and_tokens_of_their_own(api: TokenApi, other: TokenApi) -> None:
    await pickup_points(api)
    answer = await api.quote(order(2), pickup_option_count=5)
    assert [nodes_of(option.plan) for option in answer.options] == [["near"], ["far"]]
    assert [option.pickup_node_id for option in answer.pickup_options] == ["p1", "p3", "p2"], "p2 has one of the two"
    best = answer.pickup_options[0]
    assert (nodes_of(best.plan), best.plan.cost.total_micros) == (["p1"], 2 * REAL)
    assert best.plan.promise_time.ToMilliseconds() == NINE_MS
    await refused(other.redeem(order(2), best.plan_token), INVALID, "PLAN_TOKEN_MISMATCH", field="order.pickup_node_id")
    held = await other.redeem(order(2, pickup_node_id="p1"), best.plan_token)
    assert (held.plan_token_result.outcome, held.plan) == (HONOURED, best.plan)
    named = await api.quote(order(2), pickup_option_count=1, pickup_option_node_ids=["p2", "near", "p3", "p3"])
    assert [option.pickup_node_id for option in named.pickup_options] == ["p3"]
    sent = await api.quote(order(5, allow_ship_to_store=True), pickup_option_count=1)
    assert sent.pickup_options[0].plan.shipments[0].pickup_node_id == sent.pickup_options[0].pickup_node_id
    held = await other.redeem(
        order(5, allow_ship_to_store=True, pickup_node_id=sent.pickup_options[0].pickup_node_id),
        sent.pickup_options[0].plan_token,
    )
    assert held.plan_token_result.outcome == HONOURED
    assert not (await api.quote(order(2))).pickup_options


async def test_pickup_options_that_cannot_be_asked_for_are_refused(api: TokenApi) -> None:
    await pickup_points(api)
    await refused(
        api.quote(order(pickup_node_id="p1"), pickup_option_count=1),
        INVALID,
        "INVALID_FIELD",
        field="pickup_option_count",
    )
    await refused(
        api.quote(order(), pickup_option_node_ids=["p1"]), INVALID, "INVALID_FIELD", field="pickup_option_node_ids"
    )
    await refused(
        api.quote(order(), pickup_option_count=1, pickup_option_node_ids=["none"]),
        grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND", node_id="none",
    )  # fmt: skip
