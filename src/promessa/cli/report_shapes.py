"""What reports there are, and how each is shown: everything else follows from the fields of its rows.

A new report is one more Shape here, and the words of its columns in `report_texts.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Headline(NamedTuple):
    """A number for the top of a page: its text is `key`; `value` gets it from an answer, None if it has none."""

    key: str
    kind: str
    value: Callable[[Any], float | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """A report: the method that makes it, what its chart draws, its headlines, and what its rows can be grouped by.

    `chart` are columns of a row: of several a stack is drawn; a field that is a message of amounts is a stack of its terms.
    `daily` is drawn over the days of the period, if rows can be grouped by day. `about` is the help of its command, where
    that is like most others.
    """

    name: str
    method: str
    chart: tuple[str, ...]
    about: str = ""
    groups: tuple[str, ...] = ()
    daily: str = ""
    headlines: tuple[Headline, ...] = ()


def _total(field: str, per: str = "", less: str = "") -> Callable[[Any], float | None]:
    """A field of the row of all; divided by another one less a third, if they are named."""

    def value(answer: Any) -> float | None:
        top = _of(answer.total, field)
        if not per:
            return top
        bottom = _of(answer.total, per) - (_of(answer.total, less) if less else 0)
        return top / bottom if bottom else None

    return value


def _sum(field: str) -> Callable[[Any], float | None]:
    """The sum of a field over all rows."""
    return lambda answer: float(sum(getattr(row, field) for row in answer.rows))


def _share(part: str, *whole: str) -> Callable[[Any], float | None]:
    """The sum of a field by the sums of others."""

    def value(answer: Any) -> float | None:
        top, bottom = _sum(part)(answer), sum(_sum(each)(answer) or 0 for each in whole)
        return None if top is None or not bottom else top / bottom

    return value


def _of(row: Any, path: str) -> float:
    for name in path.split("."):
        row = getattr(row, name)
    return float(row)


SHAPES = (
    Shape(
        "channels",
        "GetChannelPerformance",
        chart=("revenue_micros",),
        about="Orders of these days and what has become of them: by channel and currency.",
        headlines=(
            Headline("head_orders", "count", _sum("order_count")),
            Headline("head_revenue", "money", _sum("revenue_micros")),
            Headline("head_fill", "share", _share("promised_quantity", "ordered_quantity")),
        ),
    ),
    Shape(
        "sourcing",
        "GetSourcingReport",
        chart=("cost",),
        groups=("channel", "region", "day", "policy"),
        daily="shipments_permille",
        headlines=(
            Headline("head_cost", "money", _total("cost.total_micros", "decision_count", "refused_count")),
            Headline("head_shipments", "permille", _total("shipments_permille")),
            Headline("head_proven", "share", _total("proven_count", "decision_count", "refused_count")),
        ),
    ),
    Shape(
        "stockouts",
        "GetStockoutReport",
        chart=("lost_quantity",),
        groups=("sku", "node", "reason", "channel", "region", "day"),
        daily="rupture_basis_points",
        headlines=(
            Headline("head_rupture", "basis_points", _total("rupture_basis_points")),
            Headline("head_lost", "money", _total("lost_value_micros")),
        ),
    ),
    Shape(
        "nodes",
        "GetNodePerformance",
        chart=("accepted_count", "refused_count"),
        about="Shipments offered on these days: accepted, refused, picked, on time: by node.",
        headlines=(
            Headline("head_accepted", "share", _share("accepted_count", "accepted_count", "refused_count")),
            Headline("head_on_time", "share", _share("on_time_count", "on_time_count", "late_count")),
        ),
    ),
    Shape(
        "journey",
        "GetJourneyReport",
        chart=("stay_time_p90_ms",),
        about="How long orders and shipments were in each state, and which were late: by channel.",
    ),
    Shape(
        "settlement",
        "GetFranchiseSettlement",
        chart=("owed_micros",),
        about="Who sold, who served, who took back, and who owes whom for it: by company.",
    ),
    Shape(
        "reservations",
        "GetReservationReport",
        chart=("fulfilled_quantity", "released_quantity", "expired_quantity"),
        about="What has become of the reservations of these days: by channel.",
    ),
)
"""All of them, in the order in which a page has them."""


def currency_of(answer: Any) -> str:
    """The currency of a report's amounts; empty if it has none."""
    total = [answer.total] if answer.DESCRIPTOR.fields_by_name.get("total") else []
    for row in [*total, *answer.rows]:
        for part in (row, getattr(row, "cost", None)):
            code = str(getattr(part, "currency_code", ""))
            if code:
                return code
    return ""
