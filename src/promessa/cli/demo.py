"""`promessa demo`: a running system on real data, and the proof that it sells every unit once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promessa.cli.options import JsonOption, LangOption


def demo(
    orders: Annotated[int, typer.Option(min=1, max=100_000, help="Orders to replay.")] = 2_000,
    stores: Annotated[int, typer.Option(min=4, max=2_000, help="Stores of the chain, besides 4 centres.")] = 316,
    sku_limit: Annotated[
        int | None, typer.Option("--skus", min=10, show_default=False, help="Only the most popular skus. Default: all.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server up afterwards, and show what to try.")] = False,
    serve_only: Annotated[bool, typer.Option("--serve", help="Only load the chain, and serve until Ctrl-C.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(show_default=False, help="Directory of the demo's data, emptied first. Default: ./var/demo."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="gRPC port; 0 takes a free one.")] = 0,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Start a server with an embedded store, load a chain, replay real orders, hold a flash sale, have the orders travel, audit
    the books, and make a page of the reports.

    Exit code 1 if a unit was oversold, the flash sale was not exact, or books or reports do not agree.
    """
    from promessa.cli.demo_run import run_demo
    from promessa.cli.texts import Texts

    code = run_demo(
        orders=orders,
        stores=stores,
        sku_limit=sku_limit,
        data_dir=data_dir,
        port=port,
        keep=keep,
        serve_only=serve_only,
        lang=Texts(lang).lang,
        as_json=as_json,
    )
    raise typer.Exit(code)
