"""One process of a replay: its share of the orders, by the services of a worker on the server's store, without gRPC."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from traceback import format_exception
from typing import NamedTuple

import uvloop
from replay_clock import Hours
from replay_counts import Counts
from replay_journeys import Journeys
from replay_orders import Replayed, replayed

from promessa.demo.chain import STORES, Chain, build_chain
from promessa.demo.journeys import DAY_MS, shop_hour
from promessa.server.bootstrap import build_worker
from promessa.server.clock import clock_of
from promessa.server.settings import Resolved

IN_FLIGHT = 192
GARBAGE_THRESHOLDS = (50_000, 20, 100)


class ChainSize(NamedTuple):
    """How large the chain is: as the demo's, or smaller."""

    stores: int = STORES
    sku_limit: int | None = None

    def chain(self) -> Chain:
        return build_chain(stores=self.stores, sku_limit=self.sku_limit)


@dataclass(frozen=True, slots=True)
class Share:
    """What a process replays: its place among `count`, and so many orders that come in so many days from `start_ms`."""

    index: int
    count: int
    orders: int
    days: int
    start_ms: int
    recounted: int
    size: ChainSize

    def placed_ms(self, number: int) -> int:
        """When an order comes: on the hour, as many in each."""
        return shop_hour(self.start_ms + number * self.days * DAY_MS // self.orders)


def replay(share: Share, settings: Resolved) -> Counts:
    """All of a share."""
    return uvloop.run(_replay(share, settings))


async def _replay(share: Share, settings: Resolved) -> Counts:
    assert settings.clock_file is not None
    parts = await build_worker(settings)
    clock = clock_of(settings.clock_file)
    following = asyncio.create_task(parts.keeper.follow())
    chain = share.size.chain()
    journeys = Journeys(parts, chain, clock, str(share.index), share.recounted)
    hours = Hours(share.index, share.count, settings.clock_file.parent, settings.clock_file, clock)
    coming = replayed(share.orders, seed=share.index, chain=chain)

    def come() -> None:
        order = next(coming, None)
        if order is not None:
            journeys.at(share.placed_ms(order.number), lambda: placed(order))

    async def placed(order: Replayed) -> None:
        come()
        await journeys.place(order)

    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    began = time.process_time()
    come()
    try:
        while (next_ms := journeys.next_ms) is not None:
            await hours.reach(next_ms)
            parts.replica.refresh()
            await _do_all(journeys)
        await hours.leave()
    except BaseException as error:
        hours.fail()
        raise RuntimeError("".join(format_exception(error))) from None  # what is raised here is told in another process
    await journeys.count_open()
    journeys.counts.seconds = time.process_time() - began
    following.cancel()
    await parts.store.close()
    return journeys.counts


async def _do_all(journeys: Journeys) -> None:
    """Everything that is due by now, and what becomes due meanwhile: whoever made it due goes on with it."""

    async def one_after_another() -> None:
        while (act := journeys.take()) is not None:
            await act()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(IN_FLIGHT, journeys.waiting)):
            group.create_task(one_after_another())
