"""ReportService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.report_period import ReportPeriod
from promessa.server import validate
from promessa.server.convert_reports import (
    alternative_message,
    basis_message,
    order_message,
    sourcing_rows,
    spreads_in,
    stockout_rows,
)
from promessa.server.paging import page_position, page_token
from promessa.service.alternatives import Alternatives
from promessa.service.reports import MadeReport, Reports
from promessa.v1 import report_pb2 as rows
from promessa.v1 import report_service_pb2 as messages


class ReportServicer:
    """The methods of ReportService: each is one report of `archive/reports.py`, whose columns are the fields of its row."""

    def __init__(
        self,
        reports: Reports,
        alternatives: Alternatives,
        currency_code: Callable[[], str],
        now_ms: Callable[[], int],
    ) -> None:
        self._reports = reports
        self._alternatives = alternatives
        self._currency_code = currency_code
        self._now_ms = now_ms

    async def GetStockoutReport(
        self, request: messages.GetStockoutReportRequest, context: Any
    ) -> messages.GetStockoutReportResponse:
        made = await self._make("stockouts", request, _groups(request))
        found, total = stockout_rows(made, self._currency_code())
        return messages.GetStockoutReportResponse(
            rows=found, row_count=made.row_count, basis=basis_message(made), total=total
        )

    async def GetSourcingReport(
        self, request: messages.GetSourcingReportRequest, context: Any
    ) -> messages.GetSourcingReportResponse:
        made = await self._make("sourcing", request, _groups(request))
        found, total = sourcing_rows(made)
        answer = messages.GetSourcingReportResponse(
            rows=found, row_count=made.row_count, basis=basis_message(made), total=total
        )
        if request.compared_orders_max:
            period = made.period
            others = await self._alternatives.of_period(
                period.start_ms, period.end_ms, request.compared_orders_max, self._now_ms()
            )
            answer.alternatives.extend([alternative_message(each) for each in others])
        return answer

    async def ListReportOrders(
        self, request: messages.ListReportOrdersRequest, context: Any
    ) -> messages.ListReportOrdersResponse:
        validate.check(request)
        name = request.WhichOneof("report")
        wanted = {field.name.removesuffix("_id"): value for field, value in getattr(request, name).ListFields()}
        found = await self._reports.orders(
            name,
            self._period(request),
            wanted=wanted,
            place=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
        )
        return messages.ListReportOrdersResponse(
            orders=[order_message(row) for row in found.rows],
            next_page_token=page_token(request, found.next_place),
            basis=basis_message(found),
        )

    async def GetJourneyReport(
        self, request: messages.GetJourneyReportRequest, context: Any
    ) -> messages.GetJourneyReportResponse:
        made = await self._make("journey", request)
        found = [rows.JourneyRow(**spreads_in(row)) for row in made.rows]
        return messages.GetJourneyReportResponse(rows=found, row_count=made.row_count, basis=basis_message(made))

    async def GetReservationReport(
        self, request: messages.GetReservationReportRequest, context: Any
    ) -> messages.GetReservationReportResponse:
        made = await self._make("reservations", request)
        found = [rows.ReservationRow(**spreads_in(row)) for row in made.rows]
        return messages.GetReservationReportResponse(rows=found, row_count=made.row_count, basis=basis_message(made))

    async def GetFranchiseSettlement(
        self, request: messages.GetFranchiseSettlementRequest, context: Any
    ) -> messages.GetFranchiseSettlementResponse:
        made = await self._make("settlement", request)
        found = [rows.SettlementRow(**row) for row in made.rows]
        return messages.GetFranchiseSettlementResponse(rows=found, row_count=made.row_count, basis=basis_message(made))

    async def GetNodePerformance(
        self, request: messages.GetNodePerformanceRequest, context: Any
    ) -> messages.GetNodePerformanceResponse:
        made = await self._make("nodes", request)
        found = [rows.NodePerformanceRow(**spreads_in(row)) for row in made.rows]
        return messages.GetNodePerformanceResponse(rows=found, row_count=made.row_count, basis=basis_message(made))

    async def GetChannelPerformance(
        self, request: messages.GetChannelPerformanceRequest, context: Any
    ) -> messages.GetChannelPerformanceResponse:
        made = await self._make("channels", request)
        found = [rows.ChannelPerformanceRow(**spreads_in(row)) for row in made.rows]
        return messages.GetChannelPerformanceResponse(rows=found, row_count=made.row_count, basis=basis_message(made))

    async def _make(self, name: str, request: Any, group_by: Sequence[str] = ()) -> MadeReport:
        validate.check(request)
        return await self._reports.make(name, self._period(request), rows_max=request.rows_max, group_by=group_by)

    def _period(self, request: Any) -> ReportPeriod:
        asked = request.period
        return self._reports.period(asked.first_day, asked.last_day, asked.time_zone)


def _groups(request: Any) -> list[str]:
    """What rows are grouped by, as `archive/grouping.py` names it."""
    known = rows.ReportGroup.DESCRIPTOR.values_by_number
    return [known[number].name.removeprefix("REPORT_GROUP_").lower() for number in request.group_by if number in known]
