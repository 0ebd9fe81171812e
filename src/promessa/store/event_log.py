"""What watchers read: the tails of the event logs as the applier does, stretches behind them, and cells at a sequence.

Entries come raw, as flat lists of field and value, for an entry may name a cell twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import msgpack
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection

from promessa.domain.pools import CellPools, Pool
from promessa.domain.stock import ATP_INFINITE, ATP_MADE_TO_ORDER, SupplyMode
from promessa.store.keys import Keys
from promessa.store.replica_source import ReplicaSource

Entry = tuple[int, list[bytes]]
"""Sequence, then field, value, field, value ...; the first pair is the instant."""

POOLS = b"a:"
"""Before the name of a cell: its allocation pools."""

_PAGE = 500
_ARRAY_OF_SEVEN = b"\x97"
_VERSION = 5


class EventLog(ReplicaSource):
    """The logs of one data set. Errors of the connection come out as redis-py's own."""

    def __init__(self, redis: Redis, tail_pool: ConnectionPool, keys: Keys) -> None:
        super().__init__(redis, tail_pool, keys)
        self._keys = keys

    async def data_set(self) -> str:
        """Eight characters that tell this data set from others."""
        name = await self._redis.hget(self._keys.meta, "id")
        return sha256(name or b"").hexdigest()[:8]

    async def next_indices(self) -> tuple[int, int]:
        """How many nodes and skus were ever named: their indices are below that."""
        nodes, skus = await self._redis.hmget(self._keys.cells(self._keys.catalogue), "next:node", "next:sku")
        return int(nodes or 0), int(skus or 0)

    async def read_fields(self, partition: int, fields: Sequence[bytes]) -> tuple[int, list[bytes | None]]:
        """The sequence of a partition, and raw fields of its cells and pools as they are at it: one atomic read."""
        pools = [field for field in fields if field.startswith(POOLS)]
        async with self._redis.pipeline(transaction=bool(pools)) as pipe:
            pipe.hmget(self._keys.cells(partition), [b"seq", *fields])
            if pools:
                pipe.hmget(self._keys.pools(partition), pools)
            (sequence, *values), *kept = await pipe.execute()
        if kept:
            packed = dict(zip(pools, kept[0], strict=True))
            values = [packed.get(field, value) for field, value in zip(fields, values, strict=True)]
        return int(sequence or 0), values

    @asynccontextmanager
    async def stretches(self) -> AsyncIterator[Stretches]:
        """Reads what lies behind the tails, over a connection of its own."""
        connection = self._tail_pool.make_connection()
        try:
            await connection.connect()
            yield Stretches(connection, self._keys)
        finally:
            await connection.disconnect(nowait=True)


class Stretches:
    """Reads parts of a log, page by page."""

    def __init__(self, connection: AbstractConnection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    async def between(self, partition: int, after: int, until: int) -> AsyncIterator[list[Entry]]:
        """The entries after one sequence up to another. Raises LookupError if the log lacks any of them."""
        while after < until:
            page = await self._page("XRANGE", partition, f"{after + 1}-0", f"{until}-0")
            if [sequence for sequence, _ in page] != list(range(after + 1, after + 1 + len(page))) or not page:
                raise LookupError(f"The log of partition {partition} does not go on after {after}.")
            yield page
            after += len(page)

    async def back_from(self, partition: int, sequence: int, *, entries_max: int) -> AsyncIterator[list[Entry]]:
        """The entries up to a sequence, latest first, as far as the log goes and no more than so many."""
        while entries_max > 0:
            page = await self._page("XREVRANGE", partition, f"{sequence}-0", "-")
            if not page:
                return
            yield page
            sequence, entries_max = page[-1][0] - 1, entries_max - len(page)

    async def _page(self, command: str, partition: int, first: str, last: str) -> list[Entry]:
        await self._connection.send_command(command, self._keys.log(partition), first, last, "COUNT", _PAGE)
        return entries_of(await self._connection.read_response())


def entries_of(raw: list[Any]) -> list[Entry]:
    """Entries of one log as the store gives them."""
    return [(int(entry_id.split(b"-")[0]), fields) for entry_id, fields in raw]


def available_in(value: bytes) -> int:
    """Units that a raw cell promises when its node takes orders, without what allocation pools keep; ATP_INFINITE or
    ATP_MADE_TO_ORDER if not counted."""
    (on_hand, unavailable, safety_stock, held, committed, *_), mode, ring_fenced = _counts_in(value)
    if mode:
        return ATP_INFINITE if mode == SupplyMode.INFINITE else ATP_MADE_TO_ORDER
    available: int = on_hand - unavailable - safety_stock - held - committed - (ring_fenced or 0)
    return max(0, available)


def channel_units_in(value: bytes, pools: tuple[Pool, ...] | None, channel: str) -> int | None:
    """Units that a raw cell with these pools promises to a channel; None if it has pools and they are not given."""
    (on_hand, unavailable, safety_stock, held, committed, *_), mode, ring_fenced = _counts_in(value)
    if mode or ring_fenced is None:
        return available_in(value)
    if pools is None:
        return None
    sellable = on_hand - unavailable - safety_stock
    return CellPools(sellable - held - committed, sellable, pools).available(channel, now_ms=0)


def version_in(value: bytes) -> int:
    """How many changes a raw cell has seen."""
    counts, *_ = _counts_in(value)
    return counts[_VERSION]


def _counts_in(value: bytes) -> tuple[list[int], int, int | None]:
    """The seven numbers of a raw cell, its supply mode if units are not counted, and if it has allocation pools the units
    they keep."""
    try:
        return msgpack.unpackb(_ARRAY_OF_SEVEN + value), 0, None
    except msgpack.ExtraData as more:  # see `lua/header.lua`
        unpacker = msgpack.Unpacker()
        unpacker.feed(more.extra)
        mode, *kept = unpacker
        return more.unpacked, mode or 0, kept[0] if kept and kept[0] is not False else None
