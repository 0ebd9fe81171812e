"""Fixtures of all tests: a real store, and a real server over it.

PROMESSA_TEST_SERVER names the server program of the store; without it, it is the Valkey that promessa carries.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis.asyncio import Redis

from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store

sys.path.insert(0, str(Path(__file__).parent))

from serving import PARTITIONS, Clock, Serving, StoreProcess, WallClock, serving_on
from topologies import Topology, topology

# A busy machine is no failure: no test goes by the wall clock.
settings.register_profile("promessa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("promessa")


@pytest.fixture(scope="session")
def store_process() -> Iterator[StoreProcess]:
    """The store that most tests share; `redis` empties it."""
    directory = Path(tempfile.mkdtemp(prefix="promessa-"))
    process = StoreProcess(directory)
    yield process
    process.kill()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def own_store_process() -> Iterator[type[StoreProcess]]:
    """Makes stores that a test may kill or fill."""
    made: list[StoreProcess] = []
    directories: list[Path] = []

    def make(*options: str) -> StoreProcess:
        directories.append(Path(tempfile.mkdtemp(prefix="promessa-")))
        made.append(StoreProcess(directories[-1], *options))
        return made[-1]

    yield make  # type: ignore[misc]
    for process in made:
        process.kill()
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def stores() -> Iterator[Topology]:
    """Makes stores of several processes."""
    with topology() as made:
        yield made


@pytest.fixture
async def redis(store_process: StoreProcess) -> AsyncIterator[Redis]:
    """An empty store."""
    client = connect(store_process.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(redis: Redis, clock: Clock) -> AsyncIterator[Store]:
    """A new data set."""
    keys = await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells(), now_ms=clock)
    yield Store(redis, keys, commit)
    await commit.close()


@pytest.fixture
def wall_clock() -> WallClock:
    return WallClock()


@pytest.fixture
async def serving(
    store: Store, redis: Redis, store_process: StoreProcess, wall_clock: WallClock
) -> AsyncIterator[Serving]:
    """A server on an empty store."""
    async with serving_on(store, redis, store_process.url, now_ms=wall_clock) as found:
        yield found
