"""Ways to source an order that products describe in public, as decent programs of theirs would do it; and what a plan costs.

    nearest first   the nearest node with everything; else the node with most lines, the nearest of several, then the rest
    fewest nodes    the smallest set of nodes that has everything, of several the one that is nearest on average
    greedy cover    the node that costs least for each line it adds, then the rest
    short list      each line's ten cheapest nodes alone, then the cheapest plan of those nodes

A plan is a node for each line. All keep to the same rules as the kernel: a line goes whole to one node that has its units,
each shipment takes its cheapest lane. The numbers are prepared beforehand in numpy's columns, as the kernel's are in its
own; what is timed is the decision. The last one searches with the kernel, so that its search is as good as its list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sourcing_set import RULES, Instance

from promessa.kernel import plan

SHORT_LIST = 10
FEWEST_SETS_MAX = 20_000
"""Part sets looked at before the fewest-nodes search takes what it has: a second or so."""

Numbers = NDArray[np.int64]
Nodes = Sequence[int]
"""Which node serves each line."""


class Priced(NamedTuple):
    """What a plan comes to. `days` until the last shipment arrives."""

    cost: int
    shipments: int
    days: int


class View:
    """An instance as numpy's columns."""

    def __init__(self, instance: Instance) -> None:
        network, basket = instance.toward.network, instance.basket
        self.instance = instance
        self.nodes, self.lines = network.nodes, basket.lines
        self.metres = np.array(instance.metres)
        self.days = np.array(instance.toward.days)
        self.fixed = np.array(network.fixed_cost)
        self.unit = np.array(network.unit_cost)
        self.units = np.array(basket.quantities)
        self.unit_grams = np.array(basket.unit_grams)
        self.grams = self.units * self.unit_grams
        self.has = self._has()
        self.masks = self.has.astype(np.int64) @ (1 << np.arange(self.lines, dtype=np.int64))
        self._lanes(instance)

    def _has(self) -> NDArray[np.bool_]:
        """Whether a node has a line in full, nodes × lines."""
        basket = self.instance.basket
        start, row_node, row_atp = basket.row_start, np.array(basket.row_node), np.array(basket.row_atp)
        has = np.zeros((self.nodes, self.lines), np.bool_)
        for line in range(self.lines):
            row = slice(start[line], start[line + 1])
            has[row_node[row], line] = row_atp[row] >= self.units[line]
        return has

    def _lanes(self, instance: Instance) -> None:
        """Every node has as many lanes as any other, and all cards the same brackets: tables, then."""
        network = instance.toward.network
        start, rates = np.array(network.bracket_start), len(network.over_step_grams)
        self.bracket_grams = np.array(network.bracket_grams[: start[1]])
        grams = np.array(network.bracket_grams).reshape(rates, -1)
        assert (grams == self.bracket_grams).all()
        self.prices = np.array(network.bracket_price).reshape(rates, -1)
        self.over_step, self.over_price = np.array(network.over_step_grams), np.array(network.over_step_price)
        self.rate = np.array(network.lane_rate).reshape(self.nodes, -1)
        assert (np.diff(network.lane_start) == self.rate.shape[1]).all()
        assert not any(network.lane_surcharge)

    def lane_prices(self, nodes: Numbers | slice, grams: Numbers) -> Numbers:
        """What each lane of some nodes takes for so many grams of each, nodes × lanes."""
        rate = self.rate[nodes]
        bracket = np.searchsorted(self.bracket_grams, grams)
        last = len(self.bracket_grams) - 1
        over = np.maximum(0, grams - self.bracket_grams[last])[:, None]
        steps = -(-over // self.over_step[rate])
        return self.prices[rate, np.minimum(bracket, last)[:, None]] + steps * self.over_price[rate]

    def shipments(self, nodes: Numbers | slice, units: Numbers, grams: Numbers) -> Numbers:
        """What a shipment of so many units and grams from each of some nodes costs."""
        return self.fixed[nodes] + self.unit[nodes] * units + self.lane_prices(nodes, grams).min(axis=1)


def priced(view: View, nodes: Nodes) -> Priced:
    """A plan's cost, shipments and days."""
    chosen, which = np.unique(np.asarray(nodes), return_inverse=True)
    units, grams = (np.bincount(which, of).astype(np.int64) for of in (view.units, view.grams))
    cost = int(view.shipments(chosen, units, grams).sum()) + RULES.split_cost * (len(chosen) - 1)
    lanes = view.lane_prices(chosen, grams).argmin(axis=1)
    return Priced(cost, len(chosen), int(view.days.reshape(view.nodes, -1)[chosen, lanes].max()))


def by_kernel(view: View) -> Nodes:
    """promessa: the cheapest plan."""
    return [node for _, node, _ in plan(view.instance.toward.network, view.instance.basket, RULES)[5]]


def proves(view: View) -> bool:
    """Whether promessa proves its plan; asked apart, for the others prove nothing."""
    return plan(view.instance.toward.network, view.instance.basket, RULES)[3]


def nearest_first(view: View) -> Nodes:
    return _one_after_another(view, lambda added: _least(view.metres, np.flatnonzero(added == added.max())))


def greedy_cover(view: View) -> Nodes:
    nodes = np.full(view.lines, -1)
    while (left := np.flatnonzero(nodes < 0)).size:
        has = view.has[:, left]
        able = np.flatnonzero(has.any(axis=1))
        adds = has[able].astype(np.int64)
        costs = view.shipments(able, adds @ view.units[left], adds @ view.grams[left])
        if left.size < view.lines:
            costs = costs + RULES.split_cost
        node = able[(costs / adds.sum(axis=1)).argmin()]
        nodes[left[view.has[node, left]]] = node
    return nodes.tolist()


def fewest_nodes(view: View) -> Nodes:
    found = _FewestNodes(view).search()
    if found is None:  # too many sets: as most products then do
        return nearest_first(view)
    by_distance = sorted(found, key=lambda node: (view.metres[node], node))
    return [next(node for node in by_distance if view.has[node, line]) for line in range(view.lines)]


def short_list(view: View) -> Nodes:
    eligible = np.zeros(view.nodes, np.uint8)
    for line in range(view.lines):
        able = np.flatnonzero(view.has[:, line])
        ones = np.ones(able.size, np.int64)
        costs = view.shipments(able, ones, ones * view.unit_grams[line])
        best = np.argpartition(costs, SHORT_LIST - 1)[:SHORT_LIST] if able.size > SHORT_LIST else slice(None)
        eligible[able[best]] = 1
    rules = replace(RULES, node_eligible=memoryview(eligible))
    return [node for _, node, _ in plan(view.instance.toward.network, view.instance.basket, rules)[5]]


PROMESSA = "promessa"
METHODS: dict[str, Callable[[View], Nodes]] = {
    PROMESSA: by_kernel,
    "short list": short_list,
    "greedy cover": greedy_cover,
    "fewest nodes": fewest_nodes,
    "nearest first": nearest_first,
}


def _one_after_another(view: View, choose: Callable[[Numbers], int]) -> Nodes:
    """Nodes that serve all they have of the lines that are left, as `choose` picks them by the lines each adds."""
    nodes = np.full(view.lines, -1)
    while (left := np.flatnonzero(nodes < 0)).size:
        node = choose(view.has[:, left].sum(axis=1))
        nodes[left[view.has[node, left]]] = node
    return nodes.tolist()


def _least(values: Numbers, nodes: Numbers) -> int:
    return int(nodes[values[nodes].argmin()])


class _FewestNodes:
    """Sets of one node, then of two, and so on: the first size that has everything, by least distance in sum.

    A set is grown by a node that has the line that fewest nodes have; the last node is found in one sweep. Of nodes with the
    same lines only the nearest matters, and a part set is given up when what is left is more than the next nodes can add.
    """

    def __init__(self, view: View) -> None:
        by_distance = np.lexsort((np.arange(view.nodes), view.metres))
        _, first = np.unique(view.masks[by_distance], return_index=True)
        self._nodes = by_distance[np.sort(first)]  # the nearest first
        self._masks = view.masks[self._nodes]
        self._metres = view.metres[self._nodes]
        holders = view.has.sum(axis=0)
        self._rarest = sorted(range(view.lines), key=lambda line: (holders[line], line))
        self._all = (1 << view.lines) - 1
        self._looks = 0

    def search(self) -> list[int] | None:
        for size in range(1, len(self._rarest) + 1):
            self._best: tuple[int, list[int]] | None = None
            self._grow([], 0, self._all, size)
            if self._looks > FEWEST_SETS_MAX:
                return None
            if self._best is not None:
                return [int(self._nodes[at]) for at in self._best[1]]
        raise AssertionError("each line has a node")

    def _grow(self, chosen: list[int], metres: int, need: int, left: int) -> None:
        self._looks += 1
        if self._looks > FEWEST_SETS_MAX:
            return
        if left == 1:
            last = np.flatnonzero((self._masks & need) == need)
            if last.size:
                self._offer([*chosen, int(last[0])], metres + int(self._metres[last[0]]))
            return
        if int(np.bitwise_count(self._masks & need).max()) * left < need.bit_count():
            return
        line = next(line for line in self._rarest if need >> line & 1)
        for at in np.flatnonzero(self._masks >> line & 1).tolist():
            farther = metres + int(self._metres[at])
            if self._best is not None and farther >= self._best[0]:
                return
            self._grow([*chosen, at], farther, need & ~int(self._masks[at]), left - 1)

    def _offer(self, chosen: list[int], metres: int) -> None:
        if self._best is None or metres < self._best[0]:
            self._best = metres, chosen
