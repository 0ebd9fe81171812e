"""How full the day of a node is, looked up now and then: for nodes where that costs something (see Node.load_cost_micros), and
for all while an active policy asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from promessa.domain.capacity import LOAD_MAX, CapacityUse
from promessa.domain.catalogue import Node
from promessa.domain.policy import Fact, asks_for
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.capacity_store import CapacityStore
from promessa.store.catalogue_history import CatalogueHistory

_EPOCH_ORDINAL = datetime(1970, 1, 1).toordinal()


@dataclass(slots=True)
class NodeLoads:
    """Keeps the loads of the catalogue, and in the store for decisions that are explained later.

    Where no load counts the store is not asked. `now_ms` is the wall clock.
    """

    keeper: CatalogueKeeper
    store: CapacityStore
    history: CatalogueHistory
    now_ms: Callable[[], int]

    async def look(self) -> None:
        """Take over the loads as they are now. Raises Unavailable (STORE_UNAVAILABLE)."""
        catalogue = self.keeper.catalogue
        deciding = [*catalogue.policy_versions.by_id.values(), *catalogue.shadows.values()]
        asked = any(asks_for(each.policy, Fact.FREE_CAPACITY_PERCENT) for each in deciding)
        nodes = [node for node in catalogue.nodes.by_id.values() if asked or node.load_cost_micros]
        indices = [catalogue.nodes.index_of[node.node_id] for node in nodes]
        uses = await self.store.read_all(indices) if indices else []
        now = self.now_ms()
        loads = {ix: load_of(node, use, now) for ix, node, use in zip(indices, nodes, uses, strict=True)}
        found = {ix: load for ix, load in loads.items() if load}
        if found != catalogue.loads:
            catalogue.set_loads(found, await self.history.keep_loads(found) if found else "")


def load_of(node: Node, use: CapacityUse, now_ms: int) -> int:
    """What is taken of the capacity of the day for which a node takes orders now, in per cent; 0 without a capacity."""
    capacity = use.capacity
    return min(LOAD_MAX, taken_today(node, use, now_ms) * 100 // capacity.limit) if capacity else 0


def taken_today(node: Node, use: CapacityUse, now_ms: int) -> int:
    """What is taken of the day for which a node with a capacity takes orders now."""
    assert use.capacity is not None
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(node.time_zone or "UTC"))
    past = node.cutoff_minute is not None and local.hour * 60 + local.minute >= node.cutoff_minute
    day = local.toordinal() - _EPOCH_ORDINAL + past
    while not use.capacity.weekdays >> (day + 3) % 7 & 1:  # 1970-01-01 was a Thursday
        day += 1
    return next((each.taken for each in use.days if each.day == day), 0)
