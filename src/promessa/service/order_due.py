"""Walks through orders of which something is due, past those of which it fails.

What fails is tried again after a pause that doubles from half a minute to an hour: however much fails, what is due behind it is
made. Each worker remembers what failed there; a new one tries all of it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from promessa.domain.errors import meets_all

PAUSE_MS_MIN, PAUSE_MS_MAX = 30_000, 3_600_000
IDS_AT_ONCE = 1_000


class Listed(Protocol):
    """Ids of orders that are due by an instant, the longest due first, but so many of the first."""

    async def __call__(self, until_ms: int, *, limit: int, offset: int) -> list[str]: ...


class _Failed(NamedTuple):
    """Until when an order is left alone, and for how long in all."""

    until_ms: int
    pause_ms: int


@dataclass(slots=True)
class OrdersDue:
    """What is `listed` as due, `at_once` orders at a time. `on_error` hears `what` failed; `now_ms` is the wall clock."""

    listed: Listed
    at_once: int
    what: str
    now_ms: Callable[[], int]
    on_error: Callable[[str, BaseException], None]
    _failed: dict[str, _Failed] = field(default_factory=dict)

    async def each(self, make: Callable[[str], Awaitable[int]]) -> int:
        """Make what is due of each order; how many steps that were. An order of which none was made is left where it is.

        Raises Unavailable and Exhausted where others would meet it, too: that is held against none of them.
        """
        now_ms, made, left = self.now_ms(), 0, 0
        self._forget(now_ms)
        while True:
            ids = await self.listed(now_ms, limit=IDS_AT_ONCE, offset=left)
            for first in range(0, len(ids), self.at_once):
                some = [each for each in ids[first : first + self.at_once] if not self._waits(each, now_ms)]
                counts = await self._make_all(make, some, now_ms)
                made += sum(counts)
                left += len(ids[first : first + self.at_once]) - sum(1 for count in counts if count)
            if len(ids) < IDS_AT_ONCE:
                return made

    async def _make_all(self, make: Callable[[str], Awaitable[int]], order_ids: list[str], now_ms: int) -> list[int]:
        """What is made of each of some orders at once. Raises once all of them have ended."""
        found = await asyncio.gather(*[self._make(make, each, now_ms) for each in order_ids], return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return [each for each in found if isinstance(each, int)]

    async def _make(self, make: Callable[[str], Awaitable[int]], order_id: str, now_ms: int) -> int:
        try:
            made = await make(order_id)
        except Exception as error:
            if meets_all(error):
                raise
            self.on_error(f"{self.what} of order {order_id} failed", error)
            before = self._failed.get(order_id)
            pause_ms = min(2 * before.pause_ms, PAUSE_MS_MAX) if before else PAUSE_MS_MIN
            self._failed[order_id] = _Failed(now_ms + pause_ms, pause_ms)
            return 0
        self._failed.pop(order_id, None)
        return made

    def _waits(self, order_id: str, now_ms: int) -> bool:
        failed = self._failed.get(order_id)
        return failed is not None and now_ms < failed.until_ms

    def _forget(self, now_ms: int) -> None:
        """What was not even tried for long after its pause is not due any more."""
        for order_id in [name for name, failed in self._failed.items() if failed.until_ms + PAUSE_MS_MAX < now_ms]:
            del self._failed[order_id]
