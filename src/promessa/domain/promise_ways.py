"""Dates of what is collected, and of what waits for supply: made of those of a lane.

    at the node      ready -> its hours: from then on it can be collected
    sent to a store  arrived -> receiving minutes in the store's hours: from then on it can be collected
    to come          the day it comes to its node -> as an order of that day

What is promised to somebody who comes for it is when it is there, not the end of a window.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from promessa.domain.calendar import MINUTE_MS, WorkingTime
from promessa.domain.catalogue import Lane, Node
from promessa.domain.kinds import NEVER_MS, UNKNOWN_DAY
from promessa.domain.promise_dates import DAY_MS, Dates, leaves_at_ms

_EPOCH_ORDINAL = 719_163
"""The ordinal of 1970-01-01, from which supply days are counted."""

NEVER = Dates(NEVER_MS, NEVER_MS, NEVER_MS, NEVER_MS)


class Way(Protocol):
    """What tells the dates of an order."""

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates: ...


class DayWay(NamedTuple):
    """A lane and a node without hours: days, and a cut-off."""

    node: Node
    lane: Lane

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates:
        """The dates of an order placed at an instant."""
        leaves = leaves_at_ms(self.node, order_ms + lead_ms) + slip_days * DAY_MS
        arrives = leaves + self.lane.transit_days * DAY_MS
        return Dates(leaves, leaves, arrives, arrives)


class CollectedWay(NamedTuple):
    """Collected at the node that has it: from when it is ready in its hours."""

    way: Way

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates:
        """The dates of an order placed at an instant."""
        found = self.way.dates(order_ms, lead_ms, slip_days)
        return found._replace(promise_ms=found.window_start_ms)


class SentWay(NamedTuple):
    """Sent to a store and collected there, which takes `receiving_minutes` of the store's time once it has arrived."""

    way: Way
    store: WorkingTime
    receiving_minutes: int

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates:
        """The dates of an order placed at an instant."""
        found = self.way.dates(order_ms, lead_ms, slip_days)
        there = self.store.after(found.promise_ms, self.receiving_minutes * MINUTE_MS)
        return found._replace(window_start_ms=there, promise_ms=there)


class SupplyWay(NamedTuple):
    """Of units that come to the node on a day: as if the order were placed when that day begins there."""

    way: Way
    node: WorkingTime
    day: int

    def dates(self, order_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates:
        """The dates of an order placed at an instant."""
        if self.day == UNKNOWN_DAY:
            return NEVER
        begins = self.node.instant(self.day + _EPOCH_ORDINAL, 0)
        return self.way.dates(order_ms, max(lead_ms, begins - order_ms), slip_days)
