"""What a plan must keep to that the kernel does not know: lines together, cells that several lines share, least values.

Lines that leave together are one line of the kernel: one unit, which a node has if it has all of it. For the other two the
kernel is asked without them; where its plan breaks one, that plan is divided: every plan that keeps to it is in one of several
smaller questions, which are the same with fewer units in some stock rows. The question of the least bound is next (best first),
until the best plan that keeps to everything is as good as all bounds that are left.

    cell       lines i with u_i units of a cell that has s < sum of u_i   -> for each i: at most s - the others' units
    two days   lines of a cell that leave on different days               -> without the one, without the other
    value      the shipment of node j is worth too little                 -> without j; with one more line whole at j; j alone

With lines served whole these leave no plan out, so a plan found so is proven. Where lines are split over nodes they may, and
the plan is not said to be proven. It keeps to the rules in any case.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from heapq import heappop, heappush
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from promessa.domain.kinds import DELIVERED, NO_DAY
from promessa.domain.limits import SIDE_DIVES_MAX, SIDE_QUESTIONS_MAX
from promessa.kernel import Assignment, Basket, Decision, Network, Reason, Reasons, Rules, Shipment, decide, plan
from promessa.service.network_view import Joint
from promessa.service.node_facts import Rows

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found

Taken = Sequence[tuple[int, int, int]]
"""Triples of line, node and units."""


class SideRules(NamedTuple):
    """The rules of one order. Items are its lines as rows have them; lines are the kernel's.

    `groups` has the items of each line, `whole` whether they leave together. `shared`: several lines may take units of one
    cell. `values` tells the worth of a lot of each item, in micros; shipments are worth `least_micros` or more where several of
    them go to one place.
    """

    groups: tuple[tuple[int, ...], ...]
    whole: tuple[bool, ...]
    rows: Rows
    shared: bool
    least_micros: int
    values: Callable[[], Sequence[int]]
    joint: Joint | None

    @property
    def binds(self) -> bool:
        """Whether plans of the kernel may break them: lines that leave together are kept to by what it is asked."""
        return self.shared or bool(self.least_micros)

    def expand(self, taken: Taken) -> list[tuple[int, int, int]]:
        """What lines take, by items."""
        quantities = self.rows.quantities
        return [
            (item, node, units * quantities[item] if self.whole[line] else units)
            for line, node, units in taken
            for item in self.groups[line]
        ]

    def place(self, node: int) -> int:
        """Where the shipment of a node goes."""
        return self.joint.collected_at[node] if self.joint else DELIVERED

    def day(self, node: int) -> int:
        """When the supply of a node comes."""
        return self.joint.supply_days[node] if self.joint else NO_DAY

    def origin(self, node: int) -> int:
        """The node of the catalogue that a node is."""
        return self.joint.origins[node] if self.joint else node

    def available(self, item: int, node: int) -> int:
        """Lots of an item at a node."""
        rows = self.rows
        return rows.atp[bisect_left(rows.node, node, rows.start[item], rows.start[item + 1])]


def each_by_itself(items: int) -> tuple[tuple[tuple[int, ...], ...], tuple[bool, ...]]:
    """The groups of items that leave by themselves, and that none leaves together with others."""
    return tuple([(item,) for item in range(items)]), (False,) * items


def basket_of(
    side: SideRules | None, rows: Rows, grams: Sequence[int], row_cost: array[int] | None, unit_cost: Sequence[int]
) -> Basket:
    """The basket of an order. What leaves together is one unit, and costs at a node what its units do."""
    if side is None or not any(side.whole):
        return Basket(
            quantities=rows.quantities,
            unit_grams=grams,
            row_start=rows.start,
            row_node=rows.node,
            row_atp=rows.atp,
            row_cost=row_cost,
        )
    start, nodes, atp, costs = array("i", [0]), array("I"), array("q"), array("q")
    quantities, weights = [], []
    for items, whole in zip(side.groups, side.whole, strict=True):
        if not whole:
            first, end = rows.start[items[0]], rows.start[items[0] + 1]
            nodes.extend(rows.node[first:end])
            atp.extend(rows.atp[first:end])
            costs.extend(row_cost[first:end] if row_cost is not None else [0] * (end - first))
            quantities.append(rows.quantities[items[0]])
            weights.append(grams[items[0]])
        else:
            for node, cost in _whole_at(items, rows, row_cost, unit_cost):
                nodes.append(node)
                atp.append(1)
                costs.append(cost)
            quantities.append(1)
            weights.append(sum(rows.quantities[item] * grams[item] for item in items))
        start.append(len(nodes))
    return Basket(
        quantities=quantities, unit_grams=weights, row_start=start, row_node=nodes, row_atp=atp, row_cost=costs
    )


def _whole_at(
    items: Sequence[int], rows: Rows, row_cost: array[int] | None, unit_cost: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The nodes that have all of the items, and what one unit of them together costs more there than one unit of anything."""
    lots = sum(rows.quantities[item] for item in items)
    having: list[dict[int, int]] = []
    for item in items:
        first, end, wanted = rows.start[item], rows.start[item + 1], rows.quantities[item]
        own = row_cost[first:end] if row_cost is not None else repeat(0)
        stock = zip(rows.node[first:end], rows.atp[first:end], own, strict=False)
        having.append({node: wanted * cost for node, there, cost in stock if there >= wanted})
    for node in sorted(set(having[0]).intersection(*having[1:])):
        yield node, sum(each[node] for each in having) + (lots - 1) * unit_cost[node]


def best(network: Network, basket: Basket, rules: Rules, side: SideRules | None) -> Found:
    """The best plan that keeps to the side rules, with what is proven of it."""
    found = plan(network, basket, rules)
    if side is None or not side.binds:
        return found
    return _Search(network, basket, rules, side).run(found)


def explained(
    network: Network, basket: Basket, rules: Rules, side: SideRules | None, *, explain: bool = False, others: int = 0
) -> Decision:
    """The same with the reasons of nodes, and with other plans that keep to the side rules."""
    first = decide(network, basket, rules, explain=explain, alternatives=others)
    if side is None or not side.binds:
        return first
    search = _Search(network, basket, rules, side)
    found = best(network, basket, rules, side)
    chosen = frozenset(shipment[0] for shipment in found[6])
    kept = [each for each in first.alternatives if search.fits(each.assignments)]
    dearer = found[1] - first.total_cost if sum(first.unfilled) == found[0] else 1 << 62
    unfilled = list(basket.quantities)
    for line, _, units in found[5]:
        unfilled[line] -= units
    return replace(
        first,
        assignments=tuple([Assignment(*each) for each in found[5]]),
        shipments=tuple([Shipment(*each) for each in found[6]]),
        unfilled=tuple(unfilled),
        split_cost=rules.split_cost * max(0, len(found[6]) - 1),
        total_cost=found[1],
        lower_bound=found[2],
        proven_optimal=found[3],
        steps=found[4],
        reasons=_reasons(first.reasons, chosen, dearer),
        alternatives=tuple([each for each in kept if {ship.node for ship in each.shipments} != chosen]),
    )


def _reasons(first: Reasons, chosen: Set[int], dearer: int) -> Reasons:
    """Why nodes are in the plan found, from why they are in the one without side rules, which costs so much less."""
    codes, costs_more = bytearray(first.codes), array("q", first.costs_more)
    for node, reason in enumerate(first.codes):
        if node in chosen:
            codes[node], costs_more[node] = Reason.IN_PLAN, 0
        elif reason in (Reason.IN_PLAN, Reason.COSTS_MORE):
            codes[node], costs_more[node] = Reason.COSTS_MORE, max(0, costs_more[node] - dearer)
    return Reasons(bytes(codes), costs_more)


class _Divided(NamedTuple):
    """Questions that have all plans of one that keep to a rule, the likeliest first; `complete` if that is certain."""

    rows: list[array[int]]
    complete: bool


class _Search:
    """Best first over questions, each a stock column of the basket."""

    def __init__(self, network: Network, basket: Basket, rules: Rules, side: SideRules) -> None:
        self._network, self._basket, self._rules, self._side = network, basket, rules, side
        self._start, self._nodes = basket.row_start, array("I", basket.row_node)
        self._costs = array("q", basket.row_cost)
        self._quantities = basket.quantities
        self._whole: set[int] = set()
        self._asked = 1

    def fits(self, taken: Taken) -> bool:
        """Whether a plan keeps to the rules."""
        return self._too_small(taken) is None and self._overdrawn(taken) is None

    def run(self, root: Found) -> Found:
        """The best plan found for a question whose answer without side rules is known."""
        stock = array("q", self._basket.row_atp)
        if self._divide(root, stock) is None:
            return root
        best, open_, left = self._dive(root, stock), [(root[0], root[2], 0, root, stock)], []
        count = 1
        while open_ and open_[0][:2] < best[:2] and self._asked < SIDE_QUESTIONS_MAX:
            unfilled, bound, _, found, stock = heappop(open_)
            divided = self._divide(found, stock)
            if divided is None:
                best = min(best, found, key=lambda each: each[:2])
                if not found[3]:
                    left.append((unfilled, bound))
                continue
            if not divided.complete:
                left.append((unfilled, bound))
            for rows in divided.rows:
                child = self._ask(rows)
                if child[:2] < best[:2] and self._divide(child, rows) is None:
                    best = child
                if (child[0], child[2]) < best[:2]:
                    heappush(open_, (child[0], child[2], count, child, rows))
                    count += 1
        return self._told(best, [*left, *[each[:2] for each in open_]])

    def _told(self, best: Found, left: list[tuple[int, int]]) -> Found:
        """A plan with what is proven: no plan in questions that are left can be better than their bounds."""
        unfilled, total, *_ = best
        lowest = min((*left, (unfilled, total)))
        bound = lowest[1] if lowest[0] == unfilled else 0
        return (unfilled, total, min(bound, total), lowest >= (unfilled, total), self._asked, best[5], best[6])

    def _dive(self, found: Found, stock: array[int]) -> Found:
        """Some plan that keeps to the rules: of each division the likeliest question, else one shipment, else nothing."""
        for _ in range(SIDE_DIVES_MAX):
            divided = self._divide(found, stock)
            if divided is None:
                return found
            if not divided.rows:
                break
            stock = divided.rows[0]
            found = self._ask(stock)
        alone = plan(self._network, self._basket, replace(self._rules, max_shipments=1))
        return alone if self.fits(alone[5]) else self._ask(array("q", bytes(8 * len(stock))))

    def _ask(self, stock: array[int]) -> Found:
        self._asked += 1
        basket = Basket(
            quantities=self._quantities,
            unit_grams=self._basket.unit_grams,
            row_start=self._start,
            row_node=self._nodes,
            row_atp=stock,
            row_cost=self._costs,
        )
        return plan(self._network, basket, self._rules)

    def _divide(self, found: Found, stock: array[int]) -> _Divided | None:
        """How a question is divided whose plan breaks a rule; None if it breaks none."""
        taken = found[5]
        self._whole.update(line for line, _, units in taken if units == self._quantities[line])
        uses = self._overdrawn(taken)
        if uses:
            return self._divide_cell(uses, stock)
        small = self._too_small(taken)
        return None if small is None else self._divide_value(small, taken, stock)

    def _overdrawn(self, taken: Taken) -> list[tuple[int, int, int, int]] | None:
        """Of the first cell from which too much is taken: line, node, lots taken, and lots that are there."""
        side = self._side
        if not side.shared:
            return None
        cells: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        for line, node, units in taken:
            for item in side.groups[line]:
                lots = side.rows.quantities[item] if side.whole[line] else units
                cell = side.rows.sku_ixs[item], side.origin(node)
                cells.setdefault(cell, []).append((line, node, lots, side.available(item, node)))
        for uses in cells.values():
            days = {side.day(node) for _, node, _, _ in uses}
            if len(uses) > 1 and (len(days) > 1 or sum(use[2] for use in uses) > min(use[3] for use in uses)):
                return uses
        return None

    def _divide_cell(self, uses: list[tuple[int, int, int, int]], stock: array[int]) -> _Divided:
        side = self._side
        last = uses[-1]
        other = next((use for use in uses if side.day(use[1]) != side.day(last[1])), None)
        if other:  # units of one sku leave a node on one day
            return _Divided([self._but(stock, line, node, 0) for line, node, _, _ in (last, other)], True)
        there, wanted = min(use[3] for use in uses), sum(use[2] for use in uses)
        rows = []
        for line, node, lots, _ in reversed(uses):
            room = max(0, there - (wanted - lots))
            rows.append(self._but(stock, line, node, 0 if side.whole[line] else room))
        return _Divided(rows, all(self._never_split(line) for line, *_ in uses))

    def _too_small(self, taken: Taken) -> int | None:
        """The node whose shipment is worth least of those that are worth too little beside others to the same place."""
        side = self._side
        if not side.least_micros:
            return None
        values = side.values()
        worth: dict[int, int] = {}
        for item, node, lots in side.expand(taken):
            worth[node] = worth.get(node, 0) + lots * values[item]
        places = [side.place(node) for node in worth]
        small = [
            (value, node)
            for node, value in worth.items()
            if value < side.least_micros and places.count(side.place(node)) > 1
        ]
        return min(small)[1] if small else None

    def _divide_value(self, small: int, taken: Taken, stock: array[int]) -> _Divided:
        there = {line for line, node, _ in taken if node == small}
        lines = [line for line in range(len(self._quantities)) if self._at(line, small) is not None]
        place = self._side.place(small)
        of_place = [line for line in range(len(self._quantities)) if self._goes_to(line, place, stock)]
        rows, complete = [self._without(stock, lines, small)], True
        for line in lines:
            at = self._at(line, small)
            assert at is not None
            if line not in there and stock[at] >= self._quantities[line]:
                if self._others(line, small, stock):
                    rows.append(self._at_alone(stock, [line], small))
                else:
                    complete = False  # the kernel left it out where it could be: that question is no smaller
        if any(self._others(line, small, stock) for line in of_place):
            rows.append(self._at_alone(stock, of_place, small))
        return _Divided(rows, complete and all(self._never_split(line) for line in of_place))

    def _goes_to(self, line: int, place: int, stock: array[int]) -> bool:
        """Whether a line can be served by a node whose shipments go to a place."""
        span = range(self._start[line], self._start[line + 1])
        return any(stock[at] > 0 and self._side.place(self._nodes[at]) == place for at in span)

    def _never_split(self, line: int) -> bool:
        """Whether a line is served whole by one node or not at all: some node was seen to have it whole."""
        return line in self._whole or not self._rules.allow_line_split

    def _at(self, line: int, node: int) -> int | None:
        """Where the entry of a node is in the row of a line."""
        end = self._start[line + 1]
        at = bisect_left(self._nodes, node, self._start[line], end)
        return at if at < end and self._nodes[at] == node else None

    def _others(self, line: int, node: int, stock: array[int]) -> bool:
        """Whether nodes beside one have anything of a line."""
        span = range(self._start[line], self._start[line + 1])
        return any(stock[at] > 0 and self._nodes[at] != node for at in span)

    def _but(self, stock: array[int], line: int, node: int, units: int) -> array[int]:
        """The stock with so many units of a line at a node."""
        rows, at = array("q", stock), self._at(line, node)
        assert at is not None, "a plan takes units where they are"
        rows[at] = units
        return rows

    def _without(self, stock: array[int], lines: Iterable[int], node: int) -> array[int]:
        """The stock without units of lines at a node."""
        rows = array("q", stock)
        for line in lines:
            at = self._at(line, node)
            if at is not None:
                rows[at] = 0
        return rows

    def _at_alone(self, stock: array[int], lines: Iterable[int], node: int) -> array[int]:
        """The stock with units of lines at one node alone."""
        rows = array("q", stock)
        for line in lines:
            first, end = self._start[line], self._start[line + 1]
            rows[first:end] = array("q", bytes(rows.itemsize * (end - first)))
            at = self._at(line, node)
            if at is not None:
                rows[at] = stock[at]
        return rows
