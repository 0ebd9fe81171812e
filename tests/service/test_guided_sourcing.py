"""Orders sourced by policies: which policy, which rule, which nodes, at which cost; over the real store and kernel."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from test_sourcing import DAY, NOON, Rows, network, order, quoting, sourcing, stock
from test_sourcing_costs import chain, expected_terms

from promessa.domain.catalogue import Catalogue, NodeAttribute
from promessa.domain.errors import FailedPrecondition, NotFound
from promessa.domain.policy import PolicyHead, PolicyState, PolicyVersion
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import CandidateReason, CostTerm, Order, OrderTraits, Plan
from promessa.service import deciding, guided, side_rules
from promessa.service.policy_documents import policy_of
from promessa.service.sourcing import Sourcing
from promessa.service.terms import Terms
from promessa.store.store import Store

TERMS = Terms(True, 60_000, "", "")
EVERYWHERE = {(0, 0): 5, (0, 1): 5, (0, 2): 5, (1, 0): 5, (1, 1): 5, (1, 2): 5}


def put_policy(catalogue: Catalogue, document: str, *, policy_id: str = "p", version: int = 1) -> None:
    """Make a document the active version of a policy."""
    head = document if document.startswith("policy:") else f"policy: {policy_id}\n{document}"
    policy = policy_of(head if "\nmode:" in head else f"{head}\nmode: cost")
    made = PolicyVersion(policy_id, version, "", NOON, policy, PolicyState.ACTIVE)
    index = len(catalogue.policies.ids)
    for known in [name for name in catalogue.policy_versions.by_id if name.startswith(f"{policy_id}@")]:
        catalogue.put("policy_version", known, catalogue.policy_versions.index_of[known], None, 0)
    catalogue.put("policy", policy_id, index, PolicyHead(policy_id, version, version), 0)
    catalogue.put("policy_version", f"{policy_id}@{version}", len(catalogue.policy_versions.ids), made, 0)


def shops(document: str = "", **more: Any) -> Catalogue:
    """The network of test_sourcing: a and b cheap and slow, c dear and fast."""
    catalogue = network()
    if document:
        put_policy(catalogue, document, **more)
    return catalogue


def changed(catalogue: Catalogue, node_id: str, **fields: Any) -> None:
    node = catalogue.nodes.by_id[node_id]
    catalogue.put("node", node_id, catalogue.nodes.index_of[node_id], replace(node, **fields), 1)


async def plan_of(store: Store, catalogue: Catalogue, wanted: Order, atp: dict[tuple[int, int], int]) -> Plan:
    found, _ = await sourcing(store, Rows(atp), catalogue).source(wanted, explain=False)
    return found


def nodes_of(found: Plan) -> list[int]:
    return [shipment.node_ix for shipment in found.shipments]


def rule_of(found: Plan) -> str:
    assert found.policy is not None
    return found.policy.rule


async def by_rule(store: Store, rule: str, *lines: tuple[str, int], atp: Any = None, **more: Any) -> Plan:
    """The plan of an order under a policy of one rule."""
    catalogue = more.pop("catalogue", None) or shops()
    put_policy(catalogue, f"rules: [{{name: only, {rule}}}]")
    wanted = order(*(lines or (("cup", 1),)), **more.pop("constraints", {}))._replace(**more)
    return await plan_of(store, catalogue, wanted, EVERYWHERE if atp is None else atp)


# Which policy -------------------------------------------------------------------------------------------------------------


async def test_without_a_policy_the_least_cost_decides_and_no_policy_is_looked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = sourcing(store, Rows(EVERYWHERE))
    monkeypatch.setattr(service.questions, "_guides", None)
    found, _ = await service.source(order(("cup", 1)), explain=False)
    assert (nodes_of(found), found.policy) == ([0], None)


async def test_the_policy_of_the_lowest_precedence_that_applies_decides(store: Store) -> None:
    catalogue = shops()
    for name, head in (
        ("late", "precedence: 200"),
        ("web", "precedence: 20\napplies_to: {channels: [web]}"),
        ("gold", "precedence: 10\napplies_to: {customer_tiers: [gold]}\nexcept_for: {tags: [plain]}"),
        ("over", "precedence: 1\nends: 2020-01-01T00:00:00Z"),
        ("soon", "precedence: 1\nstarts: 2090-01-01T00:00:00Z"),
        ("rj", "precedence: 5\napplies_to: {regions: [BR-RJ]}"),
    ):
        put_policy(catalogue, f"{head}\nrules: [{{name: r}}]", policy_id=name)
    for wanted, expected in (
        (order(("cup", 1)), "late"),
        (order(("cup", 1))._replace(channel="web/vip"), "web"),
        (order(("cup", 1))._replace(channel="web\npickup", traits=OrderTraits(customer_tier="gold")), "gold"),
        (order(("cup", 1))._replace(traits=OrderTraits(customer_tier="gold", tags=("plain",))), "late"),
        (order(("cup", 1))._replace(region_code="BR-RJ"), "rj"),
        (order(("cup", 1))._replace(policy_id="gold"), "gold"),
    ):
        found = await plan_of(store, catalogue, wanted, EVERYWHERE)
        assert found.policy is not None
        assert (found.policy.policy_id, found.policy.version, found.policy.rule) == (expected, 1, "r")
    found = await plan_of(store, catalogue, order(("cup", 1))._replace(policy_id="default"), EVERYWHERE)
    assert found.policy is None
    with pytest.raises(NotFound) as missing:
        await plan_of(store, catalogue, order(("cup", 1))._replace(policy_id="none"), EVERYWHERE)
    assert missing.value.reason == "POLICY_NOT_FOUND"


async def test_an_order_that_does_not_say_its_value_is_worth_its_skus(store: Store) -> None:
    catalogue = shops("applies_to: {min_value: 30}\nrules: [{name: r}]")
    cup = catalogue.skus.by_id["cup"]
    catalogue.put("sku", "cup", 0, replace(cup, value_micros=10_000_000), 0)
    assert (await plan_of(store, catalogue, order(("cup", 2)), EVERYWHERE)).policy is None
    assert (await plan_of(store, catalogue, order(("cup", 3)), EVERYWHERE)).policy is not None


# Which nodes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node_filter", "expected"),
    [
        ("where: node, any_of: [b, c]", 1),
        ("where: node, none_of: [a]", 1),
        ("where: node_group, any_of: [dear ones]", 2),
        ("where: node_type, any_of: [store]", 1),
        ("where: owner, none_of: ['']", 1),
        ("where: country, any_of: [BR]", 1),
        ("where: region, any_of: [BR-RJ]", 1),
        ("where: attribute, name: gift wrap, any_of: ['yes']", 1),
        ("where: distance_km, max: 400", 1),
        ("where: arrival_days, max: 1", 2),
        ("where: lane_cost, min: 30", 2),
        ("where: stock_units, max: 4", 1),
        ("where: coverage_percent, max: 99", None),
        ("where: acceptance_percent, min: 90, max: 99", 1),
        ("where: free_capacity_percent, max: 40", 1),
        ("where: refusals, min: 1", 1),
        ("where: weeks_of_supply, max: 3", 1),
        ("where: units_left, min: 5", 2),
    ],
)
async def test_a_filter_lets_only_such_nodes_serve(store: Store, node_filter: str, expected: int | None) -> None:
    catalogue = shops()
    changed(
        catalogue, "b", type=2, owner_code="f", country_code="BR", region_code="BR-RJ", rejection_basis_points=500,
        attributes=(NodeAttribute("gift wrap", "yes"),), latitude_e6=-22_900_000, longitude_e6=-43_200_000,
        demand_share_basis_points=10_000,
    )  # fmt: skip
    changed(catalogue, "c", latitude_e6=-30_000_000, longitude_e6=-51_200_000)
    catalogue.put("sku", "cup", 0, replace(catalogue.skus.by_id["cup"], weekly_demand_quantity=2), 0)
    catalogue.set_loads({1: 70})
    traits = OrderTraits(position_e6=(-23_550_000, -46_630_000), refused_by=("b", "nobody"))
    atp = {(0, 0): 5, (0, 1): 4, (0, 2): 9}
    lines = (("cup", 4),) if "units_left" in node_filter else (("cup", 5),) if "stock" in node_filter else (("cup", 1),)
    if "stock" in node_filter:
        atp[0, 3] = 0
    rule = f"allow_partial: true, filters: [{{{node_filter}}}]"
    found = await by_rule(store, rule, *lines, atp=atp, catalogue=catalogue, traits=traits)
    assert nodes_of(found) == ([] if expected is None else [expected])


async def test_what_is_not_known_passes_no_filter(store: Store) -> None:
    for node_filter in ("where: distance_km, max: 20000", "where: distance_km, min: 0"):
        found = await by_rule(store, f"filters: [{{{node_filter}}}]")
        assert (nodes_of(found), rule_of(found)) == ([], "")
    found = await by_rule(store, "filters: [{where: distance_km, max: 300, soft: true}]")
    assert found.policy is not None
    assert (nodes_of(found), found.policy.given_up) == ([0], ("filters[0]",))


@pytest.mark.parametrize("seed", range(25))
async def test_a_filter_is_as_if_the_other_nodes_had_nothing(store: Store, seed: int) -> None:
    random = Random(seed)
    catalogue = chain(random)
    atp = {(sku, node): random.randrange(8) for sku in range(3) for node in range(4)}
    allowed = random.sample(range(4), 2)
    wanted = order(("cup", random.randrange(1, 6)), ("pot", 2), ("lamp", 1))._replace(seller_code="franchise-a")
    without = {key: units if key[1] in allowed else 0 for key, units in atp.items()}
    expected = await plan_of(store, catalogue, wanted, without)
    names = ", ".join(f"n{ix}" for ix in allowed)
    put_policy(catalogue, f"rules: [{{name: r, allow_partial: true, filters: [{{where: node, any_of: [{names}]}}]}}]")
    found = await plan_of(store, catalogue, wanted, atp)
    if expected.shipments:
        assert found._replace(policy=None) == expected
        assert found.policy is not None
        assert found.policy.objective_micros == expected.total_micros


# Rules in turn ------------------------------------------------------------------------------------------------------------

IN_TURN = """
rules:
  - {name: c alone, filters: [{where: node, any_of: [c]}]%s}
  - {name: b, filters: [{where: node, any_of: [b]}]%s}
unserved: {action: park, queue: night}
"""


async def test_the_first_rule_that_serves_the_order_whole_decides(store: Store) -> None:
    catalogue = shops(IN_TURN % ("", ""))
    for atp, nodes, rule in (
        (EVERYWHERE, [2], "c alone"),
        (EVERYWHERE | {(0, 2): 1}, [1], "b"),
        (EVERYWHERE | {(0, 2): 1, (0, 1): 1}, [], ""),
    ):
        found = await plan_of(store, catalogue, order(("cup", 2)), atp)
        assert (nodes_of(found), rule_of(found)) == (nodes, rule)
    assert found.unserved == ((0, 0, 2),), "what no rule lets go is unserved, all of it"
    assert (found.total_micros, found.policy.action, found.policy.queue) == (0, 2, "night")  # type: ignore[union-attr]


async def test_a_rule_may_stop_or_serve_in_part(store: Store) -> None:
    atp = {(0, 2): 1, (0, 1): 5}
    stopping = await plan_of(store, shops(IN_TURN % (", otherwise: stop", "")), order(("cup", 2)), atp)
    assert (nodes_of(stopping), rule_of(stopping)) == ([], "")
    partial = await plan_of(store, shops(IN_TURN % (", allow_partial: true", "")), order(("cup", 2)), atp)
    assert (nodes_of(partial), rule_of(partial), partial.unserved) == ([2], "c alone", ((0, 0, 1),))


async def test_rules_are_for_some_orders(store: Store) -> None:
    catalogue = shops(
        "rules:\n"
        "  - {name: gold, when: {customer_tiers: [gold]}, filters: [{where: node, any_of: [c]}]}\n"
        "  - {name: rest, unless: {tags: [odd]}}\n"
    )
    gold = order(("cup", 1))._replace(traits=OrderTraits(customer_tier="gold"))
    odd = order(("cup", 1))._replace(traits=OrderTraits(tags=("odd",)))
    for wanted, nodes, rule in ((gold, [2], "gold"), (order(("cup", 1)), [0], "rest"), (odd, [], "")):
        found = await plan_of(store, catalogue, wanted, EVERYWHERE)
        assert (nodes_of(found), rule_of(found)) == (nodes, rule)


async def test_what_is_soft_is_given_up_the_last_first_and_no_more_than_needed(store: Store) -> None:
    rule = (
        "filters: [{where: node, none_of: [a], soft: true}, {where: node, any_of: [a, c], soft: true}], "
        "limits: {max_shipments: 1, arrives_within_days: 1, soft: [arrives_within_days, max_shipments]}"
    )
    for atp, nodes, given_up in (
        (EVERYWHERE, [2], ()),
        ({(0, 2): 1, (0, 1): 9}, [1], ("filters[1]", "limits.arrives_within_days", "limits.max_shipments")),
        ({(0, 0): 9}, [0], ("filters[0]", "filters[1]", "limits.arrives_within_days", "limits.max_shipments")),
    ):
        found = await by_rule(store, rule, ("cup", 2), atp=atp)
        assert found.policy is not None
        assert (nodes_of(found), found.policy.given_up) == (nodes, given_up)


# Limits -------------------------------------------------------------------------------------------------------------------


async def test_limits_hold_beside_what_the_order_says(store: Store) -> None:
    split = {(0, 0): 1, (0, 1): 1, (0, 2): 1}
    for rule, constraints, served in (
        ("limits: {max_shipments: 2}", {}, False),
        ("limits: {max_shipments: 3}", {}, True),
        ("limits: {max_shipments: 3}", {"max_shipments": 2}, False),
        ("limits: {keep_lines_whole: true}", {}, False),
        ("limits: {}", {"keep_lines_whole": True}, False),
        ("limits: {arrives_within_days: 4}", {}, False),
        ("limits: {arrives_within_days: 5}", {}, True),
        ("limits: {arrives_within_days: 5}", {"latest_delivery_ms": NOON + 4 * DAY}, False),
    ):
        found = await by_rule(store, rule, ("cup", 3), atp=split, constraints=constraints)
        assert bool(found.shipments) == served, (rule, constraints)
    partial = await by_rule(store, "allow_partial: true, limits: {max_shipments: 2}", ("cup", 3), atp=split)
    assert len(partial.shipments) == 2


async def test_no_shipment_of_several_is_worth_less_than_the_limit(store: Store) -> None:
    catalogue = shops()
    for i, (sku, value) in enumerate((("cup", 10_000_000), ("pot", 50_000_000))):
        catalogue.put("sku", sku, i, replace(catalogue.skus.by_id[sku], value_micros=value), 0)
    atp = {(0, 0): 5, (1, 1): 5, (0, 2): 5, (1, 2): 5}
    plain = await by_rule(store, "costs: {split: 0}", ("cup", 1), ("pot", 1), atp=atp, catalogue=catalogue)
    assert nodes_of(plain) == [0, 1]
    rule = "limits: {min_shipment_value: 20}, costs: {split: 0}"
    found = await by_rule(store, rule, ("cup", 1), ("pot", 1), atp=atp, catalogue=catalogue)
    assert nodes_of(found) == [2]
    found = await by_rule(store, rule, ("cup", 2), ("pot", 1), atp=atp, catalogue=catalogue)
    assert nodes_of(found) == [0, 1], "20 is enough"


# Costs --------------------------------------------------------------------------------------------------------------------


async def test_a_preference_moves_the_plan_and_not_what_it_is_said_to_cost(store: Store) -> None:
    plain = await plan_of(store, shops(), order(("cup", 1), excluded_node_ids=("a",)), EVERYWHERE)
    preferring = "costs: {preferences: [{nodes: {where: node, any_of: [a]}, add: 1}]}"
    found = await by_rule(store, preferring)
    assert nodes_of(found) == [1]
    assert found.total_micros == plain.total_micros
    assert found.policy is not None
    assert (found.policy.objective_micros, found.lower_bound_micros) == (found.total_micros, found.total_micros)
    dearer = await by_rule(store, "costs: {preferences: [{nodes: {where: node, any_of: [a, b]}, add: 19}]}")
    assert (nodes_of(dearer), dearer.total_micros, dearer.policy.objective_micros) == ([0], 11_000_000, 30_000_000)  # type: ignore[union-attr]


async def test_days_kilometres_and_splits_have_a_price(store: Store) -> None:
    patient = await by_rule(store, "costs: {arrival_day: 4.99}")
    hasty = await by_rule(store, "costs: {arrival_day: 5.01}")
    assert [nodes_of(each) for each in (patient, hasty)] == [[0], [2]], "four days against 20"
    catalogue = shops()
    changed(catalogue, "b", latitude_e6=1_000_000, longitude_e6=1_000_000)
    near = await by_rule(
        store,
        "costs: {distance_km: 0.001}",
        catalogue=catalogue,
        traits=OrderTraits(position_e6=(1_000_000, 1_000_000)),
    )
    assert nodes_of(near) == [1]
    split = await by_rule(
        store, "costs: {split: 100}", ("cup", 1), ("pot", 1), atp={(0, 0): 1, (1, 1): 1, (0, 2): 1, (1, 2): 1}
    )
    assert nodes_of(split) == [2]
    forced = await by_rule(store, "costs: {split: 7}", ("cup", 1), ("pot", 1), atp={(0, 0): 1, (1, 1): 1})
    assert (forced.split_micros, forced.total_micros) == (7_000_000, 2 * 11_000_000 + 7_000_000)


async def test_what_goes_by_the_order_is_weighed_for_each_order(store: Store) -> None:
    catalogue = shops("rules: [{name: r, costs: {distance_km: 1}}]")
    for node_id, degrees in (("a", 1_000_000), ("b", 20_000_000)):
        changed(catalogue, node_id, latitude_e6=degrees, longitude_e6=degrees)
    service = sourcing(store, Rows(EVERYWHERE), catalogue)
    for degrees, node_ix in ((1_100_000, 0), (19_900_000, 1)):
        wanted = order(("cup", 1))._replace(traits=OrderTraits(position_e6=(degrees, degrees)))
        found, _ = await service.source(wanted, explain=False)
        assert nodes_of(found) == [node_ix]


@pytest.mark.parametrize("seed", range(40))
async def test_weights_move_the_plan_and_its_terms_stay_money(store: Store, seed: int) -> None:
    random = Random(seed)
    catalogue = chain(random)
    rows = Rows({(sku, node): random.randrange(12) for sku in range(3) for node in range(4)})
    wanted = order(("cup", random.randrange(1, 6)), ("pot", random.randrange(1, 4)), ("lamp", 1))
    wanted = wanted._replace(seller_code="franchise-a", region_code="BR-SP")
    names = ["shipping", "handling", "shipment", *(term.name.lower() for term in CostTerm if term.value > 61)]
    percents = {name: random.choice([0, 50, 100, 1_000]) for name in random.sample(names, 6)}
    weights = ", ".join(f"{{term: {name}, percent: {percent}}}" for name, percent in percents.items())
    plain, _ = await sourcing(store, rows, catalogue).source(wanted, explain=False)
    put_policy(catalogue, f"rules: [{{name: r, allow_partial: true, costs: {{split: 3, weights: [{weights}]}}}}]")
    found, _ = await sourcing(store, rows, catalogue).source(wanted, explain=False)
    assert found.policy is not None
    assert len(found.unserved) == len(plain.unserved)

    def weighted(plan: Plan) -> int:
        total = 3_000_000 * max(0, len(plan.shipments) - 1)
        for ship in plan.shipments:
            terms = {term.name: micros for term, micros in ship.terms}
            shipping = ship.shipping_micros + terms.pop("FUEL", 0) + terms.pop("REMOTE_AREA", 0)
            terms |= {"SHIPPING": shipping, "HANDLING": ship.handling_micros, "SHIPMENT": ship.shipment_micros}
            total += sum(micros * percents.get(name.lower(), 100) // 100 for name, micros in terms.items())
        return total

    for ship in found.shipments:
        expected = {
            name: micros for name, micros in expected_terms(catalogue, ship, "franchise-a", rows).items() if micros
        }
        told = {"shipping": ship.shipping_micros, "handling": ship.handling_micros, "shipment": ship.shipment_micros}
        told |= {term.name: micros for term, micros in ship.terms}
        assert {name: micros for name, micros in told.items() if micros} == expected
    money = sum(ship.total_micros for ship in found.shipments)
    assert found.total_micros == money + 3_000_000 * max(0, len(found.shipments) - 1)
    assert abs(found.policy.objective_micros - weighted(found)) <= 100, "each price is rounded down by itself"
    assert weighted(found) <= weighted(plain) + 100, "no plan weighs less"
    if found.proven_optimal:
        assert found.lower_bound_micros == found.policy.objective_micros


# Held, quoted, explained --------------------------------------------------------------------------------------------------


async def reserve(service: Sourcing, wanted: Order, request_id: str, *, partial: bool = False) -> Any:
    return await service.source_and_reserve(request_id, wanted, terms=TERMS, allow_partial=partial)


async def test_a_held_plan_names_its_policy_also_when_it_is_asked_for_again(store: Store) -> None:
    await stock(store, EVERYWHERE)
    catalogue = shops("rules: [{name: c first, filters: [{where: node, any_of: [c]}]}]")
    service = sourcing(store, Rows(EVERYWHERE), catalogue)
    held = await reserve(service, order(("cup", 1)), "order-0001")
    assert (held.outcome, nodes_of(held.plan), rule_of(held.plan)) == (ReserveOutcome.RESERVED, [2], "c first")
    put_policy(catalogue, "rules: [{name: b first, filters: [{where: node, any_of: [b]}]}]", version=2)
    again = await reserve(service, order(("cup", 1)), "order-0001")
    assert (again.replayed, again.plan) == (True, held.plan)
    other = await reserve(service, order(("cup", 1)), "order-0002")
    assert (nodes_of(other.plan), other.plan.policy.version) == ([1], 2)


async def test_what_no_rule_lets_go_is_refused_and_nothing_is_held(store: Store) -> None:
    atp = {(0, 1): 1, (0, 0): 9}
    await stock(store, atp)
    service = sourcing(store, Rows(atp), shops("rules: [{name: b, filters: [{where: node, any_of: [b]}]}]"))
    refused = await reserve(service, order(("cup", 2)), "order-0001", partial=True)
    assert (refused.outcome, refused.shortfalls[0][:3]) == (ReserveOutcome.REFUSED, (0, 2, 1))
    assert refused.plan.policy is not None and refused.plan.policy.policy_id == "p"
    again = await reserve(service, order(("cup", 2)), "order-0001", partial=True)
    assert again.plan.policy == refused.plan.policy
    assert [cell.held for cell in await store.read_cells([(1, 0), (0, 0)])] == [0, 0]
    partial = sourcing(
        store, Rows(atp), shops("rules: [{name: b, allow_partial: true, filters: [{where: node, any_of: [b]}]}]")
    )
    held = await reserve(partial, order(("cup", 2)), "order-0002", partial=True)
    assert (held.outcome, nodes_of(held.plan)) == (ReserveOutcome.PARTIALLY_RESERVED, [1])
    assert (await reserve(partial, order(("cup", 2)), "order-0003")).outcome == ReserveOutcome.REFUSED


async def test_stock_that_was_lost_meanwhile_leads_to_the_next_rule(store: Store) -> None:
    await stock(store, EVERYWHERE | {(0, 2): 0})
    service = sourcing(store, Rows(dict(EVERYWHERE)), shops(IN_TURN % ("", "")))
    held = await reserve(service, order(("cup", 2)), "order-0001")
    assert (nodes_of(held.plan), rule_of(held.plan), held.attempts) == ([1], "b", 2)


async def test_another_policy_or_trait_is_another_payload(store: Store) -> None:
    await stock(store, EVERYWHERE)
    service = sourcing(store, Rows(EVERYWHERE), shops("rules: [{name: r}]"))
    await reserve(service, order(("cup", 1)), "order-0001")
    for wanted in (
        order(("cup", 1))._replace(policy_id="p"),
        order(("cup", 1))._replace(traits=OrderTraits(customer_tier="gold")),
    ):
        with pytest.raises(Exception, match="order-0001"):
            await reserve(service, wanted, "order-0001")


async def test_a_draft_plans_and_holds_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = shops("rules: [{name: r}]")
    service = sourcing(store, Rows(EVERYWHERE), catalogue)
    draft = replace(
        catalogue.policy_versions.by_id["p@1"], version=2, state=PolicyState.DRAFT,
        policy=policy_of("policy: p\nmode: cost\nrules: [{name: c, filters: [{where: node, any_of: [c]}]}]"),
    )  # fmt: skip

    async def read(policy_id: str, number: int) -> PolicyVersion:
        assert (policy_id, number) == ("p", 2)
        return draft

    monkeypatch.setattr(service.questions._guides, "_read", read)
    wanted = order(("cup", 1))._replace(policy_id="p", policy_version=2)
    found, _ = await service.source(wanted, explain=False)
    assert (nodes_of(found), found.policy and found.policy.version) == ([2], 2)
    with pytest.raises(FailedPrecondition) as refused:
        await reserve(service, wanted, "order-0001")
    assert refused.value.reason == "POLICY_NOT_ACTIVE"


async def test_quotes_and_explanations_keep_to_the_rule(store: Store) -> None:
    service = sourcing(store, Rows(EVERYWHERE), shops("rules: [{name: not a, filters: [{where: node, none_of: [a]}]}]"))
    options = await quoting(service).quote(order(("cup", 1)), alternatives=3, day_value_micros=1)
    plans = [option.plan for option in options]
    assert [(nodes_of(each), rule_of(each)) for each in plans] == [([1], "not a"), ([2], "not a")]
    found, candidates = await service.source(order(("cup", 1)), explain=True)
    assert nodes_of(found) == [1]
    assert [each.reason for each in candidates] == [
        CandidateReason.NOT_ELIGIBLE,
        CandidateReason.CHOSEN,
        CandidateReason.COSTS_MORE,
    ]
    nothing = sourcing(store, Rows(EVERYWHERE), shops("rules: [{name: r, when: {tags: [x]}}]"))
    assert await quoting(nothing).quote(order(("cup", 1)), alternatives=1, day_value_micros=1) == []
    found, candidates = await nothing.source(order(("cup", 1)), explain=True)
    assert (found.shipments, {each.reason for each in candidates}) == ((), {CandidateReason.NOT_ELIGIBLE})


async def test_the_most_that_work_may_slip_is_the_rules_limit_too(store: Store) -> None:
    service = sourcing(store, Rows(EVERYWHERE), shops("rules: [{name: r, limits: {arrives_within_days: 6}}]"))
    question = await service.questions.ask(order(("cup", 1)), NOON)
    service.decider.decide(question)
    assert question.latest_ms == NOON + 6 * DAY


async def test_all_trials_of_a_decision_share_what_it_may_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def watched(*question: Any) -> Any:
        seen.append(question[4])
        return side_rules.best(*question)

    monkeypatch.setattr(guided, "best", watched)
    limits = (
        "limits: {min_shipment_value: 20, ship_complete: true, arrives_within_days: 1, soft: [arrives_within_days]}"
    )
    put_policy(catalogue := shops(), f"rules: [{{name: one, {limits}}}, {{name: two, {limits}}}]")
    for _ in range(2):
        await plan_of(store, catalogue, order(("cup", 50)), EVERYWHERE)
    assert len(seen) == 8
    assert all(each is seen[0] for each in seen[:4]) and seen[4] is not seen[0]


async def test_what_a_policy_decided_is_explained_not_what_more_work_would_find(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = shops()
    for i, (sku, value) in enumerate((("cup", 10_000_000), ("pot", 50_000_000))):
        catalogue.put("sku", sku, i, replace(catalogue.skus.by_id[sku], value_micros=value), 0)
    put_policy(
        catalogue, "rules: [{name: one, allow_partial: true, limits: {min_shipment_value: 20}, costs: {split: 0}}]"
    )
    service = sourcing(store, Rows({(0, 0): 5, (1, 1): 5, (0, 2): 5, (1, 2): 5}), catalogue)
    monkeypatch.setattr(deciding, "Work", lambda: side_rules.Work(0))
    wanted = order(("cup", 1), ("pot", 1))
    decided, _ = await service.source(wanted, explain=False)
    assert nodes_of(decided) == [1], "only what of the first plan is worth enough"
    told, _ = await service.source(wanted, explain=True)
    assert told == decided
