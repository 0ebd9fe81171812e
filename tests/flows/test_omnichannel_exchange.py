"""Omnichannel exchange: three companies' shelves, one visit, and who owes whom."""

from __future__ import annotations

from flow_kit import Hear

from promessa.demo.flows.chain import CENTRE, MOEMA, RUNNER, TRAIL
from promessa.v1 import orders_pb2 as od


async def test_a_pair_from_the_web_is_exchanged_in_the_store_of_another_owner(hear: Hear) -> None:
    heard = await hear("omnichannel-exchange")
    assert heard.shelf(CENTRE) == [(10, 0, 0, 10)]
    assert heard.shelf(MOEMA, RUNNER) == [(1, 0, 0, 1)], "it came back where it was never sold"
    assert heard.shelf(MOEMA, TRAIL) == [(2, 0, 0, 2), (1, 0, 0, 1)]
    assert await heard.shipments("troca-1") == [("Loja Moema", "HANDED_OVER", 1)]
    assert await heard.steps("web-1") == [
        "PLACE", "ACCEPT", "PICK", "SHIP", "DELIVER", "EXCHANGE", "RECEIVE_RETURN",
    ]  # fmt: skip
    assert await heard.steps("troca-1") == ["PLACE", "RETURN_CAME", "ACCEPT", "PICK", "MAKE_READY", "HAND_OVER"]


async def test_the_orders_say_who_owes_whom(hear: Hear) -> None:
    heard = await hear("omnichannel-exchange")
    terms = (await heard.shop.order("troca-1")).exchange
    assert (terms.returned_total_micros, terms.given_total_micros) == (RUNNER.price_micros, TRAIL.price_micros)
    assert terms.difference_micros == 30_000_000
    assert (terms.policy, terms.waits_for_return) == (od.EXCHANGE_POLICY_ON_RECEIPT, False)
    (owners,) = heard.of("owners")
    chain, franchisee = owners["seller"], MOEMA.owner
    assert owners == {
        "seller": chain, "server": chain, "receiver": franchisee, "new_seller": franchisee, "new_server": franchisee,
    }  # fmt: skip
