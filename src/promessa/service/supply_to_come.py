"""What orders may wait for: nodes on the days on which inbound supply comes to them, read from the store.

Only where stock does not serve an order is this looked at. First the skus that are short are looked for at all nodes that may
serve; the other lines are then read at the nodes and days found, for what leaves there on that day can leave together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from promessa.domain.catalogue import NodeState
from promessa.domain.claim import NOBODY, claim_of
from promessa.domain.kinds import NO_DAY, UNKNOWN_DAY
from promessa.domain.limits import HORIZON_DAYS_MAX, PLACES_MAX, SUPPLY_DAYS_MAX, SUPPLY_NODES_MAX
from promessa.domain.sourcing import Order
from promessa.domain.stock import SupplyMode
from promessa.domain.waiting import Waiting, waiting_days
from promessa.service.joined_network import NodeDay
from promessa.service.method_safety import MethodSafety
from promessa.service.supply import Supply
from promessa.store.supply_store import CellSupply

WAIT_DAY_MICROS = 500_000
"""What a day of waiting for supply costs in patience, in micros, for each shipment: as a shipment more for four days."""

Cells = Mapping[tuple[int, int], Sequence[Waiting]]
"""By node and sku: what can be promised from which day on."""


@dataclass(slots=True)
class SupplyToCome:
    """Reads supply for orders that may wait."""

    supply: Supply

    async def cells(
        self, order: Order, node_ixs: Iterable[int], short: Mapping[int, int], skus: Iterable[int]
    ) -> Cells:
        """What can be promised of skus by day, from NO_DAY on what is in stock, where any of those that are `short` (sku: units
        wanted) is to come."""
        nodes = [node_ix for node_ix in node_ixs if self._takes_orders(node_ix)]
        wanted = [(node_ix, sku_ix) for sku_ix in short for node_ix in nodes][:PLACES_MAX]
        found = {cell: days for cell, days in (await self._read(order, wanted)).items() if len(days) > 1}
        at = sorted({node_ix for node_ix, _ in found})
        others = [(node_ix, sku_ix) for sku_ix in skus if sku_ix not in short for node_ix in at][:PLACES_MAX]
        return {**found, **await self._read(order, others)}

    def node_days(self, cells: Cells, short: Mapping[int, int]) -> list[NodeDay]:
        """The nodes and days worth waiting for: of each node the days on which more of what is short is there, until it is
        enough; in all the earliest SUPPLY_NODES_MAX, by node and day."""
        days: dict[int, set[int]] = {}
        for (node_ix, sku_ix), steps in cells.items():
            for day, units in steps[1:] if sku_ix in short else ():
                days.setdefault(node_ix, set()).add(day)
                if units >= short[sku_ix]:
                    break
        pairs = [(day, node_ix) for node_ix, each in days.items() for day in sorted(each)[:SUPPLY_DAYS_MAX]]
        chosen = sorted(pairs)[:SUPPLY_NODES_MAX]
        return sorted(self.on_day(node_ix, day) for day, node_ix in chosen)

    async def at(self, cells: Iterable[tuple[int, int]], order: Order) -> Cells:
        """What can be promised of cells by day, from NO_DAY on what is in stock."""
        return await self._read(order, sorted(cells))

    def on_day(self, node_ix: int, day: int) -> NodeDay:
        """A node once the supply of a day has come."""
        return NodeDay(node_ix, day, self._patience(node_ix, day))

    def _patience(self, node_ix: int, day: int) -> int:
        """What waiting until a day costs; a day that nobody knows is as far as anybody plans."""
        days = HORIZON_DAYS_MAX if day == UNKNOWN_DAY else day - self.supply.today(node_ix)
        return WAIT_DAY_MICROS * max(0, days)

    def _takes_orders(self, node_ix: int) -> bool:
        return self.supply.keeper.catalogue.node_states.get(node_ix) in (NodeState.ACTIVE, NodeState.FULL)

    async def _read(self, order: Order, cells: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[Waiting]]:
        """What can be promised of cells by day."""
        if not cells:
            return {}
        claimed = claim_of(order.channel) != NOBODY
        supplies = await self.supply.store.read_supply(cells, with_pools=claimed)
        return {cell: self._days(order, *cell, each) for cell, each in zip(cells, supplies, strict=True)}

    def _days(self, order: Order, node_ix: int, sku_ix: int, found: CellSupply) -> list[Waiting]:
        catalogue, cell, claim = self.supply.keeper.catalogue, found.cell, claim_of(order.channel)
        if cell.mode != SupplyMode.STOCKED:
            return [Waiting(NO_DAY, cell.free)]  # as much as anybody wants
        free = cell.available
        if claim != NOBODY:
            free = MethodSafety(catalogue).available(cell, found.pools, node_ix, sku_ix, claim)
        if catalogue.node_states.get(node_ix) == NodeState.FULL:
            free = 0  # what is in stock is today's work
        today = self.supply.today(node_ix)
        days = waiting_days(
            max(0, free),
            found.inbound if order.ways.future_supply else (),
            balance=cell.free,
            today=today,
            policy=self.supply.overdue_policy,
            preorder_limit=found.preorder_limit,
            allowance=found.allowance,
            backorder=order.ways.backorder,
        )
        return [Waiting(NO_DAY, max(0, free)), *days]


def units_by(days: Sequence[Waiting], day: int) -> int:
    """Units that can be promised for a day."""
    return max((units for from_day, units in days if from_day <= day), default=0)
