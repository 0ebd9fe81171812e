"""`promessa explain`: why so many units of a sku can be promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, ChannelOption, JsonOption, LangOption, MethodOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console


def explain(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="The sku asked about.", show_default=False)],
    nodes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NODE]...", help="Only these nodes. Default: all that ever had it.", show_default=False
        ),
    ] = None,
    channel: ChannelOption = "",
    method: MethodOption = "",
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Explain what can be promised of a sku, node by node: on hand, less what is withheld, held and committed."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.cli.texts import Texts
    from promessa.v1.availability_service_pb2 import ExplainAvailabilityRequest

    request = ExplainAvailabilityRequest(
        sku=sku,
        node_ids=nodes or [],
        language=Texts(lang).lang,
        channel=channel,
        fulfillment_method=method,
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.availability.ExplainAvailability, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer))


def _render(to: Console, answer: Any) -> None:
    from promessa.cli.output import word
    from promessa.v1.availability_pb2 import AvailabilityStatus

    to.print(f"[bold]{answer.sku}[/]: {answer.available_quantity:,}")
    for entry in answer.nodes:
        to.print(entry.sentence or f"{entry.node_id}: {word(AvailabilityStatus, entry.status)}", highlight=False)
        if entry.HasField("count_time"):
            by = f" by {entry.count_source_id}" if entry.count_source_id else ""
            to.print(f"  last counted {entry.count_time.ToJsonString()}{by}", highlight=False, style="dim")
