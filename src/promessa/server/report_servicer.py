"""ReportService: validate, convert, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.domain.report_period import ReportPeriod
from promessa.server import validate
from promessa.server.convert import set_instant
from promessa.service.reports import MadeReport, Reports
from promessa.v1 import report_pb2 as rows
from promessa.v1 import report_service_pb2 as messages


class ReportServicer:
    """The methods of ReportService: each is one report of `archive/reports.py`, whose columns are the fields of its row."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    async def GetStockoutReport(
        self, request: messages.GetStockoutReportRequest, context: Any
    ) -> messages.GetStockoutReportResponse:
        made = await self._make("stockouts", request)
        found = [rows.StockoutRow(**row) for row in made.rows]
        return messages.GetStockoutReportResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def GetJourneyReport(
        self, request: messages.GetJourneyReportRequest, context: Any
    ) -> messages.GetJourneyReportResponse:
        made = await self._make("journey", request)
        found = [rows.JourneyRow(**_fields(row)) for row in made.rows]
        return messages.GetJourneyReportResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def GetReservationReport(
        self, request: messages.GetReservationReportRequest, context: Any
    ) -> messages.GetReservationReportResponse:
        made = await self._make("reservations", request)
        found = [rows.ReservationRow(**_fields(row)) for row in made.rows]
        return messages.GetReservationReportResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def GetFranchiseSettlement(
        self, request: messages.GetFranchiseSettlementRequest, context: Any
    ) -> messages.GetFranchiseSettlementResponse:
        made = await self._make("settlement", request)
        found = [rows.SettlementRow(**row) for row in made.rows]
        return messages.GetFranchiseSettlementResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def GetNodePerformance(
        self, request: messages.GetNodePerformanceRequest, context: Any
    ) -> messages.GetNodePerformanceResponse:
        made = await self._make("nodes", request)
        found = [rows.NodePerformanceRow(**_fields(row)) for row in made.rows]
        return messages.GetNodePerformanceResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def GetChannelPerformance(
        self, request: messages.GetChannelPerformanceRequest, context: Any
    ) -> messages.GetChannelPerformanceResponse:
        made = await self._make("channels", request)
        found = [rows.ChannelPerformanceRow(**_fields(row)) for row in made.rows]
        return messages.GetChannelPerformanceResponse(rows=found, row_count=made.row_count, basis=_basis(made))

    async def _make(self, name: str, request: Any) -> MadeReport:
        validate.check(request)
        asked = request.period
        period = ReportPeriod.of_days(asked.first_day, asked.last_day, asked.time_zone)
        return await self._reports.make(name, period, rows_max=request.rows_max)


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _spread(value) for name, value in row.items()}


def _spread(value: Any) -> Any:
    """Ranks are a list in SQL and a message on the wire."""
    if not isinstance(value, list):
        return value
    p50, p90, p99 = value
    return rows.DurationSpread(p50_ms=p50, p90_ms=p90, p99_ms=p99)


def _basis(made: MadeReport) -> rows.ReportBasis:
    basis = rows.ReportBasis(dead_letter_count=made.dead_letter_count)
    set_instant(basis.start_time, made.period.start_ms)
    set_instant(basis.end_time, made.period.end_ms)
    if made.archived_until_ms:
        set_instant(basis.archived_until_time, made.archived_until_ms)
    return basis
