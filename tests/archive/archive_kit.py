"""What the tests of the archive share: an archiver over a store, and what its files have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from promessa.archive.archiver import Archiver
from promessa.archive.directory import ArchiveDirectory, Identity
from promessa.archive.reports import connect
from promessa.archive.tables import CHANGES, TABLES
from promessa.store.archive_log import ArchiveLog
from promessa.store.books import Books
from promessa.store.consumers import Consumers
from promessa.store.keys import Keys

NOW_MS = 5


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
        await archiver.begin()
        return archiver

    async def archive(self, **options: Any) -> Archiver:
        """One that comes, archives all there is, and goes."""
        archiver = await self.archiver(**options)
        try:
            await archiver.archive()
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
