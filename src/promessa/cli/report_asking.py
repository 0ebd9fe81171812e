"""Reports asked of the server: one, all of a period, and the orders behind one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from promessa.cli.client import Client
from promessa.cli.failure import usage
from promessa.cli.report_shapes import SHAPES, Shape
from promessa.v1 import report_pb2 as nouns
from promessa.v1 import report_service_pb2 as messages
from promessa.v1.orders_pb2 import RejectReason, ShipmentState
from promessa.v1.reservation_pb2 import ShortfallReason

_PAGE = 1_000
_BEHIND = {field.name: field.message_type for field in messages.ListReportOrdersRequest.DESCRIPTOR.oneofs[0].fields}
"""What the orders behind each report can be told apart by."""

_NAMES = {"state": (ShipmentState,), "reason": (ShortfallReason, RejectReason)}
"""Whose names in the contract these are."""


class Period(NamedTuple):
    """Days as they were asked for: no last day is the first, no zone is the server's."""

    first_day: str
    last_day: str
    zone: str

    @property
    def message(self) -> nouns.ReportPeriod:
        return nouns.ReportPeriod(
            first_day=self.first_day, last_day=self.last_day or self.first_day, time_zone=self.zone
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A report with its shape; `daily` is the same one by day, where it has one and there are several days."""

    shape: Shape
    answer: Any
    daily: Any = None


def ask(
    name: str, period: Period, address: str | None, timeout: float, *, rows: int, by: str = "", **fields: Any
) -> Any:
    """One report. Raises Failure."""
    shape = next(shape for shape in SHAPES if shape.name == name)
    groups = groups_in(by, shape)
    with Client(address, timeout_seconds=timeout) as client:
        return _ask(client, shape, period, rows=rows, groups=groups, **fields)


def ask_all(period: Period, address: str | None, timeout: float, *, rows: int, compared_orders_max: int) -> list[Asked]:
    """All reports of a period, one after the other. Raises Failure."""
    found = []
    several = period.message.first_day != period.message.last_day
    with Client(address, timeout_seconds=timeout) as client:
        for shape in SHAPES:
            more: dict[str, Any] = {"compared_orders_max": compared_orders_max} if shape.name == "sourcing" else {}
            answer = _ask(client, shape, period, rows=rows, **more)
            days = groups_in("day", shape) if shape.daily and several else []
            found.append(Asked(shape, answer, _ask(client, shape, period, rows=rows, groups=days) if days else None))
    return found


def _ask(
    client: Client, shape: Shape, period: Period, *, rows: int, groups: list[int] | None = None, **fields: Any
) -> Any:
    request = getattr(messages, f"{shape.method}Request")(period=period.message, rows_max=rows, **fields)
    if groups:
        request.group_by.extend(groups)
    return client.call(getattr(client.reports, shape.method), request)


def groups_in(text: str, shape: Shape) -> list[int]:
    """What rows are to be grouped by, from names with commas between. Raises Failure."""
    names = [name.strip() for name in text.split(",")] if text else []
    for name in names:
        if name not in shape.groups:
            raise usage(
                f"{shape.name} cannot be grouped by {name!r}. Use {', '.join(shape.groups)}, with commas between."
            )
    return [nouns.ReportGroup.Value(f"REPORT_GROUP_{name.upper()}") for name in dict.fromkeys(names)]


def _name(option: str, text: str) -> str:
    """A name of the contract, as people write it: in-transit, IN_TRANSIT. Raises Failure."""
    known = [
        name.removeprefix(enum.keys()[0].removesuffix("UNSPECIFIED"))
        for enum in _NAMES[option]
        for name in enum.keys()[1:]
    ]
    name = text.upper().replace("-", "_")
    if name not in known:
        words = ", ".join(dict.fromkeys(each.lower().replace("_", "-") for each in known))
        raise usage(f"{text!r} is no {option} of these. They are {words}.")
    return name


def orders_behind(
    report: str, period: Period, wanted: dict[str, str], address: str | None, timeout: float, *, rows: int
) -> Any:
    """The first so many orders behind a report as one page of them. Raises Failure."""
    known = _BEHIND.get(report)
    if known is None:
        raise usage(f"There are no orders behind {report!r}. Use --report {' or '.join(_BEHIND)}.")
    for name in wanted:
        if name not in known.fields_by_name:
            raise usage(f"Orders behind {report} cannot be told apart by --{name.removesuffix('_id')}.")
    request = messages.ListReportOrdersRequest(period=period.message)
    chosen = getattr(request, report)
    chosen.SetInParent()
    for name, value in wanted.items():
        setattr(chosen, name, _name(name, value) if name in _NAMES and value else value)
    found = messages.ListReportOrdersResponse()
    with Client(address, timeout_seconds=timeout) as client:
        while len(found.orders) < rows:
            request.page_size = min(_PAGE, rows - len(found.orders))
            page = client.call(client.reports.ListReportOrders, request)
            found.orders.extend(page.orders)
            found.next_page_token = request.page_token = page.next_page_token
            found.basis.CopyFrom(page.basis)
            if not page.next_page_token:
                break
    return found
