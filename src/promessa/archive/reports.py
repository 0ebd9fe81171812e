"""Reports over the archive, as SQL over the table `changes`.

Every figure is a sum, a count or a rank over rows, so that whoever has the raw log can make it again; a test does. Units
that a change took or gave are what a cell counted after it less what it counted before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from promessa.archive import decisions, demand, report_orders
from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.segment import duck
from promessa.archive.tables import TABLES

_MOVED = """
CREATE VIEW moved AS
SELECT time_ms, reservation_id, kind, node, inbound_id, field, order_id, owner_id, channel,
  coalesce(held_after - held_before, 0) AS held, coalesce(committed_after - committed_before, 0) AS committed
FROM changes WHERE reservation_id IS NOT NULL
"""

_JOURNEYS = """
CREATE VIEW journeys AS
SELECT reservation_id,
  min(time_ms) FILTER (kind IN ('hold', 'bind') AND held > 0) AS held_ms,
  min(time_ms) FILTER (kind IN ('hold', 'confirm') AND committed > 0) AS confirmed_ms,
  max(time_ms) FILTER (kind = 'fulfill' AND held + committed < 0) AS fulfilled_ms,
  coalesce(sum(held) FILTER (kind IN ('hold', 'bind')), 0)::BIGINT AS held_units,
  coalesce(sum(committed) FILTER (kind IN ('hold', 'confirm') AND committed > 0), 0)::BIGINT AS confirmed_units,
  -coalesce(sum(held + committed) FILTER (kind = 'fulfill'), 0)::BIGINT AS fulfilled_units,
  -coalesce(sum(held + committed) FILTER (kind IN ('release', 'confirm')), 0)::BIGINT AS released_units,
  -coalesce(sum(held + committed) FILTER (kind = 'expire'), 0)::BIGINT AS expired_units,
  coalesce(sum(held), 0)::BIGINT AS open_held, coalesce(sum(committed), 0)::BIGINT AS open_committed,
  min(time_ms) FILTER (kind = 'refuse') AS refused_ms,
  coalesce(max(channel), '') AS channel,
  CASE WHEN bool_or(kind = 'refuse') THEN 'REFUSED'
    WHEN open_committed > 0 THEN 'CONFIRMED' WHEN open_held > 0 THEN 'HELD'
    WHEN confirmed_units = 0 AND expired_units > 0 THEN 'EXPIRED'
    WHEN fulfilled_units > 0 THEN 'FULFILLED' ELSE 'RELEASED' END AS outcome
FROM moved GROUP BY reservation_id
"""


def _spread(first: str, last: str) -> str:
    return f"coalesce(quantile_disc({last} - {first}, [0.5, 0.9, 0.99]) FILTER ({last} IS NOT NULL), [0, 0, 0])"


_JOURNEY = f"""
SELECT channel, count(*) AS reservation_count,
  count(*) FILTER (outcome = 'HELD') AS held_count, count(*) FILTER (outcome = 'CONFIRMED') AS confirmed_count,
  count(*) FILTER (outcome = 'FULFILLED') AS fulfilled_count, count(*) FILTER (outcome = 'RELEASED') AS released_count,
  count(*) FILTER (outcome = 'EXPIRED') AS expired_count,
  {_spread("held_ms", "confirmed_ms")} AS confirm_time, {_spread("confirmed_ms", "fulfilled_ms")} AS fulfill_time
FROM journeys WHERE held_ms >= $start AND held_ms < $end
GROUP BY channel ORDER BY reservation_count DESC, channel
"""

_NODES = """
SELECT node AS node_id, count(DISTINCT reservation_id) AS reservation_count,
  coalesce(sum(held) FILTER (kind = 'hold' AND held > 0), 0)::BIGINT AS held_quantity,
  coalesce(sum(committed) FILTER (kind IN ('hold', 'confirm') AND committed > 0), 0)::BIGINT AS confirmed_quantity,
  -coalesce(sum(held + committed) FILTER (kind = 'fulfill'), 0)::BIGINT AS fulfilled_quantity,
  -coalesce(sum(held + committed) FILTER (kind IN ('release', 'confirm')), 0)::BIGINT AS released_quantity,
  -coalesce(sum(held + committed) FILTER (kind = 'expire'), 0)::BIGINT AS expired_quantity
FROM moved
WHERE node IS NOT NULL AND inbound_id IS NULL AND (held <> 0 OR committed <> 0) AND time_ms >= $start AND time_ms < $end
GROUP BY node ORDER BY held_quantity DESC, node_id
"""

_CHANNELS = """
SELECT channel, count(*) FILTER (outcome <> 'REFUSED') AS reservation_count,
  count(*) FILTER (outcome = 'REFUSED') AS refused_count, sum(held_units)::BIGINT AS held_quantity,
  sum(fulfilled_units)::BIGINT AS fulfilled_quantity, sum(released_units)::BIGINT AS released_quantity,
  sum(expired_units)::BIGINT AS expired_quantity
FROM journeys WHERE coalesce(held_ms, refused_ms) >= $start AND coalesce(held_ms, refused_ms) < $end
GROUP BY channel ORDER BY reservation_count DESC, channel
"""

GROUPED = {"stockouts": (demand.stockouts, demand.DEFAULT), "sourcing": (decisions.sourcing, decisions.DEFAULT)}
"""What makes the query of a report whose rows can be grouped, and by what they are if nobody says."""

REPORTS = {"journey": _JOURNEY, "nodes": _NODES, "channels": _CHANNELS} | {
    name: make(by) for name, (make, by) in GROUPED.items()
}
"""The queries by name, with parameters $start and $end in ms."""

_PERIOD_ALONE = frozenset({"stockouts", "nodes", "sourcing"})
"""Reports that look at nothing after their period."""


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
    with _opened(directory, name, start_ms, end_ms, days) as connection:
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
    with _opened(directory, name, start_ms, end_ms) as connection:
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
    connection.execute("CREATE TEMP TABLE days (day VARCHAR, start_ms BIGINT)")
    if days:
        connection.executemany("INSERT INTO days VALUES (?, ?)", [day[:2] for day in days])
    return connection


def connect(
    directory: ArchiveDirectory, *, first_day: date | None = None, last_day: date | None = None
) -> duckdb.DuckDBPyConnection:
    """DuckDB with the TABLES of an archive, of some UTC days, and the views over them."""
    connection = duck(directory)
    for table, columns in TABLES.items():
        files = directory.segments(table, first_day=first_day, last_day=last_day)
        none = ", ".join(f"NULL::{kind} AS {column}" for column, (kind, _) in columns.items())
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        rows = f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)" if files else ""
        of_files = f" UNION ALL BY NAME SELECT * FROM {rows}" if files else ""
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM (SELECT {none}) WHERE false{of_files}")
    for views in (_MOVED, _JOURNEYS, demand.VIEWS, decisions.VIEWS, report_orders.VIEWS):
        connection.execute(views)
    return connection
