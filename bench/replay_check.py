"""Whether what a replay left agrees with what it counted: the archive, the reports made of it, and the audit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from replay_counts import Counts

from promessa.archive.directory import ArchiveDirectory
from promessa.archive.reports import REPORTS, make_report

ALWAYS_MS = 4_000_000_000_000
ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Checked:
    """One figure: as it was counted, and as it is told."""

    what: str
    counted: object
    told: object

    @property
    def agrees(self) -> bool:
        return self.counted == self.told


@dataclass(frozen=True, slots=True)
class Made:
    """A report, and the seconds that it took."""

    rows: list[dict[str, Any]]
    seconds: float


def reports(directory: ArchiveDirectory) -> dict[str, Made]:
    """Every report over all of an archive."""
    made = {}
    for name in REPORTS:
        began = time.perf_counter()
        found = make_report(directory, name, start_ms=0, end_ms=ALWAYS_MS, rows_max=ROWS_MAX)
        made[name] = Made(found.rows, time.perf_counter() - began)
    return made


def check_archive(path: Path, counts: Counts) -> Iterator[Checked]:
    """Steps of orders in the archive."""
    entries = _scan(path, "changes", "SELECT count(*) FROM rows WHERE field LIKE 'o:%'")
    yield Checked("steps of orders in the archive", counts.step_count, entries[0][0])
    if (path / "order_steps").exists():
        told = dict(_scan(path, "order_steps", "SELECT step, count(*) FROM rows GROUP BY step"))
        yield Checked("steps by kind", dict(counts.steps), told)


def check_reports(made: Mapping[str, Made], counts: Counts) -> Iterator[Checked]:
    """Figures of reports that the replay counted, too: as many of them as there are."""
    for report, key, figures in (
        ("channels", "channel", counts.of_channels),
        ("reservations", "channel", counts.of_channels),
        ("nodes", "node_id", counts.of_nodes),
    ):
        rows = made[report].rows if report in made else []
        for column in sorted({what for what, _ in figures} & {*(rows[0] if rows else ())}):
            counted = {name: value for (what, name), value in figures.items() if what == column and value}
            yield Checked(f"{column} of {report}", counted, _told(rows, key, column))
    if "settlement" in made:
        net = sum([row["net_micros"] for row in made["settlement"].rows])
        yield Checked("what companies owe each other, in sum", 0, net)


def _told(rows: list[dict[str, Any]], key: str, column: str) -> dict[str, int]:
    found = Counter[str]()
    for row in rows:
        found[row[key]] += row[column]
    return {name: value for name, value in found.items() if value}


def _scan(path: Path, table: str, sql: str) -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW rows AS SELECT * FROM '{path}/{table}/*/*.parquet'")
        return connection.execute(sql).fetchall()
