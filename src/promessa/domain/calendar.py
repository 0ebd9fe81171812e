"""Working time: on which days and at which hours a node or a carrier works, and what an instant becomes under it.

Days are ordinals (`date.toordinal`) of a local calendar, minutes are those of the local wall clock, instants are ms since
the epoch. On days on which clocks change, minute 600 is still ten in the morning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from promessa.domain.limits import CLOSED_DAYS_MAX, PROMISE_DAYS_MAX

MINUTE_MS = 60_000
DAY_END_MINUTE = 24 * 60

PublicHolidays = Callable[[str, str, int], frozenset[date]]
"""The public holidays of a country and region (ISO 3166-2; empty: national ones alone) in a year."""


class WorkingHours(NamedTuple):
    """Hours of every week: from a minute of a weekday (1 Monday to 7 Sunday) until another, which is not among them."""

    weekday: int
    start_minute: int
    end_minute: int


class CalendarDay(NamedTuple):
    """A day unlike others, as 2026-12-24: closed, or open from a minute until another."""

    date: str
    start_minute: int = 0
    end_minute: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works: hours of the week, less public holidays, and days of their own, which count before both."""

    calendar_id: str
    name: str = ""
    hours: tuple[WorkingHours, ...] = ()
    holiday_country_code: str = ""
    holiday_region_code: str = ""
    days: tuple[CalendarDay, ...] = ()

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        if not self.hours:
            return "hours", "must have a working day: without one nothing would ever leave"
        for i, (before, after) in enumerate(zip(((0, 0, 0), *self.hours), self.hours, strict=False)):
            if after.start_minute >= after.end_minute:
                return (
                    f"hours[{i}].end_minute",
                    "must be later than start_minute; past midnight goes on the next weekday",
                )
            if after[:2] < before[:2] or (after.weekday == before[0] and after.start_minute < before[2]):
                return f"hours[{i}]", "must come after those before it, weekday by weekday, and not overlap them"
        if self.holiday_region_code and not self.holiday_region_code.startswith(f"{self.holiday_country_code}-"):
            return "holiday_region_code", f"must be a region of {self.holiday_country_code or 'holiday_country_code'}"
        return self._problem_of_days()

    def _problem_of_days(self) -> tuple[str, str] | None:
        closed: set[int] = set()
        previous = ""
        for i, (name, start, end) in enumerate(self.days):
            try:
                day = date.fromisoformat(name).toordinal()
            except ValueError:
                return f"days[{i}].date", "must be a day of the calendar, as 2026-11-30"
            if name < previous:
                return f"days[{i}].date", "must not be before the one above it"
            overlaps = name == previous and (start < self.days[i - 1].end_minute or not self.days[i - 1].end_minute)
            if overlaps or (start >= end and (start or end)):
                return f"days[{i}].end_minute", "must be later than start_minute, and hours of a day must not overlap"
            previous = name
            if not end:
                closed.add(day)
        run = 0
        for day in sorted(closed):
            run = run + 1 if day - 1 in closed else 1
            if run > CLOSED_DAYS_MAX:
                return "days", f"must not close more than {CLOSED_DAYS_MAX} days in a row"
        return None


def _no_holidays(country: str, region: str, year: int) -> frozenset[date]:
    return frozenset()


class WorkingTime:
    """A calendar in a time zone, asked over and over: what was found of a day is kept. Without a calendar every hour counts.

    A day that does not come within CLOSED_DAYS_MAX days (two calendars that never meet) is taken as the last of these.
    """

    def __init__(
        self, calendar: Calendar | None, time_zone: str, public_holidays: PublicHolidays = _no_holidays
    ) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(time_zone or "UTC")
        self._public_holidays = public_holidays
        self._days: dict[int, tuple[tuple[int, int], ...]] = {}
        self._special: dict[int, tuple[tuple[int, int], ...]] = {}
        self._week: list[tuple[tuple[int, int], ...]] = [((0, DAY_END_MINUTE),)] * 7
        if calendar is not None:
            for name, start, end in calendar.days:
                day = date.fromisoformat(name).toordinal()
                self._special[day] = (*self._special.get(day, ()), *(((start, end),) if end else ()))
            self._week = [
                tuple((start, end) for weekday, start, end in calendar.hours if weekday == each) for each in range(1, 8)
            ]

    def day_of(self, ms: int) -> int:
        """The local day of an instant."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone).toordinal()

    def minute_of(self, ms: int) -> int:
        """The local minute of the day of an instant."""
        local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)
        return local.hour * 60 + local.minute

    def instant(self, day: int, minute: int) -> int:
        """When a minute of a local day is."""
        midnight = datetime.combine(date.fromordinal(day), datetime.min.time(), self._zone)
        return int((midnight + timedelta(minutes=minute)).timestamp() * 1000)

    def hours(self, day: int) -> tuple[tuple[int, int], ...]:
        """The minutes worked on a day: pairs of start and end, in order; none on a day off."""
        special = self._special.get(day)
        if special is not None:
            return special
        return () if self._is_holiday(day) else self._week[(day - 1) % 7]

    def works_on(self, day: int) -> bool:
        """Whether anything is done on a day."""
        return bool(self._spans(day))

    def next_day(self, day: int, also: WorkingTime | None = None) -> int:
        """The first working day from a day on; of `also`, too, if given."""
        for each in range(day, day + CLOSED_DAYS_MAX):
            if self._spans(each) and (also is None or also.works_on(each)):
                return each
        return day + CLOSED_DAYS_MAX

    def days_later(self, day: int, count: int) -> int:
        """The working day so many working days after a day."""
        for _ in range(count):
            day = self.next_day(day + 1)
        return day

    def opening(self, day: int) -> int:
        """When work begins on a working day."""
        spans = self._spans(day)
        return spans[0][0] if spans else self.instant(day, 0)

    def closing(self, day: int) -> int:
        """When work ends on a working day."""
        spans = self._spans(day)
        return spans[-1][1] if spans else self.instant(day, DAY_END_MINUTE)

    def opens_at(self, ms: int) -> int:
        """The first instant from one on at which work is done."""
        return self.after(ms, 0)

    def after(self, ms: int, work_ms: int) -> int:
        """When so much work is done that is begun at an instant: only working hours count, those of PROMISE_DAYS_MAX days."""
        day = self.day_of(ms)
        for each in range(day, day + PROMISE_DAYS_MAX):
            for start, end in self._spans(each):
                begun = max(ms, start)
                if begun < end and begun + work_ms <= end:
                    return begun + work_ms
                work_ms -= max(0, end - begun)
        return self.closing(day + PROMISE_DAYS_MAX)

    def _spans(self, day: int) -> tuple[tuple[int, int], ...]:
        """Working hours of a day as instants."""
        found = self._days.get(day)
        if found is None:
            found = tuple((self.instant(day, start), self.instant(day, end)) for start, end in self.hours(day))
            self._days[day] = found
        return found

    def _is_holiday(self, day: int) -> bool:
        calendar = self._calendar
        if calendar is None or not calendar.holiday_country_code:
            return False
        local = date.fromordinal(day)
        region = calendar.holiday_region_code
        return local in self._public_holidays(calendar.holiday_country_code, region, local.year)
