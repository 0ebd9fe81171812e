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
    if len(shipments) == 1:
        return (Confirm(shipments[0].reservation_id, shipments[0].cells),)
    cells: dict[str, dict[tuple[int, int], int]] = {}
    for shipment in shipments:
        of = cells.setdefault(shipment.reservation_id, {})
        for node_ix, sku_ix, units in shipment.cells:
            of[node_ix, sku_ix] = of.get((node_ix, sku_ix), 0) + units
    return tuple([Confirm(name, tuple([(*cell, n) for cell, n in of.items()])) for name, of in cells.items()])


def joined(moves: Iterable[StockMove]) -> tuple[StockMove, ...]:
    """Releases of one reservation as one."""
    cells: dict[str, dict[tuple[int, int], int]] = {}
    for move in moves:
        assert isinstance(move, Release)
        of = cells.setdefault(move.reservation_id, {})
        for node_ix, sku_ix, units in move.cells:
            of[node_ix, sku_ix] = of.get((node_ix, sku_ix), 0) + units
    return tuple([Release(name, tuple([(*cell, n) for cell, n in of.items()])) for name, of in cells.items()])
