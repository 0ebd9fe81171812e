"""Messages of allocation pools to domain values and back, nothing else."""

from __future__ import annotations

from promessa.domain.catalogue import Catalogue
from promessa.domain.pools import Pool
from promessa.server.convert import instant_ms, pool_message
from promessa.store.pool_store import AllocatedPool
from promessa.v1 import allocation_pb2


def pool_of(message: allocation_pb2.AllocationPool) -> Pool:
    """A pool as it is asked for. Raises InvalidFields."""
    gives_back_ms = 0
    if message.HasField("give_back_time"):
        gives_back_ms = max(1, instant_ms(message.give_back_time, "allocation_pool.give_back_time"))
    return Pool(message.channel, message.strategy, message.share_permille, message.quantity, gives_back_ms, 0)


def listed_pool(found: AllocatedPool, catalogue: Catalogue) -> allocation_pb2.AllocationPool:
    """An entry of a listing."""
    return pool_message(found, sku=catalogue.skus.ids[found.sku_ix], node_id=catalogue.nodes.ids[found.node_ix])
