"""OrderService: validate, convert, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.order import RejectReason, StoredOrder
from promessa.domain.order_deadlines import DEADLINES
from promessa.domain.plan_token import Redeemed
from promessa.domain.token import make_token
from promessa.server import place_request, validate
from promessa.server._order_answers import place_response
from promessa.server.convert import instant_ms
from promessa.server.convert_orders import (
    came_of,
    exchanged_of,
    filters_of,
    is_new,
    of,
    order_message,
    placing_of,
    quantities,
    refused_shortfalls,
    units_by_line,
)
from promessa.server.convert_sourcing import redeemed_message
from promessa.server.paging import page_position, page_token
from promessa.server.place_request import PlaceRequest
from promessa.service.order_journey import OrderJourney
from promessa.service.orders import Orders, Placed
from promessa.store.order_store import Stepped
from promessa.store.store import Store
from promessa.v1 import order_service_pb2 as messages


class OrderServicer:
    """The methods of OrderService. `store` knows the epoch of tokens."""

    def __init__(self, orders: Orders, journey: OrderJourney, catalogue: Catalogue, store: Store) -> None:
        self._orders = orders
        self._journey = journey
        self._catalogue = catalogue
        self._store = store

    async def PlaceOrder(
        self, request: PlaceRequest | messages.PlaceOrderRequest, context: Any
    ) -> messages.PlaceOrderResponse | bytes:
        asked = request if isinstance(request, PlaceRequest) else place_request.checked(request)
        placed = await self._orders.place(asked.request_id, asked.placing, actor=asked.actor)
        if placed.stepped is None or not is_new(placed.stepped.orders[0]):
            return messages.PlaceOrderResponse(**self._placed(placed))
        return self._written(placed.stepped, placed.redeemed)

    async def ExchangeOrder(
        self, request: messages.ExchangeOrderRequest, context: Any
    ) -> messages.ExchangeOrderResponse:
        validate.check(request)
        placed = await self._orders.place(
            request.request_id, placing_of(request.order), actor=request.actor, exchanged=exchanged_of(request)
        )
        answer = messages.ExchangeOrderResponse(**self._placed(placed))
        if placed.stepped is not None:
            answer.exchanged_order.CopyFrom(order_message(placed.stepped.orders[1], self._catalogue))
        return answer

    async def GetOrder(self, request: messages.GetOrderRequest, context: Any) -> messages.GetOrderResponse:
        validate.check(request)
        found = await self._orders.get(request.order_id)
        return messages.GetOrderResponse(order=order_message(found, self._catalogue))

    async def ListOrders(self, request: messages.ListOrdersRequest, context: Any) -> messages.ListOrdersResponse:
        validate.check(request)
        page, token = await self._orders.list_page(
            page_token=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
            filters=filters_of(request),
            node_id=request.node_id,
        )
        return messages.ListOrdersResponse(
            orders=[order_message(found, self._catalogue) for found in page], next_page_token=page_token(request, token)
        )

    async def AcceptShipment(
        self, request: messages.AcceptShipmentRequest, context: Any
    ) -> messages.AcceptShipmentResponse:
        validate.check(request)
        done = await self._journey.accept(of(request), request.shipment_number, request.node_id)
        return messages.AcceptShipmentResponse(**self._stepped(done))

    async def RejectShipment(
        self, request: messages.RejectShipmentRequest, context: Any
    ) -> messages.RejectShipmentResponse:
        validate.check(request)
        reason = RejectReason(request.reason)
        done = await self._journey.reject(of(request), request.shipment_number, request.node_id, reason)
        return messages.RejectShipmentResponse(**self._stepped(done))

    async def RecordPick(self, request: messages.RecordPickRequest, context: Any) -> messages.RecordPickResponse:
        validate.check(request)
        picked = units_by_line([(each.line, each.picked_quantity) for each in request.short_lines], "short_lines")
        done = await self._journey.pick(of(request), request.shipment_number, picked)
        return messages.RecordPickResponse(**self._stepped(done))

    async def Ship(self, request: messages.ShipRequest, context: Any) -> messages.ShipResponse:
        validate.check(request)
        done = await self._journey.ship(of(request), request.shipment_number, request.carrier, request.tracking_code)
        return messages.ShipResponse(outcome=_outcome(done), **self._stepped(done))

    async def RecordDelivery(
        self, request: messages.RecordDeliveryRequest, context: Any
    ) -> messages.RecordDeliveryResponse:
        validate.check(request)
        at_ms = instant_ms(request.deliver_time, "deliver_time")
        done = await self._journey.deliver(of(request), request.shipment_number, at_ms)
        return messages.RecordDeliveryResponse(outcome=_outcome(done), **self._stepped(done))

    async def MarkReadyForPickup(
        self, request: messages.MarkReadyForPickupRequest, context: Any
    ) -> messages.MarkReadyForPickupResponse:
        validate.check(request)
        done, code = await self._journey.make_ready(of(request), request.shipment_number)
        return messages.MarkReadyForPickupResponse(pickup_code=code, **self._stepped(done))

    async def HandOver(self, request: messages.HandOverRequest, context: Any) -> messages.HandOverResponse:
        validate.check(request)
        done = await self._journey.hand_over(of(request), request.shipment_number, request.pickup_code)
        return messages.HandOverResponse(**self._stepped(done))

    async def CancelOrder(self, request: messages.CancelOrderRequest, context: Any) -> messages.CancelOrderResponse:
        validate.check(request)
        done = await self._journey.cancel(of(request), quantities(request.lines))
        return messages.CancelOrderResponse(**self._stepped(done))

    async def RequestReturn(
        self, request: messages.RequestReturnRequest, context: Any
    ) -> messages.RequestReturnResponse:
        validate.check(request)
        done = await self._journey.request_return(of(request), quantities(request.lines), request.reason)
        return messages.RequestReturnResponse(**self._stepped(done))

    async def ReceiveReturn(
        self, request: messages.ReceiveReturnRequest, context: Any
    ) -> messages.ReceiveReturnResponse:
        validate.check(request)
        done = await self._journey.receive_return(of(request), request.return_number, request.node_id, came_of(request))
        answer = messages.ReceiveReturnResponse(**self._stepped(done))
        if len(done.orders) > 1:
            answer.released_order.CopyFrom(order_message(done.orders[1], self._catalogue))
        return answer

    def _stepped(self, done: Stepped) -> dict[str, Any]:
        return {
            "order": order_message(done.orders[0], self._catalogue),
            "token": make_token(self._store.epoch, done.positions),
            "replayed": done.replayed,
        }

    def _written(self, done: Stepped, redeemed: Redeemed | None) -> bytes:
        """The bytes of the answer of a new order, natively."""
        catalogue, stored, epoch = self._catalogue, done.orders[0], self._store.epoch
        skus, nodes = catalogue.skus.ids, catalogue.nodes.ids
        answer = place_response(
            _placed_outcome(stored), stored, done.positions, done.replayed, epoch, skus, nodes, DEADLINES
        )
        if redeemed is not None:  # as more bytes of the answer
            told = redeemed_message(redeemed, catalogue)
            answer += messages.PlaceOrderResponse(plan_token_result=told).SerializeToString()
        return answer

    def _placed(self, placed: Placed) -> dict[str, Any]:
        redeemed = placed.redeemed and redeemed_message(placed.redeemed, self._catalogue)
        if placed.stepped is None:
            assert placed.refused is not None
            is_changed = placed.redeemed is not None and placed.redeemed.plan is not None
            return {
                "outcome": messages.PLACE_ORDER_OUTCOME_PLAN_CHANGED
                if is_changed
                else messages.PLACE_ORDER_OUTCOME_NOT_SERVED,
                "shortfalls": refused_shortfalls(placed.refused, self._catalogue),
                "replayed": placed.refused.replayed,
                "plan_token_result": redeemed,
            }
        return {
            "outcome": _placed_outcome(placed.stepped.orders[0]),
            "plan_token_result": redeemed,
            **self._stepped(placed.stepped),
        }


def _placed_outcome(stored: StoredOrder) -> Any:
    in_part = stored.order.has_rest
    return messages.PLACE_ORDER_OUTCOME_PLACED_IN_PART if in_part else messages.PLACE_ORDER_OUTCOME_PLACED


def _outcome(done: Stepped) -> Any:
    return messages.STEP_OUTCOME_ALREADY_DONE if done.was_done else messages.STEP_OUTCOME_DONE
