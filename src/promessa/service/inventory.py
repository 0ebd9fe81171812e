"""Feeds: items to indices, bad items set aside, the rest applied in as few calls of the store as their limits allow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import DELTAS_MAX
from promessa.domain.stock import EMPTY_CELL, FeedOutcome, FeedResult, StockCell
from promessa.domain.token import flat, merge
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.store import AS_BEFORE, Fed, Positions, Store

REJECTIONS_MAX = 1_000
"""Rejected counts a snapshot's answer lists; all are counted."""

_DELTAS = ("method", "deltas", "reason")
_COUNTS = ("method", "count", "expected_on_hand_quantity", "expected_version", "as_of")
_ADJUST = ("method", "delta", "reason")
_SAFETY = ("method", "sku", "node_id", "safety_stock_quantity")


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of units on hand. `problem` says what is wrong with the item, if anything."""

    sku: str
    node_id: str
    units: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """An absolute count; AS_BEFORE leaves a number as it is."""

    sku: str
    node_id: str
    on_hand: int
    unavailable: int = AS_BEFORE
    safety_stock: int = AS_BEFORE
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A count that could not be applied."""

    position: int
    sku: str
    node_id: str
    outcome: FeedOutcome
    detail: str


@dataclass(slots=True)
class SnapshotReport:
    """What became of a snapshot."""

    received: int = 0
    replayed: int = 0
    outcomes: dict[FeedOutcome, int] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    positions: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """One cell after a change of its own."""

    outcome: FeedOutcome
    cell: StockCell
    positions: Positions
    replayed: bool


@dataclass(slots=True)
class Inventory:
    """The use cases of InventoryService that change stock. Errors are those the proto names."""

    keeper: CatalogueKeeper
    store: Store

    async def apply_deltas(
        self, request_id: str, deltas: Sequence[Delta], *, reason: str
    ) -> tuple[list[FeedResult], Positions, bool]:
        """Apply a message of changes; a result for each, in order."""
        request = fingerprint(_DELTAS, "ApplyStockDeltas", tuple((d.sku, d.node_id, d.units) for d in deltas), reason)
        items = [x for d in deltas for x in (*await self._locate(d.sku, d.node_id, d.problem), d.units)]
        fed = await self.store.apply_deltas(request_id, request, items=items, reason=reason)
        return fed.results, fed.positions, fed.replayed

    async def import_snapshot(
        self, request_id: str, as_of_ms: int, pages: AsyncIterator[list[Count]]
    ) -> SnapshotReport:
        """Apply a snapshot page by page. Sent again with the same request id, what was applied is not applied twice.

        Its counts are as of one instant, the first attempt's if none is given: whatever way it is cut into messages, and
        whatever is known later, a cell keeps what was sold since. Raises AlreadyExists.
        """
        report = SnapshotReport()
        if request_id:
            request = fingerprint(("method", "as_of"), "ImportSnapshot", as_of_ms)
            pinned_ms = await self.store.pin(request_id, request)
            as_of_ms = as_of_ms or pinned_ms
        async for page in pages:
            for first in range(0, len(page), DELTAS_MAX):
                await self._import_chunk(request_id, as_of_ms, page[first : first + DELTAS_MAX], report)
        return report

    async def _import_chunk(self, request_id: str, as_of_ms: int, chunk: list[Count], report: SnapshotReport) -> None:
        values = tuple((c.sku, c.node_id, c.on_hand, c.unavailable, c.safety_stock) for c in chunk)
        items: list[int] = []
        for count in chunk:
            items += await self._locate(count.sku, count.node_id, count.problem)
            items += (count.on_hand, count.unavailable, count.safety_stock)
        # The same counts with other ids known are another change: what was unknown the first time is applied now.
        known = tuple(node_ix >= 0 for node_ix in items[::5])
        request = fingerprint(("method", "counts", "as_of", "known"), "ImportSnapshot", values, as_of_ms, known)
        chunk_id = f"{request_id}#{request.digest[:8].hex()}" if request_id else ""
        fed = await self.store.apply_counts(chunk_id, request, as_of_ms=as_of_ms, items=items)
        merge(report.positions, fed.positions)
        report.replayed += len(chunk) if fed.replayed else 0
        for count, result in zip(chunk, fed.results, strict=True):
            self._report(report, count, FeedOutcome(result.outcome))

    def _report(self, report: SnapshotReport, count: Count, outcome: FeedOutcome) -> None:
        report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1
        rejected = outcome not in (FeedOutcome.APPLIED, FeedOutcome.UNCHANGED, FeedOutcome.STALE)
        if rejected and len(report.rejections) < REJECTIONS_MAX:
            detail = count.problem or _DETAILS[outcome].format(count=count)
            report.rejections.append(Rejection(report.received, count.sku, count.node_id, outcome, detail))
        report.received += 1

    async def set_on_hand(
        self, request_id: str, count: Count, *, expected_on_hand: int, expected_version: int, as_of_ms: int
    ) -> Changed:
        """Set one cell, optionally only if it is what the caller expects (AS_BEFORE: whatever it is)."""
        value = (count.sku, count.node_id, count.on_hand, count.unavailable, count.safety_stock)
        request = fingerprint(_COUNTS, "SetOnHand", value, expected_on_hand, expected_version, as_of_ms)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            return await self.store.apply_counts(
                request_id,
                request,
                as_of_ms=as_of_ms,
                items=[node_ix, sku_ix, count.on_hand, count.unavailable, count.safety_stock],
                expected_on_hand=expected_on_hand,
                expected_version=expected_version,
            )

        return await self._on_cell(request_id, request, count.sku, count.node_id, send)

    async def adjust(self, request_id: str, delta: Delta, *, reason: str) -> Changed:
        """Change one cell by a delta."""
        request = fingerprint(_ADJUST, "AdjustStock", (delta.sku, delta.node_id, delta.units), reason)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            items = [node_ix, sku_ix, delta.units]
            return await self.store.apply_deltas(request_id, request, items=items, reason=reason)

        return await self._on_cell(request_id, request, delta.sku, delta.node_id, send)

    async def set_safety_stock(self, request_id: str, *, sku: str, node_id: str, quantity: int) -> Changed:
        """Set the units of one cell withheld from promising."""
        request = fingerprint(_SAFETY, "SetSafetyStock", sku, node_id, quantity)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            return await self.store.set_safety_stock(
                request_id, request, node_ix=node_ix, sku_ix=sku_ix, quantity=quantity
            )

        return await self._on_cell(request_id, request, sku, node_id, send)

    async def _on_cell(
        self,
        request_id: str,
        request: Fingerprint,
        sku: str,
        node_id: str,
        send: Callable[[int, int], Awaitable[Fed]],
    ) -> Changed:
        """Send the change of one cell; of a cell that is gone, the first answer. Raises NotFound."""
        try:
            node_ix, sku_ix = await self.keeper.node_index(node_id), await self.keeper.sku_index(sku)
        except NotFound:
            first = await self.store.recall_fed(request_id, request)
            if first is None:
                raise
            return _changed(first)
        return _changed(await send(node_ix, sku_ix))

    async def _locate(self, sku: str, node_id: str, problem: str) -> tuple[int, int]:
        """Node and sku index of an item; or -1 and the outcome, where it cannot be applied."""
        if problem:
            return -1, FeedOutcome.INVALID
        catalogue: Catalogue = self.keeper.catalogue
        node_ix, sku_ix = catalogue.nodes.index_of.get(node_id), catalogue.skus.index_of.get(sku)
        if node_ix is None and not await self.keeper.refresh("node", node_id):
            return -1, FeedOutcome.UNKNOWN_NODE
        if sku_ix is None and not await self.keeper.refresh("sku", sku):
            return -1, FeedOutcome.UNKNOWN_SKU
        return catalogue.nodes.index_of[node_id], catalogue.skus.index_of[sku]


_DETAILS = {
    FeedOutcome.UNKNOWN_SKU: "There is no sku {count.sku!r}. Put it first, or correct the id.",
    FeedOutcome.UNKNOWN_NODE: "There is no node {count.node_id!r}. Put it first, or correct the id.",
    FeedOutcome.IS_KIT: "The sku {count.sku!r} is a kit and has no stock of its own. Count its components.",
    FeedOutcome.INVALID: "The count is not valid.",
    FeedOutcome.CONFLICT: "The cell is not what was expected.",
    FeedOutcome.OVERFLOW: "The quantity is larger than a cell can hold.",
    FeedOutcome.INSUFFICIENT_ON_HAND: "The cell has fewer units on hand.",
}


def _changed(fed: Fed) -> Changed:
    outcome = FeedOutcome(fed.results[0].outcome)
    return Changed(outcome, fed.cell or EMPTY_CELL, fed.positions, fed.replayed)


def positions_of(report: SnapshotReport) -> Positions:
    """What a reader must have seen to see a snapshot."""
    return flat(report.positions)
