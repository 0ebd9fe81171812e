"""SourcingService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import PromessaError
from promessa.domain.reservation import Reservation, ReserveOutcome
from promessa.server import source_request, validate
from promessa.server._answers import source_response
from promessa.server.convert_sourcing import order_of, plan_message, redeemed_message, sourced_message
from promessa.server.convert_why import candidate_bytes, explanation_message, parts_of, relaxation_messages
from promessa.server.replica_reader import ReplicaReader
from promessa.server.source_request import SourceRequest
from promessa.service.decisions import Decisions
from promessa.service.held_plan import Sourced
from promessa.service.promises import Waits
from promessa.service.redeeming import Redeeming
from promessa.service.sourcing import Sourcing
from promessa.v1 import sourcing_service_pb2 as messages

_CANDIDATES = messages.SourceResponse.CANDIDATES_FIELD_NUMBER


class SourcingServicer:
    """Source and SourceAndReserve; `catalogue` turns indices into ids."""

    def __init__(
        self,
        sourcing: Sourcing,
        redeeming: Redeeming,
        catalogue: Catalogue,
        replica: ReplicaReader,
        decisions: Decisions,
        waits: Callable[[Iterable[Reservation]], Awaitable[Waits]],
    ) -> None:
        self._sourcing = sourcing
        self._redeeming = redeeming
        self._waits = waits
        self._catalogue = catalogue
        self._replica = replica
        self._decisions = decisions

    async def Source(self, request: messages.SourceRequest, context: Any) -> messages.SourceResponse | bytes:
        validate.check(request)
        if request.explain or request.HasField("parts"):
            return await self._explained(request)
        plan, _ = await self._sourcing.source(order_of(request.order), explain=False)
        return messages.SourceResponse(plan=plan_message(plan, self._catalogue), freshness=self._replica.freshness())

    async def _explained(self, request: messages.SourceRequest) -> bytes:
        """The bytes of an answer; the reasons of nodes are written natively and come last, where any parser takes them."""
        parts = parts_of(request.parts)
        why = await self._sourcing.explain(order_of(request.order), parts)
        answer = messages.SourceResponse(
            plan=plan_message(why.plan, self._catalogue), freshness=self._replica.freshness()
        )
        if request.HasField("parts"):
            told = explanation_message(why, parts, self._catalogue, request.parts.language)
            answer.explanation.CopyFrom(told)
        body = answer.SerializeToString()
        return body + candidate_bytes(_CANDIDATES, why.candidates, self._catalogue) if request.explain else body

    async def SourceAndReserve(self, request: SourceRequest | messages.SourceAndReserveRequest, context: Any) -> bytes:
        asked = request if isinstance(request, SourceRequest) else source_request.checked(request)
        return await self.told(asked, await self._sourced(asked))

    async def told(self, asked: SourceRequest, sourced: Sourced) -> bytes:
        """The bytes of a SourceAndReserveResponse."""
        answer = await self._answer(asked, sourced)
        if asked.explain_refusal and sourced.outcome == ReserveOutcome.REFUSED:
            answer += await self._relaxations(asked.request_id)
        return answer

    def _sourced(self, asked: SourceRequest) -> Awaitable[Sourced]:
        if asked.redemption is not None:
            return self._redeeming.redeem(
                asked.request_id, asked.order, asked.redemption, terms=asked.terms, allow_partial=asked.allow_partial
            )
        return self._sourcing.source_and_reserve(
            asked.request_id, asked.order, terms=asked.terms, allow_partial=asked.allow_partial
        )

    async def _answer(self, asked: SourceRequest, sourced: Sourced) -> bytes:
        """The bytes of an answer; natively, if nothing of it waits for supply."""
        epoch, catalogue = self._sourcing.epoch, self._catalogue
        if asked.order.ways.waits:
            waits = await self._waits([sourced.reservation])
            answer = sourced_message(sourced, epoch, catalogue, waits).SerializeToString()
        else:
            answer = source_response(sourced, epoch, catalogue.skus.ids, catalogue.nodes.ids)
        if sourced.redeemed is not None:  # as more bytes of the answer
            told = redeemed_message(sourced.redeemed, catalogue)
            answer += messages.SourceAndReserveResponse(plan_token_result=told).SerializeToString()
        return answer

    async def _relaxations(self, request_id: str) -> bytes:
        """What would have served an order that was refused, as more bytes of the answer.

        It is found from what is kept of the decision, so a retry is told the same. Nothing where that is not possible: the
        refusal is the answer, and of a wave the others have theirs.
        """
        try:
            why = await self._decisions.relaxations(request_id)
        except PromessaError:
            return b""
        more = messages.SourceAndReserveResponse(relaxations=relaxation_messages(why, self._catalogue))
        return more.SerializeToString()
