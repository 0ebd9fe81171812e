"""Whatever many clients do at once, over several processes, there is an order in which it all makes sense."""

from __future__ import annotations

import asyncio
import os
import signal
from random import Random

import pytest
from forgeries import FORGERIES
from history import History
from live_server import Running
from recorder import Client, Recorder, heads
from witness import violations

CLIENTS = 24
CALLS = int(os.environ.get("PROMESSA_TEST_CALLS", "250"))
"""Of each client."""


async def run(running: Running, seed: int, *, kill: str = "") -> History:
    """Clients on few cells, so that they meet; half way a process may be killed."""
    random = Random(seed)
    recorder = Recorder(nodes=5, skus=2)
    channels = [running.channel() for _ in range(8)]
    redis = running.redis()
    await recorder.open_shop(channels[0], units=30)
    books = await running.books(redis)
    first = await heads(redis, books.keys)
    clients = [Client(n, channels[n % len(channels)], recorder, Random(random.random())) for n in range(CLIENTS)]
    work = [asyncio.create_task(client.run(CALLS)) for client in clients]
    if kill:
        while len(recorder.calls) < CLIENTS * CALLS // 2:
            await asyncio.wait(work, timeout=0.05)
        os.kill(running.pid_of(kill), signal.SIGKILL)
    await asyncio.gather(*work)
    history = await recorder.history(books, first)
    for channel in channels:
        await channel.close()
    await redis.aclose()
    return history


@pytest.mark.parametrize("kill", ["", "worker-0", "applier", "store"])
async def test_the_history_of_many_clients_is_linearizable(running: Running, kill: str) -> None:
    history = await run(running, seed=17, kill=kill)
    assert violations(history) == []
    kinds = {call.kind for call in history.calls}
    assert kinds == {"reserve", "confirm", "release", "fulfill", "adjust", "read"}
    assert any(call.outcome == "refused" for call in history.calls), "nobody was short: the cells are too full"
    assert any(step.kind == "expire" for step in history.steps)
    assert len(history.steps) > CLIENTS * CALLS // 3


async def test_bad_histories_are_caught(running: Running) -> None:
    """The checker's teeth: a real history, made bad in many ways, one at a time."""
    good = await run(running, seed=18)
    assert violations(good) == []
    assert len(FORGERIES) >= 30
    assert [forge.__name__ for forge in FORGERIES if not violations(forge(good))] == []
