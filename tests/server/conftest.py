"""Fixtures of the server's tests, over those of all tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from redis.asyncio import Redis
from reports_kit import archiving_into, serve_with_archive
from serving import Serving, StoreProcess, WallClock, start_serving

from promessa.archive.archiver import Archiver
from promessa.store.store import Store


@pytest.fixture
async def other_channel(
    serving: Serving, store: Store, redis: Redis, store_process: StoreProcess, wall_clock: WallClock
) -> AsyncIterator[grpc.aio.Channel]:
    """Another worker of the data set that `serving` serves, with a catalogue of its own that follows the log."""
    found, (following, writer, source) = await start_serving(store, redis, store_process.url, now_ms=wall_clock)
    keeping = asyncio.create_task(found.parts.keeper.follow())
    yield found.channel
    await found.channel.close()
    await found.parts.server.stop(0)
    await found.parts.watches.close()
    keeping.cancel()
    following.cancel()  # type: ignore[attr-defined]
    writer.close()  # type: ignore[attr-defined]
    await source.close()  # type: ignore[attr-defined]


@pytest.fixture
async def archiving(store: Store, redis: Redis, store_process: StoreProcess, tmp_path: Path) -> AsyncIterator[Serving]:
    """A server that keeps an archive, of a company in São Paulo."""
    async with serve_with_archive(store, redis, store_process, tmp_path, time_zone="America/Sao_Paulo") as serving:
        yield serving


@pytest.fixture
async def archiver(archiving: Serving, redis: Redis, tmp_path: Path) -> AsyncIterator[Archiver]:
    """The archiver of that server, in this process."""
    async with archiving_into(archiving, redis, tmp_path) as archiver:
        yield archiver
