"""The books as the store keeps them: raw reads for the audit, page by page, and atomic where the audit has a doubt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from redis.asyncio import Redis

from promessa.domain.order import StoredOrder
from promessa.domain.pools import Pool
from promessa.domain.reservation import Reservation, ReservationState, ReserveOutcome
from promessa.domain.stock import StockCell
from promessa.domain.supply import Inbound
from promessa.domain.unavailable import Reasons
from promessa.store import answers
from promessa.store.capacity_store import decode_days
from promessa.store.keys import Keys, cell_field, cell_of_field, pools_field
from promessa.store.order_codec import decode_order
from promessa.store.pool_store import decode_pools
from promessa.store.store import decode_cell
from promessa.store.supply_store import InboundKey, decode_book, decode_logged
from promessa.store.unavailable_store import decode_reasons

_PAGE = 2_000
_PAGE_FIELDS = 20_000
"""Fields of log entries read at once, more or less: an entry may have one cell or a thousand."""

LogChange = tuple[str, str, list[tuple[bytes, bytes]]]
"""Kind, reference, and the cells touched with their after-values."""


class Draws(NamedTuple):
    """What a pool counts as drawn of it, and what the open reservations have drawn."""

    node_ix: int
    sku_ix: int
    channel: str
    counted: int
    drawn: int


class Books:
    """Reads every cell, record and log entry of a data set."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self.keys = keys

    async def heads(self) -> list[int]:
        """The sequence of every partition."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition in range(self.keys.partitions):
                pipe.hget(self.keys.cells(partition), "seq")
            return [int(sequence or 0) for sequence in await pipe.execute()]

    async def cell_pages(self, partition: int) -> AsyncIterator[list[bytes]]:
        """All cells of a partition as flat fields and values, each as it was at some moment of the reading; one may come
        twice, and some fields are no cells.
        """
        cursor: Any = 0
        async with self._connected() as connection:
            while True:
                await connection.send_command("HSCAN", self.keys.cells(partition), cursor, "COUNT", _PAGE)
                cursor, flat = await connection.read_response()
                yield flat
                if int(cursor) == 0:
                    return

    async def cell_pages_of(self, partition: int, fields: Sequence[bytes]) -> AsyncIterator[list[bytes]]:
        """Some cells of a partition as flat fields and values."""
        for first in range(0, len(fields), _PAGE):
            some = fields[first : first + _PAGE]
            values = await self._redis.hmget(self.keys.cells(partition), some)
            yield [x for pair in zip(some, values, strict=True) if pair[1] is not None for x in pair]

    async def reservations(self, partition: int) -> AsyncIterator[Reservation]:
        """All reservations whose home is a partition, refusals left out; one may come twice."""
        async for page in self._pages(self.keys.res(partition), b"r:*"):
            for found in _records(page.items()):
                yield found

    async def orders(self, partition: int) -> AsyncIterator[StoredOrder]:
        """All orders whose home is a partition; one may come twice."""
        async for page in self._pages(self.keys.orders(partition), None):
            for packed in page.values():
                yield decode_order(packed)

    async def order(self, order_id: str) -> StoredOrder | None:
        """An order as it is now."""
        packed = await self._redis.hget(self.keys.orders(self.keys.home_of(order_id)), order_id)
        return None if packed is None else decode_order(packed)

    async def order_and_reservations(
        self, order_id: str, names: Sequence[str]
    ) -> tuple[StoredOrder | None, dict[str, Reservation]]:
        """An order, and reservations by id, those that are there, in one atomic read."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(self.keys.orders(self.keys.home_of(order_id)), order_id)
            for name in names:
                pipe.hget(self.keys.res(self.keys.home_of(name)), f"r:{name}")
            packed, *raw = await pipe.execute()
        found = {
            name: answers.reservation(name, each)
            for name, each in zip(names, raw, strict=True)
            if each is not None and answers.is_record(each)
        }
        return None if packed is None else decode_order(packed), found

    async def work(self) -> dict[str, set[int]]:
        """The nodes that have something to do for orders by their index, by order."""
        nodes = int(await self._redis.hget(self.keys.cells(self.keys.catalogue), "next:node") or 0)
        found: dict[str, set[int]] = {}
        for node_ix in range(nodes):
            for name in await self._redis.zrange(self.keys.work(node_ix), 0, -1):
                found.setdefault(name.decode(), set()).add(node_ix)
        return found

    async def order_and_work(self, order_id: str, nodes: Sequence[int]) -> tuple[StoredOrder | None, set[int]]:
        """An order, and which of some nodes have something to do for it by their index, in one atomic read."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(self.keys.orders(self.keys.home_of(order_id)), order_id)
            for node_ix in nodes:
                pipe.zscore(self.keys.work(node_ix), order_id)
            packed, *scores = await pipe.execute()
        there = {node_ix for node_ix, score in zip(nodes, scores, strict=True) if score is not None}
        return None if packed is None else decode_order(packed), there

    async def placed_and_there(self) -> tuple[int, int]:
        """How many orders the index by time has, and how many there are, in one atomic read."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zcard(self.keys.placed)
            for partition in range(self.keys.partitions):
                pipe.hlen(self.keys.orders(partition))
            indexed, *there = await pipe.execute()
        return indexed, sum(there)

    async def due(self, partition: int) -> dict[bytes, int]:
        """When the members of a partition expire or may be forgotten, in ms."""
        pairs = await self._redis.zrange(self.keys.due(partition), 0, -1, withscores=True)
        return {member: int(score) for member, score in pairs}

    async def supply(self, partition: int) -> dict[bytes, Inbound]:
        """All inbound of a partition by their field in the log."""
        found: dict[bytes, Inbound] = {}
        async for page in self._pages(self.keys.supply(partition), None):
            for field, packed in page.items():
                for inbound in decode_book(field, packed):
                    found[b"i:%b:%b" % (field, inbound.inbound_id.encode())] = inbound
        return found

    async def pools(self, partition: int) -> dict[bytes, tuple[Pool, ...]]:
        """The pools of every cell of a partition that has some, by their field, closed ones too."""
        found: dict[bytes, tuple[Pool, ...]] = {}
        async for page in self._pages(self.keys.pools(partition), None):
            found.update({field: decode_pools(packed) for field, packed in page.items()})
        return found

    async def pool_log(
        self, partition: int, *, after: int = 0
    ) -> AsyncIterator[tuple[int, list[tuple[bytes, tuple[Pool, ...]]]]]:
        """Entries of a partition's log after a sequence: each one's sequence, and the pools touched with their after-values."""
        async for sequence, flat in self.entries(partition, after=after):
            pairs = zip(flat[::2], flat[1::2], strict=True)
            yield sequence, [(name, decode_pools(value)) for name, value in pairs if name.startswith(b"a:")]

    async def clock(self, partition: int) -> int:
        """When a partition was last changed, in ms."""
        return int(await self._redis.hget(self.keys.cells(partition), "clock") or 0)

    async def supply_log(
        self, partition: int, *, after: int = 0
    ) -> AsyncIterator[tuple[int, list[tuple[bytes, Inbound]]]]:
        """Entries of a partition's log after a sequence: each one's sequence, and the inbound touched with their
        after-values.
        """
        async for sequence, flat in self.entries(partition, after=after):
            pairs = zip(flat[::2], flat[1::2], strict=True)
            yield sequence, [(name, decode_logged(name, value)) for name, value in pairs if name.startswith(b"i:")]

    async def log(self, partition: int) -> AsyncIterator[tuple[int, list[LogChange]]]:
        """All entries of a partition's log: sequence and changes."""
        async for sequence, flat in self.entries(partition):
            yield sequence, _changes(flat)

    async def log_reaches(self, partition: int, sequence: int) -> bool:
        """Whether the log has everything that came after a sequence."""
        entry = await self._redis.xrange(self.keys.log(partition), count=1)
        first = int(entry[0][0].split(b"-")[0]) if entry else 1 + (await self.heads())[partition]
        return first <= sequence + 1

    async def entries(self, partition: int, *, after: int = 0) -> AsyncIterator[tuple[int, list[bytes]]]:
        """Entries of a partition's log after a sequence, raw: sequence, and fields and values."""
        # The client library makes a dictionary of an entry, and an entry may name a cell twice: read it raw.
        start, count = f"({after}-0", 50
        async with self._connected() as connection:
            while True:
                await connection.send_command("XRANGE", self.keys.log(partition), start, "+", "COUNT", count)
                page: Any = await connection.read_response()
                for entry_id, flat in page:
                    yield int(entry_id.split(b"-")[0]), flat
                if len(page) < count:
                    return
                start = f"({page[-1][0].decode()}"
                count = max(10, min(_PAGE, count * _PAGE_FIELDS // sum(len(flat) for _, flat in page)))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        connection = self._redis.connection_pool.make_connection()
        await connection.connect()
        try:
            yield connection
        finally:
            await connection.disconnect()

    async def open_units(self, cells: Sequence[tuple[int, int]]) -> list[tuple[StockCell, int, int]]:
        """For (node, sku) pairs, in one atomic read: the cell, and the open units of HELD and CONFIRMED records on it."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for node_ix, sku_ix in cells:
                pipe.hget(self.keys.cells(self.keys.partition_of(node_ix)), cell_field(node_ix, sku_ix).decode())
            for partition in range(self.keys.partitions):
                pipe.hgetall(self.keys.res(partition))
            found = await pipe.execute()
        held, committed = sum_open(record for page in found[len(cells) :] for record in _records(page.items()))
        return [
            (decode_cell(raw), held.get(pair, 0), committed.get(pair, 0))
            for pair, raw in zip(cells, found, strict=False)
        ]

    async def bound_units(self, partition: int) -> list[tuple[Inbound, int, int]]:
        """In one atomic read: every inbound of a partition, and the open units of HELD and CONFIRMED records bound to it."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(self.keys.supply(partition))
            for home in range(self.keys.partitions):
                pipe.hgetall(self.keys.res(home))
            supply, *pages = await pipe.execute()
        bound = sum_bound(record for page in pages for record in _records(page.items()))
        return [
            (inbound, *bound.get(InboundKey(inbound.node_ix, inbound.sku_ix, inbound.inbound_id), (0, 0)))
            for field, packed in supply.items()
            for inbound in decode_book(field, packed)
        ]

    async def drawn_units(self, partition: int) -> list[Draws]:
        """In one atomic read: what every pool of a partition counts as drawn, and what open reservations have drawn."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(self.keys.pools(partition))
            for home in range(self.keys.partitions):
                pipe.hgetall(self.keys.res(home))
            packed, *pages = await pipe.execute()
        drawn = sum_drawn(record for page in pages for record in _records(page.items()))
        here = {key: units for key, units in drawn.items() if self.keys.partition_of(key[0]) == partition}
        counted = {
            (*cell_of_field(field[2:]), pool.channel): pool.drawn
            for field, value in packed.items()
            for pool in decode_pools(value)
        }
        return [Draws(*key, counted.get(key, 0), here.get(key, 0)) for key in sorted({**counted, **here})]

    async def cell_and_pools(self, key: tuple[int, int]) -> tuple[StockCell, tuple[Pool, ...]]:
        """A cell and its pools, in one atomic read."""
        partition = self.keys.partition_of(key[0])
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(self.keys.cells(partition), cell_field(*key).decode())
            pipe.hget(self.keys.pools(partition), pools_field(*key).decode())
            raw, packed = await pipe.execute()
        return decode_cell(raw), decode_pools(packed or b"")

    async def owned(self) -> tuple[dict[str, int], dict[str, int]]:
        """In one atomic read: what is counted for owners, and what their reservations sum to."""
        partitions = range(self.keys.partitions)
        async with self._redis.pipeline(transaction=True) as pipe:
            for partition in partitions:
                pipe.hgetall(self.keys.owners(partition))
            for partition in partitions:
                pipe.hgetall(self.keys.res(partition))
            found = await pipe.execute()
        counted = {field.decode(): int(count) for page in found[: len(partitions)] for field, count in page.items()}
        return counted, sum_owned(record for page in found[len(partitions) :] for record in _records(page.items()))

    async def counted_for_owners(self) -> dict[str, int]:
        """What is counted for owners: units by `<sku_ix>:<owner>`, reservations by `:<owner>`."""
        counted: dict[str, int] = {}
        for partition in range(self.keys.partitions):
            async for page in self._pages(self.keys.owners(partition), None):
                counted.update({field.decode(): int(count) for field, count in page.items()})
        return counted

    async def capacity_sums(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        """In one atomic read: what is open of nodes' days by (node, day), and what reservations take of them."""
        partitions = range(self.keys.partitions)
        async with self._redis.pipeline(transaction=True) as pipe:
            for partition in partitions:
                pipe.hgetall(self.keys.capacity(partition))
            for partition in partitions:
                pipe.hgetall(self.keys.res(partition))
            found = await pipe.execute()
        open_on = _open_on_days(found[: len(partitions)])
        return open_on, sum_days(record for page in found[len(partitions) :] for record in _records(page.items()))

    async def open_on_days(self) -> dict[tuple[int, int], int]:
        """What is open of nodes' days, by (node, day)."""
        pages = [await self._redis.hgetall(self.keys.capacity(p)) for p in range(self.keys.partitions)]
        return _open_on_days(pages)

    async def reasons_and_cells(self, partition: int) -> list[tuple[tuple[int, int], Reasons, StockCell]]:
        """In one atomic read: the cells of a partition whose unavailable units have reasons."""
        reasons = await self._redis.hkeys(self.keys.unavailable(partition))
        if not reasons:
            return []
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(self.keys.unavailable(partition), reasons)
            pipe.hmget(self.keys.cells(partition), reasons)
            found, cells = await pipe.execute()
        return [
            (cell_of_field(field), decode_reasons(packed), decode_cell(raw))
            for field, packed, raw in zip(reasons, found, cells, strict=True)
            if packed is not None and raw is not None
        ]

    async def hold_and_due(self, reservation_id: str) -> tuple[Reservation | None, int | None]:
        """A reservation and its entry in the due index, in one atomic read."""
        home = self.keys.home_of(reservation_id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(self.keys.res(home), f"r:{reservation_id}")
            pipe.zscore(self.keys.due(home), f"r:{reservation_id}")
            raw, score = await pipe.execute()
        record = answers.reservation(reservation_id, raw) if raw and answers.is_record(raw) else None
        return record, None if score is None else int(score)

    async def cell_and_sequence(self, node_ix: int, sku_ix: int) -> tuple[StockCell, int]:
        """A cell and the sequence of its partition, in one atomic read."""
        key = self.keys.cells(self.keys.partition_of(node_ix))
        raw, sequence = await self._redis.hmget(key, [cell_field(node_ix, sku_ix).decode(), "seq"])
        return decode_cell(raw), int(sequence)

    async def cells_and_sequence(self, node_ix: int, sku_ixs: Sequence[int]) -> tuple[list[StockCell | None], int]:
        """Cells of one node, None for those that never were, and the sequence of its partition, in one atomic read."""
        key = self.keys.cells(self.keys.partition_of(node_ix))
        names = [cell_field(node_ix, sku_ix).decode() for sku_ix in sku_ixs]
        *raw, sequence = await self._redis.hmget(key, [*names, "seq"])
        return [None if each is None else decode_cell(each) for each in raw], int(sequence)

    async def _pages(self, key: str, match: bytes | None) -> AsyncIterator[dict[bytes, bytes]]:
        cursor: Any = 0
        while True:
            cursor, page = await self._redis.hscan(key, cursor, match=match, count=_PAGE)
            yield page
            if int(cursor) == 0:
                return


def cell_of_counts(counts: tuple[int, ...]) -> StockCell:
    """A cell of a Ledger."""
    cell = StockCell(*counts)
    return replace(cell, ring_fenced=None) if counts[-1] < 0 else cell


def sum_open(records: Iterable[Reservation]) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """Open units by cell: of HELD records, and of CONFIRMED ones."""
    held: dict[tuple[int, int], int] = {}
    committed: dict[tuple[int, int], int] = {}
    for record in records:
        into = (
            held
            if record.state == ReservationState.HELD
            else committed
            if record.state == ReservationState.CONFIRMED
            else None
        )
        if into is not None:
            for line in record.lines:
                if line.inbound_id is None and line.open:  # what is short has no cell
                    for sku_ix, per_kit in line.components or ((line.sku_ix, 1),):
                        cell = (line.node_ix, sku_ix)
                        into[cell] = into.get(cell, 0) + line.open * per_kit
    return held, committed


def sum_drawn(records: Iterable[Reservation]) -> dict[tuple[int, int, str], int]:
    """Units that HELD and CONFIRMED records have drawn, by node, sku and channel of the pool."""
    found: dict[tuple[int, int, str], int] = {}
    for record in records:
        if record.state in (ReservationState.HELD, ReservationState.CONFIRMED):
            for node_ix, sku_ix, channel, units in record.drawn:
                key = (node_ix, sku_ix, channel)
                found[key] = found.get(key, 0) + units
    return found


def sum_bound(records: Iterable[Reservation]) -> dict[InboundKey, tuple[int, int]]:
    """Open units bound to each inbound: of HELD records, and of CONFIRMED ones."""
    found: dict[InboundKey, tuple[int, int]] = {}
    for record in records:
        firm = record.state == ReservationState.CONFIRMED
        if firm or record.state == ReservationState.HELD:
            for line in record.lines:
                if line.inbound_id is not None and line.open:
                    key = InboundKey(line.node_ix, line.sku_ix, line.inbound_id)
                    held, committed = found.get(key, (0, 0))
                    found[key] = (held, committed + line.open) if firm else (held + line.open, committed)
    return found


def sum_owned(records: Iterable[Reservation]) -> dict[str, int]:
    """What counts for owners of HELD records: units by `<sku_ix>:<owner>`, reservations by `:<owner>`."""
    found: dict[str, int] = {}
    for record in records:
        if record.owned and record.state == ReservationState.HELD:
            found[f":{record.owner_id}"] = found.get(f":{record.owner_id}", 0) + 1
            for line in record.lines:
                for sku_ix, per_kit in (line.components or ((line.sku_ix, 1),)) if line.open else ():
                    field = f"{sku_ix}:{record.owner_id}"
                    found[field] = found.get(field, 0) + line.open * per_kit
    return found


def _open_on_days(pages: Iterable[dict[bytes, bytes]]) -> dict[tuple[int, int], int]:
    return {
        (int(field.split(b":")[0]), day.day): day.open
        for page in pages
        for field, packed in page.items()
        if field.endswith(b":days")
        for day in decode_days(packed)
        if day.open
    }


def sum_days(records: Iterable[Reservation]) -> dict[tuple[int, int], int]:
    """What HELD and CONFIRMED records take of nodes' days, by (node, day)."""
    found: dict[tuple[int, int], int] = {}
    for record in records:
        if record.state in (ReservationState.HELD, ReservationState.CONFIRMED):
            for day in record.work_days:
                if day.open:
                    found[day.node_ix, day.day] = found.get((day.node_ix, day.day), 0) + day.open
    return found


def _records(items: Iterable[tuple[bytes, bytes]]) -> Iterable[Reservation]:
    for member, raw in items:
        if member.startswith(b"r:") and answers.is_record(raw):
            record = answers.reservation(member[2:].decode(), raw)
            if record.outcome != ReserveOutcome.REFUSED:
                yield record


def _changes(flat: list[bytes]) -> list[LogChange]:
    """The changes of one entry, in order; see the log in `lua/header.lua`."""
    changes: list[LogChange] = []
    for i in range(2, len(flat), 2):  # the first pair is the instant
        name, value = flat[i], flat[i + 1]
        if name[:1].isdigit():
            changes[-1][2].append((name, value))
        elif b":" not in name:
            changes.append((name.decode(), value.decode().removeprefix("r:"), []))
    return changes
