"""What the fixtures are made of: stores that can be killed, a clock that can be turned, a server in this process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.replica import Applier, Writer
from promessa.server.bootstrap import Parts, assemble
from promessa.server.replica_reader import ReplicaReader
from promessa.server.settings import Resolved
from promessa.server.store_connection import connect
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.embedded.binary import find_binary
from promessa.store.replica_source import ReplicaSource
from promessa.store.store import Store

PARTITIONS = 4


def server_program() -> str:
    """The program of the store under test."""
    return os.environ.get("PROMESSA_TEST_SERVER") or str(find_binary(None).path)


class StoreProcess:
    """A store of its own on a Unix socket, with an append-only file that is synced before every answer."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.socket = str(directory / "s")
        self.options = options
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                server_program(), "--port", "0", "--unixsocket", self.socket, "--dir", str(self.directory),
                "--appendonly", "yes", "--appendfsync", "always", "--save", "", *self.options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        client = SyncRedis(unix_socket_path=self.socket)
        deadline = time.monotonic() + 30
        while True:
            try:
                client.ping()
                return
            except RedisError:
                assert time.monotonic() < deadline, "the store did not start"
                assert self.process.poll() is None, "the store ended at once"
                os.sched_yield()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def kill(self) -> None:
        """As a power failure of the process: no time to say goodbye."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class Clock:
    """The store's clock, when a test wants to turn it. 0 stands for the store's own."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


class WallClock:
    """The clock of the servers: the machine's, until a test sets it."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms or time.time_ns() // 1_000_000


class Serving:
    """A server in this process, with a channel to it."""

    def __init__(
        self, parts: Parts, channel: grpc.aio.Channel, applier: Applier, following: asyncio.Task[None]
    ) -> None:
        self.parts = parts
        self.channel = channel
        self.applier = applier
        self.stop_following = following.cancel
        """Lets the replica stand still from now on."""


def resolved(url: str, **changes: object) -> Resolved:
    """Settings of a server under test."""
    values: dict[str, object] = {
        "redis_url": url,
        "embedded": False,
        "port": 1,
        "namespace": "test",
        "replica_path": f"/dev/shm/promessa-test-{os.getpid()}-{time.monotonic_ns()}",
        "replica_max_bytes": 1 << 28,
        "reflection": True,
    }
    return Resolved.model_validate({**values, **changes})


async def start_serving(
    store: Store, redis: Redis, url: str, *, now_ms: Callable[[], int] | None = None, **changes: object
) -> tuple[Serving, list[object]]:
    settings = resolved(url, **changes)
    source = ReplicaSource(connect(url), connect(url).connection_pool, store.keys)
    writer = Writer(settings.replica_path, store.keys.partitions + 1, max_bytes=settings.replica_max_bytes)
    applier = Applier(source, writer, now_ns=time.monotonic_ns)
    following = asyncio.create_task(applier.run())
    await applier.loaded.wait()
    await store.refresh_epoch()
    keeper = CatalogueKeeper(CatalogueLog(redis, store.keys))
    await keeper.load()
    parts = assemble(
        settings,
        redis=redis,
        store=store,
        commit=store._commit,
        keeper=keeper,
        replica=ReplicaReader(str(settings.replica_path)),
        now_ms=now_ms or WallClock(),
    )
    port = parts.server.add_insecure_port("127.0.0.1:0")
    await parts.health.check_once()
    await parts.server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    return Serving(parts, channel, applier, following), [following, writer, source]


@asynccontextmanager
async def serving_on(
    store: Store, redis: Redis, url: str, *, now_ms: Callable[[], int] | None = None, **changes: object
) -> AsyncIterator[Serving]:
    """A server of a data set, until the block ends."""
    found, (following, writer, source) = await start_serving(store, redis, url, now_ms=now_ms, **changes)
    try:
        yield found
    finally:
        await found.channel.close()
        await found.parts.server.stop(0)
        await found.parts.watches.close()
        await found.parts.order_watches.close()
        following.cancel()  # type: ignore[attr-defined]
        writer.close()  # type: ignore[attr-defined]
        await source.close()  # type: ignore[attr-defined]
