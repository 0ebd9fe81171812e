"""Starting and ending the processes that are measured. Loopback only; what is ended here was started here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from promessa.server.run_file import RunFile, read_run_file

HERE = Path(__file__).parent
START_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 40.0
LOOK_SECONDS = 0.005
SERVE = (sys.executable, "-c", "from promessa.cli.main import main; main()", "serve")


@dataclass(frozen=True, slots=True)
class Server:
    """A running `promessa serve`, and what its run.json says."""

    data_dir: Path
    process: subprocess.Popen[bytes]
    run: RunFile

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.run.port}"

    @property
    def worker_pids(self) -> list[int]:
        return [pid for name, pid in sorted(self.run.children.items()) if name.startswith("worker-")]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A running server of empty handlers."""

    target: str
    pid: int


@contextmanager
def promessa_serve(data_dir: Path, *, workers: int, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`promessa serve` on a free loopback port until the block ends; see `start_promessa`."""
    server = start_promessa(data_dir, workers=workers, settings=settings)
    try:
        yield server
    finally:
        end(server.process)


def start_promessa(data_dir: Path, *, workers: int, settings: Mapping[str, str] | None = None) -> Server:
    """Launch `promessa serve` and return once it says that it is ready. Its output goes to data_dir/serve.log.

    `settings` are names without the prefix PROMESSA_, e.g. {"DURABILITY": "dev"}. Raises RuntimeError if it ends
    instead, or takes too long.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    ports = {"PORT": "0", "METRICS_PORT": str(_free_port())}  # with metrics: what they cost belongs to us
    wanted = {"DATA_DIR": str(data_dir), "WORKERS": str(workers), **ports, **(settings or {})}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PROMESSA_")}
    log_path = data_dir / "serve.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            SERVE,
            env={**inherited, **{f"PROMESSA_{name}": value for name, value in wanted.items()}},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        return Server(data_dir, process, _wait_until_ready(data_dir, process, log_path))
    except BaseException:
        end(process)
        raise


@contextmanager
def empty_server() -> Iterator[Yardstick]:
    """The yardstick's process (empty_server.py) on a free loopback port until the block ends."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "empty_server.py")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Yardstick(f"127.0.0.1:{port}", process.pid)
    finally:
        end(process)


def end_cleanly_when_told() -> None:
    """Let SIGTERM run the ends of all blocks, as Ctrl-C does: nothing that was started here is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process that was started here to end, and insist after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_port() -> int:
    """A port of the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(data_dir: Path, process: subprocess.Popen[bytes], log: Path) -> RunFile:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        found = read_run_file(data_dir)
        if found is not None and found.ready and found.supervisor_pid == process.pid:
            return found
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with code {process.returncode}.\n{_tail(log)}")
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"The server was not ready within {START_SECONDS_MAX:.0f} seconds.\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-4_000:]
