"""What a step makes of an order, and what it moves in stock: plain functions, from an order to a Change.

Illegal steps raise, and change nothing. The store makes a Change whole or not at all: see `store/lua/order_steps.lua`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import ORDER_SOURCINGS_MAX, PICKUP_CODE_TRIES_MAX, PICKUP_CODES_MAX
from promessa.domain.order import (
    MovedUnits,
    OrderedLine,
    PlacedOrder,
    RejectReason,
    Shipment,
    ShipmentState,
    Step,
    Way,
)
from promessa.domain.order_moves import illegal, moved, shipment_of
from promessa.domain.order_moves import with_shipment as _with
from promessa.domain.order_stock import Cells, Fulfill, Release, StockMove, Withhold, confirmations, joined
from promessa.domain.pickup_code import opens
from promessa.domain.replacing import replacing
from promessa.domain.unavailable import DAMAGED, NOT_FOUND

_FIRST_PAUSE_MS, _LAST_PAUSE_MS = 30_000, 3_600_000
"""Between tries to source the rest of an order: who asked for the step tries at once, so the first is for one that died."""

NO_MORE = "Name no more."
"""What to do where a step names too many units."""


class Refused(NamedTuple):
    """What a node refused of a decision, so that it is left alone for a while. `reason` is a RejectReason."""

    node_ix: int
    sku_ixs: tuple[int, ...]
    reason: int
    decision_id: str


class Change(NamedTuple):
    """An order after a step, and what the step moves in stock. `number` is that of the shipment or return, of several new
    shipments of the first; `units` is kept of it where that does not tell which units it was about."""

    order: PlacedOrder
    step: Step
    number: int = 0
    detail: str = ""
    moves: tuple[StockMove, ...] = ()
    units: tuple[MovedUnits, ...] = ()
    refused: Refused | None = None


Decide = Callable[[PlacedOrder], Change | None]
"""What a step makes of an order; None if there is nothing left to do."""


def accept(order: PlacedOrder, number: int) -> Change:
    """The node will ship it."""
    return Change(_with(order, number, moved(order, number, Step.ACCEPT)), Step.ACCEPT, number)


def reject(order: PlacedOrder, number: int, reason: RejectReason) -> Change:
    """The node will not ship it: all of it is to be sourced again, and the reason says what becomes of the units there."""
    shipment = moved(order, number, Step.REJECT)._replace(reason=reason)
    back = {i: line.quantity for i, line in enumerate(shipment.lines)}
    rest = _to_source(_with(order, number, shipment), shipment, back)
    moves: tuple[StockMove, ...] = (
        Release(shipment.reservation_id, shipment.cells),
        *doubts(shipment, back, reason),
    )
    return Change(rest, Step.REJECT, number, reason.name, moves, refused=refused(shipment, back, reason))


def pick(order: PlacedOrder, number: int, picked: Mapping[int, int]) -> Change:
    """Units were taken from the shelf, by order line; of lines that are not named, all. What was not there is sourced again.

    With nothing picked the shipment is rejected. Raises FailedPrecondition (QUANTITY_EXCEEDS_ORDER).
    """
    shipment = moved(order, number, Step.PICK)
    for line, units in picked.items():
        check_units(order, line, units, sum(x.quantity for x in shipment.lines if x.line == line))
    short = {i: line.quantity - picked.get(line.line, line.quantity) for i, line in enumerate(shipment.lines)}
    short = {i: units for i, units in short.items() if units}
    if not short:
        return Change(_with(order, number, shipment), Step.PICK, number)
    if sum(short.values()) == sum(line.quantity for line in shipment.lines):
        return reject(order, number, RejectReason.NOT_FOUND)._replace(step=Step.PICK)
    left = _less(shipment, short)._replace(reason=RejectReason.NOT_FOUND)
    rest = _to_source(_with(order, number, left), shipment, short)
    moves: tuple[StockMove, ...] = (
        Release(shipment.reservation_id, _cells(shipment, short)),
        *doubts(shipment, short, RejectReason.NOT_FOUND),
    )
    missed = tuple([MovedUnits(shipment.lines[i].line, units, number) for i, units in short.items()])
    left_alone = refused(shipment, short, RejectReason.NOT_FOUND)
    return Change(rest, Step.PICK, number, _told(shipment, short), moves, missed, left_alone)


def ship(order: PlacedOrder, number: int, carrier: str, tracking: str) -> Change | None:
    """It has left the node; None if just that is known already."""
    before = shipment_of(order, number)
    if before.state == ShipmentState.SHIPPED and (before.carrier, before.tracking) == (carrier, tracking):
        return None
    shipment = moved(order, number, Step.SHIP)._replace(carrier=carrier, tracking=tracking)
    moves = (Fulfill(shipment.reservation_id, shipment.cells),)
    return Change(_with(order, number, shipment), Step.SHIP, number, f"{carrier} {tracking}".strip(), moves)


def deliver(order: PlacedOrder, number: int, delivered_ms: int) -> Change | None:
    """Its customer has it; None if that is known already."""
    if shipment_of(order, number).state == ShipmentState.DELIVERED:
        return None
    shipment = moved(order, number, Step.DELIVER)._replace(delivered_ms=delivered_ms)
    return Change(_with(order, number, shipment), Step.DELIVER, number)


def make_ready(order: PlacedOrder, number: int, seal: bytes, *, codes_before: int) -> Change:
    """It waits for its customer, who shows the code that `seal` is of. Codes before it are worth nothing any more.

    Raises FailedPrecondition (PICKUP_CODE_LIMIT).
    """
    shipment = moved(order, number, Step.MAKE_READY)._replace(code=seal, wrong_codes=0)
    if codes_before >= PICKUP_CODES_MAX:
        raise FailedPrecondition(
            "PICKUP_CODE_LIMIT",
            f"{PICKUP_CODES_MAX} pickup codes were made for shipment {number} of order {order.order_id!r}, and no more can be. "
            "The last one counts.",
            order_id=order.order_id,
            shipment_number=number,
            limit=PICKUP_CODES_MAX,
        )
    return Change(_with(order, number, shipment), Step.MAKE_READY, number)


def hand_over(order: PlacedOrder, number: int, code: str, now_ms: int) -> Change:
    """Its customer took it, or showed a wrong code: a step, too, for they are counted.

    Raises FailedPrecondition (PICKUP_CODE_LOCKED).
    """
    before, shipment = shipment_of(order, number), moved(order, number, Step.HAND_OVER)
    if before.wrong_codes >= PICKUP_CODE_TRIES_MAX:
        raise FailedPrecondition(
            "PICKUP_CODE_LOCKED",
            f"{before.wrong_codes} wrong codes were given for shipment {number} of order {order.order_id!r}. "
            "MarkReadyForPickup makes a new code.",
            order_id=order.order_id,
            shipment_number=number,
        )
    if not opens(before.code, code):
        return Change(
            _with(order, number, before._replace(wrong_codes=before.wrong_codes + 1)), Step.WRONG_CODE, number
        )
    moves = (Fulfill(shipment.reservation_id, shipment.cells),) if shipment.way == Way.PICKUP else ()
    return Change(_with(order, number, shipment._replace(delivered_ms=now_ms)), Step.HAND_OVER, number, "", moves)


def cancel(order: PlacedOrder, lines: Mapping[int, int]) -> Change:
    """Units of lines are not wanted any more, of all if none is named: first what is to be sourced, then what leaves last.

    Raises FailedPrecondition (QUANTITY_EXCEEDS_ORDER; ILLEGAL_STEP where nothing of the order can be cancelled).
    """
    able = {i: cancellable(order, i) for i in range(len(order.lines))}
    wanted = lines or {i: units for i, units in able.items() if units}
    if not wanted:
        raise _nothing_to_cancel(order)
    moves: list[Release] = []
    taken: list[MovedUnits] = []
    for line, units in wanted.items():
        check_units(order, line, units, able.get(line, 0))
        order = _cancel_line(order, line, units, moves, taken)
    detail = ", ".join(f"line {line}: {units}" for line, units in sorted(wanted.items()))
    return Change(order, Step.CANCEL, 0, detail, joined(moves), tuple(taken))


_with_shipments = replacing(PlacedOrder, "lines", "shipments")


def placed(order: PlacedOrder, shipments: Sequence[Shipment]) -> Change:
    """A new order, all of which is to be sourced, with the shipments that bring it."""
    whole = _with_shipments(order, served(order.lines, shipments), tuple(shipments))
    return Change(whole, Step.PLACE, moves=confirmations(shipments))


def sourced(order: PlacedOrder, shipments: Sequence[Shipment]) -> Change:
    """Other shipments bring units that were to be sourced."""
    lines, first = served(order.lines, shipments), len(order.shipments) + 1
    if order.waits:
        shipments = waiting(shipments)
    more = order._replace(lines=lines, shipments=(*order.shipments, *shipments), attempts=order.attempts + 1)
    detail = f"shipments {first} to {len(more.shipments)}" if len(shipments) > 1 else f"shipment {first}"
    return Change(more, Step.SOURCE, first, detail, confirmations(shipments))


def waiting(shipments: Sequence[Shipment]) -> tuple[Shipment, ...]:
    """Shipments that their nodes are not asked for yet."""
    return tuple([shipment._replace(state=ShipmentState.WAITING) for shipment in shipments])


def served(lines: Sequence[OrderedLine], shipments: Sequence[Shipment]) -> tuple[OrderedLine, ...]:
    """Lines of an order of which shipments bring units that were to be sourced."""
    rest = [line.to_source for line in lines]
    for shipment in shipments:
        for line in shipment.lines:
            rest[line.line] -= line.quantity
    assert min(rest) >= 0
    return tuple(
        [
            OrderedLine(sku_ix, quantity, rest[i], cancelled, price)
            for i, (sku_ix, quantity, _, cancelled, price) in enumerate(lines)
        ]
    )


def source_failed(order: PlacedOrder, why: str) -> Change:
    """Nothing serves what is to be sourced."""
    return Change(order._replace(attempts=order.attempts + 1), Step.SOURCE_FAILED, 0, why)


def _less(shipment: Shipment, taken: Mapping[int, int]) -> Shipment:
    """A shipment with fewer units, by place of its lines; lines without any are left out."""
    kept = [line._replace(quantity=line.quantity - taken.get(i, 0)) for i, line in enumerate(shipment.lines)]
    return shipment._replace(lines=tuple([line for line in kept if line.quantity]))


def _cells(shipment: Shipment, taken: Mapping[int, int]) -> Cells:
    """Units of a shipment's lines, by place, as cells."""
    some = [shipment.lines[i]._replace(quantity=units) for i, units in taken.items()]
    return shipment._replace(lines=tuple(some)).cells


def _to_source(order: PlacedOrder, shipment: Shipment, back: Mapping[int, int]) -> PlacedOrder:
    """Units of a shipment's lines, by place, are to be sourced again."""
    lines = list(order.lines)
    for i, units in back.items():
        line = shipment.lines[i].line
        lines[line] = lines[line]._replace(to_source=lines[line].to_source + units)
    return order._replace(lines=tuple(lines))


def _told(shipment: Shipment, short: Mapping[int, int]) -> str:
    return "short: " + ", ".join(f"line {shipment.lines[i].line}: {units}" for i, units in short.items())


def doubts(shipment: Shipment, back: Mapping[int, int], reason: RejectReason) -> tuple[Withhold, ...]:
    """What a refusal says of the units at the node: of units that were not found, nothing of the cell is believed any more."""
    if reason not in (RejectReason.NOT_FOUND, RejectReason.DAMAGED):
        return ()
    found: dict[int, int] = {}
    for i, units in back.items():
        line = shipment.lines[i]
        for sku_ix, per_kit in line.parts:
            found[sku_ix] = found.get(sku_ix, 0) + units * per_kit
    if reason == RejectReason.NOT_FOUND:
        return tuple([Withhold(shipment.node_ix, sku_ix, NOT_FOUND, 0, units) for sku_ix, units in found.items()])
    return tuple([Withhold(shipment.node_ix, sku_ix, DAMAGED, units, 0) for sku_ix, units in found.items()])


def refused(shipment: Shipment, back: Mapping[int, int], reason: RejectReason) -> Refused:
    """What the node of a shipment refuses of it, by place of its lines."""
    sku_ixs = tuple(dict.fromkeys([shipment.lines[i].sku_ix for i in back]))
    return Refused(shipment.node_ix, sku_ixs, reason, shipment.reservation_id)


def cancellable(order: PlacedOrder, line: int) -> int:
    """Units of a line that have not left, and are still wanted."""
    here = sum(x.quantity for ship in order.shipments if ship.is_open for x in ship.lines if x.line == line)
    return order.lines[line].to_source + here


def _cancel_line(
    order: PlacedOrder, line: int, units: int, moves: list[Release], moved: list[MovedUnits]
) -> PlacedOrder:
    """Cancels units of a line, and adds what that moves, and from where."""
    ordered = order.lines[line]
    left = units - min(units, ordered.to_source)
    if left < units:
        moved.append(MovedUnits(line, units - left))
    changed = ordered._replace(to_source=ordered.to_source - (units - left), cancelled=ordered.cancelled + units)
    order = order._replace(lines=(*order.lines[:line], changed, *order.lines[line + 1 :]))
    for number in range(len(order.shipments), 0, -1):
        shipment = order.shipments[number - 1]
        if not left or not shipment.is_open:
            continue
        taken: dict[int, int] = {}
        for i, each in enumerate(shipment.lines):
            if each.line == line and left:
                taken[i] = min(left, each.quantity)
                left -= taken[i]
        if taken:
            moves.append(Release(shipment.reservation_id, _cells(shipment, taken)))
            moved.append(MovedUnits(line, sum(taken.values()), number))
            order = _with(order, number, _without(order, number, taken))
    assert left == 0
    return order


def _without(order: PlacedOrder, number: int, taken: Mapping[int, int]) -> Shipment:
    """A shipment of which units are cancelled; with nothing left it is cancelled, and keeps what it was to bring last."""
    shipment = order.shipments[number - 1]
    less = _less(shipment, taken)
    return less if less.lines else moved(order, number, Step.CANCEL)


def check_units(order: PlacedOrder, line: int, units: int, most: int, hint: str = NO_MORE) -> None:
    """Raises FailedPrecondition (QUANTITY_EXCEEDS_ORDER) where a step names more units of a line than there are for it;
    `hint` says what to do instead."""
    if units > most:
        raise FailedPrecondition(
            "QUANTITY_EXCEEDS_ORDER",
            f"Only {most} units of line {line} of order {order.order_id!r} are left for this. {hint}",
            order_id=order.order_id,
            line=line,
            open_quantity=most,
        )


def _nothing_to_cancel(order: PlacedOrder) -> FailedPrecondition:
    for number, shipment in enumerate(order.shipments, 1):
        if not shipment.is_over:
            return illegal(order, number, Step.CANCEL)
    return FailedPrecondition(
        "ILLEGAL_STEP",
        f"Order {order.order_id!r} is {order.state.name}, and nothing of it is left to cancel.",
        order_id=order.order_id,
        shipment_number=0,
        state=order.state.name,
        step=Step.CANCEL.name,
        legal_steps="",
    )


def source_in_ms(order: PlacedOrder) -> int:
    """When what is to be sourced is tried next, in ms from now; 0: nothing is, or nobody can, or it was tried often enough."""
    if not order.has_rest or order.asked is None or order.attempts >= ORDER_SOURCINGS_MAX:
        return 0
    return min(_FIRST_PAUSE_MS << order.attempts, _LAST_PAUSE_MS)
