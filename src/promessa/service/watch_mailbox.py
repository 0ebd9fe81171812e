"""What one watcher has not yet taken: bounded by what it watches, however slow it is.

The changes of one page of the log are kept one by one, if nothing waited when it came. What comes on top of waiting
changes is merged, cell by cell, into the last change that waits.
"""

from __future__ import annotations

from promessa.domain.limits import WATCH_EVENTS_UNMERGED
from promessa.domain.watching import Change, Event, Levels, kind_of


class Mailbox:
    """Changes that are events under the levels."""

    def __init__(self, levels: Levels | None) -> None:
        self._levels = levels
        self._changes: list[Change] = []
        self._last: dict[tuple[bytes, bytes], int] = {}
        self._page = 0
        self._offered = 0

    def __len__(self) -> int:
        return len(self._changes)

    def offer(self, change: Change, page: int) -> None:
        """Keep a change if it is an event. `page` tells pages of the log apart."""
        if kind_of(self._levels, change.before, change.after) is None:
            return
        self._offered += 1
        if not self._changes:
            self._page = page
        cell = (change.node, change.sku)
        at = self._last.get(cell)
        if at is None or (page == self._page and len(self._changes) < WATCH_EVENTS_UNMERGED):
            self._last[cell] = len(self._changes)
            self._changes.append(change)
        else:
            self._changes[at] = Change(*cell, self._changes[at].before, change.after)

    def take(self) -> tuple[list[Event], int]:
        """All that waits, and how many events are missing because they were merged into others, or into nothing."""
        changes, offered = self._changes, self._offered
        self._changes, self._last, self._offered = [], {}, 0
        kinds = [kind_of(self._levels, change.before, change.after) for change in changes]
        events = [(kind, change) for kind, change in zip(kinds, changes, strict=True) if kind]
        return events, offered - len(events)
