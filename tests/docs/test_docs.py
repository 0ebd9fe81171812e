"""The documents keep their promises: every outcome and reason is explained, links lead somewhere, worked numbers hold."""

from __future__ import annotations

import re
from array import array
from datetime import datetime
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from model import Cell, Model
from test_sourcing import Rows as StockShown
from test_sourcing import sourcing

from promessa.cli.output import quantity
from promessa.domain.calendar import Calendar, WorkingHours, WorkingTime
from promessa.domain.capacity import CapacityUnit
from promessa.domain.catalogue import Catalogue, Lane, Node, Sku
from promessa.domain.claim import Claim
from promessa.domain.confidence import Evidence, expected_sellable
from promessa.domain.hold_rules import NO_LIMITS
from promessa.domain.policy import PolicyState, PolicyVersion
from promessa.domain.policy_match import OrderProfile, applies, rules_for
from promessa.domain.pools import CellPools, Pool, PoolStrategy
from promessa.domain.promise_dates import DAY_MS, NodeWork, Route
from promessa.domain.rate_cards import RateBracket, RateCard, RemoteArea, chargeable_grams
from promessa.domain.reservation import LotLine
from promessa.domain.safety_stock import SafetyStockRule, safety_stock
from promessa.domain.schedule import Movement, Projection, atp_steps, schedule
from promessa.domain.sourcing import Constraints, Order, OrderTraits
from promessa.domain.stock import StockCell, atp_of_kit
from promessa.domain.stock_health import StockHealth
from promessa.domain.supply import Inbound, OverdueAction, OverduePolicy
from promessa.domain.watching import Levels, kind_of
from promessa.domain.why import ConstraintKind, FlipKind, Parts
from promessa.kernel import Basket, Network, Rules, decide, plan
from promessa.service.asking import Questions
from promessa.service.business_days import public_holidays
from promessa.service.deciding import Decider
from promessa.service.guided import Guide, Posed, decide_by_policy, priced
from promessa.service.guides import Guides
from promessa.service.lots import Lots
from promessa.service.method_safety import MethodSafety
from promessa.service.network_view import NetworkView
from promessa.service.node_facts import Facts, NodeWords, Rows
from promessa.service.plan_front import Front
from promessa.service.policies import draft_of_document
from promessa.service.policy_documents import policy_of
from promessa.service.side_search import Work
from promessa.service.simulation import OrderDecisions, Report, Scenario, SimulatedOrder, SimulatedPolicy, Simulations
from promessa.service.wave_bound import least_cost
from promessa.service.wave_decisions import WaveDecisions
from promessa.service.wave_ledger import Room
from promessa.service.wave_planning import plan_wave
from promessa.service.wave_prices import WavePrices
from promessa.service.weighted_network import columns_of
from promessa.v1 import (
    availability_pb2,
    availability_service_pb2,
    constraint_pb2,
    decision_pb2,
    error_reason_pb2,
    inventory_pb2,
    inventory_service_pb2,
    network_pb2,
    order_service_pb2,
    orders_pb2,
    plan_token_pb2,
    policy_pb2,
    reservation_pb2,
    reservation_service_pb2,
    resourcing_pb2,
    sourcing_pb2,
)

ROOT = Path(__file__).parent.parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]


@pytest.mark.parametrize(
    ("enum", "prefix"),
    [
        (error_reason_pb2.ErrorReason, "ERROR_REASON_"),
        (reservation_pb2.ReserveOutcome, "RESERVE_OUTCOME_"),
        (reservation_pb2.ShortfallReason, "SHORTFALL_REASON_"),
        (reservation_pb2.LineState, "LINE_STATE_"),
        (reservation_service_pb2.TransferOutcome, "TRANSFER_OUTCOME_"),
        (inventory_pb2.FeedOutcome, "FEED_OUTCOME_"),
        (inventory_service_pb2.RepairOutcome, "REPAIR_OUTCOME_"),
        (inventory_service_pb2.ReallocateOutcome, "REALLOCATE_OUTCOME_"),
        (inventory_pb2.SequenceOutcome, "SEQUENCE_OUTCOME_"),
        (availability_pb2.AvailabilityStatus, "AVAILABILITY_STATUS_"),
        (availability_pb2.AvailabilityEventKind, "AVAILABILITY_EVENT_KIND_"),
        (availability_service_pb2.BasketRejection, "BASKET_REJECTION_"),
        (policy_pb2.PolicyState, "POLICY_STATE_"),
        (policy_pb2.PolicyFinding, "POLICY_FINDING_"),
        (sourcing_pb2.CandidateReason, "CANDIDATE_REASON_"),
        (constraint_pb2.ConstraintKind, "CONSTRAINT_KIND_"),
        (decision_pb2.FlipKind, "FLIP_KIND_"),
        (sourcing_pb2.FulfillmentKind, "FULFILLMENT_KIND_"),
        (sourcing_pb2.OwnStock, "OWN_STOCK_"),
        (order_service_pb2.PlaceOrderOutcome, "PLACE_ORDER_OUTCOME_"),
        (order_service_pb2.StepOutcome, "STEP_OUTCOME_"),
        (orders_pb2.RejectReason, "REJECT_REASON_"),
        (orders_pb2.Disposition, "DISPOSITION_"),
        (resourcing_pb2.ResourceOutcome, "RESOURCE_OUTCOME_"),
        (resourcing_pb2.RefusalReason, "REFUSAL_REASON_"),
        (plan_token_pb2.PlanTokenOutcome, "PLAN_TOKEN_OUTCOME_"),
        (plan_token_pb2.PlanTokenChangeKind, "PLAN_TOKEN_CHANGE_KIND_"),
    ],
)
def test_every_outcome_and_reason_is_explained(enum: type, prefix: str):
    explained = set(re.findall(r"\| ([A-Z_]+) (?=\|)", (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")))
    names = {name.removeprefix(prefix) for name in enum.keys()} - {"UNSPECIFIED"}  # noqa: SIM118 - an enum, no dict
    assert names <= explained


@pytest.mark.parametrize(
    "reason", [name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()[1:]]
)
def test_every_reason_is_reached_by_a_test_over_a_real_channel(reason: str):
    assert any(reason in path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "server").glob("test_*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page: Path):
    help_of_all = (ROOT / "tests" / "cli" / "help.txt").read_text(encoding="utf-8")
    known = set(re.findall(r"^\$ promessa (.+) --help$", help_of_all, re.MULTILINE))
    groups = {command.split()[0] for command in known if " " in command}
    text = page.read_text(encoding="utf-8")
    in_code = "\n".join([*re.findall(r"```.*?```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)])
    named = re.findall(r"^(?:\.venv/bin/)?promessa ([a-z-]+)(?: ([a-z-]+))?", in_code, re.MULTILINE)
    assert {f"{name} {own}" if name in groups and own else name for name, own in named} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path):
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def rows_of(heading: str, table: int = 0) -> list[list[str]]:
    """The cells of a table below a heading of docs/concepts.md, the first unless told."""
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1]
    found = list(re.finditer(r"\n(\|.*\|\n)+", text))[table]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in found.group().strip().split("\n")[2:]]


def test_the_worked_counts_are_those_of_the_domain():
    *nodes, total = rows_of("What can be promised")
    cells = [StockCell(*(int(count) for count in row[1:6]), 0, 0) for row in nodes]
    assert [cell.available for cell in cells] == [int(row[6]) for row in nodes]
    assert [cell.deficit for cell in cells] == [int(row[7]) for row in nodes]
    assert sum(cell.available for cell in cells) == int(total[6])
    assert sum(cell.on_hand for cell in cells) == int(total[1])
    raw = sum(c.on_hand - c.unavailable - c.safety_stock - c.held - c.committed for c in cells)
    assert raw == 19, "what docs/concepts.md says of clamping after summing"


def test_the_worked_reasons_add_up():
    for _, sellable, *reasons, unavailable in rows_of("Units that cannot be sold"):
        assert sum(map(int, reasons)) == int(unavailable) == 10 - int(sellable)


def test_the_worked_rules_of_safety_stock_are_those_of_the_domain():
    groups = {"small": "group small", "south": "group south"}
    rules = []
    for rule_id, sku, at, withholds, kept in rows_of("Safety stock by rule"):
        number, *unit = withholds.split()
        share, quantity = (int(number), 0) if unit else (0, int(number))
        node, group = at.removeprefix("node ") if at.startswith("node") else "", at.removeprefix("group ")
        group = group if at in groups.values() else ""
        rules.append(SafetyStockRule(rule_id, "", sku, node, group, quantity, share))
        found = safety_stock(rules, "mug", "corner", 30, lambda node_id, group_id: group_id in groups)
        assert found == int(kept), rule_id


def test_the_worked_rules_of_a_method_are_those_of_the_domain():
    catalogue = Catalogue()
    catalogue.put("node", "corner", 0, Node("corner"), 1)
    catalogue.put("sku", "mug", 0, Sku("mug"), 1)
    cell = StockCell(30, 0, 1, 9, 0, 1, 0)
    for i, (rule_id, sku, at, units, anybody, pickup) in enumerate(rows_of("Safety stock by rule", 1)):
        if units:
            node_id = at.removeprefix("node ")
            rule = SafetyStockRule(rule_id, "", sku, node_id, "", int(units), fulfillment_method="pickup")
            catalogue.put("safety_rule", rule_id, i, rule, 0)
        methods = MethodSafety(catalogue)
        found = [str(methods.available(cell, (), 0, 0, Claim("", method))) for method in ("ship", "pickup")]
        assert found == [anybody, pickup], rule_id


def test_the_worked_confidence_is_that_of_the_domain():
    for _, found, missing, confidence, available, expected in rows_of("How far the books can be believed"):
        share = Evidence(int(found) * 1_000, int(missing) * 1_000).confidence
        assert f"{share / 10:.1f} %" == confidence
        assert expected_sellable(int(available), share) == int(expected)


def test_the_worked_rule_by_confidence_is_that_of_the_domain():
    rows = rows_of("How far the books can be believed", table=1)
    assert len(rows) == 4
    for on_hand, confidence, withheld, available, expected in rows:
        share, rule = round(float(confidence.removesuffix(" %")) * 10), SafetyStockRule("doubt", by_confidence=True)
        assert rule.units(int(on_hand), share) == int(withheld)
        assert StockCell(int(on_hand), 0, int(withheld), 0, 0, 0, 0).available == int(available)
        assert expected_sellable(int(available), share, int(withheld)) == int(expected)


def test_the_worked_life_of_a_reservation_adds_up():
    for _, on_hand, held, committed, available, _, _ in rows_of("The life of a reservation"):
        assert StockCell(int(on_hand), 0, 2, int(held), int(committed), 0, 0).available == int(available)


def test_the_worked_pools_are_those_of_the_domain():
    strategies = (
        ("web", PoolStrategy.STRICT),
        ("web/vip", PoolStrategy.OWN_FIRST),
        ("shop", PoolStrategy.COMMON_FIRST),
    )
    for step, free, *counts in rows_of("What is kept for a channel"):
        unused, common, found = counts[:3], counts[3], counts[4:]
        pools = [
            Pool(name, strategy, 0, int(units), 0, 0)
            for (name, strategy), units in zip(strategies, unused, strict=True)
            if not (step == "web gives back" and name == "web")
        ]
        cell = CellPools(int(free), 20, sorted(pools))
        assert cell.common(0) == int(common)
        assert [cell.available(name, 0) for name, _ in strategies] == [int(units) for units in found]


def test_the_worked_schedule_is_the_one_of_the_domain():
    rows = [[int(value) for value in row] for row in rows_of("What can be promised on a later day")]
    nodes = [
        Projection(balance, tuple(Movement(row[0], *row[at : at + 2]) for row in rows))
        for balance, at in ((8, 1), (-3, 4), (6, 7))
    ]
    found = schedule(nodes, first=1, last=20)
    assert [window.atp for window in found.windows] == [row[10] for row in rows]
    for node, at in zip(nodes, (3, 6, 9), strict=True):
        assert [atp for _, atp in atp_steps(node, first=1, last=20)] == [row[at] for row in rows]
    assert (found.fulfil, found.order, found.capable_day(20)) == (14, 36, 5)
    assert sum(node.balance for node in nodes) - 2 == 9, "what docs/concepts.md says of clamping after summing"


def test_the_worked_overdue_policies_are_those_of_the_domain():
    late = Inbound(0, 0, "po", 1, 8, 0, 8, 3, 0, 99, None, 1, 1, 0)
    assert late.expected_at(100, OverduePolicy(OverdueAction.SLIP, 2)) == (102, 8)
    assert late.expected_at(100, OverduePolicy(OverdueAction.DROP)) == (100, 0)
    assert late.expected_at(100, OverduePolicy(OverdueAction.HOLD_AND_ALERT)) == (100, 3)


def test_the_worked_kits_are_those_of_the_domain():
    per_kit = (2, 150, 1)
    for _, *units, kits, _ in rows_of("Kits"):
        counts = [StockCell(int(each), 0, 0, 0, 0, 1, 0) for each in units]
        assert atp_of_kit(zip(counts, per_kit, strict=True)) == int(kits)
    shares = Model(lambda: 0)
    for i, units in enumerate((6, 800, 6)):
        shares.cells[0, i] = Cell(units)
    asked = [LotLine(0, 9, 5, 1, tuple(enumerate(per_kit))), LotLine(0, 0, 2)]
    assert [line.granted for line in shares._share_out(asked, NO_LIMITS, "", ())] == [3, 0], "the last step"


def test_the_worked_steps_are_those_of_the_model():
    for step, has, asked, granted in [[int(x) for x in row] for row in rows_of("Packs, steps and decimals")]:
        model = Model(lambda: 0)
        model.cells[0, 0] = Cell(has)
        (line,) = model._share_out([LotLine(0, 0, asked // step, step)], NO_LIMITS, "", ())
        assert line.granted == granted
    assert quantity(1_250, network_pb2.Sku(decimals=3, unit_code="KGM")) == "1.250 kg"


def test_the_worked_watch_tells_what_the_domain_tells():
    rows = rows_of("Watching")
    for (_, before, _, _), (_, after, change, crossing) in pairwise(rows):
        for levels, expected in ((None, change), (Levels(low=5), crossing)):
            kind = kind_of(levels, int(before), int(after))
            assert (kind.name if kind else "") == expected


def test_the_worked_promises_are_those_of_the_calendars():
    zone = ZoneInfo("America/Sao_Paulo")
    week = tuple(WorkingHours(weekday, 540, 1080) for weekday in range(1, 6))
    shop = Calendar("shop", hours=(*week, WorkingHours(6, 540, 780)), holiday_country_code="BR")
    carrier = Calendar("carrier", hours=week, holiday_country_code="BR")
    node = Node("n", time_zone=zone.key, calendar_id="shop", cutoff_minute=840, handling_minutes=90)
    lane = Lane(
        "l", "n", "BR", transit_days=2, calendar_id="carrier", transit_in_working_days=True, pickup_minutes=(960,),
        delivery_start_minute=480, delivery_end_minute=1080,
    )  # fmt: skip
    there, here = WorkingTime(carrier, zone.key, public_holidays), WorkingTime(shop, zone.key, public_holidays)
    for order, *expected in rows_of("When it arrives"):
        order_ms = int(datetime.fromisoformat(order).replace(tzinfo=zone).timestamp() * 1000)
        found = Route(lane, here, there, there).dates(NodeWork(node, here).ready_ms(order_ms))
        assert [datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M") for ms in found] == expected


def micros(amount: str) -> int:
    return round(float(amount) * 100) * CENTAVO


def worked_chain() -> Catalogue:
    """The nodes of the worked plan, as a catalogue."""
    catalogue = Catalogue()
    for i, (card_id, price, step) in enumerate((("shop", "9.90", "0.80"), ("centre", "24.90", "3.60"))):
        card = RateCard(card_id, "", "BRL", (RateBracket(300, micros(price)),), 1_000, micros(step))
        catalogue.put("rate_card", card_id, i, card, 0)
    shop = (2, "3.10", "0.80", "shop")
    for i, (node_id, kind, opening, unit, card_id) in enumerate(
        (("near", *shop), ("corner", *shop), ("far", 1, "2.20", "0.35", "centre"))
    ):
        node = Node(node_id, type=kind, shipment_cost_micros=micros(opening), unit_cost_micros=micros(unit))
        catalogue.put("node", node_id, i, node, 1)
        catalogue.put("lane", node_id, i, Lane(node_id, node_id, "BR", (), "road", card_id, 1), 0)
    for i, (sku, grams) in enumerate((("mug", 380), ("clock", 850))):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=grams), 0)
    return catalogue


def worked_stock(missing: str) -> array[int]:
    """What the nodes have of mugs and clocks, but for what a row says is missing: `mugs at near`, `clocks everywhere`."""
    has = {("mug", "near"), ("mug", "far"), ("clock", "corner"), ("clock", "far")}
    sku, place = re.fullmatch(r"(?:(\w+)s (?:at (\w+)|everywhere))?", missing).groups()
    gone = {(kind, node) for kind, node in has if kind == sku and place in (node, None)}
    assert bool(gone) == bool(missing)
    cells = product(("mug", "clock"), ("near", "corner", "far"))
    return array("q", [5 if cell in has - gone else 0 for cell in cells])


async def test_the_worked_quote_is_the_front_of_the_kernel():
    network, basket, rules = worked_network(), worked_basket(), Rules(split_cost=200 * CENTAVO)
    arrivals = [4 * DAY_MS, 4 * DAY_MS, 2 * DAY_MS]
    front = await Front.of(lambda asked: plan(network, basket, asked), columns_of(network), basket, rules, arrivals)
    points = await front.walk()
    cheapest = front.cheapest(points)
    two, far = rows_of("Choosing between plans", 1)
    for row, named in ((two, cheapest), (far, await front.fastest()), (far, (await front.fewest(cheapest))[0])):
        assert named.proven
        assert named.point.sizes == (0, micros(row[1]), int(row[2]) * DAY_MS, int(row[3]))
    for value, column, balanced in (("1", 4, two), ("2", 5, far)):
        assert front.balanced(points, micros(value)).point.cost == micros(balanced[1])
        for each in (two, far):
            assert micros(each[1]) + int(each[2]) * micros(value) == micros(each[column])


def test_the_worked_policy_decides_as_it_says():
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    policy = policy_of(text)
    version = PolicyVersion(policy.policy_id, 1, "", 0, policy, PolicyState.ACTIVE)
    catalogue = worked_chain()
    destination = NetworkView(catalogue).destination("BR", "01310100", 0)
    for channel, tier, missing, rule, given_up, nodes, total, objective in rows_of("Your own rules"):
        traits = OrderTraits(customer_tier=tier)
        order = Order("o", (("mug", 2), ("clock", 1)), "BR", "01310100", channel=channel, traits=traits)
        profile = OrderProfile(traits, channel, "BR", "", None)
        assert applies(policy, profile, 0) == (rule != "no policy")
        rows = Rows([0, 1], [2, 1], [], array("i", [0, 3, 6]), array("I", [0, 1, 2] * 2), worked_stock(missing))
        posed = Posed(rows, [380, 850], Rules(split_cost=200 * CENTAVO), None, list, 0, 0, 0, None, Work())
        facts = Facts(catalogue, NodeWords(catalogue), destination, order, rows, grams=1_610, now_ms=0, lead_ms=0)
        if rule == "no policy":
            found = decide(worked_network(), worked_basket(), posed.rules)
            assert (found.total_cost, objective) == (micros(total), "")
            continue
        guided = decide_by_policy(Guide(version, rules_for(policy, profile)), posed, facts)
        assert guided.decision.rule == rule.replace("none", "")
        assert ", ".join(guided.decision.given_up) == given_up
        if rule != "none":
            money = priced(guided, guided.found)
            assert ", ".join(catalogue.nodes.ids[shipment[0]] for shipment in money.shipments) == nodes
            assert (money.total, money.objective) == (micros(total), micros(objective))


async def test_the_worked_simulation_is_the_one_that_runs():
    units = {("mug", "near"): 4, ("clock", "corner"): 2, ("mug", "far"): 5, ("clock", "far"): 5}
    catalogue = worked_chain()
    keeper: Any = SimpleNamespace(catalogue=catalogue)
    pools: Any = SimpleNamespace(scan_open=no_pools)
    none: Any = None
    simulations = Simulations(
        keeper,
        none,
        lambda: WorkedStock(catalogue, units),
        Lots(keeper, none),
        none,
        pools,
        none,
        NetworkView(catalogue),
    )
    draft = draft_of_document("policy: p\nmode: cost\nrules: [{name: r, limits: {max_shipments: 1}}]")
    scenarios = [Scenario(SimulatedPolicy(simulations.inline(draft, 0))), Scenario(SimulatedPolicy())]
    rows, differences = rows_of("What would become of it"), rows_of("What would become of it", table=1)
    orders = [SimulatedOrder(Order(row[0], (("mug", 2), ("clock", 1)), "BR", "01310100"), 0) for row in rows]
    told = [each async for each in simulations.run(orders, scenarios, deplete=True)]
    decided = [each for each in told if isinstance(each, OrderDecisions)]
    for row, found in zip(rows, decided, strict=True):
        for (nodes, total), each in zip((row[1:3], row[3:5]), found.decisions, strict=True):
            names = ", ".join(catalogue.nodes.ids[ship.node_ix] for ship in each.plan.shipments)
            assert nodes == (names if each.held else "refused")
            assert not each.held or each.plan.total_micros == micros(total)
    report = told[-1]
    assert isinstance(report, Report)
    of = {"cost": report.comparable, "shipments": report.comparable, "units not served": report.unserved}
    for measure, count, difference in differences:
        scale = 1_000_000 if measure == "cost" else 1
        found = of[measure].of({"units not served": "unserved_units"}.get(measure, measure))
        assert (of[measure].pairs, f"{found.mean / scale:+.2f}".replace("-", "−")) == (int(count), difference)


@pytest.mark.parametrize("scarce", ["mugs at near", "near's day"])
async def test_the_worked_wave_is_the_one_that_is_planned(scarce: str):
    *orders, both = [row[1:] for row in rows_of("Orders decided together") if row[0] == scarce]
    catalogue = worked_chain()
    mugs, rooms = (2, {}) if scarce == "mugs at near" else (5, {0: Room(CapacityUnit.ORDERS, 1)})
    units = {("mug", "near"): mugs, ("clock", "corner"): 5, ("mug", "far"): 5, ("clock", "far"): 5}
    keeper: Any = SimpleNamespace(catalogue=catalogue)
    lots, view = Lots(keeper, None), NetworkView(catalogue)  # type: ignore[arg-type]
    authority: Any = SimpleNamespace(methods=MethodSafety(catalogue))
    questions = Questions(keeper, lambda: WorkedStock(catalogue, units), lots, authority, Guides(catalogue, None), view)  # type: ignore[arg-type,return-value]
    decisions = WaveDecisions(Decider(catalogue, lots, view), lots.parts, rooms)
    for row in orders:
        lines = tuple((each.split()[1].rstrip("s"), int(each.split()[0])) for each in row[0].split(", "))
        await decisions.add(await questions.ask(Order(row[0], lines, "BR", "01310100"), 0), allow_partial=False)
    one_by_one = await decisions.one_by_one()
    wave = await plan_wave(decisions, one_by_one, rounds_max=12)
    for row, apart, together in zip(orders, one_by_one, wave.standings, strict=True):
        for (nodes, total), each in ((row[1:3], apart), (row[3:5], together)):
            assert nodes == ", ".join(catalogue.nodes.ids[ship.node_ix] for ship in each.plan.shipments)
            assert each.cost == micros(total)
    assert (wave.one_by_one, wave.value) == ((0, micros(both[2])), (0, micros(both[4])))
    assert wave.bound == wave.value.cost, "what the text says of the bound"
    for price, best in ((167, False), (168, True), (800, True), (801, False)):
        at = WavePrices({(0, 0): price * CENTAVO}, lots.parts)
        if scarce == "mugs at near":
            assert (await least_cost(decisions, at, wave.value, 400_000_000) == wave.bound) == best, price


class WorkedStock:
    """What the replica would show of a few cells."""

    ready = True

    def __init__(self, catalogue: Catalogue, units: dict[tuple[str, str], int]) -> None:
        skus, nodes = catalogue.skus.index_of, catalogue.nodes.index_of
        self.cells = {(skus[sku], nodes[node_id]): n for (sku, node_id), n in units.items()}

    def applied(self, partition: int) -> int:
        return 0

    def rows(self, sku_indices: list[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        start, nodes, atp = array("i", [0]), array("I"), array("q")
        for sku_ix in sku_indices:
            mine = sorted((node_ix, n) for (sku, node_ix), n in self.cells.items() if sku == sku_ix)
            nodes.extend(node_ix for node_ix, _ in mine)
            atp.extend(n for _, n in mine)
            start.append(len(nodes))
        return start, nodes, atp


async def no_pools() -> Any:
    for each in ():
        yield each


def test_the_worked_freight_is_that_of_the_card():
    brackets = tuple(
        RateBracket(grams, micros(price)) for grams, price in ((1_000, "9.90"), (2_000, "14"), (5_000, "22"))
    )
    area = RemoteArea(("69",), micros("12"))
    card = RateCard(
        "card", "", "BRL", brackets, 1_000, micros("2.50"), minimum_micros=micros("11"), fuel_basis_points=500,
        remote_areas=(area,),
    )  # fmt: skip
    assert card.problem() is None
    (tariff,) = card.tariffs()
    for grams, bracket, shipping, fuel, remote, total in rows_of("What a carrier charges"):
        price = next((b.price_micros for b in brackets if int(grams) <= b.max_weight_grams), brackets[-1].price_micros)
        assert price == micros(bracket)
        freight = card.freight_at(tariff, int(grams))
        assert freight == micros(shipping)
        assert card.with_fuel(freight) - freight == micros(fuel)
        assert micros(total) == card.with_fuel(freight) + micros(remote)
        assert micros(remote) in (0, area.surcharge_micros)
    assert chargeable_grams(900, 400 * 300 * 200, 6_000) == 4_000


def test_the_worked_price_of_stock_is_that_of_the_domain():
    health = StockHealth(micros("10"), micros("8"), 40, 2, 6)
    for available, share, _, risk, markdown in rows_of("What stock is worth where it is"):
        found = health.prices(int(available), int(share.removesuffix(" %")) * 100)
        assert found == (micros(risk), -micros(markdown))


def test_every_term_of_a_cost_is_explained():
    explained = {row[0].replace(" ", "_").replace("-", "_") for row in rows_of("What a plan costs")}
    terms = {name.removesuffix("_micros") for name in sourcing_pb2.PlanCost.DESCRIPTOR.fields_by_name}
    assert terms - {"total", "currency_code"} == explained


CENTAVO = 10_000
MUGS, CLOCK = 0, 1
NEAR, CORNER, FAR = range(3)


def worked_network() -> Network:
    """The nodes of docs/concepts.md: near and corner on one rate card, far on another."""
    grams = [300, 1_000, 2_000]
    prices = [[990, 1_070, 1_150], [2_490, 2_850, 3_210]]
    return Network(
        fixed_cost=array("q", [310 * CENTAVO, 310 * CENTAVO, 220 * CENTAVO]),
        unit_cost=array("q", [80 * CENTAVO, 80 * CENTAVO, 35 * CENTAVO]),
        lane_start=array("i", [0, 1, 2, 3]),
        lane_rate=array("i", [0, 0, 1]),
        lane_surcharge=array("q", [0, 0, 0]),
        bracket_start=array("i", [0, 3, 6]),
        bracket_grams=array("q", grams + grams),
        bracket_price=array("q", [price * CENTAVO for price in prices[0] + prices[1]]),
        over_step_grams=array("q", [0, 0]),
        over_step_price=array("q", [0, 0]),
    )


def worked_basket() -> Basket:
    """Two mugs and a clock: near has mugs, corner the clock, far both."""
    return Basket(
        quantities=[2, 1],
        unit_grams=[380, 850],
        row_start=array("i", [0, 2, 4]),
        row_node=array("i", [NEAR, FAR, CORNER, FAR]),
        row_atp=array("q", [2, 9, 1, 9]),
    )


def test_the_worked_plan_is_the_one_the_kernel_finds():
    rules = Rules(split_cost=200 * CENTAVO)
    found = decide(worked_network(), worked_basket(), rules, explain=True)
    assert [shipment.node for shipment in found.shipments] == [NEAR, CORNER]
    assert found.total_cost == 3_200 * CENTAVO
    assert found.proven_optimal
    assert 0 <= found.reasons[FAR].costs_more <= 335 * CENTAVO
    single = decide(worked_network(), worked_basket(), Rules(split_cost=200 * CENTAVO, max_shipments=1))
    assert [shipment.node for shipment in single.shipments] == [FAR]
    assert single.total_cost == 3_535 * CENTAVO


async def test_the_worked_explanation_is_what_is_decided():
    catalogue = worked_chain()
    stock = {(MUGS, NEAR): 2, (MUGS, FAR): 9, (CLOCK, CORNER): 1, (CLOCK, FAR): 9}
    said = {
        "none": Constraints(),
        "1 shipment": Constraints(max_shipments=1),
        "1 shipment, not far": Constraints(max_shipments=1, excluded_node_ids=("far",)),
    }
    by_words = {"far": FAR, "near": NEAR}
    rows = rows_of("Why an order is sourced so")
    assert len(rows) == 6
    for constraints, nodes, asked, answer, total in rows:
        order = Order("o", (("mug", 2), ("clock", 1)), "BR", "01310100", said[constraints])
        nobody = type("Store", (), {"_redis": None, "keys": None, "_commit": None})()
        why = await sourcing(nobody, StockShown(stock), catalogue).explain(order, Parts(True, True, True))
        assert ", ".join(catalogue.nodes.ids[x.node_ix] for x in why.plan.shipments) == nodes.removesuffix(", in part")
        assert bool(why.plan.unserved) == nodes.endswith("in part")
        if asked.endswith(("cheaper", "dearer")):
            name, change = asked.split()
            kind = FlipKind.NODE_CHEAPER if change == "cheaper" else FlipKind.CHOSEN_DEARER
            (flip,) = [x for x in why.flips if (x.kind, x.node_ix) == (kind, by_words[name])]
            assert flip.exact and answer == f"by more than {flip.micros / 1e6:.2f}"
            assert why.plan.total_micros + flip.micros == micros(total)
        elif asked == "without the limit":
            (binding,) = why.bindings
            assert binding.plan is not None and binding.plan.total_micros == micros(total)
            assert answer == f"{(why.plan.total_micros - binding.plan.total_micros) / 1e6:.2f} less"
        else:
            kinds = {
                "2 shipments allowed": ConstraintKind.MAX_SHIPMENTS,
                "far allowed": ConstraintKind.EXCLUDED_NODES,
                "1 clock more at near": ConstraintKind.STOCK,
            }
            (relaxation,) = [x for x in why.relaxations if x.constraints[0].kind == kinds[asked]]
            assert relaxation.plan.total_micros == micros(total) and not relaxation.plan.unserved
            missing = [(x.units, x.sku_ix, x.node_ix) for x in relaxation.missing]
            assert missing == ([(1, CLOCK, NEAR)] if kinds[asked] == ConstraintKind.STOCK else [])
