"""What the tests of the archive share: an archiver over a store, and what its files have."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from promessa.archive.archiver import Archiver
from promessa.archive.directory import ArchiveDirectory, Identity
from promessa.archive.reports import connect
from promessa.archive.tables import CHANGES, TABLES
from promessa.store.archive_log import ArchiveLog
from promessa.store.books import Books
from promessa.store.consumers import ARCHIVE, Consumers
from promessa.store.keys import Keys

NOW_MS = 5
ALWAYS_MS = 4_000_000_000_000
"""An instant after which every day of a test is long over."""


class Kept:
    """An archive in a directory, which several archivers keep one after the other."""

    def __init__(self, redis: Redis, keys: Keys, path: Path) -> None:
        self.redis, self.keys = redis, keys
        self.directory = ArchiveDirectory(path)
        self.source = ArchiveLog(redis, redis.connection_pool, keys)
        self.consumers = Consumers(redis, keys)

    async def archiver(self, **options: Any) -> Archiver:
        """One that has begun."""
        identity = Identity(await self.source.data_set(), self.keys.namespace, self.keys.partitions)
        directory = ArchiveDirectory(self.directory.path)
        options.setdefault("now_ms", lambda: NOW_MS)
        archiver = Archiver(self.source, self.consumers, directory, identity, **options)
        try:
            await archiver.begin()
        except BaseException:
            archiver.close()
            raise
        return archiver

    async def archive(self, **options: Any) -> Archiver:
        """One that comes, archives all there is, makes one file of each day that is over at its `now_ms`, and goes."""
        archiver = await self.archiver(**options)
        try:
            await archiver.archive()
            while archiver.compact():
                pass
        finally:
            archiver.close()
        return archiver

    def rows(self, columns: str = "*", table: str = CHANGES) -> list[tuple[Any, ...]]:
        """Rows of a table of the archive in the order of the logs."""
        with connect(self.directory) as connection:
            return connection.execute(f"SELECT {columns} FROM {table} ORDER BY partition, sequence, ordinal").fetchall()

    def dicts(self, table: str = CHANGES) -> list[dict[str, Any]]:
        return [dict(zip(TABLES[table], row, strict=True)) for row in self.rows(table=table)]

    def places(self, table: str = CHANGES) -> list[tuple[int, int, int]]:
        """Partition, sequence and ordinal of every row."""
        return self.rows("partition, sequence, ordinal", table)  # type: ignore[return-value]


async def raw_log(redis: Redis, keys: Keys) -> list[tuple[int, int, list[bytes]]]:
    """Every entry of every log as the store has it: partition, sequence, fields and values."""
    books = Books(redis, keys)
    return [
        (partition, sequence, flat)
        for partition in range(keys.partitions + 1)
        async for sequence, flat in books.entries(partition)
    ]


def steps_until(name: str, times: int, act: Callable[[], None]) -> Callable[[str], None]:
    """Acts when a step comes for so many times."""
    seen = 0

    def on_step(step: str) -> None:
        nonlocal seen
        seen += step == name
        if step == name and seen == times:
            act()

    return on_step


async def check_whole(kept: Kept, *, buried: int = 0) -> None:
    """Every entry is there once, in rows without a gap or as a dead letter; the positions are the heads.

    Each step of an order is one row of order_steps.
    """
    places = kept.places()
    assert len(set(places)) == len(places), "nothing twice"
    letters = [tuple(map(int, path.stem.split("-")[1:])) for path in kept.directory.letters()]
    assert len(letters) == buried
    assert sorted({place[:2] for place in places} | set(letters)) == [
        (partition, sequence) for partition, sequence, _ in await raw_log(kept.redis, kept.keys)
    ]
    for before, after in pairwise(places):
        assert after[2] == (before[2] + 1 if before[:2] == after[:2] else 0), "rows of an entry are there in order"
    for table in set(TABLES) - {CHANGES}:
        there = kept.places(table)
        assert len(set(there)) == len(there), f"nothing twice in {table}"
    steps = [each["order_id"] for each in kept.dicts() if each["kind"] == "order"]
    assert steps == [each["order_id"] for each in kept.dicts("order_steps")]
    placed = {row["order_id"] for row in kept.dicts("order_steps") if row["step"] == "PLACE"}
    for table in ("order_shipments", "order_units"):
        rows = [row for row in kept.dicts(table) if row["step"] == "PLACE"]
        assert {row["order_id"] for row in rows} == placed, "each was placed with a shipment"
    consumer = await kept.consumers.get(ARCHIVE)
    assert consumer is not None
    assert list(consumer.positions) == await kept.source.heads()


def check_befores(kept: Kept) -> int:
    """What was before a change is what was after the one before; how many changes of cells there are."""
    after: dict[str, tuple[Any, ...]] = {}
    seen = 0
    for row in kept.dicts():
        if row["version"] is None:
            continue
        names = ("on_hand", "unavailable", "safety_stock", "held", "committed")
        assert tuple(row[f"{name}_before"] for name in names) == after.get(row["field"], (0, 0, 0, 0, 0)), row
        after[row["field"]] = tuple(row[f"{name}_after"] for name in names)
        seen += 1
    return seen
