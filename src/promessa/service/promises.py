"""Reservations that may count on what is to come: lines to cells with the day it is there, and what a bound line waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.reservation import Reservation, ReservationLine
from promessa.domain.supply import InboundState
from promessa.service.lots import Lots
from promessa.service.reservations import Line
from promessa.service.supply import Supply, parsed_day
from promessa.service.terms import HoldRules, Terms
from promessa.store.store import Reserved

Waits = dict[ReservationLine, tuple[InboundState, int | None]]
"""For lines that are bound: the state of their inbound, and the day promises count on it; None where there is none."""


@dataclass(slots=True)
class Promises:
    """The use cases of ReservationService that look at inbound supply. Errors are those the proto names."""

    supply: Supply
    rules: HoldRules
    lots: Lots

    async def reserve(self, request_id: str, lines: list[Line], terms: Terms) -> Reserved:
        """Hold units from stock, and where it is short, of what comes until the latest date (empty: whenever)."""
        request = terms.fingerprint(tuple(lines))
        latest_day = parsed_day("latest_date", terms.latest_date) if terms.latest_date else 0
        try:
            terms = await self.rules.applied(terms)
            cells = await self._cells(lines)
            if self.lots.concern([sku for sku, _, _ in lines]):
                self.lots.refuse_kits([sku for sku, _, _ in lines], "with latest_date or allow_backorder")
                self.lots.check([(sku, units) for sku, _, units in lines])
            _check_latest(latest_day, min(cells[3::4]))
        except (NotFound, InvalidRequest):  # what is gone or past by now may have been answered before
            first = await self.supply.store.recall_promised(request_id, request)
            if first is None:
                raise
            return first
        return await self.supply.store.promise(
            request_id,
            request,
            cells=cells,
            all_or_nothing=terms.all_or_nothing,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=terms.order_id,
            latest_day=latest_day,
            backorder=terms.allow_backorder,
            policy=self.supply.overdue_policy,
            limits=terms.limits,
            channel=terms.channel,
        )

    async def _cells(self, lines: list[Line]) -> list[int]:
        """Flat node, sku, units, today; each cell once, in the order of its first line. Raises NotFound."""
        keeper = self.supply.keeper
        wanted: dict[tuple[int, int], int] = {}
        for sku, node_id, units in lines:
            sku_ix = await keeper.sku_index(sku)
            cell = (await keeper.node_index(node_id), sku_ix)
            wanted[cell] = wanted.get(cell, 0) + units
        return [x for cell, units in wanted.items() for x in (*cell, units, self.supply.today(cell[0]))]

    async def waits(self, reservations: Iterable[Reservation]) -> Waits:
        """What the bound lines of reservations wait for now: one read for all of them, none if there are none."""
        lines = [line for each in reservations for line in each.lines if line.inbound_id is not None]
        if not lines:
            return {}
        cells = list(dict.fromkeys((line.node_ix, line.sku_ix) for line in lines))
        found = dict(zip(cells, await self.supply.store.read_supply(cells), strict=True))
        waits: Waits = {}
        for line in lines:
            inbound = {each.inbound_id: each for each in found[line.node_ix, line.sku_ix].inbound}.get(
                line.inbound_id or ""
            )
            if inbound is None:
                waits[line] = (InboundState.EXPECTED, None)
            else:
                day, units = self.supply.expected(inbound)
                waits[line] = (self.supply.state_of(inbound), day if units and inbound.day <= day else None)
        return waits


def _check_latest(day: int, today: int) -> None:
    """Raises InvalidRequest (INVALID_FIELD) for a day that has passed everywhere; 0 is none."""
    if day and day < today:
        rule = "must not be before today"
        raise InvalidRequest("INVALID_FIELD", f"latest_date {rule}.", field="latest_date", rule=rule)
