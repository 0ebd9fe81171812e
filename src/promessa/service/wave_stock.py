"""How much there is of what orders of a wave share, as their rows show it."""

from __future__ import annotations

from collections.abc import Mapping

from promessa.domain.claim import claim_of
from promessa.service.question import Question
from promessa.service.wave_ledger import ORDERS, UNITS, Resource, Room, shown_units

ENDLESS = 1 << 60
"""More than anybody takes: of what is not known to be scarce."""


class WaveStock:
    """Knows what the orders added see. `rooms` are what nodes still take on today."""

    def __init__(self, rooms: Mapping[int, Room]) -> None:
        self._rooms = rooms
        self._known: dict[Resource, int] = {}
        self._askers: dict[int, list[tuple[str, Question, int]]] = {}

    def add(self, question: Question) -> None:
        """One more order that asks for it."""
        channel = claim_of(question.order.channel).channel
        for line, sku_ix in enumerate(question.sku_ixs):
            self._askers.setdefault(sku_ix, []).append((channel, question, line))

    def capacity(self, resource: Resource) -> int:
        """No orders of the wave can take more of it together. Channels may have units of their own, so theirs are summed."""
        sku_ix, node_ix = resource
        if sku_ix in (UNITS, ORDERS):
            return self._rooms[node_ix].left
        known = self._known.get(resource)
        if known is None:
            known = self._known[resource] = self._units(sku_ix, node_ix)
        return known

    def _units(self, sku_ix: int, node_ix: int) -> int:
        shown: dict[str, int] = {}
        askers = self._askers.get(sku_ix)
        if askers is None:  # a component that nobody asks for by itself
            return ENDLESS
        for channel, question, line in askers:
            step = question.steps[line] if question.steps else 1
            units = shown_units(question, line, node_ix) + step - 1
            shown[channel] = max(shown.get(channel, 0), units)
        return sum(shown.values())
