"""AvailabilityService.GetAtpSchedule: validate, convert, call, convert. It reads the store, so it has no native path."""

from __future__ import annotations

from typing import Any

import grpc

from promessa.domain.limits import HORIZON_DAYS_DEFAULT
from promessa.domain.supply import text_of_day
from promessa.server import validate
from promessa.server.availability_servicer import SERVICE
from promessa.server.boundary import Boundary, parser
from promessa.server.convert import claim, from_store
from promessa.service.schedule import Schedules
from promessa.v1 import availability_service_pb2 as messages


class ScheduleServicer:
    """The one method."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    async def get_atp_schedule(
        self, request: messages.GetAtpScheduleRequest, context: Any
    ) -> messages.GetAtpScheduleResponse:
        validate.check(request)
        found = await self._schedules.of_sku(
            request.sku,
            node_ids=request.node_ids,
            node_group_id=request.node_group_id,
            from_date=request.from_date,
            horizon_days=request.horizon_days if request.HasField("horizon_days") else HORIZON_DAYS_DEFAULT,
            claim=claim(request),
        )
        capable = found.capable_day(request.quantity) if request.quantity else None
        return messages.GetAtpScheduleResponse(
            sku=request.sku,
            windows=[
                messages.AtpWindow(
                    from_date=text_of_day(window.first),
                    to_date=text_of_day(window.last),
                    supply_quantity=window.supply,
                    demand_quantity=window.demand,
                    atp_quantity=window.atp,
                )
                for window in found.windows
            ],
            available_to_fulfil_quantity=found.fulfil,
            available_to_order_quantity=found.order,
            capable_date="" if capable is None else text_of_day(capable),
            freshness=from_store(self._schedules.availability.epoch, self._schedules.supply.now_ms()),
        )


def register(server: grpc.aio.Server, servicer: ScheduleServicer, boundary: Boundary) -> None:
    """Add the method beside the others of its service."""
    handler: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(
        boundary.unary(f"/{SERVICE}/GetAtpSchedule", servicer.get_atp_schedule),
        parser(messages.GetAtpScheduleRequest),
        messages.GetAtpScheduleResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"GetAtpSchedule": handler}),))
