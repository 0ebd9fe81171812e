"""By when the steps of orders are due: the retailer's terms, over the working hours of nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from promessa.domain.calendar import WorkingTime
from promessa.domain.catalogue import Catalogue, Node
from promessa.domain.order_deadlines import Terms, own_terms
from promessa.domain.order_steps import Change
from promessa.domain.order_timers import timed

WorkingTimeOf = Callable[[str, str], WorkingTime]
"""The working time of a calendar in a time zone."""


@dataclass(slots=True)
class OrderTimes:
    """Sets deadlines. `terms` are those of nodes that have none of their own; `now_ms` is the wall clock."""

    catalogue: Catalogue
    working_time: WorkingTimeOf
    terms: Terms
    now_ms: Callable[[], int]
    _own: dict[int, tuple[Node, Terms]] = field(default_factory=dict)
    """Terms of nodes, as each was when they were made."""

    def timed(self, change: Change) -> Change:
        """A change with the deadlines that follow from it."""
        return timed(change, self.now_ms(), self.terms, self._working, self._terms)

    def _terms(self, node_ix: int) -> Terms:
        node = self.catalogue.own_terms.get(node_ix)
        if node is None:
            return self.terms
        found = self._own.get(node_ix)
        if found is None or found[0] is not node:
            found = self._own[node_ix] = node, own_terms(self.terms, node)
        return found[1]

    def _working(self, node_ix: int, at_ms: int, work_ms: int) -> int:
        """A node without a calendar, or that was deleted, works at all hours."""
        node = self.catalogue.nodes.by_id.get(self.catalogue.nodes.ids[node_ix])
        if node is None or not node.calendar_id:
            return at_ms + work_ms
        return self.working_time(node.calendar_id, node.time_zone).after(at_ms, work_ms)
