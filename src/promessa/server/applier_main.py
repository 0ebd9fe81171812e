"""`python -m promessa.server.applier_main`: the process that keeps the replica, one per machine.

Beside it, and because there is one of it, it trims the event logs behind what everybody has read.
"""

from __future__ import annotations

import asyncio
import signal
import time

import structlog
import uvloop

from promessa.domain.limits import LOG_ENTRIES_KEPT
from promessa.replica import Applier, Writer
from promessa.server.logs import configure_logging
from promessa.server.settings import Resolved, read_resolved, report_ready, wait_for_start
from promessa.server.store_connection import connect, data_set
from promessa.store.consumers import Consumers, done_by_all
from promessa.store.replica_source import ReplicaSource

log = structlog.get_logger()

TRIM_SECONDS = 10.0


async def run(settings: Resolved) -> None:
    """Load, report ready, follow until SIGTERM."""
    redis = connect(settings.redis_url, namespace=settings.namespace)
    keys = await data_set(redis, settings)
    tail = connect(settings.redis_url, namespace=settings.namespace)
    source = ReplicaSource(redis, tail.connection_pool, keys)
    writer = Writer(settings.replica_path, keys.partitions + 1, max_bytes=settings.replica_max_bytes)
    applier = Applier(source, writer, now_ns=time.monotonic_ns, on_error=_log_error)
    following = asyncio.create_task(applier.run())
    trimming = asyncio.create_task(_trim(source, applier, Consumers(redis, keys)))
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    loaded = asyncio.create_task(applier.loaded.wait())
    ended = asyncio.create_task(stopped.wait())
    await asyncio.wait({following, loaded, ended}, return_when=asyncio.FIRST_COMPLETED)
    if loaded.done():
        log.info("replica loaded", **writer.stats())
        report_ready()
    await asyncio.wait({following, ended}, return_when=asyncio.FIRST_COMPLETED)
    if following.done():
        following.result()
    following.cancel()
    trimming.cancel()
    writer.close()
    await source.close()


async def _trim(source: ReplicaSource, applier: Applier, consumers: Consumers) -> None:
    """Until cancelled: keep the logs at their length, and what consumers have not done."""
    while True:
        await asyncio.sleep(TRIM_SECONDS)
        try:
            positions = applier.positions
            done = done_by_all(await consumers.all(), positions)
            await source.trim_logs(positions, keep=LOG_ENTRIES_KEPT, done=done)
        except Exception as error:
            _log_error("the logs are not trimmed", error)


def _log_error(what: str, error: BaseException) -> None:
    log.warning(what, error=str(error), kind=type(error).__name__)


def main() -> None:
    wait_for_start()
    settings = read_resolved()
    configure_logging(settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
