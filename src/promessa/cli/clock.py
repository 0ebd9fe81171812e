"""`promessa clock`: set the clock of a server forward that was started to try things out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer


def clock(
    file: Annotated[
        Path,
        typer.Option(
            "--file", envvar="PROMESSA_CLOCK_FILE", help="The server's PROMESSA_CLOCK_FILE.", show_default=False
        ),
    ],
    days: Annotated[int, typer.Option("--days", min=0, max=3_650, help="Days to go forward.")] = 0,
    hours: Annotated[int, typer.Option("--hours", min=0, help="Hours to go forward.")] = 0,
    minutes: Annotated[int, typer.Option("--minutes", min=0, help="Minutes to go forward.")] = 0,
) -> None:
    """Set the clock of a server forward, to try out what takes days; it is never set back. Without a time: show it."""
    from promessa.cli.failure import Failure
    from promessa.server.clock import clock_of, set_forward

    if not file.is_file():
        raise Failure(f"There is no clock file {file}. Name the PROMESSA_CLOCK_FILE of a running server.")
    try:
        set_forward(file, round(timedelta(days=days, hours=hours, minutes=minutes).total_seconds() * 1000))
        now = datetime.fromtimestamp(clock_of(file)() / 1000).astimezone()
    except (OSError, OverflowError, ValueError) as error:
        raise Failure(f"The clock file {file} cannot be used: {error}. Name that of a running server.") from None
    typer.echo(f"For servers of {file} it is {now:%Y-%m-%d %H:%M:%S %z}.")
