"""What a store cannot do is found out at the start, and said in one sentence with what to do."""

from __future__ import annotations

import shutil

import pytest
from serving import resolved
from topologies import Node, Topology, needs_waitaof

from promessa.server.store_connection import connect, prepare
from promessa.store.fitness import StoreUnfit, shortcomings

REDIS_7_0 = shutil.which("redis-server")


async def prepared(node: Node, **settings: object) -> None:
    await prepare(resolved(node.url, **settings))


async def refusal(node: Node, **settings: object) -> str:
    with pytest.raises(StoreUnfit) as caught:
        await prepared(node, **settings)
    assert not node.client.keys(), "a store that is refused is left as it was"
    return str(caught.value)


@needs_waitaof
async def test_a_store_with_a_file_serves_durability_ha(stores: Topology) -> None:
    await prepared(stores.node(), durability="ha")


@needs_waitaof
async def test_durability_ha_is_refused_without_an_append_only_file(stores: Topology) -> None:
    node = stores.node("--appendonly", "no")
    assert "Set appendonly yes" in await refusal(node, durability="ha")
    await prepared(node)


@pytest.mark.skipif(REDIS_7_0 is None, reason="no redis-server")
async def test_durability_ha_is_refused_by_a_store_that_cannot_wait_for_disks(
    stores: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMESSA_TEST_SERVER", str(REDIS_7_0))
    node = stores.node()
    assert "Use Valkey, or Redis 7.2 or newer" in await refusal(node, durability="ha")
    await prepared(node)


@pytest.mark.parametrize(
    ("options", "durability", "problem"),
    [
        ((), "single", ""),
        (("--appendonly", "no"), "dev", "no append-only file"),
        (("--appendfsync", "everysec"), "single", "appendfsync is everysec"),
        (("--appendfsync", "everysec"), "dev", ""),
        (("--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"), "dev", "maxmemory-policy is allkeys-lru"),
        (("--maxmemory", "1gb", "--maxmemory-policy", "volatile-lru"), "single", ""),
        (("--appendfsync", "no", "--rename-command", "CONFIG", ""), "single", ""),
    ],
)
async def test_a_store_that_is_set_to_lose_what_is_promised_is_found(
    stores: Topology, options: tuple[str, ...], durability: str, problem: str
) -> None:
    redis = connect(stores.node(*options).url)
    try:
        found = await shortcomings(redis, durability=durability)
        assert len(found) == bool(problem)
        assert problem in "".join(found)
    finally:
        await redis.aclose()


async def test_the_start_says_what_the_store_is_not_set_to_keep(
    stores: Topology, capsys: pytest.CaptureFixture[str]
) -> None:
    await prepared(stores.node("--appendonly", "no"))
    assert "store_not_durable" in "".join(capsys.readouterr())


async def test_a_node_of_a_cluster_is_no_instance(stores: Topology) -> None:
    node = stores.cluster_node()
    assert "redis+cluster://" in await refusal(node)
