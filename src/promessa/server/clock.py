"""The clock that all processes of a server go by: the machine's, or one that a file sets forward.

What takes days (a hold by boleto, a parcel that nobody collects) can so be tried out in a minute, on the real server. The file
holds how many ms the clock is ahead, as 8 bytes; whoever reads it sees a change at once.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable
from pathlib import Path

NowMs = Callable[[], int]
"""The instant, in ms since the epoch."""

_BYTES = 8


def machine_ms() -> int:
    """The machine's own clock."""
    return time.time_ns() // 1_000_000


def clock_of(path: Path | None) -> NowMs:
    """The clock that a file sets forward; the machine's without one."""
    if path is None:
        return machine_ms
    ahead = _ahead(path)
    return lambda: machine_ms() + ahead[0]


def set_forward(path: Path, ms: int) -> int:
    """Set the clock of a file forward, never back, for time that has passed is in the books; how far it is ahead now.

    Raises ValueError for less than 0 ms.
    """
    if ms < 0:
        raise ValueError(f"{ms} ms would set the clock back.")
    ahead = _ahead(path)
    ahead[0] += ms
    return int(ahead[0])


def _ahead(path: Path) -> memoryview:
    """The number in a file, as it is at any time; a file that is not there yet says 0."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_size < _BYTES:
            os.ftruncate(descriptor, _BYTES)
        return memoryview(mmap.mmap(descriptor, _BYTES)).cast("q")
    finally:
        os.close(descriptor)
