"""A store refuses: what it does not find is sourced again at once, nobody else is promised it, and the store cools down."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, PINHEIROS, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story
from promessa.v1.orders_pb2 import REJECT_REASON_NOT_FOUND

TITLE = ("A store refuses", "A loja recusa")
SENTENCES: Sentences = {}


async def story(shop: Shop) -> Story:
    """The store has three pairs in its books and finds none; it counts one, and is left alone for a while all the same."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(PINHEIROS, 3)
    yield await shop.place("web-1", {RUNNER: 1}, channel="web")
    yield await shop.step("RejectShipment", "web-1", reason=REJECT_REASON_NOT_FOUND)
    yield await shop.whereabouts("web-1")
    yield await shop.stock(PINHEIROS)
    yield await shop.place("web-2", {RUNNER: 1}, channel="web")
    yield await shop.count(PINHEIROS, 1)
    yield await shop.place("web-3", {RUNNER: 1}, channel="web")
    yield await shop.step("AcceptShipment", "web-1", 2)
    yield await shop.step("RecordPick", "web-1", 2)
    yield await shop.step("Ship", "web-1", 2, carrier="Correios", tracking_code="BR101")
    yield await shop.step("RecordDelivery", "web-1", 2)
    yield await shop.whereabouts("web-1")
