"""Click and collect: the units stay committed at the store until the customer shows the code."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import PINHEIROS


async def test_a_customer_collects_with_the_code_alone(hear: Hear) -> None:
    heard = await hear("click-and-collect")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 1, 0, 2), (2, 0, 0, 2)]
    assert [x["reason"] for x in heard.of("refused")] == ["PICKUP_CODE_WRONG"]
    assert await heard.shipments("web-1") == [("Loja Pinheiros", "HANDED_OVER", 1)]
    assert await heard.steps("web-1") == ["PLACE", "ACCEPT", "PICK", "MAKE_READY", "WRONG_CODE", "HAND_OVER"]
