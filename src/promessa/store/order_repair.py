"""Orders that an index does not have, or has wrongly, as those written by a version that did not keep it: put right again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from promessa.domain.order_timers import next_ms
from promessa.domain.order_work import work_of
from promessa.store.group_commit import GroupCommit
from promessa.store.order_store import OrderStore

_OVER = -1


@dataclass(frozen=True, slots=True)
class OrderRepairs:
    """Repairs the orders of one data set."""

    orders: OrderStore
    commit: GroupCommit

    async def repair(self, reference: str, order_id: str, nodes: Iterable[int]) -> bool:
        """Put an order where all indexes should have it, or out of them if there is none; `nodes` may have it wrongly.

        Whether it was not changed meanwhile. The event log keeps the reference.
        """
        found, home = await self.orders.get(order_id), self.orders.keys.home_of(order_id)
        turn = _OVER if found is None or found.order.is_final else next_ms(found.order)
        work = dict.fromkeys(nodes, False) | (work_of(found.order) if found else {})
        flat = [x for node_ix, is_open in work.items() for x in (home, order_id, node_ix, int(is_open))]
        version = found.version if found else 0
        answer = await self.commit.submit((b"repair_order", reference, home, order_id, version, turn, flat))
        return bool(answer[0] == b"ok")
