"""Orders in the store: the operation of `lua/order_steps.lua`, and reads of what it keeps."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis

from promessa.domain.errors import InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import ORDERS_BYTES_MAX
from promessa.domain.order import PlacedOrder, StoredOrder
from promessa.domain.order_filters import OrderFilters
from promessa.domain.order_size import bytes_at_most
from promessa.domain.order_steps import Change
from promessa.domain.order_stock import Cells, Confirm, Fulfill, Receive, Release, StockMove, Transfer, Withhold
from promessa.domain.order_work import open_at, work_of
from promessa.domain.stock import FeedOutcome
from promessa.store import answers
from promessa.store.following import Following
from promessa.store.group_commit import GroupCommit, consecutive
from promessa.store.keys import Keys, answer_member, cell_field, record_member
from promessa.store.order_codec import decode_order, encode_body, encode_units
from promessa.store.order_pages import Place, parse_place
from promessa.store.order_reads import OrderReads
from promessa.store.store import CoolingOf, ExceedsReservation, Positions, Short, read_together, short_cells

_PAGE = 200
_PAGES_MAX = 50
"""Ids looked at in one call of a listing: an empty page with a token is allowed."""

_MILLI = 1_000
_MOVED = 5
"""Where the moves of a step's operation are."""
_MOVES = {Confirm: b"confirm", Release: b"release", Fulfill: b"fulfill"}


class OtherVersion(Exception):
    """An order was changed since it was read: look again. Version 0 stands for "there is none"."""

    def __init__(self, order_id: str, version: int) -> None:
        super().__init__(order_id, version)
        self.order_id, self.version = order_id, version


class NotThere(Exception):
    """Units of a transfer cannot be had where they are to go: see `short`. Nothing was done."""

    def __init__(self, short: tuple[Short, ...]) -> None:
        super().__init__(short)
        self.short = short


class Write(NamedTuple):
    """What a step makes of one order that was read at a version (0: there was none).

    It is kept for `keep_ms` from now once it is over (0: it is not), its rest is sourced in `source_in_ms` (0: it has none),
    and at `next_ms` time makes something of it (0: never). Of two steps of one order both name the version that was read.
    """

    version: int
    change: Change
    actor: str
    keep_ms: int
    source_in_ms: int
    next_ms: int = 0


class Stepped(NamedTuple):
    """Orders after a step, in the order of its writes, with where it can be seen. If it `was_done` by another request, nothing
    was."""

    orders: tuple[StoredOrder, ...]
    positions: Positions
    replayed: bool
    was_done: bool = False


class OrderStore:
    """The orders of one data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self.keys = keys
        self._commit = commit
        self._reads = OrderReads(redis, keys)

    async def get(self, order_id: str) -> StoredOrder | None:
        """An order as it is now, None if there is none."""
        packed = await self._reads.get(order_id)
        return None if packed is None else decode_order(packed)

    async def step(
        self,
        request_id: str,
        request: Fingerprint,
        writes: Sequence[Write],
        stock_classes: Sequence[str] = (),
        coolings: Sequence[CoolingOf] = (),
    ) -> Stepped:
        """Make a step, whole or not at all; `stock_classes` are those of the skus that are withheld, in the order of moves;
        nodes cool down with it.

        Raises OtherVersion, NotThere; of what a reservation refuses NotFound, FailedPrecondition (RESERVATION_EXPIRED,
        WRONG_STATE, RESERVATION_OF_ORDER), ExceedsReservation; of what comes NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND),
        InvalidRequest; AlreadyExists (REQUEST_ID_REUSED).
        """
        operation, sent = self._operation(request_id, request, writes, stock_classes, coolings)
        answer = await self._commit.submit(operation, weight=_weight(operation))
        return _stepped(answer, request_id, request, sent)

    def following(self, request_id: str, request: Fingerprint, write: Write) -> Following:
        """A step of one order, to be made in the same change as what it moves is held."""
        operation, _ = self._operation(request_id, request, [write], (), ())
        return Following(consecutive(operation), _weight(operation))

    def _operation(
        self,
        request_id: str,
        request: Fingerprint,
        writes: Sequence[Write],
        stock_classes: Sequence[str],
        coolings: Sequence[CoolingOf],
    ) -> tuple[tuple[Any, ...], dict[bytes, PlacedOrder]]:
        """A step as the Functions library wants it, and the orders by the bodies that are sent."""
        flat: list[Any] = []
        moves: list[Any] = []
        classes = iter(stock_classes)
        sent: dict[bytes, PlacedOrder] = {}
        for version, change, actor, keep_ms, source_in_ms, next_ms in writes:
            order_id = change.order.order_id
            step: tuple[Any, ...] = (int(change.step), actor, change.number, change.detail)
            if change.units:
                step = (*step, encode_units(change.units))
            body = encode_body(change.order)
            sent[body] = change.order
            flat += (
                self.keys.home_of(order_id), order_id, version, body, step, keep_ms, source_in_ms, next_ms
            )  # fmt: skip
            moves += [self._move(order_id, move, classes) for move in change.moves]
        operation = (
            b"order_step", self.keys.home_of(request_id), answer_member(request_id), request.digest, flat, moves,
            [x for each in coolings for x in each], self._work(writes),
        )  # fmt: skip
        return operation, sent

    async def recall(self, request_id: str, request: Fingerprint) -> Stepped | None:
        """What a step answered to a request id, without doing anything; None if it never came. Raises AlreadyExists."""
        answer = await self._commit.submit(
            (b"recall", self.keys.home_of(request_id), answer_member(request_id), request.digest)
        )
        return None if answer[0] == b"unknown" else _stepped(answer, request_id, request, {})

    async def page(self, *, page_token: str, page_size: int, filters: OrderFilters) -> tuple[list[StoredOrder], str]:
        """A page of orders, the latest first, and the token of the next. Raises InvalidRequest (INVALID_PAGE_TOKEN).

        An order that exists during the whole listing is listed exactly once, if it passes the filters when it is looked at.
        A page has ORDERS_BYTES_MAX at most, and one order whatever its size.
        """
        place, room = parse_place(page_token), ORDERS_BYTES_MAX
        found: list[StoredOrder] = []
        for _ in range(_PAGES_MAX):
            ids, following = await self._ids_after(place, filters)
            for stored, at in zip(await self._orders([each.order_id for each in ids]), ids, strict=True):
                if stored is not None and _is_listed(stored.order, filters):
                    room -= bytes_at_most(stored)
                    if found and place and room < 0:
                        return found, place.text
                    found.append(stored)
                    if len(found) == page_size:
                        return found, at.text
                place = at
            if not following:
                return found, ""
        return found, place.text if place else ""

    async def unsourced(self, until_ms: int, *, limit: int, offset: int = 0) -> list[str]:
        """Ids of orders of which units are to be sourced again by an instant, the longest due first, but `offset` of them."""
        return await self._due(self.keys.unsourced, until_ms, limit, offset)

    async def overdue(self, until_ms: int, *, limit: int, offset: int = 0) -> list[str]:
        """Ids of orders of which time makes something by an instant, the longest due first, but `offset` of them."""
        return await self._due(self.keys.underway, until_ms, limit, offset)

    async def _due(self, key: str, until_ms: int, limit: int, offset: int) -> list[str]:
        (ids,) = await read_together(
            self._redis, lambda pipe: pipe.zrange(key, "-inf", until_ms, byscore=True, offset=offset, num=limit)
        )
        return [each.decode() for each in ids]

    async def underway(self) -> AsyncGenerator[list[str], None]:
        """Ids of all orders that are under way, page by page; of those that begin or end meanwhile some. One may come twice."""
        cursor: Any = 0
        while True:
            ((cursor, page),) = await read_together(
                self._redis, lambda pipe, at=cursor: pipe.zscan(self.keys.underway, at, count=_PAGE)
            )
            yield [name.decode() for name, _ in page]
            if int(cursor) == 0:
                return

    async def get_all(self, order_ids: Sequence[str]) -> list[StoredOrder]:
        """Orders as they are now, those that are there."""
        return [found for found in await self._orders(order_ids) if found is not None]

    async def _ids_after(self, place: Place | None, filters: OrderFilters) -> tuple[list[Place], bool]:
        """Some places after one, the latest first, and whether there may be more."""
        latest = place.placed_ms if place else "+inf"
        if filters.until_ms and (place is None or place.placed_ms >= filters.until_ms):
            latest = f"({filters.until_ms}"
        earliest, offset = filters.from_ms or "-inf", 0
        key = self.keys.placed
        if filters.open_at_node and filters.node_ix is not None:
            key = self.keys.work(filters.node_ix)
        while True:
            (page,) = await read_together(
                self._redis,
                lambda pipe, offset=offset: pipe.zrange(
                    key,
                    latest,
                    earliest,
                    desc=True,
                    byscore=True,
                    offset=offset,
                    num=_PAGE,
                    withscores=True,
                ),
            )
            places = [Place(int(score), name.decode()) for name, score in page]
            after = [each for each in places if place is None or each < place]
            if after or len(page) < _PAGE:
                return after, len(page) == _PAGE
            offset += _PAGE  # more than a page was placed in one millisecond

    async def _orders(self, order_ids: Sequence[str]) -> list[StoredOrder | None]:
        if not order_ids:
            return []

        def read(pipe: Any) -> None:
            for each in order_ids:
                pipe.hget(self.keys.orders(self.keys.home_of(each)), each)

        return [packed and decode_order(packed) for packed in await read_together(self._redis, read)]

    def _work(self, writes: Sequence[Write]) -> list[Any]:
        """Which nodes have something to do for orders, as the Functions library wants it."""
        return [
            x
            for write in writes
            for node_ix, is_open in work_of(write.change.order).items()
            for x in (
                self.keys.home_of(write.change.order.order_id),
                write.change.order.order_id,
                node_ix,
                int(is_open),
            )
        ]

    def _move(self, order_id: str, move: StockMove, classes: Any) -> tuple[Any, ...]:
        if isinstance(move, Withhold):
            node_ix, sku_ix, reason, units, missing = move
            evidence = f"{node_ix}:{next(classes)}"
            return (b"withhold", *self._cell(node_ix, sku_ix), reason, units, missing * _MILLI, evidence)
        if isinstance(move, Receive):
            return (b"receive", *self._cell(move.node_ix, move.sku_ix), move.units, move.reason)
        reservation_id = move.reservation_id
        home, member = self.keys.home_of(reservation_id), record_member(reservation_id)
        if isinstance(move, Transfer):
            to = [x for cell in move.cells for x in self._sent(cell, move.to_ix)]
            return (b"transfer", home, member, order_id, to, [move.to_ix, move.slip_days])
        return (_MOVES[type(move)], home, member, order_id, _fields(move.cells))

    def _sent(self, cell: tuple[int, int, int], to_ix: int) -> tuple[bytes, int, bytes, int]:
        node_ix, sku_ix, units = cell
        return cell_field(node_ix, sku_ix), *self._cell(to_ix, sku_ix), units

    def _cell(self, node_ix: int, sku_ix: int) -> tuple[int, bytes]:
        return self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix)


def _is_listed(order: PlacedOrder, filters: OrderFilters) -> bool:
    """Whether an order is to be listed as it is now; its node's index was read before."""
    return filters.keep(order) and (not filters.open_at_node or filters.node_ix in open_at(order))


def _weight(operation: Sequence[Any]) -> int:
    """How much a step has the store do, in cells of a reservation."""
    return 4 * max(1, len(operation[_MOVED]))


def _fields(cells: Cells) -> list[Any]:
    return [x for node_ix, sku_ix, units in cells for x in (cell_field(node_ix, sku_ix), units)]


def _stepped(answer: list[Any], request_id: str, request: Fingerprint, sent: Mapping[bytes, PlacedOrder]) -> Stepped:
    """The answer of a step, of orders whose bodies were sent."""
    word = answer[0]
    if word == b"other_version":
        raise OtherVersion(answer[1].decode(), answer[2])
    if word == b"exceeds":
        node_ix, sku_ix = map(int, answer[1].split(b":"))
        raise ExceedsReservation(node_ix, sku_ix, answer[2])
    if word == b"short":
        raise NotThere(short_cells(answer[1]))
    if word == b"gone":
        raise _gone(answer[1])
    name = answer[1].decode() if word == b"not_found" else ""
    replayed = answers.check(answer, request_id=request_id, request=request, reservation_id=name)
    return Stepped(tuple([decode_order(packed, sent) for packed in answer[1]]), answer[2:], replayed)


def _gone(why: int) -> NotFound | InvalidRequest:
    """Why units that came cannot be put to a cell."""
    if why == FeedOutcome.OVERFLOW:
        return InvalidRequest("INVALID_FIELD", "quantity: the node cannot have more units of it.", field="quantity")
    if why == FeedOutcome.UNKNOWN_NODE:
        return NotFound("NODE_NOT_FOUND", "The node was deleted. Put it again first, or receive the units at another.")
    return NotFound("SKU_NOT_FOUND", "The sku was deleted, or became a kit. Put it again first.")
