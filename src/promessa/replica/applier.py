"""The applier: keeps the replica equal to the store.

    load      name every node and sku, note the heads, read all cells, follow the logs up to the heads noted after it
    follow    apply what the logs bring; the catalogue's log names new nodes and skus
    watch     poll the heads on another connection: it says when the replica equals the store, and finds a tail that is
              frozen without an error
    heal      a gap, another epoch, a log cut off ahead of us: say that the replica is not ready, and load it again; a
              connection that broke or froze: open another. A catalogue that names an index differently is another data
              set, and begins another file

Cells carry after-values, so reading a cell twice, or an entry after the cell that already has it, does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from promessa.replica._replica import Gap, Renamed, Writer

HEAD_POLL_SECONDS = 0.05
BLOCK_MS = 100
FROZEN_NS = 250_000_000
"""A head that is ahead for so long, while the tail brings nothing, means that the tail's connection is dead."""
PATIENCE_MAX_NS = 4_000_000_000
FROZEN_TIMES_MAX = 4
"""Connections in a row that said that there is nothing: then the log itself lacks what the head promises."""
RETRY_SECONDS = 0.2


Parts = tuple[tuple[bytes, int], ...]
"""What a kit consists of: ids of skus, and units of each in one kit. Empty for everything else."""


class Source(Protocol):
    """What the applier reads. Heads and positions have one entry per partition, and then the catalogue's.

    `heads` and `epoch` travel on another connection than `read_log`. Every method may raise whatever its client library
    raises for a broken connection; the applier reconnects the tail and tries again.
    """

    @property
    def partitions(self) -> int:
        """Partitions without the catalogue; its number among the positions is this one."""

    async def epoch(self) -> int:
        """The epoch of the data set; it rises when the store was replaced or may have lost data."""

    async def heads(self) -> list[int]:
        """Sequence of the last entry of every log, 0 for an empty one."""

    def scan_cells(self, partition: int) -> AsyncIterator[list[bytes]]:
        """Pages of field, value, field, value ...; every cell that is there all the while comes at least once."""

    async def read_log(self, positions: list[int], block_ms: int) -> dict[int, list[Any]]:
        """Raw entries after the positions, by partition; waits for some up to block_ms, and is empty without any."""

    async def catalogue_records(self, kind: str) -> list[tuple[int, str, int, Parts]]:
        """(index, id, state, parts of a kit) of every node or sku ever named, in order of index; state 3 is deleted."""

    def catalogue_changes(self, entries: list[Any]) -> list[tuple[str, int, str, int, Parts]]:
        """(kind, index, id, state, parts) of what entries of the catalogue's log put or deleted, in order."""

    async def reconnect_tail(self) -> None:
        """Give up read_log's connection; the next call opens another."""


@dataclass(slots=True)
class Counters:
    """What the applier did, for metrics. The first load counts among the resyncs."""

    applied_cells: int = 0
    gaps: int = 0
    resyncs: int = 0
    reconnects: int = 0


class Applier:
    """Follows one data set into one Writer. `now_ns` is CLOCK_MONOTONIC; `sleep` waits for seconds."""

    def __init__(
        self,
        source: Source,
        writer: Writer,
        *,
        now_ns: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_error: Callable[[str, BaseException], None] = lambda what, error: None,
    ) -> None:
        self._source = source
        self._writer = writer
        self._now_ns = now_ns
        self._sleep = sleep
        self._on_error = on_error
        self._positions = [0] * (source.partitions + 1)
        self._moved_ns = now_ns()
        self._frozen_times = 0
        self._said_nothing = False
        self._patience_ns = FROZEN_NS
        self.counters = Counters()
        self.loaded = asyncio.Event()

    @property
    def positions(self) -> list[int]:
        """Sequences applied so far, one a partition, then the catalogue's."""
        return list(self._positions)

    async def run(self) -> None:
        """Until cancelled: load, follow, and load again after whatever goes wrong."""
        watch = asyncio.create_task(self._watch())
        try:
            while True:
                try:
                    if not self.loaded.is_set():
                        await self.load()
                    await self.follow_once()
                except Gap as gap:
                    self.counters.gaps += 1
                    self._distrust(gap)
                except (ValueError, KeyError) as error:
                    self._distrust(error)
                    await self._reconnect()
                except Exception as error:  # a broken connection in the words of the client library
                    self._on_error("the tail broke", error)
                    await self._reconnect()
        finally:
            watch.cancel()

    async def load(self) -> None:
        """Read everything: names, cells, and the log entries written meanwhile. Then the replica is ready."""
        self.counters.resyncs += 1
        epoch = await self._source.epoch()
        self._writer.set_ready(False)
        self._writer.clear()
        heads = await self._source.heads()
        try:
            await self._load_names()
        except Renamed as error:
            self._on_error("the catalogue is another one: the replica begins a new file", error)
            self._writer.reset()
            await self._load_names()
        for partition, head in enumerate(heads):
            self._positions[partition] = head
            self._writer.set_position(partition, head)
        for partition in range(self._source.partitions):
            async for page in self._source.scan_cells(partition):
                await self._named(partial(self._writer.load_cells, page))
        asked_ns = self._now_ns()
        goal = await self._source.heads()
        while any(have < want for have, want in zip(self._positions, goal, strict=True)):
            await self.follow_once()
        self._writer.set_epoch(epoch)
        self._note_caught_up(goal, asked_ns)
        self._writer.heartbeat(asked_ns)
        self._writer.set_ready(True)
        self._moved(self._now_ns())
        self.loaded.set()

    async def follow_once(self) -> None:
        """Apply what the logs have now, or wait a moment for some."""
        entries_by_partition = await self._source.read_log(self._positions, BLOCK_MS)
        # The catalogue comes first: cells of a new sku need its name.
        for partition in sorted(entries_by_partition, reverse=True):
            await self._apply(partition, entries_by_partition[partition])
        if entries_by_partition:
            self._moved(self._now_ns())
        else:
            self._said_nothing = True

    async def check_once(self) -> None:
        """Compare with the store's heads, and act if the tail is frozen or the store is another one."""
        asked_ns, had = self._now_ns(), list(self._positions)
        heads = await self._source.heads()
        self._writer.heartbeat(asked_ns)
        if not self.loaded.is_set():
            return
        lost = any(head < have for head, have in zip(heads, had, strict=True))
        if lost or await self._source.epoch() != self._writer.epoch:
            self._distrust(RuntimeError("the store is another one, or lost data"))
            await self._reconnect()
            return
        behind = self._note_caught_up(heads, asked_ns)
        if not behind:
            self._moved(asked_ns)
        elif asked_ns - self._moved_ns > self._patience_ns:
            await self._thaw(asked_ns)

    async def _thaw(self, asked_ns: int) -> None:
        """The tail brings nothing though there is something: another connection. A load, if each says that there is nothing;
        twice the patience, if it says nothing at all, for on a machine without time any answer is late.
        """
        self._moved_ns = asked_ns
        if self._said_nothing:
            self._frozen_times += 1
        else:
            self._patience_ns = min(2 * self._patience_ns, PATIENCE_MAX_NS)
        self._said_nothing = False
        if self._frozen_times > FROZEN_TIMES_MAX:
            self._distrust(RuntimeError("the log lacks entries that its head counts"))
        await self._reconnect()

    def _moved(self, at_ns: int) -> None:
        """The tail has brought what there was by a moment."""
        self._moved_ns, self._patience_ns = at_ns, FROZEN_NS
        self._frozen_times, self._said_nothing = 0, False

    async def _watch(self) -> None:
        while True:
            try:
                await self.check_once()
            except Exception as error:
                self._on_error("the heads cannot be read", error)
                await self._sleep(RETRY_SECONDS)
            await self._sleep(HEAD_POLL_SECONDS)

    async def _apply(self, partition: int, entries: list[Any]) -> None:
        if partition == self._source.partitions:
            for kind, index, name, state, parts in self._source.catalogue_changes(entries):
                self._put_name(kind, index, name, state)
                if kind == "sku":
                    self._writer.put_kit(index, parts)
        cells = await self._named(partial(self._writer.apply, partition, entries))
        self.counters.applied_cells += cells
        self._positions[partition] = self._writer.applied(partition)

    async def _named(self, act: Callable[[], int]) -> int:
        """Do what may meet a sku that was named a moment ago, and read the names again if it does."""
        try:
            return act()
        except KeyError:
            await self._load_names()
            return act()

    async def _load_names(self) -> None:
        """Name all nodes and skus. Raises Renamed if the file knows other ones: indices are never given twice."""
        for kind, known in (("node", self._writer.node_count), ("sku", self._writer.sku_count)):
            records = await self._source.catalogue_records(kind)
            if max((index for index, *_ in records), default=-1) + 1 < known:
                raise Renamed(f"The store has fewer {kind}s than the replica.")
            for index, name, state, _ in records:
                self._put_name(kind, index, name, state)
            for index, _, _, parts in records if kind == "sku" else ():  # once all have names
                self._writer.put_kit(index, parts)

    def _put_name(self, kind: str, index: int, name: str, state: int) -> None:
        if kind == "node":
            self._writer.put_node(index, name.encode(), state)
        elif kind == "sku":
            self._writer.put_sku(index, name.encode(), 3 if state == 3 else 1)

    def _note_caught_up(self, heads: list[int], at_ns: int) -> bool:
        """Mark the partitions that have all that the store had at a moment; whether any is behind."""
        behind = False
        for partition, head in enumerate(heads):
            if self._positions[partition] >= head:
                self._writer.caught_up(partition, at_ns)
            else:
                behind = True
        return behind

    def _distrust(self, error: BaseException) -> None:
        """What is in the replica may be wrong: readers go to the store until it is loaded again."""
        self._on_error("the replica is loaded again", error)
        self._writer.set_ready(False)
        self.loaded.clear()

    async def _reconnect(self) -> None:
        self.counters.reconnects += 1
        await self._source.reconnect_tail()
        await self._sleep(RETRY_SECONDS)
