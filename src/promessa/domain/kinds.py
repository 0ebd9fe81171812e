"""How units get to their customer: the kinds of shipments, and the ways an order asks for.

A kind follows from the node, the lane and the way: it is never set. Whether a shipment waits for supply is another matter, for
any kind may: see `PlannedShipment.supply_day`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.catalogue import Lane, Node

DELIVERED = -1
"""Stands for the node where something is collected, of what is delivered."""

NEVER_MS = 253_370_764_800_000
"""When units arrive that nothing is known to bring: on the first day of the year 9999, so that every real day is earlier."""

NO_DAY = 0
"""The supply day of what is in stock. Days are counted from 1970-01-01."""

UNKNOWN_DAY = 1 << 30
"""The supply day of what nothing is known to bring."""


class FulfillmentKind(IntEnum):
    """How a shipment gets from where to whom."""

    SHIP = 1
    SHIP_FROM_CENTRE = 2
    SHIP_FROM_STORE = 3
    DROP_SHIP = 4
    COURIER = 5
    PICKUP = 6
    SHIP_TO_STORE = 7


NODE_TYPES = ("", "DISTRIBUTION_CENTRE", "STORE", "FRANCHISE_STORE", "DARK_STORE", "SUPPLIER")
"""What a node may be, by the number of its type."""

_OF_NODE_TYPES = (
    FulfillmentKind.SHIP,
    FulfillmentKind.SHIP_FROM_CENTRE,
    FulfillmentKind.SHIP_FROM_STORE,
    FulfillmentKind.SHIP_FROM_STORE,
    FulfillmentKind.SHIP_FROM_STORE,
    FulfillmentKind.DROP_SHIP,
)
"""What a node delivers as, by the number of its type."""


def kind_of(node: Node, lane: Lane, *, collected: bool) -> FulfillmentKind:
    """The kind of a shipment by a lane of a node; `collected`: the customer comes for it."""
    if lane.customer_collects:
        return FulfillmentKind.PICKUP
    if collected:
        return FulfillmentKind.SHIP_TO_STORE
    if lane.transit_minutes:
        return FulfillmentKind.COURIER
    return _OF_NODE_TYPES[node.type]


class OwnStock(IntEnum):
    """What the stock of the shop is for in which an order is sold."""

    AS_ANY = 0
    FIRST = 1
    HAND_OVER = 2
    EXCLUDED = 3


class Ways(NamedTuple):
    """What an order says of how its units get to its customer, beside where it goes.

    `pickups` has for each line the node where it is collected (empty: it is delivered), `together` the name of those it leaves
    with (empty: it goes by itself); either is empty where no line says anything. `kinds` are those allowed, none: all.
    `own_stock` is an OwnStock.
    """

    pickups: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    ship_to_store: bool = False
    kinds: tuple[int, ...] = ()
    sold_at: str = ""
    own_stock: int = 0
    future_supply: bool = False
    backorder: bool = False

    def pickup(self, line: int) -> str:
        """Where a line is collected."""
        return self.pickups[line] if self.pickups else ""

    def group(self, line: int) -> str:
        """With whom a line leaves."""
        return self.together[line] if self.together else ""

    @property
    def waits(self) -> bool:
        """Whether it may wait for supply."""
        return self.future_supply or self.backorder


NO_WAYS = Ways()
