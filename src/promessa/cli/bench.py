"""`promessa bench`: runs the measures of the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promessa.cli.failure import Failure


def bench(
    only: Annotated[list[str] | None, typer.Option(show_default=False, help="Only this measure; repeatable.")] = None,
) -> None:
    """Measure promessa beside its yardsticks (bench/run.py of a checkout)."""
    import subprocess
    import sys

    script = find_script()
    arguments = ["--only", *only] if only else []
    raise typer.Exit(subprocess.run([sys.executable, str(script), *arguments], check=False).returncode)


def find_script(start: Path | None = None) -> Path:
    """bench/run.py of the checkout the command was installed from, or the one we are in."""
    here = start or Path.cwd()
    installed = Path(__file__).resolve().parents[3]
    for root in (installed, here, *here.parents):
        script = root / "bench" / "run.py"
        if script.is_file() and (root / "pyproject.toml").is_file():
            return script
    raise Failure(
        "The measures are part of the source tree, not of the installed package, and there is no bench/run.py here. "
        "Clone the repository, run `make setup` in it, and then `promessa bench` there."
    )
