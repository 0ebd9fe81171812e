"""Random histories of orders, made over gRPC by a server with a chain of four nodes, three of which belong to others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from random import Random
from typing import Any

import grpc
from api_kit import Api
from google.protobuf.timestamp_pb2 import Timestamp
from serving import Clock, Serving, WallClock
from store_kit import START_MS

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import order_service_pb2_grpc as os_grpc
from promessa.v1 import orders_pb2 as od

NODES = {"dc": (1, ""), "shop-1": (3, "ana"), "shop-2": (3, "bia"), "shop-3": (2, "")}
"""Type and owner by id."""

SKUS = ("cup", "mug")
MINUTE_MS = 60_000
RULES = {"all": ("", "", 1_000), "to-ana": ("", "ana", 3_333), "bia-ana": ("bia", "ana", 7_777)}
CITY = {"postal_code": "01310100"}

_names = count()


class OrdersWorld(Api):
    """The chain, with its server's clocks."""

    def __init__(self, serving: Serving, clock: Clock, wall_clock: WallClock) -> None:
        super().__init__(serving.channel)
        self.orders = os_grpc.OrderServiceStub(serving.channel)
        self._clocks = clock, wall_clock
        self._timers = serving.parts.order_timers
        self._name = next(_names)

    def new_id(self) -> str:
        self._count += 1
        return f"request-{self._name}-{self._count:06d}"

    @property
    def now_ms(self) -> int:
        return self._clocks[0].now_ms

    def later(self, ms: int) -> None:
        """Turns the store's clock and the server's."""
        for clock in self._clocks:
            clock.now_ms = (clock.now_ms or START_MS) + ms

    async def tend(self) -> None:
        """What time has made of orders by now."""
        await self._timers.tend()

    async def open(self) -> None:
        """Its nodes, skus, lanes and rules, and stock."""
        self.later(0)
        for node_id, (type_, owner) in NODES.items():
            node = {
                "node_id": node_id, "type": type_, "owner_code": owner, "pickup_point": True, "country_code": "BR",
                "postal_code": "01310100",
            }  # fmt: skip
            await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))
        for sku in SKUS:
            await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, "weight_grams": 400}))
        brackets = [{"max_weight_grams": 90_000, "price_micros": 7}]
        card = {"rate_card_id": "card", "currency_code": "BRL", "brackets": brackets}
        await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))
        for node_id in NODES:
            lane = {"lane_id": f"lane-{node_id}", "node_id": node_id, "country_code": "BR", "rate_card_id": "card"}
            lane |= {"postal_code_prefixes": ["0"], "transit_days": 2}
            await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))
        for name, (seller, owner, rate) in RULES.items():
            rule = {"commission_rule_id": name, "seller_code": seller, "owner_code": owner, "rate_basis_points": rate}
            await self.network.PutCommissionRule(
                nw.PutCommissionRuleRequest(request_id=self.new_id(), commission_rule=rule)
            )
        for node_id in NODES:
            for sku in SKUS:
                await self.fill(node_id, sku, 12)

    async def fill(self, node_id: str, sku: str, units: int) -> None:
        """A count."""
        from promessa.v1 import inventory_service_pb2 as iv

        found = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=found))

    async def step(self, method: str, order_id: str, **fields: Any) -> Any:
        request = getattr(os, f"{method}Request")(request_id=self.new_id(), order_id=order_id, **fields)
        return await getattr(self.orders, method)(request)

    async def leave_uncollected(self, order_id: str, node_id: str) -> None:
        """Two orders that wait at a node for a customer who never comes: one of its own units, one of another node's."""
        for other in NODES:
            await self.fill(other, "cup", 30 if other == node_id else 0)
            await self.fill(other, "mug", 0 if other == node_id else 30)
        for sku, more in (("cup", ()), ("mug", ("Ship",))):
            here = {"lines": [{"sku": sku, "quantity": 1}], "pickup_node_id": node_id, "allow_ship_to_store": True}
            order = {"order_id": f"{order_id}-{sku}", "sourcing": here}
            await self.orders.PlaceOrder(os.PlaceOrderRequest(request_id=self.new_id(), order=order))
            for method in ("AcceptShipment", "RecordPick", *more, "MarkReadyForPickup"):
                await self.step(method, order["order_id"], shipment_number=1)

    async def get(self, order_id: str) -> od.Order:
        return (await self.orders.GetOrder(os.GetOrderRequest(order_id=order_id))).order


class OrderHistory:
    """Plays random steps of orders; the same seed plays the same ones on the same stock."""

    def __init__(self, world: OrdersWorld, seed: int) -> None:
        self._world, self._random = world, Random(seed)
        self._placed: list[str] = []

    async def play(self, steps: int) -> None:
        """Steps that are refused are none."""
        acts: list[Callable[[], Awaitable[None]]] = [self._place, self._go_on, self._go_on, self._go_on, self._later]
        for _ in range(steps):
            try:
                await self._random.choice(acts)()
            except grpc.aio.AioRpcError as error:
                assert error.code() in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND), error

    def _new(self) -> dict[str, Any]:
        random, lines = self._random, []
        for sku in random.sample(SKUS, random.randint(1, 2)):
            lines += [{"sku": sku, "quantity": random.randint(1, 6)}] * random.choice((1, 1, 2))
        sourcing: dict[str, Any] = {"lines": lines, "destination": CITY}
        sourcing["channel"] = random.choice(("", "web", "app/vip"))
        sourcing["seller_code"] = random.choice(("", "", "ana", "bia"))
        match random.randrange(3):
            case 0:
                sourcing["pickup_node_id"] = random.choice(list(NODES))
            case 1:
                sourcing["pickup_node_id"] = random.choice(list(NODES))
                sourcing["allow_ship_to_store"] = True
        prices = [
            {"line": i, "unit_price_micros": random.choice((3, 9_990_001, 10**15))}
            for i in range(len(lines))
            if random.random() < 0.8
        ]
        order_id = f"o-{self._world.new_id()}"
        order = {"order_id": order_id, "sourcing": sourcing, "prices": prices, "allow_partial": random.random() < 0.5}
        return order | {"currency_code": random.choice(("BRL", "USD")), "offer_count": random.choice((0, 0, 2, 4))}

    async def _place(self) -> None:
        order = self._new()
        placed = await self._world.orders.PlaceOrder(
            os.PlaceOrderRequest(request_id=self._world.new_id(), order=order, actor="shop")
        )
        if placed.HasField("order"):
            self._placed.append(order["order_id"])

    async def _later(self) -> None:
        self._world.later(self._random.choice((1, 700, 9 * MINUTE_MS, 26 * 60 * MINUTE_MS, 9 * 24 * 60 * MINUTE_MS)))
        await self._world.tend()
        if self._random.random() < 0.3:
            await self._world.fill(self._random.choice(list(NODES)), self._random.choice(SKUS), 12)

    async def _go_on(self) -> None:
        if not self._placed:
            return
        order = await self._world.get(self._random.choice(self._placed[-5:]))
        moves = [(ship, step) for ship in order.shipments for step in ship.legal_steps]
        if not moves or self._random.random() < (0.4 if any(x.shipped_quantity for x in order.lines) else 0.15):
            await self._of_order(order)
        else:
            await self._of_shipment(order, *self._random.choice(moves))

    async def _of_shipment(self, order: od.Order, ship: od.OrderShipment, kind: int) -> None:
        name = od.OrderStepKind.Name(kind).removeprefix("ORDER_STEP_KIND_")
        number = ship.shipment_number
        open_ = [offer.node_id for offer in ship.offers if offer.state == od.OFFER_STATE_OPEN]
        asked = {"node_id": self._random.choice(open_)} if open_ else {}
        match name:
            case "ACCEPT":
                await self._world.step("AcceptShipment", order.order_id, shipment_number=number, **asked)
            case "REJECT":
                if self._random.random() < (0.7 if open_ else 0.4):
                    reason = self._random.randint(1, 5)
                    await self._world.step(
                        "RejectShipment", order.order_id, shipment_number=number, reason=reason, **asked
                    )
            case "PICK":
                picked = [{"line": x.line, "picked_quantity": self._random.randint(0, x.quantity)} for x in ship.lines]
                short = picked if self._random.random() < 0.3 else []
                await self._world.step("RecordPick", order.order_id, shipment_number=number, short_lines=short)
            case "SHIP":
                await self._world.step("Ship", order.order_id, shipment_number=number, carrier="post")
            case "DELIVER":
                at = Timestamp()
                at.FromMilliseconds(self._world.now_ms - self._random.choice((0, MINUTE_MS)))
                await self._world.step("RecordDelivery", order.order_id, shipment_number=number, deliver_time=at)
            case "MAKE_READY":
                done = await self._world.step("MarkReadyForPickup", order.order_id, shipment_number=number)
                if self._random.random() < 0.6:
                    self._world.later(self._random.choice((0, 5 * MINUTE_MS)))
                    await self._world.step(
                        "HandOver", order.order_id, shipment_number=number, pickup_code=done.pickup_code
                    )
                else:
                    await self._world.step("HandOver", order.order_id, shipment_number=number, pickup_code="WRONG")

    async def _of_order(self, order: od.Order) -> None:
        left = {i: x.shipped_quantity - x.returned_quantity for i, x in enumerate(order.lines)}
        back = [{"line": i, "quantity": self._random.randint(1, n)} for i, n in left.items() if n]
        open_ = [each for each in order.returns if each.state == od.RETURN_STATE_REQUESTED]
        match self._random.randrange(6):
            case 0:
                lines = [{"line": 0, "quantity": 1}] if self._random.random() < 0.7 else []
                await self._world.step("CancelOrder", order.order_id, lines=lines)
            case 1 if back:
                await self._world.step("RequestReturn", order.order_id, lines=back, reason="too small")
            case 2 | 3 if back:
                new = self._new()
                if self._random.random() < 0.8:  # another one is refused
                    new["currency_code"] = order.currency_code
                asked = {"request_id": self._world.new_id(), "order": new, "lines": back, "reason": "swap"}
                asked["policy"] = len(order.lines) % 2 + 1
                done = await self._world.orders.ExchangeOrder(os.ExchangeOrderRequest(order_id=order.order_id, **asked))
                if done.HasField("order"):
                    self._placed.append(new["order_id"])
            case _ if open_:
                await self._receive(order, self._random.choice(open_))

    async def _receive(self, order: od.Order, back: od.OrderReturn) -> None:
        came = []
        for x in back.lines:
            left = x.quantity - x.resellable_quantity - x.quarantined_quantity - x.scrapped_quantity
            if left:
                units = self._random.randint(1, left)
                came.append({"line": x.line, "quantity": units, "disposition": self._random.randint(1, 3)})
        await self._world.step(
            "ReceiveReturn", order.order_id, return_number=back.return_number,
            node_id=self._random.choice(list(NODES)), lines=came,
        )  # fmt: skip
