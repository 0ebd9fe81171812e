"""What time makes of orders: they are at risk, late or stuck, what nobody collected goes back to stock, and what waits for a
return that does not come is cancelled.

Each is told once, by a step of its own. `next_ms` says when there is something to do, `overdue` what; the store keeps the
former, so that whoever looks at the right time finds the order.
"""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.order import (
    Alert,
    MovedUnits,
    OrderState,
    PlacedOrder,
    Shipment,
    Standing,
    Step,
    Way,
    units_by_line,
)
from promessa.domain.order_deadlines import (
    Deadline,
    Terms,
    TermsOf,
    Working,
    next_due_ms,
    next_told_ms,
    open_deadlines,
    with_deadlines,
)
from promessa.domain.order_exchange import return_due_ms, return_missed
from promessa.domain.order_moves import moved, with_shipment
from promessa.domain.order_steps import Change, source_in_ms
from promessa.domain.order_stock import Receive, Release, StockMove
from promessa.domain.replacing import replacing
from promessa.domain.returns import Disposition

TOLD = frozenset((Step.AT_RISK, Step.LATE, Step.STUCK, Step.REFUND))
"""Steps that tell something, and bring nobody further."""

_TO_LEAVE = frozenset((OrderState.TO_SOURCE, OrderState.PLACED, OrderState.IN_PREPARATION))

_after = replacing(PlacedOrder, "shipments", "is_stuck", "stuck_ms", "stood", "stands", "exchange")


def timed(change: Change, now_ms: int, terms: Terms, working: Working, terms_of: TermsOf) -> Change:
    """A change with what time will make of the order: deadlines of what is new, its standing, and when it is stuck.

    That is at once where nothing will source its rest any more.
    """
    order, state = change.order, change.order.state
    shipments, is_stuck, stuck_ms = order.shipments, order.is_stuck, order.stuck_ms
    exchange = order.exchange
    if change.step not in TOLD:
        is_given_up = order.has_rest and not source_in_ms(order)
        shipments = tuple([with_deadlines(each, now_ms, terms_of, working) for each in shipments])
        is_stuck = is_stuck and is_given_up
        stuck_ms = now_ms if is_given_up else _stuck_ms(shipments, now_ms, terms)
        if exchange is not None and exchange.waits and not exchange.due_ms:
            exchange = exchange._replace(due_ms=now_ms + terms.return_ms)
    stands = Standing(state, _alerts(shipments, state, is_stuck))
    after = _after(order, shipments, is_stuck, stuck_ms, order.stands, stands, exchange)
    return change._replace(order=after)


def _alerts(shipments: Sequence[Shipment], state: OrderState, is_stuck: bool) -> tuple[Alert, ...]:
    """What somebody should look at an order for."""
    late = at_risk = False
    for ship in shipments:
        if ship.late or ship.at_risk:
            still_due = {each.deadline for each in open_deadlines(ship)}
            late = late or not still_due.isdisjoint(ship.late)
            at_risk = at_risk or not still_due.isdisjoint(set(ship.at_risk) - set(ship.late))
    refused = state in _TO_LEAVE and any(ship.reason for ship in shipments)
    told = ((Alert.AT_RISK, at_risk), (Alert.LATE, late), (Alert.REFUSED, refused), (Alert.STUCK, is_stuck))
    return tuple([alert for alert, is_so in told if is_so])


def next_ms(order: PlacedOrder) -> int:
    """When time makes something of an order next; 0: never."""
    instants = [at_ms for at_ms in map(next_told_ms, order.shipments) if at_ms]
    if order.stuck_ms and not order.is_stuck:
        instants.append(order.stuck_ms)
    if order.exchange is not None and (due_ms := return_due_ms(order)):
        instants.append(due_ms)
    return max(min(instants), 1) if instants else 0


def overdue(order: PlacedOrder, now_ms: int) -> Change | None:
    """What time makes of an order by now, one step of it; None if nothing."""
    if 0 < return_due_ms(order) <= now_ms:
        return return_missed(order)
    for number, shipment in enumerate(order.shipments, 1):
        for deadline, by_ms, at_risk_ms in open_deadlines(shipment):
            if deadline in shipment.late:
                continue
            if by_ms <= now_ms:
                if deadline == Deadline.COLLECT and _may_go_back(order, shipment):
                    return put_back(order, number)
                return _told(order, number, shipment._replace(late=(*shipment.late, deadline)), Step.LATE, deadline)
            if at_risk_ms <= now_ms and deadline not in shipment.at_risk:
                at_risk = shipment._replace(at_risk=(*shipment.at_risk, deadline))
                return _told(order, number, at_risk, Step.AT_RISK, deadline)
    if order.stuck_ms and not order.is_stuck and order.stuck_ms <= now_ms:
        return Change(order._replace(is_stuck=True), Step.STUCK, 0, "REST" if order.has_rest else "")
    return None


def put_back(order: PlacedOrder, number: int) -> Change:
    """What nobody collected goes back to stock where it waited: it is cancelled, and paid back.

    Raises FailedPrecondition (ILLEGAL_STEP).
    """
    shipment = moved(order, number, Step.PUT_BACK)
    lines, refund = list(order.lines), 0
    for each in shipment.lines:
        ordered = lines[each.line]
        lines[each.line] = ordered._replace(cancelled=ordered.cancelled + each.quantity)
        refund += each.quantity * ordered.unit_price_micros
    shipment = shipment._replace(refund_micros=refund)
    after = with_shipment(order._replace(lines=tuple(lines)), number, shipment)
    return Change(after, Step.PUT_BACK, number, "", _back_to_stock(shipment), _came_back(shipment, number))


def refund(order: PlacedOrder, number: int) -> Change:
    """What was paid for a shipment that went back is due to its customer."""
    micros = order.shipments[number - 1].refund_micros
    return Change(order, Step.REFUND, number, f"{micros} {order.currency_code}".rstrip())


def _came_back(shipment: Shipment, number: int) -> tuple[MovedUnits, ...]:
    """The units that had left their node, and are back at another."""
    if shipment.way == Way.PICKUP:
        return ()
    at = shipment.collected_ix
    return tuple([MovedUnits(x.line, x.quantity, number, Disposition.RESELLABLE, at) for x in shipment.lines])


def _back_to_stock(shipment: Shipment) -> tuple[StockMove, ...]:
    """Of its own node the units were never taken from stock; to another they come, and can be sold there."""
    if shipment.way == Way.PICKUP:
        return (Release(shipment.reservation_id, shipment.cells),)
    units: dict[int, int] = {}
    for line in shipment.lines:
        for sku_ix, per_kit in line.parts:
            units[sku_ix] = units.get(sku_ix, 0) + line.quantity * per_kit
    return tuple([Receive(shipment.collected_ix, sku_ix, n, "") for sku_ix, n in units.items()])


def _may_go_back(order: PlacedOrder, shipment: Shipment) -> bool:
    """Whether all its units are free to: those that its customer wants to return come back so."""
    if shipment.way == Way.PICKUP:
        return True
    return all(order.returnable(line) >= units for line, units in units_by_line(shipment.lines).items())


def _stuck_ms(shipments: Sequence[Shipment], now_ms: int, terms: Terms) -> int:
    """When an order is stuck to which something happened now: some time after the next step of a shipment is due; 0: never."""
    first = [by_ms for by_ms in map(next_due_ms, shipments) if by_ms]
    return max(min(first), now_ms) + terms.stuck_ms if first else 0


def _told(order: PlacedOrder, number: int, shipment: Shipment, step: Step, deadline: Deadline) -> Change:
    return Change(with_shipment(order, number, shipment), step, number, deadline.name)
