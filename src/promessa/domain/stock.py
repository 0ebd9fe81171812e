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


@dataclass(frozen=True, slots=True)
class StockCell:
    """The counts of a cell. `counted_at_ms` is the as_of of its last absolute count, 0 for none.

    `ring_fenced` are units its allocation pools keep, None if it has none.
    """

    on_hand: int
    unavailable: int
    safety_stock: int
    held: int
    committed: int
    version: int
    counted_at_ms: int
    ring_fenced: int | None = None

    @property
    def available(self) -> int:
        """ATP without a channel: what can be promised now, clamped at zero per node, before any summing."""
        return max(0, self.free - (self.ring_fenced or 0))

    @property
    def free(self) -> int:
        """What nobody is promised, for whichever channel it may be kept; below zero where more is promised or withheld."""
        return self.sellable - self.held - self.committed

    @property
    def sellable(self) -> int:
        """What could be sold but for promises; below zero where more is withheld than there is."""
        return self.on_hand - self.unavailable - self.safety_stock

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
