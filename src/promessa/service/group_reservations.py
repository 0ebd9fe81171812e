"""Reservations whose lines name groups: placed on nodes by what the replica shows, held in one atomic call, and placed
again with the true counts where stock was lost meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from promessa.domain.catalogue import NodeState
from promessa.domain.claim import claim_of
from promessa.domain.errors import InvalidRequest, Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import PLACES_MAX, SOURCING_ATTEMPTS_MAX
from promessa.domain.placement import Cell, Missing, WantedLine, place, within
from promessa.domain.reservation import NO_NODE, ReserveOutcome
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.catching_up import StockRows, catch_up, contended
from promessa.service.lots import Lots
from promessa.service.terms import Terms
from promessa.store.store import Reserved, Store


class PlacedLine(NamedTuple):
    """A line of a request: at a node, or at the nodes of a group; the other one is empty."""

    sku: str
    node_id: str
    units: int
    node_group_id: str


class GroupReservations:
    """The use case of Reserve for requests that name a group."""

    def __init__(self, keeper: CatalogueKeeper, store: Store, stock: Callable[[], StockRows], lots: Lots) -> None:
        self._keeper = keeper
        self._lots = lots
        self._store = store
        self._stock = stock

    async def reserve(
        self,
        request_id: str,
        request: Fingerprint,
        lines: Sequence[PlacedLine],
        terms: Terms,
    ) -> Reserved:
        """Hold what the lines ask for. Raises NotFound, InvalidRequest (REFERENCE_NOT_FOUND), Unavailable (REPLICA_STALE)."""
        wanted = [await self._wanted(line) for line in lines]
        in_lots = self._lots.concern([line.sku for line in lines])
        if in_lots:
            self._lots.check([(line.sku, line.units) for line in lines])
            wanted = [line._replace(units=line.units // self._lots.step(line.sku_ix)) for line in wanted]
        if sum(len(line.node_ixs) for line in wanted) > PLACES_MAX:
            raise InvalidRequest(
                "INVALID_FIELD",
                f"lines: they can be served in more than {PLACES_MAX:,} ways. Name fewer or smaller groups.",
                field="lines",
            )
        atp = self._atp(wanted, terms.channel)
        level = False
        cut: list[Missing] = []
        for _ in range(SOURCING_ATTEMPTS_MAX):
            taken, missing = place(wanted, atp)
            if missing and not level:
                await catch_up(self._store, self._stock)
                level, atp = True, self._atp(wanted, terms.channel)
                taken, missing = place(wanted, atp)
            missing += cut
            if not taken or (missing and terms.all_or_nothing):
                return await self._refuse(request_id, request, missing, terms)
            reserved = await self._hold(request_id, request, taken, missing, terms, in_lots=in_lots)
            if reserved.replayed or reserved.reservation.outcome != ReserveOutcome.REFUSED:
                return reserved
            left = reserved.reservation.left_for_owner()
            if left:  # no other node would do
                wanted, more = within(wanted, left)
                cut += more
                continue
            for line in reserved.reservation.lines:
                atp[line.node_ix, line.sku_ix] = line.available // self._lots.step(line.sku_ix)
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _hold(
        self,
        request_id: str,
        request: Fingerprint,
        taken: Mapping[Cell, int],
        missing: Sequence[Missing],
        terms: Terms,
        *,
        in_lots: bool,
    ) -> Reserved:
        """Hold what was placed, all or nothing. Counts are in lots, those of the store in units."""
        step = self._lots.step
        cells = [x for (node_ix, sku_ix), lots in taken.items() for x in (node_ix, sku_ix, lots * step(sku_ix))]
        short = [int(x) for each in missing for x in _in_units(each, step(each.sku_ix))]
        if in_lots:
            return await self._lots.reserve(
                request_id, request, cells=cells, terms=terms, all_or_nothing=True, keep_refusal=False, short=short
            )
        return await self._store.reserve(
            request_id,
            request,
            cells=cells,
            all_or_nothing=True,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=terms.order_id,
            limits=terms.limits,
            channel=terms.channel,
            keep_refusal=False,
            short=short,
        )

    async def _refuse(
        self, request_id: str, request: Fingerprint, missing: Sequence[Missing], terms: Terms
    ) -> Reserved:
        """Remember what is missing. A line is kept as node, sku, requested, granted, open, fulfilled, available, reason."""
        in_units = [_in_units(each, self._lots.step(each.sku_ix)) for each in missing]
        lines = [(NO_NODE, sku, asked, 0, 0, 0, there, int(reason)) for sku, asked, there, reason in in_units]
        return await self._store.refuse(
            request_id,
            request,
            owner_id=terms.owner_id,
            order_id=terms.order_id,
            channel=terms.channel,
            lines=[x for line in lines for x in line],
        )

    async def _wanted(self, line: PlacedLine) -> WantedLine:
        sku_ix = await self._keeper.sku_index(line.sku)
        catalogue = self._keeper.catalogue
        if not line.node_group_id:
            return WantedLine(sku_ix, self._active([await self._keeper.node_index(line.node_id)]), line.units)
        group = catalogue.node_groups.by_id.get(line.node_group_id)
        if group is None and await self._keeper.refresh("node_group", line.node_group_id):
            group = catalogue.node_groups.by_id.get(line.node_group_id)
        if group is None:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no node group {line.node_group_id!r}. Put it first, or correct the id.",
                kind="node_group",
                id=line.node_group_id,
            )
        index_of = catalogue.nodes.index_of
        known = sorted({index_of[node_id] for node_id in group.node_ids if node_id in index_of})
        return WantedLine(sku_ix, self._active(known), line.units)

    def _active(self, node_ixs: list[int]) -> list[int]:
        states = self._keeper.catalogue.node_states
        return [node_ix for node_ix in node_ixs if states.get(node_ix) == NodeState.ACTIVE]

    def _atp(self, wanted: Sequence[WantedLine], channel: str) -> dict[Cell, int]:
        """What the replica shows a channel of all skus in question."""
        stock = self._stock()
        if not stock.ready:
            raise Unavailable(
                "REPLICA_STALE", "The replica is loading, so no node can be chosen yet. Retry in a moment."
            )
        skus = sorted({line.sku_ix for line in wanted})
        try:
            start, nodes, atp = stock.rows(skus, claim_of(channel).channel)
        except TimeoutError as error:
            raise Unavailable("REPLICA_STALE", "The replica stands still, so no node can be chosen. Retry.") from error
        return {
            (nodes[at], sku_ix): atp[at] // step
            for row, (sku_ix, step) in enumerate(zip(skus, map(self._lots.step, skus), strict=True))
            for at in range(start[row], start[row + 1])
        }


def _in_units(missing: Missing, step: int) -> Missing:
    """What is missing, from lots of `step` units."""
    return missing._replace(requested=missing.requested * step, available=missing.available * step)
