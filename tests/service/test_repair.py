"""What the reservations can tell is set right, only if told, and never over a change made meanwhile."""

from __future__ import annotations

import msgpack
import pytest
from redis.asyncio import Redis
from test_audit import HONEST, Replica, audit, catalogue, trade

from promessa.service.audit import Audit
from promessa.service.repair import Repair, RepairOutcome, Repairs
from promessa.store.books import Books
from promessa.store.order_repair import OrderRepairs
from promessa.store.order_store import OrderStore
from promessa.store.pool_store import PoolStore
from promessa.store.store import Store


async def repair(store: Store, redis: Redis, *, apply: bool) -> list[Repair]:
    replica = Replica(HONEST)
    repairs = Repairs(
        Audit(Books(redis, store.keys), catalogue(), lambda: replica),
        store,
        PoolStore(redis, store.keys, store._commit),
        OrderRepairs(OrderStore(redis, store.keys, store._commit), store._commit),
    )
    _, found = await repairs.run("repair-0001", apply=apply, violations_max=10)
    return found


async def break_sums(store: Store, redis: Redis) -> None:
    cell = b"".join(msgpack.packb(x) for x in (10, 0, 0, 4, 1, 4, 0))
    await redis.hset(store.keys.cells(0), "0:0", cell)


async def break_due(store: Store, redis: Redis) -> None:
    await redis.zrem(store.keys.due(store.keys.home_of("held-0001")), "r:held-0001")


@pytest.mark.parametrize("break_it", [break_sums, break_due])
async def test_it_is_said_first_and_done_when_told(store: Store, redis: Redis, break_it: object) -> None:
    await trade(store)
    await break_it(store, redis)  # type: ignore[operator]
    (planned,) = await repair(store, redis, apply=False)
    assert planned.outcome == RepairOutcome.PLANNED
    assert (await audit(store, redis, HONEST)).violation_count > 0, "a dry run changes nothing"
    (done,) = await repair(store, redis, apply=True)
    assert done == planned._replace(outcome=RepairOutcome.DONE)
    assert (await audit(store, redis, HONEST)).violations == []
    assert await repair(store, redis, apply=True) == []
    kinds = [kind async for _, changes in Books(redis, store.keys).log(0) for kind, _, _ in changes]
    homes = [
        kind
        async for _, changes in Books(redis, store.keys).log(store.keys.home_of("held-0001"))
        for kind, _, _ in changes
    ]
    assert "repair" in kinds + homes


async def test_what_changed_meanwhile_is_left_alone(store: Store, redis: Redis) -> None:
    await trade(store)
    (cell,) = await store.read_cells([(0, 0)])
    assert cell is not None
    wrong = {"node_ix": 0, "sku_ix": 0, "version": cell.version - 1, "held": 9, "committed": 9}
    assert not await store.repair_sums("repair-0001", **wrong)
    assert not await store.repair_due("repair-0001", "sold-0001")
    assert await store.read_cells([(0, 0)]) == [cell]
    assert (await audit(store, redis, HONEST)).violations == []
