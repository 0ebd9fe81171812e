"""`make load`: half a minute of a busy day against a server of its own, then the audit.

    loadtests/run.py [--seconds 30] [--users 24]

Starts `promessa serve` with two workers on an embedded store and the empty server, loads a small chain, lets locust's
users loose, and audits. The exit code is 0 if no call failed, nothing was oversold, and every count agrees; latencies
are told, as multiples of an empty call of the same run, and judge nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import _paths
import chain
import grpc
from audit import audit
from latencies import Latencies
from ledger import Ledger, kept_units
from load_chain import CHAIN
from processes import empty_server, end_cleanly_when_told, promessa_serve
from rich.console import Console
from rich.table import Table
from scenarios.empty import NAME as EMPTY
from scenarios.flash_sale import rushed_cells

STOP_SECONDS = 20
LOCUST_EXTRA_SECONDS = 90
"""Beyond the time of the test itself; gRPC under gevent has been seen to hang, and a hang is a failure here."""


def main() -> int:
    """The exit code."""
    end_cleanly_when_told()
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 140)
    with tempfile.TemporaryDirectory(prefix="promessa-load-") as name:
        directory = Path(name)
        with promessa_serve(directory / "data", workers=2) as server, empty_server() as nothing:
            asyncio.run(_load(server.target))
            console.print(f"{arguments.users} users for {arguments.seconds} s against {server.target} ...", style="dim")
            environment = {
                "LOAD_TARGET": server.target,
                "LOAD_EMPTY_TARGET": nothing.target,
                "LOAD_DIRECTORY": name,
            }
            troubles = _run_locust(arguments.users, arguments.seconds, environment)
            ledger, latencies = _books(directory)
            troubles += [f"{n} calls of {call} failed." for call, n in latencies.failures.items()]
            troubles += audit(server.target, CHAIN, ledger)
    console.print(table_of(latencies, arguments.seconds))
    console.print(summary_of(ledger))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures_of(latencies), indent=2) + "\n", encoding="utf-8")
    for trouble in troubles[:50]:
        console.print(trouble, style="red")
    console.print("[red]FAILED[/]" if troubles else "[green]No failure, no oversell, every count agrees.[/]")
    return 1 if troubles else 0


def table_of(latencies: Latencies, seconds: float) -> Table:
    """What a person reads: times in milliseconds, and the 95th percentile as a multiple of an empty call's."""
    table = Table(title="calls of the load test")
    for column in ("call", "count", "per s", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms", "p95 / empty p95"):
        table.add_column(column, justify="left" if column == "call" else "right")
    for name, figures in figures_of(latencies).items():
        times = [f"{figures[key]:.1f}" for key in ("p50_ms", "p95_ms", "p99_ms", "max_ms")]
        failed = f"{figures['failures']:.0f}"
        table.add_row(
            name, f"{figures['count']:,.0f}", f"{figures['count'] / seconds:,.0f}", failed, *times,
            f"{figures['p95_ratio']:.2f}",
        )  # fmt: skip
    return table


def figures_of(latencies: Latencies) -> dict[str, dict[str, float]]:
    """Counts, percentiles and the ratio, by call."""
    empty_p95 = latencies.percentiles(EMPTY)[95.0]
    found = {}
    for name in sorted(latencies.by_name):
        percentiles = latencies.percentiles(name)
        found[name] = {
            "count": float(len(latencies.by_name[name])),
            "failures": float(latencies.failures.get(name, 0)),
            "p50_ms": percentiles[50.0],
            "p95_ms": percentiles[95.0],
            "p99_ms": percentiles[99.0],
            "max_ms": percentiles[100.0],
            "p95_ratio": percentiles[95.0] / empty_p95,
        }
    return found


def summary_of(ledger: Ledger) -> str:
    """The flash sale in a sentence, for it is what everybody asks about."""
    kept, cells = kept_units(ledger), rushed_cells(CHAIN)
    sold, stock = sum(kept[cell] for cell in cells), sum(CHAIN.counts[cell] + ledger.fed[cell] for cell in cells)
    return (
        f"{sum(ledger.granted.values()):,} units granted, {sum(ledger.released.values()):,} given back, "
        f"{ledger.refused_count:,} requests refused for want of stock. Flash sale: {sold} of {stock} units promised."
    )


def _run_locust(users: int, seconds: int, environment: dict[str, str]) -> list[str]:
    """Sentences about what went wrong with the run itself. Failed calls are counted elsewhere."""
    command = [
        sys.executable, "-m", "locust", "-f", str(_paths.HERE / "locustfile.py"), "--headless", "--only-summary",
        "--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s",
        "--stop-timeout", str(STOP_SECONDS), "--exit-code-on-error", "0", "--loglevel", "WARNING",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _, said = process.communicate(timeout=seconds + STOP_SECONDS + LOCUST_EXTRA_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ["Locust did not end."]
    if process.returncode:
        return [f"Locust ended with code {process.returncode}: {said[-3_000:]}"]
    return [f"Locust says: {said[-3_000:]}"] if "Traceback" in said else []


def _books(directory: Path) -> tuple[Ledger, Latencies]:
    return Ledger.load(directory / "ledger.json"), Latencies.load(directory / "latencies.json")


async def _load(target: str) -> None:
    async with grpc.aio.insecure_channel(target) as channel:
        await chain.load(CHAIN, channel)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30, help="how long the users go on (default 30)")
    parser.add_argument("--users", type=int, default=24, help="users at once (default 24)")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
