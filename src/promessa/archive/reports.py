"""Reports over the archive, by name.

Every figure is a sum, a count or a rank over rows, so that whoever has the raw log can make it again; a test does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from promessa.archive import decisions, demand, order_reports, report_orders, reservation_reports, settlement
from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.segment import duck
from promessa.archive.tables import TABLES

GROUPED = {"stockouts": (demand.stockouts, demand.DEFAULT), "sourcing": (decisions.sourcing, decisions.DEFAULT)}
"""What makes the query of a report whose rows can be grouped, and by what they are if nobody says."""

REPORTS = {
    "channels": order_reports.CHANNELS,
    "nodes": order_reports.NODES,
    "journey": order_reports.JOURNEY,
    "settlement": settlement.SETTLEMENT,
    "reservations": reservation_reports.RESERVATIONS,
} | {name: make(by) for name, (make, by) in GROUPED.items()}
"""The queries by name, with parameters $start and $end in ms."""

_PERIOD_ALONE = frozenset({"stockouts", "sourcing", "settlement"})
"""Reports that look at nothing after their period."""

_SINCE = {"settlement": settlement.SINCE}
"""Since when, for reports that may look at what was before their period; NULL if nothing is."""

_VIEWS = (
    reservation_reports.MOVED,
    reservation_reports.JOURNEYS,
    order_reports.SHIPMENTS,
    order_reports.REFUSALS,
    settlement.POSTINGS,
    settlement.LEDGER,
    demand.VIEWS,
    decisions.VIEWS,
    report_orders.VIEWS,
)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by column name, as many as were wanted, and how many there are; where rows can be grouped, one of all, too."""

    rows: list[dict[str, Any]]
    row_count: int
    dead_letter_count: int
    total: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OrdersBehind:
    """Rows of orders by column name; `more` says that others follow."""

    rows: list[dict[str, Any]]
    more: bool
    dead_letter_count: int


def make_report(
    directory: ArchiveDirectory,
    name: str,
    *,
    start_ms: int,
    end_ms: int,
    rows_max: int,
    group_by: Sequence[str] = (),
    days: Sequence[tuple[str, int, int]] = (),
) -> Report:
    """One of REPORTS over a period. Where rows can be grouped it may be told by what; `days` are those of the period."""
    with directory.reading(), _opened(directory, name, start_ms, end_ms, days) as connection:
        period = {"start": start_ms, "end": end_ms}
        make, by = GROUPED.get(name, (None, ()))
        found = _rows(connection, make(group_by or by) if make else REPORTS[name], period)
        total = _rows(connection, make(()), period) if make else []
    return Report(found[:rows_max], len(found), len(directory.letters()), total[0] if total else None)


def find_orders(
    directory: ArchiveDirectory,
    name: str,
    *,
    start_ms: int,
    end_ms: int,
    wanted: Mapping[str, str],
    after: Sequence[int],
    page_size: int,
) -> OrdersBehind:
    """The orders behind a report, or behind those of its rows that are wanted: so many after a place."""
    with directory.reading(), _opened(directory, name, start_ms, end_ms) as connection:
        query, parameters = report_orders.orders_behind(name, wanted, after)
        found = _rows(connection, query, parameters | {"start": start_ms, "end": end_ms, "most": page_size + 1})
    return OrdersBehind(found[:page_size], len(found) > page_size, len(directory.letters()))


def _rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    found = connection.execute(query, parameters)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _opened(
    directory: ArchiveDirectory, name: str, start_ms: int, end_ms: int, days: Sequence[tuple[str, int, int]] = ()
) -> duckdb.DuckDBPyConnection:
    """DuckDB over the files that a report needs."""
    last_day = utc_day(end_ms - 1) if name in _PERIOD_ALONE else None
    connection = connect(directory, first_day=utc_day(start_ms), last_day=last_day)
    if name in _SINCE:
        (since_ms,) = connection.execute(_SINCE[name], {"start": start_ms, "end": end_ms}).fetchall()[0]
        if since_ms is not None and since_ms < start_ms:
            connection.close()
            connection = connect(directory, first_day=utc_day(since_ms), last_day=last_day)
    connection.execute("CREATE TEMP TABLE days (day VARCHAR, start_ms BIGINT)")
    if days:
        connection.executemany("INSERT INTO days VALUES (?, ?)", [day[:2] for day in days])
    return connection


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
