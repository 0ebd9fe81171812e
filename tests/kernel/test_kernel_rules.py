"""Hand-worked decisions: one rule, one plan that can be checked by eye."""

from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import kernel_instances
import pytest
from kernel_builders import UNLIMITED, basket, network, random_instance, random_levels

from promessa.kernel import Reason, Rules, decide, reference


def test_one_node_with_everything_wins_when_a_second_parcel_costs_more() -> None:
    decision = decide(network(fixed_cost=[5, 1, 1]), basket((1, {0: 1, 1: 1}), (1, {0: 1, 2: 1})))
    assert [s.node for s in decision.shipments] == [0]
    assert decision.total_cost == 15
    assert decision.proven_optimal
    assert decision.lower_bound == 15


def test_two_parcels_win_when_they_are_cheaper_together() -> None:
    decision = decide(network(fixed_cost=[50, 1, 1]), basket((1, {0: 1, 1: 1}), (1, {0: 1, 2: 1})))
    assert [s.node for s in decision.shipments] == [1, 2]
    assert decision.total_cost == 22


def test_the_split_cost_is_due_for_each_shipment_beyond_the_first() -> None:
    nodes, lines = network(fixed_cost=[1, 1]), basket((1, {0: 1}), (1, {1: 1}))
    assert decide(nodes, lines, Rules(split_cost=7)).split_cost == 7
    assert decide(nodes, lines, Rules(split_cost=7)).total_cost == 29


def test_equal_cost_is_broken_by_fewer_shipments_then_by_the_lowest_nodes() -> None:
    free = [[(1_000, 0)]]
    nodes = network(fixed_cost=[0, 0, 0, 0], rates=free)
    decision = decide(nodes, basket((1, {1: 1, 2: 1, 3: 1}), (1, {0: 1, 2: 1, 3: 1})))
    assert [s.node for s in decision.shipments] == [2]


def test_the_weight_of_the_whole_parcel_chooses_the_bracket() -> None:
    nodes = network(fixed_cost=[0], rates=[[(1_000, 10), (2_000, 15)]], over=[(500, 4)])
    prices = {q: decide(nodes, basket((q, {0: 99}), unit_grams=500)).total_cost for q in (2, 3, 4, 5, 7)}
    assert prices == {2: 10, 3: 15, 4: 15, 5: 19, 7: 27}


def test_the_cheapest_lane_carries_the_parcel_and_ties_take_the_lowest_lane() -> None:
    nodes = network(fixed_cost=[0], lanes=[[(0, 5), (0, 3), (0, 3)]])
    assert decide(nodes, basket((1, {0: 1}))).shipments[0].lane == 1


def test_a_line_is_split_only_when_no_node_has_it_whole() -> None:
    nodes = network(fixed_cost=[0, 0, 1_000], rates=[[(1_000, 1)]])
    whole = decide(nodes, basket((5, {0: 3, 1: 4, 2: 5})))
    assert [(a.node, a.units) for a in whole.assignments] == [(2, 5)]
    split = decide(nodes, basket((5, {0: 3, 1: 4, 2: 4})))
    assert [(a.node, a.units) for a in split.assignments] == [(0, 1), (1, 4)]


def test_a_line_that_must_not_be_split_stays_unfilled() -> None:
    nodes, lines = network(fixed_cost=[0, 0]), basket((5, {0: 3, 1: 4}))
    assert decide(nodes, lines, Rules(allow_line_split=False)).unfilled == (5,)


def test_short_stock_ships_what_there_is_unless_the_order_must_be_complete() -> None:
    nodes, lines = network(fixed_cost=[0, 0]), basket((9, {0: 3, 1: 4}), (1, {0: 1}))
    assert decide(nodes, lines).unfilled == (2, 0)
    nothing = decide(nodes, lines, Rules(ship_complete=True))
    assert nothing.unfilled == (9, 1)
    assert nothing.shipments == ()
    assert nothing.total_cost == 0


def test_too_few_shipments_allowed_leave_out_as_few_units_as_possible() -> None:
    nodes, lines = network(fixed_cost=[0, 9]), basket((1, {0: 1}), (3, {1: 3}))
    decision = decide(nodes, lines, Rules(max_shipments=1))
    assert decision.unfilled == (1, 0)
    assert decision.proven_optimal


def test_lines_too_heavy_together_leave_in_two_parcels_or_not_at_all() -> None:
    nodes = network(fixed_cost=[0, 0], rates=[[(1_000, 1)]], over=[(0, 0)])
    both = basket((1, {0: 1, 1: 1}), (1, {0: 1}), unit_grams=600)
    assert len(decide(nodes, both).shipments) == 2
    assert decide(nodes, basket((1, {0: 1}), (1, {0: 1}), unit_grams=600)).unfilled_units == 1


def test_excluded_and_ineligible_nodes_and_closed_lanes_never_serve() -> None:
    nodes, lines = network(fixed_cost=[1, 2, 3, 4]), basket((1, dict.fromkeys(range(4), 1)))
    rules = Rules(excluded_nodes=(0,), node_eligible=bytes([1, 0, 1, 1]), lane_allowed=bytes([1, 1, 0, 1]))
    assert decide(nodes, lines, rules).shipments[0].node == 3


def test_every_reason_is_given_for_the_node_that_deserves_it() -> None:
    nodes = network(
        fixed_cost=[0, 0, 0, 0, 0, 30],
        lanes=[[(0, 0)], [(0, 0)], [], [(0, 0)], [(1, 0)], [(0, 0)]],
        rates=[[(1_000, 10)], [(50, 10)]],
        over=[(1_000, 10), (0, 0)],
    )
    decision = decide(nodes, basket((1, {0: 1, 1: 1, 2: 1, 4: 1, 5: 1})), Rules(excluded_nodes=(1,)), explain=True)
    assert [reason.reason for reason in decision.reasons] == [
        Reason.IN_PLAN,
        Reason.FILTERED_INELIGIBLE,
        Reason.NO_LANE,
        Reason.NO_STOCK,
        Reason.TOO_HEAVY,
        Reason.COSTS_MORE,
    ]
    assert decision.reasons[5].costs_more in (29, 30)


def reason_by_itself(problem: reference.Problem, node: int, chosen: bool) -> Reason:
    """Why a node is or is not in a plan, from what it has of each line."""
    rules = problem.rules
    allowed = rules.node_eligible is None or memoryview(rules.node_eligible)[node]
    if chosen:
        return Reason.IN_PLAN
    if node in rules.excluded_nodes or not allowed:
        return Reason.FILTERED_INELIGIBLE
    if not problem.lanes[node]:
        return Reason.NO_LANE
    has_some, too_heavy = False, False
    for line, (quantity, usable) in enumerate(zip(problem.quantities, problem.stock, strict=True)):
        row = slice(problem.basket.row_start[line], problem.basket.row_start[line + 1])
        there = dict(zip(problem.basket.row_node[row], problem.basket.row_atp[row], strict=True)).get(node, 0)
        split = rules.allow_line_split and usable and quantity not in usable.values()
        has_some |= usable.get(node) == quantity or bool(split and there > 0)
        too_heavy |= there >= quantity
    return Reason.COSTS_MORE if has_some else Reason.TOO_HEAVY if too_heavy else Reason.NO_STOCK


@pytest.mark.parametrize("by_levels", [False, True])
def test_each_node_has_the_reason_that_it_has_by_itself(by_levels: bool) -> None:
    for seed in range(1_500):
        random = Random(seed)
        nodes, lines, rules = random_instance(random, nodes=8)
        if by_levels:
            rules = replace(rules, levels=random_levels(random, nodes.lanes))
        decision = decide(nodes, lines, rules, explain=True)
        problem, chosen = reference.Problem(nodes, lines, rules), {ship.node for ship in decision.shipments}
        expected = [reason_by_itself(problem, node, node in chosen) for node in range(nodes.nodes)]
        assert [each.reason for each in decision.reasons] == expected, seed
        assert not any(each.costs_more for each in decision.reasons if by_levels or each.reason != Reason.COSTS_MORE)


def test_reasons_are_columns_and_a_sequence() -> None:
    reasons = decide(network(fixed_cost=[1, 5]), basket((1, {0: 1, 1: 1})), explain=True).reasons
    assert list(reasons) == [(Reason.IN_PLAN, 0), (Reason.COSTS_MORE, 4)]
    assert (reasons[1:], reasons[-1]) == ((reasons[1],), reasons[1])
    assert (reasons.codes, list(reasons.costs_more)) == (bytes([Reason.IN_PLAN, Reason.COSTS_MORE]), [0, 4])


def test_how_much_more_a_node_costs_is_said_by_prices_that_cannot_rise() -> None:
    """Prices begin at 3 and 10 / 2; the second rises by the 2 that node 0 has left. So node 3 costs 9 - 3 more, not 2 less."""
    nodes = network(fixed_cost=[10, 3, 20, 9], rates=[[(1_000, 0)]])
    decision = decide(nodes, basket((1, {0: 1, 1: 1, 3: 1}), (1, {0: 1, 2: 1})), explain=True)
    assert [each.costs_more for each in decision.reasons] == [0, 0, 13, 6]


def test_no_plan_with_a_node_costs_less_than_its_reason_says() -> None:
    informative = 0
    for seed in range(600):
        nodes, lines, rules = random_instance(Random(seed))
        decision = decide(nodes, lines, rules, explain=True)
        problem = reference.Problem(nodes, lines, rules)
        plans = list(problem.plans())
        for node, reason in enumerate(decision.reasons):
            costs = [
                p.total_cost
                for p in plans
                if p.unfilled_units == decision.unfilled_units and any(s.node == node for s in p.shipments)
            ]
            if costs and not (rules.ship_complete and decision.unfilled_units):
                assert reason.costs_more <= min(costs) - decision.total_cost, (seed, node)
                informative += reason.costs_more > 0
    assert informative > 50


def test_alternatives_are_the_next_plans_with_other_nodes() -> None:
    for seed in range(400):
        nodes, lines, rules = random_instance(Random(seed), rules=Rules(budget_steps=UNLIMITED))
        decision = decide(nodes, lines, rules, alternatives=3)
        problem = reference.Problem(nodes, lines, rules)
        plans = [p for p in problem.plans() if p.unfilled_units == decision.unfilled_units]
        expected, seen = [], set()
        for plan in sorted(plans, key=problem.plan_order):
            used = tuple(s.node for s in plan.shipments)
            if used not in seen:
                seen.add(used)
                expected.append(plan.assignments)
        if decision.shipments and all(a.proven_optimal for a in decision.alternatives):
            found = [decision.assignments, *(a.assignments for a in decision.alternatives)]
            assert found == expected[: len(found)], seed


def test_asking_for_explanations_does_not_change_the_plan() -> None:
    random = Random(5)
    nodes = kernel_instances.network(random, 400)
    lines = kernel_instances.basket(random, 400, 14)
    plain = decide(nodes, lines, Rules(budget_steps=50))
    explained = decide(nodes, lines, Rules(budget_steps=50), explain=True, alternatives=1)
    assert plain.assignments == explained.assignments
    assert plain.lower_bound == explained.lower_bound


def test_the_same_question_gets_the_same_answer_whatever_was_asked_before() -> None:
    instances = [random_instance(Random(seed)) for seed in range(100)]
    first = [decide(*instance) for instance in instances]
    assert [decide(*instance) for instance in reversed(instances)] == first[::-1]


def test_parallel_decisions_equal_serial_ones() -> None:
    random = Random(11)
    nodes = kernel_instances.network(random, 800)
    lines = [kernel_instances.basket(random, 800, random.randint(1, 12)) for _ in range(40)]
    serial = [decide(nodes, each) for each in lines]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda each: decide(nodes, each), lines * 3)) == serial * 3


def test_buffers_of_the_replica_are_used_where_they_are() -> None:
    from promessa.kernel import Basket

    atp = array("q", [0, 1])
    lines = Basket(
        quantities=[1],
        unit_grams=[1],
        row_start=[0, 2],
        row_node=memoryview(array("I", [0, 1])),
        row_atp=memoryview(atp),
    )
    nodes = network(fixed_cost=[0, 5])
    assert decide(nodes, lines).shipments[0].node == 1
    atp[0] = 1
    assert decide(nodes, lines).shipments[0].node == 0


@pytest.mark.parametrize("lines", [1, 2, 63, 64])
def test_baskets_up_to_the_most_lines_are_decided(lines: int) -> None:
    nodes = network(fixed_cost=[3, 4])
    decision = decide(nodes, basket(*[(1, {0: 1, 1: 1})] * lines, unit_grams=1))
    assert [s.node for s in decision.shipments] == [0]
    assert decision.proven_optimal


def test_every_line_at_a_node_of_its_own_makes_the_most_shipments() -> None:
    nodes = network(fixed_cost=[1] * 64)
    decision = decide(nodes, basket(*[(1, {line: 1}) for line in range(64)]))
    assert len(decision.shipments) == 64
    assert decision.proven_optimal


def test_a_line_split_over_more_nodes_than_a_plan_may_open_is_filled_as_far_as_allowed() -> None:
    nodes = network(fixed_cost=[1] * 100)
    decision = decide(nodes, basket((100, dict.fromkeys(range(100), 1)), unit_grams=1))
    assert len(decision.shipments) == 64
    assert decision.unfilled == (36,)
