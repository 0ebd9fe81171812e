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
from dataclasses import replace
from itertools import pairwise

from promessa.domain.limits import BASKET_LINES_MAX
from promessa.kernel import Basket, plan
from promessa.service.pace import Pace
from promessa.service.question import Question
from promessa.service.wave_planning import Contender, Value, WavePlanner
from promessa.service.wave_prices import WavePrices

NEVER = 1 << 80
"""More than anything costs: what cannot be."""


async def least_cost(planner: WavePlanner, prices: WavePrices, value: Value) -> int:
    """Micros that every joint plan costs at least which leaves no more units unserved than `value` does."""
    pace, price = Pace(), planner.unserved_price
    total = -price * value.unserved
    for contender in planner.contenders:
        total += least_of(contender, prices, price)
        await pace.rest_if_due()
    return total - sum(micros * planner.stock.capacity(resource) for resource, micros in prices.of.items())


def least_of(contender: Contender, prices: WavePrices, unserved_price: int) -> int:
    """The least that an order comes to alone at prices, with units not served as money."""
    question = prices.asked(contender.question)
    refused = unserved_price * contender.pieces
    try:
        units = _Units(question, unserved_price)
        served = units.served_whole()
    except OverflowError:  # at these prices it cannot be counted: then they say nothing of this order
        return least_of(contender, WavePrices({}, prices.parts), unserved_price) if prices.of else 0
    return min(refused, served) if contender.whole_or_nothing else min(refused, served, units.served_in_part())


class _Units:
    """An order as single units."""

    def __init__(self, question: Question, unserved_price: int) -> None:
        self._question = question
        self._price = unserved_price
        rows, costs = question.row_start, question.costs
        self._column = costs.column(rows, question.row_node, question.row_atp) if costs else None
        self._credit = costs.credit if costs else 0
        self._least = [self._least_unit(first, end) for first, end in pairwise(rows)]

    def _least_unit(self, first: int, end: int) -> int:
        """What a lot costs by itself at the cheapest node that has any."""
        question, column = self._question, self._column
        unit_cost = question.destination.columns.unit_cost
        return min(
            [
                unit_cost[question.row_node[at]] + (column[at] if column is not None else 0)
                for at in range(first, end)
                if question.row_atp[at] > 0
            ],
            default=NEVER,
        )

    def served_whole(self) -> int:
        """The least cost of all plans that serve every unit; NEVER if none does."""
        question = self._question
        lots = sum(question.wanted)
        if any(least == NEVER for least in self._least):
            return NEVER
        if question.route is not None:
            return self._by_unit(question.wanted) - self._credit * lots
        asked, beside = self._asked()
        rules = question.rules if question.guide is None else replace(question.rules, split_cost=0)
        unfilled, _, bound, proven, *_ = plan(question.destination.network, self._basket(asked), rules)
        if unfilled:
            return NEVER if proven else self._by_unit(question.wanted) - self._credit * lots
        return bound + self._by_unit(beside) - self._credit * lots

    def served_in_part(self) -> int:
        """The least cost of all plans that leave at least one unit out."""
        question, total, dearest = self._question, 0, NEVER
        for line, lots in enumerate(question.wanted):
            unserved = self._price * question.units(line, 1)
            least = min(unserved, self._least[line] - self._credit)
            total += lots * least
            dearest = min(dearest, unserved - least)
        return total + dearest

    def _by_unit(self, lots: list[int]) -> int:
        return sum(units * least for units, least in zip(lots, self._least, strict=True) if units)

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
