"""A real server with two workers, and the books of its store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from redis.asyncio import Redis

from promessa.server.run_file import RunFile, read_run_file
from promessa.store.books import Books
from promessa.store.keys import Keys


@dataclass(frozen=True, slots=True)
class Running:
    """A server, and where its data are."""

    run: RunFile

    def channel(self) -> grpc.aio.Channel:
        """A connection of its own: any worker may have it."""
        return grpc.aio.insecure_channel(f"127.0.0.1:{self.run.port}", [("grpc.use_local_subchannel_pool", 1)])

    def pid_of(self, name: str) -> int:
        """The process of a worker, the applier or the store."""
        pid = self.run.store_pid if name == "store" else self.run.children[name]
        assert pid is not None
        return pid

    def redis(self) -> Redis:
        return Redis(unix_socket_path=str(self.run.store_socket))

    async def books(self, redis: Redis) -> Books:
        partitions = await redis.hget(Keys("promessa", 0).meta, "partitions")  # type: ignore[misc]
        return Books(redis, Keys("promessa", int(partitions or 0)))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A server with two workers on an embedded store."""
    environment = {
        **os.environ,
        "PROMESSA_DATA_DIR": str(tmp_path),
        "PROMESSA_PORT": "0",
        "PROMESSA_METRICS_PORT": "0",
        "PROMESSA_STORE_BINARY": os.environ.get("PROMESSA_TEST_SERVER", ""),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "promessa.cli.main", "serve"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "promessa is ready" in process.stdout.readline()
    run = read_run_file(tmp_path)
    assert run is not None
    yield Running(run)
    process.terminate()
    process.wait(60)
