"""The two exact searches, by sets of nodes and by columns, against each other and against the subset program."""

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import kernel_driver
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_builders import UNLIMITED, basket, network
from kernel_subsets import subset_program

from promessa.kernel import Basket, Network, Rules, decide

INSTANCES = 20_000


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_sets_and_columns_prove_the_same_plans(tmp_path: Path) -> None:
    by_columns = kernel_driver.run(tmp_path, INSTANCES, "-O2", "-DPK_SET_SHIPMENTS=0")
    by_sets = kernel_driver.run(tmp_path, INSTANCES, "-O2", "-DPK_SET_SHIPMENTS=64")
    compared = 0
    for plans in zip(by_columns, by_sets, strict=True):
        for column, by_set in zip(*plans, strict=False):
            if not column[0] == by_set[0] == "1":
                break  # the runner-ups of an unproven plan are others
            assert column == by_set
            compared += 1
    assert compared > 1.5 * INSTANCES


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_few_shipments_from_many_nodes_cost_what_the_subset_program_says(random: Random) -> None:
    nodes, lines, rules = many_nodes(random)
    found = decide(nodes, lines, rules)
    best = subset_program(nodes, lines, rules)
    assert found.proven_optimal
    assert (found.total_cost if found.unfilled_units == 0 else None) == best


@pytest.mark.parametrize("budget", [1, 4, 16, 64])
def test_few_shipments_within_a_small_budget_are_proven_only_when_they_are_best(budget: int) -> None:
    unproven = 0
    for seed in range(150):
        nodes, lines, rules = many_nodes(Random(seed))
        short = decide(nodes, lines, replace(rules, budget_steps=budget))
        best = subset_program(nodes, lines, rules)
        unproven += not short.proven_optimal
        if short.unfilled_units:
            continue
        assert best is not None
        assert short.lower_bound <= best <= short.total_cost
        assert not short.proven_optimal or short.total_cost == best
    assert unproven > 0


def test_plans_that_cost_the_same_are_not_all_tried() -> None:
    """Two nodes alike that each lack a line, and 48,620 ways to fill a bracket of each: the first is found by its place."""
    alike = network(
        fixed_cost=[5, 5], unit_cost=[1, 1], lanes=[[(0, 0)], [(0, 0)]], rates=[[(1_000, 10)]], over=[(1_000, 10)]
    )
    wanted = basket(
        *[(1, {node: 1 for node in (0, 1) if (line, node) not in {(19, 0), (0, 1)}}) for line in range(20)],
        unit_grams=[100] * 20,
    )
    found = decide(alike, wanted, Rules())
    assert found.proven_optimal and found.total_cost == 2 * (5 + 10) + 20
    assert [each.node for each in found.assignments] == 10 * [0] + 10 * [1]
    assert found.steps < 1_000


def many_nodes(random: Random) -> tuple[Network, Basket, Rules]:
    """More nodes than enumeration can take, coarse brackets, whole lines only.

    A further bracket costs no more than a first one, so that one parcel costs no more than two: the subset program
    could otherwise send two from one node.
    """
    count, lines, density = random.randint(5, 30), random.randint(3, 7), random.choice([0.3, 0.5, 0.8])
    width, rates = random.choice([2, 5, 20]), random.randint(1, 3)
    found = network(
        fixed_cost=[random.randint(0, 60) for _ in range(count)],
        unit_cost=[random.choice([0, 1, 5, 9]) for _ in range(count)],
        lanes=[
            [(random.randrange(rates), random.choice([0, 9])) for _ in range(random.choice([1, 1, 2]))]
            for _ in range(count)
        ],
        rates=[
            [(width * (step + 1), 40 + (10 + 7 * rate) * step) for step in range(random.randint(1, 6))]
            for rate in range(rates)
        ],
        over=[(width, 10 + 7 * rate) for rate in range(rates)],
    )
    wanted = basket(
        *[
            (random.randint(1, 3), {node: 3 for node in range(count) if random.random() < density})
            for _ in range(lines)
        ],
        unit_grams=[random.randint(0, 6) for _ in range(lines)],
        costs=[{node: random.randint(0, 30) for node in range(count)} for _ in range(lines)]
        if random.random() < 0.5
        else None,
    )
    rules = Rules(
        max_shipments=random.choice([0, 1, 2, 3, 4]),
        allow_line_split=False,
        split_cost=random.choice([0, 0, 25]),
        budget_steps=UNLIMITED,
    )
    return found, wanted, rules
