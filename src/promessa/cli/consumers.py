"""`promessa consumers`: who reads the event log for good, and how far behind each is."""

from __future__ import annotations

from typing import Annotated

import typer

from promessa.cli.options import AddressOption, JsonOption, TimeoutOption

app = typer.Typer(
    help="Consumers of the event log: the log is kept for each until it has done it (list, remove).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_consumers(address: AddressOption = None, as_json: JsonOption = False, timeout: TimeoutOption = 10.0) -> None:
    """List all consumers with how far they are behind."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit, local_time, table
    from promessa.v1 import event_log_service_pb2 as messages

    with Client(address, timeout_seconds=timeout) as client:
        found = client.call(client.event_log.ListConsumers, messages.ListConsumersRequest())
    rows = table("consumer", "entries behind", "commits", "caught up", "since", right=["entries behind", "commits"])
    for each in found.consumers:
        rows.add_row(
            each.consumer,
            f"{each.lag_entries:,}",
            f"{each.commit_count:,}",
            local_time(each.caught_up_time),
            local_time(each.register_time),
        )
    emit(found, as_json=as_json, render=lambda to: to.print(rows))


@app.command("remove")
def remove(
    consumer: Annotated[str, typer.Argument(metavar="NAME", help="The consumer.", show_default=False)],
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Forget a consumer: the log is kept for it no longer, and what it has not done is lost to it."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import event_log_service_pb2 as messages

    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.event_log.RemoveConsumer, messages.RemoveConsumerRequest(consumer=consumer))
    emit(answer, as_json=as_json, render=lambda to: to.print(f"{consumer} is no consumer any more."))
