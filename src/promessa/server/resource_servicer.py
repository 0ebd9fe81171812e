"""SourcingService.Resource: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.refusal import Cooling, RefusalReason
from promessa.domain.reservation import Reservation
from promessa.domain.token import make_token
from promessa.server import validate
from promessa.server.convert import duration_ms, reservation_message, set_instant
from promessa.server.convert_sourcing import fill_plan
from promessa.service.promises import Waits
from promessa.service.refusals import Refusal
from promessa.service.resourcing import Answer, Resourcing
from promessa.v1 import reservation_pb2, resourcing_pb2
from promessa.v1 import sourcing_service_pb2 as messages


class ResourceServicer:
    """What nodes refuse, at other nodes; `catalogue` turns indices into ids."""

    def __init__(
        self,
        resourcing: Resourcing,
        catalogue: Catalogue,
        waits: Callable[[Iterable[Reservation]], Awaitable[Waits]],
        epoch: Callable[[], int],
    ) -> None:
        self._resourcing = resourcing
        self._catalogue = catalogue
        self._waits = waits
        self._epoch = epoch

    async def Resource(self, request: messages.ResourceRequest, context: Any) -> messages.ResourceResponse:
        validate.check(request)
        found = await self._resourcing.resource(request.request_id, refusal_of(request))
        return self._message(found, await self._waits([found.reservation]))

    def _message(self, found: Answer, waits: Waits) -> messages.ResourceResponse:
        told, skus = found.told, self._catalogue.skus.ids
        message = messages.ResourceResponse(
            outcome=told.outcome,  # type: ignore[arg-type]
            shortfalls=[
                reservation_pb2.Shortfall(
                    sku=skus[sku_ix],
                    requested_quantity=requested,
                    available_quantity=available,
                    reason=reason,  # type: ignore[arg-type]
                )
                for sku_ix, requested, available, reason in told.short
            ],
            reservation=reservation_message(found.reservation, self._catalogue, waits),
            attempt_count=told.attempts,
            coolings=[cooling_message(each) for each in told.coolings],
            previous_decision_id=told.previous,
            token=make_token(self._epoch(), found.positions),
            replayed=found.replayed,
        )
        if found.plan.shipments:
            fill_plan(message.plan, found.plan, self._catalogue)
        return message


def refusal_of(request: messages.ResourceRequest) -> Refusal:
    """What a node refuses, already validated."""
    return Refusal(
        request.reservation_id,
        request.node_id,
        tuple([(line.sku, line.quantity) for line in request.lines]),
        RefusalReason(request.reason),
        duration_ms(request.cooldown) if request.HasField("cooldown") else None,
        request.allow_partial,
        request.release_unserved,
    )


def cooling_message(cooling: Cooling) -> resourcing_pb2.NodeCooling:
    """For what a node is left alone."""
    message = resourcing_pb2.NodeCooling(
        sku=cooling.sku,
        reason=cooling.reason,  # type: ignore[arg-type]
        decision_id=cooling.decision_id,
    )
    set_instant(message.since_time, cooling.since_ms)
    set_instant(message.until_time, cooling.until_ms)
    return message
