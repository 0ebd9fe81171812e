"""The calls of the second act: what nodes, carriers and customers do with orders; each is noted in the demo's own books."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from promessa.cli.demo_books import GONE, Seen
from promessa.cli.demo_calls import timed
from promessa.cli.demo_shopping import CURRENCY, priced
from promessa.cli.failure import of_rpc
from promessa.cli.ids import new_request_id
from promessa.cli.loading import Pool
from promessa.demo.chain import COMMISSION_BASIS_POINTS
from promessa.demo.journeys import Back, Next, ShipmentPlan
from promessa.demo.orders import DemoOrder
from promessa.demo.prices import unit_price_micros
from promessa.demo.purchases import Stores
from promessa.domain.order import RejectReason, Step
from promessa.v1 import order_service_pb2 as os_
from promessa.v1 import orders_pb2 as od
from promessa.v1 import sourcing_pb2

CARRIER = "Entregas Já"
WRONG_CODE = "AAAA-AAAA"
RETURN_REASON, EXCHANGE_REASON = "Não gostei", "Outro modelo"
NEAREST = 40
"""Stores, from the nearest on, among which one of another owner is looked for."""

LOST = (od.REJECT_REASON_NOT_FOUND, od.REJECT_REASON_DAMAGED)
"""Reasons that say something of the units themselves."""

_METHODS = {
    Step.ACCEPT: "AcceptShipment",
    Step.REJECT: "RejectShipment",
    Step.PICK: "RecordPick",
    Step.SHIP: "Ship",
    Step.DELIVER: "RecordDelivery",
    Step.MAKE_READY: "MarkReadyForPickup",
    Step.HAND_OVER: "HandOver",
}


class Steps:
    """Steps of orders. Each answers the order after it."""

    def __init__(self, pool: Pool, seen: Seen, stores: Stores) -> None:
        self._pool = pool
        self._seen = seen
        self._stores = stores
        self._owners = {node["node_id"]: node["owner_code"] for node in seen.chain.nodes}
        self._grams = {sku["sku"]: sku["weight_grams"] for sku in seen.chain.skus}
        self._deepest = _deepest(seen.chain.stock)
        self._codes: dict[tuple[str, int], str] = {}

    async def make(self, order_id: str, shipment: od.OrderShipment, coming: Next, *, plan: ShipmentPlan) -> od.Order:
        """The next step of a shipment."""
        key = order_id, shipment.shipment_number
        more: dict[str, Any] = {}
        if coming.step == Step.REJECT:
            more = {"reason": coming.reason}
        elif coming.short:
            more = {
                "short_lines": [{"line": shipment.lines[0].line, "picked_quantity": shipment.lines[0].quantity - 1}]
            }
        elif coming.step == Step.SHIP:
            more = {"carrier": CARRIER, "tracking_code": f"{order_id}-{shipment.shipment_number}"}
        elif coming.step == Step.DELIVER:
            more = {"deliver_time": _timestamp(coming.at_ms)}
        elif coming.step == Step.HAND_OVER:
            more = {"pickup_code": self._codes[key]}
            if plan.wrong_code_first:
                await self._try_wrong_code(key)
        answer = await self._step(_METHODS[coming.step], order_id, shipment_number=key[1], **more)
        if coming.step == Step.MAKE_READY:
            self._codes[key] = answer.pickup_code
        self._note(_order(answer), shipment, coming)
        return _order(answer)

    async def cancel(self, order_id: str) -> od.Order:
        """A customer does not want any more what has not left."""
        try:
            answer = await self._step("CancelOrder", order_id)
        except grpc.aio.AioRpcError as error:
            if of_rpc(error).reason != "ILLEGAL_STEP":
                raise
            self._seen.journeys.too_late_to_cancel += 1
            return self._seen.orders[order_id]
        self._seen.journeys.steps["CANCEL"] += 1
        return _order(answer)

    async def bring_back(self, order: od.Order, place: DemoOrder, back: Back) -> tuple[od.Order, od.Order | None]:
        """A customer brings a line back, or announces that it is sent: the order after it, and what is given for it.

        What is exchanged is brought to the nearest store of another owner than the one that served it.
        """
        line = next(i for i, each in enumerate(order.lines) if each.shipped_quantity > each.returned_quantity)
        units = order.lines[line].shipped_quantity - order.lines[line].returned_quantity
        lines = [{"line": line, "quantity": units}]
        near = self._stores.nearest(place, count=NEAREST)
        owners = {self._owners[shipment.node_id] for shipment in order.shipments}
        store = next((node["node_id"] for node in near if node["owner_code"] not in owners), near[0]["node_id"])
        given = None
        if back.for_other_goods:
            order, given = await self._exchange(order, lines, place, store)
        if given is None:
            order = (await self._step("RequestReturn", order.order_id, lines=lines, reason=RETURN_REASON)).order
            self._seen.journeys.steps["REQUEST_RETURN"] += 1
        if not back.mail_days:
            order = await self.receive(order, store, back)
        return order, given

    async def receive(self, order: od.Order, node_id: str, back: Back) -> od.Order:
        """All of an order's last return comes to a node."""
        lines = [
            {"line": line.line, "quantity": line.quantity, "disposition": back.disposition}
            for line in order.returns[-1].lines
        ]
        number = len(order.returns)
        answer = await self._step("ReceiveReturn", order.order_id, return_number=number, node_id=node_id, lines=lines)
        self._seen.journeys.steps["RECEIVE_RETURN"] += 1
        for line in order.returns[-1].lines:
            self._seen.journeys.returned_units[back.disposition.name] += line.quantity
            self._seen.journeys.returned_micros += line.quantity * order.lines[line.line].unit_price_micros
            if back.disposition.name == "RESELLABLE":
                self._seen.have[order.lines[line.line].sku, node_id] += line.quantity
        return _order(answer)

    async def _exchange(
        self, order: od.Order, lines: list[dict[str, int]], place: DemoOrder, store: str
    ) -> tuple[od.Order, od.Order | None]:
        """Something else is given for units that come back: what the store has it hands over; None if nothing serves it."""
        sku, units = self._deepest[store], lines[0]["quantity"]
        price = unit_price_micros(sku, self._grams[sku])
        new = {
            "order_id": f"{order.order_id}-exchange",
            "sourcing": {
                "lines": [{"sku": sku, "quantity": units}],
                "destination": {"postal_code": place.postal_code},
                "channel": "store",
                "sold_at_node_id": store,
                "own_stock": sourcing_pb2.OWN_STOCK_HAND_OVER,
            },
            "prices": priced([price]),
            "currency_code": CURRENCY,
            "customer_id": order.customer_id,
        }
        terms = {"reason": EXCHANGE_REASON, "return_node_id": store}
        answer = await self._step("ExchangeOrder", order.order_id, lines=lines, order=new, **terms)
        if answer.outcome == os_.PLACE_ORDER_OUTCOME_NOT_SERVED:
            self._seen.journeys.exchanges_not_served += 1
            return order, None
        journeys = self._seen.journeys
        journeys.steps["EXCHANGE"] += 1
        journeys.elsewhere += self._owners[store] not in {self._owners[each.node_id] for each in order.shipments}
        journeys.exchange_difference_micros += units * (price - order.lines[lines[0]["line"]].unit_price_micros)
        return answer.exchanged_order, answer.order

    async def _try_wrong_code(self, key: tuple[str, int]) -> None:
        try:
            await self._step("HandOver", key[0], shipment_number=key[1], pickup_code=WRONG_CODE)
        except grpc.aio.AioRpcError as error:
            if of_rpc(error).reason != "PICKUP_CODE_WRONG":
                raise
            self._seen.journeys.steps["WRONG_CODE"] += 1

    async def _step(self, method: str, order_id: str, **asked: Any) -> Any:
        request = getattr(os_, f"{method}Request")(
            request_id=new_request_id(), order_id=order_id, actor="demo", **asked
        )
        return await timed(self._seen.waits_ms["Step"], lambda: getattr(self._pool.stubs().orders, method)(request))

    def _note(self, order: od.Order, shipment: od.OrderShipment, coming: Next) -> None:
        """What a step of a shipment, as it was before, means for the books."""
        made, now = self._seen.journeys, order.shipments[shipment.shipment_number - 1]
        made.steps["PICK_SHORT" if coming.short else coming.step.name] += 1
        if now.state == od.SHIPMENT_STATE_REJECTED:
            made.refusals[RejectReason(now.reject_reason).name] += 1
        if now.reject_reason in LOST:
            self._lose(shipment, now)
        if coming.step == Step.SHIP or (coming.step == Step.HAND_OVER and now.pickup_node_id == now.node_id):
            self._leave(order, now)
        if coming.step in (Step.DELIVER, Step.MAKE_READY) and now.HasField("promise_time"):
            there = now.deliver_time if coming.step == Step.DELIVER else order.steps[-1].time
            made.overdue += there.ToNanoseconds() > now.promise_time.ToNanoseconds()

    def _lose(self, before: od.OrderShipment, now: od.OrderShipment) -> None:
        """Units that were not found, or are damaged, were never there to sell: those a shipment has no more."""
        kept = {line.line: line.quantity for line in now.lines} if now.state not in GONE else {}
        for line in before.lines:
            self._seen.have[line.sku, now.node_id] -= line.quantity - kept.get(line.line, 0)

    def _leave(self, order: od.Order, shipment: od.OrderShipment) -> None:
        """Units left their node, and whoever sells them owes its owner a share."""
        made, owner = self._seen.journeys, self._owners[shipment.node_id]
        for line in shipment.lines:
            price = order.lines[line.line].unit_price_micros
            made.left_units[line.sku, shipment.node_id] += line.quantity
            made.left_micros += line.quantity * price
            if order.seller_code != owner:
                made.commission_micros += line.quantity * (price * COMMISSION_BASIS_POINTS // 10_000)


def _deepest(stock: list[tuple[str, str, int, int]]) -> dict[str, str]:
    """The sku that each node has most of."""
    most: dict[str, tuple[int, str]] = {}
    for sku, node_id, on_hand, _ in stock:
        most[node_id] = max(most.get(node_id, (0, "")), (on_hand, sku))
    return {node_id: sku for node_id, (_, sku) in most.items()}


def _timestamp(at_ms: int) -> Timestamp:
    at = Timestamp()
    at.FromMilliseconds(at_ms)
    return at


def _order(answer: Any) -> od.Order:
    order: od.Order = answer.order
    return order
