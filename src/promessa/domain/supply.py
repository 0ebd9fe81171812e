"""Inbound supply: units that are to come to a cell, what is left of a date that passed, and what may be promised of them.

Days are numbers, counted from 1970-01-01 in the calendar of the node: a delivery comes on a day, and where it comes
decides which day it is. The store keeps the records; the clock is passed in here as the node's today.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import IntEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from promessa.domain.limits import SLIP_DAYS_MAX

_EPOCH = date(1970, 1, 1).toordinal()


class InboundKind(IntEnum):
    """Where inbound units come from."""

    PURCHASE_ORDER = 1
    TRANSFER = 2
    PRODUCTION = 3
    RETURN = 4


class InboundState(IntEnum):
    """Where in its life an inbound is. The store keeps OVERDUE ones as EXPECTED: the clock tells them apart."""

    EXPECTED = 1
    RECEIVED = 2
    CANCELLED = 3
    OVERDUE = 4


class OverdueAction(IntEnum):
    """What an inbound counts for once its day has passed and it is not there."""

    SLIP = 1
    DROP = 2
    HOLD_AND_ALERT = 3


class OverduePolicy(NamedTuple):
    """An action, and for SLIP the days from today after which the units are expected, every day anew."""

    action: int
    slip_days: int = 0


class Inbound(NamedTuple):
    """Units of a sku that are to come to a node, as the store keeps them; see INBOUND in `store/lua/supply.lua`.

    `policy` is None where the data set's counts. `held` and `committed` are units of reservations bound to it.
    """

    node_ix: int
    sku_ix: int
    inbound_id: str
    kind: int
    quantity: int
    received: int
    to_come: int
    held: int
    committed: int
    day: int
    policy: OverduePolicy | None
    state: int
    version: int
    updated_ms: int

    @property
    def bound(self) -> int:
        """Units promised of those that are to come."""
        return self.held + self.committed

    def state_at(self, today: int) -> InboundState:
        """Where in its life it is on a day of the node."""
        late = self.state == InboundState.EXPECTED and self.day < today
        return InboundState.OVERDUE if late else InboundState(self.state)

    def expected_at(self, today: int, default: OverduePolicy) -> tuple[int, int]:
        """(day, units) that promises may count on today.

        Overdue: SLIP expects all that is to come some days from today; HOLD_AND_ALERT keeps what is bound and promises
        no more; DROP counts on nothing.
        """
        if self.day >= today:
            return self.day, self.to_come
        policy = self.policy or default
        if policy.action == OverdueAction.SLIP:
            return today + policy.slip_days, self.to_come
        return today, self.bound if policy.action == OverdueAction.HOLD_AND_ALERT else 0


def parse_policy(text: str) -> OverduePolicy:
    """A policy as settings have it: SLIP:<days>, DROP or HOLD_AND_ALERT. Raises ValueError."""
    action, _, days = text.partition(":")
    if action == "SLIP" and days.isascii() and days.isdigit() and int(days) <= SLIP_DAYS_MAX:
        return OverduePolicy(OverdueAction.SLIP, int(days))
    if not days and action in ("DROP", "HOLD_AND_ALERT"):
        return OverduePolicy(OverdueAction[action])
    raise ValueError(f"must be SLIP:<days up to {SLIP_DAYS_MAX}>, DROP or HOLD_AND_ALERT")


def day_of(text: str) -> int:
    """The number of a day written as 2026-11-30. Raises ValueError."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def text_of_day(day: int) -> str:
    """A day as 2026-11-30."""
    return date.fromordinal(day + _EPOCH).isoformat()


def local_day(time_zone: str, now_ms: int) -> int:
    """Which day it is at an instant in an IANA time zone; empty stands for UTC."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(time_zone or "UTC")).toordinal() - _EPOCH
