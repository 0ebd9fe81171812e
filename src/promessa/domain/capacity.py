"""How much a node takes on in a day: its capacity, what is taken of it, and the node's own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from promessa.domain.limits import CLOCK_YEARS

LOAD_FULL, LOAD_MAX = 100, 1_000
"""The load of a node whose capacity of the day is all taken: loads are in per cent. More is possible where the capacity was
lowered since; ten times as much is a price beyond any choice."""
EVERY_DAY = 0b111_1111
_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS


class CapacityUnit(IntEnum):
    """What a capacity counts: reservations with units at the node, or the units."""

    ORDERS = 1
    UNITS = 2


class OnFull(IntEnum):
    """What happens when a day's capacity is taken: the node takes no more, or what comes is for a later day."""

    PAUSE = 1
    NEXT_DAY = 2


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a node takes on in a day. `weekdays` has a bit for each day it works on, bit 0 for Monday."""

    limit: int
    unit: CapacityUnit
    on_full: OnFull
    weekdays: int = EVERY_DAY


class DayTaken(NamedTuple):
    """What is taken of one day (days since 1970-01-01): by open reservations, and by what is fulfilled since."""

    day: int
    open: int
    done: int

    @property
    def taken(self) -> int:
        return self.open + self.done


@dataclass(frozen=True, slots=True)
class CapacityUse:
    """A node's capacity (None: none), and the days of which something is taken, in order."""

    capacity: Capacity | None
    days: tuple[DayTaken, ...]


class WorkDay(NamedTuple):
    """A day whose capacity a reservation takes at a node. `slip_days`: how many days after its own that is."""

    node_ix: int
    day: int
    unit: int
    open: int
    done: int
    slip_days: int


@lru_cache(maxsize=256)
def offsets(time_zone: str, from_day: int) -> tuple[int, ...]:
    """Minutes that a zone is ahead of UTC at the start of a day (since 1970-01-01), then pairs of an instant in ms and the
    minutes from then on, for some years."""
    zone = ZoneInfo(time_zone or "UTC")
    start = from_day * _DAY_MS

    def ahead(ms: int) -> int:
        offset = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).utcoffset() or timedelta()
        return int(offset.total_seconds()) // 60

    found = [ahead(start)]
    for day in range(CLOCK_YEARS * 366):
        low, high = start + day * _DAY_MS, start + (day + 1) * _DAY_MS
        after = ahead(high)
        if after != found[-1]:
            while high - low > _MINUTE_MS:
                middle = (low + high) // 2 // _MINUTE_MS * _MINUTE_MS
                low, high = (low, middle) if ahead(middle) == after else (middle, high)
            found += (high, after)
    return tuple(found)
