"""The watches of one process: who watches, from when on, and what each is told next.

The follower of the event logs is there while somebody watches, and is shared by all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from promessa.domain.errors import Exhausted, InvalidRequest, PromessaError, Unavailable
from promessa.domain.limits import WATCH_CELLS_MAX, WATCH_EVENTS_UNMERGED, WATCHES_MAX
from promessa.domain.watching import Levels
from promessa.service._mailbox import Mailbox
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.watch_board import Board
from promessa.service.watch_follower import Follower
from promessa.service.watch_replay import expired, missed
from promessa.service.watch_selection import Selection
from promessa.store.event_log import EventLog

TOKEN_SECONDS = 30.0
"""A batch comes at least so often: its token keeps up with the log, which is trimmed behind."""


PAUSE_SECONDS = 0.0004
"""Between two batches of a watcher, for each watcher there is. Writing a batch is some 50 microseconds of work: all watchers
together leave a worker most of its time, and when much changes each gets fewer and longer batches."""

Label = Callable[[bytes, bytes], bytes]
"""The fields that name a cell in an event, of its node and sku. Raises LookupError for one that is not known here."""


class Batch(NamedTuple):
    """What a watcher is told at once. `merged` events are missing, because it was slow."""

    events: bytes
    """As they are sent; see `Mailbox.take`."""
    event_count: int
    merged: int
    token: str


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and from where on. `resume_token` is empty for a watch that begins now."""

    selection: Selection
    levels: Levels | None = None
    resume_token: str = ""
    include_initial: bool = False
    channel: str = ""


class Watches:
    """Opens watches. `open_log` connects to the store; `label` names cells to those who watch."""

    def __init__(
        self,
        keeper: CatalogueKeeper,
        open_log: Callable[[], EventLog],
        label: Label,
        *,
        on_error: Callable[[str, BaseException], None] = lambda what, error: None,
    ) -> None:
        self._keeper = keeper
        self._open_log = open_log
        self._label = label
        self._on_error = on_error
        self._watchers: set[_Watcher] = set()
        self._followers: dict[str, Follower] = {}
        self._following: dict[Follower, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def is_following(self) -> bool:
        """Whether the event logs are followed."""
        return any(not task.done() for task in self._following.values())

    @property
    def waiting(self) -> int:
        """Changes that wait for watchers to take them."""
        return sum(len(watcher.mailbox) for watcher in self._watchers)

    async def select(self, skus: list[str], node_ids: list[str], node_group_ids: list[str]) -> Selection:
        """The cells named, no skus standing for every one, and no nodes and groups for every node.

        Raises NotFound, InvalidRequest (REFERENCE_NOT_FOUND, WATCH_TOO_LARGE). A kit counts with its components.
        """
        named = list(node_ids)
        for node_group_id in node_group_ids:
            named += await self._nodes_of(node_group_id)
        every_node = not node_ids and not node_group_ids
        nodes = None if every_node else frozenset([b"%d" % await self._keeper.node_index(x) for x in named])
        chosen = frozenset([b"%d" % await self._keeper.sku_index(x) for x in skus]) if skus else None
        catalogue = self._keeper.catalogue
        kits = [catalogue.skus.by_id[sku].kit for sku in skus if sku in catalogue.shaped]
        more = {part.sku for kit in kits for part in kit} - set(skus)
        node_count = len(catalogue.nodes.by_id) if nodes is None else len(nodes)
        pairs = node_count * (len(catalogue.skus.by_id) if chosen is None else len(chosen) + len(more))
        if pairs > WATCH_CELLS_MAX:
            raise InvalidRequest(
                "WATCH_TOO_LARGE",
                f"These are {pairs:,} pairs of sku and node, and a watch is over {WATCH_CELLS_MAX:,} at most. Name fewer, "
                "or watch in parts.",
                pairs=pairs,
                pairs_max=WATCH_CELLS_MAX,
            )
        return Selection(nodes, chosen)

    async def watch(self, watch: Watch) -> AsyncGenerator[Batch, None]:
        """Batches for ever, the first at once. To be closed by who takes them.

        Raises Exhausted (TOO_MANY_WATCHES), InvalidRequest (INVALID_TOKEN), FailedPrecondition (RESUME_TOKEN_EXPIRED),
        Unavailable (DRAINING, STORE_UNAVAILABLE) with the last token in its metadata.
        """
        watcher = self._admit(watch)
        try:
            await watcher.begun
            if watch.resume_token:
                async with aclosing(self._missed(watcher, watch)) as batches:
                    async for batch in batches:
                        yield batch
                        watcher.told(batch)
            while True:
                batch = await self._take(watcher)
                yield batch
                watcher.told(batch)
                await asyncio.sleep(PAUSE_SECONDS * len(self._watchers))
                await watcher.wait()
        finally:
            self._leave(watcher)

    def end(self, error: PromessaError) -> None:
        """End all watches with an error, and open none any more."""
        self._ended = True
        for watcher in list(self._watchers):
            watcher.fail(error)

    async def close(self) -> None:
        """Give back the connections to the store. After `end`."""
        for channel in list(self._followers):
            self._stop_following(channel)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _admit(self, watch: Watch) -> _Watcher:
        if self._ended:
            raise Unavailable("DRAINING", "This server is shutting down. Watch from another connection.")
        if len(self._watchers) >= WATCHES_MAX:
            raise Exhausted(
                "TOO_MANY_WATCHES",
                f"This worker has {WATCHES_MAX} watches, and serves no more. Watch from another connection, or more in "
                "one watch.",
                watches_max=WATCHES_MAX,
            )
        follower = self._followed(watch.channel)
        watcher = _Watcher(watch, follower)
        self._watchers.add(watcher)
        follower.join(watcher)
        return watcher

    def _followed(self, channel: str) -> Follower:
        """The follower for those who watch a channel; another one if it ended."""
        known = self._followers.get(channel)
        if known is not None and not known.ended:
            return known
        if known is not None:
            del self._following[known]
        follower = Follower(self._open_log(), self._keeper, channel=channel, on_error=self._on_error)
        self._followers[channel] = follower
        self._following[follower] = asyncio.create_task(follower.run())
        return follower

    async def _take(self, watcher: _Watcher) -> Batch:
        """All that waits, with the token after it. A node or sku that was put a moment ago is read from the store."""
        try:
            return watcher.take(self._label)
        except LookupError:
            await self._keeper.load()
            return watcher.take(self._label)

    def _leave(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        watcher.follower.leave(watcher)
        if watcher.follower is self._followers.get(watcher.channel) and watcher.follower.is_idle:
            self._stop_following(watcher.channel)

    def _stop_following(self, channel: str) -> None:
        task = self._following.pop(self._followers.pop(channel))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        task.cancel()

    async def _missed(self, watcher: _Watcher, watch: Watch) -> AsyncGenerator[Batch, None]:
        """What happened between the token and the watcher's beginning."""
        follower = watcher.follower
        epoch, since = follower.tail.parse(watch.resume_token)
        if epoch != follower.tail.epoch:
            raise expired("The store was replaced.")
        log, (board, watcher.board) = self._open_log(), (watcher.board, Board())
        try:
            async with aclosing(
                missed(log, board, watch.selection, watch.levels, since=since, until=watcher.began_at)
            ) as found:
                async for mailbox, positions in found:
                    yield Batch(*await self._emptied(mailbox), follower.tail.token_of(positions))
        finally:
            await log.close()

    async def _emptied(self, mailbox: Mailbox) -> tuple[bytes, int, int]:
        try:
            return mailbox.take(self._label)
        except LookupError:
            await self._keeper.load()
            return mailbox.take(self._label)

    async def _nodes_of(self, node_group_id: str) -> tuple[str, ...]:
        groups = self._keeper.catalogue.node_groups.by_id
        if node_group_id not in groups and not await self._keeper.refresh("node_group", node_group_id):
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no node group {node_group_id!r}. Put it first, or correct the id.",
                kind="node_group",
                id=node_group_id,
            )
        return groups[node_group_id].node_ids


class _Watcher:
    """One watch, between the follower and the call that it is for."""

    def __init__(self, watch: Watch, follower: Follower) -> None:
        self.selection = watch.selection
        self.channel = watch.channel
        self.follower = follower
        self.mailbox = Mailbox(watch.levels, unmerged=WATCH_EVENTS_UNMERGED, owner=self)
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.began_at: list[int] = []
        self.board = Board()
        self.token = watch.resume_token
        self._watch = watch
        self._told_at = monotonic()
        self._waiting: asyncio.Future[None] | None = None
        self._error: Exception | None = None

    def begin(self) -> None:
        if self.begun.done():
            return
        self.began_at = list(self.follower.positions)
        self.mailbox.open()
        if self._watch.resume_token:
            self.board = self.follower.board.part(self.selection)
        if self._watch.include_initial:
            for change in self.follower.board.states(self.selection):
                self.mailbox.offer(*change)
        self.begun.set_result(None)

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def tick(self, now: float) -> None:
        if now - self._told_at > TOKEN_SECONDS:
            self.wake()

    def fail(self, error: Exception) -> None:
        self._error = error
        self.wake()
        if not self.begun.done():
            self.begun.set_exception(self._failure())

    def take(self, label: Label) -> Batch:
        """All that waits, with the token after it. What `label` raises is raised, and then everything still waits."""
        if self._error is not None:
            raise self._failure()
        return Batch(*self.mailbox.take(label), self.follower.tail.token())

    def told(self, batch: Batch) -> None:
        """A batch is on its way."""
        self.token, self._told_at = batch.token, monotonic()

    async def wait(self) -> None:
        """Until something waits, or a new token is due."""
        if not self.mailbox and self._error is None:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def _failure(self) -> PromessaError:
        """Why the watch ends, and how to go on."""
        go_on = {"resume_token": self.token} if self.token else {}
        if isinstance(self._error, PromessaError):
            return Unavailable(self._error.reason, self._error.message, **go_on)
        return Unavailable(
            "STORE_UNAVAILABLE",
            "The store does not tell of changes now, so the watch ends. Watch again with the last resume_token.",
            **go_on,
        )
