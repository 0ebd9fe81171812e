"""A child of the server that starts while the store is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from serving import StoreProcess, resolved

from promessa.server import store_connection
from promessa.server.store_connection import connect, data_set, prepare


async def test_a_child_that_starts_while_the_store_is_away_waits_for_it(
    own_store_process: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_connection, "AWAY_SECONDS", 0.01)
    store = own_store_process()
    settings = resolved(store.url)
    await prepare(settings)
    store.kill()
    redis = connect(settings.redis_url, namespace=settings.namespace)
    opening = asyncio.create_task(data_set(redis, settings))
    assert not (await asyncio.wait({opening}, timeout=0.2))[0]
    store.start()
    keys = await asyncio.wait_for(opening, 20)
    assert (keys.namespace, keys.partitions) == (settings.namespace, settings.partitions)
    await redis.aclose()
