"""Where a worker's time goes under one of the measured loads: `run.py --profile NAME ...` writes profile.md.

py-spy looks at the worker from outside some hundred times a second, native frames included, while the load runs. The
worker itself is the very one that is measured; nothing in it knows.
"""

from __future__ import annotations

import asyncio
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
LINES = 25
REPORT = Path(__file__).parent / "profile.md"


def run(names: list[str]) -> int:
    """Profile each, write the report, and return an exit code."""
    program = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    if program is None:
        print("py-spy is not installed: pip install py-spy", file=sys.stderr)
        return 1
    parts = ["# Where a worker's time goes\n", f"py-spy, {RATE} samples a second for {SECONDS} s, native frames.\n"]
    with servers() as bench:
        for case in (case for case in CASES if case.name in names):
            parts.append(report(case.name, uvloop.run(_samples(bench, case, program))))
    REPORT.write_text("\n".join(parts), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return 0


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
    """Shares of the samples: by the innermost frame (self), and by every frame on the stack once (total)."""
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in folded:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        own[frames[-1]] += int(count)
        for frame in set(frames):
            total[frame] += int(count)
    whole = max(1, sum(own.values()))
    rows = [f"\n## {name}\n", "| self | total | frame |", "|---:|---:|---|"]
    for frame in sorted(own, key=own.__getitem__, reverse=True)[:LINES]:
        rows.append(f"| {own[frame] / whole:.1%} | {total[frame] / whole:.1%} | `{frame}` |")
    rows += ["\n| total | self | frame |", "|---:|---:|---|"]
    for frame in sorted(total, key=total.__getitem__, reverse=True)[: LINES * 2]:
        rows.append(f"| {total[frame] / whole:.1%} | {own[frame] / whole:.1%} | `{frame}` |")
    return "\n".join(rows)
