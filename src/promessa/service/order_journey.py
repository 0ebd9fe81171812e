"""The journey of orders: what nodes, carriers and customers do with them, one step a call.

Every step is one change of the store, with all that it moves in stock: nothing is ever half done. The rest that a refusal or
a short pick leaves is sourced after it, see order_rest.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from promessa.domain import order_steps as steps
from promessa.domain.errors import FailedPrecondition, NotFound, PromessaError
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import PICKUP_CODE_TRIES_MAX
from promessa.domain.order import PlacedOrder, RejectReason, Step, StoredOrder
from promessa.domain.order_exchange import return_came
from promessa.domain.order_moves import with_shipment
from promessa.domain.order_offers import At, accept, reject
from promessa.domain.order_returns import Came, receive_return, request_return
from promessa.domain.order_size import check_history
from promessa.domain.order_steps import Change
from promessa.domain.pickup_code import new_code, sealed
from promessa.domain.reservation import ShortfallReason
from promessa.domain.returns import ReturnState
from promessa.service.order_owners import received
from promessa.service.order_rest import OrderRest
from promessa.service.order_writes import OrderWrites
from promessa.store.order_store import NotThere, Stepped, Write
from promessa.store.store import Short

_STEP = ("method", "order_id", "number", "what")


class Of(NamedTuple):
    """Who asks for a step of which order: its request id, the order, and whoever makes the step."""

    request_id: str
    order_id: str
    actor: str


@dataclass(slots=True)
class OrderJourney:
    """Steps of orders. Each raises NotFound (ORDER_NOT_FOUND, SHIPMENT_NOT_FOUND), FailedPrecondition (ILLEGAL_STEP),
    AlreadyExists (REQUEST_ID_REUSED), Unavailable (ORDER_CONTENDED), and what it says.

    `now_ms` is the wall clock.
    """

    writes: OrderWrites
    rest: OrderRest
    now_ms: Callable[[], int]

    async def accept(self, of: Of, number: int, node_id: str) -> Stepped:
        """A node will ship it: the one that is named, or the one that has its units.

        Raises FailedPrecondition (NOT_OFFERED, OFFER_TAKEN, OFFER_NOT_IN_STOCK), NotFound (NODE_NOT_FOUND), InvalidRequest.
        """
        request = fingerprint(_STEP, "AcceptShipment", of.order_id, number, node_id)
        try:
            at = await self._at(node_id)
            return await self._make(of, request, lambda order: self._owned(order, accept(order, number, at)))
        except NotThere as error:
            raise self._not_in_stock(of, number, error.short[0]) from error
        except NotFound as error:
            return await self._first(of, request, error)

    async def reject(self, of: Of, number: int, node_id: str, reason: RejectReason) -> Stepped:
        """A node will not ship it: the one that is named, or the one that has its units. Where nobody else may accept it,
        others are looked for. Raises as accept."""
        request = fingerprint(
            _STEP, "RejectShipment", of.order_id, number, (int(reason), node_id) if node_id else int(reason)
        )
        try:
            at = await self._at(node_id)
            done = await self._reject(of, request, number, at, reason)
        except NotFound as error:
            done = await self._first(of, request, error)
        return await self._and_rest(done)

    async def _reject(self, of: Of, request: Fingerprint, number: int, at: At | None, reason: RejectReason) -> Stepped:
        """Its units go to the first of the nodes that may still accept it which has them."""
        without = set[int]()
        while True:
            try:
                return await self._make(
                    of, request, lambda order: self._owned(order, reject(order, number, at, reason, without=without))
                )
            except NotThere as error:
                without.add(error.short[0].node_ix)

    def _owned(self, before: PlacedOrder, change: steps.Change) -> steps.Change:
        """A shipment that another node has now says who owns this one; of one that stays, that does not change."""
        shipments, at = change.order.shipments, change.number - 1
        if shipments[at].node_ix == before.shipments[at].node_ix:
            return change
        owned = self.rest.owned(change.order, shipments[at : at + 1])
        return change._replace(order=with_shipment(change.order, change.number, *owned))

    async def _at(self, node_id: str) -> At | None:
        return At(await self.writes.keeper.node_index(node_id), node_id) if node_id else None

    async def _first(self, of: Of, request: Fingerprint, error: NotFound) -> Stepped:
        """What was answered to a request whose node is not there any more. Raises the error if nothing was."""
        first = await self.writes.store.recall(of.request_id, request)
        if first is None:
            raise error
        return first

    def _not_in_stock(self, of: Of, number: int, short: Short) -> FailedPrecondition:
        catalogue = self.writes.keeper.catalogue
        sku, node_id = catalogue.skus.ids[short.sku_ix], catalogue.nodes.ids[short.node_ix]
        return FailedPrecondition(
            "OFFER_NOT_IN_STOCK",
            f"Node {node_id!r} can give {short.available} of {short.requested} units of sku {sku!r} to shipment {number} of "
            f"order {of.order_id!r}. It may still be accepted by others.",
            order_id=of.order_id,
            shipment_number=number,
            node_id=node_id,
            sku=sku,
            requested_quantity=short.requested,
            available_quantity=short.available,
            why=ShortfallReason(short.reason).name,
        )

    async def pick(self, of: Of, number: int, picked: dict[int, int]) -> Stepped:
        """Units were taken from the shelf; what was not there is looked for elsewhere. Raises QUANTITY_EXCEEDS_ORDER."""
        said = tuple(sorted(picked.items()))
        done = await self._step(of, "RecordPick", number, lambda order: steps.pick(order, number, picked), said)
        return await self._and_rest(done)

    async def ship(self, of: Of, number: int, carrier: str, tracking: str) -> Stepped:
        """It has left its node."""
        return await self._step(
            of, "Ship", number, lambda order: steps.ship(order, number, carrier, tracking), (carrier, tracking)
        )

    async def deliver(self, of: Of, number: int, delivered_ms: int) -> Stepped:
        """Its customer has it since an instant; 0 stands for now."""
        at_ms = delivered_ms or self.now_ms()
        return await self._step(
            of, "RecordDelivery", number, lambda order: steps.deliver(order, number, at_ms), delivered_ms
        )

    async def make_ready(self, of: Of, number: int) -> tuple[Stepped, str]:
        """It waits for its customer; and the code to be shown, which is told only once: empty for a repeated request.

        Raises PICKUP_CODE_LIMIT.
        """
        code = new_code(secrets.choice)
        seal = sealed(code, secrets.token_bytes(8))

        def ready(found: StoredOrder) -> Change:
            before = sum(1 for each in found.history if each.step == Step.MAKE_READY and each.number == number)
            return steps.make_ready(found.order, number, seal, codes_before=before)

        request = fingerprint(_STEP, "MarkReadyForPickup", of.order_id, number, "")
        done = await self.writes.step(of.request_id, request, of.order_id, ready, actor=of.actor)
        return done, "" if done.replayed else code

    async def hand_over(self, of: Of, number: int, code: str) -> Stepped:
        """Its customer took it. Raises FailedPrecondition (PICKUP_CODE_WRONG, PICKUP_CODE_LOCKED)."""
        now_ms = self.now_ms()
        done = await self._step(
            of, "HandOver", number, lambda order: steps.hand_over(order, number, code, now_ms), code
        )
        found = done.orders[0]
        if found.history[-1].step == Step.WRONG_CODE:
            left = PICKUP_CODE_TRIES_MAX - found.order.shipments[number - 1].wrong_codes
            raise FailedPrecondition(
                "PICKUP_CODE_WRONG",
                f"This is not the pickup code of shipment {number} of order {of.order_id!r}. {left} more tries are left.",
                order_id=of.order_id,
                shipment_number=number,
                tries_left=left,
            )
        return done

    async def cancel(self, of: Of, lines: dict[int, int]) -> Stepped:
        """Units of lines, or all that can be, are not wanted any more. Raises QUANTITY_EXCEEDS_ORDER,
        ORDER_HISTORY_LIMIT."""
        said = tuple(sorted(lines.items()))
        request = fingerprint(_STEP, "CancelOrder", of.order_id, 0, said)

        def cancel(found: StoredOrder) -> Change:
            change = steps.cancel(found.order, lines)
            return check_history(found, change) if lines else change

        return await self.writes.step(of.request_id, request, of.order_id, cancel, actor=of.actor)

    async def request_return(self, of: Of, lines: dict[int, int], reason: str) -> Stepped:
        """Units that have left are to come back. Raises QUANTITY_EXCEEDS_ORDER, RETURN_LIMIT."""
        said = (tuple(sorted(lines.items())), reason)
        return await self._step(of, "RequestReturn", 0, lambda order: request_return(order, lines, reason), said)

    async def receive_return(self, of: Of, number: int, node_id: str, came: list[Came]) -> Stepped:
        """Units came back to a node. The second order is the one that waited for the last of them, if one did.

        Raises RETURN_NOT_FOUND, NODE_NOT_FOUND, QUANTITY_EXCEEDS_ORDER, ORDER_HISTORY_LIMIT.
        """
        said = (node_id, tuple([(each.line, each.quantity, int(each.disposition)) for each in came]))
        request = fingerprint(_STEP, "ReceiveReturn", of.order_id, number, said)
        try:
            node_ix = await self.writes.keeper.node_index(node_id)
        except NotFound as error:
            return await self._first(of, request, error)
        catalogue, now_ms = self.writes.keeper.catalogue, self.now_ms()
        return await self.writes.step(
            of.request_id,
            request,
            of.order_id,
            lambda found: received(self._received(found, number, node_ix, came), catalogue, now_ms),
            actor=of.actor,
            others=lambda change: self._waited(change, of.actor),
        )

    def _received(self, found: StoredOrder, number: int, node_ix: int, came: list[Came]) -> Change:
        """All that is left of a return can always be received."""
        change = receive_return(found.order, number, node_ix, came)
        is_whole = change.order.returns[number - 1].state == ReturnState.RECEIVED
        return change if is_whole else check_history(found, change)

    async def _waited(self, change: Change, actor: str) -> list[Write]:
        """What is written of the order that waited for a return, if the last of it came."""
        back = change.order.returns[change.number - 1]
        if back.state != ReturnState.RECEIVED or not back.exchanged_by:
            return []
        found = await self.writes.store.get(back.exchanged_by)
        offered = return_came(found.order) if found else None
        return [self.writes.write(found.version, offered, actor)] if found and offered else []

    async def _step(self, of: Of, method: str, number: int, decide: steps.Decide, what: object = "") -> Stepped:
        return await self._make(of, fingerprint(_STEP, method, of.order_id, number, what), decide)

    async def _make(self, of: Of, request: Fingerprint, decide: steps.Decide) -> Stepped:
        return await self.writes.step(
            of.request_id, request, of.order_id, lambda found: decide(found.order), actor=of.actor
        )

    async def _and_rest(self, done: Stepped) -> Stepped:
        """Source the rest that a step left, if it did. What does not work now is tried again later."""
        try:
            found = await self.writes.get(done.orders[0].order.order_id) if done.replayed else done.orders[0]
            await self.rest.source(found)
        except PromessaError:
            pass
        return done
