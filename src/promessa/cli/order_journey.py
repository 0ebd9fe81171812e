"""`promessa order accept|reject|pick|ship|…`: what nodes, carriers and customers do with orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, LangOption, RequestIdOption, TimeoutOption
from promessa.cli.order import ActorOption, OrderArgument, app, number_of, order_of
from promessa.cli.parsing import instant

if TYPE_CHECKING:
    from promessa.cli.order_texts import OrderTexts

__all__ = ["app"]

REASONS = ("not-found", "damaged", "no-capacity", "node-closed", "other")
DISPOSITIONS = ("resellable", "quarantine", "scrap")

ShipmentOption = Annotated[int, typer.Option("--shipment", min=1, help="The number of the shipment.")]
NodeOption = Annotated[
    str, typer.Option("--node", show_default=False, help="For which node; needed where it is offered to several.")
]
UnitsArgument = Annotated[list[str], typer.Argument(metavar="SKU=QTY...", help="Units of it.", show_default=False)]


@app.command("accept")
def accept(
    order_id: OrderArgument,
    shipment: ShipmentOption = 1,
    node: NodeOption = "",
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A node will ship a shipment; of those that it is offered to, the first one has it."""
    asked = {"order_id": order_id, "shipment_number": shipment, "node_id": node, "actor": actor}
    _step("AcceptShipment", asked, lang, request_id, address, as_json, timeout)


@app.command("reject")
def reject(
    order_id: OrderArgument,
    reason: Annotated[str, typer.Option(show_default=False, help=f"One of {', '.join(REASONS)}.")],
    shipment: ShipmentOption = 1,
    node: NodeOption = "",
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A node will not ship a shipment; if nobody else may accept it, another is looked for."""
    number = number_of(reason, REASONS, "reason")
    asked = {"order_id": order_id, "shipment_number": shipment, "node_id": node, "reason": number, "actor": actor}
    _step("RejectShipment", asked, lang, request_id, address, as_json, timeout)


@app.command("pick")
def pick(
    order_id: OrderArgument,
    short: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SKU=PICKED]...", help="What was there of skus of which not all was.", show_default=False
        ),
    ] = None,
    shipment: ShipmentOption = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Units of a shipment were taken from the shelf: all, or of the skus named so many. The rest is looked for elsewhere."""
    from promessa.cli.order_units import picked

    asked = {"order_id": order_id, "shipment_number": shipment, "actor": actor}
    _step(
        "RecordPick", asked, lang, request_id, address, as_json, timeout,
        more=lambda order: {"short_lines": picked(order, shipment, short or [])},
    )  # fmt: skip


@app.command("ship")
def ship(
    order_id: OrderArgument,
    carrier: Annotated[str, typer.Option(show_default=False, help="Who carries it.")] = "",
    tracking: Annotated[str, typer.Option(show_default=False, help="Its tracking code.")] = "",
    shipment: ShipmentOption = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A shipment left its node."""
    asked = {
        "order_id": order_id,
        "shipment_number": shipment,
        "carrier": carrier,
        "tracking_code": tracking,
        "actor": actor,
    }
    _step("Ship", asked, lang, request_id, address, as_json, timeout)


@app.command("deliver")
def deliver(
    order_id: OrderArgument,
    at: Annotated[str, typer.Option(show_default=False, help="When, ISO 8601. Default: now.")] = "",
    shipment: ShipmentOption = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A shipment was delivered."""
    asked: dict[str, Any] = {"order_id": order_id, "shipment_number": shipment, "actor": actor}
    if at:
        asked["deliver_time"] = instant(at)
    _step("RecordDelivery", asked, lang, request_id, address, as_json, timeout)


@app.command("ready")
def ready(
    order_id: OrderArgument,
    shipment: ShipmentOption = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A shipment waits for its customer; prints the pickup code, once. Again: a new code."""
    asked = {"order_id": order_id, "shipment_number": shipment, "actor": actor}
    _step("MarkReadyForPickup", asked, lang, request_id, address, as_json, timeout)


@app.command("hand-over")
def hand_over(
    order_id: OrderArgument,
    code: Annotated[str, typer.Option(show_default=False, help="The pickup code that the customer shows.")],
    shipment: ShipmentOption = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """A customer collected a shipment."""
    asked = {"order_id": order_id, "shipment_number": shipment, "pickup_code": code, "actor": actor}
    _step("HandOver", asked, lang, request_id, address, as_json, timeout)


@app.command("cancel")
def cancel(
    order_id: OrderArgument,
    units: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SKU=QTY]...", help="Only these units. Default: all that can be.", show_default=False),
    ] = None,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Cancel what has not left yet."""
    from promessa.cli.order_units import cancelled

    _step(
        "CancelOrder", {"order_id": order_id, "actor": actor}, lang, request_id, address, as_json, timeout,
        more=lambda order: {"lines": cancelled(order, units or [])},
    )  # fmt: skip


@app.command("return")
def request_return(
    order_id: OrderArgument,
    units: UnitsArgument,
    reason: Annotated[str, typer.Option(show_default=False, help="Why, in the customer's words.")] = "",
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Units that have left are to come back."""
    from promessa.cli.order_units import returned

    _step(
        "RequestReturn", {"order_id": order_id, "reason": reason, "actor": actor}, lang, request_id, address, as_json,
        timeout, more=lambda order: {"lines": returned(order, units)},
    )  # fmt: skip


@app.command("receive")
def receive(
    order_id: OrderArgument,
    units: UnitsArgument,
    node: Annotated[str, typer.Option(show_default=False, help="Where they came.")],
    how: Annotated[str, typer.Option("--as", help=f"One of {', '.join(DISPOSITIONS)}.")] = "resellable",
    number: Annotated[int, typer.Option("--return", min=1, help="The number of the return.")] = 1,
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Units of a return came to a node."""
    from promessa.cli.order_units import received

    disposition = number_of(how, DISPOSITIONS, "disposition")
    _step(
        "ReceiveReturn", {"order_id": order_id, "return_number": number, "node_id": node, "actor": actor}, lang,
        request_id, address, as_json, timeout, more=lambda order: {"lines": received(order, number, units, disposition)},
    )  # fmt: skip


def _step(
    method: str,
    asked: dict[str, Any],
    lang: str,
    request_id: str | None,
    address: str | None,
    as_json: bool,
    timeout: float,
    *,
    more: Any = None,
) -> None:
    """Make a step of an order and show the order after it; `more` are fields that depend on the order as it is."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.output import emit
    from promessa.v1 import order_service_pb2 as messages

    texts = OrderTexts(lang)
    with Client(address, timeout_seconds=timeout) as client:
        fields = more(order_of(client, asked["order_id"])) if more else {}
        kind: Any = getattr(messages, f"{method}Request")
        request = kind(request_id=request_id or new_request_id(), **asked, **fields)
        answer = client.call(getattr(client.orders, method), request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer, texts))


def _render(to: Any, answer: Any, texts: OrderTexts) -> None:
    from promessa.cli.order_show import render_order
    from promessa.v1.order_service_pb2 import STEP_OUTCOME_ALREADY_DONE

    if getattr(answer, "outcome", 0) == STEP_OUTCOME_ALREADY_DONE:
        to.print(texts("already"))
    render_order(to, answer.order, texts)
    if getattr(answer, "pickup_code", ""):
        to.print(texts("code", code=answer.pickup_code))
