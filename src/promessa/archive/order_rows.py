"""Steps of orders as rows of the tables of orders. An entry of the log has the order after the step, and is read alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from promessa.archive.tables import Row, Rows
from promessa.domain.claim import claim_of
from promessa.domain.kinds import DELIVERED, NEVER_MS, NODE_TYPES
from promessa.domain.order import (
    NOWHERE,
    HistoryEntry,
    MovedUnits,
    RejectReason,
    Shipment,
    ShipmentState,
    Step,
    StoredOrder,
    Way,
)
from promessa.domain.returns import Disposition

_OF_NO_SHIPMENT = frozenset((Step.REQUEST_RETURN, Step.RECEIVE_RETURN, Step.EXCHANGE, Step.REFUND))
"""Steps that change no shipment: their number is that of a return, or of what was paid back."""


class Names(Protocol):
    """Ids of nodes and skus by their indices."""

    def node(self, index: int) -> str: ...

    def sku(self, index: int) -> str: ...


def add_order(rows: Rows, names: Names, where: tuple[int, int, int], stored: StoredOrder) -> None:
    """Add the rows of an order's last step to those of its entry. `where` is epoch, partition and sequence of it."""
    step = _StepRows(names, where, stored)
    tables = {"order_steps": [step.order()], "order_shipments": step.shipments(), "order_units": step.units()}
    for table, found in tables.items():
        there = rows.setdefault(table, [])
        for row in found:
            there.append((*step.place, len(there), *row))


class _StepRows:
    """The rows of one step of one order, without where they stand."""

    def __init__(self, names: Names, where: tuple[int, int, int], stored: StoredOrder) -> None:
        self._names = names
        self._order = stored.order
        self._last: HistoryEntry = stored.history[-1]
        self._step = Step(self._last.step)
        self.place = (self._last.at_ms, *where)
        self._channel, self._method = claim_of(stored.order.channel)
        self._of = (
            stored.order.order_id, stored.version, self._step.name, stored.placed_ms, self._channel,
            stored.order.asked.seller_code if stored.order.asked else "", stored.order.currency_code,
        )  # fmt: skip

    def shipments(self) -> list[Row]:
        return [self._shipment(number) for number in sorted(self._touched())]

    def units(self) -> list[Row]:
        return [self._units(effect, units) for effect, units in self._moved()]

    def order(self) -> Row:
        order, last = self._order, self._last
        return (
            *self._of, last.actor, last.number or None, last.detail, order.state.name, self._method,
            order.exchange_of,
        )  # fmt: skip

    def _touched(self) -> set[int]:
        """The shipments that the step made, changed or took units from."""
        count, number = len(self._order.shipments), self._last.number
        if self._step in (Step.PLACE, Step.SOURCE):
            return set(range(number or 1, count + 1))
        if self._step in _OF_NO_SHIPMENT:
            return set()
        if self._step == Step.RETURN_CAME:
            return {n for n, ship in enumerate(self._order.shipments, 1) if ship.state == ShipmentState.OFFERED}
        return {number, *(moved.shipment for moved in self._last.moved)} - {0}

    def _shipment(self, number: int) -> Row:
        ship = self._order.shipments[number - 1]
        known = 0 < ship.ship_ms < NEVER_MS
        return (
            *self._of, *self._served(number), ShipmentState(ship.state).name,
            sum([line.quantity for line in ship.lines]),
            None if ship.collected_ix == DELIVERED else self._names.node(ship.collected_ix),
            RejectReason(ship.reason).name if ship.reason else None,
            ship.ship_ms if known else None, ship.promise_ms if known else None, ship.delivered_ms or None,
            ship.carrier, ship.lane_id, ship.cost_micros, ship.reservation_id,
        )  # fmt: skip

    def _moved(self) -> Iterator[tuple[str, MovedUnits]]:
        """What the step did to units."""
        last, step = self._last, self._step
        if step in (Step.PLACE, Step.SOURCE):
            for number in sorted(self._touched()):
                yield from self._whole("PLANNED", number)
        if step == Step.PLACE:
            rest = [MovedUnits(i, line.to_source) for i, line in enumerate(self._order.lines) if line.to_source]
            yield from (("UNPLANNED", units) for units in rest)
        elif step in (Step.REJECT, Step.PICK):
            refused = self._ship(last.number).state == ShipmentState.REJECTED
            yield from self._whole("REFUSED", last.number) if refused else (("REFUSED", units) for units in last.moved)
        elif step == Step.SHIP or (step == Step.HAND_OVER and self._ship(last.number).way == Way.PICKUP):
            yield from self._whole("LEFT", last.number)
        elif step == Step.CANCEL:
            yield from (("CANCELLED", units) for units in last.moved)
        elif step in (Step.REQUEST_RETURN, Step.EXCHANGE):
            back = self._order.returns[last.number - 1]
            yield from (("ASKED_BACK", MovedUnits(line.line, line.quantity)) for line in back.lines)
        elif step == Step.PUT_BACK and self._ship(last.number).way == Way.PICKUP:
            yield from self._whole("CANCELLED", last.number)
        elif step in (Step.RECEIVE_RETURN, Step.PUT_BACK):
            yield from (("RETURNED", units) for units in last.moved)
        if step in (Step.DELIVER, Step.HAND_OVER):
            yield from self._whole("ARRIVED", last.number)

    def _whole(self, effect: str, number: int) -> Iterator[tuple[str, MovedUnits]]:
        """All units of a shipment."""
        return ((effect, MovedUnits(line.line, line.quantity, number)) for line in self._ship(number).lines)

    def _units(self, effect: str, units: MovedUnits) -> Row:
        line = self._order.lines[units.line]
        came = units.node_ix != NOWHERE
        return (
            *self._of, *self._served(units.shipment),
            self._ship(units.shipment).commission_basis_points if units.shipment else None,
            units.line, self._names.sku(line.sku_ix), line.unit_price_micros or None,
            effect, units.quantity, Disposition(units.disposition).name if units.disposition else None,
            self._names.node(units.node_ix) if came else None, units.owner_code if came else None,
            units.commission_basis_points if came else None,
        )  # fmt: skip

    def _served(self, number: int) -> Row:
        """Which shipment it is, and who serves it; 0 is none."""
        if not number:
            return None, None, None, None, None
        ship = self._ship(number)
        return number, Way(ship.way).name, self._names.node(ship.node_ix), NODE_TYPES[ship.node_type], ship.owner_code

    def _ship(self, number: int) -> Shipment:
        return self._order.shipments[number - 1]
