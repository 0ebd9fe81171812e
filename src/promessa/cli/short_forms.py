"""Short forms of things with parts in one column of a file: weight brackets, kits, hours, days, areas.

Parts stand between |.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Parts = list[dict[str, Any]] | None

_BRACKET = re.compile(r"([0-9]{1,12}):([0-9]{1,15})")
_COMPONENT = re.compile(r"([0-9A-Za-z._:/-]{1,64}):([0-9]{1,15})")
_AREA = re.compile(r"([0-9A-Za-z]{1,12}(?:,[0-9A-Za-z]{1,12})*):([0-9]{1,15})")
_TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
_HOURS = re.compile(r"([1-7])(?:-([1-7]))? ([0-9:]+)-([0-9:]+)")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([0-9:]+)-([0-9:]+))?")


def minute_of(text: str) -> int | None:
    """The minute of the day of a time as 17:30; None for anything else."""
    match = _TIME.fullmatch(text.strip())
    minute = int(match[1]) * 60 + int(match[2]) if match else 1_441
    return minute if minute <= 1_440 else None


def _brackets(match: re.Match[str]) -> Parts:
    """5000:12900000, the largest weight in grams and the price in micros."""
    return [{"max_weight_grams": match[1], "price_micros": match[2]}]


def _components(match: re.Match[str]) -> Parts:
    """egg:2, a sku and units of it."""
    return [{"sku": match[1], "quantity": match[2]}]


def _hours(match: re.Match[str]) -> Parts:
    """1-5 09:00-18:00, for every weekday from the first to the last."""
    start, end = minute_of(match[3]), minute_of(match[4])
    if start is None or end is None:
        return None
    days = range(int(match[1]), int(match[2] or match[1]) + 1)
    return [{"weekday": day, "start_minute": start, "end_minute": end} for day in days]


def _days(match: re.Match[str]) -> Parts:
    """2026-12-25, closed, or 2026-12-24 09:00-13:00."""
    if match[2] is None:
        return [{"date": match[1]}]
    start, end = minute_of(match[2]), minute_of(match[3])
    return None if start is None or end is None else [{"date": match[1], "start_minute": start, "end_minute": end}]


def _area(match: re.Match[str]) -> Parts:
    """69,68:12000000, prefixes of postal codes and the surcharge in micros."""
    return [{"postal_code_prefixes": match[1].split(","), "surcharge_micros": match[2]}]


def _form(pattern: re.Pattern[str], parts_of: Callable[[re.Match[str]], Parts]) -> Callable[[str], Parts]:
    """All parts of a column, or None if one is not in its form."""

    def read(text: str) -> Parts:
        found = []
        for each in text.split("|"):
            match = pattern.fullmatch(each.strip())
            parts = parts_of(match) if match else None
            if parts is None:
                return None
            found += parts
        return found

    return read


SHORT_FORMS: dict[str, Callable[[str], Parts]] = {
    "RateBracket": _form(_BRACKET, _brackets),
    "KitComponent": _form(_COMPONENT, _components),
    "WorkingHours": _form(_HOURS, _hours),
    "CalendarDay": _form(_DAY, _days),
    "RemoteArea": _form(_AREA, _area),
}
"""By the message of a part, what reads its short form; it gives None for what is none."""
