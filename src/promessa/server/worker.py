"""`python -m promessa.server.worker --index 0`: one process that serves. Many share the port."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
import uvloop

from promessa.domain.errors import Unavailable
from promessa.server import metrics, tallies
from promessa.server.bootstrap import Parts, build_worker, listen
from promessa.server.logs import configure_logging
from promessa.server.overdue import count_overdue
from promessa.server.settings import Resolved, read_resolved, report_ready, wait_for_start

log = structlog.get_logger()

SWEEP_SECONDS = 0.1
WATCH_SECONDS = 0.25
TELL_SECONDS = 0.5
"""How old counts of calls may be where they are read."""
OVERDUE_SECONDS = 30.0
ORDER_REST_SECONDS = 5.0
"""Whoever leaves a rest of an order has it sourced at once; this is for those that died doing so, and for later tries."""
ORDER_TIMER_SECONDS = 1.0
"""Deadlines are minutes away; told a second later they are told in time."""
SETTLE_SECONDS = 1.0
"""Who changes a rule of safety stock brings the cells to it; this is for those that died doing so."""
DEFICIT_SECONDS = 5.0
LAG_SECONDS = 5.0
SHADOW_SECONDS = 5.0
"""How old what a policy in the shadow did may be where it is read."""
LOAD_SECONDS = 10.0
"""How full a day is changes by the order, and its price by the per cent: later than this it is not worth building anew."""
DRAIN_SECONDS = 0.5
"""Between NOT_SERVING and the end of new calls: two looks of a balancer."""

GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""How many new objects there are between looks for cyclic garbage. Calls leave next to none, so Python's 700 finds nothing
many times a second and costs a twelfth of a worker."""

REFUSE_SECONDS = 0.5
"""How long calls are refused with a reason before the port closes: who has looked sends no more by then."""


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
        asyncio.create_task(_again(parts.safety_rules.tend, SETTLE_SECONDS)),
        asyncio.create_task(_again(parts.loads.look, LOAD_SECONDS)),
        asyncio.create_task(parts.shadowing.run()),
        asyncio.create_task(_again(parts.order_rest.tend, ORDER_REST_SECONDS)),
        asyncio.create_task(_again(parts.order_timers.tend, ORDER_TIMER_SECONDS)),
        asyncio.create_task(_again(parts.shadowing.flush, SHADOW_SECONDS)),
        asyncio.create_task(_again(lambda: _look(parts), WATCH_SECONDS)),
        asyncio.create_task(_again(tallies.tell_all, TELL_SECONDS)),
        asyncio.create_task(_again(lambda: count_overdue(parts.supply), OVERDUE_SECONDS)),
        asyncio.create_task(_again(lambda: _count_deficits(parts), DEFICIT_SECONDS)),
        asyncio.create_task(_again(lambda: _count_lags(parts), LAG_SECONDS)),
    ]
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.freeze()  # the catalogue and the modules live as long as the worker: nothing of it needs to be looked at again
    report_ready()
    await stopped.wait()
    await end(parts, tasks, settings.grace_seconds)


async def end(parts: Parts, tasks: Sequence[asyncio.Task[None]], grace_seconds: float) -> None:
    """Drain, stop what is done now and then, close the store; and tell what was counted, whatever of that fails."""
    try:
        await drain(parts, grace_seconds)
        for task in tasks:
            task.cancel()
        with suppress(Unavailable):
            await parts.shadowing.flush()
        await parts.store.close()
    finally:
        await tallies.tell_all()


async def drain(parts: Parts, grace_seconds: float) -> None:
    """Tell balancers, let them look, refuse new calls, finish those under way."""
    await parts.health.drain()
    await asyncio.sleep(min(DRAIN_SECONDS, grace_seconds / 4))
    parts.boundary.draining = True
    for watches in (parts.watches, parts.order_watches):
        watches.end(Unavailable("DRAINING", "This server is shutting down. Go on from another connection."))
    await asyncio.sleep(min(REFUSE_SECONDS, grace_seconds / 4))
    await parts.server.stop(grace_seconds / 2)
    await parts.watches.close()
    await parts.order_watches.close()


async def _look(parts: Parts) -> None:
    """Now and then: a new replica, the epoch, and the gauges."""
    parts.replica.refresh()
    metrics.STALENESS.set(parts.replica.staleness_ms() / 1000)
    await parts.store.refresh_epoch()


async def _count_deficits(parts: Parts) -> None:
    metrics.DEFICITS.set(await parts.store.settle_deficits())


async def _count_lags(parts: Parts) -> None:
    consumers, heads = await parts.consumers.all()
    for consumer in consumers:
        metrics.CONSUMER_LAG.labels(consumer.name).set(consumer.lag(heads))


async def _again(act: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Until cancelled; a failure is the health check's to report."""
    while True:
        await asyncio.sleep(seconds * random.uniform(0.75, 1.25))
        try:
            await act()
        except Exception as error:
            log.debug("skipped", act=getattr(act, "__name__", "look"), error=str(error))


def main() -> None:
    wait_for_start()
    settings = read_resolved()
    configure_logging(settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
