"""The orders of a wave, each decided by itself on what others leave it: what joint planning is made of."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import SOURCING_ATTEMPTS_MAX
from promessa.domain.sourcing import Plan
from promessa.service.catching_up import contended
from promessa.service.deciding import Decider, as_said, would_be_held
from promessa.service.pace import Pace
from promessa.service.question import Question
from promessa.service.wave_ledger import Parts, Room, Taken, WaveLedger
from promessa.service.wave_prices import WavePrices
from promessa.service.wave_stock import WaveStock


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


def value_of(standings: Sequence[Standing]) -> Value:
    """What all of them leave unserved and cost."""
    return Value(sum(each.unserved for each in standings), sum(each.cost for each in standings))


class WaveDecisions:
    """Decides the orders added. `rooms` are what nodes that pause when their day is full still take on."""

    def __init__(self, decider: Decider, parts: Parts, rooms: Mapping[int, Room]) -> None:
        self._decider = decider
        self._nothing_taken = WaveLedger(cache(parts), rooms)
        self.pace = Pace()
        self.no_prices = WavePrices({}, self._nothing_taken.parts)
        self.stock = WaveStock(rooms)
        self.contenders: list[Contender] = []
        self.alone: list[Standing] = []
        """What each has if there is no other."""

    async def add(self, question: Question, *, allow_partial: bool) -> None:
        """One more order. Raises InvalidRequest (INVALID_FIELD) if its cost cannot be counted."""
        contender = Contender(question, allow_partial, sum(quantity for _, quantity in question.order.lines))
        self.alone.append(await self.decide(contender, self.nothing_taken(), self.no_prices))
        self.contenders.append(contender)
        self.stock.add(question)

    def nothing_taken(self) -> WaveLedger:
        """A ledger of a wave that took nothing yet."""
        return self._nothing_taken.empty()

    async def one_by_one(self) -> list[Standing]:
        """All orders as they came, each decided on what those before it leave."""
        return await self.in_turn(range(len(self.alone)), self.alone, self.no_prices)

    async def in_turn(self, turns: Sequence[int], wanted: Sequence[Standing], prices: WavePrices) -> list[Standing]:
        """In these turns each order has what it wants if that is left, and else what is best of what is left."""
        ledger, found = self.nothing_taken(), list(wanted)
        for i in turns:
            await self.pace.rest_if_due()
            if not self._is_left(ledger, self.contenders[i], wanted[i], prices):
                found[i] = await self.decide(self.contenders[i], ledger, prices)
            ledger.take(found[i].taken)
        return found

    def _is_left(self, ledger: WaveLedger, contender: Contender, wanted: Standing, prices: WavePrices) -> bool:
        """Whether an order has what it wants. Without prices it must find all that it was decided on, as it would alone."""
        if prices is self.no_prices and ledger.limited(contender.question) is not contender.question:
            return False
        return wanted.held and ledger.has(wanted.taken)

    async def decide(self, contender: Contender, ledger: WaveLedger, prices: WavePrices) -> Standing:
        """What is best for an order of what a ledger leaves, as SourceAndReserve finds it. Raises as add."""
        await self.pace.rest_if_due()
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


def _standing(contender: Contender, question: Question, plan: Plan, taken: Sequence[Taken]) -> Standing:
    if not would_be_held(plan, allow_partial=contender.allow_partial):
        return Standing(question, as_said(plan, question), False, (), contender.pieces, 0)
    return Standing(question, plan, True, taken, sum(units for _, _, units in plan.unserved), plan.total_micros)
