"""First to accept: an order is offered to two stores; who accepts first has it, and with it the units."""

from __future__ import annotations

from promessa.demo.flows.chain import MOEMA, PINHEIROS, RUNNER, Place
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story, Told, told
from promessa.v1.orders_pb2 import REJECT_REASON_NO_CAPACITY

TITLE = ("Offered to several stores, first to accept", "Oferta a várias lojas, leva quem aceitar primeiro")
SENTENCES: Sentences = {
    "offers": ("Order {order} is offered to {places}.", "Pedido {order} oferecido a {places}."),
    "offer": ("{place}", "{place}"),
}


async def story(shop: Shop) -> Story:
    """The franchisee is quicker than the store that was planned; of the next order, that store has no time."""
    yield await shop.count(PINHEIROS, 3)
    yield await shop.count(MOEMA, 3)
    yield await shop.place("web-1", {RUNNER: 1}, channel="web", offer_count=2)
    yield await offers(shop, "web-1")
    yield await shop.stock(PINHEIROS)
    yield await accepted(shop, "web-1", MOEMA)
    yield await shop.stock(PINHEIROS)
    yield await shop.stock(MOEMA)
    late = {"order_id": shop.order_id("web-1"), "shipment_number": 1, "node_id": shop.id(PINHEIROS)}
    yield await shop.refused("OrderService", "AcceptShipment", **late)
    yield await shop.step("RecordPick", "web-1")
    yield await shop.step("Ship", "web-1", carrier="Correios", tracking_code="BR106")
    yield await shop.step("RecordDelivery", "web-1")
    yield await shop.place("web-2", {RUNNER: 1}, channel="web", offer_count=2)
    await shop.step("RejectShipment", "web-2", node_id=shop.id(PINHEIROS), reason=REJECT_REASON_NO_CAPACITY)
    yield told("RejectShipment", place=PINHEIROS.name, shipment=1)
    yield await accepted(shop, "web-2", MOEMA)
    yield await shop.whereabouts("web-2")


async def offers(shop: Shop, name: str) -> Told:
    """The nodes that may accept an order's shipment."""
    (shipment,) = (await shop.order(name)).shipments
    return told(
        "offers", order=name, places=tuple(told("offer", place=shop.place_of(x.node_id).name) for x in shipment.offers)
    )


async def accepted(shop: Shop, name: str, place: Place) -> Told:
    """A place accepts the order's shipment."""
    return await shop.step("AcceptShipment", name, node_id=shop.id(place))
