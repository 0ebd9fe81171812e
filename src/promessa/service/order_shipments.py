"""The shipments of an order, from what is held for it: by the plan it was sourced with, or node by node.

Plain functions over reservations and plans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from promessa.domain.kinds import DELIVERED, FulfillmentKind, Ways
from promessa.domain.order import Components, OrderedLine, Shipment, ShipmentLine, Way
from promessa.domain.reservation import Reservation, ReservationLine
from promessa.domain.sourcing import Plan, PlannedShipment
from promessa.service.held_plan import decode

_WAYS = {FulfillmentKind.PICKUP: Way.PICKUP, FulfillmentKind.SHIP_TO_STORE: Way.TO_STORE}

IndexOf = Callable[[str], int]
"""The index of a node that is known."""

Piece = tuple[int, int]
"""A position of an order's lines, and units of it."""

Kits = Sequence[ReservationLine]
"""The lines of a reservation that hold kits."""


class Held(NamedTuple):
    """A reservation, the plan that it holds if it was sourced, and how its lines get to their customer."""

    reservation: Reservation
    plan: Plan | None
    ways: Ways


def plan_held(reservation: Reservation) -> Plan | None:
    """The plan that a reservation was made by, if it still is what the reservation holds."""
    if not reservation.extra:
        return None
    plan = decode(reservation.extra).plan
    planned: dict[tuple[int, int], int] = {}
    for shipment in plan.shipments:
        for _, sku_ix, units in shipment.lines:
            planned[shipment.node_ix, sku_ix] = planned.get((shipment.node_ix, sku_ix), 0) + units
    return plan if planned == open_cells(reservation) else None


def open_cells(reservation: Reservation) -> dict[tuple[int, int], int]:
    """Open units of a reservation by node and sku."""
    found: dict[tuple[int, int], int] = {}
    for line in reservation.lines:
        if line.open:
            found[line.node_ix, line.sku_ix] = found.get((line.node_ix, line.sku_ix), 0) + line.open
    return found


def shipments_of(held: Held, wanted: Sequence[OrderedLine], node_index: IndexOf) -> list[Shipment]:
    """What is held, as shipments of what is wanted: `to_source` of each line. Units that no line wants are in none."""
    if held.plan is not None:
        kits = _kits(held.reservation)
        return planned_shipments(held.reservation.reservation_id, held.plan, held.ways, wanted, kits)
    return _by_node(held, wanted, [line.to_source for line in wanted], node_index)


def planned_shipments(
    reservation_id: str, plan: Plan, ways: Ways, wanted: Sequence[OrderedLine], kits: Kits = ()
) -> list[Shipment]:
    """A plan as shipments of what is wanted, under the id of the reservation that holds it; of that its `kits`."""
    need = [line.to_source for line in wanted]
    return [_planned(reservation_id, each, ways, wanted, need, kits) for each in plan.shipments]


def _planned(
    reservation_id: str,
    planned: PlannedShipment,
    ways: Ways,
    wanted: Sequence[OrderedLine],
    need: list[int],
    kits: Kits,
) -> Shipment:
    """A shipment of a plan, whose lines stand for all lines of the same sku that go the same way."""
    pieces: dict[int, int] = {}
    for position, sku_ix, units in planned.lines:
        if units <= need[position]:
            pieces[position] = pieces.get(position, 0) + units
            need[position] -= units
            continue
        for line, part in _spread(units, _alike(position, sku_ix, wanted, ways), need):
            pieces[line] = pieces.get(line, 0) + part
    return Shipment(
        planned.node_ix, reservation_id, way_of(planned.kind), _lines(kits, planned.node_ix, pieces, wanted),
        kind=planned.kind, collected_ix=planned.collected_ix, lane_id=planned.lane_id,
        carrier_service=planned.carrier_service, ship_ms=planned.ship_ms, promise_ms=planned.promise_ms,
        cost_micros=planned.total_micros,
    )  # fmt: skip


def way_of(kind: int) -> Way:
    """How a shipment of a kind gets to its customer; kind 0 stands for one of a plan without ways."""
    return _WAYS.get(FulfillmentKind(kind), Way.DELIVERY) if kind else Way.DELIVERY


def _alike(position: int, sku_ix: int, wanted: Sequence[OrderedLine], ways: Ways) -> list[int]:
    """The lines that a plan's line may stand for, those that go the same way first."""
    same = [i for i, line in enumerate(wanted) if line.sku_ix == sku_ix]

    def is_other_way(line: int) -> bool:
        return (ways.pickup(line), ways.group(line)) != (ways.pickup(position), ways.group(position))

    return sorted(same, key=lambda line: (is_other_way(line), line))


def _by_node(held: Held, wanted: Sequence[OrderedLine], need: list[int], node_index: IndexOf) -> list[Shipment]:
    """One shipment for each node, and for each place where its lines are collected."""
    pieces: dict[tuple[int, int], dict[int, int]] = {}
    for (node_ix, sku_ix), units in open_cells(held.reservation).items():
        lines = [i for i, line in enumerate(wanted) if line.sku_ix == sku_ix]
        for line, part in _spread(units, lines, need):
            pickup = held.ways.pickup(line)
            here = pieces.setdefault((node_ix, node_index(pickup) if pickup else DELIVERED), {})
            here[line] = here.get(line, 0) + part
    return [_collected(held, *at, found, wanted) for at, found in pieces.items()]


def _collected(
    held: Held, node_ix: int, collected_ix: int, pieces: dict[int, int], wanted: Sequence[OrderedLine]
) -> Shipment:
    if collected_ix == DELIVERED:
        way, kind = Way.DELIVERY, FulfillmentKind.SHIP
    elif collected_ix == node_ix:
        way, kind = Way.PICKUP, FulfillmentKind.PICKUP
    else:
        way, kind = Way.TO_STORE, FulfillmentKind.SHIP_TO_STORE
    lines = _lines(_kits(held.reservation), node_ix, pieces, wanted)
    return Shipment(node_ix, held.reservation.reservation_id, way, lines, kind=kind, collected_ix=collected_ix)


def _spread(units: int, lines: Sequence[int], need: list[int]) -> list[Piece]:
    """Units over lines, in their order, as far as each needs them."""
    pieces = []
    for line in lines:
        part = min(units, need[line])
        if part:
            pieces.append((line, part))
            need[line] -= part
            units -= part
    return pieces


def _kits(reservation: Reservation) -> Kits:
    return [line for line in reservation.lines if line.components]


def _lines(kits: Kits, node_ix: int, pieces: dict[int, int], wanted: Sequence[OrderedLine]) -> tuple[ShipmentLine, ...]:
    components: dict[int, Components] = {line.sku_ix: line.components for line in kits if line.node_ix == node_ix}
    return tuple(
        [
            ShipmentLine(line, sku_ix := wanted[line].sku_ix, units, components.get(sku_ix, ()))
            for line, units in sorted(pieces.items())
        ]
    )
