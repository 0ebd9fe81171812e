"""What units of an order cost by themselves at each node: parts of their value, and the price of the stock they come from.

The kernel takes one column of costs that are not negative. Markdown relief is negative, so while it decides every unit of the
order costs `credit` more, the greatest relief of all: plans that serve as many units pay the same credits, so no comparison
changes, and the credits are taken off every total afterwards.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from promessa.domain.rate_cards import BASIS_POINTS
from promessa.domain.sourcing import CostTerm, PlannedShipment, with_terms
from promessa.domain.stock_health import StockHealth
from promessa.kernel import MAX_MICROS


class ValueRates(NamedTuple):
    """Parts of the value of goods, in hundredths of a per cent."""

    insurance: int
    tax: int
    commission: int

    def parts(self, value_micros: int) -> tuple[int, int, int]:
        """Insurance, tax and commission of a unit, each rounded down to a micro."""
        return (
            value_micros * self.insurance // BASIS_POINTS,
            value_micros * self.tax // BASIS_POINTS,
            value_micros * self.commission // BASIS_POINTS,
        )


class ValueClasses(NamedTuple):
    """The rates of each node, as positions in the list of those that differ."""

    of_node: Sequence[int]
    rates: Sequence[ValueRates]


class LineWorth(NamedTuple):
    """What one unit that the kernel counts is worth: a lot of `step` units of the sku. Without `health` stock has no price."""

    value_micros: int
    step: int
    health: StockHealth | None


class LineCosts:
    """The costs of an order's lines by node; `shares` are the nodes' shares of the demand in hundredths of a per cent."""

    def __init__(self, lines: Sequence[LineWorth], classes: ValueClasses, shares: Sequence[int]) -> None:
        self._lines = lines
        self._classes = classes
        self._shares = shares
        self.credit = 0

    def column(self, row_start: Sequence[int], row_node: Sequence[int], row_atp: Sequence[int]) -> array[int]:
        """Micros a unit, credit included, for every entry of the stock rows. Raises OverflowError beyond what is counted."""
        classes, shares = self._classes.of_node, self._shares
        costs, reliefs = array("q"), [0]
        for line, worth in enumerate(self._lines):
            parts = [sum(rates.parts(worth.value_micros)) for rates in self._classes.rates]
            entries = range(row_start[line], row_start[line + 1])
            if worth.health is None:
                costs.extend([parts[classes[row_node[at]]] for at in entries])
                continue
            for at in entries:
                node = row_node[at]
                risk, relief = worth.health.prices(max(0, row_atp[at]) * worth.step, shares[node])
                costs.append(parts[classes[node]] + risk - relief)
                reliefs.append(relief)
        self.credit = max(reliefs)
        if costs and max(costs) + self.credit > MAX_MICROS:
            raise OverflowError(f"A unit costs more than {MAX_MICROS:,} micros by itself.")
        return array("q", [cost + self.credit for cost in costs]) if self.credit else costs

    def detail(self, shipment: PlannedShipment, taken: Sequence[tuple[int, int, int]]) -> PlannedShipment:
        """A shipment with these costs under their names. `taken`: line, units as the kernel counts them, what was available."""
        sums = dict.fromkeys(_TERMS, 0)
        units = 0
        for line, count, available in taken:
            for term, micros in zip(_TERMS, self._unit(line, shipment.node_ix, available), strict=True):
                sums[term] += count * micros
            units += count
        handling = shipment.handling_micros - sum(sums.values()) - self.credit * units
        return with_terms(shipment._replace(handling_micros=handling), sums)

    def _unit(self, line: int, node_ix: int, available: int) -> tuple[int, int, int, int, int]:
        """What one unit costs, by _TERMS."""
        worth = self._lines[line]
        parts = self._classes.rates[self._classes.of_node[node_ix]].parts(worth.value_micros)
        if worth.health is None:
            return (*parts, 0, 0)
        risk, relief = worth.health.prices(max(0, available) * worth.step, self._shares[node_ix])
        return (*parts, risk, -relief)


_TERMS = (CostTerm.INSURANCE, CostTerm.TAX, CostTerm.COMMISSION, CostTerm.STOCK_OUT, CostTerm.MARKDOWN)
