"""SourceStream over a real channel: each order answered as by SourceAndReserve, planned together, held whole or not at all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import grpc
import pytest
from api_kit import error_of, refused
from serving import Clock, Serving, WallClock
from test_simulation import AS_NOW, MONDAY_NOON, ONE_PARCEL, PARTS, Chain, order

from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import WAVE_ORDERS_MAX
from promessa.domain.why import Why
from promessa.server import wave_servicer
from promessa.service import waves
from promessa.service.decisions import Decisions
from promessa.service.redeeming import Redeeming
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import error_reason_pb2 as reasons
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import plan_token_pb2 as pt
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import simulation_pb2 as sm
from promessa.v1 import sourcing_service_pb2 as so

INVALID = grpc.StatusCode.INVALID_ARGUMENT
RESERVED, PARTIALLY, REFUSED = (
    rv.RESERVE_OUTCOME_RESERVED,
    rv.RESERVE_OUTCOME_PARTIALLY_RESERVED,
    rv.RESERVE_OUTCOME_REFUSED,
)


class Waving(Chain):
    """A chain whose orders come in waves."""

    def asked(self, wanted: Any, **fields: Any) -> so.SourceAndReserveRequest:
        fields.setdefault("request_id", self.new_id())
        return so.SourceAndReserveRequest(order=wanted, **fields)

    async def stream(
        self, waves_of: Iterable[Sequence[so.SourceAndReserveRequest]], **settings: Any
    ) -> list[tuple[list[so.SourceStreamResult], Any]]:
        """The results and the report of each wave."""
        told: list[tuple[list[so.SourceStreamResult], Any]] = []
        results: list[so.SourceStreamResult] = []
        async for answer in self.sourcing.SourceStream(messages(waves_of, **settings)):
            results += answer.results
            if answer.HasField("report"):
                told.append((results, answer.report))
                results = []
        assert not results, "a wave ends with its report"
        return told

    async def wave(
        self, asked: Sequence[so.SourceAndReserveRequest], **settings: Any
    ) -> tuple[list[so.SourceStreamResult], Any]:
        (told,) = await self.stream([asked], **settings)
        return told

    async def held_in_all(self, sku: str) -> int:
        """Units of open reservations."""
        page = await self.reservation.ListReservations(rs.ListReservationsRequest(page_size=1_000, sku=sku))
        return sum(line.open_quantity for each in page.reservations for line in each.lines if line.sku == sku)


async def messages(
    waves_of: Iterable[Sequence[so.SourceAndReserveRequest]], **settings: Any
) -> AsyncIterator[so.SourceStreamRequest]:
    first: Any = settings or None
    for asked in waves_of:
        yield so.SourceStreamRequest(settings=first, orders=asked)
        first = None


@pytest.fixture
async def chain(serving: Serving, wall_clock: WallClock) -> AsyncIterator[Waving]:
    wall_clock.now_ms = MONDAY_NOON
    following = asyncio.create_task(serving.parts.keeper.follow())
    yield Waving(serving.channel)
    following.cancel()


async def scarce(chain: Waving) -> None:
    """a and b ship everywhere; only a has pins. Cups: one at a, where they are cheap, the rest at b. What takes the cup from a
    keeps an order of a cup and a pin from going in one parcel."""
    await chain.open([0] * 16)
    await chain._put_sku("pin", weight_grams=50)
    await chain.stock("cup", "a", 1)
    await chain.stock("cup", "b", 9)
    await chain.stock("pin", "a", 9)
    await chain.level("cup", "pin")


async def test_a_wave_gives_scarce_stock_to_whom_it_saves_most(chain: Waving) -> None:
    await scarce(chain)
    asked = [chain.asked(order(("cup", 1), order_id="x")), chain.asked(order(("cup", 1), ("pin", 1), order_id="y"))]
    results, report = await chain.wave(asked)
    first, second = [each.response for each in results]
    assert (first.outcome, second.outcome) == (RESERVED, RESERVED)
    assert [ship.node_id for ship in first.plan.shipments] == ["b"]
    assert [ship.node_id for ship in second.plan.shipments] == ["a"]
    assert report.cost_micros == first.plan.cost.total_micros + second.plan.cost.total_micros
    assert report.cost_micros < report.one_by_one_cost_micros
    assert report.lower_bound_micros <= report.cost_micros
    assert (report.planned_order_count, report.unserved_quantity, report.changed_order_count) == (2, 0, 0)
    assert (report.scarce_cell_count, report.currency_code) == (1, "BRL")
    assert [(each.sku, each.node_id) for each in report.prices] == [("cup", "a")]
    assert await chain.held_in_all("cup") == 2


async def test_what_is_not_scarce_is_answered_as_source_and_reserve_does(chain: Waving) -> None:
    await chain.open([30] * 16)
    await chain.level()
    wanted = [order(("cup", 1), ("pot", 1), order_id="x"), order(("set", 1), ("lid", 1)), order(("card", 1))]
    results, report = await chain.wave([chain.asked(each) for each in wanted])
    assert report.cost_micros == report.one_by_one_cost_micros == report.lower_bound_micros
    assert report.round_count == 0
    for each, result in zip(wanted, results, strict=True):
        alone = await chain.sourcing.SourceAndReserve(chain.asked(each))
        assert result.response.plan == alone.plan
        assert result.response.reservation.lines == alone.reservation.lines


async def test_a_wave_sent_again_is_answered_again_and_holds_nothing_more(chain: Waving) -> None:
    await scarce(chain)
    asked = [
        chain.asked(order(("cup", 1), ("pin", 1))),
        chain.asked(order(("cup", 1))),
        chain.asked(order(("pin", 50))),
    ]
    first, _ = await chain.wave(asked)
    again, report = await chain.wave([*asked, chain.asked(order(("cup", 2)))])
    assert [each.response.replayed for each in again] == [True, True, True, False]
    for one, other in zip(first, again, strict=False):
        assert (one.response.outcome, one.response.plan) == (other.response.outcome, other.response.plan)
        assert one.response.reservation == other.response.reservation
    assert (report.planned_order_count, report.replayed_order_count) == (1, 3)
    assert await chain.held_in_all("cup") == 4
    alone = await chain.sourcing.SourceAndReserve(asked[0])
    assert alone.replayed
    assert alone.plan == first[0].response.plan


async def test_an_order_that_breaks_a_rule_has_an_error_of_its_own(chain: Waving) -> None:
    await scarce(chain)
    known = chain.asked(order(("cup", 1)))
    await chain.sourcing.SourceAndReserve(known)
    asked = [
        chain.asked(order(("cup", 1))),
        chain.asked(order(("cup", 0))),
        chain.asked(order(("jug", 1))),
        chain.asked(order(("cup", 1), destination={"postal_code": "90000000"})),
        chain.asked(order(("cup", 2)), request_id=known.request_id),
        chain.asked(order(("cup", 1), destination=None)),
        chain.asked(order(("cup", 1), policy_id="none")),
        chain.asked(order(("cup", 1)), hold_rule_id="none"),
        chain.asked(order(("cup", 1))),
    ]
    results, report = await chain.wave(asked)
    found = [
        reasons.ErrorReason.Name(each.error.reason).removeprefix("ERROR_REASON_") if each.HasField("error") else ""
        for each in results
    ]
    assert found == [
        "",
        "INVALID_FIELD",
        "SKU_NOT_FOUND",
        "DESTINATION_NOT_SERVED",
        "REQUEST_ID_REUSED",
        "INVALID_FIELD",
        "POLICY_NOT_FOUND",
        "REFERENCE_NOT_FOUND",
        "",
    ]
    assert results[4].error.code == grpc.StatusCode.ALREADY_EXISTS.value[0]
    assert report.failed_order_count == 7
    assert await chain.held_in_all("cup") == 3


async def test_a_wave_that_breaks_a_rule_ends_the_stream_and_loses_nothing_of_those_before(chain: Waving) -> None:
    await scarce(chain)
    good, again = chain.asked(order(("cup", 1))), chain.asked(order(("cup", 1)))
    wrong = [
        ([again, again], "orders"),
        ([chain.asked(order(("cup", 1)))] * (WAVE_ORDERS_MAX + 1), "orders"),
    ]
    for number, (bad, field) in enumerate(wrong, 1):
        await refused(chain.stream([[good], bad]), INVALID, "INVALID_FIELD", field=field)
        assert await chain.held_in_all("cup") == 1, number
    await refused(chain.stream([[good]], rounds_max=201), INVALID, "INVALID_FIELD", field="settings.rounds_max")

    async def settings_twice() -> AsyncIterator[so.SourceStreamRequest]:
        yield so.SourceStreamRequest(settings={}, orders=[good])
        yield so.SourceStreamRequest(settings={}, orders=[again])

    async def all_of(stream: Any) -> None:
        async for _ in stream:
            pass

    await refused(all_of(chain.sourcing.SourceStream(settings_twice())), INVALID, "INVALID_FIELD", field="settings")
    assert await chain.held_in_all("cup") == 1


async def test_a_wave_can_be_planned_alone(chain: Waving) -> None:
    await scarce(chain)
    asked = [chain.asked(order(("cup", 1), ("pin", 1))), chain.asked(order(("cup", 20)))]
    results, report = await chain.wave(asked, plan_only=True)
    first, second = [each.response for each in results]
    assert first.outcome == second.outcome == rv.RESERVE_OUTCOME_UNSPECIFIED
    assert [ship.node_id for ship in first.plan.shipments] == ["a"]
    assert not second.plan.shipments
    assert [(each.sku, each.quantity) for each in second.plan.unserved_lines] == [("cup", 20)]
    assert (report.unserved_quantity, report.planned_order_count) == (20, 2)
    assert await chain.held_in_all("cup") == 0


async def test_what_is_refused_and_what_is_held_in_part_says_so(chain: Waving) -> None:
    await scarce(chain)
    asked = [
        chain.asked(order(("pin", 7))),
        chain.asked(order(("pin", 5))),
        chain.asked(order(("pin", 4)), allow_partial=True),
        chain.asked(order(("pin", 50)), explain_refusal=True),
    ]
    results, report = await chain.wave(asked)
    outcomes = [each.response.outcome for each in results]
    assert outcomes == [RESERVED, REFUSED, PARTIALLY, REFUSED]
    assert results[2].response.shortfalls[0].available_quantity == 2
    assert results[3].response.relaxations
    assert (report.unserved_quantity, report.one_by_one_unserved_quantity) == (5 + 2 + 50, 5 + 2 + 50)
    assert await chain.held_in_all("pin") == 9


async def test_stock_lost_meanwhile_is_decided_again_and_told(chain: Waving, serving: Serving) -> None:
    await scarce(chain)
    serving.stop_following()
    await asyncio.sleep(0)
    await chain.stock("cup", "a", 0)  # the replica does not hear of it
    results, report = await chain.wave([chain.asked(order(("cup", 1)))])
    assert results[0].response.outcome == RESERVED
    assert results[0].response.attempt_count == 2
    assert report.changed_order_count == 1


async def test_a_nodes_full_day_is_shared_out(chain: Waving, wall_clock: WallClock) -> None:
    """a takes one more order today. The first order is nearly as well served by b; the second needs a for its pin."""
    wall_clock.now_ms = 0  # days are the store's
    await scarce(chain)
    await chain.stock("cup", "a", 9)
    for unit, limit in (("ORDERS", 1), ("UNITS", 2)):
        capacity = {"limit_quantity": limit, "unit": f"CAPACITY_UNIT_{unit}", "on_full": "CAPACITY_ON_FULL_PAUSE"}
        request = nw.SetNodeCapacityRequest(request_id=chain.new_id(), node_id="a", capacity=capacity)
        await chain.network.SetNodeCapacity(request)
        asked = [chain.asked(order(("cup", 1))), chain.asked(order(("cup", 1), ("pin", 1)))]
        results, report = await chain.wave(asked)
        assert [each.response.outcome for each in results] == [RESERVED, RESERVED], unit
        assert [[ship.node_id for ship in each.response.plan.shipments] for each in results] == [["b"], ["a"]]
        assert (report.unserved_quantity, report.scarce_day_count) == (0, 1)
        assert report.one_by_one_unserved_quantity == 2, "one after another the second finds a full"
        for each in results:
            release = rs.ReleaseRequest(
                request_id=chain.new_id(), reservation_id=each.response.reservation.reservation_id
            )
            chain.last = await chain.reservation.Release(release)
        await chain.level()


async def test_two_streams_at_once_sell_nothing_twice(chain: Waving) -> None:
    await chain.open([3] * 16)
    await chain.level()

    async def one(number: int) -> list[so.SourceStreamResult]:
        waves_of = [
            [chain.asked(order(("cup", 1), ("lid", 1), order_id=f"{number}.{wave}.{i}")) for i in range(4)]
            for wave in range(3)
        ]
        return [each for results, _ in await chain.stream(waves_of) for each in results]

    found = [each.response for results in await asyncio.gather(one(1), one(2)) for each in results]
    assert sum(each.outcome == RESERVED for each in found) == await chain.held_in_all("cup") == 12
    audit = await chain.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit


async def test_a_stream_that_is_cancelled_leaves_whole_reservations_alone(chain: Waving) -> None:
    await chain.open([40] * 16)
    await chain.level()
    asked = [chain.asked(order(("cup", 1), ("lid", 1), order_id=f"{i}")) for i in range(60)]
    call = chain.sourcing.SourceStream(messages([asked[:30], asked[30:]]))
    await call.read()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.read()
    results, report = await chain.wave(asked)
    assert report.replayed_order_count >= 30
    assert all(each.response.outcome == RESERVED for each in results)
    assert await chain.held_in_all("cup") == await chain.held_in_all("lid") == 60
    audit = await chain.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit


async def test_an_order_that_may_wait_comes_after_the_others(chain: Waving) -> None:
    await chain.open([0] * 16)
    await chain.stock("cup", "a", 1)
    await chain.level()
    waits = chain.asked(order(("cup", 1), allow_backorder=True, allow_future_supply=True))
    plain = chain.asked(order(("cup", 1)))
    results, report = await chain.wave([waits, plain])
    assert results[1].response.outcome == RESERVED
    assert report.planned_order_count == 1


async def test_too_many_waves_at_once_are_refused(chain: Waving, monkeypatch: pytest.MonkeyPatch) -> None:
    await scarce(chain)
    monkeypatch.setattr(waves, "WAVES_WAITING_MAX", 0)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def held_up(*args: Any) -> None:
        entered.set()
        await leave.wait()

    monkeypatch.setattr(waves.Waves, "_recall", held_up)
    first = asyncio.create_task(chain.wave([chain.asked(order(("cup", 1)))]))
    await entered.wait()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await chain.wave([chain.asked(order(("cup", 1)))])
    assert error_of(caught.value)[0] == "TOO_MANY_WAVES"
    leave.set()
    _, report = await first
    assert report.planned_order_count == 1


async def test_a_planned_decision_can_be_made_again(chain: Waving) -> None:
    await scarce(chain)
    asked = [chain.asked(order(("cup", 1))), chain.asked(order(("cup", 1), ("pin", 1)))]
    await chain.wave(asked)
    for each in asked:
        request = so.ExplainDecisionRequest(decision_id=each.request_id)
        told = await chain.sourcing.ExplainDecision(request)
        assert told.is_identical, told.differences


def mixed_orders(draw: random.Random, count: int, skus: Sequence[str], **more: Any) -> list[tuple[Any, bool]]:
    """Orders of few lines, each with whether it may be held in part."""
    found = []
    for number in range(count):
        lines = [(sku, draw.randint(1, 3)) for sku in draw.sample(skus, draw.randint(1, min(3, len(skus))))]
        fields = {name: draw.choice(choices) for name, choices in more.items()}
        constraints = draw.choice((None, {"max_shipments": 1}, {"keep_lines_whole": True}, {"ship_complete": True}))
        destination = {"postal_code": f"{draw.randint(0, 3)}1310100"}
        wanted = order(*lines, order_id=f"o{number}", constraints=constraints, destination=destination, **fields)
        found.append((wanted, draw.random() < 0.4))
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_one_after_another_is_what_a_simulation_finds(chain: Waving, seed: int) -> None:
    """The plan to beat is the one that SourceAndReserve would make order by order, by whatever policy decides."""
    draw = random.Random(seed)
    await chain.open(draw.choice((0, 2, 5)) for _ in range(20))
    await chain.level()
    if seed % 3 == 1:
        await chain.policy(ONE_PARCEL, active=True)
    if seed % 3 == 2:
        await chain.policy("policy: fast\nmode: rules\nrules: [{name: only, sorts: [{by: arrival_days}]}]", active=True)
    orders = mixed_orders(draw, 25, PARTS)
    simulated = [sm.SimulatedOrder(order=each, allow_partial=partial) for each, partial in orders]
    outcome = (await chain.report(simulated, scenario=AS_NOW, deplete=True)).scenario
    asked = [chain.asked(each, allow_partial=partial) for each, partial in orders]
    results, report = await chain.wave(asked)
    assert report.one_by_one_unserved_quantity == outcome.unserved_quantity
    assert report.one_by_one_cost_micros == outcome.cost.total_micros
    held_to_its_report(results, report)


@pytest.mark.parametrize("seed", range(8))
async def test_a_wave_of_everything_keeps_its_promises(chain: Waving, seed: int) -> None:
    """Kits beside their components, pools of channels, safety stock of methods, a policy, orders that are collected: the plan
    is never worse than one after another, nor below its bound, and is held as it is."""
    draw = random.Random(seed)
    await chain.open(draw.choice((2, 5, 9)) for _ in range(20))
    node = {
        "node_id": "a",
        "shipment_cost_micros": 900_000,
        "pickup_point": True,
        "postal_code": "01001000",
        "country_code": "BR",
    }
    await chain.network.PutNode(nw.PutNodeRequest(request_id=chain.new_id(), node=node))
    for node_id, channel, strategy in (
        ("a", "web", "STRICT"),
        ("b", "web", "OWN_FIRST"),
        ("c", "shop", "COMMON_FIRST"),
    ):
        await chain.keep("cup", node_id, channel, 2, f"ALLOCATION_STRATEGY_{strategy}")
    rule = {"safety_rule_id": "r", "fulfillment_method": "pickup", "quantity": 1}
    await chain.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=chain.new_id(), safety_rule=rule))
    if seed % 2:
        await chain.policy(ONE_PARCEL + "\napplies_to: {channels: [web]}", active=True)
    await chain.level()
    orders = mixed_orders(
        draw,
        25,
        (*PARTS, "set", "card"),
        channel=("", "web", "shop"),
        fulfillment_method=("", "pickup"),
        pickup_node_id=("", "", "a"),
    )
    asked = [chain.asked(each, allow_partial=partial) for each, partial in orders]
    results, report = await chain.wave(asked)
    held_to_its_report(results, report)
    audit = await chain.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit


def held_to_its_report(results: Sequence[so.SourceStreamResult], report: Any) -> None:
    """What a report says is true of the answers, where stock did not move meanwhile."""
    planned = report.unserved_quantity, report.cost_micros
    assert planned <= (report.one_by_one_unserved_quantity, report.one_by_one_cost_micros)
    assert report.lower_bound_micros <= report.cost_micros
    assert not report.failed_order_count, results
    cost = sum(each.response.plan.cost.total_micros for each in results)
    if not report.changed_order_count:
        assert cost == report.cost_micros


async def test_a_wave_is_planned_with_what_is_due(chain: Waving, clock: Clock) -> None:
    """Holds that are over are back in stock before anybody is left out of a plan."""
    await scarce(chain)
    line = {"sku": "pin", "node_id": "a", "quantity": 9}
    chain.last = await chain.reserve(lines=[line], ttl={"seconds": 1})
    await chain.level("pin")
    clock.now_ms = time.time_ns() // 1_000_000 + 60_000
    results, report = await chain.wave([chain.asked(order(("pin", 4))), chain.asked(order(("pin", 5)))])
    assert [each.response.outcome for each in results] == [RESERVED, RESERVED]
    assert (report.unserved_quantity, report.changed_order_count) == (0, 0)


async def test_calls_are_answered_while_a_wave_is_planned(chain: Waving) -> None:
    """The loop works on in slices: a wave of hundreds of orders that compete keeps nobody waiting for its end."""
    await chain.open([9] * 16)
    await chain.level()
    wanted = [chain.asked(order(("cup", 1), ("lid", 1), order_id=f"{i}")) for i in range(150)]
    ended: list[str] = []

    async def note(what: str, work: Any) -> Any:
        found = await work
        ended.append(what)
        return found

    wave = asyncio.create_task(note("wave", chain.wave(wanted, plan_only=True, rounds_max=50)))
    while "wave" not in ended:
        request = av.GetAvailabilityRequest(sku="cup", node_ids=["a"])
        await note("read", chain.availability.GetAvailability(request))
    _, report = await wave
    assert report.planned_order_count == 150
    assert ended.index("wave") > 5, "reads are answered between its slices"


async def test_what_channels_have_for_themselves_is_not_scarce_for_others(chain: Waving) -> None:
    """Each of two channels has a cup at a of its own: two orders can have them both, though each sees one."""
    await scarce(chain)
    await chain.stock("cup", "a", 2)
    for channel in ("web", "shop"):
        await chain.keep("cup", "a", channel, 1, "ALLOCATION_STRATEGY_STRICT")
    await chain.level("cup")
    asked = [chain.asked(order(("cup", 1), channel=channel)) for channel in ("web", "shop")]
    results, report = await chain.wave(asked)
    assert [each.response.outcome for each in results] == [RESERVED, RESERVED]
    assert report.scarce_cell_count == 0
    assert report.lower_bound_micros <= report.cost_micros


async def test_the_bound_counts_no_splits_that_a_policy_does_not_price(chain: Waving) -> None:
    await scarce(chain)
    await chain.stock("lid", "b", 9)
    await chain.policy("policy: free\nmode: cost\nrules: [{name: only, costs: {split: 0}}]", active=True)
    await chain.level("lid")
    results, report = await chain.wave([chain.asked(order(("pin", 1), ("lid", 1)))])
    assert len(results[0].response.plan.shipments) == 2
    assert results[0].response.plan.cost.split_micros == 0
    assert report.lower_bound_micros <= report.cost_micros


async def test_orders_beyond_the_rows_of_a_wave_are_sourced_by_themselves(
    chain: Waving, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chain.open([9] * 16)
    await chain.level()
    monkeypatch.setattr(waves, "WAVE_ROWS_MAX", 10)
    results, report = await chain.wave([chain.asked(order(("cup", 1), ("lid", 1))) for _ in range(5)])
    assert [each.response.outcome for each in results] == [RESERVED] * 5
    assert report.planned_order_count == 2


async def test_many_answers_come_in_several_messages(chain: Waving, monkeypatch: pytest.MonkeyPatch) -> None:
    await chain.open([30] * 16)
    await chain.level()
    monkeypatch.setattr(wave_servicer, "WAVE_ANSWER_BYTES_MAX", 1_000)
    asked = [chain.asked(order(("cup", 1), order_id=f"{i}")) for i in range(20)]
    answers = [each async for each in chain.sourcing.SourceStream(messages([asked]))]
    assert len(answers) > 3
    assert [each.HasField("report") for each in answers] == [False] * (len(answers) - 1) + [True]
    ids = [result.response.reservation.reservation_id for each in answers for result in each.results]
    assert ids == [each.request_id for each in asked]


async def test_a_kit_takes_its_components_from_the_others_of_its_wave(chain: Waving) -> None:
    """Three cups and a pot: a set of two cups and a pot leaves one cup."""
    await scarce(chain)
    for sku, node_id, units in (("cup", "a", 3), ("cup", "b", 0), ("pot", "a", 1)):
        await chain.stock(sku, node_id, units)
    await chain.level("cup", "pot")
    asked = [chain.asked(order(("set", 1))), chain.asked(order(("cup", 1))), chain.asked(order(("cup", 1)))]
    results, report = await chain.wave(asked)
    assert sorted(each.response.outcome for each in results) == [RESERVED, RESERVED, REFUSED]
    assert (report.unserved_quantity, report.changed_order_count) == (1, 0)


async def test_what_was_quoted_comes_before_the_others_of_its_wave(chain: Waving) -> None:
    """The last cup at a was quoted: who brings the token has it, though others would save more there."""
    await scarce(chain)
    quoted = await chain.sourcing.Quote(so.QuoteRequest(order=order(("cup", 1))))
    token = quoted.options[0].plan_token
    asked = [
        chain.asked(order(("cup", 1), ("pin", 1))),
        chain.asked(order(("cup", 1)), plan_token=token),
        chain.asked(order(("cup", 1)), plan_token="nonsense"),
    ]
    results, report = await chain.wave(asked)
    assert results[1].response.plan_token_result.outcome == pt.PLAN_TOKEN_OUTCOME_HONOURED
    assert [ship.node_id for ship in results[1].response.plan.shipments] == ["a"]
    assert results[2].error.reason == reasons.ERROR_REASON_PLAN_TOKEN_INVALID
    assert results[0].response.outcome == RESERVED
    assert report.planned_order_count == 1
    again, _ = await chain.wave(asked[:2])
    assert [each.response.replayed for each in again] == [True, True]


async def test_orders_of_a_wave_that_bring_tokens_let_others_work_in_between(
    chain: Waving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is a decision: hundreds in a row keep every other call waiting."""
    await scarce(chain)
    ticks, seen = 0, list[int]()

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    redeem = Redeeming.redeem

    async def noted(self: Redeeming, *args: Any, **more: Any) -> Any:
        seen.append(ticks)
        return await redeem(self, *args, **more)

    monkeypatch.setattr(Redeeming, "redeem", noted)
    ticking = asyncio.create_task(tick())
    await chain.wave([chain.asked(order(("cup", 1)), plan_token="nonsense") for _ in range(20)])
    ticking.cancel()
    assert len(seen) == len(set(seen)) == 20


async def test_an_explanation_that_cannot_be_made_takes_no_answer_from_a_wave(
    chain: Waving, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scarce(chain)

    async def relaxations(self: Decisions, decision_id: str) -> Why:
        raise InvalidRequest("INVALID_FIELD", "order.lines: the cost of this order cannot be counted exactly.")

    monkeypatch.setattr(Decisions, "relaxations", relaxations)
    asked = [chain.asked(order(("pin", 50)), explain_refusal=True), chain.asked(order(("pin", 1)))]
    results, _ = await chain.wave(asked)
    assert [each.response.outcome for each in results] == [REFUSED, RESERVED]
    assert not results[0].response.relaxations
