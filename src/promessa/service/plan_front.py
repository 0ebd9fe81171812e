"""The plans worth choosing between: of all that serve as many units of an order as can be, none is better in everything.

A plan arrives when its last lane does. For each latest arrival the kernel knows the cheapest plan, so the front is walked from
the latest arrival down: the cheapest, then the cheapest that arrives before it, and so on. That misses nothing as long as who
arrives earlier could also have been chosen before. That is not so where a line may be split only because the nodes that could
serve it whole are too late; from such an instant on (a *break*) a walk of its own begins.

    Front = kernel's question + arrival of each lane -> cheapest, fastest, fewest shipments, balanced

That is some tens of decisions, and more of an order with rules that the kernel does not know: others may work between them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from promessa.domain.limits import QUOTE_WALK_MAX
from promessa.domain.promise_dates import DAY_MS
from promessa.kernel import Basket, Rules
from promessa.service.pace import Pace
from promessa.service.weighted_network import Columns

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found

_LATE = 255
"""The rank of a lane that is not allowed; there are fewer distinct arrivals than that, or masks are made the slow way."""


class Point(NamedTuple):
    """A plan of the kernel, and when its last lane arrives."""

    found: Found
    arrives_ms: int

    @property
    def unfilled(self) -> int:
        return self.found[0]

    @property
    def cost(self) -> int:
        """As the kernel minimises it."""
        return self.found[1]

    @property
    def shipments(self) -> int:
        return len(self.found[6])

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """All that it is compared by."""
        return self.unfilled, self.cost, self.arrives_ms, self.shipments


@dataclass(slots=True)
class Points:
    """What a walk found. `proven`: no plan is missing."""

    found: list[Point]
    proven: bool


class Named(NamedTuple):
    """A point with a name, and whether it is proven to deserve it among all plans."""

    point: Point
    proven: bool


class Front:
    """The plans for one question of the kernel. Made by `of`."""

    def __init__(
        self,
        decide: Callable[[Rules], Found],
        columns: Columns,
        basket: Basket,
        rules: Rules,
        arrivals: Sequence[int],
    ) -> None:
        self._decide = decide
        self._rules = rules
        self._arrivals = arrivals
        self._lanes = _allowed_lanes(columns, rules)
        self._times = sorted({arrivals[lane] for lane, _ in self._lanes})
        rank = {arrival: i for i, arrival in enumerate(self._times)}
        allowed = {lane for lane, _ in self._lanes}
        last = len(self._times)
        self._ranks = [rank[arrival] if lane in allowed else last for lane, arrival in enumerate(arrivals)]
        self._rank_bytes = bytes([min(each, _LATE) for each in self._ranks]) if last < _LATE else None
        self._tops: list[int] = []
        self._complete = True
        self._least = 0
        self._peaks: list[Point] = []
        self._pace = Pace()
        if self._times:
            self._tops = self._find_tops(_breaks(columns, basket, self._lanes, arrivals))

    @classmethod
    async def of(
        cls,
        decide: Callable[[Rules], Found],
        columns: Columns,
        basket: Basket,
        rules: Rules,
        arrivals: Sequence[int],
    ) -> Front:
        """All plans for a question, `decide`d by the kernel. `arrivals` has an instant for each lane."""
        front = cls(decide, columns, basket, rules, arrivals)
        front._peaks = [await front._at(top) for top in front._tops]
        front._least = min([peak.unfilled for peak in front._peaks], default=0)
        return front

    @property
    def served(self) -> bool:
        """Whether there is a plan with a shipment at all."""
        return any(peak.shipments and peak.unfilled == self._least for peak in self._peaks)

    @property
    def lower_bound(self) -> int | None:
        """No plan that serves as many units costs less; None if nothing is known."""
        if not self._complete or any(each.unfilled > self._least and not each.found[3] for each in self._peaks):
            return None
        return min(each.found[2] for each in self._peaks if each.unfilled == self._least)

    def cheapest(self, points: Points) -> Named:
        """The least cost, of these the earliest."""
        best = min(points.found, key=lambda each: (each.cost, each.arrives_ms, each.shipments))
        return Named(best, best.cost == self.lower_bound)

    async def fastest(self) -> Named:
        """The earliest arrival at which as many units can be served, of these the cheapest."""
        proven, first = self._complete, 0
        for top, peak in zip(self._tops, self._peaks, strict=True):
            if peak.unfilled > self._least:
                proven, first = proven and peak.found[3], top + 1
                continue
            best, late = peak, top
            while first < late:
                middle = (first + late) // 2
                tried = await self._at(middle)
                if tried.unfilled > self._least:
                    first, proven = middle + 1, proven and tried.found[3]
                else:
                    late, best = middle, tried
            return Named(best, proven)
        raise AssertionError("the peaks have one that serves as many units as can be")

    async def walk(self, max_shipments: int = 0) -> Points:
        """The points of cost and date, the latest arrivals first; with a limit, of plans of no more shipments."""
        points: list[Point] = []
        proven = self._complete
        floors = [-1, *self._tops[:-1]]
        for top, floor in zip(reversed(self._tops), reversed(floors), strict=True):
            at = top
            while at > floor:
                if len(points) == QUOTE_WALK_MAX:
                    return Points(points, False)
                point = await self._at(at, max_shipments)
                proven = proven and point.found[3]
                if point.unfilled > self._least:
                    break
                points.append(point)
                at = bisect_left(self._times, point.arrives_ms) - 1
        return Points(points, proven)

    async def fewest(self, cheapest: Named) -> tuple[Named, bool]:
        """The least number of shipments, of these the cheapest; and whether it is proven the cheapest of so many."""
        low, high, proven = 1, cheapest.point.shipments, True
        best: Points | None = None
        while low < high:
            middle = (low + high) // 2
            points = await self.walk(middle)
            if points.found:
                high, best = middle, points
            else:
                low, proven = middle + 1, points.proven
        if best is None:
            return Named(cheapest.point, proven), cheapest.proven
        least = min(best.found, key=lambda each: (each.shipments, each.cost, each.arrives_ms))
        return Named(least, proven), best.proven

    @staticmethod
    def balanced(points: Points, day_value_micros: int) -> Named:
        """The least cost when each day until it arrives costs so much."""

        def weighed(each: Point) -> tuple[int, int, int, int]:
            dear = each.cost * DAY_MS + day_value_micros * each.arrives_ms
            return dear, each.cost, each.arrives_ms, each.shipments

        return Named(min(points.found, key=weighed), points.proven)

    async def is_cheapest_by_date(self, point: Point) -> bool:
        """Whether it is proven that, asked for its arrival as the latest, the kernel finds no plan that costs less."""
        again = await self._at(bisect_left(self._times, point.arrives_ms))
        return again.found[3] and (again.unfilled, again.cost) == (point.unfilled, point.cost)

    def point(self, found: Found) -> Point:
        """A plan of the kernel with its arrival."""
        return Point(found, max((self._arrivals[lane] for _, lane, *_ in found[6]), default=0))

    def _find_tops(self, breaks: set[int]) -> list[int]:
        """Where walks begin: the ranks of the last arrival, and of the last before each break; ascending."""
        tops = sorted({bisect_left(self._times, each) - 1 for each in breaks} | {len(self._times) - 1})
        tops = [top for top in tops if top >= 0]
        self._complete = len(tops) <= QUOTE_WALK_MAX
        return tops[-QUOTE_WALK_MAX:]

    async def _at(self, rank: int, max_shipments: int = 0) -> Point:
        """The kernel's plan that arrives by an instant of the list."""
        await self._pace.rest_if_due()
        limits = [n for n in (self._rules.max_shipments, max_shipments) if n]
        asked = replace(self._rules, lane_allowed=self._in_time(rank), max_shipments=min(limits, default=0))
        return self.point(self._decide(asked))

    def _in_time(self, rank: int) -> bytes:
        if self._rank_bytes is None:
            return bytes([each <= rank for each in self._ranks])
        return self._rank_bytes.translate(b"\x01" * (rank + 1) + b"\x00" * (_LATE - rank))


def _allowed_lanes(columns: Columns, rules: Rules) -> list[tuple[int, int]]:
    """The lanes that plans may use, each with its node."""
    eligible = None if rules.node_eligible is None else memoryview(rules.node_eligible)
    allowed = None if rules.lane_allowed is None else memoryview(rules.lane_allowed)
    out = set(rules.excluded_nodes)
    start = columns.lane_start
    return [
        (lane, node)
        for node in range(len(start) - 1)
        if node not in out and (eligible is None or eligible[node])
        for lane in range(start[node], start[node + 1])
        if allowed is None or allowed[lane]
    ]


def _breaks(columns: Columns, basket: Basket, lanes: Sequence[tuple[int, int]], arrivals: Sequence[int]) -> set[int]:
    """The instants from which on plans are others, not only more: some node can serve a line whole, so that it is not split any
    more; or a node can send more of a line, by a later lane that takes more weight."""
    steps: dict[int, list[tuple[int, int]]] = {}
    for arrival, lane, node in sorted([(arrivals[lane], lane, node) for lane, node in lanes]):
        most = columns.most_grams(lane)
        known = steps.setdefault(node, [])
        if not known or most > known[-1][1]:
            known.append((arrival, most))
    breaks: set[int] = set()
    start, nodes, atp = basket.row_start, basket.row_node, basket.row_atp
    for line, (quantity, grams) in enumerate(zip(basket.quantities, basket.unit_grams, strict=True)):
        whole = None
        for at in range(start[line], start[line + 1]):
            units, able = min(atp[at], quantity), 0
            for arrival, most in steps.get(nodes[at], ()) if units > 0 else ():
                can = units if units * grams <= most else most // grams
                if can > able:
                    if able:
                        breaks.add(arrival)
                    able = can
                if can == quantity and (whole is None or arrival < whole):
                    whole = arrival
        if whole is not None:
            breaks.add(whole)
    return breaks
