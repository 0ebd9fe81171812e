"""What watching costs a worker: 100 watchers of the same 10,000 cells. `measure()` for the runner, or run it as a script.

    watch_fan_out   CPU of the worker for a change delivered to one watcher, beside a server that only streams the same bytes
    watch_stalled   memory of the worker for a watcher that reads nothing while every cell changes, again and again

Every watcher has a connection of its own. The changes are written by this process, straight into the store, so that the
worker does nothing but follow the log and tell its watchers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import chain
import grpc
import uvloop
from chain import Chain
from empty_server import PUSH, STREAM
from harness import ROUND_SECONDS_MAX, STARTS, Entry, Pair, Side, entry, in_turns, middle, raw_of
from processes import Server, Yardstick, empty_server, promessa_serve

from promessa.domain.fingerprint import fingerprint
from promessa.domain.limits import PARTITIONS_DEFAULT
from promessa.server.store_connection import connect
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import availability_service_pb2 as messages

NAMESPACE = "promessa"
NODES, SKUS, WATCHERS = 100, 100, 100
CELLS = NODES * SKUS
CHAIN = Chain(NODES, SKUS, stocked=1.0, on_hand=(1_000_000, 9_000_000))
METHOD = "/promessa.v1.AvailabilityService/WatchAvailability"
CHANGES_PER_ROUND, CHANGES_PER_CALL, CALLS_IN_FLIGHT = 2_000, 50, 4
ROUNDS = 12
GOAL = 5.0
"""A message has hundreds of changes here, so that streaming it costs gRPC next to nothing for each."""
PASSES = 6
STALLED_GOAL = 64
"""Bytes a watched cell: 24 for a change of each, its place in an index, and what gRPC has under way."""
ANY = fingerprint(("method",), "bench")
Read = Callable[[], Awaitable[bytes]]


def measure(only: set[str] | None = None) -> list[Entry]:
    """One entry for each figure asked for; its "raw" has every round."""
    makers = {"watch_fan_out": _fan_out, "watch_stalled": _stalled}
    return [uvloop.run(make()) for name, make in makers.items() if only is None or name in only]


# Fan-out ------------------------------------------------------------------------------------------------------------------


async def _fan_out() -> Entry:
    pairs = []
    for _ in range(STARTS):
        with servers() as (server, yardstick):
            pairs.append(await _pair(server, yardstick))
    found = middle(pairs)
    return {
        **entry(
            name="watch_fan_out",
            value=found.ours.quiet_us,
            unit="µs worker CPU per delivered change",
            yardstick=f"{found.yardstick.name}: {found.yardstick.quiet_us:.3f} µs",
            ratio=found.ratio,
            goal=GOAL,
            meets_goal=found.ratio <= GOAL,
        ),
        "raw": raw_of(pairs),
    }


async def _pair(server: Server, yardstick: Yardstick) -> Pair:
    async with (
        loaded(server) as changing,
        streams(server.target, METHOD, watch_all()) as ours_streams,
        streams(yardstick.target, STREAM, b"") as empty_streams,
        grpc.aio.insecure_channel(yardstick.target) as channel,
    ):
        watchers = [Watcher(read) for read in ours_streams]
        push = channel.unary_unary(PUSH)

        async def ours() -> list[float]:
            await asyncio.gather(changing.some(CHANGES_PER_ROUND), *(x.take(CHANGES_PER_ROUND) for x in watchers))
            return [0.0]

        async def empty() -> list[float]:
            """As many messages as the watchers got in their last round, as long as theirs were."""
            told = sum(x.messages for x in watchers)
            count = round(told / WATCHERS)
            await push(b"%d %d" % (count, sum(x.bytes for x in watchers) // told))
            await asyncio.gather(*(_read(read, count) for read in empty_streams))
            return [0.0]

        delivered = CHANGES_PER_ROUND * WATCHERS
        pair = Pair(
            Side("worker", server.worker_pids[0], delivered, ours),
            Side("grpc.aio streaming as many messages as long", yardstick.pid, delivered, empty),
        )
        await ours()
        await in_turns(pair.ours, pair.yardstick, rounds=ROUNDS)
        assert not any(x.merged for x in watchers), "changes were merged: that is another measure"
    return pair


async def _read(read: Read, count: int) -> None:
    for _ in range(count):
        await read()


@dataclass(slots=True)
class Watcher:
    """One of many; counts what it is told."""

    read: Read
    messages: int = 0
    bytes: int = 0
    merged: int = 0

    async def take(self, count: int) -> None:
        """Read until so many changes were told, one by one or merged."""
        self.messages = self.bytes = 0
        while count > 0:
            raw = await self.read()
            batch = messages.WatchAvailabilityResponse.FromString(raw)
            count -= len(batch.events) + batch.merged_count
            self.merged += batch.merged_count
            self.messages += 1
            self.bytes += len(raw)
        assert count == 0, f"{-count} changes were told that nobody made"


# Stalled watchers ---------------------------------------------------------------------------------------------------------


async def _stalled() -> Entry:
    with servers() as (server, _):
        async with loaded(server) as changing, streams(server.target, METHOD, watch_all()) as reads:
            watcher = Watcher(reads[0])
            pid = server.worker_pids[0]
            sizes = [_rss(pid)]
            del reads[1:]
            for _ in range(PASSES):
                await asyncio.gather(changing.every_cell(), watcher.take(CELLS))
                sizes.append(_rss(pid))
    growth = max(sizes) - sizes[0]
    value = growth / (WATCHERS - 1) / CELLS
    return {
        **entry(
            name="watch_stalled",
            value=value,
            unit="B/cell that a stalled watcher watches",
            yardstick=f"goal of {STALLED_GOAL} bytes",
            ratio=value / STALLED_GOAL,
            goal=STALLED_GOAL,
            meets_goal=value <= STALLED_GOAL,
        ),
        "raw": {"rss_bytes_before_and_after_each_pass": sizes},
    }


def _rss(pid: int) -> int:
    """Bytes of a process that are in memory."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) * 1024


# What is measured ---------------------------------------------------------------------------------------------------------


@contextmanager
def servers() -> Iterator[tuple[Server, Yardstick]]:
    """One worker on an empty store, and the yardstick, until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="promessa-bench-") as directory,
        promessa_serve(Path(directory), workers=1, settings={"DURABILITY": "dev"}) as server,
        empty_server() as yardstick,
    ):
        yield server, yardstick


def watch_all() -> bytes:
    return messages.WatchAvailabilityRequest(skus=CHAIN.skus, node_ids=CHAIN.node_ids).SerializeToString()


@asynccontextmanager
async def streams(target: str, method: str, request: bytes) -> AsyncIterator[list[Read]]:
    """A stream for each watcher over a connection of its own, after its first message."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", 8 << 20)]
    channels = [grpc.aio.insecure_channel(target, options=options) for _ in range(WATCHERS)]
    try:
        calls = [channel.unary_stream(method)(request) for channel in channels]
        for call in calls:
            await call.read()
        yield [call.read for call in calls]
    finally:
        for channel in channels:
            await channel.close()


@asynccontextmanager
async def loaded(server: Server) -> AsyncIterator[Changing]:
    """The chain, and what changes its counts straight in the store."""
    async with grpc.aio.insecure_channel(server.target) as channel:
        await chain.load(CHAIN, channel)
    redis = connect(f"unix://{server.run.store_socket}")
    keys = await open_data_set(redis, namespace=NAMESPACE, partitions=PARTITIONS_DEFAULT, new_id="bench")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    keeper = CatalogueKeeper(CatalogueLog(redis, keys))
    try:
        await keeper.load()
        nodes = [keeper.catalogue.nodes.index_of[x] for x in CHAIN.node_ids]
        skus = [keeper.catalogue.skus.index_of[x] for x in CHAIN.skus]
        yield Changing(Store(redis, keys, commit), [(node, sku) for node in nodes for sku in skus])
    finally:
        await commit.close()
        await redis.aclose()


@dataclass(slots=True)
class Changing:
    """Changes counts, a message of a feed at a time."""

    store: Store
    cells: list[tuple[int, int]]
    random: Random = field(default_factory=lambda: Random("changes"))

    async def some(self, count: int) -> None:
        """One unit less of so many cells, any of them."""
        await self._change([self.random.choice(self.cells) for _ in range(count)])

    async def every_cell(self) -> None:
        """One unit less of each."""
        await self._change(self.random.sample(self.cells, len(self.cells)))

    async def _change(self, cells: list[tuple[int, int]]) -> None:
        waiting = chain.batches(cells, CHANGES_PER_CALL)

        async def one_after_another() -> None:
            for batch in waiting:
                items = [x for node, sku in batch for x in (node, sku, -1)]
                await self.store.apply_deltas(uuid.uuid4().hex, ANY, items=items, reason="sold")

        async with asyncio.timeout(ROUND_SECONDS_MAX):
            await asyncio.gather(*(one_after_another() for _ in range(CALLS_IN_FLIGHT)))


if __name__ == "__main__":
    for line in measure(set(sys.argv[1:]) or None):
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
