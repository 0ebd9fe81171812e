"""Boletos: who pays has an order, who does not has nothing, and the shelf has the units back."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import PINHEIROS
from promessa.demo.flows.telling import DAY_MS, Word


async def test_what_is_not_paid_is_released_by_itself(hear: Hear) -> None:
    heard = await hear("boleto-unpaid")
    assert heard.shelf(PINHEIROS) == [(3, 0, 0, 3), (3, 3, 0, 0), (3, 1, 0, 2)]
    assert [x["state"] for x in heard.of("hold")] == [Word("EXPIRED")]
    assert [x["reason"] for x in heard.of("refused")] == ["RESERVATION_EXPIRED"]
    assert all(x["span"].ms > DAY_MS for x in heard.of("SourceAndReserve")), "two days on which banks open"
    assert await heard.shipments("ana-1") == [("Loja Pinheiros", "OFFERED", 1)]
