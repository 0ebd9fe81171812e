"""Endless aisle: the franchisee sells, the centre sends."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, MOEMA


async def test_a_store_sells_what_the_centre_has(hear: Hear) -> None:
    heard = await hear("endless-aisle")
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10), (9, 0, 0, 9)]
    assert heard.shelf(MOEMA) == [(0, 0, 0, 0)]
    assert await heard.shipments("loja-1") == [("CD Cajamar", "DELIVERED", 1)]
    order = await heard.shop.order("loja-1")
    assert (order.seller_code, order.channel) == (heard.shop.owner(MOEMA), "store")
