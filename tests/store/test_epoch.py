"""The epoch of a data set rises when its store is another process, once, whoever notices."""

from __future__ import annotations

import asyncio

from serving import PARTITIONS
from topologies import Topology

from promessa.server.store_connection import connect
from promessa.store.epoch import current_epoch
from promessa.store.functions import open_data_set


async def test_a_store_that_was_started_again_has_another_epoch_whoever_notices(stores: Topology) -> None:
    node = stores.node()
    clients = [connect(node.url) for _ in range(8)]
    meta = (await open_data_set(clients[0], namespace="test", partitions=PARTITIONS, new_id="test")).meta
    assert set(await asyncio.gather(*[current_epoch(client, meta) for client in clients])) == {1}
    for expected in (2, 3):
        node.kill()
        node.start()
        await asyncio.gather(*[client.connection_pool.disconnect() for client in clients])
        assert set(await asyncio.gather(*[current_epoch(client, meta) for client in clients])) == {expected}
    for client in clients:
        await client.aclose()
