"""What a node refused of an order, as an order of its own; and the order's plan without it.

Plain functions over orders, plans and reservations; resourcing.py decides and calls the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from promessa.domain.kinds import NO_WAYS, OwnStock, Ways
from promessa.domain.refusal import Cooling, RefusalReason
from promessa.domain.reservation import Reservation
from promessa.domain.sourcing import Order, Plan

REFUSED_BY_MAX = 100
"""Nodes that an order says refused it, the last ones."""


class Refusal(NamedTuple):
    """A node refuses lines (sku and units; none: all it has of the reservation). `cooldown_ms` None: as the server is set."""

    reservation_id: str
    node_id: str
    lines: tuple[tuple[str, int], ...]
    reason: RefusalReason
    cooldown_ms: int | None
    allow_partial: bool
    release_unserved: bool


class RefusedLine(NamedTuple):
    """Units of one line of an order."""

    position: int
    sku_ix: int
    units: int


class Told(msgspec.Struct, array_like=True):
    """What is kept of a decision after a refusal, with its answer.

    The plan is of an order whose lines are those of the first order at `positions`; it has no shipment where nothing went to
    other nodes. `short` has sku index, requested, available and reason.
    """

    outcome: int
    plan: Plan
    positions: tuple[int, ...]
    attempts: int
    record: bytes
    previous: str
    coolings: tuple[Cooling, ...]
    short: tuple[tuple[int, int, int, int], ...]


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Told).decode


def open_at(reservation: Reservation, node_ix: int) -> dict[int, int]:
    """Units of a reservation that are open at a node, by sku: in its stock, and bound to what is to come there."""
    found: dict[int, int] = {}
    for line in reservation.lines:
        if line.node_ix == node_ix and line.open:
            found[line.sku_ix] = found.get(line.sku_ix, 0) + line.open
    return found


def refused_lines(
    order: Order, now: Plan, node_ix: int, asked: Mapping[int, int], there: Mapping[int, int], skus: Sequence[str]
) -> list[RefusedLine]:
    """The lines of an order that a node refuses: `asked` units by sku of those that are `there`, and all that leaves together
    with them. What is in stock is refused before what is to come."""
    ships = sorted([ship for ship in now.shipments if ship.node_ix == node_ix], key=lambda ship: ship.supply_day)
    served = [RefusedLine(*line) for ship in ships for line in ship.lines]
    left, found = dict(asked), dict[int, RefusedLine]()
    rest = [_take(found, line, left) for line in served]
    for sku_ix, units in list(left.items()):  # units that somebody moved here by hand
        position = next(i for i, (sku, _) in enumerate(order.lines) if sku == skus[sku_ix])
        _take(found, RefusedLine(position, sku_ix, units), left)
    groups = {order.ways.group(position) for position in found} - {""}
    left = {sku_ix: units - asked.get(sku_ix, 0) for sku_ix, units in there.items()}
    for line in rest:
        if order.ways.group(line.position) in groups:
            _take(found, line, left)
    return sorted(found.values())


def _take(found: dict[int, RefusedLine], line: RefusedLine, left: dict[int, int]) -> RefusedLine:
    """Add as many units of a line as are left of its sku, to those that came by other shipments; what is not added of it."""
    known, units = found.get(line.position), min(line.units, left.get(line.sku_ix, 0))
    if units > 0:
        left[line.sku_ix] -= units
        found[line.position] = line._replace(units=units + (known.units if known else 0))
    return line._replace(units=line.units - units)


def order_of(
    order: Order, refused: Sequence[RefusedLine], refused_by: Sequence[str], without: Sequence[str], kept: int
) -> Order:
    """What nodes refused as an order of its own, which goes `without` some nodes.

    `refused_by` are the nodes that refused units of it, the last one last; `kept` is the number of shipments of the order that
    stay. Its most shipments are those that are left, but one at least.
    """
    part = part_of(order, refused, without)
    said, traits = part.constraints, order.traits
    most = max(1, said.max_shipments - kept) if said.max_shipments else 0
    by = (*traits.refused_by, *refused_by)[-REFUSED_BY_MAX:]
    return part._replace(constraints=replace(said, max_shipments=most), traits=traits._replace(refused_by=by))


def part_of(order: Order, lines: Sequence[RefusedLine], without: Sequence[str]) -> Order:
    """Units of some lines of an order as an order of its own, which goes without some nodes."""
    said = order.constraints
    return order._replace(
        lines=tuple([(order.lines[line.position][0], line.units) for line in lines]),
        constraints=replace(said, excluded_node_ids=tuple(dict.fromkeys((*said.excluded_node_ids, *without)))),
        ways=_ways(order.ways, [line.position for line in lines], without),
    )


def waiting_for_nothing(order: Order) -> Order:
    """An order that waits for no supply."""
    if not order.ways.waits:
        return order
    return order._replace(ways=order.ways._replace(future_supply=False, backorder=False))


def _ways(ways: Ways, positions: Sequence[int], without: Sequence[str]) -> Ways:
    """How some lines of an order get to their customer."""
    if ways is NO_WAYS:
        return ways
    return ways._replace(
        pickups=tuple([ways.pickup(position) for position in positions]) if ways.pickups else (),
        together=tuple([ways.group(position) for position in positions]) if ways.together else (),
        own_stock=int(OwnStock.EXCLUDED) if ways.sold_at and ways.sold_at in without else ways.own_stock,
    )


def coolings(
    reason: RefusalReason, skus: Iterable[str], since_ms: int, span_ms: int, decision_id: str
) -> tuple[Cooling, ...]:
    """For what a node is left alone that refused skus of a decision: for these, or by its reason for every one."""
    if not span_ms:
        return ()
    alone = [""] if reason.of_node else list(dict.fromkeys(skus))
    return tuple([Cooling(sku, since_ms, since_ms + span_ms, int(reason), decision_id) for sku in alone])


def without(now: Plan, node_ix: int, refused: Sequence[RefusedLine]) -> Plan:
    """A plan without what a node refused of it."""
    left = {line.position: line.units for line in refused}
    shipments = list(now.shipments)
    for at in sorted(range(len(shipments)), key=lambda at: shipments[at].supply_day):
        ship, lines = shipments[at], []
        for position, sku_ix, units in ship.lines if ship.node_ix == node_ix else ():
            taken = min(units, left.get(position, 0))
            left[position] = left.get(position, 0) - taken
            if units > taken:
                lines.append((position, sku_ix, units - taken))
        if ship.node_ix == node_ix:
            shipments[at] = ship._replace(lines=tuple(lines))
    return now._replace(shipments=tuple([ship for ship in shipments if ship.lines]))


def by_first_order(plan: Plan, positions: Sequence[int]) -> Plan:
    """A plan of refused lines, by the lines of the order as it was first sourced."""
    shipments = [
        ship._replace(lines=tuple([(positions[line], sku_ix, units) for line, sku_ix, units in ship.lines]))
        for ship in plan.shipments
    ]
    unserved = tuple([(positions[line], sku_ix, units) for line, sku_ix, units in plan.unserved])
    return plan._replace(shipments=tuple(shipments), unserved=unserved)
