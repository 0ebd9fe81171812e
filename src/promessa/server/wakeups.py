"""Waiting for signals, for the end of children and for their first words, in one place and without polling."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Any, Self

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Wakeups:
    """While entered, SIGTERM, SIGINT and SIGHUP count as wishes to stop, and SIGCHLD wakes up. Main thread only."""

    def __init__(self) -> None:
        self.stop_count = 0
        """How often somebody asked to stop."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self._write_fd, False)
        self._wakeup_fd_before = signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup, or a shell's background job: whoever started us wants it so
            self._before[number] = signal.signal(number, self._count_stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_fd_before)
        os.close(self._read_fd)
        os.close(self._write_fd)

    def wait(self, descriptors: Iterable[int], *, seconds: float) -> list[int]:
        """Return when a signal came, a descriptor has something to read, or the time is over; those that have."""
        poll = select.poll()
        for descriptor in (self._read_fd, *descriptors):
            poll.register(descriptor, select.POLLIN)
        readable = [descriptor for descriptor, _ in poll.poll(max(seconds, 0.0) * 1000.0)]
        if self._read_fd in readable:
            readable.remove(self._read_fd)
            os.read(self._read_fd, 4096)
        return readable

    def _count_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_count += 1
