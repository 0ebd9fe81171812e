"""Boleto unpaid: the hold lives as long as banks take, and is released by itself; who pays gets the order."""

from __future__ import annotations

from promessa.demo.flows.chain import PINHEIROS, RUNNER
from promessa.demo.flows.holds import SENTENCES as OF_HOLDS
from promessa.demo.flows.holds import held, hold, lifetime_ms, state
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Boleto unpaid, released by itself", "Boleto não pago, liberado sozinho")
SENTENCES: Sentences = OF_HOLDS
NEEDS_CLOCK = True

RULE = "boleto"


async def story(shop: Shop) -> Story:
    """Two customers take a boleto each; one pays it."""
    await shop.hold_rule(RULE, business_days=2, calendar="BR_BANK", time_zone="America/Sao_Paulo")
    yield await shop.count(PINHEIROS, 3)
    paid, unpaid = await hold(shop, RULE, "ana", 1), await hold(shop, RULE, "bruno", 2)
    yield held(shop, paid, RULE, "ana")
    yield held(shop, unpaid, RULE, "bruno")
    yield await shop.stock(PINHEIROS)
    yield await shop.place("ana-1", {RUNNER: 1}, channel="web", reservation_id=paid.reservation.reservation_id)
    yield shop.forward(lifetime_ms(unpaid.reservation))
    yield await state(shop, unpaid.reservation.reservation_id, "bruno")
    yield await shop.stock(PINHEIROS)
    late = shop.new_order("bruno-1", {RUNNER: 2}, reservation_id=unpaid.reservation.reservation_id)
    yield await shop.refused("OrderService", "PlaceOrder", order=late)
    yield await shop.whereabouts("ana-1")
