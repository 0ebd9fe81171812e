"""Watches of orders: those under way as they are, then every step of those that pass the filters.

    snapshot   the orders that are under way, read page by page; what happens meanwhile is in the log
    catch up   from where the watcher is to where the follower is, read from the log: after the snapshot, on a resumption, and
               for a watcher who is too far behind; each entry once, and of orders of the snapshot what is new
    follow     what the follower offers, while not too much of it waits

So a watcher who reads slowly keeps no more than ORDER_CHANGES_WAITING_MAX changes in memory: the log has them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import NamedTuple

from promessa.domain.errors import Exhausted, PromessaError, Unavailable
from promessa.domain.limits import ORDER_CHANGES_WAITING_MAX, ORDER_WATCHES_MAX
from promessa.domain.order import StoredOrder
from promessa.domain.order_filters import OrderFilters
from promessa.service import order_batches
from promessa.service.order_batches import Filling, expired, parted, split_token, within_text
from promessa.service.order_changes import ChangedOrders, OrderChange, changes_for, missed
from promessa.service.order_follower import OrderFollower
from promessa.store.event_log import EventLog
from promessa.store.order_store import OrderStore

TOKEN_SECONDS = 30.0
"""A batch comes at least so often: its token keeps up with the log, which is trimmed behind."""

PAUSE_SECONDS = 0.0004
"""Between two batches of a watcher, for each watcher there is: when much happens each gets fewer and longer batches."""


class Batch(NamedTuple):
    """What a watcher is told at once, and from where to go on after it; empty as long as nobody could."""

    changes: list[OrderChange]
    token: str


class OrderWatches:
    """Opens watches. `open_log` connects to the store."""

    def __init__(
        self,
        store: OrderStore,
        open_log: Callable[[], EventLog],
        *,
        on_error: Callable[[str, BaseException], None] = lambda what, error: None,
    ) -> None:
        self._store = store
        self._open_log = open_log
        self._on_error = on_error
        self._watchers: set[_Watcher] = set()
        self._follower: OrderFollower | None = None
        self._following: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def is_following(self) -> bool:
        """Whether the event logs are followed."""
        return bool(self._following)

    @property
    def waiting(self) -> int:
        """Changes that wait for watchers to take them."""
        return sum(watcher.waiting for watcher in self._watchers)

    async def watch(self, filters: OrderFilters, resume_token: str = "") -> AsyncGenerator[Batch, None]:
        """Batches for ever. To be closed by who takes them.

        Raises Exhausted (TOO_MANY_WATCHES), InvalidRequest (INVALID_TOKEN), FailedPrecondition (RESUME_TOKEN_EXPIRED),
        Unavailable (DRAINING, STORE_UNAVAILABLE) with the last token in its metadata.
        """
        watcher = self._admit(filters, resume_token)
        try:
            async with aclosing(self._batches(watcher, resume_token)) as batches:
                async for batch in batches:
                    yield batch
                    watcher.token = batch.token
        finally:
            self._leave(watcher)

    async def _batches(self, watcher: _Watcher, resume_token: str) -> AsyncGenerator[Batch, None]:
        known: dict[str, int] = {}
        await watcher.joined()
        watcher.resume(resume_token)
        if not resume_token:
            async with aclosing(self._underway(watcher, known)) as batches:
                async for batch in batches:
                    yield batch
        while True:
            await watcher.joined()  # once more: what came in the meantime is in the log
            async with aclosing(self._missed(watcher, known)) as batches:
                async for batch in batches:
                    yield batch
            known = {}
            while not watcher.is_behind:
                yield watcher.take()
                await asyncio.sleep(PAUSE_SECONDS * len(self._watchers))
                await watcher.wait()

    async def _underway(self, watcher: _Watcher, known: dict[str, int]) -> AsyncGenerator[Batch, None]:
        """The orders that are under way, and in `known` the versions of all that were looked at."""
        async with aclosing(self._store.underway()) as pages:
            async for page in pages:
                new = [each for each in dict.fromkeys(page) if each not in known]
                for first in range(0, len(new), order_batches.BATCH_CHANGES):
                    watcher.check()
                    found = await self._store.get_all(new[first : first + order_batches.BATCH_CHANGES])
                    known.update((each.order.order_id, each.version) for each in found)
                    for changes in parted([each for each in found if watcher.filters.keep(each.order)]):
                        yield Batch(changes, "")

    async def _missed(self, watcher: _Watcher, known: dict[str, int]) -> AsyncGenerator[Batch, None]:
        """What happened between where the watcher is and where it is offered things from."""
        log, filling = self._open_log(), Filling()
        try:
            async with aclosing(
                missed(log, watcher.filters, known, since=list(watcher.at), until=watcher.offered_from)
            ) as entries:
                async for entry in entries:
                    is_told = False
                    while not is_told:
                        is_told = watcher.tell(entry, filling)
                        if not is_told or filling.is_full:
                            watcher.check()
                            yield Batch(filling.changes, "" if known else watcher.token_here)
                            filling = Filling()
        except LookupError as error:
            raise expired(str(error)) from error
        finally:
            await log.close()
        watcher.at = list(watcher.offered_from)
        if filling.changes:
            yield Batch(filling.changes, watcher.token_here)

    def end(self, error: PromessaError) -> None:
        """End all watches with an error, and open none any more."""
        self._ended = True
        for watcher in list(self._watchers):
            watcher.fail(error)

    async def close(self) -> None:
        """Give back the connections to the store. After `end`."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    def _admit(self, filters: OrderFilters, resume_token: str) -> _Watcher:
        if self._ended:
            raise Unavailable("DRAINING", "This server is shutting down. Watch from another connection.")
        if len(self._watchers) >= ORDER_WATCHES_MAX:
            raise Exhausted(
                "TOO_MANY_WATCHES",
                f"This worker has {ORDER_WATCHES_MAX} watches of orders, and serves no more. Watch from another connection.",
                watches_max=ORDER_WATCHES_MAX,
            )
        if self._follower is None or self._follower.ended:
            self._follower = self._new_follower()
        watcher = _Watcher(filters, self._follower, resume_token)
        self._watchers.add(watcher)
        return watcher

    def _new_follower(self) -> OrderFollower:
        follower = OrderFollower(self._open_log(), on_error=self._on_error)
        follower.task = asyncio.create_task(follower.run())
        self._following.add(follower.task)
        follower.task.add_done_callback(self._following.discard)
        return follower

    def _leave(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        watcher.follower.leave(watcher)
        if watcher.follower is self._follower and self._follower.is_idle:
            self._follower.task.cancel()
            self._follower = None


class _Watcher:
    """One watch, between the follower and the call that it is for. All up to `at` is told, and so many changes of the entries
    that come next, by partition, as are in `within`."""

    def __init__(self, filters: OrderFilters, follower: OrderFollower, token: str) -> None:
        self.filters = filters
        self.follower = follower
        self.token = token
        self.at: list[int] = []
        self.within: dict[int, int] = {}
        self.offered_from: list[int] = []
        self.is_behind = True
        self.waiting = 0
        self._entries: deque[ChangedOrders] = deque()
        self._begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._woken = asyncio.Event()
        self._error: Exception | None = None

    async def joined(self) -> None:
        """Until the follower offers everything from its place on. Raises what ended it."""
        self._begun = asyncio.get_running_loop().create_future()
        self.follower.join(self)
        self.check()
        await self._begun
        self.check()

    def resume(self, token: str) -> None:
        """Be where a token says, or where things are offered from. Raises InvalidRequest, FailedPrecondition."""
        tail = self.follower.tail
        self.at = list(self.offered_from)
        if not token:
            return
        whole, self.within = split_token(token, partitions=len(self.at))
        epoch, at = tail.parse(whole)
        if epoch != tail.epoch:
            raise expired("The store was replaced.")
        if any(
            had + (n in self.within) > have for n, (had, have) in enumerate(zip(at, self.offered_from, strict=True))
        ):
            raise expired("The store has less than it had.")
        self.at = at

    def begin(self) -> None:
        self.offered_from, self.is_behind = list(self.follower.tail.positions), False
        self._entries.clear()
        self.waiting = 0
        if not self._begun.done():
            self._begun.set_result(None)

    def offer(self, number: int, sequence: int, orders: list[StoredOrder]) -> None:
        changes = changes_for(self.filters, orders)
        if self.is_behind or not changes:
            return
        self._entries.append(ChangedOrders(number, sequence, changes))
        self.waiting += len(changes)
        if self.waiting > ORDER_CHANGES_WAITING_MAX:
            self._entries.clear()
            self.waiting, self.is_behind = 0, True

    def wake(self) -> None:
        if self._entries or self.is_behind:
            self._woken.set()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._woken.set()
        if not self._begun.done():
            self._begun.set_result(None)

    def take(self) -> Batch:
        """Some of what waits, with the token after it. Raises what ended the watch."""
        self.check()
        filling = Filling()
        while self._entries and not filling.is_full and self.tell(self._entries[0], filling):
            self._entries.popleft()
        self.waiting -= len(filling.changes)
        if not self._entries and not self.is_behind:
            self.at = list(self.follower.tail.positions)
        return Batch(filling.changes, self.token_here)

    def tell(self, entry: ChangedOrders, filling: Filling) -> bool:
        """Put what is not told yet of the next entry of its log into a message; whether that is all of it."""
        number, sequence, changes = entry
        told = self.within.pop(number, 0)
        told += filling.take(changes[told:])
        if told < len(changes):
            if told:
                self.within[number] = told
            return False
        self.at[number] = sequence
        return True

    @property
    def token_here(self) -> str:
        """From where to go on."""
        return self.follower.tail.token_of(self.at) + within_text(self.within)

    async def wait(self) -> None:
        """Until something waits, or a new token is due."""
        if self._entries or self.is_behind or self._error:
            return
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(TOKEN_SECONDS):
                await self._woken.wait()

    def check(self) -> None:
        """Raises why the watch ends, and how to go on."""
        if self._error is None:
            return
        go_on = {"resume_token": self.token} if self.token else {}
        if isinstance(self._error, PromessaError):
            raise Unavailable(self._error.reason, self._error.message, **go_on)
        raise Unavailable(
            "STORE_UNAVAILABLE",
            "The store does not tell of steps now, so the watch ends. Watch again with the last resume_token.",
            **go_on,
        )
