"""`python -m promessa.server.worker --index 0`: one process that serves. Many share the port."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

import structlog
import uvloop

from promessa.server import metrics
from promessa.server.bootstrap import Parts, build_worker, listen
from promessa.server.logs import configure_logging
from promessa.server.settings import Resolved, read_resolved, report_ready

log = structlog.get_logger()

SWEEP_SECONDS = 0.1
WATCH_SECONDS = 0.25
DEFICIT_SECONDS = 5.0
DRAIN_SECONDS = 0.5
"""Between NOT_SERVING and the end of new calls: two looks of a balancer."""


async def run(settings: Resolved) -> None:
    """Serve until SIGTERM, then drain."""
    parts = await build_worker(settings)
    listen(parts.server, settings)
    await parts.health.check_once()
    await parts.server.start()
    tasks = [
        asyncio.create_task(parts.keeper.follow()),
        asyncio.create_task(parts.health.watch()),
        asyncio.create_task(_again(parts.store.sweep, SWEEP_SECONDS)),
        asyncio.create_task(_again(lambda: _look(parts), WATCH_SECONDS)),
        asyncio.create_task(_again(lambda: _count_deficits(parts), DEFICIT_SECONDS)),
    ]
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    report_ready()
    await stopped.wait()
    await drain(parts, settings.grace_seconds)
    for task in tasks:
        task.cancel()
    await parts.store.close()


async def drain(parts: Parts, grace_seconds: float) -> None:
    """Tell balancers, let them look, refuse new calls, finish those under way."""
    await parts.health.drain()
    await asyncio.sleep(min(DRAIN_SECONDS, grace_seconds / 4))
    parts.boundary.draining = True
    await parts.server.stop(grace_seconds / 2)


async def _look(parts: Parts) -> None:
    """Now and then: a new replica, the epoch, and the gauges."""
    parts.replica.refresh()
    metrics.STALENESS.set(parts.replica.staleness_ms() / 1000)
    await parts.store.refresh_epoch()


async def _count_deficits(parts: Parts) -> None:
    metrics.DEFICITS.set(await parts.store.settle_deficits())


async def _again(act: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Until cancelled; a failure is the health check's to report."""
    while True:
        await asyncio.sleep(seconds * random.uniform(0.75, 1.25))
        try:
            await act()
        except Exception as error:
            log.debug("skipped", act=getattr(act, "__name__", "look"), error=str(error))


def main() -> None:
    settings = read_resolved()
    configure_logging(settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
