"""One follower of the event logs for all watchers of a process.

    join      put what a new watcher selects on the board, as the store has it at some sequence, follow the logs up to there,
              and let the watcher begin: from then on board, positions and watcher are at one
    follow    apply what the logs bring to the board, offer every change to those who watch its cell, and then wake those
              who got something
    recipes   a kit that becomes another one first gets the cells of its new components; only then the entry counts
    check     now and then compare with the heads and the epoch, over another connection
    end       whatever goes wrong ends all watchers: their clients resume, which reads the log or says that it cannot

Cells of a selection that nobody else watches are not on the board before; those that somebody does are put there again.
The logs are independent of each other: any order in which they are followed is one that happened, if every log is in order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, Protocol

from promessa.service._mailbox import Mailbox, offer
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.log_tail import LogTail
from promessa.service.watch_board import STATE_FIELDS, Board, Change, Parts
from promessa.service.watch_channel import ChannelPools
from promessa.service.watch_recipes import Recipes
from promessa.service.watch_selection import Interest, Selection
from promessa.store.event_log import POOLS, Entry, EventLog, entries_of

BLOCK_MS = 50
"""How long a new watcher waits at most while nothing happens."""
PAGE_ENTRIES = 200
FIELDS_MAX = 2_000
CHECK_SECONDS = 1.0

Values = list[tuple[bytes, bytes | None]]


class Watching(Protocol):
    """What the follower needs of a watcher."""

    selection: Selection
    mailbox: Mailbox

    def begin(self) -> None:
        """The board has all cells of the selection, at the follower's positions."""

    def wake(self) -> None:
        """Its mailbox was empty, and is not any more."""

    def tick(self, now: float) -> None:
        """Some time went by; `now` is that of the monotonic clock."""

    def fail(self, error: Exception) -> None:
        """The follower ended."""


class Follower:
    """Follows one data set into `board`, for those who watch one channel, or none.

    `run` ends by being cancelled, or with the error that it tells all watchers. `tail` is where it is.
    """

    def __init__(
        self,
        log: EventLog,
        keeper: CatalogueKeeper,
        *,
        channel: str = "",
        on_error: Callable[[str, BaseException], None],
    ) -> None:
        self._log = log
        self._keeper = keeper
        self._on_error = on_error
        self._interest: Interest[Mailbox] = Interest()
        self._watchers: set[Watching] = set()
        self._joining: deque[Watching] = deque()
        self._due: list[deque[tuple[int, Callable[[], None]]]] = [deque() for _ in range(log.partitions)]
        self._recipes = Recipes(keeper)
        self._coming: frozenset[bytes] = frozenset()
        self._arrived: list[object] = []
        self.tail = LogTail(log)
        self.board = Board(ChannelPools(channel) if channel else None)
        self.ended = False

    def join(self, watcher: Watching) -> None:
        """Let a watcher begin as soon as the board has its cells."""
        self._watchers.add(watcher)
        self._joining.append(watcher)

    def leave(self, watcher: Watching) -> None:
        """Offer it nothing more, and forget the cells that only it watched."""
        self._watchers.discard(watcher)
        if watcher in self._joining:
            self._joining.remove(watcher)
            return
        self._interest.remove(watcher.selection, watcher.mailbox)
        self.board.forget(watcher.selection, self._interest.of)
        for kit in [kit for kit in self.board.kits if not self._interest.has_sku(kit)]:
            self.board.know_kit(kit, ())

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches."""
        return not self._watchers

    @property
    def positions(self) -> list[int]:
        """Where it is."""
        return self.tail.positions

    async def run(self) -> None:
        try:
            await self._start()
            while True:
                if self._joining:
                    await self._join(self._joining.popleft())
                await self._follow_all(await self._read(1 if self._joining else BLOCK_MS))
                now = await self.tail.check(CHECK_SECONDS)
                for watcher in list(self._watchers) if now else ():
                    watcher.tick(now)
        except Exception as error:
            self._on_error("the watchers' log cannot be followed", error)
            self.ended = True
            for watcher in list(self._watchers):
                watcher.fail(error)
        finally:
            await self._log.close()

    async def _start(self) -> None:
        heads = await self.tail.begin()
        if self._keeper.position > heads[-1]:  # the catalogue of another store
            await self._keeper.load()
        self._recipes = Recipes(self._keeper)
        self.tail.set([*heads[:-1], self._recipes.position])

    async def _read(self, block_ms: int) -> dict[int, list[Any]]:
        return await self._log.read_log(self.positions, block_ms, count=PAGE_ENTRIES)

    # Joining ----------------------------------------------------------------------------------------------------------

    async def _join(self, watcher: Watching) -> None:
        """Interest comes first, so that no cell that is made meanwhile is missed."""
        self._interest.add(watcher.selection, watcher.mailbox)
        catalogue, _ = await self._log.read_fields(self._log.catalogue, ())
        while self.positions[self._log.catalogue] < catalogue:
            await self._follow_all(await self._read(BLOCK_MS))
        kits = self._recipes.of(watcher.selection)
        for kit, parts in kits.items():
            if kit not in self.board.kits:
                self.board.know_kit(kit, parts)
        await self._load(watcher.selection, {part for parts in kits.values() for part, _ in parts})
        self.board.settle_kits(watcher.selection, self._interest.of)
        if watcher in self._watchers:
            watcher.begin()

    async def _load(self, selection: Selection, more_skus: Iterable[bytes]) -> None:
        """Put the cells of a selection, and of more skus at its nodes, on the board, and follow the logs up to there."""
        nodes, skus = await self._indices(selection, more_skus)
        for number in range(self._log.partitions):
            here = [node for node in nodes if int(node) % self._log.partitions == number]
            kinds = (POOLS, b"") if self.board.has_pools else (b"",)  # pools before their cell, as in the log
            cells = (b"%b%b:%b" % (kind, node, sku) for node in here for sku in skus for kind in kinds)
            names = chain((field + node for node in here for field in STATE_FIELDS), cells)
            fields = list(islice(names, FIELDS_MAX))
            while True:  # once without fields, too: a resumption is from what every partition had
                sequence, values = await self._log.read_fields(number, fields)
                self._expect(number, sequence, partial(self._put, list(zip(fields, values, strict=True))))
                fields = list(islice(names, FIELDS_MAX))
                if not fields:
                    break
        while any(self._due):
            read = await self._read(BLOCK_MS)
            read.pop(self._log.catalogue, None)
            await self._follow_all(read)

    async def _indices(
        self, selection: Selection, more_skus: Iterable[bytes]
    ) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """The nodes and skus of a selection by their indices; of every one, all there are by now."""
        nodes, skus = await self._log.next_indices()
        return (
            list(selection.nodes) if selection.nodes is not None else [b"%d" % index for index in range(nodes)],
            list(selection.skus.union(more_skus))
            if selection.skus is not None
            else [b"%d" % index for index in range(skus)],
        )

    def _expect(self, number: int, sequence: int, act: Callable[[], None]) -> None:
        """Act when a partition is followed up to a sequence."""
        if sequence < self.positions[number]:
            raise LookupError(
                f"Partition {number} is at {sequence}, and {self.positions[number]} was read: data were lost."
            )
        if sequence == self.positions[number] and not self._due[number]:
            act()
        else:
            self._due[number].append((sequence, act))

    def _put(self, values: Values) -> None:
        for name, value in values:
            if name.startswith(STATE_FIELDS):
                self.board.put_state(name, value)
                continue
            cell = name.removeprefix(POOLS)
            node, _, sku = cell.partition(b":")
            if not self._is_needed(node, sku):  # who asked may be gone
                continue
            if name.startswith(POOLS):
                self.board.put_pools(cell, value)
            elif value is not None:
                self.board.put_value(node, sku, value)

    def _is_needed(self, node: bytes, sku: bytes) -> bool:
        return self._is_wanted(node, sku) or self.board.is_used(node, sku, self._is_wanted)

    def _is_wanted(self, node: bytes, sku: bytes) -> bool:
        return bool(self._interest.of(node, sku)) or sku in self._coming

    # Following --------------------------------------------------------------------------------------------------------

    async def _follow_all(self, read: dict[int, list[Any]]) -> None:
        """Take over what was read, the catalogue last; then whoever got something may take all of it at once."""
        for number, entries in sorted(read.items()):
            if number == self._log.catalogue:
                await self._follow_catalogue(entries_of(entries))
            else:
                self._follow(number, entries_of(entries))
            await asyncio.sleep(0)  # others have work, too
        self._wake()

    def _follow(self, number: int, entries: list[Entry]) -> None:
        due = self._due[number]
        for sequence, flat in entries:
            self.tail.go_on(number, sequence)
            self._offer(self.board.apply(flat, self._is_wanted))
            while due and due[0][0] <= sequence:
                due.popleft()[1]()

    async def _follow_catalogue(self, entries: list[Entry]) -> None:
        for sequence, flat in entries:
            changes = await self._recipes.changes_in(self._log, (sequence, flat))
            for kit, parts in changes:
                if self._interest.has_sku(kit):
                    await self._load_components(kit, parts)
            self.tail.go_on(self._log.catalogue, sequence)
            for kit, parts in changes:
                self._recipes.put(kit, parts)
                if self._interest.has_sku(kit):
                    self._change_kit(kit, parts)
            self._coming = frozenset()

    async def _load_components(self, kit: bytes, parts: Parts) -> None:
        """Have the cells of components that a watched kit will have."""
        skus = frozenset(part for part, _ in parts)
        selections = [watcher.selection for watcher in self._watchers if watcher.selection.has_sku(kit)]
        every = any(selection.nodes is None for selection in selections)
        nodes = frozenset(node for selection in selections for node in selection.nodes or ())
        self._coming |= skus
        await self._load(Selection(None if every else nodes, skus), ())

    def _change_kit(self, kit: bytes, parts: Parts) -> None:
        """Who watches a kit is told what its new components make of it; those it had are forgotten."""
        skus = {part for part, _ in (*self.board.kits.get(kit, ()), *parts)}
        self._offer(self.board.put_kit(kit, parts, self._interest.of))
        self.board.forget(Selection(None, frozenset(skus)), self._interest.of)

    def _offer(self, changes: list[Change]) -> None:
        for cell, before, after in changes:
            watching = self._interest.of(cell.node, cell.sku)
            if watching:
                offer(watching, cell, before, after, self._arrived)

    def _wake(self) -> None:
        arrived, self._arrived = self._arrived, []
        for watcher in arrived:
            watcher.wake()  # type: ignore[attr-defined]
