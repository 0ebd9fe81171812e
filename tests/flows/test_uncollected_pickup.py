"""What nobody collects: back on the shelf by itself, and the money is due back."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import PINHEIROS, RUNNER
from promessa.demo.flows.telling import DAY_MS, Span


async def test_what_nobody_collects_goes_back_and_is_refunded(hear: Hear) -> None:
    heard = await hear("uncollected-pickup")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 1, 0, 2), (3, 0, 0, 3)]
    assert await heard.shipments("web-1") == [("Loja Pinheiros", "UNCOLLECTED", 1)]
    assert [x["reason"] for x in heard.of("refused")] == ["ILLEGAL_STEP"]
    assert [x["span"] for x in heard.of("time")] == [Span(7 * DAY_MS)]
    order = await heard.shop.order("web-1")
    assert order.shipments[0].refund_micros == RUNNER.price_micros
    steps = [step for step in await heard.steps("web-1") if step != "AT_RISK"]
    assert steps == ["PLACE", "ACCEPT", "PICK", "MAKE_READY", "PUT_BACK", "REFUND"]
