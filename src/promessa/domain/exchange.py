"""On what terms an order is given for units of another."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.kinds import DELIVERED


class ExchangePolicy(IntEnum):
    """When an order that is given for units of another is brought: at once, or when these have come back."""

    IMMEDIATE = 1
    ON_RECEIPT = 2


class Exchange(NamedTuple):
    """The terms, as agreed to when the order was placed; the other order is its `exchange_of`.

    `number` is that of the return by which the units come back, and `return_ix` the node where the customer brings them,
    DELIVERED if that is not known. Its shipments wait as long as `waits` says, at most until `due_ms` (0: for ever). The
    totals, of units that come back and of those given, are micros of the order's currency; both None where one of the two
    orders has no currency.
    """

    number: int
    policy: int = ExchangePolicy.IMMEDIATE
    waits: bool = False
    return_ix: int = DELIVERED
    returned_micros: int | None = None
    given_micros: int | None = None
    due_ms: int = 0

    @property
    def difference_micros(self) -> int | None:
        """What the customer pays, below 0 what the customer is paid back; None where it is not known."""
        if self.returned_micros is None or self.given_micros is None:
            return None
        return self.given_micros - self.returned_micros
