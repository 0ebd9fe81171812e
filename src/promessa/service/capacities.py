"""What nodes take on in a day: the node's own clock with its capacity, and what is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promessa.domain.capacity import Capacity, CapacityUse
from promessa.domain.catalogue import Node
from promessa.domain.errors import NotFound
from promessa.domain.fingerprint import fingerprint
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.network import clock_of
from promessa.store import catalogue_codec
from promessa.store.capacity_store import CapacityStore

_SET = ("method", "node_id", "capacity")


@dataclass(slots=True)
class Capacities:
    """The use cases of NetworkService about daily capacities. `now_ms` is the wall clock."""

    keeper: CatalogueKeeper
    store: CapacityStore
    now_ms: Callable[[], int]

    async def set(self, request_id: str, node_id: str, capacity: Capacity | None) -> bool:
        """Set what a node takes on in a day; whether this is a replay. Raises NotFound (NODE_NOT_FOUND), AlreadyExists."""
        values = capacity and (capacity.limit, int(capacity.unit), int(capacity.on_full), capacity.weekdays)
        request = fingerprint(_SET, "SetNodeCapacity", node_id, values)
        seen = b""
        while True:  # until nobody has put the node between this look at it and the store's
            node = catalogue_codec.decode("node", seen) if seen else Node(node_id)
            assert isinstance(node, Node)
            found = await self.store.set_capacity(
                request_id,
                request,
                node_id=node_id,
                seen=seen,
                capacity=capacity,
                clock=clock_of(node, self.now_ms()),
            )
            if found is None:
                raise NotFound(
                    "NODE_NOT_FOUND", f"There is no node {node_id!r}. Put it first, or correct the id.", node_id=node_id
                )
            if found.changed is None:
                return found.replayed
            seen = found.changed

    async def get(self, node_id: str) -> CapacityUse:
        """What a node takes on in a day, and what is taken. Raises NotFound (NODE_NOT_FOUND)."""
        return await self.store.read(await self.keeper.node_index(node_id))
