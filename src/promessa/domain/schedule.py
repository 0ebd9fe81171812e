"""What can be promised on a later day: balances projected over a horizon, node by node, and summed.

    ATP(d) = max(0, the smallest projected balance from day d to the end of the horizon)

so a later commitment lowers an earlier promise. It is clamped per node before any summing, as everything here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from promessa.domain.stock import StockCell
from promessa.domain.supply import Inbound, InboundState, OverduePolicy


class Movement(NamedTuple):
    """Units that come or leave on a day."""

    day: int
    supply: int
    demand: int


class Window(NamedTuple):
    """Days on which the same number of units can be promised; units that come and leave do so on its first day."""

    first: int
    last: int
    supply: int
    demand: int
    atp: int


@dataclass(frozen=True, slots=True)
class Projection:
    """One cell as it is now, and what is to come and to leave. `balance` may be below zero.

    `preorder` bounds the units of inbound that may still be promised (None: no bound); `backorder` units may be promised
    that nothing is known to bring. Of a node that is `full` for today nothing can leave now.
    """

    balance: int
    movements: tuple[Movement, ...]
    preorder: int | None = None
    backorder: int = 0
    full: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows from the first to the last day of the horizon, and what they sum up to for one sku.

    `fulfil` can leave now, from stock; `order` is that, what can be promised of inbound within the horizon, and the backorder
    allowance.
    """

    windows: tuple[Window, ...]
    fulfil: int
    order: int

    def capable_day(self, quantity: int) -> int | None:
        """The first day on which so many units can be promised; None if there is none within the horizon."""
        return next((window.first for window in self.windows if window.atp >= quantity), None)


def project(
    cell: StockCell,
    inbound: Iterable[Inbound],
    *,
    today: int,
    policy: OverduePolicy,
    allowance: Inbound | None = None,
    preorder_limit: int | None = None,
    available: int | None = None,
) -> Projection:
    """The projection of a cell of a node where it is `today`, for who can be promised `available` units of it now; None is
    who names no channel.

    Units bound to an inbound leave when it comes; those of the backorder allowance, as soon as there are any.
    """
    balance = min(cell.free, cell.available if available is None else available)  # what pools keep covers nothing else
    movements, bound, backorder = [], 0, 0
    if allowance is not None:
        movements.append(Movement(today, 0, allowance.bound))
        backorder = max(0, allowance.to_come - allowance.bound)
    for each in inbound:
        if each.state == InboundState.EXPECTED:
            day, units = each.expected_at(today, policy)
            movements.append(Movement(day, units, each.bound))
            bound += each.bound
    preorder = None if preorder_limit is None else max(0, preorder_limit - bound)
    return Projection(balance, tuple(movements), preorder, backorder)


def schedule(projections: Sequence[Projection], *, first: int, last: int) -> Schedule:
    """The schedule of cells over the days from `first` to `last`, both included."""
    supply: Counter[int] = Counter()
    demand: Counter[int] = Counter()
    change: Counter[int] = Counter({first: 0})
    fulfil = order = 0
    for each in projections:
        steps = atp_steps(each, first=first, last=last)
        for movement in each.movements:
            if first <= movement.day <= last:
                supply[movement.day] += movement.supply
                demand[movement.day] += movement.demand
        before = 0
        for day, atp in steps:
            change[day] += atp - before
            before = atp
        now = max(0, each.balance)
        fulfil += 0 if each.full else now
        inbound = max(0, before - now)
        order += now + (inbound if each.preorder is None else min(inbound, each.preorder)) + each.backorder
    days = sorted(change)
    ends = [day - 1 for day in days[1:]] + [last]
    levels = accumulate(change[day] for day in days)
    windows = tuple(
        Window(day, end, supply[day], demand[day], atp) for day, end, atp in zip(days, ends, levels, strict=True)
    )
    return Schedule(windows, fulfil, order)


def atp_steps(projection: Projection, *, first: int, last: int) -> list[tuple[int, int]]:
    """(day, ATP from that day on) of one cell: one step on the first day, and one where anything comes or leaves."""
    net: Counter[int] = Counter({first: 0})
    for movement in projection.movements:
        if movement.day <= last:
            net[max(movement.day, first)] += movement.supply - movement.demand
    days = sorted(net)
    balances = list(accumulate((net[day] for day in days[1:]), initial=projection.balance + net[first]))
    lowest = list(accumulate(reversed(balances), min))[::-1]
    return [(day, max(0, balance)) for day, balance in zip(days, lowest, strict=True)]
