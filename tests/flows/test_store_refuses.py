"""A store refuses: others bring it, and the store is promised nothing until it counts."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import PINHEIROS


async def test_what_is_not_found_is_sourced_again_and_sold_to_nobody(hear: Hear) -> None:
    heard = await hear("store-refuses")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 0, 3, 0), (1, 0, 0, 1)]
    assert await heard.shipments("web-1") == [("Loja Pinheiros", "REJECTED", 1), ("CD Cajamar", "DELIVERED", 1)]
    assert await heard.shipments("web-2") == [("CD Cajamar", "OFFERED", 1)], "nobody is sent there meanwhile"
    assert await heard.shipments("web-3") == [("CD Cajamar", "OFFERED", 1)], "nor while it cools down"
    steps = await heard.steps("web-1")
    assert steps == ["PLACE", "REJECT", "SOURCE", "ACCEPT", "PICK", "SHIP", "DELIVER"]
