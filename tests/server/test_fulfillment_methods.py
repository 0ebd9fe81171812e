"""Safety stock of a fulfilment method: withheld from what names it, the same in every read, reservation and decision."""

from __future__ import annotations

from typing import Any

import pytest
from api_kit import refused
from serving import Serving
from test_kits_api import Kits, line
from test_pools_api import INVALID, STRICT, PoolApi

from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as ss

RESERVED, REFUSED = rv.RESERVE_OUTCOME_RESERVED, rv.RESERVE_OUTCOME_REFUSED


class MethodApi(Kits, PoolApi):
    """The stubs, rules of methods, and what each read says of a method."""

    async def withhold(self, rule_id: str, quantity: int = 0, method: str = "pickup", **rule: Any) -> None:
        rule = {"safety_rule_id": rule_id, "quantity": quantity, "fulfillment_method": method, **rule}
        await self.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=self.new_id(), safety_rule=rule))

    async def said(self, method: str, sku: str = "cup", channel: str = "") -> int:
        """What every read says that node a has; they all say the same."""
        who = {"channel": channel, "fulfillment_method": method}
        found = set()
        for fresh in (nouns.Consistency(), nouns.Consistency(authoritative=True))[0 if method else 1 :]:
            one = av.GetAvailabilityRequest(sku=sku, node_ids=["a"], consistency=fresh, **who)
            found.add((await self.availability.GetAvailability(one)).available_quantity)
            pair = av.BatchGetAvailabilityRequest(pairs=[av.SkuAtNode(sku=sku, node_id="a")], consistency=fresh, **who)
            found.add((await self.availability.BatchGetAvailability(pair)).availabilities[0].available_quantity)
            basket = av.CheckBasketRequest(
                lines=[av.BasketLine(sku=sku, quantity=1_000)], mode=av.BASKET_MODE_ANY, node_ids=["a"],
                consistency=fresh, **who,
            )  # fmt: skip
            able = (await self.availability.CheckBasket(basket)).nodes
            found.add(able[0].served_quantity if able else 0)
        explained = av.ExplainAvailabilityRequest(sku=sku, node_ids=["a"], **who)
        found.add((await self.availability.ExplainAvailability(explained)).available_quantity)
        if sku != "set":
            dated = av.GetAtpScheduleRequest(sku=sku, node_ids=["a"], **who)
            found.add((await self.availability.GetAtpSchedule(dated)).available_to_fulfil_quantity)
        (units,) = found
        return units

    async def take(self, quantity: int, method: str, **fields: Any) -> rs.ReserveResponse:
        return await self.hold(quantity, fulfillment_method=method, **fields)


@pytest.fixture
async def api(serving: Serving) -> MethodApi:
    """Sets of two cups and a pot: 10 cups and 3 pots at node a, more at node b."""
    api = MethodApi(serving.channel)
    await api.open()
    return api


async def test_a_method_leaves_what_its_rules_withhold(api: MethodApi) -> None:
    await api.withhold("pickup", 4)
    assert [await api.said(method) for method in ("", "ship", "pickup")] == [10, 10, 6]
    short = await api.take(7, "pickup")
    assert (short.outcome, short.shortfalls[0].available_quantity) == (REFUSED, 6)
    assert short.shortfalls[0].reason == rv.SHORTFALL_REASON_INSUFFICIENT_STOCK
    held = await api.take(6, "pickup")
    assert (held.outcome, held.reservation.fulfillment_method) == (RESERVED, "pickup")
    assert [await api.said(method) for method in ("ship", "pickup")] == [4, 0]
    assert (await api.take(4, "ship")).outcome == RESERVED


async def test_the_most_specific_rule_of_a_method_counts_and_the_larger_of_it_and_the_safety_stock(
    api: MethodApi,
) -> None:
    await api.withhold("all", 1)
    await api.withhold("node", 5, node_id="a")
    await api.withhold("sku", 3, sku="cup")
    assert await api.said("pickup") == 7
    await api.withhold("general", 4, method="")
    assert [await api.said(method) for method in ("", "pickup")] == [6, 6]
    await api.withhold("here", 6, sku="cup", node_id="a")
    assert [await api.said(method) for method in ("", "pickup")] == [6, 4]
    await api.withhold("share", method="ship", share_permille=250)
    assert await api.said("ship") == 6, "a quarter of ten, rounded up, is less than the safety stock of four"


async def test_a_method_leaves_units_whatever_channel_asks(api: MethodApi) -> None:
    await api.withhold("pickup", 3)
    await api.keep("web", 8, strategy=STRICT)
    assert [await api.said(m, channel=c) for c in ("", "web") for m in ("", "pickup")] == [2, 2, 8, 7]
    held = await api.take(7, "pickup", channel="web")
    assert (held.reservation.channel, held.reservation.fulfillment_method) == ("web", "pickup")
    assert (await api.pools())[0].drawn_quantity == 7
    assert await api.said("pickup", channel="web") == 0


async def test_a_kit_is_limited_by_what_its_components_leave(api: MethodApi) -> None:
    await api.withhold("pots", 2, sku="pot")
    assert [await api.said(method, "set") for method in ("", "pickup")] == [3, 1]
    lines = [line("set", 2)]
    assert (await api.take(0, "pickup", lines=lines)).outcome == REFUSED
    assert (await api.take(0, "ship", lines=lines)).outcome == RESERVED


async def test_streams_groups_dates_and_late_confirmations_know_the_method(api: MethodApi) -> None:
    await api.withhold("pickup", 8)
    asked = rs.ReserveRequest(
        request_id=api.new_id(), lines=[rv.ReserveLine(sku="cup", node_id="a", quantity=3)], fulfillment_method="pickup"
    )
    stream = api.reservation.ReserveStream(iter([rs.ReserveStreamRequest(reservations=[asked])]))
    assert (await anext(aiter(stream))).results[0].response.outcome == REFUSED
    await api.network.PutNodeGroup(
        nw.PutNodeGroupRequest(request_id=api.new_id(), node_group={"node_group_id": "g", "node_ids": ["a"]})
    )
    group = [rv.ReserveLine(sku="cup", node_group_id="g", quantity=3)]
    assert (await api.take(0, "pickup", lines=group)).outcome == REFUSED
    assert (await api.take(3, "pickup", allow_backorder=True)).outcome == REFUSED
    held = await api.take(2, "pickup", allow_backorder=True)
    assert (held.outcome, held.reservation.fulfillment_method) == (RESERVED, "pickup")


async def test_an_order_is_sourced_from_what_its_method_leaves(api: MethodApi) -> None:
    async def nodes(method: str) -> list[str]:
        order = {
            "order_id": "o", "lines": [{"sku": "cup", "quantity": 2}], "destination": {"postal_code": "01310100"},
            "fulfillment_method": method,
        }  # fmt: skip
        plan = (await api.sourcing.Source(ss.SourceRequest(order=order))).plan
        held = await api.sourcing.SourceAndReserve(ss.SourceAndReserveRequest(request_id=api.new_id(), order=order))
        assert held.reservation.fulfillment_method == method
        assert {x.node_id for x in held.plan.shipments} == {x.node_id for x in plan.shipments}
        return [x.node_id for x in plan.shipments]

    (first,) = await nodes("ship")
    await api.withhold("pickup", 9, node_id=first)
    assert await nodes("pickup") == [{"a": "b", "b": "a"}[first]]
    assert await nodes("ship") == [first]


async def test_what_is_wrong_is_named(api: MethodApi) -> None:
    await refused(api.take(1, "by bike"), INVALID, "INVALID_FIELD", field="fulfillment_method")
    await refused(api.said("x" * 33), INVALID, "INVALID_FIELD", field="fulfillment_method")
    await refused(
        api.withhold("r", by_confidence=True), INVALID, "INVALID_FIELD", field="safety_rule.fulfillment_method"
    )
