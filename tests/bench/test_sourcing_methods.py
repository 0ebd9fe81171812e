"""Every method keeps to the rules of the problem, is what its name says, and is priced as the kernel prices."""

from __future__ import annotations

from array import array
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sourcing_highs import solve
from sourcing_methods import METHODS, SHORT_LIST, Priced, View, fewest_nodes, nearest_first, priced
from sourcing_optimum import optimum
from sourcing_set import RULES, Instance, Toward

from promessa.kernel import Basket, Network, decide

BRACKETS = 4


@st.composite
def views(draw, *, most_nodes: int = 8) -> View:
    """A small network with two cards and two lanes a node; each line is in full at one node or more."""
    nodes, lines = draw(st.integers(1, most_nodes)), draw(st.integers(1, 5))
    numbers = lambda count, low, high: draw(st.lists(st.integers(low, high), min_size=count, max_size=count))
    prices = [sorted(numbers(BRACKETS, 1, 60)) for _ in range(2)]
    network = Network(
        fixed_cost=numbers(nodes, 0, 9),
        unit_cost=numbers(nodes, 0, 3),
        lane_start=[2 * node for node in range(nodes + 1)],
        lane_rate=numbers(2 * nodes, 0, 1),
        lane_surcharge=[0] * 2 * nodes,
        bracket_start=[0, BRACKETS, 2 * BRACKETS],
        bracket_grams=[300, 1_000, 2_000, 3_000] * 2,
        bracket_price=[price * RULES.split_cost // 10 for card in prices for price in card],
        over_step_grams=[1_000] * 2,
        over_step_price=numbers(2, 0, RULES.split_cost),
    )
    quantities = numbers(lines, 1, 3)
    start, row_node, row_atp = array("q", [0]), array("I"), array("q")
    for line in range(lines):
        able = draw(st.integers(0, nodes - 1))
        for node, atp in enumerate(numbers(nodes, 0, 4)):
            row_node.append(node)
            row_atp.append(max(atp, quantities[line]) if node == able else atp)
        start.append(len(row_node))
    basket = Basket(
        quantities=quantities,
        unit_grams=numbers(lines, 0, 2_500),
        row_start=start,
        row_node=row_node,
        row_atp=row_atp,
    )
    days = array("q", numbers(2 * nodes, 0, 9))
    return View(Instance("drawn", Toward("01", network, days), basket, array("q", numbers(nodes, 0, 50))))


def cost_of(view: View, nodes: list[int]) -> Priced:
    """The price of a plan by its definition, in loops."""
    network, basket = view.instance.toward.network, view.instance.basket
    total, latest = RULES.split_cost * (len(set(nodes)) - 1), 0
    for node in set(nodes):
        own = [line for line, chosen in enumerate(nodes) if chosen == node]
        grams = sum(basket.quantities[line] * basket.unit_grams[line] for line in own)
        total += network.fixed_cost[node] + network.unit_cost[node] * sum(basket.quantities[line] for line in own)
        offers = []
        for lane in (2 * node, 2 * node + 1):
            first = network.bracket_start[network.lane_rate[lane]]
            fits = [at for at in range(BRACKETS) if grams <= network.bracket_grams[first + at]]
            price = network.bracket_price[first + (fits[0] if fits else BRACKETS - 1)]
            if not fits:
                price += -(-(grams - 3_000) // 1_000) * network.over_step_price[network.lane_rate[lane]]
            offers.append((price, lane))
        price, lane = min(offers)
        total += price
        latest = max(latest, view.instance.toward.days[lane])
    return Priced(total, len(set(nodes)), latest)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(view=views())
def test_each_line_goes_whole_to_a_node_that_has_it_and_costs_what_the_definition_says(method, view):
    nodes = METHODS[method](view)
    basket = view.instance.basket
    assert len(nodes) == basket.lines
    for line, node in enumerate(nodes):
        atp = dict(zip(range(view.nodes), basket.row_atp[basket.row_start[line] :], strict=False))
        assert atp[node] >= basket.quantities[line]
    assert priced(view, nodes) == cost_of(view, nodes)


@settings(max_examples=60, deadline=None)
@given(view=views())
def test_nobody_is_cheaper_than_the_optimum_and_all_exact_ones_agree(view):
    best = optimum(view)
    assert best.proven
    found = decide(view.instance.toward.network, view.instance.basket, RULES)
    assert (found.total_cost, found.proven_optimal) == (best.cost, True)
    solved = solve(view, seconds=20)
    assert solved.proven
    excess = priced(view, solved.nodes).cost - best.cost
    assert 0 <= excess <= best.cost // 1_000_000, "HiGHS counts in floating point, and takes a millionth for nothing"
    assert min(priced(view, decide(view)).cost for decide in METHODS.values()) == best.cost
    if view.nodes <= SHORT_LIST:
        assert priced(view, METHODS["short list"](view)).cost == best.cost, "all nodes are on the list"


@settings(max_examples=100, deadline=None)
@given(view=views())
def test_fewest_nodes_has_no_smaller_set_and_none_as_small_that_is_nearer(view):
    chosen = set(fewest_nodes(view))

    def whole(nodes: tuple[int, ...]) -> bool:
        return bool(view.has[list(nodes)].any(axis=0).all())

    size = next(size for size in range(1, view.lines + 1) if any(map(whole, combinations(range(view.nodes), size))))
    metres = [int(view.metres[list(nodes)].sum()) for nodes in combinations(range(view.nodes), size) if whole(nodes)]
    assert len(chosen) == size
    assert sum(int(view.metres[node]) for node in chosen) == min(metres)


@settings(max_examples=100, deadline=None)
@given(view=views())
def test_nearest_first_takes_the_nearest_node_with_everything_when_there_is_one(view):
    complete = [node for node in range(view.nodes) if view.has[node].all()]
    nodes = nearest_first(view)
    if complete:
        assert set(nodes) == {min(complete, key=lambda node: (view.metres[node], node))}
    else:
        most = view.has.sum(axis=1).max()
        assert nodes.count(nodes[0]) <= most
        assert most in [nodes.count(node) for node in set(nodes)]
