"""Durability ha: a change is answered once the disks of replicas have it, and in doubt when they do not say so."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from serving import PARTITIONS
from store_kit import ANY, Shop
from topologies import SERVICE, Topology, insist, needs_waitaof, until

from promessa.domain.errors import Unavailable
from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys
from promessa.store.store import Store

pytestmark = needs_waitaof
KEYS = Keys("test", PARTITIONS)
OpenShop = Callable[..., Coroutine[Any, Any, Shop]]


@pytest.fixture
async def open_shop() -> AsyncIterator[OpenShop]:
    """Opens shops, each with connections of its own."""
    async with AsyncExitStack() as undo:

        async def opened(url: str, *, replicas: int = 1, timeout_ms: int = 500) -> Shop:
            redis = connect(url)
            await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
            pool, cells = redis.connection_pool, KEYS.all_cells()
            commit = GroupCommit(pool, cells, replicas=replicas, fence=KEYS.fence, replica_timeout_ms=timeout_ms)
            shop = Shop(Store(redis, KEYS, commit))
            undo.push_async_callback(shop.store.close)
            return shop

        yield opened


async def is_in_doubt(call: Coroutine[Any, Any, object]) -> None:
    with pytest.raises(Unavailable) as caught:
        await call
    assert caught.value.reason == "OUTCOME_UNKNOWN"


async def test_what_is_answered_is_on_the_replicas_disk(stores: Topology, open_shop: OpenShop) -> None:
    primary = stores.node()
    replica = stores.replica_of(primary)
    shop = await open_shop(primary.url)
    await insist(lambda: shop.count(0, 0, 10, request_id="count-0001"))
    await shop.hold("hold-0001", (0, 0, 3))
    replica.kill()
    primary.kill()
    replica.start()  # from its own append-only file: nobody is left to copy from
    redis = connect(replica.url)
    found = Store(redis, KEYS, GroupCommit(redis.connection_pool, KEYS.all_cells()))
    reservation = await found.get_reservation("hold-0001")
    assert reservation is not None and reservation.lines[0].granted == 3
    assert (await Shop(found).cell(0, 0)).held == 3
    await found.close()


async def test_without_the_replica_a_change_is_in_doubt_and_its_retry_makes_it_once(
    stores: Topology, open_shop: OpenShop
) -> None:
    primary = stores.node()
    replica = stores.replica_of(primary)
    shop, other = await open_shop(primary.url), await open_shop(primary.url)
    await insist(lambda: shop.count(0, 0, 10, request_id="count-0001"))
    replica.signal(signal.SIGSTOP)
    await is_in_doubt(shop.hold("hold-0001", (0, 0, 3)))
    await is_in_doubt(shop.hold("hold-0001", (0, 0, 3)))
    await is_in_doubt(other.hold("hold-0001", (0, 0, 3)))
    replica.signal(signal.SIGCONT)
    reserved = await insist(lambda: shop.hold("hold-0001", (0, 0, 3)))
    assert reserved.replayed
    assert (await shop.cell(0, 0)).held == 3


async def test_a_call_that_only_reads_an_unconfirmed_change_is_in_doubt_too(
    stores: Topology, open_shop: OpenShop
) -> None:
    primary = stores.node()
    replica = stores.replica_of(primary)
    shop, other = await open_shop(primary.url), await open_shop(primary.url)
    await insist(lambda: shop.count(0, 0, 10, request_id="count-0001"))
    await shop.hold("hold-0001", (0, 0, 3))
    replica.signal(signal.SIGSTOP)
    await is_in_doubt(shop.confirm("hold-0001"))
    await is_in_doubt(other.confirm("hold-0001"))  # finds it confirmed, and has nothing to write


async def test_replicas_are_asked_when_they_have_the_change_and_not_before(
    stores: Topology, open_shop: OpenShop
) -> None:
    """One that is asked too early tells by itself only a second later."""
    primary = stores.node()
    stores.replica_of(primary)
    shop = await open_shop(primary.url, timeout_ms=60)
    confirmed = 0
    for number in range(30):
        try:
            await shop.count(0, 0, number)
        except Unavailable:
            continue
        confirmed += 1
    assert confirmed > 15


async def test_every_replica_that_is_asked_for_must_confirm(stores: Topology, open_shop: OpenShop) -> None:
    primary = stores.node()
    _, stopped = stores.replica_of(primary), stores.replica_of(primary)
    by_one, by_both = await open_shop(primary.url), await open_shop(primary.url, replicas=2)
    await insist(lambda: by_both.count(0, 0, 10, request_id="count-0001"))
    stopped.signal(signal.SIGSTOP)
    await by_one.hold("hold-0001", (0, 0, 1))
    await is_in_doubt(by_both.hold("hold-0002", (0, 0, 1)))


async def test_a_primary_that_is_made_a_replica_leaves_its_changes_in_doubt_and_makes_them_once(
    stores: Topology, open_shop: OpenShop
) -> None:
    primary = stores.node()
    replica = stores.replica_of(primary)
    shop = await open_shop(primary.url, timeout_ms=60_000)
    await insist(lambda: shop.count(0, 0, 10, request_id="count-0001"))
    replica.signal(signal.SIGSTOP)
    changes = [
        asyncio.create_task(shop.store.apply_deltas("", ANY, items=(0, 0, 1), reason="found")),
        asyncio.create_task(shop.store.apply_deltas("", ANY, items=(0, 0, 1), reason="found")),
    ]
    await asyncio.sleep(0)
    await asyncio.to_thread(until, lambda: primary.info("clients")["blocked_clients"], "the wait for the replica")
    primary.client.replicaof("127.0.0.1", str(replica.port))
    for change in changes:
        await is_in_doubt(asyncio.wait_for(change, 60))
    primary.client.replicaof("NO", "ONE")
    assert (await shop.cell(0, 0)).on_hand == 12


async def test_a_replica_refuses_writes_and_nothing_is_changed(stores: Topology, open_shop: OpenShop) -> None:
    node = stores.node()
    shop = await open_shop(node.url, replicas=0)
    await shop.count(0, 0, 10)
    node.client.replicaof("127.0.0.1", "1")
    with pytest.raises(Unavailable) as caught:
        await shop.hold("hold-0001", (0, 0, 3))
    assert caught.value.reason == "STORE_UNAVAILABLE"
    node.client.replicaof("NO", "ONE")
    assert not (await shop.hold("hold-0001", (0, 0, 3))).replayed


async def test_a_primary_without_its_replicas_is_left_for_the_one_that_has_them(
    stores: Topology, open_shop: OpenShop
) -> None:
    """Cut off from the sentinels, it never learns that another was made primary."""
    old = stores.node()
    new = stores.replica_of(old)
    sentinel = stores.sentinel(old)
    shop = await open_shop(f"redis+sentinel://127.0.0.1:{sentinel.port}/{SERVICE}")
    await insist(lambda: shop.count(0, 0, 10, request_id="count-0001"))
    sentinel.client.sentinel_remove(SERVICE)
    new.client.replicaof("NO", "ONE")
    stores.replica_of(new)
    sentinel.client.sentinel_monitor(SERVICE, "127.0.0.1", new.port, 1)
    await is_in_doubt(shop.hold("hold-0001", (0, 0, 3)))
    assert not (await insist(lambda: shop.hold("hold-0001", (0, 0, 3)))).replayed
    assert new.client.hexists(KEYS.res(KEYS.home_of("hold-0001")), "r:hold-0001")
