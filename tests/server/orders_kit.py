"""Orders over a real channel, with few words."""

from __future__ import annotations

from typing import Any

from api_kit import Api
from serving import Serving

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import order_service_pb2_grpc as os_grpc
from promessa.v1 import orders_pb2 as od

TO_SAO_PAULO = {"destination": {"postal_code": "01310100"}}
S = od.ShipmentState


class OrdersApi(Api):
    """The stubs, orders with few words, and looks at stock and books."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(serving.channel)
        self.parts, self.channel = serving.parts, serving.channel
        self.orders = os_grpc.OrderServiceStub(serving.channel)

    async def place(self, order_id: str = "o-1", units: int = 2, **fields: Any) -> os.PlaceOrderResponse:
        """An order of cups that are sourced, unless the fields say otherwise."""
        request_id, actor = fields.pop("request_id", "") or self.new_id(), fields.pop("actor", "")
        if "reservation_id" not in fields:
            fields.setdefault("sourcing", {"lines": [{"sku": "cup", "quantity": units}], **TO_SAO_PAULO})
        order = {"order_id": order_id, **fields}
        return await self.orders.PlaceOrder(os.PlaceOrderRequest(request_id=request_id, order=order, actor=actor))

    async def get(self, order_id: str = "o-1") -> od.Order:
        return (await self.orders.GetOrder(os.GetOrderRequest(order_id=order_id))).order

    async def step(self, method: str, order_id: str = "o-1", **fields: Any) -> Any:
        """A step of an order; of its first shipment where it is of a shipment and none is named."""
        kind = getattr(os, f"{method}Request")
        if "shipment_number" in kind.DESCRIPTOR.fields_by_name:
            fields.setdefault("shipment_number", 1)
        fields.setdefault("request_id", self.new_id())
        return await getattr(self.orders, method)(kind(order_id=order_id, **fields))

    async def steps(self, *methods: str, order_id: str = "o-1", **fields: Any) -> Any:
        """Several steps, one after the other; the last answer."""
        for method in methods:
            done = await self.step(method, order_id, **fields)
        return done

    async def counts(self, node_id: str = "a", sku: str = "cup") -> tuple[int, int, int, int]:
        """On hand, unavailable, held and committed units of a cell, as the store has them."""
        keeper = self.parts.keeper
        at = (await keeper.node_index(node_id), await keeper.sku_index(sku))
        (cell,) = await self.parts.store.read_cells([at])
        return (0, 0, 0, 0) if cell is None else (cell.on_hand, cell.unavailable, cell.held, cell.committed)

    async def check_books(self) -> None:
        """Raises AssertionError if the audit finds anything."""
        report = await self.inventory.CheckInvariants(iv.CheckInvariantsRequest())
        assert not report.violations, report.violations

    async def pickup_shop(self) -> None:
        """As shop, with node a as a pickup point."""
        await self.shop()
        await self.network.PutNode(
            nw.PutNodeRequest(request_id=self.new_id(), node={"node_id": "a", "pickup_point": True})
        )


def states(order: od.Order) -> list[str]:
    """The states of an order's shipments."""
    return [S.Name(ship.state).removeprefix("SHIPMENT_STATE_") for ship in order.shipments]


def kinds(order: od.Order) -> list[str]:
    """What happened to an order."""
    return [od.OrderStepKind.Name(step.kind).removeprefix("ORDER_STEP_KIND_") for step in order.steps]
