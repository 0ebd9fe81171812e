"""What steps did to orders, told again from the raw log: each entry has the order after a step, and what the step did is how
that differs from the entry before. No Parquet, no SQL, no code of the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from promessa.domain.order import PlacedOrder, Shipment, ShipmentState, Step, StoredOrder
from promessa.store.order_codec import decode_order

_NOTHING = PlacedOrder("", (), ())


class Effect(NamedTuple):
    """What a step did to units of a line."""

    stored: StoredOrder
    effect: str
    line: int
    shipment: int
    quantity: int


class Touched(NamedTuple):
    """A shipment that a step changed."""

    stored: StoredOrder
    number: int
    shipment: Shipment


@dataclass
class RecountedOrders:
    """Everything that the log says of orders."""

    nodes: Sequence[str]
    skus: Sequence[str]
    steps: list[StoredOrder] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    def read(self, log: Iterable[tuple[int, int, list[bytes]]]) -> RecountedOrders:
        last: dict[str, PlacedOrder] = {}
        for _, _, flat in log:
            for name, value in zip(flat[2::2], flat[3::2], strict=True):
                if name.startswith(b"o:"):
                    stored = decode_order(value)
                    before = last.get(stored.order.order_id, _NOTHING)
                    last[stored.order.order_id] = stored.order
                    self.steps.append(stored)
                    self.effects += [Effect(stored, *each) for each in _effects(before, stored)]
                    self.touched += [Touched(stored, *each) for each in _changed(before, stored.order)]
        return self


def _changed(before: PlacedOrder, after: PlacedOrder) -> Iterator[tuple[int, Shipment]]:
    for i, ship in enumerate(after.shipments):
        if i >= len(before.shipments) or _but_returns(ship) != _but_returns(before.shipments[i]):
            yield i + 1, ship


def _but_returns(ship: Shipment) -> Shipment:
    return ship._replace(lines=tuple([line._replace(returned=0) for line in ship.lines]))


def _effects(before: PlacedOrder, stored: StoredOrder) -> Iterator[tuple[str, int, int, int]]:
    after, taken = stored.order, Counter[int]()
    for number, ship in enumerate(after.shipments, 1):
        if number > len(before.shipments):
            yield from (("PLANNED", line.line, number, line.quantity) for line in ship.lines)
            continue
        was = before.shipments[number - 1]
        had = {line.line: line.quantity for line in was.lines}
        has = {line.line: line.quantity for line in ship.lines} if not ship.is_over else {}
        if not was.is_over:
            for line, units in had.items():
                gone = units - has.get(line, 0)
                if gone and stored.history[-1].step in (Step.CANCEL, Step.PUT_BACK):
                    taken[line] += gone
                    yield "RETURNED" if was.has_left else "CANCELLED", line, number, gone
                elif gone:
                    yield "REFUSED", line, number, gone
        if ship.has_left and not was.has_left:
            yield from (("LEFT", line, number, units) for line, units in had.items())
        if ship.state != was.state and ship.state in (ShipmentState.DELIVERED, ShipmentState.HANDED_OVER):
            yield from (("ARRIVED", line, number, units) for line, units in had.items())
        for line_was, line in zip(was.lines, ship.lines, strict=False):
            if line.returned > line_was.returned:
                yield "RETURNED", line.line, number, line.returned - line_was.returned
    for i, line in enumerate(after.lines):
        if not before.lines:
            if line.to_source:
                yield "UNPLANNED", i, 0, line.to_source
        elif line.cancelled - before.lines[i].cancelled > taken[i]:
            yield "CANCELLED", i, 0, line.cancelled - before.lines[i].cancelled - taken[i]
    for back in after.returns[len(before.returns) :]:
        yield from (("ASKED_BACK", line.line, 0, line.quantity) for line in back.lines)
