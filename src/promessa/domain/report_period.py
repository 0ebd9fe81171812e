"""The days a report is about, as instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import REPORT_DAYS_MAX


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """From `start_ms` until before `end_ms`, in ms since 1970 UTC; whose days these are."""

    start_ms: int
    end_ms: int
    time_zone: str = "UTC"

    @property
    def days(self) -> list[tuple[str, int, int]]:
        """Its days, each with its first instant and that of the next one."""
        zone = ZoneInfo(self.time_zone)
        first = datetime.fromtimestamp(self.start_ms / 1000, zone).date()
        found: list[tuple[str, int, int]] = []
        start_ms = self.start_ms
        while start_ms < self.end_ms:
            next_ms = _midnight(first + timedelta(days=len(found) + 1), zone)
            found.append(((first + timedelta(days=len(found))).isoformat(), start_ms, next_ms))
            start_ms = next_ms
        return found

    @classmethod
    def of_days(cls, first_day: str, last_day: str, time_zone: str) -> Self:
        """Whole days of a time zone, the last one included; no time zone is UTC. Raises InvalidRequest (INVALID_FIELD)."""
        first, last = _day("first_day", first_day), _day("last_day", last_day)
        if not first <= last < first + timedelta(days=REPORT_DAYS_MAX):
            raise _invalid("last_day", f"must be first_day or later, and at most {REPORT_DAYS_MAX} days in all")
        if not is_time_zone(time_zone or "UTC"):
            raise _invalid("time_zone", "must be a name of the IANA time zone database, as America/Sao_Paulo")
        zone = ZoneInfo(time_zone or "UTC")
        return cls(_midnight(first, zone), _midnight(last + timedelta(days=1), zone), zone.key)


def is_time_zone(name: str) -> bool:
    """Whether the IANA time zone database has it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _invalid(name, "must be a day, as 2026-11-01") from None
    if not 2000 <= day.year <= 2999:
        raise _invalid(name, "must be a day of the years 2000 to 2999")
    return day


def _midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a day; where clocks skip midnight, the one at which they do."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _invalid(name: str, rule: str) -> InvalidRequest:
    field = f"period.{name}"
    return InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)
