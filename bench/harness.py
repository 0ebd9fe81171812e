"""Measuring two sides in turns: the CPU clock of another process, rounds, and the entry of a result.

A side is one way to do the same work: ours, or the yardstick. Short rounds of both alternate many times a second, so
that a neighbour on the machine disturbs both, and the quiet rounds of both are compared: the lower quartile. The
minimum is kept, too, but one lucky round moves it by a tenth; so is the median, which the neighbours move. Two processes
of the same program differ as well, so all is done several times with fresh ones, and the middle ratio counts.
Absolute times mean nothing on a shared machine and are given only beside their yardstick.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

STARTS = 5
"""Times that all processes are started anew."""

ROUNDS = 30
WARM_UP_ROUNDS = 2
SETTLE_SECONDS = 0.005
QUIET_PERCENT = 25
"""Of the ways tried on two equal servers beside busy neighbours, this one strayed least."""

ROUND_SECONDS_MAX = 60.0
"""A round takes a tenth of a second; a call that is never answered must not hang the whole run."""
Entry = dict[str, Any]


def cpu_ns(pid: int) -> int:
    """CPU time that all threads of a process have used, in nanoseconds, those that ended since included.

    It is the kernel's own CPU clock of the process: the sum of /proc/<pid>/task/*/schedstat, without losing threads.
    """
    return time.clock_gettime_ns((~pid << 3) | 2)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not exceed; exact, no buckets. `ordered` rises, not empty."""
    assert 0 < percent <= 100
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


@dataclass(slots=True)
class Side:
    """One way to do the work.

    `pid` is the process whose CPU counts; `run` does one round, counts `units` things done, and returns the latency of
    every call in microseconds.
    """

    name: str
    pid: int
    units: int
    run: Callable[[], Awaitable[list[float]]]
    cpu_us: list[float] = field(default_factory=list)
    p50_us: list[float] = field(default_factory=list)
    p99_us: list[float] = field(default_factory=list)

    async def round(self, *, keep: bool) -> None:
        """Do one round; remember CPU per unit, and latencies per call, if asked."""
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_ns(self.pid)
        async with asyncio.timeout(ROUND_SECONDS_MAX):
            latencies = sorted(await self.run())
        await asyncio.sleep(SETTLE_SECONDS)
        spent = (cpu_ns(self.pid) - before) / 1_000
        if keep:
            self.cpu_us.append(spent / self.units)
            self.p50_us.append(percentile(latencies, 50))
            self.p99_us.append(percentile(latencies, 99))

    @property
    def quiet_us(self) -> float:
        """CPU per unit in a quiet round."""
        return percentile(sorted(self.cpu_us), QUIET_PERCENT)

    def raw(self) -> dict[str, Any]:
        """Every round, for the file of raw results."""
        return {
            "side": self.name,
            "cpu_us_per_unit": [round(x, 3) for x in self.cpu_us],
            "call_p50_us": [round(x, 1) for x in self.p50_us],
            "call_p99_us": [round(x, 1) for x in self.p99_us],
        }


async def in_turns(ours: Side, yardstick: Side, *, rounds: int = ROUNDS) -> None:
    """Warm both up, then let them take turns; who goes first alternates, too."""
    gc.collect()
    gc.disable()  # the client's collector would stop the client, not the server, and only blur the latencies
    try:
        for number in range(WARM_UP_ROUNDS + rounds):
            for side in (ours, yardstick) if number % 2 else (yardstick, ours):
                await side.round(keep=number >= WARM_UP_ROUNDS)
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class Pair:
    """What one start of the processes gave."""

    ours: Side
    yardstick: Side

    @property
    def ratio(self) -> float:
        """What a unit of ours costs in units of the yardstick, in quiet rounds."""
        return self.ours.quiet_us / self.yardstick.quiet_us

    def raw(self) -> dict[str, Any]:
        """Every round, and the other ways to look at them."""
        ours, yardstick = self.ours.cpu_us, self.yardstick.cpu_us
        return {
            "ratio": round(self.ratio, 3),
            "ratio_of_minima": round(min(ours) / min(yardstick), 3),
            "ratio_of_medians": round(median(ours) / median(yardstick), 3),
            "sides": [self.ours.raw(), self.yardstick.raw()],
        }


def middle(pairs: Sequence[Pair]) -> Pair:
    """The pair whose ratio is the median; with an even number, the higher of the two."""
    return sorted(pairs, key=lambda pair: pair.ratio)[len(pairs) // 2]


def raw_of(pairs: Sequence[Pair]) -> dict[str, Any]:
    """For the file of raw results: each way to look at it, lowest to highest of the starts, and every round."""
    raws = [pair.raw() for pair in pairs]
    return {
        **{name: sorted(raw[name] for raw in raws) for name in ("ratio", "ratio_of_minima", "ratio_of_medians")},
        "starts": [raw["sides"] for raw in raws],
    }


def entry(*, name: str, value: float, unit: str, yardstick: str, ratio: float, goal: float, meets_goal: bool) -> Entry:
    """One line of results.json."""
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": round(ratio, 3),
        "goal": goal,
        "meets_goal": meets_goal,
    }


async def drive(
    call: Callable[[bytes], Awaitable[bytes]],
    requests: Sequence[bytes],
    *,
    in_flight: int,
    seen: Callable[[bytes], None] | None = None,
) -> list[float]:
    """Send all requests, `in_flight` at a time. Returns every call's latency in microseconds.

    `seen` is given the answer of the last request, so that a round of wrong answers is noticed.
    """
    waiting: Iterator[bytes] = iter(requests)
    latencies: list[float] = []
    last = b""

    async def one_after_another() -> None:
        nonlocal last
        for request in waiting:
            start = time.perf_counter_ns()
            last = await call(request)
            latencies.append((time.perf_counter_ns() - start) / 1_000)

    await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
    if seen is not None:
        seen(last)
    return latencies
