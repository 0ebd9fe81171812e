"""`promessa report`: what happened, as a table, as CSV or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="Reports over the archive of the event log (channels, nodes, journey, settlement, stockouts, reservations).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FirstDay = Annotated[str, typer.Option("--from", metavar="DAY", help="First day, as 2026-11-01.", show_default=False)]
LastDay = Annotated[str, typer.Option("--to", metavar="DAY", help="Last day. Default: the first.", show_default=False)]
Zone = Annotated[
    str,
    typer.Option("--zone", envvar="PROMESSA_TIME_ZONE", help="Time zone whose days these are, as America/Sao_Paulo."),
]
Rows = Annotated[int, typer.Option("--rows", min=1, max=10_000, help="At most so many rows.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the report.")]


def _report(name: str, method: str, title: str) -> None:
    """Add a command that asks for one report."""

    def command(
        first_day: FirstDay,
        last_day: LastDay = "",
        zone: Zone = "UTC",
        rows: Rows = 1_000,
        as_csv: Csv = False,
        address: AddressOption = None,
        as_json: JsonOption = False,
        timeout: Timeout = 60.0,
    ) -> None:
        from promessa.cli.client import Client
        from promessa.cli.output import emit
        from promessa.v1 import report_service_pb2 as messages

        period = {"first_day": first_day, "last_day": last_day or first_day, "time_zone": zone}
        request = getattr(messages, f"{method}Request")(period=period, rows_max=rows)
        with Client(address, timeout_seconds=timeout) as client:
            answer = client.call(getattr(client.reports, method), request)
        if as_csv:
            _print_csv(answer)
        else:
            emit(answer, as_json=as_json, render=lambda to: _render(to, answer))

    command.__doc__ = title
    app.command(name)(command)


_report("stockouts", "GetStockoutReport", "Where demand was refused for want of stock: by sku, node and reason.")
_report(
    "channels", "GetChannelPerformance", "Orders of these days and what has become of them: by channel and currency."
)
_report("nodes", "GetNodePerformance", "Shipments offered on these days: accepted, refused, picked, on time: by node.")
_report(
    "journey", "GetJourneyReport", "How long orders and shipments were in each state, and which were late: by channel."
)
_report(
    "settlement", "GetFranchiseSettlement", "Who sold, who served, who took back, and who owes whom for it: by company."
)
_report("reservations", "GetReservationReport", "What has become of the reservations of these days: by channel.")


def _columns(answer: Any) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows; a spread is three columns."""
    from promessa.cli.output import as_dict

    fields = answer.DESCRIPTOR.fields_by_name["rows"].message_type.fields
    headings: list[str] = []
    for field in fields:
        parts = [each.name for each in field.message_type.fields] if field.message_type else [""]
        headings += [f"{field.name}_{part}".rstrip("_") for part in parts]
    rows = []
    for row in answer.rows:
        values: list[Any] = []
        for field in fields:
            value = getattr(row, field.name)
            values += as_dict(value).values() if field.message_type else [value]
        rows.append(values)
    return headings, rows


def _print_csv(answer: Any) -> None:
    import csv
    import sys

    headings, rows = _columns(answer)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)


def _render(to: Console, answer: Any) -> None:
    from promessa.cli.output import local_time, table

    headings, rows = _columns(answer)
    words = {heading: heading.removesuffix("_quantity").replace("_", " ") for heading in headings}
    numbers = [words[heading] for i, heading in enumerate(headings) if not rows or not isinstance(rows[0][i], str)]
    shown = table(*words.values(), right=numbers)
    for row in rows:
        shown.add_row(*(value or "-" if isinstance(value, str) else f"{value:,}" for value in row))
    to.print(shown)
    to.print(
        f"{len(rows):,} of {answer.row_count:,} rows; archived until {local_time(answer.basis.archived_until_time)}"
    )
    if answer.basis.dead_letter_count:
        to.print(f"{answer.basis.dead_letter_count:,} entries of the log could not be read and are missing here.")
