"""Orders: placed from a reservation or from lines that are sourced, read, listed, and exchanged for others.

Recipe: hold (sourcing.py, unless a reservation is named) -> shipments (order_shipments.py) -> one change of the store, which
confirms what is held and writes the order; for plain orders all in one (order_at_once.py). What is held by an order that could
not be placed goes back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound, PromessaError
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.kinds import DELIVERED, NO_WAYS
from promessa.domain.limits import ORDER_ATTEMPTS_MAX
from promessa.domain.order import PlacedOrder, StoredOrder
from promessa.domain.order_exchange import Exchanged, exchange
from promessa.domain.order_filters import OrderFilters
from promessa.domain.order_prices import check_prices
from promessa.domain.order_steps import Change, placed
from promessa.domain.plan_token import Redeemed
from promessa.domain.reservation import Reservation, ReservationState, ReserveOutcome
from promessa.domain.sourcing import Order
from promessa.service.held_plan import Sourced
from promessa.service.holding import Follow
from promessa.service.offering import Offering
from promessa.service.order_at_once import AtOnce, may_be_at_once
from promessa.service.order_rest import OrderRest, hold_name
from promessa.service.order_shipments import Held, open_cells, plan_held, shipments_of
from promessa.service.order_ways import sold_in
from promessa.service.order_writes import OrderWrites, contended
from promessa.service.placing import Placing, handed_over, new_order, placing_fingerprint
from promessa.service.redeeming import Redeeming
from promessa.service.sourcing import Sourcing
from promessa.store.order_store import OtherVersion, Stepped, Write
from promessa.store.store import Store

_HOLDS_MAX = 3
"""Holds that may be over before their order is placed: each lasts a quarter of an hour."""

_HOLD_OVER = ("RESERVATION_EXPIRED", "WRONG_STATE")
"""What a hold of ours is refused for that ended: by its time, or because an attempt before this one gave it up."""


class Placed(NamedTuple):
    """What became of a request to place an order: `stepped` if it was placed, else `refused` is what was not served. `redeemed`
    is what became of its plan token."""

    stepped: Stepped | None
    refused: Sourced | None = None
    redeemed: Redeemed | None = None


@dataclass(slots=True)
class Orders:
    """The use cases of OrderService but for the steps of shipments. Errors are those the proto names."""

    writes: OrderWrites
    sourcing: Sourcing
    redeeming: Redeeming
    reservations: Store
    rest: OrderRest
    offering: Offering

    async def place(
        self, request_id: str, placing: Placing, *, actor: str, exchanged: Exchanged | None = None
    ) -> Placed:
        """Place an order; with `exchanged`, for units of another that are to come back, in the same change."""
        request = placing_fingerprint(placing, exchanged)
        if exchanged is not None:
            placing = handed_over(placing, exchanged.return_node_id)
        try:
            if placing.asked is not None:
                check_prices(placing.prices, [units for _, units in placing.asked.lines])
            if placing.reservation_id:
                return Placed(await self._from_reservation(request_id, request, placing, actor, exchanged))
            return await self._from_lines(request_id, request, placing, actor, exchanged)
        except PromessaError:  # what it was placed from may be gone by now
            first = await self.writes.store.recall(request_id, request)
            if first is None:
                raise
            return Placed(first)

    async def get(self, order_id: str) -> StoredOrder:
        """An order as it is now. Raises NotFound (ORDER_NOT_FOUND)."""
        return await self.writes.get(order_id)

    async def list_page(
        self, *, page_token: str, page_size: int, filters: OrderFilters, node_id: str
    ) -> tuple[list[StoredOrder], str]:
        """A page of orders, the latest first, and the token of the next. Raises NotFound (NODE_NOT_FOUND), InvalidRequest."""
        if node_id:
            filters = filters._replace(node_ix=await self.writes.keeper.node_index(node_id))
        return await self.writes.store.page(page_token=page_token, page_size=page_size, filters=filters)

    async def _from_reservation(
        self, request_id: str, request: Fingerprint, placing: Placing, actor: str, exchanged: Exchanged | None
    ) -> Stepped:
        found = await self.reservations.get_reservation(placing.reservation_id)
        if found is None or found.state not in (ReservationState.HELD, ReservationState.CONFIRMED):
            raise _not_to_be_had(placing.reservation_id, found)
        held = Held(found, plan_held(found), placing.asked.ways if placing.asked else NO_WAYS)
        return await self._write(request_id, request, await self._change(placing, held), actor, exchanged)

    async def _from_lines(
        self, request_id: str, request: Fingerprint, placing: Placing, actor: str, exchanged: Exchanged | None
    ) -> Placed:
        """Source, hold and place: a retry goes on where another attempt ended, for all of it has names of its own."""
        assert placing.asked is not None
        for attempt in range(1, _HOLDS_MAX + 1):
            name = hold_name(request_id, attempt)
            at_once = AtOnce(name, request_id, request, placing, actor, self.rest)
            follow = at_once.follow if may_be_at_once(placing, exchanged) else None
            found = await self._hold(request_id, request, name, placing, follow)
            if at_once.stepped is not None:
                return Placed(at_once.stepped)
            if found.outcome == ReserveOutcome.REFUSED:
                return Placed(None, found, found.redeemed)
            try:
                change = await self._change(placing, Held(found.reservation, found.plan, placing.asked.ways))
                done = await self._write(request_id, request, change, actor, exchanged)
                return Placed(done, None, found.redeemed)
            except FailedPrecondition as error:
                if error.reason not in _HOLD_OVER or attempt == _HOLDS_MAX:
                    await self.rest.let_go(name)
                    raise
            except (AlreadyExists, NotFound, InvalidRequest):
                await self.rest.let_go(name)
                raise
        raise AssertionError("the last attempt returns or raises")

    async def _hold(
        self, request_id: str, request: Fingerprint, name: str, placing: Placing, follow: Follow | None
    ) -> Sourced:
        assert placing.asked is not None
        try:
            if placing.redemption is not None:
                return await self.redeeming.redeem(
                    name, placing.asked, placing.redemption, terms=placing.terms, allow_partial=placing.allow_partial
                )
            return await self.sourcing.source_and_reserve(
                name,
                placing.asked,
                terms=placing.terms,
                allow_partial=placing.allow_partial,
                request=request,
                follow=follow,
            )
        except AlreadyExists as error:
            raise AlreadyExists(
                "REQUEST_ID_REUSED",
                f"The request_id {request_id!r} was used before with another payload. Use a new request_id for a new request, "
                "and the same payload for a retry.",
                request_id=request_id,
                field=error.metadata["field"],
            ) from error

    async def _change(self, placing: Placing, held: Held) -> Change:
        """The order to be placed, with all that is held in shipments. Raises FailedPrecondition, NotFound, InvalidRequest."""
        lines = await self._lines(placing, held.reservation)
        if placing.asked is None:
            check_prices(placing.prices, [units for _, units in lines])
        for pickup in {*held.ways.pickups} - {""}:
            await self.writes.keeper.node_index(pickup)
        channel = placing.asked.channel if placing.asked else held.reservation.channel
        order = new_order(placing, lines, await self._asked(placing), channel)
        shipments = shipments_of(held, order.lines, self._node_ix)
        if placing.asked is not None:
            shipments = await self.offering.offered(placing.asked, shipments, placing.offer_count, held.plan)
        change = placed(order, self.rest.owned(order, shipments))
        if change.order.has_rest or not change.order.shipments:
            self._check_whole(placing, change.order)
        return change

    async def _asked(self, placing: Placing) -> Order | None:
        """How it is sourced, and by whom it is sold where only the shop was said."""
        asked = placing.asked
        if asked is None or not asked.ways.sold_at:
            return asked
        await self.writes.keeper.node_index(asked.ways.sold_at)
        return sold_in(asked, self.writes.keeper.catalogue.nodes.by_id[asked.ways.sold_at])

    async def _lines(self, placing: Placing, reservation: Reservation) -> list[tuple[int, int]]:
        """Sku and units of each line: as it is asked for, or as it is held."""
        if placing.asked is not None:
            known, find = self.writes.keeper.catalogue.skus.index_of, self.writes.keeper.sku_index
            return [(known[sku] if sku in known else await find(sku), units) for sku, units in placing.asked.lines]
        units_of: dict[int, int] = {}
        for (_, sku_ix), units in open_cells(reservation).items():
            units_of[sku_ix] = units_of.get(sku_ix, 0) + units
        return list(units_of.items())

    def _check_whole(self, placing: Placing, order: PlacedOrder) -> None:
        """Raises FailedPrecondition (QUANTITY_EXCEEDS_RESERVATION) for an order that its reservation does not hold whole."""
        short = [line for line in order.lines if line.to_source]
        if (short and not placing.allow_partial) or not order.shipments:
            sku = self.writes.keeper.catalogue.skus.ids[order.lines[0].sku_ix if not short else short[0].sku_ix]
            held = short[0].quantity - short[0].to_source if short else 0
            raise FailedPrecondition(
                "QUANTITY_EXCEEDS_RESERVATION",
                f"The reservation has {held} units of sku {sku!r} for this line. Name no more, or set allow_partial.",
                sku=sku,
                node_id="",
                open_quantity=held,
            )

    def _node_ix(self, node_id: str) -> int:
        return self.writes.keeper.catalogue.nodes.index_of[node_id]

    async def _write(
        self, request_id: str, request: Fingerprint, change: Change, actor: str, exchanged: Exchanged | None
    ) -> Stepped:
        """Write a new order, and what it is exchanged for; contended as long as that one changes."""
        order_id = change.order.order_id
        for _ in range(ORDER_ATTEMPTS_MAX):
            try:
                writes = [self.writes.write(0, change, actor)]
                if exchanged is not None:
                    writes = await self._exchange(change, exchanged, actor)
                return await self.writes.send(request_id, request, writes)
            except OtherVersion as other:
                if other.order_id == order_id:
                    raise _exists(order_id) from other
        raise contended(order_id)

    async def _exchange(self, given: Change, asked: Exchanged, actor: str) -> list[Write]:
        """What is written of a new order and of the one whose units come back. Raises as `exchange`, NotFound."""
        node_id = asked.return_node_id
        return_ix = await self.writes.keeper.node_index(node_id) if node_id else DELIVERED
        found = await self.writes.get(asked.order_id)
        placed, other = exchange(found.order, asked, given, return_ix)
        return [self.writes.write(0, placed, actor), self.writes.write(found.version, other, actor)]


def _not_to_be_had(reservation_id: str, found: Reservation | None) -> PromessaError:
    """Why no order can be placed from a reservation."""
    if found is None:
        return NotFound(
            "RESERVATION_NOT_FOUND",
            f"There is no reservation {reservation_id!r}, or its record is past the retention time. Check the id.",
            reservation_id=reservation_id,
        )
    state = ReservationState(found.state)
    if state == ReservationState.EXPIRED:
        return FailedPrecondition(
            "RESERVATION_EXPIRED",
            f"The hold of reservation {reservation_id!r} is over and its units went back to stock. Reserve again.",
            reservation_id=reservation_id,
            expire_time_ms=found.expires_ms,
        )
    return FailedPrecondition(
        "WRONG_STATE",
        f"Reservation {reservation_id!r} is {state.name}, so no order can be placed from it.",
        reservation_id=reservation_id,
        state=state.name,
    )


def _exists(order_id: str) -> AlreadyExists:
    return AlreadyExists(
        "ORDER_EXISTS",
        f"Order {order_id!r} was placed before, by another request. GetOrder shows it; a new order needs an id of its own.",
        order_id=order_id,
    )
