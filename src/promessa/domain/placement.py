"""Where the lines of a reservation are served from when they name groups of nodes: the default policy.

As few nodes as will do: again and again the node that serves most units of what is left; of equal nodes the oldest. What
then is missing is looked for once more by moving units of other lines of the sku to other nodes of theirs (augmenting
paths, Ford and Fulkerson 1956), so whatever can be served is served. Nobody is served more units than a node has,
whatever groups it belongs to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from promessa.domain.reservation import ShortfallReason

Cell = tuple[int, int]
"""Node and sku index."""


class WantedLine(NamedTuple):
    """Units of one sku at any of some nodes that take orders; none if the place takes no orders now."""

    sku_ix: int
    node_ixs: Sequence[int]
    units: int


class Missing(NamedTuple):
    """Units of one sku that no node in question has: how many were wanted, and how many there were."""

    sku_ix: int
    requested: int
    available: int
    reason: ShortfallReason


def place(lines: Sequence[WantedLine], atp: Mapping[Cell, int]) -> tuple[dict[Cell, int], list[Missing]]:
    """Units to take from each cell, and what is missing."""
    placement = _Placement(lines, atp)
    placement.serve_from_few_nodes()
    placement.move_until_all_is_served()
    return placement.taken(), placement.missing()


def within(lines: Sequence[WantedLine], left: Mapping[int, int]) -> tuple[list[WantedLine], list[Missing]]:
    """Lines cut to what their owner may still hold of some skus, the first served first; and what was cut off."""
    left, kept, cut = dict(left), [], []
    for line in lines:
        units = min(line.units, left.get(line.sku_ix, line.units))
        if line.sku_ix in left:
            left[line.sku_ix] -= units
        if units:
            kept.append(line._replace(units=units))
        if units < line.units:
            cut.append(Missing(line.sku_ix, line.units, units, ShortfallReason.OWNER_LIMIT))
    return kept, cut


class _Placement:
    """Units of lines at nodes, under construction."""

    def __init__(self, lines: Sequence[WantedLine], atp: Mapping[Cell, int]) -> None:
        self._lines = lines
        self._left = dict(atp)
        self._open = [line.units for line in lines]
        self._served: dict[tuple[int, int], int] = {}  # by position of the line, and node
        self._lines_at: dict[int, list[int]] = {}
        for position, line in enumerate(lines):
            for node_ix in line.node_ixs:
                if self._units_at(node_ix, line.sku_ix):
                    self._lines_at.setdefault(node_ix, []).append(position)

    def serve_from_few_nodes(self) -> None:
        """Greedy, and lazily so: what a node can serve only falls while others serve, so an old number is a bound."""
        bounds = [(-self._servable(node_ix), node_ix) for node_ix in self._lines_at]
        heapify(bounds)
        while bounds and any(self._open):
            _, node_ix = heappop(bounds)
            units = self._servable(node_ix)
            if bounds and (-units, node_ix) > bounds[0]:
                heappush(bounds, (-units, node_ix))
                continue
            if not units:
                return
            for position in self._lines_at[node_ix]:
                sku_ix = self._lines[position].sku_ix
                self._serve(position, node_ix, min(self._open[position], self._units_at(node_ix, sku_ix)))

    def move_until_all_is_served(self) -> None:
        for position in range(len(self._lines)):
            while self._open[position] and (path := self._path_to_stock(position)):
                self._shift(path)

    def taken(self) -> dict[Cell, int]:
        """Units by cell."""
        found: dict[Cell, int] = {}
        for (position, node_ix), units in self._served.items():
            if units:
                cell = (node_ix, self._lines[position].sku_ix)
                found[cell] = found.get(cell, 0) + units
        return found

    def missing(self) -> list[Missing]:
        """What is not served, a line each."""
        return [
            Missing(
                line.sku_ix,
                line.units,
                line.units - short,
                ShortfallReason.INSUFFICIENT_STOCK if line.node_ixs else ShortfallReason.NODE_PAUSED,
            )
            for line, short in zip(self._lines, self._open, strict=True)
            if short
        ]

    def _units_at(self, node_ix: int, sku_ix: int) -> int:
        return max(0, self._left.get((node_ix, sku_ix), 0))

    def _serve(self, position: int, node_ix: int, units: int) -> None:
        """Serve units of a line from a node's free ones."""
        self._left[node_ix, self._lines[position].sku_ix] = (
            self._units_at(node_ix, self._lines[position].sku_ix) - units
        )
        self._served[position, node_ix] = self._served.get((position, node_ix), 0) + units
        self._open[position] -= units

    def _servable(self, node_ix: int) -> int:
        """Units a node can serve of what is open; lines of one sku share what it has."""
        units: dict[int, int] = {}
        for position in self._lines_at[node_ix]:
            sku_ix = self._lines[position].sku_ix
            units[sku_ix] = units.get(sku_ix, 0) + self._open[position]
        return sum(min(wanted, self._units_at(node_ix, sku_ix)) for sku_ix, wanted in units.items())

    def _path_to_stock(self, start: int) -> list[tuple[int, int]]:
        """Steps (line, node it gets units from), the first for the line that lacks some, the last at free units.

        Between them, each node gives up units of the next step's line. Empty if there is no such path.
        """
        came: dict[int, tuple[int, int] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            position = waiting.popleft()
            line = self._lines[position]
            for node_ix in line.node_ixs:
                if self._units_at(node_ix, line.sku_ix):
                    return self._steps(came, position, node_ix)
                for other in self._lines_at.get(node_ix, ()):
                    same_sku = self._lines[other].sku_ix == line.sku_ix
                    if same_sku and other not in came and self._served.get((other, node_ix)):
                        came[other] = (position, node_ix)
                        waiting.append(other)
        return []

    def _steps(self, came: dict[int, tuple[int, int] | None], position: int, node_ix: int) -> list[tuple[int, int]]:
        steps = [(position, node_ix)]
        while (before := came[steps[0][0]]) is not None:
            steps.insert(0, before)
        return steps

    def _shift(self, path: list[tuple[int, int]]) -> None:
        """Move as many units along a path as every step of it can."""
        givers = [(after, node_ix) for (_, node_ix), (after, _) in pairwise(path)]
        last, free_node = path[-1]
        units = min(
            self._open[path[0][0]],
            self._units_at(free_node, self._lines[last].sku_ix),
            *[self._served[giver] for giver in givers],
        )
        for giver in givers:
            self._served[giver] -= units
            self._open[giver[0]] += units
            self._left[giver[1], self._lines[giver[0]].sku_ix] += units
        for position, node_ix in path:
            self._serve(position, node_ix, units)
