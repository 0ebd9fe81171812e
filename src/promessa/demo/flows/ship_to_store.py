"""Ship to store: the store where the customer collects has none, so the centre sends it there."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Click and collect by ship to store", "Retirada na loja com envio do CD")
SENTENCES: Sentences = {}


async def story(shop: Shop) -> Story:
    """A customer collects at the store what the centre has."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(PINHEIROS, 0)
    there = {"pickup_node_id": shop.id(PINHEIROS), "allow_ship_to_store": True}
    yield await shop.place("web-1", {RUNNER: 1}, channel="web", **there)
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1")
    yield await shop.step("Ship", "web-1", carrier="own truck", tracking_code="T7")
    yield await shop.stock(CENTRE)
    ready = await shop.step("MarkReadyForPickup", "web-1")
    yield ready
    yield await shop.step("HandOver", "web-1", pickup_code=ready.values["code"])
    yield await shop.whereabouts("web-1")
    yield await shop.stock(PINHEIROS)
