"""Plans of several ways, with lines together, shared cells and least values, against every plan there is."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from promessa.domain.limits import SIDE_WORK_MAX
from promessa.kernel import Network, Rules
from promessa.kernel.reference import Problem, rate_price
from promessa.service.network_view import Joint
from promessa.service.node_facts import Rows
from promessa.service.side_rules import SideRules, Taken, basket_of, best, explained
from promessa.service.side_search import Work

SPLIT = 7


class Item(NamedTuple):
    """A line of an order: what, how many, where it goes, and with whom."""

    sku: int
    units: int
    place: int
    group: int


class Case(NamedTuple):
    """A small order over a few nodes; `stock` by sku and node, `opens`, `picks` and `rates` by place and node."""

    items: tuple[Item, ...]
    nodes: int
    stock: dict[tuple[int, int], int]
    opens: dict[tuple[int, int], int]
    picks: dict[tuple[int, int], int]
    brackets: tuple[tuple[int, int], ...]
    over: tuple[int, int]
    surcharges: dict[tuple[int, int], int]
    reached: dict[tuple[int, int], bool]
    max_shipments: int
    complete: bool
    least: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    places, nodes = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    group_place: dict[int, int] = {}
    items: dict[tuple[int, int, int], Item] = {}
    for _ in range(draw(st.integers(1, 4))):
        group = draw(st.sampled_from([-1, -1, 0, 1]))
        place = draw(st.integers(0, places - 1))
        if group >= 0:
            place = group_place.setdefault(group, place)
        sku = draw(st.integers(0, 2))
        items[sku, place, group] = Item(sku, draw(st.integers(1, 2)), place, group)
    both = list(product(range(places), range(nodes)))
    costs = st.integers(0, 9)
    prices = sorted(draw(st.tuples(costs, costs)))
    return Case(
        tuple(items.values()),
        nodes,
        {(sku, node): draw(st.integers(0, 4)) for sku in range(3) for node in range(nodes)},
        {each: draw(costs) for each in both},
        {each: draw(st.integers(0, 2)) for each in both},
        ((3, prices[0]), (6, prices[1])),
        draw(st.sampled_from([(0, 0), (2, 3)])),
        {each: draw(st.integers(0, 3)) for each in both},
        {each: draw(st.booleans()) or draw(st.booleans()) for each in both},
        draw(st.sampled_from([0, 0, 1, 2, 3])),
        draw(st.booleans()),
        draw(st.sampled_from([0, 0, 2, 3, 5])),
    )


def network_of(case: Case) -> tuple[Network, Joint]:
    """The nodes once for each place."""
    places = [place for place, _ in case.opens]
    both = list(case.opens)
    starts, surcharges = [0], []
    for each in both:
        surcharges += [case.surcharges[each]] if case.reached[each] else []
        starts.append(len(surcharges))
    network = Network(
        fixed_cost=[case.opens[each] for each in both],
        unit_cost=[case.picks[each] for each in both],
        lane_start=starts,
        lane_rate=[0] * len(surcharges),
        lane_surcharge=surcharges,
        bracket_start=[0, 2],
        bracket_grams=[grams for grams, _ in case.brackets],
        bracket_price=[price for _, price in case.brackets],
        over_step_grams=[case.over[0]],
        over_step_price=[case.over[1]],
    )
    return network, Joint([node for _, node in both], places, [0] * len(both), [0], {})


def worth(item: Item) -> int:
    return item.sku + 1


def grams(item: Item) -> int:
    return item.sku + 1


def asked(case: Case, *, split: bool = False) -> tuple[Rows, SideRules, Network, Rules]:
    network, joint = network_of(case)
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    for item in case.items:
        for node in range(case.nodes):
            nodes.append(item.place * case.nodes + node)
            atp.append(case.stock[item.sku, node])
        start.append(len(nodes))
    rows = Rows([item.sku for item in case.items], [item.units for item in case.items], [], start, nodes, atp)
    groups: dict[object, list[int]] = {}
    for i, item in enumerate(case.items):
        groups.setdefault(item.group if item.group >= 0 else (i,), []).append(i)
    whole = tuple([case.items[each[0]].group >= 0 for each in groups.values()])
    side = SideRules(
        tuple([tuple(each) for each in groups.values()]), whole, rows, True, case.least,
        lambda: [worth(item) for item in case.items], joint,
    )  # fmt: skip
    rules = Rules(
        max_shipments=case.max_shipments, ship_complete=case.complete, allow_line_split=split, split_cost=SPLIT
    )
    return rows, side, network, rules


def every_plan(case: Case, side: SideRules, network: Network) -> Iterator[tuple[int, int]]:
    """(units of the kernel left out, cost) of every plan that keeps to everything; lines are served whole or not at all."""
    choices = [(None, *range(case.nodes)) for _ in side.groups]
    for nodes in product(*choices):
        units, weight, value = defaultdict(int), defaultdict(int), defaultdict(int)
        taken: dict[tuple[int, int], int] = defaultdict(int)
        for items, node in zip(side.groups, nodes, strict=True):
            for item in [case.items[i] for i in items] if node is not None else []:
                at = item.place, node
                units[at] += item.units
                weight[at] += item.units * grams(item)
                value[at] += item.units * worth(item)
                taken[item.sku, node] += item.units
        if any(count > case.stock[cell] for cell, count in taken.items()):
            continue
        if len(units) > (case.max_shipments or 64) or not all(case.reached[at] for at in units):
            continue
        places = [place for place, _ in units]
        if any(value[at] < case.least and places.count(at[0]) > 1 for at in units):
            continue
        prices = [rate_price(network, 0, weight[at]) for at in units]
        if None in prices:
            continue
        cost = sum(price or 0 for price in prices) + SPLIT * max(0, len(units) - 1)
        cost += sum(case.opens[at] + case.surcharges[at] + case.picks[at] * count for at, count in units.items())
        missing = sum(
            1 if case.items[items[0]].group >= 0 else case.items[items[0]].units
            for items, node in zip(side.groups, nodes, strict=True)
            if node is None
        )
        yield missing, cost


@settings(max_examples=1_000, deadline=None)
@given(cases(), st.sampled_from((0, 1_500, 4_000, SIDE_WORK_MAX, SIDE_WORK_MAX)))
def test_the_best_plan_is_the_best_of_all_plans(case: Case, work: int) -> None:
    rows, side, network, rules = asked(case)
    basket = basket_of(side, rows, [grams(item) for item in case.items], None, network.unit_cost)
    found = best(network, basket, rules, side, Work(work))
    least, cheapest = min(every_plan(case, side, network))
    if case.complete and least:
        least, cheapest = sum(basket.quantities), 0
    assert (found[0], found[1]) >= (least, cheapest), "it breaks a rule that every_plan keeps to"
    if found[3]:
        assert (found[0], found[1], found[2]) == (least, cheapest, cheapest)
    elif found[0] == least:
        assert found[2] <= cheapest
    keeps_to_the_rules(case, side, found[5])
    told = explained(network, basket, rules, side, found, explain=True, others=2)
    assert (told.total_cost, told.proven_optimal, sum(told.unfilled)) == (found[1], found[3], found[0])
    for each in told.alternatives:
        keeps_to_the_rules(case, side, each.assignments)


@settings(max_examples=500, deadline=None)
@given(cases(), st.sampled_from((0, 1_500, 4_000, SIDE_WORK_MAX, SIDE_WORK_MAX)))
def test_where_lines_may_be_split_the_rules_are_kept_and_nothing_is_wrongly_proven(case: Case, work: int) -> None:
    rows, side, network, rules = asked(case, split=True)
    basket = basket_of(side, rows, [grams(item) for item in case.items], None, network.unit_cost)
    found = best(network, basket, rules, side)
    keeps_to_the_rules(case, side, found[5], split=True)
    least, cheapest = min(kernel_plans(case, side, Problem(network, basket, rules)))
    if case.complete and least:
        return
    if found[3]:
        assert (found[0], found[1]) <= (least, cheapest)
    if found[0] == least:
        assert found[2] <= cheapest


def kernel_plans(case: Case, side: SideRules, problem: Problem) -> Iterator[tuple[int, int]]:
    """(units left out, cost) of every plan of the kernel, lines split in its way, that keeps to the side rules."""
    for plan in problem.plans():
        if keeps(case, side, plan.assignments):
            yield plan.unfilled_units, plan.total_cost


def keeps(case: Case, side: SideRules, assignments: Taken) -> bool:
    """Whether no cell is used twice, and nothing is of too little value."""
    taken: dict[tuple[int, int], int] = defaultdict(int)
    value: dict[int, int] = defaultdict(int)
    for i, node, units in side.expand(assignments):
        taken[case.items[i].sku, node % case.nodes] += units
        value[node] += units * worth(case.items[i])
    places = [node // case.nodes for node in value]
    small = [node for node in value if value[node] < case.least and places.count(node // case.nodes) > 1]
    return not small and all(units <= case.stock[cell] for cell, units in taken.items())


def keeps_to_the_rules(case: Case, side: SideRules, assignments: Taken, *, split: bool = False) -> None:
    """No cell twice, nothing of too little value, and nothing torn apart."""
    assert keeps(case, side, assignments)
    for i, node, units in side.expand(assignments):
        assert units == case.items[i].units or (split and case.items[i].group < 0)
        assert node // case.nodes == case.items[i].place


def test_almost_all_small_plans_are_proven() -> None:
    proven = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(cases())
    def look(case: Case) -> None:
        rows, side, network, rules = asked(case)
        basket = basket_of(side, rows, [grams(item) for item in case.items], None, network.unit_cost)
        proven.append(best(network, basket, rules, side)[3])

    look()
    assert sum(proven) >= 0.95 * len(proven)
