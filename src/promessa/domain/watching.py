"""What a watch tells of: changes of what one sku at one node promises, and the levels between which they may go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class EventKind(IntEnum):
    """What an event tells. All but CHANGED and BACK_IN_STOCK are levels, too."""

    CHANGED = 1
    OUT_OF_STOCK = 2
    LOW = 3
    MEDIUM = 4
    HIGH = 5
    ABOVE_LEVELS = 6
    BACK_IN_STOCK = 7


UNKNOWN = -1
"""Units where nobody knows how many: before an event that tells a state."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The most units that are low, medium and high, rising; 0 for a level that is none."""

    low: int = 0
    medium: int = 0
    high: int = 0

    def of(self, available: int) -> EventKind:
        """The level of a quantity; units that are not counted are above all."""
        if available <= 0:
            return EventKind.OUT_OF_STOCK
        if available <= self.low:
            return EventKind.LOW
        if available <= self.medium:
            return EventKind.MEDIUM
        return EventKind.HIGH if available <= self.high else EventKind.ABOVE_LEVELS


def kind_of(levels: Levels | None, before: int, after: int) -> EventKind | None:
    """The event that a change is: with levels only when it passes from one to another, without them always; or None.

    `ext/mailbox.h` has the same rule for the busy path.
    """
    if levels is None:
        return None if before == after else EventKind.CHANGED
    level = levels.of(after)
    if before == UNKNOWN:
        return level
    came_from = levels.of(before)
    if level == came_from:
        return None
    return EventKind.BACK_IN_STOCK if came_from == EventKind.OUT_OF_STOCK else level
