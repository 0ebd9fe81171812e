"""How many units a reservation that waits can be promised of one cell, day by day; as `lua/promise.lua` grants them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from promessa.domain.kinds import UNKNOWN_DAY
from promessa.domain.supply import Inbound, InboundState, OverduePolicy


class Waiting(NamedTuple):
    """Units that can be promised for a day and every later one, stock included."""

    day: int
    units: int


def waiting_days(
    free: int,
    inbound: Iterable[Inbound],
    *,
    balance: int,
    today: int,
    policy: OverduePolicy,
    preorder_limit: int | None,
    allowance: Inbound | None,
    backorder: bool,
) -> list[Waiting]:
    """The days on which more can be promised than before, earliest first; the backorder allowance comes on UNKNOWN_DAY.

    `free` units can be promised from stock now, of a cell whose balance of promises is `balance`. What is owed already is made
    good first.
    """
    owed, bound = (allowance.bound if allowance else 0), 0
    open_: list[tuple[int, str, int]] = []
    for each in inbound:
        if each.state == InboundState.EXPECTED:
            day, units = each.expected_at(today, policy)
            bound += each.bound
            if units < each.bound:
                owed += each.bound - units
            else:
                open_.append((day, each.inbound_id, units - each.bound))
    left = min(balance, free) - free - owed
    preorder = None if preorder_limit is None else max(0, preorder_limit - bound)
    found, total = [], free
    for day, _, units in sorted(open_):
        left += units
        share = max(0, min(units, left) if preorder is None else min(units, left, preorder))
        if share:
            total, left = total + share, left - share
            preorder = None if preorder is None else preorder - share
            found.append(Waiting(day, total))
    if backorder and allowance and allowance.to_come > allowance.bound:
        found.append(Waiting(UNKNOWN_DAY, total + allowance.to_come - allowance.bound))
    return found
