"""The demo's own server: `promessa serve` as a child, with an embedded store and a data directory of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from promessa.cli.failure import Failure

MARK = "promessa-demo"
"""A file in the demo's data directory: only a directory that has it is ever emptied."""

STOP_SECONDS = 60.0


@contextmanager
def serving(data_dir: Path | None, port: int) -> Iterator[tuple[str, int]]:
    """A server with two workers, until the block ends: its address and metrics port.

    None of the settings around it reach it: it must not touch a store that somebody works with.
    """
    directory, temporary = _directory(data_dir)
    metrics_port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("PROMESSA_")}
    own = {"DATA_DIR": directory, "PORT": port, "METRICS_PORT": metrics_port, "WORKERS": 2, "LOG_LEVEL": "warning"}
    process = subprocess.Popen(
        [sys.executable, "-m", "promessa.cli.main", "serve"],
        env={**inherited, **{f"PROMESSA_{name}": str(value) for name, value in own.items()}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _address_of(process), metrics_port
    finally:
        _stop(process)
        if temporary:
            shutil.rmtree(directory, ignore_errors=True)


def _directory(data_dir: Path | None) -> tuple[Path, bool]:
    """An empty directory, and whether it goes away afterwards. Raises Failure for one with other things in it."""
    directory = (data_dir or Path("var") / "demo").absolute()
    if directory.exists() and any(directory.iterdir()) and not (directory / MARK).exists():
        raise Failure(f"{directory} has files that are not the demo's. Name an empty directory with --data-dir.")
    try:
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        (directory / MARK).write_text("Made by `promessa demo`, which empties it.\n", encoding="utf-8")
    except OSError as error:
        if data_dir is not None:
            raise Failure(f"{directory} cannot be used: {error.strerror}. Name another with --data-dir.") from None
        return Path(tempfile.mkdtemp(prefix="promessa-demo-")), True
    return directory, False


def _address_of(process: subprocess.Popen[str]) -> str:
    """From the line the server prints when it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("promessa is ready on "):
            return line.split()[4]
    raise Failure("The demo's server did not start; its messages above say why. `promessa doctor` looks for the cause.")


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
