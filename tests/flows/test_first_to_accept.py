"""Offers to two stores: exactly one has the shipment, and the units are held there alone."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import MOEMA, PINHEIROS


async def test_who_accepts_first_has_it(hear: Hear) -> None:
    heard = await hear("first-to-accept")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 1, 0, 2), (3, 0, 0, 3)], "its units are free again"
    assert heard.shelf(MOEMA) == [(3, 0, 0, 3), (3, 1, 0, 2)]
    assert [x["reason"] for x in heard.of("refused")] == ["OFFER_TAKEN"]
    assert await heard.shipments("web-1") == [("Loja Moema", "DELIVERED", 1)]
    assert (await heard.shop.order("web-1")).shipments[0].owner_code == heard.shop.owner(MOEMA), "and is paid for it"
    assert await heard.steps("web-1") == ["PLACE", "ACCEPT", "PICK", "SHIP", "DELIVER"]


async def test_a_refusal_leaves_the_offer_to_the_other(hear: Hear) -> None:
    heard = await hear("first-to-accept")
    assert await heard.shipments("web-2") == [("Loja Moema", "ACCEPTED", 1)]
    assert await heard.steps("web-2") == ["PLACE", "REFUSE_OFFER", "ACCEPT"]
