"""The epoch of a data set: raised by whoever first meets another store process, for it may have lost what was there.

Sequences of before and after stand for different changes, so tokens name the epoch.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import WatchError


async def current_epoch(redis: Redis, meta: str) -> int:
    """The epoch under the key `meta`, after raising it if need be. Errors of the connection are redis-py's own."""
    async with redis.pipeline(transaction=False) as pipe:  # one connection: one process answers all
        _ask(pipe, meta)
        identity, known, epoch = _told(await pipe.execute())
    return epoch if known == identity else await _raised_epoch(redis, meta)


async def _raised_epoch(redis: Redis, meta: str) -> int:
    """Raised by one, whoever notices at the same time. A new data set has met no process yet, and keeps its epoch."""
    while True:
        async with redis.pipeline(transaction=True) as pipe:
            await pipe.watch(meta)
            asked = [await pipe.info("server"), *await pipe.hmget(meta, ["identity", "epoch"])]
            identity, known, epoch = _told(asked)
            if known == identity:
                return epoch
            pipe.multi()
            pipe.hset(meta, "identity", identity)
            pipe.hset(meta, "epoch", str(epoch + (known != "")))
            try:
                await pipe.execute()
            except WatchError:
                continue
            return epoch + (known != "")


def _ask(pipe: Any, meta: str) -> None:
    pipe.info("server")
    pipe.hget(meta, "identity")
    pipe.hget(meta, "epoch")


def _told(answers: list[Any]) -> tuple[str, str, int]:
    """The process that answered, the one known, and the epoch."""
    server, known, epoch = answers
    return str(server["run_id"]), (known or b"").decode(), int(epoch or 1)
