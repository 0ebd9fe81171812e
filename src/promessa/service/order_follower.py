"""One follower of the event logs for all who watch orders in a process: it offers every step to each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from promessa.domain.order import StoredOrder
from promessa.service.log_tail import LogTail
from promessa.service.order_changes import orders_in
from promessa.store.event_log import EventLog, entries_of

BLOCK_MS = 100
"""How long a new watcher waits at most while nothing happens."""
PAGE_ENTRIES = 200
CHECK_SECONDS = 1.0


class Watching(Protocol):
    """What the follower needs of a watcher."""

    def begin(self) -> None:
        """From the follower's positions on everything is offered."""

    def offer(self, number: int, sequence: int, orders: list[StoredOrder]) -> None:
        """What an entry of a log changed: something."""

    def wake(self) -> None:
        """All that was read is offered."""

    def fail(self, error: Exception) -> None:
        """The follower ended."""


class OrderFollower:
    """Follows one data set. `run` ends by being cancelled, or with the error that it tells all watchers; who starts it keeps it
    as `task`.
    """

    task: asyncio.Task[None]

    def __init__(self, log: EventLog, *, on_error: Callable[[str, BaseException], None]) -> None:
        self._log = log
        self._on_error = on_error
        self._watchers: set[Watching] = set()
        self._joining: set[Watching] = set()
        self.tail = LogTail(log)
        self.ended = False

    def join(self, watcher: Watching) -> None:
        """Let a watcher begin at the next turn; one that has begun already begins again."""
        self._joining.add(watcher)

    def leave(self, watcher: Watching) -> None:
        """Offer it nothing more."""
        self._joining.discard(watcher)
        self._watchers.discard(watcher)

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches."""
        return not self._watchers and not self._joining

    async def run(self) -> None:
        try:
            self.tail.set(await self.tail.begin())
            while True:
                self._let_begin()
                read = await self._log.read_log(self.tail.positions, BLOCK_MS, count=PAGE_ENTRIES)
                for number, entries in sorted(read.items()):
                    for sequence, flat in entries_of(entries):
                        self._follow(number, sequence, flat)
                    await asyncio.sleep(0)  # others have work, too
                for watcher in self._watchers if read else ():
                    watcher.wake()
                await self.tail.check(CHECK_SECONDS)
        except Exception as error:
            self._on_error("the log of orders cannot be followed", error)
            self.ended = True
            for watcher in [*self._watchers, *self._joining]:
                watcher.fail(error)
        finally:
            await self._log.close()

    def _let_begin(self) -> None:
        joining, self._joining = self._joining, set()
        for watcher in joining:
            self._watchers.add(watcher)
            watcher.begin()

    def _follow(self, number: int, sequence: int, flat: list[bytes]) -> None:
        self.tail.go_on(number, sequence)
        orders = orders_in((sequence, flat))
        for watcher in self._watchers if orders else ():
            watcher.offer(number, sequence, orders)
