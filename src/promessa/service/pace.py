"""Long work on a worker's event loop that lets calls in every few milliseconds: it takes what they leave."""

from __future__ import annotations

import asyncio
from time import perf_counter

SLICE_SECONDS = 0.002
"""Worked before others may: what a call that comes meanwhile waits longer."""


class Pace:
    """Lets others work now and then."""

    def __init__(self) -> None:
        self._since = perf_counter()

    def is_due(self) -> bool:
        """Whether others have waited long enough."""
        return perf_counter() - self._since > SLICE_SECONDS

    async def rest(self) -> None:
        """Let all others work that are waiting."""
        await asyncio.sleep(0)
        self._since = perf_counter()

    async def rest_if_due(self) -> None:
        """The same, if they have waited long enough."""
        if self.is_due():
            await self.rest()
