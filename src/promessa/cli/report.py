"""`promessa report`: what happened, as a table, CSV, a workbook, JSON, or all of it as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, LangOption
from promessa.cli.report_shapes import SHAPES

app = typer.Typer(
    help="Reports over the archive of the event log, and the orders behind them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FirstDay = Annotated[str, typer.Option("--from", metavar="DAY", help="First day, as 2026-11-01.", show_default=False)]
LastDay = Annotated[str, typer.Option("--to", metavar="DAY", help="Last day. Default: the first.", show_default=False)]
Zone = Annotated[
    str,
    typer.Option(
        "--zone",
        help="Time zone whose days these are, as America/Sao_Paulo. Default: the server's.",
        show_default=False,
    ),
]
Rows = Annotated[int, typer.Option("--rows", min=1, max=10_000, help="At most so many rows.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
Xlsx = Annotated[
    Path | None, typer.Option("--xlsx", metavar="FILE", show_default=False, help="Write a workbook instead of a table.")
]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the report.")]
Compare = Annotated[
    int,
    typer.Option(
        "--compare",
        metavar="ORDERS",
        min=0,
        max=1_000,
        help="Decide so many of its orders again, on the stock of now, by the rules that are active and by others.",
    ),
]


def _by(groups: tuple[str, ...]) -> Any:
    """The option that groups rows."""
    return typer.Option(
        "--by",
        metavar="WHAT,…",
        show_default=False,
        help=f"What rows are grouped by: {', '.join(groups)}. Default: as needed.",
    )


_GROUPS = {shape.name: shape.groups for shape in SHAPES}


@app.command("stockouts")
def stockouts(
    first_day: FirstDay,
    last_day: LastDay = "",
    zone: Zone = "",
    by: Annotated[str, _by(_GROUPS["stockouts"])] = "",
    rows: Rows = 1_000,
    as_csv: Csv = False,
    xlsx: Xlsx = None,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: Timeout = 60.0,
) -> None:
    """Demand that was seen and not promised: units, value and the rupture rate, by sku, node and reason."""
    from promessa.cli.report_asking import Period, ask

    found = ask("stockouts", Period(first_day, last_day, zone), address, timeout, rows=rows, by=by)
    _tell("stockouts", found, as_csv=as_csv, xlsx=xlsx, lang=lang, as_json=as_json)


@app.command("sourcing")
def sourcing(
    first_day: FirstDay,
    last_day: LastDay = "",
    zone: Zone = "",
    by: Annotated[str, _by(_GROUPS["sourcing"])] = "",
    compare: Compare = 0,
    rows: Rows = 1_000,
    as_csv: Csv = False,
    xlsx: Xlsx = None,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: Timeout = 60.0,
) -> None:
    """How orders were sourced: shipments, cost by term, what is proven; and what other rules would have made of them."""
    from promessa.cli.report_asking import Period, ask

    period = Period(first_day, last_day, zone)
    found = ask("sourcing", period, address, timeout, rows=rows, by=by, compared_orders_max=compare)
    _tell("sourcing", found, as_csv=as_csv, xlsx=xlsx, lang=lang, as_json=as_json)


def _plain(name: str, about: str) -> None:
    """Add the command of a report whose rows are what they are."""

    def command(
        first_day: FirstDay,
        last_day: LastDay = "",
        zone: Zone = "",
        rows: Rows = 1_000,
        as_csv: Csv = False,
        xlsx: Xlsx = None,
        lang: LangOption = "en",
        address: AddressOption = None,
        as_json: JsonOption = False,
        timeout: Timeout = 60.0,
    ) -> None:
        from promessa.cli.report_asking import Period, ask

        found = ask(name, Period(first_day, last_day, zone), address, timeout, rows=rows)
        _tell(name, found, as_csv=as_csv, xlsx=xlsx, lang=lang, as_json=as_json)

    command.__doc__ = about
    app.command(name)(command)


for _shape in SHAPES:
    if not _shape.groups:
        _plain(_shape.name, _shape.about)


def _tell(name: str, answer: Any, *, as_csv: bool, xlsx: Path | None, lang: str, as_json: bool) -> None:
    """Show an answer in the one way that was asked for."""
    from promessa.cli.failure import usage
    from promessa.cli.output import emit
    from promessa.cli.report_table import print_csv, render
    from promessa.cli.report_texts import words_of

    if as_csv + as_json + (xlsx is not None) > 1:
        raise usage("--csv, --xlsx and --json are three ways to show a report: choose one.")
    words = words_of(lang)
    if as_csv:
        print_csv(answer)
    elif xlsx is not None:
        from promessa.cli.report_workbook import write

        write(xlsx, [(name, answer)], words)
        print(words("saved_workbook", path=xlsx))
    else:
        emit(answer, as_json=as_json, render=lambda to: render(to, answer, words))


@app.command("page")
def page(
    first_day: FirstDay,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", show_default=False, help="Where the page goes.")],
    last_day: LastDay = "",
    zone: Zone = "",
    compare: Compare = 0,
    rows: Rows = 200,
    xlsx: Annotated[
        Path | None,
        typer.Option(
            "--xlsx", metavar="FILE", show_default=False, help="Write a workbook with a sheet for each report, too."
        ),
    ] = None,
    lang: LangOption = "en",
    address: AddressOption = None,
    timeout: Timeout = 60.0,
) -> None:
    """All reports of these days as one HTML page that needs nothing else: charts, and tables that can be sorted."""
    from promessa.cli.report_asking import Period, ask_all
    from promessa.cli.report_page import made
    from promessa.cli.report_texts import words_of

    words = words_of(lang)
    period = Period(first_day, last_day, zone)
    found = ask_all(period, address, timeout, rows=rows, compared_orders_max=compare)
    out.write_text(made(found, period, words), encoding="utf-8")
    print(words("saved", path=out))
    if xlsx is not None:
        from promessa.cli.report_workbook import write

        write(xlsx, [(each.shape.name, each.answer) for each in found], words)
        print(words("saved_workbook", path=xlsx))


@app.command("orders")
def orders(
    first_day: FirstDay,
    report: Annotated[str, typer.Option("--report", show_default=False, help="stockouts, sourcing or shipments.")],
    last_day: LastDay = "",
    zone: Zone = "",
    sku: Annotated[str | None, typer.Option(show_default=False, help="Of this sku.")] = None,
    node: Annotated[str | None, typer.Option(show_default=False, help='At this node; "" where there was none.')] = None,
    reason: Annotated[
        str | None, typer.Option(show_default=False, help="Short or refused for this reason, as not-found.")
    ] = None,
    channel: Annotated[str | None, typer.Option(show_default=False, help='Of this channel; "" of none.')] = None,
    region: Annotated[str | None, typer.Option(show_default=False, help="Of this region, as BR-SP.")] = None,
    policy: Annotated[str | None, typer.Option(show_default=False, help='Decided by this policy; "" by none.')] = None,
    state: Annotated[
        str | None, typer.Option(show_default=False, help="Whose shipment is there now, as shipped.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, max=10_000, help="At most so many orders.")] = 100,
    as_csv: Csv = False,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: Timeout = 60.0,
) -> None:
    """The orders behind a report, or behind those of its rows that these options name, in the order of time."""
    from promessa.cli.failure import usage
    from promessa.cli.output import emit
    from promessa.cli.report_asking import Period, orders_behind
    from promessa.cli.report_table import print_csv, render_orders
    from promessa.cli.report_texts import words_of

    if as_csv and as_json:
        raise usage("--csv and --json are two ways to show orders: choose one.")
    words = words_of(lang)
    named = {"sku": sku, "node_id": node, "reason": reason, "channel": channel, "region": region, "policy_id": policy}
    wanted = {name: value for name, value in {**named, "state": state}.items() if value is not None}
    found = orders_behind(report, Period(first_day, last_day, zone), wanted, address, timeout, rows=rows)
    if as_csv:
        print_csv(found, "orders")
    else:
        emit(found, as_json=as_json, render=lambda to: render_orders(to, found, words))
