"""Inbound supply in the store: the operations of `lua/inbound.lua` on it, and reads of it beside the cells.

Nodes and skus are indices here, days are numbers; who calls knows their ids and calendars.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound, Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits
from promessa.domain.limits import INBOUND_MAX
from promessa.domain.pools import Pool
from promessa.domain.stock import EMPTY_CELL, StockCell
from promessa.domain.supply import Inbound, InboundState, OverduePolicy
from promessa.store import answers
from promessa.store.about import DecisionFacts, pack_about
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import (
    Keys,
    answer_member,
    cell_field,
    cell_of_field,
    pools_field,
    promise_member,
    record_member,
)
from promessa.store.pool_store import decode_pools
from promessa.store.scan_place import ScanPlace
from promessa.store.store import Positions, Reserved, decode_cell, limits_value

_PAGE = 500

FROM_STOCK = -1
"""The latest day of a cell that waits for nothing."""


class InboundKey(NamedTuple):
    """What names an inbound: its cell, and its id there."""

    node_ix: int
    sku_ix: int
    inbound_id: str


@dataclass(frozen=True, slots=True)
class Supplied:
    """An inbound after a change, with where it can be seen."""

    inbound: Inbound
    positions: Positions
    replayed: bool


@dataclass(frozen=True, slots=True)
class CellSupply:
    """A cell, and all that is known to come to it, ended inbound too.

    `allowance` counts what was promised before anybody knows what it comes with, as an inbound without an id; None where
    that was never allowed. `preorder_limit` bounds the units bound to inbound; None: no bound. `pools` are the cell's
    allocation pools, if they were read.
    """

    cell: StockCell
    inbound: tuple[Inbound, ...] = ()
    allowance: Inbound | None = None
    preorder_limit: int | None = None
    pools: tuple[Pool, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """How much a cell may promise beyond its stock, after a change."""

    backorder: int
    preorder: int | None
    positions: Positions
    replayed: bool


class SupplyStore:
    """The supply of one data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit

    # Changes ----------------------------------------------------------------------------------------------------------

    async def put_inbound(
        self,
        request_id: str,
        request: Fingerprint,
        key: InboundKey,
        *,
        kind: int,
        quantity: int,
        day: int,
        policy: OverduePolicy | None,
    ) -> Supplied:
        """Create an inbound or replace one that has not ended.

        Raises FailedPrecondition (INBOUND_ENDED, INBOUND_USED, INBOUND_LIMIT), AlreadyExists.
        """
        action, slip_days = policy or (0, 0)
        return await self._change(b"put_inbound", request_id, request, key, kind, quantity, day, action, slip_days)

    async def receive_inbound(
        self, request_id: str, request: Fingerprint, key: InboundKey, *, quantity: int, last: bool
    ) -> Supplied:
        """Units of an inbound are on hand now. With `last` no more will come.

        Raises NotFound (INBOUND_NOT_FOUND), FailedPrecondition (INBOUND_ENDED, INBOUND_USED), InvalidRequest, AlreadyExists.
        """
        return await self._change(b"receive_inbound", request_id, request, key, quantity, int(last))

    async def cancel_inbound(self, request_id: str, request: Fingerprint, key: InboundKey) -> Supplied:
        """An inbound will not come. Raises as receive_inbound."""
        return await self._change(b"cancel_inbound", request_id, request, key)

    async def _change(
        self, name: bytes, request_id: str, request: Fingerprint, key: InboundKey, *arguments: Any
    ) -> Supplied:
        answer = await self._commit.submit(
            (
                name, self.keys.home_of(request_id), answer_member(request_id), request.digest,
                self.keys.partition_of(key.node_ix), cell_field(key.node_ix, key.sku_ix), key.inbound_id, *arguments,
            )
        )  # fmt: skip
        return _supplied(answer, request_id, request, key)

    async def promise(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        cells: Sequence[int],
        all_or_nothing: bool,
        ttl_ms: int,
        owner_id: str,
        order_id: str,
        latest_day: int,
        backorder: bool,
        policy: OverduePolicy,
        limits: HoldLimits = NO_LIMITS,
        channel: str = "",
        waits: Sequence[tuple[int, bool]] = (),
        extra: bytes = b"",
        keep_refusal: bool = True,
        slips: Sequence[int] = (),
        unserved: Sequence[int] = (),
        decision: DecisionFacts | None = None,
    ) -> Reserved:
        """Hold units from stock, and where it is short, of what comes until `latest_day` (0: whenever).

        Within `limits`; a share that may be held is one of stock, what an owner may hold is all of it.

        `cells` is flat: node, sku, quantity, today at the node; each cell once. With `backorder` the rest may be taken from
        the backorder allowance. `waits` says both for each cell by itself instead: the latest day (FROM_STOCK: none of what
        comes), and whether the allowance counts. `slips`, `unserved` and `decision` are those of Store.reserve.
        A replay is the first answer as it was; with `keep_refusal` a refusal is one, too. Raises AlreadyExists
        (REQUEST_ID_REUSED).
        """
        located: list[Any] = []
        for i in range(0, len(cells), 4):
            node_ix, sku_ix, units, today = cells[i : i + 4]
            latest, allowed = waits[i // 4] if waits else (latest_day, backorder)
            located += (
                self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix), units, today, latest, int(allowed),
            )  # fmt: skip
        body = answers.pack((request.digest, ttl_ms, owner_id, order_id, extra))
        operation = (
            b"promise", self.keys.home_of(request_id), promise_member(request_id), request.digest,
            record_member(request_id), body, ttl_ms, int(all_or_nothing), int(keep_refusal), *policy, channel,
            limits_value(self.keys, limits, owner_id, slips),
            pack_about(owner_id, order_id, channel, unserved, decision), *located,
        )  # fmt: skip
        answer = await self._commit.submit(operation, weight=4 * len(cells))
        while answer[0] == b"due":  # that call returned as many due holds as one may; the next goes on
            answer = await self._commit.submit(operation, weight=4 * len(cells))
        return _promised(answer, request_id, request)

    async def recall_promised(self, request_id: str, request: Fingerprint) -> Reserved | None:
        """What promise answered to a request id, without doing anything; None if it never came."""
        member = promise_member(request_id)
        answer = await self._commit.submit((b"recall", self.keys.home_of(request_id), member, request.digest))
        return None if answer[0] == b"unknown" else _promised(answer, request_id, request)

    async def set_order_limits(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, backorder: int, preorder: int | None
    ) -> OrderLimits:
        """How many units a cell may promise that nothing is known to bring, and how many of its inbound (None: all)."""
        answer = await self._commit.submit(
            (
                b"order_limits", self.keys.home_of(request_id), answer_member(request_id), request.digest,
                self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix), backorder, -1 if preorder is None else preorder,
            )
        )  # fmt: skip
        return _limits(answer, request_id, request)

    async def recall_order_limits(self, request_id: str, request: Fingerprint) -> OrderLimits | None:
        """What set_order_limits answered to a request id; see recall_promised."""
        member = answer_member(request_id)
        answer = await self._commit.submit((b"recall", self.keys.home_of(request_id), member, request.digest))
        return None if answer[0] == b"unknown" else _limits(answer, request_id, request)

    async def recall_supplied(self, request_id: str, request: Fingerprint, key: InboundKey) -> Supplied | None:
        """What a change answered to a request id, without doing anything; None if it never came."""
        member = answer_member(request_id)
        answer = await self._commit.submit((b"recall", self.keys.home_of(request_id), member, request.digest))
        return None if answer[0] == b"unknown" else _supplied(answer, request_id, request, key)

    # Reads ------------------------------------------------------------------------------------------------------------

    async def read_supply(self, pairs: Sequence[tuple[int, int]], *, with_pools: bool = False) -> list[CellSupply]:
        """Cells of (node, sku) pairs with what is to come to them, in order, all as they were at one instant."""
        wanted: dict[int, list[int]] = {}
        for position, (node_ix, _) in enumerate(pairs):
            wanted.setdefault(self.keys.partition_of(node_ix), []).append(position)

        def queue(pipe: Any) -> None:
            for partition, at in wanted.items():
                for key, field_of in (
                    (self.keys.cells(partition), cell_field),
                    (self.keys.supply(partition), cell_field),
                    (self.keys.pools(partition), pools_field),
                )[: 3 if with_pools else 2]:
                    pipe.hmget(key, [field_of(*pairs[i]) for i in at])

        found = iter(await self._read(queue, atomic=True))
        supplies: list[CellSupply] = [CellSupply(EMPTY_CELL)] * len(pairs)
        for at in wanted.values():
            cells, books = next(found), next(found)
            pools = next(found) if with_pools else [b""] * len(at)
            for cell, book, kept, i in zip(cells, books, pools, at, strict=True):
                supplies[i] = _cell_supply(pairs[i], cell, book, decode_pools(kept or b""))
        return supplies

    async def list_inbound(
        self, *, page_token: str, page_size: int, keep: Callable[[Inbound], bool]
    ) -> tuple[list[Inbound], str]:
        """A page of the inbound that `keep` keeps, and the token of the next. Raises InvalidRequest (INVALID_PAGE_TOKEN).

        An inbound that exists during the whole listing is listed at least once.
        """
        place, after = _parse_page_token(page_token)
        page: list[Inbound] = []
        for _ in range(200):  # bounds one call; an empty page with a token is allowed
            if place.partition >= self.keys.partitions:
                return page, ""
            following, found = await self._scan(place.partition, place.cursor)
            after = after if place.same_page(following) else _FIRST
            for inbound in sorted(_all_inbound(found)):
                at = (inbound.node_ix, inbound.sku_ix, inbound.inbound_id)
                if at <= after or not keep(inbound):
                    continue
                if len(page) == page_size:
                    return page, f"{place._replace(ended=following).text}.{after[0]}.{after[1]}.{after[2]}"
                after = at
                page.append(inbound)
            place, after = place.next(following), _FIRST
        return page, f"{place.text}.{after[0]}.{after[1]}.{after[2]}"

    async def scan_inbound(self) -> AsyncIterator[Inbound]:
        """All inbound, page by page; one may come twice."""
        for partition in range(self.keys.partitions):
            cursor = -1
            while cursor:
                cursor, page = await self._scan(partition, max(cursor, 0))
                for inbound in _all_inbound(page):
                    yield inbound

    async def _scan(self, partition: int, cursor: int) -> tuple[int, dict[bytes, bytes]]:
        key = self.keys.supply(partition)
        (page,) = await self._read(lambda pipe: pipe.hscan(key, cursor, count=_PAGE), atomic=False)
        return int(page[0]), page[1]

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


def decode_book(field: bytes, packed: bytes) -> tuple[Inbound, ...]:
    """All inbound of a value of the supply hash, in the order they came, the allowance among them."""
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(packed)
    _, *inbound = unpacker
    return tuple([decode_inbound(field, values) for values in inbound])


def _cell_supply(
    pair: tuple[int, int], cell: bytes | None, packed: bytes | None, pools: tuple[Pool, ...]
) -> CellSupply:
    found = CellSupply(decode_cell(cell) if cell else EMPTY_CELL, pools=pools)
    if not packed:
        return found
    book = decode_book(cell_field(*pair), packed)
    limit = msgpack.Unpacker()
    limit.feed(packed)
    preorder = next(limit)
    return replace(
        found,
        inbound=tuple(each for each in book if each.inbound_id),
        allowance=next((each for each in book if not each.inbound_id), None),
        preorder_limit=None if preorder < 0 else preorder,
    )


def decode_inbound(field: bytes, values: Sequence[Any]) -> Inbound:
    """One inbound of a cell; see INBOUND in `lua/supply.lua`."""
    to_come, _, _, held, committed, version, updated, name, kind, quantity, received, day, action, slip, state = values
    policy = OverduePolicy(action, slip) if action else None
    return Inbound(
        *cell_of_field(field), name.decode(), kind, quantity, received, to_come, held, committed, day, policy, state,
        version, updated,
    )  # fmt: skip


def decode_logged(name: bytes, packed: bytes) -> Inbound:
    """One inbound of the event log, `i:<node>:<sku>:<id>`."""
    return decode_inbound(b":".join(name.split(b":", 3)[1:3]), msgpack.unpackb(packed, raw=True))


_FIRST = (-1, -1, "")


def _all_inbound(page: dict[bytes, bytes]) -> Iterable[Inbound]:
    return [inbound for field, packed in page.items() for inbound in decode_book(field, packed) if inbound.inbound_id]


def _parse_page_token(token: str) -> tuple[ScanPlace, tuple[int, int, str]]:
    if not token:
        return ScanPlace(), _FIRST
    try:
        partition, cursor, ended, node_ix, sku_ix, inbound_id = token.split(".", 5)
        return ScanPlace(int(partition), int(cursor), int(ended)), (int(node_ix), int(sku_ix), inbound_id)
    except ValueError:
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        ) from None


def _promised(answer: list[Any], request_id: str, request: Fingerprint) -> Reserved:
    replayed = answers.check(answer, request_id=request_id, request=request)
    return Reserved(answers.reservation(request_id, answer[1]), answer[2:], replayed)


def _limits(answer: list[Any], request_id: str, request: Fingerprint) -> OrderLimits:
    _check(answer, "")
    replayed = answers.check(answer, request_id=request_id, request=request)
    return OrderLimits(answer[1], None if answer[2] < 0 else answer[2], answer[3:], replayed)


def _supplied(answer: list[Any], request_id: str, request: Fingerprint, key: InboundKey) -> Supplied:
    _check(answer, key.inbound_id)
    replayed = answers.check(answer, request_id=request_id, request=request)
    values = msgpack.unpackb(answer[1], raw=True)
    return Supplied(decode_inbound(cell_field(key.node_ix, key.sku_ix), values), answer[2:], replayed)


def _check(answer: list[Any], inbound_id: str) -> None:
    """Raises what a refusal of an operation on an inbound stands for."""
    match answer[0]:
        case b"no_inbound":
            raise no_inbound(inbound_id)
        case b"inbound_ended":
            state = InboundState(answer[1]).name
            raise FailedPrecondition(
                "INBOUND_ENDED",
                f"The inbound {inbound_id!r} is {state}: nothing more comes of it. Put another with an id of its own.",
                inbound_id=inbound_id,
                state=state,
            )
        case b"inbound_used":
            raise FailedPrecondition(
                "INBOUND_USED",
                f"Of the inbound {inbound_id!r}, {answer[1]} units came and {answer[2]} more are bound to reservations. "
                "Leave at least these, or release the reservations first.",
                inbound_id=inbound_id,
                received_quantity=answer[1],
                bound_quantity=answer[2],
            )
        case b"inbound_limit":
            raise FailedPrecondition(
                "INBOUND_LIMIT",
                f"{INBOUND_MAX} inbound are open for this sku at this node. Receive or cancel some, or put some together.",
                inbound_id=inbound_id,
                limit=INBOUND_MAX,
            )
        case b"inbound_overflow":
            rule = "must not take the units on hand above what a cell can hold"
            raise InvalidRequest("INVALID_FIELD", f"quantity {rule}.", field="quantity", rule=rule)
        case b"is_kit":
            rule = "must not be a kit: what comes, and what is ordered before, are its components"
            raise InvalidRequest("INVALID_FIELD", f"sku {rule}.", field="sku", rule=rule)


def no_inbound(inbound_id: str, **names: str) -> NotFound:
    """There is no such inbound in a cell."""
    return NotFound(
        "INBOUND_NOT_FOUND",
        f"There is no inbound {inbound_id!r} of this sku to this node, or it ended longer ago than the retention time. "
        "Put it first, or correct the id.",
        inbound_id=inbound_id,
        **names,
    )
