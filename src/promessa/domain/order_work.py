"""Which nodes have something to do for an order: what the screen of a store shows, and what the store's index of orders has."""

from __future__ import annotations

from promessa.domain.kinds import DELIVERED
from promessa.domain.offer import OfferState
from promessa.domain.order import PlacedOrder, Shipment, ShipmentState
from promessa.domain.order_offers import offer_state

_COMES = frozenset((ShipmentState.SHIPPED, ShipmentState.READY))


def work_of(order: PlacedOrder) -> dict[int, bool]:
    """The nodes that have, or had, to do with an order, and whether they still have: units of its shipments in their stock,
    offers that they may accept, and what comes to them to be collected, or waits there. Of what waits for a return, nothing."""
    found: dict[int, bool] = {}
    for shipment in order.shipments:
        for node_ix, is_open in _work_of(shipment).items():
            found[node_ix] = found.get(node_ix, False) or is_open
    return found


def open_at(order: PlacedOrder) -> set[int]:
    """The nodes that have something to do for an order."""
    return {node_ix for node_ix, is_open in work_of(order).items() if is_open}


def _work_of(shipment: Shipment) -> dict[int, bool]:
    asked = shipment.state != ShipmentState.WAITING
    found = {offer.node_ix: asked and offer_state(shipment, offer) == OfferState.OPEN for offer in shipment.offers}
    found[shipment.node_ix] = asked and shipment.is_open
    if shipment.collected_ix not in (DELIVERED, shipment.node_ix):
        found[shipment.collected_ix] = shipment.state in _COMES
    return found
