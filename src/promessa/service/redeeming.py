"""Redeeming plan tokens: the plan that was quoted, held as it was quoted, or what changed and what that costs.

Recipe: read the token (plan_tokens.py) -> see how its plan stands (quoted_plan.py) -> hold it in one atomic call. Where it
cannot be held: decide again as ever (sourcing.py), and hold that if the caller accepts it; otherwise nothing is held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.kinds import NO_DAY
from promessa.domain.plan_token import (
    NO_TOKEN,
    IssuedToken,
    PlanChange,
    QuotedPlan,
    Redeemed,
    Redemption,
    TokenOutcome,
)
from promessa.domain.reservation import ReserveOutcome, ShortfallReason
from promessa.domain.sourcing import Order, Plan
from promessa.service.cooling import cooling_lines
from promessa.service.deciding import would_be_held
from promessa.service.held_plan import Sourced, days_of_cells, held, slipped, waits_for_supply
from promessa.service.order_fingerprints import request_fingerprint
from promessa.service.plan_tokens import Issue, PlanTokens
from promessa.service.question import Question
from promessa.service.quoted_plan import as_quoted, changes_of_refusal, standing
from promessa.service.sourcing import Sourcing, must_hold
from promessa.service.terms import Terms


class Redeeming:
    """SourceAndReserve with a plan token. `now_ms` is the wall clock."""

    def __init__(self, sourcing: Sourcing, tokens: PlanTokens, *, now_ms: Callable[[], int]) -> None:
        self._sourcing = sourcing
        self._holding = sourcing.holding
        self._decider = sourcing.decider.silent
        self._tokens = tokens
        self._now_ms = now_ms

    async def redeem(
        self, request_id: str, order: Order, redemption: Redemption, *, terms: Terms, allow_partial: bool
    ) -> Sourced:
        """The quoted plan, held; else what its changes are, with what serves the order now, held only if it is accepted.

        Raises InvalidRequest (PLAN_TOKEN_INVALID, PLAN_TOKEN_MISMATCH), FailedPrecondition (PLAN_TOKEN_EXPIRED), and as
        Sourcing.source_and_reserve.
        """
        request = request_fingerprint(order, terms, allow_partial, redemption)
        now_ms = self._now_ms()
        questions, catalogue = self._sourcing.questions, self._sourcing.questions.catalogue
        try:
            quoted = await self._tokens.read(redemption.token, order, now_ms)
            terms = await self._sourcing.rules.applied(terms)
            question = await questions.ask(as_quoted(order), now_ms)
        except (NotFound, InvalidRequest, FailedPrecondition) as error:  # it may have counted the first time
            return await self._holding.first_answer(request_id, request, error)
        plan = quoted.plan(order, catalogue.nodes.index_of, catalogue.skus.index_of)
        if waits_for_supply(plan):
            question = await questions.with_supply_of(question, plan)
        stands = standing(quoted, plan, question, self._decider, catalogue)
        changes, left = stands.changes, dict[int, int]()
        short: list[tuple[int, int, int]] = []
        if not changes and would_be_held(plan, allow_partial=allow_partial):
            redeemed = Redeemed(
                TokenOutcome.HONOURED, (), quoted.total_micros, quoted.promise_ms, stands.total_now_micros
            )
            asked = replace(stands.asked, order=order)
            kept = self._holding.kept(asked, stands.plan, 0, (), redeemed, quoted=quoted)
            on_time = [x for node_ix in {ship.node_ix for ship in plan.shipments} for x in (node_ix, 0)]
            reserved = await self._holding.hold(request_id, request, question, stands.plan, terms, kept, on_time)
            if reserved.replayed:
                return await self._holding.replayed(request_id, request, reserved)
            found = reserved.reservation
            if found.outcome != ReserveOutcome.REFUSED:
                return held(kept, slipped(stands.plan, found), found, reserved.positions, replayed=False)
            changes, left = changes_of_refusal(found, catalogue, plan), found.left_for_owner()
            days = days_of_cells(plan)
            short = [
                (line.node_ix, line.sku_ix, line.available)
                for line in found.lines
                if days.get((line.node_ix, line.sku_ix), NO_DAY) == NO_DAY  # what is to come is read anew
                and not (
                    redemption.accept_changes and line.reason == ShortfallReason.CAPACITY_FULL
                )  # it may take longer
            ]
        try:
            question = await self._asked_anew(order, now_ms, short, left)
        except (NotFound, InvalidRequest, FailedPrecondition) as error:
            return await self._holding.first_answer(request_id, request, error)
        deal = _Change(quoted, changes, redemption, order, await self._tokens.issuer(), now_ms)
        return await self._sourcing.search(
            request_id, request, question, terms, allow_partial=allow_partial, left=left, deal=deal
        )

    async def _asked_anew(
        self, order: Order, now_ms: int, short: list[tuple[int, int, int]], left: dict[int, int]
    ) -> Question:
        """The order's question, with what the store has just said; it knows nothing of nodes that are left alone by now."""
        questions = self._sourcing.questions
        question = await questions.ask(order, now_ms)
        if question.guide is not None:
            must_hold(question.guide)
        skus = question.sku_ixs
        cooling = {(node_ix, skus[line]) for node_ix, line, _ in cooling_lines(questions.catalogue, skus, now_ms)}
        for cell in short:
            if cell[:2] not in cooling:
                question.correct(*cell)
        question.limit(left)
        return question


@dataclass(frozen=True, slots=True)
class _Change:
    """What may be held instead of a quoted plan, and what is told of it."""

    quoted: QuotedPlan
    changes: tuple[PlanChange, ...]
    redemption: Redemption
    order: Order
    issue: Issue
    now_ms: int

    def accepts(self, found: Plan) -> bool:
        """Whether a plan may be held."""
        asked = self.redemption
        extra = found.total_micros - self.quoted.total_micros
        dear = asked.extra_micros_max is not None and extra > asked.extra_micros_max
        late = bool(asked.latest_promise_ms) and found.promise_ms > asked.latest_promise_ms
        return asked.accept_changes and not dear and not late

    def redeemed(self, found: Plan, *, is_held: bool) -> Redeemed:
        """What is told of the token with a plan that serves the order now."""
        quoted = self.quoted
        token: IssuedToken = NO_TOKEN if is_held else self.issue(self.order, found, self.now_ms)
        return Redeemed(
            TokenOutcome.REPLACED if is_held else TokenOutcome.CHANGED,
            self.changes,
            quoted.total_micros,
            quoted.promise_ms,
            plan=None if is_held or not found.shipments else found,
            extra_micros=found.total_micros - quoted.total_micros if found.shipments else 0,
            token=token,
        )

    def latest_ms(self, latest_ms: int) -> int:
        """When all of it must have arrived."""
        bounds = [ms for ms in (latest_ms, self.redemption.latest_promise_ms) if ms]
        return min(bounds, default=0)
