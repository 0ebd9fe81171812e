"""The supervisor of the embedded store: one server program, its data directory, its socket and its life.

It is synchronous and runs in the process that must outlive every user of the store. It never takes over a server that
somebody else started, and never leaves one behind: if this process is killed, the kernel tells the server to end. It
does so cleanly (SIGTERM), so that not even the `dev` profile loses a change then.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote as quote_url

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from promessa.store.embedded.binary import StoreBinary, find_binary
from promessa.store.embedded.bound import start_bound
from promessa.store.embedded.config import render_config
from promessa.store.embedded.errors import DataDirectoryUnusable, StartTimedOut, diagnose, unusable
from promessa.store.embedded.lock import DirectoryLock
from promessa.store.embedded.sockets import choose_socket, remove_socket, remove_stale_socket

Durability = Literal["single", "ha", "dev"]
Progress = Callable[[float], None]

FSYNC_OF: dict[Durability, str] = {"single": "always", "ha": "always", "dev": "everysec"}
SILENCE_SECONDS_MAX = 60.0
"""A program that neither answers nor reports loading for this long is stuck, even on a busy machine."""
LOOK_SECONDS = 0.02
LOG_BYTES_MAX = 16 * 1024 * 1024
READY = 100.0


class EmbeddedStore:
    """A Valkey or Redis server on a private socket.

    Its files are in `data_dir`/store, a directory that no other user can enter. `durability`: with single and ha a
    change is on the disk before it is acknowledged (the replicas that ha means are not started here); with dev up to
    about two seconds of changes are lost when the machine dies. `binary` names the program, else it is searched.
    `socket_dir` puts the socket elsewhere. `memory_bytes_max` makes the store refuse changes beyond it.

    Methods raise the errors of `promessa.store.embedded.errors`. Use from one long-lived thread.
    """

    def __init__(
        self,
        data_dir: str | Path,
        *,
        durability: Durability = "single",
        binary: str | Path | None = None,
        socket_dir: str | Path | None = None,
        memory_bytes_max: int | None = None,
    ) -> None:
        self.directory = Path(data_dir).expanduser().absolute() / "store"
        self.log_path = self.directory / "store.log"
        self.binary: StoreBinary | None = None
        self._appendfsync = FSYNC_OF[durability]
        self._wanted_binary = None if binary is None else Path(binary)
        self._wanted_socket_dir = None if socket_dir is None else Path(socket_dir)
        self._memory_bytes_max = memory_bytes_max
        self._lock = DirectoryLock(self.directory / "store.lock")
        self._socket: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self, progress: Progress | None = None) -> None:
        """Start the server and return when it answers and has read all its data back. Again after it died, too.

        `progress` is called many times a second with the percentage of the data read. It may raise to give up: the
        server is stopped then, as after every failure here.
        """
        assert not self.alive()
        self._process = None
        self.binary = find_binary(self._wanted_binary)
        self._make_directory()
        self._lock.acquire()
        try:
            self._socket = choose_socket(self.directory, self._wanted_socket_dir)
            remove_stale_socket(self._socket)
            self._launch(self.binary.path, self._write_config())
            self._wait_until_ready(progress or (lambda _: None))
        except BaseException as error:
            self._end_at_once()
            if isinstance(error, OSError):
                raise unusable(self.directory, error) from error
            raise

    def stop(self, grace_seconds: float = 20.0) -> None:
        """Let the server write and fsync everything and end; kill it after `grace_seconds`. Harmless on a dead one."""
        for ask in (self._ask_to_shut_down, self._terminate):
            if self.alive():
                ask()
                self._wait_for_end(grace_seconds / 2)
        self._end_at_once()

    def alive(self) -> bool:
        """The server program runs (it may be reading its data back)."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._process.pid if self._process is not None and self.alive() else None

    @property
    def exit_code(self) -> int | None:
        """How the server ended (negative: the signal), or None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def socket(self) -> Path:
        """The path of the socket; known once the store was started."""
        assert self._socket is not None
        return self._socket

    @property
    def url(self) -> str:
        """Where clients find the store, the same after every restart; known once the store was started."""
        return f"unix://{quote_url(str(self.socket))}?db=0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # Starting ---------------------------------------------------------------------------------------------------------

    def _make_directory(self) -> None:
        try:
            self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.mkdir(mode=0o700, exist_ok=True)
            self.directory.chmod(0o700)
        except OSError as error:
            raise unusable(self.directory, error) from error
        if not os.access(self.directory, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise DataDirectoryUnusable(
                f"The data directory {self.directory} cannot be written by this user. Give the user the right, or name "
                "another directory with PROMESSA_DATA_DIR."
            )

    def _write_config(self) -> Path:
        path = self.directory / "store.conf"
        text = render_config(
            directory=self.directory,
            socket=self.socket,
            log=self.log_path,
            appendfsync=self._appendfsync,
            memory_bytes_max=self._memory_bytes_max,
        )
        path.write_text(text, encoding="ascii")
        return path

    def _launch(self, binary: Path, config: Path) -> None:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES_MAX:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            self._log_start = log.tell()
            self._process = start_bound(
                [binary, config],
                death_signal=SIGTERM,
                # A locale that is not installed would end the server.
                environment={**os.environ, "LC_ALL": "C"},
                output=log.fileno(),
                inherit=[self._lock.fd],
                umask=0o077,
            )

    def _wait_until_ready(self, progress: Progress) -> None:
        heard_at = time.monotonic()
        while True:
            percent = self._percent_loaded()
            if percent == READY:
                return
            if percent is not None:
                heard_at = time.monotonic()
            progress(percent or 0.0)
            assert self._process is not None
            assert self.binary is not None
            if not self.alive():
                code, log = self.exit_code, self._log_since_start()
                raise diagnose(directory=self.directory, binary=self.binary.path, log=log, exit_code=code)
            if time.monotonic() - heard_at > SILENCE_SECONDS_MAX:
                raise StartTimedOut(
                    f"The store runs as process {self._process.pid} but has not answered for {SILENCE_SECONDS_MAX:.0f} "
                    f"seconds, and was stopped. Read {self.log_path}; a disk that hangs is the usual cause."
                )
            time.sleep(LOOK_SECONDS)

    def _percent_loaded(self) -> float | None:
        """How much of the data was read back: READY when the server serves all of it, None without an answer."""
        try:
            with self._client() as client:
                info = client.info("persistence")
                if int(info["loading"]):
                    return min(float(info.get("loading_loaded_perc", 0.0)), READY - 0.01)
                return READY if client.ping() else None
        except (RedisError, OSError):
            return None

    def _log_since_start(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    # Ending -----------------------------------------------------------------------------------------------------------

    def _ask_to_shut_down(self) -> None:
        try:
            with self._client() as client:
                client.shutdown()
        except (RedisError, OSError):
            pass  # the signal comes next

    def _terminate(self) -> None:
        assert self._process is not None
        self._process.terminate()

    def _wait_for_end(self, seconds: float) -> None:
        assert self._process is not None
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass  # a stronger means comes next

    def _end_at_once(self) -> None:
        """Kill what still runs, and give directory and socket free."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            remove_socket(self.socket, self.directory)
        self._lock.release()

    def _client(self) -> Redis:
        return Redis(
            unix_socket_path=str(self.socket),
            protocol=2,
            socket_timeout=5.0,
            socket_connect_timeout=5.0,
            retry=Retry(NoBackoff(), 0),
        )
