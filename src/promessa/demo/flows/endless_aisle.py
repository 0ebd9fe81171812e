"""Endless aisle: an assistant sells in the store what only the centre has, and it is sent to the customer's home."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, MOEMA, RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story, told
from promessa.v1.sourcing_pb2 import OWN_STOCK_FIRST

TITLE = ("Endless aisle", "Prateleira infinita")
SENTENCES: Sentences = {
    "sold": (
        "{place} is where it is sold, so {seller} is the seller; {server} sends it.",
        "A venda é da {place}, então o vendedor é {seller}; quem envia é {server}.",
    ),
}


async def story(shop: Shop) -> Story:
    """A franchisee's store has none in this size, and sells the pair all the same."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(MOEMA, 0)
    sold_here = {"sold_at_node_id": shop.id(MOEMA), "own_stock": OWN_STOCK_FIRST, "channel": "store"}
    yield await shop.place("loja-1", {RUNNER: 1}, **sold_here)
    order = await shop.order("loja-1")
    seller = order.seller_code.removeprefix(f"{shop.prefix}.")
    yield told("sold", place=MOEMA.name, seller=seller, server=shop.place_of(order.shipments[0].node_id).name)
    yield await shop.step("AcceptShipment", "loja-1")
    yield await shop.step("RecordPick", "loja-1")
    yield await shop.step("Ship", "loja-1", carrier="Correios", tracking_code="BR105")
    yield await shop.step("RecordDelivery", "loja-1")
    yield await shop.whereabouts("loja-1")
    yield await shop.stock(CENTRE)
