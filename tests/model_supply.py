"""Inbound supply in the model: see model.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model_capacity import Plan, cut_to

from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits
from promessa.domain.limits import CELL_QUANTITY_MAX, INBOUND_MAX
from promessa.domain.reservation import ReservationState, ShortfallReason
from promessa.domain.schedule import atp_steps, project
from promessa.domain.supply import Inbound, InboundState, OverduePolicy
from promessa.store.supply_store import InboundKey

Key = tuple[int, int]


@dataclass
class InboundRecord:
    """An inbound of a cell."""

    inbound_id: str
    kind: int = 0
    quantity: int = 0
    received: int = 0
    to_come: int = 0
    held: int = 0
    committed: int = 0
    day: int = 0
    policy: OverduePolicy | None = None
    state: int = InboundState.EXPECTED
    version: int = 0
    updated_ms: int = 0

    @property
    def bound(self) -> int:
        return self.held + self.committed

    def frozen(self, key: Key) -> Inbound:
        return Inbound(*key, **vars(self))


@dataclass(frozen=True)
class Shares:
    """How a line of a promise is met."""

    node_ix: int
    sku_ix: int
    wanted: int
    stock: int
    bound: tuple[tuple[str, int], ...]
    missing: int
    reason: int

    @property
    def granted(self) -> int:
        return self.stock + sum(units for _, units in self.bound)


NO_KIT = {"field": "sku", "rule": "must not be a kit: what comes, and what is ordered before, are its components"}


class SupplyModel:
    """The part of the model that knows what is to come."""

    supplies: dict[Key, list[InboundRecord]]
    preorder_limits: dict[Key, int | None]
    bound: dict[tuple[Key, str], list[str]]
    records: dict[str, Any]
    answers: dict[str, Any]
    _expire: Callable[..., None]
    _granted: Callable[..., Any]
    owner_room: Callable[..., Callable[..., int]]
    settle: Callable[..., None]
    follow_rules: Callable[..., None]
    fulfilled_at: Callable[..., dict[int, int]]
    _record: Callable[..., Any]
    sweep: Callable[[], None]
    is_kit: Callable[[int], bool]
    _retention_ms: int
    now: int
    cell: Callable[[Key], Any]
    _change: Callable[..., None]
    _once: Callable[..., Any]

    def frozen_supplies(self) -> dict[Key, tuple[Inbound, ...]]:
        return {key: tuple(each.frozen(key) for each in found) for key, found in self.supplies.items() if found}

    def awaited_cells(self) -> list[Key]:
        return [
            key
            for key, found in self.supplies.items()
            if any(_is_open(each) and (each.inbound_id or each.bound) for each in found)
        ]

    # Reservations bound to it -----------------------------------------------------------------------------------------

    def _change_line(self, reservation_id: str, line: Any, open_units: int, **deltas: int) -> None:
        """Change the counts that a line takes its units from; `open_units` of it are left."""
        if line.inbound_id is None:
            for key, per_kit in line.cells:
                self._change(key, **{name: delta * per_kit for name, delta in deltas.items()})
            return
        inbound = self._inbound(line.key, line.inbound_id)
        for name, delta in deltas.items():
            setattr(inbound, name, getattr(inbound, name) + delta)
        self._touch(inbound)
        if not open_units:
            self.bound[line.key, line.inbound_id].remove(reservation_id)

    def _inbound(self, key: Key, inbound_id: str) -> InboundRecord:
        return next(each for each in self.supplies[key] if each.inbound_id == inbound_id)

    def _touch(self, inbound: InboundRecord) -> None:
        inbound.version, inbound.updated_ms = inbound.version + 1, self.now

    def _hand_over(self, key: Key, inbound: InboundRecord, units: int) -> int:
        """Units that came, to the reservations bound to an inbound in the order they were; how many were given."""
        given = 0
        for reservation_id in list(self.bound.get((key, inbound.inbound_id), ())) if units > 0 else ():
            record = self.records[reservation_id]
            if record.state == ReservationState.HELD and record.expires_ms <= self.now:
                self._expire(reservation_id, record)
            elif given < units:
                line = next(x for x in record.lines if x.key == key and x.inbound_id == inbound.inbound_id)
                stock = next(x for x in record.lines if x.key == key and x.inbound_id is None)
                taking = min(line.open, units - given)
                column = "held" if record.state == ReservationState.HELD else "committed"
                line.granted, line.open = line.granted - taking, line.open - taking
                stock.granted, stock.open = stock.granted + taking, stock.open + taking
                self._change_line(reservation_id, line, line.open, **{column: -taking})
                self._change(key, **{column: taking})
                record.updated_ms, given = self.now, given + taking
                self.settle(record, self.fulfilled_at(record))
        return given

    def promise(
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
    ) -> tuple[Any, bool]:
        terms = (latest_day or 10**9, backorder, policy, channel, limits.held_share_max)

        def shares_of_all() -> list[Shares]:
            nodes = Plan(self)  # type: ignore[arg-type]
            room, found = self.owner_room(owner_id, limits), []
            for i in range(0, len(cells), 4):
                node_ix, sku_ix, wanted, today = cells[i : i + 4]
                allowed = min(wanted, room(sku_ix))
                shares = self._shares(nodes, node_ix, sku_ix, allowed, today, *terms)
                room(sku_ix, shares.granted)
                if allowed < wanted:
                    reason = shares.reason if shares.missing else ShortfallReason.OWNER_LIMIT
                    missing = shares.missing + wanted - allowed
                    shares = replace(shares, wanted=wanted, missing=missing, reason=reason)
                found.append(shares)
            return found

        def act() -> object:
            plan = shares_of_all()
            if any(shares.missing for shares in plan):
                self.sweep()
                plan = shares_of_all()
            whole = not any(shares.missing for shares in plan)
            if all_or_nothing and not whole:
                plan = [replace(shares, stock=0, bound=()) for shares in plan]
            granted = sum(shares.granted for shares in plan)
            return self._record(request_id, request, plan, whole, granted, ttl_ms, owner_id, order_id, channel, limits)

        found = self.records.get(request_id)
        if found is not None and request_id not in self.answers:
            if found.digest != request.digest:
                raise AlreadyExists("REQUEST_ID_REUSED", "", field=request.first_difference(found.digest))
            return found.frozen(request_id), True
        return self._once(request_id, request, act, kind="q")  # type: ignore[no-any-return]

    def _shares(
        self, nodes: Plan, node_ix: int, sku_ix: int, units: int, today: int, latest: int, backorder: bool,
        policy: OverduePolicy, channel: str, held_share_max: int,
    ) -> Shares:  # fmt: skip
        """Stock first, then what the schedule's own ATP allows on the day each inbound comes, then the allowance."""
        key = (node_ix, sku_ix)
        line = self._granted(node_ix, sku_ix, units, held_share_max, channel)
        cut_to(line, nodes.left(node_ix))
        nodes.left(node_ix, line.granted)
        missing = units - line.granted
        if not missing or line.reason == ShortfallReason.NODE_PAUSED or self.is_kit(sku_ix):
            return Shares(node_ix, sku_ix, units, line.granted, (), missing, line.reason)
        book = self.supplies.get(key, [])
        inbound = [each.frozen(key) for each in book if each.inbound_id]
        allowance = next((each.frozen(key) for each in book if not each.inbound_id), None)
        counts = self.cell(key)
        kept = counts.free - self.available_to(key, channel)
        cell = replace(counts.frozen(), held=counts.held + line.granted + kept, ring_fenced=None)
        bound: list[tuple[str, int]] = []
        able = [each for each in inbound if each.state == InboundState.EXPECTED]
        for each in sorted(able, key=lambda each: (each.expected_at(today, policy)[0], each.inbound_id)):
            day, counted = each.expected_at(today, policy)
            if day > latest:
                continue
            shown = project(cell, inbound, today=today, policy=policy, allowance=allowance)
            atp = max(0, atp_steps(shown, first=day, last=day + 10_000)[0][1])
            limit = self.preorder_limits.get(key)
            left = missing if limit is None else max(0, limit - sum(x.bound for x in able))
            share = max(
                0, min(missing, counted - each.bound, atp - sum(x for _, x in bound), left - sum(x for _, x in bound))
            )
            if share:
                bound.append((each.inbound_id, share))
            missing -= share
        if backorder and allowance is not None:
            share = max(0, min(missing, allowance.to_come - allowance.bound))
            if share:
                bound.append(("", share))
            missing -= share
        return Shares(node_ix, sku_ix, units, line.granted, tuple(bound), missing, line.reason)

    def set_order_limits(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, backorder: int, preorder: int | None
    ) -> tuple[Any, bool]:
        def act() -> object:
            if self.is_kit(sku_ix):
                raise InvalidRequest("INVALID_FIELD", "", **NO_KIT)
            supply = self.supplies.setdefault((node_ix, sku_ix), [])
            allowance = next((each for each in supply if not each.inbound_id), None)
            if allowance is None:
                allowance = InboundRecord("")
                supply.append(allowance)
            allowance.to_come = allowance.quantity = backorder
            self.preorder_limits[node_ix, sku_ix] = preorder
            self._touch(allowance)
            return backorder, preorder

        return self._once(request_id, request, act)  # type: ignore[no-any-return]

    # Inbound ----------------------------------------------------------------------------------------------------------

    def put_inbound(
        self,
        request_id: str,
        request: Fingerprint,
        key: InboundKey,
        *,
        kind: int,
        quantity: int,
        day: int,
        policy: OverduePolicy | None,
    ) -> tuple[Inbound, bool]:
        def act(supply: list[InboundRecord], found: InboundRecord | None) -> InboundRecord:
            if self.is_kit(key.sku_ix):
                raise InvalidRequest("INVALID_FIELD", "", **NO_KIT)
            if found is not None and _is_open(found) and quantity < found.received + found.bound:
                self.sweep()
            if found is None:
                kept = [x for x in supply if _is_open(x) or x.updated_ms + self._retention_ms > self.now]
                if sum(_is_open(x) and x.inbound_id != "" for x in kept) >= INBOUND_MAX:
                    raise FailedPrecondition("INBOUND_LIMIT", "", inbound_id=key.inbound_id, limit=INBOUND_MAX)
                found = InboundRecord(key.inbound_id)
                supply[:] = [*kept, found]
            _check_open(found)
            if quantity < found.received + found.bound:
                raise _used(found, found.bound)
            found.kind, found.quantity, found.day, found.policy = kind, quantity, day, policy
            found.to_come = quantity - found.received
            if not found.to_come:
                found.state = InboundState.RECEIVED
            return found

        return self._on_inbound(request_id, request, key, act, create=True)

    def receive_inbound(
        self, request_id: str, request: Fingerprint, key: InboundKey, *, quantity: int, last: bool
    ) -> tuple[Inbound, bool]:
        def act(supply: list[InboundRecord], found: InboundRecord | None) -> InboundRecord:
            assert found is not None
            _check_open(found)
            if self.cell(key[:2]).on_hand + quantity > CELL_QUANTITY_MAX:
                raise InvalidRequest("INVALID_FIELD", "", field="quantity", rule="")
            if last and found.bound > quantity:
                self.sweep()
            left = 0 if last else max(found.to_come - quantity, 0)
            unmet = max(found.bound - quantity, 0)
            if unmet > left:
                raise _used(found, unmet)
            if quantity:
                cell = self.cells[key[:2]] = self.cell(key[:2])
                cell.on_hand += quantity
                self.follow_rules(key[:2], cell)  # before the pools are settled: a share is of what can be sold
                self._change(key[:2])
                self._move(key[:2], self.now, quantity)
            given = self._hand_over(key[:2], found, quantity)
            allowance = next((each for each in supply if not each.inbound_id), None)
            if allowance is not None:
                self._hand_over(key[:2], allowance, min(quantity - given, max(self.available_to(key[:2], ""), 0)))
            found.to_come, found.received = left, found.received + quantity
            if not left:
                found.state = InboundState.RECEIVED
            return found

        return self._on_inbound(request_id, request, key, act)

    def cancel_inbound(self, request_id: str, request: Fingerprint, key: InboundKey) -> tuple[Inbound, bool]:
        def act(supply: list[InboundRecord], found: InboundRecord | None) -> InboundRecord | None:
            assert found is not None
            if found.state == InboundState.CANCELLED:
                return None
            _check_open(found)
            if found.bound:
                self.sweep()
            if found.bound:
                raise _used(found, found.bound)
            found.to_come, found.state = 0, InboundState.CANCELLED
            return found

        return self._on_inbound(request_id, request, key, act)

    def _on_inbound(
        self,
        request_id: str,
        request: Fingerprint,
        key: InboundKey,
        act: Callable[[list[InboundRecord], InboundRecord | None], InboundRecord | None],
        *,
        create: bool = False,
    ) -> tuple[Inbound, bool]:
        def on_record() -> Inbound:
            supply = self.supplies.setdefault(key[:2], [])
            found = next((each for each in supply if each.inbound_id == key.inbound_id), None)
            if found is None and not create:
                raise NotFound("INBOUND_NOT_FOUND", "", inbound_id=key.inbound_id)
            changed = act(supply, found)
            if changed is not None:
                self._touch(changed)
            shown = changed or found
            assert shown is not None
            return shown.frozen(key[:2])

        answer, replayed = self._once(request_id, request, on_record)
        return answer, replayed


def _is_open(found: InboundRecord) -> bool:
    return found.state == InboundState.EXPECTED


def _check_open(found: InboundRecord) -> None:
    if not _is_open(found):
        state = InboundState(found.state).name
        raise FailedPrecondition("INBOUND_ENDED", "", inbound_id=found.inbound_id, state=state)


def _used(found: InboundRecord, bound: int) -> FailedPrecondition:
    return FailedPrecondition(
        "INBOUND_USED", "", inbound_id=found.inbound_id, received_quantity=found.received, bound_quantity=bound
    )
