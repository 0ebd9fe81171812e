"""Ship from store: an order from the web leaves the store that is cheapest for it, and not the centre."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Ship from store", "Envio a partir da loja")
SENTENCES: Sentences = {}


async def story(shop: Shop) -> Story:
    """A customer buys two pairs on the web."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(PINHEIROS, 3)
    yield await shop.place("web-1", {RUNNER: 2}, channel="web")
    yield await shop.stock(PINHEIROS)
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1")
    yield await shop.step("Ship", "web-1", carrier="Correios", tracking_code="BR100")
    yield await shop.step("RecordDelivery", "web-1")
    yield await shop.whereabouts("web-1")
    yield await shop.stock(PINHEIROS)
