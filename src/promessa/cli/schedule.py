"""`promessa schedule`: what can be promised of a sku on which day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, MethodOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console


def schedule(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="The sku asked about.", show_default=False)],
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NODE]...", help="Only these nodes. Default: the whole network.", show_default=False),
    ] = None,
    group: Annotated[str, typer.Option(show_default=False, help="The nodes of this group.")] = "",
    start: Annotated[str, typer.Option("--from", show_default=False, help="The first day: 2026-12-01. Today.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days to look at.")] = 180,
    quantity: Annotated[int, typer.Option(min=0, help="Also the first day for so many units.")] = 0,
    channel: ChannelOption = "",
    method: MethodOption = "",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what can be promised of a sku from day to day: stock, what is to come, and what is promised of it."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1.availability_service_pb2 import GetAtpScheduleRequest

    request = GetAtpScheduleRequest(
        sku=sku,
        node_ids=nodes or [],
        node_group_id=group,
        from_date=start,
        horizon_days=days,
        quantity=quantity,
        channel=channel,
        fulfillment_method=method,
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.availability.GetAtpSchedule, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer, quantity))


def _render(to: Console, answer: Any, quantity: int) -> None:
    from promessa.cli.output import table

    numbers = ["comes", "promised", "can be promised"]
    rows = table("from", "to", *numbers, right=numbers)
    for window in answer.windows:
        rows.add_row(
            window.from_date,
            window.to_date,
            f"{window.supply_quantity:,}",
            f"{window.demand_quantity:,}",
            f"{window.atp_quantity:,}",
        )
    to.print(rows)
    to.print(
        f"Now from stock: {answer.available_to_fulfil_quantity:,}. To order: {answer.available_to_order_quantity:,}."
    )
    if quantity:
        day = answer.capable_date or "no day looked at"
        to.print(f"{quantity:,} units: {day}.")
