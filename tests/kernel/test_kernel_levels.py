"""Plans compared by levels before their cost: worked decisions, and the plain reference that looks at every plan."""

from array import array
from dataclasses import replace
from random import Random

import kernel_instances
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_builders import UNLIMITED, basket, network, random_instance, random_levels

from promessa.kernel import Decision, Level, LevelKind, Reasons, Rules, decide, reference

SUM, WORST = LevelKind.SUM, LevelKind.WORST
SHIPMENTS, COST = Level(LevelKind.SHIPMENTS), Level(LevelKind.COST)


def column(kind: LevelKind, *values: int) -> Level:
    return Level(kind, array("q", values))


def nodes_of(decision: Decision) -> list[int]:
    return [shipment.node for shipment in decision.shipments]


def certified(decision: Decision) -> Decision:
    return replace(decision, steps=0, reasons=Reasons(), alternatives=())


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_levels_choose_the_plan_that_the_reference_chooses(random: Random) -> None:
    nodes, lines, rules = random_instance(random)
    rules = replace(rules, levels=random_levels(random, nodes.lanes))
    assert certified(decide(nodes, lines, rules)) == reference.decide(nodes, lines, rules)


def test_levels_choose_the_plan_that_the_reference_chooses_on_three_thousand_seeded_instances() -> None:
    for seed in range(3_000):
        random = Random(seed)
        nodes, lines, rules = random_instance(random)
        required = random.randrange(nodes.nodes) if seed % 3 == 0 else None
        rules = replace(rules, levels=random_levels(random, nodes.lanes), required_node=required)
        assert certified(decide(nodes, lines, rules)) == reference.decide(nodes, lines, rules), seed


def test_the_first_level_that_differs_decides_whatever_it_costs() -> None:
    nodes, lines = network(fixed_cost=[900, 5, 1]), basket((1, {0: 1, 1: 1, 2: 1}))
    near = column(SUM, 0, 0, 3)
    assert nodes_of(decide(nodes, lines, Rules(levels=[near]))) == [1], "of equally near ones the cheapest"
    assert nodes_of(decide(nodes, lines, Rules(levels=[near, column(SUM, 0, 1, 0)]))) == [0]
    assert nodes_of(decide(nodes, lines, Rules(levels=[COST, near]))) == [2]


def test_a_level_after_the_cost_decides_between_plans_that_cost_the_same() -> None:
    """Of two nodes alike the later one is nearer; its plan comes first, though its nodes come after."""
    nodes, lines = network(fixed_cost=[5, 5, 5]), basket((1, {0: 1, 1: 1}), (1, {2: 1}))
    assert nodes_of(decide(nodes, lines, Rules(levels=[COST]))) == [0, 2]
    assert nodes_of(decide(nodes, lines, Rules(levels=[COST, column(SUM, 3, 1, 1)]))) == [1, 2]


def test_a_sum_counts_every_shipment_and_a_worst_only_the_last() -> None:
    nodes = network(fixed_cost=[0, 0, 0])
    lines = basket((1, {0: 1, 2: 1}), (1, {1: 1, 2: 1}))
    assert nodes_of(decide(nodes, lines, Rules(levels=[column(SUM, 1, 1, 2), SHIPMENTS]))) == [2]
    assert nodes_of(decide(nodes, lines, Rules(levels=[column(SUM, 1, 1, 3), SHIPMENTS]))) == [0, 1]
    assert nodes_of(decide(nodes, lines, Rules(levels=[column(WORST, 1, 1, 2), SHIPMENTS]))) == [0, 1]
    found = decide(nodes, lines, Rules(levels=[column(WORST, 1, 2, 2), SHIPMENTS, COST]))
    assert nodes_of(found) == [2]
    assert found.levels == (2, 1, found.total_cost)


def test_a_shipment_takes_a_fast_lane_only_where_the_plan_arrives_sooner_by_it() -> None:
    """Node 0 has a fast dear lane and a slow cheap one; line 1 comes from node 1, on day 3 or on day 1."""
    nodes = network(fixed_cost=[0, 0], lanes=[[(0, 50), (0, 0)], [(0, 0)]])
    lines = basket((1, {0: 1}), (1, {1: 1}))
    late = decide(nodes, lines, Rules(levels=[column(WORST, 1, 3, 3)]))
    assert [shipment.lane for shipment in late.shipments] == [1, 2]
    soon = decide(nodes, lines, Rules(levels=[column(WORST, 1, 3, 1)]))
    assert [shipment.lane for shipment in soon.shipments] == [0, 2]
    assert [shipment.lane for shipment in decide(nodes, lines).shipments] == [1, 2]


def test_units_left_out_come_before_every_level() -> None:
    nodes = network(fixed_cost=[0, 0])
    lines = basket((1, {0: 1}), (2, {1: 2}))
    decision = decide(nodes, lines, Rules(max_shipments=1, levels=[column(SUM, 0, 9)]))
    assert nodes_of(decision) == [1]
    assert decision.unfilled == (1, 0)
    assert decision.proven_optimal


def test_one_level_that_is_the_cost_changes_nothing() -> None:
    for seed in range(500):
        nodes, lines, rules = random_instance(Random(seed))
        by_level = decide(nodes, lines, replace(rules, levels=[COST]))
        assert replace(certified(by_level), levels=()) == certified(decide(nodes, lines, rules)), seed


@pytest.mark.parametrize("count", [4, 12, 20])
def test_levels_of_shops_are_proven_in_a_network_of_a_thousand(count: int) -> None:
    """Nearest first, by a level that most plans share, and by the place of a node, which no two share."""
    random = Random(count)
    nodes = kernel_instances.network(random, 1_000)
    days = array("q", [random.randint(1, 4) for _ in range(1_000)])
    for _ in range(5):
        lines = kernel_instances.basket(random, 1_000, count)
        rules = Rules(levels=[Level(WORST, days), SHIPMENTS, COST], budget_steps=200_000)
        found = decide(nodes, lines, rules)
        assert found.proven_optimal
        fewer = decide(nodes, lines, replace(rules, levels=(), max_shipments=len(found.shipments)))
        assert found.total_cost >= fewer.total_cost
        in_time = bytes(day <= found.levels[0] for day in days)
        same = replace(rules, levels=[SHIPMENTS], lane_allowed=in_time)
        assert certified(decide(nodes, lines, same)).shipments == found.shipments
        sooner = bytes(day < found.levels[0] for day in days)
        assert decide(nodes, lines, replace(rules, levels=(), lane_allowed=sooner)).unfilled_units > 0


def test_a_short_budget_proves_nothing_that_is_not_so_and_claims_no_bound() -> None:
    unproven = 0
    for seed in range(1_000):
        random = Random(seed)
        nodes, lines, rules = random_instance(random)
        rules = replace(rules, levels=random_levels(random, nodes.lanes))
        short = decide(nodes, lines, replace(rules, budget_steps=seed % 12))
        best = reference.decide(nodes, lines, rules)
        unproven += not short.proven_optimal
        assert certified(short) == best or not short.proven_optimal, seed
        assert short.proven_optimal or short.lower_bound == 0
        assert (short.unfilled_units, short.levels, short.total_cost) >= (
            best.unfilled_units,
            best.levels,
            best.total_cost,
        ) or (rules.ship_complete and not best.shipments), seed
    assert unproven > 20


def test_runners_up_come_in_the_order_of_the_levels_and_keep_the_costs_of_lines() -> None:
    for seed in range(300):
        random = Random(seed)
        nodes, lines, rules = random_instance(random, rules=Rules(budget_steps=UNLIMITED))
        rules = replace(rules, levels=random_levels(random, nodes.lanes))
        found = decide(nodes, lines, rules, alternatives=2)
        plans, seen = [], set[tuple[int, ...]]()
        problem = reference.Problem(nodes, lines, rules)
        for plan in sorted(problem.plans(), key=problem.plan_order):
            used = tuple(nodes_of(plan))
            if plan.unfilled_units == found.unfilled_units and used not in seen:
                seen.add(used)
                plans.append(plan)
        if found.shipments:
            for told, best in zip((found, *found.alternatives), plans, strict=False):
                assert certified(told) == best, seed


def test_the_best_plan_with_a_node_is_what_the_reference_says() -> None:
    dearer = 0
    for seed in range(1_500):
        random = Random(seed)
        nodes, lines, rules = random_instance(random)
        rules = replace(rules, required_node=random.randrange(nodes.nodes))
        found = decide(nodes, lines, rules)
        assert certified(found) == reference.decide(nodes, lines, rules), seed
        best = decide(nodes, lines, replace(rules, required_node=None))
        dearer += found.unfilled_units == best.unfilled_units and found.total_cost > best.total_cost
    assert dearer > 50


def test_no_plan_with_a_node_that_has_nothing_is_an_empty_plan() -> None:
    nodes, lines = network(fixed_cost=[1, 1]), basket((1, {0: 1}))
    assert decide(nodes, lines, Rules(required_node=1)).shipments == ()
    assert nodes_of(decide(nodes, lines, Rules(required_node=0))) == [0]


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (Rules(levels=[COST] * 9), "at most 8 levels"),
        (Rules(levels=[column(SUM, 1)]), "one number for each of the 2 lanes"),
        (Rules(levels=[column(SUM, 1, -1)]), "must be from 0"),
        (Rules(levels=[column(WORST, 1, 2**56 + 1)]), "must be from 0"),
        (Rules(levels=[Level(SUM)]), "values"),
        (Rules(levels=[column(LevelKind.COST, 1, 1)]), "values"),
        (Rules(required_node=2), "required_node"),
        (Rules(required_node=-1), "required_node"),
    ],
)
def test_levels_out_of_range_are_refused(rules: Rules, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        decide(network(fixed_cost=[1, 1]), basket((1, {0: 1, 1: 1})), rules)


def test_the_largest_numbers_are_added_up_exactly() -> None:
    most = 2**56
    nodes = network(fixed_cost=[0] * 64)
    lines = basket(*[(1, {line: 1, (line + 1) % 64: 1}) for line in range(64)])
    found = decide(nodes, lines, Rules(levels=[column(SUM, *[most] * 64)], budget_steps=1_000))
    assert found.levels == (most * len(found.shipments),)
