"""Pickup not collected in time: by itself it goes back to stock, and its customer's money is due back."""

from __future__ import annotations

from promessa.demo.flows.chain import PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Money, Sentences, Story, told
from promessa.v1.orders_pb2 import DEADLINE_KIND_COLLECT, SHIPMENT_STATE_UNCOLLECTED

TITLE = ("Pickup not collected in time", "Retirada que ninguém buscou")
SENTENCES: Sentences = {
    "refund": (
        "Nobody collected shipment {shipment}: it is back in stock, and {refund} are due to the customer.",
        "Ninguém buscou a remessa {shipment}: ela voltou ao estoque, e o cliente tem {refund} a receber.",
    ),
    "UNCOLLECTED": ("not collected", "não retirada"),
}
NEEDS_CLOCK = True


async def story(shop: Shop) -> Story:
    """A customer forgets a pair; the store can sell it again, and the code is worth nothing."""
    yield await shop.count(PINHEIROS, 3)
    yield await shop.place("web-1", {RUNNER: 1}, channel="web", pickup_node_id=shop.id(PINHEIROS))
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1")
    ready = await shop.step("MarkReadyForPickup", "web-1")
    yield ready
    yield await shop.stock(PINHEIROS)
    yield shop.forward(await waits_ms(shop, "web-1"))
    order = await shop.until("web-1", SHIPMENT_STATE_UNCOLLECTED)
    yield told("refund", shipment=1, refund=Money(order.shipments[0].refund_micros))
    yield await shop.stock(PINHEIROS)
    late = {"order_id": shop.order_id("web-1"), "shipment_number": 1, "pickup_code": ready.values["code"]}
    yield await shop.refused("OrderService", "HandOver", **late)
    yield await shop.whereabouts("web-1")


async def waits_ms(shop: Shop, name: str) -> int:
    """How long a shipment that is ready now waits for its customer."""
    order = await shop.order(name)
    (collect,) = [each for each in order.shipments[0].deadlines if each.kind == DEADLINE_KIND_COLLECT]
    return int(collect.time.ToMilliseconds() - order.update_time.ToMilliseconds())
