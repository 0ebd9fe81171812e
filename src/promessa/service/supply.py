"""Inbound supply: ids to indices, dates to days, and what a node's own calendar makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import INBOUND_AHEAD_DAYS_MAX, INBOUND_PAST_DAYS_MAX
from promessa.domain.supply import Inbound, InboundState, OverduePolicy, day_of, local_day
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.supply_store import CellSupply, InboundKey, OrderLimits, Supplied, SupplyStore, no_inbound

_PUT = ("method", "inbound", "kind", "quantity", "expected_date", "overdue_policy")
_RECEIVE = ("method", "inbound", "quantity", "last_delivery")
_CANCEL = ("method", "inbound")
_LIMITS = ("method", "sku", "node_id", "backorder_limit", "preorder_limit")

_DAY = "inbound_supply.expected_date"

Name = tuple[str, str, str]
"""Sku, node id and inbound id."""


@dataclass(slots=True)
class Supply:
    """The use cases of SupplyService. Errors are those the proto names.

    `overdue_policy` is that of the data set; `now_ms` is the clock.
    """

    keeper: CatalogueKeeper
    store: SupplyStore
    overdue_policy: OverduePolicy
    now_ms: Callable[[], int]

    async def put(
        self, request_id: str, name: Name, *, kind: int, quantity: int, date: str, policy: OverduePolicy | None
    ) -> Supplied:
        """Create an inbound, or replace one that has not ended. What is late already is OVERDUE at once."""
        request = fingerprint(_PUT, "PutInboundSupply", name, kind, quantity, date, tuple(policy or ()))
        day = parsed_day(_DAY, date)

        async def send(key: InboundKey) -> Supplied:
            try:
                _check_day(day - self.today(key.node_ix))
            except InvalidRequest:  # what is long past by now may have been answered before
                first = await self.store.recall_supplied(request_id, request, key)
                if first is None:
                    raise
                return first
            return await self.store.put_inbound(
                request_id, request, key, kind=kind, quantity=quantity, day=day, policy=policy
            )

        return await self._on_inbound(request_id, request, name, send)

    async def receive(self, request_id: str, name: Name, *, quantity: int, last: bool) -> Supplied:
        """Units of an inbound are on hand now."""
        request = fingerprint(_RECEIVE, "ReceiveInboundSupply", name, quantity, last)

        def send(key: InboundKey) -> Awaitable[Supplied]:
            return self.store.receive_inbound(request_id, request, key, quantity=quantity, last=last)

        return await self._on_inbound(request_id, request, name, send)

    async def cancel(self, request_id: str, name: Name) -> Supplied:
        """An inbound will not come."""
        request = fingerprint(_CANCEL, "CancelInboundSupply", name)
        return await self._on_inbound(
            request_id, request, name, lambda key: self.store.cancel_inbound(request_id, request, key)
        )

    async def _on_inbound(
        self, request_id: str, request: Fingerprint, name: Name, send: Callable[[InboundKey], Awaitable[Supplied]]
    ) -> Supplied:
        """Send a change; of an inbound whose sku or node is gone, the first answer. Raises NotFound."""
        try:
            key = await self._key(name)
        except NotFound:
            first = await self.store.recall_supplied(request_id, request, InboundKey(0, 0, name[2]))
            if first is None:
                raise
            return first
        return await send(key)

    async def set_order_limits(
        self, request_id: str, *, sku: str, node_id: str, backorder: int, preorder: int | None
    ) -> OrderLimits:
        """How much one cell may promise beyond its stock."""
        request = fingerprint(_LIMITS, "SetOrderLimits", sku, node_id, backorder, -1 if preorder is None else preorder)
        try:
            key = await self._key((sku, node_id, ""))
        except NotFound:
            first = await self.store.recall_order_limits(request_id, request)
            if first is None:
                raise
            return first
        return await self.store.set_order_limits(
            request_id, request, node_ix=key.node_ix, sku_ix=key.sku_ix, backorder=backorder, preorder=preorder
        )

    async def order_limits(self, *, sku: str, node_id: str) -> CellSupply:
        """What a cell may promise beyond its stock, and what it has promised so. Raises NotFound."""
        key = await self._key((sku, node_id, ""))
        (found,) = await self.store.read_supply([key[:2]])
        return found

    async def get(self, name: Name) -> Inbound:
        """An inbound as it is now. Raises NotFound."""
        key = await self._key(name)
        (found,) = await self.store.read_supply([key[:2]])
        for inbound in found.inbound:
            if inbound.inbound_id == key.inbound_id:
                return inbound
        raise no_inbound(key.inbound_id, sku=name[0], node_id=name[1])

    async def list_page(
        self, *, page_token: str, page_size: int, sku: str, node_id: str, states: Iterable[int]
    ) -> tuple[list[Inbound], str]:
        """A page of inbound and the token of the next. Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND)."""
        sku_ix = await self.keeper.sku_index(sku) if sku else None
        node_ix = await self.keeper.node_index(node_id) if node_id else None
        wanted = frozenset(states)

        def keep(inbound: Inbound) -> bool:
            return (
                sku_ix in (None, inbound.sku_ix)
                and node_ix in (None, inbound.node_ix)
                and (not wanted or self.state_of(inbound) in wanted)
            )

        return await self.store.list_inbound(page_token=page_token, page_size=page_size, keep=keep)

    def state_of(self, inbound: Inbound) -> InboundState:
        """Where in its life an inbound is today."""
        return inbound.state_at(self.today(inbound.node_ix))

    def expected(self, inbound: Inbound) -> tuple[int, int]:
        """(day, units) that promises count on today."""
        return inbound.expected_at(self.today(inbound.node_ix), self.overdue_policy)

    async def count_overdue(self) -> Counter[int]:
        """How many inbound are overdue, by the action of their policy."""
        found: Counter[int] = Counter()
        async for inbound in self.store.scan_inbound():
            if self.state_of(inbound) == InboundState.OVERDUE:
                found[(inbound.policy or self.overdue_policy).action] += 1
        return found

    def today(self, node_ix: int) -> int:
        """Which day it is at a node."""
        catalogue = self.keeper.catalogue
        node = catalogue.nodes.by_id.get(catalogue.nodes.ids[node_ix])
        return local_day(node.time_zone if node else "", self.now_ms())

    async def _key(self, name: Name) -> InboundKey:
        sku, node_id, inbound_id = name
        sku_ix = await self.keeper.sku_index(sku)
        return InboundKey(await self.keeper.node_index(node_id), sku_ix, inbound_id)


def _check_day(days_ahead: int) -> None:
    """Raises InvalidRequest (INVALID_FIELD) for the day of an inbound that can only be a typing error."""
    if not -INBOUND_PAST_DAYS_MAX <= days_ahead <= INBOUND_AHEAD_DAYS_MAX:
        rule = f"must be at most {INBOUND_PAST_DAYS_MAX} days before today and {INBOUND_AHEAD_DAYS_MAX:,} after it"
        raise InvalidRequest("INVALID_FIELD", f"{_DAY} {rule}.", field=_DAY, rule=rule)


def parsed_day(field: str, date: str) -> int:
    """A day of the calendar. Raises InvalidRequest (INVALID_FIELD)."""
    try:
        return day_of(date)
    except ValueError:
        rule = "must be a day of the calendar, as 2026-11-30"
        raise InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule) from None
