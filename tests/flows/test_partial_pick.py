"""Partial pick: the customer gets all, in two parcels."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, PINHEIROS


async def test_what_is_missing_comes_from_elsewhere(hear: Hear) -> None:
    heard = await hear("partial-pick")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (1, 0, 1, 0)], "the third may be anywhere, and is for nobody"
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10), (9, 0, 0, 9)]
    assert await heard.shipments("web-1") == [("Loja Pinheiros", "DELIVERED", 2), ("CD Cajamar", "DELIVERED", 1)]
    line = (await heard.shop.order("web-1")).lines[0]
    assert (line.quantity, line.shipped_quantity, line.to_source_quantity) == (3, 3, 0)
