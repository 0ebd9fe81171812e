"""The native kernel decides what the reference decides, and never claims more than is so."""

from dataclasses import replace
from random import Random

import kernel_highs
import kernel_instances
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_builders import UNLIMITED, random_instance
from kernel_subsets import subset_program

from promessa.kernel import Decision, Reasons, Rules, decide, plan, reference

QUICK = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def certified(decision: Decision) -> Decision:
    return replace(decision, steps=0, reasons=Reasons(), alternatives=())


@QUICK
@given(st.randoms(use_true_random=False))
def test_native_and_reference_choose_the_same_plan(random: Random) -> None:
    network, basket, rules = random_instance(random)
    assert certified(decide(network, basket, rules)) == reference.decide(network, basket, rules)


def test_native_and_reference_choose_the_same_plan_on_two_thousand_seeded_instances() -> None:
    for seed in range(2_000):
        network, basket, rules = random_instance(Random(seed))
        assert certified(decide(network, basket, rules)) == reference.decide(network, basket, rules), seed


@pytest.mark.parametrize("budget", [0, 1, 2, 3, 5, 9, 20])
def test_a_small_budget_never_claims_a_proof_or_a_bound_that_is_wrong(budget: int) -> None:
    unproven = 0
    for seed in range(1_500):
        network, basket, rules = random_instance(Random(seed), rules=None)
        found = decide(network, basket, replace(rules, budget_steps=budget))
        best = reference.decide(network, basket, rules)
        unproven += not found.proven_optimal
        if found.proven_optimal:
            assert certified(found) == best, seed
        assert (found.unfilled_units, found.total_cost) >= (best.unfilled_units, best.total_cost), seed
        if found.unfilled_units == best.unfilled_units:
            assert found.lower_bound <= best.total_cost, seed
    assert unproven > 0


def test_a_budget_that_runs_out_on_a_hard_basket_is_reported_as_unproven() -> None:
    random = Random(7)
    network = kernel_instances.network(random, 300)
    basket = kernel_instances.basket(random, 300, 14)
    short = decide(network, basket, Rules(budget_steps=5))
    full = decide(network, basket, Rules(budget_steps=UNLIMITED))
    assert not short.proven_optimal
    assert short.lower_bound <= full.total_cost <= short.total_cost
    assert full.proven_optimal


@pytest.mark.parametrize("seed", range(60))
def test_certificates_agree_with_the_exact_subset_program(seed: int) -> None:
    random = Random(seed)
    nodes, lines = random.randint(10, 60), random.randint(5, 9)
    network = kernel_instances.network(random, nodes)
    basket = kernel_instances.basket(random, nodes, lines)
    rules = Rules(split_cost=random.choice([0, 2_000_000]), allow_line_split=False)
    found = decide(network, basket, replace(rules, budget_steps=UNLIMITED))
    assert found.proven_optimal
    if found.unfilled_units == 0:
        assert found.total_cost == subset_program(network, basket, rules)


@pytest.mark.parametrize("seed", range(25))
def test_cost_and_unfilled_units_agree_with_a_mixed_integer_program(seed: int) -> None:
    network, basket, rules = random_instance(Random(10_000 + seed), nodes=9, lines=6)
    rules = replace(rules, ship_complete=False)
    found = decide(network, basket, rules)
    assert found.proven_optimal
    assert kernel_highs.solve(network, basket, rules) == (found.unfilled_units, found.total_cost)


@pytest.mark.parametrize("seed", range(4))
def test_cost_with_weight_brackets_agrees_with_a_mixed_integer_program_on_medium_networks(seed: int) -> None:
    random = Random(seed)
    network = kernel_instances.network(random, 60)
    basket = kernel_instances.basket(random, 60, 6)
    rules = Rules(budget_steps=UNLIMITED, split_cost=1_000_000, max_shipments=3)
    found = decide(network, basket, rules)
    assert found.proven_optimal
    assert kernel_highs.solve(network, basket, rules) == (found.unfilled_units, found.total_cost)


def test_the_lean_entry_gives_the_same_numbers() -> None:
    for seed in range(200):
        network, basket, rules = random_instance(Random(seed))
        full = decide(network, basket, rules)
        unfilled, cost, bound, proven, steps, assignments, shipments = plan(network, basket, rules)
        assert (unfilled, cost, bound, proven, steps) == (
            full.unfilled_units,
            full.total_cost,
            full.lower_bound,
            full.proven_optimal,
            full.steps,
        )
        assert assignments == full.assignments
        assert shipments == full.shipments
