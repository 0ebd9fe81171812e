"""`promessa order exchange`: units of an order come back, and another order is given for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promessa.cli.failure import usage
from promessa.cli.options import (
    AddressOption,
    JsonOption,
    LangOption,
    RequestIdOption,
    TimeoutOption,
)
from promessa.cli.order import ActorOption, OrderArgument, order_of
from promessa.cli.order_journey import UnitsArgument, app
from promessa.cli.order_new import (
    CurrencyOption,
    OfferOption,
    PartialOption,
    PlanTokenOption,
    PriceOption,
    ReservationOption,
)
from promessa.cli.order_wishes import Wishes, check_destination, set_wishes, with_wishes
from promessa.cli.parsing import collected_amounts
from promessa.cli.quote import AcceptOption, LatestPromiseOption, MaxExtraOption

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]


@app.command("exchange")
@with_wishes
def exchange(
    order_id: OrderArgument,
    units: UnitsArgument,
    new_order_id: Annotated[
        str, typer.Option("--new", metavar="ORDER", show_default=False, help="Id of the new order.")
    ],
    give: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SKU=QTY", show_default=False, help="What is given, repeatable; SKU=QTY@NODE is collected there."
        ),
    ] = None,
    *,
    wishes: Wishes,
    reservation: ReservationOption = "",
    reason: Annotated[str, typer.Option(show_default=False, help="Why, in the customer's words.")] = "",
    on_receipt: Annotated[
        bool, typer.Option("--on-receipt", help="Hold the new order, and bring it when the units have come back.")
    ] = False,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="NODE",
            show_default=False,
            help="The shop of the customer: hands over what it has of the new order.",
        ),
    ] = "",
    partial: PartialOption = False,
    price: PriceOption = None,
    currency: CurrencyOption = "",
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
    """Units that have left are to come back, and a new order of the same customer is given for them, both or neither. Exit
    code 1 if the new order cannot be served so."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.order_new import render_placed, set_prices
    from promessa.cli.order_show import render_order
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.order_units import returned
    from promessa.cli.output import emit
    from promessa.cli.quote import set_token
    from promessa.v1 import order_service_pb2 as messages
    from promessa.v1.orders_pb2 import EXCHANGE_POLICY_IMMEDIATE, EXCHANGE_POLICY_ON_RECEIPT

    texts = OrderTexts(lang)
    if not give and not reservation:
        raise usage("Say what is given, as --give SKU=QTY, or give the --reservation that holds it.")
    amounts = collected_amounts(give or [])
    check_destination(amounts, wishes)
    new = messages.NewOrder(order_id=new_order_id, reservation_id=reservation, allow_partial=partial)
    new.offer_count = offer_to
    set_token(new, token, accept_changes=accept_changes, max_extra=max_extra, latest_promise=latest_promise)
    with Client(address, timeout_seconds=timeout) as client:
        before = order_of(client, order_id)
        new.customer_id = before.customer_id
        if amounts:
            set_wishes(client, new.sourcing, amounts, wishes)
        set_prices(client, new, price or [], currency or before.currency_code or "BRL")
        request = messages.ExchangeOrderRequest(
            request_id=request_id or new_request_id(),
            order_id=order_id,
            lines=returned(before, units),
            reason=reason,
            order=new,
            policy=EXCHANGE_POLICY_ON_RECEIPT if on_receipt else EXCHANGE_POLICY_IMMEDIATE,
            return_node_id=at,
            actor=actor,
        )
        answer = client.call(client.orders.ExchangeOrder, request)

    def render(screen: Console) -> None:
        if answer.HasField("exchanged_order"):
            render_order(screen, answer.exchanged_order, texts)
        render_placed(screen, answer, texts)

    emit(answer, as_json=as_json, render=render)
    if not answer.HasField("order"):
        raise typer.Exit(1)
