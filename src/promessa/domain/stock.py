"""Counts of one sku at one node, and what can be promised of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

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
    ABSORBED = 10
    TOO_OLD = 11
    IN_FUTURE = 12
    IS_KIT = 20


class SequenceOutcome(IntEnum):
    """What became of a message of deltas that has a position in the feed of its source."""

    NONE = 0
    IN_SEQUENCE = 1
    DUPLICATE = 2
    PARKED = 3
    STALE_EPOCH = 4
    PARKING_FULL = 5


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Where a message stands in the feed of its source: sequences are contiguous from 1 in each epoch."""

    source_id: str
    epoch: int
    sequence: int


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

    With a `mode` that is not STOCKED its units on hand are not what limits promises. `ring_fenced` are units its allocation
    pools keep, None if it has none. `count_source` names who counted it last, if that was said.
    """

    on_hand: int
    unavailable: int
    safety_stock: int
    held: int
    committed: int
    version: int
    counted_at_ms: int
    mode: int = SupplyMode.STOCKED
    ring_fenced: int | None = None
    count_source: str = field(default="", kw_only=True)

    @property
    def available(self) -> int:
        """ATP without a channel: what can be promised now, clamped at zero per node, before any summing.

        Where units are not counted, what the cell can still hold.
        """
        return max(0, self.free - (self.ring_fenced or 0))

    @property
    def free(self) -> int:
        """What nobody is promised, for whichever channel it may be kept; below zero where more is promised or withheld."""
        if self.mode != SupplyMode.STOCKED:
            return CELL_QUANTITY_MAX - self.held - self.committed
        return self.sellable - self.held - self.committed

    @property
    def sellable(self) -> int:
        """What could be sold but for promises; below zero where more is withheld than there is."""
        return self.on_hand - self.unavailable - self.safety_stock

    @property
    def deficit(self) -> int:
        """Units promised that are not there, because a feed lowered the units on hand."""
        if self.mode != SupplyMode.STOCKED:
            return 0
        return max(0, self.held + self.committed - max(0, self.on_hand - self.unavailable))

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


class FeedResult(NamedTuple):
    """What became of one item, and the cell's units after it."""

    outcome: int
    on_hand: int
    available: int


class CountPreview(NamedTuple):
    """What would become of one count: the cell's units as they are, and as they would be."""

    outcome: int
    on_hand: int
    available: int
    on_hand_after: int
    available_after: int


class SupplyDeficit(NamedTuple):
    """A cell that promises more than it has, because a feed lowered what is there."""

    node_ix: int
    sku_ix: int
    units: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class ReleasedDeltas:
    """A parked message that was applied because the one before it came."""

    sequence: int
    request_id: str
    results: list[FeedResult]


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """What the store made of a message's position: the source's epoch and the sequence it waits for now."""

    outcome: SequenceOutcome
    epoch: int
    expected_sequence: int
    released: list[ReleasedDeltas]
