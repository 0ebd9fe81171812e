"""How soon a server serves a million cells that are in the store: `measure()` for the runner, or run it as a script.

The store runs already and is given by URL, as after a deploy or the loss of a machine. Measured is the time from
launching `promessa serve` (one worker) until it says that it is ready and a read of the last cell is right; that
includes the start of every Python process. The yardstick copies the same cells out of the store once, with plain
HGETALL of every partition (redis-py with hiredis). Both in turns.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import chain
import grpc
import uvloop
from harness import Entry, entry
from processes import Server, end, promessa_serve, start_promessa
from redis import Redis

from promessa.store.embedded import EmbeddedStore
from promessa.store.keys import Keys
from promessa.v1 import availability_service_pb2 as reads
from promessa.v1 import availability_service_pb2_grpc as availability

NODES = SKUS = 1_000
GOAL = 3.0
ROUNDS = 7
"""Fewer than elsewhere: each takes seconds."""

CHAIN = chain.Chain(NODES, SKUS, stocked=1.0, on_hand=(1, 99))


def measure(only: set[str] | None = None) -> list[Entry]:
    """One entry; its "raw" has every round."""
    if only is not None and "start_1m" not in only:
        return []
    with tempfile.TemporaryDirectory(prefix="promessa-start-") as name, EmbeddedStore(name, durability="dev") as store:
        directory = Path(name) / "server"
        settings = {"REDIS_URL": store.url, "DURABILITY": "dev"}
        with promessa_serve(directory, workers=1, settings=settings) as server:
            uvloop.run(_load(server))
        starts, copies = [], []
        for number in range(ROUNDS + 1):
            copy, start = _seconds(lambda: _copy_all(store)), _seconds_to_start(directory, settings)
            if number:  # the first round warms the machine's caches up
                copies.append(copy)
                starts.append(start)
    return [_entry_of(starts, copies)]


async def _load(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.target) as channel:
        await chain.load(CHAIN, channel)


def _copy_all(store: EmbeddedStore) -> None:
    with Redis(unix_socket_path=str(store.socket)) as redis:
        keys = Keys("promessa", int(redis.hget("{promessa}:meta", "partitions")))
        pages = [redis.hgetall(keys.cells(partition)) for partition in range(keys.partitions)]
    assert sum(len(page) for page in pages) >= NODES * SKUS


def _seconds_to_start(directory: Path, settings: dict[str, str]) -> float:
    """Launch, wait, read the last cell. Ending the server is not counted."""
    begin = time.perf_counter()
    server = start_promessa(directory, workers=1, settings=settings)
    try:
        _read_last_cell(server)
        return time.perf_counter() - begin
    finally:
        end(server.process)


def _read_last_cell(server: Server) -> None:
    (sku, node_id), on_hand = next(reversed(CHAIN.counts.items()))
    with grpc.insecure_channel(server.target) as channel:
        stub = availability.AvailabilityServiceStub(channel)
        answer = stub.GetAvailability(reads.GetAvailabilityRequest(sku=sku, node_ids=[node_id]))
    assert answer.available_quantity == on_hand, answer


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _entry_of(starts: list[float], copies: list[float]) -> Entry:
    ratio = min(starts) / min(copies)
    found = entry(
        name="start_1m",
        value=min(starts),
        unit="s from launch to ready",
        yardstick=f"HGETALL of the same cells: {min(copies):.2f} s",
        ratio=ratio,
        goal=GOAL,
        meets_goal=ratio <= GOAL,
    )
    found["raw"] = {
        "ratio_of_medians": round(median(starts) / median(copies), 3),
        "start_seconds": [round(x, 3) for x in starts],
        "copy_seconds": [round(x, 3) for x in copies],
    }
    return found


if __name__ == "__main__":
    for line in measure():
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
