"""Allocation pools in the store: the operations of `lua/allocation.lua`, and reads of pools beside their cells.

Nodes and skus are indices here; who calls knows their ids.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound, Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import POOLS_MAX
from promessa.domain.pools import CellPools, Pool
from promessa.domain.stock import EMPTY_CELL, FeedOutcome, StockCell, SupplyMode
from promessa.store import answers
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member, cell_field, cell_of_field, pools_field
from promessa.store.scan_place import ScanPlace
from promessa.store.store import Positions, decode_cell

_PAGE = 500


class AllocatedPool(NamedTuple):
    """A pool of a cell, and what of it nobody has drawn."""

    node_ix: int
    sku_ix: int
    pool: Pool
    unused: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """A pool after a change, with where it can be seen."""

    allocated: AllocatedPool
    positions: Positions
    replayed: bool


@dataclass(frozen=True, slots=True)
class Reallocated:
    """Whether units were moved between pools, and how many could have been."""

    moved: bool
    available: int
    positions: Positions
    replayed: bool


class PoolStore:
    """The allocation pools of one data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self.keys = keys
        self._commit = commit

    async def set_pool(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, pool: Pool
    ) -> Allocated:
        """Create, replace or (CLOSED) clear a pool; what is drawn of it stays drawn.

        Raises InvalidRequest (INVALID_FIELD), FailedPrecondition (POOL_LIMIT), NotFound, AlreadyExists.
        """
        answer = await self._change(
            b"set_pool", request_id, request, node_ix, sku_ix,
            pool.channel, pool.strategy, pool.permille, pool.units, pool.gives_back_ms,
        )  # fmt: skip
        return _allocated(answer, request_id, request, (node_ix, sku_ix))

    async def move_units(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, source: str, target: str, units: int
    ) -> Reallocated:
        """Move what a pool keeps, and nobody has drawn, to another; an empty name is what is common.

        Raises NotFound (POOL_NOT_FOUND), InvalidRequest (INVALID_FIELD), AlreadyExists.
        """
        answer = await self._change(b"move_pool", request_id, request, node_ix, sku_ix, source, target, units)
        return _reallocated(answer, request_id, request)

    async def recall_allocated(self, request_id: str, request: Fingerprint) -> Allocated | None:
        """What set_pool answered to a request id, without doing anything; None if it never came."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _allocated(answer, request_id, request, (0, 0))

    async def recall_reallocated(self, request_id: str, request: Fingerprint) -> Reallocated | None:
        """What move_units answered to a request id; see recall_allocated."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _reallocated(answer, request_id, request)

    async def _change(
        self, name: bytes, request_id: str, request: Fingerprint, node_ix: int, sku_ix: int, *arguments: Any
    ) -> Any:
        return await self._commit.submit(
            (
                name, self.keys.home_of(request_id), answer_member(request_id), request.digest,
                self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix), *arguments,
            )
        )  # fmt: skip

    async def _recall(self, request_id: str, request: Fingerprint) -> Any:
        member = answer_member(request_id)
        answer = await self._commit.submit((b"recall", self.keys.home_of(request_id), member, request.digest))
        return None if answer[0] == b"unknown" else answer

    async def repair_drawn(
        self, reference: str, *, node_ix: int, sku_ix: int, channel: str, found: int, drawn: int
    ) -> bool:
        """Set what is drawn of a pool, if it still is what was found wrong; whether it was."""
        at = (self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix))
        answer = await self._commit.submit((b"repair_pool", reference, *at, channel, found, drawn))
        return bool(answer[0] == b"ok")

    # Reads ------------------------------------------------------------------------------------------------------------

    async def read_cells(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[StockCell | None, tuple[Pool, ...]]]:
        """Cells of (node, sku) pairs with their pools, in order, all as they were at one instant."""
        wanted: dict[int, list[int]] = {}
        for position, (node_ix, _) in enumerate(pairs):
            wanted.setdefault(self.keys.partition_of(node_ix), []).append(position)

        def queue(pipe: Any) -> None:
            for partition, at in wanted.items():
                pipe.hmget(self.keys.cells(partition), [cell_field(*pairs[i]) for i in at])
                pipe.hmget(self.keys.pools(partition), [pools_field(*pairs[i]) for i in at])

        found = await self._read(queue, atomic=True)
        read: list[tuple[StockCell | None, tuple[Pool, ...]]] = [(None, ())] * len(pairs)
        for cells, pools, at in zip(found[::2], found[1::2], wanted.values(), strict=True):
            for cell, packed, i in zip(cells, pools, at, strict=True):
                read[i] = (decode_cell(cell) if cell else None, decode_pools(packed) if packed else ())
        return read

    async def list_pools(
        self, *, page_token: str, page_size: int, keep: Callable[[AllocatedPool], bool]
    ) -> tuple[list[AllocatedPool], str]:
        """A page of the open pools that `keep` keeps, and the token of the next. Raises InvalidRequest (INVALID_PAGE_TOKEN).

        A pool that exists during the whole listing is listed at least once.
        """
        place, after = _parse_page_token(page_token, self.keys.partitions)
        page: list[AllocatedPool] = []
        for _ in range(200):  # bounds one call; an empty page with a token is allowed
            if place.partition >= self.keys.partitions:
                return page, ""
            following, found = await self._scan(place.partition, place.cursor)
            after = after if place.same_page(following) else _FIRST
            for each in sorted(found):
                at = (each.node_ix, each.sku_ix, each.pool.channel)
                if at <= after or not keep(each):
                    continue
                if len(page) == page_size:
                    return page, f"{place._replace(ended=following).text}.{after[0]}.{after[1]}.{after[2]}"
                after = at
                page.append(each)
            place, after = place.next(following), _FIRST
        return page, f"{place.text}.{after[0]}.{after[1]}.{after[2]}"

    async def scan_open(self) -> AsyncIterator[AllocatedPool]:
        """All open pools, page by page; one may come twice."""
        for partition in range(self.keys.partitions):
            cursor = -1
            while cursor:
                cursor, found = await self._scan(partition, max(cursor, 0))
                for each in found:
                    yield each

    async def _scan(self, partition: int, cursor: int) -> tuple[int, list[AllocatedPool]]:
        """Open pools of a page of the hash, each with its cell as it is a moment later."""
        key = self.keys.pools(partition)
        page, now = await self._read(lambda pipe: (pipe.hscan(key, cursor, count=_PAGE), pipe.time()), atomic=False)
        now_ms = self._commit.instant_ms(now)
        fields = list(page[1])
        if not fields:
            return int(page[0]), []
        (cells,) = await self._read(
            lambda pipe: pipe.hmget(self.keys.cells(partition), [field[2:] for field in fields]), atomic=False
        )
        found = []
        for field, raw in zip(fields, cells, strict=True):
            cell = decode_cell(raw) if raw else EMPTY_CELL
            found += [
                allocated(*cell_of_field(field[2:]), cell, pool, now_ms)
                for pool in decode_pools(page[1][field])
                if pool.is_open(now_ms)
            ]
        return int(page[0]), found

    async def _read(self, queue: Callable[[Any], object], *, atomic: bool) -> Any:
        """Run read commands in one round trip."""
        try:
            async with self._redis.pipeline(transaction=atomic) as pipe:
                queue(pipe)
                return await pipe.execute()
        except (RedisError, OSError) as error:
            raise Unavailable(
                "STORE_UNAVAILABLE",
                "The store cannot be read now. Retry in a moment; if it lasts, see `promessa doctor`.",
            ) from error


def decode_pools(packed: bytes) -> tuple[Pool, ...]:
    """A value of the pools hash, or of the log, where it is empty once there are none."""
    return tuple([Pool(*values) for values in msgpack.unpackb(packed)]) if packed else ()


def cell_pools(cell: StockCell, pools: Sequence[Pool]) -> CellPools:
    """A cell as its pools see it. Where units are not counted they keep none."""
    return CellPools(cell.free, cell.sellable, pools if cell.mode == SupplyMode.STOCKED else ())


def allocated(node_ix: int, sku_ix: int, cell: StockCell, pool: Pool, now_ms: int) -> AllocatedPool:
    """A pool of a cell with what of it nobody has drawn."""
    unused = pool.unused(cell.sellable, now_ms) if cell.mode == SupplyMode.STOCKED else 0
    return AllocatedPool(node_ix, sku_ix, pool, unused)


_FIRST = (-1, -1, "")
_PAGE_TOKEN = re.compile(
    r"([0-9]{1,3})\.([0-9]{1,20})\.([0-9]{1,20})\.(-?[0-9]{1,9})\.(-?[0-9]{1,9})\.([0-9A-Za-z._:/-]{0,64})", re.ASCII
)
"""A ScanPlace, and the last pool listed: node, sku, channel."""


def _parse_page_token(token: str, partitions: int) -> tuple[ScanPlace, tuple[int, int, str]]:
    if not token:
        return ScanPlace(), _FIRST
    match = _PAGE_TOKEN.fullmatch(token)
    if match is None or int(match[1]) >= partitions or int(match[2]) >= 1 << 64:
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return ScanPlace(int(match[1]), int(match[2]), int(match[3])), (int(match[4]), int(match[5]), match[6])


def _allocated(answer: list[Any], request_id: str, request: Fingerprint, cell: tuple[int, int]) -> Allocated:
    _check(answer, "allocation_pool.")
    replayed = answers.check(answer, request_id=request_id, request=request)
    channel, *values, unused = answer[1]
    return Allocated(AllocatedPool(*cell, Pool(channel.decode(), *values), unused), answer[2:], replayed)


def _reallocated(answer: list[Any], request_id: str, request: Fingerprint) -> Reallocated:
    if answer[0] == b"share_pool":
        rule = "must be a pool of a quantity; set the share of the other one with SetAllocationPool"
        raise _invalid(answer[1].decode(), rule)
    _check(answer)
    replayed = answers.check(answer, request_id=request_id, request=request)
    return Reallocated(bool(answer[1]), answer[2], answer[3:], replayed)


def _check(answer: list[Any], prefix: str = "") -> None:
    """Raises what a refusal stands for; `prefix` says where the request names the sku."""
    match answer[0]:
        case b"past":
            raise _invalid("allocation_pool.give_back_time", "must be in the future")
        case b"shares":
            raise _invalid(
                "allocation_pool.share_permille",
                f"must not take the shares of all pools of the cell above 1,000; they would be {answer[1]:,}",
            )
        case b"pool_limit":
            raise FailedPrecondition(
                "POOL_LIMIT",
                f"{POOLS_MAX} allocation pools are set for this sku at this node. Clear some first.",
                limit=POOLS_MAX,
            )
        case b"no_pool":
            channel = answer[1].decode()
            raise NotFound(
                "POOL_NOT_FOUND",
                f"There is no allocation pool {channel!r} of this sku at this node, or it gave back. Set it first.",
                channel=channel,
            )
        case b"gone":
            if answer[1] == FeedOutcome.IS_KIT:
                raise _invalid(f"{prefix}sku", "must not be a kit, which has no units of its own; keep its components")
            if answer[1] == FeedOutcome.UNKNOWN_NODE:
                raise NotFound("NODE_NOT_FOUND", "The node was deleted. Put it again first.")
            raise NotFound("SKU_NOT_FOUND", "The sku was deleted. Put it again first.")


def _invalid(field: str, rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)
