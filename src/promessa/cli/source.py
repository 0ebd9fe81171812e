"""`promessa source`: which node ships what, at which cost, by when; held, explained or with alternatives."""

from __future__ import annotations

from pathlib import Path
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
from promessa.cli.order_wishes import Wishes, check_destination, set_wishes, with_wishes
from promessa.cli.parsing import collected_amounts, seconds
from promessa.cli.quote import (
    AcceptOption,
    LatestPromiseOption,
    MaxExtraOption,
    PickupCountOption,
    TokenOption,
    render_token_result,
    set_token,
    show_quote,
)

if TYPE_CHECKING:
    from promessa.cli.client import Client
    from promessa.cli.texts import Texts


@with_wishes
def source(
    lines: Annotated[
        list[str],
        typer.Argument(
            metavar="SKU=QTY", help="The order, as SKU=QTY …; SKU=QTY@NODE is collected there.", show_default=False
        ),
    ],
    *,
    wishes: Wishes,
    hold: Annotated[bool, typer.Option("--reserve", help="Hold the plan's units, too.")] = False,
    ttl: Annotated[str, typer.Option(help="With --reserve: how long the hold lives.")] = "15m",
    partial: Annotated[bool, typer.Option("--partial", help="With --reserve: hold what can be served.")] = False,
    owner: Annotated[str, typer.Option(show_default=False, help="With --reserve: who holds it.")] = "",
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Say of every node why it is or is not chosen, what binds, and what would flip it."
        ),
    ] = False,
    map_path: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE.html", show_default=False, help="As --explain, and draw it on a map."),
    ] = None,
    quote: Annotated[
        int | None, typer.Option(show_default=False, min=0, max=5, help="Show this many plans besides the cheapest.")
    ] = None,
    pickup_options: PickupCountOption = 0,
    token: TokenOption = "",
    accept_changes: AcceptOption = False,
    max_extra: MaxExtraOption = "",
    latest_promise: LatestPromiseOption = "",
    order: Annotated[str, typer.Option(show_default=False, help="The order's id.")] = "",
    lang: LangOption = "en",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Decide which nodes serve an order, by the policy that applies or at the lowest cost. Exit code 1 if nothing can be."""
    explain = explain or map_path is not None
    if sum((hold, explain, quote is not None)) > 1:
        raise usage("--reserve, --explain and --quote are three different questions. Ask one at a time.")
    if (token and not hold) or (pickup_options and quote is None):
        raise usage("--token goes with --reserve, and --pickup-options with --quote.")
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.texts import Texts
    from promessa.v1.sourcing_pb2 import SourcingOrder
    from promessa.v1.sourcing_service_pb2 import SourceAndReserveRequest

    amounts = collected_amounts(lines)
    check_destination(amounts, wishes)
    wanted = SourcingOrder(order_id=order)
    with Client(address, timeout_seconds=timeout) as client:
        set_wishes(client, wanted, amounts, wishes)
        if hold:
            request = SourceAndReserveRequest(
                request_id=request_id or new_request_id(), order=wanted, owner_id=owner, allow_partial=partial
            )
            request.ttl.seconds = seconds(ttl)
            set_token(request, token, accept_changes=accept_changes, max_extra=max_extra, latest_promise=latest_promise)
            served = _hold(client, request, as_json)
        elif quote is not None:
            served = show_quote(client, wanted, quote, pickup_options, as_json)
        else:
            served = _source(client, wanted, explain, as_json, Texts(lang), map_path)
    if not served:
        raise typer.Exit(1)


def _source(client: Client, wanted: Any, explain: bool, as_json: bool, texts: Texts, map_path: Path | None) -> bool:
    from promessa.cli.output import age, emit
    from promessa.cli.plan import render_plan
    from promessa.cli.why import all_parts, render_why, write_map
    from promessa.v1.sourcing_service_pb2 import SourceRequest

    request = SourceRequest(order=wanted, explain=explain)
    if explain:
        request.parts.CopyFrom(all_parts(texts))
    answer = client.call(client.sourcing.Source, request)

    def render(to: Any) -> None:
        render_plan(to, answer.plan)
        if explain:
            render_why(to, answer.candidates, answer.explanation, wanted, answer.plan.cost.currency_code, texts)
        to.print(f"Stock as {age(answer.freshness)}.")

    emit(answer, as_json=as_json, render=render)
    if map_path is not None:
        write_map(client, map_path, wanted, answer, texts, quiet=as_json)
    return bool(answer.plan.shipments)


def _hold(client: Client, request: Any, as_json: bool) -> bool:
    from promessa.cli.output import emit
    from promessa.cli.plan import render_plan, render_policy
    from promessa.cli.reserve import render_reserved
    from promessa.v1.reservation_pb2 import RESERVE_OUTCOME_REFUSED

    answer = client.call(client.sourcing.SourceAndReserve, request)

    def render(to: Any) -> None:
        render_reserved(to, answer)
        if answer.HasField("policy"):
            render_policy(to, answer.policy)
        if answer.HasField("plan"):
            render_plan(to, answer.plan)
        if answer.HasField("plan_token_result"):
            result = answer.plan_token_result
            render_token_result(
                to, result, (answer.plan if answer.HasField("plan") else result.plan).cost.currency_code
            )

    emit(answer, as_json=as_json, render=render)
    return bool(answer.outcome != RESERVE_OUTCOME_REFUSED)
