"""Reports: asked of a process of their own, so that nobody who buys waits for somebody who counts."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promessa.domain.errors import Exhausted, FailedPrecondition, InvalidRequest, PromessaError, Unavailable
from promessa.domain.limits import REPORT_ROWS_DEFAULT, REPORT_SECONDS_MAX
from promessa.domain.report_period import ReportPeriod
from promessa.store.consumers import Consumer

_INT_MAX = 2**63 - 1
COMMAND = (sys.executable, "-P", "-m", "promessa.archive.report_main")

_PLACE = ("time_ms", "partition", "sequence", "ordinal")
_PLACES = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15}){3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReportBasis:
    """What a report was made of."""

    period: ReportPeriod
    archived_until_ms: int
    dead_letter_count: int


@dataclass(frozen=True, slots=True)
class MadeReport(ReportBasis):
    """Rows by column, at most as many as were asked for; where they can be grouped one of all, too, if there are any."""

    rows: list[dict[str, Any]]
    row_count: int
    total: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class FoundOrders(ReportBasis):
    """A page of orders behind a report by column, and where the next page goes on; empty on the last one."""

    rows: list[dict[str, Any]]
    next_place: str


class Reports:
    """Makes reports of the archive in a directory, one at a time. `archive` says how far it has come; days are those of
    `time_zone` unless a request names another."""

    def __init__(
        self, directory: Path | None, archive: Callable[[], Awaitable[Consumer | None]], time_zone: str = "UTC"
    ) -> None:
        self._directory = directory
        self._archive = archive
        self._time_zone = time_zone
        self._busy = False

    def period(self, first_day: str, last_day: str, time_zone: str) -> ReportPeriod:
        """The days of a request. Raises InvalidRequest (INVALID_FIELD)."""
        return ReportPeriod.of_days(first_day, last_day, time_zone or self._time_zone)

    async def make(self, name: str, period: ReportPeriod, *, rows_max: int, group_by: Sequence[str] = ()) -> MadeReport:
        """One of `archive/reports.py`.

        Raises FailedPrecondition (ARCHIVE_NOT_KEPT, REPORT_OUT_OF_RANGE), Exhausted (OVERLOADED), Unavailable.
        """
        days = period.days if "day" in group_by else []
        asked = {"rows_max": rows_max or REPORT_ROWS_DEFAULT, "group_by": group_by, "days": days}
        found, archived_until_ms = await self._ask("report", name, period, asked)
        return MadeReport(period=period, archived_until_ms=archived_until_ms, **found)

    async def orders(
        self, name: str, period: ReportPeriod, *, wanted: Mapping[str, str], place: str, page_size: int
    ) -> FoundOrders:
        """The orders behind a report. Raises as make, InvalidRequest (INVALID_PAGE_TOKEN)."""
        asked = {"wanted": wanted, "after": _numbers(place), "page_size": page_size}
        found, archived_until_ms = await self._ask("orders", name, period, asked)
        rows, more = found["rows"], found["more"]
        place = ".".join(str(rows[-1][column]) for column in _PLACE) if more else ""
        return FoundOrders(period, archived_until_ms, found["dead_letter_count"], rows, place)

    async def _ask(
        self, what: str, name: str, period: ReportPeriod, asked: Mapping[str, Any]
    ) -> tuple[dict[str, Any], int]:
        """What a process answers, and how far the archive was when it was asked."""
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
            question = {
                "what": what,
                "directory": str(self._directory),
                "name": name,
                "start_ms": period.start_ms,
                "end_ms": period.end_ms,
                **asked,
            }
            found: dict[str, Any] = json.loads(await _run(json.dumps(question)))
            _check_sums([*found["rows"], found.get("total") or {}])
        finally:
            self._busy = False
        return found, archive.caught_up_ms if archive else 0


def _numbers(place: str) -> list[int]:
    """The place behind which a page goes on. Raises InvalidRequest (INVALID_PAGE_TOKEN)."""
    if not place:
        return []
    if _PLACES.fullmatch(place) is None:
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return [int(each) for each in place.split(".")]


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
