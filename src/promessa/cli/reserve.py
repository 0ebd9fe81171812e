"""`promessa reserve`: hold units at nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, MethodOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_amounts, seconds

if TYPE_CHECKING:
    from rich.console import Console


def reserve(
    lines: Annotated[
        list[str],
        typer.Argument(
            metavar="SKU@NODE=QTY",
            help="What to hold: SKU@NODE=QTY, or SKU@@GROUP=QTY …; QTY in smallest units, or like 0.350kg.",
            show_default=False,
        ),
    ],
    ttl: Annotated[
        str,
        typer.Option(show_default=False, help="How long the hold lives: 90, 90s, 15m, 2h, 1d. Without a rule: 15m."),
    ] = "",
    rule: Annotated[
        str, typer.Option(show_default=False, help="Instead of --ttl: the hold rule of its payment method.")
    ] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Hold what there is instead of all or nothing.")] = False,
    owner: Annotated[str, typer.Option(show_default=False, help="Who holds it: a cart, a customer.")] = "",
    order: Annotated[str, typer.Option(show_default=False, help="The order it belongs to.")] = "",
    channel: ChannelOption = "",
    method: MethodOption = "",
    by: Annotated[
        str, typer.Option(metavar="DATE", show_default=False, help="Also what is to come until this day: 2026-12-01.")
    ] = "",
    backorder: Annotated[
        bool, typer.Option("--backorder", help="Also what nobody knows yet when it comes, as far as that is allowed.")
    ] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Hold units of skus at nodes until they are confirmed, released, or the time is over. Exit code 1 if refused."""
    from promessa.cli.amounts import Amounts
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import reservation_pb2
    from promessa.v1 import reservation_service_pb2 as messages

    wanted = cell_amounts(lines)
    request = messages.ReserveRequest(
        request_id=request_id or new_request_id(),
        mode=messages.RESERVE_MODE_PARTIAL if partial else messages.RESERVE_MODE_ALL_OR_NOTHING,
        owner_id=owner,
        order_id=order,
        hold_rule_id=rule,
        channel=channel,
        fulfillment_method=method,
        latest_date=by,
        allow_backorder=backorder,
    )
    if ttl or not rule:
        request.ttl.seconds = seconds(ttl or "15m")
    with Client(address, timeout_seconds=timeout) as client:
        amounts = Amounts(client)
        for sku, place, amount in wanted:
            line = request.lines.add(sku=sku.removesuffix("@"), quantity=amounts.units(sku.removesuffix("@"), amount))
            # A second @ before the place says that it is a group.
            setattr(line, "node_group_id" if sku.endswith("@") else "node_id", place)
        answer = client.call(client.reservations.Reserve, request)
    emit(answer, as_json=as_json, render=lambda to: render_reserved(to, answer))
    if answer.outcome == reservation_pb2.RESERVE_OUTCOME_REFUSED:
        raise typer.Exit(1)


def render_reserved(to: Console, answer: Any) -> None:
    """What became of a request to hold: outcome, reservation, shortfalls."""
    from promessa.cli.output import short_table, word
    from promessa.cli.reservation import render_reservation
    from promessa.v1.reservation_pb2 import ReserveOutcome

    again = " (the first answer of this request id, given again)" if answer.replayed else ""
    to.print(f"[bold]{word(ReserveOutcome, answer.outcome)}[/]{again}")
    if answer.HasField("reservation"):
        render_reservation(to, answer.reservation)
    if answer.shortfalls:
        to.print(short_table(answer.shortfalls))
