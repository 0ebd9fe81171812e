"""`promessa serve`: the supervisor, with flags that overrule settings from environment and file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promessa.cli.failure import usage


def serve(
    host: Annotated[str | None, typer.Option(show_default=False, help="Address the gRPC port listens on.")] = None,
    port: Annotated[int | None, typer.Option(show_default=False, help="gRPC port; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(show_default=False, help="Worker processes.")] = None,
    data_dir: Annotated[Path | None, typer.Option(show_default=False, help="Directory of the server's data.")] = None,
    redis_url: Annotated[
        str | None, typer.Option(show_default=False, help="A Redis or Valkey to use instead of the embedded one.")
    ] = None,
    namespace: Annotated[str | None, typer.Option(show_default=False, help="Name of the data set.")] = None,
    durability: Annotated[
        str | None, typer.Option(show_default=False, help="single, ha or dev: what an acknowledged change survives.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(show_default=False, help="Loopback port of the Prometheus page; 0 for none.")
    ] = None,
    tls_cert_file: Annotated[Path | None, typer.Option(show_default=False, help="Certificate chain, PEM.")] = None,
    tls_key_file: Annotated[Path | None, typer.Option(show_default=False, help="Private key, PEM.")] = None,
    insecure_listen: Annotated[
        bool | None,
        typer.Option("--insecure-listen", show_default=False, help="Listen beyond this machine without TLS."),
    ] = None,
    reflection: Annotated[
        bool | None, typer.Option("--reflection/--no-reflection", show_default=False, help="Serve gRPC reflection.")
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(show_default=False, help="Directory of the archive that reports are made of (archive_dir)."),
    ] = None,
    log_level: Annotated[str | None, typer.Option(show_default=False, help="debug, info, warning or error.")] = None,
    config: Annotated[Path | None, typer.Option(show_default=False, help="TOML file with settings.")] = None,
) -> None:
    """Start a server and run it until it is asked to stop (Ctrl-C, SIGTERM).

    Every setting can also come from a variable (PROMESSA_ and the name in capitals) or a TOML file; flags win.
    `promessa doctor --settings` lists all of them with their values and origins.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("config", "archive")}
    arguments["archive_dir"] = archive
    from promessa.server.settings import Settings, SettingsError
    from promessa.server.supervisor import serve as run_supervisor

    try:
        settings = Settings.load(arguments, config_file=config)
    except SettingsError as error:
        raise usage(str(error)) from None
    raise typer.Exit(run_supervisor(settings))
