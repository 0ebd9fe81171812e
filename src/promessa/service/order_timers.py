"""Timers of orders: every worker looks which are due, and tells that they are at risk, late or stuck, puts back what nobody
collected, or cancels what waits for a return that did not come.

Each is a step made at the version that was looked at, under a request id that follows from it: of many workers one makes it,
and one that dies leaves it to the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.fingerprint import fingerprint
from promessa.domain.order import Step, StoredOrder
from promessa.domain.order_steps import Change
from promessa.domain.order_timers import overdue, refund
from promessa.service.order_due import OrdersDue
from promessa.service.order_owners import received
from promessa.service.order_writes import OrderWrites
from promessa.store.order_store import OtherVersion

_AT_ONCE = 50
_ACTOR = "promessa"


@dataclass(slots=True)
class OrderTimers:
    """Makes what time makes of orders. `now_ms` is the wall clock; `on_error` hears of orders that cannot be told."""

    writes: OrderWrites
    now_ms: Callable[[], int]
    on_error: Callable[[str, BaseException], None] = lambda what, error: None
    due: OrdersDue = field(init=False)

    def __post_init__(self) -> None:
        listed = self.writes.store.overdue
        self.due = OrdersDue(listed, _AT_ONCE, "what is due", lambda: self.now_ms(), self.on_error)

    async def tend(self) -> int:
        """Make all that is due; how many steps this worker made of it. Raises as OrdersDue.each."""
        return await self.due.each(self._make_due)

    async def _make_due(self, order_id: str) -> int:
        """Make all that is due of one order; how many steps."""
        made = 0
        while True:
            found = await self.writes.store.get(order_id)
            change = overdue(found.order, self.now_ms()) if found else None
            if found is None or change is None:
                return made
            try:
                made += await self._make(found, change)
            except OtherVersion:
                continue

    async def _make(self, found: StoredOrder, change: Change) -> bool:
        """Make a step, and tell what is to be paid back in the same change; whether it was this worker that did."""
        try:
            return await self._send(found, change)
        except (NotFound, InvalidRequest) as error:
            if change.step != Step.PUT_BACK:
                raise
            # Its node or sku is not there any more, and takes nothing: the money is due all the same.
            return await self._send(found, change._replace(moves=(), units=(), detail=error.reason))

    async def _send(self, found: StoredOrder, change: Change) -> bool:
        order_id, version = found.order.order_id, found.version
        request = fingerprint(("method", "order_id", "version"), "OrderTimers", order_id, version)
        change = received(change, self.writes.keeper.catalogue, self.now_ms())
        writes = [self.writes.write(version, change, _ACTOR)]
        if change.step == Step.PUT_BACK:
            writes.append(self.writes.write(version, refund(writes[0].change.order, change.number), _ACTOR))
        done = await self.writes.send(f"timer/{order_id}:{version}", request, writes)  # no client can send such an id
        return not done.replayed
