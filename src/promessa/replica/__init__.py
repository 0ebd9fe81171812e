"""The read side: availability of every cell in shared memory, kept by one applier and read by many workers.

    Writer   makes the file and applies cells and log entries; one process per machine
    Reader   maps it and answers hot reads from request bytes to response bytes, and stock rows for the kernel
    Applier  follows the store's logs into a Writer, and heals what breaks

Layout and formulas: `ext/replica.h`, `ext/wire.h`, `ext/README.md`.
"""

from enum import IntEnum

from promessa.replica._replica import Gap, Reader, Writer
from promessa.replica.applier import Applier


class Code(IntEnum):
    """Why a hot read leaves the answer to Python. The numbers are those of pw_code in ext/wire.h."""

    MALFORMED = 1
    INVALID = 2
    NEEDS_STORE = 3
    NEEDS_WAIT = 4
    NEEDS_GROUP = 5
    STALE_FAIL = 6
    STALE_READ_THROUGH = 7
    NOT_READY = 8
    INVALID_TOKEN = 9
    EPOCH_CHANGED = 10


__all__ = ["Applier", "Code", "Gap", "Reader", "Writer"]
