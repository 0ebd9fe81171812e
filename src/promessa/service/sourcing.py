"""Sourcing: an order in, a plan out; and the plan held, in one atomic call of the store.

Recipe: ask (asking.py) -> decide (deciding.py) -> hold (held_plan.py); where stock was lost meanwhile, decide again with
the true counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import SOURCING_ATTEMPTS_MAX
from promessa.domain.plan_token import Redeemed, Redemption
from promessa.domain.policy import PolicyState
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import Order, Plan
from promessa.domain.why import NO_PARTS, Candidate, Parts, Why
from promessa.service.asking import Questions
from promessa.service.catching_up import StockRows, catch_up, contended
from promessa.service.deciding import Decider, as_said, ask_with_supply, waiting, would_be_held
from promessa.service.explaining import Explainer
from promessa.service.guided import Guide
from promessa.service.held_plan import Sourced, held, slipped, slips_of, waits_for_supply, with_later
from promessa.service.holding import Follow, Holding
from promessa.service.lots import Lots
from promessa.service.order_fingerprints import request_fingerprint
from promessa.service.question import Question
from promessa.service.shadowing import Shadowing
from promessa.service.supply import Supply
from promessa.service.terms import HoldRules, Terms
from promessa.store.store import Store


class Deal(Protocol):
    """What may be held instead of a plan that was quoted."""

    def accepts(self, found: Plan) -> bool:
        """Whether a plan may be held."""

    def redeemed(self, found: Plan, *, is_held: bool) -> Redeemed:
        """What is told of the token when a plan is held, or nothing is and this plan serves the order best."""

    def latest_ms(self, latest_ms: int) -> int:
        """When all of it must have arrived, if the order and its policy say `latest_ms` (0: whenever)."""


class Planned(NamedTuple):
    """A plan that was made already, on stock level with the store's, and the question whose answer it is."""

    question: Question
    plan: Plan


class Sourcing:
    """The use cases of SourcingService.

    `now_ms` is the wall clock, for dates only.
    """

    def __init__(
        self,
        store: Store,
        stock: Callable[[], StockRows],
        rules: HoldRules,
        lots: Lots,
        questions: Questions,
        decider: Decider,
        shadowing: Shadowing,
        supply: Supply | None = None,
        *,
        now_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._stock = stock
        self.rules = rules
        self.holding = Holding(store, lots, questions, supply)
        self.questions = questions
        self.decider = decider
        self._shadowing = shadowing
        self._shadows = shadowing.versions
        self._now_ms = now_ms
        self._explainer = Explainer(questions.catalogue, questions, decider.silent)

    @property
    def epoch(self) -> int:
        """The epoch of the data set, for tokens."""
        return self._store.epoch

    async def source(self, order: Order, *, explain: bool) -> tuple[Plan, list[Candidate]]:
        """The best plan for an order, and on request every node's reason: by the policy that applies, else the cheapest.

        Raises NotFound (SKU_NOT_FOUND, POLICY_NOT_FOUND), InvalidRequest (REFERENCE_NOT_FOUND), FailedPrecondition
        (DESTINATION_NOT_SERVED), Unavailable (REPLICA_STALE).
        """
        if explain:
            why = await self.explain(order, NO_PARTS)
            return why.plan, list(why.candidates)
        question = await self._ask(order)
        return as_said(self.decider.decide(question), question), []

    async def explain(self, order: Order, parts: Parts) -> Why:
        """The best plan, why each node is or is not in it, and the parts asked for. Raises as source."""
        return await self._explainer.explain(await self._ask(order), parts)

    async def relaxations(self, order: Order) -> Why:
        """What would serve an order whole; nothing if it is served whole. Raises as source."""
        return await self._explainer.relaxations(await self._ask(order))

    async def _ask(self, order: Order) -> Question:
        return await ask_with_supply(self.questions, self.decider, order, self._now_ms())

    async def ask(self, order: Order, now_ms: int, *, to_hold: bool = True) -> Question:
        """An order as of an instant. Raises as source; if its plan is to be held, FailedPrecondition (POLICY_NOT_ACTIVE)."""
        question = await self.questions.ask(order, now_ms)
        if to_hold and question.guide is not None:
            must_hold(question.guide)
        return question

    async def recall(
        self, request_id: str, order: Order, redemption: Redemption | None, *, terms: Terms, allow_partial: bool
    ) -> Sourced | None:
        """What was answered to a request id; None if it never came. Raises AlreadyExists (REQUEST_ID_REUSED)."""
        request = request_fingerprint(order, terms, allow_partial, redemption)
        return await self.holding.recall(request_id, request)

    async def source_and_reserve(
        self,
        request_id: str,
        order: Order,
        *,
        terms: Terms,
        allow_partial: bool,
        planned: Planned | None = None,
        previous: str = "",
        request: Fingerprint | None = None,
        follow: Follow | None = None,
    ) -> Sourced:
        """The best plan, held. Raises as source, AlreadyExists (REQUEST_ID_REUSED), FailedPrecondition (POLICY_NOT_ACTIVE).

        Every lost race means that the store said no to the whole plan and told the true counts of the cells that were
        short; the next decision uses them. Nobody is refused by what the replica showed a moment ago: see catching_up.
        What is `planned` is held without another decision, if it can be. `previous` is the decision that this one follows,
        `request` the fingerprint of the larger request that this is a part of, and `follow` what is done with its hold. Raises
        Unavailable (STOCK_CONTENDED) after too many lost races.
        """
        request = request or request_fingerprint(order, terms, allow_partial)
        now_ms = self._now_ms()
        try:
            question = planned.question if planned else await self.ask(order, now_ms)
            if terms.hold_rule_id:
                terms = await self.rules.applied(terms)
        except (NotFound, InvalidRequest, FailedPrecondition) as error:  # it may have been there the first time
            return await self.holding.first_answer(request_id, request, error)
        plan = planned.plan if planned else None
        return await self.search(
            request_id,
            request,
            question,
            terms,
            allow_partial=allow_partial,
            planned=plan,
            previous=previous,
            follow=follow,
        )

    async def search(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        terms: Terms,
        *,
        allow_partial: bool,
        left: dict[int, int] | None = None,
        deal: Deal | None = None,
        planned: Plan | None = None,
        previous: str = "",
        follow: Follow | None = None,
    ) -> Sourced:
        """The best plan for a question, held; or what the first request of this id got. Raises as source_and_reserve.

        `left` are units that the owner may still hold, by sku, of those that this limits. With a `deal` only what it accepts is
        held. What is `planned` is tried first, as it is.
        """
        order, now_ms = question.order, question.now_ms
        left = left if left is not None else {}
        level = False
        for attempt in range(1, SOURCING_ATTEMPTS_MAX + 1):
            first = planned if attempt == 1 else None
            found = first or self.decider.decide(question)
            if found.unserved and not level and not first:
                await catch_up(self._store, self._stock)
                level, question = True, await self.questions.ask(order, now_ms)
                question.limit(left)
                found = self.decider.decide(question)
            if found.unserved and order.ways.waits:
                question = await waiting(self.questions, question, found)
                question.limit(left)
                found = self.decider.decide(question)
            may_hold = would_be_held(found, allow_partial=allow_partial) and (deal is None or deal.accepts(found))
            redeemed = deal.redeemed(as_said(found, question), is_held=may_hold) if deal else None
            if not may_hold:
                if self._shadows:
                    self._shadowing.offer(request_id, question, found, allow_partial=allow_partial)
                return await self.holding.refuse(
                    request_id, request, question, found, terms, attempt, left, redeemed, previous
                )
            if question.destination.schedules:
                found = with_later(found, question)
            kept = self.holding.kept(question, found, attempt, left, redeemed, previous)
            slips = slips_of(found, deal.latest_ms(question.latest_ms) if deal else question.latest_ms)
            reserved = await self.holding.hold(request_id, request, question, found, terms, kept, slips, follow)
            if reserved.replayed:
                return await self.holding.replayed(request_id, request, reserved)
            if reserved.reservation.outcome != ReserveOutcome.REFUSED:
                if self._shadows:
                    self._shadowing.offer(request_id, question, found, allow_partial=allow_partial)
                return held(
                    kept, slipped(found, reserved.reservation), reserved.reservation, reserved.positions, replayed=False
                )
            limited = reserved.reservation.left_for_owner()
            if limited:  # no other node would do
                left.update(limited)
                question.limit(left)
                if allow_partial:
                    continue
                found = self.decider.decide(question)
                redeemed = deal.redeemed(as_said(found, question), is_held=False) if deal else None
                return await self.holding.refuse(
                    request_id, request, question, found, terms, attempt, left, redeemed, previous
                )
            if waits_for_supply(found):  # what is left of it only the store knows
                level, question = False, await self.questions.ask(order, now_ms)
                question.limit(left)
                continue
            for line in reserved.reservation.lines:
                question.correct(line.node_ix, line.sku_ix, line.available)
        raise contended(SOURCING_ATTEMPTS_MAX)


def must_hold(guide: Guide) -> None:
    """Raises FailedPrecondition (POLICY_NOT_ACTIVE) for a draft."""
    version = guide.version
    if version.state == PolicyState.DRAFT:
        raise FailedPrecondition(
            "POLICY_NOT_ACTIVE",
            f"Version {version.version} of policy {version.policy_id!r} is a draft, which holds nothing. Activate it, or use "
            "Source, which reserves nothing.",
            policy_id=version.policy_id,
            version=version.version,
        )
