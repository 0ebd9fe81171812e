"""The hours of a replay: its processes go by the clock of the server, and set it forward together."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Callable
from pathlib import Path

from promessa.server.clock import set_forward

NEVER_MS = 2**62
_BUSY = 0
"""Also of a process that has not begun."""

_FAILED = -1
_WAIT_SECONDS = 0.001


class Hours:
    """What each of `count` processes waits for, in a file that all have: what is due earlier is done before any goes on."""

    def __init__(self, index: int, count: int, directory: Path, clock_file: Path, now_ms: Callable[[], int]) -> None:
        self._index = index
        self._clock_file = clock_file
        self._now_ms = now_ms
        path = directory / "hours"
        path.touch()
        with path.open("r+b") as file:
            file.truncate(8 * count)
            self._waited_for = memoryview(mmap.mmap(file.fileno(), 8 * count)).cast("q")

    async def reach(self, at_ms: int) -> None:
        """Return at an instant. The first of the processes sets the clock, once all wait. Raises RuntimeError if one failed."""
        self._waited_for[self._index] = at_ms
        while (now_ms := self._now_ms()) < at_ms:
            next_ms = min(self._waited_for)
            if next_ms == _FAILED:
                raise RuntimeError("another process of the replay failed")
            if self._index == 0 and now_ms < next_ms < NEVER_MS:
                set_forward(self._clock_file, next_ms - now_ms)
            else:
                await asyncio.sleep(_WAIT_SECONDS)
        self._waited_for[self._index] = _BUSY

    def fail(self) -> None:
        """Let the others end, too."""
        self._waited_for[self._index] = _FAILED

    async def leave(self) -> None:
        """Return once no process waits for anything any more. The first goes on setting the clock until then."""
        self._waited_for[self._index] = NEVER_MS
        while _FAILED < (next_ms := min(self._waited_for)) < NEVER_MS:
            if self._index == 0 and (now_ms := self._now_ms()) < next_ms:
                set_forward(self._clock_file, next_ms - now_ms)
            await asyncio.sleep(_WAIT_SECONDS)
