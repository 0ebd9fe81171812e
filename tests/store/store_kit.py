"""What the tests of the store share: short names for its operations, and looks at what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from redis.asyncio import Redis

from promessa.domain.capacity import EVERY_DAY, Capacity, CapacityUnit, OnFull
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.pools import Pool, PoolStrategy
from promessa.domain.reservation import LotLine, Reservation, ReservationState, ReserveOutcome
from promessa.domain.stock import FeedOutcome, StockCell
from promessa.domain.supply import Inbound, InboundKind, OverdueAction, OverduePolicy
from promessa.service.safety_rules import SafetyRules
from promessa.store.books import Books, sum_drawn, sum_open
from promessa.store.capacity_store import CapacityStore, decode_days
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, cell_of_field
from promessa.store.pool_store import AllocatedPool, PoolStore, Reallocated, cell_pools, decode_pools
from promessa.store.rules_store import RulesStore
from promessa.store.store import Fed, Reserved, Store, Transferred, decode_cell
from promessa.store.supply_store import InboundKey, Supplied, SupplyStore, decode_book
from promessa.store.unavailable_store import UnavailableStore

START_MS = 1_800_000_000_000
SECOND = 1_000
HOUR = 3_600 * SECOND
TODAY = START_MS // (24 * HOUR)


def request(*values: object) -> Fingerprint:
    """The fingerprint of a payload; the same values are the same payload."""
    return fingerprint(("method", "payload"), "test", values)


ANY = request("any")


class Shop:
    """A store with terse operations. Lines are triples of node, sku and quantity."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.supply = SupplyStore(store._redis, store.keys, store._commit)
        self.pools = PoolStore(store._redis, store.keys, store._commit)
        self.capacity = CapacityStore(store._redis, store.keys, store._commit)
        self.rules = RulesStore(store._redis, store.keys, store._commit)
        self.unavailable = UnavailableStore(store._redis, store.keys, store._commit)

    async def count(
        self, node: int, sku: int, on_hand: int, unavailable: int = -1, safety: int = -1, **options: Any
    ) -> Fed:
        as_of_ms, request_id = options.pop("as_of_ms", 0), options.pop("request_id", "")
        items = (node, sku, on_hand, unavailable, safety)
        return await self.store.apply_counts(request_id, ANY, as_of_ms=as_of_ms, items=items, **options)

    async def hold(self, request_id: str, *lines: tuple[int, int, int], **options: Any) -> Reserved:
        partial, payload = options.pop("partial", False), options.pop("payload", ANY)
        values: dict[str, Any] = {"ttl_ms": 60 * SECOND, "owner_id": "", "order_id": "", **options}
        cells = [x for line in lines for x in line]
        return await self.store.reserve(request_id, payload, cells=cells, all_or_nothing=not partial, **values)

    async def hold_lots(self, request_id: str, *lots: LotLine, **options: Any) -> Reserved:
        partial = options.pop("partial", False)
        values: dict[str, Any] = {"ttl_ms": 60 * SECOND, "owner_id": "", "order_id": "", **options}
        return await self.store.reserve_lots(request_id, ANY, lots=lots, all_or_nothing=not partial, **values)

    async def confirm(
        self,
        reservation_id: str,
        *lines: tuple[int, int, int],
        request_id: str = "",
        order_id: str = "",
        reacquire: bool = False,
    ) -> Reserved:
        cells = [x for line in lines for x in line]
        return await self.store.confirm(
            request_id, ANY, reservation_id, order_id=order_id, reacquire=reacquire, cells=cells
        )

    async def move(self, reservation_id: str, *moves: tuple[int, int, int, int], request_id: str = "") -> Transferred:
        """Moves are node from, node to, sku, quantity."""
        flat = [x for move in moves for x in move]
        return await self.store.transfer(request_id, ANY, reservation_id, moves=flat)

    async def extend(self, reservation_id: str, ttl_ms: int, request_id: str = "") -> Reserved:
        return await self.store.extend(request_id, ANY, reservation_id, ttl_ms=ttl_ms)

    async def release(self, reservation_id: str, *lines: tuple[int, int, int], request_id: str = "") -> Reserved:
        return await self.store.release(request_id, ANY, reservation_id, cells=[x for line in lines for x in line])

    async def fulfill(self, reservation_id: str, *lines: tuple[int, int, int], request_id: str = "") -> Reserved:
        return await self.store.fulfill(request_id, ANY, reservation_id, cells=[x for line in lines for x in line])

    async def expect(self, inbound_id: str, node: int, sku: int, quantity: int, **options: Any) -> Supplied:
        """Put an inbound."""
        request_id, policy = options.pop("request_id", ""), options.pop("policy", None)
        return await self.supply.put_inbound(
            request_id, ANY, InboundKey(node, sku, inbound_id), kind=options.pop("kind", InboundKind.PURCHASE_ORDER),
            quantity=quantity, day=options.pop("day", TODAY + 5), policy=policy,
        )  # fmt: skip

    async def receive(
        self, inbound_id: str, node: int, sku: int, quantity: int, last: bool = False, request_id: str = ""
    ) -> Supplied:
        key = InboundKey(node, sku, inbound_id)
        return await self.supply.receive_inbound(request_id, ANY, key, quantity=quantity, last=last)

    async def cancel(self, inbound_id: str, node: int, sku: int, request_id: str = "") -> Supplied:
        return await self.supply.cancel_inbound(request_id, ANY, InboundKey(node, sku, inbound_id))

    async def promise(self, request_id: str, *lines: tuple[int, int, int], **options: Any) -> Reserved:
        """Hold units that may be still to come. Lines are node, sku, quantity; `latest` is a day, 0 for whenever."""
        values: dict[str, Any] = {"ttl_ms": 60 * SECOND, "owner_id": "", "order_id": "", **options}
        values["all_or_nothing"] = not values.pop("partial", False)
        values["latest_day"] = values.pop("latest", TODAY + 9)
        values.setdefault("backorder", False)
        values.setdefault("policy", OverduePolicy(OverdueAction.HOLD_AND_ALERT))
        cells = [x for line in lines for x in (*line, TODAY)]
        return await self.supply.promise(request_id, values.pop("payload", ANY), cells=cells, **values)

    async def keep(self, channel: str, node: int, sku: int, units: int = 0, **options: Any) -> AllocatedPool:
        """Set a pool of a quantity, or with `permille` of a share; own first unless said otherwise."""
        request_id, strategy = options.pop("request_id", ""), options.pop("strategy", PoolStrategy.OWN_FIRST)
        pool = Pool(channel, strategy, options.pop("permille", 0), units, options.pop("until", 0), 0)
        found = await self.pools.set_pool(request_id, ANY, node_ix=node, sku_ix=sku, pool=pool)
        return found.allocated

    async def clear(self, channel: str, node: int, sku: int) -> AllocatedPool:
        return await self.keep(channel, node, sku, strategy=PoolStrategy.CLOSED)

    async def shift(
        self, source: str, target: str, node: int, sku: int, units: int, request_id: str = ""
    ) -> Reallocated:
        """Units kept for one channel to another; '' is what is common."""
        return await self.pools.move_units(
            request_id, ANY, node_ix=node, sku_ix=sku, source=source, target=target, units=units
        )

    async def pool(self, channel: str, node: int, sku: int) -> Pool | None:
        ((_, pools),) = await self.pools.read_cells([(node, sku)])
        return next((pool for pool in pools if pool.channel == channel), None)

    async def limits(self, node: int, sku: int, backorder: int, preorder: int | None = None) -> None:
        await self.supply.set_order_limits("", ANY, node_ix=node, sku_ix=sku, backorder=backorder, preorder=preorder)

    async def inbound(self, inbound_id: str, node: int, sku: int) -> Inbound:
        (found,) = await self.supply.read_supply([(node, sku)])
        return next(x for x in (*found.inbound, found.allowance) if x is not None and x.inbound_id == inbound_id)

    async def node(self, node_id: str, state: int = 1, request_id: str = "", clock: Sequence[int] = (-1, 0)) -> int:
        """Put a node; its index."""
        filed = await self.store.put_resource(
            request_id, ANY, kind="node", resource_id=node_id, value=b"{}", state=state, clock=clock
        )
        return filed.index

    async def sku(
        self,
        sku: str,
        *,
        requires: Sequence[str] = (),
        state: int | None = None,
        recipe: bytes = b"",
        stock_class: str = "",
    ) -> int:
        """Put a sku, a kit if it requires some; its index."""
        state = state or (2 if requires else 1)
        filed = await self.store.put_resource(
            "", ANY, kind="sku", resource_id=sku, value=b"{}", requires=list(requires), state=state, recipe=recipe,
            stock_class=stock_class,
        )  # fmt: skip
        return filed.index

    async def rule(
        self, rule_id: str, quantity: int, permille: int = 0, *about: str, by_confidence: bool = False
    ) -> None:
        """Put a rule of safety stock; cells that are there do not follow it yet."""
        await self.store.put_resource(
            "",
            ANY,
            kind="safety_rule",
            resource_id=rule_id,
            value=b"{}",
            requires=about,
            terms=("", quantity, permille, int(by_confidence)),
        )

    async def settle(self) -> None:
        await SafetyRules(self.rules, list).settle()

    async def open_node(
        self, node_id: str, limit: int, unit: CapacityUnit, on_full: OnFull, weekdays: int = EVERY_DAY,
        clock: Sequence[int] = (-1, 0),
    ) -> int:  # fmt: skip
        """A node with a capacity, and nine units each of two skus."""
        node = await self.node(node_id)
        for sku in range(2):
            await self.count(node, sku, 9)
        capacity = Capacity(limit, unit, on_full, weekdays)
        await self.capacity.set_capacity("", ANY, node_id=node_id, seen=b"{}", capacity=capacity, clock=clock)
        return node

    async def taken(self, node: int) -> list[tuple[int, int, int]]:
        return [tuple(day) for day in (await self.capacity.read(node)).days]  # type: ignore[misc]

    async def states(self) -> dict[str, int]:
        """What is published of live nodes."""
        return await all_states(self.store._redis, self.store.keys)

    async def cell(self, node: int, sku: int) -> StockCell:
        (found,) = await self.store.read_cells([(node, sku)])
        assert found is not None
        return found


def outcomes(fed: Fed) -> list[FeedOutcome]:
    return [FeedOutcome(result.outcome) for result in fed.results]


def granted(reserved: Reserved) -> list[int]:
    return [line.granted for line in reserved.reservation.lines]


async def dump(redis: Redis) -> dict[bytes, bytes]:
    """Every key with its value as the store would save it."""
    return {key: await redis.dump(key) for key in sorted(await redis.keys())}


async def contents(redis: Redis, *, without: tuple[bytes, ...] = ()) -> dict[bytes, Any]:
    """Every key with its value, except some fields of the cells."""
    found: dict[bytes, Any] = {}
    for key in await redis.keys():
        kind = await redis.type(key)
        if kind == b"hash":
            found[key] = {k: v for k, v in (await redis.hgetall(key)).items() if k not in without}
        elif kind == b"zset":
            found[key] = await redis.zrange(key, 0, -1, withscores=True)
        else:
            found[key] = await redis.xlen(key)
    return found


async def records_of(books: Books) -> dict[str, Reservation]:
    """All records but refusals."""
    return {
        record.reservation_id: record
        for partition in range(books.keys.partitions)
        async for record in books.reservations(partition)
    }


async def check_books(redis: Redis, keys: Keys) -> None:
    """Held and committed are the sums of the records; the log is contiguous and folds to the cells; every hold is due."""
    books = Books(redis, keys)
    records = await records_of(books)
    held, committed = sum_open(records.values())
    for partition in range(keys.partitions):
        raw = await redis.hgetall(keys.cells(partition))
        cells = {field: decode_cell(value) for field, value in raw.items() if field[:1].isdigit()}
        for field, cell in cells.items():
            node, _, sku = field.partition(b":")
            pair = (int(node), int(sku))
            assert (cell.held, cell.committed) == (held.get(pair, 0), committed.get(pair, 0)), field
        await _check_log(books, partition, cells, int(raw.get(b"seq", 0)))
        folded: dict[bytes, Inbound] = {}
        async for _, touched in books.supply_log(partition):
            folded.update(touched)
            assert not [x for _, x in touched if x.inbound_id and x.bound > x.to_come], "bound beyond what is to come"
        for field, inbound in (await books.supply(partition)).items():
            assert folded[field] == inbound
            assert 0 <= inbound.bound <= inbound.to_come or not inbound.inbound_id
        for inbound, *bound in await books.bound_units(partition):
            assert [inbound.held, inbound.committed] == bound
        await _check_pools(books, partition, cells, records)
        states = [value for field, value in raw.items() if field.startswith(b"n:")]
        assert int(raw.get(b"inactive", 0)) == sum(state != b"1" for state in states)
        due = await books.due(partition)
        for reservation_id, record in records.items():
            if keys.home_of(reservation_id) == partition and record.state == ReservationState.HELD:
                assert due[f"r:{reservation_id}".encode()] == record.expires_ms


async def _check_pools(
    books: Books, partition: int, cells: dict[bytes, StockCell], records: dict[str, Reservation]
) -> None:
    """What is drawn of a pool is what open reservations drew; cells know what is kept; the log folds to the pools."""
    found = await books.pools(partition)
    now_ms = int(await books.clock(partition))
    for field, cell in cells.items():
        pools = found.get(b"a:" + field, ())
        kept = cell_pools(cell, pools).ring_fenced(0)
        assert cell.ring_fenced == (kept if pools else None) or any(pool.gives_back_ms <= now_ms for pool in pools)
    drawn = sum_drawn(records.values())
    for field, pools in found.items():
        for pool in pools:
            assert pool.drawn == drawn.get((*cell_of_field(field[2:]), pool.channel), 0), (field, pool)
    folded: dict[bytes, tuple[Pool, ...]] = {}
    async for _, touched in books.pool_log(partition):
        folded.update(touched)
    assert {field: pools for field, pools in folded.items() if pools} == found


async def _check_log(books: Books, partition: int, cells: dict[bytes, StockCell], head: int) -> None:
    folded: dict[bytes, StockCell] = {}
    last = 0
    async for sequence, changes in books.log(partition):
        assert sequence == last + 1
        last = sequence
        for kind, reference, touched in changes:
            assert kind
            assert reference or kind in ("count", "safety", "adjust", "reclassify")
            for field, value in touched:
                cell = decode_cell(value)
                assert cell.version == (folded[field].version + 1 if field in folded else 1)
                folded[field] = cell
    assert last == head
    assert folded == cells


async def all_pools(redis: Redis, keys: Keys) -> dict[tuple[int, int], tuple[Pool, ...]]:
    """The pools of every cell that has some, closed ones too."""
    return {
        cell_of_field(field[2:]): decode_pools(packed)
        for partition in range(keys.partitions)
        for field, packed in (await redis.hgetall(keys.pools(partition))).items()
    }


async def all_owned(redis: Redis, keys: Keys) -> dict[str, int]:
    """What is counted for owners."""
    return {
        field.decode(): int(count)
        for partition in range(keys.partitions)
        for field, count in (await redis.hgetall(keys.owners(partition))).items()
    }


async def all_taken(redis: Redis, keys: Keys) -> dict[tuple[int, int], int]:
    """What open reservations take of the days of nodes."""
    return {
        (int(field.split(b":")[0]), day.day): day.open
        for partition in range(keys.partitions)
        for field, packed in (await redis.hgetall(keys.capacity(partition))).items()
        if field.endswith(b":days")
        for day in decode_days(packed)
        if day.open
    }


async def all_states(redis: Redis, keys: Keys) -> dict[str, int]:
    """What is published of live nodes."""
    found = (await redis.hgetall(keys.cells(keys.catalogue))).items()
    records = {field: msgpack.unpackb(raw, raw=True) for field, raw in found if field.startswith(b"node:")}
    return {field[5:].decode(): state for field, (_, json, state, *_) in records.items() if json}


async def all_supplies(redis: Redis, keys: Keys) -> dict[tuple[int, int], tuple[Inbound, ...]]:
    """What is to come to every cell, ended inbound too."""
    return {
        cell_of_field(field): decode_book(field, packed)
        for partition in range(keys.partitions)
        for field, packed in (await redis.hgetall(keys.supply(partition))).items()
    }


async def all_members(redis: Redis, keys: Keys) -> dict[str, bytes]:
    """Members of every partition's res."""
    found: dict[str, bytes] = {}
    for partition in range(keys.partitions):
        found.update({k.decode(): v for k, v in (await redis.hgetall(keys.res(partition))).items()})
    return found


async def all_due(redis: Redis, keys: Keys) -> dict[str, int]:
    books = Books(redis, keys)
    return {k.decode(): v for partition in range(keys.partitions) for k, v in (await books.due(partition)).items()}


async def all_cells(redis: Redis, keys: Keys) -> dict[tuple[int, int], StockCell]:
    found = {}
    for partition in range(keys.partitions):
        for field, value in (await redis.hgetall(keys.cells(partition))).items():
            if field[:1].isdigit():
                node, _, sku = field.partition(b":")
                found[int(node), int(sku)] = decode_cell(value)
    return found


async def all_moves(redis: Redis, keys: Keys) -> dict[tuple[int, int], list[int]]:
    """What is remembered of the moves of cells: the instant of the last forgotten one, then instants and units."""
    found = {}
    for partition in range(keys.partitions):
        for field, value in (await redis.hgetall(f"{keys.prefix(partition)}:moves")).items():
            node, _, sku = field.partition(b":")
            found[int(node), int(sku)] = unpacked(value)
    return found


def unpacked(raw: bytes) -> list[Any]:
    """Consecutive MessagePack values."""
    unpacker = msgpack.Unpacker()
    unpacker.feed(raw)
    return list(unpacker)


@asynccontextmanager
async def opened(
    socket: str, *, partitions: int = 4, now_ms: Callable[[], int] = lambda: 0, namespace: str = "test", **options: Any
) -> Any:
    """A store of its own over a socket, as (redis, store)."""
    redis = Redis(unix_socket_path=socket)
    keys = await open_data_set(redis, namespace=namespace, partitions=partitions, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells(), now_ms=now_ms, **options)
    try:
        yield redis, Store(redis, keys, commit)
    finally:
        await commit.close()
        await redis.aclose()


def refused(reserved: Reserved) -> bool:
    return reserved.reservation.outcome == ReserveOutcome.REFUSED


def unpack_answer(raw: bytes) -> list[Any]:
    """What is kept for a request id: fingerprint and answer."""
    found: list[Any] = msgpack.unpackb(raw, raw=True)
    return found
