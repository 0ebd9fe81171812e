"""An order in the kernel's terms: lines by sku with weights and stock rows, what the plan must keep to, the policy.

asking.py makes questions of orders; deciding.py answers them. No kernel call is made here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from promessa.domain.catalogue import Seen
from promessa.domain.kinds import NO_DAY
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.sourcing import Order
from promessa.kernel import Basket, Rules
from promessa.service.guided import Guide
from promessa.service.line_costs import LineCosts
from promessa.service.network_view import Destination
from promessa.service.node_facts import Rows
from promessa.service.order_ways import Route, place_of
from promessa.service.side_rules import SideRules, basket_of, each_by_itself


@dataclass(slots=True)
class Question:
    """An order in the kernel's terms: one line per sku, and where several ways are asked for, per sku and way.

    Where a sku of it is shaped, `steps` are the units of a lot and `lead_days` the days until it is made, line by line; the
    kernel then counts lots. In other orders both are empty.
    """

    order: Order
    now_ms: int
    destination: Destination
    sku_ixs: list[int]
    quantities: list[int]
    grams: list[int]
    positions: list[int]
    rules: Rules
    row_start: array[int]
    row_node: array[int]
    row_atp: array[int]
    wanted: list[int]
    """The quantities asked for; `quantities` may be fewer, see limit."""
    steps: list[int]
    lead_days: list[int]
    costs: LineCosts | None
    latest_ms: int
    """When everything must have arrived, 0 for whenever: as the order says, and the rule that decided."""
    guide: Guide | None = None
    """The policy that decides, None if none does."""
    seen: Seen | None = None
    """What the catalogue was of all the while it was asked; None if it changed meanwhile."""
    left: dict[int, int] = field(default_factory=dict)
    """Lots that the owner may still hold, of lines that this limits."""
    route: Route | None = None
    """How its lines get to their customer, None if all are delivered by themselves."""
    least_micros: int = 0
    """The least value of each shipment where several go to one place."""
    values: Callable[[], Sequence[int]] = list
    """What a lot of each line is worth, in micros."""

    @property
    def basket(self) -> Basket:
        atp = self._atp_left()
        row_cost = self.costs.column(self.row_start, self.row_node, atp) if self.costs else None
        if self.route is not None:
            return basket_of(self.side, self.rows, self.grams, row_cost, self.destination.columns.unit_cost)
        return Basket(
            row_cost=row_cost,
            quantities=self.quantities,
            unit_grams=self.grams,
            row_start=self.row_start,
            row_node=self.row_node,
            row_atp=atp,
        )

    @property
    def side(self) -> SideRules | None:
        """What a plan must keep to that the kernel does not know, None if that is nothing."""
        route = self.route
        if route is None and not self.least_micros:
            return None
        shared = len(set(self.sku_ixs)) < len(self.sku_ixs) or self.waits
        groups, whole = (route.groups, route.whole) if route else each_by_itself(len(self.sku_ixs))
        return SideRules(groups, whole, self.rows, shared, self.least_micros, self.values, self.destination.joint)

    @property
    def waits(self) -> bool:
        """Whether there is supply to come among its rows."""
        return bool(self.route and self.route.to_come)

    @property
    def rows(self) -> Rows:
        return Rows(self.sku_ixs, self.quantities, self.steps, self.row_start, self.row_node, self._atp_left())

    def _atp_left(self) -> array[int]:
        """The stock that counts: of lines of which the owner may hold nothing, none."""
        if not self.left:
            return self.row_atp
        atp = array("q", self.row_atp)
        for line, lots in self.left.items():
            if not lots:
                for at in range(self.row_start[line], self.row_start[line + 1]):
                    atp[at] = 0
        return atp

    def available(self, line: int, node_ix: int) -> int:
        """What the decision saw of a line at a node of its row."""
        first, last = self.row_start[line], self.row_start[line + 1]
        return self.row_atp[bisect_left(self.row_node, node_ix, first, last)]

    def at_node(self, line: int, node_ix: int) -> int:
        """Lots of a line at any node; 0 where its row has none."""
        first, last = self.row_start[line], self.row_start[line + 1]
        at = bisect_left(self.row_node, node_ix, first, last)
        return max(0, self.row_atp[at]) if at < last and self.row_node[at] == node_ix else 0

    def place(self, line: int, node_ix: int, day: int = NO_DAY) -> int | None:
        """Which node of the network has the stock of a node of the catalogue for a line, or what is there on a day; None if
        none has."""
        joint = self.destination.joint
        if day != NO_DAY and joint is not None:
            row = self.row_node[self.row_start[line] : self.row_start[line + 1]]
            return next((x for x in row if (joint.origins[x], joint.supply_days[x]) == (node_ix, day)), None)
        return node_ix if self.route is None else place_of(self.route, line, node_ix, self.destination)

    def limit(self, left: Mapping[int, int]) -> None:
        """Ask for no more units of some skus than their owner may still hold; of several lines with one the first ones have
        them."""
        lines = {}
        for sku_ix, units in left.items():
            for line in self._lines_of(sku_ix):
                step = self.steps[line] if self.steps else 1
                lines[line] = min(units // step, self.quantities[line])
                units -= lines[line] * step
        self.limit_lines(lines)

    def limit_lines(self, left: Mapping[int, int]) -> None:
        """The same, of lots by line."""
        self.quantities = list(self.quantities)
        for line, lots in left.items():
            self.quantities[line] = max(1, min(lots, self.quantities[line]))
            self.left[line] = lots

    def correct(self, node_ix: int, sku_ix: int, available: int) -> None:
        """Replace what the replica said of a cell by what the store said."""
        joint = self.destination.joint
        for line in self._lines_of(sku_ix):
            first, last = self.row_start[line], self.row_start[line + 1]
            lots = available // self.steps[line] if self.steps else available
            if joint is None:
                at = bisect_left(self.row_node, node_ix, first, last)
                if at < last and self.row_node[at] == node_ix:
                    self.row_atp[at] = lots
                continue
            for at in range(first, last):
                if joint.origins[self.row_node[at]] == node_ix and joint.supply_days[self.row_node[at]] == NO_DAY:
                    self.row_atp[at] = lots

    def _lines_of(self, sku_ix: int) -> list[int]:
        return [line for line, each in enumerate(self.sku_ixs) if each == sku_ix]

    def lots(self, line: int, units: int) -> int:
        """Whole lots of one line in so many units."""
        return units // self.steps[line] if self.steps else units

    def wanted_units(self, sku_ix: int) -> list[int]:
        """Units wanted of a sku, line by line."""
        return [self.units(line, self.wanted[line]) for line in self._lines_of(sku_ix)]

    def units(self, line: int, lots: int) -> int:
        """Units of the lots of one line."""
        return lots * self.steps[line] if self.steps else lots

    @property
    def longest_lead_ms(self) -> int:
        """How much later all of the order leaves for want of what must be made first."""
        return max(self.lead_days, default=0) * DAY_MS

    def lead_ms(self, node_lines: list[int]) -> int:
        """How much later a shipment leaves for want of what must be made first."""
        return max([self.lead_days[line] for line in node_lines]) * DAY_MS if self.lead_days else 0
