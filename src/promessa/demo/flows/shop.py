"""A client of a server with a small chain of its own: what stories are made of, each call a step that is told.

Only what a retailer's own software has is used: the stubs of the contract.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from promessa.demo.flows import chain
from promessa.demo.flows.chain import ARTICLES, HOME, PLACES, RUNNER, Article, Place
from promessa.demo.flows.telling import Money, Span, Told, Word, told
from promessa.v1 import (
    availability_service_pb2,
    availability_service_pb2_grpc,
    inventory_service_pb2,
    inventory_service_pb2_grpc,
    network_service_pb2,
    network_service_pb2_grpc,
    order_service_pb2,
    order_service_pb2_grpc,
    orders_pb2,
    reservation_service_pb2,
    reservation_service_pb2_grpc,
    sourcing_pb2,
    sourcing_service_pb2,
    sourcing_service_pb2_grpc,
)
from promessa.v1.availability_pb2 import AvailabilityStepKind

CALL_SECONDS = 30.0
LOOKS_MAX, LOOK_SECONDS = 600, 0.1

_SERVICES: dict[str, tuple[Any, Any]] = {
    "AvailabilityService": (availability_service_pb2_grpc.AvailabilityServiceStub, availability_service_pb2),
    "InventoryService": (inventory_service_pb2_grpc.InventoryServiceStub, inventory_service_pb2),
    "NetworkService": (network_service_pb2_grpc.NetworkServiceStub, network_service_pb2),
    "OrderService": (order_service_pb2_grpc.OrderServiceStub, order_service_pb2),
    "ReservationService": (reservation_service_pb2_grpc.ReservationServiceStub, reservation_service_pb2),
    "SourcingService": (sourcing_service_pb2_grpc.SourcingServiceStub, sourcing_service_pb2),
}

Forward = Callable[[int], object]
"""Sets the clock of the server forward, by so many ms."""


class Shop:
    """The chain's ids begin with `prefix`, which is new for each run. `calls` are the methods that a story called, in order.

    `forward` is there where the server's clock can be set; stories that wait for days need it.
    """

    def __init__(self, channel: grpc.aio.Channel, prefix: str, forward: Forward | None = None) -> None:
        self.prefix = prefix
        self.calls: list[str] = []
        self._forward = forward
        self._stubs = {name: stub(channel) for name, (stub, _) in _SERVICES.items()}
        self._requests = 0

    # The chain ---------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Put the chain. Its shelves are empty."""
        for place in PLACES:
            await self._put("Node", node=chain.node(place, self.prefix))
            await self._put("RateCard", rate_card=chain.rate_card(place, self.prefix))
        for article in ARTICLES:
            await self._put("Sku", sku=chain.sku(article, self.prefix))
        for place in PLACES:
            await self._put("Lane", lane=chain.lane(place, self.prefix))

    async def count(self, place: Place, units: int, article: Article = RUNNER) -> Told:
        """So many units of an article are on a shelf."""
        count = {"sku": self.id(article), "node_id": self.id(place), "on_hand_quantity": units}
        counted = await self._call("InventoryService", "SetOnHand", request_id=self.new_id(), count=count)
        seen = {"at_least_token": counted.token}
        await self._call("AvailabilityService", "GetAvailability", sku=self.id(article), consistency=seen)
        return await self.stock(place, article)

    async def stock(self, place: Place, article: Article = RUNNER) -> Told:
        """What a shelf has: units on hand, those that are promised, those that cannot be sold, and those that can."""
        found = await self._call(
            "AvailabilityService", "ExplainAvailability", sku=self.id(article), node_ids=[self.id(place)]
        )
        steps = {AvailabilityStepKind.Name(x.kind).rpartition("KIND_")[2]: x.quantity for x in found.nodes[0].steps}
        return told(
            "stock",
            place=place.name,
            article=article.name,
            on_hand=steps.get("ON_HAND", 0),
            promised=-steps.get("HELD", 0) - steps.get("COMMITTED", 0),
            unavailable=-steps.get("UNAVAILABLE", 0),
            available=found.nodes[0].available_quantity,
        )

    async def hold_rule(self, key: str, **fields: Any) -> None:
        """Put a hold rule of this chain."""
        await self._put("HoldRule", hold_rule={"hold_rule_id": f"{self.prefix}.{key}", **fields})

    def forward(self, ms: int) -> Told:
        """Time passes, and a second more."""
        assert self._forward is not None, "only stories that need a clock let time pass"
        self._forward(ms + 1_000)
        return told("time", span=Span(ms))

    # Orders ------------------------------------------------------------------------------------------------------------

    def sourcing(self, wanted: Mapping[Article, int], **fields: Any) -> dict[str, Any]:
        """What is wanted, delivered home unless the fields say otherwise."""
        lines = [{"sku": self.id(article), "quantity": units} for article, units in wanted.items()]
        return {"lines": lines, "destination": {"country_code": "BR", "postal_code": HOME}, **fields}

    def new_order(self, name: str, wanted: Mapping[Article, int], **fields: Any) -> dict[str, Any]:
        """An order at today's prices; `fields` are its own, as a reservation_id, or those of how it is sourced."""
        own = order_service_pb2.NewOrder.DESCRIPTOR.fields_by_name
        of_order = {field: fields.pop(field) for field in list(fields) if field in own}
        prices = [{"line": i, "unit_price_micros": article.price_micros} for i, article in enumerate(wanted)]
        return {
            "order_id": self.order_id(name),
            "sourcing": self.sourcing(wanted, **fields),
            "prices": prices,
            "currency_code": "BRL",
            **of_order,
        }

    async def place(self, name: str, wanted: Mapping[Article, int], **fields: Any) -> Told:
        """An order is placed."""
        order = self.new_order(name, wanted, **fields)
        answer = await self.made("OrderService", "PlaceOrder", order=order)
        return self.placed(name, answer.order)

    async def step(self, method: str, name: str, number: int = 1, **fields: Any) -> Told:
        """A step of an order, of its shipment `number` where it is of one."""
        kind = getattr(order_service_pb2, f"{method}Request")
        if "shipment_number" in kind.DESCRIPTOR.fields_by_name:
            fields["shipment_number"] = number
        answer = await self.made("OrderService", method, order_id=self.order_id(name), **fields)
        shipment = answer.order.shipments[number - 1]
        where = shipment.pickup_node_id if method in ("MarkReadyForPickup", "HandOver") else shipment.node_id
        code = {"code": answer.pickup_code} if method == "MarkReadyForPickup" else {}
        return told(
            method,
            order=name,
            place=self.place_of(where).name,
            shipment=number,
            units=self._units(shipment),
            **code,
        )

    async def order(self, name: str) -> Any:
        """An order as it is now."""
        return (await self._call("OrderService", "GetOrder", order_id=self.order_id(name))).order

    async def until(self, name: str, state: int) -> Any:
        """An order, once its first shipment is in a state to which the server brings it by itself."""
        for _ in range(LOOKS_MAX):
            order = await self.order(name)
            if order.shipments[0].state == state:
                return order
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"Order {name} did not get to where the server brings it by itself.")

    async def whereabouts(self, name: str) -> Told:
        """Where an order is, and its shipments."""
        order = await self.order(name)
        state = _short(orders_pb2.OrderState, order.state)
        return told("order", order=name, state=Word(f"ORDER_{state}"), shipments=self._shipments(order))

    def placed(self, name: str, order: Any) -> Told:
        """An order that was placed, and its shipments."""
        total = sum(line.quantity * line.unit_price_micros for line in order.lines)
        return told("PlaceOrder", order=name, total=Money(total), shipments=self._shipments(order))

    def _shipments(self, order: Any) -> tuple[Told, ...]:
        return tuple(self._shipment(shipment) for shipment in order.shipments)

    def _shipment(self, shipment: Any) -> Told:
        return told(
            "shipment",
            place=self.place_of(shipment.node_id).name,
            units=self._units(shipment),
            kind=Word(_short(sourcing_pb2.FulfillmentKind, shipment.fulfillment_kind)),
            state=Word(_short(orders_pb2.ShipmentState, shipment.state)),
            cost=Money(shipment.planned_cost_micros),
        )

    def _units(self, shipment: Any) -> tuple[Told, ...]:
        return tuple(
            told("units", units=line.quantity, article=self.article_of(line.sku).name) for line in shipment.lines
        )

    # Calls -------------------------------------------------------------------------------------------------------------

    async def made(self, service: str, method: str, **fields: Any) -> Any:
        """A change that is part of the story, under a request id of its own."""
        self.calls.append(method)
        return await self._call(service, method, request_id=self.new_id(), **fields)

    async def look(self, service: str, method: str, **fields: Any) -> Any:
        """A read that is part of the story."""
        self.calls.append(method)
        return await self._call(service, method, **fields)

    async def refused(self, service: str, method: str, **fields: Any) -> Told:
        """The same, where the answer is no."""
        try:
            await self.made(service, method, **fields)
        except grpc.aio.AioRpcError as error:
            return told("refused", method=method, reason=_reason(error))
        raise AssertionError(f"{method} was to be refused.")

    async def audit(self) -> Told:
        """Whether the books agree."""
        report = await self._call("InventoryService", "CheckInvariants")
        return told("audit", cells=report.cell_count, violations=len(report.violations))

    async def _put(self, kind: str, **resource: Any) -> None:
        await self._call("NetworkService", f"Put{kind}", request_id=self.new_id(), **resource)

    async def _call(self, service: str, method: str, **fields: Any) -> Any:
        request = getattr(_SERVICES[service][1], f"{method}Request")(**fields)
        return await getattr(self._stubs[service], method)(request, timeout=CALL_SECONDS)

    # Names -------------------------------------------------------------------------------------------------------------

    def id(self, of: Place | Article) -> str:
        """The id of a node or sku of this chain."""
        return f"{self.prefix}.{of.key}"

    def order_id(self, name: str) -> str:
        """The id of an order of this run."""
        return f"{self.prefix}.{name}"

    def owner(self, place: Place) -> str:
        """The code of a place's owner; empty for the chain itself."""
        return f"{self.prefix}.{place.owner}" if place.owner else ""

    def place_of(self, node_id: str) -> Place:
        """The place of a node id of this chain."""
        return next(place for place in PLACES if self.id(place) == node_id)

    def article_of(self, sku: str) -> Article:
        """The article of a sku of this chain."""
        return next(article for article in ARTICLES if self.id(article) == sku)

    def new_id(self) -> str:
        """A new request id."""
        self._requests += 1
        return f"{self.prefix}:{self._requests:04d}"


def _short(enum: Any, number: int) -> str:
    """SHIPMENT_STATE_READY as READY."""
    common = enum.Name(0).removesuffix("UNSPECIFIED")
    return str(enum.Name(number)).removeprefix(common)


def _reason(error: grpc.aio.AioRpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                detail.Unpack(info)
    return info.reason or error.code().name
