"""Placing an order of lines in one change of the store: its plan is held, and becomes the order in the same call.

That is possible where the order follows from its plan alone: all of it is served, nothing of it is offered to several nodes,
and the store takes the plan as it is. Otherwise only the hold is made, if at all, and orders.py goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from promessa.domain.fingerprint import Fingerprint
from promessa.domain.kinds import NO_WAYS
from promessa.domain.order import HistoryEntry, StoredOrder
from promessa.domain.order_exchange import Exchanged
from promessa.domain.order_steps import placed
from promessa.domain.sourcing import Plan
from promessa.service.order_rest import OrderRest
from promessa.service.order_shipments import planned_shipments
from promessa.service.placing import Placing, new_order
from promessa.store.following import Following
from promessa.store.order_store import Stepped, Write


def may_be_at_once(placing: Placing, exchanged: Exchanged | None) -> bool:
    """Whether a request asks for nothing but lines that any node may send."""
    asked = placing.asked
    plain = exchanged is None and placing.redemption is None and placing.offer_count < 2
    return plain and asked is not None and asked.ways == NO_WAYS


@dataclass(slots=True)
class AtOnce:
    """The step that follows the hold of an order's plan, which is made under a name."""

    name: str
    request_id: str
    request: Fingerprint
    placing: Placing
    actor: str
    rest: OrderRest
    _write: Write | None = field(default=None, init=False)
    _following: Following | None = field(default=None, init=False)

    def follow(self, plan: Plan) -> Following | None:
        """What is done in the same change as a plan is held."""
        self._write = self._following = None
        if plan.unserved or (plan.policy is not None and plan.policy.offer_nodes > 1):
            return None
        asked, writes = self.placing.asked, self.rest.writes
        assert asked is not None
        known = writes.keeper.catalogue.skus.index_of
        lines = [(known[sku], units) for sku, units in asked.lines if sku in known]
        if len(lines) < len(asked.lines):  # one was deleted after it was decided on
            return None
        order = new_order(self.placing, lines, asked, asked.channel)
        shipments = planned_shipments(self.name, plan, NO_WAYS, order.lines)
        self._write = writes.write(0, placed(order, self.rest.owned(order, shipments)), self.actor)
        self._following = writes.store.following(self.request_id, self.request, self._write)
        return self._following

    @property
    def stepped(self) -> Stepped | None:
        """The order as it was placed, None if it was not."""
        if self._write is None or self._following is None or not self._following.made_ms:
            return None
        at_ms, change = self._following.made_ms, self._write.change
        history = (HistoryEntry(at_ms, change.step, self.actor, change.number, change.detail),)
        return Stepped((StoredOrder(1, at_ms, at_ms, change.order, history),), self._following.positions, False)
