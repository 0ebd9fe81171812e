"""The audit finds what was tampered with, and nothing where the books agree."""

from __future__ import annotations

import asyncio
from array import array

import msgpack
import pytest
from redis.asyncio import Redis

from promessa.domain.audit import AuditReport
from promessa.domain.capacity import Capacity, CapacityUnit, OnFull
from promessa.domain.catalogue import Catalogue, KitComponent, Node, Sku
from promessa.domain.fingerprint import fingerprint
from promessa.domain.hold_rules import HoldLimits
from promessa.service.audit import Audit
from promessa.store.books import Books
from promessa.store.capacity_store import CapacityStore
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store

ANY = fingerprint(("method",), "test")


class Replica:
    """A replica that shows given ATP, all else zero."""

    def __init__(self, shown: dict[tuple[int, int], int]) -> None:
        self.ready = True
        self.shown = shown

    def get(self, sku_ix: int, node_ix: int) -> int:
        return self.shown.get((node_ix, sku_ix), 0)

    def atps(self, cells: array[int]) -> array[int]:
        return array("q", [self.get(cell & 0xFFFFFFFF, cell >> 32) for cell in cells])

    def applied(self, partition: int) -> int:
        return 0


def catalogue() -> Catalogue:
    found = Catalogue()
    for i, node_id in enumerate("ab"):
        found.put("node", node_id, i, Node(node_id), 1)
    found.put("sku", "cup", 0, Sku("cup"), 0)
    return found


async def audit(
    store: Store, redis: Redis, shown: dict[tuple[int, int], int], *, since: list[int] | None = None
) -> AuditReport:
    replica = Replica(shown)
    return await Audit(Books(redis, store.keys), catalogue(), lambda: replica).run(violations_max=10, since=since)


async def trade(store: Store) -> None:
    """Ten cups at a and at b: three held, two confirmed at a; one sold at b."""
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 10, -1, -1, 1, 0, 10, -1, -1])
    for request_id, node_ix, units in (("held-0001", 0, 3), ("firm-0001", 0, 2), ("sold-0001", 1, 1)):
        await store.reserve(
            request_id, ANY, cells=[node_ix, 0, units], all_or_nothing=True, ttl_ms=60_000, owner_id="", order_id=""
        )
    await store.confirm("confirm-1", ANY, "firm-0001", order_id="o")
    await store.confirm("confirm-2", ANY, "sold-0001", order_id="o")
    await store.fulfill("fulfill-2", ANY, "sold-0001")


HONEST = {(0, 0): 5, (1, 0): 9}


async def test_books_that_agree_have_no_violation(store: Store, redis: Redis) -> None:
    await trade(store)
    report = await audit(store, redis, HONEST)
    assert (report.violation_count, report.cell_count, report.reservation_count) == (0, 2, 3)
    assert report.event_count > 0


async def test_a_cell_is_in_deficit_for_what_was_promised_alone(store: Store, redis: Redis) -> None:
    await trade(store)
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 3, 4, -1, 1, 0, 3, 4, -1])  # at b nothing is promised
    report = await audit(store, redis, {})
    assert (report.violation_count, report.deficit_cell_count) == (0, 1)


@pytest.mark.parametrize(
    ("cell", "invariant"),
    [
        ((10, 0, 0, 4, 2, 5, 0), "HELD_SUM"),
        ((10, 0, 0, 3, 1, 5, 0), "COMMITTED_SUM"),
        ((11, 0, 0, 3, 2, 4, 0), "LEDGER"),
    ],
)
async def test_a_changed_cell_is_found(store: Store, redis: Redis, cell: tuple[int, ...], invariant: str) -> None:
    await trade(store)
    await redis.hset(store.keys.cells(0), "0:0", b"".join(msgpack.packb(x) for x in cell))
    report = await audit(store, redis, HONEST)
    assert invariant in {violation.invariant for violation in report.violations}
    assert "cup at a" in {violation.subject for violation in report.violations}


async def test_a_hold_that_vanished_is_found(store: Store, redis: Redis) -> None:
    await trade(store)
    await redis.hdel(store.keys.res(store.keys.home_of("held-0001")), "r:held-0001")
    report = await audit(store, redis, HONEST)
    assert [violation.invariant for violation in report.violations] == ["HELD_SUM"]


async def test_a_hold_nobody_would_expire_is_found(store: Store, redis: Redis) -> None:
    await trade(store)
    await redis.zrem(store.keys.due(store.keys.home_of("held-0001")), "r:held-0001")
    report = await audit(store, redis, HONEST)
    assert [(x.invariant, x.subject) for x in report.violations] == [("DUE", "held-0001")]


async def test_a_missing_log_entry_is_found(store: Store, redis: Redis) -> None:
    await trade(store)
    await redis.xdel(store.keys.log(0), "2-0")
    report = await audit(store, redis, HONEST)
    assert {"LOG_SEQUENCE", "LOG_VERSION"} <= {violation.invariant for violation in report.violations}


async def test_a_hold_beyond_what_could_be_promised_is_oversold(store: Store, redis: Redis) -> None:
    await trade(store)
    sequence = int(await redis.hget(store.keys.cells(0), "seq")) + 1
    cell = b"".join(msgpack.packb(x) for x in (10, 0, 0, 9, 2, 5, 0))
    await redis.xadd(store.keys.log(0), {"t": 1, "hold": "r:x", "0:0": cell}, id=f"{sequence}-0")
    report = await audit(store, redis, HONEST)
    assert "OVERSOLD" in {violation.invariant for violation in report.violations}


async def test_a_replica_that_shows_something_else_is_found(store: Store, redis: Redis) -> None:
    await trade(store)
    report = await audit(store, redis, {**HONEST, (1, 0): 10})
    assert [(x.invariant, x.subject) for x in report.violations] == [("REPLICA", "cup at b")]


async def test_a_kit_whose_row_does_not_follow_its_components_is_found(store: Store, redis: Redis) -> None:
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 9, -1, -1, 0, 1, 2, -1, -1, 1, 0, 9, -1, -1])
    known = catalogue()
    known.put("sku", "pot", 1, Sku("pot"), 0)
    known.put("sku", "set", 2, Sku("set", kit=(KitComponent("cup", 2), KitComponent("pot", 1))), 0)
    cells = {(0, 0): 9, (0, 1): 2, (1, 0): 9}
    for shown, expected in ((2, []), (4, [("REPLICA", "set at a")])):
        replica = Replica({**cells, (0, 2): shown})
        report = await Audit(Books(redis, store.keys), known, lambda replica=replica: replica).run(violations_max=10)
        assert [(x.invariant, x.subject) for x in report.violations] == expected


async def test_units_a_feed_took_away_are_a_deficit_and_no_violation(store: Store, redis: Redis) -> None:
    await trade(store)
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 1, -1, -1])
    report = await audit(store, redis, {**HONEST, (0, 0): 0})
    assert (report.violation_count, report.deficit_cell_count) == (0, 1)


async def test_many_changes_of_one_cell_in_one_call_are_all_in_the_log(store: Store, redis: Redis) -> None:
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 50, -1, -1])
    holds = [
        store.reserve(
            f"hold-{i:06d}", ANY, cells=[0, 0, 1], all_or_nothing=True, ttl_ms=60_000, owner_id="", order_id=""
        )
        for i in range(60)
    ]
    await asyncio.gather(*holds)
    report = await audit(store, redis, {})
    assert (report.violation_count, report.reservation_count) == (0, 50)
    assert report.event_count < 50, "the holds went together"


async def test_what_is_counted_for_an_owner_is_checked_and_set_right(store: Store, redis: Redis) -> None:
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 10, -1, -1])
    await store.reserve(
        "held-0001", ANY, cells=[0, 0, 3], all_or_nothing=True, ttl_ms=60_000, owner_id="ann", order_id="",
        limits=HoldLimits(0, 5, 5),
    )  # fmt: skip
    shown = {(0, 0): 7}
    assert (await audit(store, redis, shown)).violations == []
    owners = store.keys.owners(store.keys.home_of("ann"))
    await redis.hset(owners, mapping={"0:ann": 4, ":ann": 2})
    await redis.hset(store.keys.owners(store.keys.home_of("bob")), "0:bob", 1)
    report = await audit(store, redis, shown)
    assert {x.subject for x in report.violations} == {"cup of ann", "ann", "cup of bob"}
    assert {x.invariant for x in report.violations} == {"OWNER_SUM"}
    for wrong in report.wrong_owners:
        assert not await store.repair_owner("fix", field=wrong.field, found=wrong.found + 1, units=wrong.right)
        assert await store.repair_owner("fix", field=wrong.field, found=wrong.found, units=wrong.right)
    assert (await audit(store, redis, shown)).violations == []


async def test_reasons_beyond_the_unavailable_units_are_found(store: Store, redis: Redis) -> None:
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 10, 3, -1])
    await redis.hset(store.keys.unavailable(0), "0:0", msgpack.packb(["damaged", 3]))
    assert (await audit(store, redis, {(0, 0): 7})).violations == []
    await redis.hset(store.keys.unavailable(0), "0:0", msgpack.packb(["damaged", 2, "display", 2]))
    report = await audit(store, redis, {(0, 0): 7})
    assert [(x.invariant, x.subject) for x in report.violations] == [("UNAVAILABLE_SUM", "cup at a")]


async def test_what_is_taken_of_a_nodes_day_is_checked(store: Store, redis: Redis) -> None:
    await store.put_resource("", ANY, kind="node", resource_id="a", value=b"{}", state=1)
    await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, 10, -1, -1])
    capacities = CapacityStore(redis, store.keys, GroupCommit(redis.connection_pool, store.keys.all_cells()))
    await capacities.set_capacity(
        "", ANY, node_id="a", seen=b"{}", capacity=Capacity(9, CapacityUnit.UNITS, OnFull.PAUSE), clock=(-1, 0)
    )
    await store.reserve("held-0001", ANY, cells=[0, 0, 3], all_or_nothing=True, ttl_ms=60_000, owner_id="", order_id="")
    shown = {(0, 0): 7}
    assert (await audit(store, redis, shown)).violations == []
    (day,) = (await capacities.read(0)).days
    packed = msgpack.packb([0, day.day, day.open + 1, 0])
    await redis.hset(store.keys.capacity(0), "0:days", packed)
    report = await audit(store, redis, shown)
    assert [(x.invariant, x.subject) for x in report.violations] == [("CAPACITY_SUM", "a")]


# Going on from an earlier audit -----------------------------------------------------------------------------------------


async def tamper(store: Store, redis: Redis, node_ix: int, **changes: int) -> None:
    """Change a cell behind promessa's back."""
    key, field = store.keys.cells(store.keys.partition_of(node_ix)), f"{node_ix}:0"
    raw = await redis.hget(key, field)
    assert raw is not None
    unpacker = msgpack.Unpacker()
    unpacker.feed(raw)
    names = ("on_hand", "unavailable", "safety_stock", "held", "committed", "version", "counted_at_ms")
    values = dict(zip(names, unpacker, strict=True)) | changes
    await redis.hset(key, field, b"".join(map(msgpack.packb, values.values())))


async def test_a_later_audit_checks_what_changed_since(store: Store, redis: Redis) -> None:
    await trade(store)
    first = await audit(store, redis, HONEST)
    nothing = await audit(store, redis, HONEST, since=first.positions)
    assert (nothing.violation_count, nothing.cell_count, nothing.event_count) == (0, 0, 0)
    assert nothing.positions == first.positions

    await store.apply_counts("", ANY, as_of_ms=0, items=[1, 0, 20, -1, -1])
    changed = await audit(store, redis, HONEST | {(1, 0): 20}, since=first.positions)
    assert (changed.violation_count, changed.cell_count, changed.event_count) == (0, 1, 1)
    assert sum(changed.positions) == sum(first.positions) + 1


async def test_a_later_audit_finds_what_was_tampered_with_where_something_changed(store: Store, redis: Redis) -> None:
    await trade(store)
    first = await audit(store, redis, HONEST)
    await store.apply_counts("", ANY, as_of_ms=0, items=[1, 0, 20, -1, -1])
    await tamper(store, redis, 0, on_hand=11)
    await tamper(store, redis, 1, on_hand=21)
    found = await audit(store, redis, HONEST | {(1, 0): 21}, since=first.positions)
    assert [(x.invariant, x.subject) for x in found.violations] == [("LEDGER", "cup at b")]
    whole = await audit(store, redis, {(0, 0): 6, (1, 0): 21})
    assert {x.subject for x in whole.violations} == {"cup at a", "cup at b"}


async def test_a_later_audit_finds_an_entry_that_is_gone_and_a_wrong_replica(store: Store, redis: Redis) -> None:
    await trade(store)
    first = await audit(store, redis, HONEST)
    for units in (20, 21, 22):
        await store.apply_counts("", ANY, as_of_ms=0, items=[1, 0, units, -1, -1])
    stale = await audit(store, redis, HONEST, since=first.positions)
    assert [(x.invariant, x.subject) for x in stale.violations] == [("REPLICA", "cup at b")]
    partition = store.keys.partition_of(1)
    await redis.xdel(store.keys.log(partition), f"{first.positions[partition] + 2}-0")
    found = await audit(store, redis, HONEST | {(1, 0): 22}, since=first.positions)
    assert {x.invariant for x in found.violations} == {"LOG_SEQUENCE", "LOG_VERSION"}


async def test_where_the_log_does_not_reach_back_all_cells_are_checked(store: Store, redis: Redis) -> None:
    await trade(store)
    first = await audit(store, redis, HONEST)
    for units in (20, 21, 22):
        await store.apply_counts("", ANY, as_of_ms=0, items=[1, 0, units, -1, -1])
    partition = store.keys.partition_of(1)
    await redis.xtrim(store.keys.log(partition), maxlen=1, approximate=False)
    found = await audit(store, redis, HONEST | {(1, 0): 22}, since=first.positions)
    assert (found.violation_count, found.cell_count) == (0, 1 if partition else 2)
    await tamper(store, redis, 1, held=1)
    found = await audit(store, redis, HONEST | {(1, 0): 21}, since=first.positions)
    assert "HELD_SUM" in {x.invariant for x in found.violations}
