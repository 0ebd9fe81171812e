"""`promessa watch`: what can be promised, as it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console


def watch(
    skus: Annotated[
        list[str] | None, typer.Argument(metavar="[SKU]...", help="Only these skus.", show_default=False)
    ] = None,
    node: Annotated[list[str] | None, typer.Option(show_default=False, help="Only this node; may be repeated.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(show_default=False, help="Only the nodes of this group; may be repeated.")
    ] = None,
    channel: ChannelOption = "",
    low: Annotated[int, typer.Option(min=0, show_default=False, help="The most units that are low.")] = 0,
    medium: Annotated[int, typer.Option(min=0, show_default=False, help="The most units that are medium.")] = 0,
    high: Annotated[int, typer.Option(min=0, show_default=False, help="The most units that are high.")] = 0,
    levels: Annotated[
        bool, typer.Option("--levels", help="Only crossings, of no level but out of stock unless more are given.")
    ] = False,
    initial: Annotated[bool, typer.Option("--initial", help="Begin with the present state.")] = False,
    resume: Annotated[str, typer.Option(metavar="TOKEN", show_default=False, help="Go on where a watch ended.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="End after so many events; 0: never.")] = 0,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Show what can be promised as it changes, until Ctrl-C. With levels: only when it passes from one to another.

    Goes on by itself when the server restarts. With --json every batch is one line.
    """
    from promessa.cli.client import Client
    from promessa.cli.watching import batches, say_how_to_go_on
    from promessa.v1 import availability_service_pb2 as messages

    request = messages.WatchAvailabilityRequest(
        skus=skus or [],
        node_ids=node or [],
        node_group_ids=group or [],
        channel=channel,
        resume_token=resume,
        include_initial=initial,
    )
    if levels or low or medium or high:
        request.levels.CopyFrom(messages.WatchLevels(low_quantity=low, medium_quantity=medium, high_quantity=high))
    shown = 0
    with Client(address, timeout_seconds=timeout) as client:
        try:
            for batch in batches(client, client.availability.WatchAvailability, request):
                request.include_initial = False
                _show(batch, as_json=as_json)
                shown += len(batch.events)
                if limit and shown >= limit:
                    return
        except KeyboardInterrupt:
            say_how_to_go_on(request.resume_token)


def _show(batch: Any, *, as_json: bool) -> None:
    import json

    from promessa.cli.output import as_dict, console

    if as_json:
        print(json.dumps(as_dict(batch), ensure_ascii=False), flush=True)
    else:
        _render(console(), batch)


def _render(to: Console, batch: Any) -> None:
    from promessa.cli.output import counted, word
    from promessa.v1.availability_pb2 import AvailabilityEventKind

    for event in batch.events:
        told = event.HasField("available_quantity_before")
        before = f"{_amount(event.available_quantity_before, event.status_before)} → " if told else ""
        after = _amount(event.available_quantity, event.status)
        what = word(AvailabilityEventKind, event.kind)
        to.print(f"{event.sku}@{event.node_id}: {before}{after} ({what})", highlight=False)
    if batch.coalesced:
        to.print(f"… {counted(batch.merged_count, 'event')} merged: changes come faster than they are read.")


def _amount(units: int, status: int) -> str:
    """A quantity, or in words that there is no number."""
    from promessa.cli.output import word
    from promessa.v1.availability_pb2 import (
        AVAILABILITY_STATUS_INFINITE,
        AVAILABILITY_STATUS_MADE_TO_ORDER,
        AvailabilityStatus,
    )

    endless = status in (AVAILABILITY_STATUS_INFINITE, AVAILABILITY_STATUS_MADE_TO_ORDER)
    return word(AvailabilityStatus, status) if endless else f"{units:,}"
