"""One child process of the supervisor, and how long to wait before a process that died is started again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from signal import SIGKILL

from promessa.server.settings import READY_FD_VARIABLE
from promessa.store.embedded.bound import start_bound

RESTART_SECONDS_MIN, RESTART_SECONDS_MAX = 0.1, 10.0
"""One death is repaired at once; a process that keeps dying must not eat the machine."""

STEADY_SECONDS = 30.0
"""A process that lived this long had no trouble starting: its death begins a new series."""

STANDARD_ERROR = 2


class Backoff:
    """The waiting time before a restart: doubled by each death of a series."""

    def __init__(self) -> None:
        self.failure_count = 0

    def delay_seconds(self, *, lived_seconds: float) -> float:
        """After a death. `lived_seconds` is how long the process had run."""
        self.failure_count = 1 if lived_seconds >= STEADY_SECONDS else self.failure_count + 1
        return min(RESTART_SECONDS_MIN * 2.0 ** (self.failure_count - 1), RESTART_SECONDS_MAX)


class Child:
    """A process that reports that it is ready by writing a line to the descriptor in PROMESSA_READY_FD.

    It is killed when the supervisor dies, however that happens: a worker that nobody watches would keep the port, and
    every unanswered call can be repeated with its request id. Its standard output goes to our standard error.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, inherit: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.ready = False
        self.ready_fd: int | None = None
        self.restart_at: float | None = None
        self.restart_count = 0
        self.backoff = Backoff()
        self._command = command
        self._environment = environment
        self._inherit = inherit
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def up(self) -> bool:
        return self.ready and self.pid is not None

    def launch(self, now: float) -> None:
        """Start the process; it is not ready yet. `now` is a monotonic time, seconds."""
        assert self.pid is None
        self._drop_ready_fd()
        self.ready = False
        self.restart_at = None
        self._started_at = now
        self.ready_fd, write_fd = os.pipe()
        try:
            self._process = start_bound(
                self._command,
                death_signal=SIGKILL,
                environment={**self._environment, READY_FD_VARIABLE: str(write_fd)},
                output=STANDARD_ERROR,
                inherit=[write_fd, *self._inherit],
            )
        finally:
            os.close(write_fd)

    def hear(self) -> None:
        """Read from `ready_fd`, which has something: the word, or the end because the process closed it or died."""
        assert self.ready_fd is not None
        if os.read(self.ready_fd, 64):
            self.ready = True
        self._drop_ready_fd()

    def reap(self, now: float) -> int | None:
        """The exit code when the process was found dead just now, else None. A restart is due at `restart_at` then."""
        if self._process is None or self._process.returncode is not None:
            return None
        code = self._process.poll()
        if code is not None:
            self.put_off(now)
        return code

    def put_off(self, now: float) -> None:
        """After a death, or a start that failed: make the next start due at `restart_at`."""
        self._drop_ready_fd()
        self.ready = False
        self.restart_at = now + self.backoff.delay_seconds(lived_seconds=now - self._started_at)

    def terminate(self) -> None:
        """Ask the process to finish; harmless when it is dead."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process now, and wait for it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._drop_ready_fd()

    def _drop_ready_fd(self) -> None:
        if self.ready_fd is not None:
            os.close(self.ready_fd)
            self.ready_fd = None
