"""Sourcing: an order in, a plan out; and the plan held, in one atomic call of the store.

Recipe: ask (question.py) -> decide (deciding.py) -> hold (held_plan.py); where stock was lost meanwhile, decide again with
the true counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import SOURCING_ATTEMPTS_MAX
from promessa.domain.policy import PolicyState
from promessa.domain.reservation import Reservation, ReserveOutcome
from promessa.domain.sourcing import Order, Plan
from promessa.domain.why import NO_PARTS, Candidate, Parts, Why
from promessa.service.catching_up import StockRows, catch_up, contended
from promessa.service.deciding import Decider, as_said, ask_with_supply, waiting, would_be_held
from promessa.service.decision_records import record_of
from promessa.service.explaining import Explainer
from promessa.service.guided import Guide
from promessa.service.held_plan import (
    Kept,
    Sourced,
    cells_of,
    days_of_cells,
    decode,
    encode,
    held,
    order_fingerprint,
    refused_lines,
    slipped,
    slips_of,
    wait_for,
    waits_for_supply,
    with_later,
)
from promessa.service.lots import Lots
from promessa.service.question import Question, Questions
from promessa.service.shadowing import Shadowing
from promessa.service.supply import Supply
from promessa.service.terms import HoldRules, Terms
from promessa.store.store import Positions, Reserved, Store


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
        self._supply = supply
        self._stock = stock
        self._rules = rules
        self._lots = lots
        self._questions = questions
        self._decider = decider
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
        return as_said(self._decider.decide(question), question), []

    async def explain(self, order: Order, parts: Parts) -> Why:
        """The best plan, why each node is or is not in it, and the parts asked for. Raises as source."""
        return await self._explainer.explain(await self._ask(order), parts)

    async def relaxations(self, order: Order) -> Why:
        """What would serve an order whole; nothing if it is served whole. Raises as source."""
        return await self._explainer.relaxations(await self._ask(order))

    async def _ask(self, order: Order) -> Question:
        return await ask_with_supply(self._questions, self._decider, order, self._now_ms())

    async def recall(self, request_id: str, order: Order, *, terms: Terms, allow_partial: bool) -> Sourced | None:
        """What source_and_reserve answered to a request id; None if it never came. Raises AlreadyExists (REQUEST_ID_REUSED)."""
        request = order_fingerprint(order, terms, allow_partial)
        first = await self._store.recall_reserved(request_id, request)
        return None if first is None else await self._replayed(request_id, request, first)

    async def ask(self, order: Order, now_ms: int, *, to_hold: bool = True) -> Question:
        """An order as of an instant. Raises as source; if its plan is to be held, FailedPrecondition (POLICY_NOT_ACTIVE)."""
        question = await self._questions.ask(order, now_ms)
        if to_hold and question.guide is not None:
            _must_hold(question.guide)
        return question

    async def source_and_reserve(
        self, request_id: str, order: Order, *, terms: Terms, allow_partial: bool, planned: Planned | None = None
    ) -> Sourced:
        """The best plan, held. Raises as source, AlreadyExists (REQUEST_ID_REUSED), FailedPrecondition (POLICY_NOT_ACTIVE).

        Every lost race means that the store said no to the whole plan and told the true counts of the cells that were
        short; the next decision uses them. Nobody is refused by what the replica showed a moment ago: see catching_up.
        What is `planned` is held without another decision, if it can be. Raises Unavailable (STOCK_CONTENDED) after too many
        lost races.
        """
        request = order_fingerprint(order, terms, allow_partial)
        now_ms = self._now_ms()
        try:
            question = planned.question if planned else await self.ask(order, now_ms)
            if terms.hold_rule_id:
                terms = await self._rules.applied(terms)
        except (NotFound, InvalidRequest, FailedPrecondition):  # it may have been there the first time
            known = await self._store.recall_reserved(request_id, request)
            if known is None:
                raise
            return await self._replayed(request_id, request, known)
        level = False
        left: dict[int, int] = {}
        for attempt in range(1, SOURCING_ATTEMPTS_MAX + 1):
            first = attempt == 1 and planned
            found = first.plan if first else self._decider.decide(question)
            if found.unserved and not level and not first:
                await catch_up(self._store, self._stock)
                level, question = True, await self._questions.ask(order, now_ms)
                question.limit(left)
                found = self._decider.decide(question)
            if found.unserved and order.ways.waits:
                question = await waiting(self._questions, question, found)
                question.limit(left)
                found = self._decider.decide(question)
            if not would_be_held(found, allow_partial=allow_partial):
                if self._shadows:
                    self._shadowing.offer(request_id, question, found, allow_partial=allow_partial)
                return await self._refused(request_id, request, question, found, terms, attempt, left)
            if question.destination.schedules:
                found = with_later(found, question)
            extra = encode(Kept(found, attempt, tuple(left), self._record(question, found)))
            reserved = await self._hold(request_id, request, question, found, terms, extra)
            if reserved.replayed:
                return await self._replayed(request_id, request, reserved)
            if reserved.reservation.outcome != ReserveOutcome.REFUSED:
                if self._shadows:
                    self._shadowing.offer(request_id, question, found, allow_partial=allow_partial)
                return held(
                    slipped(found, reserved.reservation),
                    reserved.reservation,
                    attempt,
                    reserved.positions,
                    left,
                    replayed=False,
                )
            limited = reserved.reservation.left_for_owner()
            if limited:  # no other node would do
                left.update(limited)
                question.limit(left)
                if allow_partial:
                    continue
                found = self._decider.decide(question)
                return await self._refused(request_id, request, question, found, terms, attempt, left)
            if waits_for_supply(found):  # what is left of it only the store knows
                level, question = False, await self._questions.ask(order, now_ms)
                question.limit(left)
                continue
            for line in reserved.reservation.lines:
                question.correct(line.node_ix, line.sku_ix, line.available)
        raise contended(SOURCING_ATTEMPTS_MAX)

    def _hold(
        self, request_id: str, request: Fingerprint, question: Question, found: Plan, terms: Terms, extra: bytes
    ) -> Awaitable[Reserved]:
        """Hold a plan, all or nothing."""
        slips = slips_of(found, question.latest_ms)
        if waits_for_supply(found):
            return self._promise(request_id, request, question, found, terms, extra, slips)
        if question.steps:
            return self._lots.reserve(
                request_id,
                request,
                cells=self._lots.kits_first(cells_of(found)),
                terms=terms._replace(order_id=question.order.order_id, channel=question.order.channel),
                all_or_nothing=True,
                extra=extra,
                keep_refusal=False,
                slips=slips,
            )
        return self._store.reserve(
            request_id,
            request,
            cells=cells_of(found),
            all_or_nothing=True,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=question.order.order_id,
            limits=terms.limits,
            slips=slips,
            channel=question.order.channel,
            extra=extra,
            keep_refusal=False,
        )

    def _record(self, question: Question, found: Plan) -> bytes:
        """What is kept to make the decision again."""
        if question.guide is not None and question.seen is not self._questions.seen:
            question.seen = None  # a policy looks at the catalogue when it decides, which is another one by now
        return record_of(question, found)

    def _promise(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        found: Plan,
        terms: Terms,
        extra: bytes,
        slips: Sequence[int],
    ) -> Awaitable[Reserved]:
        """The same of a plan that counts on what is to come: stock and inbound in one call."""
        supply, order = self._supply, question.order
        assert supply is not None, "a plan waits for supply that was read"
        cells = cells_of(found)
        days = days_of_cells(found)
        return supply.store.promise(
            request_id,
            request,
            cells=[x for at in range(0, len(cells), 3) for x in (*cells[at : at + 3], supply.today(cells[at]))],
            all_or_nothing=True,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=order.order_id,
            latest_day=0,
            backorder=False,
            policy=supply.overdue_policy,
            channel=order.channel,
            waits=[wait_for(days[cells[at], cells[at + 1]], order.ways) for at in range(0, len(cells), 3)],
            extra=extra,
            keep_refusal=False,
            limits=terms.limits,
            slips=slips,
        )

    async def _refused(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        found: Plan,
        terms: Terms,
        attempt: int,
        left: Mapping[int, int],
    ) -> Sourced:
        """Remember that the order cannot be served."""
        refused = await self._store.refuse(
            request_id,
            request,
            owner_id=terms.owner_id,
            order_id=question.order.order_id,
            lines=refused_lines(question, found, left),
            extra=encode(Kept(found._replace(shipments=()), attempt, (), self._record(question, found))),
        )
        if refused.replayed:
            return await self._replayed(request_id, request, refused)
        return self._sourced(refused.reservation.as_first_answered(), refused.positions, replayed=False)

    async def _replayed(self, request_id: str, request: Fingerprint, known: Reserved) -> Sourced:
        """The first answer, made from what the store keeps of it.

        Lines that wait change as supply comes: of these it keeps the answer, too.
        """
        first = known.reservation.as_first_answered()
        if self._supply and waits_for_supply(decode(first.extra).plan):
            answered = await self._supply.store.recall_promised(request_id, request)
            first = answered.reservation if answered else first
        return self._sourced(first, known.positions, replayed=True)

    def _sourced(self, first: Reservation, positions: Positions, *, replayed: bool) -> Sourced:
        """An answer made from a reservation as it was first answered."""
        kept = decode(first.extra)
        if first.outcome != ReserveOutcome.REFUSED:
            return held(slipped(kept.plan, first), first, kept.attempts, positions, kept.limited, replayed=replayed)
        short = tuple((x.sku_ix, x.requested, x.available, x.reason) for x in first.lines if x.reason)
        return Sourced(ReserveOutcome.REFUSED, kept.plan, first, short, kept.attempts, positions, replayed)


def _must_hold(guide: Guide) -> None:
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
