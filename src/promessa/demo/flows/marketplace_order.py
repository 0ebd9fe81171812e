"""Marketplace order: the channel holds under a rule of its own, which leaves others their share, and pays later."""

from __future__ import annotations

from promessa.demo.flows.chain import CENTRE, PINHEIROS, RUNNER
from promessa.demo.flows.holds import SENTENCES as OF_HOLDS
from promessa.demo.flows.holds import held, hold, release, state
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

TITLE = ("Marketplace order with its own hold rules", "Pedido de marketplace com regras de reserva próprias")
SENTENCES: Sentences = OF_HOLDS

RULE, CHANNEL = "marketplace", "marketplace/meli"


async def story(shop: Shop) -> Story:
    """At most half of a shelf is held unpaid for marketplaces, for two days; the web shop sells the other half meanwhile."""
    await shop.hold_rule(RULE, ttl_seconds=2 * 86_400, held_share_max_permille=500)
    yield await shop.count(PINHEIROS, 10)
    yield await shop.count(CENTRE, 10)
    first = await hold(shop, RULE, "meli-77001", 5, channel=CHANNEL)
    yield held(shop, first, RULE, "meli-77001")
    second = await hold(shop, RULE, "meli-77002", 1, channel=CHANNEL)
    yield held(shop, second, RULE, "meli-77002")
    yield await shop.place("web-1", {RUNNER: 5}, channel="web")
    yield await shop.stock(PINHEIROS)
    first_id, second_id = first.reservation.reservation_id, second.reservation.reservation_id
    yield await shop.place("meli-77001", {RUNNER: 5}, channel=CHANNEL, reservation_id=first_id)
    yield await state(shop, first_id, "meli-77001")
    yield await release(shop, second_id, "meli-77002")
    yield await state(shop, second_id, "meli-77002")
    yield await shop.step("AcceptShipment", "meli-77001")
    yield await shop.step("RecordPick", "meli-77001")
    yield await shop.step("Ship", "meli-77001", carrier="Mercado Envios", tracking_code="ME1")
    yield await shop.step("RecordDelivery", "meli-77001")
    yield await shop.whereabouts("meli-77001")
    yield await shop.stock(PINHEIROS)
    yield await shop.stock(CENTRE)
