"""`promessa reclassify|unavailable`: why units cannot be sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_quantities

if TYPE_CHECKING:
    from rich.console import Console


def reclassify(
    units: Annotated[str, typer.Argument(metavar="SKU@NODE=QTY", help="Which units.", show_default=False)],
    from_: Annotated[
        str, typer.Option("--from", show_default=False, help="Their reason until now. Default: they could be sold.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", show_default=False, help="Their reason from now on. Default: they can be sold.")
    ] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say why units cannot be sold (damaged, quarantine, display, …), or that they can be again. Exit code 1 if too few."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import inventory_pb2
    from promessa.v1 import inventory_service_pb2 as messages

    if not from_ and not to:
        raise usage("Give --from, --to, or both: the reasons between which the units move.")
    ((sku, node, quantity),) = cell_quantities([units])
    request = messages.ReclassifyStockRequest(
        request_id=request_id or new_request_id(),
        sku=sku,
        node_id=node,
        quantity=quantity,
        from_reason=from_,
        to_reason=to,
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.inventory.ReclassifyStock, request)
    emit(answer, as_json=as_json, render=lambda to_: _render(to_, answer))
    if answer.outcome == inventory_pb2.FEED_OUTCOME_INSUFFICIENT_ON_HAND:
        raise typer.Exit(1)


def _render(to: Console, answer: Any) -> None:
    from promessa.cli.output import word
    from promessa.v1.inventory_pb2 import FeedOutcome

    to.print(f"[bold]{word(FeedOutcome, answer.outcome)}[/]: {answer.cell.available_quantity:,} can be promised")
    for each in answer.unavailable:
        to.print(f"{each.reason}: {each.quantity:,}")


def unavailable(
    node: Annotated[str, typer.Option(show_default=False, help="Only of this node.")] = "",
    reason: Annotated[str, typer.Option(show_default=False, help="Only for this reason.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many cells.")] = 100,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List units that cannot be sold, by reason."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit, table
    from promessa.v1 import inventory_service_pb2 as messages

    request = messages.ListUnavailableStockRequest(node_id=node, reason=reason)
    found = messages.ListUnavailableStockResponse()
    with Client(address, timeout_seconds=timeout) as client:
        while len(found.cells) < limit:
            page = client.call(client.inventory.ListUnavailableStock, request)
            found.cells.extend(page.cells[: limit - len(found.cells)])
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    rows = table("sku", "node", "reason", "units", right=["units"])
    for cell in found.cells:
        for each in cell.unavailable:
            rows.add_row(cell.sku, cell.node_id, each.reason, f"{each.quantity:,}")
    emit(found, as_json=as_json, render=lambda to: to.print(rows))
