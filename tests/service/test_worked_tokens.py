"""The worked plan token of docs/concepts.md, redeemed over the real store and kernel."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_sourcing import NOON, Rows, network, sourcing, stock
from test_sourcing import order as basket
from test_worked_ways import ALL, CLOCK, CONCEPTS, CORNER, IN_STOCK, MUG, NEAR, micros, order, worked_chain

from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.plan_token import Redemption, TokenOutcome
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.refusal import Cooling, NodeCooling, RefusalReason
from promessa.service.holding import Holding
from promessa.service.plan_tokens import PlanTokens
from promessa.service.quoting import Quoting
from promessa.service.redeeming import Redeeming
from promessa.service.terms import Terms
from promessa.store.plan_keys import PlanKeys
from promessa.store.store import Store


def worked_rows() -> list[list[str]]:
    text = CONCEPTS.read_text(encoding="utf-8").split("### Held as it was quoted\n")[1]
    table = re.search(r"\n(\|.*\|\n)+", text)
    assert table
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().strip().split("\n")[2:]]


@pytest.mark.parametrize("row", worked_rows(), ids=lambda row: row[0])
async def test_the_worked_token_is_redeemed_as_it_says(store: Store, row: list[str]) -> None:
    happens, without, accepting, extra = row
    there, catalogue = dict(IN_STOCK), worked_chain()
    rows = Rows(there)
    service = sourcing(store, rows, catalogue)
    tokens = PlanTokens(PlanKeys(store._redis, store.keys, now_ms=lambda: NOON), catalogue.nodes.ids)
    options = await Quoting(service.questions, service.decider, tokens, now_ms=lambda: NOON).quote(
        order(*ALL), alternatives=0, day_value_micros=1
    )
    (quoted, *_) = options
    assert quoted.plan.total_micros == micros("32.00")
    if happens == "*near* charges 5.00 more":
        card = RateCard("dear", "", "BRL", (RateBracket(300, micros("14.90")),), 1_000, micros("0.80"))
        catalogue.put("rate_card", "dear", 2, card, 0)
        lane = catalogue.lanes.by_id["near"]
        catalogue.put("lane", "near", 0, type(lane)("near", "near", "BR", (), "road", "dear", 1), 0)
    elif happens == "the last clock of *corner* is sold":
        there[CLOCK, CORNER] = 0
    elif happens == "a mug of *near* breaks":
        there[MUG, NEAR] = 1
    else:
        assert happens == "nothing"
    redeeming = Redeeming(service, tokens, now_ms=lambda: NOON)
    terms = Terms(True, TTL_MS_DEFAULT, "", "o-1")
    for i, (accept, outcome) in enumerate(((False, without), (True, accepting))):
        held_before = i if without == "HONOURED" else 0
        await stock(store, {cell: units * (1 + held_before) for cell, units in there.items()})
        asked = Redemption(quoted.token.text, accept)
        found = await redeeming.redeem(f"redeemed-{i}", order(*ALL), asked, terms=terms, allow_partial=False)
        assert found.redeemed is not None and TokenOutcome(found.redeemed.outcome).name == outcome
        assert found.redeemed.extra_micros == micros(extra)
        if happens == "*near* charges 5.00 more":
            assert found.redeemed.total_now_micros == micros("37.00")


async def test_a_node_that_refuses_while_a_token_is_redeemed_is_left_alone_in_what_is_held_instead(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store says no to the pot and what it has of the cup; by then somebody knows that neither is to be found there."""
    catalogue, wanted = network(), basket(("cup", 1), ("pot", 1))
    service = sourcing(store, Rows({(0, 0): 1, (1, 0): 1, (1, 1): 9, (0, 2): 9, (1, 2): 9}), catalogue)
    tokens = PlanTokens(PlanKeys(store._redis, store.keys, now_ms=lambda: NOON), catalogue.nodes.ids)
    (quoted, *_) = await Quoting(service.questions, service.decider, tokens, now_ms=lambda: NOON).quote(
        wanted, alternatives=0, day_value_micros=1
    )
    assert [ship.node_ix for ship in quoted.plan.shipments] == [0]
    await stock(store, {(0, 0): 1, (1, 1): 9, (0, 2): 9, (1, 2): 9})
    hold = Holding.hold

    async def refused_meanwhile(self: Holding, *args: Any) -> Any:
        found = await hold(self, *args)
        cooling = Cooling("", NOON - 1, NOON + 1, RefusalReason.CLOSED, "order-0002")
        catalogue.put("cooling", "a", 0, NodeCooling("a", (cooling,)), 0)
        return found

    monkeypatch.setattr(Holding, "hold", refused_meanwhile)
    redeeming = Redeeming(service, tokens, now_ms=lambda: NOON)
    found = await redeeming.redeem(
        "redeemed-0", wanted, Redemption(quoted.token.text, True), terms=Terms(True, TTL_MS_DEFAULT, "", "o-1"),
        allow_partial=False,
    )  # fmt: skip
    assert found.redeemed is not None and found.redeemed.outcome == TokenOutcome.REPLACED
    assert [ship.node_ix for ship in found.plan.shipments] == [2]
