"""What a reservation and a cell cost the store: its CPU and its memory, on a server program of its own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import msgpack
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from promessa.domain.fingerprint import fingerprint
from promessa.domain.limits import PARTITIONS_DEFAULT
from promessa.store.embedded.binary import find_binary
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys
from promessa.store.store import Store

NODES, SKUS = 300, 200
BATCH, CALLS, ROUNDS = 64, 10, 30
MILLION_NODES, MILLION_SKUS = 1_000, 1_000
ANY = fingerprint(("method",), "bench")
EMPTY = "#!lua name=bench\nredis.register_function('bench_empty', function(keys, args) return 1 end)"


def measure() -> list[dict[str, Any]]:
    """store_reserve_batch and store_bytes."""
    directory = Path(tempfile.mkdtemp(prefix="promessa-bench-"))
    process = _start(directory)
    try:
        return [asyncio.run(_reserve_batch(directory, process.pid)), asyncio.run(_bytes(directory))]
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(directory, ignore_errors=True)


async def _reserve_batch(directory: Path, pid: int) -> dict[str, Any]:
    """Store CPU per one-line reservation in commits of 64, and per call of 64 pipelined calls of an empty function whose
    one argument is as long as a reservation's share of a commit, in turns."""
    redis, keys, store, commit = await _open(directory)
    for node_ix in range(NODES):
        items = [x for sku_ix in range(SKUS) for x in (node_ix, sku_ix, 1_000_000, -1, -1)]
        await store.apply_counts("", ANY, as_of_ms=0, items=items)
    await redis.function_load(EMPTY, replace=True)
    randomness, ours, empty = Random(1), [], []
    size = 0
    for _ in range(ROUNDS):
        before = _cpu_us(pid)
        for _ in range(CALLS):
            await asyncio.gather(*[_reserve(store, randomness) for _ in range(BATCH)])
        ours.append((_cpu_us(pid) - before) / (BATCH * CALLS))
        size = size or _argument_bytes(keys)
        before = _cpu_us(pid)
        for _ in range(CALLS):
            pipe = redis.pipeline(transaction=False)
            for _ in range(BATCH):
                pipe.execute_command("FCALL", "bench_empty", 0, b"x" * size)
            await pipe.execute()
        empty.append((_cpu_us(pid) - before) / (BATCH * CALLS))
    await commit.close()
    await redis.aclose()
    ratio = min(ours) / min(empty)
    return {
        "name": "store_reserve_batch",
        "value": round(min(ours), 2),
        "unit": "µs store CPU per reservation",
        "yardstick": f"empty function, 64 in a pipeline: {min(empty):.2f} µs (medians {median(ours):.2f}, {median(empty):.2f})",
        "ratio": round(ratio, 2),
        "goal": 6,
        "meets_goal": ratio <= 6,
    }


async def _reserve(store: Store, randomness: Random) -> None:
    await store.reserve(
        str(uuid.uuid4()),
        ANY,
        cells=[randomness.randrange(NODES), randomness.randrange(SKUS), 1],
        all_or_nothing=True,
        ttl_ms=900_000,
        owner_id="owner-123",
        order_id="",
    )


def _argument_bytes(keys: Keys) -> int:
    """Bytes of one reservation in a commit: its MessagePack values."""
    operation = (b"reserve", 3, b"r:" + str(uuid.uuid4()).encode(), ANY.digest, 1, 900_000, "owner-123", "", b"", 1)
    return len(msgpack.packb((*operation, 3, b"123:123", 1), use_bin_type=False))


async def _bytes(directory: Path) -> dict[str, Any]:
    """Growth of used_memory by a million cells; the event log, which is trimmed, is left out."""
    redis, keys, store, commit = await _open(directory)
    before = int((await redis.info("memory"))["used_memory"])
    for node_ix in range(MILLION_NODES):
        items = [x for sku_ix in range(MILLION_SKUS) for x in (node_ix, sku_ix, 7, 0, 1)]
        await store.apply_counts("", ANY, as_of_ms=0, items=items)
    for partition in range(keys.partitions):
        await redis.delete(keys.log(partition))
    cells = MILLION_NODES * MILLION_SKUS
    per_cell = (int((await redis.info("memory"))["used_memory"]) - before) / cells
    await commit.close()
    await redis.aclose()
    return {
        "name": "store_bytes",
        "value": round(per_cell, 1),
        "unit": "bytes per cell at 1,000,000 cells",
        "yardstick": "used_memory of the store, without the event log",
        "ratio": round(per_cell / 160, 3),
        "goal": 160,
        "meets_goal": per_cell <= 160,
    }


async def _open(directory: Path) -> tuple[AsyncRedis, Keys, Store, GroupCommit]:
    redis = AsyncRedis(unix_socket_path=str(directory / "s"))
    await redis.flushall()
    keys = await open_data_set(redis, namespace="bench", partitions=PARTITIONS_DEFAULT, new_id="bench")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    return redis, keys, Store(redis, keys, commit), commit


def _start(directory: Path) -> subprocess.Popen[bytes]:
    """The store that promessa carries, with a sync before every answer."""
    process = subprocess.Popen(
        [
            str(find_binary().path), "--port", "0", "--unixsocket", str(directory / "s"), "--dir", str(directory),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    client = Redis(unix_socket_path=str(directory / "s"))
    while True:
        try:
            client.ping()
            return process
        except Exception:
            if process.poll() is not None:
                raise


def _cpu_us(pid: int) -> float:
    """CPU of the process's main thread, which runs all commands."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1_000
