"""A quoted plan against the network of now: whether it can still go as it was quoted, what it would cost, and what changed.

The question is asked again, narrowed so that the plan is its only answer: each line has units at the nodes of its shipments
alone, on the days that they wait for, and only their lanes may be used. What the kernel then answers is the plan with the dates
and prices of now.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.kinds import NO_DAY
from promessa.domain.plan_token import NO_INDEX, ChangeKind, PlanChange, QuotedPlan
from promessa.domain.policy import DEFAULT_POLICY_ID
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.reservation import Reservation, ShortfallReason
from promessa.domain.sourcing import Order, Plan, PlannedShipment
from promessa.service.cooling import cooling_lines
from promessa.service.deciding import Decider
from promessa.service.held_plan import days_of_cells
from promessa.service.network_view import Destination
from promessa.service.question import Question


class Standing(NamedTuple):
    """A quoted plan as it stands: with dates that can be kept, what it would cost now, and what keeps it from being held.
    `asked` is the question whose only answer it is."""

    plan: Plan
    total_now_micros: int
    changes: tuple[PlanChange, ...]
    asked: Question


def as_quoted(order: Order) -> Order:
    """An order as its quoted plan is looked at: what a policy said when it was quoted stays, so none decides now."""
    return order._replace(policy_id=DEFAULT_POLICY_ID, policy_version=0)


class _Place(NamedTuple):
    """Where a shipment is in the network of a question."""

    node_ix: int
    lane_ix: int


def standing(quoted: QuotedPlan, plan: Plan, question: Question, decider: Decider, catalogue: Catalogue) -> Standing:
    """How a quoted plan stands. `plan` is the same with indices; `question` is the order's as of now, as_quoted.

    What may take as long as it was quoted to take may begin when the plan is held: a shipment is later only if it is so by more
    than the time since the quote.
    """
    places = [_place(question.destination, ship) for ship in plan.shipments]
    asked = _narrowed(question, plan, [place for place in places if place])
    now = decider.decide(asked)
    since_ms = max(0, question.now_ms - quoted.quoted_ms)  # the clock of who quoted it may be ahead
    found = {_identity(ship): ship for ship in now.shipments}
    skus = question.sku_ixs
    cooling = {(node_ix, skus[line]) for node_ix, line, _ in cooling_lines(catalogue, skus, question.now_ms)}
    changes, shipments = [], []
    for said, ship, place in zip(quoted.shipments, plan.shipments, places, strict=True):
        today = found.get(_identity(ship))
        if any((ship.node_ix, sku_ix) in cooling for _, sku_ix, _ in ship.lines):
            changes.append(PlanChange(ChangeKind.NODE_COOLING, said.node_id, ship.lane_id))
        elif today is None:
            changes.append(_gone(said.node_id, ship, place, question, since_ms))
        elif today.promise_ms - ship.promise_ms > since_ms:
            changes.append(_later(said.node_id, ship, today.promise_ms))
        else:
            shipments.append(_dated(ship, today))
    total_now = (
        now.total_micros - now.split_micros + plan.split_micros
    )  # a policy may have a price of its own for splits
    return Standing(plan._replace(shipments=tuple(shipments)), total_now, tuple(changes), asked)


def changes_of_refusal(refused: Reservation, catalogue: Catalogue, plan: Plan) -> tuple[PlanChange, ...]:
    """The cells that the store would not give."""
    lanes = {ship.node_ix: ship.lane_id for ship in plan.shipments}
    nodes, skus = catalogue.nodes.ids, catalogue.skus.ids
    days = days_of_cells(plan)
    changes = []
    for line in refused.lines:
        day = days.get((line.node_ix, line.sku_ix), NO_DAY)
        awaited = day != NO_DAY and line.reason == ShortfallReason.INSUFFICIENT_STOCK
        if line.reason:
            changes.append(
                PlanChange(
                    ChangeKind.SUPPLY_SHORT if awaited else ChangeKind.STOCK_SHORT, nodes[line.node_ix],
                    lanes.get(line.node_ix, ""), skus[line.sku_ix], line.requested, line.available, line.reason,
                    supply_day=day if awaited else NO_DAY,
                )
            )  # fmt: skip
    return tuple(changes)


def _narrowed(question: Question, plan: Plan, places: Sequence[_Place]) -> Question:
    """The question whose only answer is a plan, as far as it has places."""
    lanes = bytearray(len(question.destination.lanes))
    allowed = question.rules.lane_allowed
    for place in places:
        lanes[place.lane_ix] = 1 if allowed is None else memoryview(allowed)[place.lane_ix]
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    for line in range(len(question.sku_ixs)):
        row = dict(_row(question, plan, line))
        for node_ix in sorted(row):
            nodes.append(node_ix)
            atp.append(row[node_ix])
        start.append(len(nodes))
    rules = replace(question.rules, lane_allowed=bytes(lanes))
    return replace(question, rules=rules, row_start=start, row_node=nodes, row_atp=atp)


def _row(question: Question, plan: Plan, line: int) -> Iterator[tuple[int, int]]:
    """The nodes that serve a line, with its lots there: all that there are where one node serves it, for what they cost may go
    by that; no more than the plan takes where several do."""
    position = question.positions[line]
    served = [(ship, units) for ship in plan.shipments for at, _, units in ship.lines if at == position]
    for ship, units in served:
        place = _place(question.destination, ship)
        if place is not None:
            lots = question.lots(line, units)
            yield place.node_ix, max(lots, question.at_node(line, place.node_ix)) if len(served) == 1 else lots


def _place(destination: Destination, ship: PlannedShipment) -> _Place | None:
    """Where a shipment is in a network, None if it is not there any more."""
    joint = destination.joint
    for lane_ix, (node_ix, lane) in enumerate(zip(destination.lane_nodes, destination.lanes, strict=True)):
        if lane.lane_id != ship.lane_id:
            continue
        here = node_ix, ship.collected_ix, NO_DAY
        if joint is not None:
            here = joint.origins[node_ix], joint.collected_at[node_ix], joint.supply_days[node_ix]
        if here == (ship.node_ix, ship.collected_ix, ship.supply_day):
            return _Place(node_ix, lane_ix)
    return None


def _identity(ship: PlannedShipment) -> tuple[object, ...]:
    """What two shipments have in common that are the same."""
    return ship.node_ix, ship.lane_id, ship.collected_ix, tuple(sorted(ship.lines))


def _gone(node_id: str, ship: PlannedShipment, place: _Place | None, question: Question, since_ms: int) -> PlanChange:
    """Why a shipment cannot go any more."""
    if ship.node_ix == NO_INDEX:
        return PlanChange(ChangeKind.NODE_GONE, node_id, ship.lane_id)
    if place is None:
        return PlanChange(ChangeKind.LANE_GONE, node_id, ship.lane_id)
    arrives_ms = _arrives_ms(question, place)
    if arrives_ms - ship.promise_ms > since_ms:
        return _later(node_id, ship, arrives_ms)
    return PlanChange(ChangeKind.NOT_ALLOWED, node_id, ship.lane_id)


def _arrives_ms(question: Question, place: _Place) -> int:
    """When a shipment of the order would arrive by a lane, all lines that are made first included."""
    destination, lead_ms = question.destination, question.longest_lead_ms
    dates = destination.dates(place.lane_ix, question.now_ms, lead_ms)
    if dates:
        return dates.promise_ms
    days = destination.lanes[place.lane_ix].transit_days
    return destination.ship_ms(place.node_ix, question.now_ms) + lead_ms + days * DAY_MS


def _later(node_id: str, ship: PlannedShipment, promise_ms: int) -> PlanChange:
    return PlanChange(ChangeKind.LATER, node_id, ship.lane_id, promise_ms=promise_ms, quoted_promise_ms=ship.promise_ms)


def _dated(ship: PlannedShipment, today: PlannedShipment) -> PlannedShipment:
    """A shipment with the dates that were quoted, if they can be kept, else with those of today."""
    if today.promise_ms <= ship.promise_ms and today.ship_ms <= ship.ship_ms:
        return ship
    return ship._replace(
        ready_ms=today.ready_ms,
        ship_ms=today.ship_ms,
        window_start_ms=today.window_start_ms,
        promise_ms=today.promise_ms,
    )
