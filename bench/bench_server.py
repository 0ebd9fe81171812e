"""What a call costs a worker, beside an empty grpc.aio handler: `measure()` for the runner, or run it as a script.

Three processes beside the store: one worker of `promessa serve`, the yardstick (empty_server.py), and this one, the
client of both. Both servers get the same request bytes with as many calls in flight, over one connection each, and the
yardstick answers as many bytes as the worker does. Only the CPU of the worker and of the yardstick counts.

A stream of reservations has an empty unary call with the bytes of one reservation as its yardstick: what a caller saves
by sending 64 in a message is the point of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

import grpc
import uvloop
from chain import Chain, load
from harness import ROUNDS, STARTS, WARM_UP_ROUNDS, Entry, Pair, Side, drive, entry, in_turns, middle, raw_of
from processes import Server, Yardstick, empty_server, promessa_serve
from server_cases import CASES, CHAIN, Case, batch_get_availability

IN_FLIGHT = 64
STREAMS = 4
"""Streams at once: a message is answered before the next of its stream is read, as every order hub sees it."""

READS_ROTATED = 64
SAMPLED_ANSWERS = 16
WARM_UP_CALLS = 2_000
READABLE_SECONDS_MAX = 30.0
Call = Callable[[bytes], Awaitable[bytes]]


def measure(only: set[str] | None = None) -> list[Entry]:
    """One entry for each figure asked for; its "raw" has every round."""
    return uvloop.run(_measure([case for case in CASES if only is None or case.name in only]))


async def _measure(cases: list[Case]) -> list[Entry]:
    """All in one event loop, for grpc.aio complains about a second one in a process."""
    pairs: dict[str, list[Pair]] = {case.name: [] for case in cases}
    controls: list[Pair] = []
    for chain in dict.fromkeys(case.chain for case in cases):
        for _ in range(STARTS):
            with servers() as bench:
                await bench.prepare(chain)
                controls.append(await bench.measure_control())
                for case in cases:
                    if case.chain is chain:
                        pairs[case.name].append(await bench.measure(case))
    return [_entry_of(case, pairs[case.name], controls) for case in cases]


@contextmanager
def servers() -> Iterator[Bench]:
    """One worker on an empty store, the yardstick and its twin, until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="promessa-bench-") as directory,
        promessa_serve(Path(directory), workers=1, settings={"DURABILITY": "single"}) as server,
        empty_server() as yardstick,
        empty_server() as twin,
    ):
        yield Bench(server, yardstick, twin)


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers, ready to be measured."""

    server: Server
    yardstick: Yardstick
    twin: Yardstick

    async def prepare(self, chain: Chain = CHAIN) -> None:
        """Put the chain, wait until reads see it, and let the yardstick do as many calls as that took the worker."""
        async with grpc.aio.insecure_channel(self.server.target) as channel:
            await load(chain, channel)
            await self._until_readable(channel, chain)
        for empty in (self.yardstick, self.twin):
            async with grpc.aio.insecure_channel(empty.target) as channel:
                nothing = [bytes(100)] * WARM_UP_CALLS
                await drive(unary_call(channel, "/bench.Empty/100"), nothing, in_flight=IN_FLIGHT)

    async def measure_control(self) -> Pair:
        """The yardstick's twin against the yardstick: how far from 1 it is, so little is any ratio to be trusted."""
        requests, method = Requests(CASES[0], Random(0)), "/bench.Empty/100"
        async with (
            grpc.aio.insecure_channel(self.twin.target) as twin_channel,
            grpc.aio.insecure_channel(self.yardstick.target) as empty_channel,
        ):
            twin = self._empty(self.twin, CASES[0], unary_call(twin_channel, method), requests, 100)
            empty = self._empty(self.yardstick, CASES[0], unary_call(empty_channel, method), requests, 100)
            await in_turns(twin, empty)
        return Pair(twin, empty)

    async def measure(self, case: Case) -> Pair:
        async with (
            grpc.aio.insecure_channel(self.server.target) as ours_channel,
            grpc.aio.insecure_channel(self.yardstick.target) as empty_channel,
        ):
            ours_call = stream_call(ours_channel, case.method) if case.stream else unary_call(ours_channel, case.method)
            requests = Requests(case, Random(case.name))
            size = await self._answer_size(case, ours_channel)
            ours = self._ours(case, ours_call, requests)
            empty = self._empty(self.yardstick, case, unary_call(empty_channel, f"/bench.Empty/{size}"), requests, size)
            await in_turns(ours, empty)
        return Pair(ours, empty)

    def _ours(self, case: Case, call: Call, requests: Requests) -> Side:
        in_flight = STREAMS if case.stream else IN_FLIGHT

        async def run() -> list[float]:
            return await drive(call, requests.of_a_round(), in_flight=in_flight, seen=case.check)

        return Side("worker", self.server.worker_pids[0], case.calls_per_round * case.units_per_call, run)

    def _empty(self, server: Yardstick, case: Case, call: Call, requests: Requests, size: int) -> Side:
        """The yardstick's units are calls, each with a request as long as those of ours (of one reservation)."""
        bodies = requests.for_yardstick()

        async def run() -> list[float]:
            return await drive(call, bodies, in_flight=IN_FLIGHT)

        return Side(f"empty grpc.aio handler answering {size} bytes", server.pid, len(bodies), run)

    async def _answer_size(self, case: Case, channel: grpc.aio.Channel) -> int:
        """Bytes of a typical answer; checks them, too. For a stream: of one reservation's answer."""
        method, of_one = (case.method, case) if not case.stream else _unary_twin(case)
        call, random = unary_call(channel, method), Random(f"{case.name} sample")
        answers = [await call(of_one.request(random)) for _ in range(SAMPLED_ANSWERS)]
        for answer in answers:
            of_one.check(answer)
        return round(mean(len(answer) for answer in answers))

    async def _until_readable(self, channel: grpc.aio.Channel, chain: Chain) -> None:
        """The replica follows within a moment; what a benchmark reads must be there."""
        case, random, cells = CASES[1], Random(0), list(chain.counts)
        call = unary_call(channel, case.method)
        async with asyncio.timeout(READABLE_SECONDS_MAX):
            while True:
                try:
                    case.check(await call(batch_get_availability(random, cells)))
                except AssertionError:
                    await asyncio.sleep(0.05)
                else:
                    return


class Requests:
    """The requests of one case, made before the clock runs. Changes have fresh ones in every round."""

    def __init__(self, case: Case, random: Random) -> None:
        self._case = case
        many = case.calls_per_round * (WARM_UP_ROUNDS + ROUNDS) if case.changes else READS_ROTATED
        self._bodies = [case.request(random) for _ in range(many)]
        self._used = 0

    def of_a_round(self) -> list[bytes]:
        count = self._case.calls_per_round
        if not self._case.changes:
            return [self._bodies[n % READS_ROTATED] for n in range(count)]
        first, self._used = self._used, self._used + count
        assert self._used <= len(self._bodies), "more rounds than requests"
        return self._bodies[first : self._used]

    def for_yardstick(self) -> list[bytes]:
        """As many calls as a round has; at least 128, so that the yardstick of the stream is no shorter than others."""
        case = _unary_twin(self._case)[1] if self._case.stream else self._case
        count, random = max(case.calls_per_round, 128), Random(0)
        some = [case.request(random) for _ in range(READS_ROTATED)]
        return [some[n % READS_ROTATED] for n in range(count)]


def unary_call(channel: grpc.aio.Channel, method: str) -> Call:
    return channel.unary_unary(method)  # without serialisers: bytes in, bytes out


def stream_call(channel: grpc.aio.Channel, method: str) -> Call:
    """A call that sends a message over one of a few streams that stay open, and takes its answer."""
    multi = channel.stream_stream(method)
    idle = [multi() for _ in range(STREAMS)]

    async def call(request: bytes) -> bytes:
        stream = idle.pop()
        await stream.write(request)
        answer: bytes = await stream.read()
        idle.append(stream)
        return answer

    return call


def _unary_twin(case: Case) -> tuple[str, Case]:
    """Reserve for ReserveStream."""
    twin = next(other for other in CASES if other.name == "reserve_1_c64")
    assert case.stream
    return twin.method, twin


def _entry_of(case: Case, pairs: list[Pair], controls: list[Pair]) -> Entry:
    found = middle(pairs)
    return {
        **entry(
            name=case.name,
            value=found.ours.quiet_us,
            unit=f"µs worker CPU per {'reservation' if case.stream else 'call'}",
            yardstick=f"{found.yardstick.name}: {found.yardstick.quiet_us:.1f} µs",
            ratio=found.ratio,
            goal=case.goal,
            meets_goal=found.ratio <= case.goal,
        ),
        "raw": {**raw_of(pairs), "control": sorted(round(pair.ratio, 3) for pair in controls)},
    }


if __name__ == "__main__":
    for line in measure(set(sys.argv[1:]) or None):
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
