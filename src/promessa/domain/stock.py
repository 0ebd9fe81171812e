"""Counts of one sku at one node, and what can be promised of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from promessa.domain.limits import CELL_QUANTITY_MAX


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
    IS_KIT = 20


class SupplyMode(IntEnum):
    """Where the units of a sku come from."""

    STOCKED = 1
    INFINITE = 2
    MADE_TO_ORDER = 3


ATP_INFINITE, ATP_MADE_TO_ORDER = (1 << 63) - 1, (1 << 63) - 2
"""What the replica has for cells whose units are not counted; real quantities are far below."""

_ENDLESS: dict[int, int] = {SupplyMode.INFINITE: ATP_INFINITE, SupplyMode.MADE_TO_ORDER: ATP_MADE_TO_ORDER}


@dataclass(frozen=True, slots=True)
class StockCell:
    """The counts of a cell. `counted_at_ms` is the as_of of its last absolute count, 0 for none.

    With a `mode` that is not STOCKED its units on hand are not what limits promises.
    """

    on_hand: int
    unavailable: int
    safety_stock: int
    held: int
    committed: int
    version: int
    counted_at_ms: int
    mode: int = SupplyMode.STOCKED

    @property
    def available(self) -> int:
        """ATP: what can be promised now, clamped at zero per node, before any summing.

        Where units are not counted, what the cell can still hold.
        """
        if self.mode != SupplyMode.STOCKED:
            return CELL_QUANTITY_MAX - self.held - self.committed
        return max(0, self.on_hand - self.unavailable - self.safety_stock - self.held - self.committed)

    @property
    def deficit(self) -> int:
        """Units promised that are not there, because a feed lowered the units on hand."""
        if self.mode != SupplyMode.STOCKED:
            return 0
        return max(0, self.held + self.committed - (self.on_hand - self.unavailable))

    @property
    def atp(self) -> int:
        """What the replica has of it: what can be promised, or that there is no end of it."""
        return _ENDLESS.get(self.mode, self.available)


def atp_of_kit(components: Iterable[tuple[StockCell | None, int]]) -> int:
    """What the replica has of a kit at a node, from the cell of each component and its units in one kit."""
    found = list(components)
    if any(cell is None for cell, _ in found):
        return 0
    return min(cell.atp if cell.mode != SupplyMode.STOCKED else cell.atp // units for cell, units in found if cell)


EMPTY_CELL = StockCell(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What became of one item, and the cell's units after it."""

    outcome: int
    on_hand: int
    available: int
