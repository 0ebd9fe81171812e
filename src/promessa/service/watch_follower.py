"""One follower of the event logs for all watchers of a process.

    join      put what a new watcher selects on the board, as the store has it at some sequence, and let the watcher begin
              when the logs are followed up to there: from then on board, positions and watcher are at one
    follow    apply what the logs bring to the board, and offer every change to those who watch its cell
    check     now and then compare with the heads and the epoch, over another connection
    end       whatever goes wrong ends all watchers: their clients resume, which reads the log or says that it cannot

Cells of a selection that nobody else watches are not on the board before; those that somebody does are put there again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice
from time import monotonic
from typing import Any, Protocol

from promessa.domain.token import make_token
from promessa.domain.watching import Change
from promessa.service.watch_board import ACTIVE, NODE_FIELD, Board
from promessa.service.watch_selection import Interest, Selection
from promessa.store.event_log import Entry, EventLog, available_in, entries_of

BLOCK_MS = 50
"""How long a new watcher waits at most while nothing happens."""
PAGE_ENTRIES = 200
FIELDS_MAX = 2_000
CHECK_SECONDS = 1.0

Values = list[tuple[bytes, bytes | None]]


class Watching(Protocol):
    """What the follower needs of a watcher."""

    selection: Selection

    def begin(self) -> None:
        """The board has all cells of the selection, at the follower's positions."""

    def offer(self, change: Change, page: int) -> None:
        """A cell of the selection changed. Comes before `begin`, too, and then means nothing."""

    def fail(self, error: Exception) -> None:
        """The follower ended."""


class Follower:
    """Follows one data set into `board`. `run` ends by being cancelled, or with the error that it tells all watchers."""

    def __init__(self, log: EventLog, *, on_error: Callable[[str, BaseException], None]) -> None:
        self._log = log
        self._on_error = on_error
        self._interest: Interest[Watching] = Interest()
        self._watchers: set[Watching] = set()
        self._joining: deque[Watching] = deque()
        self._due: list[deque[tuple[int, Callable[[], None]]]] = [deque() for _ in range(log.partitions)]
        self._page = 0
        self._checked = 0.0
        self._heads: list[int] = []
        self._had: list[int] = []
        self._token = ""
        self.epoch = 0
        self.positions: list[int] = []
        self.board = Board()
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
        self._interest.remove(watcher.selection, watcher)
        for node, sku, _ in list(self.board.cells(watcher.selection)):
            if not self._interest.of(node, sku):
                self.board.forget(node, sku)

    @property
    def is_idle(self) -> bool:
        """Whether nobody watches."""
        return not self._watchers

    def token(self) -> str:
        """Names the epoch and the positions."""
        if not self._token:
            self._token = make_token(self.epoch, [x for pair in enumerate(self.positions) for x in pair])
        return self._token

    async def run(self) -> None:
        try:
            await self._start()
            while True:
                while self._joining:
                    await self._load(self._joining.popleft())
                for number, entries in (await self._read()).items():
                    self._follow(number, entries_of(entries))
                    await asyncio.sleep(0)  # between partitions the watchers may take what there is
                if monotonic() - self._checked > CHECK_SECONDS:
                    await self._check()
        except Exception as error:
            self._on_error("the watchers' log cannot be followed", error)
            self.ended = True
            for watcher in list(self._watchers):
                watcher.fail(error)
        finally:
            await self._log.close()

    async def _start(self) -> None:
        self.epoch = await self._log.epoch()
        self.positions = (await self._log.heads())[: self._log.partitions]
        self._checked, self._heads, self._had = monotonic(), list(self.positions), list(self.positions)

    async def _read(self) -> dict[int, list[Any]]:
        return await self._log.read_log(self.positions, BLOCK_MS, count=PAGE_ENTRIES)

    # Joining ----------------------------------------------------------------------------------------------------------

    async def _load(self, watcher: Watching) -> None:
        """Read what a watcher selects. It is known at sequences ahead of the positions: there it goes to the board.

        Interest comes first, so that no cell that is made meanwhile is missed.
        """
        self._interest.add(watcher.selection, watcher)
        nodes, skus = await self._indices(watcher.selection)
        for number in range(self._log.partitions):
            here = [node for node in nodes if int(node) % self._log.partitions == number]
            cells = (b"%b:%b" % (node, sku) for node in here for sku in skus)
            names = chain((NODE_FIELD + node for node in here), cells)
            fields = list(islice(names, FIELDS_MAX))
            while True:  # once without fields, too: a resumption is from what every partition had
                sequence, values = await self._log.read_fields(number, fields)
                self._expect(number, sequence, partial(self._put, list(zip(fields, values, strict=True))))
                fields = list(islice(names, FIELDS_MAX))
                if not fields:
                    break
        self._begin_when_followed(watcher)

    async def _indices(self, selection: Selection) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """The nodes and skus of a selection by their indices; of every one, all there are by now."""
        nodes, skus = await self._log.next_indices()
        return (
            list(selection.nodes) if selection.nodes is not None else [b"%d" % index for index in range(nodes)],
            list(selection.skus) if selection.skus is not None else [b"%d" % index for index in range(skus)],
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

    def _begin_when_followed(self, watcher: Watching) -> None:
        """Let a watcher begin after all that is now due in any partition."""
        behind = [due for due in self._due if due]
        left = len(behind)

        def one_done() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                watcher.begin()

        for due in behind:
            due.append((due[-1][0], one_done))
        if not behind:
            watcher.begin()

    def _put(self, values: Values) -> None:
        for name, value in values:
            if name.startswith(NODE_FIELD):
                self.board.put_node(name[2:], active=value in (ACTIVE, None))
            elif value is not None:
                node, _, sku = name.partition(b":")
                if self._interest.of(node, sku):  # who asked may be gone
                    self.board.put_cell(node, sku, available_in(value))

    # Following --------------------------------------------------------------------------------------------------------

    def _follow(self, number: int, entries: list[Entry]) -> None:
        self._page += 1
        self._token = ""
        due = self._due[number]
        for sequence, flat in entries:
            if sequence != self.positions[number] + 1:
                raise LookupError(
                    f"The log of partition {number} goes on with {sequence}, after {self.positions[number]}."
                )
            for change in self.board.apply(flat, self._interest.of):
                for watcher in self._interest.of(change.node, change.sku):
                    watcher.offer(change, self._page)
            self.positions[number] = sequence
            while due and due[0][0] <= sequence:
                due.popleft()[1]()

    async def _check(self) -> None:
        """Raises LookupError if the store is another one, lost data, or the tail does not bring what the heads count."""
        epoch, heads = await self._log.epoch(), (await self._log.heads())[: self._log.partitions]
        frozen = any(now == had < head for now, had, head in zip(self.positions, self._had, self._heads, strict=True))
        lost = any(head < now for now, head in zip(self.positions, heads, strict=True))
        if epoch != self.epoch or frozen or lost:
            raise LookupError("The store is another one, lost data, or does not tell what happens.")
        self._checked, self._heads, self._had = monotonic(), heads, list(self.positions)
