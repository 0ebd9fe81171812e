"""A replay: real baskets as orders of a chain of 320 nodes, led through seeded journeys over months, archived and reported.

    bench/replay.py --orders 20000          some minutes
    bench/replay.py --orders 1000000        the whole: bench/README.md says how long, and how much memory

`promessa serve` runs with its archiver and a clock that is set forward; processes of this program are its workers, without
gRPC (replay_process.py). At the end the archive, the reports and the audit are compared with what the replay counted itself:
the exit code is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from harness import cpu_ns
from processes import Server, end_cleanly_when_told, promessa_serve
from replay_check import Checked, Made, check_archive, check_reports, reports
from replay_counts import Counts
from replay_server import SETTINGS, audit, clock_settings, load, replay_on, times_of, until_archived
from rich.console import Console
from rich.table import Table

from promessa.archive.directory import ArchiveDirectory

T = TypeVar("T")
ARCHIVE_SECONDS = "20"


def main() -> int:
    """The exit code: 0 if everything agrees."""
    end_cleanly_when_told()
    asked = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 140)
    with tempfile.TemporaryDirectory(prefix="promessa-replay-") as name:
        directory = Path(asked.directory or name).absolute()
        archive = {"ARCHIVE_DIR": str(directory / "archive"), "ARCHIVE_SECONDS": ARCHIVE_SECONDS}
        settings = {**SETTINGS, **clock_settings(directory), **archive}
        with promessa_serve(directory, workers=1, settings=settings) as server:
            return _run(server, ArchiveDirectory(directory / "archive"), asked, console)


def _run(server: Server, archive: ArchiveDirectory, asked: argparse.Namespace, console: Console) -> int:
    def timed(what: str, act: Callable[[], T]) -> T:
        began = time.monotonic()
        found = act()
        seconds[what] = time.monotonic() - began
        console.print(f"{what}: {seconds[what]:,.1f} s", style="dim")
        return found

    seconds: dict[str, float] = {}
    timed("chain loaded", lambda: asyncio.run(load(server.target, times_of(asked.orders))))
    counts = timed(
        "replayed", lambda: replay_on(server, orders=asked.orders, days=asked.days, processes=asked.processes)
    )
    timed("archived to the end", lambda: asyncio.run(until_archived(server.target)))
    made = timed("reports made", lambda: reports(archive))
    audited = timed("audited", lambda: asyncio.run(audit(server.target)))
    checked = [*check_archive(archive.path, counts), *check_reports(made, counts)]
    checked.append(Checked("violations that the audit finds", 0, audited.violation_count))
    console.print(_table(counts, seconds["replayed"], _facts(server, archive, counts), made, checked))
    agrees = all(each.agrees for each in checked)
    print(json.dumps({"orders": counts.orders, "steps": counts.step_count, "agrees": agrees, "seconds": seconds}))
    return 0 if agrees else 1


def _facts(server: Server, archive: ArchiveDirectory, counts: Counts) -> dict[str, str]:
    """What it cost."""
    store = server.run.store_pid
    pids = {**({"store": store} if store else {}), **server.run.children}
    cpu = {name: cpu_ns(pid) / 1e9 for name, pid in pids.items()} | {"replay": counts.seconds}
    size = sum(path.stat().st_size for path in archive.path.rglob("*.parquet"))
    return {
        "CPU seconds": ", ".join(f"{name} {n:,.0f}" for name, n in cpu.items()),
        "CPU, µs a step": ", ".join(f"{name} {n * 1e6 / counts.step_count:,.0f}" for name, n in cpu.items()),
        "resident MB": ", ".join(f"{name} {_resident_bytes(pid) / 1e6:,.0f}" for name, pid in pids.items()),
        "archive": f"{size / 1e6:,.1f} MB, {size / counts.orders:,.0f} bytes an order",
    }


def _table(
    counts: Counts, seconds: float, facts: Mapping[str, str], made: Mapping[str, Made], checked: list[Checked]
) -> Table:
    table = Table(title=f"{counts.orders:,} orders, {counts.step_count:,} steps")
    table.add_column("what")
    table.add_column("", justify="right")
    rows = {
        "orders, steps a second": f"{counts.orders / seconds:,.0f}, {counts.step_count / seconds:,.0f}",
        "steps": ", ".join(f"{name} {n:,}" for name, n in counts.steps.most_common()),
        "shipments; orders not served": f"{counts.shipments:,}; {counts.not_served:,}",
        **facts,
        "seconds of each report": ", ".join(f"{name} {each.seconds:.2f}" for name, each in made.items()),
        **{each.what: "agree" if each.agrees else f"{each.counted} counted, {each.told} told" for each in checked},
    }
    for what, value in rows.items():
        table.add_row(what, value)
    return table


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=90, help="days in which the orders come")
    parser.add_argument("--processes", type=int, default=2, help="processes that replay")
    parser.add_argument("--directory", help="keep the store and the archive there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
