"""`promessa resource`: a node refused units of a sourced order; other nodes are to serve them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import seconds, sku_amounts

REASONS = ("not-found", "damaged", "no-capacity", "closed", "other")
"""In the order of their numbers, which begin with 1."""


def resource(
    reservation_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="The request id of `promessa source --reserve`.", show_default=False),
    ],
    node: Annotated[str, typer.Option("--node", metavar="NODE", show_default=False, help="The node that refuses.")],
    lines: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SKU=QTY]...", help="What it refuses. Default: all it has open.", show_default=False),
    ] = None,
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(REASONS)}.")] = "not-found",
    cooldown: Annotated[
        str, typer.Option(show_default=False, help="How long the node is left alone: 30m, 2h, 1d; 0: not at all.")
    ] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Move what others can serve, if not all.")] = False,
    release: Annotated[
        bool, typer.Option("--release-unserved", help="What no other node serves goes back to stock.")
    ] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Have other nodes serve what a node refused of a sourced order. Exit code 1 if not all of it could be."""
    if reason not in REASONS:
        raise usage(f"--reason is one of {', '.join(REASONS)}.")
    from promessa.cli.amounts import Amounts
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.resourcing_pb2 import RESOURCE_OUTCOME_RESOURCED
    from promessa.v1.sourcing_service_pb2 import ResourceRequest

    request = ResourceRequest(
        request_id=request_id or new_request_id(),
        reservation_id=reservation_id,
        node_id=node,
        reason=1 + REASONS.index(reason),  # type: ignore[arg-type]
        allow_partial=partial,
        release_unserved=release,
    )
    if cooldown:
        request.cooldown.seconds = 0 if cooldown == "0" else seconds(cooldown)
    amounts = sku_amounts(lines or [])
    with Client(address, timeout_seconds=timeout) as client:
        known = Amounts(client)
        for sku, amount in amounts:
            request.lines.add(sku=sku, quantity=known.units(sku, amount))
        answer = client.call(client.sourcing.Resource, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer, node))
    if answer.outcome != RESOURCE_OUTCOME_RESOURCED:
        raise typer.Exit(1)


def _render(to: Any, answer: Any, node: str) -> None:
    from promessa.cli.output import local_time, short_table, word
    from promessa.cli.plan import render_plan
    from promessa.cli.reservation import render_reservation
    from promessa.v1.resourcing_pb2 import RefusalReason, ResourceOutcome

    again = " (the first answer of this request id, given again)" if answer.replayed else ""
    to.print(f"[bold]{word(ResourceOutcome, answer.outcome)}[/], after {answer.previous_decision_id}{again}")
    if answer.HasField("plan"):
        render_plan(to, answer.plan)
    if answer.shortfalls:
        to.print(short_table(answer.shortfalls))
    for each in answer.coolings:
        what = f"sku {each.sku}" if each.sku else "every sku"
        why = word(RefusalReason, each.reason)
        to.print(f"{node} is left alone for {what} until {local_time(each.until_time)}: {why}.", markup=False)
    render_reservation(to, answer.reservation)
