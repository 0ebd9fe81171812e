"""Which step a shipment allows in which state: the one table, which docs/orders.md shows and a test compares."""

from __future__ import annotations

from promessa.domain.errors import FailedPrecondition, NotFound
from promessa.domain.order import PlacedOrder, Shipment, ShipmentState, Step, Way

S = ShipmentState

_BEFORE = {
    S.WAITING: {Step.RETURN_CAME: S.OFFERED, Step.CANCEL: S.CANCELLED},
    S.OFFERED: {Step.ACCEPT: S.ACCEPTED, Step.REJECT: S.REJECTED, Step.CANCEL: S.CANCELLED},
    S.ACCEPTED: {Step.PICK: S.PICKED, Step.REJECT: S.REJECTED, Step.CANCEL: S.CANCELLED},
}
_IN_HAND = {Step.REJECT: S.REJECTED, Step.CANCEL: S.CANCELLED}

MOVES: dict[Way, dict[ShipmentState, dict[Step, ShipmentState]]] = {
    Way.DELIVERY: {
        **_BEFORE,
        S.PICKED: {Step.SHIP: S.SHIPPED, **_IN_HAND},
        S.SHIPPED: {Step.DELIVER: S.DELIVERED},
    },
    Way.PICKUP: {
        **_BEFORE,
        S.PICKED: {Step.MAKE_READY: S.READY, **_IN_HAND},
        S.READY: {Step.MAKE_READY: S.READY, Step.HAND_OVER: S.HANDED_OVER, Step.CANCEL: S.CANCELLED},
    },
    Way.TO_STORE: {
        **_BEFORE,
        S.PICKED: {Step.SHIP: S.SHIPPED, **_IN_HAND},
        S.SHIPPED: {Step.MAKE_READY: S.READY},
        S.READY: {Step.MAKE_READY: S.READY, Step.HAND_OVER: S.HANDED_OVER},
    },
}
"""By way and state, what each legal step makes of a shipment. READY again is a new pickup code."""


_LEGAL: dict[tuple[int, int], tuple[Step, ...]] = {
    (way, state): tuple(sorted(steps)) for way, states in MOVES.items() for state, steps in states.items()
}


def legal_steps(way: int, state: int) -> tuple[Step, ...]:
    """The steps that a shipment of a way allows in a state."""
    return _LEGAL.get((way, state), ())


def shipment_of(order: PlacedOrder, number: int) -> Shipment:
    """The shipment of a number. Raises NotFound (SHIPMENT_NOT_FOUND)."""
    if not 1 <= number <= len(order.shipments):
        raise NotFound(
            "SHIPMENT_NOT_FOUND",
            f"Order {order.order_id!r} has no shipment {number}; it has {len(order.shipments)}.",
            order_id=order.order_id,
            shipment_number=number,
        )
    return order.shipments[number - 1]


def with_shipment(order: PlacedOrder, number: int, shipment: Shipment) -> PlacedOrder:
    """An order with another shipment of a number."""
    return order._replace(shipments=(*order.shipments[: number - 1], shipment, *order.shipments[number:]))


def moved(order: PlacedOrder, number: int, step: Step) -> Shipment:
    """The shipment of a number after a step. Raises NotFound, FailedPrecondition (ILLEGAL_STEP)."""
    shipment = shipment_of(order, number)
    allowed = MOVES[Way(shipment.way)].get(ShipmentState(shipment.state), {})
    if step not in allowed:
        raise illegal(order, number, step)
    return shipment._replace(state=allowed[step])


def illegal(order: PlacedOrder, number: int, step: Step) -> FailedPrecondition:
    """A step that the shipment's state does not allow."""
    shipment = order.shipments[number - 1]
    state, legal = ShipmentState(shipment.state).name, [each.name for each in legal_steps(shipment.way, shipment.state)]
    return FailedPrecondition(
        "ILLEGAL_STEP",
        f"Shipment {number} of order {order.order_id!r} is {state}, which does not allow {step.name}. "
        f"It allows {', '.join(legal) or 'nothing'}.",
        order_id=order.order_id,
        shipment_number=number,
        state=state,
        step=step.name,
        legal_steps=",".join(legal),
    )
