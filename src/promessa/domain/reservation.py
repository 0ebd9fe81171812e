"""Reservations: their states, lines and outcomes.

    (reserve) -> HELD -> CONFIRMED -> FULFILLED
                   |         `------> RELEASED
                   |-> RELEASED
                   `-> EXPIRED

A final state is never left. `promessa_v1.lua` moves records along these arrows, inside the store.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


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


class ReservationLine(NamedTuple):
    """One cell in a reservation.

    `node_ix` is -1 in the refusal of an order no node could serve. `available` is what could be promised at that
    instant, and 0 in a reservation that was granted in full.
    """

    node_ix: int
    sku_ix: int
    requested: int
    granted: int
    open: int
    fulfilled: int
    available: int
    reason: int


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

    def at(self, now_ms: int) -> Reservation:
        """The reservation as it is at an instant: a hold whose time is over is expired, swept or not."""
        if self.state == ReservationState.HELD and self.expires_ms <= now_ms:
            return self._replace(state=ReservationState.EXPIRED)
        return self

    def as_first_answered(self) -> Reservation:
        """The reservation as it was when it was made, for a repeated request."""
        lines = tuple(
            ReservationLine(x.node_ix, x.sku_ix, x.requested, x.granted, x.granted, 0, x.available, x.reason)
            for x in self.lines
        )
        refused = self.outcome == ReserveOutcome.REFUSED
        return self._replace(
            state=ReservationState.RELEASED if refused else ReservationState.HELD,
            updated_ms=self.created_ms,
            expires_ms=0 if refused else self.created_ms + self.ttl_ms,
            lines=lines,
        )
