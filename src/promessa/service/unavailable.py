"""Units that cannot be sold: from one reason to another, and which cells have any."""

from __future__ import annotations

from dataclasses import dataclass

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.fingerprint import fingerprint
from promessa.domain.unavailable import COMMON_REASONS, SELLABLE, Reasons
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.unavailable_store import Reclassified, UnavailableStore

_RECLASSIFY = ("method", "sku", "node_id", "quantity", "from_reason", "to_reason")


@dataclass(slots=True)
class Unavailable:
    """The use cases of InventoryService about reasons."""

    keeper: CatalogueKeeper
    store: UnavailableStore

    async def reclassify(
        self, request_id: str, *, sku: str, node_id: str, units: int, from_reason: str, to_reason: str
    ) -> Reclassified:
        """Units of one reason to another. Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND), InvalidRequest, AlreadyExists."""
        request = fingerprint(_RECLASSIFY, "ReclassifyStock", sku, node_id, units, from_reason, to_reason)
        try:
            node_ix, sku_ix = await self.keeper.node_index(node_id), await self.keeper.sku_index(sku)
            await self._check("to_reason", to_reason)
            if from_reason == to_reason:
                raise _wrong("to_reason", "must be another reason than from_reason")
        except (NotFound, InvalidRequest):
            first = await self.store.recall(request_id, request)
            if first is None:
                raise
            return first
        return await self.store.reclassify(
            request_id,
            request,
            node_ix=node_ix,
            sku_ix=sku_ix,
            units=units,
            from_reason=from_reason,
            to_reason=to_reason,
        )

    async def _check(self, field: str, reason: str) -> None:
        known = self.keeper.catalogue.unavailable_reasons.by_id
        if reason in (SELLABLE, *COMMON_REASONS) or reason in known:
            return
        if not await self.keeper.refresh("unavailable_reason", reason):
            raise _wrong(field, f"must be one of {', '.join(COMMON_REASONS)}, or a reason put before")

    async def list_page(
        self, *, page_token: str, page_size: int, node_id: str, reason: str
    ) -> tuple[list[tuple[int, int, Reasons]], str]:
        """A page of cells with their reasons, and the token of the next. Raises NotFound, InvalidRequest."""
        node_ix = await self.keeper.node_index(node_id) if node_id else None
        cells, token = await self.store.page(page_token, page_size)
        kept = [
            (node, sku, tuple(each for each in reasons if reason in ("", each[0])))
            for node, sku, reasons in cells
            if node_ix in (None, node)
        ]
        return [cell for cell in kept if cell[2]], token


def _wrong(field: str, rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)
