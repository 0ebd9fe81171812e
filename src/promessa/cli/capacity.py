"""`promessa capacity`: what a node takes on in a day, and how much of which day is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console

UNITS = ("orders", "units")
ON_FULL = ("pause", "next-day")


def capacity(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node.", show_default=False)],
    limit: Annotated[
        int | None, typer.Option(min=0, show_default=False, help="Set it: so many a day; 0: whatever comes.")
    ] = None,
    unit: Annotated[str, typer.Option(help="What is counted: orders or units.")] = "orders",
    on_full: Annotated[str, typer.Option(help="When a day is full: pause or next-day.")] = "pause",
    days: Annotated[
        str, typer.Option(show_default=False, help="The days it works, 1 for Monday: 12345. Default: every day.")
    ] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what a node takes on in a day and how much is taken; or set it, with --limit."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    if unit not in UNITS:
        raise usage(f"--unit is one of {' and '.join(UNITS)}, and {unit!r} is none of them.")
    if on_full not in ON_FULL:
        raise usage(f"--on-full is one of {' and '.join(ON_FULL)}, and {on_full!r} is none of them.")
    if set(days) - set("1234567"):
        raise usage(f"--days names days by number, 1 for Monday to 7 for Sunday, and {days!r} does not.")
    with Client(address, timeout_seconds=timeout) as client:
        if limit is not None:
            request = messages.SetNodeCapacityRequest(request_id=request_id or new_request_id(), node_id=node)
            if limit:
                request.capacity.limit_quantity = limit
                request.capacity.unit = f"CAPACITY_UNIT_{unit.upper()}"  # type: ignore[assignment]
                request.capacity.on_full = f"CAPACITY_ON_FULL_{on_full.upper().replace('-', '_')}"  # type: ignore[assignment]
                request.capacity.working_weekdays.extend(int(day) for day in days)
            client.call(client.network.SetNodeCapacity, request)
        answer = client.call(client.network.GetNodeCapacity, messages.GetNodeCapacityRequest(node_id=node))
    emit(answer, as_json=as_json, render=lambda to: _render(to, node, answer))


def _render(to: Console, node: str, answer: Any) -> None:
    from promessa.cli.output import table, word
    from promessa.v1.network_pb2 import CapacityOnFull, CapacityUnit

    if answer.HasField("capacity"):
        of, full = word(CapacityUnit, answer.capacity.unit), word(CapacityOnFull, answer.capacity.on_full)
        works = "".join(str(day) for day in answer.capacity.working_weekdays)
        days = f", on days {works}" if works else ""
        to.print(f"[bold]{node}[/]: {answer.capacity.limit_quantity:,} {of} a day{days}; when full: {full}")
    else:
        to.print(f"[bold]{node}[/]: whatever comes")
    if answer.days:
        rows = table("day", "open", "done", "used", right=["open", "done", "used"])
        for day in answer.days:
            rows.add_row(day.date, f"{day.open_quantity:,}", f"{day.done_quantity:,}", f"{day.used_percent} %")
        to.print(rows)
