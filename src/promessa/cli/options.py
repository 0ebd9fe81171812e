"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        envvar="PROMESSA_ADDRESS",
        show_default=False,
        help="Server, as host:port. Default: the one running on this machine (its run.json), else PROMESSA_PORT, else 50051.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")]
TimeoutOption = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the server's answer.")]
CHANNEL_HELP = "For this channel, a path as web/vip: its allocation pools count, too."
ChannelOption = Annotated[str, typer.Option("--channel", show_default=False, help=CHANNEL_HELP)]
METHOD_HELP = "To be fulfilled by this method, as pickup: its safety stock rules count, too."
MethodOption = Annotated[str, typer.Option("--method", show_default=False, help=METHOD_HELP)]

RequestIdOption = Annotated[
    str | None,
    typer.Option(
        "--request-id",
        show_default=False,
        help="Id of this request: repeated with the same id it is done once. Default: a new UUIDv7.",
    ),
]
LangOption = Annotated[
    str, typer.Option("--lang", envvar="PROMESSA_LANG", help="Language of results for people: en or pt-BR.")
]
