"""`promessa availability`: what can be promised of a sku, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, MethodOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console

ROWS_MAX = 40


def availability(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="The sku asked about.", show_default=False)],
    node: Annotated[list[str] | None, typer.Option(show_default=False, help="Only this node; may be repeated.")] = None,
    group: Annotated[str, typer.Option(show_default=False, help="Only the nodes of this group.")] = "",
    channel: ChannelOption = "",
    method: MethodOption = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Read the store itself, not the replica.")] = False,
    instead: Annotated[
        bool, typer.Option("--instead", help="If there is none, show what could be sold instead.")
    ] = False,
    all_rows: Annotated[bool, typer.Option("--all", help=f"Show every node, not the first {ROWS_MAX}.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what can be promised of a sku: in total, and at each node that has some."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import availability_pb2, availability_service_pb2
    from promessa.v1.network_service_pb2 import GetSkuRequest

    request = availability_service_pb2.GetAvailabilityRequest(
        sku=sku,
        node_ids=node or [],
        node_group_id=group,
        channel=channel,
        fulfillment_method=method,
        consistency=availability_pb2.Consistency(authoritative=fresh),
        offer_substitutes=instead,
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.availability.GetAvailability, request)
        known = answer.status != availability_pb2.AVAILABILITY_STATUS_UNKNOWN_SKU and not as_json
        found = client.call(client.network.GetSku, GetSkuRequest(sku=sku)).sku if known else None
    rows = len(answer.nodes) if all_rows else ROWS_MAX
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer, found, rows))
    if answer.status == availability_pb2.AVAILABILITY_STATUS_UNKNOWN_SKU:
        raise typer.Exit(1)


def _render(to: Console, answer: Any, sku: Any, rows_max: int) -> None:
    from promessa.cli.output import age, counted, quantity, table, word
    from promessa.v1.availability_pb2 import AvailabilityStatus

    if answer.status == AvailabilityStatus.AVAILABILITY_STATUS_UNKNOWN_SKU:
        to.print(f"There is no sku {answer.sku}. Check the spelling, or import it with `promessa import skus.csv`.")
        return
    to.print(
        f"[bold]{answer.sku}[/]: {_total(answer, sku)} at {counted(len(answer.nodes), 'node')}, {age(answer.freshness)}"
    )
    nodes = sorted(answer.nodes, key=lambda node: -node.available_quantity)
    rows = table("node", "available", "status", right=["available"])
    for entry in nodes[:rows_max]:
        endless = entry.status >= AvailabilityStatus.AVAILABILITY_STATUS_INFINITE
        units = "any" if endless else quantity(entry.available_quantity, sku)
        rows.add_row(entry.node_id, units, word(AvailabilityStatus, entry.status))
    if nodes:
        to.print(rows)
    if len(nodes) > rows_max:
        to.print(f"… and {len(nodes) - rows_max:,} more nodes; --all shows them.")
    for offer in answer.substitutes:
        to.print(f"Instead: [bold]{offer.sku}[/], {offer.available_quantity:,} at {counted(len(offer.nodes), 'node')}")


def _total(answer: Any, sku: Any) -> str:
    """The sum over the nodes; where units are not counted there is none."""
    from promessa.cli.output import quantity
    from promessa.v1.availability_pb2 import AvailabilityStatus

    if answer.status >= AvailabilityStatus.AVAILABILITY_STATUS_INFINITE:
        return "any quantity"
    units = quantity(answer.available_quantity, sku)
    return units if units[-1:].isalpha() else f"{units} units"
