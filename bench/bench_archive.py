"""What the archive and a report cost: `measure()` for the runner, or run it as a script.

A store with the events of 100,000 orders that were held, confirmed and fulfilled, or refused, is archived once, by
the archiver alone in this process; its CPU counts, without the store's. Then each report is made of all of it, beside a plain
scan of the same Parquet by DuckDB: four columns summed. Both take turns in one process; the start of the process that a
server makes a report in is in the raw results.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

from harness import Entry, entry

from promessa.archive.archiver import Archiver
from promessa.archive.directory import ArchiveDirectory, Identity
from promessa.archive.reports import REPORTS, connect, make_report
from promessa.domain.fingerprint import fingerprint
from promessa.domain.limits import PARTITIONS_DEFAULT
from promessa.server.store_connection import connect as open_store
from promessa.service.reports import COMMAND
from promessa.store.archive_log import ArchiveLog
from promessa.store.consumers import Consumers
from promessa.store.embedded import EmbeddedStore
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store

NODES, SKUS = 300, 200
ORDERS, AT_ONCE = 100_000, 200
"""Of one line each: with their three changes, and what is counted first, half a million rows."""

ROUNDS = 5
ARCHIVE_GOAL, REPORT_GOAL = 50_000, 10.0
ANY = fingerprint(("method",), "bench")
ALWAYS = 4_000_000_000_000
_SCAN = "SELECT count(*), sum(time_ms), sum(held_after), sum(committed_after), max(kind) FROM changes"


def measure() -> list[Entry]:
    """archive_rows and report_latency."""
    with tempfile.TemporaryDirectory(prefix="promessa-archive-") as name:
        directory = ArchiveDirectory(Path(name) / "archive")
        with EmbeddedStore(Path(name) / "store", durability="dev") as store:
            archived = asyncio.run(_archive(store.url, directory))
        return [archived, _report(directory)]


async def _archive(url: str, directory: ArchiveDirectory) -> Entry:
    redis = open_store(url, namespace="bench")
    keys = await open_data_set(redis, namespace="bench", partitions=PARTITIONS_DEFAULT, new_id="bench")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    await _play(Store(redis, keys, commit))
    await commit.close()
    source = ArchiveLog(redis, redis.connection_pool, keys)
    identity = Identity(await source.data_set(), "bench", keys.partitions)
    archiver = Archiver(source, Consumers(redis, keys), directory, identity, now_ms=lambda: 0)
    await archiver.begin()
    before, began = time.process_time(), time.monotonic()
    await archiver.archive()
    seconds, passed = time.process_time() - before, time.monotonic() - began
    archiver.close()
    await redis.aclose()
    done = archiver.archived
    rate = done.rows / seconds
    size = sum(path.stat().st_size for path in directory.all_segments())
    found = entry(
        name="archive_rows",
        value=round(rate),
        unit="rows archived per CPU second",
        yardstick=f"{done.rows:,} rows of {done.entries:,} entries, {size / done.rows:.1f} bytes each",
        ratio=round(rate / ARCHIVE_GOAL, 3),
        goal=ARCHIVE_GOAL,
        meets_goal=rate >= ARCHIVE_GOAL,
    )
    return found | {"raw": {"cpu_seconds": seconds, "seconds": passed, "rows": done.rows, "bytes": size}}


async def _play(store: Store) -> None:
    """Orders come, are confirmed and shipped; every tenth asks for more than there is."""
    for kind, count in (("node", NODES), ("sku", SKUS)):
        for i in range(count):
            await store.put_resource("", ANY, kind=kind, resource_id=f"{kind}-{i}", value=b"{}", state=1)
    for node in range(NODES):
        await store.apply_counts(
            "", ANY, as_of_ms=0, items=[x for sku in range(SKUS) for x in (node, sku, 10_000, -1, -1)]
        )
    randomness = Random(1)

    async def order(number: int) -> None:
        request_id = f"order-{number:09d}"
        units = 1_000_000 if number % 10 == 0 else 1
        cells = [randomness.randrange(NODES), randomness.randrange(SKUS), units]
        await store.reserve(
            request_id, ANY, cells=cells, all_or_nothing=True, ttl_ms=900_000, owner_id=f"owner-{number % 5_000}", order_id="",
            channel=f"channel-{number % 7}",
        )  # fmt: skip
        if units == 1:
            await store.confirm("", ANY, request_id, order_id=request_id)
            await store.fulfill("", ANY, request_id)

    for first in range(0, ORDERS, AT_ONCE):
        await asyncio.gather(*[order(number) for number in range(first, first + AT_ONCE)])


def _report(directory: ArchiveDirectory) -> Entry:
    directory.tmp.mkdir(exist_ok=True)
    scans: list[float] = []
    reports: dict[str, list[float]] = {name: [] for name in REPORTS}
    for _ in range(ROUNDS):
        began = time.process_time()
        with connect(directory) as connection:
            connection.execute(_SCAN).fetchall()
        scans.append(time.process_time() - began)
        for name, seconds in reports.items():
            began = time.process_time()
            make_report(directory, name, start_ms=0, end_ms=ALWAYS, rows_max=1_000)
            seconds.append(time.process_time() - began)
    ratios = {name: min(seconds) / min(scans) for name, seconds in reports.items()}
    worst = max(ratios, key=lambda name: ratios[name])
    found = entry(
        name="report_latency",
        value=round(median(reports[worst]) * 1000, 1),
        unit=f"ms of CPU, the slowest of {len(REPORTS)} reports ({worst})",
        yardstick=f"DuckDB scanning four columns of the same files: {min(scans) * 1000:.1f} ms",
        ratio=round(ratios[worst], 2),
        goal=REPORT_GOAL,
        meets_goal=ratios[worst] <= REPORT_GOAL,
    )
    return found | {"raw": {"scans": scans, "reports": reports, "process": _process(directory)}}


def _process(directory: ArchiveDirectory) -> float:
    """Seconds of a report in a process of its own."""
    period = {"start_ms": 0, "end_ms": ALWAYS}
    asked = {"what": "report", "directory": str(directory.path), "name": "stockouts", **period, "rows_max": 10}
    began = time.perf_counter()
    subprocess.run([*COMMAND, json.dumps(asked)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
