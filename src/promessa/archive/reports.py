"""Reports over the archive, as SQL over the table `changes`.

Every figure is a sum, a count or a rank over rows, so that whoever has the raw log can make it again; a test does. Units
that a change took or gave are what a cell counted after it less what it counted before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

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

_STOCKOUTS = """
SELECT sku, coalesce(node, '') AS node_id, reason, count(*) AS line_count,
  count(DISTINCT reservation_id) AS request_count, sum(requested)::BIGINT AS requested_quantity,
  sum(granted)::BIGINT AS granted_quantity, sum(requested - least(requested, available))::BIGINT AS missing_quantity
FROM changes WHERE requested IS NOT NULL AND time_ms >= $start AND time_ms < $end
GROUP BY ALL ORDER BY missing_quantity DESC, sku, node_id, reason
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

REPORTS = {"stockouts": _STOCKOUTS, "journey": _JOURNEY, "nodes": _NODES, "channels": _CHANNELS}
"""The queries by name, with parameters $start and $end in ms."""

_PERIOD_ALONE = frozenset({"stockouts", "nodes"})
"""Reports that look at nothing after their period."""


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
    """DuckDB with the TABLES of an archive, of some UTC days, and the views `moved` and `journeys` over them."""
    connection = duck(directory)
    for table, columns in TABLES.items():
        files = directory.segments(table, first_day=first_day, last_day=last_day)
        none = ", ".join(f"NULL::{kind} AS {column}" for column, (kind, _) in columns.items())
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        rows = f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)" if files else ""
        of_files = f" UNION ALL BY NAME SELECT * FROM {rows}" if files else ""
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM (SELECT {none}) WHERE false{of_files}")
    connection.execute(_MOVED)
    connection.execute(_JOURNEYS)
    return connection
