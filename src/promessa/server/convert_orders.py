"""Messages of OrderService to domain values and back, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import claim_of
from promessa.domain.exchange import Exchange, ExchangePolicy
from promessa.domain.kinds import DELIVERED, NEVER_MS
from promessa.domain.limits import PICKUP_CODE_TRIES_MAX
from promessa.domain.offer import Offer
from promessa.domain.order import NOWHERE, MovedUnits, Shipment, StoredOrder
from promessa.domain.order_deadlines import DEADLINES, open_deadlines
from promessa.domain.order_exchange import Exchanged
from promessa.domain.order_filters import OrderFilters
from promessa.domain.order_moves import legal_steps
from promessa.domain.order_offers import offer_state
from promessa.domain.order_returns import Came
from promessa.domain.returns import Disposition, Return
from promessa.server.convert import instant_ms, set_instant
from promessa.server.convert_sourcing import order_of, redemption_of
from promessa.server.validate import InvalidFields
from promessa.service.held_plan import Sourced
from promessa.service.order_journey import Of
from promessa.service.placing import Placing
from promessa.v1 import order_service_pb2, orders_pb2, reservation_pb2


class Stepping(Protocol):
    """A request for a step of an order."""

    request_id: str
    order_id: str
    actor: str


def of(request: Stepping) -> Of:
    """Who asks for a step of which order."""
    return Of(request.request_id, request.order_id, request.actor)


def placing_of(message: order_service_pb2.NewOrder) -> Placing:
    """A NewOrder, already validated. Raises InvalidFields for rules about several fields."""
    if not message.HasField("sourcing") and not message.reservation_id:
        raise InvalidFields([("order.sourcing", "is needed without a reservation_id")])
    if message.plan_token and message.reservation_id:
        raise InvalidFields([("order.plan_token", "is for an order without a reservation_id")])
    if message.offer_count > 1 and not message.HasField("sourcing"):
        raise InvalidFields([("order.sourcing", "is needed with an offer_count")])
    if message.prices and not message.currency_code:
        raise InvalidFields([("order.currency_code", "is needed with prices")])
    prices = units_by_line([(price.line, price.unit_price_micros) for price in message.prices], "order.prices")
    asked = order_of(message.sourcing)._replace(order_id=message.order_id) if message.HasField("sourcing") else None
    return Placing(
        message.order_id, message.reservation_id, asked, said_of(message), message.allow_partial, tuple(prices.items()),
        message.currency_code, message.customer_id, redemption_of(message, "order."), message.offer_count,
    )  # fmt: skip


def said_of(message: order_service_pb2.NewOrder) -> bytes:
    """What an order is sourced by in the same bytes for the same request."""
    return message.sourcing.SerializeToString(deterministic=True)


def exchanged_of(request: order_service_pb2.ExchangeOrderRequest) -> Exchanged:
    """What of an order comes back. Raises InvalidFields."""
    policy = ExchangePolicy(request.policy or ExchangePolicy.IMMEDIATE)
    return Exchanged(request.order_id, quantities(request.lines), request.reason, policy, request.return_node_id)


def quantities(lines: Sequence[order_service_pb2.OrderLineQuantity]) -> dict[int, int]:
    """Units by line. Raises InvalidFields for a line that comes twice."""
    return units_by_line([(each.line, each.quantity) for each in lines], "lines")


def units_by_line(pairs: Sequence[tuple[int, int]], field: str) -> dict[int, int]:
    """Pairs of a line and a number of it. Raises InvalidFields for a line that comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidFields([(field, "must name each line once")])
    return found


def came_of(request: order_service_pb2.ReceiveReturnRequest) -> list[Came]:
    """What came back."""
    return [Came(each.line, each.quantity, Disposition(each.disposition)) for each in request.lines]


def filters_of(request: order_service_pb2.ListOrdersRequest) -> OrderFilters:
    """Which orders to list, but for the node. Raises InvalidFields."""
    if request.open_at_node and not request.node_id:
        raise InvalidFields([("node_id", "is needed with open_at_node")])
    return OrderFilters(
        states=frozenset(request.states),
        channel=request.channel,
        from_ms=instant_ms(request.placed_from_time, "placed_from_time"),
        until_ms=instant_ms(request.placed_until_time, "placed_until_time"),
        alerts=frozenset(request.alerts),
        open_at_node=request.open_at_node,
    )


def is_new(stored: StoredOrder) -> bool:
    """Whether nothing happened to an order since it was placed, for itself, and each shipment offered to one node alone: its
    message is what `server/_order_answers` writes, too."""
    order = stored.order
    return stored.version == 1 and order.exchange is None and not any(ship.offers for ship in order.shipments)


def order_message(stored: StoredOrder, catalogue: Catalogue) -> orders_pb2.Order:
    """An order with ids for indices."""
    order = stored.order
    message = orders_pb2.Order(order_id=order.order_id, state=order.state, version=stored.version)
    message.channel, message.fulfillment_method = claim_of(order.channel)
    message.customer_id, message.currency_code = order.customer_id, order.currency_code
    message.sourcing_count, message.exchange_of_order_id = order.attempts, order.exchange_of
    message.offer_count = order.offer_count
    if order.stands.alerts:
        message.alerts.extend(order.stands.alerts)
    if order.asked and order.asked.seller_code:
        message.seller_code = order.asked.seller_code
    if order.exchanged_by:
        message.exchanged_by_order_ids.extend(order.exchanged_by)
    set_instant(message.place_time, stored.placed_ms)
    set_instant(message.update_time, stored.updated_ms)
    left, asked_back, skus, lines = order.left(), order.asked_back(), catalogue.skus.ids, message.lines
    for i, (sku_ix, quantity, to_source, cancelled, price) in enumerate(order.lines):
        line = lines.add()
        line.sku, line.quantity = skus[sku_ix], quantity
        if to_source:
            line.to_source_quantity = to_source
        if cancelled:
            line.cancelled_quantity = cancelled
        if i in left:
            line.shipped_quantity = left[i]
        if i in asked_back:
            line.returned_quantity = asked_back[i]
        if price:
            line.unit_price_micros = price
    for number, shipment in enumerate(order.shipments, 1):
        _fill_shipment(message.shipments.add(), number, shipment, catalogue)
    for number, back in enumerate(order.returns, 1):
        _fill_return(message.returns.add(), number, back)
    if order.exchange is not None:
        _fill_exchange(message.exchange, order.exchange, catalogue)
    for at_ms, kind, actor, number, detail, units in stored.history:
        step = message.steps.add()
        step.kind, step.actor, step.number, step.detail = kind, actor, number, detail
        set_instant(step.time, at_ms)
        for moved in units:
            _fill_units(step.units.add(), moved, catalogue)
    return message


def _fill_shipment(message: orders_pb2.OrderShipment, number: int, shipment: Shipment, catalogue: Catalogue) -> None:
    message.shipment_number, message.node_id = number, catalogue.nodes.ids[shipment.node_ix]
    message.state, message.fulfillment_kind = shipment.state, shipment.kind
    lines, skus = message.lines, catalogue.skus.ids
    for position, sku_ix, quantity, _, _ in shipment.lines:
        line = lines.add()
        line.line, line.sku, line.quantity = position, skus[sku_ix], quantity
    if shipment.collected_ix != DELIVERED:
        message.pickup_node_id = catalogue.nodes.ids[shipment.collected_ix]
    message.lane_id, message.carrier_service = shipment.lane_id, shipment.carrier_service
    message.reservation_id, message.reject_reason = shipment.reservation_id, shipment.reason
    message.carrier, message.tracking_code = shipment.carrier, shipment.tracking
    message.planned_cost_micros = shipment.cost_micros
    message.owner_code, message.commission_basis_points = shipment.owner_code, shipment.commission_basis_points
    if 0 < shipment.ship_ms < NEVER_MS:
        set_instant(message.ship_time, shipment.ship_ms)
        set_instant(message.promise_time, shipment.promise_ms)
    if shipment.delivered_ms:
        set_instant(message.deliver_time, shipment.delivered_ms)
    message.legal_steps.extend(legal_steps(shipment.way, shipment.state))
    if shipment.code:
        message.pickup_code_tries_left = PICKUP_CODE_TRIES_MAX - shipment.wrong_codes
    message.refund_micros = shipment.refund_micros
    _fill_deadlines(message, shipment)
    message.previous_decision_id = shipment.previous
    for offer in shipment.offers:
        _fill_offer(message.offers.add(), shipment, offer, catalogue)


def _fill_deadlines(message: orders_pb2.OrderShipment, shipment: Shipment) -> None:
    still_due = {each.deadline for each in open_deadlines(shipment)}
    for kind, by_ms in zip(DEADLINES[shipment.way], shipment.due, strict=False):
        if kind not in still_due:
            state = orders_pb2.DEADLINE_STATE_CLOSED
        elif kind in shipment.late:
            state = orders_pb2.DEADLINE_STATE_LATE
        else:
            state = orders_pb2.DEADLINE_STATE_AT_RISK if kind in shipment.at_risk else orders_pb2.DEADLINE_STATE_OPEN
        set_instant(message.deadlines.add(kind=int(kind), state=state).time, by_ms)


def _fill_offer(message: orders_pb2.ShipmentOffer, shipment: Shipment, offer: Offer, catalogue: Catalogue) -> None:
    message.node_id, message.state = catalogue.nodes.ids[offer.node_ix], offer_state(shipment, offer)
    message.reject_reason, message.planned_cost_micros = offer.reason, offer.cost_micros
    if 0 < offer.ship_ms < NEVER_MS:
        set_instant(message.ship_time, offer.ship_ms)


def _fill_units(message: orders_pb2.OrderStepUnits, moved: MovedUnits, catalogue: Catalogue) -> None:
    message.line, message.quantity, message.shipment_number = moved.line, moved.quantity, moved.shipment
    message.disposition = moved.disposition
    if moved.node_ix != NOWHERE:
        message.node_id, message.owner_code = catalogue.nodes.ids[moved.node_ix], moved.owner_code
        message.commission_basis_points = moved.commission_basis_points


def _fill_return(message: orders_pb2.OrderReturn, number: int, back: Return) -> None:
    message.return_number, message.state, message.reason = number, back.state, back.reason
    message.exchanged_by_order_id = back.exchanged_by
    for line in back.lines:
        message.lines.add(
            line=line.line,
            quantity=line.quantity,
            resellable_quantity=line.resellable,
            quarantined_quantity=line.quarantined,
            scrapped_quantity=line.scrapped,
        )


def _fill_exchange(message: orders_pb2.OrderExchange, terms: Exchange, catalogue: Catalogue) -> None:
    message.return_number, message.policy, message.waits_for_return = terms.number, terms.policy, terms.waits
    if terms.return_ix != DELIVERED:
        message.return_node_id = catalogue.nodes.ids[terms.return_ix]
    if terms.due_ms:
        set_instant(message.return_due_time, terms.due_ms)
    owed = terms.difference_micros
    if owed is not None:
        message.returned_total_micros, message.given_total_micros = terms.returned_micros or 0, terms.given_micros or 0
        message.difference_micros = owed


def refused_shortfalls(refused: Sourced, catalogue: Catalogue) -> list[Any]:
    """What of an order could not be served."""
    return [
        reservation_pb2.Shortfall(
            sku=catalogue.skus.ids[sku_ix], requested_quantity=requested, available_quantity=available, reason=reason
        )
        for sku_ix, requested, available, reason in refused.shortfalls
    ]
