"""InventoryService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from promessa.domain.audit import AuditReport
from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.stock import FeedOutcome
from promessa.domain.token import make_token, parse_whole, whole
from promessa.server import metrics, validate
from promessa.server.convert import (
    as_of_ms,
    cell_message,
    count_of,
    deficit_message,
    delta_of,
    difference_message,
    feed_result,
    fill_place,
    pool_message,
    position_of,
    unavailable_messages,
)
from promessa.server.convert_pools import listed_pool, pool_of
from promessa.server.paging import page_position, page_token
from promessa.server.snapshot_page import SnapshotPage, page_of
from promessa.service.audit import Audit
from promessa.service.inventory import Changed, Count, Inventory, changed_by, positions_of
from promessa.service.pools import Pools
from promessa.service.repair import Repairs
from promessa.service.unavailable import Unavailable
from promessa.store.store import AS_BEFORE, BY_RULES
from promessa.v1 import inventory_pb2
from promessa.v1 import inventory_service_pb2 as messages

VIOLATIONS_DEFAULT = 100


class InventoryServicer:
    """The methods of InventoryService."""

    def __init__(
        self, inventory: Inventory, unavailable: Unavailable, pools: Pools, audit: Audit, repairs: Repairs
    ) -> None:
        self._inventory = inventory
        self._unavailable = unavailable
        self._pools = pools
        self._audit = audit
        self._repairs = repairs

    async def ApplyStockDeltas(
        self, requests: AsyncIterator[messages.ApplyStockDeltasRequest], context: Any
    ) -> AsyncIterator[messages.ApplyStockDeltasResponse]:
        async for request in requests:
            problems = validate.item_problems(request, "deltas")
            deltas = [delta_of(each, _delta_problem(each, problems.get(i))) for i, each in enumerate(request.deltas)]
            fed = await self._inventory.apply_deltas(
                request.request_id,
                deltas,
                reason=request.reason,
                position=position_of(request.position) if request.HasField("position") else None,
                merge_late=request.late_deltas == inventory_pb2.LATE_DELTAS_MERGE,
            )
            answer = messages.ApplyStockDeltasResponse(
                request_id=request.request_id,
                results=[feed_result(result) for result in fed.results],
                token=self._token(fed.positions),
                replayed=fed.replayed,
            )
            if fed.place is not None:
                metrics.FEED_MESSAGES.labels(fed.place.outcome.name).inc()
                fill_place(answer, fed.place, received_sequence=request.position.sequence)
            yield answer

    async def ImportSnapshot(
        self, requests: AsyncIterator[SnapshotPage | messages.ImportSnapshotRequest], context: Any
    ) -> messages.ImportSnapshotResponse:
        request = await anext(aiter(requests), None)
        if request is None:
            raise validate.InvalidFields([("counts", "a snapshot needs at least one message")])
        first = page_of(request)
        report = await self._inventory.import_snapshot(
            first.request_id, first.as_of_ms, _counts(first, requests), source=first.source_id, dry_run=first.dry_run
        )
        return messages.ImportSnapshotResponse(
            received_count=report.received,
            applied_count=report.outcomes.get(FeedOutcome.APPLIED, 0),
            unchanged_count=report.outcomes.get(FeedOutcome.UNCHANGED, 0),
            stale_count=report.outcomes.get(FeedOutcome.STALE, 0),
            rejected_count=report.rejected,
            rejections=[
                messages.RejectedCount(
                    position=x.position, sku=x.sku, node_id=x.node_id, outcome=int(x.outcome), detail=x.detail
                )
                for x in report.rejections
            ],
            token=self._token(positions_of(report)),
            replayed_count=report.replayed,
            changed_count=report.changed,
            differences=[difference_message(x) for x in report.differences],
        )

    async def SetOnHand(self, request: messages.SetOnHandRequest, context: Any) -> messages.SetOnHandResponse:
        validate.check(request)
        count = count_of(request.count)
        if count.unavailable > count.on_hand:
            raise validate.InvalidFields([("count.unavailable_quantity", "must not be more than on_hand_quantity")])
        changed = await self._inventory.set_on_hand(
            request.request_id,
            count,
            expected_on_hand=_optional(request, "expected_on_hand_quantity"),
            expected_version=_optional(request, "expected_version"),
            as_of_ms=as_of_ms(request),
            source=request.source_id,
        )
        return messages.SetOnHandResponse(**self._changed(changed, count.sku, count.node_id))

    async def AdjustStock(self, request: messages.AdjustStockRequest, context: Any) -> messages.AdjustStockResponse:
        validate.check(request)
        if not request.delta.delta_quantity:
            raise validate.InvalidFields([("delta.delta_quantity", "must not be zero")])
        delta = delta_of(request.delta)
        changed = await self._inventory.adjust(request.request_id, delta, reason=request.reason)
        return messages.AdjustStockResponse(**self._changed(changed, delta.sku, delta.node_id))

    async def SetSafetyStock(
        self, request: messages.SetSafetyStockRequest, context: Any
    ) -> messages.SetSafetyStockResponse:
        validate.check(request)
        quantity = BY_RULES if request.follow_rules else request.safety_stock_quantity
        if request.follow_rules and request.safety_stock_quantity:
            raise validate.InvalidFields([("safety_stock_quantity", "must be 0 with follow_rules")])
        changed = await self._inventory.set_safety_stock(
            request.request_id, sku=request.sku, node_id=request.node_id, quantity=quantity
        )
        return messages.SetSafetyStockResponse(**self._changed(changed, request.sku, request.node_id))

    async def ReclassifyStock(
        self, request: messages.ReclassifyStockRequest, context: Any
    ) -> messages.ReclassifyStockResponse:
        validate.check(request)
        found = await self._unavailable.reclassify(
            request.request_id,
            sku=request.sku,
            node_id=request.node_id,
            units=request.quantity,
            from_reason=request.from_reason,
            to_reason=request.to_reason,
        )
        return messages.ReclassifyStockResponse(
            **self._changed(changed_by(found.fed), request.sku, request.node_id),
            unavailable=unavailable_messages(found.reasons, found.fed.cell.unavailable),
        )

    async def ListUnavailableStock(
        self, request: messages.ListUnavailableStockRequest, context: Any
    ) -> messages.ListUnavailableStockResponse:
        validate.check(request)
        cells, token = await self._unavailable.list_page(
            page_token=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
            node_id=request.node_id,
            reason=request.reason,
        )
        catalogue = self._unavailable.keeper.catalogue
        return messages.ListUnavailableStockResponse(
            cells=[
                messages.UnavailableStock(
                    sku=catalogue.skus.ids[sku_ix],
                    node_id=catalogue.nodes.ids[node_ix],
                    unavailable=unavailable_messages(reasons),
                )
                for node_ix, sku_ix, reasons in cells
            ],
            next_page_token=page_token(request, token),
        )

    async def SetAllocationPool(
        self, request: messages.SetAllocationPoolRequest, context: Any
    ) -> messages.SetAllocationPoolResponse:
        validate.check(request)
        asked = request.allocation_pool
        changed = await self._pools.set(request.request_id, sku=asked.sku, node_id=asked.node_id, pool=pool_of(asked))
        return messages.SetAllocationPoolResponse(
            allocation_pool=pool_message(changed.allocated, sku=asked.sku, node_id=asked.node_id),
            token=self._token(changed.positions),
            replayed=changed.replayed,
        )

    async def ReallocatePool(
        self, request: messages.ReallocatePoolRequest, context: Any
    ) -> messages.ReallocatePoolResponse:
        validate.check(request)
        moved = await self._pools.reallocate(
            request.request_id,
            sku=request.sku,
            node_id=request.node_id,
            from_channel=request.from_channel,
            to_channel=request.to_channel,
            units=request.quantity,
        )
        done, refused = messages.REALLOCATE_OUTCOME_REALLOCATED, messages.REALLOCATE_OUTCOME_REFUSED
        return messages.ReallocatePoolResponse(
            outcome=done if moved.moved else refused,
            available_quantity=moved.available,
            token=self._token(moved.positions),
            replayed=moved.replayed,
        )

    async def ListAllocationPools(
        self, request: messages.ListAllocationPoolsRequest, context: Any
    ) -> messages.ListAllocationPoolsResponse:
        validate.check(request)
        page, token = await self._pools.list_page(
            page_token=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
            sku=request.sku,
            node_id=request.node_id,
            channel=request.channel,
        )
        catalogue = self._pools.keeper.catalogue
        return messages.ListAllocationPoolsResponse(
            allocation_pools=[listed_pool(each, catalogue) for each in page], next_page_token=page_token(request, token)
        )

    async def ListSupplyDeficits(
        self, request: messages.ListSupplyDeficitsRequest, context: Any
    ) -> messages.ListSupplyDeficitsResponse:
        validate.check(request)
        found, following = await self._inventory.list_deficits(
            page_token=page_position(request), page_size=request.page_size or PAGE_SIZE_DEFAULT
        )
        catalogue = self._inventory.keeper.catalogue
        return messages.ListSupplyDeficitsResponse(
            deficits=[deficit_message(each, catalogue) for each in found],
            next_page_token=page_token(request, following),
        )

    async def CheckInvariants(
        self, request: messages.CheckInvariantsRequest, context: Any
    ) -> messages.CheckInvariantsResponse:
        validate.check(request)
        epoch = self._inventory.store.epoch
        report = await self._audit.run(
            violations_max=request.max_violations or VIOLATIONS_DEFAULT,
            since=_since(request.since_token, epoch, self._inventory.store.keys.partitions),
        )
        return messages.CheckInvariantsResponse(
            ok=report.violation_count == 0,
            cell_count=report.cell_count,
            reservation_count=report.reservation_count,
            event_count=report.event_count,
            violation_count=report.violation_count,
            violations=_violations(report),
            deficit_cell_count=report.deficit_cell_count,
            token=whole(epoch, report.positions),
        )

    async def Repair(self, request: messages.RepairRequest, context: Any) -> messages.RepairResponse:
        validate.check(request)
        report, repairs = await self._repairs.run(
            request.request_id, apply=request.apply, violations_max=VIOLATIONS_DEFAULT
        )
        return messages.RepairResponse(
            repairs=[
                messages.RepairEntry(
                    invariant=x.invariant, subject=x.subject, before=x.before, after=x.after, outcome=int(x.outcome)
                )
                for x in repairs
            ],
            violation_count=report.violation_count,
            violations=_violations(report),
        )

    def _token(self, positions: Any) -> str:
        return make_token(self._inventory.store.epoch, positions)

    def _changed(self, changed: Changed, sku: str, node_id: str) -> dict[str, Any]:
        return {
            "outcome": int(changed.outcome),
            "cell": cell_message(changed.cell, sku=sku, node_id=node_id),
            "token": self._token(changed.positions),
            "replayed": changed.replayed,
        }


async def _counts(first: SnapshotPage, rest: AsyncIterator[Any]) -> AsyncIterator[list[Count]]:
    """The counts of every message of a snapshot, bad ones marked."""
    yield first.counts
    async for request in rest:
        page = page_of(request)
        for field, same in (
            ("request_id", page.request_id == first.request_id),
            ("as_of", page.as_of_ns == first.as_of_ns),
            ("source_id", page.source_id == first.source_id),
        ):
            if not same:
                raise validate.InvalidFields([(field, "must be the same in every message of a snapshot")])
        yield page.counts


def _delta_problem(delta: inventory_pb2.StockDelta, found: str | None) -> str:
    return found or ("" if delta.delta_quantity else "delta_quantity: must not be zero")


def _optional(request: Any, field: str) -> int:
    return getattr(request, field) if request.HasField(field) else AS_BEFORE


def _violations(report: AuditReport) -> list[messages.Violation]:
    return [messages.Violation(invariant=x.invariant, subject=x.subject, detail=x.detail) for x in report.violations]


def _since(token: str, epoch: int, partitions: int) -> list[int] | None:
    """The sequences that an audit goes on from, None for an audit of everything. Raises InvalidRequest (INVALID_TOKEN)."""
    if not token:
        return None
    found = parse_whole(token, partitions)
    if found is None:
        raise InvalidRequest(
            "INVALID_TOKEN", "The since_token is none that CheckInvariants gave. Send one as it was answered, or none."
        )
    return found[1] if found[0] == epoch else None
