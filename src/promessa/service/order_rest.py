"""The rest of an order: units that no shipment brings, because a node refused them or had too few, are sourced again.

Whoever made the step that left a rest tries at once; a worker that looks now and then goes on where one died, and tries
again later where nothing could serve it. Two that try at the same time source under the same name, so it is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from promessa.domain.errors import FailedPrecondition, NotFound, PromessaError, Unavailable, meets_all
from promessa.domain.fingerprint import fingerprint
from promessa.domain.limits import ORDER_SOURCINGS_MAX, TTL_MS_DEFAULT
from promessa.domain.order import PlacedOrder, Shipment, StoredOrder
from promessa.domain.order_steps import Change, source_failed, sourced
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import Order, said_plainly
from promessa.service.held_plan import Sourced
from promessa.service.offering import Offering
from promessa.service.order_due import OrdersDue
from promessa.service.order_owners import owned
from promessa.service.order_shipments import Held, shipments_of
from promessa.service.order_writes import OrderWrites
from promessa.service.refusals import RefusedLine, order_of
from promessa.service.sourcing import Sourcing
from promessa.service.terms import Terms
from promessa.store.order_store import OtherVersion, Stepped
from promessa.store.store import Store

_NAME_LENGTH_MAX = 48
"""Longer request ids are not part of a reservation's id, which has 64 characters at most."""
_ACTOR = "promessa"


@dataclass(slots=True)
class OrderRest:
    """Sources the rest of orders. `now_ms` is the wall clock; `on_error` hears of orders of which that fails."""

    writes: OrderWrites
    sourcing: Sourcing
    reservations: Store
    offering: Offering
    now_ms: Callable[[], int]
    on_error: Callable[[str, BaseException], None] = lambda what, error: None
    due: OrdersDue = field(init=False)

    def __post_init__(self) -> None:
        self.due = OrdersDue(self.writes.store.unsourced, 1, "sourcing the rest", lambda: self.now_ms(), self.on_error)

    async def tend(self) -> None:
        """Source what is due. Raises as OrdersDue.each."""
        await self.due.each(self._source_due)

    async def _source_due(self, order_id: str) -> int:
        found = await self.writes.store.get(order_id)
        return int(found is not None and await self.source(found))

    async def source(self, found: StoredOrder) -> bool:
        """Source what is left of an order, as it is at a version; whether that was written: not if it is another by now."""
        order = found.order
        if order.asked is None or order.attempts >= ORDER_SOURCINGS_MAX or not order.has_rest:
            return False
        name = _rest_name(order.order_id, found.version)
        try:
            held, why = await self._hold(name, order), ""
        except PromessaError as error:
            if meets_all(error):
                raise
            held, why = None, error.reason
        try:
            await self._write(name, found, held, why)
        except OtherVersion:
            await self.let_go(name)
            return False
        return True

    async def _hold(self, name: str, order: PlacedOrder) -> Sourced | None:
        """What serves the rest, held; None if nothing does."""
        terms = Terms(True, TTL_MS_DEFAULT, "", order.order_id)
        found = await self.sourcing.source_and_reserve(
            name, self._rest_of(order), terms=terms, allow_partial=True, previous=_previous(order)
        )
        return None if found.outcome == ReserveOutcome.REFUSED else found

    async def _write(self, name: str, found: StoredOrder, held: Sourced | None, why: str) -> Stepped:
        try:
            if held is not None:
                return await self._send(f"{name}/placed", found, await self._served(found.order, held))
        except FailedPrecondition as error:  # the hold was over when somebody went on
            why = error.reason
        return await self._send(f"{name}/failed", found, source_failed(found.order, why or "NOT_SERVED"))

    async def _send(self, request_id: str, found: StoredOrder, change: Change) -> Stepped:
        """Under an id that no client can send, as its slash says."""
        request = fingerprint(("method", "order_id", "version"), "OrderRest", found.order.order_id, found.version)
        return await self.writes.send(request_id, request, [self.writes.write(found.version, change, _ACTOR)])

    async def _served(self, order: PlacedOrder, held: Sourced) -> Change:
        """The order with the shipments that bring its rest; their lines are counted among those of the rest."""
        assert order.asked is not None
        places = [i for i, line in enumerate(order.lines) if line.to_source]
        rest = self._rest_of(order)
        wanted = [order.lines[i] for i in places]
        found = shipments_of(Held(held.reservation, held.plan, rest.ways), wanted, self._node_ix)
        previous = _previous(order)
        shipments = [
            ship._replace(
                lines=tuple([line._replace(line=places[line.line]) for line in ship.lines]), previous=previous
            )
            for ship in found
        ]
        refused_by = self._refused_by(order)
        asked = said_plainly(order.asked)
        offered = await self.offering.offered(asked, shipments, order.offer_count, held.plan, refused_by)
        return sourced(order, self.owned(order, offered))

    def owned(self, order: PlacedOrder, shipments: Sequence[Shipment]) -> list[Shipment]:
        """New shipments of an order, with what is owed to whom for them."""
        seller = order.asked.seller_code if order.asked else ""
        return owned(shipments, seller, self.writes.keeper.catalogue, self.now_ms())

    def _node_ix(self, node_id: str) -> int:
        return self.writes.keeper.catalogue.nodes.index_of[node_id]

    def _rest_of(self, order: PlacedOrder) -> Order:
        """What is left of an order, to be sourced without the nodes that refused it; what is in shipments keeps its plan."""
        assert order.asked is not None
        rest = [RefusedLine(i, line.sku_ix, line.to_source) for i, line in enumerate(order.lines) if line.to_source]
        refused_by, kept = self._refused_by(order), sum(not ship.is_over for ship in order.shipments)
        return order_of(said_plainly(order.asked), rest, refused_by, refused_by, kept)

    def _refused_by(self, order: PlacedOrder) -> list[str]:
        """The nodes that refused units of an order, each once."""
        refused = [ship.node_ix for ship in order.shipments if ship.reason]
        refused += [offer.node_ix for ship in order.shipments for offer in ship.offers if offer.reason]
        return [self.writes.keeper.catalogue.nodes.ids[node_ix] for node_ix in dict.fromkeys(refused)]

    async def let_go(self, name: str) -> None:
        """What is held under a name goes back to stock, unless it is part of an order. If this fails, its time ends it."""
        try:
            request = fingerprint(("method", "reservation_id"), "OrderRest", name)
            await self.reservations.release(f"{name}/undo", request, name)
        except (FailedPrecondition, NotFound, Unavailable):
            return


def _previous(order: PlacedOrder) -> str:
    """The decision that another one for what is left of an order follows: the last that units were refused of, or its first."""
    refused = [ship.reservation_id for ship in order.shipments if ship.reason]
    return refused[-1] if refused else order.shipments[0].reservation_id


def hold_name(request_id: str, attempt: int) -> str:
    """The id of a reservation that is made to place an order: always the same for the same try."""
    return f"order:{_short(request_id)}:{attempt}"


def _rest_name(order_id: str, version: int) -> str:
    """The same for the rest of an order. Never the one it was placed with: clients may place an order under its own id."""
    return f"rest:{_short(order_id)}:{version}"


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH_MAX else blake2b(name.encode(), digest_size=20).hexdigest()
