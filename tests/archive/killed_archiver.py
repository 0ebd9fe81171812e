"""Archives a data set and kills itself at a step: killed_archiver.py URL DIRECTORY STEP TIMES."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from archive_kit import ALWAYS_MS, Kept, steps_until  # noqa: E402

from promessa.server.store_connection import connect  # noqa: E402
from promessa.store.functions import open_data_set  # noqa: E402


async def main(url: str, path: str, step: str, times: str) -> None:
    redis = connect(url, namespace="test")
    keys = await open_data_set(redis, namespace="test", partitions=4, new_id="test")
    kept = Kept(redis, keys, Path(path))
    die = steps_until(step, int(times), lambda: os.kill(os.getpid(), signal.SIGKILL))
    await kept.archive(segment_rows_max=30, state_rows=30, now_ms=lambda: ALWAYS_MS, on_step=die)
    await redis.aclose()


asyncio.run(main(*sys.argv[1:]))
