"""A store named by its sentinels: connections go to the primary, and to the next one after a failover."""

from __future__ import annotations

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from serving import PARTITIONS
from store_kit import Shop
from topologies import SERVICE, Topology, insist, is_in_step, until

from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.replica_source import ReplicaSource
from promessa.store.store import Store

BEGINNING = [0] * (PARTITIONS + 1)


async def open_shop(url: str) -> Shop:
    redis = connect(url)
    keys = await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
    return Shop(Store(redis, keys, GroupCommit(redis.connection_pool, keys.all_cells())))


async def test_everybody_goes_on_with_the_new_primary_after_a_failover(stores: Topology) -> None:
    primary = stores.node()
    replica = stores.replica_of(primary)
    dead, alive = stores.sentinel(primary), stores.sentinel(primary)
    dead.end()
    url = f"redis+sentinel://127.0.0.1:{dead.port},127.0.0.1:{alive.port}/{SERVICE}"
    shop = await open_shop(url)
    source = ReplicaSource(connect(url), connect(url).connection_pool, shop.store.keys)
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 3))
    epoch = await source.epoch()
    assert len((await source.read_log(BEGINNING, 10))[0]) == 2
    until(lambda: is_in_step(replica, primary), "the last change")

    alive.fail_over()
    until(lambda: primary.info("replication")["role"] == "slave", "the old primary's demotion")
    await insist(lambda: shop.hold("hold-0002", (0, 0, 4)))
    assert (await insist(lambda: shop.cell(0, 0))).held == 7
    assert (await shop.hold("hold-0001", (0, 0, 3))).replayed
    assert shop.store.epoch == epoch + 1, "a token of before stands for nothing now, and this one for the new change"
    assert await insist(source.epoch) == epoch + 1
    await source.reconnect_tail()
    assert len((await source.read_log(BEGINNING, 10))[0]) == 3

    await source.close()
    await shop.store.close()


async def test_a_replica_is_not_taken_for_the_primary(stores: Topology) -> None:
    """A sentinel may not know yet that another node was made primary."""
    node = stores.node()
    sentinel = stores.sentinel(node)
    redis = connect(f"redis+sentinel://127.0.0.1:{sentinel.port}/{SERVICE}")
    await insist(redis.ping)
    await redis.connection_pool.disconnect()
    node.client.replicaof("127.0.0.1", "1")
    with pytest.raises(RedisConnectionError, match="is a replica"):
        await redis.ping()
    await redis.aclose()


async def test_sentinels_that_watch_no_such_service_are_no_store(stores: Topology) -> None:
    sentinel = stores.sentinel(stores.node())
    redis = connect(f"redis+sentinel://127.0.0.1:{sentinel.port}/another")
    with pytest.raises(RedisConnectionError, match="No master found for 'another'"):
        await redis.ping()
    await redis.aclose()
