"""Stock confidence: what checks of shelves teach, and what can be expected to be there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from promessa.domain.confidence import Evidence, expected_sellable, weight_of
from promessa.domain.errors import NotFound
from promessa.domain.fingerprint import fingerprint
from promessa.service.availability import Availability
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.confidence_store import Checked, ConfidenceStore, NodeClass


class Check(NamedTuple):
    """Somebody went to a node for units of a sku, and found so many of them. `problem` says what is wrong with it."""

    sku: str
    node_id: str
    looked_for: int
    found: int
    problem: str = ""


class Rejected(NamedTuple):
    """A check that taught nothing, by its position."""

    position: int
    detail: str


class NodeConfidence(NamedTuple):
    """What can be expected of a sku at a node. Weights are thousandths of units."""

    node_id: str
    stock_class: str
    evidence: Evidence
    """As it weighs now."""

    last_check_ms: int
    available: int
    safety_stock: int = 0

    @property
    def expected_sellable(self) -> int:
        """Units that are probably there of those that may be promised."""
        return expected_sellable(self.available, self.evidence.confidence, self.safety_stock)


@dataclass(slots=True)
class Confidence:
    """The use cases of StockConfidenceService. `now_ms` is the wall clock."""

    keeper: CatalogueKeeper
    store: ConfidenceStore
    availability: Availability
    now_ms: Callable[[], int]

    async def record(self, request_id: str, checks: Sequence[Check]) -> tuple[list[Rejected], bool]:
        """Learn from checks; the ones that could not be learned from, and whether it was done before.

        Raises AlreadyExists (REQUEST_ID_REUSED).
        """
        request = fingerprint(("method", "checks"), "RecordStockChecks", tuple(map(tuple, checks)))
        rejected: list[Rejected] = []
        learned: list[Checked] = []
        for position, check in enumerate(checks):
            problem = check.problem
            try:
                if not problem:
                    node_ix, stock_class = await self._node_class(check.sku, check.node_id)
                    sku_ix = await self.keeper.sku_index(check.sku)
                    learned.append(Checked(node_ix, sku_ix, stock_class, *weight_of(check.looked_for, check.found)))
            except NotFound as error:
                problem = error.message
            if problem:
                rejected.append(Rejected(position, problem))
        return rejected, await self.store.add(request_id, request, learned)

    async def of_sku(self, sku: str, node_ids: Sequence[str]) -> list[NodeConfidence]:
        """What can be expected of a sku at the nodes named; at every node that has some when none is named.

        Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND).
        """
        await self.keeper.sku_index(sku)
        for node_id in node_ids:
            await self.keeper.node_index(node_id)
        asked = await self.availability.explain(sku, node_ids)
        found = [each for each in asked if node_ids or each.promise.enough_for]
        wanted = [await self._node_class(sku, each.node_id) for each in found]
        now_ms = self.now_ms()
        return [
            NodeConfidence(
                each.node_id,
                name,
                evidence.at(now_ms),
                evidence.at_ms,
                each.promise.available,
                each.cell.safety_stock if each.cell else 0,
            )
            for each, (_, name), evidence in zip(found, wanted, await self.store.read(wanted), strict=True)
        ]

    async def _node_class(self, sku: str, node_id: str) -> NodeClass:
        node_ix = await self.keeper.node_index(node_id)
        await self.keeper.sku_index(sku)
        return node_ix, self.keeper.catalogue.skus.by_id[sku].stock_class
