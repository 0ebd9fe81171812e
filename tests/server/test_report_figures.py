"""Stock-outs by what one likes, what sourcing decided, and the orders behind them: over a real channel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from api_kit import refused
from orders_kit import TO_SAO_PAULO, OrdersApi
from reports_kit import period
from serving import Clock, Serving

from promessa.archive.archiver import Archiver
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import orders_pb2 as od
from promessa.v1 import report_pb2 as rows
from promessa.v1 import report_service_pb2 as rp
from promessa.v1 import report_service_pb2_grpc as rp_grpc
from promessa.v1 import sourcing_service_pb2 as so

G = rows.ReportGroup
EMPTY = {"first_day": "2031-01-01", "last_day": "2031-01-02"}


class Shop(OrdersApi):
    """A shop whose cups are worth 20.00, ten at each of two nodes, and what its reports say."""

    def __init__(self, serving: Serving, archiver: Archiver) -> None:
        super().__init__(serving)
        self.reports = rp_grpc.ReportServiceStub(serving.channel)
        self.archiver = archiver

    async def open(self) -> None:
        await self.shop(units=10)
        sku = {"sku": "cup", "weight_grams": 400, "value_micros": 20_000_000}
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku=sku))
        for node_id, region in (("a", "BR-SP"), ("b", "BR-RJ")):
            node = {"node_id": node_id, "country_code": "BR", "region_code": region}
            await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))

    async def source(self, units: int, *, channel: str = "web", **fields: Any) -> so.SourceAndReserveResponse:
        order = {
            "order_id": f"order-{units}",
            "channel": channel,
            "lines": [{"sku": "cup", "quantity": units}],
            **TO_SAO_PAULO,
        }
        order["destination"] = {"country_code": "BR", **TO_SAO_PAULO["destination"]}
        return await self.sourcing.SourceAndReserve(
            so.SourceAndReserveRequest(request_id=self.new_id(), order=order, **fields)
        )

    async def stockouts(self, *by: int, **fields: Any) -> rp.GetStockoutReportResponse:
        asked = {"period": period(), **fields}
        return await self.reports.GetStockoutReport(rp.GetStockoutReportRequest(group_by=by, **asked))

    async def sourced(self, *by: int, **fields: Any) -> rp.GetSourcingReportResponse:
        asked = {"period": period(), **fields}
        return await self.reports.GetSourcingReport(rp.GetSourcingReportRequest(group_by=by, **asked))

    async def behind(self, **fields: Any) -> rp.ListReportOrdersResponse:
        asked = {"period": period(), **fields}
        return await self.reports.ListReportOrders(rp.ListReportOrdersRequest(**asked))


@pytest.fixture
async def shop(archiving: Serving, archiver: Archiver) -> Shop:
    """It has sold: 4 of web at a, and refused 9 at a; 12 of web to São Paulo, and refused 16 of app."""
    shop = Shop(archiving, archiver)
    await shop.open()
    await shop.reserve(4, channel="web")
    await shop.reserve(9, channel="web")
    await shop.source(12, allow_partial=True)
    await shop.source(16, channel="app")
    await archiver.archive()
    return shop


def lost(found: rp.GetStockoutReportResponse, *names: str) -> dict[Any, tuple[int, int, int]]:
    """Demand, units lost and the rupture rate, by some fields."""
    return {
        tuple(getattr(row, name) for name in names): (
            row.demand_quantity,
            row.lost_quantity,
            row.rupture_basis_points,
        )
        for row in found.rows
    }


async def test_a_rupture_rate_is_what_was_lost_of_what_was_asked_for(shop: Shop):
    found = await shop.stockouts(G.REPORT_GROUP_CHANNEL)
    assert lost(found, "channel") == {("app",): (16, 16, 10_000), ("web",): (4 + 9 + 12, 9, 3_600)}
    assert (found.total.demand_quantity, found.total.lost_quantity, found.total.request_count) == (41, 25, 2)
    assert (found.total.lost_value_micros, found.total.currency_code) == (25 * 20_000_000, "BRL")
    assert found.total.unvalued_quantity == 0


async def test_losses_are_told_by_sku_node_and_reason_unless_one_asks_otherwise(shop: Shop):
    found = await shop.stockouts()
    assert lost(found, "sku", "node_id", "reason") == {
        ("cup", "", "NOT_SERVED"): (16, 16, 10_000),
        ("cup", "a", "INSUFFICIENT_STOCK"): (4 + 9 + 2, 9, 6_000),
    }
    assert [row.channel + row.region + row.day for row in found.rows] == ["", ""]


async def test_a_region_is_where_an_order_goes_else_where_its_node_is(shop: Shop):
    await shop.count("b", 12)
    for units in (1, 5):
        await shop.reserve(lines=[{"sku": "cup", "node_id": "b", "quantity": units}])
    await shop.archiver.archive()
    found = await shop.stockouts(G.REPORT_GROUP_REGION)
    assert lost(found, "region") == {("BR-SP",): (41, 25, 6_098), ("BR-RJ",): (6, 5, 8_333)}


async def test_what_lost_nothing_is_told_unless_reasons_are_asked_for(shop: Shop):
    assert lost(await shop.stockouts(G.REPORT_GROUP_NODE), "node_id") == {
        ("",): (16, 16, 10_000),
        ("a",): (15, 9, 6_000),
        ("b",): (10, 0, 0),
    }
    by_reason = await shop.stockouts(G.REPORT_GROUP_NODE, G.REPORT_GROUP_REASON)
    assert {row.node_id for row in by_reason.rows} == {"", "a"}


async def test_units_without_a_value_are_counted_apart(archiving: Serving, archiver: Archiver):
    shop = Shop(archiving, archiver)
    await shop.shop(units=1)
    await shop.reserve(3)
    await archiver.archive()
    total = (await shop.stockouts()).total
    assert (total.lost_quantity, total.lost_value_micros, total.unvalued_quantity) == (3, 0, 3)


async def test_a_changed_value_counts_for_what_is_lost_from_then_on(shop: Shop):
    sku = {"sku": "cup", "weight_grams": 400, "value_micros": 1_000_000}
    await shop.network.PutSku(nw.PutSkuRequest(request_id=shop.new_id(), sku=sku))
    await shop.archiver.archive()
    await shop.reserve(9, channel="later")
    await shop.archiver.archive()
    found = await shop.stockouts(G.REPORT_GROUP_CHANNEL)
    assert {row.channel: row.lost_value_micros // row.lost_quantity for row in found.rows if row.lost_quantity} == {
        "app": 20_000_000,
        "web": 20_000_000,
        "later": 1_000_000,
    }


async def test_sourcing_tells_what_was_decided(shop: Shop):
    answers = [await shop.source(1, channel="shop") for _ in range(2)]
    await shop.archiver.archive()
    found = await shop.sourced()
    by_channel = {row.channel: row for row in found.rows}
    assert list(by_channel) == ["shop", "app", "web"]
    row = by_channel["shop"]
    assert (row.decision_count, row.shipment_count, row.one_shipment_count, row.proven_count) == (2, 2, 2, 2)
    assert (row.shipments_permille, row.refused_count, row.partial_count, row.gap_micros) == (1_000, 0, 0, 0)
    assert row.cost.total_micros == sum(each.plan.cost.total_micros for each in answers)
    assert row.cost.shipping_micros == sum(each.plan.cost.shipping_micros for each in answers) > 0
    split = by_channel["web"]
    assert (split.two_shipments_count, split.cost.split_micros) == (1, 2_000_000)
    assert (by_channel["app"].decision_count, by_channel["app"].refused_count) == (1, 1)
    assert (found.total.decision_count, found.total.refused_count, found.total.shipment_count) == (4, 1, 4)
    assert found.total.shipments_permille == 1_333


async def test_sourcing_is_told_by_region_policy_and_day(shop: Shop):
    today = datetime.now(UTC).date().isoformat()
    found = await shop.sourced(G.REPORT_GROUP_REGION, G.REPORT_GROUP_POLICY, G.REPORT_GROUP_DAY)
    assert [(row.region, row.policy_id, row.day, row.channel) for row in found.rows] == [("BR-SP", "", today, "")]


async def test_what_is_sourced_again_after_a_refusal_is_no_new_demand(archiving: Serving, archiver: Archiver):
    shop = Shop(archiving, archiver)
    await shop.open()
    await shop.place(units=2)
    await shop.step("RejectShipment", reason=od.REJECT_REASON_NO_CAPACITY)
    order = await shop.get()
    assert len(order.shipments) == 2, "the rest was sourced again"
    await archiver.archive()
    (row,) = (await shop.sourced()).rows
    assert (row.decision_count, row.again_count, row.shipment_count) == (1, 1, 1)
    assert lost(await shop.stockouts(G.REPORT_GROUP_SKU), "sku") == {("cup",): (2, 0, 0)}


async def test_other_rules_are_compared_on_the_orders_of_the_period(shop: Shop):
    for _ in range(3):
        await shop.source(1, channel="shop")
    await shop.archiver.archive()
    found = await shop.sourced(compared_orders_max=100)
    by_name = {each.name: each for each in found.alternatives}
    assert list(by_name) == ["least-cost", "nearest-first", "fewest-shipments", "fastest"]
    same = by_name["least-cost"]
    assert (same.compared_count, same.difference_micros, same.cost) == (3, 0, same.cost_now)
    assert same.shipment_count == same.shipment_now_count == 3
    assert not same.HasField("difference_low_micros"), "three orders are too few to say"
    assert not (await shop.sourced()).alternatives


async def test_the_orders_behind_a_row_come_in_pages(shop: Shop):
    for _ in range(5):
        await shop.reserve(9, channel="web", order_id="again")
    await shop.archiver.archive()
    asked = {
        "stockouts": {"node_id": "a", "channel": "web", "sku": "cup", "reason": "INSUFFICIENT_STOCK"},
        "page_size": 4,
    }
    first = await shop.behind(**asked)
    second = await shop.behind(**asked, page_token=first.next_page_token)
    assert (len(first.orders), len(second.orders), second.next_page_token) == (4, 2, "")
    found = [*first.orders, *second.orders]
    assert [order.order_id for order in found] == ["", *["again"] * 5]
    assert {order.quantity for order in found} == {9}
    assert len({order.reservation_id for order in found}) == 6
    whole = await shop.behind(stockouts={"region": "BR-SP"})
    assert [order.order_id for order in whole.orders if order.node_id == ""] == ["order-16"]


async def test_an_empty_filter_value_is_one(shop: Shop):
    found = await shop.behind(stockouts={"node_id": ""})
    assert [order.order_id for order in found.orders] == ["order-16"]
    assert not (await shop.behind(sourcing={"policy_id": "cheapest"})).orders
    assert [order.quantity for order in (await shop.behind(sourcing={"channel": "web"})).orders] == [2]


async def test_shipments_are_listed_with_what_has_become_of_them(archiving: Serving, archiver: Archiver):
    shop = Shop(archiving, archiver)
    await shop.open()
    for order_id, units, channel in (("o-1", 2, "web"), ("o-2", 3, "app")):
        lines = [{"sku": "cup", "quantity": units}]
        await shop.place(order_id, sourcing={"lines": lines, "channel": channel, **TO_SAO_PAULO})
    await shop.step("RejectShipment", "o-1", reason=od.REJECT_REASON_NO_CAPACITY)
    first, second = (await shop.get("o-1")).shipments
    await archiver.archive()

    async def listed(**filters: str) -> list[tuple[str, str, str, int]]:
        found = await shop.behind(shipments=filters)
        return [(order.order_id, order.node_id, order.state, order.quantity) for order in found.orders]

    refused, again = ("o-1", first.node_id, "REJECTED", 2), ("o-1", second.node_id, "OFFERED", 2)
    other = ("o-2", (await shop.get("o-2")).shipments[0].node_id, "OFFERED", 3)
    assert await listed() == [refused, other, again]
    assert await listed(reason="NO_CAPACITY") == [refused]
    assert await listed(channel="web", state="OFFERED") == [again]
    assert await listed(node_id=second.node_id) == [each for each in (other, again) if each[1] == second.node_id]


async def test_empty_and_future_periods_are_zeros(shop: Shop):
    stockouts = await shop.stockouts(period=EMPTY)
    assert (len(stockouts.rows), stockouts.row_count, stockouts.total.demand_quantity) == (0, 0, 0)
    sourced = await shop.sourced(period=EMPTY, compared_orders_max=10)
    assert (len(sourced.rows), sourced.total.decision_count) == (0, 0)
    assert {each.compared_count for each in sourced.alternatives} == {0}
    assert not (await shop.behind(period=EMPTY, stockouts={})).orders


@pytest.mark.parametrize(
    ("method", "fields", "field"),
    [
        ("stockouts", {"group_by": [G.REPORT_GROUP_POLICY]}, "group_by[0]"),
        ("stockouts", {"group_by": [0]}, "group_by[0]"),
        ("stockouts", {"group_by": [G.REPORT_GROUP_SKU] * 2}, "group_by"),
        ("sourced", {"group_by": [G.REPORT_GROUP_SKU]}, "group_by[0]"),
        ("sourced", {"compared_orders_max": 1_001}, "compared_orders_max"),
        ("behind", {"stockouts": {}, "page_size": 1_001}, "page_size"),
        ("behind", {}, "report"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    archiving: Serving, archiver: Archiver, method: str, fields: dict[str, Any], field: str
):
    shop = Shop(archiving, archiver)
    by = fields.pop("group_by", [])
    call = getattr(shop, method)(*by, **fields)
    await refused(call, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)


async def test_a_page_token_of_another_listing_is_refused(shop: Shop):
    first = await shop.behind(stockouts={}, page_size=1)
    listing, _, place = first.next_page_token.partition(".")
    for filters, token in (
        ({"node_id": "a"}, first.next_page_token),
        ({}, f"{listing}.x"),
        ({}, f"{listing}.{place}.9"),
    ):
        call = shop.behind(stockouts=filters, page_size=1, page_token=token)
        await refused(call, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")


async def test_days_are_the_companys_unless_a_request_names_others(
    archiving: Serving, archiver: Archiver, clock: Clock
):
    shop = Shop(archiving, archiver)
    await shop.open()
    for hour, channel in ((2, "before"), (4, "after")):  # midnight in São Paulo is 3:00 UTC
        clock.now_ms = round(datetime(2031, 5, 10, hour, tzinfo=UTC).timestamp() * 1000)
        await shop.reserve(1, channel=channel)
    await archiver.archive()
    day: dict[str, Any] = {"first_day": "2031-05-10", "last_day": "2031-05-10"}
    ours = await shop.stockouts(G.REPORT_GROUP_CHANNEL, period=day)
    assert (ours.basis.time_zone, [row.channel for row in ours.rows]) == ("America/Sao_Paulo", ["after"])
    utc = await shop.stockouts(G.REPORT_GROUP_CHANNEL, period={**day, "time_zone": "UTC"})
    assert (utc.basis.time_zone, sorted(row.channel for row in utc.rows)) == ("UTC", ["after", "before"])


async def test_the_day_that_clocks_change_is_one_hour_short(archiving: Serving, archiver: Archiver, clock: Clock):
    shop = Shop(archiving, archiver)
    await shop.open()
    instants = ((2030, 3, 30, 23, 59), (2030, 3, 31, 0, 0), (2030, 3, 31, 22, 59), (2030, 3, 31, 23, 0))
    for instant in instants:  # of Lisbon, whose 31st has 23 hours: it ends at 23:00 UTC
        clock.now_ms = round(datetime(*instant, tzinfo=UTC).timestamp() * 1000)
        await shop.reserve(1)
    await archiver.archive()
    days = {"first_day": "2030-03-30", "last_day": "2030-04-01", "time_zone": "Europe/Lisbon"}
    found = await shop.stockouts(G.REPORT_GROUP_DAY, period=days)
    assert sorted((row.day, row.demand_quantity) for row in found.rows) == [
        ("2030-03-30", 1),
        ("2030-03-31", 2),
        ("2030-04-01", 1),
    ]
