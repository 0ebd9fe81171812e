"""What must not change when an instance does: one more node, nodes under other numbers, all prices times seven; and the
same answers from every process. With levels and without, on few nodes and on hundreds."""

import subprocess
import sys
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import kernel_instances
import pytest
from kernel_builders import UNLIMITED, random_instance, random_levels

from promessa.kernel import Basket, Decision, Level, LevelKind, Network, Rules, decide

Instance = tuple[Network, Basket, Rules]
MANY = 60
"""Instances of hundreds of nodes; of few nodes there are ten times as many."""


def instances(*, levels: bool, split: bool = True) -> list[Instance]:
    """Without `split`, as a line is split only where no node has it whole, and by the numbers of nodes."""
    found = []
    for seed in range(11 * MANY):
        random = Random(seed)
        if seed < 10 * MANY:
            nodes, lines, rules = random_instance(random)
        else:
            nodes = kernel_instances.network(random, 200)
            lines = kernel_instances.basket(random, 200, random.randint(2, 12))
            rules = Rules(budget_steps=UNLIMITED, split_cost=random.choice([0, 2_000_000]))
        rules = replace(
            rules,
            allow_line_split=split and rules.allow_line_split,
            levels=random_levels(random, nodes.lanes) if levels else (),
        )
        found.append((nodes, lines, rules))
    return found


def columns(network: Network, **other: Sequence[int]) -> Network:
    """A network with other columns."""
    names = (
        "fixed_cost",
        "unit_cost",
        "lane_start",
        "lane_rate",
        "lane_surcharge",
        "bracket_start",
        "bracket_grams",
        "bracket_price",
        "over_step_grams",
        "over_step_price",
    )
    return Network(**{name: getattr(network, name) for name in names} | other)


def row(basket: Basket, line: int) -> range:
    return range(basket.row_start[line], basket.row_start[line + 1])


def lanes_of(network: Network, node: int) -> range:
    return range(network.lane_start[node], network.lane_start[node + 1])


def numbered_anew(instance: Instance, order: Sequence[int]) -> Instance:
    """The same instance, with node order[k] as node k; nodes that `order` leaves out are gone."""
    network, basket, rules = instance
    lanes = [lane for node in order for lane in lanes_of(network, node)]
    number = {node: k for k, node in enumerate(order)}
    start = [0]
    for node in order:
        start.append(start[-1] + len(lanes_of(network, node)))
    rows = [
        sorted((number[basket.row_node[at]], at) for at in row(basket, line) if basket.row_node[at] in number)
        for line in range(basket.lines)
    ]
    entries = [entry for found in rows for entry in found]
    nodes_allowed = None if rules.node_eligible is None else memoryview(rules.node_eligible)
    lanes_allowed = None if rules.lane_allowed is None else memoryview(rules.lane_allowed)
    return (
        columns(
            network,
            fixed_cost=[network.fixed_cost[node] for node in order],
            unit_cost=[network.unit_cost[node] for node in order],
            lane_start=start,
            lane_rate=[network.lane_rate[lane] for lane in lanes],
            lane_surcharge=[network.lane_surcharge[lane] for lane in lanes],
        ),
        Basket(
            quantities=basket.quantities,
            unit_grams=basket.unit_grams,
            row_start=[sum(map(len, rows[:line])) for line in range(basket.lines + 1)],
            row_node=[node for node, _ in entries],
            row_atp=[basket.row_atp[at] for _, at in entries],
            row_cost=[basket.row_cost[at] for _, at in entries],
        ),
        replace(
            rules,
            excluded_nodes=tuple(number[node] for node in rules.excluded_nodes if node in number),
            node_eligible=None if nodes_allowed is None else bytes(nodes_allowed[node] for node in order),
            lane_allowed=None if lanes_allowed is None else bytes(lanes_allowed[lane] for lane in lanes),
            levels=[
                each if each.values is None else Level(each.kind, array("q", [each.values[lane] for lane in lanes]))
                for each in rules.levels
            ],
        ),
    )


def worth(decision: Decision) -> tuple[int, tuple[int, ...], int]:
    assert decision.proven_optimal
    return decision.unfilled_units, decision.levels, decision.total_cost


@pytest.mark.parametrize("levels", [False, True])
def test_one_more_node_never_makes_a_plan_worse(levels: bool) -> None:
    better = 0
    for network, basket, rules in instances(levels=levels, split=False):
        if network.nodes == 1 or rules.ship_complete:
            continue
        fewer = numbered_anew((network, basket, rules), range(network.nodes - 1))
        assert worth(decide(network, basket, rules)) <= worth(decide(*fewer))
        better += worth(decide(network, basket, rules)) < worth(decide(*fewer))
    assert better > 20


@pytest.mark.parametrize("levels", [False, True])
def test_other_numbers_of_the_nodes_change_no_plan_but_for_ties(levels: bool) -> None:
    same = 0
    for at, instance in enumerate(instances(levels=levels, split=False)):
        order = list(range(instance[0].nodes))
        Random(at).shuffle(order)
        found, other = decide(*instance), decide(*numbered_anew(instance, order))
        assert worth(found) == worth(other)
        same += {shipment.node for shipment in found.shipments} == {order[s.node] for s in other.shipments}
    assert same > 5 * MANY


@pytest.mark.parametrize("levels", [False, True])
def test_all_prices_times_seven_change_no_plan(levels: bool) -> None:
    for network, basket, rules in instances(levels=levels):
        dearer = columns(
            network,
            **{
                name: [7 * price for price in getattr(network, name)]
                for name in ("fixed_cost", "unit_cost", "lane_surcharge", "bracket_price", "over_step_price")
            },
        )
        costs = Basket(
            quantities=basket.quantities,
            unit_grams=basket.unit_grams,
            row_start=basket.row_start,
            row_node=basket.row_node,
            row_atp=basket.row_atp,
            row_cost=[7 * cost for cost in basket.row_cost],
        )
        found = decide(network, basket, rules)
        scaled = decide(dearer, costs, replace(rules, split_cost=7 * rules.split_cost))
        assert scaled.assignments == found.assignments
        assert [shipment.lane for shipment in scaled.shipments] == [shipment.lane for shipment in found.shipments]
        assert scaled.total_cost == 7 * found.total_cost
        assert [a for a, each in zip(scaled.levels, rules.levels, strict=True) if each.kind != LevelKind.COST] == [
            a for a, each in zip(found.levels, rules.levels, strict=True) if each.kind != LevelKind.COST
        ]


DIGEST = """
import sys
sys.path[:0] = sys.argv[1:]
from hashlib import sha256
from test_kernel_metamorphic import instances
from promessa.kernel import decide
answers = [decide(*each, alternatives=1) for levels in (False, True) for each in instances(levels=levels)]
print(sha256(repr(answers).encode()).hexdigest())
"""


def test_every_process_gives_the_same_answers() -> None:
    here = Path(__file__).parent
    digests = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", DIGEST, str(here), str(here.parents[1] / "bench")]
        ran = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=300, env={"PYTHONHASHSEED": seed}
        )
        digests.add(ran.stdout)
    assert len(digests) == 1
