"""Simulate over a real channel: it decides as SourceAndReserve does, tells what differs, and touches nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of, refused
from serving import Serving, WallClock

from promessa.domain.limits import SIMULATION_BATCH_MAX, SIMULATION_ORDERS_MAX
from promessa.service.virtual_stock import VirtualStock
from promessa.v1 import allocation_pb2 as al
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_service_pb2 as ps
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import simulation_pb2 as sm
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so

MONDAY_NOON = 1_700_481_600_000
NODES, PARTS = ("a", "b", "c", "d"), ("cup", "pot", "lid")
ALL = sm.SIMULATION_DETAIL_ALL
ONE_PARCEL = "policy: one\nmode: cost\nrules: [{name: only, limits: {max_shipments: 1}}]"
AS_NOW: dict[str, Any] = {"policy": {"as_now": True}}


class Chain(Api):
    """Four nodes at different costs and speeds, of two owners; cups, pots, lids, tea sets of two cups and a pot, and cards of
    which there is no end. Channels have pools, and who picks up must leave a unit of each."""

    async def open(self, units: Iterable[int]) -> None:
        drawn = iter(units)
        card = {
            "rate_card_id": "card",
            "currency_code": "BRL",
            "brackets": [{"max_weight_grams": grams, "price_micros": grams * 9_000} for grams in (500, 2_000, 9_000)],
            "over_step_grams": 1_000,
            "over_step_price_micros": 1_000_000,
        }
        await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))
        for i, node_id in enumerate(NODES):
            node = {
                "node_id": node_id,
                "unit_cost_micros": 300_000 * i,
                "shipment_cost_micros": 900_000 - 200_000 * i,
                "owner_code": "" if i < 2 else "franchise",
            }
            await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))
            lane = {
                "lane_id": f"lane-{node_id}",
                "node_id": node_id,
                "country_code": "BR",
                "postal_code_prefixes": ["0", str(i)],
                "rate_card_id": "card",
                "transit_days": 5 - i,
                "surcharge_micros": 100_000 * i,
            }
            await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))
        for sku in PARTS:
            await self._put_sku(sku, weight_grams=400, value_micros=10_000_000)
        await self._put_sku("set", kit=[{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}])
        await self._put_sku("card", weight_grams=1, supply_mode="SUPPLY_MODE_INFINITE")
        for node_id in NODES:
            for sku in (*PARTS, "card"):
                await self.stock(sku, node_id, next(drawn))

    async def _put_sku(self, sku: str, **fields: Any) -> None:
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, **fields}))

    async def stock(self, sku: str, node_id: str, units: int) -> None:
        count = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        self.last = await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=count))

    async def keep(self, sku: str, node_id: str, channel: str, quantity: int, strategy: Any) -> None:
        pool = al.AllocationPool(sku=sku, node_id=node_id, channel=channel, quantity=quantity, strategy=strategy)
        request = iv.SetAllocationPoolRequest(request_id=self.new_id(), allocation_pool=pool)
        self.last = await self.inventory.SetAllocationPool(request)

    async def level(self, *skus: str) -> dict[tuple[str, str], int]:
        """What the replica shows when it has seen all that was changed."""
        found = {}
        for sku in skus or PARTS:
            for token in (self.last.token,):
                request = av.GetAvailabilityRequest(sku=sku, consistency={"at_least_token": token})
                for entry in (await self.availability.GetAvailability(request)).nodes:
                    found[sku, entry.node_id] = entry.available_quantity
        return found

    async def policy(self, document: str, *, active: bool = False) -> int:
        request = ps.CreatePolicyVersionRequest(request_id=self.new_id(), document=document)
        made = (await self.policies.CreatePolicyVersion(request)).version
        if active:
            await self.policies.ActivatePolicyVersion(
                ps.ActivatePolicyVersionRequest(
                    request_id=self.new_id(), policy_id=made.policy_id, version=made.version
                )
            )
        return int(made.version)

    async def simulate(self, orders: Iterable[Any] = (), **settings: Any) -> list[so.SimulateResponse]:
        """All that is told."""
        return [each async for each in self.sourcing.Simulate(messages(orders, **settings))]

    async def report(self, orders: Iterable[Any] = (), **settings: Any) -> sm.SimulationReport:
        return (await self.simulate(orders, **settings))[-1].report


async def messages(orders: Iterable[Any], **settings: Any) -> AsyncIterator[so.SimulateRequest]:
    settings.setdefault("scenario", {})
    waiting = [each if isinstance(each, sm.SimulatedOrder) else sm.SimulatedOrder(order=each) for each in orders]
    yield so.SimulateRequest(settings=settings, orders=waiting[:SIMULATION_BATCH_MAX])
    for first in range(SIMULATION_BATCH_MAX, len(waiting), SIMULATION_BATCH_MAX):
        yield so.SimulateRequest(orders=waiting[first : first + SIMULATION_BATCH_MAX])


def order(*lines: tuple[str, int], order_id: str = "o", **fields: Any) -> sp.SourcingOrder:
    fields.setdefault("destination", {"postal_code": "01310100"})
    return sp.SourcingOrder(order_id=order_id, lines=[{"sku": s, "quantity": n} for s, n in lines], **fields)


@pytest.fixture
async def chain(serving: Serving, wall_clock: WallClock) -> AsyncIterator[Chain]:
    wall_clock.now_ms = MONDAY_NOON
    following = asyncio.create_task(serving.parts.keeper.follow())
    yield Chain(serving.channel)
    following.cancel()


@pytest.mark.parametrize("seed", range(8))
async def test_a_simulation_decides_what_source_and_reserve_decides(
    chain: Chain, serving: Serving, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The same orders in the same order on the same stock: the same plans to the byte, until the stock is gone; and in the end
    the virtual stock is what the replica shows, whichever sku and channel."""
    stocks: list[VirtualStock] = []
    monkeypatch.setattr("promessa.service.simulation.VirtualStock", recording(stocks))
    draw = random.Random(seed)
    await chain.open(draw.choice((0, 2, 9, 30)) for _ in range(20))
    if seed % 3:
        for node_id, channel, strategy in (
            ("a", "web", "STRICT"),
            ("b", "web", "OWN_FIRST"),
            ("b", "web/vip", "COMMON_FIRST"),
        ):
            await chain.keep("cup", node_id, channel, 3, f"ALLOCATION_STRATEGY_{strategy}")
    if seed % 2:
        rule = {"safety_rule_id": "r", "fulfillment_method": "pickup", "quantity": 1}
        await chain.network.PutSafetyStockRule(
            nw.PutSafetyStockRuleRequest(request_id=chain.new_id(), safety_rule=rule)
        )
        await chain.policy(ONE_PARCEL + "\napplies_to: {channels: [web]}", active=True)
    orders = []
    for number in range(50):
        skus = draw.sample((*PARTS, "set", "card"), draw.randint(1, 3))
        asked = order(
            *((sku, draw.randint(1, 4)) for sku in skus),
            order_id=f"order-{number}",
            channel=draw.choice(("", "", "web", "web/vip", "shop")),
            fulfillment_method=draw.choice(("", "pickup")),
            destination={"postal_code": f"{draw.randint(0, 3)}1310100"},
            constraints=draw.choice((None, {"max_shipments": 1}, {"keep_lines_whole": True})),
        )
        orders.append(sm.SimulatedOrder(order=asked, allow_partial=draw.random() < 0.3))
    before = await chain.level()
    told = await chain.simulate(orders, scenario=AS_NOW, deplete=True, detail=ALL)
    assert await chain.level() == before, "a simulation reserves nothing"
    simulated = [each.decision.scenario for each in told if each.HasField("decision")]
    outcomes = set()
    for found, each in zip(simulated, orders, strict=True):
        request = so.SourceAndReserveRequest(
            request_id=chain.new_id(), order=each.order, allow_partial=each.allow_partial
        )
        real = await chain.sourcing.SourceAndReserve(request)
        outcomes.add(real.outcome)
        chain.last = real if real.token else chain.last
        assert found.held == (real.outcome != rv.RESERVE_OUTCOME_REFUSED)
        if found.held:
            assert found.plan.SerializeToString(deterministic=True) == real.plan.SerializeToString(deterministic=True)
    assert len(outcomes) > 1, "an instance where nothing is scarce shows nothing"
    await chain.level()
    reader, skus = serving.parts.replica.reader, serving.parts.keeper.catalogue.skus.index_of
    for channel, known in stocks[0]._rows.items():
        asked = [skus[sku] for sku in (*PARTS, "set") if skus[sku] in known]
        for _ in range(200):  # a token does not name every partition
            if stocks[0].rows(asked, channel) == reader.rows(asked, channel):
                break
            await asyncio.sleep(0.005)
        assert stocks[0].rows(asked, channel) == reader.rows(asked, channel), channel


def recording(made: list[VirtualStock]) -> Any:
    """A maker of virtual stock that remembers what it made."""

    def make(*args: Any, **more: Any) -> VirtualStock:
        made.append(VirtualStock(*args, **more))
        return made[-1]

    return make


async def test_the_report_sums_what_was_decided(chain: Chain) -> None:
    await chain.open([9] * 16)
    await chain.level()
    orders = [order(("cup", 2), ("pot", 1)), order(("lid", 20)), order(("cup", 50))]
    told = await chain.simulate([*orders, sm.SimulatedOrder(order=orders[2], allow_partial=True)], detail=ALL)
    report = told[-1].report.scenario
    decided = [each.decision.scenario for each in told if each.HasField("decision")]
    held = [each.plan for each in decided if each.held]
    shipments = [ship for plan in held for ship in plan.shipments]
    assert (report.order_count, report.whole_order_count) == (4, 2)
    assert (report.partial_order_count, report.refused_order_count) == (1, 1)
    assert (report.wanted_quantity, report.unserved_quantity) == (3 + 20 + 50 + 50, 50 + 50 - 36)
    assert report.unserved_value_micros == (50 + 50 - 36) * 10_000_000
    assert report.cost.total_micros == sum(plan.cost.total_micros for plan in held)
    for field in report.cost.DESCRIPTOR.fields[1:]:
        assert getattr(report.cost, field.name) == sum(getattr(plan.cost, field.name) for plan in held), field.name
    assert (report.shipment_count, report.split_order_count) == (len(shipments), 2)
    assert (report.line_count, report.split_line_count) == (4, 2)
    assert report.proven_order_count == sum(each.plan.proven_optimal for each in decided) == 4
    by_node = {each.name: each for each in report.nodes}
    for node_id, share in by_node.items():
        mine = [ship for ship in shipments if ship.node_id == node_id]
        assert share.shipment_count == share.order_count == len(mine)
        assert share.quantity == sum(line.quantity for ship in mine for line in ship.lines)
        assert share.cost_micros == sum(ship.cost.total_micros for ship in mine)
    served = sum(share.quantity for share in by_node.values())
    assert served == report.wanted_quantity - report.unserved_quantity
    owners = {each.name: each.quantity for each in report.owners}
    assert owners == {
        "": by_node["a"].quantity + by_node["b"].quantity,
        "franchise": by_node["c"].quantity + by_node["d"].quantity,
    }
    assert sum(each.quantity_basis_points for each in report.nodes) in range(9_990, 10_001)
    assert [(each.policy_id, each.rule, each.order_count) for each in report.policies] == [("", "", 4)]


async def test_without_depletion_every_order_finds_all_the_stock(chain: Chain) -> None:
    await chain.open([1] * 16)
    await chain.level()
    orders = [order(("cup", 1))] * 5
    spared, depleted = await chain.report(orders), await chain.report(orders, deplete=True)
    assert (spared.scenario.whole_order_count, depleted.scenario.whole_order_count) == (5, 4)
    assert [each.name for each in spared.scenario.nodes] == ["a"]
    assert [(each.name, each.quantity) for each in depleted.scenario.nodes] == [(node_id, 1) for node_id in NODES]


async def test_two_ways_are_compared_order_by_order_and_alike_each_time(chain: Chain) -> None:
    await chain.open([1] * 16)
    await chain.level()
    orders = [order(("cup", 1 + i % 2), order_id=f"{i}") for i in range(60)]
    settings: dict[str, Any] = {"scenario": {"policy": {"document": ONE_PARCEL}}, "baseline": AS_NOW}
    told = await chain.simulate(orders, **settings, detail=sm.SIMULATION_DETAIL_DIFFERENT)
    report = told[-1].report
    assert report == await chain.report(orders, **settings), "nothing is left to chance"
    assert (report.different_order_count, report.comparable_order_count) == (30, 30)
    decided = [each.decision for each in told if each.HasField("decision")]
    assert [each.position for each in decided] == list(range(1, 60, 2))
    assert not any(each.scenario.held for each in decided)
    assert all(each.baseline.held for each in decided)
    by_measure = {each.measure: each for each in report.differences if not each.term}
    unserved = by_measure[sm.SIMULATION_MEASURE_UNSERVED_UNITS]
    assert (unserved.order_count, unserved.mean, unserved.low, unserved.high) == (60, 1.0, 1.0, 1.0)
    cost = by_measure[sm.SIMULATION_MEASURE_COST]
    assert (cost.order_count, cost.mean) == (30, 0.0)
    few = await chain.report(orders[:29], **settings)
    assert not any(each.HasField("low") for each in few.differences)


async def test_a_version_decides_about_every_order_or_as_it_would_if_it_were_active(chain: Chain) -> None:
    await chain.open([9] * 16)
    await chain.level()
    await chain.policy("policy: all\nmode: cost\nprecedence: 50\nrules: [{name: r}]", active=True)
    version = await chain.policy(ONE_PARCEL + "\napplies_to: {channels: [web]}\nprecedence: 10")
    orders = [order(("cup", 1)), order(("cup", 1), channel="web"), order(("cup", 1), policy_id="default")]
    named = {"version": {"policy_id": "one", "version": version}}
    for policy, expected in (
        (named, [("one", 3)]),
        ({**named, "as_if_active": True}, [("", 1), ("all", 1), ("one", 1)]),
        ({"as_now": True}, [("all", 2), ("", 1)]),
        ({}, [("", 3)]),
        ({"document": ONE_PARCEL.replace("one", "new")}, [("new", 3)]),
    ):
        found = (await chain.report(orders, scenario={"policy": policy})).scenario.policies
        assert sorted((each.policy_id, each.order_count) for each in found) == sorted(expected), policy
    kept = await chain.policies.GetPolicy(ps.GetPolicyRequest(policy_id="one"))
    assert kept.version.state == 1, "it is still a draft"


async def test_what_is_supposed_counts_in_the_simulation_alone(chain: Chain) -> None:
    await chain.open([9] * 16)
    before = await chain.level()
    dear = {
        "rate_card_id": "card",
        "currency_code": "BRL",
        "brackets": [{"max_weight_grams": 9_000, "price_micros": 90}],
    }

    async def nodes(what_if: dict[str, Any], *lines: tuple[str, int]) -> list[tuple[str, int]]:
        found = await chain.report([order(*(lines or (("cup", 1),)))], scenario={"what_if": what_if})
        return [(each.name, each.quantity) for each in found.scenario.nodes]

    assert await nodes({}) == [("a", 1)]
    assert await nodes({"paused_node_ids": ["a", "b"]}) == [("c", 1)]
    assert await nodes({"stock_percent": 0}) == []
    assert await nodes({"stock_percent": 0, "node_stocks": [{"node_id": "d", "percent": 200}]}, ("cup", 18)) == [
        ("d", 18)
    ]
    assert await nodes({"stock_percent": 50}, ("cup", 16)) == [(node_id, 4) for node_id in NODES]
    assert await nodes({"cells": [{"sku": "cup", "node_id": "c", "available_quantity": 99}]}, ("cup", 90)) == [
        ("c", 90)
    ]
    assert await nodes({"cells": [{"sku": "cup", "node_id": "a"}, {"sku": "pot", "node_id": "b"}]}, ("set", 1)) == [
        ("c", 1)
    ]
    cheap = await chain.report([order(("cup", 1))], scenario={"what_if": {"rate_cards": [dear]}}, baseline={})
    assert cheap.scenario.cost.shipping_micros == 90
    assert cheap.baseline.cost.shipping_micros > 90
    assert await chain.level() == before
    for what_if, reason in (
        ({"paused_node_ids": ["nowhere"]}, "REFERENCE_NOT_FOUND"),
        ({"cells": [{"sku": "none", "node_id": "a"}]}, "REFERENCE_NOT_FOUND"),
        ({"rate_cards": [{**dear, "currency_code": "USD"}]}, ""),
        ({"rate_cards": [{**dear, "brackets": []}]}, "INVALID_FIELD"),
        ({"stock_percent": -1}, "INVALID_FIELD"),
    ):
        if reason:
            await refused(nodes(what_if), grpc.StatusCode.INVALID_ARGUMENT, reason)


async def test_an_order_that_cannot_be_decided_is_told_and_the_rest_goes_on(chain: Chain) -> None:
    await chain.open([9] * 16)
    await chain.level()
    good = order(("cup", 1), order_id="good")
    orders = [good] * 4_000
    orders[1_700] = order(("nothing", 1), order_id="unknown")
    orders[2_300] = order(("cup", -1), order_id="negative")
    orders[2_301] = order(("cup", 1), order_id="far", destination={"postal_code": "99999999"})
    orders[2_302] = order(("cup", 1), order_id="policy", policy_id="none")
    told = await chain.simulate(orders, scenario=AS_NOW)
    problems = [each.problem for each in told if each.HasField("problem")]
    assert [(each.position, each.order_id, each.reason) for each in problems] == [
        (1_700, "unknown", "SKU_NOT_FOUND"),
        (2_300, "negative", "INVALID_FIELD"),
        (2_301, "far", "DESTINATION_NOT_SERVED"),
        (2_302, "policy", "POLICY_NOT_FOUND"),
    ]
    assert "order.lines[0].quantity" in problems[1].message
    report = told[-1].report
    assert report.scenario.order_count == 3_996
    assert {each.reason: each.order_count for each in report.problems} == {
        "SKU_NOT_FOUND": 1,
        "INVALID_FIELD": 1,
        "DESTINATION_NOT_SERVED": 1,
        "POLICY_NOT_FOUND": 1,
    }
    assert told[-2].progress.done_count == told[-2].progress.total_count == 4_000


async def test_of_many_orders_that_cannot_be_decided_the_first_are_told_and_all_are_counted(chain: Chain) -> None:
    await chain.open([9] * 16)
    told = await chain.simulate([order(("nothing", 1))] * 1_500)
    assert sum(each.HasField("problem") for each in told) == 1_000
    assert told[-1].report.problems[0].order_count == 1_500


async def test_no_order_is_a_report_of_nothing(chain: Chain) -> None:
    await chain.open([9] * 16)
    report = await chain.report([], baseline={})
    assert (report.scenario.order_count, report.scenario.cost.total_micros, len(report.scenario.nodes)) == (0, 0, 0)
    assert all(not each.HasField("low") and each.mean == 0 for each in report.differences)


async def test_what_is_wrong_with_the_call_is_refused_with_a_reason(chain: Chain) -> None:
    await chain.open([9] * 16)
    invalid = grpc.StatusCode.INVALID_ARGUMENT

    async def send(*requests: so.SimulateRequest) -> None:
        async def each() -> AsyncIterator[so.SimulateRequest]:
            for request in requests:
                yield request

        async for _ in chain.sourcing.Simulate(each()):
            pass

    some = so.SimulateRequest(settings={"scenario": {}})
    await refused(send(), invalid, "INVALID_FIELD", field="settings")
    await refused(send(so.SimulateRequest(orders=[{}])), invalid, "INVALID_FIELD", field="settings")
    await refused(send(some, some), invalid, "INVALID_FIELD", field="settings")
    await refused(send(so.SimulateRequest(settings={})), invalid, "INVALID_FIELD", field="settings.scenario")
    await refused(send(some, so.SimulateRequest(orders=[{}] * 201)), invalid, "INVALID_FIELD", field="orders")
    await refused(chain.report(scenario={"policy": {"document": "policy: x\nrules: 7"}}), invalid, "INVALID_POLICY")
    gone = {"policy": {"version": {"policy_id": "gone"}}}
    await refused(chain.report(scenario=gone), grpc.StatusCode.NOT_FOUND, "POLICY_NOT_FOUND")
    await refused(chain.report(scenario={"policy": {"as_now": False}}), invalid, "INVALID_FIELD")


async def test_a_cancelled_simulation_ends_at_once_and_makes_room(chain: Chain, serving: Serving) -> None:
    await chain.open([9] * 16)
    await chain.level()
    orders = [order(("cup", 1), ("pot", 1), ("lid", 1))] * 20_000
    call = chain.sourcing.Simulate(messages(orders))
    first = await call.read()
    assert 0 < first.progress.done_count < 20_000
    with pytest.raises(grpc.aio.AioRpcError) as full:
        await chain.report([order(("cup", 1))])
    assert error_of(full.value)[0] == "TOO_MANY_SIMULATIONS"
    call.cancel()
    while True:  # the server hears of it a moment later
        try:
            assert (await chain.report([order(("cup", 1))])).scenario.order_count == 1
            break
        except grpc.aio.AioRpcError as error:
            assert error_of(error)[0] == "TOO_MANY_SIMULATIONS"


async def test_a_caller_that_sends_nothing_gives_its_place_to_others(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promessa.server.simulation_servicer.SIMULATION_STALLED_SECONDS", 0.05)

    async def settings_and_no_more() -> AsyncIterator[so.SimulateRequest]:
        yield so.SimulateRequest(settings={"scenario": AS_NOW})
        await asyncio.Event().wait()

    with pytest.raises(grpc.aio.AioRpcError) as stalled:
        async for _ in chain.sourcing.Simulate(settings_and_no_more()):
            pass
    assert error_of(stalled.value)[0] == "SIMULATION_STALLED"
    assert stalled.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_more_orders_than_a_simulation_may_have_are_refused(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chain.open([9] * 16)
    assert SIMULATION_ORDERS_MAX == 100_000
    monkeypatch.setattr("promessa.server.simulation_servicer.SIMULATION_ORDERS_MAX", 400)
    await refused(
        chain.report([order(("cup", 1))] * 401),
        grpc.StatusCode.INVALID_ARGUMENT,
        "SIMULATION_TOO_LARGE",
        orders_max="400",
    )


async def test_other_calls_are_answered_while_a_simulation_runs(chain: Chain) -> None:
    await chain.open([9] * 16)
    await chain.level()
    call = chain.sourcing.Simulate(messages([order(("cup", 1), ("pot", 1), ("lid", 1))] * 20_000))
    told = aiter(call)
    await anext(told)
    answered = 0
    done = asyncio.ensure_future(drain(told))
    while not done.done():
        await chain.availability.GetAvailability(av.GetAvailabilityRequest(sku="cup", node_ids=["a"]))
        answered += 1
    assert (await done).scenario.order_count == 20_000
    assert answered > 5, "calls are answered between its slices; one that keeps the worker lets one or two through"


async def drain(call: AsyncIterator[so.SimulateResponse]) -> sm.SimulationReport:
    async for told in call:
        last = told
    return last.report


async def test_recorded_orders_are_those_that_were_decided_as_they_were_asked_for(
    chain: Chain, wall_clock: WallClock
) -> None:
    await chain.open([9] * 16)
    await chain.level()
    asked = [
        order(("cup", 1), ("pot", 2), order_id="first", constraints={"max_shipments": 1}),
        order(("lid", 50), order_id="too many"),
        order(("lid", 30), order_id="in part", channel="web", traits={"customer_tier": "gold"}),
    ]
    decided = []
    for minute, each in enumerate(asked):
        wall_clock.now_ms = MONDAY_NOON + minute * 60_000
        request = so.SourceAndReserveRequest(
            request_id=chain.new_id(), order=each, allow_partial=each.order_id == "in part"
        )
        decided.append(await chain.sourcing.SourceAndReserve(request))
        await chain.reserve(lines=[{"sku": "cup", "node_id": "b", "quantity": 1}])
    restocked = {"cells": [{"sku": "cup", "node_id": "a", "available_quantity": 9}]}
    wall_clock.now_ms = MONDAY_NOON + 3600_000

    async def simulated(**recorded: Any) -> list[sm.SimulatedDecision]:
        told = await chain.simulate(
            recorded=recorded, scenario={**AS_NOW, "what_if": restocked}, detail=ALL, deplete=True
        )
        return [each.decision for each in told if each.HasField("decision")]

    found = await simulated()
    assert [each.order_id for each in found] == ["first", "too many", "in part"]
    assert [each.scenario.held for each in found] == [True, False, False], "of the lids there are none any more"
    assert found[0].scenario.plan == decided[0].plan, "as of then"
    since, until = ({"seconds": MONDAY_NOON // 1000 + seconds} for seconds in (60, 120))
    assert [each.order_id for each in await simulated(since_time=since, until_time=until)] == ["too many"]
    assert [each.order_id for each in await simulated(orders_max=2)] == ["first", "too many"]
    assert [each.order_id for each in await simulated(since_time=until)] == ["in part"]
