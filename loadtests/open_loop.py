"""An open-loop driver: calls start when the schedule says so, whether or not earlier ones have been answered.

    loadtests/open_loop.py --rates 100 200 400 --seconds 10 --call reserve

A closed loop (locust) sends less while the server is slow, and so measures least when it matters most. Here arrival n
of a step is due at n / rate; its latency counts from that instant, not from when it was sent, so that waiting behind a
stall is in the figures (no coordinated omission). Every latency is kept; percentiles are exact. The same schedule is
played to an empty server first: what it shows is the machine and this client, and the rest is the server's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from array import array
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import _paths  # noqa: F401
import chain
import grpc
import uvloop
from harness import percentile
from processes import empty_server, end_cleanly_when_told, promessa_serve
from rich.console import Console
from rich.table import Table
from server_cases import CASES, CHAIN, Case

CALLS = {
    "availability": "get_availability_1",
    "batch": "batch_availability_100",
    "basket": "check_basket_10x300",
    "reserve": "reserve_1_c64",
    "source": "source_and_reserve_5x300",
}
PERCENTS = (50.0, 90.0, 99.0, 99.9)
CONNECTIONS = 8
CALL_SECONDS_MAX = 10.0
IN_FLIGHT_MAX = 4_000
"""Beyond this the step is given up as saturated: what the server cannot do would otherwise pile up in this process."""

DUE_SECONDS = 0.0005
WARM_UP_CALLS = 200
EMPTY_METHOD = "/bench.Empty/100"
LOOPBACK = ("127.0.0.1:", "localhost:", "[::1]:")
Send = Callable[[int], Awaitable[bool]]
"""Make the call of an arrival; whether it went well."""


@dataclass(slots=True)
class Step:
    """One rate, and what came of it."""

    rate: float
    latencies_ms: array[float] = field(default_factory=lambda: array("d"))
    failed: int = 0
    saturated: bool = False
    late_ms_max: float = 0.0
    """How long after its due time this client sent a call at worst: the client's own fault, and in the latency."""

    def percentiles(self) -> list[float]:
        ordered = sorted(self.latencies_ms)
        return [percentile(ordered, percent) for percent in (*PERCENTS, 100.0)] if ordered else []


async def play(send: Send, *, rate: float, seconds: float) -> Step:
    """Play `rate * seconds` arrivals, equally spaced, and wait for the answers."""
    step, under_way = Step(rate), set[asyncio.Task[None]]()
    clock, start = time.perf_counter, time.perf_counter()

    async def one(number: int, due: float) -> None:
        step.late_ms_max = max(step.late_ms_max, (clock() - due) * 1_000)
        well = await send(number)
        step.latencies_ms.append((clock() - due) * 1_000)
        step.failed += not well

    for number in range(int(rate * seconds)):
        due = start + number / rate
        while (wait := due - clock()) > DUE_SECONDS:  # noqa: ASYNC110  a clock, no event
            await asyncio.sleep(wait)
        if len(under_way) >= IN_FLIGHT_MAX:
            step.saturated = True
            break
        task = asyncio.create_task(one(number, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return step


async def run(targets: tuple[str, str], case: Case, rates: list[float], seconds: float) -> list[tuple[Step, Step]]:
    """(the empty server's, ours) for every rate."""
    ours, nothing = targets
    async with AsyncExitStack() as stack:
        channels = [await stack.enter_async_context(_channel(ours, n)) for n in range(CONNECTIONS)]
        empties = [await stack.enter_async_context(_channel(nothing, n)) for n in range(CONNECTIONS)]
        found = []
        for rate in rates:
            empty_bodies = [case.request(Random(0))]
            empty = await _step(empties, EMPTY_METHOD, empty_bodies, None, rate, seconds)
            count = int(rate * seconds) + WARM_UP_CALLS if case.changes else 256
            bodies = [case.request(Random()) for _ in range(count)]
            found.append((empty, await _step(channels, case.method, bodies, case.check, rate, seconds)))
    return found


async def _step(
    channels: list[grpc.aio.Channel],
    method: str,
    bodies: list[bytes],
    check: Callable[[bytes], None] | None,
    rate: float,
    seconds: float,
) -> Step:
    calls = [channel.unary_unary(method) for channel in channels]

    async def send(number: int) -> bool:
        try:
            body = bodies[(number + WARM_UP_CALLS) % len(bodies)]
            answer = await calls[number % len(calls)](body, timeout=CALL_SECONDS_MAX)
            if check is not None:
                check(answer)
        except (grpc.RpcError, AssertionError):
            return False
        return True

    for number in range(-WARM_UP_CALLS, 0):
        await send(number)
    return await play(send, rate=rate, seconds=seconds)


def table_of(call: str, steps: list[tuple[Step, Step]]) -> Table:
    """What a person reads."""
    table = Table(title=f"open loop: {call}, milliseconds from the intended start")
    for column in ("rate/s", "server", "p50", "p90", "p99", "p99.9", "max", "failed", "client late by"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for empty, ours in steps:
        for name, step in (("empty", empty), ("promessa", ours)):
            times = [f"{x:.2f}" for x in step.percentiles()] or ["-"] * 5
            note = " (saturated)" if step.saturated else ""
            table.add_row(f"{step.rate:g}", name + note, *times, str(step.failed), f"{step.late_ms_max:.1f}")
    return table


def main() -> int:
    """The exit code: 1 if any call failed. Latencies judge nothing."""
    end_cleanly_when_told()
    arguments = _arguments()
    case = next(case for case in CASES if case.name == CALLS[arguments.call])
    with ExitStack() as stack:
        nothing = stack.enter_context(empty_server())
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="promessa-open-loop-")))
        server = stack.enter_context(promessa_serve(directory, workers=arguments.workers))
        uvloop.run(_load(server.target))
        steps = uvloop.run(run((server.target, nothing.target), case, arguments.rates, arguments.seconds))
    Console(width=None if sys.stdout.isatty() else 130).print(table_of(arguments.call, steps))
    if arguments.json:
        content = [
            {
                "rate": ours.rate,
                "empty_ms": empty.percentiles(),
                "promessa_ms": ours.percentiles(),
                "failed": ours.failed,
            }
            for empty, ours in steps
        ]
        arguments.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(any(ours.failed for _, ours in steps))


def _channel(target: str, number: int) -> grpc.aio.Channel:
    """A connection of its own, so that the workers share the load."""
    assert target.startswith(LOOPBACK), "load goes to this machine only"
    return grpc.aio.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1), ("promessa.connection", number)])


async def _load(target: str) -> None:
    async with grpc.aio.insecure_channel(target) as channel:
        await chain.load(CHAIN, channel)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[100.0, 200.0, 400.0], help="calls a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each step (default 10)")
    parser.add_argument("--call", choices=CALLS, default="reserve", help="what is called (default reserve)")
    parser.add_argument("--workers", type=int, default=2, help="workers of the server (default 2)")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
