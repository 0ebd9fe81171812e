"""Loading a network and its stock through the public API: many calls under way at once, on several channels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

from promessa.cli.connections import Connection
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw

CHANNELS = 4
IN_FLIGHT = 64
COUNTS_PER_MESSAGE = 2_000
STREAMS = 4

Tick = Callable[[int], None]


class Pool:
    """Several channels: one connection stays with one worker, so more of them use more workers."""

    def __init__(self, address: str, channels: int = CHANNELS) -> None:
        self._stubs = [Connection(address) for _ in range(channels)]
        self._next = 0

    def stubs(self) -> Connection:
        """The stubs of the next channel."""
        self._next = (self._next + 1) % len(self._stubs)
        return self._stubs[self._next]

    async def close(self) -> None:
        for connection in self._stubs:
            await connection.channel.close()


async def put_all(
    pool: Pool, kind: str, field: str, values: Sequence[dict[str, Any]], *, prefix: str, tick: Tick
) -> None:
    """Put resources. `kind` is Node, Sku, ...; `prefix` makes request ids, the same for the same load."""
    request_type = getattr(nw, f"Put{kind}Request")

    async def put(position: int, value: dict[str, Any]) -> None:
        request = request_type(request_id=f"{prefix}-{kind}-{position}", **{field: value})
        await getattr(pool.stubs().network, f"Put{kind}")(request)
        tick(1)

    await gather_bounded(put(position, value) for position, value in enumerate(values))


async def import_stock(
    pool: Pool, cells: Sequence[tuple[str, str, int, int]], *, request_id: str, tick: Tick
) -> list[iv.ImportSnapshotResponse]:
    """Send a snapshot of (sku, node id, on hand, safety stock) in a few streams at once; an answer for each."""
    share = -(-len(cells) // STREAMS)
    parts = [cells[first : first + share] for first in range(0, len(cells), share)]
    return await asyncio.gather(*[_import_part(pool, part, request_id=request_id, tick=tick) for part in parts])


async def _import_part(
    pool: Pool, cells: Sequence[tuple[str, str, int, int]], *, request_id: str, tick: Tick
) -> iv.ImportSnapshotResponse:
    async def pages() -> AsyncIterator[iv.ImportSnapshotRequest]:
        for first in range(0, len(cells), COUNTS_PER_MESSAGE):
            page = cells[first : first + COUNTS_PER_MESSAGE]
            yield iv.ImportSnapshotRequest(
                request_id=request_id,
                counts=[
                    {"sku": sku, "node_id": node_id, "on_hand_quantity": on_hand, "safety_stock_quantity": safety}
                    for sku, node_id, on_hand, safety in page
                ],
            )
            tick(len(page))

    response: iv.ImportSnapshotResponse = await pool.stubs().inventory.ImportSnapshot(pages())
    return response


async def gather_bounded(jobs: Iterable[Awaitable[None]], limit: int = IN_FLIGHT) -> None:
    """Run jobs, at most `limit` at once. The first failure ends all."""
    waiting = iter(jobs)

    async def work() -> None:
        for job in waiting:
            await job

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(work())
