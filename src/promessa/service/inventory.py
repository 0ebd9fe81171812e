"""Feeds: items to indices, bad items set aside, the rest applied in as few calls of the store as their limits allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import DELTAS_MAX
from promessa.domain.stock import EMPTY_CELL, CountPreview, FeedOutcome, FeedPosition, StockCell, SupplyDeficit
from promessa.domain.token import flat, merge
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.store import AS_BEFORE, Fed, Positions, Store

REJECTIONS_MAX = DIFFERENCES_MAX = 1_000
"""Rejected counts, and differences, that a snapshot's answer lists; all are counted."""

MORE_UNAVAILABLE = "unavailable_quantity: must not be more than on_hand_quantity"
"""What is wrong with a count that contradicts itself."""

_TAKEN = (FeedOutcome.APPLIED, FeedOutcome.UNCHANGED, FeedOutcome.STALE)

_DELTAS = ("method", "deltas", "reason", "position", "late_deltas")
_CHUNK = ("method", "counts", "as_of", "known", "source_id")
_COUNTS = ("method", "count", "expected_on_hand_quantity", "expected_version", "as_of")
_ADJUST = ("method", "delta", "reason")
_SAFETY = ("method", "sku", "node_id", "safety_stock_quantity")


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of units on hand; `occurred_ms` 0 is now. `problem` says what is wrong with the item, if anything."""

    sku: str
    node_id: str
    units: int
    occurred_ms: int = 0
    problem: str = ""


class Count(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that a snapshot would change."""

    position: int
    sku: str
    node_id: str
    found: CountPreview


@dataclass(slots=True)
class SnapshotReport:
    """What became of a snapshot; of one that was only tried, what would, and in which cells."""

    received: int = 0
    replayed: int = 0
    outcomes: dict[FeedOutcome, int] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    positions: dict[int, int] = field(default_factory=dict)
    changed: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return self.received - sum(self.outcomes.get(outcome, 0) for outcome in _TAKEN)


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
        self,
        request_id: str,
        deltas: Sequence[Delta],
        *,
        reason: str,
        position: FeedPosition | None = None,
        merge_late: bool = False,
    ) -> Fed:
        """Apply a message of changes, in its turn if it has a position; a result for each, in order."""
        values = tuple((d.sku, d.node_id, d.units, d.occurred_ms) for d in deltas)
        place = () if position is None else (position.source_id, position.epoch, position.sequence)
        request = fingerprint(_DELTAS, "ApplyStockDeltas", values, reason, place, merge_late)
        return await self.store.apply_deltas(
            request_id,
            request,
            items=[x for d in deltas for x in (*await self._locate(d.sku, d.node_id, d.problem), d.units)],
            reason=reason,
            occurred_ms=[d.occurred_ms for d in deltas],
            merge_late=merge_late,
            position=position,
        )

    async def import_snapshot(
        self,
        request_id: str,
        as_of_ms: int,
        pages: AsyncIterator[list[Count]],
        *,
        source: str = "",
        dry_run: bool = False,
    ) -> SnapshotReport:
        """Apply a snapshot page by page. Sent again with the same request id, what was applied is not applied twice.

        Its counts are as of one instant, the first attempt's if none is given: whatever way it is cut into messages, and
        whatever is known later, a cell keeps what was sold since. `source` names who counted. With `dry_run` only the report
        is made: what would be changed, as the cells are now. Raises AlreadyExists, InvalidRequest.
        """
        report = SnapshotReport()
        if request_id and not dry_run:
            request = fingerprint(("method", "as_of"), "ImportSnapshot", as_of_ms)
            pinned_ms = await self.store.pin(request_id, request, as_of_ms=as_of_ms)
            as_of_ms = as_of_ms or pinned_ms
        async for page in pages:
            for first in range(0, len(page), DELTAS_MAX):
                chunk = page[first : first + DELTAS_MAX]
                items = await self._count_items(chunk)
                if dry_run:
                    await self._preview_chunk(as_of_ms, chunk, items, report)
                else:
                    await self._import_chunk(request_id, as_of_ms, source, chunk, items, report)
        return report

    async def _count_items(self, chunk: list[Count]) -> list[int]:
        """The counts with indices for ids, flat."""
        node_of, sku_of = self.keeper.catalogue.nodes.index_of, self.keeper.catalogue.skus.index_of
        items: list[int] = []
        for sku, node_id, on_hand, unavailable, safety_stock, problem in chunk:
            node_ix, sku_ix = node_of.get(node_id), sku_of.get(sku)
            problem = problem or (MORE_UNAVAILABLE if unavailable > on_hand else "")
            if problem or node_ix is None or sku_ix is None:
                node_ix, sku_ix = await self._locate(sku, node_id, problem)
            items += (node_ix, sku_ix, on_hand, unavailable, safety_stock)
        return items

    async def _import_chunk(
        self, request_id: str, as_of_ms: int, source: str, chunk: list[Count], items: list[int], report: SnapshotReport
    ) -> None:
        # The same counts with other ids known are another change: what was unknown the first time is applied now.
        known = tuple([node_ix >= 0 for node_ix in items[::5]])
        columns = tuple(zip(*chunk, strict=True))
        said = ("ImportSnapshot", columns, as_of_ms, known)
        request = fingerprint(_CHUNK, *said, source) if source else fingerprint(_CHUNK[:-1], *said)
        chunk_id = f"{request_id}#{request.digest[:8].hex()}" if request_id else ""
        fed = await self.store.apply_counts(chunk_id, request, as_of_ms=as_of_ms, items=items, source=source)
        merge(report.positions, fed.positions)
        report.replayed += len(chunk) if fed.replayed else 0
        _report(report, chunk, [result.outcome for result in fed.results])

    async def _preview_chunk(self, as_of_ms: int, chunk: list[Count], items: list[int], report: SnapshotReport) -> None:
        found = await self.store.preview_counts(as_of_ms=as_of_ms, items=items)
        for at, (count, each) in enumerate(zip(chunk, found, strict=True), report.received):
            if (each.on_hand, each.available) != (each.on_hand_after, each.available_after):
                report.changed += 1
                if len(report.differences) < DIFFERENCES_MAX:
                    report.differences.append(Difference(at, count.sku, count.node_id, each))
        _report(report, chunk, [each.outcome for each in found])

    async def set_on_hand(
        self,
        request_id: str,
        count: Count,
        *,
        expected_on_hand: int,
        expected_version: int,
        as_of_ms: int,
        source: str = "",
    ) -> Changed:
        """Set one cell, optionally only if it is what the caller expects (AS_BEFORE: whatever it is)."""
        value = (count.sku, count.node_id, count.on_hand, count.unavailable, count.safety_stock)
        said = ("SetOnHand", value, expected_on_hand, expected_version, as_of_ms)
        request = fingerprint((*_COUNTS, "source_id"), *said, source) if source else fingerprint(_COUNTS, *said)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            return await self.store.apply_counts(
                request_id,
                request,
                as_of_ms=as_of_ms,
                items=[node_ix, sku_ix, count.on_hand, count.unavailable, count.safety_stock],
                expected_on_hand=expected_on_hand,
                expected_version=expected_version,
                source=source,
            )

        return await self._on_cell(request_id, request, count.sku, count.node_id, send)

    async def adjust(self, request_id: str, delta: Delta, *, reason: str) -> Changed:
        """Change one cell by a delta."""
        value = (delta.sku, delta.node_id, delta.units, delta.occurred_ms)
        request = fingerprint(_ADJUST, "AdjustStock", value, reason)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            return await self.store.apply_deltas(
                request_id,
                request,
                items=[node_ix, sku_ix, delta.units],
                reason=reason,
                occurred_ms=[delta.occurred_ms],
            )

        return await self._on_cell(request_id, request, delta.sku, delta.node_id, send)

    async def set_safety_stock(self, request_id: str, *, sku: str, node_id: str, quantity: int) -> Changed:
        """Set the units of one cell withheld from promising; BY_RULES leaves it to the rules."""
        request = fingerprint(_SAFETY, "SetSafetyStock", sku, node_id, quantity)

        async def send(node_ix: int, sku_ix: int) -> Fed:
            return await self.store.set_safety_stock(
                request_id, request, node_ix=node_ix, sku_ix=sku_ix, quantity=quantity
            )

        return await self._on_cell(request_id, request, sku, node_id, send)

    async def list_deficits(self, *, page_token: str, page_size: int) -> tuple[list[SupplyDeficit], str]:
        """A page of cells that promise more than they have, and the token of the next. Raises InvalidRequest."""
        return await self.store.list_deficits(page_token=page_token, page_size=page_size)

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
            return changed_by(first)
        return changed_by(await send(node_ix, sku_ix))

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
    FeedOutcome.INVALID: MORE_UNAVAILABLE,
    FeedOutcome.CONFLICT: "The cell is not what was expected.",
    FeedOutcome.OVERFLOW: "The quantity is larger than a cell can hold.",
    FeedOutcome.INSUFFICIENT_ON_HAND: "The cell has fewer units on hand.",
    FeedOutcome.TOO_OLD: "What moved the cell since the snapshot is not all remembered. Count it again.",
}


def _report(report: SnapshotReport, chunk: list[Count], outcomes: list[int]) -> None:
    """Count the outcomes of a chunk, and list what was rejected."""
    for outcome, times in Counter(outcomes).items():
        report.outcomes[FeedOutcome(outcome)] = report.outcomes.get(FeedOutcome(outcome), 0) + times
    if not set(outcomes) <= set(_TAKEN):
        for at, (count, each) in enumerate(zip(chunk, outcomes, strict=True), report.received):
            if each not in _TAKEN and len(report.rejections) < REJECTIONS_MAX:
                outcome = FeedOutcome(each)
                detail = count.problem or _DETAILS[outcome].format(count=count)
                report.rejections.append(Rejection(at, count.sku, count.node_id, outcome, detail))
    report.received += len(chunk)


def changed_by(fed: Fed) -> Changed:
    """One cell after a feed of its own."""
    outcome = FeedOutcome(fed.results[0].outcome)
    return Changed(outcome, fed.cell or EMPTY_CELL, fed.positions, fed.replayed)


def positions_of(report: SnapshotReport) -> Positions:
    """What a reader must have seen to see a snapshot."""
    return flat(report.positions)
