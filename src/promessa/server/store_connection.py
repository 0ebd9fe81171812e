"""Connecting to the store, and making a data set in it. Loads no gRPC: `prepare` must be quick."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import TimeoutError as NotAnswered

from promessa.server.settings import Resolved
from promessa.store.address import StoreAddress, StoreKind
from promessa.store.fitness import check_fitness, shortcomings
from promessa.store.functions import open_data_set
from promessa.store.keys import Keys
from promessa.store.primary import primary_pool

log = structlog.get_logger()

SOCKET_SECONDS = 5.0
"""A store that is silent for so long is taken for dead."""
AWAY_SECONDS = 0.25
"""Between two looks for a store that is away, or reads its data back."""


def connect(url: str, *, namespace: str = "promessa") -> Redis:
    """A client that fails at once instead of trying again by itself: the caller knows what a retry may do.

    Its connections go to the primary, whoever that is when they are opened; in a cluster, to that of the namespace.
    """
    address = StoreAddress.parse(url)
    options: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None if url.startswith("unix") else SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
    }
    if address.kind is StoreKind.INSTANCE:
        return Redis.from_url(url, **options)
    return Redis.from_pool(primary_pool(address, key=Keys(namespace, 0).meta, **options))


async def data_set(redis: Redis, settings: Resolved) -> Keys:
    """In a child: the data set that `prepare` made, however long its store is away. Who was started meanwhile and died of it
    would be started again later and later, and then be missing while the store is back.
    """
    while True:
        try:
            return await open_data_set(redis, namespace=settings.namespace, partitions=settings.partitions, new_id="")
        except (NotConnected, NotAnswered) as error:
            log.warning("store_awaited", error=str(error))
        await asyncio.sleep(AWAY_SECONDS)


async def prepare(settings: Resolved) -> None:
    """Check the store, create the data set and install the library. What the store's settings lack is logged.

    Raises StoreUnfit, or FailedPrecondition (DATA_VERSION_MISMATCH).
    """
    redis = connect(settings.redis_url, namespace=settings.namespace)
    try:
        await check_fitness(
            redis, kind=StoreAddress.parse(settings.redis_url).kind, confirming_replicas=settings.confirming_replicas
        )
        keys = await open_data_set(
            redis, namespace=settings.namespace, partitions=settings.partitions, new_id=uuid.uuid4().hex
        )
        for problem in await shortcomings(redis, durability=settings.durability):
            log.warning("store_not_durable", durability=settings.durability, problem=problem)
        if keys.partitions != settings.partitions:
            log.warning("partitions_kept", data_set=keys.partitions, asked=settings.partitions)
    finally:
        await redis.aclose()
