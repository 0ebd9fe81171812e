"""Click and collect: bought on the web, and collected at the store from the store's own stock."""

from __future__ import annotations

from promessa.demo.flows.chain import PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Click and collect", "Compre e retire na loja")
SENTENCES: Sentences = {}


async def story(shop: Shop) -> Story:
    """A customer collects a pair; somebody without the code does not get it."""
    yield await shop.count(PINHEIROS, 3)
    yield await shop.place("web-1", {RUNNER: 1}, channel="web", pickup_node_id=shop.id(PINHEIROS))
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1")
    ready = await shop.step("MarkReadyForPickup", "web-1")
    yield ready
    yield await shop.stock(PINHEIROS)
    order_id = shop.order_id("web-1")
    yield await shop.refused("OrderService", "HandOver", order_id=order_id, shipment_number=1, pickup_code="A GUESS")
    yield await shop.step("HandOver", "web-1", pickup_code=ready.values["code"])
    yield await shop.whereabouts("web-1")
    yield await shop.stock(PINHEIROS)
