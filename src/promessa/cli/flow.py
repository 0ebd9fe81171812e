"""`promessa flow`: the flows retailers buy an OMS for, each told as it runs against a real server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promessa.cli.options import LangOption

if TYPE_CHECKING:
    from promessa.demo.flows.book import Flow


def flow(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", show_default=False, help="The story to tell. Default: list them all.")
    ] = "",
    address: Annotated[
        str,
        typer.Option(
            "--address", show_default=False, help="Server, as host:port. Default: one of its own, for this story."
        ),
    ] = "",
    clock_file: Annotated[
        Path | None,
        typer.Option(
            "--clock-file",
            show_default=False,
            help="With --address: that server's PROMESSA_CLOCK_FILE, for stories that wait for days.",
        ),
    ] = None,
    lang: LangOption = "en",
) -> None:
    """Run a flow from the order to the customer, with a small chain of its own, and tell it line by line.

    Exit code 1 if something is not as the story needs it. With --address the chain stays on that server.
    """
    from promessa.cli.failure import usage
    from promessa.cli.flow_run import run_flow
    from promessa.cli.output import console
    from promessa.cli.texts import Texts
    from promessa.demo.flows.book import FLOWS
    from promessa.demo.flows.telling import ENGLISH, PORTUGUESE

    index = PORTUGUESE if Texts(lang).lang == "pt-BR" else ENGLISH
    if not name:
        console().print(_listed(list(FLOWS.values()), index))
        return
    if name not in FLOWS:
        raise usage(f"{name!r} is no flow. They are {', '.join(FLOWS)}.")
    found = FLOWS[name]
    if found.needs_clock and address and clock_file is None:
        raise usage(f"In {name!r} days pass: name the server's --clock-file, or leave --address out.")
    run_flow(found, console(), index, address=address, clock_file=clock_file)


def _listed(flows: list[Flow], index: int) -> object:
    from promessa.cli.output import table

    rows = table(("flow", "fluxo")[index], ("what", "o quê")[index])
    for each in flows:
        rows.add_row(each.name, each.title[index])
    return rows
