"""The epoch of a data set: raised by whoever first meets another store process, for it may have lost what was there.

Sequences of before and after stand for different changes, so tokens name the epoch.
"""

from __future__ import annotations

from redis.asyncio import Redis


async def current_epoch(redis: Redis, meta: str) -> int:
    """The epoch under the key `meta`, after raising it if need be. Errors of the connection are redis-py's own."""
    async with redis.pipeline(transaction=False) as pipe:  # one connection: one process answers all
        pipe.info("server")
        pipe.hget(meta, "identity")
        pipe.hget(meta, "epoch")
        server, known, found = await pipe.execute()
    identity, epoch = str(server["run_id"]), int(found or 1)
    if known is not None and known.decode() == identity:
        return epoch
    raised = epoch if known is None else epoch + 1  # a new data set has met no process yet
    async with redis.pipeline(transaction=True) as pipe:
        pipe.hset(meta, "identity", identity)
        pipe.hset(meta, "epoch", str(raised))  # the same number, whoever else notices now
        await pipe.execute()
    return raised
