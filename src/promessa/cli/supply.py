"""`promessa supply`: what is to come, what came, and what will not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_name, cell_quantities

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="What is to come: purchase orders, transfers, production, returns.", no_args_is_help=True)

KINDS = ("purchase-order", "transfer", "production", "return")
STATES = ("expected", "received", "cancelled", "overdue")

CellArgument = Annotated[
    str, typer.Argument(metavar="SKU@NODE=QTY", help="What comes, and where to.", show_default=False)
]
IdArgument = Annotated[
    str, typer.Argument(metavar="INBOUND", help="Its reference, one within the cell.", show_default=False)
]


@app.command("put")
def put(
    inbound_id: IdArgument,
    cell: CellArgument,
    date: Annotated[str, typer.Option(show_default=False, help="The day it is expected at the node: 2026-12-01.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "purchase-order",
    overdue: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            show_default=False,
            help="What it counts for once its day has passed: slip:DAYS, drop or hold-and-alert. Default: as the server's.",
        ),
    ] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say what is to come, or correct it: quantity and day, until it came."""
    from promessa.v1 import supply_pb2
    from promessa.v1 import supply_service_pb2 as messages

    if kind not in KINDS:
        raise usage(f"{kind!r} is no kind of inbound: one of {', '.join(KINDS)}.")
    sku, node_id, quantity = _cell(cell)
    inbound = supply_pb2.InboundSupply(
        inbound_id=inbound_id,
        sku=sku,
        node_id=node_id,
        kind=f"INBOUND_KIND_{kind.replace('-', '_').upper()}",
        quantity=quantity,
        expected_date=date,
    )
    if overdue:
        inbound.overdue_policy.CopyFrom(_policy(overdue))
    request = messages.PutInboundSupplyRequest(request_id=_id(request_id), inbound_supply=inbound)
    _call("PutInboundSupply", request, address=address, as_json=as_json, timeout=timeout)


@app.command("receive")
def receive(
    inbound_id: IdArgument,
    cell: CellArgument,
    last: Annotated[bool, typer.Option("--last", help="Nothing more comes of it.")] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say that units came: they are on hand in the same change, and held for who waited for them. SKU@NODE alone with --last:
    nothing came, and nothing will."""
    from promessa.v1 import supply_service_pb2 as messages

    if last and "=" not in cell:
        sku, node_id, quantity = *cell_name(cell), 0
    else:
        sku, node_id, quantity = _cell(cell)
    request = messages.ReceiveInboundSupplyRequest(
        request_id=_id(request_id),
        sku=sku,
        node_id=node_id,
        inbound_id=inbound_id,
        quantity=quantity,
        last_delivery=last,
    )
    _call("ReceiveInboundSupply", request, address=address, as_json=as_json, timeout=timeout)


@app.command("cancel")
def cancel(
    inbound_id: IdArgument,
    place: Annotated[str, typer.Argument(metavar="SKU@NODE", help="The cell it was to come to.", show_default=False)],
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say that it will not come. Refused while units of it are promised."""
    from promessa.v1 import supply_service_pb2 as messages

    sku, node_id, _ = _cell(place)
    request = messages.CancelInboundSupplyRequest(
        request_id=_id(request_id), sku=sku, node_id=node_id, inbound_id=inbound_id
    )
    _call("CancelInboundSupply", request, address=address, as_json=as_json, timeout=timeout)


@app.command("limits")
def limits(
    place: Annotated[str, typer.Argument(metavar="SKU@NODE", help="The sku and the node.", show_default=False)],
    backorder: Annotated[
        int, typer.Option(min=-1, show_default=False, help="Units promised before anybody knows what brings them.")
    ] = -1,
    preorder: Annotated[
        str, typer.Option(metavar="UNITS|all", show_default=False, help="Units of what is to come, or all of it.")
    ] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show how many units may be promised beyond the stock; with options, set it first. What is not named stays."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import supply_service_pb2 as messages

    if preorder and not re.fullmatch(r"all|[0-9]{1,10}", preorder):
        raise usage(f"{preorder!r} is neither a number of units nor all.")
    sku, node_id = cell_name(place)
    ask = messages.GetOrderLimitsRequest(sku=sku, node_id=node_id)
    with Client(address, timeout_seconds=timeout) as client:
        found = client.call(client.supply.GetOrderLimits, ask)
        if backorder >= 0 or preorder:
            request = messages.SetOrderLimitsRequest(request_id=_id(request_id), sku=sku, node_id=node_id)
            request.backorder_limit_quantity = backorder if backorder >= 0 else found.backorder_limit_quantity
            if preorder.isdigit():
                request.preorder_limit_quantity = int(preorder)
            elif not preorder and found.HasField("preorder_limit_quantity"):
                request.preorder_limit_quantity = found.preorder_limit_quantity
            client.call(client.supply.SetOrderLimits, request)
            found = client.call(client.supply.GetOrderLimits, ask)
    emit(found, as_json=as_json, render=lambda to: _render_limits(to, found))


def _render_limits(to: Console, found: Any) -> None:
    preorder = f"{found.preorder_limit_quantity:,}" if found.HasField("preorder_limit_quantity") else "all"
    to.print(f"backorder: {found.backordered_quantity:,} of {found.backorder_limit_quantity:,} units promised")
    to.print(f"preorder: {found.preordered_quantity:,} units promised, of {preorder} that may be")


def _policy(text: str) -> Any:
    from promessa.domain.supply import parse_policy
    from promessa.v1.supply_pb2 import OverduePolicy

    try:
        policy = parse_policy(text.upper().replace("-", "_"))
    except ValueError as error:
        raise usage(f"{text!r}: a policy {error}.") from None
    return OverduePolicy(action=policy.action, slip_days=policy.slip_days)  # type: ignore[arg-type]


@app.command("list")
def list_inbound(
    sku: Annotated[str, typer.Option(show_default=False, help="Only of this sku.")] = "",
    node: Annotated[str, typer.Option(show_default=False, help="Only to this node.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(show_default=False, help=f"Only these: {', '.join(STATES)}.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List what is to come, what came, and what is late."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import supply_service_pb2 as messages

    unknown = [each for each in state or [] if each not in STATES]
    if unknown:
        raise usage(f"{unknown[0]!r} is no state of an inbound: one of {', '.join(STATES)}.")
    answer = messages.ListInboundSupplyResponse()
    token = ""
    with Client(address, timeout_seconds=timeout) as client:
        while len(answer.inbound_supplies) < limit:
            page = client.call(
                client.supply.ListInboundSupply,
                messages.ListInboundSupplyRequest(
                    sku=sku,
                    node_id=node,
                    states=[f"INBOUND_STATE_{each.upper()}" for each in state or []],
                    page_size=min(limit - len(answer.inbound_supplies), 1_000),
                    page_token=token,
                ),
            )
            answer.inbound_supplies.extend(page.inbound_supplies)
            token = page.next_page_token
            if not token:
                break
    answer.next_page_token = token
    emit(answer, as_json=as_json, render=lambda to: to.print(_table(answer.inbound_supplies)))


def _cell(word: str) -> tuple[str, str, int]:
    (found,) = cell_quantities([word])
    return found


def _id(request_id: str | None) -> str:
    from promessa.cli.ids import new_request_id

    return request_id or new_request_id()


def _call(method: str, request: Any, *, address: str | None, as_json: bool, timeout: float) -> None:
    from promessa.cli.client import Client
    from promessa.cli.output import emit

    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(getattr(client.supply, method), request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer))


def _render(to: Console, answer: Any) -> None:
    again = " (the first answer of this request id, given again)" if answer.replayed else ""
    to.print(_table([answer.inbound_supply]))
    if again:
        to.print(again.strip())


def _table(inbound: Any) -> Any:
    from promessa.cli.output import table, word
    from promessa.v1.supply_pb2 import InboundKind, InboundState

    numbers = ["quantity", "came", "to come", "promised"]
    rows = table("inbound", "sku", "node", "kind", "expected", "state", *numbers, right=numbers)
    for each in inbound:
        rows.add_row(
            each.inbound_id,
            each.sku,
            each.node_id,
            word(InboundKind, each.kind),
            each.expected_date,
            word(InboundState, each.state),
            f"{each.quantity:,}",
            f"{each.received_quantity:,}",
            f"{each.open_quantity:,}",
            f"{each.bound_quantity:,}",
        )
    return rows
