"""How long a hold waits for its payment: a span, or so many business days of a calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

BRAZILIAN_BANKS = "BR_BANK"
CALENDARS = (BRAZILIAN_BANKS,)
DAY_END_MINUTE = 24 * 60

IsBusinessDay = Callable[[str, date], bool]
"""Whether a day is a business day of a calendar."""


class HoldLimits(NamedTuple):
    """How much may be held at once; 0 stands for no limit.

    `held_share_max`: of a cell by everybody, in thousandths of what could be sold of it without holds and orders.
    `owner_units_max`: units of one sku by one owner. `owner_holds_max`: reservations by one owner. What counts for an
    owner are holds under rules that limit owners.
    """

    held_share_max: int = 0
    owner_units_max: int = 0
    owner_holds_max: int = 0

    @property
    def limit_owners(self) -> bool:
        """Whether holds under these limits count for their owners."""
        return bool(self.owner_units_max or self.owner_holds_max)


NO_LIMITS = HoldLimits()


@dataclass(frozen=True, slots=True)
class HoldRule:
    """The time to live of holds that wait for one payment method: `ttl_seconds`, or `business_days` of a calendar.

    With business days a hold ends on the last of them, at `end_minute` of the day in `time_zone`.
    The last three are the HoldLimits.
    """

    hold_rule_id: str
    name: str = ""
    ttl_seconds: int = 0
    business_days: int = 0
    calendar: str = ""
    time_zone: str = ""
    end_minute: int = 0
    held_share_max_permille: int = 0
    owner_units_max: int = 0
    owner_holds_max: int = 0

    @property
    def limits(self) -> HoldLimits:
        """How much may be held at once."""
        return HoldLimits(self.held_share_max_permille, self.owner_units_max, self.owner_holds_max)

    def ttl_ms(self, now_ms: int, is_business_day: IsBusinessDay) -> int:
        """How long a hold lives that is made now, in ms."""
        if self.ttl_seconds:
            return self.ttl_seconds * 1_000
        zone = ZoneInfo(self.time_zone)
        day = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(zone).date()
        left = self.business_days
        while left:
            day += timedelta(days=1)
            left -= is_business_day(self.calendar, day)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        # Wall clock arithmetic: on the day the clocks change, minute 600 is still ten in the morning.
        end = midnight + timedelta(minutes=self.end_minute or DAY_END_MINUTE)
        return int(end.timestamp() * 1_000) - now_ms

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        if bool(self.ttl_seconds) == bool(self.business_days):
            return "ttl_seconds", "is one of two: give either ttl_seconds or business_days"
        if self.business_days and self.calendar not in CALENDARS:
            return "calendar", f"must be one of {', '.join(CALENDARS)} for business days"
        if self.ttl_seconds and (self.calendar or self.time_zone or self.end_minute):
            return "calendar", "is for business days alone, like time_zone and end_minute"
        if self.business_days and not self.time_zone:
            return "time_zone", "must be given for business days"
        return None
