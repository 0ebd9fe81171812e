"""`promessa basket`: which nodes can serve a whole basket by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, MethodOption, TimeoutOption
from promessa.cli.parsing import sku_amounts

if TYPE_CHECKING:
    from rich.console import Console

ROWS_MAX = 20
MODES = {"all": 1, "partial": 2, "any": 3}


def basket(
    lines: Annotated[
        list[str], typer.Argument(metavar="SKU=QTY", help="The basket, as SKU=QTY ….", show_default=False)
    ],
    mode: Annotated[
        str, typer.Option(help="all: every line whole. partial: at least one line whole. any: at least one unit.")
    ] = "all",
    node: Annotated[list[str] | None, typer.Option(show_default=False, help="Only this node; may be repeated.")] = None,
    group: Annotated[str, typer.Option(show_default=False, help="Only the nodes of this group.")] = "",
    channel: ChannelOption = "",
    method: MethodOption = "",
    why: Annotated[bool, typer.Option("--why", help="Say of the other nodes why they cannot.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show which nodes can serve a basket without a second shipment. Exit code 1 if none can."""
    from promessa.cli.amounts import Amounts
    from promessa.cli.client import Client
    from promessa.cli.failure import usage
    from promessa.cli.output import emit
    from promessa.v1 import availability_service_pb2 as messages

    if mode not in MODES:
        raise usage(f"There is no mode {mode!r}. Use all, partial or any.")
    wanted = sku_amounts(lines)
    request = messages.CheckBasketRequest(
        mode=messages.BasketMode.Name(MODES[mode]),
        node_ids=node or [],
        node_group_id=group,
        channel=channel,
        fulfillment_method=method,
        omit_rejected=not why and not node,
    )
    with Client(address, timeout_seconds=timeout) as client:
        amounts = Amounts(client)
        for sku, amount in wanted:
            request.lines.add(sku=sku, quantity=amounts.units(sku, amount))
        answer = client.call(client.availability.CheckBasket, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, request, answer))
    if not answer.nodes:
        raise typer.Exit(1)


def _render(to: Console, request: Any, answer: Any) -> None:
    from promessa.cli.output import age, counted, table, word
    from promessa.v1.availability_service_pb2 import BasketRejection

    for line in answer.unknown_sku_lines:
        to.print(f"There is no sku {request.lines[line].sku}.")
    to.print(f"{counted(len(answer.nodes), 'node')} can serve it, {age(answer.freshness)}")
    able = table("node", "whole lines", "units", right=["whole lines", "units"])
    for entry in answer.nodes[:ROWS_MAX]:
        able.add_row(entry.node_id, f"{len(entry.whole_lines)} of {len(request.lines)}", f"{entry.served_quantity:,}")
    if answer.nodes:
        to.print(able)
    if len(answer.nodes) > ROWS_MAX:
        to.print(f"… and {len(answer.nodes) - ROWS_MAX:,} more; --json lists them all.")
    others = table("node", "why not", "lines it is short of")
    for entry in answer.rejected_nodes[:ROWS_MAX]:
        short = ", ".join(request.lines[line].sku for line in entry.short_lines)
        others.add_row(entry.node_id, word(BasketRejection, entry.reason), short)
    if answer.rejected_nodes:
        to.print(others)
