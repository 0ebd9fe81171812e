"""What a replay counts for itself, from its orders as they are in the end: by the names that reports have for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import claim_of
from promessa.domain.order import PlacedOrder, ShipmentState, Step, StoredOrder

Figures = Counter[tuple[str, str]]
"""By what is counted, and the channel or node that it is of."""


@dataclass(slots=True)
class Counts:
    """Orders that ended, or are open when the replay ends; each is counted once. `seconds` are those of CPU that it took."""

    orders: int = 0
    not_served: int = 0
    shipments: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    of_channels: Figures = field(default_factory=Counter)
    of_nodes: Figures = field(default_factory=Counter)
    seconds: float = 0.0

    def end(self, found: StoredOrder, catalogue: Catalogue) -> None:
        """Count an order."""
        self.orders += 1
        self.shipments += len(found.order.shipments)
        self.steps.update([Step(entry.step).name for entry in found.history])
        self._count_channel(found.order)
        for shipment in found.order.shipments:
            node_id = catalogue.nodes.ids[shipment.node_ix]
            self.of_nodes["offered_count", node_id] += 1
            self.of_nodes["refused_count", node_id] += shipment.state == ShipmentState.REJECTED
            if shipment.has_left:
                units = sum([line.quantity for line in shipment.lines])
                self.of_nodes["shipped_quantity", node_id] += units
                self.of_nodes["fulfilled_quantity", node_id] += units

    def _count_channel(self, order: PlacedOrder) -> None:
        channel, left = claim_of(order.channel).channel, order.left()
        back = Counter[int]()
        for line in [line for each in order.returns for line in each.lines]:
            back[line.line] += line.quantity - line.open
        prices = [line.unit_price_micros for line in order.lines]
        for what, value in (
            ("order_count", 1),
            ("ordered_quantity", sum([line.quantity for line in order.lines])),
            ("cancelled_quantity", sum([line.cancelled for line in order.lines])),
            ("shipped_quantity", sum(left.values())),
            ("fulfilled_quantity", sum(left.values())),
            ("returned_quantity", sum(back.values())),
            ("revenue_micros", sum([(units - back[line]) * prices[line] for line, units in left.items()])),
        ):
            self.of_channels[what, channel] += value

    @property
    def step_count(self) -> int:
        """All steps of all orders."""
        return sum(self.steps.values())


def summed(parts: Sequence[Counts]) -> Counts:
    """What several processes counted."""
    found = Counts()
    for part in parts:
        for name in Counts.__dataclass_fields__:
            setattr(found, name, getattr(found, name) + getattr(part, name))
    return found
