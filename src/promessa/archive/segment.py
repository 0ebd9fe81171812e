"""Rows on their way into Parquet: gathered in a file of text, and then made columns by DuckDB."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.tables import CHANGES, TABLES, Row, Rows

_LINE_MAX = 4_000_000
_MEMORY = "512MB"

_READ = """
SELECT * FROM read_csv(?, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '',
  max_line_size = {line_max}, parallel = false, columns = {{{columns}}})
"""


def duck(directory: ArchiveDirectory) -> duckdb.DuckDBPyConnection:
    """DuckDB with bounds: it is not alone on the machine."""
    return duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": _MEMORY,
            "temp_directory": str(directory.tmp),
            "autoinstall_known_extensions": "false",
        }
    )


class Segment:
    """The rows of one revision, until they are in the archive."""

    def __init__(self, directory: ArchiveDirectory, revision: int) -> None:
        self._directory = directory
        self.revision = revision
        self.row_count = 0
        self._tables: dict[str, _Text] = {}

    def add(self, rows: Rows) -> None:
        """The rows of one entry: they have one instant."""
        for table, found in rows.items():
            if not found:
                continue
            text = self._tables.get(table)
            if text is None:
                text = self._tables[table] = _Text(self._directory.tmp / f"{table}-{self.revision}.csv")
            text.add(found)
        self.row_count += len(rows[CHANGES])

    def write(self, on_step: Callable[[str], None] = lambda step: None) -> None:
        """Make its files, one for each table and UTC day, whole and for good."""
        for table, text in self._tables.items():
            text.file.close()
            for day in sorted(text.days):
                with self._directory.made(self._directory.segment_path(table, day, self.revision)) as made:
                    only = day if len(text.days) > 1 else None
                    write_parquet(duck(self._directory), table, str(text.path), str(made), only)
                    on_step("written")
                on_step("renamed")
            text.path.unlink()

    def drop(self) -> None:
        for text in self._tables.values():
            text.file.close()
            text.path.unlink(missing_ok=True)


class _Text:
    """The rows of one table, and the days they are of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.days: set[date] = set()
        self.file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self.file, lineterminator="\n")

    def add(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(rows)
        self.days.add(utc_day(rows[0][0]))


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """A text file of rows, as write_parquet reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_parquet(connection: duckdb.DuckDBPyConnection, table: str, rows: str, made: str, day: date | None) -> None:
    """A Parquet file of a text file's rows of a table, of one UTC day alone if it is named."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, (kind, _) in TABLES[table].items())
    query = _READ.format(line_max=_LINE_MAX, columns=columns)
    if day is not None:
        first = day_ms(day)
        query += f" WHERE time_ms >= {first} AND time_ms < {day_ms(day + timedelta(days=1))}"
    with connection:
        connection.execute(f"COPY ({query}) TO '{_quoted(made)}' (FORMAT parquet, COMPRESSION zstd)", [rows])


def day_ms(day: date) -> int:
    """The instant at which a UTC day begins."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def _quoted(path: str) -> str:
    return path.replace("'", "''")
