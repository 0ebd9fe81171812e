"""`promessa source-wave`: orders of a file in waves, planned jointly, beside one after another; held on request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, LangOption
from promessa.cli.parsing import seconds

if TYPE_CHECKING:
    from rich.console import Console

    from promessa.cli.client import Client
    from promessa.cli.simulate_texts import Words

PRICES_SHOWN = 10


def source_wave(
    orders: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="Orders as CSV or JSON lines, see simulate.")
    ],
    size: Annotated[int, typer.Option(min=1, max=500, help="Orders of a wave.")] = 100,
    rounds: Annotated[int, typer.Option(min=1, max=200, help="Rounds to look for a better plan, at most.")] = 12,
    hold: Annotated[bool, typer.Option("--reserve", help="Hold the plans' units, too.")] = False,
    ttl: Annotated[str, typer.Option(help="With --reserve: how long the holds live.")] = "15m",
    owner: Annotated[str, typer.Option(show_default=False, help="With --reserve: who holds them.")] = "",
    prefix: Annotated[
        str,
        typer.Option(
            "--request-prefix",
            show_default=False,
            help="With --reserve: request ids are PREFIX.1, …; repeated with the same file it is done once. Default: new.",
        ),
    ] = "",
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide the orders of a file together, wave by wave, and say what that gains over one after another. Exit code 1 if any
    cannot be decided."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import console, print_json
    from promessa.cli.simulate_orders import OrderFile
    from promessa.cli.simulate_texts import Words
    from promessa.cli.texts import Texts
    from promessa.cli.wave_texts import WAVE_TEXTS
    from promessa.v1 import sourcing_service_pb2 as messages

    texts = Texts(lang)
    file, prefix = OrderFile(orders, texts), prefix or new_request_id()
    settings = {"plan_only": not hold, "rounds_max": rounds}

    def requests() -> Iterator[Any]:
        for number, each in enumerate(file.orders(), 1):
            request = messages.SourceAndReserveRequest(
                request_id=f"{prefix}.{number}", order=each.order, owner_id=owner, allow_partial=each.allow_partial
            )
            request.ttl.seconds = seconds(ttl)
            yield request

    with Client(address) as client:
        reports, results = _run(client, _messages(settings, requests(), size))
    errors = [each.error for each in results if each.HasField("error")]
    rejected = [{"line": line, "why": why} for line, why in file.rejects]
    if as_json:
        from promessa.cli.output import as_dict

        told = {"waves": [as_dict(x) for x in reports], "results": [as_dict(x) for x in results]}
        print_json({**told, "rejected_lines": rejected, "request_prefix": prefix})
    else:
        _render(console(), Words(texts, WAVE_TEXTS), reports, results, errors, file.rejects, prefix if hold else "")
    if errors or rejected:
        raise typer.Exit(1)


def _messages(settings: dict[str, Any], requests: Iterable[Any], size: int) -> Iterator[Any]:
    from itertools import islice

    from promessa.v1 import sourcing_service_pb2 as messages

    waiting, first = iter(requests), True
    while some := list(islice(waiting, size)):
        yield messages.SourceStreamRequest(settings=settings if first else None, orders=some)
        first = False


def _run(client: Client, requests: Iterator[Any]) -> tuple[list[Any], list[Any]]:
    """The reports of the waves, and the results of all orders. Raises Failure."""
    import grpc

    from promessa.cli.failure import of_rpc

    reports: list[Any] = []
    results: list[Any] = []
    try:
        for told in client.sourcing.SourceStream(requests):
            results += told.results
            if told.HasField("report"):
                reports.append(told.report)
    except grpc.RpcError as error:
        raise of_rpc(error, address=client.address) from None
    return reports, results


def _render(
    to: Console,
    words: Words,
    reports: list[Any],
    results: list[Any],
    errors: list[Any],
    rejects: list[tuple[int, str]],
    prefix: str,
) -> None:
    """What the waves came to, and what was scarce in them."""
    from promessa.cli.output import money, table

    def total(name: str) -> int:
        return sum(getattr(each, name) for each in reports)

    currency = next((each.currency_code for each in reports if each.currency_code), "")
    heads = [words("measure"), words("one_by_one"), words("together")]
    rows = table(*heads, right=heads[1:])
    rows.add_row(words("planned"), *[words.number(total("planned_order_count"))] * 2)
    rows.add_row(
        words("unserved"),
        words.number(total("one_by_one_unserved_quantity")),
        words.number(total("unserved_quantity")),
    )
    rows.add_row(words("cost"), money(total("one_by_one_cost_micros"), currency), money(total("cost_micros"), currency))
    rows.add_row(words("bound"), "", money(total("lower_bound_micros"), currency))
    to.print(words("title", orders=words.number(len(results)), waves=words.number(len(reports))), style="bold")
    to.print(rows)
    scarce, days = total("scarce_cell_count"), total("scarce_day_count")
    to.print(words("scarce", cells=words.number(scarce), days=words.number(days), rounds=total("round_count")))
    _render_prices(to, words, reports, currency)
    for key in ("replayed", "changed", "failed"):
        if count := total(f"{key}_order_count"):
            to.print(words(key, count=words.number(count)))
    for reason in sorted({each.message for each in errors})[:PRICES_SHOWN]:
        to.print(reason, markup=False)
    for line, why in rejects[:PRICES_SHOWN]:
        to.print(words("line", line=line, why=why), markup=False)
    to.print(words("held", prefix=prefix) if prefix else words("not_held"), markup=False)


def _render_prices(to: Console, words: Words, reports: list[Any], currency: str) -> None:
    """What one more unit would be worth, the dearest first."""
    from promessa.cli.output import money, table

    prices = sorted((each for report in reports for each in report.prices), key=lambda each: -each.price_micros)
    if not prices:
        return
    heads = [words("node"), words("sku"), words("worth")]
    rows = table(*heads, right=heads[2:])
    for each in prices[:PRICES_SHOWN]:
        rows.add_row(each.node_id, each.sku or words("work"), money(each.price_micros, currency))
    to.print(rows)
