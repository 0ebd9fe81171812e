"""The demo's own server: `promessa serve` as a child, with an embedded store and a data directory of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from promessa.cli.address import DEFAULT_PORT
from promessa.cli.failure import Failure
from promessa.server.run_file import read_run_file
from promessa.store.embedded.bound import start_bound

MARK = "promessa-demo"
"""A file in the demo's data directory: only a directory that has it is ever emptied."""

LOG = "serve.log"
REPORT = "report.html"
USUAL_PORT = int(DEFAULT_PORT)
START_SECONDS, STOP_SECONDS = 120.0, 60.0


@contextmanager
def serving(data_dir: Path | None, port: int, **settings: object) -> Iterator[tuple[str, int]]:
    """A server in a directory of its own, until the block ends: its address and metrics port."""
    with own_directory(data_dir) as directory, serving_in(directory, port, **settings) as served:
        yield served


@contextmanager
def own_directory(data_dir: Path | None) -> Iterator[Path]:
    """An empty directory of the demo's own, which stays afterwards; of a temporary one only the report does."""
    directory, temporary = _directory(data_dir)
    try:
        yield directory
    finally:
        if temporary:
            _leave_report_alone(directory)


@contextmanager
def serving_in(directory: Path, port: int, **settings: object) -> Iterator[tuple[str, int]]:
    """A server with two workers and these settings, until the block ends: its address and metrics port.

    None of the settings around it reach it: it must not touch a store that somebody works with. It ends with us,
    however we end.
    """
    metrics_port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("PROMESSA_")}
    own = {"DATA_DIR": directory, "PORT": port, "METRICS_PORT": metrics_port, "WORKERS": 2, "LOG_LEVEL": "warning"}
    own |= settings
    with (directory / LOG).open("wb") as log:
        process = start_bound(
            [sys.executable, "-m", "promessa.cli.main", "serve"],
            death_signal=signal.SIGTERM,
            environment={**inherited, **{f"PROMESSA_{name}": str(value) for name, value in own.items()}},
            output=log.fileno(),
        )
    try:
        yield _wait_until_ready(process, directory), metrics_port
    finally:
        _stop(process)


def _leave_report_alone(directory: Path) -> None:
    """Remove what a temporary directory has but for the report; without a report, it, too."""
    for each in directory.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        elif each.name != REPORT:
            each.unlink(missing_ok=True)
    if not (directory / REPORT).exists():
        directory.rmdir()


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


def _wait_until_ready(process: subprocess.Popen[bytes], directory: Path) -> str:
    """The address, once the server says that it is ready. Raises Failure with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = read_run_file(directory)
        if found is not None and found.ready:
            return f"{found.host}:{found.port}"
        time.sleep(0.02)
    last_words = (directory / LOG).read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise Failure(
        f"The demo's server did not start. `promessa doctor` looks for the cause. The end of its log:\n{last_words}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def usual_port_if_free() -> int:
    """The port that `promessa` commands ask without an address, 0 if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
