"""`promessa confidence` and `promessa check`: how far the books of a node can be believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console


def confidence(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="The sku asked about.", show_default=False)],
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NODE]...", help="Only these nodes. Default: all that have some.", show_default=False),
    ] = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show which share of the units in the books is really there, as learned from checks, node by node."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1.stock_confidence_service_pb2 import GetStockConfidenceRequest

    with Client(address, timeout_seconds=timeout) as client:
        request = GetStockConfidenceRequest(sku=sku, node_ids=nodes or [])
        answer = client.call(client.confidence.GetStockConfidence, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer))


def check(
    checks: Annotated[
        list[str],
        typer.Argument(
            metavar="SKU@NODE=FOUND/LOOKED", help="What was found of what was looked for.", show_default=False
        ),
    ],
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Tell what was found where somebody looked for units: picks and counts. Exit code 1 if one taught nothing."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.stock_confidence_service_pb2 import RecordStockChecksRequest

    request = RecordStockChecksRequest(
        request_id=request_id or new_request_id(), checks=[_parse(word) for word in checks]
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.confidence.RecordStockChecks, request)
    emit(answer, as_json=as_json, render=lambda to: _render_learned(to, answer, checks))
    if answer.rejections:
        raise typer.Exit(1)


def _parse(word: str) -> Any:
    from promessa.v1.stock_confidence_service_pb2 import StockCheck

    match = re.fullmatch(r"(.+)@(.+)=([0-9]{1,10})/([0-9]{1,10})", word)
    if not match:
        raise usage(f"{word!r} is not SKU@NODE=FOUND/LOOKED, for example 85123A@store-17=2/3.")
    sku, node_id, found, looked_for = match.groups()
    return StockCheck(sku=sku, node_id=node_id, found_quantity=int(found), looked_for_quantity=int(looked_for))


def _render(to: Console, answer: Any) -> None:
    from promessa.cli.output import table

    numbers = ["confidence", "available", "expected sellable", "checked"]
    rows = table("node", "class", *numbers, right=numbers)
    for node in answer.nodes:
        checked = (node.found_milliunits + node.missing_milliunits) / 1000
        rows.add_row(
            node.node_id,
            node.stock_class or "-",
            f"{node.confidence_permille / 10:.1f} %",
            f"{node.available_quantity:,}",
            f"{node.expected_sellable_quantity:,}",
            f"{checked:,.0f} units",
        )
    to.print(rows)


def _render_learned(to: Console, answer: Any, checks: list[str]) -> None:
    again = " (the first answer of this request id, given again)" if answer.replayed else ""
    to.print(f"{answer.learned_count} checks learned from{again}")
    for rejection in answer.rejections:
        to.print(f"{checks[rejection.position]}: {rejection.detail}", highlight=False)
