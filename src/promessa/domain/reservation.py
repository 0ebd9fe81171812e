"""Reservations: their states, lines and outcomes.

    (reserve) -> HELD -> CONFIRMED -> FULFILLED
                   |         `------> RELEASED
                   |-> RELEASED
                   `-> EXPIRED

A final state is never left. `store/lua/` moves records along these arrows, inside the store.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.capacity import WorkDay
from promessa.domain.supply import text_of_day

NO_NODE = -1
"""The node of a line that no node could serve."""


class ReservationState(IntEnum):
    """Where in its life a reservation is."""

    HELD = 1
    CONFIRMED = 2
    FULFILLED = 3
    RELEASED = 4
    EXPIRED = 5


class ReserveOutcome(IntEnum):
    """What became of a request to reserve."""

    RESERVED = 1
    PARTIALLY_RESERVED = 2
    REFUSED = 3


class ShortfallReason(IntEnum):
    """Why a line could not be met in full; 0 stands for "it was"."""

    NONE = 0
    INSUFFICIENT_STOCK = 1
    NODE_PAUSED = 2
    NOT_SERVED = 3
    HOLD_LIMIT = 4
    OWNER_LIMIT = 10
    CAPACITY_FULL = 11
    KEPT_FOR_OTHERS = 20


class ReservationLine(NamedTuple):
    """One cell in a reservation.

    `requested` is 0 in a line that a transfer added, and `granted` follows transfers; `open` is 0 once it expired.
    `node_ix` is NO_NODE where no node could serve it. `available` is what could be promised at that
    instant, and 0 in a reservation that was granted in full. `inbound_id` names what is still to come that the line is
    bound to: empty for the backorder allowance, None for units in stock. A line of a kit counts kits, and has the
    `components` it was made with: pairs of sku index and units in one kit.
    """

    node_ix: int
    sku_ix: int
    requested: int
    granted: int
    open: int
    fulfilled: int
    available: int
    reason: int
    inbound_id: str | None = None
    components: tuple[tuple[int, int], ...] = ()

    def concerns(self, sku_ix: int) -> bool:
        """Whether the line is about a sku: its own, or a component of its kit."""
        return self.sku_ix == sku_ix or any(component == sku_ix for component, _ in self.components)

    def as_first_granted(self, outcome: int) -> ReservationLine:
        """The line as it was when the reservation was made."""
        first = {ReserveOutcome.RESERVED: self.requested, ReserveOutcome.REFUSED: 0}
        granted = first.get(ReserveOutcome(outcome), min(self.requested, self.available))
        if self.node_ix == NO_NODE:
            granted = 0
        return self._replace(granted=granted, open=granted, fulfilled=0)


class Drawn(NamedTuple):
    """Units of a reservation in stock at a cell that came from the allocation pool of a channel."""

    node_ix: int
    sku_ix: int
    channel: str
    units: int


class LotLine(NamedTuple):
    """What is wanted of a sku at a node where it comes in whole lots: `lots` of `step` units each.

    Of a kit, a unit is what `components` say, pairs of sku index and units in one kit, and it has no cell of its own.
    """

    node_ix: int
    sku_ix: int
    lots: int
    step: int = 1
    components: tuple[tuple[int, int], ...] = ()

    def line(self, granted: int, available: int, reason: int = 0) -> ReservationLine:
        """The line of a reservation that was granted so many lots."""
        units = granted * self.step
        return ReservationLine(
            self.node_ix, self.sku_ix, self.lots * self.step, units, units, 0, available, reason, None, self.components
        )


class ReservationFilters(NamedTuple):
    """Which reservations to list: all that keep to everything said here. None or empty says nothing."""

    states: frozenset[int] = frozenset()
    owner_id: str = ""
    order_id: str = ""
    sku_ix: int | None = None
    node_ix: int | None = None
    age_ms_min: int = 0

    def keep(self, found: Reservation, now_ms: int) -> bool:
        """Whether a reservation is to be listed. A line that is not open any more still names its sku and node."""
        return (
            (not self.states or found.state in self.states)
            and self.owner_id in ("", found.owner_id)
            and self.order_id in ("", found.order_id)
            and (not self.age_ms_min or now_ms - found.created_ms >= self.age_ms_min)
            and any(
                (self.sku_ix is None or line.concerns(self.sku_ix)) and self.node_ix in (None, line.node_ix)
                for line in found.lines
            )
        )


class Reservation(NamedTuple):
    """A reservation, or the refusal of one, as the store keeps it. Instants are ms since the epoch, 0 for "none"."""

    reservation_id: str
    state: int
    created_ms: int
    updated_ms: int
    expires_ms: int
    ttl_ms: int
    owner_id: str
    order_id: str
    outcome: int
    lines: tuple[ReservationLine, ...]
    extra: bytes
    """What the maker stored along: the plan of a sourced order."""
    owned: bool = False
    """Whether it counts for its owner while it is HELD, under a rule that limits owners."""
    work_days: tuple[WorkDay, ...] = ()
    """What it takes of the days of nodes that have a daily capacity."""
    first_days: int = 0
    """How many of these it took when it was made."""
    channel: str = ""
    """Whom it was made for, and how it is to be fulfilled: the text of a Claim."""
    drawn: tuple[Drawn, ...] = ()
    """What of its open units came from allocation pools."""
    is_of_order: bool = False
    """Whether it is part of the order it names: steps of that order alone change it."""

    def at(self, now_ms: int) -> Reservation:
        """The reservation as it is at an instant: a hold whose time is over is expired, swept or not."""
        if self.state == ReservationState.HELD and self.expires_ms <= now_ms:
            lines = tuple([line._replace(open=0) for line in self.lines])
            return self._replace(state=ReservationState.EXPIRED, lines=lines)
        return self

    def left_for_owner(self) -> dict[int, int]:
        """Of a refusal: units its owner may still hold, by sku that had too few of them for its lines. Lines that are not short
        could have been held."""
        limited = {line.sku_ix for line in self.lines if line.reason == ShortfallReason.OWNER_LIMIT}
        return {
            sku_ix: sum(
                min(line.requested, line.available) if line.reason else line.requested
                for line in self.lines
                if line.sku_ix == sku_ix
            )
            for sku_ix in limited
        }

    def last_days(self) -> list[tuple[int, str, int]]:
        """By node the last day on which it takes the reservation on (2026-11-30), and by how many days that is later."""
        found: dict[int, tuple[int, int]] = {}
        for day in self.work_days:
            found[day.node_ix] = max((day.day, day.slip_days), found.get(day.node_ix, (0, 0)))
        return [(node_ix, text_of_day(day), slip_days) for node_ix, (day, slip_days) in found.items()]

    def as_first_answered(self) -> Reservation:
        """The reservation as it was when it was made, for a repeated request."""
        lines = tuple([line.as_first_granted(self.outcome) for line in self.lines if line.requested])
        refused = self.outcome == ReserveOutcome.REFUSED
        return self._replace(
            state=ReservationState.RELEASED if refused else ReservationState.HELD,
            updated_ms=self.created_ms,
            expires_ms=0 if refused else self.created_ms + self.ttl_ms,
            lines=lines,
            work_days=self.work_days[: self.first_days],
            drawn=(),
        )
