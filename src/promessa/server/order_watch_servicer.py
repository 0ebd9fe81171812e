"""WatchOrders: batches of orders, one message each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import grpc

from promessa.domain.errors import Exhausted
from promessa.domain.limits import WATCH_STALLED_SECONDS
from promessa.domain.order import PlacedOrder
from promessa.domain.order_filters import OrderFilters
from promessa.server import validate
from promessa.server.convert_orders import order_message
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.order_watches import Batch, OrderWatches
from promessa.v1 import order_service_pb2 as messages


class OrderWatchServicer:
    """The watching part of OrderService."""

    def __init__(self, watches: OrderWatches, keeper: CatalogueKeeper, now_ms: Callable[[], int]) -> None:
        self._watches = watches
        self._keeper = keeper
        self._now_ms = now_ms

    async def WatchOrders(self, request: messages.WatchOrdersRequest, context: Any) -> None:
        validate.check(request)
        filters = OrderFilters(frozenset(request.states), channel=request.channel, alerts=frozenset(request.alerts))
        if request.node_id:
            filters = filters._replace(node_ix=await self._keeper.node_index(request.node_id))
        async with aclosing(self._watches.watch(filters, request.resume_token)) as batches:
            async for batch in batches:
                message = await self._message(batch)
                try:
                    async with asyncio.timeout(WATCH_STALLED_SECONDS):
                        await context.write(message)
                except TimeoutError:
                    raise _stalled(batch) from None
                except grpc.aio.InternalError:  # the call is over, and nobody is left to be told
                    return

    async def _message(self, batch: Batch) -> messages.WatchOrdersResponse:
        """A node or sku that was put a moment ago is read from the store first."""
        if not all(self._is_named(change.stored.order) for change in batch.changes):
            await self._keeper.load()
        catalogue = self._keeper.catalogue
        message = messages.WatchOrdersResponse(
            changes=[
                messages.OrderChange(order=order_message(stored, catalogue), matches=matches)
                for stored, matches in batch.changes
            ],
            resume_token=batch.token,
        )
        message.time.FromMilliseconds(self._now_ms())
        return message

    def _is_named(self, order: PlacedOrder) -> bool:
        nodes, skus = self._keeper.catalogue.nodes.ids, self._keeper.catalogue.skus.ids
        return all(0 <= line.sku_ix < len(skus) and skus[line.sku_ix] for line in order.lines) and all(
            max(ship.node_ix, ship.collected_ix) < len(nodes) and nodes[ship.node_ix] for ship in order.shipments
        )


def _stalled(batch: Batch) -> Exhausted:
    """Goes out behind the batch, so its token is the last one."""
    return Exhausted(
        "WATCH_STALLED",
        f"No batch of this watch was taken for {WATCH_STALLED_SECONDS:.0f} seconds, so it ends. Watch again with the "
        "last resume_token.",
        resume_token=batch.token,
    )
