"""Planning a wave: orders that want the same stock and the same nodes' days, decided together.

    decide each order as if it were alone; and all of them one after another, which is the plan to beat
    while something is wanted by more than there is for, in rounds:
        price what is scarce; decide each order alone at these prices          (the dual: wave_bound.py)
        make a plan of it: who lost most before chooses first, and what is not left is decided again at these prices
        raise the prices of what is wanted too much, lower those of what is left over
    decide each order of the best plan once more, without prices, on what the others leave

Better is: fewer units not served, then less cost. The outcome is never worse than one after another, and each plan of it is what
the kernel finds the cheapest for that order on what the others leave. All numbers are integers, and nothing is drawn: the same
orders and stock give the same plans.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from promessa.domain.claim import claim_of
from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import SOURCING_ATTEMPTS_MAX, WAVE_TRIES_PER_ORDER
from promessa.domain.sourcing import Plan
from promessa.service.catching_up import contended
from promessa.service.deciding import Decider, as_said, would_be_held
from promessa.service.pace import Pace
from promessa.service.question import Question
from promessa.service.wave_ledger import ORDERS, UNITS, Parts, Resource, Room, Taken, WaveLedger, shown_units
from promessa.service.wave_prices import WavePrices


@dataclass(frozen=True, slots=True)
class Contender:
    """An order of a wave with all that the replica showed for it. `pieces` are the units it wants."""

    question: Question
    allow_partial: bool
    pieces: int

    @property
    def whole_or_nothing(self) -> bool:
        """Whether it is refused where a unit is missing."""
        return not self.allow_partial or self.question.order.constraints.ship_complete


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order has: its plan, the question whose answer that is, and what it takes; nothing, if it would be refused."""

    question: Question
    plan: Plan
    held: bool
    taken: Sequence[Taken]
    unserved: int
    cost: int


class Value(NamedTuple):
    """What plans are compared by: units not served, then cost."""

    unserved: int
    cost: int


@dataclass(slots=True)
class WavePlan:
    """The plans of a wave, in the order of its contenders. `prices` are those of the best bound, `scarce` what is wanted by more
    than there is for."""

    standings: list[Standing]
    value: Value
    one_by_one: Value
    prices: WavePrices
    scarce: list[Resource]
    rounds: int


class WavePlanner:
    """Plans one wave. `rooms` are what nodes that pause when they are full still take on."""

    def __init__(self, decider: Decider, parts: Parts, rooms: Mapping[int, Room]) -> None:
        self._decider = decider
        parts = cache(parts)
        self._nothing_taken = WaveLedger(parts, rooms)
        self._pace = Pace()
        self.contenders: list[Contender] = []
        self.no_prices = WavePrices({}, parts)
        self.stock = WaveStock(rooms)
        self._alone: list[Standing] = []
        self._one_by_one: list[Standing] = []

    async def add(self, question: Question, *, allow_partial: bool) -> None:
        """One more order. Raises InvalidRequest (INVALID_FIELD) if its cost cannot be counted."""
        contender = Contender(question, allow_partial, sum(quantity for _, quantity in question.order.lines))
        self._alone.append(await self.decide(contender, self._nothing_taken.empty(), self.no_prices))
        self.contenders.append(contender)
        self.stock.add(question)

    async def one_by_one(self) -> Value:
        """What the orders come to if they are decided one after another."""
        self._one_by_one = await self.in_turn(range(len(self._alone)), self._alone, self.no_prices)
        return value_of(self._one_by_one)

    @property
    def unserved_price(self) -> int:
        """What a unit not served counts as in money, where plans are priced: more than any order costs."""
        return 4 * max([1, *[each.cost for each in (*self._alone, *self._one_by_one)]])

    async def plan(self, rounds_max: int) -> WavePlan:
        """The best joint plan found, once it is known what it is to beat."""
        search = _Search(self, self._alone, self._one_by_one)
        await search.run(rounds_max)
        best = self._one_by_one
        if search.scarce:
            best = min(best, await self._settled(search.best), key=value_of)
        return WavePlan(
            best, value_of(best), value_of(self._one_by_one), search.best_prices, search.scarce, search.rounds
        )

    async def in_turn(self, turns: Sequence[int], wanted: Sequence[Standing], prices: WavePrices) -> list[Standing]:
        """A plan for all: in these turns each has what it wants if that is left, and else what is best of what is left."""
        ledger = self._nothing_taken.empty()
        found = list(wanted)
        for i in turns:
            if not self._is_left(ledger, self.contenders[i], wanted[i], prices):
                found[i] = await self.decide(self.contenders[i], ledger, prices)
            ledger.take(found[i].taken)
        return found

    def _is_left(self, ledger: WaveLedger, contender: Contender, wanted: Standing, prices: WavePrices) -> bool:
        """Whether an order has what it wants. Without prices it must find all that it was decided on, as it would alone."""
        if prices is self.no_prices:
            return ledger.limited(contender.question) is contender.question
        return wanted.held and ledger.has(wanted.taken)

    async def decide(self, contender: Contender, ledger: WaveLedger, prices: WavePrices) -> Standing:
        """What is best for an order of what a ledger leaves, as SourceAndReserve finds it."""
        await self._pace.rest_if_due()
        question = prices.asked(ledger.limited(contender.question))
        for _ in range(SOURCING_ATTEMPTS_MAX):
            try:
                found = self._decider.decide(question)
            except InvalidRequest:  # at these prices its cost cannot be counted any more
                if prices is self.no_prices:
                    raise
                return await self.decide(contender, ledger, self.no_prices)
            taken = ledger.taken_by(found, contender.question)
            lost = [] if ledger.has(taken) else ledger.lost(contender.question, found)
            if not lost:
                return _standing(contender, question, prices.without(found, question), taken)
            if question.row_atp is contender.question.row_atp:
                question = replace(question, row_atp=array("q", question.row_atp))
            for each in lost:
                question.correct(*each)
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _settled(self, standings: list[Standing]) -> list[Standing]:
        """Each order decided once more on what the others leave, without prices; then, where somebody has what it lacks, before
        that one."""
        found, ledger = list(standings), self._nothing_taken.empty()
        for each in found:
            ledger.take(each.taken)
        for i, contender in enumerate(self.contenders):
            ledger.take(found[i].taken, -1)
            found[i] = await self.decide(contender, ledger, self.no_prices)
            ledger.take(found[i].taken)
        tries = WAVE_TRIES_PER_ORDER * len(found)
        better = True
        while better and tries > 0:
            before = value_of(found)
            for i in sorted(range(len(found)), key=lambda i: _lost(found[i], self._alone[i]), reverse=True):
                others = self._in_the_way(i, found, ledger)
                for those in [[j] for j in others] + [others] * (len(others) > 1):
                    tries -= len(those)
                    if tries >= 0:
                        await self._pass_over([i, *those], found, ledger)
            better = value_of(found) < before
        return found

    def _in_the_way(self, i: int, found: Sequence[Standing], ledger: WaveLedger) -> list[int]:
        """Who has what an order would take alone, but for itself; nobody, if it lacks nothing."""
        lacks = {
            resource
            for resource, amount, there in self._alone[i].taken
            if ledger.used(resource) + amount > there
        }
        if _lost(found[i], self._alone[i]) <= _NOTHING_LOST or not lacks:
            return []
        return [j for j, each in enumerate(found) if j != i and any(taken.resource in lacks for taken in each.taken)]

    async def _pass_over(self, turns: Sequence[int], found: list[Standing], ledger: WaveLedger) -> None:
        """Let some orders choose anew, in these turns, if they are better off together."""
        before = [found[i] for i in turns]
        for each in before:
            ledger.take(each.taken, -1)
        after = []
        for i in turns:
            after.append(await self.decide(self.contenders[i], ledger, self.no_prices))
            ledger.take(after[-1].taken)
        if value_of(after) < value_of(before):
            for i, each in zip(turns, after, strict=True):
                found[i] = each
            return
        for each in after:
            ledger.take(each.taken, -1)
        for each in before:
            ledger.take(each.taken)

    def nothing_taken(self) -> WaveLedger:
        """A ledger of a wave that took nothing yet."""
        return self._nothing_taken.empty()

    def demand(self, standings: Sequence[Standing]) -> dict[Resource, int]:
        """What plans take together."""
        found: dict[Resource, int] = {}
        for each in standings:
            for resource, amount, _ in each.taken:
                found[resource] = found.get(resource, 0) + amount
        return found


class _Search:
    """The rounds of one wave: prices by subgradient steps (Polyak, 1969), and a plan from each of them."""

    def __init__(self, planner: WavePlanner, alone: list[Standing], one_by_one: list[Standing]) -> None:
        self._planner = planner
        self._price = planner.unserved_price
        self._alone = self._wanted = alone
        self._losses = [0] * len(alone)
        self._prices = self.best_prices = planner.no_prices
        self._shift = 0
        self._since_better = 0
        self._bound: int | None = None
        self.best = one_by_one
        self.scarce: list[Resource] = []
        self.rounds = 0

    async def run(self, rounds_max: int) -> None:
        """Rounds, until the plan is as good as the bound, or prices do not move any more."""
        while self._raise_prices() and self.rounds < rounds_max:
            self.rounds += 1
            await self._want_anew()
            turns = sorted(range(len(self._losses)), key=lambda i: -self._losses[i])  # stable: then as they came
            found = await self._planner.in_turn(turns, self._wanted, self._prices)
            self._count_losses(found)
            if value_of(found) < value_of(self.best):
                self.best = found

    async def _want_anew(self) -> None:
        """What each order takes alone at the prices; nothing, where it had better not be served."""
        planner = self._planner
        wanted = []
        for contender, alone in zip(planner.contenders, self._alone, strict=True):
            if self._prices.asked(contender.question) is contender.question:
                wanted.append(alone)
            else:
                wanted.append(await planner.decide(contender, planner.nothing_taken(), self._prices))
        self._wanted = wanted

    def _count_losses(self, found: Sequence[Standing]) -> None:
        """Who is worse off than alone has an earlier turn from now on (as in squeaky wheel optimisation)."""
        price = self._price
        for i, (got, want) in enumerate(zip(found, self._wanted, strict=True)):
            self._losses[i] += max(0, price * (got.unserved - want.unserved) + got.cost - want.cost)

    def _dual(self) -> tuple[int, dict[Resource, int]]:
        """About how low no joint plan can be, with units not served as money; and what orders take of it at these prices."""
        planner, price = self._planner, self._price
        total, takers = 0, []
        for contender, each in zip(planner.contenders, self._wanted, strict=True):
            served = price * each.unserved + each.cost + self._prices.paid(each.taken)
            refused = price * contender.pieces
            total += min(served, refused)
            if served <= refused:
                takers.append(each)
        stock = planner.stock
        total -= sum(micros * stock.capacity(resource) for resource, micros in self._prices.of.items())
        return total, planner.demand(takers)

    def _raise_prices(self) -> bool:
        """Move the prices by what is wanted too much or too little at them; whether they moved."""
        dual, demand = self._dual()
        if self._bound is None or dual > self._bound:
            self._bound, self.best_prices, self._since_better = dual, self._prices, 0
        else:
            self._since_better += 1
            if self._since_better % _PATIENCE == 0:
                self._shift += 1
        old, stock = self._prices.of, self._planner.stock
        slopes = {}
        for resource in sorted(demand.keys() | old.keys()):
            more = demand.get(resource, 0) - stock.capacity(resource)
            if more > 0 or (more < 0 and old.get(resource)):
                slopes[resource] = more
        self.scarce = sorted({*self.scarce, *[resource for resource, more in slopes.items() if more > 0]})
        best = value_of(self.best)
        gap = self._price * best.unserved + best.cost - dual
        norm = sum(more * more for more in slopes.values())
        if not norm or gap <= 0:
            return False
        most = self._price * _MOST_PIECES
        moved = {
            resource: min(most, max(0, old.get(resource, 0) + (gap * slope // norm >> self._shift)))
            for resource, slope in slopes.items()
        }
        found = {resource: micros for resource, micros in {**old, **moved}.items() if micros}
        if found == old:
            return False
        self._prices = WavePrices(found, self._prices.parts)
        return True


_NOTHING_LOST = Value(0, 0)

_PATIENCE = 3
"""Rounds without a better bound after which steps are half as long."""

_MOST_PIECES = 64
"""How many units not served a unit of something scarce may be worth: as many as orders have that would be refused without."""


class WaveStock:
    """How much there is of what orders of a wave share, as their rows show it."""

    def __init__(self, rooms: Mapping[int, Room]) -> None:
        self._rooms = rooms
        self._known: dict[Resource, int] = {}
        self._askers: dict[int, list[tuple[str, Question, int]]] = {}

    def add(self, question: Question) -> None:
        """One more order that asks for it."""
        channel = claim_of(question.order.channel).channel
        for line, sku_ix in enumerate(question.sku_ixs):
            self._askers.setdefault(sku_ix, []).append((channel, question, line))

    def capacity(self, resource: Resource) -> int:
        """No orders of the wave can take more of it together. Channels may have units of their own, so theirs are summed."""
        sku_ix, node_ix = resource
        if sku_ix in (UNITS, ORDERS):
            return self._rooms[node_ix].left
        known = self._known.get(resource)
        if known is None:
            known = self._known[resource] = self._units(sku_ix, node_ix)
        return known

    def _units(self, sku_ix: int, node_ix: int) -> int:
        shown: dict[str, int] = {}
        askers = self._askers.get(sku_ix)
        if askers is None:  # a component that nobody asks for by itself
            return ENDLESS
        for channel, question, line in askers:
            step = question.steps[line] if question.steps else 1
            units = shown_units(question, line, node_ix) + step - 1
            shown[channel] = max(shown.get(channel, 0), units)
        return sum(shown.values())


ENDLESS = 1 << 60
"""More than anybody takes: of what is not known to be scarce."""


def _standing(contender: Contender, question: Question, plan: Plan, taken: Sequence[Taken]) -> Standing:
    if not would_be_held(plan, allow_partial=contender.allow_partial):
        return Standing(question, as_said(plan, question), False, (), contender.pieces, 0)
    return Standing(question, plan, True, taken, sum(units for _, _, units in plan.unserved), plan.total_micros)


def _lost(found: Standing, alone: Standing) -> Value:
    """How much worse an order is off than alone."""
    return Value(found.unserved - alone.unserved, found.cost - alone.cost)


def value_of(standings: Sequence[Standing]) -> Value:
    """What all of them leave unserved and cost."""
    return Value(sum(each.unserved for each in standings), sum(each.cost for each in standings))
