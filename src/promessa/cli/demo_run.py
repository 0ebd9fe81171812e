"""The demo from start to end: the real server on an embedded store, a whole chain, orders and their journeys, the proof."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import webbrowser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from promessa.cli.demo_archive import ARCHIVE_SECONDS, ZONE, can_report, tell_reports
from promessa.cli.demo_books import Seen
from promessa.cli.demo_examples import print_examples
from promessa.cli.demo_json import figures
from promessa.cli.demo_report import fine, print_report, read_metrics
from promessa.cli.demo_server import REPORT, own_directory, serving_in, usual_port_if_free
from promessa.cli.demo_story import Story
from promessa.cli.output import console as console_for_people
from promessa.cli.output import print_json
from promessa.demo.chain import Chain, build_chain
from promessa.demo.journeys import opening
from promessa.demo.orders import DemoOrder, replay_orders
from promessa.server.clock import clock_of, set_forward

FLASH_UNITS, FLASH_ATTEMPTS = 1_000, 5_000
CLOCK = "clock"
DAYS = 21
"""How long the orders travel."""

STEPS = {
    "node": "nodes",
    "sku": "skus",
    "rate_card": "rate cards",
    "node_group": "node groups",
    "lane": "lanes",
    "commission_rule": "commissions",
    "stock": "stock",
    "orders": "orders",
    "flash": "flash sale",
    "journeys": "days",
    "audit": "audit",
    "reports": "reports",
}


def run_demo(
    *,
    orders: int,
    stores: int,
    sku_limit: int | None,
    data_dir: Path | None,
    port: int,
    keep: bool,
    serve_only: bool,
    lang: str,
    as_json: bool = False,
) -> int:
    """Everything; the exit code: 0 if nothing was oversold, the flash sale was exact, and books and reports agree."""
    console = console_for_people(error=as_json)
    started = time.monotonic()
    if not port and (keep or serve_only):
        port = usual_port_if_free()  # what the other commands ask by default
    archived = not serve_only and can_report()
    with own_directory(data_dir) as directory, _server(directory, port, archived=archived) as (address, metrics_port):
        console.print(f"promessa serves on {address}, metrics on http://127.0.0.1:{metrics_port}/metrics")
        chain = build_chain(stores=stores, sku_limit=sku_limit)
        wanted = replay_orders(count=orders, known={sku["sku"] for sku in chain.skus})
        clock = None if serve_only else _in_the_morning(directory / CLOCK)
        with _bars(console) as progress:
            seen = asyncio.run(_tell(address, chain, wanted, progress, clock))
            if archived:
                progress("reports", 0, 1)
                tell_reports(address, seen, directory / REPORT, lang)
                progress("reports", 1, 1)
        code = 0
        if not serve_only:
            metrics, elapsed = read_metrics(metrics_port), time.monotonic() - started
            if as_json:
                print_json(figures(seen, metrics, elapsed_seconds=elapsed))
            else:
                print_report(console, seen, metrics, lang, elapsed_seconds=elapsed)
                _open(console, seen.page)
            code = 0 if fine(seen) else 1
        if keep or serve_only:
            print_examples(console, address, seen)
            _wait_for_interrupt()
    return code


def _in_the_morning(clock: Path) -> Path:
    """A clock that is set forward to when shops open tomorrow: whenever the story is told, it begins then."""
    now_ms = clock_of(clock)()
    set_forward(clock, opening(now_ms) - now_ms)
    return clock


def _open(console: Console, page: Path | None) -> None:
    """Show a page in the browser, where somebody looks on."""
    if page is not None and console.is_terminal and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        webbrowser.open(page.as_uri())


def _server(directory: Path, port: int, *, archived: bool) -> AbstractContextManager[tuple[str, int]]:
    """The demo's server, whose clock can be set forward."""
    more = {"ARCHIVE_DIR": directory / "archive", "ARCHIVE_SECONDS": ARCHIVE_SECONDS} if archived else {}
    return serving_in(directory, port, CLOCK_FILE=directory / CLOCK, TIME_ZONE=ZONE, **more)


async def _tell(address: str, chain: Chain, orders: list[DemoOrder], progress: _Bars, clock: Path | None) -> Seen:
    """Load the chain; with the clock that sets the server's forward, tell what happens on it, too."""
    story = Story(address, chain, orders, progress)
    await story.load()
    if clock is not None:
        await story.shop(clock, flash_units=FLASH_UNITS, flash_attempts=FLASH_ATTEMPTS)
        await story.audit()
        await story.travel(clock, days=DAYS)
        await story.audit()
    await story.close()
    return story.seen


@contextmanager
def _bars(console: Console) -> Iterator[_Bars]:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield _Bars(progress, console)


class _Bars:
    """A bar for each step; plain lines where there is no terminal."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(STEPS[step], total=total)
        self._progress.update(self._tasks[step], completed=done)
        if done == total and not self._console.is_terminal:
            self._console.print(f"{STEPS[step]}: {total:,}")


def _wait_for_interrupt() -> None:
    """Until Ctrl-C or SIGTERM."""
    stop = signal.sigwait
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        stop({signal.SIGINT, signal.SIGTERM})
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
