"""`promessa reason`: reasons of one's own why units cannot be sold."""

from __future__ import annotations

from typing import Annotated

import typer

from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption

app = typer.Typer(
    help="Reasons of your own why units cannot be sold: list, put, delete.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ReasonArgument = Annotated[str, typer.Argument(metavar="REASON", help="Its id, as recalled.", show_default=False)]


@app.command("list")
def list_reasons(address: AddressOption = None, as_json: JsonOption = False, timeout: TimeoutOption = 10.0) -> None:
    """List all reasons of your own; damaged, quarantine, display, not_found and unspecified are always there."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit, table
    from promessa.cli.pages import whole
    from promessa.v1 import network_service_pb2 as messages

    request, answer = messages.ListUnavailableReasonsRequest(), messages.ListUnavailableReasonsResponse()
    with Client(address, timeout_seconds=timeout) as client:
        whole(client, client.network.ListUnavailableReasons, request, answer, "unavailable_reasons")
    rows = table("reason", "name")
    for reason in answer.unavailable_reasons:
        rows.add_row(reason.reason_id, reason.name or "-")
    emit(answer, as_json=as_json, render=lambda to: to.print(rows))


@app.command("put")
def put(
    reason: ReasonArgument,
    name: Annotated[str, typer.Option(show_default=False, help="Its name for people.")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Create a reason, or give it another name."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    named = {"reason_id": reason, "name": name}
    request = messages.PutUnavailableReasonRequest(request_id=request_id or new_request_id(), unavailable_reason=named)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.PutUnavailableReason, request)
    emit(answer, as_json=as_json, render=lambda to: to.print(f"{reason} can be given to units"))


@app.command("delete")
def delete(
    reason: ReasonArgument,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Delete a reason that no units have."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    request = messages.DeleteUnavailableReasonRequest(request_id=request_id or new_request_id(), reason_id=reason)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.DeleteUnavailableReason, request)
    emit(answer, as_json=as_json, render=lambda to: to.print(f"{reason} is deleted"))
