"""Where a worker's time goes under one of the measured loads: `run.py --profile NAME ...` writes profile.md.

py-spy looks at the worker from outside some hundred times a second, native frames included, while the load runs. The
worker itself is the very one that is measured; nothing in it knows.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import grpc
import uvloop
from bench_server import IN_FLIGHT, STREAMS, Bench, servers, stream_call, unary_call
from harness import drive
from server_cases import CASES, Case

SECONDS = 6
RATE = 400
LINES = 20
WAITING = ("epoll_wait ", "epoll_pwait ", "poll ", "select ")
UNNAMED = re.compile(r"^0x[0-9a-f]+ \(([^)]*)")
LINE_NUMBER = re.compile(r":\d+\)$")
NOTEWORTHY = re.compile(r"\((promessa|redis|prometheus_client|google|asyncio/streams|hiredis)")
REPORT = Path(__file__).parent / "profile.md"


def run(names: list[str]) -> int:
    """Profile each, write the report, and return an exit code."""
    program = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    if program is None:
        print("py-spy is not installed: pip install py-spy", file=sys.stderr)
        return 1
    parts = uvloop.run(_profile([case for case in CASES if case.name in names], program))
    REPORT.write_text("\n".join(parts), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return 0


async def _profile(cases: list[Case], program: str) -> list[str]:
    """The parts of the report."""
    parts = [
        "# Where a worker's time goes\n",
        f"py-spy, {RATE} samples a second for {SECONDS} s, native frames. Waiting for the network is left out.\n",
    ]
    for case in cases:
        with servers() as bench:
            await bench.prepare(case.chain)
            parts.append(report(case.name, await _samples(bench, case, program)))
    return parts


async def _samples(bench: Bench, case: Case, program: str) -> list[str]:
    """Folded stacks (`outer;inner count`) of the worker under the case's load."""
    with tempfile.NamedTemporaryFile(suffix=".folded") as found:
        spy = await asyncio.create_subprocess_exec(
            program, "record", "--native", "--format", "raw", "--rate", str(RATE), "--duration", str(SECONDS),
            "--pid", str(bench.server.worker_pids[0]), "--output", found.name,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with grpc.aio.insecure_channel(bench.server.target) as channel:
            call = stream_call(channel, case.method) if case.stream else unary_call(channel, case.method)
            random, end = Random(), time.monotonic() + SECONDS + 2
            while spy.returncode is None and time.monotonic() < end:
                requests = [case.request(random) for _ in range(case.calls_per_round // 4)]
                await drive(call, requests, in_flight=STREAMS if case.stream else IN_FLIGHT)
        await spy.wait()
        return found.read().decode().splitlines()


def report(name: str, folded: list[str]) -> str:
    """Shares of the time that the worker was busy: by library, and by our functions and their callees."""
    by_library: Counter[str] = Counter()
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in folded:
        stack, _, count = line.rpartition(" ")
        frames = [UNNAMED.sub(r"? (\1", frame) for frame in stack.split(";")]
        if frames[-1].startswith(WAITING):
            continue
        by_library[_library(frames[-1])] += int(count)
        own[frames[-1]] += int(count)
        for function in {_without_line(frame) for frame in frames}:
            total[function] += int(count)
    busy = max(1, sum(own.values()))
    ours = Counter({function: n for function, n in total.items() if NOTEWORTHY.search(function)})
    return "\n".join(
        [
            f"\n## {name}\n",
            *_table("where the instruction was", by_library, busy),
            *_table("function, with all it calls", ours, busy),
            *_table("innermost frame", own, busy),
        ]
    )


def _table(title: str, counts: Counter[str], busy: int) -> list[str]:
    rows = [f"| {n / busy:.1%} | `{what}` |" for what, n in counts.most_common(LINES)]
    return ["| share | " + title + " |", "|---:|---|", *rows, ""]


def _library(frame: str) -> str:
    """The package or library of a frame, e.g. grpc, uvloop, promessa/store."""
    inside = frame.rpartition("(")[2].rstrip(")").partition(":")[0]
    parts = inside.split("/")
    if parts[0] == "promessa":
        return "/".join(parts[:2])
    return "uvloop" if inside == "loop.c" else parts[0]


def _without_line(frame: str) -> str:
    return LINE_NUMBER.sub(")", frame)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
