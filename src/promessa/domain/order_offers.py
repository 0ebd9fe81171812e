"""Accepting and refusing shipments, also those that are offered to several nodes: as order_steps.py, from an order to a Change.

The units of a shipment are always held at one node, its own. Whoever accepts it for another node has them moved there in the
same change; where its own node refuses it, the next one that is left has them, and when nobody is left they are sourced again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from promessa.domain import order_steps as steps
from promessa.domain.errors import FailedPrecondition, InvalidRequest
from promessa.domain.offer import Offer, OfferState
from promessa.domain.order import PlacedOrder, RejectReason, Shipment, ShipmentState, Step
from promessa.domain.order_moves import moved, shipment_of, with_shipment
from promessa.domain.order_steps import Change
from promessa.domain.order_stock import StockMove, Transfer


class At(NamedTuple):
    """The node that a step is made for."""

    node_ix: int
    node_id: str


def accept(order: PlacedOrder, number: int, at: At | None) -> Change:
    """A node will ship it: `at`, or the node that has its units. Raises FailedPrecondition (OFFER_TAKEN, NOT_OFFERED)."""
    before = shipment_of(order, number)
    offer = _offer_to(order, number, at)
    shipment = moved(order, number, Step.ACCEPT)
    if offer is None or offer.node_ix == before.node_ix:
        return Change(with_shipment(order, number, shipment), Step.ACCEPT, number, at.node_id if at and offer else "")
    assert at is not None
    sent = _sent_by(shipment, offer)
    return Change(with_shipment(order, number, sent), Step.ACCEPT, number, at.node_id, (_to(before, offer),))


def reject(
    order: PlacedOrder, number: int, at: At | None, reason: RejectReason, *, without: Collection[int] = ()
) -> Change:
    """A node will not ship it: `at`, or the node that has its units. What nobody else may accept is to be sourced again.

    `without` are nodes of which it is known that they cannot have its units now. Raises as accept.
    """
    before = shipment_of(order, number)
    offer = _offer_to(order, number, at)
    if offer is None:
        return steps.reject(order, number, reason)
    offers = tuple([each._replace(reason=reason) if each is offer else each for each in before.offers])
    shipment = before._replace(offers=offers)
    if before.state != ShipmentState.OFFERED:
        return steps.reject(with_shipment(order, number, shipment), number, reason)
    detail = f"{at.node_id if at else ''} {reason.name}".strip()
    there = before._replace(node_ix=offer.node_ix)
    whole = {i: line.quantity for i, line in enumerate(before.lines)}
    moves: tuple[StockMove, ...] = steps.doubts(there, whole, reason)
    if offer.node_ix == before.node_ix:
        following = next((each for each in offers if not each.reason and each.node_ix not in without), None)
        if following is None:
            return steps.reject(with_shipment(order, number, shipment), number, reason)
        shipment, moves = _sent_by(shipment, following), (_to(before, following), *moves)
    refused = steps.refused(there, whole, reason)
    return Change(with_shipment(order, number, shipment), Step.REFUSE_OFFER, number, detail, moves, refused=refused)


def offer_state(shipment: Shipment, offer: Offer) -> OfferState:
    """What became of an offer."""
    if offer.reason:
        return OfferState.REFUSED
    if shipment.state in (ShipmentState.WAITING, ShipmentState.OFFERED):
        return OfferState.OPEN
    if shipment.is_over:
        return OfferState.WITHDRAWN
    return OfferState.ACCEPTED if offer.node_ix == shipment.node_ix else OfferState.TAKEN


def _offer_to(order: PlacedOrder, number: int, at: At | None) -> Offer | None:
    """The offer that a step for a node is about, None of a shipment that was not offered to several.

    Raises FailedPrecondition (OFFER_TAKEN, NOT_OFFERED), InvalidRequest for a node that must be named.
    """
    shipment = shipment_of(order, number)
    if at is None:
        if shipment.state == ShipmentState.OFFERED and sum(not offer.reason for offer in shipment.offers) > 1:
            rule = f"is needed: shipment {number} is offered to several nodes"
            raise InvalidRequest("INVALID_FIELD", f"node_id {rule}.", field="node_id", rule=rule)
        return next((offer for offer in shipment.offers if offer.node_ix == shipment.node_ix), None)
    offer = next((each for each in shipment.offers if each.node_ix == at.node_ix), None)
    if offer is None and at.node_ix != shipment.node_ix:
        raise _not_offered(order, number, at, "is not offered to")
    if offer is not None and offer.reason and at.node_ix != shipment.node_ix:
        raise _not_offered(order, number, at, "was refused by")
    if offer is not None and offer_state(shipment, offer) == OfferState.TAKEN:
        raise FailedPrecondition(
            "OFFER_TAKEN",
            f"Another node accepted shipment {number} of order {order.order_id!r} first.",
            order_id=order.order_id,
            shipment_number=number,
            node_id=at.node_id,
        )
    return offer


def _not_offered(order: PlacedOrder, number: int, at: At, how: str) -> FailedPrecondition:
    return FailedPrecondition(
        "NOT_OFFERED",
        f"Shipment {number} of order {order.order_id!r} {how} node {at.node_id!r}. GetOrder shows who may accept it.",
        order_id=order.order_id,
        shipment_number=number,
        node_id=at.node_id,
    )


def _sent_by(shipment: Shipment, offer: Offer) -> Shipment:
    """A shipment as another node sends it. What its customer was promised stays."""
    return shipment._replace(
        node_ix=offer.node_ix,
        kind=offer.kind,
        lane_id=offer.lane_id,
        carrier_service=offer.carrier_service,
        ship_ms=offer.ship_ms,
        cost_micros=offer.cost_micros,
    )


def _to(shipment: Shipment, offer: Offer) -> Transfer:
    """A shipment's units to another node."""
    return Transfer(shipment.reservation_id, shipment.cells, offer.node_ix, offer.slip_days)
