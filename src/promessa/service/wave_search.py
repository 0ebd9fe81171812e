"""Rounds of prices: what is scarce gets dearer until orders that can do without it do, and each round is tried as a plan.

Prices move by subgradient steps as long as the best plan is above the dual (Polyak 1969), half as long after some rounds
without a better dual. Who came out worse in a round than it wanted chooses earlier in the next one (squeaky wheel optimisation,
Joslin and Clements 1999).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promessa.service.wave_decisions import Standing, WaveDecisions, value_of
from promessa.service.wave_ledger import Resource
from promessa.service.wave_prices import WavePrices

PATIENCE = 3
"""Rounds without a better dual after which steps are half as long."""

PIECES_MAX = 64
"""How many units not served one unit of something scarce may be worth: as many as orders have that would be refused without."""


class Search:
    """A search that begins with a plan for all. `unserved_price` is what a unit not served counts as in money."""

    def __init__(self, decisions: WaveDecisions, first: list[Standing], unserved_price: int) -> None:
        self._decisions = decisions
        self._price = unserved_price
        self._wanted = decisions.alone
        self._losses = [0] * len(first)
        self._prices = self.best_prices = decisions.no_prices
        self._halved = 0
        self._since_better = 0
        self._bound: int | None = None
        self.best = first
        self.scarce: list[Resource] = []
        """What was wanted by more than there is for."""
        self.rounds = 0

    async def run(self, rounds_max: int) -> None:
        """Rounds, until the plan is as good as the dual, or prices do not move any more."""
        await self._look_up_stock()
        while self._move_prices() and self.rounds < rounds_max:
            self.rounds += 1
            await self._want_anew()
            await self._look_up_stock()
            turns = sorted(range(len(self._losses)), key=lambda i: -self._losses[i])  # stable: then as they came
            found = await self._decisions.in_turn(turns, self._wanted, self._prices)
            self._count_losses(found)
            self.best = min(self.best, found, key=value_of)

    async def _want_anew(self) -> None:
        """What each order takes alone at the prices."""
        decisions, wanted = self._decisions, []
        for contender, alone in zip(decisions.contenders, decisions.alone, strict=True):
            await decisions.pace.rest_if_due()
            if self._prices.asked(contender.question) is contender.question:
                wanted.append(alone)
            else:
                wanted.append(await decisions.decide(contender, decisions.nothing_taken(), self._prices))
        self._wanted = wanted

    async def _look_up_stock(self) -> None:
        """Know how much there is of all that is wanted: of what many orders see that takes a while, and is kept."""
        for each in self._wanted:
            for resource, _, _ in each.taken:
                await self._decisions.pace.rest_if_due()
                self._decisions.stock.capacity(resource)

    def _count_losses(self, found: Sequence[Standing]) -> None:
        for i, (got, want) in enumerate(zip(found, self._wanted, strict=True)):
            self._losses[i] += max(0, self._price * (got.unserved - want.unserved) + got.cost - want.cost)

    def _dual(self) -> tuple[int, dict[Resource, int]]:
        """What all orders come to alone at these prices, less what the prices are paid for; and what they take so. Who is
        better not served at these prices takes nothing."""
        total, demand = 0, dict[Resource, int]()
        for contender, each in zip(self._decisions.contenders, self._wanted, strict=True):
            served = self._price * each.unserved + each.cost + self._prices.paid(each.taken)
            refused = self._price * contender.pieces
            total += min(served, refused)
            for resource, amount, _ in each.taken if served <= refused else ():
                demand[resource] = demand.get(resource, 0) + amount
        stock = self._decisions.stock
        return total - sum(micros * stock.capacity(resource) for resource, micros in self._prices.of.items()), demand

    def _move_prices(self) -> bool:
        """Move the prices by what is wanted too much or too little at them; whether they moved."""
        dual, demand = self._dual()
        unserved, cost = value_of(self.best)
        gap = self._price * unserved + cost - dual
        self._note(dual)
        slopes = self._slopes(demand)
        norm = sum(slope * slope for slope in slopes.values())
        if not norm or gap <= 0:
            return False
        old = self._prices.of
        moved = {
            resource: old.get(resource, 0) + (gap * slope // norm >> self._halved) for resource, slope in slopes.items()
        }
        found = _between(0, {**old, **moved}, self._price * PIECES_MAX)
        if found == old:
            return False
        self._prices = WavePrices(found, self._prices.parts)
        return True

    def _note(self, dual: int) -> None:
        """Keep the prices of the best dual; without a better one steps get shorter."""
        if self._bound is None or dual > self._bound:
            self._bound, self.best_prices, self._since_better = dual, self._prices, 0
            return
        self._since_better += 1
        self._halved += self._since_better % PATIENCE == 0

    def _slopes(self, demand: Mapping[Resource, int]) -> dict[Resource, int]:
        """How much more is wanted of each resource than there is; of what costs nothing only if it is too much."""
        found, old = {}, self._prices.of
        for resource in sorted(demand.keys() | old.keys()):
            more = demand.get(resource, 0) - self._decisions.stock.capacity(resource)
            if more > 0 or (more < 0 and resource in old):
                found[resource] = more
        self.scarce = sorted({*self.scarce, *[resource for resource, more in found.items() if more > 0]})
        return found


def _between(low: int, prices: Mapping[Resource, int], high: int) -> dict[Resource, int]:
    """Prices within limits; those of nothing are left out."""
    bounded = {resource: min(high, max(low, micros)) for resource, micros in prices.items()}
    return {resource: micros for resource, micros in bounded.items() if micros}
