"""Daily capacities: messages to domain values and back."""

from __future__ import annotations

from promessa.domain.capacity import EVERY_DAY, Capacity, CapacityUnit, CapacityUse, OnFull
from promessa.domain.supply import text_of_day
from promessa.server.validate import InvalidFields
from promessa.v1 import network_pb2
from promessa.v1 import network_service_pb2 as messages


def capacity_of(request: messages.SetNodeCapacityRequest) -> Capacity | None:
    """What a node is to take on in a day. Raises InvalidFields for a weekday named twice."""
    if not request.HasField("capacity"):
        return None
    asked = request.capacity
    days = list(asked.working_weekdays)
    if len(set(days)) < len(days):
        raise InvalidFields([("capacity.working_weekdays", "must name each day once")])
    weekdays = sum(1 << day - 1 for day in days) or EVERY_DAY
    return Capacity(asked.limit_quantity, CapacityUnit(asked.unit), OnFull(asked.on_full), weekdays)


def capacity_message(use: CapacityUse) -> messages.GetNodeCapacityResponse:
    """What a node takes on in a day, and what is taken."""
    limit = use.capacity.limit if use.capacity else 0
    found = messages.GetNodeCapacityResponse(
        days=[
            network_pb2.CapacityDay(
                date=text_of_day(day.day),
                open_quantity=day.open,
                done_quantity=day.done,
                used_percent=day.taken * 100 // limit if limit else 0,
            )
            for day in use.days
            if day.taken
        ]
    )
    if use.capacity:
        worked = [i + 1 for i in range(7) if use.capacity.weekdays >> i & 1]
        found.capacity.CopyFrom(
            network_pb2.NodeCapacity(
                limit_quantity=limit,
                unit=network_pb2.CapacityUnit.Name(int(use.capacity.unit)),
                on_full=network_pb2.CapacityOnFull.Name(int(use.capacity.on_full)),
                working_weekdays=worked if use.capacity.weekdays != EVERY_DAY else [],
            )
        )
    return found
