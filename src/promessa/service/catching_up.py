"""Before anybody is refused: every due hold back in stock, and the replica level with the store.

The replica shows a moment of the past, and a hold that is over still keeps its units until somebody returns them. Both
are good enough to find a plan, which the store checks; they are no reason to say no, which nobody checks.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Awaitable, Callable
from typing import Protocol

from promessa.domain.errors import Unavailable
from promessa.store.store import Store

DUE_AT_ONCE = 2_000
WAIT_STEPS, WAIT_STEP_SECONDS = 500, 0.001


class StockRows(Protocol):
    """What decisions ask of the replica."""

    @property
    def ready(self) -> bool: ...

    def rows(self, sku_indices: list[int], channel: str = "") -> tuple[array[int], array[int], array[int]]: ...

    def applied(self, partition: int) -> int: ...


async def return_due_holds(store: Store) -> None:
    """Return when every hold that was over when this was called is back in stock."""
    while await store.sweep(limit=DUE_AT_ONCE) >= DUE_AT_ONCE:
        pass


async def catch_up(
    store: Store, stock: Callable[[], StockRows], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Return when the replica shows all that the store had when this was called. Raises Unavailable (REPLICA_STALE)."""
    await return_due_holds(store)
    heads = await store.heads()
    for _ in range(WAIT_STEPS):
        shown = stock()
        if all(shown.applied(partition) >= head for partition, head in enumerate(heads)):
            return
        await sleep(WAIT_STEP_SECONDS)
    raise Unavailable("REPLICA_STALE", "The replica does not keep up with the store, so nobody is refused now. Retry.")


def contended(attempts: int) -> Unavailable:
    """Others took the stock of every plan, and there is more: not a refusal."""
    return Unavailable(
        "STOCK_CONTENDED",
        f"Others took the stock of {attempts} plans in a row, and there may be more. Retry with the same request_id.",
        attempts=attempts,
    )
