"""When an order leaves a node and when it arrives: node's hours, cut-off, work, carrier's pickup, transit, window.

    order -> its working day (the next one past the cut-off) -> handling days -> queue and handling minutes of working time
          -> the carrier's next pickup -> transit (days, or working days of the carrier) -> the window of that day

All orders of a minute are promised alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from promessa.domain.calendar import DAY_END_MINUTE, MINUTE_MS, WorkingTime
from promessa.domain.catalogue import Lane, Node

DAY_MS = DAY_END_MINUTE * MINUTE_MS
DATES_MAX = 1_024
"""Answers kept of one way, before they are forgotten: those of a working day."""


class Dates(NamedTuple):
    """When a shipment is ready, leaves, and arrives: not before `window_start_ms`, and by `promise_ms`."""

    ready_ms: int
    ship_ms: int
    window_start_ms: int
    promise_ms: int


def leaves_at_ms(node: Node, now_ms: int) -> int:
    """When an order placed now leaves a node without a calendar, in ms.

    With a cut-off: at the cut-off of the local day, of the next day if it has passed, plus the handling days. Without:
    now plus the handling days.
    """
    if node.cutoff_minute is None:
        return now_ms + node.handling_days * DAY_MS
    zone = ZoneInfo(node.time_zone or "UTC")
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    days = node.handling_days + (1 if now.hour * 60 + now.minute >= node.cutoff_minute else 0)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return int((midnight + timedelta(minutes=node.cutoff_minute)).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class NodeWork:
    """A node's way from order to ready. `time` is None where it has no calendar."""

    node: Node
    time: WorkingTime | None

    def ready_ms(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> int:
        """When an order is ready to leave.

        `lead_ms`: what must be made first takes so long. `slip_days`: its work is that of so much later a day than the node's
        own, which begins at its cut-off (see OnFull.NEXT_DAY).
        """
        node, time = self.node, self.time
        work_ms = (node.queue_minutes + node.handling_minutes) * MINUTE_MS
        start_ms = order_ms + lead_ms
        if time is None:
            return leaves_at_ms(node, start_ms) + slip_days * DAY_MS + work_ms
        day = time.next_day(time.day_of(start_ms))
        if start_ms >= self._latest_ms(time, day):
            day = time.next_day(day + 1)
        if slip_days:
            past = node.cutoff_minute is not None and time.minute_of(order_ms) >= node.cutoff_minute
            day = max(day, time.next_day(time.day_of(order_ms) + past + slip_days))
        day = time.days_later(day, node.handling_days)
        return time.after(max(start_ms, time.opening(day)), work_ms)

    def _latest_ms(self, time: WorkingTime, day: int) -> int:
        """From when on an order is work of the next working day: the cut-off, or the end of the day if that is earlier."""
        cutoff = self.node.cutoff_minute
        return time.closing(day) if cutoff is None else min(time.closing(day), time.instant(day, cutoff))


@dataclass(frozen=True, slots=True)
class Route:
    """A lane's way from ready to arrived.

    `node` and `carrier` are working times at the node, `there` is the carrier's at the destination; each is without a
    calendar where there is none.
    """

    lane: Lane
    node: WorkingTime
    carrier: WorkingTime
    there: WorkingTime

    def dates(self, ready_ms: int) -> Dates:
        """The dates of a shipment that is ready at an instant."""
        lane = self.lane
        if lane.customer_collects:
            opens = self.node.opens_at(ready_ms)
            return Dates(ready_ms, opens, opens, self.node.closing(self.node.day_of(opens)))
        ship_ms = self._pickup(ready_ms)
        left = self.there.day_of(ship_ms)
        if lane.transit_minutes:
            return self._same_day(ready_ms, ship_ms, ship_ms + lane.transit_minutes * MINUTE_MS)
        if lane.transit_in_working_days:
            day = self.there.days_later(self.there.next_day(left), lane.transit_days)
        else:
            day = self.there.next_day(left + lane.transit_days)
        if not lane.delivery_end_minute:
            arrives = self.there.instant(day, self.there.minute_of(ship_ms))
            return Dates(ready_ms, ship_ms, arrives, arrives)
        if day == left and self.there.instant(day, lane.delivery_end_minute) < ship_ms:
            day = self.there.next_day(day + 1)
        start = self.there.instant(day, lane.delivery_start_minute)
        return Dates(ready_ms, ship_ms, max(start, ship_ms), self.there.instant(day, lane.delivery_end_minute))

    def _same_day(self, ready_ms: int, ship_ms: int, arrives: int) -> Dates:
        """A courier: so many minutes, within the hours of delivery, else at the beginning of the next ones."""
        lane = self.lane
        if not lane.delivery_end_minute:
            return Dates(ready_ms, ship_ms, arrives, arrives)
        day = self.there.next_day(self.there.day_of(arrives))
        if arrives > self.there.instant(day, lane.delivery_end_minute):
            day = self.there.next_day(day + 1)
        arrives = max(arrives, self.there.instant(day, lane.delivery_start_minute))
        return Dates(ready_ms, ship_ms, arrives, arrives)

    def _pickup(self, ready_ms: int) -> int:
        """When the carrier takes what is ready: at its next pickup, on a day on which both it and the node work."""
        times = self.lane.pickup_minutes
        if not times:
            return self.carrier.opens_at(ready_ms)
        day = self.carrier.next_day(self.carrier.day_of(ready_ms), self.node)
        taken = [self.carrier.instant(day, minute) for minute in times]
        if taken[-1] < ready_ms:  # the last of that day is gone
            return self.carrier.instant(self.carrier.next_day(day + 1, self.node), times[0])
        return next(each for each in taken if each >= ready_ms)


class Schedule:
    """The whole way from order to arrived, asked over and over: what was found for a minute is kept."""

    def __init__(self, work: NodeWork, route: Route) -> None:
        self._work = work
        self._route = route
        self._known: dict[tuple[int, int, int], Dates] = {}

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates:
        """The dates of an order placed at an instant; all orders of a minute are promised alike. See NodeWork.ready_ms."""
        asked = order_ms // MINUTE_MS, lead_ms, slip_days
        found = self._known.get(asked)
        if found is None:
            if len(self._known) >= DATES_MAX:
                self._known.clear()
            found = self._route.dates(self._work.ready_ms(asked[0] * MINUTE_MS, lead_ms, slip_days))
            self._known[asked] = found
        return found
