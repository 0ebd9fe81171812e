"""`promessa doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promessa.cli.options import AddressOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promessa.cli.doctor_finding import Finding
    from promessa.server.settings import SettingLine


def doctor(
    health: Annotated[
        bool, typer.Option("--health", help="Only ask the server whether it serves, for containers: exit code 0 or 1.")
    ] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="List every setting with its value and where it came from.")
    ] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at this machine and the server on it. Exit code 1 if anything needs attention."""
    from promessa.cli.doctor_checks import all_findings
    from promessa.cli.doctor_health import health_finding

    findings = [health_finding(address, "")] if health else all_findings(address)
    if as_json:
        _print_json(findings, with_settings=settings)
    else:
        _render(findings)
        if settings:
            _render_settings()
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_json(findings: Sequence[Finding], *, with_settings: bool) -> None:
    from dataclasses import asdict

    from promessa.cli.output import print_json

    found: dict[str, object] = {
        "ok": all(finding.ok for finding in findings),
        "checks": [asdict(finding) for finding in findings],
    }
    if with_settings:
        found["settings"] = [asdict(line) for line in _settings_lines()]
    print_json(found)


def _render(findings: Sequence[Finding]) -> None:
    from rich.markup import escape

    from promessa.cli.output import console

    to = console()
    for finding in findings:
        mark = "[green]OK     [/]" if finding.ok else "[red]PROBLEM[/]"
        to.print(f"{mark} {finding.name}: {escape(finding.found)}", soft_wrap=True)
        if finding.advice:
            to.print(f"        {escape(finding.advice)}", soft_wrap=True)


def _settings_lines() -> Sequence[SettingLine]:
    from promessa.cli.failure import Failure
    from promessa.server.settings import Settings, SettingsError

    try:
        return Settings.load().describe()
    except SettingsError as error:
        raise Failure(str(error)) from None


def _render_settings() -> None:
    from promessa.cli.output import console, table

    rows = table("setting", "value", "from", "meaning")
    for line in _settings_lines():
        rows.add_row(line.variable, line.value, line.origin, line.meaning)
    console().print(rows)
