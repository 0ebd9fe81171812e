"""What a store must be able to do beyond the Functions library, and how it must be set, found out once, at the start."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from promessa.store.address import StoreKind


class StoreUnfit(Exception):
    """The store cannot keep what the settings promise. The message says why, and what to do."""


async def check_fitness(redis: Redis, *, kind: StoreKind, confirming_replicas: int) -> None:
    """Raises StoreUnfit. `confirming_replicas` is the number whose disks must have a change before it is answered."""
    if kind is not StoreKind.CLUSTER:
        await _check_that_it_is_no_cluster(redis)
    if confirming_replicas:
        await _check_that_it_can_wait_for_disks(redis)


async def shortcomings(redis: Redis, *, durability: str) -> list[str]:
    """How the store is set otherwise than a durability promises: what is lost by that, and what to set; empty if all is well.

    What a managed service does not tell is not judged.
    """
    info = await redis.info()
    found = []
    if not info["aof_enabled"]:
        found.append("it keeps no append-only file, so what was acknowledged is lost when it ends: set appendonly yes")
    elif durability != "dev" and (fsync := await _fsync_of(redis)) not in ("always", ""):
        found.append(
            f"appendfsync is {fsync}, so a power loss takes what was acknowledged just before: set it to always"
        )
    if info.get("maxmemory") and str(info.get("maxmemory_policy")).startswith("allkeys"):
        policy = info["maxmemory_policy"]
        found.append(
            f"maxmemory-policy is {policy}, so stock and reservations are lost once it is full: set noeviction"
        )
    return found


async def _fsync_of(redis: Redis) -> str:
    """When the append-only file is synced; empty where the store does not say."""
    try:
        found = await redis.config_get("appendfsync")
    except ResponseError:
        return ""
    return next((value.decode() if isinstance(value, bytes) else str(value) for value in found.values()), "")


async def _check_that_it_is_no_cluster(redis: Redis) -> None:
    info = await redis.info("cluster")
    if info.get("cluster_enabled"):
        raise StoreUnfit(
            "The store is a node of a cluster, and the URL names a single instance, so its answers would be MOVED and "
            "CROSSSLOT. Set PROMESSA_REDIS_URL to redis+cluster://host:port (rediss+cluster:// with TLS)."
        )


async def _check_that_it_can_wait_for_disks(redis: Redis) -> None:
    try:
        await redis.waitaof(1, 0, 1)
    except ResponseError as error:
        raise StoreUnfit(_why_it_cannot_wait(str(error))) from error


def _why_it_cannot_wait(refusal: str) -> str:
    if "unknown command" in refusal:
        return (
            "Durability ha needs the command WAITAOF, which this store does not have. Use Valkey, or Redis 7.2 or newer; "
            "or set PROMESSA_DURABILITY=single, which survives everything but the loss of the store's disk."
        )
    if "appendonly" in refusal:
        return (
            "Durability ha needs an append-only file, and the store keeps none. Set appendonly yes and appendfsync "
            "always on it and on its replicas; or set PROMESSA_DURABILITY=single, and know that nothing is on disk."
        )
    return f"Durability ha needs the command WAITAOF, and the store refuses it: {refusal}. Allow it, or use single."
