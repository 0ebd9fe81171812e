"""Waves: many orders at once, planned jointly for the stock and the nodes' days they share, and each held as its plan says.

    look which orders were answered before (their answers are given again)
    hold the plans that were quoted to those that bring them (redeeming.py)
    ask the others (asking.py); level with the store, if one after another would leave units out   (catching_up.py)
    plan them jointly (wave_planning.py); say what no plan costs less than (wave_bound.py)
    hold each plan, all in one commit (sourcing.py); where stock was lost meanwhile, that order is decided again
    source by themselves those that the plan leaves out, or that may wait for supply, from what is left

A wave is no transaction: each order has its own reservation, which is there whole or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from promessa.domain.capacity import OnFull
from promessa.domain.errors import Exhausted, PromessaError
from promessa.domain.limits import WAVE_ROWS_MAX, WAVES_MAX, WAVES_WAITING_MAX
from promessa.domain.plan_token import Redemption
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import Order, Plan
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.catching_up import StockRows, catch_up
from promessa.service.deciding import unserved
from promessa.service.held_plan import Sourced
from promessa.service.lots import Lots
from promessa.service.node_loads import taken_today
from promessa.service.pace import Pace
from promessa.service.redeeming import Redeeming
from promessa.service.sourcing import Planned, Sourcing
from promessa.service.terms import Terms
from promessa.service.wave_decisions import Standing, Value, WaveDecisions, value_of
from promessa.service.wave_ledger import Resource, Room
from promessa.service.wave_planning import WavePlan, plan_wave
from promessa.store.capacity_store import CapacityStore
from promessa.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class WaveOrder(NamedTuple):
    """An order to source and hold, as source_and_reserve takes it."""

    request_id: str
    order: Order
    terms: Terms
    allow_partial: bool
    redemption: Redemption | None = None
    """How its plan token is to be redeemed, if it has one."""


class WaveSettings(NamedTuple):
    """How waves are planned: in so many rounds at most; held, or `plan_only`."""

    rounds: int
    plan_only: bool = False


Result = Sourced | Plan | Exception
"""What became of an order: held or refused; its plan, where nothing is held; why there is no answer."""


PLANNED_AT_ONCE = 64
"""Orders whose plans are sent to the store before others may work: a few milliseconds. Those that are decided first go one by
one, each of which is as much."""

NOTHING = Value(0, 0)


@dataclass(slots=True)
class WaveReport:
    """What came of planning jointly. `value` and `one_by_one` are of the orders planned, as the stock was when they were:
    together, and one after another as they came. No plan that leaves as few units unserved costs less than `lower_bound`.

    `prices` are what one more unit of what is scarce is worth, in micros. `changed` are orders answered otherwise than planned.
    """

    planned: int = 0
    replayed: int = 0
    failed: int = 0
    value: Value = NOTHING
    one_by_one: Value = NOTHING
    lower_bound: int = 0
    rounds: int = 0
    scarce: list[Resource] = field(default_factory=list)
    prices: list[tuple[Resource, int]] = field(default_factory=list)
    changed: int = 0


class Waves:
    """Plans and holds waves, of which a worker plans few at a time. `now_ms` is the wall clock."""

    def __init__(
        self,
        keeper: CatalogueKeeper,
        store: Store,
        stock: Callable[[], StockRows],
        capacities: CapacityStore,
        lots: Lots,
        sourcing: Sourcing,
        redeeming: Redeeming,
        *,
        now_ms: Callable[[], int],
    ) -> None:
        self._keeper = keeper
        self._store = store
        self._stock = stock
        self._capacities = capacities
        self._lots = lots
        self._sourcing = sourcing
        self._redeeming = redeeming
        self._decider = sourcing.decider.silent
        self._now_ms = now_ms
        self._turn = asyncio.Semaphore(WAVES_MAX)
        self._waiting = 0

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        """A wave's turn. Raises Exhausted (TOO_MANY_WAVES)."""
        if self._waiting >= WAVES_MAX + WAVES_WAITING_MAX:
            raise Exhausted(
                "TOO_MANY_WAVES",
                f"{WAVES_WAITING_MAX} waves wait for their turn at this worker. Retry the wave with the same request ids.",
                waves_max=WAVES_WAITING_MAX,
            )
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    async def run(
        self, orders: Sequence[WaveOrder | PromessaError], settings: WaveSettings
    ) -> tuple[list[Result], WaveReport]:
        """What becomes of the orders of a wave, in their order. Of those known to be wrong that is told.

        Raises Exhausted (TOO_MANY_WAVES), Unavailable (REPLICA_STALE, STORE_UNAVAILABLE).
        """
        async with self._admitted():
            wave = _Wave(orders)
            if not settings.plan_only:
                await self._recall(wave)
                await self._redeem(wave)
            now_ms = self._now_ms()
            plan = await self._plan(wave, settings, now_ms)
            if settings.plan_only:
                await self._tell_plans(wave, plan)
            else:
                await self._hold(wave, plan)
            return wave.told()

    async def _recall(self, wave: _Wave) -> None:
        """Answer those that were answered before: all are looked for in one commit."""
        asked = wave.waiting()
        known = await asyncio.gather(
            *[
                self._sourcing.recall(
                    each.request_id, each.order, each.redemption, terms=each.terms, allow_partial=each.allow_partial
                )
                for each in map(wave.order, asked)
            ],
            return_exceptions=True,
        )
        for i, found in zip(asked, known, strict=True):
            if found is not None:
                wave.answer(i, found)
                wave.report.replayed += isinstance(found, Sourced)

    async def _redeem(self, wave: _Wave) -> None:
        """Hold what was quoted before anything is planned."""
        quoted = [(i, each, each.redemption) for i in wave.waiting() if (each := wave.order(i)).redemption]
        redeemed = (
            self._redeeming.redeem(
                each.request_id, each.order, token, terms=each.terms, allow_partial=each.allow_partial
            )
            for _, each, token in quoted
        )
        found = await _begun(redeemed, at_once=1)
        for (i, _, _), result in zip(quoted, found, strict=True):
            wave.answer(i, result)

    async def _plan(self, wave: _Wave, settings: WaveSettings, now_ms: int) -> WavePlan:
        """The joint plan of all that can be planned. Nobody is left out for what the replica showed a moment ago."""
        decisions = await self._asked(wave, now_ms, settings)
        one_by_one = await decisions.one_by_one()
        if value_of(one_by_one).unserved and not settings.plan_only:
            await catch_up(self._store, self._stock)
            decisions = await self._asked(wave, now_ms, settings)
            one_by_one = await decisions.one_by_one()
        plan = await plan_wave(decisions, one_by_one, rounds_max=settings.rounds)
        report = wave.report
        report.planned, report.value, report.one_by_one = len(plan.standings), plan.value, plan.one_by_one
        report.lower_bound, report.rounds, report.scarce = plan.bound, plan.rounds, plan.scarce
        report.prices = sorted(plan.prices.of.items(), key=lambda each: (-each[1], each[0]))
        return plan

    async def _asked(self, wave: _Wave, now_ms: int, settings: WaveSettings) -> WaveDecisions:
        """All orders that can be planned, decided as if each were alone; of the others `wave` knows why."""
        rooms = await self._rooms(now_ms)
        decisions = WaveDecisions(self._decider, self._lots.parts, rooms)
        wave.planned, pace, rows = [], Pace(), 0
        for i in wave.waiting():
            each = wave.order(i)
            if each.order.ways.waits or rows > WAVE_ROWS_MAX:
                continue
            try:
                question = await self._sourcing.ask(each.order, now_ms, to_hold=not settings.plan_only)
                await decisions.add(question, allow_partial=each.allow_partial)
            except PromessaError as error:
                wave.answer(i, error)
                continue
            wave.planned.append(i)
            rows += len(question.row_node)
            await pace.rest_if_due()
        return decisions

    async def _rooms(self, now_ms: int) -> dict[int, Room]:
        """What nodes that take no more when their day is full still take on. Where work slips instead nothing is scarce."""
        nodes = self._keeper.catalogue.nodes
        found: dict[int, Room] = {}
        indices = await self._capacities.nodes()
        uses = await self._capacities.read_all(indices) if indices else []
        for node_ix, use in zip(indices, uses, strict=True):
            node = nodes.by_id.get(nodes.ids[node_ix]) if node_ix < len(nodes.ids) else None
            capacity = use.capacity
            if node and capacity and capacity.on_full == OnFull.PAUSE:
                left = max(0, capacity.limit - taken_today(node, use, now_ms))
                found[node_ix] = Room(capacity.unit, left)
        return found

    async def _tell_plans(self, wave: _Wave, plan: WavePlan) -> None:
        """Answer with plans alone."""
        for i, standing in zip(wave.planned, plan.standings, strict=True):
            wave.answer(i, standing.plan if standing.held else unserved(standing.plan, standing.question))
        for i in wave.waiting():
            try:
                found, _ = await self._sourcing.source(wave.order(i).order, explain=False)
                wave.answer(i, found)
            except PromessaError as error:
                wave.answer(i, error)

    async def _hold(self, wave: _Wave, plan: WavePlan) -> None:
        """Hold what is planned; then source what is not, from what is left."""
        standings = dict(zip(wave.planned, plan.standings, strict=True))
        held = {i: Planned(each.question, each.plan) for i, each in standings.items() if each.held}
        await self._reserve(wave, held, at_once=PLANNED_AT_ONCE)
        await self._reserve(wave, dict.fromkeys(wave.waiting()), at_once=1)
        for i, standing in standings.items():
            wave.report.changed += _is_changed(standing, wave.results[i])

    async def _reserve(self, wave: _Wave, plans: Mapping[int, Planned | None], *, at_once: int) -> None:
        """Source and hold orders, each as it is planned: so many go to the store together, the next as these are under way."""

        def sent(i: int, planned: Planned | None) -> Coroutine[None, None, Sourced]:
            each = wave.order(i)
            return self._sourcing.source_and_reserve(
                each.request_id, each.order, terms=each.terms, allow_partial=each.allow_partial, planned=planned
            )

        found = await _begun((sent(i, planned) for i, planned in plans.items()), at_once=at_once)
        for i, result in zip(plans, found, strict=True):
            wave.answer(i, result)


async def _begun(calls: Iterable[Coroutine[None, None, Sourced]], *, at_once: int) -> list[Sourced | BaseException]:
    """What comes of calls, of which so many begin before others may work."""
    begun: list[asyncio.Future[Sourced]] = []
    try:
        for call in calls:
            begun.append(asyncio.ensure_future(call))
            if len(begun) % at_once == 0:
                await asyncio.sleep(0)
        return await asyncio.gather(*begun, return_exceptions=True)
    except asyncio.CancelledError:
        for each in begun:
            each.cancel()
        raise


class _Wave:
    """A wave on its way: its orders, and what is known of their answers. `planned` are those of the joint plan."""

    def __init__(self, orders: Sequence[WaveOrder | PromessaError]) -> None:
        self._orders = orders
        self.results: list[Result | None] = [each if isinstance(each, PromessaError) else None for each in orders]
        self.planned: list[int] = []
        self.report = WaveReport()

    def order(self, i: int) -> WaveOrder:
        found = self._orders[i]
        assert not isinstance(found, PromessaError)
        return found

    def waiting(self) -> list[int]:
        """The orders that have no answer yet."""
        return [i for i, found in enumerate(self.results) if found is None]

    def answer(self, i: int, found: Result | BaseException) -> None:
        if not isinstance(found, (Sourced, Plan, Exception)):
            raise found  # the wave is cancelled
        self.results[i] = found

    def told(self) -> tuple[list[Result], WaveReport]:
        results = [found for found in self.results if found is not None]
        assert len(results) == len(self._orders), "every order has its answer"
        self.report.failed = sum(isinstance(found, Exception) for found in results)
        return results, self.report


def _is_changed(standing: Standing, found: Result | None) -> bool:
    """Whether an order was answered otherwise than planned."""
    if not isinstance(found, Sourced):
        return True
    if not standing.held:
        return found.outcome != ReserveOutcome.REFUSED
    return found.attempts > 1 or found.outcome == ReserveOutcome.REFUSED
