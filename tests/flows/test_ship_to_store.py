"""Ship to store: the units are the centre's until they leave it, and never the store's."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, PINHEIROS


async def test_what_the_store_lacks_is_sent_there(hear: Hear) -> None:
    heard = await hear("ship-to-store")
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10), (9, 0, 0, 9)]
    assert heard.shelf(PINHEIROS) == [(0, 0, 0, 0), (0, 0, 0, 0)]
    (ship,) = (await heard.shop.order("web-1")).shipments
    assert ship.pickup_node_id == heard.shop.id(PINHEIROS)
    assert await heard.shipments("web-1") == [("CD Cajamar", "HANDED_OVER", 1)]
    assert await heard.steps("web-1") == ["PLACE", "ACCEPT", "PICK", "SHIP", "MAKE_READY", "HAND_OVER"]
