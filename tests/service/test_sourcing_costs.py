"""The cost of a plan by its terms: recomputed from the catalogue by other means, summed to the micro, chosen by date."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from test_sourcing import DAY, NOON, Rows, hold, network, order, quoting, sourcing, stock

from promessa.domain.catalogue import Catalogue, Lane, Node, Sku
from promessa.domain.pair_rules import CommissionRule, TaxRule
from promessa.domain.rate_cards import RateBracket, RateCard, RateZone, RemoteArea
from promessa.domain.sourcing import CostTerm, Order, Plan, PlannedShipment
from promessa.service.sourcing import Sourcing
from promessa.store.store import Store

REGIONS = ("BR-SP", "BR-RJ", "BR-MG")


def chain(random: Random) -> Catalogue:
    """Nodes, cards, lanes, rules and skus with every term, at random."""
    catalogue = Catalogue()
    pick = random.choice
    for i in range(4):
        node = Node(
            f"n{i}",
            region_code=pick(REGIONS),
            owner_code=pick(["", "franchise-a", "franchise-b"]),
            shipment_cost_micros=random.randrange(5_000_000),
            unit_cost_micros=random.randrange(900_000),
            packaging_cost_micros=pick([0, 1_234_567]),
            rejection_basis_points=pick([0, 333]),
            resource_cost_micros=pick([0, 7_777_777]),
            load_cost_micros=pick([0, 3_000_001]),
            demand_share_basis_points=pick([0, 500, 3_000]),
        )
        catalogue.put("node", node.node_id, i, node, 1)
    catalogue.set_loads({0: random.randrange(130), 1: 55})
    insurance = pick([0, 33])
    for i, card_id in enumerate(("road", "air")):
        zones = tuple(
            RateZone(zone, (RateBracket(1_000, 5_000_000 + zone_ix), RateBracket(5_000, 9_000_000)), 1_000, 1_500_001)
            for zone_ix, zone in enumerate(("near", "far"))
        )
        card = RateCard(
            card_id, "", "BRL", zones=zones, minimum_micros=pick([0, 6_500_000]), fuel_basis_points=pick([0, 777]),
            insurance_basis_points=insurance, volumetric_divisor=6_000,
            remote_areas=pick([(), (RemoteArea(("013",), 2_345_678), RemoteArea(("0",), 1_000_000))]),
        )  # fmt: skip
        catalogue.put("rate_card", card_id, i, card, 0)
    for i in range(4):
        for j, card_id in enumerate(("road", "air")):
            lane = Lane(
                f"{card_id}-{i}", f"n{i}", "BR", (), card_id, card_id, 3, surcharge_micros=pick([0, 500_000]),
                zone=pick(["near", "far"]),
            )  # fmt: skip
            catalogue.put("lane", lane.lane_id, 2 * i + j, lane, 0)
    for i, sku in enumerate(("cup", "pot", "lamp")):
        made = Sku(
            sku, weight_grams=random.randrange(3_000), length_mm=200, width_mm=150, height_mm=random.randrange(1, 900),
            value_micros=pick([0, 123_456_789]), margin_micros=pick([0, 9_999_999]), markdown_micros=pick([0, 8_888_888]),
            weekly_demand_quantity=pick([0, 20]), healthy_weeks_min=2, healthy_weeks_max=6,
        )  # fmt: skip
        catalogue.put("sku", sku, i, made, 0)
    rates = iter([800, 1_200, 700, 50, 1_800])
    for i, pair in enumerate([("BR-SP", "BR-SP"), ("BR-RJ", ""), ("", "BR-SP"), ("", "")]):
        catalogue.put("tax_rule", str(i), i, TaxRule(str(i), "", *pair, next(rates)), 0)
    catalogue.put("commission_rule", "c", 0, CommissionRule("c", "", "", "franchise-a", 1_000), 0)
    catalogue.put("commission_rule", "d", 1, CommissionRule("d", "", "franchise-b", "", 450), 0)
    return catalogue


def tax_of(origin: str) -> int:
    """Towards BR-SP."""
    return {"BR-SP": 800, "BR-RJ": 1_200}.get(origin, 700)


def expected_terms(catalogue: Catalogue, shipment: PlannedShipment, seller: str, rows: Rows) -> dict[str, int]:
    """What a shipment to 01310-100 costs, term by term, from the catalogue alone."""
    node = catalogue.nodes.by_id[f"n{shipment.node_ix}"]
    lane = catalogue.lanes.by_id[shipment.lane_id]
    card = catalogue.rate_cards.by_id[lane.rate_card_id]
    tariff = next(each for each in card.zones if each.zone == lane.zone)
    grams, terms = 0, dict.fromkeys((term.name for term in CostTerm), 0)
    for _, sku_ix, units in shipment.lines:
        sku = catalogue.skus.by_id[catalogue.skus.ids[sku_ix]]
        box = sku.length_mm * sku.width_mm * sku.height_mm
        grams += units * max(sku.weight_grams, (box + 5_999) // 6_000)
        value = sku.value_micros
        terms["INSURANCE"] += units * (value * card.insurance_basis_points // 10_000)
        terms["TAX"] += units * (value * tax_of(node.region_code) // 10_000)
        rate = 0
        if node.owner_code != seller:
            rate = {"franchise-a": 1_000}.get(node.owner_code, 450 if seller == "franchise-b" else 0)
            rate = 450 if seller == "franchise-b" else rate
        terms["COMMISSION"] += units * (value * rate // 10_000)
        if sku.weekly_demand_quantity and (sku.margin_micros or sku.markdown_micros):
            weekly = sku.weekly_demand_quantity * node.demand_share_basis_points
            supply = rows.atp[sku_ix, shipment.node_ix] * 10_000
            if supply < 2 * weekly:
                terms["STOCK_OUT"] += units * (sku.margin_micros * (2 * weekly - supply) // (2 * weekly))
            if supply > 6 * weekly:
                over = min(supply - 6 * weekly, 6 * weekly)
                terms["MARKDOWN"] -= units * (
                    sku.markdown_micros * over // (6 * weekly) if weekly else sku.markdown_micros
                )
    price = next(
        (b.price_micros for b in tariff.brackets if grams <= b.max_weight_grams), tariff.brackets[-1].price_micros
    )
    steps = max(0, -((5_000 - grams) // 1_000)) if grams > 5_000 else 0
    bracket = max(price, card.minimum_micros)
    terms["shipping"] = bracket + steps * tariff.over_step_price_micros + lane.surcharge_micros
    fuel = card.fuel_basis_points
    terms["FUEL"] = bracket * fuel // 10_000 + steps * (tariff.over_step_price_micros * fuel // 10_000)
    terms["REMOTE_AREA"] = 2_345_678 if card.remote_areas else 0
    terms["PACKAGING"] = node.packaging_cost_micros
    load = catalogue.loads.get(shipment.node_ix, 0)
    terms["LOAD"] = node.load_cost_micros * load * load // 10_000
    terms["REJECTION"] = node.rejection_basis_points * node.resource_cost_micros // 10_000
    terms["handling"] = node.unit_cost_micros * sum(units for _, _, units in shipment.lines)
    terms["shipment"] = node.shipment_cost_micros
    assert shipment.weight_grams == grams
    return {name: micros for name, micros in terms.items() if micros}


def found_terms(shipment: PlannedShipment) -> dict[str, int]:
    own = {
        "shipping": shipment.shipping_micros, "handling": shipment.handling_micros, "shipment": shipment.shipment_micros
    }  # fmt: skip
    return {name: micros for name, micros in own.items() if micros} | {term.name: x for term, x in shipment.terms}


@pytest.mark.parametrize("seed", range(150))
async def test_every_term_is_its_formula_and_all_sum_to_the_total(store: Store, seed: int) -> None:
    random = Random(seed)
    catalogue = chain(random)
    atp = {(sku, node): random.randrange(30) for sku in range(3) for node in range(4) if random.random() < 0.8}
    rows = Rows(atp)
    seller = random.choice(["", "franchise-a", "franchise-b"])
    lines = tuple((sku, random.randint(1, 9)) for sku in ("cup", "pot", "lamp") if random.random() < 0.8) or (
        ("cup", 1),
    )
    wanted = Order("order-1", lines, "BR", "01310100", seller_code=seller)
    service = sourcing(store, rows, catalogue)
    plan, _ = await service.source(wanted, explain=False)
    options = await quoting(service).quote(wanted, alternatives=3, day_value_micros=1_000_000)
    quoted = [option.plan for option in options]
    for each in [plan, *quoted]:
        assert each.total_micros == sum(s.total_micros for s in each.shipments) + each.split_micros
        for shipment in each.shipments:
            assert found_terms(shipment) == expected_terms(catalogue, shipment, seller, rows)
        assert each.lower_bound_micros <= each.total_micros
    if len({len(each.unserved) for each in quoted}) == 1:
        assert quoted[:1] == [] or quoted[0].total_micros <= min(each.total_micros for each in quoted)


def one(plan: Plan) -> PlannedShipment:
    (shipment,) = plan.shipments
    return shipment


async def source(service: Sourcing, *lines: tuple[str, int], **fields: str) -> PlannedShipment:
    plan, _ = await service.source(Order("o", lines, "BR", "01310100", **fields), explain=False)  # type: ignore[arg-type]
    assert plan.proven_optimal and plan.lower_bound_micros == plan.total_micros
    return one(plan)


EVERYWHERE = Rows({(sku, node): 50 for sku in (0, 1) for node in (0, 1)})


async def test_each_term_can_turn_the_choice(store: Store) -> None:
    """a and b are alike, and a is first; then something makes a dearer."""
    value = {"value_micros": 100_000_000}
    changes: list[tuple[str, dict[str, object], dict[str, object], str]] = [
        ("PACKAGING", {"packaging_cost_micros": 1}, {}, ""),
        ("REJECTION", {"rejection_basis_points": 100, "resource_cost_micros": 10_000}, {}, ""),
        ("COMMISSION", {"owner_code": "franchise"}, value, ""),
        ("TAX", {"region_code": "BR-RJ"}, value, ""),
        ("STOCK_OUT", {"demand_share_basis_points": 9_000}, {"margin_micros": 5_000_000}, ""),
    ]
    for name, node, sku, _ in changes:
        catalogue = network()
        catalogue.put("commission_rule", "c", 0, CommissionRule("c", rate_basis_points=1), 0)
        catalogue.put("tax_rule", "t", 0, TaxRule("t", "", "BR-RJ", "", 1), 0)
        cup = replace(catalogue.skus.by_id["cup"], weekly_demand_quantity=100, healthy_weeks_min=2, **sku)
        catalogue.put("sku", "cup", 0, cup, 0)
        service = sourcing(store, EVERYWHERE, catalogue)
        assert (await source(service, ("cup", 1))).node_ix == 0
        catalogue.put("node", "a", 0, replace(catalogue.nodes.by_id["a"], **node), 1)
        assert (await source(service, ("cup", 1))).node_ix == 1, name
        excluded, _ = await service.source(order(("cup", 1), excluded_node_ids=("b", "c")), explain=False)
        assert [term.name for term, _ in one(excluded).terms] == [name]


async def test_load_makes_a_full_node_dearer_and_an_empty_one_not(store: Store) -> None:
    catalogue = network()
    catalogue.put("node", "a", 0, replace(catalogue.nodes.by_id["a"], load_cost_micros=4_000_000), 1)
    service = sourcing(store, EVERYWHERE, catalogue)
    assert (await source(service, ("cup", 1))).node_ix == 0
    catalogue.set_loads({0: 50})
    assert (await source(service, ("cup", 1))).node_ix == 1
    only, _ = await service.source(order(("cup", 1), excluded_node_ids=("b", "c")), explain=False)
    assert one(only).terms == ((CostTerm.LOAD, 1_000_000),)


async def test_markdown_relief_draws_an_order_to_what_would_be_left_over(store: Store) -> None:
    catalogue = network()
    cup = replace(
        catalogue.skus.by_id["cup"], markdown_micros=3_000_000, weekly_demand_quantity=10, healthy_weeks_max=4
    )  # fmt: skip
    catalogue.put("sku", "cup", 0, cup, 0)
    for i, node_id in enumerate("abc"):
        node = replace(catalogue.nodes.by_id[node_id], demand_share_basis_points=5_000)
        catalogue.put("node", node_id, i, node, 1)
    service = sourcing(store, Rows({(0, 0): 20, (0, 1): 30, (1, 0): 9}), catalogue)
    found = await source(service, ("cup", 1))  # b: 30 / 5 = 6 weeks, half of the relief
    assert (found.node_ix, found.terms) == (1, ((CostTerm.MARKDOWN, -1_500_000),))
    plan, candidates = await service.source(order(("cup", 2), ("pot", 1)), explain=True)
    assert plan.total_micros == sum(s.total_micros for s in plan.shipments) + plan.split_micros
    assert all(x.at_least_more_micros >= 0 for x in candidates)


async def test_tax_and_cards_are_those_of_the_orders_instant(store: Store) -> None:
    catalogue = network()
    catalogue.put("sku", "cup", 0, replace(catalogue.skus.by_id["cup"], value_micros=10_000_000), 0)
    later = RateCard(
        "cheap-2", "", "BRL", (RateBracket(10_000, 12_000_000),), succeeds_id="cheap", valid_from_ms=NOON + DAY
    )  # fmt: skip
    catalogue.put("rate_card", "cheap-2", 2, later, 0)
    for i, (rate, start, end) in enumerate([(1_200, 0, NOON + 2 * DAY), (300, NOON + 2 * DAY, 0)]):
        rule = TaxRule(str(i), "", "", "BR-SP", rate, start, end)
        catalogue.put("tax_rule", str(i), i, rule, 0)
    service = sourcing(store, EVERYWHERE, catalogue)
    found = []
    for now in (NOON, NOON + DAY - 1, NOON + DAY, NOON + 2 * DAY, NOON):
        service._now_ms = lambda now=now: now  # type: ignore[misc]
        shipment = await source(service, ("cup", 1))
        found.append((shipment.shipping_micros, dict(shipment.terms)[CostTerm.TAX]))
    first = (10_000_000, 1_200_000)
    assert found == [first, first, (12_000_000, 1_200_000), (12_000_000, 300_000), first]


async def test_the_region_of_an_order_may_be_said(store: Store) -> None:
    catalogue = network()
    catalogue.put("sku", "cup", 0, replace(catalogue.skus.by_id["cup"], value_micros=10_000_000), 0)
    catalogue.put("tax_rule", "sp", 0, TaxRule("sp", "", "", "BR-SP", 100), 0)
    catalogue.put("tax_rule", "rj", 1, TaxRule("rj", "", "", "BR-RJ", 200), 0)
    service = sourcing(store, EVERYWHERE, catalogue)
    assert dict((await source(service, ("cup", 1))).terms) == {CostTerm.TAX: 100_000}
    assert dict((await source(service, ("cup", 1), region_code="BR-RJ")).terms) == {CostTerm.TAX: 200_000}


async def test_a_lost_race_is_priced_with_the_true_counts_and_a_retry_says_the_same(store: Store) -> None:
    await stock(store, {(0, 0): 1, (0, 1): 30})
    catalogue = network()
    cup = replace(
        catalogue.skus.by_id["cup"], value_micros=5_000_000, markdown_micros=3_000_000, weekly_demand_quantity=10,
        healthy_weeks_max=4,
    )  # fmt: skip
    catalogue.put("sku", "cup", 0, cup, 0)
    for i, node_id in enumerate("ab"):
        node = replace(catalogue.nodes.by_id[node_id], demand_share_basis_points=5_000)
        catalogue.put("node", node_id, i, node, 1)
    service = sourcing(store, Rows({(0, 0): 90, (0, 1): 30}), catalogue)
    first = await hold(service, order(("cup", 2)))
    assert (one(first.plan).node_ix, first.attempts) == (1, 2)
    assert dict(one(first.plan).terms) == {CostTerm.MARKDOWN: -3_000_000}
    assert first.plan.total_micros == one(first.plan).total_micros
    again = await hold(service, order(("cup", 2)))
    assert again.replayed and again.plan == first.plan
