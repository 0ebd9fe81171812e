"""Where plans of the kernel break side rules, and how a question is divided there: no plan that keeps to them is lost."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from promessa.kernel import Basket, Rules

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found
    from promessa.service.side_rules import SideRules

Taken = Sequence[tuple[int, int, int]]
"""Triples of line, node and units."""


class Use(NamedTuple):
    """Lots of a cell that a line takes at a node, and lots that are there."""

    line: int
    node: int
    lots: int
    there: int


class Divided(NamedTuple):
    """Questions that have all plans of one that keep to a rule, the likeliest first; `complete` if that is certain."""

    rows: Sequence[Callable[[], array[int]]]
    complete: bool


class Divisions:
    """Of one basket, whose questions differ in their stock columns alone."""

    def __init__(self, basket: Basket, rules: Rules, side: SideRules) -> None:
        self._side = side
        self._allow_line_split = rules.allow_line_split
        self._start, self._nodes = array("i", basket.row_start), array("I", basket.row_node)
        self._quantities = basket.quantities
        self._values = side.values() if side.least_micros else ()
        self._whole: set[int] = set()

    def fits(self, taken: Taken) -> bool:
        """Whether a plan keeps to the rules."""
        return self.too_small(taken) is None and next(self.overdrawn(taken), None) is None

    def divide(self, found: Found, stock: array[int]) -> Divided | None:
        """How a question is divided whose plan breaks a rule; None if it breaks none."""
        taken = found[5]
        self._whole.update(line for line, _, units in taken if units == self._quantities[line])
        uses = next(self.overdrawn(taken), None)
        if uses:
            return self._divide_cell(uses, stock)
        small = self.too_small(taken)
        return None if small is None else self._divide_value(small, taken, stock)

    def overdrawn(self, taken: Taken) -> Iterator[list[Use]]:
        """The cells from which too much is taken, or on several days, each with its uses."""
        side = self._side
        if not side.shared:
            return
        cells: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        skus, quantities = side.rows.sku_ixs, side.rows.quantities
        for line, node, units in taken:
            origin, whole = side.origin(node), side.whole[line]
            for item in side.groups[line]:
                lots = quantities[item] if whole else units
                cells.setdefault((skus[item], origin), []).append((line, node, lots, item))
        for users in cells.values():
            if len(users) == 1:
                continue
            uses = [Use(line, node, lots, side.available(item, node)) for line, node, lots, item in users]
            days = {side.day(use.node) for use in uses}
            if len(days) > 1 or sum(use.lots for use in uses) > min(use.there for use in uses):
                yield uses

    def cuts(self, uses: Sequence[Use]) -> Iterator[tuple[int, int, int]]:
        """What of the uses of a cell is to be less if the first ones are served first, on the day of the first: line, node and
        units that it may have."""
        left, day = min(use.there for use in uses), self._side.day(uses[0].node)
        for use in uses:
            lots = min(use.lots, left) if self._side.day(use.node) == day else 0
            if lots < use.lots and self._side.whole[use.line]:
                lots = 0
            left -= lots
            if lots < use.lots:
                yield use.line, use.node, lots

    def _divide_cell(self, uses: list[Use], stock: array[int]) -> Divided:
        side = self._side
        last = uses[-1]
        other = next((use for use in uses if side.day(use.node) != side.day(last.node)), None)
        if other:  # units of one sku leave a node on one day
            return Divided([partial(self._but, stock, use.line, use.node, 0) for use in (last, other)], True)
        there, wanted = min(use.there for use in uses), sum(use.lots for use in uses)
        rows = []
        for use in reversed(uses):
            room = 0 if side.whole[use.line] else max(0, there - (wanted - use.lots))
            rows.append(partial(self._but, stock, use.line, use.node, room))
        return Divided(rows, all(self._never_split(use.line) for use in uses))

    def too_small(self, taken: Taken) -> int | None:
        """The node whose shipment is worth least of those that are worth too little beside others to the same place."""
        side = self._side
        if not side.least_micros:
            return None
        worth: dict[int, int] = {}
        for item, node, lots in side.expand(taken):
            worth[node] = worth.get(node, 0) + lots * self._values[item]
        places = [side.place(node) for node in worth]
        small = [
            (value, node)
            for node, value in worth.items()
            if value < side.least_micros and places.count(side.place(node)) > 1
        ]
        return min(small)[1] if small else None

    def _divide_value(self, small: int, taken: Taken, stock: array[int]) -> Divided:
        there = {line for line, node, _ in taken if node == small}
        lines = [line for line in range(len(self._quantities)) if self._at(line, small) is not None]
        place = self._side.place(small)
        of_place = [line for line in range(len(self._quantities)) if self._goes_to(line, place, stock)]
        rows, complete = [partial(self._without, stock, lines, small)], True
        for line in lines:
            if line not in there and stock[self.place(line, small)] >= self._quantities[line]:
                if self._others(line, small, stock):
                    rows.append(partial(self._at_alone, stock, [line], small))
                else:
                    complete = False  # the kernel left it out where it could be: that question is no smaller
        if any(self._others(line, small, stock) for line in of_place):
            rows.append(partial(self._at_alone, stock, of_place, small))
        return Divided(rows, complete and all(self._never_split(line) for line in of_place))

    def _goes_to(self, line: int, place: int, stock: array[int]) -> bool:
        """Whether a line can be served by a node whose shipments go to a place: all nodes of a row go to one."""
        first, end = self._start[line], self._start[line + 1]
        return first < end and self._side.place(self._nodes[first]) == place and max(stock[first:end]) > 0

    def _never_split(self, line: int) -> bool:
        """Whether a line is served whole by one node or not at all: some node was seen to have it whole."""
        return line in self._whole or not self._allow_line_split

    def _at(self, line: int, node: int) -> int | None:
        """Where the entry of a node is in the row of a line."""
        end = self._start[line + 1]
        at = bisect_left(self._nodes, node, self._start[line], end)
        return at if at < end and self._nodes[at] == node else None

    def place(self, line: int, node: int) -> int:
        """The same where there is one."""
        at = self._at(line, node)
        assert at is not None, "a plan takes units where they are"
        return at

    def _others(self, line: int, node: int, stock: array[int]) -> bool:
        """Whether nodes beside one have anything of a line."""
        first, end = self._start[line], self._start[line + 1]
        at = bisect_left(self._nodes, node, first, end)
        after = at + (at < end and self._nodes[at] == node)
        return max(stock[first:at], default=0) > 0 or max(stock[after:end], default=0) > 0

    def _but(self, stock: array[int], line: int, node: int, units: int) -> array[int]:
        """The stock with so many units of a line at a node."""
        rows = array("q", stock)
        rows[self.place(line, node)] = units
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
