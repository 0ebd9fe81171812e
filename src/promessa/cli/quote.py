"""Quotes on the command line: the options of an order, each with the token that has it held, and what becomes of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.parsing import instant, micros

if TYPE_CHECKING:
    from promessa.cli.client import Client

PickupCountOption = Annotated[
    int, typer.Option("--pickup-options", min=0, max=5, help="With --quote: as many options to collect it, too.")
]
TokenOption = Annotated[
    str,
    typer.Option(metavar="TOKEN", show_default=False, help="With --reserve: hold the plan of this token of --quote."),
]
AcceptOption = Annotated[
    bool, typer.Option("--accept-changes", help="With --token: hold another plan where that one cannot be held.")
]
MaxExtraOption = Annotated[
    str,
    typer.Option(
        metavar="MONEY", show_default=False, help="With --accept-changes: no more than so much beyond what was quoted."
    ),
]
LatestPromiseOption = Annotated[
    str, typer.Option(show_default=False, help="With --accept-changes: all of it arrives by then, ISO 8601.")
]


def show_quote(client: Client, wanted: Any, alternatives: int, pickup_count: int, as_json: bool) -> bool:
    """Ask for the options of an order and print them; whether there are any."""
    from promessa.cli.output import emit, word
    from promessa.v1.sourcing_service_pb2 import QuoteMerit, QuoteRequest

    request = QuoteRequest(order=wanted, alternative_count=alternatives, pickup_option_count=pickup_count)
    answer = client.call(client.sourcing.Quote, request)

    def render(to: Any) -> None:
        if not answer.options:
            to.print("Nothing can be served at this destination.")
        for number, option in enumerate(answer.options, 1):
            merits = ", ".join(word(QuoteMerit, merit) for merit in option.merits)
            _render_option(to, f"option {number}", merits, option, is_alternative=number > 1)
        for number, option in enumerate(answer.pickup_options, 1):
            _render_option(to, f"pickup {number}", f"at {option.pickup_node_id}", option, is_alternative=True)

    emit(answer, as_json=as_json, render=render)
    return bool(answer.options or answer.pickup_options)


def _render_option(to: Any, name: str, words: str, option: Any, *, is_alternative: bool) -> None:
    from promessa.cli.output import local_time
    from promessa.cli.plan import render_plan

    to.print(f"[bold]{name}[/] {words}")
    render_plan(to, option.plan, is_alternative=is_alternative)
    if option.plan_token:
        to.print(f"Until {local_time(option.plan_token_expire_time)} held by the token")
        to.print(option.plan_token, markup=False, soft_wrap=True)


def set_token(request: Any, token: str, *, accept_changes: bool, max_extra: str, latest_promise: str) -> None:
    """Write how a token is to be redeemed into a SourceAndReserveRequest or a NewOrder. Raises a usage error for what goes with
    nothing."""
    if (accept_changes and not token) or ((max_extra or latest_promise) and not accept_changes):
        raise usage("--accept-changes goes with --token; --max-extra and --latest-promise go with --accept-changes.")
    request.plan_token, request.accept_changes = token, accept_changes
    if max_extra:
        request.max_extra_cost_micros = micros(max_extra)
    if latest_promise:
        request.latest_promise_time.FromDatetime(instant(latest_promise))


def render_token_result(to: Any, result: Any, currency: str) -> None:
    """What became of a token: held as quoted, or what changed and what serves the order now."""
    from promessa.cli.output import local_time, money, word
    from promessa.cli.plan import render_plan
    from promessa.v1.plan_token_pb2 import PlanTokenChangeKind, PlanTokenOutcome
    from promessa.v1.reservation_pb2 import ShortfallReason

    quoted = money(result.quoted_total_micros, currency)
    to.print(f"[bold]token {word(PlanTokenOutcome, result.outcome)}[/]: quoted at {quoted}", highlight=False)
    for change in result.changes:
        said = f"{word(PlanTokenChangeKind, change.kind)} at {change.node_id}"
        if change.sku:
            there = f"{change.available_quantity:,} of {change.requested_quantity:,}"
            why = f"by {change.supply_date}" if change.supply_date else word(ShortfallReason, change.reason)
            said += f": {there} x {change.sku}, {why}"
        elif change.HasField("promise_time"):
            said += f": {local_time(change.promise_time)} instead of {local_time(change.quoted_promise_time)}"
        to.print(said, markup=False)
    if result.extra_cost_micros:
        more = "more" if result.extra_cost_micros > 0 else "less"
        to.print(f"It costs {money(abs(result.extra_cost_micros), currency)} {more} than was quoted.")
    if result.HasField("plan"):
        render_plan(to, result.plan)
    if result.plan_token:
        to.print(result.plan_token, markup=False, soft_wrap=True)
