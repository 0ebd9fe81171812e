"""Deadlines of shipments: by when each step is due, from the plan and from the retailer's terms.

    accept, pick, ship, deliver             a shipment that is delivered
    accept, pick, be ready, collect         one that is collected at its node
    accept, pick, ship, be ready, collect   one that is sent to the store where it is collected

They are set when a shipment is offered, for good; that of collecting when it is ready. A planned instant that is over by then
counts as none. The work of a node goes by its working hours. No deadline is later than those after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from promessa.domain.calendar import DAY_END_MINUTE, MINUTE_MS
from promessa.domain.catalogue import Node
from promessa.domain.kinds import NEVER_MS
from promessa.domain.order import Shipment, ShipmentState, Way
from promessa.domain.replacing import replacing

DAY_MS = DAY_END_MINUTE * MINUTE_MS

Working = Callable[[int, int, int], int]
"""When a node has done so many ms of work that it begins at an instant: node, instant, work."""


class Deadline(IntEnum):
    """A step that is due by an instant."""

    ACCEPT = 1
    PICK = 2
    SHIP = 3
    READY = 4
    DELIVER = 5
    COLLECT = 6


class Terms(NamedTuple):
    """The retailer's terms, or those of a node, in ms; what each means stands with the settings of their names."""

    accept_ms: int
    pick_ms: int
    ship_ms: int
    deliver_ms: int
    collect_ms: int
    at_risk_ms: int
    stuck_ms: int
    return_ms: int


TermsOf = Callable[[int], Terms]
"""The terms of a node, by its index."""


def own_terms(terms: Terms, node: Node) -> Terms:
    """The terms of a node that has some of its own; the others are the retailer's."""
    return Terms(
        node.accept_minutes * MINUTE_MS or terms.accept_ms,
        node.pick_minutes * MINUTE_MS or terms.pick_ms,
        node.ship_minutes * MINUTE_MS or terms.ship_ms,
        node.deliver_days * DAY_MS or terms.deliver_ms,
        node.pickup_days * DAY_MS or terms.collect_ms,
        node.at_risk_minutes * MINUTE_MS or terms.at_risk_ms,
        terms.stuck_ms,
        terms.return_ms,
    )


D = Deadline
DEADLINES: dict[int, tuple[Deadline, ...]] = {
    Way.DELIVERY: (D.ACCEPT, D.PICK, D.SHIP, D.DELIVER),
    Way.PICKUP: (D.ACCEPT, D.PICK, D.READY, D.COLLECT),
    Way.TO_STORE: (D.ACCEPT, D.PICK, D.SHIP, D.READY, D.COLLECT),
}
"""The deadlines of a way, in the order in which they are met."""

_MET: dict[int, int] = {
    ShipmentState.OFFERED: 0,
    ShipmentState.ACCEPTED: 1,
    ShipmentState.PICKED: 2,
    ShipmentState.SHIPPED: 3,
}
"""How many of them are met in a state. Of one that is READY all but the last are; nothing is due of one in another state."""

_ALL = 9
_READY, _COLLECT = ShipmentState.READY, Deadline.COLLECT

_REMINDED_MS = DAY_MS
"""A customer is reminded a day before: half an hour would be too late to come."""


class Due(NamedTuple):
    """What is due by an instant, and from when on that is at risk."""

    deadline: Deadline
    by_ms: int
    at_risk_ms: int


def open_deadlines(shipment: Shipment) -> list[Due]:
    """What is still due of a shipment, the first first."""
    met = _met(shipment)
    return [
        Due(deadline, by_ms, by_ms - _lead_ms(shipment, deadline))
        for deadline, by_ms in zip(DEADLINES[shipment.way][met:], shipment.due[met:], strict=False)
    ]


def next_due_ms(shipment: Shipment) -> int:
    """By when the next step of a shipment is due; 0 if none is."""
    due, met = shipment.due, _met(shipment)
    return due[met] if met < len(due) else 0


def next_told_ms(shipment: Shipment) -> int:
    """When there is something to tell of a shipment: it is at risk, or late; 0: never."""
    if not shipment.at_risk and not shipment.late:  # no deadline is later than those after it
        due, met = shipment.due, _met(shipment)
        return max(due[met] - _lead_ms(shipment, DEADLINES[shipment.way][met]), 1) if met < len(due) else 0
    told = [
        by_ms if deadline in shipment.at_risk else at_risk_ms
        for deadline, by_ms, at_risk_ms in open_deadlines(shipment)
        if deadline not in shipment.late
    ]
    return max(min(told), 1) if told else 0


def _lead_ms(shipment: Shipment, deadline: Deadline) -> int:
    """How long before a deadline it is at risk."""
    return _REMINDED_MS if deadline is _COLLECT else shipment.lead_ms


def _met(shipment: Shipment) -> int:
    """How many deadlines of a shipment count no more."""
    state = shipment.state
    return len(DEADLINES[shipment.way]) - 1 if state == _READY else _MET.get(state, _ALL)


_with_due = replacing(Shipment, "due", "lead_ms")


def with_deadlines(shipment: Shipment, now_ms: int, terms_of: TermsOf, working: Working) -> Shipment:
    """A shipment with the deadlines that it has from now on; the same if it has them already, or still waits to be offered."""
    if shipment.is_over or shipment.state == ShipmentState.WAITING:
        return shipment
    if not shipment.due:
        terms = terms_of(shipment.node_ix)
        due = _of_new(shipment, now_ms, terms, working)
        shipment = _with_due(shipment, due, terms.at_risk_ms)
    if shipment.state == ShipmentState.READY and len(shipment.due) < len(DEADLINES[shipment.way]):
        return shipment._replace(due=(*shipment.due, now_ms + terms_of(shipment.collected_ix).collect_ms))
    return shipment


def _of_new(shipment: Shipment, now_ms: int, terms: Terms, working: Working) -> tuple[int, ...]:
    """All deadlines of a new shipment, but that of collecting."""
    node_ix = shipment.node_ix
    accept = working(node_ix, now_ms, terms.accept_ms)
    leaves, arrives = _planned(shipment.ship_ms, now_ms), _planned(shipment.promise_ms, now_ms)
    gone = arrives if shipment.way == Way.PICKUP else leaves
    pick = max(accept, gone - terms.ship_ms) if gone else working(node_ix, accept, terms.pick_ms)
    ready = gone or working(node_ix, pick, terms.ship_ms)
    if shipment.way == Way.PICKUP:
        return _rising((accept, pick, ready))
    return _rising((accept, pick, ready, arrives or ready + terms.deliver_ms))


def _planned(at_ms: int, now_ms: int) -> int:
    """A planned instant that is ahead, else 0."""
    return at_ms if now_ms < at_ms < NEVER_MS else 0


def _rising(instants: Sequence[int]) -> tuple[int, ...]:
    """The same, each at the latest when the one after it is."""
    found: list[int] = []
    for each in reversed(instants):
        found.append(min(each, found[-1]) if found else each)
    return tuple(reversed(found))
