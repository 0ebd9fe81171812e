"""New orders on the command line: what `promessa order place` and `promessa order exchange` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.parsing import ONE, micros
from promessa.domain.limits import OFFERS_MAX

if TYPE_CHECKING:
    from rich.console import Console

    from promessa.cli.client import Client
    from promessa.cli.order_texts import OrderTexts

ReservationOption = Annotated[str, typer.Option(show_default=False, help="The reservation that holds it.")]
PartialOption = Annotated[bool, typer.Option("--partial", help="Also if not all of it can be served.")]
CustomerOption = Annotated[str, typer.Option(show_default=False, help="Who buys it.")]
OfferOption = Annotated[
    int,
    typer.Option(
        "--offer-to", metavar="N", min=0, max=OFFERS_MAX, show_default=False,
        help="Offer what is sent to so many nodes; the first to accept has it. Default: as the policy says.",
    ),
]  # fmt: skip
PlanTokenOption = Annotated[
    str,
    typer.Option(
        "--token", metavar="TOKEN", show_default=False,
        help="Place the plan of this token, of `promessa source --quote` for the same lines and options.",
    ),
]  # fmt: skip
PriceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--price", metavar="SKU=MONEY", show_default=False,
        help="What one of a sku is sold for, repeatable; of one with a unit, one unit, as a kilogram.",
    ),
]  # fmt: skip
CurrencyOption = Annotated[
    str,
    typer.Option(
        metavar="CODE", show_default=False,
        help="Currency of the prices, ISO 4217. Default: BRL, in an exchange that of the order.",
    ),
]  # fmt: skip


def set_prices(client: Client, new: Any, prices: Sequence[str], currency: str) -> None:
    """Write the prices of skus into the lines of a new order that have them."""
    from promessa.cli.amounts import Amounts

    known = Amounts(client)
    for word in prices:
        sku, _, money = word.rpartition("=")
        lines = [i for i, line in enumerate(new.sourcing.lines) if line.sku == sku]
        if not lines:
            raise usage(
                f"{word!r} is no price of what is ordered. Write SKU=MONEY with a sku of a line, as 85123A=49.90."
            )
        micros_of_one, units_in_one = micros(money), known.units(sku, ONE)
        if micros_of_one % units_in_one:
            raise usage(
                f"{money} for one of {sku} is too fine: its {units_in_one:,} smallest units cost no whole micros."
            )
        for line in lines:
            new.prices.add(line=line, unit_price_micros=micros_of_one // units_in_one)
    if prices:
        new.currency_code = currency


def render_placed(to: Console, answer: Any, texts: OrderTexts) -> None:
    """A new order, or why there is none."""
    from promessa.cli.order_show import render_order
    from promessa.cli.output import short_table
    from promessa.v1.order_service_pb2 import PLACE_ORDER_OUTCOME_PLAN_CHANGED

    if answer.HasField("order"):
        render_order(to, answer.order, texts)
    elif answer.outcome == PLACE_ORDER_OUTCOME_PLAN_CHANGED:
        to.print(texts("plan changed"))
    else:
        to.print(texts("not served"))
        to.print(short_table(answer.shortfalls))
    if answer.HasField("plan_token_result"):
        _render_token(to, answer.plan_token_result, texts)


def _render_token(to: Console, result: Any, texts: OrderTexts) -> None:
    """What became of a token: placed as quoted, or what changed, what that costs, and the token of what serves it now."""
    from promessa.cli.output import local_time, money
    from promessa.cli.plan import render_plan
    from promessa.v1.plan_token_pb2 import PlanTokenChangeKind, PlanTokenOutcome

    quoted = money(result.quoted_total_micros, result.plan.cost.currency_code)
    to.print(texts("quoted", outcome=texts.of(PlanTokenOutcome, result.outcome), cost=quoted), highlight=False)
    for change in result.changes:
        said = f"{change.node_id}: {texts.of(PlanTokenChangeKind, change.kind)}"
        if change.sku:
            by = f", {change.supply_date}" if change.supply_date else ""
            said += f" ({change.sku}: {change.available_quantity:,} / {change.requested_quantity:,}{by})"
        elif change.HasField("promise_time"):
            said += f" ({local_time(change.quoted_promise_time)} → {local_time(change.promise_time)})"
        to.print(said, markup=False, highlight=False)
    if result.extra_cost_micros:
        more = "costs more" if result.extra_cost_micros > 0 else "costs less"
        to.print(texts(more, cost=money(abs(result.extra_cost_micros), result.plan.cost.currency_code)))
    if result.HasField("plan"):
        render_plan(to, result.plan)
    if result.plan_token:
        to.print(result.plan_token, markup=False, soft_wrap=True)
