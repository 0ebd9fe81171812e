"""Reservations: ids to indices, duplicate lines to one, and the store's answer back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.reservation import Reservation, ReservationFilters
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.group_reservations import GroupReservations, PlacedLine
from promessa.service.lots import Lots
from promessa.service.terms import HoldRules, Terms
from promessa.store.store import ExceedsReservation, Reserved, Store, Transferred

Line = tuple[str, str, int]
"""Sku, node id, units."""

Move = tuple[str, str, str, int]
"""Sku, the node it leaves, the node it goes to, units."""

OnLines = Callable[..., Awaitable[Reserved]]
"""Store.confirm, Store.release or Store.fulfill."""

_CONFIRM = ("method", "reservation_id", "order_id", "lines", "reacquire")
_TRANSFER = ("method", "reservation_id", "moves")
_EXTEND = ("method", "reservation_id", "ttl")
_LINES = ("method", "reservation_id", "lines")


@dataclass(slots=True)
class Reservations:
    """The use cases of ReservationService. Errors are those the proto names."""

    keeper: CatalogueKeeper
    store: Store
    groups: GroupReservations
    rules: HoldRules
    lots: Lots

    def reserve(self, request_id: str, lines: list[Line], terms: Terms) -> Awaitable[Reserved]:
        """Hold units, all or nothing or as far as they reach. It is sent off at once, not when awaited."""
        request = terms.fingerprint(tuple(lines))
        known = self._known_cells(lines)
        plain = not self.keeper.catalogue.shaped or not self.lots.concern([sku for sku, _, _ in lines])
        if known is not None and plain and not terms.hold_rule_id:
            return self._first_answer(self._send(request_id, request, known, terms))
        sent = self._look_and_send(request_id, request, lines, terms)
        return asyncio.ensure_future(self._unless_answered(request_id, request, sent))

    def reserve_in_groups(self, request_id: str, lines: list[PlacedLine], terms: Terms) -> Awaitable[Reserved]:
        """As reserve, for lines of which some name a group of nodes."""
        request = terms.fingerprint(tuple([tuple(line) for line in lines]))
        sent = self._place_and_send(request_id, request, lines, terms)
        return asyncio.ensure_future(self._unless_answered(request_id, request, sent))

    def _send(self, request_id: str, request: Fingerprint, cells: list[int], terms: Terms) -> Awaitable[Reserved]:
        return self.store.reserve(
            request_id,
            request,
            cells=cells,
            all_or_nothing=terms.all_or_nothing,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=terms.order_id,
            limits=terms.limits,
            channel=terms.channel,
        )

    async def _look_and_send(self, request_id: str, request: Fingerprint, lines: list[Line], terms: Terms) -> Reserved:
        terms = await self.rules.applied(terms)
        cells = await self._cells(lines)
        if not self.lots.concern([sku for sku, _, _ in lines]):
            return await self._send(request_id, request, cells, terms)
        self.lots.check([(sku, units) for sku, _, units in lines])
        return await self.lots.reserve(
            request_id, request, cells=cells, terms=terms, all_or_nothing=terms.all_or_nothing
        )

    async def _place_and_send(
        self, request_id: str, request: Fingerprint, lines: list[PlacedLine], terms: Terms
    ) -> Reserved:
        return await self.groups.reserve(request_id, request, lines, await self.rules.applied(terms))

    async def _unless_answered(self, request_id: str, request: Fingerprint, sent: Awaitable[Reserved]) -> Reserved:
        """The answer; if what the request names is unknown, the first answer it got when it was known."""
        try:
            return await self._first_answer(sent)
        except (NotFound, InvalidRequest):
            first = await self.store.recall_reserved(request_id, request)
            if first is None:
                raise
            return Reserved(first.reservation.as_first_answered(), first.positions, True)

    async def _first_answer(self, sent: Awaitable[Reserved]) -> Reserved:
        """What was answered first, whatever became of the reservation since."""
        reserved = await sent
        if reserved.replayed:
            return Reserved(reserved.reservation.as_first_answered(), reserved.positions, True)
        return reserved

    async def confirm(
        self, request_id: str, reservation_id: str, lines: list[Line], *, order_id: str, reacquire: bool
    ) -> Reserved:
        """HELD to CONFIRMED: all that is open, or the lines named and the rest back to stock."""
        request = fingerprint(_CONFIRM, "Confirm", reservation_id, order_id, tuple(lines), reacquire)
        act = partial(self.store.confirm, order_id=order_id, reacquire=reacquire)
        return await self._on_lines(act, request_id, request, reservation_id, lines)

    async def transfer(self, request_id: str, reservation_id: str, moves: list[Move]) -> Transferred:
        """Open units to other nodes, all or none."""
        request = fingerprint(_TRANSFER, "Transfer", reservation_id, tuple(moves))
        try:
            flat: list[int] = []
            for sku, from_id, to_id, units in moves:
                from_ix, to_ix = await self.keeper.node_index(from_id), await self.keeper.node_index(to_id)
                flat += (from_ix, to_ix, await self.keeper.sku_index(sku), units)
            return await self.store.transfer(request_id, request, reservation_id, moves=flat)
        except NotFound:
            first = await self.store.recall_transferred(request_id, request, reservation_id)
            if first is None:
                raise
            return first
        except ExceedsReservation as error:
            raise self._exceeds(error) from error

    async def extend(self, request_id: str, reservation_id: str, *, ttl_ms: int) -> Reserved:
        """A new time to live, from now."""
        request = fingerprint(_EXTEND, "Extend", reservation_id, ttl_ms)
        return await self.store.extend(request_id, request, reservation_id, ttl_ms=ttl_ms)

    async def release(self, request_id: str, reservation_id: str, lines: list[Line]) -> Reserved:
        """Units back to stock."""
        request = fingerprint(_LINES, "Release", reservation_id, tuple(lines))
        return await self._on_lines(self.store.release, request_id, request, reservation_id, lines)

    async def fulfill(self, request_id: str, reservation_id: str, lines: list[Line]) -> Reserved:
        """Units left their nodes."""
        request = fingerprint(_LINES, "Fulfill", reservation_id, tuple(lines))
        return await self._on_lines(self.store.fulfill, request_id, request, reservation_id, lines)

    async def _on_lines(
        self, act: OnLines, request_id: str, request: Fingerprint, reservation_id: str, lines: list[Line]
    ) -> Reserved:
        try:
            try:
                cells = await self._cells(lines)
            except NotFound:
                first = await self.store.recall_changed(request_id, request, reservation_id)
                if first is None:
                    raise
                return first
            return await act(request_id, request, reservation_id, cells=cells)
        except ExceedsReservation as error:
            raise self._exceeds(error) from error

    async def get(self, reservation_id: str) -> Reservation | None:
        """A reservation as it is now."""
        return await self.store.get_reservation(reservation_id)

    async def list_page(
        self, *, page_token: str, page_size: int, filters: ReservationFilters, sku: str, node_id: str
    ) -> tuple[list[Reservation], str]:
        """A page of reservations and the token of the next. Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND)."""
        if sku:
            filters = filters._replace(sku_ix=await self.keeper.sku_index(sku))
        if node_id:
            filters = filters._replace(node_ix=await self.keeper.node_index(node_id))
        return await self.store.list_reservations(page_token=page_token, page_size=page_size, filters=filters)

    def _known_cells(self, lines: Iterable[Line]) -> list[int] | None:
        """As _cells, None if an id is unknown here."""
        catalogue = self.keeper.catalogue
        skus, nodes = catalogue.skus.index_of, catalogue.nodes.index_of
        cells: dict[tuple[int, int], int] = {}
        for sku, node_id, quantity in lines:
            if sku not in skus or node_id not in nodes:
                return None
            cell = (nodes[node_id], skus[sku])
            cells[cell] = cells.get(cell, 0) + quantity
        return [number for (node_ix, sku_ix), units in cells.items() for number in (node_ix, sku_ix, units)]

    async def _cells(self, lines: list[Line]) -> list[int]:
        """Flat node, sku, units; each cell once, in the order of its first line. Raises NotFound."""
        for sku, node_id, _ in lines:
            await self.keeper.sku_index(sku)
            await self.keeper.node_index(node_id)
        cells = self._known_cells(lines)
        assert cells is not None
        return cells

    def _exceeds(self, error: ExceedsReservation) -> FailedPrecondition:
        catalogue = self.keeper.catalogue
        sku, node_id = catalogue.skus.ids[error.sku_ix], catalogue.nodes.ids[error.node_ix]
        return FailedPrecondition(
            "QUANTITY_EXCEEDS_RESERVATION",
            f"The reservation has {error.open_quantity} open units of sku {sku!r} at node {node_id!r}. Name no more.",
            sku=sku,
            node_id=node_id,
            open_quantity=error.open_quantity,
        )
