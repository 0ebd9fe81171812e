"""Simulation: the same orders decided in one way or two, by the code and the kernel that serve, on stock that is nobody's.

    freeze the catalogue and the rows of the orders' skus
    for each order, in turn:
        each way to decide:  ask (asking.py) -> decide (deciding.py) -> take it from the virtual stock, if it would be held
    tell how far it is, what cannot be decided, and in the end what became of all

Nothing is reserved, logged or kept. It runs on the worker's event loop and lets others work every few milliseconds: it takes
what they leave, and ends when its caller does.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import claim_of
from promessa.domain.errors import Exhausted, NotFound, PromessaError, Unavailable
from promessa.domain.limits import SIMULATION_PROBLEMS_MAX, SIMULATIONS_MAX, SOURCING_ATTEMPTS_MAX
from promessa.domain.paired import PairedDifferences
from promessa.domain.policy import DEFAULT_POLICY_ID, PolicyHead, PolicyState, PolicyVersion
from promessa.domain.sourcing import Order, Plan
from promessa.service.asking import Questions
from promessa.service.availability import Availability
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.catching_up import StockRows, contended
from promessa.service.deciding import Decider, as_said, would_be_held
from promessa.service.guides import Guides
from promessa.service.held_plan import cells_of
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.order_history import asked_between
from promessa.service.pace import Pace
from promessa.service.policies import Draft, Policies
from promessa.service.policy_documents import InvalidPolicy
from promessa.service.question import Question
from promessa.service.simulation_tally import Decided, Tally, Wanted, wanted_of
from promessa.service.virtual_stock import FrozenStock, VirtualAuthority, VirtualStock, parts_of
from promessa.service.what_if import NOTHING, WhatIf, supposed
from promessa.store.catalogue_codec import version_name
from promessa.store.pool_store import PoolStore
from promessa.store.store import Store

TELL_SECONDS = 0.25
"""Between two words on how far it is."""


class SimulatedOrder(NamedTuple):
    """An order, when it is decided, and whether it may be held in part."""

    order: Order
    at_ms: int
    allow_partial: bool = False


class SimulatedPolicy(NamedTuple):
    """Which policy decides: a version; without one the least cost, or with `as_now` whatever is active.

    A version decides about every order, as if each named it; with `as_if_active` it takes the place of its policy's active
    version, and the others that are active decide what they would.
    """

    version: PolicyVersion | None = None
    as_now: bool = False
    as_if_active: bool = False


LEAST_COST = SimulatedPolicy()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way to decide: a policy, and what is supposed."""

    policy: SimulatedPolicy
    what_if: WhatIf = NOTHING


class Progress(NamedTuple):
    """How far it is."""

    done: int
    total: int


class OrderProblem(NamedTuple):
    """An order that cannot be decided, and why: told, and passed over."""

    position: int
    order_id: str
    error: PromessaError


class OrderDecisions(NamedTuple):
    """What was decided about an order, by scenario."""

    position: int
    order_id: str
    decisions: tuple[Decided, ...]

    @property
    def differs(self) -> bool:
        """Whether scenarios serve it in different ways, whoever decided."""
        done = [(each.held, each.plan.shipments, each.plan.unserved) for each in self.decisions]
        return any(each != done[0] for each in done)


@dataclass(slots=True)
class Report:
    """What became of all orders, by scenario. With two scenarios `comparable` has what differs (the first less the second) of
    the orders that both serve whole, and `unserved` of all orders."""

    tallies: list[Tally]
    comparable: PairedDifferences = field(default_factory=PairedDifferences)
    unserved: PairedDifferences = field(default_factory=PairedDifferences)
    differently: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    """Orders that could not be decided, by reason."""

    def count(self, problem: OrderProblem) -> int:
        """Count an order that cannot be decided; how many there are."""
        reason = problem.error.reason
        self.problems[reason] = self.problems.get(reason, 0) + 1
        return sum(self.problems.values())


Told = Progress | OrderProblem | OrderDecisions | Report


class Simulations:
    """Runs simulations, of which a worker has few at a time."""

    def __init__(
        self,
        keeper: CatalogueKeeper,
        store: Store,
        stock: Callable[[], StockRows],
        lots: Lots,
        authority: Availability,
        pools: PoolStore,
        policies: Policies,
        view: NetworkView,
    ) -> None:
        self._keeper = keeper
        self._store = store
        self._stock = stock
        self._lots = lots
        self._authority = authority
        self._pools = pools
        self._policies = policies
        self._view = view
        self._under_way = 0

    def admit(self) -> _Admission:
        """A place for one simulation, for as long as it is entered. Raises Exhausted (TOO_MANY_SIMULATIONS)."""
        return _Admission(self)

    async def version(self, policy_id: str, number: int) -> PolicyVersion:
        """A version of a policy as the store has it; 0: the active one, else the newest.

        Raises NotFound (POLICY_NOT_FOUND), FailedPrecondition (POLICY_UNFIT).
        """
        return await self._policies.get(policy_id, number)

    def inline(self, draft: Draft, now_ms: int) -> PolicyVersion:
        """A policy that is not kept, as the version it would get.

        Raises InvalidRequest (INVALID_POLICY), FailedPrecondition (POLICY_UNFIT).
        """
        if draft.policy is None or draft.problems:
            raise InvalidPolicy(draft.problems)
        policy_id = draft.policy.policy_id
        head = self._keeper.catalogue.policies.by_id.get(policy_id)
        number = head.versions + 1 if head else 1
        return PolicyVersion(policy_id, number, "", now_ms, draft.policy, document=draft.document)

    async def recorded(self, since_ms: int, until_ms: int, orders_max: int) -> list[SimulatedOrder]:
        """Orders that SourceAndReserve decided between two instants, the earliest first. Raises Unavailable."""
        found = await asked_between(self._store, since_ms, until_ms, orders_max)
        return [SimulatedOrder(*each) for each in found]

    async def run(
        self, orders: Sequence[SimulatedOrder | OrderProblem], scenarios: Sequence[Scenario], *, deplete: bool
    ) -> AsyncGenerator[Told]:
        """Decide orders in turn, by each scenario; of those known to be wrong that is told. The report comes last.

        Raises InvalidRequest (REFERENCE_NOT_FOUND, INVALID_FIELD), Unavailable.
        """
        pace = Pace()
        frozen = self._keeper.catalogue.copy(sharing_skus=True)
        stock = await self._frozen_stock(frozen, orders, pace, with_pools=deplete)
        worlds = [_World(self, frozen, stock, each, deplete=deplete) for each in scenarios]
        report = Report([each.tally for each in worlds])
        told_at = perf_counter()
        for position, each in enumerate(orders):
            found = each if isinstance(each, OrderProblem) else await self._decide(each, position, worlds, report)
            if isinstance(found, OrderDecisions) or report.count(found) <= SIMULATION_PROBLEMS_MAX:
                yield found
            if pace.is_due():
                await pace.rest()
                if perf_counter() - told_at > TELL_SECONDS:
                    told_at = perf_counter()
                    yield Progress(position + 1, len(orders))
        yield Progress(len(orders), len(orders))
        yield report

    async def _decide(
        self, each: SimulatedOrder, position: int, worlds: Sequence[_World], report: Report
    ) -> OrderDecisions | OrderProblem:
        """One order by all scenarios: counted, and taken from their stock, if all of them can decide it."""
        try:
            decisions = tuple([await world.decide(each) for world in worlds])
        except PromessaError as error:
            if isinstance(error, Unavailable) and error.reason != "STOCK_CONTENDED":
                raise
            return OrderProblem(position, each.order.order_id, error)
        found = OrderDecisions(position, each.order.order_id, decisions)
        wanted = wanted_of(worlds[0].catalogue, each.order.lines)
        measures = [world.count(each, wanted, decided) for world, decided in zip(worlds, decisions, strict=True)]
        if len(worlds) == 2:
            (one, other), (first, second) = decisions, measures
            report.differently += found.differs
            report.unserved.add({name: first[name] - second[name] for name in _UNSERVED})
            if one.held and other.held and not one.plan.unserved and not other.plan.unserved:
                names = first.keys() | second.keys()
                report.comparable.add({name: first.get(name, 0) - second.get(name, 0) for name in names})
        return found

    async def _frozen_stock(
        self, catalogue: Catalogue, orders: Sequence[SimulatedOrder | OrderProblem], pace: Pace, *, with_pools: bool
    ) -> FrozenStock:
        """The rows of all skus of the orders, and of the components of kits, by the channels that ask for them."""
        skus = catalogue.skus
        wanted: dict[str, set[int]] = {}
        for order in [each.order for each in orders if isinstance(each, SimulatedOrder)]:
            asked = wanted.setdefault(claim_of(order.channel).channel, set())
            for sku_id, _ in order.lines:
                index = skus.index_of.get(sku_id)
                if index is not None:
                    asked.add(index)
                    if sku_id in catalogue.shaped:
                        asked.update(skus.index_of[part.sku] for part in skus.by_id[sku_id].kit)
            await pace.rest_if_due()
        stock = self._stock()
        if not stock.ready:
            raise Unavailable("REPLICA_STALE", "The replica is loading, so there is no stock to begin with. Retry.")
        found = FrozenStock()
        try:
            await found.take(stock, wanted, pace.rest)
        except TimeoutError as error:
            raise Unavailable(
                "REPLICA_STALE", "The replica stands still, so nothing can be simulated. Retry."
            ) from error
        if with_pools:
            await found.take_pools(self._pools)
        return found


class _World:
    """One scenario: everything that decides, over a catalogue and stock of its own."""

    def __init__(
        self, about: Simulations, frozen: Catalogue, stock: FrozenStock, scenario: Scenario, *, deplete: bool
    ) -> None:
        self.catalogue = catalogue = supposed(frozen, scenario.what_if)
        self._policy = scenario.policy
        self._name = _let_decide(catalogue, scenario.policy)
        self._stock = VirtualStock(stock, catalogue, scenario.what_if, deplete=deplete)
        self._lots = about._lots
        self._authority = authority = VirtualAuthority(about._authority, catalogue, self._stock)
        view = about._view.over(catalogue)
        guides = Guides(catalogue, about.version)
        self._questions = Questions(_Known(catalogue), lambda: self._stock, about._lots, authority, guides, view)
        self._decider = Decider(catalogue, about._lots, view)
        self.tally = Tally(catalogue)

    async def decide(self, each: SimulatedOrder) -> Decided:
        """As Sourcing does: ask, decide, and what may be held."""
        order = each.order
        if self._name is not None:
            order = order._replace(policy_id=self._name[0], policy_version=self._name[1])
        question = await self._questions.ask(order, each.at_ms)
        for _ in range(SOURCING_ATTEMPTS_MAX):
            found = self._decider.decide(question)
            held = would_be_held(found, allow_partial=each.allow_partial)
            lost = await self._lost(question, found) if held and question.steps else []
            if not lost:
                return Decided(as_said(found, question), held)
            for node_ix, sku_ix, available in lost:
                question.correct(node_ix, sku_ix, available)
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _lost(self, question: Question, found: Plan) -> list[tuple[int, int, int]]:
        """What the store would say of a plan whose lines share units, as a kit and a part of it do: node, sku, and what is left
        for the line behind those before it. Nothing if it has enough for all, as lua/lots.lua shares it out."""
        claim, skus, nodes = claim_of(question.order.channel), self.catalogue.skus, self.catalogue.nodes
        left: dict[tuple[str, str], int] = {}
        lines = self._lots.kits_first(cells_of(found))
        shares = []
        for i in range(0, len(lines), 3):
            node_ix, sku_ix, units = lines[i : i + 3]
            parts = [((sku, nodes.ids[node_ix]), each) for sku, each in parts_of(self.catalogue, skus.ids[sku_ix])]
            for pair in [pair for pair, _ in parts if pair not in left]:
                left[pair] = await self._authority.units(*pair, claim)
            able = min(left[pair] // each for pair, each in parts)
            for pair, each in parts:
                left[pair] -= min(able, units) * each
            shares.append((node_ix, sku_ix, able, units))
        whole = all(able >= units for _, _, able, units in shares)
        return [] if whole else [(node_ix, sku_ix, able) for node_ix, sku_ix, able, _ in shares]

    def count(self, each: SimulatedOrder, wanted: Wanted, decided: Decided) -> dict[str, int]:
        """Take what is held from the stock, and count it."""
        if decided.held:
            self._stock.take(each.order.channel, cells_of(decided.plan))
        return self.tally.add(each.order, wanted, decided, each.at_ms)


@dataclass(slots=True)
class _Known:
    """A catalogue that is all there is."""

    catalogue: Catalogue

    async def find_sku(self, sku: str) -> int | None:
        return None

    async def node_index(self, node_id: str) -> int:
        """Raises NotFound (NODE_NOT_FOUND)."""
        found = self.catalogue.nodes.index_of.get(node_id)
        if found is None:
            raise NotFound(
                "NODE_NOT_FOUND", f"There is no node {node_id!r}. Put it first, or correct the id.", node_id=node_id
            )
        return found


def _let_decide(catalogue: Catalogue, policy: SimulatedPolicy) -> tuple[str, int] | None:
    """Make a version the active one of its policy in a copy of the catalogue; what orders are to name, None: what they do."""
    version = policy.version
    if version is None:
        return None if policy.as_now else (DEFAULT_POLICY_ID, 0)
    policies, versions, policy_id = catalogue.policies, catalogue.policy_versions, version.policy_id
    head = policies.by_id.get(policy_id)
    if head and head.active_version:
        name = version_name(policy_id, head.active_version)
        versions.put(name, versions.index_of.get(name, len(versions.ids)), None)
    active = replace(version, state=PolicyState.ACTIVE)
    count = max(version.version, head.versions if head else 0)
    policies.put(
        policy_id, policies.index_of.get(policy_id, len(policies.ids)), PolicyHead(policy_id, count, version.version)
    )
    versions.put(version_name(policy_id, version.version), len(versions.ids), active)
    return None if policy.as_if_active else (policy_id, version.version)


class _Admission:
    """A place for one simulation."""

    def __init__(self, about: Simulations) -> None:
        self._about = about

    def __enter__(self) -> None:
        if self._about._under_way >= SIMULATIONS_MAX:
            raise Exhausted(
                "TOO_MANY_SIMULATIONS",
                f"This worker simulates {SIMULATIONS_MAX} time(s) already, and orders come first. Retry when it is done.",
            )
        self._about._under_way += 1

    def __exit__(self, *error: object) -> None:
        self._about._under_way -= 1


_UNSERVED = ("unserved_units", "unserved_value")
