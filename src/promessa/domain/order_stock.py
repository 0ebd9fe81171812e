"""What steps of orders move in stock: kinds of moves, and how they are put together.

`store/lua/order_steps.lua` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from promessa.domain.order import Shipment

Cells = tuple[tuple[int, int, int], ...]
"""Node, sku and units."""


class Confirm(NamedTuple):
    """A reservation becomes part of the order: these units of it, and the rest goes back to stock."""

    reservation_id: str
    cells: Cells


class Release(NamedTuple):
    """Units of a reservation go back to stock."""

    reservation_id: str
    cells: Cells


class Fulfill(NamedTuple):
    """Units of a reservation have left their node."""

    reservation_id: str
    cells: Cells


class Transfer(NamedTuple):
    """Units of a reservation go to another node, whose work may be so many days later than planned."""

    reservation_id: str
    cells: Cells
    to_ix: int
    slip_days: int


class Withhold(NamedTuple):
    """Units of a cell cannot be sold, for a reason; 0: all that nobody was promised. `missing` were looked for in vain."""

    node_ix: int
    sku_ix: int
    reason: str
    units: int
    missing: int


class Receive(NamedTuple):
    """Units come to a cell; with a reason they cannot be sold."""

    node_ix: int
    sku_ix: int
    units: int
    reason: str


StockMove = Confirm | Release | Fulfill | Transfer | Withhold | Receive


def confirmations(shipments: Sequence[Shipment]) -> tuple[Confirm, ...]:
    """The reservations of shipments, each whole."""
    found: dict[str, dict[tuple[int, int], int]] = {}
    for ship in shipments:
        of, node_ix = found.setdefault(ship.reservation_id, {}), ship.node_ix
        for line in ship.lines:
            cell = node_ix, line.sku_ix
            of[cell] = of.get(cell, 0) + line.quantity
    return tuple([Confirm(name, _units(of)) for name, of in found.items()])


def joined(releases: Iterable[Release]) -> tuple[Release, ...]:
    """Releases of one reservation as one."""
    return tuple([Release(name, cells) for name, cells in _by_reservation(releases)])


def _by_reservation(parts: Iterable[Release]) -> list[tuple[str, Cells]]:
    """The cells of several parts of reservations, each reservation once, and each cell of it once."""
    found: dict[str, dict[tuple[int, int], int]] = {}
    for part in parts:
        of = found.setdefault(part.reservation_id, {})
        for node_ix, sku_ix, units in part.cells:
            of[node_ix, sku_ix] = of.get((node_ix, sku_ix), 0) + units
    return [(name, _units(of)) for name, of in found.items()]


def _units(of: dict[tuple[int, int], int]) -> Cells:
    return tuple([(node_ix, sku_ix, units) for (node_ix, sku_ix), units in of.items() if units])
