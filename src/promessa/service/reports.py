"""Reports: asked of a process of their own, so that nobody who buys waits for somebody who counts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promessa.domain.errors import Exhausted, FailedPrecondition, PromessaError, Unavailable
from promessa.domain.limits import REPORT_ROWS_DEFAULT, REPORT_SECONDS_MAX
from promessa.domain.report_period import ReportPeriod
from promessa.store.consumers import Consumer

_INT_MAX = 2**63 - 1
COMMAND = (sys.executable, "-P", "-m", "promessa.archive.report_main")


@dataclass(frozen=True, slots=True)
class MadeReport:
    """Rows by column, at most as many as were asked for; what they were made of."""

    rows: list[dict[str, Any]]
    row_count: int
    dead_letter_count: int
    period: ReportPeriod
    archived_until_ms: int


class Reports:
    """Makes reports of the archive in a directory, one at a time. `archive` says how far it has come."""

    def __init__(self, directory: Path | None, archive: Callable[[], Awaitable[Consumer | None]]) -> None:
        self._directory = directory
        self._archive = archive
        self._busy = False

    async def make(self, name: str, period: ReportPeriod, *, rows_max: int) -> MadeReport:
        """One of `archive/reports.py`.

        Raises FailedPrecondition (ARCHIVE_NOT_KEPT, REPORT_OUT_OF_RANGE), Exhausted (OVERLOADED), Unavailable.
        """
        if self._directory is None:
            raise FailedPrecondition(
                "ARCHIVE_NOT_KEPT",
                "This server keeps no archive to make reports of. Start it with `promessa serve --archive DIRECTORY`, or ask "
                "the one that does.",
            )
        if self._busy:
            raise Exhausted("OVERLOADED", "Another report is being made. Ask again in a moment.")
        self._busy = True
        try:
            archive = await self._archive()
            asked = {
                "directory": str(self._directory),
                "name": name,
                "start_ms": period.start_ms,
                "end_ms": period.end_ms,
                "rows_max": rows_max or REPORT_ROWS_DEFAULT,
            }
            found = json.loads(await _run(json.dumps(asked)))
            _check_sums(found["rows"])
        finally:
            self._busy = False
        return MadeReport(**found, period=period, archived_until_ms=archive.caught_up_ms if archive else 0)


def _check_sums(rows: list[dict[str, Any]]) -> None:
    """Raises FailedPrecondition (REPORT_OUT_OF_RANGE) for a number that no answer can tell."""
    for row in rows:
        for column, value in row.items():
            if isinstance(value, int) and abs(value) > _INT_MAX:
                raise FailedPrecondition(
                    "REPORT_OUT_OF_RANGE",
                    f"The report's {column} would be {value}, which is more than an answer can tell. Ask for fewer days.",
                    column=column,
                )


async def _run(asked: str) -> bytes:
    """What the process answers. It ends with the call, however that does."""
    process = await asyncio.to_thread(_start, asked)
    reading = asyncio.ensure_future(asyncio.to_thread(process.communicate))
    try:
        async with asyncio.timeout(REPORT_SECONDS_MAX):
            answer, _ = await asyncio.shield(reading)
    except TimeoutError:
        raise Unavailable(
            "REPORT_TOO_LONG", f"The report took more than {REPORT_SECONDS_MAX:.0f} seconds. Ask for fewer days."
        ) from None
    finally:
        if not reading.done():
            process.kill()  # what reads it ends with it
    if process.returncode != 0:
        raise PromessaError("INTERNAL", "The report could not be made; the server's log says why.")
    return answer


def _start(asked: str) -> subprocess.Popen[bytes]:
    """By vfork, as subprocess does and uvloop does not: gRPC's threads must not be forked."""
    return subprocess.Popen([*COMMAND, asked], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
