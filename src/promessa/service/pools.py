"""Allocation pools: ids to indices, and what contradicts itself refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.fingerprint import fingerprint
from promessa.domain.pools import Pool, PoolStrategy
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.pool_store import Allocated, AllocatedPool, PoolStore, Reallocated

_SET = ("method", "sku", "node_id", "channel", "strategy", "amount", "give_back_time")
_MOVE = ("method", "sku", "node_id", "from_channel", "to_channel", "quantity")

Answer = TypeVar("Answer")

Send = Callable[[int, int], Awaitable[Answer]]
"""A change of the pools of a cell: node and sku index."""

Recall = Callable[[], Awaitable[Answer | None]]
"""Its first answer, None if it never came."""


@dataclass(slots=True)
class Pools:
    """The use cases of allocation pools. Errors are those the proto names."""

    keeper: CatalogueKeeper
    store: PoolStore

    async def set(self, request_id: str, *, sku: str, node_id: str, pool: Pool) -> Allocated:
        """Keep units of a cell for a channel; a pool that keeps nothing is cleared."""
        _check(pool)
        if not pool.units and not pool.permille:
            pool = pool._replace(strategy=PoolStrategy.CLOSED)
        amount = (pool.permille, pool.units)
        request = fingerprint(
            _SET, "SetAllocationPool", sku, node_id, pool.channel, int(pool.strategy), amount, pool.gives_back_ms
        )
        return await self._at(
            sku,
            node_id,
            lambda node_ix, sku_ix: self.store.set_pool(request_id, request, node_ix=node_ix, sku_ix=sku_ix, pool=pool),
            lambda: self.store.recall_allocated(request_id, request),
        )

    async def reallocate(
        self, request_id: str, *, sku: str, node_id: str, from_channel: str, to_channel: str, units: int
    ) -> Reallocated:
        """Move what a pool keeps, and nobody has drawn, to another; an empty channel is what is common."""
        if from_channel == to_channel:
            raise _invalid("to_channel", "must be another one than from_channel")
        request = fingerprint(_MOVE, "ReallocatePool", sku, node_id, from_channel, to_channel, units)
        return await self._at(
            sku,
            node_id,
            lambda node_ix, sku_ix: self.store.move_units(
                request_id, request, node_ix=node_ix, sku_ix=sku_ix, source=from_channel, target=to_channel, units=units
            ),
            lambda: self.store.recall_reallocated(request_id, request),
        )

    async def list_page(
        self, *, page_token: str, page_size: int, sku: str, node_id: str, channel: str
    ) -> tuple[list[AllocatedPool], str]:
        """A page of open pools and the token of the next. Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND)."""
        sku_ix = await self.keeper.sku_index(sku) if sku else None
        node_ix = await self.keeper.node_index(node_id) if node_id else None

        def keep(found: AllocatedPool) -> bool:
            return (
                sku_ix in (None, found.sku_ix)
                and node_ix in (None, found.node_ix)
                and (not channel or found.pool.channel == channel or found.pool.channel.startswith(channel + "/"))
            )

        return await self.store.list_pools(page_token=page_token, page_size=page_size, keep=keep)

    async def _at(self, sku: str, node_id: str, send: Send[Answer], recall: Recall[Answer]) -> Answer:
        """Change the pools of a cell; of one whose sku or node is gone, the first answer. Raises NotFound."""
        try:
            sku_ix = await self.keeper.sku_index(sku)
            node_ix = await self.keeper.node_index(node_id)
            return await send(node_ix, sku_ix)
        except NotFound as error:
            error.metadata.update(sku=sku, node_id=node_id)
            if error.reason == "POOL_NOT_FOUND":
                raise
            first = await recall()
            if first is None:
                raise
            return first


def _check(pool: Pool) -> None:
    """Raises InvalidRequest (INVALID_FIELD) for a pool that contradicts itself."""
    clears = not pool.units and not pool.permille
    if clears and pool.strategy:
        rule = "must be absent where the amount is 0, which clears the pool; a pool needs units to keep"
        raise _invalid("allocation_pool.strategy", rule)
    if clears and pool.gives_back_ms:
        raise _invalid("allocation_pool.give_back_time", "must be absent where the amount is 0, which clears the pool")
    if not clears and not pool.strategy:
        raise _invalid("allocation_pool.strategy", "must be one of STRICT, OWN_FIRST, COMMON_FIRST")


def _invalid(field: str, rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)
