"""Omnichannel exchange: bought on the web from the chain, exchanged for a dearer pair in a franchisee's store, in one visit."""

from __future__ import annotations

from typing import Any

from promessa.demo.flows.chain import CENTRE, MOEMA, RUNNER, TRAIL
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Money, Sentences, Story, Told, Word, told
from promessa.v1.orders_pb2 import (
    DISPOSITION_RESELLABLE,
    EXCHANGE_POLICY_ON_RECEIPT,
    ORDER_STEP_KIND_RECEIVE_RETURN,
)

TITLE = ("Omnichannel exchange", "Troca omnichannel")
SENTENCES: Sentences = {
    "ExchangeOrder": (
        "In the store the customer exchanges a pair of {order} for order {new}: {shipments}. The customer pays {pays}.",
        "Na loja o cliente troca um par do pedido {order} pelo pedido {new}: {shipments}. O cliente paga {pays}.",
    ),
    "ReceiveReturn": (
        "{place} takes the pair back for sale, and with that order {new} is offered to its node.",
        "{place} recebe o par de volta para venda, e com isso o pedido {new} é oferecido à loja.",
    ),
    "owners": (
        "The first pair: sold by {seller}, sent by {server}, taken back by {receiver}. The second: sold by {new_seller}, "
        "handed over by {new_server}.",
        "O primeiro par: vendedor {seller}, envio {server}, devolução {receiver}. O segundo: vendedor {new_seller}, entrega "
        "{new_server}.",
    ),
    "the chain": ("the chain", "a própria rede"),
}


async def story(shop: Shop) -> Story:
    """A pair that does not fit is brought to the store around the corner, which belongs to somebody else."""
    yield await shop.count(CENTRE, 10)
    yield await shop.count(MOEMA, 2, TRAIL)
    yield await shop.place("web-1", {RUNNER: 1}, channel="web")
    yield await shop.step("AcceptShipment", "web-1")
    yield await shop.step("RecordPick", "web-1")
    yield await shop.step("Ship", "web-1", carrier="Correios", tracking_code="BR104")
    yield await shop.step("RecordDelivery", "web-1")
    yield await exchanged(shop, "web-1", "troca-1")
    yield await received(shop, "web-1", "troca-1")
    yield await shop.stock(MOEMA)
    yield await shop.step("AcceptShipment", "troca-1")
    yield await shop.step("RecordPick", "troca-1")
    ready = await shop.step("MarkReadyForPickup", "troca-1")
    yield ready
    yield await shop.step("HandOver", "troca-1", pickup_code=ready.values["code"])
    yield await shop.whereabouts("troca-1")
    yield await shop.stock(MOEMA, TRAIL)
    yield owners(shop, await shop.order("web-1"), await shop.order("troca-1"))


async def exchanged(shop: Shop, name: str, new: str) -> Told:
    """Another pair for the one that is brought: held at once, and handed over when that one is there."""
    answer = await shop.made(
        "OrderService",
        "ExchangeOrder",
        order_id=shop.order_id(name),
        lines=[{"line": 0, "quantity": 1}],
        reason="too small",
        order=shop.new_order(new, {TRAIL: 1}, channel="store"),
        policy=EXCHANGE_POLICY_ON_RECEIPT,
        return_node_id=shop.id(MOEMA),
    )
    placed = shop.placed(new, answer.order).values["shipments"]
    pays = Money(answer.order.exchange.difference_micros)
    return told("ExchangeOrder", order=name, new=new, shipments=placed, pays=pays)


async def received(shop: Shop, name: str, new: str) -> Told:
    """The pair is back, and can be sold again where it is."""
    answer = await shop.made(
        "OrderService",
        "ReceiveReturn",
        order_id=shop.order_id(name),
        return_number=1,
        node_id=shop.id(MOEMA),
        lines=[{"line": 0, "quantity": 1, "disposition": DISPOSITION_RESELLABLE}],
    )
    assert answer.released_order.order_id == shop.order_id(new)
    return told("ReceiveReturn", place=MOEMA.name, new=new)


def owners(shop: Shop, sold: Any, given: Any) -> Told:
    """Who sold, sent and took back the first pair, and who sold and handed over the second."""
    (came,) = [units for step in sold.steps if step.kind == ORDER_STEP_KIND_RECEIVE_RETURN for units in step.units]
    return told(
        "owners",
        seller=owner(shop, sold.seller_code),
        server=owner(shop, sold.shipments[0].owner_code),
        receiver=owner(shop, came.owner_code),
        new_seller=owner(shop, given.seller_code),
        new_server=owner(shop, given.shipments[0].owner_code),
    )


def owner(shop: Shop, code: str) -> object:
    """Whose code it is; the chain itself has none."""
    return code.removeprefix(f"{shop.prefix}.") or Word("the chain")
