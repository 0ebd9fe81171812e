"""The applier keeps the replica equal to a store that grows, breaks, freezes, forgets and is replaced."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from world import cell_value, replica

from promessa.replica import Applier, Reader, Writer

PARTITIONS = 4  # the writer of world.replica follows five logs: these and the catalogue's


class FakeStore:
    """A store in a dict: cells, logs with contiguous ids, a catalogue. Faults are switched on by tests."""

    def __init__(self) -> None:
        self.cells: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
        self.logs: list[list[tuple[int, list[bytes]]]] = [[] for _ in range(PARTITIONS + 1)]
        self.sequences = [0] * (PARTITIONS + 1)
        self.names: dict[str, list[tuple[int, str, int]]] = {"node": [], "sku": []}
        self.number = 1
        self.frozen = self.broken = False
        self.skip_log = False
        self.reconnects = 0
        self.while_paging: Callable[[], None] = lambda: None

    @property
    def partitions(self) -> int:
        return PARTITIONS

    def put(self, node: int, sku: int, units: int) -> None:
        partition = node % PARTITIONS
        field, value = b"%d:%d" % (node, sku), cell_value(units)
        self.cells[partition][field] = value
        self.cells[partition][b"seq"] = b"%d" % (self.sequences[partition] + 1)
        self._append(partition, [b"kind", b"SET", field, value])

    def name(self, kind: str, id_: str, state: int = 1) -> None:
        known = {name: index for index, name, *_ in self.names[kind]}
        index = known.get(id_, len(known))
        self.names[kind] = sorted([x for x in self.names[kind] if x[0] != index] + [(index, id_, state, ())])
        self._append(PARTITIONS, [b"kind", b"PUT", f"{kind}={id_}".encode(), b"%d,%d" % (index, state)])

    def _append(self, partition: int, fields: list[bytes]) -> None:
        self.sequences[partition] += 1
        if not self.skip_log:
            self.logs[partition].append((self.sequences[partition], fields))

    async def epoch(self) -> int:
        return self.number

    async def heads(self) -> list[int]:
        await asyncio.sleep(0)
        return list(self.sequences)

    async def scan_cells(self, partition: int) -> AsyncIterator[list[bytes]]:
        for field, value in list(self.cells[partition].items()):
            await asyncio.sleep(0)
            self.while_paging()
            yield [field, self.cells[partition].get(field, value)]

    async def read_log(self, positions: list[int], block_ms: int) -> dict[int, list[Any]]:
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionResetError("the store hung up")
        if self.frozen:
            return {}
        found = {
            partition: [[b"%d-0" % n, fields] for n, fields in log if n > positions[partition]][:7]
            for partition, log in enumerate(self.logs)
        }
        return {partition: entries for partition, entries in found.items() if entries}

    async def catalogue_records(self, kind: str) -> list[tuple[int, str, int, Any]]:
        return self.names[kind]

    def catalogue_changes(self, entries: list[Any]) -> list[tuple[str, int, str, int, Any]]:
        changes = []
        for _, (_, _, name, value) in entries:
            kind, _, id_ = name.decode().partition("=")
            index, state = map(int, value.split(b","))
            changes.append((kind, index, id_, state, ()))
        return changes

    async def reconnect_tail(self) -> None:
        self.reconnects += 1
        self.broken = False

    def expected(self) -> dict[tuple[int, int], int]:
        cells = {}
        for node, _, state, _ in self.names["node"]:
            for sku, *_ in self.names["sku"]:
                value = self.cells[node % PARTITIONS].get(b"%d:%d" % (node, sku))
                if value is not None and state == 1:
                    cells[sku, node] = next(units for units in range(2_000) if cell_value(units) == value)
        return cells


class Clock:
    """Time that only passes when it is told to, or slept through."""

    def __init__(self) -> None:
        self.ns = 10**12

    def now_ns(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        self.ns += int(seconds * 1e9)
        await asyncio.sleep(0)


class Stage:
    """A store with some cells, an applier on it, and a reader of what it writes."""

    def __init__(self, writer: Writer, path: str) -> None:
        self.store, self.clock, self.path = FakeStore(), Clock(), path
        for node in range(6):
            self.store.name("node", f"node-{node}", 2 if node == 5 else 1)
        for sku in range(4):
            self.store.name("sku", f"sku-{sku}")
        for node in range(6):
            for sku in range(4):
                self.store.put(node, sku, node * 10 + sku)
        self.errors: list[str] = []
        self.applier = Applier(
            self.store,
            writer,
            now_ns=self.clock.now_ns,
            sleep=self.clock.sleep,
            on_error=lambda what, error: self.errors.append(f"{what}: {error}"),
        )
        self.reader = Reader(path)

    def shows_the_store(self) -> bool:
        expected = self.store.expected()
        found = {(sku, node): self.reader.get(sku, node) for sku, node in expected}
        everywhere = [(sku, node) for sku, *_ in self.store.names["sku"] for node, *_ in self.store.names["node"]]
        many = array("Q", [node << 32 | sku for sku, node in everywhere])
        assert list(self.reader.atps(many)) == [self.reader.get(sku, node) for sku, node in everywhere]
        return self.reader.ready and found == expected

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(5_000):
            if condition():
                return
            await asyncio.sleep(0)
        raise AssertionError(f"it never came to that; {self.applier.counters}, {self.errors[-3:]}")


@contextmanager
def stage() -> Iterator[Stage]:
    with replica(max_bytes=1 << 26) as (writer, path):
        yield Stage(writer, path)


@contextmanager
def running(on: Stage) -> Iterator[asyncio.Task[None]]:
    task = asyncio.create_task(on.applier.run())
    try:
        yield task
    finally:
        task.cancel()


async def test_what_is_written_while_it_loads_is_there_when_it_is_ready() -> None:
    with stage() as on:
        r = random.Random(1)
        on.store.while_paging = lambda: on.store.put(r.randrange(6), r.randrange(4), r.randrange(1_000))
        load = asyncio.create_task(on.applier.load())
        while not load.done():
            assert not on.reader.ready
            await asyncio.sleep(0)
        await load
        assert on.shows_the_store()
        assert [on.reader.applied(p) for p in range(PARTITIONS + 1)] == on.store.sequences


@pytest.mark.parametrize("seed", range(8))
async def test_after_any_history_with_faults_it_shows_the_store_again(seed: int) -> None:
    r = random.Random(seed)
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        for _ in range(150):
            match r.randrange(12):
                case 0:
                    on.store.broken = True
                case 1:
                    on.store.number += 1
                case 2:
                    on.store.name("sku", f"sku-{r.randrange(12)}", r.choice((1, 3)))
                case 3:
                    on.store.name("node", f"node-{r.randrange(9)}", r.choice((1, 1, 2)))
                case _:
                    nodes, skus = len(on.store.names["node"]), len(on.store.names["sku"])
                    on.store.put(r.randrange(nodes), r.randrange(skus), r.randrange(1_000))
            for _ in range(r.randrange(4)):
                await asyncio.sleep(0)
        await on.until(lambda: on.reader.epoch == on.store.number and on.shows_the_store())


async def test_a_gap_has_everything_loaded_again_and_nobody_reads_meanwhile() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        on.store.skip_log = True
        on.store.put(0, 0, 777)
        on.store.skip_log = False
        on.store.put(4, 1, 778)
        await on.until(lambda: not on.reader.ready)
        await on.until(on.shows_the_store)
        assert (on.applier.counters.gaps, on.applier.counters.resyncs) == (1, 2)


async def test_a_new_epoch_has_everything_loaded_again() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        on.store.number = 2
        await on.until(lambda: on.reader.epoch == 2 and on.shows_the_store())
        assert on.applier.counters.resyncs == 2


async def test_a_store_that_lost_its_end_is_loaded_again() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        on.store.cells[1][b"1:0"] = cell_value(3)
        on.store.logs[1].pop()
        on.store.sequences[1] -= 1
        await on.until(on.shows_the_store)
        assert on.applier.counters.resyncs == 2


async def test_a_frozen_tail_is_reconnected_after_a_quarter_of_a_second() -> None:
    with stage() as on:
        await on.applier.load()
        on.store.frozen = True
        on.store.put(0, 0, 99)
        began, seen = on.clock.ns, on.reader.staleness_ns(on.clock.ns)
        while on.store.reconnects == 0:
            await on.applier.follow_once()
            await on.applier.check_once()
            on.clock.ns += 50_000_000
        assert 250e6 < on.clock.ns - began < 600e6
        assert on.applier.counters.reconnects == 1
        assert on.reader.staleness_ns(on.clock.ns) >= seen + 250e6
        on.store.frozen = False
        await on.applier.follow_once()
        await on.applier.check_once()
        assert on.shows_the_store()
        assert on.applier.counters.resyncs == 1


async def test_a_tail_that_answers_late_is_given_the_time_and_never_loaded_again() -> None:
    with stage() as on:
        await on.applier.load()
        on.store.put(0, 0, 99)
        for reconnects in range(1, 8):  # each connection is given up before its answer came
            while on.store.reconnects < reconnects:
                await on.applier.check_once()
                assert on.applier.loaded.is_set()
                on.clock.ns += 50_000_000
            began = on.clock.ns
        while on.store.reconnects < 8:
            await on.applier.check_once()
            on.clock.ns += 50_000_000
        assert 4e9 < on.clock.ns - began < 4.5e9
        await on.applier.follow_once()
        assert on.shows_the_store()
        assert on.applier.counters.resyncs == 1


async def test_a_log_cut_off_ahead_of_us_is_given_up_for_a_load() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        on.store.put(2, 2, 55)
        on.store.logs[2].clear()
        await on.until(lambda: on.applier.counters.resyncs == 2 and on.shows_the_store())


async def test_another_catalogue_begins_another_file() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        other = FakeStore()
        for id_ in ("x", "y"):
            other.name("node", id_)
            other.name("sku", id_)
        other.put(1, 0, 5)
        for name in ("cells", "logs", "sequences", "names"):
            setattr(on.store, name, getattr(other, name))
        on.store.number = 2
        await on.until(lambda: on.reader.superseded)
        assert not on.reader.ready
        on.reader = Reader(on.path)
        await on.until(on.shows_the_store)
        assert (on.reader.sku_index("sku-0"), on.reader.sku_index("y"), on.reader.node_count) == (-1, 1, 2)


async def test_cells_of_a_sku_that_was_named_a_moment_ago_are_taken() -> None:
    with stage() as on, running(on):
        await on.until(on.shows_the_store)
        on.store.name("sku", "new")
        on.store.logs[PARTITIONS].pop()  # its name has not come with the log yet
        on.store.put(0, 4, 42)
        await on.until(lambda: on.reader.sku_index("new") == 4 and on.reader.get(4, 0) == 42)
        assert on.applier.counters.resyncs == 1


async def test_the_replica_never_claims_to_be_younger_than_the_heads_it_has_reached() -> None:
    with stage() as on:
        await on.applier.load()
        loaded = on.clock.ns
        on.clock.ns += 10**9
        on.store.put(0, 0, 1)
        await on.applier.check_once()
        assert on.reader.staleness_ns(on.clock.ns) >= on.clock.ns - loaded
        await on.applier.follow_once()
        assert on.reader.staleness_ns(on.clock.ns) >= on.clock.ns - loaded
        await on.applier.check_once()
        assert on.reader.staleness_ns(on.clock.ns) == 0
        assert on.reader.stats()["heartbeat_ns"] == on.clock.ns
