"""Progress on standard error: bars on a terminal, a plain line now and then elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

LINE_SECONDS = 5.0
"""Without a terminal a task says how far it is this often."""


class Progress:
    """Shows tasks. Use as a context manager."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Any = None

    def __enter__(self) -> Progress:
        if not self._quiet and sys.stderr.isatty():
            self._bars = _bars()
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def task(self, name: str, *, total: int, unit: str = "rows") -> Task:
        """A task with an amount of work in any unit."""
        return Task(name, max(total, 1), unit, self._bars, quiet=self._quiet)


class Task:
    """One thing under way."""

    def __init__(self, name: str, total: int, unit: str, bars: Any, *, quiet: bool) -> None:
        self._name, self._total, self._unit, self._bars = name, total, unit, bars
        self._quiet = quiet
        self._started = self._said = time.monotonic()
        self._count = 0
        self._id = None if bars is None else bars.add_task(name, total=total, count=0, unit=unit)

    def advance(self, done: int, count: int) -> None:
        """`done` of the total is done; `count` is shown beside it."""
        self._count = count
        if self._bars is not None:
            self._bars.update(self._id, completed=done, count=f"{count:,}")
        elif not self._quiet and time.monotonic() - self._said > LINE_SECONDS:
            self._said = time.monotonic()
            self._say(f"{min(100, 100 * done // self._total)} %, {count:,} {self._unit}")

    def finish(self) -> None:
        """It is done."""
        if self._bars is not None:
            self._bars.update(self._id, completed=self._total)
        elif not self._quiet:
            self._say(f"{self._count:,} {self._unit} in {time.monotonic() - self._started:.1f} s")

    def _say(self, what: str) -> None:
        print(f"{self._name}: {what}", file=sys.stderr, flush=True)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]} {task.fields[unit]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
