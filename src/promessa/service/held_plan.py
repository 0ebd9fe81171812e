"""A plan that is held: what the store is asked to take, what is kept beside the reservation, and the answer made from it.

Plain functions over plans and reservations; sourcing.py calls the store.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from promessa.domain.kinds import UNKNOWN_DAY, Ways
from promessa.domain.limits import WORK_SLIP_DAYS_MAX
from promessa.domain.plan_token import Redeemed
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.reservation import Reservation, ReserveOutcome, ShortfallReason
from promessa.domain.sourcing import Order, Plan, PlannedShipment
from promessa.service.question import Question
from promessa.store.store import Positions
from promessa.store.supply_store import FROM_STOCK


class Sourced(NamedTuple):
    """A plan that is held, or the refusal of an order. `shortfalls` are (sku_ix, requested, available, reason).

    `redeemed` is what became of the token that the request came with, None without one."""

    outcome: ReserveOutcome
    plan: Plan
    reservation: Reservation
    shortfalls: tuple[tuple[int, int, int, int], ...]
    attempts: int
    positions: Positions
    replayed: bool
    redeemed: Redeemed | None = None


class Kept(msgspec.Struct, array_like=True):
    """What is stored beside a reservation, so that a repeated request gets the same answer."""

    plan: Plan
    attempts: int
    limited: tuple[int, ...] = ()
    """Skus of which the owner may hold no more."""
    record: bytes = b""
    """The decision, to be made again; see decision_records.py."""
    redeemed: Redeemed | None = None
    """What became of the request's plan token."""
    order: Order | None = None
    """What was to be sourced, where the record does not tell."""
    later: tuple[tuple[str, str], ...] = ()
    """Decisions that followed, each with the node that refused."""
    now: Plan | None = None
    """The plan after the last of them, None without any: which node serves which lines; what its shipments cost is of then."""


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Kept).decode


def held(kept: Kept, found: Plan, reservation: Reservation, positions: Positions, *, replayed: bool) -> Sourced:
    """The answer of an order that holds its plan, from what is kept of it; `found` is the plan as its nodes take it on."""
    outcome = ReserveOutcome.PARTIALLY_RESERVED if found.unserved else ReserveOutcome.RESERVED
    short = tuple([_shortfall(found, *line, kept.limited) for line in found.unserved])
    return Sourced(outcome, found, reservation, short, kept.attempts, positions, replayed, kept.redeemed)


def with_later(found: Plan, question: Question) -> Plan:
    """A plan that says, too, when its shipments leave and arrive if their nodes have no room for them before a later day.

    It is kept with the reservation, which gives the same answer again whatever calendars say by then.
    """
    destination = question.destination
    shipments = []
    for ship in found.shipments:
        lane_ix = destination.lane_of(ship)
        lines = [question.positions.index(position) for position, _, _ in ship.lines]
        lead_ms = question.lead_ms(lines) if question.steps else 0
        days = [destination.dates(lane_ix, question.now_ms, lead_ms, slip) for slip in range(1, WORK_SLIP_DAYS_MAX + 1)]
        shipments.append(ship._replace(later=tuple([each for each in days if each])))
    return found._replace(shipments=tuple(shipments))


def slips_of(found: Plan, latest_ms: int) -> list[int]:
    """How many days each node of a plan may take longer, flat: node, days; nothing where any day will do."""
    if not latest_ms:
        return []
    slips: dict[int, int] = {}
    for ship in found.shipments:
        slip = slip_of(ship, latest_ms)
        slips[ship.node_ix] = min(slip, slips.get(ship.node_ix, slip))
    return [x for each in slips.items() for x in each]


def slip_of(ship: PlannedShipment, latest_ms: int) -> int:
    """How many days later a shipment's work may be done."""
    if not ship.later:
        return (latest_ms - ship.promise_ms) // DAY_MS
    return next((days for days, later in enumerate(ship.later) if later[3] > latest_ms), len(ship.later))


def slipped(found: Plan, reservation: Reservation) -> Plan:
    """A plan as its nodes have taken it on: what they do on a later day leaves and arrives later."""
    if not reservation.work_days:
        return found
    slips: dict[int, int] = {}
    for day in reservation.work_days:
        slips[day.node_ix] = max(day.slip_days, slips.get(day.node_ix, 0))
    return found._replace(shipments=tuple([later_by(ship, slips.get(ship.node_ix, 0)) for ship in found.shipments]))


def later_by(ship: PlannedShipment, days: int) -> PlannedShipment:
    """A shipment whose work is done so many days later."""
    if days and ship.later:
        ready, leaves, start, promise = ship.later[min(days, len(ship.later)) - 1]
        beyond = max(0, days - len(ship.later)) * DAY_MS
        return ship._replace(
            ready_ms=ready + beyond,
            ship_ms=leaves + beyond,
            window_start_ms=start + beyond,
            promise_ms=promise + beyond,
        )
    return ship._replace(ship_ms=ship.ship_ms + days * DAY_MS, promise_ms=ship.promise_ms + days * DAY_MS)


def cells_of(found: Plan) -> list[int]:
    """What a plan takes from where: flat node, sku, quantity; each cell once."""
    flat = [x for ship in found.shipments for _, sku_ix, units in ship.lines for x in (ship.node_ix, sku_ix, units)]
    cells = set(zip(flat[::3], flat[1::3], strict=True))
    if 3 * len(cells) == len(flat):
        return flat
    sums: dict[tuple[int, int], int] = {}  # lines that go several ways may share one
    for at in range(0, len(flat), 3):
        cell = flat[at], flat[at + 1]
        sums[cell] = sums.get(cell, 0) + flat[at + 2]
    return [x for cell, units in sums.items() for x in (*cell, units)]


def waits_for_supply(found: Plan) -> bool:
    """Whether a shipment of a plan waits for what is to come."""
    return any(ship.supply_day for ship in found.shipments)


def days_of_cells(found: Plan) -> dict[tuple[int, int], int]:
    """The supply day of each cell that a plan takes from: what a node sends of a sku leaves it on one day."""
    return {(ship.node_ix, sku_ix): ship.supply_day for ship in found.shipments for _, sku_ix, _ in ship.lines}


def wait_for(day: int, ways: Ways) -> tuple[int, bool]:
    """The latest day of what a cell may wait for, and whether its backorder allowance counts."""
    if day == UNKNOWN_DAY:
        return (0 if ways.future_supply else FROM_STOCK), True
    return day or FROM_STOCK, False


def refused_lines(question: Question, found: Plan, left: Collection[int]) -> list[int]:
    """The lines of a refusal as the store keeps them; what cannot be served carries the reason."""
    missing = {position: units for position, _, units in found.unserved}
    flat: list[int] = []
    for line, sku_ix in enumerate(question.sku_ixs):
        quantity = question.units(line, question.wanted[line])
        short = missing.get(question.positions[line], 0)
        reason = _reason(sku_ix, left) if short else ShortfallReason.NONE
        flat += (-1, sku_ix, quantity, 0, 0, 0, quantity - short, int(reason))
    return flat


def unserved_lines(question: Question, found: Plan, left: Collection[int]) -> list[int]:
    """What a plan leaves out, flat: sku, requested, served, reason."""
    if not found.unserved:
        return []
    lines = refused_lines(question, found, left)
    rows = [lines[i : i + 8] for i in range(0, len(lines), 8)]
    return [x for row in rows if row[7] for x in (row[1], row[2], row[6], row[7])]


def _reason(sku_ix: int, limited: Collection[int]) -> ShortfallReason:
    """Why units of a sku are not served."""
    return ShortfallReason.OWNER_LIMIT if sku_ix in limited else ShortfallReason.NOT_SERVED


def _shortfall(
    found: Plan, position: int, sku_ix: int, missing: int, limited: Collection[int]
) -> tuple[int, int, int, int]:
    served = sum(units for ship in found.shipments for line, _, units in ship.lines if line == position)
    return sku_ix, served + missing, served, int(_reason(sku_ix, limited))
