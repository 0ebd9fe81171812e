"""What rules of safety stock withhold from a fulfilment method, and cells as a claim sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import Claim
from promessa.domain.pools import Pool
from promessa.domain.safety_stock import safety_stock
from promessa.domain.stock import StockCell, SupplyMode
from promessa.store.pool_store import cell_pools


@dataclass(frozen=True, slots=True)
class MethodSafety:
    """The rules of fulfilment methods, as this process knows them. `lua/safety.lua` has the same arithmetic."""

    catalogue: Catalogue

    def has_rules(self, method: str) -> bool:
        """Whether anything is withheld from a method."""
        return bool(method) and any(
            rule.fulfillment_method == method for rule in self.catalogue.safety_rules.by_id.values()
        )

    def kept(self, cell: StockCell, node_ix: int, sku_ix: int, method: str) -> int:
        """Units withheld from a method at a cell beyond its safety stock."""
        if not self.has_rules(method) or cell.mode != SupplyMode.STOCKED:
            return 0
        nodes, groups = self.catalogue.nodes, self.catalogue.node_groups.by_id
        withheld = safety_stock(
            self.catalogue.safety_rules.by_id.values(),
            self.catalogue.skus.ids[sku_ix],
            nodes.ids[node_ix],
            cell.on_hand,
            lambda node_id, group_id: group_id in groups and node_id in groups[group_id].node_ids,
            method=method,
        )
        return max(0, withheld - cell.safety_stock)

    def available(self, cell: StockCell, pools: Sequence[Pool], node_ix: int, sku_ix: int, claim: Claim) -> int:
        """Units of a cell that can be promised to a claim. Pools that gave back were closed before the cell was read, so no
        clock is needed."""
        units = cell_pools(cell, pools).available(claim.channel, now_ms=0)
        return max(0, min(units, cell.free - self.kept(cell, node_ix, sku_ix, claim.method)))

    def as_seen(
        self, cell: StockCell | None, pools: Sequence[Pool], node_ix: int, sku_ix: int, claim: Claim
    ) -> StockCell | None:
        """The cell as a claim sees it: with its method's rules for safety stock, and only what pools keep from it."""
        if cell is None or cell.mode != SupplyMode.STOCKED:
            return cell
        kept = self.kept(cell, node_ix, sku_ix, claim.method)
        if not pools and not kept:
            return cell
        kept = min(kept, max(0, cell.free))  # of what is promised already nothing is withheld
        left = max(0, cell.free - kept)
        fenced = left - self.available(cell, pools, node_ix, sku_ix, claim) if pools else None
        return replace(cell, safety_stock=cell.safety_stock + kept, ring_fenced=fenced)
