"""What no joint plan of a wave can cost less than: the Lagrangian dual at some prices, never more than the truth.

    cost of any plan that leaves U or fewer units unserved  >=  sum of L_i - sum of price_r * there_is_r - M * U

L_i is the least that order i can come to alone when it pays for what it takes, and M for each unit not served (or for all of
them, where it would be refused). That holds for all prices and every M of at least 0; good ones make it tight.

A line may be split over nodes where no node has all that is *left*, which is not known here. So each line that may be split
is asked for as single units, each of which goes whole to any node that has one: every way to split it is among these. Beyond
the kernel's lines, and for orders of which it does not know all (several ways to the customer), what is not asked costs what
units cost by themselves, at the cheapest node. What policies ask of plans is left out, and so are splits they price themselves:
fewer rules are never dearer.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from promessa.domain.limits import BASKET_LINES_MAX
from promessa.kernel import Basket, plan
from promessa.service.pace import Pace
from promessa.service.question import Question
from promessa.service.wave_decisions import Contender, Value, WaveDecisions
from promessa.service.wave_prices import WavePrices

NEVER = 1 << 80
"""More than anything costs: what cannot be."""

HALVINGS = 12
"""Worths of a unit not served that are tried, each half of the one before."""


async def least_cost(decisions: WaveDecisions, prices: WavePrices, value: Value, unserved_price: int) -> int:
    """Micros that every joint plan costs at least which leaves no more units unserved than `value` does."""
    pace, alone = Pace(), []
    for contender in decisions.contenders:
        alone.append(_Least.of(contender, prices))
        await pace.rest_if_due()
    paid = sum(micros * decisions.stock.capacity(resource) for resource, micros in prices.of.items())
    worths = [*[unserved_price >> halved for halved in range(HALVINGS)], 0]  # any is true; which is best nobody knows
    best = max(sum(each.at(worth) for each in alone) - paid - worth * value.unserved for worth in worths)
    return best if any(_may_gain(each.question) for each in decisions.contenders) else max(0, best)


def _may_gain(question: Question) -> bool:
    """Whether a plan may cost less than nothing: where stock has a price, markdown is saved."""
    costs = question.costs
    return costs is not None and any(costs.goes_by_stock(line) for line in range(len(question.sku_ixs)))


class _Least(NamedTuple):
    """The least that an order comes to alone at prices: `served` if every unit of it is, `by_unit` of each line if not."""

    contender: Contender
    served: int
    by_unit: Sequence[int]

    @classmethod
    def of(cls, contender: Contender, prices: WavePrices) -> _Least:
        units = _Units(prices.asked(contender.question))
        try:
            return cls(contender, units.served_whole(), units.by_unit)
        except OverflowError:  # at these prices it cannot be counted: nothing is said of this order
            return cls(contender, min(0, *units.by_unit) * contender.pieces, units.by_unit)

    def at(self, worth: int) -> int:
        """The same with units not served as so much money each."""
        least = min(self.served, worth * self.contender.pieces)
        return least if self.contender.whole_or_nothing else min(least, self._in_part(worth))

    def _in_part(self, worth: int) -> int:
        """The least of plans that leave at least one unit out."""
        question, total, dearest = self.contender.question, 0, NEVER
        for line, lots in enumerate(question.wanted):
            unserved = worth * question.units(line, 1)
            least = min(unserved, self.by_unit[line])
            total += lots * least
            dearest = min(dearest, unserved - least)
        return total + dearest


class _Units:
    """An order as single units."""

    def __init__(self, question: Question) -> None:
        self._question = question
        rows, costs = question.row_start, question.costs
        self._column = costs.column(rows, question.row_node, question.row_atp) if costs else None
        self._credit = costs.credit if costs else 0
        self.by_unit = [self._least_unit(first, end) for first, end in pairwise(rows)]
        """What a lot of each line costs by itself at the cheapest node that has any; NEVER if none has."""

    def _least_unit(self, first: int, end: int) -> int:
        question, column = self._question, self._column
        unit_cost = question.destination.columns.unit_cost
        there = [at for at in range(first, end) if question.row_atp[at] > 0]
        own = [unit_cost[question.row_node[at]] + (column[at] if column is not None else 0) for at in there]
        return min(own) - self._credit if own else NEVER

    def served_whole(self) -> int:
        """The least cost of all plans that serve every unit; NEVER if none does. Raises OverflowError."""
        question = self._question
        if NEVER in self.by_unit:
            return NEVER
        if question.route is not None:
            return self._of_units(question.wanted)
        asked, beside = self._asked()
        rules = question.rules if question.guide is None else replace(question.rules, split_cost=0)
        unfilled, _, bound, proven, *_ = plan(question.destination.network, self._basket(asked), rules)
        if unfilled:
            return NEVER if proven else self._of_units(question.wanted)
        return bound - self._credit * sum(lots for _, lots in asked) + self._of_units(beside)

    def _of_units(self, lots: list[int]) -> int:
        return sum(units * least for units, least in zip(lots, self.by_unit, strict=True) if units)

    def _asked(self) -> tuple[list[tuple[int, int]], list[int]]:
        """Lines for the kernel, as the order's line and lots; and the lots of each line that are not asked."""
        question = self._question
        splits = question.rules.allow_line_split
        room = BASKET_LINES_MAX - len(question.wanted)
        asked, beside = [], []
        for line, lots in enumerate(question.wanted):
            if lots == 1 or not splits:
                asked.append((line, lots))
                beside.append(0)
                continue
            singles = min(lots, room + 1)
            room -= singles - 1
            asked += [(line, 1)] * singles
            beside.append(lots - singles)
        return asked, beside

    def _basket(self, asked: list[tuple[int, int]]) -> Basket:
        question, column = self._question, self._column
        start, nodes, atp, costs = array("i", [0]), array("I"), array("q"), array("q")
        for line, _ in asked:
            first, end = question.row_start[line], question.row_start[line + 1]
            nodes.extend(question.row_node[first:end])
            atp.extend(question.row_atp[first:end])
            if column is not None:
                costs.extend(column[first:end])
            start.append(len(nodes))
        return Basket(
            quantities=[lots for _, lots in asked],
            unit_grams=[question.grams[line] for line, _ in asked],
            row_start=start,
            row_node=nodes,
            row_atp=atp,
            row_cost=costs if column is not None else None,
        )
