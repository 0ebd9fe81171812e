"""A question in, a plan out: the kernel's numbers with ids, dates and costs by name put to them.

The kernel decides by the least cost, or by the rule of the policy that guides the question; see guided.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import InvalidRequest
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.sourcing import Order, Plan, PlannedShipment
from promessa.kernel import Basket, Decision, Network, Rules, plan
from promessa.service.asking import DEFAULT_SPLIT_COST_MICROS, Questions
from promessa.service.guided import Guided, Posed, decide_by_policy, priced
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.node_facts import Facts, NodeWords
from promessa.service.question import Question
from promessa.service.side_rules import best, explained
from promessa.service.side_search import Work

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as KernelPlan


class Decider:
    """Answers questions. `on_decision` hears the seconds of every decision of the hot path."""

    def __init__(
        self,
        catalogue: Catalogue,
        lots: Lots,
        view: NetworkView,
        *,
        split_cost_micros: int = DEFAULT_SPLIT_COST_MICROS,
        on_decision: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._catalogue = catalogue
        self._lots = lots
        self._view = view
        self._words = NodeWords(catalogue)
        self._split_cost = split_cost_micros
        self._on_decision = on_decision

    def decide(self, question: Question) -> Plan:
        """The hot path: the kernel's plain tuples, dressed."""
        if question.guide is not None:
            return self._decide_guided(question)
        side = question.side
        started = perf_counter()
        try:
            network, basket, rules = question.destination.network, question.basket, question.rules
            found = plan(network, basket, rules) if side is None else best(network, basket, rules, side)
        except OverflowError as error:
            raise _uncountable(error) from error
        self._on_decision(perf_counter() - started)
        _, total, bound, proven, _, assignments, shipments = found
        return self._dress(question, assignments, shipments, total, bound, proven, self._split_cost)

    @property
    def silent(self) -> Decider:
        """One that decides the same, and whose decisions nobody hears of: what explains others is no decision of its own."""
        return Decider(self._catalogue, self._lots, self._view, split_cost_micros=self._split_cost)

    def _decide_guided(self, question: Question) -> Plan:
        """The same by a policy."""
        started = perf_counter()
        with countable():
            guided = self._guided(question)
        self._on_decision(perf_counter() - started)
        return self._dress_guided(question, guided, guided.found)

    def _guided(self, question: Question) -> Guided:
        assert question.guide is not None
        guided = decide_by_policy(question.guide, self._posed(question), self._facts(question))
        question.latest_ms = guided.trial.latest_ms
        return guided

    def _posed(self, question: Question) -> Posed:
        def values() -> list[int]:
            return [self._lots.worth(sku_ix).value_micros for sku_ix in question.sku_ixs]

        latest_ms, lead_ms = question.order.constraints.latest_delivery_ms, question.longest_lead_ms
        return Posed(
            question.rows, question.grams, question.rules, question.costs, values, latest_ms, lead_ms, question.now_ms,
            question.side, Work(),
        )  # fmt: skip

    def _facts(self, question: Question) -> Facts:
        return Facts(
            self._catalogue,
            self._words,
            question.destination,
            question.order,
            question.rows,
            grams=sum(grams * lots for grams, lots in zip(question.grams, question.quantities, strict=True)),
            now_ms=question.now_ms,
            lead_ms=question.longest_lead_ms,
            places=question.route.places if question.route else (),
        )

    def asked(self, question: Question) -> tuple[Guided | None, Network, Basket, Rules]:
        """What the kernel is asked: by the rule of the policy that decides, or plainly."""
        if question.guide is None:
            return None, question.destination.network, question.basket, question.rules
        guided = self._guided(question)
        return guided, guided.trial.network, guided.trial.basket, guided.trial.rules

    def explained(
        self, question: Question, *, explain: bool = False, alternatives: int = 0
    ) -> tuple[Decision, Guided | None]:
        """The decision with the reasons of nodes, or with others; and by which rule, if a policy decides."""
        with countable():
            guided, network, basket, rules = self.asked(question)
            side = guided.trial.side if guided else question.side
            decided = guided.found if guided else None
            found = explained(network, basket, rules, side, decided, explain=explain, others=alternatives)
        return found, guided

    def _dress_guided(self, question: Question, guided: Guided, found: KernelPlan) -> Plan:
        money = priced(guided, found)
        split_cost = guided.trial.rules.split_cost
        dressed = self._dress(question, found[5], money.shipments, money.total, money.bound, found[3], split_cost)
        return dressed._replace(policy=guided.decision._replace(objective_micros=money.objective))

    def plan_of(self, question: Question, decision: Decision, guided: Guided | None) -> Plan:
        return self.dressed(question, found_of(decision), guided)

    def dressed(self, question: Question, found: KernelPlan, guided: Guided | None) -> Plan:
        """A plan of the kernel for what `asked` says, with ids, dates and costs by name."""
        if guided:
            return self._dress_guided(question, guided, found)
        _, total, bound, proven, _, assignments, shipments = found
        return self._dress(question, assignments, shipments, total, bound, proven, self._split_cost)

    def _dress(
        self,
        question: Question,
        assignments: tuple[tuple[int, int, int], ...],
        shipments: tuple[tuple[int, int, int, int, int, int], ...],
        total: int,
        bound: int,
        proven: bool,
        split_cost: int,
    ) -> Plan:
        destination, sku_ixs, positions = question.destination, question.sku_ixs, question.positions
        costs, steps = question.costs, question.steps
        if question.route is not None:
            side = question.side
            assert side is not None
            assignments = tuple(side.expand(assignments))
        by_node: dict[int, list[tuple[int, int, int]]] = {}
        lines_of: dict[int, list[int]] = {}
        taken: dict[int, list[tuple[int, int, int]]] = {}
        missing = list(question.wanted)
        for line, node_ix, units in assignments:
            missing[line] -= units
            if costs:
                taken.setdefault(node_ix, []).append((line, units, question.available(line, node_ix)))
            if steps:
                units *= steps[line]
                lines_of.setdefault(node_ix, []).append(line)
            by_node.setdefault(node_ix, []).append((positions[line], sku_ixs[line], units))
        planned = []
        for node_ix, lane_ix, weight, shipping, handling, fixed in shipments:
            lane = destination.lanes[lane_ix]
            lead_ms = question.lead_ms(lines_of[node_ix]) if steps else 0
            ship_ms = destination.ship_ms(node_ix, question.now_ms) + lead_ms
            shipment = PlannedShipment(
                node_ix, lane.lane_id, lane.carrier_service, weight, shipping, handling, fixed, ship_ms,
                ship_ms + lane.transit_days * DAY_MS, tuple(by_node[node_ix]), kind=destination.kinds[lane_ix],
            )  # fmt: skip
            if destination.detailed:
                shipment = destination.detail(shipment, lane_ix, question.now_ms, lead_ms)
            if costs:
                shipment = costs.detail(shipment, taken[node_ix])
            planned.append(destination.as_it_is(shipment) if destination.joint else shipment)
        if costs and costs.credit:
            credits = costs.credit * sum(units for _, _, units in assignments)
            total, bound = total - credits, bound - credits
        unserved: tuple[tuple[int, int, int], ...] = ()
        if any(missing):
            left = [(i, lots) for i, lots in enumerate(missing) if lots]
            unserved = tuple([(positions[i], sku_ixs[i], question.units(i, lots)) for i, lots in left])
        split = split_cost * max(0, len(planned) - 1)
        return Plan(tuple(planned), unserved, self._view.currency_code, total, split, bound, proven)


async def ask_with_supply(questions: Questions, decider: Decider, order: Order, now_ms: int) -> Question:
    """A question about an order; with what is to come, if it may wait and stock does not serve it. Raises as Questions.ask."""
    question = await questions.ask(order, now_ms)
    return await waiting(questions, question, decider.decide(question)) if order.ways.waits else question


async def waiting(questions: Questions, question: Question, found: Plan) -> Question:
    """The question with what is to come, where its plan leaves units out for want of it."""
    if not (found.unserved and question.order.ways.waits) or question.waits:
        return question
    return await questions.with_supply(question, as_said(found, question).unserved)


def found_of(decision: Decision) -> KernelPlan:
    """A decision as the kernel's plain tuple."""
    return (
        decision.unfilled_units,
        decision.total_cost,
        decision.lower_bound,
        decision.proven_optimal,
        decision.steps,
        decision.assignments,
        decision.shipments,
    )


def may_go_in_part(found: Plan) -> bool:
    """Whether a plan that leaves units out may be held: not if a policy decides, and no rule of it lets it go."""
    return found.policy is None or bool(found.policy.rule)


def would_be_held(found: Plan, *, allow_partial: bool) -> bool:
    """Whether SourceAndReserve holds a plan, if its stock is still there; else the order is refused."""
    return bool(found.shipments) and (not found.unserved or (allow_partial and may_go_in_part(found)))


def as_said(found: Plan, question: Question) -> Plan:
    """A plan as it is told: what no rule of the policy lets go is left unserved."""
    return found if may_go_in_part(found) else unserved(found, question)


def unserved(found: Plan, question: Question) -> Plan:
    """A plan of which nothing is done."""
    lines = zip(question.positions, question.sku_ixs, question.wanted, strict=True)
    left_out = tuple((position, sku_ix, question.units(i, lots)) for i, (position, sku_ix, lots) in enumerate(lines))
    return found._replace(
        shipments=(), unserved=left_out, total_micros=0, split_micros=0, lower_bound_micros=0,
        policy=found.policy and found.policy._replace(objective_micros=0),
    )  # fmt: skip


@contextmanager
def countable() -> Iterator[None]:
    """Raises InvalidRequest (INVALID_FIELD) where the kernel cannot count a plan's cost exactly."""
    try:
        yield
    except OverflowError as error:
        raise _uncountable(error) from error


def _uncountable(error: OverflowError) -> InvalidRequest:
    return InvalidRequest(
        "INVALID_FIELD",
        f"order.lines: the cost of this order cannot be counted exactly. {error} Split the order, or look for a rate "
        "card with prices beyond reason.",
        field="order.lines",
    )
