"""What of an order leaves lanes out, each by name: the ways it may not go, places beyond a lane's reach, dates.

Of what the order says, the masks are those that Questions.rules_of puts together; they are told apart only to explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promessa.domain.kinds import FulfillmentKind
from promessa.domain.sourcing import Order
from promessa.domain.why import Constraint, ConstraintKind
from promessa.service._fates import reached
from promessa.service.node_facts import both
from promessa.service.question import Question

LATEST_DELIVERY = Constraint(ConstraintKind.LATEST_DELIVERY)
OUT_OF_REACH = Constraint(ConstraintKind.OUT_OF_REACH)

Cause = tuple[Constraint, bytes]
"""What leaves lanes out, and a byte for each lane: 0 where it does."""


def allowed_kinds(order: Order) -> Constraint:
    """The kinds of shipments that an order allows, by their names in the API."""
    return Constraint(ConstraintKind.ALLOWED_KINDS, text=", ".join([FulfillmentKind(x).name for x in order.ways.kinds]))


def causes_of(question: Question) -> list[Cause]:
    """What of an order leaves lanes out: first what no date changes."""
    order, destination = question.order, question.destination
    found = []
    if order.ways.kinds:
        found.append((allowed_kinds(order), destination.lanes_of_kinds(order.ways.kinds)))
    if destination.near:
        found.append((OUT_OF_REACH, destination.lanes_in_reach(order.traits.position_e6)))
    if order.constraints.latest_delivery_ms:
        latest_ms, lead_ms = order.constraints.latest_delivery_ms, question.longest_lead_ms
        found.append((LATEST_DELIVERY, destination.lanes_in_time(question.now_ms, latest_ms, lead_ms)))
    return found


def remains(causes: Sequence[Cause]) -> Iterator[Cause]:
    """The lanes that each cause leaves of those that the ones before it leave: who has none then lost the last by it."""
    left = None
    for constraint, mask in causes:
        left = both(left, mask)
        yield constraint, left


def untouched(lane_nodes: list[int], mask: bytes, nodes: int) -> bytes:
    """A byte for each node: 0 if it has a lane that the mask leaves out."""
    return _inverted(bytes(reached(lane_nodes, _inverted(mask), nodes)))


def _inverted(mask: bytes) -> bytes:
    return mask.translate(_INVERTED)


_INVERTED = b"\1" + bytes(255)
