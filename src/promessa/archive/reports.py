"""Reports over the archive, by name.

Every figure is a sum, a count or a rank over rows, so that whoever has the raw log can make it again; a test does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from promessa.archive import order_reports, reservation_reports, settlement
from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.segment import duck
from promessa.archive.tables import TABLES

REPORTS = {
    "channels": order_reports.CHANNELS,
    "nodes": order_reports.NODES,
    "journey": order_reports.JOURNEY,
    "settlement": settlement.SETTLEMENT,
    "stockouts": reservation_reports.STOCKOUTS,
    "reservations": reservation_reports.RESERVATIONS,
}
"""The queries by name, with parameters $start and $end in ms."""

_PERIOD_ALONE = frozenset({"stockouts", "settlement"})
"""Reports that look at nothing after their period."""

_VIEWS = (
    reservation_reports.MOVED,
    reservation_reports.JOURNEYS,
    order_reports.SHIPMENTS,
    settlement.POSTINGS,
    settlement.LEDGER,
)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by column name, as many as were wanted; and how many there are."""

    rows: list[dict[str, Any]]
    row_count: int
    dead_letter_count: int


def make_report(directory: ArchiveDirectory, name: str, *, start_ms: int, end_ms: int, rows_max: int) -> Report:
    """One of REPORTS over a period."""
    last_day = utc_day(end_ms - 1) if name in _PERIOD_ALONE else None
    with connect(directory, first_day=utc_day(start_ms), last_day=last_day) as connection:
        found = connection.execute(REPORTS[name], {"start": start_ms, "end": end_ms})
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    return Report(
        [dict(zip(columns, row, strict=True)) for row in rows[:rows_max]], len(rows), len(directory.letters())
    )


def connect(
    directory: ArchiveDirectory, *, first_day: date | None = None, last_day: date | None = None
) -> duckdb.DuckDBPyConnection:
    """DuckDB with the TABLES of an archive, of some UTC days, and the views over them that reports are made of."""
    connection = duck(directory)
    for table, columns in TABLES.items():
        files = directory.segments(table, first_day=first_day, last_day=last_day)
        none = ", ".join(f"NULL::{kind} AS {column}" for column, (kind, _) in columns.items())
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        rows = f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)" if files else ""
        of_files = f" UNION ALL BY NAME SELECT * FROM {rows}" if files else ""
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM (SELECT {none}) WHERE false{of_files}")
    for view in _VIEWS:
        connection.execute(view)
    return connection
