"""`promessa orders`: what somebody should look at, once or as it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import Failure, usage
from promessa.cli.options import AddressOption, JsonOption, LangOption, TimeoutOption
from promessa.cli.order import STATES, number_of

if TYPE_CHECKING:
    from promessa.cli.client import Client
    from promessa.cli.order_board import OrderBoard
    from promessa.cli.order_texts import OrderTexts

ALERTS = ("at-risk", "late", "refused", "stuck")
FRAME_LINES = 8
"""Lines of a live view that are no orders."""


def orders(
    alert: Annotated[
        list[str] | None,
        typer.Option(show_default=False, help=f"Only with these alerts: {', '.join(ALERTS)}. Default: any of them."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those without an alert.")] = False,
    state: Annotated[
        list[str] | None, typer.Option(show_default=False, help=f"Only in these: {', '.join(STATES)}.")
    ] = None,
    node: Annotated[str, typer.Option(show_default=False, help="Only with a shipment of this node.")] = "",
    channel: Annotated[str, typer.Option(show_default=False, help="Only of this channel, or below it.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Show them as they change, until Ctrl-C.")] = False,
    resume: Annotated[
        str, typer.Option(metavar="TOKEN", show_default=False, help="Tell the steps since a watch ended, and go on.")
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="End a watch after so many changes; 0: never.")] = 0,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show the orders that somebody should look at: late, at risk, refused, stuck; the most urgent first.

    With --watch on a terminal they are a live view; elsewhere, with --resume and with --json every change is a line.
    """
    from promessa.cli.client import Client
    from promessa.cli.order_board import OrderBoard
    from promessa.cli.order_texts import OrderTexts
    from promessa.cli.output import console
    from promessa.v1 import order_service_pb2 as messages

    if alert and every:
        raise usage("--all and --alert exclude each other.")
    texts = OrderTexts(lang)
    request = messages.WatchOrdersRequest(node_id=node, channel=channel, resume_token=resume)
    request.states.extend(number_of(each, STATES, "state of an order") for each in state or [])  # type: ignore[misc]
    request.alerts.extend(number_of(each, ALERTS, "alert") for each in (() if every else alert or ALERTS))  # type: ignore[misc]
    board = OrderBoard(texts)
    with Client(address, timeout_seconds=timeout) as client:
        if not watch and not resume:
            _show_once(client, request, board, texts, as_json=as_json)
        elif as_json or resume or not console().is_terminal:
            _tell_changes(client, request, texts, limit, as_json=as_json)
        else:
            _show_live(client, request, board, limit)


def _show_once(client: Client, request: Any, board: OrderBoard, texts: OrderTexts, *, as_json: bool) -> None:
    from promessa.cli.output import emit
    from promessa.cli.watching import batches
    from promessa.v1 import order_service_pb2 as messages

    for batch in batches(client, client.orders.WatchOrders, request, begin_anew=board.clear):
        board.enter(batch)
        if batch.resume_token:
            break

    def render(to: Any) -> None:
        to.print(board.head())
        if board.orders:
            to.print(board.table())

    emit(messages.ListOrdersResponse(orders=board.orders.values()), as_json=as_json, render=render)


def _tell_changes(client: Client, request: Any, texts: OrderTexts, limit: int, *, as_json: bool) -> None:
    """Every change as a line."""
    import json

    from promessa.cli.order_show import change_line
    from promessa.cli.output import as_dict, console
    from promessa.cli.watching import batches, say_how_to_go_on

    told = 0
    try:
        for batch in batches(client, client.orders.WatchOrders, request):
            if as_json:
                print(json.dumps(as_dict(batch), ensure_ascii=False), flush=True)
            for change in () if as_json else batch.changes:
                console().print(change_line(change, texts), soft_wrap=True, markup=False)
            told += len(batch.changes)
            if limit and told >= limit:
                return
    except KeyboardInterrupt:
        say_how_to_go_on(request.resume_token)


def _show_live(client: Client, request: Any, board: OrderBoard, limit: int) -> None:
    """One screen that follows the orders; a token that expired while the server was away begins anew."""
    from rich.console import Group
    from rich.live import Live

    from promessa.cli.output import console
    from promessa.cli.watching import batches

    screen = console()

    def view() -> Any:
        return Group(board.head(), board.table(rows_max=max(1, screen.height - FRAME_LINES)))

    told = 0
    with Live(get_renderable=view, console=screen, refresh_per_second=1) as live:
        try:
            while not limit or told < limit:
                try:
                    for batch in batches(client, client.orders.WatchOrders, request, begin_anew=board.clear):
                        board.enter(batch)
                        live.refresh()
                        told += len(batch.changes)
                        if limit and told >= limit:
                            break
                except Failure as failure:
                    if failure.reason != "RESUME_TOKEN_EXPIRED":
                        raise
                    request.resume_token = ""
                    board.clear()
        except KeyboardInterrupt:
            return
