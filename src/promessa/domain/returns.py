"""What is to come back of an order, and what became of it. What steps make of it: `order_returns.py`."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class ReturnState(IntEnum):
    """Whether what was to come back is back."""

    REQUESTED = 1
    RECEIVED = 2


class Disposition(IntEnum):
    """What becomes of units that came back."""

    RESELLABLE = 1
    QUARANTINE = 2
    SCRAP = 3


class ReturnLine(NamedTuple):
    """Units of an order line that are to come back, and what became of those that came."""

    line: int
    quantity: int
    resellable: int = 0
    quarantined: int = 0
    scrapped: int = 0

    @property
    def open(self) -> int:
        """Units that did not come yet."""
        return self.quantity - self.resellable - self.quarantined - self.scrapped


class Return(NamedTuple):
    """Units that are to come back. Its number is its place in the order, from 1. `exchanged_by` is the order given for them."""

    lines: tuple[ReturnLine, ...]
    reason: str = ""
    exchanged_by: str = ""

    @property
    def state(self) -> ReturnState:
        """RECEIVED once all of it came."""
        return ReturnState.REQUESTED if any(line.open for line in self.lines) else ReturnState.RECEIVED
