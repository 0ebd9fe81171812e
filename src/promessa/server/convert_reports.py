"""Reports as messages: the columns of a report are the fields of its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promessa.domain.sourcing import PLAN_TERMS
from promessa.server.convert import set_instant
from promessa.service.alternatives import Alternative
from promessa.service.reports import MadeReport, ReportBasis
from promessa.v1 import report_pb2 as rows
from promessa.v1 import sourcing_pb2 as so


def basis_message(made: ReportBasis) -> rows.ReportBasis:
    """What a report was made of."""
    basis = rows.ReportBasis(dead_letter_count=made.dead_letter_count, time_zone=made.period.time_zone)
    set_instant(basis.start_time, made.period.start_ms)
    set_instant(basis.end_time, made.period.end_ms)
    if made.archived_until_ms:
        set_instant(basis.archived_until_time, made.archived_until_ms)
    return basis


def spreads_in(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row; ranks are a list in SQL and a message on the wire."""
    return {name: _spread(value) if isinstance(value, list) else value for name, value in row.items()}


def _spread(ranks: list[int]) -> rows.DurationSpread:
    p50, p90, p99 = ranks
    return rows.DurationSpread(p50_ms=p50, p90_ms=p90, p99_ms=p99)


def stockout_rows(made: MadeReport, currency_code: str) -> tuple[list[rows.StockoutRow], rows.StockoutRow]:
    """The rows, and the one of all."""
    found = [rows.StockoutRow(**row, currency_code=currency_code) for row in [*made.rows, made.total or {}]]
    return found[:-1], found[-1]


def sourcing_rows(made: MadeReport) -> tuple[list[rows.SourcingRow], rows.SourcingRow]:
    """The rows, and the one of all."""
    found = [_sourcing_row(row) for row in [*made.rows, made.total or {}]]
    return found[:-1], found[-1]


def _sourcing_row(row: Mapping[str, Any]) -> rows.SourcingRow:
    values = dict(row)
    terms = {term: values.pop(term, 0) for term in PLAN_TERMS}
    cost = _cost(values.pop("currency", ""), terms)
    values.pop("total", None)
    message = rows.SourcingRow(**values, cost=cost)
    plans = message.decision_count - message.refused_count
    message.shipments_permille = (1000 * message.shipment_count + plans // 2) // plans if plans else 0
    return message


def alternative_message(found: Alternative) -> rows.SourcingAlternative:
    """What other rules would have made of the orders that were compared."""
    mean, low, high = found.difference
    message = rows.SourcingAlternative(
        name=found.name,
        compared_count=found.differences.pairs,
        cost=_cost(found.currency_code, found.theirs.costs),
        cost_now=_cost(found.currency_code, found.now.costs),
        shipment_count=found.theirs.shipments,
        shipment_now_count=found.now.shipments,
        difference_micros=round(mean),
    )
    if low is not None and high is not None:
        message.difference_low_micros, message.difference_high_micros = round(low), round(high)
    return message


def _cost(currency_code: str, terms: Mapping[str, int]) -> so.PlanCost:
    by_name = {f"{term}_micros": micros for term, micros in terms.items()}
    return so.PlanCost(currency_code=currency_code, total_micros=sum(terms.values()), **by_name)


def order_message(row: Mapping[str, Any]) -> rows.ReportOrder:
    """An order behind a report."""
    names = ("order_id", "reservation_id", "channel", "node_id", "sku", "reason", "region", "quantity")
    message = rows.ReportOrder(**{name: row[name] for name in names}, state=row.get("state", ""))
    set_instant(message.time, row["time_ms"])
    return message
