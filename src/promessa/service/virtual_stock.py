"""Stock that a simulation takes from: the replica's rows as they were when it began, less what its own orders took.

    FrozenStock    rows of all skus of the orders by channel, as the replica showed them; shared by all that is simulated
    VirtualStock   the same for one way to decide; a row is copied when it is first taken from

Nothing of it is reserved: the store is only read, for cells with allocation pools, which channels draw from as `lua/pools.lua`
has it, by the rules of domain/pools.py. Kits are taken as their components. Where units are not counted, none are taken.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from promessa.domain.availability import Promise, promise_of_kit
from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import Claim, claim_of
from promessa.domain.limits import CELL_QUANTITY_MAX
from promessa.domain.pools import Pool, sources
from promessa.domain.stock import StockCell
from promessa.service.availability import Availability
from promessa.service.catching_up import StockRows
from promessa.service.method_safety import MethodSafety
from promessa.service.what_if import WhatIf
from promessa.store.pool_store import PoolStore, cell_pools

SKUS_AT_ONCE = 256
"""Rows taken before others may work: about a millisecond over 1,000 nodes."""

Row = tuple["array[int]", "array[int]"]
"""Nodes, ascending, and what can be promised at each: more than 0."""
Place = tuple[int, int]
"""A node and a sku."""


@dataclass(slots=True)
class FrozenStock:
    """Rows by channel and sku. `pooled` are the cells with allocation pools."""

    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    pooled: dict[Place, tuple[StockCell, tuple[Pool, ...]]] = field(default_factory=dict)

    async def take(
        self, stock: StockRows, wanted: Mapping[str, Iterable[int]], pause: Callable[[], Awaitable[None]]
    ) -> None:
        """Take the rows of skus by channel over from a replica. Raises TimeoutError if it stands still."""
        for channel, skus in wanted.items():
            known, ordered = self.rows.setdefault(channel, {}), sorted(skus)
            for first in range(0, len(ordered), SKUS_AT_ONCE):
                some = ordered[first : first + SKUS_AT_ONCE]
                start, nodes, atp = stock.rows(some, channel)
                for i, sku_ix in enumerate(some):
                    known[sku_ix] = nodes[start[i] : start[i + 1]], atp[start[i] : start[i + 1]]
                await pause()

    async def take_pools(self, pools: PoolStore) -> None:
        """Take over the cells with pools, and what they have, from the store. Raises Unavailable (STORE_UNAVAILABLE)."""
        skus = {sku_ix for known in self.rows.values() for sku_ix in known}
        places = sorted({(x.node_ix, x.sku_ix) async for x in pools.scan_open() if x.sku_ix in skus})
        for first in range(0, len(places), SKUS_AT_ONCE):
            some = places[first : first + SKUS_AT_ONCE]
            for place, (cell, kept) in zip(some, await pools.read_cells(some), strict=True):
                if cell and kept:
                    self.pooled[place] = cell, kept


class VirtualStock:
    """What one way to decide has left. It is what a decision asks of the replica."""

    ready = True

    def __init__(self, frozen: FrozenStock, catalogue: Catalogue, what_if: WhatIf, *, deplete: bool) -> None:
        self._catalogue = catalogue
        self._methods = MethodSafety(catalogue)
        self._deplete = deplete
        self._derives_kits = deplete or what_if.changes_stock
        self._rows = {channel: dict(known) for channel, known in frozen.rows.items()}
        self._own: set[tuple[str, int]] = set()
        self._pooled = dict(frozen.pooled) if deplete else {}
        self.taken: dict[Place, int] = {}
        """Units taken of each cell."""
        if what_if.changes_stock:
            self._suppose(what_if)
        for place in self._pooled:  # the store's word on them is a moment younger than the replica's
            self._show_pooled(place)

    def applied(self, partition: int) -> int:
        """Nothing that happens elsewhere changes it."""
        return 0

    def rows(self, sku_indices: Sequence[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        """Stock rows for the kernel, as the replica gives them."""
        known = self._rows[channel]
        start, nodes, atp = array("i", [0]), array("I"), array("q")
        for sku_ix in sku_indices:
            row = known[sku_ix]
            if self._derives_kits and self._catalogue.shaped and (parts := self._parts(sku_ix)):
                row = _row_of_kit([(known[part], units) for part, units in parts])
            nodes += row[0]
            atp += row[1]
            start.append(len(nodes))
        return start, nodes, atp

    def units(self, sku: str, node_id: str, channel: str) -> int:
        """Units of a cell that can be promised to a channel; `sku` is no kit."""
        nodes, atp = self._rows[channel][self._catalogue.skus.index_of[sku]]
        node_ix = self._catalogue.nodes.index_of[node_id]
        at = bisect_left(nodes, node_ix)
        return atp[at] if at < len(nodes) and nodes[at] == node_ix else 0

    def take(self, claim_text: str, cells: Sequence[int]) -> None:
        """Take what a plan takes: flat node, sku, units. Without depletion nothing happens."""
        if not self._deplete:
            return
        channel, shaped = claim_of(claim_text).channel, bool(self._catalogue.shaped)
        for i in range(0, len(cells), 3):
            node_ix, sku_ix, units = cells[i : i + 3]
            parts = self._parts(sku_ix) if shaped else ()
            for part, each in parts or ((sku_ix, 1),):
                self._take_cell((node_ix, part), units * each, channel)

    def enough_for(self, promised: Promise, sku: str, node_id: str, claim: Claim) -> Promise:
        """A promise of the store to a claim, less what was taken since."""
        if promised.endless:
            return promised
        place = self._catalogue.nodes.index_of[node_id], self._catalogue.skus.index_of[sku]
        pooled = self._pooled.get(place)
        if pooled:
            left = self._methods.available(*pooled, *place, claim)
        else:
            left = max(0, promised.available - self.taken.get(place, 0))
        return replace(promised, available=left)

    def _take_cell(self, place: Place, units: int, channel: str) -> None:
        if place in self._pooled:
            cell, pools = self._pooled[place]
            self._pooled[place] = replace(cell, held=cell.held + units), _drawn(cell, pools, channel, units)
            self._show_pooled(place)
        else:
            self._lower(place, units)
        self.taken[place] = self.taken.get(place, 0) + units

    def _show_pooled(self, place: Place) -> None:
        found = cell_pools(*self._pooled[place])
        for channel, known in self._rows.items():
            if place[1] in known:
                _put(self._row(channel, place[1]), place[0], found.available(channel, now_ms=0))

    def _lower(self, place: Place, units: int) -> None:
        node_ix, sku_ix = place
        for channel, known in self._rows.items():
            if sku_ix not in known:
                continue
            nodes, atp = self._row(channel, sku_ix)
            at = bisect_left(nodes, node_ix)
            if at == len(nodes) or nodes[at] != node_ix or atp[at] >= CELL_QUANTITY_MAX:
                continue
            if atp[at] > units:
                atp[at] -= units
            else:
                del nodes[at], atp[at]

    def _row(self, channel: str, sku_ix: int) -> Row:
        """A row that is this stock's own."""
        row = self._rows[channel][sku_ix]
        if (channel, sku_ix) not in self._own:
            self._own.add((channel, sku_ix))
            row = self._rows[channel][sku_ix] = row[0][:], row[1][:]
        return row

    def _parts(self, sku_ix: int) -> list[tuple[int, int]]:
        """The components of a kit, and units of each in one; nothing for any other sku."""
        skus = self._catalogue.skus
        sku = skus.by_id.get(skus.ids[sku_ix])
        return [(skus.index_of[part.sku], part.quantity) for part in sku.kit] if sku and sku.kit else []

    def _suppose(self, what_if: WhatIf) -> None:
        """Stock as it would be: other units of cells, shares of all, nothing at paused nodes."""
        nodes, skus = self._catalogue.nodes.index_of, self._catalogue.skus.index_of
        paused = {nodes[node_id] for node_id in what_if.paused_node_ids}
        percent_of = {nodes[node_id]: percent for node_id, percent in what_if.node_stock_percents}
        given: dict[int, dict[int, int]] = {}
        for sku, node_id, units in what_if.cells:
            given.setdefault(skus[sku], {})[nodes[node_id]] = units
        for channel, known in self._rows.items():
            for sku_ix, (nodes_of, atp) in known.items():
                units_at = {
                    node_ix: units * percent_of.get(node_ix, what_if.stock_percent) // 100
                    if units < CELL_QUANTITY_MAX
                    else units
                    for node_ix, units in zip(nodes_of, atp, strict=True)
                }
                units_at.update(given.get(sku_ix, {}))
                left = sorted((x, units) for x, units in units_at.items() if units > 0 and x not in paused)
                known[sku_ix] = array("I", [x for x, _ in left]), array("q", [units for _, units in left])
                self._own.add((channel, sku_ix))
        for (node_ix, sku_ix), (cell, pools) in list(self._pooled.items()):
            if node_ix in paused or node_ix in given.get(sku_ix, ()):
                del self._pooled[node_ix, sku_ix]
                continue
            percent = percent_of.get(node_ix, what_if.stock_percent)
            fewer = cell.free - cell.free * percent // 100
            kept = tuple(pool._replace(units=pool.units * percent // 100) for pool in pools)
            self._pooled[node_ix, sku_ix] = replace(cell, on_hand=cell.on_hand - fewer), kept


class VirtualAuthority:
    """What rules of safety stock leave to a fulfilment method: the store's word, read once, less what was taken since."""

    def __init__(self, authority: Availability, catalogue: Catalogue, stock: VirtualStock) -> None:
        self._authority = authority
        self._catalogue = catalogue
        self._stock = stock
        self._known: dict[tuple[Claim, str, str], Promise] = {}
        self.methods = MethodSafety(catalogue)

    async def of_pairs(self, pairs: Sequence[tuple[str, str]], *, claim: Claim) -> list[Promise]:
        """What can be promised of (sku, node id) pairs, in order. Raises Unavailable (STORE_UNAVAILABLE)."""
        parts = {pair: parts_of(self._catalogue, pair[0]) for pair in pairs}
        wanted = {(part, node_id) for (_, node_id), found in parts.items() for part, _ in found}
        missing = sorted(pair for pair in wanted if (claim, *pair) not in self._known)
        if missing:
            for pair, promised in zip(missing, await self._authority.of_pairs(missing, claim=claim), strict=True):
                self._known[claim, *pair] = promised
        return [promise_of_kit([(self._left(part, pair[1], claim), n) for part, n in parts[pair]]) for pair in pairs]

    async def units(self, sku: str, node_id: str, claim: Claim) -> int:
        """Units of a cell that can be promised to a claim; `sku` is no kit. Raises Unavailable (STORE_UNAVAILABLE)."""
        shown = self._stock.units(sku, node_id, claim.channel)
        if not shown or not self.methods.has_rules(claim.method):
            return shown
        (promised,) = await self.of_pairs([(sku, node_id)], claim=claim)
        return min(shown, promised.enough_for)

    def _left(self, sku: str, node_id: str, claim: Claim) -> Promise:
        return self._stock.enough_for(self._known[claim, sku, node_id], sku, node_id, claim)


def parts_of(catalogue: Catalogue, sku: str) -> list[tuple[str, int]]:
    """What is taken for one unit of a sku: itself, or the components of a kit with their units."""
    found = catalogue.skus.by_id.get(sku)
    return [(part.sku, part.quantity) for part in found.kit] if found and found.kit else [(sku, 1)]


def _row_of_kit(parts: Sequence[tuple[Row, int]]) -> Row:
    """Kits at each node that has all components, by the scarcest; what is not counted limits none."""
    found: dict[int, int] | None = None
    for (nodes, atp), units in parts:
        kits = {
            node_ix: have if have >= CELL_QUANTITY_MAX else have // units
            for node_ix, have in zip(nodes, atp, strict=True)
        }
        found = kits if found is None else {x: min(n, kits[x]) for x, n in found.items() if x in kits}
    left = sorted((x, n) for x, n in (found or {}).items() if n > 0)
    return array("I", [x for x, _ in left]), array("q", [n for _, n in left])


def _drawn(cell: StockCell, pools: tuple[Pool, ...], channel: str, units: int) -> tuple[Pool, ...]:
    """The pools of a cell after units were taken for a channel: from its sources in their order."""
    found = cell_pools(cell, pools)
    drawn = {pool.channel: pool.drawn for pool in pools}
    common = found.common(0)
    for pool in sources(pools, channel, 0):
        share = min(units, common if pool is None else pool.unused(found.sellable, 0))
        units -= share
        if pool is not None:
            drawn[pool.channel] += share
    return tuple(pool._replace(drawn=drawn[pool.channel]) for pool in pools)


def _put(row: Row, node_ix: int, units: int) -> None:
    """Set what a row has at a node."""
    nodes, atp = row
    at = bisect_left(nodes, node_ix)
    here = at < len(nodes) and nodes[at] == node_ix
    if here and units > 0:
        atp[at] = units
    elif here:
        del nodes[at], atp[at]
    elif units > 0:
        nodes.insert(at, node_ix)
        atp.insert(at, units)
