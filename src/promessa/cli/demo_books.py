"""What the demo saw: books of its own, kept from what it did and was told. Nothing here trusts the server's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promessa.demo.chain import Chain
from promessa.v1 import orders_pb2 as od

Cell = tuple[str, str]
"""Sku and node id."""

FLASH_SKU = "FLASH-SALE"

GONE = (od.SHIPMENT_STATE_REJECTED, od.SHIPMENT_STATE_CANCELLED)
"""States of shipments that have no units any more."""


@dataclass(slots=True)
class FlashSale:
    """A thousand units, five thousand hands. `back` are units in stock again once the holds are over."""

    units: int
    attempts: int
    won: int = 0
    lost: int = 0
    back: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """A figure as the demo counted it, and as a report has it."""

    name: str
    ours: int
    reported: int


@dataclass(slots=True)
class Journeys:
    """What happened to orders: steps by name, refusals by reason, and what came back by what became of it.

    `overdue` are shipments that were delivered, or ready to be collected, later than was promised. `elsewhere` are exchanges in
    a store of another owner than that of the node which served the order. Money is in micros: prices of what left and of what
    came back, what sellers owe owners of nodes for what left, and what customers pay for exchanges.
    """

    days: int = 0
    seconds: float = 0.0
    steps: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    left_units: Counter[Cell] = field(default_factory=Counter)
    returned_units: Counter[str] = field(default_factory=Counter)
    overdue: int = 0
    too_late_to_cancel: int = 0
    exchanges_not_served: int = 0
    elsewhere: int = 0
    left_micros: int = 0
    returned_micros: int = 0
    commission_micros: int = 0
    exchange_difference_micros: int = 0


@dataclass(slots=True)
class Seen:
    """What the client saw. `orders` are as they were told last; `have` are units there ever were to sell.

    `first_ms` and `last_ms` are instants of the server's clock. `audits` are those after each act. `checks` are figures of the
    reports beside our own, None: no archive was kept; `page` has all of them.
    """

    chain: Chain
    outcomes: Counter[str] = field(default_factory=Counter)
    shipments: int = 0
    proven: int = 0
    cost_micros: int = 0
    compared: int = 0
    compared_micros: int = 0
    nearest_micros: int = 0
    waits_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    fed_items: int = 0
    flash: FlashSale | None = None
    journeys: Journeys = field(default_factory=Journeys)
    audits: list[Any] = field(default_factory=list)
    orders: dict[str, od.Order] = field(default_factory=dict)
    have: Counter[Cell] = field(default_factory=Counter)
    flash_units: Counter[Cell] = field(default_factory=Counter)
    seconds: float = 0.0
    first_ms: int = 0
    last_ms: int = 0
    checks: list[Check] | None = None
    page: Path | None = None

    @property
    def promised(self) -> Counter[Cell]:
        """Units of orders and of the flash sale, by where they come from."""
        found = self.flash_units.copy()
        for order in self.orders.values():
            for shipment in order.shipments:
                if shipment.state not in GONE and not _is_put_back_at_home(shipment):
                    for line in shipment.lines:
                        found[line.sku, shipment.node_id] += line.quantity
        return found

    @property
    def put_back(self) -> Counter[Cell]:
        """Units that nobody collected and that are on sale where they were sent to."""
        found: Counter[Cell] = Counter()
        for _, shipment, line in self._put_back_lines():
            found[line.sku, shipment.pickup_node_id] += line.quantity
        return found

    @property
    def put_back_micros(self) -> int:
        """What they were sold for."""
        return sum(
            line.quantity * order.lines[line.line].unit_price_micros for order, _, line in self._put_back_lines()
        )

    def _put_back_lines(self) -> Iterator[tuple[od.Order, od.OrderShipment, Any]]:
        for order in self.orders.values():
            for shipment in order.shipments:
                if shipment.state == od.SHIPMENT_STATE_UNCOLLECTED and not _is_put_back_at_home(shipment):
                    for line in shipment.lines:
                        yield order, shipment, line

    def told(self, kind: int) -> int:
        """Steps of a kind in the histories of all orders."""
        return sum(step.kind == kind for order in self.orders.values() for step in order.steps)

    def shipments_in(self, *states: int) -> int:
        """Shipments in one of these states now."""
        return sum(shipment.state in states for order in self.orders.values() for shipment in order.shipments)

    @property
    def told_twice(self) -> int:
        """Deadlines that were told as near, or as missed, more than once."""
        told = Counter(
            (order.order_id, step.kind, step.number, step.detail)
            for order in self.orders.values()
            for step in order.steps
            if step.kind in (od.ORDER_STEP_KIND_AT_RISK, od.ORDER_STEP_KIND_LATE)
        )
        return sum(count - 1 for count in told.values())

    @property
    def oversold_units(self) -> int:
        """Units promised beyond those that there ever were, by the client's own books."""
        have = self.have + self.put_back
        return sum(max(0, units - have[cell]) for cell, units in self.promised.items())


def _is_put_back_at_home(shipment: od.OrderShipment) -> bool:
    """Whether nobody collected it at the very node that had it: its units never left."""
    return shipment.state == od.SHIPMENT_STATE_UNCOLLECTED and shipment.pickup_node_id == shipment.node_id
