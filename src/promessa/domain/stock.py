"""Counts of one sku at one node, and what can be promised of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class FeedOutcome(IntEnum):
    """What became of one item of a feed."""

    APPLIED = 1
    UNCHANGED = 2
    STALE = 3
    INSUFFICIENT_ON_HAND = 4
    UNKNOWN_SKU = 5
    UNKNOWN_NODE = 6
    INVALID = 7
    CONFLICT = 8
    OVERFLOW = 9
    ABSORBED = 10
    TOO_OLD = 11
    IN_FUTURE = 12


@dataclass(frozen=True, slots=True)
class StockCell:
    """The counts of a cell. `counted_at_ms` is the as_of of its last absolute count, 0 for none."""

    on_hand: int
    unavailable: int
    safety_stock: int
    held: int
    committed: int
    version: int
    counted_at_ms: int

    @property
    def available(self) -> int:
        """ATP: what can be promised now, clamped at zero per node, before any summing."""
        return max(0, self.on_hand - self.unavailable - self.safety_stock - self.held - self.committed)

    @property
    def deficit(self) -> int:
        """Units promised that are not there, because a feed lowered the units on hand."""
        return max(0, self.held + self.committed - (self.on_hand - self.unavailable))


EMPTY_CELL = StockCell(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What became of one item, and the cell's units after it."""

    outcome: int
    on_hand: int
    available: int
