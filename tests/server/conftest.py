"""Fixtures of the server's tests, over those of all tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from redis.asyncio import Redis
from serving import Serving, StoreProcess, WallClock, start_serving

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
