"""What a confirmed change costs in durability ha: bench/confirm.py prints milliseconds, one change after the other.

A primary and a replica on loopback, both with appendfsync always; a reservation in durability single and ha, and the two
ways of asking for the replica's disk: in one packet with a write, and after the write's answer.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles

from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.fingerprint import fingerprint
from promessa.store.embedded.binary import find_binary
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store

CHANGES, SLOW_CHANGES = 1_000, 15
ANY = fingerprint(("method",), "bench")


def main() -> None:
    directory = Path(tempfile.mkdtemp(prefix="promessa-bench-"))
    primary_port, replica_port = _free_port(), _free_port()
    processes = [
        _start(directory / "primary", primary_port),
        _start(directory / "replica", replica_port, "--replicaof", f"127.0.0.1 {primary_port}"),
    ]
    try:
        asyncio.run(_measure(primary_port))
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)
        shutil.rmtree(directory, ignore_errors=True)


async def _measure(port: int) -> None:
    redis = Redis(port=port)
    while True:
        try:
            await redis.set("ready", "")
            if (await redis.waitaof(1, 1, 1_000))[1] == 1:
                break
        except RedisError:
            await asyncio.sleep(0.1)
    for name, replicas in (("single", 0), ("ha, 1 replica", 1)):
        keys = await open_data_set(redis, namespace=name[:2], partitions=4, new_id="bench")
        commit = GroupCommit(redis.connection_pool, keys.all_cells(), replicas=replicas, fence=keys.fence)
        store = Store(redis, keys, commit)
        await store.apply_counts("", ANY, as_of_ms=0, items=(0, 0, 1_000_000, -1, -1))

        async def reserve(number: int, store: Store = store) -> None:
            await store.reserve(
                f"bench-{number:06d}",
                ANY,
                cells=(0, 0, 1),
                all_or_nothing=True,
                ttl_ms=60_000,
                owner_id="",
                order_id="",
            )

        await _time(f"reservation, {name}", reserve, CHANGES)
        await commit.close()

    async def together(number: int) -> None:
        async with redis.pipeline(transaction=False) as pipe:
            await pipe.set("key", "").waitaof(1, 1, 5_000).execute()

    async def one_after_the_other(number: int) -> None:
        async with redis.client() as one:
            await one.set("key", "")
            await one.waitaof(1, 1, 5_000)

    await _time("SET and WAITAOF in one packet", together, SLOW_CHANGES)
    await _time("SET, then WAITAOF", one_after_the_other, CHANGES)
    await redis.aclose()


async def _time(name: str, change: Callable[[int], Awaitable[None]], times: int) -> None:
    found = []
    for number in range(times):
        started = time.perf_counter()
        await change(number)
        found.append((time.perf_counter() - started) * 1_000)
    print(f"{name:32} median {median(found):8.2f} ms, p99 {quantiles(found, n=100)[-1]:8.2f} ms", flush=True)


def _start(directory: Path, port: int, *options: str) -> subprocess.Popen[bytes]:
    directory.mkdir()
    return subprocess.Popen(
        [
            str(find_binary(None).path), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", *options,
        ],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
