"""`promessa pause|resume`: whether a node takes orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import instant, seconds

if TYPE_CHECKING:
    from rich.console import Console


def pause(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node.", show_default=False)],
    until: Annotated[
        str | None, typer.Option(metavar="INSTANT", show_default=False, help="Until then: 2026-12-24T18:00-03:00.")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", show_default=False, help="For so long: 90m, 2h, 1d.")
    ] = None,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Let a node take no orders: until it is resumed, or comes back by itself. What it has goes on."""
    from datetime import UTC, datetime, timedelta

    from promessa.v1.network_pb2 import NODE_STATE_PAUSED

    if until and for_:
        raise usage("Give --until or --for, not both.")
    end = instant(until) if until else datetime.now(UTC) + timedelta(seconds=seconds(for_)) if for_ else None
    _set(node, NODE_STATE_PAUSED, end, request_id, address, as_json=as_json, timeout=timeout)


def resume(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node.", show_default=False)],
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Let a paused node take orders again."""
    from promessa.v1.network_pb2 import NODE_STATE_ACTIVE

    _set(node, NODE_STATE_ACTIVE, None, request_id, address, as_json=as_json, timeout=timeout)


def _set(
    node: str, state: Any, end: Any, request_id: str | None, address: str | None, *, as_json: bool, timeout: float
) -> None:
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.network_service_pb2 import SetNodeStateRequest

    request = SetNodeStateRequest(request_id=request_id or new_request_id(), node_id=node, state=state)
    if end is not None:
        request.until_time.FromDatetime(end)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.SetNodeState, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer.node))


def _render(to: Console, node: Any) -> None:
    from promessa.cli.output import word
    from promessa.v1.network_pb2 import NodeState

    until = ""
    if node.HasField("paused_until_time"):
        until = f" until {node.paused_until_time.ToDatetime().isoformat(sep=' ', timespec='seconds')} UTC"
    to.print(f"[bold]{node.node_id}[/]: {word(NodeState, node.state)}{until}")
