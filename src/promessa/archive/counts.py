"""What every cell and inbound counted last: what a change found before it.

The log says what is after a change, so what was before is remembered here: some 200 bytes each.
"""

from __future__ import annotations

from collections.abc import Iterable

Counted = tuple[int, int, int, int, int, int]
"""On hand, unavailable, safety stock, held, committed (COUNTS in `schema.py`), and the version."""

COUNTED_LENGTH = 6
NOTHING: Counted = (0, 0, 0, 0, 0, 0)
_VERSION = 5


class Counts:
    """By the field in the log. An entry is taken whole or not at all: first `put` its changes, then `keep` or `drop` them."""

    def __init__(self, known: Iterable[tuple[bytes, Counted]] = ()) -> None:
        self._known = dict(known)
        self._new: dict[bytes, Counted] = {}

    def __len__(self) -> int:
        return len(self._known)

    def put(self, field: bytes, after: Counted) -> Counted | None:
        """What it counted before this change; None if that is unknown, because changes between are missing."""
        before = self._new.get(field) or self._known.get(field)
        self._new[field] = after
        if after[_VERSION] == 1:
            return NOTHING
        return before if before is not None and before[_VERSION] + 1 == after[_VERSION] else None

    def keep(self) -> None:
        self._known.update(self._new)
        self._new.clear()

    def drop(self) -> None:
        self._new.clear()

    def see(self, field: bytes, counted: Counted) -> None:
        """It counts this, unless something later is known."""
        before = self._known.get(field)
        if before is None or before[_VERSION] < counted[_VERSION]:
            self._known[field] = counted

    def all(self) -> Iterable[tuple[bytes, Counted]]:
        return self._known.items()
