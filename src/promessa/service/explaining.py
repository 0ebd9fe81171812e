"""Why an order is sourced as it is. Whatever is told of other plans was found by deciding again, never estimated.

The fates of nodes come with the decision itself. All else asks more decisions, so it is done only if asked for, one after
another with the event loop in between, and no more than EXPLANATION_TRIALS_MAX.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from promessa.domain.catalogue import Catalogue
from promessa.domain.limits import EXPLANATION_TRIALS_MAX, FLIP_CANDIDATES_MAX
from promessa.domain.policy import Mode
from promessa.domain.sourcing import CandidateReason, Plan
from promessa.domain.why import (
    Binding,
    Candidates,
    Constraint,
    ConstraintKind,
    Flip,
    FlipKind,
    MissingStock,
    Parts,
    Relaxation,
    Why,
)
from promessa.kernel import Basket, Network, Rules, plan
from promessa.service.asking import Questions
from promessa.service.deciding import Decider, as_said, countable
from promessa.service.fates import candidates_of
from promessa.service.forced import with_node
from promessa.service.guided import Guided
from promessa.service.policy_words import instant_text
from promessa.service.question import Question
from promessa.service.relaxing import (
    STOCK,
    constraints_of,
    constraints_of_rule,
    with_constraints,
    with_stock,
    without,
)

PAIRS_TOLD_MAX = 5
STOCK_PLACES_MAX = 12
"""Nodes of which it is tried whether all missing units would serve the order best there."""


class Explainer:
    """Explains decisions. `catalogue`, `questions` and `decider` are those of the decision."""

    def __init__(self, catalogue: Catalogue, questions: Questions, decider: Decider) -> None:
        self._catalogue = catalogue
        self._questions = questions
        self._decider = decider

    async def explain(self, question: Question, parts: Parts) -> Why:
        """Every node's fate, and the parts asked for."""
        decision, guided = self._decider.explained(question, explain=True)
        found = as_said(self._decider.plan_of(question, decision, guided), question)
        chosen = {shipment.node_ix for shipment in found.shipments}
        candidates = candidates_of(self._catalogue, question, guided, decision.reasons, chosen)
        trials = _Trials(self._catalogue, self._questions, self._decider, question, found)
        flips: Sequence[Flip] = ()
        bindings: list[Binding] = []
        relaxations: list[Relaxation] = []
        try:
            if parts.flips and chosen and question.side is None and not _compares_by_sorts(question):
                with countable():
                    guided, network, basket, rules = self._decider.asked(question)
                flips, candidates = await trials.flips((network, basket, rules), guided, candidates)
            if parts.relaxations:
                async for relaxation in trials.relaxations():
                    relaxations.append(relaxation)
            if parts.bindings:
                for constraint in trials.in_force(guided):
                    bindings.append(await trials.binding(constraint))
        except _EnoughError:
            return Why(found, candidates, tuple(bindings), tuple(flips), _by_cost(relaxations), True)
        return Why(found, candidates, tuple(bindings), tuple(flips), _by_cost(relaxations), False)

    async def relaxations(self, question: Question) -> Why:
        """The plan of an order, and what would serve it whole if it does not."""
        found = as_said(self._decider.decide(question), question)
        trials = _Trials(self._catalogue, self._questions, self._decider, question, found)
        told: list[Relaxation] = []
        cut_short = False
        try:
            async for relaxation in trials.relaxations():
                told.append(relaxation)
        except _EnoughError:
            cut_short = True
        return Why(found, relaxations=_by_cost(told), cut_short=cut_short)


class _EnoughError(Exception):
    """As many decisions were made as one explanation may take."""


class _Trials:
    """Decisions around one question."""

    def __init__(
        self, catalogue: Catalogue, questions: Questions, decider: Decider, question: Question, found: Plan
    ) -> None:
        self._catalogue = catalogue
        self._questions = questions
        self._decider = decider
        self._question = question
        self._found = found
        self._left = EXPLANATION_TRIALS_MAX

    async def _turn(self) -> None:
        """Before each decision: others come first."""
        if not self._left:
            raise _EnoughError
        self._left -= 1
        await asyncio.sleep(0)

    async def _decide(self, question: Question) -> Plan:
        await self._turn()
        return as_said(self._decider.decide(question), question)

    # What binds -------------------------------------------------------------------------------------------------------

    def in_force(self, guided: Guided | None) -> Iterator[Constraint]:
        """What the plan was bound by: the order's own constraints, and those of the rule that decided."""
        yield from constraints_of(self._question, self._catalogue)
        if guided is not None and guided.rule is not None:
            for each in constraints_of_rule(guided.rule_ix, guided.rule):
                if each.field not in guided.decision.given_up:
                    yield each

    async def binding(self, constraint: Constraint) -> Binding:
        """What would be decided without a constraint."""
        other = await self._decide(without(self._questions, self._question, [constraint]))
        same = other.shipments == self._found.shipments and other.unserved == self._found.unserved
        return Binding(constraint, None) if same else Binding(self._naming(constraint, other), other)

    def _naming(self, constraint: Constraint, other: Plan) -> Constraint:
        """A constraint with the nodes that it kept out of a plan."""
        chosen = {shipment.node_ix for shipment in other.shipments}
        before = {shipment.node_ix for shipment in self._found.shipments}
        if constraint.kind == ConstraintKind.EXCLUDED_NODES:
            return constraint._replace(nodes=tuple(sorted(chosen & set(constraint.nodes))))
        if constraint.kind in (ConstraintKind.NODE_GROUP, ConstraintKind.POLICY_FILTER):
            return constraint._replace(nodes=tuple(sorted(chosen - before)))
        return constraint

    # What would serve the order whole ---------------------------------------------------------------------------------

    async def relaxations(self) -> AsyncIterator[Relaxation]:
        """Each constraint that suffices by itself to relax; where none does, pairs."""
        if not self._found.unserved:
            return
        singles = [*self._relaxable(), STOCK]
        alone = False
        for constraint in singles:
            relaxed = await self._relaxed(constraint)
            if relaxed:
                alone = True
                yield relaxed
        if alone:
            return
        told = 0
        for pair in combinations(singles, 2):
            relaxed = await self._relaxed_pair(pair)
            if relaxed:
                told += 1
                yield relaxed
            if told == PAIRS_TOLD_MAX:
                return

    def _relaxable(self) -> Iterator[Constraint]:
        """All that may be relaxed: the order's own constraints, and those of every rule that is for it."""
        yield from constraints_of(self._question, self._catalogue)
        guide = self._question.guide
        if guide is not None:
            for index, rule in guide.rules:
                yield from constraints_of_rule(index, rule)
            yield Constraint(ConstraintKind.POLICY_RULES, text=guide.version.policy_id)

    async def _relaxed(self, constraint: Constraint) -> Relaxation | None:
        """A constraint relaxed by no more than it must be; None if that does not serve the order whole."""
        if constraint.kind == ConstraintKind.STOCK:
            return await self._stocked(self._question, self._found, ())
        other = await self._decide(without(self._questions, self._question, [constraint]))
        if other.unserved:
            return None
        if constraint.kind == ConstraintKind.MAX_SHIPMENTS:
            return await self._with_more_shipments(constraint, other)
        if constraint.kind == ConstraintKind.LATEST_DELIVERY:
            return await self._with_later_delivery(constraint, other)
        return Relaxation((self._naming(constraint, other),), other)

    async def _relaxed_pair(self, pair: tuple[Constraint, ...]) -> Relaxation | None:
        off = [each for each in pair if each.kind != ConstraintKind.STOCK]
        relaxed = without(self._questions, self._question, off)
        other = await self._decide(relaxed)
        if len(off) < len(pair):
            return await self._stocked(relaxed, other, tuple(off)) if other.unserved else None
        if other.unserved:
            return None
        return Relaxation(tuple([self._naming(each, other) for each in pair]), other)

    async def _with_more_shipments(self, constraint: Constraint, freest: Plan) -> Relaxation:
        """The fewest shipments that serve the order whole."""
        said = self._question.order.constraints
        for most in range(said.max_shipments + 1, len(freest.shipments)):
            other = await self._decide(self._with(max_shipments=most))
            if not other.unserved:
                return Relaxation((constraint._replace(text=str(most)),), other)
        return Relaxation((constraint._replace(text=str(len(freest.shipments))),), freest)

    async def _with_later_delivery(self, constraint: Constraint, freest: Plan) -> Relaxation:
        """The earliest date by which the order can be served whole: later ones never serve less."""
        question = self._question
        latest = question.order.constraints.latest_delivery_ms
        arrivals = question.destination.arrivals(question.now_ms, question.longest_lead_ms)
        dates = sorted({at for at in arrivals if at > latest})
        low, high, best = 0, len(dates), freest
        while low < high:
            middle = (low + high) // 2
            other = await self._decide(self._with(latest_delivery_ms=dates[middle]))
            if other.unserved:
                low = middle + 1
            else:
                high, best = middle, other
        return Relaxation((constraint._replace(text=instant_text(best.promise_ms)),), best)

    def _with(self, **changed: int) -> Question:
        said = replace(self._question.order.constraints, **changed)  # type: ignore[arg-type]
        return with_constraints(self._questions, self._question, said)

    async def _stocked(self, question: Question, found: Plan, off: tuple[Constraint, ...]) -> Relaxation | None:
        """The units that are missing, at the node where they serve the order best."""
        line_of = {position: line for line, position in enumerate(question.positions)}
        more = {
            line_of[position]: units // (question.steps[line_of[position]] if question.steps else 1)
            for position, _, units in found.unserved
        }
        best = await self._decide(with_stock(question, self._catalogue, more, {}))
        if best.unserved:
            return None
        missing = _missing(question, best)
        least = sum(more.values())
        if sum(lots for entries in missing.values() for lots, _ in entries) > least:  # as if at several nodes at once
            places = {node_ix for entries in missing.values() for _, node_ix in entries}
            places |= {shipment.node_ix for shipment in found.shipments}
            for node_ix in sorted(places)[:STOCK_PLACES_MAX]:
                there = await self._decide(with_stock(question, self._catalogue, more, dict.fromkeys(more, node_ix)))
                short = _missing(question, there)
                if not there.unserved and _order(short, there) < _order(missing, best):
                    best, missing = there, short
        told = [
            MissingStock(question.positions[line], question.sku_ixs[line], node_ix, question.units(line, lots))
            for line, entries in sorted(missing.items())
            for lots, node_ix in sorted(entries, key=lambda entry: entry[1])
        ]
        named = tuple([self._naming(each, best) for each in off])
        return Relaxation((*named, STOCK), best, tuple(told))

    # What would change the choice -------------------------------------------------------------------------------------

    async def flips(
        self, asked: tuple[Network, Basket, Rules], guided: Guided | None, candidates: Candidates
    ) -> tuple[tuple[Flip, ...], Candidates]:
        """The smallest changes, and the candidates with what was found of them."""
        network, basket, rules = asked
        await self._turn()
        best = plan(network, basket, rules)
        nearest = sorted(
            (each for each in candidates if each.reason == CandidateReason.COSTS_MORE),
            key=lambda each: (each.at_least_more_micros, each.node_ix),
        )[:FLIP_CANDIDATES_MAX]
        of_some_worth = guided is not None and guided.rule is not None and guided.rule.limits.min_shipment_value_micros
        told, known = [], {}
        for each in nearest:
            await self._turn()
            forced = with_node(network, basket, rules, each.node_ix)
            if forced is None or forced.found[0] > best[0]:
                continue  # no plan with it serves as many units
            more = forced.found[1] - best[1]
            exact = forced.exact and best[3] and not of_some_worth
            if exact:
                known[each.node_ix] = more
            own = next(x for x in forced.found[6] if x[0] == each.node_ix)
            told.append(
                Flip(
                    FlipKind.NODE_CHEAPER,
                    each.node_ix,
                    more if exact else each.at_least_more_micros,
                    exact,
                    out_of_reach=more >= own[3] + own[4] + own[5],
                )
            )
        for node_ix, *_ in best[6]:
            await self._turn()
            other = plan(network, basket, _excluding(rules, node_ix))
            if other[0] == best[0]:
                exact = bool(best[3] and other[3] and not of_some_worth)
                rise = other[1] if exact else other[2]
                told.append(Flip(FlipKind.CHOSEN_DEARER, node_ix, max(0, rise - best[1]), exact))
        ordered = sorted(told, key=lambda flip: (flip.out_of_reach, flip.micros, flip.node_ix))
        return tuple(ordered), candidates.exactly(known)


def _excluding(rules: Rules, node_ix: int) -> Rules:
    return replace(rules, excluded_nodes=[*rules.excluded_nodes, node_ix])


def _missing(question: Question, found: Plan) -> dict[int, list[tuple[int, int]]]:
    """For each line the lots (and where) that a plan takes and that are not there."""
    line_of = {position: line for line, position in enumerate(question.positions)}
    missing: dict[int, list[tuple[int, int]]] = {}
    for shipment in found.shipments:
        for position, _, units in shipment.lines:
            line = line_of[position]
            lots = units // question.steps[line] if question.steps else units
            place = question.place(line, shipment.node_ix, shipment.supply_day)
            short = lots - question.at_node(line, place) if place is not None else lots
            if short > 0:
                missing.setdefault(line, []).append((short, shipment.node_ix))
    return missing


def _order(missing: dict[int, list[tuple[int, int]]], found: Plan) -> tuple[int, int]:
    """Fewer missing units first, then what costs less."""
    return sum(lots for entries in missing.values() for lots, _ in entries), found.total_micros


def _by_cost(relaxations: Sequence[Relaxation]) -> tuple[Relaxation, ...]:
    return tuple(sorted(relaxations, key=lambda each: (len(each.constraints), each.plan.total_micros)))


def _compares_by_sorts(question: Question) -> bool:
    return question.guide is not None and question.guide.version.policy.mode == Mode.RULES
