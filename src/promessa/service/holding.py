"""Holding plans: the store's side of sourcing. A plan is held whole or not at all, and what was answered first is kept.

Who decides what is held is sourcing.py and redeeming.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from promessa.domain.errors import PromessaError
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.plan_token import QuotedPlan, Redeemed
from promessa.domain.reservation import Reservation, ReserveOutcome
from promessa.domain.sourcing import Plan
from promessa.service.asking import Questions
from promessa.service.decision_facts import facts_of
from promessa.service.decision_records import engine, record_of
from promessa.service.held_plan import (
    Kept,
    Sourced,
    cells_of,
    days_of_cells,
    decode,
    encode,
    held,
    refused_lines,
    slipped,
    unserved_lines,
    wait_for,
    waits_for_supply,
)
from promessa.service.lots import Lots
from promessa.service.question import Question
from promessa.service.supply import Supply
from promessa.service.terms import Terms
from promessa.store.about import DecisionFacts
from promessa.store.following import Following
from promessa.store.store import Positions, Reserved, Store

Follow = Callable[[Plan], Following | None]
"""What is done in the same change as a plan is held, if that is held as it is; None if nothing."""


class Holding:
    """Holds plans, and remembers refusals, under the request ids that they were asked for with."""

    def __init__(self, store: Store, lots: Lots, questions: Questions, supply: Supply | None = None) -> None:
        self._store = store
        self._lots = lots
        self._questions = questions
        self._supply = supply
        engine()  # some files are read for it, once: no order waits for that

    @property
    def epoch(self) -> int:
        """The epoch of the data set, for tokens."""
        return self._store.epoch

    def hold(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        found: Plan,
        terms: Terms,
        kept: Kept,
        slips: Sequence[int],
        follow: Follow | None = None,
    ) -> Awaitable[Reserved]:
        """Hold a plan, all or nothing. `slips` is how many days each node may take longer, see held_plan.slips_of.

        What is to `follow` is done in the same change, but not of a plan with lots or kits, or that waits for supply.
        """
        extra, unserved = encode(kept), unserved_lines(question, found, kept.limited)
        facts = facts_of(question, found)
        if waits_for_supply(found):
            return self._promise(request_id, request, question, found, terms, extra, slips, unserved, facts)
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
                unserved=unserved,
                decision=facts,
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
            unserved=unserved,
            decision=facts,
            following=follow(found) if follow else None,
        )

    def kept(
        self,
        question: Question,
        found: Plan,
        attempts: int,
        limited: Iterable[int] = (),
        redeemed: Redeemed | None = None,
        previous: str = "",
        quoted: QuotedPlan | None = None,
    ) -> Kept:
        """What is kept of a decision; of a plan held as it was `quoted`, too."""
        record = self.record(question, found, previous, quoted)
        return Kept(found, attempts, tuple(limited), record, redeemed, None if record else question.order)

    def record(self, question: Question, found: Plan, previous: str = "", quoted: QuotedPlan | None = None) -> bytes:
        """What is kept to make the decision again; empty if that is not possible."""
        if question.guide is not None and question.seen is not self._questions.seen:
            question.seen = None  # a policy looks at the catalogue when it decides, which is another one by now
        return record_of(question, found, previous, quoted)

    def _promise(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        found: Plan,
        terms: Terms,
        extra: bytes,
        slips: Sequence[int],
        unserved: Sequence[int],
        facts: DecisionFacts,
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
            unserved=unserved,
            decision=facts,
        )

    async def refuse(
        self,
        request_id: str,
        request: Fingerprint,
        question: Question,
        found: Plan,
        terms: Terms,
        attempt: int,
        left: Mapping[int, int],
        redeemed: Redeemed | None = None,
        previous: str = "",
    ) -> Sourced:
        """Remember that the order cannot be served, or not as it may be."""
        kept = self.kept(question, found, attempt, (), redeemed, previous)
        kept.plan = found._replace(shipments=())
        refused = await self._store.refuse(
            request_id,
            request,
            owner_id=terms.owner_id,
            order_id=question.order.order_id,
            channel=question.order.channel,
            lines=refused_lines(question, found, left),
            extra=encode(kept),
            decision=facts_of(question, kept.plan),
        )
        if refused.replayed:
            return await self.replayed(request_id, request, refused)
        return sourced(refused.reservation.as_first_answered(), refused.positions, replayed=False)

    async def first_answer(self, request_id: str, request: Fingerprint, error: PromessaError) -> Sourced:
        """What was answered to a request that cannot be understood any more; raises the error if it never came before."""
        first = await self.recall(request_id, request)
        if first is None:
            raise error
        return first

    async def recall(self, request_id: str, request: Fingerprint) -> Sourced | None:
        """What was answered to a request id; None if it never came. Raises AlreadyExists (REQUEST_ID_REUSED)."""
        first = await self._store.recall_reserved(request_id, request)
        return None if first is None else await self.replayed(request_id, request, first)

    async def replayed(self, request_id: str, request: Fingerprint, known: Reserved) -> Sourced:
        """The first answer, made from what the store keeps of it.

        Lines that wait change as supply comes: of these it keeps the answer, too.
        """
        first = known.reservation.as_first_answered()
        if self._supply and waits_for_supply(decode(first.extra).plan):
            answered = await self._supply.store.recall_promised(request_id, request)
            first = answered.reservation if answered else first
        return sourced(first, known.positions, replayed=True)


def sourced(first: Reservation, positions: Positions, *, replayed: bool) -> Sourced:
    """An answer made from a reservation as it was first answered."""
    kept = decode(first.extra)
    if first.outcome != ReserveOutcome.REFUSED:
        return held(kept, slipped(kept.plan, first), first, positions, replayed=replayed)
    short = tuple((x.sku_ix, x.requested, x.available, x.reason) for x in first.lines if x.reason)
    return Sourced(ReserveOutcome.REFUSED, kept.plan, first, short, kept.attempts, positions, replayed, kept.redeemed)
