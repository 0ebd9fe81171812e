"""The audit of what is to come finds what was tampered with, and nothing where the books agree."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from redis.asyncio import Redis
from test_audit import ANY, audit

from promessa.domain.supply import OverdueAction, OverduePolicy
from promessa.store.store import Store
from promessa.store.supply_store import InboundKey, SupplyStore

HONEST = {(0, 0): 0}
KEY = InboundKey(0, 0, "po-1")


async def promise(store: Store, redis: Redis) -> None:
    """One cup in stock and nine to come, three of them bound: two held, one committed."""
    supply = SupplyStore(redis, store.keys, store._commit)
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 1, -1, -1])
    await supply.put_inbound("", ANY, KEY, kind=1, quantity=9, day=30_000, policy=None)
    for request_id, units in (("firm-0001", 2), ("held-0001", 2)):
        await supply.promise(
            request_id, ANY, cells=[0, 0, units, 20_000], all_or_nothing=True, ttl_ms=60_000, owner_id="", order_id="",
            latest_day=0, backorder=False, policy=OverduePolicy(OverdueAction.DROP),
        )  # fmt: skip
    await store.confirm("confirm-1", ANY, "firm-0001", order_id="o")


async def test_promises_that_agree_have_no_violation(store: Store, redis: Redis) -> None:
    await promise(store, redis)
    report = await audit(store, redis, HONEST)
    assert (report.violations, report.inbound_count) == ([], 1)
    supply = SupplyStore(redis, store.keys, store._commit)
    await supply.receive_inbound("", ANY, KEY, quantity=3, last=False)
    assert (await audit(store, redis, HONEST)).violations == []


@pytest.mark.parametrize(
    ("column", "value", "invariant"),
    [
        (3, 3, "BOUND_SUM"),
        (4, 2, "BOUND_SUM"),
        (0, 8, "INBOUND"),
        (0, 2, "INBOUND"),
        (11, 30_001, "LEDGER"),
        (14, 3, "INBOUND"),
    ],
)
async def test_a_changed_inbound_is_found(store: Store, redis: Redis, column: int, value: int, invariant: str) -> None:
    await promise(store, redis)
    raw: Any = await redis.hget(store.keys.supply(0), "0:0")
    limit, inbound = _values(raw)
    inbound[column] = value
    await redis.hset(store.keys.supply(0), "0:0", msgpack.packb(limit) + msgpack.packb(inbound))
    found = {violation.invariant for violation in (await audit(store, redis, HONEST)).violations}
    assert invariant in found


async def test_an_inbound_that_was_promised_twice_is_found(store: Store, redis: Redis) -> None:
    await promise(store, redis)
    _, inbound = _values(await redis.hget(store.keys.supply(0), "0:0"))  # type: ignore[misc, arg-type]
    inbound[3], inbound[5] = 9, inbound[5] + 1
    head = int(await redis.hget(store.keys.cells(0), "seq"))  # type: ignore[misc, arg-type]
    entry = {"t": "1", "bind": "r:x", "i:0:0:po-1": msgpack.packb(inbound)}
    await redis.xadd(store.keys.log(0), entry, id=f"{head + 1}-0")  # type: ignore[arg-type]
    assert [x.invariant for x in (await audit(store, redis, HONEST)).violations] == ["OVERSOLD"]


def _values(raw: bytes) -> tuple[int, list[Any]]:
    unpacker = msgpack.Unpacker(raw=False)
    unpacker.feed(raw)
    limit, inbound = unpacker
    return limit, inbound
