"""A data set in a cluster: all of it in one slot, so that any basket is one atomic call of one shard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from store_kit import Shop, check_books, granted, refused
from topologies import Node, Topology, insist, is_in_step, primary_of, slots_of, until

from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys
from promessa.store.replica_source import ReplicaSource
from promessa.store.store import Store

PARTITIONS = 16
OpenShop = Callable[[str, list[Node]], Coroutine[Any, Any, Shop]]


@pytest.fixture
async def open_shop() -> AsyncIterator[OpenShop]:
    """Opens the shop of a namespace."""
    async with AsyncExitStack() as undo:

        async def opened(namespace: str, nodes: list[Node]) -> Shop:
            redis = connect(url_of(nodes), namespace=namespace)
            keys = await open_data_set(redis, namespace=namespace, partitions=PARTITIONS, new_id="test")
            shop = Shop(Store(redis, keys, GroupCommit(redis.connection_pool, keys.all_cells())))
            undo.push_async_callback(shop.store.close)
            return shop

        yield opened


def url_of(nodes: list[Node]) -> str:
    return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)


def test_all_keys_of_a_data_set_are_in_one_slot() -> None:
    keys = Keys("shop", PARTITIONS)
    per_partition = [each(p) for p in range(PARTITIONS + 1) for each in (keys.cells, keys.res, keys.due, keys.log)]
    assert len({key_slot(key.encode()) for key in (keys.meta, keys.fence, *per_partition)}) == 1


async def test_a_basket_over_all_partitions_is_one_atomic_call(stores: Topology, open_shop: OpenShop) -> None:
    nodes = stores.cluster()
    shop = await open_shop("test", nodes)
    for node in range(PARTITIONS):
        await shop.count(node, 0, 5)
    everywhere = [(node, 0, 3) for node in range(PARTITIONS)]
    assert granted(await shop.hold("hold-0001", *everywhere)) == [3] * PARTITIONS
    assert refused(await shop.hold("hold-0002", (0, 0, 1), (1, 0, 3)))
    assert (await shop.cell(0, 0)).held == 3
    redis = connect(url_of(nodes), namespace="test")
    await check_books(redis, shop.store.keys)
    await redis.aclose()
    home = primary_of(shop.store.keys.meta, nodes)
    assert [node.client.dbsize() > 0 for node in nodes] == [node is home for node in nodes]


async def test_namespaces_spread_over_the_shards(stores: Topology, open_shop: OpenShop) -> None:
    nodes = stores.cluster()
    names = {primary_of(Keys(name, 1).meta, nodes).port: name for name in (f"shop-{n}" for n in range(50))}
    assert len(names) == len(nodes)
    for name in names.values():
        shop = await open_shop(name, nodes)
        await shop.count(0, 0, 5)
        await shop.hold("hold-0001", (0, 0, 1))
    assert all(node.client.dbsize() > 0 for node in nodes)


async def test_everybody_goes_on_with_the_new_primary_after_a_failover(stores: Topology, open_shop: OpenShop) -> None:
    nodes = stores.cluster()
    home = primary_of(Keys("test", PARTITIONS).meta, nodes)
    replica = stores.cluster_replica_of(home, nodes)
    shop = await open_shop("test", nodes)
    redis, tail = connect(url_of(nodes), namespace="test"), connect(url_of(nodes), namespace="test")
    source = ReplicaSource(redis, tail.connection_pool, shop.store.keys)
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 3))
    epoch = await source.epoch()
    until(lambda: is_in_step(replica, home), "the last change")

    replica.client.execute_command("CLUSTER FAILOVER")
    until(lambda: home.info("replication")["role"] == "slave", "the old primary's demotion")
    await insist(lambda: shop.hold("hold-0002", (0, 0, 4)))
    assert (await insist(lambda: shop.cell(0, 0))).held == 7
    assert (await shop.hold("hold-0001", (0, 0, 3))).replayed
    assert await insist(source.epoch) == epoch + 1
    await source.close()


async def test_a_slot_that_moves_takes_its_data_set_along(stores: Topology, open_shop: OpenShop) -> None:
    nodes = stores.cluster()
    shop = await open_shop("test", nodes)
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 3))
    home = primary_of(shop.store.keys.meta, nodes)
    move_slot(key_slot(shop.store.keys.meta.encode()), home, next(node for node in nodes if node is not home), nodes)
    await insist(lambda: shop.hold("hold-0002", (0, 0, 4)))
    assert (await insist(lambda: shop.cell(0, 0))).held == 7


async def test_a_shard_serves_while_another_is_missing(stores: Topology, open_shop: OpenShop) -> None:
    nodes = stores.cluster()
    home = primary_of(Keys("test", PARTITIONS).meta, nodes)
    for node in nodes:
        node.client.config_set("cluster-require-full-coverage", "no")
    lost = next(i for i, node in enumerate(nodes) if node is not home)
    home.client.execute_command("CLUSTER DELSLOTSRANGE", *slots_of(lost, len(nodes)))
    shop = await open_shop("test", [home])
    await shop.count(0, 0, 10)


async def test_an_instance_is_no_cluster(stores: Topology) -> None:
    redis = connect(url_of([stores.node()]), namespace="test")
    with pytest.raises(RedisConnectionError, match="Cluster mode is not enabled"):
        await redis.ping()
    await redis.aclose()


def move_slot(slot: int, source: Node, target: Node, nodes: list[Node]) -> None:
    of_source, of_target = (node.client.execute_command("CLUSTER MYID") for node in (source, target))
    target.client.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", of_source)
    source.client.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", of_target)
    for key in source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 10_000):
        source.client.execute_command("MIGRATE", "127.0.0.1", target.port, key, 0, 10_000)
    for node in (target, source, *nodes):
        node.client.execute_command("CLUSTER SETSLOT", slot, "NODE", of_target)
