"""What the applier reads from the store: heads, cells page by page, and the tails of the logs.

Heads and tails travel on two connections, so that a tail that is frozen without an error is noticed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgpack
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection

from promessa.store.catalogue_codec import Parts, parts_of
from promessa.store.epoch import current_epoch
from promessa.store.keys import Keys

_PAGE = 2_000
_TAIL_ENTRIES = 1_000
"""Entries of one log taken at a time: some hundred kilobytes, so that the applier's other duties are not kept waiting."""


class ReplicaSource:
    """One data set, for the applier. Errors of the connection come out as redis-py's own."""

    def __init__(self, redis: Redis, tail_pool: ConnectionPool, keys: Keys) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self._tail_pool = tail_pool
        self._tail: AbstractConnection | None = None
        self._keys = keys

    @property
    def partitions(self) -> int:
        return self._keys.partitions

    @property
    def catalogue(self) -> int:
        """The number that stands for the catalogue's log among the partitions."""
        return self._keys.catalogue

    async def epoch(self) -> int:
        """The epoch of the data set; another one than before means that data may be lost."""
        return await current_epoch(self._redis, self._keys.meta)

    async def heads(self) -> list[int]:
        """The sequence of the last log entry of every partition, then of the catalogue."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition in range(self._keys.partitions + 1):
                pipe.hget(self._keys.cells(partition), "seq")
            return [int(raw or 0) for raw in await pipe.execute()]

    async def scan_cells(self, partition: int) -> AsyncIterator[list[bytes]]:
        """All allocation pools of a partition, then all its cells, as flat pages of field and value."""
        for key in (self._keys.pools(partition), self._keys.cells(partition)):
            cursor: Any = b"0"
            while True:
                cursor, page = await self._redis.execute_command(
                    "HSCAN", key, cursor, "COUNT", _PAGE, NEVER_DECODE=True
                )
                yield page if isinstance(page, list) else [x for pair in page.items() for x in pair]
                if int(cursor) == 0:
                    break

    async def read_log(
        self, positions: Sequence[int], block_ms: int, *, count: int = _TAIL_ENTRIES
    ) -> dict[int, list[Any]]:
        """Entries after the positions (one per partition, then the catalogue's), raw, by partition; waits for some."""
        connection = await self._tail_connection()
        names = [self._keys.log(partition) for partition in range(len(positions))]
        ids = [f"{position}-0" for position in positions]
        await connection.send_command("XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", *names, *ids)
        reply = await connection.read_response(timeout=block_ms / 1000 + 5)
        pairs = reply.items() if isinstance(reply, dict) else reply or []
        number = {name.encode(): partition for partition, name in enumerate(names)}
        return {number[name]: entries for name, entries in pairs}

    async def catalogue_records(self, kind: str) -> list[tuple[int, str, int, Parts]]:
        """(index, id, state, parts of a kit) of every record of a kind, deleted ones too; state 3 is deleted."""
        found = []
        prefix = f"{kind}:".encode()
        raw = await self._redis.hgetall(self._keys.cells(self._keys.catalogue))
        for field, value in raw.items():
            if field.startswith(prefix):
                found.append(catalogue_record(field, value)[1:])
        return sorted(found)

    def catalogue_changes(self, entries: list[Any]) -> list[tuple[str, int, str, int, Parts]]:
        """(kind, index, id, state, parts of a kit) of what log entries of the catalogue put or deleted, in order."""
        changes = []
        for _, fields in entries:
            flat = fields if isinstance(fields, list) else [x for pair in fields.items() for x in pair]
            for field, value in zip(flat[::2], flat[1::2], strict=True):
                if field.startswith((b"node:", b"sku:")):
                    changes.append(catalogue_record(field, value))
        return changes

    async def trim_logs(self, positions: Sequence[int], *, keep: int, done: Sequence[int]) -> None:
        """Drop log entries that are more than `keep` behind the positions, which everybody here has applied, and that all
        consumers have done: see done_by_all in `consumers.py`.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition, position in enumerate(positions):
                gone = min(position - keep, done[partition])
                if gone > 0:
                    pipe.xtrim(self._keys.log(partition), minid=f"{gone + 1}-0", approximate=True)
            await pipe.execute()

    async def reconnect_tail(self) -> None:
        """Give up the tail's connection; the next read opens another."""
        tail, self._tail = self._tail, None
        if tail is not None:
            await tail.disconnect(nowait=True)

    async def close(self) -> None:
        await self.reconnect_tail()
        await self._redis.aclose()

    async def _tail_connection(self) -> AbstractConnection:
        if self._tail is None:
            tail = self._tail_pool.make_connection()
            await tail.connect()
            self._tail = tail
        return self._tail


def catalogue_record(field: bytes, value: bytes) -> tuple[str, int, str, int, Parts]:
    """(kind, index, id, state, parts of a kit) of a catalogue record `<kind>:<id>`; state 3 is deleted."""
    kind, _, resource_id = field.decode().partition(":")
    index, json, state, _, *fifth = msgpack.unpackb(value, raw=True)
    recipe = fifth[0] if fifth and kind == "sku" else b""  # of a node it says when its pause is over
    return kind, index, resource_id, 3 if not json else int(state), parts_of(recipe) if recipe else ()
