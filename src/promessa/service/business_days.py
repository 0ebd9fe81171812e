"""Business days of banks, and public holidays of countries and regions, from the library holidays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

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


@lru_cache(maxsize=1_024)
def public_holidays(country_code: str, region_code: str, year: int) -> frozenset[date]:
    """The public holidays of a country in a year, and with a region (ISO 3166-2: BR-SP) those of the region, too."""
    return frozenset(country_holidays(country_code, subdiv=_subdivision(region_code), years=year))


def holidays_known(country_code: str, region_code: str) -> bool:
    """Whether the holidays of a country and, if given, of its region can be told."""
    regions = list_supported_countries().get(country_code)
    return regions is not None and _subdivision(region_code) in (None, *regions)


def _subdivision(region_code: str) -> str | None:
    return region_code.partition("-")[2] or None
