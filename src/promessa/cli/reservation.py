"""`promessa confirm|extend|release|fulfill|transfer|reservation`: what happens to a hold afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_amounts, seconds

if TYPE_CHECKING:
    from rich.console import Console

IdArgument = Annotated[
    str, typer.Argument(metavar="RESERVATION_ID", help="The reservation, as `reserve` printed it.", show_default=False)
]
LinesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SKU@NODE=QTY]...", help="Only these units. Default: all open.", show_default=False),
]


def confirm(
    reservation_id: IdArgument,
    lines: LinesArgument = None,
    order: Annotated[str, typer.Option(show_default=False, help="The order it now belongs to.")] = "",
    reacquire: Annotated[
        bool, typer.Option("--reacquire", help="If its time is over, take the units once more.")
    ] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Turn a hold into a commitment that does not expire: all that is open, or the units named and the rest goes back."""
    asked: dict[str, Any] = {"order_id": order, "reacquire": reacquire}
    _change("Confirm", reservation_id, request_id, address, as_json, timeout, lines=lines or [], **asked)


def extend(
    reservation_id: IdArgument,
    ttl: Annotated[str, typer.Option(help="New time to live from now: 90, 90s, 15m, 2h, 1d.")] = "15m",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Give a hold a new time to live, counted from now."""
    _change("Extend", reservation_id, request_id, address, as_json, timeout, ttl_seconds=seconds(ttl))


def release(
    reservation_id: IdArgument,
    lines: LinesArgument = None,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Give units back to stock: all that is open, or those named."""
    _change("Release", reservation_id, request_id, address, as_json, timeout, lines=lines or [])


def fulfill(
    reservation_id: IdArgument,
    lines: LinesArgument = None,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say that units of a confirmed reservation left the node: all that is open, or those named."""
    _change("Fulfill", reservation_id, request_id, address, as_json, timeout, lines=lines or [])


def transfer(
    reservation_id: IdArgument,
    lines: Annotated[
        list[str], typer.Argument(metavar="SKU@NODE=QTY...", help="Open units that are to move.", show_default=False)
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="NODE", help="Where they are to be served from.", show_default=False)
    ],
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Move open units to another node, all or none. Exit code 1 if it has too few."""
    from promessa.cli.amounts import Amounts
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit, short_table
    from promessa.v1 import reservation_service_pb2 as messages

    request = messages.TransferRequest(request_id=request_id or new_request_id(), reservation_id=reservation_id)
    moves = cell_amounts(lines)
    with Client(address, timeout_seconds=timeout) as client:
        amounts = Amounts(client)
        for sku, node_id, amount in moves:
            request.moves.add(sku=sku, from_node_id=node_id, to_node_id=to, quantity=amounts.units(sku, amount))
        answer = client.call(client.reservations.Transfer, request)

    def render(to: Console) -> None:
        if answer.shortfalls:
            to.print(short_table(answer.shortfalls))
        render_reservation(to, answer.reservation)

    emit(answer, as_json=as_json, render=render)
    if answer.outcome == messages.TRANSFER_OUTCOME_REFUSED:
        raise typer.Exit(1)


def reservation(
    reservation_id: IdArgument,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show a reservation as the store has it now."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1.reservation_service_pb2 import GetReservationRequest

    with Client(address, timeout_seconds=timeout) as client:
        request = GetReservationRequest(reservation_id=reservation_id)
        answer = client.call(client.reservations.GetReservation, request)
    emit(answer, as_json=as_json, render=lambda to: render_reservation(to, answer.reservation))


def _change(
    method: str,
    reservation_id: str,
    request_id: str | None,
    address: str | None,
    as_json: bool,
    timeout: float,
    *,
    lines: list[str] | None = None,
    ttl_seconds: int = 0,
    **fields: Any,
) -> None:
    """Call a method that changes a reservation, and show it afterwards."""
    from promessa.cli.amounts import Amounts
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import reservation_service_pb2 as messages

    kind: Any = getattr(messages, f"{method}Request")
    request = kind(request_id=request_id or new_request_id(), reservation_id=reservation_id, **fields)
    named = cell_amounts(lines or [])
    if ttl_seconds:
        request.ttl.seconds = ttl_seconds
    with Client(address, timeout_seconds=timeout) as client:
        amounts = Amounts(client)
        for sku, node_id, amount in named:
            request.lines.add(sku=sku, node_id=node_id, quantity=amounts.units(sku, amount))
        answer = client.call(getattr(client.reservations, method), request)
    emit(answer, as_json=as_json, render=lambda to: render_reservation(to, answer.reservation))


def render_reservation(to: Console, found: Any) -> None:
    """A reservation: id, state, and lines."""
    from promessa.cli.output import local_time, table, word
    from promessa.v1.reservation_pb2 import ReservationState

    parts = [f"reservation [bold]{found.reservation_id}[/]", word(ReservationState, found.state)]
    if found.expire_time.seconds:
        parts.append(f"until {local_time(found.expire_time)}")
    parts += [f"{name} {value}" for name, value in (("owner", found.owner_id), ("order", found.order_id)) if value]
    to.print(", ".join(parts))
    rows = table("sku", "node", "granted", "open", "fulfilled", right=["granted", "open", "fulfilled"])
    for line in found.lines:
        rows.add_row(
            line.sku, line.node_id, f"{line.quantity:,}", f"{line.open_quantity:,}", f"{line.fulfilled_quantity:,}"
        )
    to.print(rows)
