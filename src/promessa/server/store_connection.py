"""Connecting to the store, and making a data set in it. Loads no gRPC: `prepare` must be quick."""

from __future__ import annotations

import uuid

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from promessa.server.settings import Resolved
from promessa.store.functions import open_data_set

SOCKET_SECONDS = 5.0
"""A store that is silent for so long is taken for dead."""


def connect(url: str) -> Redis:
    """A client that fails at once instead of trying again by itself: the caller knows what a retry may do."""
    retry = Retry(NoBackoff(), 0)
    timeout = None if url.startswith("unix") else SOCKET_SECONDS
    return Redis.from_url(url, retry=retry, socket_timeout=timeout, socket_connect_timeout=SOCKET_SECONDS)


async def prepare(settings: Resolved) -> None:
    """Create the data set and install the library. Raises FailedPrecondition (DATA_VERSION_MISMATCH)."""
    redis = connect(settings.redis_url)
    try:
        await open_data_set(
            redis, namespace=settings.namespace, partitions=settings.partitions, new_id=uuid.uuid4().hex
        )
    finally:
        await redis.aclose()
