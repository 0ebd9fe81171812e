"""The store: every question and every change of the one authority, as async methods on domain values.

Nodes and skus are indices here; who calls knows their ids. Mutations go through the group commit; reads do not.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from typing import Any, NamedTuple, cast

import msgpack
from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.catalogue import NodeState
from promessa.domain.errors import FailedPrecondition, InvalidRequest, Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits
from promessa.domain.limits import STORE_SECONDS_MAX
from promessa.domain.reservation import (
    NO_NODE,
    LotLine,
    Reservation,
    ReservationFilters,
    ReservationLine,
    ReservationState,
    ReserveOutcome,
)
from promessa.domain.stock import (
    EMPTY_CELL,
    CountPreview,
    FeedPlace,
    FeedPosition,
    FeedResult,
    ReleasedDeltas,
    SequenceOutcome,
    StockCell,
    SupplyDeficit,
)
from promessa.store import answers
from promessa.store._operations import granted_lines, reserve_lines
from promessa.store.about import DecisionFacts, pack_about
from promessa.store.epoch import current_epoch
from promessa.store.following import Following
from promessa.store.group_commit import GroupCommit, Operation, consecutive
from promessa.store.keys import Keys, answer_member, cell_field, cell_of_field, record_member, source_member
from promessa.store.scan_place import ScanPlace

Positions = Sequence[int]
"""Flat pairs of partition and sequence: what a reader must have applied to see a change."""

_line = partial(tuple.__new__, ReservationLine)

AS_BEFORE = -1
"""A quantity of a count that stays as it is."""


BY_RULES = -1
"""A safety stock that is what the rules say."""


_GRANTED = (b"granted", b"placed")


class Reserved(NamedTuple):
    """A reservation as it is after a call, with where it can be seen."""

    reservation: Reservation
    positions: Positions
    replayed: bool


class Short(NamedTuple):
    """A cell that has fewer units than a transfer asks of it."""

    node_ix: int
    sku_ix: int
    requested: int
    available: int
    reason: int


class Transferred(NamedTuple):
    """A reservation after a transfer; where stock was short, as it was before."""

    reserved: Reserved
    short: tuple[Short, ...]


class Resourced(NamedTuple):
    """A reservation after units went to other nodes, with what was told along."""

    reserved: Reserved
    told: bytes


class ResourceShort(NamedTuple):
    """Cells that have too few units for what was to go to them; nothing changed."""

    short: tuple[Short, ...]


class CoolingOf(NamedTuple):
    """A cool-down of a node, see `lua/cooling.lua`."""

    node_id: str
    node_ix: int
    sku: str
    since_ms: int
    until_ms: int
    reason: int
    decision_id: str


class Asked(NamedTuple):
    """What a call of reserve asks for: `cells` is flat, node, sku, quantity; or `lots` are lines as they are granted."""

    request_id: str
    request: Fingerprint
    ttl_ms: int
    owner_id: str
    order_id: str
    extra: bytes
    cells: Sequence[int]
    short: Sequence[int]
    owned: bool
    channel: str
    lots: tuple[ReservationLine, ...] = ()

    def granted(self, now_ms: int) -> Reservation:
        """The reservation that holds all of it."""
        lines = self.lots or granted_lines(self.cells, _line)
        if self.short:
            return self._granted_but(now_ms, lines)
        return Reservation(
            self.request_id, ReservationState.HELD, now_ms, now_ms, now_ms + self.ttl_ms, self.ttl_ms, self.owner_id,
            self.order_id, ReserveOutcome.RESERVED, lines, self.extra, self.owned, channel=self.channel,
        )  # fmt: skip

    def _granted_but(self, now_ms: int, lines: tuple[ReservationLine, ...]) -> Reservation:
        """The reservation that holds a part: the rest was short before it was asked for."""
        short = self.short
        missing = [
            ReservationLine(NO_NODE, short[i], short[i + 1], 0, 0, 0, short[i + 2], int(short[i + 3]))
            for i in range(0, len(short), 4)
        ]
        whole = [line._replace(available=line.granted) for line in lines]
        return Reservation(
            self.request_id, ReservationState.HELD, now_ms, now_ms, now_ms + self.ttl_ms, self.ttl_ms, self.owner_id,
            self.order_id, ReserveOutcome.PARTIALLY_RESERVED, tuple(whole + missing), self.extra, self.owned,
            channel=self.channel,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fed:
    """What became of the items of a feed, and the last cell after it. `place` is there if the message had a position."""

    results: list[FeedResult]
    positions: Positions
    cell: StockCell
    replayed: bool
    place: FeedPlace | None = None


class Moved(Exception):
    """A change of the catalogue was checked against less than there is: check again, knowing all up to `sequence`."""

    def __init__(self, sequence: int) -> None:
        super().__init__(sequence)
        self.sequence = sequence


@dataclass(frozen=True, slots=True)
class Filed:
    """A catalogue record after a call. `value` is the JSON stored."""

    index: int
    value: bytes
    state: int
    replayed: bool
    paused_until_ms: int = 0


class ExceedsReservation(FailedPrecondition):
    """More units than the reservation has open at a cell."""

    def __init__(self, node_ix: int, sku_ix: int, open_quantity: int) -> None:
        super().__init__("QUANTITY_EXCEEDS_RESERVATION", "The reservation has fewer open units on that line.")
        self.node_ix, self.sku_ix, self.open_quantity = node_ix, sku_ix, open_quantity


class StaleKit(Exception):
    """A kit is not what the caller thought it is: `name` is its `kind:id` in the catalogue. Look again."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Store:
    """One data set in Redis or Valkey. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit
        self.epoch = 1
        commit.on_connect = self.refresh_epoch  # what a new connection changes may be of another epoch

    # Reservations -----------------------------------------------------------------------------------------------------

    def reserve(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        cells: Sequence[int],
        all_or_nothing: bool,
        ttl_ms: int,
        owner_id: str,
        order_id: str,
        extra: bytes = b"",
        keep_refusal: bool = True,
        short: Sequence[int] = (),
        unserved: Sequence[int] = (),
        decision: DecisionFacts | None = None,
        limits: HoldLimits = NO_LIMITS,
        slips: Sequence[int] = (),
        channel: str = "",
        following: Following | None = None,
    ) -> Awaitable[Reserved]:
        """Hold units. `cells` is flat: node, sku, quantity, each cell once. It is sent off at once, not when awaited.

        A refusal is a Reserved with outcome REFUSED; with `keep_refusal` it is the answer of that request id for good.
        `short` is what the caller knows to be missing, kept along: flat, sku, requested, available, reason. `unserved` is the
        same for the event log alone, and so is `decision`.
        Within `limits`, and counted for the owner if they limit owners. `slips` (flat: node, days) is how much
        later than today nodes that have a daily capacity may take it on. A `channel` takes from the allocation pools on its
        path, too. What is `following` is done in the same change, see there.
        Awaiting raises AlreadyExists (REQUEST_ID_REUSED).
        """
        head = answers.pack((request.digest, ttl_ms, owner_id, order_id, extra))
        body, located = reserve_lines(head, cells, short, self.keys.partitions)
        operation = consecutive((
            b"reserve", self.keys.home_of(request_id), record_member(request_id), body, ttl_ms, int(all_or_nothing),
            int(keep_refusal), limits_value(self.keys, limits, owner_id, slips), channel,
            pack_about(owner_id, order_id, channel, short or unserved, decision),
        )) + located  # fmt: skip
        if following is not None:
            operation = consecutive((b"place", operation, following.operation))
        sent = self._commit.submit(operation, weight=len(cells) // 3 + (following.weight if following else 0))
        return self._reserved(
            sent,
            operation,
            Asked(request_id, request, ttl_ms, owner_id, order_id, extra, cells, short, limits.limit_owners, channel),
            following,
        )

    async def _reserved(
        self, sent: Awaitable[Any], operation: Operation, asked: Asked, following: Following | None = None
    ) -> Reserved:
        answer = await sent
        while answer[0] == b"due":  # that call returned as many due holds as one may; the next goes on
            answer = await self._commit.submit(operation, weight=len(asked.cells) // 3 + len(asked.lots))
        if answer[0] == b"stale":
            raise StaleKit(answer[1].decode())
        if answer[0] == b"placed":
            assert following is not None
            following.made_ms, following.positions = answer[1], answer[2:]
        if answer[0] in _GRANTED:
            return Reserved(asked.granted(answer[1]), answer[2:], False)
        replayed = answers.check(answer, request_id=asked.request_id, request=asked.request)
        return Reserved(answers.reservation(asked.request_id, answer[1]), answer[2:], replayed)

    async def reserve_lots(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        lots: Sequence[LotLine],
        kits: Sequence[tuple[str, bytes]] = (),
        all_or_nothing: bool,
        ttl_ms: int,
        owner_id: str,
        order_id: str,
        extra: bytes = b"",
        keep_refusal: bool = True,
        short: Sequence[int] = (),
        unserved: Sequence[int] = (),
        decision: DecisionFacts | None = None,
        limits: HoldLimits = NO_LIMITS,
        slips: Sequence[int] = (),
        channel: str = "",
    ) -> Reserved:
        """As reserve, of lines that are granted in whole lots. The earlier of two lines that share a cell is served first.

        `kits` are `kind:id` and recipe of the kits among the lines: awaiting raises StaleKit if one is another by now.
        """
        body: list[Any] = [request.digest, ttl_ms, owner_id, order_id, extra]
        located: list[Any] = []
        for line in lots:
            partition = self.keys.partition_of(line.node_ix)
            units = line.lots * line.step
            in_lot: list[Any] = []
            for component in line.components or ((line.sku_ix, 1),):
                sku_ix, per_kit = component
                cell = cell_field(line.node_ix, sku_ix)
                field = answers.kit_field(line.node_ix, component, line.sku_ix) if line.components else cell
                part = units * per_kit
                body += (partition, field, part, part, part, 0, part if short else 0, 0)
                in_lot += (cell, per_kit * line.step)
            located += (partition, line.lots, in_lot)
        for i in range(0, len(short), 4):
            sku_ix, requested, available, reason = short[i : i + 4]
            body += (0, cell_field(NO_NODE, sku_ix), requested, 0, 0, 0, available, int(reason))
        operation = (
            b"reserve_lots", self.keys.home_of(request_id), record_member(request_id), answers.pack(body), ttl_ms,
            int(all_or_nothing), int(keep_refusal), limits_value(self.keys, limits, owner_id, slips), channel,
            [x for kit in kits for x in kit], pack_about(owner_id, order_id, channel, short or unserved, decision), *located,
        )  # fmt: skip
        lines = tuple([line.line(line.lots, line.lots * line.step if short else 0) for line in lots])
        owned = limits.limit_owners
        asked = Asked(request_id, request, ttl_ms, owner_id, order_id, extra, (), short, owned, channel, lines)
        return await self._reserved(self._commit.submit(operation, weight=len(body) // 8), operation, asked)

    async def refuse(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        owner_id: str,
        order_id: str,
        lines: Sequence[int],
        extra: bytes = b"",
        channel: str = "",
        decision: DecisionFacts | None = None,
    ) -> Reserved:
        """Remember that nothing could be planned for a request id. `lines` is flat: the eight numbers of each line."""
        body = (request.digest, 0, owner_id, order_id, extra, *self._located(lines, 8))
        answer = await self._commit.submit(
            (
                b"refuse", self.keys.home_of(request_id), record_member(request_id), answers.pack(body),
                pack_about(owner_id, order_id, channel, (), decision),
            )
        )  # fmt: skip
        replayed = answers.check(answer, request_id=request_id, request=request)
        return Reserved(answers.reservation(request_id, answer[1]), answer[2:], replayed)

    async def recall_reserved(self, request_id: str, request: Fingerprint) -> Reserved | None:
        """What reserve or refuse answered to a request id, without doing anything; None if it never came.

        Raises AlreadyExists. For requests that can no longer be understood, for what they name is gone.
        """
        if not request_id:
            return None
        body = answers.pack([request.digest])
        answer = await self._commit.submit(
            (b"recall_reservation", self.keys.home_of(request_id), record_member(request_id), body)
        )
        if answer[0] == b"unknown":
            return None
        replayed = answers.check(answer, request_id=request_id, request=request)
        return Reserved(answers.reservation(request_id, answer[1]), answer[2:], replayed)

    async def _recall(self, request_id: str, request: Fingerprint) -> Any:
        """The raw first answer of any other request; None if there is none."""
        if not request_id:
            return None
        answer = await self._commit.submit(
            (b"recall", self.keys.home_of(request_id), answer_member(request_id), request.digest)
        )
        return None if answer[0] == b"unknown" else answer

    async def confirm(
        self,
        request_id: str,
        request: Fingerprint,
        reservation_id: str,
        *,
        order_id: str,
        reacquire: bool = False,
        cells: Sequence[int] = (),
    ) -> Reserved:
        """HELD to CONFIRMED: the cells named (flat: node, sku, quantity) and the rest back to stock, or all that is open.

        With `reacquire`, also what expired, if stock is there. Raises NotFound, FailedPrecondition (RESERVATION_EXPIRED,
        WRONG_STATE), AlreadyExists, ExceedsReservation.
        """
        return await self._change(
            b"confirm", request_id, request, reservation_id, order_id, int(reacquire), _fields(cells)
        )

    async def extend(self, request_id: str, request: Fingerprint, reservation_id: str, *, ttl_ms: int) -> Reserved:
        """A hold ends `ttl_ms` from now. Raises as confirm."""
        return await self._change(b"extend", request_id, request, reservation_id, ttl_ms)

    async def release(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, cells: Sequence[int] = ()
    ) -> Reserved:
        """Units back to stock: the cells named (flat: node, sku, quantity), or all that is open. Raises as confirm, and
        ExceedsReservation."""
        return await self._change(b"release", request_id, request, reservation_id, _fields(cells))

    async def fulfill(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, cells: Sequence[int] = ()
    ) -> Reserved:
        """Units of a CONFIRMED reservation left their nodes. Raises as release."""
        return await self._change(b"fulfill", request_id, request, reservation_id, _fields(cells))

    async def transfer(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, moves: Sequence[int]
    ) -> Transferred:
        """Open units to other nodes, all or none. `moves` is flat: node from, node to, sku, quantity. Raises as release."""
        answer = await self._send_change(b"transfer", request_id, request, reservation_id, self._moves(moves))
        return _transferred(answer, request_id, request, reservation_id)

    def _moves(self, moves: Sequence[int]) -> list[Any]:
        """Moves as the Functions library wants them."""
        located: list[Any] = []
        for i in range(0, len(moves), 4):
            from_ix, to_ix, sku_ix, units = moves[i : i + 4]
            located += (
                cell_field(from_ix, sku_ix), self.keys.partition_of(to_ix), cell_field(to_ix, sku_ix), units
            )  # fmt: skip
        return located

    async def resource(
        self,
        request_id: str,
        request: Fingerprint,
        reservation_id: str,
        *,
        moves: Sequence[int],
        back: Sequence[int],
        extra_before: bytes,
        extra: bytes,
        told: bytes,
        coolings: Sequence[CoolingOf] = (),
        slips: Sequence[int] = (),
    ) -> Resourced | ResourceShort | None:
        """Open units in stock to other nodes (`moves` as of transfer) and back to stock (flat node, sku, units), all or none.
        Nodes cool down, and what is kept beside the reservation is `extra` from now on; `told` comes with every answer.
        `slips` as of reserve.

        None if what is kept is not `extra_before` any more: read again. Raises as release.
        """
        answer = await self._send_change(
            b"resource", request_id, request, reservation_id, self._moves(moves), _fields(back),
            sha1(extra_before).hexdigest(), extra, told, [x for each in coolings for x in each], slips,
        )  # fmt: skip
        if answer[0] == b"moved":
            return None
        if answer[0] == b"short":
            return ResourceShort(short_cells(answer[1]))
        return _resourced(answer, request_id, request, reservation_id)

    async def recall_resourced(self, request_id: str, request: Fingerprint, reservation_id: str) -> Resourced | None:
        """What resource answered to a request id; see recall_reserved."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _resourced(answer, request_id, request, reservation_id)

    async def told_of(self, request_id: str) -> bytes | None:
        """What resource told along with its answer to a request id; None if there was none."""
        key = self.keys.res(self.keys.home_of(request_id))
        (raw,) = await self._read(lambda pipe: [pipe.hget(key, answer_member(request_id))])
        answer = msgpack.unpackb(raw, raw=True)[1] if raw and not answers.is_record(raw) else []
        is_resourced = len(answer) > 2 and isinstance(answer[1], bytes) and isinstance(answer[2], bytes)
        return answer[2] if is_resourced else None

    async def recall_transferred(
        self, request_id: str, request: Fingerprint, reservation_id: str
    ) -> Transferred | None:
        """What transfer answered to a request id; see recall_reserved."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _transferred(answer, request_id, request, reservation_id)

    async def _change(
        self, name: bytes, request_id: str, request: Fingerprint, reservation_id: str, *arguments: Any
    ) -> Reserved:
        answer = await self._send_change(name, request_id, request, reservation_id, *arguments)
        return _changed(answer, request_id, request, reservation_id)

    async def _send_change(
        self, name: bytes, request_id: str, request: Fingerprint, reservation_id: str, *arguments: Any
    ) -> Any:
        return await self._commit.submit(
            (
                name, self.keys.home_of(request_id), answer_member(request_id), request.digest,
                self.keys.home_of(reservation_id), record_member(reservation_id), *arguments,
            ),
            weight=4,
        )  # fmt: skip

    async def recall_changed(self, request_id: str, request: Fingerprint, reservation_id: str) -> Reserved | None:
        """What release or fulfill answered to a request id; see recall_reserved."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _changed(answer, request_id, request, reservation_id)

    def _located(self, flat: Sequence[int], width: int) -> list[Any]:
        """Items that open with node and sku, as the Functions library wants them: with partition and field instead."""
        located: list[Any] = list(flat)
        located[::width] = map(self.keys.partition_of, flat[::width])
        located[1::width] = map(cell_field, flat[::width], flat[1::width])
        return located

    def _items(self, flat: Sequence[int], width: int) -> list[Any]:
        """Items of a feed, as the Functions library wants them."""
        located = self._located(flat, width)
        if min(flat[::width], default=0) < 0:
            for i in range(0, len(flat), width):
                if flat[i] < 0:
                    located[i], located[i + 1] = -1, flat[i + 1]
        return located

    async def get_reservation(self, reservation_id: str) -> Reservation | None:
        """The reservation as it is now, None if there is none. A refusal is none."""
        found = await self.get_record(reservation_id)
        return None if found is None or found.outcome == ReserveOutcome.REFUSED else found

    async def get_record(self, reservation_id: str) -> Reservation | None:
        """The reservation as it is now, or the refusal of one; None if there is none."""
        key = self.keys.res(self.keys.home_of(reservation_id))
        raw, now = await self._read(lambda pipe: (pipe.hget(key, record_member(reservation_id)), pipe.time()))
        if raw is None or not answers.is_record(raw):
            return None
        return answers.reservation(reservation_id, raw).at(self._commit.instant_ms(now))

    async def list_reservations(
        self, *, page_token: str, page_size: int, filters: ReservationFilters
    ) -> tuple[list[Reservation], str]:
        """A page of reservations and the token of the next. Raises InvalidRequest (INVALID_PAGE_TOKEN).

        A reservation that exists during the whole listing is listed at least once.
        """
        place, after = _parse_page_token(page_token, self.keys.partitions)
        page: list[Reservation] = []
        for _ in range(200):  # bounds one call; an empty page with a token is allowed
            if place.partition >= self.keys.partitions:
                return page, ""
            key = self.keys.res(place.partition)
            (following, found), now = await self._read(
                lambda pipe, key=key, cursor=place.cursor: (
                    pipe.hscan(key, cursor, match=b"r:*", count=500),
                    pipe.time(),
                )
            )
            now_ms = self._commit.instant_ms(now)
            after = after if place.same_page(int(following)) else b""
            for member in sorted(found):
                if member <= after:
                    continue
                if len(page) == page_size:
                    return page, f"{place._replace(ended=int(following)).text}.{after.decode()}"
                after = member
                if not answers.is_record(found[member]):
                    continue
                entry = answers.reservation(member[2:].decode(), found[member]).at(now_ms)
                if entry.outcome != ReserveOutcome.REFUSED and filters.keep(entry, now_ms):
                    page.append(entry)
            place, after = place.next(int(following)), b""
        return page, f"{place.text}."

    # Stock ------------------------------------------------------------------------------------------------------------

    async def apply_deltas(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        items: Sequence[int],
        reason: str,
        occurred_ms: Sequence[int] = (),
        merge_late: bool = False,
        position: FeedPosition | None = None,
    ) -> Fed:
        """Change units on hand. `items` is flat: node, sku, delta, applied in order; `occurred_ms` says when each
        happened (0, or none given: now). One that the last count of its cell has in it applies only with `merge_late`.
        With a position nothing is applied before its turn: the place in the answer says what became of it.

        An item that is known to be wrong is sent, too, with node -1 and its outcome for the sku: the first answer tells.
        """
        located = self._items(items, 3)
        timed: list[Any] = []
        for i in range(0, len(located), 3):
            timed += (*located[i : i + 3], occurred_ms[i // 3] if occurred_ms else 0)
        arguments: tuple[Any, ...] = (reason, timed, int(merge_late))
        if position is not None:
            home = self.keys.home_of(position.source_id)
            arguments += (home, source_member(position.source_id), position.epoch, position.sequence)
        return await self._feed(b"deltas", request_id, request, arguments, len(items) // 3)

    async def apply_counts(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        as_of_ms: int,
        items: Sequence[int],
        expected_on_hand: int = AS_BEFORE,
        expected_version: int = AS_BEFORE,
        source: str = "",
    ) -> Fed:
        """Set counts. `items` is flat: node, sku, on hand, unavailable, safety stock; AS_BEFORE leaves one as it is.

        `source` names who counted.
        `as_of_ms` 0 stands for now; what moved a cell after an earlier instant comes on top of its count. Items known to
        be wrong: as in apply_deltas. Raises InvalidRequest (INVALID_FIELD) for an instant in the future.
        """
        arguments = (as_of_ms, self._items(items, 5), expected_on_hand, expected_version, source)
        return await self._feed(b"counts", request_id, request, arguments, len(items) // 5)

    async def pin(self, request_id: str, request: Fingerprint, *, as_of_ms: int) -> int:
        """The instant (ms) at which a request id first came. Raises AlreadyExists, and as apply_counts for `as_of_ms`."""
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit((b"pin", home, member, request.digest, as_of_ms))
        answers.check(answer, request_id=request_id, request=request)
        return int(answer[1])

    async def preview_counts(self, *, as_of_ms: int, items: Sequence[int]) -> list[CountPreview]:
        """What apply_counts would do with each of these by itself. Changes nothing, and raises what it would raise."""
        arguments = (0, b"", b"", as_of_ms, self._items(items, 5), AS_BEFORE, AS_BEFORE)
        answer = await self._commit.submit((b"preview", *arguments), weight=len(items) // 5)
        answers.check(answer)
        flat = answer[1]
        return [CountPreview(*flat[i : i + 5]) for i in range(0, len(flat), 5)]

    async def set_safety_stock(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, quantity: int
    ) -> Fed:
        """Set the units of one cell withheld from promising; BY_RULES leaves it to the rules."""
        items = self._located((node_ix, sku_ix, quantity), 3)
        return await self._feed(b"safety", request_id, request, (items,), 1)

    async def _feed(
        self, name: bytes, request_id: str, request: Fingerprint, arguments: tuple[Any, ...], weight: int
    ) -> Fed:
        operation = (name, self.keys.home_of(request_id), answer_member(request_id), request.digest, *arguments)
        return decode_fed(await self._commit.submit(operation, weight=weight), request_id, request)

    async def recall_fed(self, request_id: str, request: Fingerprint) -> Fed | None:
        """What a change of stock answered to a request id; see recall_reserved."""
        answer = await self._recall(request_id, request)
        return None if answer is None else decode_fed(answer, request_id, request)

    async def list_deficits(self, *, page_token: str, page_size: int) -> tuple[list[SupplyDeficit], str]:
        """A page of cells in deficit and the token of the next. Raises InvalidRequest (INVALID_PAGE_TOKEN).

        A cell that is in deficit during the whole listing is listed at least once.
        """
        place, after = _parse_page_token(page_token, self.keys.partitions)
        page: list[SupplyDeficit] = []
        for _ in range(200):  # bounds one call; an empty page with a token is allowed
            if place.partition >= self.keys.partitions:
                return page, ""
            key = self.keys.deficits(place.partition)
            ((following, found),) = await self._read(
                lambda pipe, key=key, cursor=place.cursor: [pipe.hscan(key, cursor, count=500)]
            )
            after = after if place.same_page(int(following)) else b""
            fields = sorted(field for field in found if field > after)
            pairs = [cell_of_field(field) for field in fields]
            for field, pair, cell in zip(fields, pairs, await self.read_cells(pairs), strict=True):
                if len(page) == page_size:
                    return page, f"{place._replace(ended=int(following)).text}.{after.decode()}"
                after = field
                if cell is not None and cell.deficit:
                    page.append(SupplyDeficit(*pair, cell.deficit, int(found[field])))
            place, after = place.next(int(following)), b""
        return page, f"{place.text}."

    async def read_cells(self, pairs: Sequence[tuple[int, int]]) -> list[StockCell | None]:
        """The counts of (node, sku) pairs, in order; None for a cell that never was."""
        wanted: dict[int, list[int]] = {}
        for position, (node_ix, _) in enumerate(pairs):
            wanted.setdefault(self.keys.partition_of(node_ix), []).append(position)
        fields = [cell_field(node_ix, sku_ix) for node_ix, sku_ix in pairs]
        found = await self._read(
            lambda pipe: [pipe.hmget(self.keys.cells(p), [fields[i] for i in at]) for p, at in wanted.items()]
        )
        cells: list[StockCell | None] = [None] * len(pairs)
        for values, at in zip(found, wanted.values(), strict=True):
            for raw, position in zip(values, at, strict=True):
                cells[position] = None if raw is None else decode_cell(raw)
        return cells

    async def read_node_states(self, node_ixs: Collection[int]) -> dict[int, NodeState]:
        """Whether nodes take orders, as the store decides by it: a worker hears of it a moment later."""
        wanted: dict[int, list[int]] = {}
        for node_ix in node_ixs:
            wanted.setdefault(self.keys.partition_of(node_ix), []).append(node_ix)
        found = await self._read(
            lambda pipe: [
                pipe.hmget(self.keys.cells(p), [name for ix in at for name in (f"n:{ix}", f"f:{ix}")])
                for p, at in wanted.items()
            ]
        )
        states: dict[int, NodeState] = {}
        for values, at in zip(found, wanted.values(), strict=True):
            for i, node_ix in enumerate(at):
                state = NodeState(int(values[2 * i] or NodeState.ACTIVE))
                full = state == NodeState.ACTIVE and int(values[2 * i + 1] or 0) == NodeState.FULL
                states[node_ix] = NodeState.FULL if full else state
        return states

    # Catalogue --------------------------------------------------------------------------------------------------------

    async def put_resource(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        kind: str,
        resource_id: str,
        value: bytes,
        requires: Sequence[str] = (),
        state: int = 0,
        clock: Sequence[int] = (-1, 0),
        terms: Sequence[Any] = (),
        recipe: bytes = b"",
        stock_class: str = "",
        scopes: Sequence[str] = (),
        checked: Sequence[str] = (),
        checked_at: int = 0,
    ) -> Filed:
        """Create or replace a catalogue record. `requires` are `kind:id` records that must exist; `clock` is a node's, see
        `lua/capacity.lua`; `terms` are those of a safety rule: method, quantity, share per mille, 1 if by confidence; `recipe`
        is what a kit consists of: reserve_lots compares it. It belongs to `scopes`, and was checked against all that changed in
        the scopes of `checked` up to the sequence `checked_at` of the catalogue's log.

        Raises Moved if more has changed there, InvalidRequest (REFERENCE_NOT_FOUND; INVALID_FIELD for kits in kits),
        FailedPrecondition (RESOURCE_IN_USE: a sku with units becomes no kit), AlreadyExists.
        """
        answer = await self._commit.submit(
            (
                b"put", self.keys.home_of(request_id), answer_member(request_id), request.digest, kind, resource_id,
                value, requires, state, recipe if kind == "sku" else terms or clock, stock_class, scopes,
                [x for scope in checked for x in (scope, checked_at)],
            )
        )  # fmt: skip
        if answer[0] == b"moved":
            raise Moved(answer[1])
        if answer[0] == b"missing":
            missing_kind, _, missing = answer[1].decode().partition(":")
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no {missing_kind.replace('_', ' ')} {missing!r}. Put it first.",
                kind=missing_kind,
                id=missing,
            )
        if answer[0] == b"nested":
            raise _nested(answer[1].decode().partition(":")[2], resource_id)
        if answer[0] == b"in_use":
            raise FailedPrecondition(
                "RESOURCE_IN_USE",
                f"The sku {resource_id!r} still has units, reservations or inbound of its own, and a kit has none. Count it "
                "to zero and let them end, or make the kit another sku.",
                kind=kind,
                id=resource_id,
                used_by="stock",
            )
        return _filed(answer, request_id, request)

    async def set_node_state(
        self, request_id: str, request: Fingerprint, *, node_id: str, state: int, until_ms: int = 0
    ) -> Filed | None:
        """Set the state of a node, a pause perhaps only until an instant; None if there is no such node.

        Reservations keep to it from this instant.
        """
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit(
            (b"node_state", home, member, request.digest, b"node", node_id, state, until_ms)
        )
        if answer[0] == b"not_found":
            return None
        return _filed(answer, request_id, request)

    async def delete_resource(
        self, request_id: str, request: Fingerprint, *, kind: str, resource_id: str
    ) -> Filed | None:
        """Delete a catalogue record; None if there is none. Raises FailedPrecondition (RESOURCE_IN_USE)."""
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit((b"delete", home, member, request.digest, kind, resource_id))
        if answer[0] == b"not_found":
            return None
        if answer[0] == b"in_use":
            by_stock = answer[1] != b"references"
            raise FailedPrecondition(
                "RESOURCE_IN_USE",
                f"The {kind} {resource_id!r} still has units or reservations. Count it to zero and let its reservations "
                "end, then delete it."
                if by_stock
                else f"{_REFERRING[kind].capitalize()} refer to the {kind} {resource_id!r}. Delete or change them first.",
                kind=kind,
                id=resource_id,
                used_by="stock" if by_stock else _REFERRING[kind],
            )
        return _filed(answer, request_id, request)

    async def recall_filed(self, request_id: str, request: Fingerprint) -> Filed | None:
        """What a change of the catalogue answered to a request id; see recall_reserved."""
        answer = await self._recall(request_id, request)
        return None if answer is None else _filed(answer, request_id, request)

    # Maintenance ------------------------------------------------------------------------------------------------------

    async def sweep(self, *, limit: int = 256) -> int:
        """Return due holds to stock and forget old records, at most `limit` a partition; how many were taken."""
        answer = await self._commit.submit((b"sweep", limit), weight=limit)
        return cast("int", answer[1])

    async def settle_deficits(self, *, limit: int = 500) -> int:
        """How many cells are in deficit; those that came out of it are forgotten, of `limit` in each partition."""
        answer = await self._commit.submit((b"settle_deficits", limit), weight=limit)
        return cast("int", answer[1])

    async def repair_sums(
        self, reference: str, *, node_ix: int, sku_ix: int, version: int, held: int, committed: int
    ) -> bool:
        """Set the sums of a cell, if it still has that version; whether it had. The event log keeps the reference."""
        at = (self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix))
        answer = await self._commit.submit((b"repair", reference, *at, version, held, committed))
        return bool(answer[0] == b"ok")

    async def repair_due(self, reference: str, reservation_id: str) -> bool:
        """Put a hold back into the due index; whether it is still a hold."""
        home, member = self.keys.home_of(reservation_id), record_member(reservation_id)
        answer = await self._commit.submit((b"repair_due", reference, home, member))
        return bool(answer[0] == b"ok")

    async def repair_owner(self, reference: str, *, field: str, found: int, units: int) -> bool:
        """Set what is counted for an owner (`<sku_ix>:<owner>`, or `:<owner>`), if it is still `found`; whether it was."""
        partition = self.keys.home_of(field.partition(":")[2])
        answer = await self._commit.submit((b"repair_owner", reference, partition, field, found, units))
        return bool(answer[0] == b"ok")

    async def ping(self) -> None:
        """Raises Unavailable if the store does not answer."""
        await self._read(lambda pipe: pipe.ping())

    async def heads(self) -> list[int]:
        """The sequence of the last log entry of every partition, then of the catalogue."""
        found = await self._read(
            lambda pipe: [pipe.hget(self.keys.cells(p), "seq") for p in range(self.keys.partitions + 1)]
        )
        return [int(raw or 0) for raw in found]

    async def refresh_epoch(self) -> int:
        """The epoch of the data set as the store has it. Raises Unavailable."""
        try:
            self.epoch = await current_epoch(self._redis, self.keys.meta)
        except (RedisError, OSError) as error:
            raise _unreadable() from error
        return self.epoch

    async def close(self) -> None:
        await self._commit.close()
        await self._redis.aclose()

    async def scan(
        self, key: str, *, match: bytes | None = None, count: int = 1000
    ) -> AsyncIterator[dict[bytes, bytes]]:
        """All fields of a hash, page by page."""
        cursor = 0
        while True:
            ((cursor_raw, page),) = await self._read(
                lambda pipe, cursor=cursor: [pipe.hscan(key, cursor, match=match, count=count)]
            )
            cursor = int(cursor_raw)
            yield page
            if cursor == 0:
                return

    async def _read(self, queue: Any) -> Any:
        return await read_together(self._redis, queue)


async def read_together(redis: Redis, queue: Any) -> Any:
    """Run read commands in one round trip. Raises Unavailable (STORE_UNAVAILABLE)."""
    try:
        async with asyncio.timeout(STORE_SECONDS_MAX), redis.pipeline(transaction=False) as pipe:
            queue(pipe)
            return await pipe.execute()
    except (RedisError, OSError, TimeoutError) as error:
        raise _unreadable() from error


def limits_value(keys: Keys, limits: HoldLimits, owner_id: str, slips: Sequence[int] = ()) -> Any:
    """LIMITS of the Functions library, see `lua/owners.lua`."""
    if limits is NO_LIMITS and not slips:
        return 0
    share, units, holds = limits
    owner_partition = keys.home_of(owner_id) if limits.limit_owners else -1
    return (share, owner_partition, owner_id, units, holds, slips)


def _unreadable() -> Unavailable:
    return Unavailable(
        "STORE_UNAVAILABLE", "The store cannot be read now. Retry in a moment; if it lasts, see `promessa doctor`."
    )


_REFERRING = {
    "calendar": "nodes or lanes",
    "node": "lanes, groups or safety stock rules",
    "node_group": "safety stock rules",
    "rate_card": "lanes or rate cards",
    "sku": "kits or safety stock rules",
}
"""What may refer to a resource, by its kind."""


def _nested(inner: str, kit: str) -> InvalidRequest:
    rule = "must not make cyclic kits: a kit contains skus that are no kits, and is in no kit"
    which = f"{inner!r} is a kit" if inner != kit else f"{kit!r} is in a kit or a rule, or would be in itself"
    return InvalidRequest("INVALID_FIELD", f"sku.kit {rule}; {which}.", field="sku.kit", rule=rule)


def _changed(answer: list[Any], request_id: str, request: Fingerprint, reservation_id: str) -> Reserved:
    if answer[0] == b"exceeds":
        raise ExceedsReservation(*cell_of_field(answer[1]), answer[2])
    replayed = answers.check(answer, request_id=request_id, request=request, reservation_id=reservation_id)
    return Reserved(answers.reservation(reservation_id, answer[1]), answer[2:], replayed)


def _transferred(answer: list[Any], request_id: str, request: Fingerprint, reservation_id: str) -> Transferred:
    changed = _changed(answer, request_id, request, reservation_id)
    if changed.positions[:1] != [-1]:
        return Transferred(changed, ())
    return Transferred(changed._replace(positions=()), short_cells(answer[3]))


def short_cells(flat: list[Any]) -> tuple[Short, ...]:
    """The cells that have too few units, as the Functions library tells them."""
    return tuple([Short(*cell_of_field(flat[i]), *flat[i + 1 : i + 4]) for i in range(0, len(flat), 4)])


def _resourced(answer: list[Any], request_id: str, request: Fingerprint, reservation_id: str) -> Resourced:
    if answer[0] not in (b"ok", b"replayed"):
        _changed(answer, request_id, request, reservation_id)
    return Resourced(_changed([*answer[:2], *answer[3:]], request_id, request, reservation_id), answer[2])


def decode_fed(answer: list[Any], request_id: str, request: Fingerprint) -> Fed:
    """The answer of a feed."""
    replayed = answers.check(answer, request_id=request_id, request=request)
    place = _place(answer[4:]) if len(answer) > 4 else None
    cell = answers.cell(answer[3]) if answer[3] else EMPTY_CELL
    return Fed(_results(answer[1]), answer[2], cell, replayed, place)


def _results(flat: list[int]) -> list[FeedResult]:
    return list(map(FeedResult, flat[::3], flat[1::3], flat[2::3]))  # the shortest way for the many rows of a snapshot


def _place(values: list[Any]) -> FeedPlace:
    outcome, epoch, expected, flat = values
    released = [
        ReleasedDeltas(flat[i], flat[i + 1][2:].decode(), _results(flat[i + 2])) for i in range(0, len(flat), 3)
    ]
    return FeedPlace(SequenceOutcome(outcome), epoch, expected, released)


def _filed(answer: list[Any], request_id: str, request: Fingerprint) -> Filed:
    replayed = answers.check(answer, request_id=request_id, request=request)
    return Filed(answer[1], answer[2], answer[3], replayed, *answer[4:5])


def decode_cell(raw: bytes) -> StockCell:
    """A value of the cells hash."""
    unpacker = msgpack.Unpacker()
    unpacker.feed(raw)
    return answers.cell(list(unpacker))


def _fields(cells: Sequence[int]) -> list[Any]:
    """Flat node, sku, quantity as flat field, quantity."""
    found: list[Any] = []
    for i in range(0, len(cells), 3):
        found += (cell_field(cells[i], cells[i + 1]), cells[i + 2])
    return found


_PAGE_TOKEN = re.compile(
    r"([0-9]{1,3})\.([0-9]{1,20})\.([0-9]{1,20})\.((?:r:[0-9A-Za-z._:-]{1,64}|[0-9]{1,10}:[0-9]{1,10})?)", re.ASCII
)
"""A ScanPlace, and the last member (or field of a cell) listed."""


def _parse_page_token(token: str, partitions: int) -> tuple[ScanPlace, bytes]:
    if not token:
        return ScanPlace(), b""
    match = _PAGE_TOKEN.fullmatch(token)
    if match is None or int(match[1]) >= partitions or int(match[2]) >= 1 << 64:
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return ScanPlace(int(match[1]), int(match[2]), int(match[3])), match[4].encode()
