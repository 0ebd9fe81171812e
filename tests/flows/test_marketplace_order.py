"""A marketplace order: half a shelf held unpaid, and no more."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, PINHEIROS
from promessa.demo.flows.telling import DAY_MS, Span, Word


async def test_a_channel_holds_by_a_rule_of_its_own(hear: Hear) -> None:
    heard = await hear("marketplace-order")
    assert [(x["place"], x["units"], x["span"]) for x in heard.of("SourceAndReserve")] == [
        ("Loja Pinheiros", 5, Span(2 * DAY_MS)),
        ("CD Cajamar", 1, Span(2 * DAY_MS)),
    ], "the sixth is not held where five are"
    assert heard.shelf(PINHEIROS) == [(10, 0, 0, 10), (10, 10, 0, 0), (5, 5, 0, 0)], "the web had the other half"
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10), (10, 0, 0, 10)]
    assert [x["state"] for x in heard.of("hold")] == [Word("CONFIRMED"), Word("RELEASED")]
    assert (await heard.shop.order("meli-77001")).channel == "marketplace/meli"
    assert await heard.shipments("meli-77001") == [("Loja Pinheiros", "DELIVERED", 5)]
