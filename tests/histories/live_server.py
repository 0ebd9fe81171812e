"""A server of several processes, and the books of its store."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from redis.asyncio import Redis

from promessa.server.run_file import RunFile
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
