"""Partial pick: the store finds two of three pairs; these leave, and the third comes from elsewhere."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Partial pick", "Separação parcial")
SENTENCES: Sentences = {}


async def story(shop: Shop) -> Story:
    """A customer buys three pairs, and gets three, in two parcels."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(PINHEIROS, 3)
    yield await shop.place("web-1", {RUNNER: 3}, channel="web")
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1", short_lines=[{"line": 0, "picked_quantity": 2}])
    yield await shop.whereabouts("web-1")
    yield await shop.step("Ship", "web-1", carrier="Correios", tracking_code="BR102")
    yield await shop.step("AcceptShipment", "web-1", 2)
    yield await shop.step("RecordPick", "web-1", 2)
    yield await shop.step("Ship", "web-1", 2, carrier="Correios", tracking_code="BR103")
    yield await shop.step("RecordDelivery", "web-1")
    yield await shop.step("RecordDelivery", "web-1", 2)
    yield await shop.whereabouts("web-1")
    yield await shop.stock(PINHEIROS)
    yield await shop.stock(CENTRE)
