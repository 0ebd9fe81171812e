"""Ship from store: the units leave the store, and nothing the centre."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, PINHEIROS
from promessa.v1 import orders_pb2 as od
from promessa.v1.sourcing_pb2 import FULFILLMENT_KIND_SHIP_FROM_STORE


async def test_an_order_from_the_web_leaves_the_store(hear: Hear) -> None:
    heard = await hear("ship-from-store")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 2, 0, 1), (1, 0, 0, 1)]
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10)]
    order = await heard.shop.order("web-1")
    assert order.state == od.ORDER_STATE_COMPLETED
    (ship,) = order.shipments
    assert (ship.fulfillment_kind, ship.planned_cost_micros) == (FULFILLMENT_KIND_SHIP_FROM_STORE, 9_000_000)
    assert (ship.carrier, ship.tracking_code) == ("Correios", "BR100")
    assert await heard.steps("web-1") == ["PLACE", "ACCEPT", "PICK", "SHIP", "DELIVER"]
