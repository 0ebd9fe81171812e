"""The helpers that measure: percentiles, another process's CPU, turns, and the yardstick's likeness to a worker."""

import asyncio
import os
import subprocess
import sys
import time

import pytest
from chain import Chain, batches
from empty_server import GARBAGE_THRESHOLDS, OPTIONS
from harness import ROUNDS, STARTS, Pair, Side, cpu_ns, drive, in_turns, middle, percentile
from latencies import Latencies
from shift import Shift

from promessa.server import bootstrap, worker


def test_percentiles_are_exact() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, percent) for percent in (50, 95, 99, 99.9, 100)] == [50, 95, 99, 100, 100]
    assert percentile([7.0], 0.1) == 7.0


def test_cpu_of_another_process_counts_its_work_and_not_its_sleep() -> None:
    program = "import sys\nfor line in sys.stdin:\n    sum(range(3_000_000))\n    print(flush=True)"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        worked = cpu_ns(process.pid)
        time.sleep(0.2)
        slept = cpu_ns(process.pid) - worked
        assert worked > 10_000_000
        assert slept < 10_000_000
        process.stdin.close()


def test_cpu_is_what_the_scheduler_counts() -> None:
    with open(f"/proc/{os.getpid()}/task/{os.getpid()}/schedstat", encoding="ascii") as file:
        main_thread = int(file.read().split()[0])
    assert cpu_ns(os.getpid()) >= main_thread * 0.99


async def test_both_sides_have_as_many_rounds() -> None:
    async def idle() -> list[float]:
        return [1.0]

    ours, yardstick = Side("ours", os.getpid(), 1, idle), Side("yardstick", os.getpid(), 1, idle)
    await in_turns(ours, yardstick, rounds=3)
    assert len(ours.cpu_us) == len(yardstick.cpu_us) == 3
    assert ROUNDS * STARTS >= 25


def test_the_ratio_compares_quiet_rounds() -> None:
    async def never() -> list[float]:
        raise NotImplementedError

    ours, yardstick = Side("ours", 1, 1, never), Side("yardstick", 1, 1, never)
    ours.cpu_us = [20.0] * 50 + [500.0] * 50
    yardstick.cpu_us = [10.0] * 50 + [11.0] * 50
    assert Pair(ours, yardstick).ratio == 2.0


def test_the_middle_start_counts() -> None:
    async def never() -> list[float]:
        raise NotImplementedError

    def pair(ours: float) -> Pair:
        return Pair(Side("ours", 1, 1, never, cpu_us=[ours]), Side("yardstick", 1, 1, never, cpu_us=[10.0]))

    assert middle([pair(30.0), pair(9.0), pair(12.0)]).ratio == 1.2


async def test_drive_keeps_so_many_in_flight_and_times_all() -> None:
    most = now = 0

    async def call(request: bytes) -> bytes:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return request

    latencies = await drive(call, [b"x"] * 20, in_flight=4)
    assert len(latencies) == 20
    assert most == 4


def test_the_yardstick_is_set_up_like_a_worker() -> None:
    workers = next(
        value
        for value in vars(bootstrap).values()
        if isinstance(value, list | tuple) and ("grpc.so_reuseport", 1) in value
    )
    assert sorted(workers) == sorted(OPTIONS)
    assert worker.GARBAGE_THRESHOLDS == GARBAGE_THRESHOLDS


def test_a_chain_is_the_same_every_time_and_batches_lose_nothing() -> None:
    chain = Chain(node_count=20, sku_count=30)
    assert chain.counts == Chain(node_count=20, sku_count=30).counts
    cells = list(chain.counts)
    assert [cell for some in batches(cells, 7) for cell in some] == cells


def test_latencies_keep_every_value(tmp_path: object) -> None:
    latencies = Latencies()
    for n in range(1, 1_001):
        latencies.add("call", float(n))
    latencies.fail("call")
    assert latencies.percentiles("call")[99.9] == 999.0
    assert latencies.failures == {"call": 1}


def test_a_closed_shift_begins_nothing_and_finishes_what_began() -> None:
    shift = Shift()
    assert shift.begin()
    shift.close()
    assert not shift.begin()
    assert shift.busy == 1
    shift.finish()
    assert shift.busy == 0
    with pytest.raises(AssertionError):
        shift.finish()
