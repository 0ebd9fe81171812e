"""Fixtures of the server's tests, over those of all tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from redis.asyncio import Redis
from reports_kit import archiving_into, serve_with_archive
from serving import Serving, StoreProcess, WallClock, serving_on

from promessa.archive.archiver import Archiver
from promessa.store.store import Store


@pytest.fixture
async def other_channel(
    serving: Serving, store: Store, redis: Redis, store_process: StoreProcess, wall_clock: WallClock
) -> AsyncIterator[grpc.aio.Channel]:
    """Another worker of the data set that `serving` serves, with a catalogue of its own that follows the log."""
    async with serving_on(store, redis, store_process.url, now_ms=wall_clock) as found:
        keeping = asyncio.create_task(found.parts.keeper.follow())
        yield found.channel
        keeping.cancel()


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
