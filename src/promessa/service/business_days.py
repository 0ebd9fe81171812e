"""Business days by calendar, from the library holidays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays

from promessa.domain.hold_rules import BRAZILIAN_BANKS

_BANKS_CLOSED_TOO = ("Carnival", "Corpus Christi")
"""Not public holidays of Brazil, but no bank opens: Resolution CMN 4,880 of 2020 and the calendar of FEBRABAN."""


def is_business_day(calendar: str, day: date) -> bool:
    """Whether banks open on a day."""
    assert calendar == BRAZILIAN_BANKS
    return day.weekday() < 5 and day not in _brazilian_bank_holidays(day.year)


@lru_cache(maxsize=16)
def _brazilian_bank_holidays(year: int) -> frozenset[date]:
    public = country_holidays("BR", years=year, language="en_US")
    optional = country_holidays("BR", years=year, language="en_US", categories=("optional",))
    return frozenset(public) | {day for day, name in optional.items() if name in _BANKS_CLOSED_TOO}
