"""A server that keeps an archive, and the days that tests ask reports of."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from serving import Serving, StoreProcess, serving_on

from promessa.archive.archiver import Archiver
from promessa.archive.directory import ArchiveDirectory, Identity
from promessa.store.archive_log import ArchiveLog
from promessa.store.consumers import Consumers
from promessa.store.store import Store

DIRECTORY = "archive"


def period() -> dict[str, str]:
    """This month's days until now, in UTC."""
    today = datetime.now(UTC).date()
    return {"first_day": today.replace(day=1).isoformat(), "last_day": today.isoformat(), "time_zone": "UTC"}


@asynccontextmanager
async def serve_with_archive(
    store: Store, redis: Redis, process: StoreProcess, path: Path, **settings: Any
) -> AsyncIterator[Serving]:
    """A server whose archive is in a directory there."""
    async with serving_on(store, redis, process.url, archive_dir=path / DIRECTORY, **settings) as serving:
        yield serving


@asynccontextmanager
async def archiving_into(serving: Serving, redis: Redis, path: Path) -> AsyncIterator[Archiver]:
    """The archiver of that server, in this process."""
    keys = serving.parts.store.keys
    source = ArchiveLog(redis, redis.connection_pool, keys)
    identity = Identity(await source.data_set(), keys.namespace, keys.partitions)
    directory = ArchiveDirectory(path / DIRECTORY)
    archiver = Archiver(source, Consumers(redis, keys), directory, identity, now_ms=lambda: time.time_ns() // 1_000_000)
    await archiver.begin()
    yield archiver
    archiver.close()
