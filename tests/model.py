"""The write side once more, in plain Python and without a store: what `store/lua/` must agree with.

The methods take what the methods of `Store` take, answer with domain values and raise domain errors. Positions in the log
are the store's own affair and not modelled. The clock is one for all partitions, and must not run back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from model_capacity import ANY_UNITS, FULL, CapacityModel, Config, Plan, Tie, cut_to
from model_pools import PoolModel
from model_safety import SafetyModel
from model_supply import InboundRecord, Shares, SupplyModel

from promessa.domain.capacity import Capacity, CapacityUnit
from promessa.domain.claim import claim_of
from promessa.domain.confidence import Evidence
from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits
from promessa.domain.limits import (
    CELL_QUANTITY_MAX,
    CLOCK_ALLOWANCE_MS,
    MOVES_MAX,
    MOVES_MS,
    PARKED_DELTAS_MAX,
    PARKED_MAX,
    RETENTION_MS,
)
from promessa.domain.pools import Pool
from promessa.domain.reservation import (
    Drawn,
    LotLine,
    Reservation,
    ReservationLine,
    ReservationState,
    ReserveOutcome,
    ShortfallReason,
)
from promessa.domain.safety_stock import SafetyStockRule
from promessa.domain.stock import (
    CountPreview,
    FeedOutcome,
    FeedPlace,
    FeedPosition,
    FeedResult,
    ReleasedDeltas,
    SequenceOutcome,
    StockCell,
    SupplyDeficit,
)
from promessa.domain.unavailable import SELLABLE, UNSPECIFIED, Reasons
from promessa.store.store import Short

Key = tuple[int, int]
ACTIVE, PAUSED, DELETED = 1, 2, 3
QUARTER_MS = 900_000
STOCKED, KIT = 1, 2
MODES = {4: 2, 5: 3}
"""Supply mode of the cells of a sku, by its state."""


@dataclass
class Cell:
    """The counts of a cell."""

    on_hand: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    held: int = 0
    committed: int = 0
    version: int = 0
    counted_at_ms: int = 0
    mode: int = 1
    ring_fenced: int | None = None
    count_source: str = ""

    @property
    def free(self) -> int:
        if self.mode != STOCKED:
            return CELL_QUANTITY_MAX - self.held - self.committed
        return self.on_hand - self.unavailable - self.safety_stock - self.held - self.committed

    def frozen(self) -> StockCell:
        return StockCell(**vars(self))


@dataclass
class Moves:
    """What came to a cell and left it since its last count: pairs of instant and units, in order of time."""

    forgotten_ms: int = 0
    known: list[tuple[int, int]] = field(default_factory=list)

    def add(self, at: int, units: int, *, now: int) -> None:
        self.known.append((at, units))
        self.known.sort(key=lambda move: move[0])
        if len(self.known) > MOVES_MAX:
            self._join()
        while len(self.known) > MOVES_MAX or (self.known and self.known[0][0] < now - MOVES_MS):
            self.forgotten_ms, _ = self.known.pop(0)

    def _join(self) -> None:
        """What left in one quarter of an hour is one move."""
        kept: list[tuple[int, int]] = []
        for at, units in self.known:
            if kept and units < 0 > kept[-1][1] and kept[-1][0] // QUARTER_MS == at // QUARTER_MS:
                kept[-1] = (at, kept[-1][1] + units)
            else:
                kept.append((at, units))
        self.known = kept


@dataclass
class Source:
    """A source of deltas: what comes next, and what was parked by sequence: request id, fingerprint, deltas, applying it."""

    epoch: int
    expected: int = 1
    parked: dict[int, tuple[str, Fingerprint, int, Callable[[], list[FeedResult]]]] = field(default_factory=dict)


@dataclass
class Line:
    """One line of a record."""

    node_ix: int
    sku_ix: int
    requested: int
    granted: int
    open: int
    fulfilled: int
    available: int
    reason: int
    inbound_id: str | None = None
    components: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> Key:
        return self.node_ix, self.sku_ix

    @property
    def cells(self) -> list[tuple[Key, int]]:
        """The cells its units are in, and how many of each are in one unit of the line."""
        return [((self.node_ix, sku_ix), units) for sku_ix, units in self.components or ((self.sku_ix, 1),)]

    @property
    def counted(self) -> list[tuple[Key, int]]:
        """The cells its open units are in, and how many."""
        return [(key, self.open * units) for key, units in self.cells]

    @property
    def parts(self) -> int:
        """Units of cells in one unit of the line."""
        return sum(units for _, units in self.cells)


@dataclass
class Record:
    """A reservation, or the refusal of one."""

    digest: bytes
    state: int
    created_ms: int
    updated_ms: int
    expires_ms: int
    ttl_ms: int
    owner_id: str
    order_id: str
    outcome: int
    extra: bytes
    lines: list[Line] = field(default_factory=list)
    owned: bool = False
    ties: list[Tie] = field(default_factory=list)
    first_days: int = 0
    channel: str = ""
    drawn: list[Drawn] = field(default_factory=list)

    def frozen(self, reservation_id: str) -> Reservation:
        own = ("digest", "lines", "ties", "drawn")
        values = {name: value for name, value in vars(self).items() if name not in own}
        lines = tuple(ReservationLine(**vars(line)) for line in self.lines)
        if self.state == ReservationState.EXPIRED:  # the record remembers what went back
            lines = tuple(line._replace(open=0) for line in lines)
        days = tuple(tie.frozen() for tie in self.ties)
        drawn = tuple(self.drawn)
        return Reservation(reservation_id=reservation_id, lines=lines, work_days=days, drawn=drawn, **values)


REFERRING = {
    "node": "lanes, groups or safety stock rules",
    "node_group": "safety stock rules",
    "sku": "kits or safety stock rules",
}
CYCLIC = {
    "field": "sku.kit",
    "rule": "must not make cyclic kits: a kit contains skus that are no kits, and is in no kit",
}


class Model(SupplyModel, CapacityModel, SafetyModel, PoolModel):
    """The books of one data set."""

    def __init__(self, now_ms: Callable[[], int], retention_ms: int = RETENTION_MS) -> None:
        self._now_ms = now_ms
        self._retention_ms = retention_ms
        self.cells: dict[Key, Cell] = {}
        self.moves: dict[Key, Moves] = {}
        self.sources: dict[str, Source] = {}
        self.deficit_since: dict[Key, int] = {}
        self.records: dict[str, Record] = {}
        self.answers: dict[str, tuple[bytes, object]] = {}
        self.due: dict[str, int] = {}
        self.entries: dict[str, list[Any]] = {}
        self.node_states: dict[int, int] = {}
        self.sku_states: dict[int, int] = {}
        self.supplies: dict[Key, list[InboundRecord]] = {}
        self.preorder_limits: dict[Key, int | None] = {}
        self.bound: dict[tuple[Key, str], list[str]] = {}
        self.pools: dict[Key, dict[str, Pool]] = {}
        self._next: dict[str, int] = {}
        self.capacities: dict[int, Config] = {}
        self.days: dict[int, dict[int, list[int]]] = {}
        self.published: dict[int, int] = {}
        self.rules: dict[str, SafetyStockRule] = {}
        self.marks: dict[Key, str] = {}
        self.had_rules = self.adopted = False
        self.evidence: dict[tuple[int, str], Evidence] = {}
        self.classes: dict[int, str] = {}
        self.reasons: dict[Key, dict[str, int]] = {}

    @property
    def now(self) -> int:
        return self._now_ms()

    def cell(self, key: Key) -> Cell:
        """The cell as it is, zeros if there is none; it exists once it is changed."""
        return self.cells.get(key) or Cell()

    def _move(self, key: Key, at: int, units: int) -> None:
        """Remember what came to a cell or left it; see `lua/moves.lua`."""
        moves = self.moves.get(key, Moves())
        if at > max(self.cell(key).counted_at_ms, moves.forgotten_ms):
            moves.add(at, units, now=self.now)
            self.moves[key] = moves

    @property
    def deficits(self) -> set[SupplyDeficit]:
        short = {key: cell.frozen().deficit for key, cell in self.cells.items()}
        return {SupplyDeficit(*key, units, self.deficit_since[key]) for key, units in short.items() if units}

    def _change(self, key: Key, **deltas: int) -> None:
        cell = self.cells.setdefault(key, Cell())
        if not cell.version:
            cell.mode = MODES.get(self.sku_states.get(key[1], STOCKED), STOCKED)
        for name, delta in deltas.items():
            setattr(cell, name, getattr(cell, name) + delta)
        cell.version += 1
        self.settle_pools(key)

    def is_deleted(self, node_ix: int) -> bool:
        return self.node_states.get(node_ix) == DELETED

    # Time -------------------------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Every due hold back to stock, and everything past its retention forgotten."""
        members = [member for member, at in self.due.items() if at <= self.now]
        for member in sorted(members, key=lambda member: member.startswith("a:")):
            if member.startswith("a:"):
                self.give_back(member)
                continue
            if member.startswith("n:"):
                self.turn_day(int(member[2:]))
                continue
            if member.startswith("u:"):
                self._end_pause(member[2:])
                continue
            record = self.records.get(member[2:]) if member.startswith("r:") else None
            if record is not None and record.state == ReservationState.HELD:
                self._expire(member[2:], record)
                continue
            del self.due[member]
            is_record = member.startswith("r:") and member[2:] in self.records
            (self.records if is_record else self.answers).pop(member[2:], None)

    def _expire(self, reservation_id: str, record: Record) -> None:
        for line in record.lines:
            if line.open:
                self._change_line(reservation_id, line, 0, held=-line.open)
        record.state, record.updated_ms = ReservationState.EXPIRED, self.now
        self.settle_draws(record)
        self.settle(record, self.fulfilled_at(record))
        self.due[f"r:{reservation_id}"] = self.now + self._retention_ms

    # Idempotency ------------------------------------------------------------------------------------------------------

    def is_new(self, request_id: str) -> bool:
        """Whether no request of any kind came with this id."""
        return request_id not in self.answers and request_id not in self.records

    def _once(
        self, request_id: str, request: Fingerprint, act: Callable[[], object], *, kind: str = "r"
    ) -> tuple[object, bool]:
        """The answer (or error) of `act`, or the first one of this request id; and whether it is a repeated one."""
        if request_id in self.answers:
            digest, answer = self.answers[request_id]
            if digest != request.digest:
                raise _reused(request, digest)
            if isinstance(answer, Exception):
                raise answer
            return answer, True
        if request_id in self.records:
            raise _reused(request, self.records[request_id].digest)
        try:
            answer = act()
        except (FailedPrecondition, AlreadyExists, InvalidRequest) as refusal:
            answer = refusal
        if request_id:
            self.answers[request_id] = (request.digest, answer)
            self.due[f"{kind}:{request_id}"] = self.now + self._retention_ms
        if isinstance(answer, Exception):
            raise answer
        return answer, False

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
        limits: HoldLimits = NO_LIMITS,
        slips: Sequence[int] = (),
        channel: str = "",
    ) -> tuple[Reservation, bool]:
        found = self.records.get(request_id)
        if found is not None:
            if found.digest != request.digest:
                raise _reused(request, found.digest)
            return found.frozen(request_id), True
        if request_id in self.answers:
            raise _reused(request, self.answers[request_id][0])
        wanted = [tuple(cells[i : i + 3]) for i in range(0, len(cells), 3)]
        lines = self._granted_within(limits, owner_id, wanted, slips, channel)
        if any(line.reason for line in lines):
            self.sweep()
            lines = self._granted_within(limits, owner_id, wanted, slips, channel)
        outcome = ReserveOutcome.RESERVED
        if any(line.reason for line in lines):
            nothing = all_or_nothing or not any(line.granted for line in lines)
            outcome = ReserveOutcome.REFUSED if nothing else ReserveOutcome.PARTIALLY_RESERVED
        expires = self.now + ttl_ms
        record = Record(
            request.digest, ReservationState.HELD, self.now, self.now, expires, ttl_ms, owner_id, order_id, outcome,
            extra, lines, outcome != ReserveOutcome.REFUSED and limits.limit_owners,
            channel=channel if outcome != ReserveOutcome.REFUSED else "",
        )  # fmt: skip
        due = expires
        if outcome == ReserveOutcome.REFUSED:
            record.state, record.expires_ms, due = ReservationState.RELEASED, 0, self.now + self._retention_ms
            for line in lines:
                line.granted = line.open = 0
        for line in lines:
            if outcome == ReserveOutcome.RESERVED:
                line.available = 0
            if line.granted:
                self.draw(record, line.key, line.granted)
                self._change(line.key, held=line.granted)
        self._take_first(record, Plan(self, slips=slips))
        if outcome != ReserveOutcome.REFUSED or keep_refusal:
            self.records[request_id] = record
            self.due[f"r:{request_id}"] = due
        return record.frozen(request_id), False

    def _take_first(self, record: Record, plan: Plan) -> None:
        units: dict[int, int] = {}
        for line in record.lines:
            if line.inbound_id is None:
                units[line.node_ix] = units.get(line.node_ix, 0) + line.open * line.parts
        self.take_on(record, units, plan)
        record.first_days = len(record.ties)

    def _record(
        self, request_id: str, request: Fingerprint, plan: list[Shares], whole: bool, granted: int, ttl_ms: int,
        owner_id: str, order_id: str, channel: str, limits: HoldLimits,
    ) -> Reservation:  # fmt: skip
        """The reservation that counts on what is to come, or its refusal: filed under its id."""
        lines = []
        for x in plan:
            short = bool(x.missing)
            able = x.wanted - x.missing if short else 0
            lines.append(Line(x.node_ix, x.sku_ix, x.wanted, x.stock, x.stock, 0, able, x.reason if short else 0))
            lines += [Line(x.node_ix, x.sku_ix, 0, units, units, 0, 0, 0, inbound) for inbound, units in x.bound]
        outcome = ReserveOutcome.RESERVED if whole else ReserveOutcome.PARTIALLY_RESERVED
        state, expires = ReservationState.HELD, self.now + ttl_ms
        if not granted:
            state, expires, outcome = ReservationState.RELEASED, 0, ReserveOutcome.REFUSED
        self.records[request_id] = record = Record(
            request.digest,
            state,
            self.now,
            self.now,
            expires,
            ttl_ms,
            owner_id,
            order_id,
            outcome,
            b"",
            lines,
            bool(granted) and limits.limit_owners,
            channel=channel if granted else "",
        )
        self.due[f"r:{request_id}"] = expires or self.now + self._retention_ms
        for line in lines:
            if line.inbound_id is not None:
                self.bound.setdefault((line.key, line.inbound_id), []).append(request_id)
            if line.granted:
                if line.inbound_id is None:
                    self.draw(record, line.key, line.granted)
                self._change_line(request_id, line, line.open, held=line.granted)
        self._take_first(record, Plan(self))
        return record.frozen(request_id)

    def owned(self) -> dict[str, int]:
        """What owners hold under rules that limit them: units by `<sku>:<owner>`, reservations by `:<owner>`."""
        found: dict[str, int] = {}
        for record in self.records.values():
            if record.owned and record.state == ReservationState.HELD:
                found[f":{record.owner_id}"] = found.get(f":{record.owner_id}", 0) + 1
                for (_, sku_ix), units in [cell for line in record.lines for cell in line.counted]:
                    key = f"{sku_ix}:{record.owner_id}"
                    found[key] = found.get(key, 0) + units
        return {key: count for key, count in found.items() if count}

    def owner_room(self, owner_id: str, limits: HoldLimits) -> Callable[..., int]:
        """Units of a sku that an owner may still hold; with `taken` that many fewer from then on."""
        owned = self.owned()
        full = 0 < limits.owner_holds_max <= owned.get(f":{owner_id}", 0)

        def room(sku_ix: int, taken: int = 0) -> int:
            key = f"{sku_ix}:{owner_id}"
            owned[key] = owned.get(key, 0) + taken
            free = max(0, limits.owner_units_max - owned[key]) if limits.owner_units_max else ANY_UNITS
            return 0 if full else free

        return room

    def _granted_within(
        self, limits: HoldLimits, owner_id: str, wanted: Sequence[Any], slips: Sequence[int], channel: str
    ) -> list[Line]:
        room, plan = self.owner_room(owner_id, limits), Plan(self, slips=slips)
        lines = []
        for node_ix, sku_ix, quantity in wanted:
            line = self._granted(node_ix, sku_ix, quantity, limits.held_share_max, channel)
            left = room(sku_ix)
            if left < line.available:
                line.granted = line.open = min(left, quantity)
                line.available = left
                line.reason = 0 if left >= quantity else ShortfallReason.OWNER_LIMIT
            cut_to(line, plan.left(node_ix))
            plan.left(node_ix, line.granted)
            room(sku_ix, line.granted)
            lines.append(line)
        return lines

    def _granted(self, node_ix: int, sku_ix: int, quantity: int, held_share_max: int = 0, channel: str = "") -> Line:
        cell = self.cell((node_ix, sku_ix))
        free, short = self.available_to((node_ix, sku_ix), channel), ShortfallReason.INSUFFICIENT_STOCK
        of_pools = self.available_to((node_ix, sku_ix), claim_of(channel).channel)
        if free == of_pools < cell.free:
            short = ShortfallReason.KEPT_FOR_OTHERS
        room = (cell.free + cell.held) * held_share_max // 1000 - cell.held
        if held_share_max and room < free and cell.mode == STOCKED:
            free, short = room, ShortfallReason.HOLD_LIMIT
        free = max(0, free)
        if self.node_states.get(node_ix, ACTIVE) != ACTIVE:
            return Line(node_ix, sku_ix, quantity, 0, 0, 0, 0, ShortfallReason.NODE_PAUSED)
        take = min(free, quantity)
        reason = ShortfallReason.NONE if take == quantity else short
        return Line(node_ix, sku_ix, quantity, take, take, 0, free, reason)

    def reserve_lots(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        lots: Sequence[LotLine],
        all_or_nothing: bool,
        ttl_ms: int,
        owner_id: str,
        order_id: str,
        keep_refusal: bool = True,
        limits: HoldLimits = NO_LIMITS,
        slips: Sequence[int] = (),
        channel: str = "",
    ) -> tuple[Reservation, bool]:
        found = self.records.get(request_id)
        if found is not None:
            if found.digest != request.digest:
                raise _reused(request, found.digest)
            return found.frozen(request_id), True
        if request_id in self.answers:
            raise _reused(request, self.answers[request_id][0])
        shares = self._share_out(lots, limits, owner_id, slips, channel)
        if any(line.reason for line in shares):
            self.sweep()
            shares = self._share_out(lots, limits, owner_id, slips, channel)
        whole = not any(line.reason for line in shares)
        nothing = not whole and (all_or_nothing or not any(line.granted for line in shares))
        lines = [Line(*line[:-1], line.components) for line in shares]
        for line in lines:
            if whole:
                line.available = 0
            if nothing:
                line.granted = line.open = 0
        expires, outcome = self.now + ttl_ms, ReserveOutcome.RESERVED if whole else ReserveOutcome.PARTIALLY_RESERVED
        record = Record(
            request.digest, ReservationState.HELD, self.now, self.now, expires, ttl_ms, owner_id, order_id, outcome,
            b"", lines, not nothing and limits.limit_owners, channel="" if nothing else channel,
        )  # fmt: skip
        due = expires
        if nothing:
            record.state, record.expires_ms, record.outcome = ReservationState.RELEASED, 0, ReserveOutcome.REFUSED
            due = self.now + self._retention_ms
        takes: dict[Key, int] = {}
        for line in lines:
            for key, units in line.cells:
                takes[key] = takes.get(key, 0) + line.granted * units
        for key, units in takes.items():
            if units:
                self.draw(record, key, units)
                self._change(key, held=units)
        self._take_first(record, Plan(self, slips=slips))
        if not nothing or keep_refusal:
            self.records[request_id] = record
            self.due[f"r:{request_id}"] = due
        return record.frozen(request_id), False

    def _share_out(
        self, lots: Sequence[LotLine], limits: HoldLimits, owner_id: str, slips: Sequence[int], channel: str = ""
    ) -> list[ReservationLine]:
        """Line by line, what the lines before have left."""
        left: dict[Key, Line] = {}
        lines = []
        room, plan = self.owner_room(owner_id, limits), Plan(self, slips=slips)
        for lot in lots:
            components = lot.components or ((lot.sku_ix, 1),)
            cells = [((lot.node_ix, sku_ix), units * lot.step) for sku_ix, units in components]
            for key, _ in cells:
                left.setdefault(key, self._granted(*key, 10 * CELL_QUANTITY_MAX, limits.held_share_max, channel))
            bounds = []
            for key, units in cells:
                bounds.append((left[key].available // units, left[key].reason))
                bounds.append((room(key[1]) // units, ShortfallReason.OWNER_LIMIT))
            in_lot = sum(units for _, units in cells)
            bounds.append((plan.left(lot.node_ix) // in_lot, ShortfallReason.CAPACITY_FULL))
            able, reason = min(bounds, key=lambda bound: bound[0])
            granted = min(able, lot.lots)
            lines.append(lot.line(granted, able * lot.step, reason if granted < lot.lots else 0))
            plan.left(lot.node_ix, granted * in_lot)
            for key, units in cells:
                left[key].available -= granted * units
                room(key[1], granted * units)
        return lines

    def is_kit(self, sku_ix: int) -> bool:
        return self.sku_states.get(sku_ix) == KIT

    def confirm(
        self,
        request_id: str,
        request: Fingerprint,
        reservation_id: str,
        *,
        order_id: str,
        reacquire: bool = False,
        cells: Sequence[int] = (),
    ) -> tuple[Reservation, bool]:
        def act(record: Record) -> None:
            if record.state == ReservationState.CONFIRMED and not cells and order_id in ("", record.order_id):
                return
            if record.state != ReservationState.EXPIRED:
                _check_state(reservation_id, record, ReservationState.HELD)
            kept = _taken(record, cells)
            if record.state == ReservationState.EXPIRED:
                self._reacquire(reservation_id, record, kept)
            for line, take in kept:
                if record.state == ReservationState.EXPIRED and take:
                    for key, units in line.cells:
                        self.draw(record, key, take * units)
                held = line.open if record.state == ReservationState.HELD else 0
                if held or take:
                    self._change_line(reservation_id, line, take, held=-held, committed=take)
                line.open = take
            again = record.state == ReservationState.EXPIRED
            record.state, record.updated_ms, record.expires_ms = ReservationState.CONFIRMED, self.now, 0
            if again:
                units: dict[int, int] = {}
                for line, take in kept:
                    units[line.node_ix] = units.get(line.node_ix, 0) + take * line.parts
                self.take_on(record, units)
            record.order_id = order_id or record.order_id
            self.settle_draws(record)
            self.due.pop(f"r:{reservation_id}", None)

        return self._on_reservation(request_id, request, reservation_id, act, reacquire=reacquire)

    def _reacquire(self, reservation_id: str, record: Record, kept: list[tuple[Line, int]]) -> None:
        wanted: dict[Key, int] = {}
        for line, take in kept:
            for key, units in line.cells if take else ():
                wanted[key] = wanted.get(key, 0) + take * units
        for sweep in (False, True):
            if sweep:
                self.sweep()
            plan = Plan(self)
            stock = all(self._granted(*key, units, 0, record.channel).granted == units for key, units in wanted.items())
            room = all(plan.left(line.node_ix, take * line.parts) >= 0 for line, take in kept)
            if stock and room and not any(take and line.inbound_id is not None for line, take in kept):
                return
        raise _expired(reservation_id, record)

    def transfer(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, moves: Sequence[int]
    ) -> tuple[tuple[Reservation, tuple[Short, ...]], bool]:
        short: tuple[Short, ...] = ()

        def act(record: Record) -> None:
            nonlocal short
            _check_state(reservation_id, record, ReservationState.HELD, ReservationState.CONFIRMED)
            _taken(record, _leaving(moves), in_stock=True)
            short = self._carry(reservation_id, record, moves)

        return self._on_reservation(request_id, request, reservation_id, act, answer=lambda found: (found, short))  # type: ignore[return-value]

    def resource(
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
        slips: Sequence[int] = (),
    ) -> object:
        def act(record: Record) -> None:
            _check_state(reservation_id, record, ReservationState.HELD, ReservationState.CONFIRMED)
            if record.extra != extra_before:
                raise PassingError(None)
            _taken(record, [*back, *_leaving(moves)])
            short = self._carry(reservation_id, record, moves, slips, in_stock=False) if moves else ()
            if short:
                raise PassingError(short)
            record.extra = extra
            if back:
                self._give_back(reservation_id, record, _taken(record, back))

        try:
            return self._on_reservation(request_id, request, reservation_id, act, answer=lambda found: (found, told))
        except PassingError as passing:
            return passing.answer

    def _carry(
        self,
        reservation_id: str,
        record: Record,
        moves: Sequence[int],
        slips: Sequence[int] = (),
        in_stock: bool = True,
    ) -> tuple[Short, ...]:
        """Units to other nodes, all or none: those in stock first, then those that are bound; the cells that have too few."""

        def shortage(record: Record, has: Sequence[int]) -> tuple[Short, ...]:
            plan = Plan(self, has, slips)
            kits = {line.key: line.components for line in record.lines if line.components}
            wanted: dict[Key, int] = {}
            for i in range(0, len(moves), 4):
                for sku_ix, per_kit in kits.get((moves[i], moves[i + 2]), ((moves[i + 2], 1),)):
                    key = (moves[i + 1], sku_ix)
                    wanted[key] = wanted.get(key, 0) + moves[i + 3] * per_kit
            found = [(key, self._granted(*key, units, 0, record.channel)) for key, units in wanted.items()]
            for (node_ix, _), line in found:
                cut_to(line, plan.left(node_ix))
                plan.left(node_ix, line.granted)
            return tuple(Short(*key, x.requested, x.available, x.reason) for key, x in found if x.reason)

        has = [tie.node_ix for tie in record.ties if tie.unit == CapacityUnit.ORDERS and tie.open]
        short = shortage(record, has)
        if short:
            self.sweep()
            short = shortage(record, has)
        if short:
            return short
        column = "held" if record.state == ReservationState.HELD else "committed"
        lines = {line.key: line for line in record.lines if line.inbound_id is None}
        moved: dict[int, int] = {}
        for left, to_ix, sku_ix, units in _parts_of(record, moves, in_stock):
            left.granted, left.open = left.granted - units, left.open - units
            self._change_line(reservation_id, left, left.open, **{column: -units})
            if (to_ix, sku_ix) not in lines:
                lines[to_ix, sku_ix] = Line(to_ix, sku_ix, 0, 0, 0, 0, 0, 0, None, left.components)
                record.lines.append(lines[to_ix, sku_ix])
            there = lines[to_ix, sku_ix]
            there.granted, there.open = there.granted + units, there.open + units
            for key, per_kit in there.cells:
                self.draw(record, key, units * per_kit)
            self._change_line(reservation_id, there, there.open, **{column: units})
            if to_ix not in has:
                moved[to_ix] = moved.get(to_ix, 0) + units * there.parts
        self.settle_draws(record)
        self.take_on(record, moved, Plan(self, slips=slips))
        record.updated_ms = self.now
        return ()

    def extend(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, ttl_ms: int
    ) -> tuple[Reservation, bool]:
        def act(record: Record) -> None:
            _check_state(reservation_id, record, ReservationState.HELD)
            record.expires_ms, record.updated_ms = self.now + ttl_ms, self.now
            self.due[f"r:{reservation_id}"] = record.expires_ms

        return self._on_reservation(request_id, request, reservation_id, act)

    def release(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, cells: Sequence[int] = ()
    ) -> tuple[Reservation, bool]:
        def act(record: Record) -> None:
            if record.state == ReservationState.RELEASED and not cells:
                return
            _check_state(reservation_id, record, ReservationState.HELD, ReservationState.CONFIRMED)
            self._give_back(reservation_id, record, _taken(record, cells, last_first=True))

        return self._on_reservation(request_id, request, reservation_id, act)

    def _give_back(self, reservation_id: str, record: Record, taken: Sequence[tuple[Line, int]]) -> None:
        column = "held" if record.state == ReservationState.HELD else "committed"
        for line, take in taken:
            if take:
                line.open -= take
                self._change_line(reservation_id, line, line.open, **{column: -take})
        self._close_if_done(reservation_id, record)

    def fulfill(
        self, request_id: str, request: Fingerprint, reservation_id: str, *, cells: Sequence[int] = ()
    ) -> tuple[Reservation, bool]:
        def act(record: Record) -> None:
            if record.state == ReservationState.FULFILLED and not cells:
                return
            _check_state(reservation_id, record, ReservationState.CONFIRMED)
            taken = _taken(record, cells, in_stock=True)
            if not any(take for _, take in taken) and any(line.open for line in record.lines):
                raise FailedPrecondition("QUANTITY_EXCEEDS_RESERVATION", "")
            for line, take in taken:
                if take:
                    line.open -= take
                    line.fulfilled += take
                    for key, per_kit in line.cells:
                        units = take * per_kit
                        self._move(key, self.now, -units)
                        cell = self.cells[key]
                        cell.committed, cell.on_hand = cell.committed - units, max(cell.on_hand - units, 0)
                        self.follow_rules(key, cell)
                        self._change(key)
            self._close_if_done(reservation_id, record, consumed=True)

        return self._on_reservation(request_id, request, reservation_id, act)

    def _on_reservation(
        self,
        request_id: str,
        request: Fingerprint,
        reservation_id: str,
        act: Callable[[Record], None],
        *,
        reacquire: bool = False,
        answer: Callable[[Reservation], Any] = lambda found: found,
    ) -> tuple[Reservation, bool]:
        def on_record() -> object:
            record = self.records.get(reservation_id)
            if record is None or record.outcome == ReserveOutcome.REFUSED:
                raise NotFound("RESERVATION_NOT_FOUND", "", reservation_id=reservation_id)
            if record.state == ReservationState.HELD and record.expires_ms <= self.now:
                self._expire(reservation_id, record)
            if record.state == ReservationState.EXPIRED and not reacquire:
                raise _expired(reservation_id, record)
            before, fulfilled = deepcopy(record), self.fulfilled_at(record)
            try:
                act(record)
                if record != before:
                    self.settle(record, fulfilled)
            except FailedPrecondition:
                if reservation_id in self.records:  # else a sweep meanwhile has forgotten it
                    self.records[reservation_id] = before
                raise
            self.records[reservation_id] = record  # a sweep meanwhile may have forgotten one that was long over
            return answer(record.frozen(reservation_id))

        found, replayed = self._once(request_id, request, on_record)
        return found, replayed  # type: ignore[return-value]

    def _close_if_done(self, reservation_id: str, record: Record, *, consumed: bool = False) -> None:
        record.updated_ms = self.now
        self.settle_draws(record, consumed=consumed)
        if not any(line.open for line in record.lines):
            fulfilled = any(line.fulfilled for line in record.lines)
            record.state = ReservationState.FULFILLED if fulfilled else ReservationState.RELEASED
            record.expires_ms = 0
            self.due[f"r:{reservation_id}"] = self.now + self._retention_ms

    # Stock ------------------------------------------------------------------------------------------------------------

    def apply_deltas(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        items: Sequence[int],
        reason: str,
        occurred_ms: Sequence[int] = (),
        merge_late: bool = False,
        position: FeedPosition | None = None,
    ) -> tuple[object, bool]:
        def change(key: Key, values: Sequence[int]) -> FeedOutcome:
            units, at = values
            if at > self.now + CLOCK_ALLOWANCE_MS:
                return FeedOutcome.IN_FUTURE
            if 0 < at <= self.cell(key).counted_at_ms and not merge_late:
                return FeedOutcome.ABSORBED
            on_hand = self.cell(key).on_hand + units
            if on_hand < 0:
                return FeedOutcome.INSUFFICIENT_ON_HAND
            if on_hand > CELL_QUANTITY_MAX:
                return FeedOutcome.OVERFLOW
            self._move(key, at or self.now, units)
            changed = self.cells.setdefault(key, Cell())
            changed.on_hand += units
            self.follow_rules(key, changed)
            self._change(key)
            return FeedOutcome.APPLIED

        timed = [
            x for i in range(0, len(items), 3) for x in (*items[i : i + 3], (occurred_ms or [0] * len(items))[i // 3])
        ]

        def apply() -> list[FeedResult]:
            return self._applied(timed, 4, change)

        if position is None or not self.is_new(request_id):
            return self._once(request_id, request, apply)
        return self._in_sequence(request_id, request, position, len(timed) // 4, apply)

    def _in_sequence(
        self,
        request_id: str,
        request: Fingerprint,
        position: FeedPosition,
        deltas: int,
        apply: Callable[[], list[FeedResult]],
    ) -> tuple[object, bool]:
        source = self.sources.get(position.source_id) or Source(position.epoch)
        sequence = position.sequence

        def placed(outcome: SequenceOutcome) -> tuple[object, bool]:
            return ([], FeedPlace(outcome, source.epoch, source.expected, [])), False

        if position.epoch < source.epoch:
            return placed(SequenceOutcome.STALE_EPOCH)
        if position.epoch > source.epoch:
            source = Source(position.epoch)
        if sequence < source.expected:
            return placed(SequenceOutcome.DUPLICATE)
        if sequence in source.parked:
            return placed(SequenceOutcome.PARKED)
        if sequence > source.expected:
            parked = sum(entry[2] for entry in source.parked.values())
            if len(source.parked) >= PARKED_MAX or parked + deltas > PARKED_DELTAS_MAX:
                return placed(SequenceOutcome.PARKING_FULL)
            source.parked[sequence] = (request_id, request, deltas, apply)
            self.sources[position.source_id] = source
            return placed(SequenceOutcome.PARKED)
        self.sources[position.source_id] = source

        def act() -> object:
            results, released = apply(), []
            source.expected += 1
            while source.expected in source.parked:
                released.append(self._release(source))
            return results, FeedPlace(SequenceOutcome.IN_SEQUENCE, source.epoch, source.expected, released)

        return self._once(request_id, request, act)

    def _release(self, source: Source) -> ReleasedDeltas:
        sequence = source.expected
        request_id, request, _, apply = source.parked.pop(sequence)
        source.expected += 1
        place = FeedPlace(SequenceOutcome.IN_SEQUENCE, source.epoch, source.expected, [])
        try:
            answer, _ = self._once(request_id, request, lambda: (apply(), place))
        except AlreadyExists:
            return ReleasedDeltas(sequence, request_id, [])
        results = answer[0] if isinstance(answer, tuple) else answer
        return ReleasedDeltas(sequence, request_id, results)  # type: ignore[arg-type]

    def apply_counts(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        as_of_ms: int,
        items: Sequence[int],
        expected_on_hand: int = -1,
        expected_version: int = -1,
        source: str = "",
    ) -> tuple[list[FeedResult], bool]:
        expecting = expected_on_hand >= 0 or expected_version >= 0

        def change(key: Key, values: Sequence[int]) -> FeedOutcome:
            cell = self.cell(key)
            as_of = as_of_ms or max(self.now, cell.counted_at_ms)
            if expected_on_hand not in (-1, cell.on_hand) or expected_version not in (-1, cell.version):
                return FeedOutcome.CONFLICT
            after = Cell(
                values[0],
                cell.unavailable if values[1] < 0 else values[1],
                cell.safety_stock if values[2] < 0 else values[2],
                cell.held,
                cell.committed,
                cell.version,
                as_of,
                cell.mode,
                cell.ring_fenced,
                cell.count_source,
            )
            if key in self.cells and cell == after:
                return FeedOutcome.UNCHANGED
            after.count_source = source
            known = as_of < cell.counted_at_ms or (as_of == cell.counted_at_ms and as_of_ms > 0)
            if not expecting and known:
                return FeedOutcome.STALE
            moves = self.moves.get(key, Moves())
            if not expecting:
                if as_of < moves.forgotten_ms:
                    return FeedOutcome.TOO_OLD
                after.on_hand = max(0, after.on_hand + sum(units for at, units in moves.known if at > as_of))
                if after.on_hand > CELL_QUANTITY_MAX:
                    return FeedOutcome.OVERFLOW
            after.counted_at_ms = max(as_of, cell.counted_at_ms)
            moves.known = [(at, units) for at, units in moves.known if at > after.counted_at_ms]
            if not moves.known and moves.forgotten_ms <= after.counted_at_ms:
                self.moves.pop(key, None)
            if values[2] >= 0:
                self.mark_own(key)
            if after.unavailable < cell.unavailable:
                self._fit_reasons(key, after.unavailable)
            self.follow_rules(key, after)
            self.cells[key] = after
            self._change(key)
            return FeedOutcome.APPLIED

        if self.is_new(request_id) and as_of_ms > self.now + CLOCK_ALLOWANCE_MS:
            raise InvalidRequest("INVALID_FIELD", "", field="as_of", rule="must not be later than the store's clock")
        return self._feed(request_id, request, items, 5, change)

    def _fit_reasons(self, key: Key, unavailable: int) -> None:
        reasons = self.reasons.get(key, {})
        for name in sorted(reasons):
            reasons[name] = min(reasons[name], unavailable)
            unavailable -= reasons[name]

    def shown_reasons(self) -> dict[Key, Reasons]:
        found = {key: tuple(sorted((k, v) for k, v in reasons.items() if v)) for key, reasons in self.reasons.items()}
        return {key: reasons for key, reasons in found.items() if reasons}

    def reclassify(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, units: int, from_reason: str,
        to_reason: str,
    ) -> tuple[Any, bool]:  # fmt: skip
        def change(key: Key, values: Sequence[int]) -> FeedOutcome:
            cell, reasons = self.cell(key), self.reasons.setdefault(key, {})
            there = {
                SELLABLE: cell.on_hand - cell.unavailable,
                UNSPECIFIED: cell.unavailable - sum(reasons.values()),
            }.get(from_reason, reasons.get(from_reason, 0))
            if there < units:
                return FeedOutcome.INSUFFICIENT_ON_HAND
            for name, delta in ((from_reason, -units), (to_reason, units)):
                if name not in (SELLABLE, UNSPECIFIED):
                    reasons[name] = reasons.get(name, 0) + delta
            self.follow_rules(key, self.cells.setdefault(key, Cell()))
            self._change(key, unavailable=units * ((to_reason != SELLABLE) - (from_reason != SELLABLE)))
            return FeedOutcome.APPLIED

        def act() -> object:
            results, _ = self._feed("", request, (node_ix, sku_ix, 0), 3, change)
            return results, self.shown_reasons().get((node_ix, sku_ix), ())

        return self._once(request_id, request, act)

    def preview_counts(self, *, as_of_ms: int, items: Sequence[int]) -> list[CountPreview]:
        found = []
        for i in range(0, len(items), 5):
            tried = Model(self._now_ms)
            tried.cells, tried.moves, tried.pools = deepcopy(self.cells), deepcopy(self.moves), deepcopy(self.pools)
            tried.node_states, tried.sku_states = self.node_states, self.sku_states
            tried.evidence, tried.classes = self.evidence, self.classes
            tried.rules, tried.entries, tried.marks = self.rules, self.entries, dict(self.marks)
            tried.had_rules, tried.adopted = self.had_rules, self.adopted
            before = tried.cell((items[i], items[i + 1]))
            on_hand, available = before.on_hand, max(0, tried.available_to((items[i], items[i + 1]), ""))
            ((result,), _) = tried.apply_counts("", Fingerprint((), b""), as_of_ms=as_of_ms, items=items[i : i + 5])
            if result.outcome in (FeedOutcome.UNKNOWN_NODE, FeedOutcome.UNKNOWN_SKU, FeedOutcome.IS_KIT):
                on_hand = available = 0  # what is not there, or has no stock of its own, is not looked at
            found.append(CountPreview(result.outcome, on_hand, available, result.on_hand, result.available))
        return found

    def set_safety_stock(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, quantity: int
    ) -> tuple[list[FeedResult], bool]:
        def change(key: Key, values: Sequence[int]) -> FeedOutcome:
            units = values[0]
            if units < 0:
                units = self.safety_by_rules(key, self.cell(key).on_hand) if self.had_rules else 0
                if self.had_rules:
                    self.marks[key] = "r"
            else:
                self.mark_own(key)
            delta = units - self.cell(key).safety_stock
            if not delta:
                return FeedOutcome.UNCHANGED
            self._change(key, safety_stock=delta)
            return FeedOutcome.APPLIED

        return self._feed(request_id, request, (node_ix, sku_ix, quantity), 3, change)

    def _feed(
        self,
        request_id: str,
        request: Fingerprint,
        items: Sequence[int],
        width: int,
        change: Callable[[Key, Sequence[int]], FeedOutcome],
    ) -> tuple[list[FeedResult], bool]:
        answer, replayed = self._once(request_id, request, lambda: self._applied(items, width, change))
        assert isinstance(answer, list)
        return answer, replayed

    def _applied(
        self, items: Sequence[int], width: int, change: Callable[[Key, Sequence[int]], FeedOutcome]
    ) -> list[FeedResult]:
        results = []
        for i in range(0, len(items), width):
            key = (items[i], items[i + 1])
            if self.node_states.get(key[0]) == DELETED:
                results.append(FeedResult(FeedOutcome.UNKNOWN_NODE, 0, 0))
                continue
            if self.sku_states.get(key[1]) in (KIT, DELETED):
                kit = self.is_kit(key[1])
                results.append(FeedResult(FeedOutcome.IS_KIT if kit else FeedOutcome.UNKNOWN_SKU, 0, 0))
                continue
            short = self.cell(key).frozen().deficit
            outcome = change(key, items[i + 2 : i + width])
            cell = self.cell(key)
            if cell.frozen().deficit and not short:
                self.deficit_since[key] = self.now
            results.append(FeedResult(outcome, cell.on_hand, max(0, self.available_to(key, ""))))
        return results

    # Catalogue --------------------------------------------------------------------------------------------------------

    def put_resource(
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
        stock_class: str = "",
    ) -> tuple[tuple[int, bytes, int], bool]:
        for name in requires if self.is_new(request_id) else ():
            if not self.entries.get(name, [0, None])[1]:
                required_kind, _, required = name.partition(":")
                raise InvalidRequest("REFERENCE_NOT_FOUND", "", kind=required_kind, id=required)
        if kind == "sku" and state == KIT and self.is_new(request_id):
            self._check_kit(resource_id, requires)

        def act() -> object:
            entry = self.entries.get(f"{kind}:{resource_id}")
            if entry is None:
                self._next[kind] = self._next.get(kind, 0) + 1
            index = self._next[kind] - 1 if entry is None else entry[0]
            after = state
            if kind == "node":
                if entry is not None and entry[1]:
                    after = entry[2]
                else:
                    self.node_states[index] = state
                if index in self.capacities:
                    self.capacities[index].cutoff, *self.capacities[index].offsets = clock
                    self.turn_day(index)
                    after = self.entries[f"node:{resource_id}"][2] if entry is not None and entry[1] else after
            if kind == "sku":
                self._set_sku_state(index, state)
                self.classes[index] = stock_class
            self.entries[f"{kind}:{resource_id}"] = [index, value, after, list(requires)]
            if kind == "safety_rule":
                about = {name.partition(":")[0]: name.partition(":")[2] for name in requires}
                self.rules[resource_id] = SafetyStockRule(
                    resource_id, sku=about.get("sku", ""), node_id=about.get("node", ""),
                    node_group_id=about.get("node_group", ""), quantity=terms[1], share_permille=terms[2],
                    by_confidence=bool(terms[3]), fulfillment_method=terms[0],
                )  # fmt: skip
                self.had_rules = True
            paused = self.due.get(f"u:{resource_id}", 0) if kind == "node" else 0
            return index, value, after, paused

        answer, replayed = self._once(request_id, request, act)
        return answer, replayed  # type: ignore[return-value]

    def _is_node(self, node_ix: int) -> bool:
        """Whether the catalogue ever had the node: what concerns all cells of a sku looks at these."""
        return node_ix < self._next.get("node", 0)

    def _check_kit(self, sku: str, requires: Sequence[str]) -> None:
        """A kit has no stock of its own, contains no kits, and is in none."""
        entry = self.entries.get(f"sku:{sku}")
        used = any(f"sku:{sku}" in other[3] for other in self.entries.values() if other[1])
        if used or any(name == f"sku:{sku}" or self.entries[name][2] == KIT for name in requires):
            raise InvalidRequest("INVALID_FIELD", "", **CYCLIC)
        if entry is not None:
            if any(key[1] == entry[0] and self._is_node(key[0]) for key in self._used_cells() + self.awaited_cells()):
                raise FailedPrecondition("RESOURCE_IN_USE", "", kind="sku", id=sku, used_by="stock")

    def _used_cells(self) -> list[Key]:
        return [
            key
            for key, cell in self.cells.items()
            if cell.on_hand or cell.held or cell.committed or cell.ring_fenced is not None
        ]

    def _set_sku_state(self, index: int, state: int) -> None:
        if self.sku_states.get(index, STOCKED) == state:
            return
        self.sku_states[index] = state
        mode = MODES.get(state, STOCKED)
        for key, cell in self.cells.items():
            if key[1] == index and cell.mode != mode and self._is_node(key[0]):
                short = cell.frozen().deficit
                cell.mode = mode
                self._change(key)
                if cell.frozen().deficit and not short:
                    self.deficit_since[key] = self.now

    def set_node_state(
        self, request_id: str, request: Fingerprint, *, node_id: str, state: int, until_ms: int = 0
    ) -> tuple[tuple[int, bytes, int], bool] | None:
        entry = self.entries.get(f"node:{node_id}")
        if self.is_new(request_id) and (entry is None or not entry[1]):
            return None

        def act() -> object:
            nonlocal state, until_ms
            assert entry is not None
            if 0 < until_ms <= self.now:
                state, until_ms = ACTIVE, 0
            self.node_states[entry[0]] = state
            entry[2] = FULL if state == ACTIVE and self.published.get(entry[0]) else state
            self.due.pop(f"u:{node_id}", None)
            if until_ms:
                self.due[f"u:{node_id}"] = until_ms
            return entry[0], entry[1], entry[2], until_ms

        answer, replayed = self._once(request_id, request, act)
        return answer, replayed  # type: ignore[return-value]

    def _end_pause(self, node_id: str) -> None:
        del self.due[f"u:{node_id}"]
        entry = self.entries[f"node:{node_id}"]
        if entry[2] == PAUSED:
            self.node_states[entry[0]] = ACTIVE
            entry[2] = FULL if self.published.get(entry[0]) else ACTIVE

    def set_capacity(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        node_id: str,
        seen: bytes,
        capacity: Capacity | None,
        clock: Sequence[int],
    ) -> tuple[bytes | None, bool] | None:
        entry = self.entries.get(f"node:{node_id}")
        if self.is_new(request_id):
            if entry is None or not entry[1]:
                return None
            if entry[1] != seen:
                return entry[1], False

        def act() -> object:
            assert entry is not None
            node, had = entry[0], entry[0] in self.capacities
            self.capacities.pop(node, None)
            if capacity is not None:
                self.capacities[node] = Config(
                    capacity.limit, capacity.unit, capacity.on_full, capacity.weekdays, clock[0], clock[1:]
                )
            if had or capacity is not None:
                self.publish(node)

        _, replayed = self._once(request_id, request, act)
        return None, replayed

    def delete_resource(
        self, request_id: str, request: Fingerprint, *, kind: str, resource_id: str
    ) -> tuple[tuple[int, bytes, int], bool] | None:
        entry = self.entries.get(f"{kind}:{resource_id}")
        if self.is_new(request_id):
            if entry is None or not entry[1]:
                return None
            if any(f"{kind}:{resource_id}" in other[3] for other in self.entries.values() if other[1]):
                raise FailedPrecondition("RESOURCE_IN_USE", "", kind=kind, id=resource_id, used_by=REFERRING[kind])
            at = {"node": 0, "sku": 1}.get(kind)
            touched = [
                key for key in self._used_cells() + self.awaited_cells() if kind == "node" or self._is_node(key[0])
            ]
            if at is not None and any(key[at] == entry[0] for key in touched):
                raise FailedPrecondition("RESOURCE_IN_USE", "", kind=kind, id=resource_id, used_by="stock")

        def act() -> object:
            assert entry is not None
            entry[1], entry[2] = b"", DELETED
            self.rules.pop(resource_id, None) if kind == "safety_rule" else None
            if kind == "node":
                self.node_states[entry[0]] = DELETED
                self.due.pop(f"u:{resource_id}", None)
                if self.capacities.pop(entry[0], None) is not None:
                    self.days.pop(entry[0], None)
                    self.published.pop(entry[0], None)
                    self.due.pop(f"n:{entry[0]}", None)
            if kind == "sku":
                self.sku_states[entry[0]] = DELETED
            entry[3] = []
            return entry[0], b"", DELETED, 0

        answer, replayed = self._once(request_id, request, act)
        return answer, replayed  # type: ignore[return-value]


def _reused(request: Fingerprint, digest: bytes) -> AlreadyExists:
    return AlreadyExists("REQUEST_ID_REUSED", "", field=request.first_difference(digest))


def _expired(reservation_id: str, record: Record) -> FailedPrecondition:
    return FailedPrecondition(
        "RESERVATION_EXPIRED", "", reservation_id=reservation_id, expire_time_ms=record.expires_ms
    )


def _check_state(reservation_id: str, record: Record, *states: ReservationState) -> None:
    if record.state not in states:
        state = ReservationState(record.state).name
        raise FailedPrecondition("WRONG_STATE", "", reservation_id=reservation_id, state=state)


class PassingError(Exception):
    """An answer that is not remembered."""

    def __init__(self, answer: object) -> None:
        super().__init__(answer)
        self.answer = answer


def _leaving(moves: Sequence[int]) -> list[int]:
    """What moves take from where: flat node, sku, units."""
    return [x for i in range(0, len(moves), 4) for x in (moves[i], moves[i + 2], moves[i + 3])]


def _parts_of(record: Record, moves: Sequence[int], in_stock: bool) -> list[tuple[Line, int, int, int]]:
    """Moves by the lines that they are from: line, node, sku, units."""
    found = []
    gone: dict[int, int] = {}
    for i in range(0, len(moves), 4):
        from_ix, to_ix, sku_ix, left = moves[i : i + 4]
        for line in record.lines:
            if line.key == (from_ix, sku_ix) and (line.inbound_id is None or not in_stock):
                units = min(left, line.open - gone.get(id(line), 0))
                gone[id(line)] = gone.get(id(line), 0) + units
                left -= units
                if units:
                    found.append((line, to_ix, sku_ix, units))
    return found


def _taken(
    record: Record, cells: Sequence[int], *, last_first: bool = False, in_stock: bool = False
) -> list[tuple[Line, int]]:
    """How many units of each line to take; those of one cell may be asked for in parts, and come from all its lines."""
    able = [line for line in record.lines if not in_stock or line.inbound_id is None]
    take = {id(line): 0 if cells else line.open for line in able}
    for i in range(0, len(cells), 3):
        left = cells[i + 2]
        for line in reversed(able) if last_first else able:
            if line.key == (cells[i], cells[i + 1]):
                units = min(left, line.open - take[id(line)])
                take[id(line)] += units
                left -= units
        if left:
            raise FailedPrecondition("QUANTITY_EXCEEDS_RESERVATION", "")
    return [(line, take.get(id(line), 0)) for line in record.lines]
