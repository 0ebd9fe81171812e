"""Explaining decisions that were made: validate, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.domain.reservation import ReserveOutcome
from promessa.domain.why import Why
from promessa.server import validate
from promessa.server.convert import timestamp
from promessa.server.convert_sourcing import plan_message
from promessa.server.convert_why import candidate_message, explanation_message, order_message, parts_of
from promessa.service.decisions import Decisions, Replay, asked_again
from promessa.v1 import decision_pb2
from promessa.v1 import sourcing_service_pb2 as messages


class DecisionServicer:
    """ExplainDecision of SourcingService. Ids are those of the catalogue of then, where some may be gone by now."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    async def ExplainDecision(
        self, request: messages.ExplainDecisionRequest, context: Any
    ) -> messages.ExplainDecisionResponse:
        validate.check(request)
        replay, why = await self._decisions.explain(request.decision_id, parts_of(request.parts))
        with asked_again(request.decision_id):  # an altered record may say what no message can
            return _message(request, replay, why)


def _message(request: messages.ExplainDecisionRequest, replay: Replay, why: Why) -> messages.ExplainDecisionResponse:
    catalogue = replay.catalogue
    return messages.ExplainDecisionResponse(
        decision_id=request.decision_id,
        decision_time=timestamp(replay.record.now_ms),
        order=order_message(replay.record.order),
        outcome=int(replay.outcome),  # type: ignore[arg-type]
        plan=None if replay.outcome == ReserveOutcome.REFUSED else plan_message(replay.plan, catalogue),
        attempt_count=replay.attempts,
        is_identical=replay.identical,
        differences=[
            decision_pb2.DecisionDifference(place=each.place, recorded=each.recorded, found=each.found)
            for each in replay.differences
        ],
        is_record_altered=not replay.intact,
        is_other_engine=not replay.same_engine,
        previous_decision_id=replay.record.previous,
        later_decision_ids=replay.later,
        candidates=[candidate_message(each, catalogue) for each in why.candidates],
        explanation=explanation_message(why, parts_of(request.parts), catalogue, request.parts.language),
        quoted=_quoted(replay),
    )


def _quoted(replay: Replay) -> decision_pb2.QuotedDecision | None:
    """What a plan token said that was honoured."""
    quoted = replay.quoted
    if quoted is None:
        return None
    return decision_pb2.QuotedDecision(
        quote_time=timestamp(quoted.quoted_ms),
        total_micros=quoted.total_micros,
        promise_time=timestamp(quoted.promise_ms),
        total_at_hold_micros=replay.total_now_micros,
    )
