"""SourcingService: validate, convert, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.server import source_request, validate
from promessa.server._answers import source_response
from promessa.server.convert_sourcing import candidate_message, order_of, plan_message
from promessa.server.replica_reader import ReplicaReader
from promessa.server.source_request import SourceRequest
from promessa.service.sourcing import Sourcing
from promessa.v1 import sourcing_service_pb2 as messages


class SourcingServicer:
    """Source and SourceAndReserve; `catalogue` turns indices into ids."""

    def __init__(self, sourcing: Sourcing, catalogue: Catalogue, replica: ReplicaReader) -> None:
        self._sourcing = sourcing
        self._catalogue = catalogue
        self._replica = replica

    async def Source(self, request: messages.SourceRequest, context: Any) -> messages.SourceResponse:
        validate.check(request)
        plan, candidates = await self._sourcing.source(order_of(request.order), explain=request.explain)
        return messages.SourceResponse(
            plan=plan_message(plan, self._catalogue),
            candidates=[candidate_message(candidate, self._catalogue) for candidate in candidates],
            freshness=self._replica.freshness(),
        )

    async def SourceAndReserve(self, request: SourceRequest | messages.SourceAndReserveRequest, context: Any) -> bytes:
        asked = request if isinstance(request, SourceRequest) else source_request.checked(request)
        sourced = await self._sourcing.source_and_reserve(
            asked.request_id, asked.order, terms=asked.terms, allow_partial=asked.allow_partial
        )
        return source_response(sourced, self._sourcing.epoch, self._catalogue.skus.ids, self._catalogue.nodes.ids)
