"""Which orders somebody wants to see, of a listing or a watch."""

from __future__ import annotations

from typing import NamedTuple

from promessa.domain.claim import claim_of
from promessa.domain.order import PlacedOrder, Standing


class OrderFilters(NamedTuple):
    """Those that keep to everything said here. None or empty says nothing, a channel includes those below. With `open_at_node`
    only those that the node has something to do for: see order_work.py."""

    states: frozenset[int] = frozenset()
    node_ix: int | None = None
    channel: str = ""
    from_ms: int = 0
    until_ms: int = 0
    open_at_node: bool = False
    alerts: frozenset[int] = frozenset()

    def keep(self, order: PlacedOrder) -> bool:
        """Whether an order is wanted, but for its time."""
        return self.keep_place(order) and self.keep_standing(order.stands._replace(state=order.state))

    def keep_place(self, order: PlacedOrder) -> bool:
        """Whether its node and channel are wanted: once they are, they stay so."""
        channel, _ = claim_of(order.channel)
        return (self.node_ix is None or any(ship.concerns(self.node_ix) for ship in order.shipments)) and (
            not self.channel or channel == self.channel or channel.startswith(f"{self.channel}/")
        )

    def keep_standing(self, standing: Standing) -> bool:
        """Whether its state and alerts are wanted: any one of those named."""
        return (not self.states or standing.state in self.states) and (
            not self.alerts or not self.alerts.isdisjoint(standing.alerts)
        )
