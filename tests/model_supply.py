"""Inbound supply in the model: see model.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import CELL_QUANTITY_MAX, INBOUND_MAX
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


class SupplyModel:
    """The part of the model that knows what is to come."""

    supplies: dict[Key, list[InboundRecord]]
    _retention_ms: int
    now: int
    cell: Callable[[Key], Any]
    _change: Callable[..., None]
    _once: Callable[..., Any]

    def frozen_supplies(self) -> dict[Key, tuple[Inbound, ...]]:
        return {key: tuple(each.frozen(key) for each in found) for key, found in self.supplies.items() if found}

    def awaited_cells(self) -> list[Key]:
        return [key for key, found in self.supplies.items() if any(_is_open(each) for each in found)]

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
            if found is None:
                kept = [x for x in supply if _is_open(x) or x.updated_ms + self._retention_ms > self.now]
                if sum(map(_is_open, kept)) >= INBOUND_MAX:
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
            left = 0 if last else max(found.to_come - quantity, 0)
            unmet = max(found.bound - quantity, 0)
            if unmet > left:
                raise _used(found, unmet)
            if quantity:
                self._change(key[:2], on_hand=quantity)
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
                changed.version, changed.updated_ms = changed.version + 1, self.now
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
