"""Reservations: ids to indices, duplicate lines to one, and the store's answer back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from promessa.domain.errors import FailedPrecondition
from promessa.domain.fingerprint import fingerprint
from promessa.domain.reservation import Reservation
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.store import ExceedsReservation, Reserved, Store

Line = tuple[str, str, int]
"""Sku, node id, units."""

_RESERVE = ("method", "lines", "mode", "ttl", "owner_id", "order_id")
_CONFIRM = ("method", "reservation_id", "order_id")
_EXTEND = ("method", "reservation_id", "ttl")
_LINES = ("method", "reservation_id", "lines")


@dataclass(slots=True)
class Reservations:
    """The use cases of ReservationService. Errors are those the proto names."""

    keeper: CatalogueKeeper
    store: Store

    async def reserve(
        self, request_id: str, lines: list[Line], *, all_or_nothing: bool, ttl_ms: int, owner_id: str, order_id: str
    ) -> Reserved:
        """Hold units, all or nothing or as far as they reach."""
        request = fingerprint(_RESERVE, "Reserve", tuple(lines), all_or_nothing, ttl_ms, owner_id, order_id)
        reserved = await self.store.reserve(
            request_id,
            request,
            cells=await self._cells(lines),
            all_or_nothing=all_or_nothing,
            ttl_ms=ttl_ms,
            owner_id=owner_id,
            order_id=order_id,
        )
        if reserved.replayed:
            return Reserved(reserved.reservation.as_first_answered(), reserved.positions, True)
        return reserved

    async def confirm(self, request_id: str, reservation_id: str, *, order_id: str) -> Reserved:
        """HELD to CONFIRMED."""
        request = fingerprint(_CONFIRM, "Confirm", reservation_id, order_id)
        return await self.store.confirm(request_id, request, reservation_id, order_id=order_id)

    async def extend(self, request_id: str, reservation_id: str, *, ttl_ms: int) -> Reserved:
        """A new time to live, from now."""
        request = fingerprint(_EXTEND, "Extend", reservation_id, ttl_ms)
        return await self.store.extend(request_id, request, reservation_id, ttl_ms=ttl_ms)

    async def release(self, request_id: str, reservation_id: str, lines: list[Line]) -> Reserved:
        """Units back to stock."""
        request = fingerprint(_LINES, "Release", reservation_id, tuple(lines))
        try:
            cells = await self._cells(lines)
            return await self.store.release(request_id, request, reservation_id, cells=cells)
        except ExceedsReservation as error:
            raise self._exceeds(error) from error

    async def fulfill(self, request_id: str, reservation_id: str, lines: list[Line]) -> Reserved:
        """Units left their nodes."""
        request = fingerprint(_LINES, "Fulfill", reservation_id, tuple(lines))
        try:
            cells = await self._cells(lines)
            return await self.store.fulfill(request_id, request, reservation_id, cells=cells)
        except ExceedsReservation as error:
            raise self._exceeds(error) from error

    async def get(self, reservation_id: str) -> Reservation | None:
        """A reservation as it is now."""
        return await self.store.get_reservation(reservation_id)

    async def list_page(
        self, *, page_token: str, page_size: int, states: frozenset[int], owner_id: str
    ) -> tuple[list[Reservation], str]:
        """A page of reservations and the token of the next."""
        return await self.store.list_reservations(
            page_token=page_token, page_size=page_size, states=states, owner_id=owner_id
        )

    async def _cells(self, lines: Iterable[Line]) -> list[int]:
        """Flat node, sku, units; each cell once, in the order of its first line."""
        catalogue = self.keeper.catalogue
        skus, nodes = catalogue.skus.index_of, catalogue.nodes.index_of
        cells: dict[tuple[int, int], int] = {}
        for sku, node_id, quantity in lines:
            sku_ix, node_ix = skus.get(sku), nodes.get(node_id)
            if sku_ix is None:
                sku_ix = await self.keeper.sku_index(sku)
            if node_ix is None:
                node_ix = await self.keeper.node_index(node_id)
            cell = (node_ix, sku_ix)
            cells[cell] = cells.get(cell, 0) + quantity
        return [number for (node_ix, sku_ix), units in cells.items() for number in (node_ix, sku_ix, units)]

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
