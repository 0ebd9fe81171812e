"""What is read from the store itself counts no hold that is over, though nobody swept."""

from __future__ import annotations

from redis.asyncio import Redis
from serving import Clock

from promessa.domain.catalogue import Catalogue, Node, Sku
from promessa.domain.fingerprint import fingerprint
from promessa.service.availability import Availability
from promessa.store.group_commit import GroupCommit
from promessa.store.pool_store import PoolStore
from promessa.store.store import Store
from promessa.store.unavailable_store import UnavailableStore

ANY = fingerprint(("method",), "test")


def availability_of(catalogue: Catalogue, store: Store, redis: Redis) -> Availability:
    commit = GroupCommit(redis.connection_pool, store.keys.all_cells())
    pools, unavailable = PoolStore(redis, store.keys, commit), UnavailableStore(redis, store.keys, commit)
    return Availability(catalogue, store, pools, unavailable)


async def test_a_hold_counts_until_its_instant_and_not_a_moment_longer(
    store: Store, clock: Clock, redis: Redis
) -> None:
    catalogue = Catalogue()
    catalogue.put("node", "a", 0, Node("a"), 1)
    catalogue.put("sku", "cup", 0, Sku("cup"), 0)
    availability = availability_of(catalogue, store, redis)
    clock.now_ms = 1_800_000_000_000
    await store.apply_counts("", ANY, as_of_ms=0, items=(0, 0, 10, -1, -1))
    await store.reserve("held-0001", ANY, cells=(0, 0, 4), all_or_nothing=True, ttl_ms=1_000, owner_id="", order_id="")
    clock.now_ms += 999
    assert [found.available for found in await availability.of_pairs([("cup", "a")])] == [6]
    clock.now_ms += 1
    assert [found.available for found in await availability.of_pairs([("cup", "a")])] == [10]
    (explained,) = await availability.explain("cup", ["a"])
    assert explained.promise.available == 10


async def test_a_full_store_can_be_read(store: Store, clock: Clock, redis: Redis) -> None:
    catalogue = Catalogue()
    catalogue.put("node", "a", 0, Node("a"), 1)
    catalogue.put("sku", "cup", 0, Sku("cup"), 0)
    await store.apply_counts("", ANY, as_of_ms=0, items=(0, 0, 10, -1, -1))
    await redis.config_set("maxmemory", 1)
    try:
        assert [
            found.available for found in await availability_of(catalogue, store, redis).of_pairs([("cup", "a")])
        ] == [10]
    finally:
        await redis.config_set("maxmemory", 0)
