"""What comes back of an order: as order_steps.py, from an order to a Change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from promessa.domain.errors import FailedPrecondition, NotFound
from promessa.domain.limits import RETURNS_MAX
from promessa.domain.order import Components, MovedUnits, PlacedOrder, Step
from promessa.domain.order_steps import NO_MORE, Change, cancellable, check_units
from promessa.domain.order_stock import Receive, StockMove
from promessa.domain.returns import Disposition, Return, ReturnLine
from promessa.domain.unavailable import QUARANTINE

NOT_LEFT = "Nothing of it has been shipped or handed over yet: cancel it instead."
"""What to do where units are to come back that have not left."""


def request_return(order: PlacedOrder, lines: Mapping[int, int], reason: str) -> Change:
    """Units that have left are to come back. Raises FailedPrecondition (QUANTITY_EXCEEDS_ORDER, RETURN_LIMIT)."""
    if len(order.returns) >= RETURNS_MAX:
        raise FailedPrecondition(
            "RETURN_LIMIT",
            f"Order {order.order_id!r} has {RETURNS_MAX} returns, and no more can be asked for.",
            order_id=order.order_id,
            limit=RETURNS_MAX,
        )
    for line, units in lines.items():
        waits = line < len(order.lines) and not order.left().get(line) and cancellable(order, line)
        check_units(order, line, units, order.returnable(line), NOT_LEFT if waits else NO_MORE)
    back = Return(tuple([ReturnLine(line, units) for line, units in sorted(lines.items())]), reason)
    return Change(order._replace(returns=(*order.returns, back)), Step.REQUEST_RETURN, len(order.returns) + 1, reason)


class Came(NamedTuple):
    """Units of an order line that came back, and what becomes of them."""

    line: int
    quantity: int
    disposition: Disposition


def receive_return(order: PlacedOrder, number: int, node_ix: int, came: Sequence[Came]) -> Change:
    """Units came back to a node. Raises NotFound (RETURN_NOT_FOUND), FailedPrecondition (QUANTITY_EXCEEDS_ORDER)."""
    if not 1 <= number <= len(order.returns):
        raise NotFound(
            "RETURN_NOT_FOUND",
            f"Order {order.order_id!r} has no return {number}; it has {len(order.returns)}.",
            order_id=order.order_id,
            return_number=number,
        )
    lines = {line.line: line for line in order.returns[number - 1].lines}
    moves: list[StockMove] = []
    moved: list[MovedUnits] = []
    for line, units, disposition in came:
        check_units(order, line, units, lines[line].open if line in lines else 0)
        lines[line] = _received(lines[line], units, disposition)
        order = _back_from(order, line, units, MovedUnits(line, 0, 0, disposition, node_ix), moved)
        if disposition != Disposition.SCRAP:
            reason = QUARANTINE if disposition == Disposition.QUARANTINE else ""
            moves += [Receive(node_ix, *part, reason) for part in _parts(order, line, units)]
    back = order.returns[number - 1]._replace(lines=tuple(lines.values()))
    returns = (*order.returns[: number - 1], back, *order.returns[number:])
    detail = ", ".join(f"line {x.line}: {x.quantity} {x.disposition.name}" for x in came)
    return Change(order._replace(returns=returns), Step.RECEIVE_RETURN, number, detail, tuple(moves), tuple(moved))


def _back_from(order: PlacedOrder, line: int, units: int, came: MovedUnits, moved: list[MovedUnits]) -> PlacedOrder:
    """Says of units of a line which shipments they were in: the first that left, by number, are the first to come back."""
    shipments = list(order.shipments)
    for at, shipment in enumerate(shipments):
        if not units or not shipment.has_left:
            continue
        lines = list(shipment.lines)
        for i, each in enumerate(lines):
            part = min(units, each.quantity - each.returned) if each.line == line else 0
            if part:
                units -= part
                lines[i] = each._replace(returned=each.returned + part)
                moved.append(came._replace(quantity=part, shipment=at + 1))
        shipments[at] = shipment._replace(lines=tuple(lines))
    assert units == 0
    return order._replace(shipments=tuple(shipments))


def _received(line: ReturnLine, units: int, disposition: Disposition) -> ReturnLine:
    if disposition == Disposition.RESELLABLE:
        return line._replace(resellable=line.resellable + units)
    if disposition == Disposition.QUARANTINE:
        return line._replace(quarantined=line.quarantined + units)
    return line._replace(scrapped=line.scrapped + units)


def _parts(order: PlacedOrder, line: int, units: int) -> list[tuple[int, int]]:
    """What so many units of a line consist of: sku and units."""
    components: Components = next(
        (x.components for ship in order.shipments for x in ship.lines if x.line == line and x.components), ()
    )
    return [(sku_ix, units * per_kit) for sku_ix, per_kit in components or ((order.lines[line].sku_ix, 1),)]
