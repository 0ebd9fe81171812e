"""By when the steps of orders are due: the retailer's terms, over the working hours of nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promessa.domain.calendar import WorkingTime
from promessa.domain.catalogue import Catalogue
from promessa.domain.order_deadlines import Terms
from promessa.domain.order_steps import Change
from promessa.domain.order_timers import timed

WorkingTimeOf = Callable[[str, str], WorkingTime]
"""The working time of a calendar in a time zone."""


@dataclass(slots=True)
class OrderTimes:
    """Sets deadlines. `now_ms` is the wall clock."""

    catalogue: Catalogue
    working_time: WorkingTimeOf
    terms: Terms
    now_ms: Callable[[], int]

    def timed(self, change: Change) -> Change:
        """A change with the deadlines that follow from it."""
        return timed(change, self.now_ms(), self.terms, self._working)

    def _working(self, node_ix: int, at_ms: int, work_ms: int) -> int:
        """A node without a calendar, or that was deleted, works at all hours."""
        node = self.catalogue.nodes.by_id.get(self.catalogue.nodes.ids[node_ix])
        if node is None or not node.calendar_id:
            return at_ms + work_ms
        return self.working_time(node.calendar_id, node.time_zone).after(at_ms, work_ms)
