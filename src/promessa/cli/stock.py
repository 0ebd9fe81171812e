"""`promessa count|adjust`: units on hand of one cell; files of them are for `promessa import`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_name, instant

if TYPE_CHECKING:
    from rich.console import Console


def count(
    cell: Annotated[
        str, typer.Argument(metavar="SKU@NODE=QTY", help="The cell, and how many were found.", show_default=False)
    ],
    unavailable: Annotated[
        int, typer.Option(min=-1, show_default=False, help="Of these, units that cannot be sold. Default: as before.")
    ] = -1,
    expect: Annotated[
        int, typer.Option(min=-1, show_default=False, help="Only if so many are on hand by the books.")
    ] = -1,
    as_of: Annotated[str, typer.Option(show_default=False, help="When it was counted, ISO 8601. Default: now.")] = "",
    source: Annotated[str, typer.Option(show_default=False, help="Who counted, as erp or pda-7.")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say how many units are on hand at a node. What moved them since comes on top. Exit code 1 if it was not applied."""
    from promessa.cli.ids import new_request_id
    from promessa.v1 import inventory_service_pb2 as messages

    sku, node_id, quantity = _cell(cell, r"[0-9]{1,10}")
    request = messages.SetOnHandRequest(request_id=request_id or new_request_id(), source_id=source)
    request.count.sku, request.count.node_id, request.count.on_hand_quantity = sku, node_id, quantity
    if unavailable >= 0:
        request.count.unavailable_quantity = unavailable
    if expect >= 0:
        request.expected_on_hand_quantity = expect
    if as_of:
        request.as_of.FromDatetime(instant(as_of))
    _call("SetOnHand", request, address=address, as_json=as_json, timeout=timeout)


def adjust(
    cell: Annotated[
        str,
        typer.Argument(
            metavar="SKU@NODE=±QTY", help="The cell, and how many came or left: +5, -2.", show_default=False
        ),
    ],
    reason: Annotated[str, typer.Option(show_default=False, help="Why: sale, receipt, theft, …")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say how many units came to a node or left it. Exit code 1 if there were not so many."""
    from promessa.cli.ids import new_request_id
    from promessa.v1 import inventory_service_pb2 as messages

    sku, node_id, quantity = _cell(cell, r"[+-][0-9]{1,10}")
    request = messages.AdjustStockRequest(request_id=request_id or new_request_id(), reason=reason)
    request.delta.sku, request.delta.node_id, request.delta.delta_quantity = sku, node_id, quantity
    _call("AdjustStock", request, address=address, as_json=as_json, timeout=timeout)


def _cell(word: str, number: str) -> tuple[str, str, int]:
    name, _, quantity = word.rpartition("=")
    if not re.fullmatch(number, quantity):
        raise usage(f"{word!r} names no cell with its units, in the smallest units of the sku: 85123A@store-17=40.")
    return *cell_name(name), int(quantity)


def _call(method: str, request: Any, *, address: str | None, as_json: bool, timeout: float) -> None:
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import inventory_pb2

    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(getattr(client.inventory, method), request)
    emit(answer, as_json=as_json, render=lambda to: render_cell(to, answer))
    if answer.outcome not in (inventory_pb2.FEED_OUTCOME_APPLIED, inventory_pb2.FEED_OUTCOME_UNCHANGED):
        raise typer.Exit(1)


def render_cell(to: Console, answer: Any) -> None:
    """What became of a change of one cell, and the cell after it."""
    from promessa.cli.output import word
    from promessa.v1.inventory_pb2 import FeedOutcome

    cell = answer.cell
    to.print(
        f"[bold]{word(FeedOutcome, answer.outcome)}[/]: {cell.sku} at {cell.node_id} has {cell.on_hand_quantity:,} on hand, "
        f"{cell.safety_stock_quantity:,} of safety stock; {cell.available_quantity:,} can be promised"
    )
