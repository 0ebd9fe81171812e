"""The last touch to a joint plan: each order decided once more, without prices, on what the others leave; and then, where
others have what an order lacks, before them, if that is better for all of these together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promessa.domain.limits import WAVE_TRIES_PER_ORDER
from promessa.service.wave_decisions import Standing, Value, WaveDecisions, value_of


class Repair:
    """Betters one joint plan, `standings`, in place."""

    def __init__(self, decisions: WaveDecisions, standings: Sequence[Standing]) -> None:
        self._decisions = decisions
        self._ledger = decisions.nothing_taken()
        self._tries = WAVE_TRIES_PER_ORDER * len(standings)
        self.standings = list(standings)
        for each in standings:
            self._ledger.take(each.taken)

    async def run(self) -> list[Standing]:
        """The plan, bettered until nothing is found or it has been tried often enough."""
        for i in range(len(self.standings)):
            self._put([i], await self._anew([i]))
        before = None
        while before != value_of(self.standings):
            before = value_of(self.standings)
            for i in sorted(range(len(self.standings)), key=self._lost, reverse=True):
                if self._tries < 0:
                    return self.standings
                await self._decisions.pace.rest_if_due()
                for others in self._in_the_way(i):
                    await self._try([i, *others])
        return self.standings

    def _lost(self, i: int) -> Value:
        """How much worse an order is off than alone."""
        found, alone = self.standings[i], self._decisions.alone[i]
        return Value(found.unserved - alone.unserved, found.cost - alone.cost)

    def _in_the_way(self, i: int) -> Iterator[list[int]]:
        """Who has what an order would take alone: each of them, then all."""
        if self._lost(i) <= Value(0, 0):
            return
        lacks = {
            resource
            for resource, amount, found in self._decisions.alone[i].taken
            if self._ledger.used(resource) + amount > found
        }
        others = [
            j
            for j, each in enumerate(self.standings)
            if j != i and not lacks.isdisjoint([taken.resource for taken in each.taken])
        ]
        yield from [[j] for j in others]
        if len(others) > 1:
            yield others

    async def _try(self, turns: Sequence[int]) -> None:
        """Let some orders choose anew, in these turns, if they are better off together."""
        self._tries -= len(turns)
        if self._tries < 0:
            return
        before = [self.standings[i] for i in turns]
        after = await self._anew(turns)
        self._put(turns, min(before, after, key=value_of))

    async def _anew(self, turns: Sequence[int]) -> list[Standing]:
        """What orders have if they give up what they have, and choose in these turns. Nothing is taken of it yet."""
        for i in turns:
            self._ledger.take(self.standings[i].taken, -1)
        found = []
        for i in turns:
            decided = await self._decisions.decide(
                self._decisions.contenders[i], self._ledger, self._decisions.no_prices
            )
            self._ledger.take(decided.taken)
            found.append(decided)
        for each in found:
            self._ledger.take(each.taken, -1)
        return found

    def _put(self, turns: Sequence[int], found: Sequence[Standing]) -> None:
        """Take it."""
        for i, each in zip(turns, found, strict=True):
            self.standings[i] = each
            self._ledger.take(each.taken)
