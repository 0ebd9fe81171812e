"""The search for the best plan that keeps to side rules: side_rules.py says how, side_divisions.py what is asked instead.

    first some plan   ask again without what the plan breaks; what still does not fit is left out                  (_dive)
    then the best     the question of the least bound is divided, best first, while there is work left             (run)

How much it does is counted, not timed, so that the same question has the same answer everywhere: a unit of work is a step of
the kernel, an entry of a stock row that it looks at, or as much of what is done around it. All trials of a decision share
their Work.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from promessa.domain.limits import (
    SIDE_CELLS_ONE_BY_ONE,
    SIDE_DIVES_MAX,
    SIDE_QUESTION_WORK,
    SIDE_QUESTIONS_MAX,
    SIDE_STEPS_LEAST,
    SIDE_WORK_MAX,
)
from promessa.kernel import Basket, Network, Rules, plan
from promessa.service.side_divisions import Divided, Divisions

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found
    from promessa.service.side_rules import SideRules


class Work:
    """What a decision may still do for its side rules."""

    def __init__(self, left: int = SIDE_WORK_MAX) -> None:
        self.left = left


class Search:
    """Best first over questions, each a stock column of the basket."""

    def __init__(self, network: Network, basket: Basket, rules: Rules, side: SideRules, work: Work) -> None:
        self._network, self._basket, self._rules, self._work = network, basket, rules, work
        self._looks_at_rows = bool(side.least_micros)
        self._divisions = Divisions(basket, rules, side)
        self._start, self._nodes = array("i", basket.row_start), array("I", basket.row_node)
        self._costs = array("q", basket.row_cost)
        self._quantities = basket.quantities
        self._asked = 1
        self.fits = self._divisions.fits

    def run(self, root: Found) -> Found:
        """The best plan found for a question whose answer without side rules is known."""
        stock = array("q", self._basket.row_atp)
        if self.fits(root[5]):
            return root
        if not root[3]:  # so nothing will be proven: more questions find more than longer ones
            own = self._rules.budget_steps
            steps = min(own, max(SIDE_STEPS_LEAST, own - 2 * len(self._nodes)))
            self._rules = replace(self._rules, budget_steps=steps)
        best, open_, left = self._dive(root, stock), [(root[0], root[2], 0, root, stock)], []
        count = 1
        while open_ and open_[0][:2] < best[:2] and self._asked < SIDE_QUESTIONS_MAX and self._work.left > 0:
            unfilled, bound, _, found, stock = heappop(open_)
            divided = self._divide(found, stock)
            if divided is None:
                best = min(best, found, key=lambda each: each[:2])
                if not found[3]:
                    left.append((unfilled, bound))
                continue
            if not divided.complete:
                left.append((unfilled, bound))
            for question in divided.rows:
                if self._work.left <= 0:
                    left.append((unfilled, bound))  # some of its plans are not looked at
                    break
                rows = question()
                child = self._ask(rows)
                if child[:2] < best[:2] and self.fits(child[5]):
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
        """Some plan that keeps to the rules."""
        for dive in range(SIDE_DIVES_MAX):
            if self._work.left <= 0:
                break
            capped = self._capped(found, stock, dive)
            if capped is None:
                break
            stock = capped
            found = self._ask(stock)
            if self.fits(found[5]):
                return found
        kept = self._kept(found)
        if not kept[0] or self._work.left <= 0:
            return kept
        alone = plan(self._network, self._basket, replace(self._rules, max_shipments=1))
        self._spend(alone, len(self._nodes))
        return min(kept, alone, key=lambda each: each[:2]) if self.fits(alone[5]) else kept

    def _capped(self, found: Found, stock: array[int], dive: int) -> array[int] | None:
        """The likeliest question without what a plan breaks; where that is many cells, without all of it at once: each goes to
        its first lines. None if no question is left."""
        overdrawn = list(self._divisions.overdrawn(found[5]))
        if not overdrawn or (len(overdrawn) <= SIDE_CELLS_ONE_BY_ONE and dive < SIDE_DIVES_MAX // 2):
            divided = self._divide(found, stock)
            return divided.rows[0]() if divided and divided.rows else None
        rows = array("q", stock)
        for uses in overdrawn:
            for line, node, lots in self._divisions.cuts(uses):
                rows[self._divisions.place(line, node)] = lots
        return rows

    def _kept(self, found: Found) -> Found:
        """What of a plan keeps to the rules, as a plan: what cells that it overdraws have, without shipments that are worth
        too little."""
        kept = {(line, node): units for line, node, units in found[5]}
        for uses in self._divisions.overdrawn(found[5]):
            kept |= {(line, node): lots for line, node, lots in self._divisions.cuts(uses)}
        while True:
            served = self._narrow(kept)
            small = self._divisions.too_small(served[5])
            if small is None:
                return served
            kept = {place: units for place, units in kept.items() if place[1] != small}

    def _narrow(self, kept: dict[tuple[int, int], int]) -> Found:
        """The plan where there is nothing but so many units of lines at nodes."""
        start, nodes, atp, costs = array("i", [0]), array("I"), array("q"), array("q")
        rows: dict[int, list[tuple[int, int]]] = {}
        for (line, node), units in sorted(kept.items()):
            rows.setdefault(line, []).append((node, units))
        for line in range(len(self._quantities)):
            for node, units in rows.get(line, ()):
                nodes.append(node)
                atp.append(units)
                costs.append(self._costs[self._divisions.place(line, node)])
            start.append(len(nodes))
        found = plan(self._network, self._basket_of(start, nodes, atp, costs), self._rules)
        self._spend(found, len(nodes))
        return found

    def _ask(self, stock: array[int]) -> Found:
        self._asked += 1
        found = plan(self._network, self._basket_of(self._start, self._nodes, stock, self._costs), self._rules)
        self._spend(found, len(stock))
        return found

    def _basket_of(self, start: array[int], nodes: array[int], atp: array[int], costs: array[int]) -> Basket:
        return Basket(
            quantities=self._quantities,
            unit_grams=self._basket.unit_grams,
            row_start=start,
            row_node=nodes,
            row_atp=atp,
            row_cost=costs,
        )

    def _spend(self, found: Found, entries: int) -> None:
        self._work.left -= found[4] + entries + SIDE_QUESTION_WORK

    def _divide(self, found: Found, stock: array[int]) -> Divided | None:
        """How a question is divided whose plan breaks a rule; None if it breaks none."""
        if self._looks_at_rows:
            self._work.left -= len(stock)
        return self._divisions.divide(found, stock)
