"""The read side: availability of every cell in shared memory, kept by one applier and read by many workers.

    Writer   makes the file and applies cells and log entries; one process per machine
    Reader   maps it and answers hot reads from request bytes to response bytes, and stock rows for the kernel
    Applier  follows the store's logs into a Writer, and heals what breaks

Layout and formulas: `ext/replica.h`, `ext/wire.h`, `ext/README.md`.
"""

from enum import IntEnum

from promessa.replica._replica import Gap, Reader, Renamed, Writer
from promessa.replica.applier import Applier, Counters, Source


class Code(IntEnum):
    """Why a hot read leaves the answer to Python. The numbers are those of pw_code in ext/wire.h.

    If several hold, the answer is the first of: MALFORMED, INVALID, SUBSTITUTES, NEEDS_GROUP, NEEDS_STORE, NOT_READY,
    INVALID_TOKEN, EPOCH_CHANGED, NEEDS_WAIT, STALE_FAIL or STALE_READ_THROUGH.
    """

    MALFORMED = 1  # protobuf cannot read it either
    INVALID = 2  # it breaks a rule written next to a field
    NEEDS_STORE = 3  # authoritative
    NEEDS_WAIT = 4  # the token's change is not applied yet
    NEEDS_GROUP = 5  # a node_group_id
    STALE_FAIL = 6
    STALE_READ_THROUGH = 7
    NOT_READY = 8  # loading, or the writer stopped in the middle of a row
    INVALID_TOKEN = 9
    EPOCH_CHANGED = 10
    SUBSTITUTES = 12  # substitutes are asked for


__all__ = ["Applier", "Code", "Counters", "Gap", "Reader", "Renamed", "Source", "Writer"]
