"""Reports and consumers over a real channel."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from orders_kit import OrdersApi
from reports_kit import period
from serving import Serving

from promessa.archive.archiver import Archiver
from promessa.service import reports as reports_module
from promessa.v1 import event_log_service_pb2 as el
from promessa.v1 import event_log_service_pb2_grpc as el_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import report_service_pb2 as rp
from promessa.v1 import report_service_pb2_grpc as rp_grpc
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so


async def sell(api: Api) -> None:
    """Ten cups at a: three orders of web, of which one is fulfilled and one refused, and one of nobody."""
    await api.shop(units=10)
    for channel, units in (("web", 4), ("web", 2), ("web", 9), ("", 1)):
        held = await api.reserve(units, channel=channel, owner_id="ann")
        if units == 4:
            confirm = rs.ConfirmRequest(request_id=api.new_id(), reservation_id=held.reservation.reservation_id)
            await api.reservation.Confirm(confirm)
            ship = rs.FulfillRequest(request_id=api.new_id(), reservation_id=held.reservation.reservation_id)
            await api.reservation.Fulfill(ship)


async def test_reports_tell_what_happened(archiving: Serving, archiver: Archiver):
    api, reports = Api(archiving.channel), rp_grpc.ReportServiceStub(archiving.channel)
    await sell(api)
    await archiver.archive()

    stockouts = await reports.GetStockoutReport(rp.GetStockoutReportRequest(period=period()))
    (row,) = stockouts.rows
    assert (row.sku, row.node_id, row.reason) == ("cup", "a", "INSUFFICIENT_STOCK")
    assert (row.requested_quantity, row.missing_quantity, row.request_count) == (9, 5, 1)
    assert stockouts.basis.archived_until_time.seconds > stockouts.basis.start_time.seconds > 0

    made = await reports.GetReservationReport(rp.GetReservationReportRequest(period=period()))
    found = [(r.channel, r.reservation_count, r.refused_count, r.fulfilled_count, r.held_quantity) for r in made.rows]
    assert found == [("web", 2, 1, 1, 6), ("", 1, 0, 0, 1)]
    assert made.rows[0].confirm_time.p50_ms >= 0


async def exchange(api: OrdersApi) -> None:
    """Two cups that the chain sells leave ana's node a, one comes back to bia's node b, and bia gives another one for it."""
    await api.pickup_shop()
    for node_id, owner in (("a", "ana"), ("b", "bia")):
        node = {"node_id": node_id, "owner_code": owner, "pickup_point": True, "type": 3}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    for name, seller, owner, rate in (("ana", "", "ana", 8_000), ("bia", "bia", "ana", 7_000)):
        rule = {"commission_rule_id": name, "seller_code": seller, "owner_code": owner, "rate_basis_points": rate}
        await api.network.PutCommissionRule(nw.PutCommissionRuleRequest(request_id=api.new_id(), commission_rule=rule))
    priced = {"currency_code": "BRL", "prices": [{"line": 0, "unit_price_micros": 10_000_001}]}
    here = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "a", "channel": "web"}
    await api.place(sourcing=here, **priced)
    await api.steps("AcceptShipment", "RecordPick")
    code = (await api.step("MarkReadyForPickup")).pickup_code
    await api.step("HandOver", pickup_code=code)
    other = {**here, "lines": [{"sku": "cup", "quantity": 1}], "pickup_node_id": "b", "seller_code": "bia"}
    new = {"order_id": "o-2", "sourcing": other, "currency_code": "BRL"}
    new["prices"] = [{"line": 0, "unit_price_micros": 9_000_000}]
    await api.step("ExchangeOrder", lines=[{"line": 0, "quantity": 1}], order=new)
    came = [{"line": 0, "quantity": 1, "disposition": 1}]
    await api.step("ReceiveReturn", return_number=1, node_id="b", lines=came)


async def test_reports_tell_what_became_of_orders(archiving: Serving, archiver: Archiver):
    api, reports = OrdersApi(archiving), rp_grpc.ReportServiceStub(archiving.channel)
    await exchange(api)
    await archiver.archive()

    (row,) = (await reports.GetChannelPerformance(rp.GetChannelPerformanceRequest(period=period()))).rows
    assert (row.channel, row.currency_code, row.order_count, row.ordered_quantity) == ("web", "BRL", 2, 3)
    assert (row.fill_basis_points, row.shipped_quantity, row.returned_quantity) == (10_000, 2, 1)
    assert (row.ordered_micros, row.revenue_micros) == (29_000_002, 10_000_001)

    nodes = (await reports.GetNodePerformance(rp.GetNodePerformanceRequest(period=period()))).rows
    assert [(r.node_id, r.node_type, r.offered_count, r.accepted_count, r.shipped_quantity) for r in nodes] == [
        ("a", "FRANCHISE_STORE", 1, 1, 2),
        ("b", "FRANCHISE_STORE", 1, 0, 0),
    ]
    assert {r.store_share_basis_points for r in nodes} == {10_000}

    journey = (await reports.GetJourneyReport(rp.GetJourneyReportRequest(period=period()))).rows
    there = [(r.part, r.state, r.entered_count) for r in journey if r.open_count]
    assert there == [
        ("ORDER", "PLACED", 2), ("ORDER", "COMPLETED", 1), ("SHIPMENT", "OFFERED", 2), ("SHIPMENT", "HANDED_OVER", 1),
    ]  # fmt: skip


async def test_the_settlement_of_an_exchange_in_anothers_store(archiving: Serving, archiver: Archiver):
    api, reports = OrdersApi(archiving), rp_grpc.ReportServiceStub(archiving.channel)
    await exchange(api)
    await archiver.archive()
    rows = (await reports.GetFranchiseSettlement(rp.GetFranchiseSettlementRequest(period=period()))).rows
    owed = {(r.company_code, r.counterparty_code): r for r in rows}
    chain_ana, ana_chain, bia_ana = owed["", "ana"], owed["ana", ""], owed["bia", "ana"]
    assert (chain_ana.sold_quantity, chain_ana.sold_micros, chain_ana.returned_quantity) == (2, 20_000_002, 1)
    assert (chain_ana.commission_micros, ana_chain.commission_back_micros) == (16_000_000, 8_000_000)
    assert (bia_ana.received_quantity, bia_ana.transfer_micros) == (1, 7_000_000)
    assert owed["", "bia"].exchange_micros == 9_000_000
    assert {pair: r.net_micros for pair, r in owed.items()} == {
        ("", "ana"): 8_000_000, ("ana", ""): -8_000_000, ("bia", "ana"): 7_000_000, ("ana", "bia"): -7_000_000,
        ("", "bia"): 9_000_000, ("bia", ""): -9_000_000,
    }  # fmt: skip
    (shipped,) = (await api.get()).shipments
    assert (shipped.owner_code, shipped.commission_basis_points) == ("ana", 8_000)
    (units,) = (await api.get()).steps[-1].units
    assert (units.shipment_number, units.node_id, units.owner_code) == (1, "b", "bia")
    assert units.commission_basis_points == 7_000


async def test_owners_and_rates_are_those_of_when_it_was_placed(archiving: Serving, archiver: Archiver):
    api, reports = OrdersApi(archiving), rp_grpc.ReportServiceStub(archiving.channel)
    await api.shop()
    rule = {"commission_rule_id": "all", "rate_basis_points": 5_000}
    await api.network.PutCommissionRule(nw.PutCommissionRuleRequest(request_id=api.new_id(), commission_rule=rule))
    for owner, rate in (("ana", 5_000), ("bia", 9_000)):
        for node_id in "ab":
            node = {"node_id": node_id, "owner_code": owner}
            await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
        rule = {"commission_rule_id": "all", "rate_basis_points": rate}
        await api.network.PutCommissionRule(nw.PutCommissionRuleRequest(request_id=api.new_id(), commission_rule=rule))
        if owner == "ana":
            await api.place(currency_code="BRL", prices=[{"line": 0, "unit_price_micros": 1_000_001}])
    await api.steps("AcceptShipment", "RecordPick", "Ship")
    await archiver.archive()
    rows = (await reports.GetFranchiseSettlement(rp.GetFranchiseSettlementRequest(period=period()))).rows
    assert [(r.company_code, r.counterparty_code, r.commission_micros) for r in rows] == [
        ("", "ana", 1_000_000),
        ("ana", "", 0),
    ]


async def test_days_without_anything_are_reports_without_rows(archiving: Serving, archiver: Archiver):
    api, reports = OrdersApi(archiving), rp_grpc.ReportServiceStub(archiving.channel)
    await exchange(api)
    await archiver.archive()
    for method in (
        "ChannelPerformance",
        "NodePerformance",
        "JourneyReport",
        "FranchiseSettlement",
        "ReservationReport",
    ):
        for year in (2001, 2999):
            days = {"first_day": f"{year}-01-01", "last_day": f"{year}-01-31"}
            answer = await getattr(reports, f"Get{method}")(getattr(rp, f"Get{method}Request")(period=days))
            assert (list(answer.rows), answer.row_count) == ([], 0)
            assert answer.basis.archived_until_time.seconds > 0


async def test_a_sum_that_no_answer_can_tell_is_refused(archiving: Serving, archiver: Archiver):
    api, reports = OrdersApi(archiving), rp_grpc.ReportServiceStub(archiving.channel)
    await api.pickup_shop()
    await api.count("a", 20_000)
    here = {"lines": [{"sku": "cup", "quantity": 9_000}], "pickup_node_id": "a"}
    for order_id in ("one", "two"):  # each comes to less than an answer can tell
        prices = [{"line": 0, "unit_price_micros": 10**15}]
        placed = await api.place(order_id, sourcing=here, currency_code="BRL", prices=prices)
        assert placed.HasField("order")
    await archiver.archive()
    call = reports.GetChannelPerformance(rp.GetChannelPerformanceRequest(period=period()))
    await refused(call, grpc.StatusCode.FAILED_PRECONDITION, "REPORT_OUT_OF_RANGE", column="ordered_micros")


async def test_an_order_that_is_served_in_part_or_not_at_all_is_a_stockout_of_the_network(
    archiving: Serving, archiver: Archiver
):
    api, reports = Api(archiving.channel), rp_grpc.ReportServiceStub(archiving.channel)
    await api.shop(units=3)
    for i, partial in enumerate((True, False)):
        order: dict[str, Any] = {
            "order_id": f"order-{i}",
            "channel": "web",
            "destination": {"country_code": "BR", "postal_code": "01310100"},
            "lines": [{"sku": "cup", "quantity": 50}],
        }
        request = so.SourceAndReserveRequest(request_id=api.new_id(), allow_partial=partial, order=order)
        await api.sourcing.SourceAndReserve(request)
    await archiver.archive()
    found = await reports.GetStockoutReport(rp.GetStockoutReportRequest(period=period()))
    (row,) = found.rows
    assert (row.node_id, row.reason, row.request_count) == ("", "NOT_SERVED", 2)
    assert (row.requested_quantity, row.missing_quantity) == (100, 44 + 50)


async def test_a_server_without_an_archive_says_so(serving: Serving):
    reports = rp_grpc.ReportServiceStub(serving.channel)
    call = reports.GetNodePerformance(rp.GetNodePerformanceRequest(period=period()))
    await refused(call, grpc.StatusCode.FAILED_PRECONDITION, "ARCHIVE_NOT_KEPT")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_day": "2026-1-1"}, "period.first_day"),
        ({"last_day": "1999-01-01"}, "period.last_day"),
        ({"time_zone": "Nowhere"}, "period.time_zone"),
    ],
)
async def test_days_that_are_none_are_refused(archiving: Serving, change: dict[str, str], field: str):
    reports = rp_grpc.ReportServiceStub(archiving.channel)
    call = reports.GetStockoutReport(rp.GetStockoutReportRequest(period={**period(), **change}))
    await refused(call, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)


async def test_reports_are_made_one_at_a_time(archiving: Serving, archiver: Archiver):
    reports = rp_grpc.ReportServiceStub(archiving.channel)
    request = rp.GetStockoutReportRequest(period=period())
    calls = [reports.GetStockoutReport(request) for _ in range(3)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, rp.GetStockoutReportResponse) for answer in answers) == 1
    late = next(call for call, answer in zip(calls, answers, strict=True) if isinstance(answer, BaseException))
    await refused(late, grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    assert (await reports.GetStockoutReport(request)).row_count == 0


async def test_a_report_that_takes_too_long_is_given_up(
    archiving: Serving, archiver: Archiver, monkeypatch: pytest.MonkeyPatch
):
    reports = rp_grpc.ReportServiceStub(archiving.channel)
    request = rp.GetStockoutReportRequest(period=period())
    with monkeypatch.context() as hurry:
        hurry.setattr(reports_module, "REPORT_SECONDS_MAX", 0.0)
        await refused(reports.GetStockoutReport(request), grpc.StatusCode.UNAVAILABLE, "REPORT_TOO_LONG")
    assert (await reports.GetStockoutReport(request)).row_count == 0


async def test_consumers_are_listed_and_removed(archiving: Serving, archiver: Archiver):
    api, log = Api(archiving.channel), el_grpc.EventLogServiceStub(archiving.channel)
    await sell(api)
    (before,) = (await log.ListConsumers(el.ListConsumersRequest())).consumers
    assert before.consumer == "archive"
    assert before.lag_entries == sum(x.head_sequence - x.done_sequence for x in before.positions) > 0
    await archiver.archive()
    (after,) = (await log.ListConsumers(el.ListConsumersRequest())).consumers
    assert (after.lag_entries, after.commit_count) == (0, before.commit_count + 1)

    await log.RemoveConsumer(el.RemoveConsumerRequest(consumer="archive"))
    assert not (await log.ListConsumers(el.ListConsumersRequest())).consumers
    again = log.RemoveConsumer(el.RemoveConsumerRequest(consumer="archive"))
    await refused(again, grpc.StatusCode.NOT_FOUND, "CONSUMER_NOT_FOUND", consumer="archive")
