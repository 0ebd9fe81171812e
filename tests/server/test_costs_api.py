"""Rate cards, rules and costs over a real channel: what is kept, what is refused, and what a plan then says it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import sourcing_pb2
from promessa.v1 import sourcing_service_pb2 as so

INVALID, FAILED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
BRACKETS = [
    {"max_weight_grams": 1_000, "price_micros": 8_000_000},
    {"max_weight_grams": 9_000, "price_micros": 20_000_000},
]
ZONES = [{"zone": "near", "brackets": BRACKETS}, {"zone": "far", "brackets": BRACKETS}]
LANE = {
    "lane_id": "lane-a",
    "node_id": "a",
    "country_code": "BR",
    "postal_code_prefixes": ["0"],
    "rate_card_id": "card",
}


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = Api(serving.channel)
    await api.shop(units=100)
    yield api
    following.cancel()


async def put(api: Api, kind: str, **fields: Any) -> Any:
    name = "".join(word.capitalize() for word in kind.split("_"))
    request = getattr(nw, f"Put{name}Request")(request_id=api.new_id(), **{kind: fields})
    return getattr(await getattr(api.network, f"Put{name}")(request), kind)


async def card(api: Api, card_id: str = "zoned", **fields: Any) -> Any:
    return await put(api, "rate_card", rate_card_id=card_id, currency_code="BRL", **fields)


def order(**more: Any) -> dict[str, Any]:
    lines, destination = [{"sku": "cup", "quantity": 2}], {"postal_code": "01310100"}
    return {"lines": lines, "destination": destination, "constraints": {"excluded_node_ids": ["b"]}, **more}


def terms_of(cost: sourcing_pb2.PlanCost) -> dict[str, int]:
    """Every term that is not 0; they sum to the total."""
    found = {
        field.name: value for field, value in cost.ListFields() if field.name not in ("currency_code", "total_micros")
    }
    assert sum(found.values()) == cost.total_micros
    return found


async def test_a_plan_names_every_term_and_they_sum_to_its_total(api: Api, serving: Serving) -> None:
    await card(
        api, zones=ZONES, minimum_micros=10_000_000, fuel_basis_points=500, insurance_basis_points=30,
        remote_areas=[{"postal_code_prefixes": ["013"], "surcharge_micros": 2_000_000}],
    )  # fmt: skip
    await put(api, "lane", **{**LANE, "rate_card_id": "zoned", "zone": "near", "surcharge_micros": 1_000_000})
    await put(
        api,
        "tax_rule",
        tax_rule_id="t",
        origin_region_code="BR-RJ",
        destination_region_code="BR-SP",
        rate_basis_points=1_200,
    )
    await put(api, "commission_rule", commission_rule_id="c", owner_code="franchise", rate_basis_points=800)
    await put(
        api, "node", node_id="a", region_code="BR-RJ", owner_code="franchise", packaging_cost_micros=1_500_000,
        rejection_basis_points=200, resource_cost_micros=25_000_000, load_cost_micros=4_000_000, unit_cost_micros=300_000,
        shipment_cost_micros=700_000, demand_share_basis_points=10_000,
    )  # fmt: skip
    await put(
        api, "sku", sku="cup", weight_grams=400, value_micros=50_000_000, margin_micros=10_000_000,
        weekly_demand_quantity=100, healthy_weeks_min=2,
    )  # fmt: skip
    capacity = {"limit_quantity": 2, "unit": "CAPACITY_UNIT_ORDERS", "on_full": "CAPACITY_ON_FULL_NEXT_DAY"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="a", capacity=capacity)
    )
    await api.reserve(1, request_id="other-01")
    await serving.parts.loads.look()
    expected = {
        "shipping_micros": 11_000_000, "fuel_micros": 500_000, "remote_area_micros": 2_000_000, "handling_micros": 600_000,
        "shipment_micros": 700_000, "packaging_micros": 1_500_000, "load_micros": 1_000_000, "rejection_micros": 500_000,
        "insurance_micros": 300_000, "tax_micros": 12_000_000, "commission_micros": 8_000_000,
    }  # fmt: skip
    ask = so.SourceAndReserveRequest(request_id="order-0001", order=order())
    plan = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
    quote = (await api.sourcing.Quote(so.QuoteRequest(order=order()))).options[0].plan
    held = (await api.sourcing.SourceAndReserve(ask)).plan
    for each in (plan, quote, held, (await api.sourcing.SourceAndReserve(ask)).plan):
        found = terms_of(each.cost)
        stock_out = found.pop("stock_out_micros")
        assert found == expected
        assert terms_of(each.shipments[0].cost) == expected | {"stock_out_micros": stock_out}
        assert 2 * 10_000_000 * 100 // 200 <= stock_out <= 2 * 10_000_000 * 102 // 200, (
            "99 or 100 of the 200 that are healthy"
        )


async def test_the_seller_and_the_region_of_an_order_count_and_belong_to_its_request(api: Api) -> None:
    await put(api, "sku", sku="cup", weight_grams=400, value_micros=10_000_000)
    await put(api, "commission_rule", commission_rule_id="c", seller_code="hub", rate_basis_points=100)
    await put(api, "tax_rule", tax_rule_id="t", destination_region_code="BR-AM", rate_basis_points=700)
    plan = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
    assert "commission_micros" not in terms_of(plan.cost) and "tax_micros" not in terms_of(plan.cost)
    wanted = order(seller_code="hub", destination={"postal_code": "01310100", "region_code": "BR-AM"})
    held = await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0001", order=wanted))
    found = terms_of(held.plan.cost)
    assert (found["commission_micros"], found["tax_micros"]) == (200_000, 1_400_000)
    for field, other in (
        ("seller_code", order(destination=wanted["destination"])),
        ("region_code", order(seller_code="hub")),
    ):
        call = api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0001", order=other))
        await refused(call, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field=field)


async def test_a_box_counts_by_its_volume_where_that_is_more(api: Api) -> None:
    await card(api, "card", brackets=BRACKETS, volumetric_divisor=6_000)
    await put(api, "sku", sku="cup", weight_grams=400, length_mm=300, width_mm=200, height_mm=100)
    (shipment,) = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan.shipments
    assert (shipment.weight_grams, shipment.cost.shipping_micros) == (2_000, 20_000_000)


async def test_cards_and_rules_are_kept_as_they_were_put(api: Api) -> None:
    areas = [{"postal_code_prefixes": ["69", "68"], "surcharge_micros": 5}]
    times = {"valid_from_time": {"seconds": 1_800_000_000}, "valid_until_time": {"seconds": 1_900_000_000}}
    made = await card(api, zones=ZONES, remote_areas=areas, **times)
    assert (await api.network.GetRateCard(nw.GetRateCardRequest(rate_card_id="zoned"))).rate_card == made
    assert made.zones[1].zone == "far" and made.valid_until_time.seconds == 1_900_000_000
    rule = await put(api, "tax_rule", tax_rule_id="t", rate_basis_points=5, **times)
    assert list((await api.network.ListTaxRules(nw.ListTaxRulesRequest())).tax_rules) == [rule]
    own = await put(api, "commission_rule", commission_rule_id="c", rate_basis_points=5, name="Franquia")
    assert (
        await api.network.GetCommissionRule(nw.GetCommissionRuleRequest(commission_rule_id="c"))
    ).commission_rule == own
    await api.network.DeleteTaxRule(nw.DeleteTaxRuleRequest(request_id=api.new_id(), tax_rule_id="t"))
    assert not (await api.network.ListTaxRules(nw.ListTaxRulesRequest())).tax_rules
    await card(api, "next", zones=ZONES, succeeds_id="zoned", valid_from_time={"seconds": 1_900_000_000})
    gone = nw.DeleteRateCardRequest(request_id=api.new_id(), rate_card_id="zoned")
    await refused(api.network.DeleteRateCard(gone), FAILED, "RESOURCE_IN_USE", kind="rate_card", id="zoned")


HOLE = [
    {"max_weight_grams": 1_000, "price_micros": 8},
    {"max_weight_grams": 2_000, "price_micros": 9, "from_weight_grams": 1_500},
]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "rate_card.brackets"),
        ({"brackets": HOLE}, "rate_card.brackets[1].from_weight_grams"),
        ({"zones": [{"zone": "near", "brackets": BRACKETS[::-1]}]}, "rate_card.zones[0].brackets[1]"),
        ({"zones": [ZONES[0], ZONES[0]]}, "rate_card.zones[1].zone"),
        ({"brackets": BRACKETS, "minimum_micros": 20_000_001}, "rate_card.minimum_micros"),
        ({"brackets": BRACKETS, "volumetric_divisor": 5_000}, "rate_card.volumetric_divisor"),
        ({"brackets": BRACKETS, "fuel_basis_points": 10_001}, "rate_card.fuel_basis_points"),
        ({"brackets": BRACKETS, "succeeds_id": "card"}, "rate_card.valid_from_time"),
    ],
)
async def test_a_card_with_holes_or_overlaps_is_refused_whole(api: Api, fields: dict[str, Any], field: str) -> None:
    await refused(card(api, **fields), INVALID, "INVALID_FIELD", field=field)
    await refused(
        api.network.GetRateCard(nw.GetRateCardRequest(rate_card_id="zoned")),
        grpc.StatusCode.NOT_FOUND,
        "RESOURCE_NOT_FOUND",
    )


async def test_a_lane_names_a_zone_that_its_card_has_and_the_card_keeps_it(api: Api) -> None:
    await card(api, zones=ZONES)
    await refused(put(api, "lane", **{**LANE, "rate_card_id": "zoned"}), INVALID, "INVALID_FIELD", field="lane.zone")
    await refused(put(api, "lane", **{**LANE, "zone": "near"}), INVALID, "INVALID_FIELD", field="lane.zone")
    await put(api, "lane", **{**LANE, "rate_card_id": "zoned", "zone": "near"})
    await refused(card(api, zones=ZONES[1:]), INVALID, "INVALID_FIELD", field="rate_card.zones")


async def test_lanes_of_a_node_insure_alike_while_they_are_valid_together(api: Api) -> None:
    await card(api, "insured", brackets=BRACKETS, insurance_basis_points=30)
    air = {**LANE, "lane_id": "air-a", "carrier_service": "air", "rate_card_id": "insured"}
    await refused(put(api, "lane", **air), INVALID, "INVALID_FIELD", field="lane.rate_card_id")
    await put(api, "lane", **LANE, valid_until_time={"seconds": 1_800_000_000})
    await put(api, "lane", **air, valid_from_time={"seconds": 1_800_000_000})
    await put(
        api,
        "lane",
        **{**air, "lane_id": "more-a", "carrier_service": "more"},
        valid_from_time={"seconds": 1_800_000_000},
    )
    await put(api, "lane", **{**LANE, "node_id": "b", "lane_id": "lane-b2", "carrier_service": "b2"})
    call = card(api, "card", brackets=BRACKETS, insurance_basis_points=30)
    await call  # both lanes of b are priced by it, so they still insure alike
    await put(api, "lane", **{**air, "node_id": "b", "lane_id": "air-b"})
    await refused(
        card(api, "card", brackets=BRACKETS), INVALID, "INVALID_FIELD", field="rate_card.insurance_basis_points"
    )


@pytest.mark.parametrize(
    ("kind", "first", "second", "field"),
    [
        ("tax_rule", {"valid_until_time": {"seconds": 100}}, {"valid_from_time": {"seconds": 99}}, "tax_rule.valid_from_time"),
        ("commission_rule", {"seller_code": "x"}, {"seller_code": "x"}, "commission_rule.valid_from_time"),
        ("tax_rule", {}, {"valid_from_time": {"seconds": 9}, "valid_until_time": {"seconds": 9}}, "tax_rule.valid_until_time"),
    ],
)  # fmt: skip
async def test_rules_about_one_pair_do_not_overlap(
    api: Api, kind: str, first: dict[str, Any], second: dict[str, Any], field: str
) -> None:
    await put(api, kind, **{f"{kind}_id": "one"}, **first)
    await refused(put(api, kind, **{f"{kind}_id": "two"}, **second), INVALID, "INVALID_FIELD", field=field)
    await put(api, kind, **{f"{kind}_id": "one"}, **first, name="again")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"length_mm": 100}, "sku.height_mm"),
        ({"length_mm": 10_000, "width_mm": 10_000, "height_mm": 101}, "sku.length_mm"),
        ({"margin_micros": 1}, "sku.healthy_weeks_min"),
        ({"markdown_micros": 1, "weekly_demand_quantity": 5}, "sku.healthy_weeks_max"),
        ({"weekly_demand_quantity": 5, "healthy_weeks_min": 3, "healthy_weeks_max": 2}, "sku.healthy_weeks_max"),
    ],
)
async def test_a_sku_whose_costs_cannot_be_counted_is_refused(api: Api, fields: dict[str, Any], field: str) -> None:
    await refused(put(api, "sku", sku="lamp", **fields), INVALID, "INVALID_FIELD", field=field)


async def test_what_costs_beyond_reason_is_an_answer_with_a_reason(api: Api) -> None:
    await put(api, "sku", sku="cup", weight_grams=1, value_micros=10**12, step_quantity=10**9)
    await put(api, "tax_rule", tax_rule_id="t", rate_basis_points=10_000)
    await api.count("a", 10**9)
    wanted = {"lines": [{"sku": "cup", "quantity": 10**6}], "destination": {"postal_code": "01310100"}}
    await refused(
        api.sourcing.Source(so.SourceRequest(order=wanted)), INVALID, "INVALID_FIELD", field="order.lines[0].quantity"
    )
    await put(api, "sku", sku="cup", weight_grams=1, value_micros=10**12, step_quantity=10**6)
    await refused(api.sourcing.Source(so.SourceRequest(order=wanted)), INVALID, "INVALID_FIELD", field="order.lines")


def test_every_field_of_a_resource_reaches_the_store_and_comes_back() -> None:
    """A field of the contract that the domain does not have would be dropped in silence."""
    from dataclasses import fields

    from promessa.server.network_servicer import _KINDS
    from promessa.store.catalogue_codec import TYPES

    for kind, (_, _, message) in _KINDS.items():
        own = {field.name.replace("_ms", "_time") for field in fields(TYPES[kind])} | {"state"}
        assert {field.name for field in message.DESCRIPTOR.fields} <= own, kind
    assert np.Node.DESCRIPTOR.fields_by_name["state"]
