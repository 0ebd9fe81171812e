"""The event log keeps what readers may still want, and no more."""

from __future__ import annotations

from redis.asyncio import Redis

from promessa.domain.fingerprint import fingerprint
from promessa.store.replica_source import ReplicaSource
from promessa.store.store import Store

ANY = fingerprint(("method",), "test")


async def test_entries_far_behind_are_dropped_and_the_last_ones_stay(store: Store, redis: Redis) -> None:
    for on_hand in range(600):
        await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, on_hand, -1, -1])
    source = ReplicaSource(redis, redis.connection_pool, store.keys)
    heads = await source.heads()
    await source.trim_logs(heads, keep=1_000, done=heads)
    assert await redis.xlen(store.keys.log(0)) == 600
    await source.trim_logs(heads, keep=50, done=heads)
    left = await redis.xrange(store.keys.log(0))
    assert 50 <= len(left) <= 50 + 100, "Redis drops whole nodes of a stream, so some more may stay"
    assert left[-1][0] == f"{heads[0]}-0".encode()
    assert [int(entry_id.split(b"-")[0]) for entry_id, _ in left] == list(range(600 - len(left) + 1, 601))
