"""Steps, decimals, stock that is not counted, and substitutes, over a real channel."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving, WallClock
from test_kits_api import Kits, line, lines_of

from promessa.v1 import allocation_pb2 as al
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

INVALID = grpc.StatusCode.INVALID_ARGUMENT
INFINITE, MADE_TO_ORDER = 2, 3
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
async def api(serving: Serving) -> Kits:
    api = Kits(serving.channel)
    await api.open()
    return api


def order(sku: str, quantity: int, **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity}], "destination": {"postal_code": "01310"}, **more}


async def test_what_is_sold_in_steps_is_asked_for_and_granted_in_steps(api: Kits) -> None:
    await api.put("egg", step_quantity=6, weight_grams=60)
    await api.stock("egg", "a", 20)
    token = (await api.stock("egg", "b", 10)).token
    await api.units("egg", token=token)
    await refused(api.reserve(lines=[line("egg", 7)]), INVALID, "INVALID_FIELD", field="lines[0].quantity")
    await refused(
        api.sourcing.Source(so.SourceRequest(order=order("egg", 3))),
        INVALID,
        "INVALID_FIELD",
        field="order.lines[0].quantity",
    )
    part = await api.reserve(lines=[line("egg", 24)], mode=rs.RESERVE_MODE_PARTIAL, request_id="part-0001")
    assert lines_of(part.reservation) == [("egg", "a", 18, 18)]
    assert (part.shortfalls[0].requested_quantity, part.shortfalls[0].available_quantity) == (24, 18)
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="part-0001"))
    group = {"node_group_id": "ab", "node_ids": ["a", "b"]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    placed = await api.reserve(lines=[{"sku": "egg", "node_group_id": "ab", "quantity": 24}], request_id="hold-0001")
    assert sorted(lines_of(placed.reservation)) == [("egg", "a", 18, 18), ("egg", "b", 6, 6)]
    short = await api.reserve(
        lines=[{"sku": "egg", "node_group_id": "ab", "quantity": 12}], mode=rs.RESERVE_MODE_PARTIAL
    )
    assert (short.outcome, short.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 0)
    token = (
        await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    ).token
    await api.units("egg", token=token)
    sourced = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="order-0001", order=order("egg", 24))
    )
    assert sorted(lines_of(sourced.reservation)) == [("egg", "a", 18, 18), ("egg", "b", 6, 6)]
    assert [x.weight_grams for x in sourced.plan.shipments] == [18 * 60, 6 * 60]
    more = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="order-0002", order=order("egg", 6))
    )
    assert more.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())).ok


async def test_weighed_goods_are_counted_in_their_smallest_unit(api: Kits) -> None:
    await api.put("ham", unit_code="KGM", decimals=3, step_quantity=50, weight_grams=1_000)
    token = (await api.stock("ham", "a", 2_500)).token
    await api.units("ham", token=token)
    found = await api.sourcing.Source(so.SourceRequest(order=order("ham", 1_250)))
    assert found.plan.shipments[0].weight_grams == 1_250
    assert lines_of((await api.reserve(lines=[line("ham", 1_250)])).reservation) == [("ham", "a", 1_250, 1_250)]


async def test_what_is_not_counted_is_never_short_and_what_is_held_is_known(api: Kits) -> None:
    await api.put("song", supply_mode=INFINITE)
    none = await api.reserve(lines=[line("song", 1)])
    assert none.outcome == rv.RESERVE_OUTCOME_REFUSED  # no node serves it yet
    await api.stock("song", "a", 0)
    held = await api.reserve(lines=[line("song", 1_000_000)], request_id="hold-0001")
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    ask = av.GetAvailabilityRequest(sku="song", node_ids=["a", "b"], consistency={"at_least_token": held.token})
    answer = await api.availability.GetAvailability(ask)
    assert [(x.available_quantity, x.status) for x in answer.nodes] == [
        (0, nouns.AVAILABILITY_STATUS_INFINITE),
        (0, nouns.AVAILABILITY_STATUS_NOT_STOCKED),
    ]
    assert answer.status == nouns.AVAILABILITY_STATUS_INFINITE
    assert await api.units("song", token=held.token) == {"a": 0}
    basket = await api.availability.CheckBasket(av.CheckBasketRequest(lines=[{"sku": "song", "quantity": 10**9}]))
    assert [x.node_id for x in basket.nodes] == ["a"]
    basket = await api.availability.CheckBasket(
        av.CheckBasketRequest(lines=[{"sku": "song", "quantity": 10**9}], consistency={"authoritative": True})
    )
    assert [x.node_id for x in basket.nodes] == ["a"]
    sourced = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="order-0001", order=order("song", 40))
    )
    assert lines_of(sourced.reservation) == [("song", "a", 40, 40)]
    ask_reserved = rs.ConfirmRequest(request_id=api.new_id(), reservation_id="hold-0001")
    await api.reservation.Confirm(ask_reserved)
    await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    explained = await api.availability.ExplainAvailability(av.ExplainAvailabilityRequest(sku="song"))
    assert explained.nodes[0].sentence == "Units of song are not counted: a can promise any quantity."
    audit = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert (audit.ok, audit.deficit_cell_count) == (True, 0), audit
    await api.put("song")
    none = await api.reserve(lines=[line("song", 1)])
    assert none.outcome == rv.RESERVE_OUTCOME_REFUSED
    schedule = av.GetAtpScheduleRequest(sku="set")
    await refused(api.availability.GetAtpSchedule(schedule), INVALID, "INVALID_FIELD", field="sku")


async def test_what_is_made_to_order_leaves_after_its_lead_time(api: Kits, wall_clock: WallClock) -> None:
    wall_clock.now_ms = 1_800_000_000_000
    await refused(api.put("desk", supply_mode=MADE_TO_ORDER), INVALID, "INVALID_FIELD", field="sku.lead_time_days")
    await refused(api.put("desk", lead_time_days=3), INVALID, "INVALID_FIELD", field="sku.lead_time_days")
    await api.put("desk", supply_mode=MADE_TO_ORDER, lead_time_days=12)
    await api.put("office", kit=[("desk", 1), ("cup", 2)])
    token = (await api.stock("desk", "a", 0)).token
    await api.units("desk", token=token)
    ask = av.BatchGetAvailabilityRequest(pairs=[{"sku": sku, "node_id": "a"} for sku in ("desk", "office")])
    answer = await api.availability.BatchGetAvailability(ask)
    assert [(x.available_quantity, x.status) for x in answer.availabilities] == [
        (0, nouns.AVAILABILITY_STATUS_MADE_TO_ORDER),
        (5, nouns.AVAILABILITY_STATUS_AVAILABLE),
    ]
    for sku in ("desk", "office"):
        found = await api.sourcing.Source(so.SourceRequest(order=order(sku, 2)))
        assert found.plan.shipments[0].ship_time.ToMilliseconds() == wall_clock.now_ms + 12 * DAY_MS
    late = so.SourceRequest(order=order("desk", 1))
    late.order.constraints.latest_delivery_time.FromMilliseconds(wall_clock.now_ms + 11 * DAY_MS)
    assert not (await api.sourcing.Source(late)).plan.shipments
    late.order.constraints.latest_delivery_time.FromMilliseconds(wall_clock.now_ms + 12 * DAY_MS)
    assert (await api.sourcing.Source(late)).plan.shipments


async def test_a_kit_is_explained_by_its_scarcest_component(api: Kits) -> None:
    await api.units("set", token=await api.settle())
    explained = await api.availability.ExplainAvailability(av.ExplainAvailabilityRequest(sku="set"))
    assert explained.available_quantity == 8
    a = explained.nodes[0]
    assert [(x.sku, x.quantity, x.available_quantity, x.kit_quantity, x.limiting) for x in a.components] == [
        ("pot", 1, 3, 3, True),
        ("cup", 2, 10, 5, False),
    ]
    assert a.sentence == "A set at a is limited by its component pot, of which 3 can be promised: 3 can be promised."
    portuguese = av.ExplainAvailabilityRequest(sku="set", node_ids=["a"], language="pt-BR")
    said = (await api.availability.ExplainAvailability(portuguese)).nodes[0].sentence
    assert said.startswith("Um set em a é limitado pelo seu componente pot")


async def test_substitutes_are_offered_when_asked_and_short_and_never_taken(api: Kits) -> None:
    await api.put("mug")
    await api.put("jar")
    await api.stock("mug", "b", 4)
    await api.put("glass", substitutes=["jar", "mug", "set"])
    token = (await api.stock("glass", "a", 2)).token
    await api.units("glass", token=token)
    await api.units("set", token=await api.settle())
    await refused(api.put("vase", substitutes=["vase"]), INVALID, "INVALID_FIELD", field="sku.substitutes")
    await refused(api.put("vase", substitutes=["urn"]), INVALID, "REFERENCE_NOT_FOUND", id="urn")

    async def offered(**fields: Any) -> dict[str, int]:
        ask = av.GetAvailabilityRequest(sku="glass", **fields)
        return {x.sku: x.available_quantity for x in (await api.availability.GetAvailability(ask)).substitutes}

    assert await offered(quantity=3) == {}
    assert await offered(offer_substitutes=True) == {}
    assert await offered(offer_substitutes=True, quantity=3) == {"mug": 4, "set": 8}
    assert await offered(offer_substitutes=True, node_ids=["b"]) == {"mug": 4, "set": 5}
    assert await offered(offer_substitutes=True, node_ids=["b"], consistency={"authoritative": True}) == {
        "mug": 4,
        "set": 5,
    }
    basket = {"lines": [{"sku": "cup", "quantity": 1}, {"sku": "glass", "quantity": 3}], "omit_rejected": True}
    answer = await api.availability.CheckBasket(av.CheckBasketRequest(**basket, offer_substitutes=True))
    assert [(x.line, [y.sku for y in x.substitutes]) for x in answer.line_substitutes] == [(1, ["mug", "set"])]
    assert not answer.rejected_nodes
    assert not (await api.availability.CheckBasket(av.CheckBasketRequest(**basket))).line_substitutes
    quote = await api.sourcing.Quote(so.QuoteRequest(order=order("glass", 3), offer_substitutes=True))
    assert [[y.sku for y in x.substitutes] for x in quote.line_substitutes] == [["mug", "set"]]
    none = await api.reserve(lines=[line("glass", 3)])
    assert (none.outcome, list(none.reservation.lines)) == (rv.RESERVE_OUTCOME_REFUSED, [])
    assert isinstance(api, Api)


async def test_a_quote_offers_what_can_be_promised_to_the_channel_of_its_order(api: Kits) -> None:
    await api.put("mug")
    await api.stock("mug", "b", 4)
    await api.put("glass", substitutes=["mug"])
    pool = al.AllocationPool(sku="mug", node_id="b", channel="web", quantity=3, strategy=al.ALLOCATION_STRATEGY_STRICT)
    kept = await api.inventory.SetAllocationPool(
        iv.SetAllocationPoolRequest(request_id=api.new_id(), allocation_pool=pool)
    )
    await api.units("mug", token=kept.token)
    await api.units("glass", token=(await api.stock("glass", "a", 2)).token)
    for channel, units in (("web", 3), ("", 1)):
        wanted = order("glass", 3, channel=channel)
        quote = await api.sourcing.Quote(so.QuoteRequest(order=wanted, offer_substitutes=True))
        offers = [(y.sku, y.available_quantity) for x in quote.line_substitutes for y in x.substitutes]
        assert offers == [("mug", units)]
