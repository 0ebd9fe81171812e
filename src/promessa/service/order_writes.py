"""Making steps of orders: read the order, decide, have the store make it, and look again if another step came first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from promessa.domain.errors import FailedPrecondition, NotFound, PromessaError, Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import ORDER_ATTEMPTS_MAX, ORDER_RETENTION_MS
from promessa.domain.order import StoredOrder
from promessa.domain.order_steps import Change, source_in_ms
from promessa.domain.order_stock import Withhold
from promessa.domain.refusal import RefusalReason
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.refusals import coolings
from promessa.store.order_store import OrderStore, OtherVersion, Stepped, Write
from promessa.store.store import CoolingOf, ExceedsReservation

Decide = Callable[[StoredOrder], Change | None]
"""What a step makes of an order; None if there is nothing left to do. Raises what the step is refused for."""

Others = Callable[[Change], Awaitable[list[Write]]]
"""What is written of other orders with a change of one."""


async def no_others(_: Change) -> list[Write]:
    """Most steps are of one order."""
    return []


@dataclass(slots=True)
class OrderWrites:
    """Steps of one order, and of several at once. Nodes that refuse units cool down for `cooldown_ms`; `now_ms` is the wall
    clock."""

    keeper: CatalogueKeeper
    store: OrderStore
    cooldown_ms: int
    now_ms: Callable[[], int]

    async def get(self, order_id: str) -> StoredOrder:
        """An order as it is now. Raises NotFound (ORDER_NOT_FOUND)."""
        found = await self.store.get(order_id)
        if found is None:
            raise NotFound(
                "ORDER_NOT_FOUND",
                f"There is no order {order_id!r}, or it ended longer ago than orders are kept. Check the id.",
                order_id=order_id,
            )
        return found

    async def step(
        self,
        request_id: str,
        request: Fingerprint,
        order_id: str,
        decide: Decide,
        *,
        actor: str,
        others: Others = no_others,
    ) -> Stepped:
        """Make a step, or give its first answer again. A step that is refused changes nothing, and is not remembered.

        Raises what `decide` raises, NotFound (ORDER_NOT_FOUND), AlreadyExists, Unavailable (ORDER_CONTENDED).
        """
        for _ in range(ORDER_ATTEMPTS_MAX):
            try:
                found = await self.get(order_id)
                change = decide(found)
            except PromessaError:  # it may have been made before, and not be legal any more
                first = await self.store.recall(request_id, request)
                if first is None:
                    raise
                return first
            if change is None:
                first = await self.store.recall(request_id, request)
                return first or Stepped((found,), (), False, was_done=True)
            try:
                writes = [self.write(found.version, change, actor), *await others(change)]
                return await self.send(request_id, request, writes)
            except OtherVersion:
                continue
        raise contended(order_id)

    def write(self, version: int, change: Change, actor: str) -> Write:
        """What is written of an order that was read at a version."""
        order = change.order
        return Write(version, change, actor, ORDER_RETENTION_MS if order.is_final else 0, source_in_ms(order))

    async def send(self, request_id: str, request: Fingerprint, writes: list[Write]) -> Stepped:
        """Have the store make steps of orders together. Raises as OrderStore.step, FailedPrecondition."""
        catalogue = self.keeper.catalogue
        classes = [
            catalogue.skus.by_id[catalogue.skus.ids[move.sku_ix]].stock_class
            for write in writes
            for move in write.change.moves
            if isinstance(move, Withhold)
        ]
        cooling = self._coolings(writes)
        try:
            done = await self.store.step(request_id, request, writes, classes, cooling)
        except ExceedsReservation as error:
            sku, node_id = catalogue.skus.ids[error.sku_ix], catalogue.nodes.ids[error.node_ix]
            raise FailedPrecondition(
                "QUANTITY_EXCEEDS_RESERVATION",
                f"The reservation has {error.open_quantity} units of sku {sku!r} in stock at node {node_id!r}; others may be "
                "still to come. GetReservation shows them.",
                sku=sku,
                node_id=node_id,
                open_quantity=error.open_quantity,
            ) from error
        for node_id in {each.node_id for each in cooling}:
            await self.keeper.refresh("cooling", node_id)
        return done

    def _coolings(self, writes: list[Write]) -> list[CoolingOf]:
        """For what nodes are left alone from now on."""
        nodes, skus, found = self.keeper.catalogue.nodes.ids, self.keeper.catalogue.skus.ids, []
        for refused in [write.change.refused for write in writes if write.change.refused]:
            refused_skus = [skus[sku_ix] for sku_ix in refused.sku_ixs]
            reason, span = RefusalReason(refused.reason), self.cooldown_ms
            for each in coolings(reason, refused_skus, self.now_ms(), span, refused.decision_id):
                found.append(CoolingOf(nodes[refused.node_ix], refused.node_ix, *each))
        return found


def contended(order_id: str) -> Unavailable:
    """Other steps of the order came first, time after time."""
    return Unavailable(
        "ORDER_CONTENDED",
        f"Other steps of order {order_id!r} came first {ORDER_ATTEMPTS_MAX} times in a row. Retry with the same request_id.",
        order_id=order_id,
    )
