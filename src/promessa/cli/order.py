"""`promessa order`: orders placed, brought, handed over and taken back, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import (
    AddressOption,
    JsonOption,
    LangOption,
    RequestIdOption,
    TimeoutOption,
)
from promessa.cli.order_new import (
    CurrencyOption,
    CustomerOption,
    OfferOption,
    PartialOption,
    PlanTokenOption,
    PriceOption,
    ReservationOption,
)
from promessa.cli.order_wishes import Wishes, check_destination, set_wishes, with_wishes
from promessa.cli.parsing import collected_amounts, instant
from promessa.cli.quote import AcceptOption, LatestPromiseOption, MaxExtraOption

if TYPE_CHECKING:
    from promessa.cli.client import Client

app = typer.Typer(help="Orders: placed, brought, handed over, and taken back.", no_args_is_help=True)

STATES = ("cancelled", "to-source", "placed", "in-preparation", "in-transit", "completed")

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="Its id.", show_default=False)]
ActorOption = Annotated[
    str, typer.Option(envvar="PROMESSA_ACTOR", show_default=False, help="Who does it, for the order's history.")
]


@app.command("place")
@with_wishes
def place(
    order_id: OrderArgument,
    lines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SKU=QTY]...", help="What is ordered; SKU=QTY@NODE is collected there.", show_default=False
        ),
    ] = None,
    *,
    wishes: Wishes,
    reservation: ReservationOption = "",
    partial: PartialOption = False,
    customer: CustomerOption = "",
    price: PriceOption = None,
    currency: CurrencyOption = "BRL",
    offer_to: OfferOption = 0,
    token: PlanTokenOption = "",
    accept_changes: AcceptOption = False,
    max_extra: MaxExtraOption = "",
    latest_promise: LatestPromiseOption = "",
    actor: ActorOption = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Place an order: lines that are sourced, the plan of a token, or what a reservation holds. Exit code 1 if it cannot be
    served so."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.order_new import render_placed, set_prices
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.output import emit
    from promessa.cli.quote import set_token
    from promessa.v1 import order_service_pb2 as messages

    texts = OrderTexts(lang)
    if not lines and not reservation:
        raise usage("Say what is ordered, as SKU=QTY, or give the --reservation that holds it.")
    amounts = collected_amounts(lines or [])
    check_destination(amounts, wishes)
    new = messages.NewOrder(order_id=order_id, reservation_id=reservation, allow_partial=partial, customer_id=customer)
    new.offer_count = offer_to
    set_token(new, token, accept_changes=accept_changes, max_extra=max_extra, latest_promise=latest_promise)
    request = messages.PlaceOrderRequest(request_id=request_id or new_request_id(), order=new, actor=actor)
    with Client(address, timeout_seconds=timeout) as client:
        if amounts:
            set_wishes(client, request.order.sourcing, amounts, wishes)
        set_prices(client, request.order, price or [], currency)
        answer = client.call(client.orders.PlaceOrder, request)
    emit(answer, as_json=as_json, render=lambda screen: render_placed(screen, answer, texts))
    if not answer.HasField("order"):
        raise typer.Exit(1)


@app.command("show")
def show(
    order_id: OrderArgument,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show an order, its shipments, and everything that happened to it."""
    from promessa.cli.client import Client
    from promessa.cli.order_show import render_order
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.output import emit

    texts = OrderTexts(lang)
    with Client(address, timeout_seconds=timeout) as client:
        order = order_of(client, order_id)
    emit(order, as_json=as_json, render=lambda to: render_order(to, order, texts, steps=True))


@app.command("list")
def list_orders(
    state: Annotated[
        list[str] | None, typer.Option(show_default=False, help=f"Only in these: {', '.join(STATES)}.")
    ] = None,
    node: Annotated[
        str,
        typer.Option(show_default=False, help="Only with a shipment that this node has, was offered or hands over."),
    ] = "",
    todo: Annotated[bool, typer.Option("--todo", help="With --node: only where it has something to do.")] = False,
    channel: Annotated[str, typer.Option(show_default=False, help="Only of this channel, or below it.")] = "",
    since: Annotated[
        str, typer.Option(show_default=False, help="Only placed at this instant or later, ISO 8601.")
    ] = "",
    until: Annotated[str, typer.Option(show_default=False, help="Only placed before this instant.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List orders, those placed last first."""
    from promessa.cli.client import Client
    from promessa.cli.order_show import render_orders
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.output import emit
    from promessa.v1 import order_service_pb2 as messages

    texts = OrderTexts(lang)
    if todo and not node:
        raise usage("--todo goes with --node.")
    request = messages.ListOrdersRequest(node_id=node, channel=channel, open_at_node=todo)
    request.states.extend(number_of(each, STATES, "state of an order") for each in state or [])  # type: ignore[misc]
    if since:
        request.placed_from_time.FromDatetime(instant(since))
    if until:
        request.placed_until_time.FromDatetime(instant(until))
    found = messages.ListOrdersResponse()
    with Client(address, timeout_seconds=timeout) as client:
        while len(found.orders) < limit:
            page = client.call(client.orders.ListOrders, request)
            found.orders.extend(page.orders[: limit - len(found.orders)])
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    emit(found, as_json=as_json, render=lambda to: render_orders(to, found.orders, texts))


def order_of(client: Client, order_id: str) -> Any:
    from promessa.v1.order_service_pb2 import GetOrderRequest

    return client.call(client.orders.GetOrder, GetOrderRequest(order_id=order_id)).order


def number_of(word: str, words: tuple[str, ...], what: str) -> int:
    """The number of an enum's value in the contract, whose words are in its order."""
    if word not in words:
        raise usage(f"{word!r} is no {what}. They are {', '.join(words)}.")
    return words.index(word) + 1
