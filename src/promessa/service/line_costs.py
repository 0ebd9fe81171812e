"""What units of an order cost by themselves at each node: parts of their value, and the price of the stock they come from.

The kernel takes one column of costs that are not negative. Markdown relief is negative, so while it decides every unit of the
order costs `credit` more, the greatest relief of all: plans that serve as many units pay the same credits, so no comparison
changes, and the credits are taken off every total afterwards.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from promessa.domain.rate_cards import BASIS_POINTS
from promessa.domain.sourcing import CostTerm, PlannedShipment, with_terms
from promessa.domain.stock_health import StockHealth
from promessa.kernel import MAX_MICROS


class NodeRates(NamedTuple):
    """What a unit costs by at a node: parts of its value, and the share of the demand, in hundredths of a per cent."""

    insurance: int
    tax: int
    commission: int
    demand_share: int

    def parts(self, value_micros: int) -> tuple[int, int, int]:
        """Insurance, tax and commission of a unit, each rounded down to a micro."""
        return (
            value_micros * self.insurance // BASIS_POINTS,
            value_micros * self.tax // BASIS_POINTS,
            value_micros * self.commission // BASIS_POINTS,
        )


class NodeClasses(NamedTuple):
    """The rates of each node, as positions in the list of those that differ: few do, of a thousand nodes."""

    of_node: Sequence[int]
    rates: Sequence[NodeRates]


class LineWorth(NamedTuple):
    """What one unit that the kernel counts is worth: a lot of `step` units of the sku. Without `health` stock has no price."""

    value_micros: int
    step: int
    health: StockHealth | None

    @property
    def is_nothing(self) -> bool:
        """Whether a unit costs nothing by itself, whatever the node."""
        return not self.value_micros and self.health is None


class LineCosts:
    """The costs of an order's lines by node.

    `prices` are no costs: they are what decides who has units that others want, too, as micros a lot by line and node. They
    count while the kernel decides, and are no term of what is told (see wave_prices.py).
    """

    def __init__(
        self,
        lines: Sequence[LineWorth],
        classes: NodeClasses,
        percents: tuple[int, ...] | None = None,
        prices: Sequence[Mapping[int, int]] = (),
    ) -> None:
        self._lines = lines
        self._classes = classes
        self._percents = percents
        self._prices = prices
        self.credit = 0

    def weighted(self, percents: tuple[int, ...]) -> LineCosts:
        """The same costs as a policy weighs them: per cent of each of ROW_TERMS."""
        return LineCosts(self._lines, self._classes, percents, self._prices)

    def with_prices(self, prices: Sequence[Mapping[int, int]]) -> LineCosts:
        """The same costs, and prices."""
        return LineCosts(self._lines, self._classes, self._percents, prices)

    def goes_by_stock(self, line: int) -> bool:
        """Whether what a unit of a line costs depends on how many a node has."""
        return self._lines[line].health is not None

    def column(self, row_start: Sequence[int], row_node: Sequence[int], row_atp: Sequence[int]) -> array[int]:
        """Micros a unit, credit included, for every entry of the stock rows. Raises OverflowError beyond what is counted."""
        costs = array("q")
        self.credit = 0
        for line, worth in enumerate(self._lines):
            first, end = row_start[line], row_start[line + 1]
            if worth.is_nothing:
                costs.frombytes(bytes(costs.itemsize * (end - first)))
            else:
                costs.extend(self._costs(worth, row_node[first:end], row_atp[first:end]))
        if costs and not all(worth.is_nothing for worth in self._lines) and max(costs) + self.credit > MAX_MICROS:
            raise OverflowError(f"A unit costs more than {MAX_MICROS:,} micros by itself.")
        if self.credit:
            costs = array("q", [cost + self.credit for cost in costs])
        for line, prices in enumerate(self._prices):
            for node, micros in prices.items():
                at = bisect_left(row_node, node, row_start[line], row_start[line + 1])
                costs[at] = min(costs[at] + micros, MAX_MICROS)
        return costs

    def _costs(self, worth: LineWorth, nodes: Sequence[int], atp: Sequence[int]) -> list[int]:
        """Micros a unit, without credit, for the entries of one line; raises the credit to the greatest relief among them."""
        classes, rates = self._classes
        percents = self._percents
        if percents:
            parts = [
                sum(
                    micros * percent // 100
                    for micros, percent in zip(each.parts(worth.value_micros), percents, strict=False)
                )
                for each in rates
            ]
        else:
            parts = [sum(each.parts(worth.value_micros)) for each in rates]
        if worth.health is None:
            return [parts[classes[node]] for node in nodes]
        known: dict[tuple[int, int], int] = {}  # nodes of a class with as many units cost alike
        found = []
        for node, units in zip(nodes, atp, strict=True):
            key = classes[node], units
            cost = known.get(key)
            if cost is None:
                risk, relief = worth.health.prices(max(0, units) * worth.step, rates[key[0]].demand_share)
                if percents:
                    risk, relief = risk * percents[3] // 100, relief * percents[4] // 100
                cost = known[key] = parts[key[0]] + risk - relief
                self.credit = max(self.credit, relief)
            found.append(cost)
        return found

    def detail(self, shipment: PlannedShipment, taken: Sequence[tuple[int, int, int]]) -> PlannedShipment:
        """A shipment with these costs under their names. `taken`: line, units as the kernel counts them, what was available."""
        sums = dict.fromkeys(ROW_TERMS, 0)
        units = 0
        for line, count, available in taken:
            for term, micros in zip(ROW_TERMS, self._unit(line, shipment.node_ix, available), strict=True):
                sums[term] += count * micros
            units += count
        handling = shipment.handling_micros - sum(sums.values()) - self.credit * units
        return with_terms(shipment._replace(handling_micros=handling), sums)

    def _unit(self, line: int, node_ix: int, available: int) -> tuple[int, int, int, int, int]:
        """What one unit costs, by ROW_TERMS."""
        worth = self._lines[line]
        if worth.is_nothing:
            return 0, 0, 0, 0, 0
        rates = self._classes.rates[self._classes.of_node[node_ix]]
        parts = rates.parts(worth.value_micros)
        if worth.health is None:
            return (*parts, 0, 0)
        risk, relief = worth.health.prices(max(0, available) * worth.step, rates.demand_share)
        return (*parts, risk, -relief)


ROW_TERMS = (CostTerm.INSURANCE, CostTerm.TAX, CostTerm.COMMISSION, CostTerm.STOCK_OUT, CostTerm.MARKDOWN)


def no_costs(lines: int) -> LineCosts:
    """The costs of lines that cost nothing by themselves."""
    return LineCosts([LineWorth(0, 1, None)] * lines, NodeClasses((), ()))
