"""Reports and consumers over a real channel."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from reports_kit import period
from serving import Serving

from promessa.archive.archiver import Archiver
from promessa.service import reports as reports_module
from promessa.v1 import event_log_service_pb2 as el
from promessa.v1 import event_log_service_pb2_grpc as el_grpc
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

    journey = await reports.GetJourneyReport(rp.GetJourneyReportRequest(period=period()))
    assert [(r.channel, r.reservation_count, r.fulfilled_count, r.held_count) for r in journey.rows] == [
        ("web", 2, 1, 1),
        ("", 1, 0, 1),
    ]
    assert journey.rows[0].confirm_time.p50_ms >= 0

    nodes = await reports.GetNodePerformance(rp.GetNodePerformanceRequest(period=period(), rows_max=1))
    assert [(r.node_id, r.held_quantity, r.fulfilled_quantity) for r in nodes.rows] == [("a", 7, 4)]
    assert nodes.row_count == 1

    channels = await reports.GetChannelPerformance(rp.GetChannelPerformanceRequest(period=period()))
    assert [(r.channel, r.reservation_count, r.refused_count, r.held_quantity) for r in channels.rows] == [
        ("web", 2, 1, 6),
        ("", 1, 0, 1),
    ]


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
