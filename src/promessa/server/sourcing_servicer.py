"""SourcingService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.reservation import Reservation
from promessa.server import source_request, validate
from promessa.server._answers import source_response
from promessa.server.convert_sourcing import candidate_message, order_of, plan_message, quote_options, sourced_message
from promessa.server.replica_reader import ReplicaReader
from promessa.server.source_request import SourceRequest
from promessa.server.substitutes import Substitutes
from promessa.service.promises import Waits
from promessa.service.sourcing import Sourcing
from promessa.v1 import sourcing_service_pb2 as messages
from promessa.v1.availability_service_pb2 import GetAvailabilityRequest


class SourcingServicer:
    """The three methods of SourcingService; `catalogue` turns indices into ids."""

    def __init__(
        self,
        sourcing: Sourcing,
        catalogue: Catalogue,
        replica: ReplicaReader,
        substitutes: Substitutes,
        waits: Callable[[Iterable[Reservation]], Awaitable[Waits]],
    ) -> None:
        self._sourcing = sourcing
        self._waits = waits
        self._catalogue = catalogue
        self._replica = replica
        self._substitutes = substitutes

    async def Quote(self, request: messages.QuoteRequest, context: Any) -> messages.QuoteResponse:
        validate.check(request)
        plans = await self._sourcing.quote(order_of(request.order), alternatives=request.alternative_count)
        answer = messages.QuoteResponse(
            options=quote_options(plans, self._catalogue), freshness=self._replica.freshness()
        )
        if request.offer_substitutes:
            skus = [line.sku for line in request.order.lines]
            short_skus = (
                {self._catalogue.skus.ids[sku_ix] for _, sku_ix, _ in plans[0].unserved} if plans else set(skus)
            )
            short = [(i, sku) for i, sku in enumerate(skus) if sku in short_skus]
            everywhere = GetAvailabilityRequest(node_group_id=request.order.constraints.node_group_id)
            answer.line_substitutes.extend(await self._substitutes.of_lines(short, everywhere, context))
        return answer

    async def Source(self, request: messages.SourceRequest, context: Any) -> messages.SourceResponse:
        validate.check(request)
        plan, candidates = await self._sourcing.source(order_of(request.order), explain=request.explain)
        return messages.SourceResponse(
            plan=plan_message(plan, self._catalogue),
            candidates=[candidate_message(candidate, self._catalogue) for candidate in candidates],
            freshness=self._replica.freshness(),
        )

    async def SourceAndReserve(
        self, request: SourceRequest | messages.SourceAndReserveRequest, context: Any
    ) -> bytes | messages.SourceAndReserveResponse:
        asked = request if isinstance(request, SourceRequest) else source_request.checked(request)
        sourced = await self._sourcing.source_and_reserve(
            asked.request_id, asked.order, terms=asked.terms, allow_partial=asked.allow_partial
        )
        if asked.order.ways.waits:
            waits = await self._waits([sourced.reservation])
            return sourced_message(sourced, self._sourcing.epoch, self._catalogue, waits)
        return source_response(sourced, self._sourcing.epoch, self._catalogue.skus.ids, self._catalogue.nodes.ids)
