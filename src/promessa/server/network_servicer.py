"""NetworkService: validate, convert, call, convert. Its kinds of resource are treated alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from typing import Any

from google.protobuf.message import Message

from promessa.domain.calendar import CalendarDay, WorkingHours
from promessa.domain.catalogue import KitComponent, NodeAttribute, NodeState, Resource
from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.rate_cards import RateBracket, RateZone, RemoteArea
from promessa.server import validate
from promessa.server.convert import instant_ms, set_instant
from promessa.server.convert_capacity import capacity_message, capacity_of
from promessa.server.paging import page_position, page_token
from promessa.server.resource_servicer import cooling_message
from promessa.service.capacities import Capacities
from promessa.service.network import Network
from promessa.store.catalogue_codec import TYPES
from promessa.v1 import network_pb2
from promessa.v1 import network_service_pb2 as messages

Method = Callable[[Any, Any], Awaitable[Any]]

_KINDS = {
    "calendar": ("Calendar", "calendar_id", network_pb2.Calendar),
    "node": ("Node", "node_id", network_pb2.Node),
    "node_group": ("NodeGroup", "node_group_id", network_pb2.NodeGroup),
    "sku": ("Sku", "sku", network_pb2.Sku),
    "rate_card": ("RateCard", "rate_card_id", network_pb2.RateCard),
    "lane": ("Lane", "lane_id", network_pb2.Lane),
    "tax_rule": ("TaxRule", "tax_rule_id", network_pb2.TaxRule),
    "commission_rule": ("CommissionRule", "commission_rule_id", network_pb2.CommissionRule),
    "hold_rule": ("HoldRule", "hold_rule_id", network_pb2.HoldRule),
    "safety_rule": ("SafetyStockRule", "safety_rule_id", network_pb2.SafetyStockRule),
    "unavailable_reason": ("UnavailableReason", "reason_id", network_pb2.UnavailableReason),
}

_PAUSED_UNTIL = "paused_until_ms"

_PARTS: dict[str, tuple[Any, Any]] = {
    "brackets": (RateBracket, network_pb2.RateBracket),
    "zones": (RateZone, network_pb2.RateZone),
    "remote_areas": (RemoteArea, network_pb2.RemoteArea),
    "kit": (KitComponent, network_pb2.KitComponent),
    "attributes": (NodeAttribute, network_pb2.NodeAttribute),
    "hours": (WorkingHours, network_pb2.WorkingHours),
    "days": (CalendarDay, network_pb2.CalendarDay),
}
"""Fields that hold parts with fields of their own: the type of a part here and in the API."""


class NetworkServicer:
    """The methods of NetworkService, by name."""

    def __init__(self, network: Network, capacities: Capacities, now_ms: Callable[[], int]) -> None:
        self._network = network
        self._capacities = capacities
        self._now_ms = now_ms

    def methods(self) -> dict[str, Method]:
        """Every method of the service: Put, Get, List and Delete of each kind, and what nodes alone have."""
        found: dict[str, Method] = {
            "SetNodeState": self._set_node_state,
            "SetNodeCapacity": self._set_node_capacity,
            "GetNodeCapacity": self._get_node_capacity,
        }
        for kind, (name, _, _) in _KINDS.items():
            found[f"Put{name}"] = self._put(kind)
            found[f"Get{name}"] = self._get(kind)
            found[f"List{name}s"] = self._list(kind)
            found[f"Delete{name}"] = self._delete(kind)
        found["GetNode"] = self._get_node
        return found

    def _put(self, kind: str) -> Method:
        name, id_field, _ = _KINDS[kind]
        response = getattr(messages, f"Put{name}Response")

        async def put(request: Any, context: Any) -> Any:
            validate.check(request)
            message = getattr(request, kind)
            state = getattr(message, "state", 0)
            stored, stored_state, replayed = await self._network.put(
                request.request_id, kind, getattr(message, id_field), resource_of(kind, message), state=state
            )
            return response(**{kind: message_of(kind, stored, stored_state)}, replayed=replayed)

        return put

    def _get(self, kind: str) -> Method:
        name, id_field, _ = _KINDS[kind]
        response = getattr(messages, f"Get{name}Response")

        async def get(request: Any, context: Any) -> Any:
            validate.check(request)
            return response(**{kind: message_of(kind, *await self._network.get(kind, getattr(request, id_field)))})

        return get

    def _list(self, kind: str) -> Method:
        response = getattr(messages, f"List{_KINDS[kind][0]}sResponse")

        async def list_(request: Any, context: Any) -> Any:
            validate.check(request)
            page, token = self._network.list(
                kind, page_size=request.page_size or PAGE_SIZE_DEFAULT, page_token=page_position(request)
            )
            found = [message_of(kind, resource, state) for resource, state in page]
            return response(**{f"{kind}s": found}, next_page_token=page_token(request, token))

        return list_

    def _delete(self, kind: str) -> Method:
        name, id_field, _ = _KINDS[kind]
        response = getattr(messages, f"Delete{name}Response")

        async def delete(request: Any, context: Any) -> Any:
            validate.check(request)
            return response(replayed=await self._network.delete(request.request_id, kind, getattr(request, id_field)))

        return delete

    async def _get_node(self, request: messages.GetNodeRequest, context: Any) -> messages.GetNodeResponse:
        validate.check(request)
        node = message_of("node", *await self._network.get("node", request.node_id))
        coolings = self._network.coolings(request.node_id, self._now_ms())
        return messages.GetNodeResponse(node=node, coolings=[cooling_message(each) for each in coolings])

    async def _set_node_state(
        self, request: messages.SetNodeStateRequest, context: Any
    ) -> messages.SetNodeStateResponse:
        validate.check(request)
        until_ms = max(1, instant_ms(request.until_time, "until_time")) if request.HasField("until_time") else 0
        node, state, replayed = await self._network.set_node_state(
            request.request_id, request.node_id, request.state, until_ms
        )
        return messages.SetNodeStateResponse(node=message_of("node", node, state), replayed=replayed)

    async def _set_node_capacity(
        self, request: messages.SetNodeCapacityRequest, context: Any
    ) -> messages.SetNodeCapacityResponse:
        validate.check(request)
        replayed = await self._capacities.set(request.request_id, request.node_id, capacity_of(request))
        return messages.SetNodeCapacityResponse(replayed=replayed)

    async def _get_node_capacity(
        self, request: messages.GetNodeCapacityRequest, context: Any
    ) -> messages.GetNodeCapacityResponse:
        validate.check(request)
        return capacity_message(await self._capacities.get(request.node_id))


def resource_of(kind: str, message: Message) -> Resource:
    """The domain's resource of a message; both have the same field names."""
    return TYPES[kind](**_values(TYPES[kind], message))


def _values(type_: Any, message: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in _names(type_):
        if name == _PAUSED_UNTIL:
            continue  # as its state, not Put's to change
        if name.endswith("_ms"):
            field = f"{name.removesuffix('_ms')}_time"
            values[name] = max(1, instant_ms(getattr(message, field), field)) if message.HasField(field) else 0
            continue
        value = getattr(message, name)
        if name in _PARTS:
            part = _PARTS[name][0]
            value = tuple([part(**_values(part, each)) for each in value])
        elif message.DESCRIPTOR.fields_by_name[name].is_repeated:
            value = tuple(value)
        elif name == "cutoff_minute" and not message.HasField(name):
            value = None
        values[name] = value
    return values


def _names(type_: Any) -> tuple[str, ...]:
    """The fields of a dataclass or a named tuple."""
    return tuple(field.name for field in fields(type_)) if is_dataclass(type_) else type_._fields


def message_of(kind: str, resource: Resource, state: int) -> Message:
    """The message of a domain's resource."""
    message = _message(_KINDS[kind][2], resource)
    if kind == "node":
        message.state = int(state or NodeState.ACTIVE)
        if state != NodeState.PAUSED:
            message.ClearField("paused_until_time")
    return message  # type: ignore[no-any-return]


def _message(type_: Any, resource: Any) -> Any:
    message = type_()
    for name in _names(type(resource)):
        value = getattr(resource, name)
        if name.endswith("_ms"):
            if value:
                set_instant(getattr(message, f"{name.removesuffix('_ms')}_time"), value)
        elif name in _PARTS:
            getattr(message, name).extend([_message(_PARTS[name][1], each) for each in value])
        elif isinstance(value, tuple):
            getattr(message, name).extend(value)
        elif value is not None:
            setattr(message, name, value)
    return message
