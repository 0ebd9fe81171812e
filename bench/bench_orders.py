"""What orders cost the archive, and how long reports on them take: `measure()` for the runner, or run it as a script.

A small replay (replay.py) leaves the journeys of real baskets in the event log. The archiver, alone in this process, archives
them; the yardstick writes the very rows that came of it, once they are known. Then the archive is made larger, each order many
times under other ids, days become one file each, as the archiver leaves them, and every report is made of all of it, in turns
with a scan of the same files.
"""

from __future__ import annotations

import asyncio
import csv
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
from harness import Entry, entry
from processes import promessa_serve
from replay_server import SETTINGS, clock_settings, load, replay_on, settings_of, times_of

from promessa.archive.archiver import Archiver
from promessa.archive.compaction import compact
from promessa.archive.directory import ArchiveDirectory, Identity
from promessa.archive.reports import REPORTS, make_report
from promessa.server.settings import Resolved
from promessa.server.store_connection import connect, data_set
from promessa.store.archive_log import ArchiveLog
from promessa.store.consumers import Consumers

ORDERS, DAYS, PROCESSES = 4_000, 2, 2
REPORT_ORDERS = 200_000
ROUNDS = 3
ARCHIVE_GOAL, REPORT_GOAL_MS = 10.0, 2_000.0
ALWAYS_MS = 4_000_000_000_000
_IDS = ("order_id", "reservation_id", "request_id", "exchange_of", "reference")
"""Columns that name an order or what it holds."""


def measure() -> list[Entry]:
    """archive_orders, and report_<name> for every report."""
    with tempfile.TemporaryDirectory(prefix="promessa-orders-") as name:
        directory = Path(name)
        settings = {**SETTINGS, **clock_settings(directory)}
        archive = ArchiveDirectory(directory / "archive")
        with promessa_serve(directory, workers=1, settings=settings) as server:
            asyncio.run(load(server.target, times_of(ORDERS)))
            with Archiving(settings_of(server), archive) as archiving:
                archiving.archive()  # what was counted first
                before = set(archive.path.rglob("*.parquet"))
                orders = replay_on(server, orders=ORDERS, days=DAYS, processes=PROCESSES).orders
                seconds, rows = archiving.archive()
        made = sorted(set(archive.path.rglob("*.parquet")) - before)
        archived = _archived(archive, made, orders, seconds, rows)
        times = -(-REPORT_ORDERS // orders)
        for path in made:
            _multiply(path, times)
        while compact(archive, now_ms=ALWAYS_MS):
            pass
        return [archived, *_reports(archive, times * orders)]


class Archiving:
    """An archiver of a server's data set in this process."""

    def __init__(self, settings: Resolved, directory: ArchiveDirectory) -> None:
        self._loop = asyncio.new_event_loop()
        self._archiver = self._loop.run_until_complete(self._begun(settings, directory))

    def __enter__(self) -> Archiving:
        return self

    def __exit__(self, *raised: object) -> None:
        self._archiver.close()
        self._loop.run_until_complete(self._redis.aclose())
        self._loop.close()

    def archive(self) -> tuple[float, int]:
        """Archive all there is: the CPU seconds that took, and the rows of it."""
        rows, began = self._archiver.archived.rows, time.process_time()
        self._loop.run_until_complete(self._archiver.archive())
        return time.process_time() - began, self._archiver.archived.rows - rows

    async def _begun(self, settings: Resolved, directory: ArchiveDirectory) -> Archiver:
        self._redis = connect(settings.redis_url, namespace=settings.namespace)
        keys = await data_set(self._redis, settings)
        source = ArchiveLog(self._redis, self._redis.connection_pool, keys)
        identity = Identity(await source.data_set(), settings.namespace, keys.partitions)
        archiver = Archiver(source, Consumers(self._redis, keys), directory, identity, now_ms=lambda: 0)
        await archiver.begin()
        return archiver


def _archived(archive: ArchiveDirectory, made: list[Path], orders: int, seconds: float, rows: int) -> Entry:
    plain = min(_written_plainly(archive.tmp, made) for _ in range(ROUNDS))
    size = sum(path.stat().st_size for path in made)
    found = entry(
        name="archive_orders",
        value=round(orders / seconds),
        unit="orders with their journeys archived per CPU second",
        yardstick=f"writing the same {rows:,} rows as text and making Parquet of it: {plain:.2f} s, for us {seconds:.2f} s",
        ratio=seconds / plain,
        goal=ARCHIVE_GOAL,
        meets_goal=seconds <= ARCHIVE_GOAL * plain,
    )
    return found | {
        "raw": {"cpu_seconds": seconds, "plain_seconds": plain, "rows": rows, "orders": orders, "bytes": size}
    }


def _written_plainly(scratch: Path, made: list[Path]) -> float:
    """CPU seconds of writing rows that are known to text, and of making Parquet of the text, file by file."""
    text, again, seconds = scratch / "plain.csv", scratch / "plain.parquet", 0.0
    for path in made:
        with duckdb.connect(config={"threads": 1}) as connection:
            rows = connection.execute(f"SELECT * FROM '{path}'").fetchall()
            names = [
                (name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
            ]
            columns = ", ".join(f"'{name}': '{kind}'" for name, kind in names)
            began = time.process_time()
            with text.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
            form = """auto_detect=false, header=false, delim=',', quote='"', escape='"'"""
            read = f"read_csv('{text}', {form}, columns={{{columns}}})"
            connection.execute(f"COPY (SELECT * FROM {read}) TO '{again}' (FORMAT parquet, COMPRESSION zstd)")
            seconds += time.process_time() - began
    text.unlink()
    again.unlink()
    return seconds


def _multiply(path: Path, times: int) -> None:
    """Have a file hold its rows so many times, under other ids each time."""
    with duckdb.connect(config={"threads": 1}) as connection:
        columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
        ids = ", ".join(f"{name} || suffix AS {name}" for name in _IDS if name in columns)
        if {"step", "detail"} <= columns:  # of an exchange it is the other order
            ids += ", detail || if(step = 'EXCHANGE', suffix, '') AS detail"
        copies = f"(SELECT if(copy = 0, '', '-' || copy) AS suffix FROM range({times}) AS copies(copy))"
        rows = f"SELECT * EXCLUDE (suffix) REPLACE ({ids}) FROM '{path}', {copies}"
        to = path.with_name("multiplied")
        connection.execute(f"COPY ({rows}) TO '{to}' (FORMAT parquet, COMPRESSION zstd)")
    to.rename(path)


def _reports(archive: ArchiveDirectory, orders: int) -> list[Entry]:
    """The median CPU time of each report. Its own process, which a server makes it in, takes some tenths of a second more."""
    scans: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in REPORTS}
    for _ in range(ROUNDS):
        began = time.process_time()
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(
                "SELECT count(*), sum(time_ms), sum(held_after), sum(committed_after), max(kind) "
                f"FROM '{archive.path}/changes/*/*.parquet'"
            ).fetchall()
        scans.append(time.process_time() - began)
        for name, seconds in times.items():
            began = time.process_time()
            make_report(archive, name, start_ms=0, end_ms=ALWAYS_MS, rows_max=1_000)
            seconds.append(time.process_time() - began)
    return [_report(name, seconds, scans, orders) for name, seconds in times.items()]


def _report(name: str, seconds: list[float], scans: list[float], orders: int) -> Entry:
    p50_ms = median(seconds) * 1_000
    found = entry(
        name=f"report_{name}",
        value=round(p50_ms, 1),
        unit=f"ms of CPU, p50, over {orders:,} orders with their journeys",
        yardstick=f"a goal in ms of CPU; DuckDB scanning four columns of the changes: {median(scans) * 1_000:.1f} ms",
        ratio=p50_ms / REPORT_GOAL_MS,
        goal=REPORT_GOAL_MS,
        meets_goal=p50_ms <= REPORT_GOAL_MS,
    )
    return found | {"raw": {"seconds": seconds, "scans": scans, "orders": orders}}


if __name__ == "__main__":
    for line in measure():
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
