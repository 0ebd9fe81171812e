"""How the demo calls: again while the server has too much to do, and with an eye on the time that takes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection
from typing import Any

import grpc

RETRY_SECONDS, RETRY_SECONDS_MAX = 0.05, 30.0
BUSY = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
ENDED_MEANWHILE = (grpc.StatusCode.INTERNAL,)
"""What grpc.aio says of a stream that the server ended while a message of ours was under way, whatever the server said."""

Progress = Callable[[str, int, int], None]
"""What is going on, how much of it is done, and how much there is."""


async def insist(call: Callable[[], Any], *, busy: Collection[grpc.StatusCode] = BUSY) -> Any:
    """Call again when the server has too much to do: safe, for the request keeps its id. Not for ever.

    The pauses are drawn, so that thousands who were turned away at once do not come back at once.
    """
    pause = RETRY_SECONDS
    while True:
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() not in busy or pause > RETRY_SECONDS_MAX:
                raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause *= 2


async def timed(waits_ms: list[float], call: Callable[[], Any]) -> Any:
    """The answer of a call, and how long its client waited for it, into a list."""
    started = time.perf_counter()
    answer = await insist(call)
    waits_ms.append((time.perf_counter() - started) * 1000)
    return answer
