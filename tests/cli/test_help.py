"""Help: what it says is a promise (help.txt; PROMESSA_WRITE_HELP=1 writes it), and it comes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from promessa.cli.main import app, run

SNAPSHOT = Path(__file__).with_name("help.txt")
HEAVY = ("grpc", "google.protobuf", "redis", "rich.console", "pydantic", "msgspec", "promessa.server.settings")


def commands() -> list[list[str]]:
    """Every command, and after a group its own."""
    found = [[str(command.name)] for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        name = str(group.name)
        found += [[name], *([name, str(command.name)] for command in group.typer_instance.registered_commands)]
    return found


def test_help_of_every_command_is_as_promised(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    pages = []
    for command in ([], *commands()):
        words = [*command, "--help"]
        assert run(words) == 0
        pages.append(f"$ promessa {' '.join(words)}\n{capsys.readouterr().out}")
    found = "\n".join(line.rstrip() for line in "\n".join(pages).splitlines()) + "\n"
    if os.environ.get("PROMESSA_WRITE_HELP"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from promessa.cli.main import run; run(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
