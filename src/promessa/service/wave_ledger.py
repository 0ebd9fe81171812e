"""What the plans of a wave take of the stock and the nodes' days they share, and what that leaves to each other order.

Kept beside the stock rows of the orders, which stay as the replica showed them when the wave began: what a row has left is what
it had, less what others took. Where channels have allocation pools, and where skus are in several kits, that is never more than
there is, and now and then a little less.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from promessa.domain.capacity import CapacityUnit
from promessa.domain.kinds import NO_DAY
from promessa.domain.sourcing import Plan
from promessa.service.held_plan import cells_of
from promessa.service.question import Question

UNITS, ORDERS = -1, -2
"""What stands for a sku where a node's day is meant, by what its capacity counts."""

Resource = tuple[int, int]
"""A sku, or UNITS or ORDERS, and a node: what plans take of, and of which there may be too little for all."""

Parts = Callable[[int], Sequence[tuple[int, int]]]
"""The components of a kit and units of each in one; of any other sku itself, once."""


class Room(NamedTuple):
    """What a node takes on today beside what it has: so many more of a unit."""

    unit: CapacityUnit
    left: int


class Taken(NamedTuple):
    """What a plan takes of a resource, and how much of it its order found there."""

    resource: Resource
    amount: int
    found: int


class WaveLedger:
    """What plans took so far. `rooms` are those of nodes that pause when their day is full."""

    def __init__(self, parts: Parts, rooms: Mapping[int, Room]) -> None:
        self.parts = parts
        self.rooms = rooms
        self._used: dict[int, dict[int, int]] = {}

    def empty(self) -> WaveLedger:
        """Another one, of which nothing is taken."""
        return WaveLedger(self.parts, self.rooms)

    def taken_by(self, plan: Plan, question: Question) -> list[Taken]:
        """What a plan for a question takes, each resource once."""
        amounts: dict[Resource, int] = {}
        found: dict[Resource, int] = {}
        for node_ix, sku_ix, units in _triples(cells_of(plan)):
            there = _shown(question, sku_ix, node_ix)
            for part, each in self.parts(sku_ix):
                cell = part, node_ix
                amounts[cell] = amounts.get(cell, 0) + units * each
                found[cell] = min(found.get(cell, _ANY), there * each)
                if node_ix in self.rooms:
                    day = self._day(node_ix)
                    amounts[day] = 1 if day[0] == ORDERS else amounts.get(day, 0) + units * each
                    found[day] = self.rooms[node_ix].left
        return [Taken(resource, amount, found[resource]) for resource, amount in amounts.items()]

    def has(self, taken: Sequence[Taken]) -> bool:
        """Whether all of that is left."""
        return all(self.used(resource) + amount <= found for resource, amount, found in taken)

    def take(self, taken: Sequence[Taken], sign: int = 1) -> None:
        """Take what a plan takes; with `sign` -1, give it back."""
        for (sku_ix, node_ix), amount, _ in taken:
            used = self._used.setdefault(sku_ix, {})
            left = used.get(node_ix, 0) + sign * amount
            if left:
                used[node_ix] = left
            else:
                del used[node_ix]

    def used(self, resource: Resource) -> int:
        """What is taken of a resource."""
        return self._used.get(resource[0], {}).get(resource[1], 0)

    def limited(self, question: Question) -> Question:
        """A question with what is left of stock in its rows; itself, if nothing of them is taken."""
        atp = array("q", question.row_atp)
        for line, sku_ix in enumerate(question.sku_ixs):
            step = question.steps[line] if question.steps else 1
            gone: dict[int, int] = {}
            for part, each in self.parts(sku_ix):
                for node_ix, units in self._used.get(part, {}).items():
                    gone[node_ix] = max(gone.get(node_ix, 0), -(-units // (each * step)))
            for node_ix, lots in gone.items():
                for at in entries(question, line, node_ix):
                    atp[at] = max(0, atp[at] - lots)
        return question if atp == question.row_atp else replace(question, row_atp=atp)

    def lost(self, question: Question, plan: Plan) -> list[tuple[int, int, int]]:
        """What the store would say of a plan for a question with all its rows: node, sku and what is left for each line behind
        those before it; nothing if there is enough for all."""
        more = self.empty()
        found, whole = [], True
        for node_ix, sku_ix, units in _triples(cells_of(plan)):
            step, able = _step(question, sku_ix), _shown(question, sku_ix, node_ix)
            for part, each in self.parts(sku_ix):
                gone = self.used((part, node_ix)) + more.used((part, node_ix))
                able = min(able, able - -(-gone // each)) if gone else able
            if node_ix in self.rooms:
                able = min(able, self._room(node_ix, sku_ix, more))
            able = max(0, able - able % step)
            whole = whole and able >= units
            found.append((node_ix, sku_ix, able))
            served = min(able, units)
            if served:
                more.take([Taken((part, node_ix), served * each, 0) for part, each in self.parts(sku_ix)])
                pieces = served * sum(each for _, each in self.parts(sku_ix))
                more.take([Taken((UNITS, node_ix), pieces, 0)])
        return [] if whole else found

    def _day(self, node_ix: int) -> Resource:
        """The day of a node that has a capacity."""
        return (ORDERS if self.rooms[node_ix].unit == CapacityUnit.ORDERS else UNITS), node_ix

    def _room(self, node_ix: int, sku_ix: int, more: WaveLedger | None = None) -> int:
        """Units of a sku that a node still takes on."""
        room = self.rooms[node_ix]
        left = room.left - self.used(self._day(node_ix))
        if room.unit == CapacityUnit.ORDERS:
            return _ANY if left > 0 else 0
        left -= more.used((UNITS, node_ix)) if more else 0
        return max(0, left) // sum(each for _, each in self.parts(sku_ix))


_ANY = 1 << 62


def entries(question: Question, line: int, node_ix: int) -> Iterator[int]:
    """Where a node of the catalogue is in the row of a line: once for each way that its stock may go."""
    first, end = question.row_start[line], question.row_start[line + 1]
    joint, nodes = question.destination.joint, question.row_node
    if joint is None:
        at = bisect_left(nodes, node_ix, first, end)
        if at < end and nodes[at] == node_ix:
            yield at
        return
    for at in range(first, end):
        if joint.origins[nodes[at]] == node_ix and joint.supply_days[nodes[at]] == NO_DAY:
            yield at


def shown_units(question: Question, line: int, node_ix: int) -> int:
    """Units of a line's sku that its row has at a node of the catalogue."""
    lots = max([question.row_atp[at] for at in entries(question, line, node_ix)], default=0)
    return question.units(line, max(0, lots))


def _shown(question: Question, sku_ix: int, node_ix: int) -> int:
    lines = [line for line, each in enumerate(question.sku_ixs) if each == sku_ix]
    return max(shown_units(question, line, node_ix) for line in lines)


def _step(question: Question, sku_ix: int) -> int:
    return question.steps[question.sku_ixs.index(sku_ix)] if question.steps else 1


def _triples(flat: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    for at in range(0, len(flat), 3):
        yield flat[at], flat[at + 1], flat[at + 2]
