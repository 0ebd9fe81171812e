"""The board of orders: those that pass the filters, the most urgent first, with what is due next."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from promessa.cli.order_texts import OrderTexts
from promessa.cli.output import table
from promessa.v1 import orders_pb2

if TYPE_CHECKING:
    from rich.console import RenderableType

_STILL_DUE = (orders_pb2.DEADLINE_STATE_OPEN, orders_pb2.DEADLINE_STATE_AT_RISK, orders_pb2.DEADLINE_STATE_LATE)
_COLOURS: dict[int, str] = {
    orders_pb2.ORDER_ALERT_LATE: "red",
    orders_pb2.ORDER_ALERT_STUCK: "red",
    orders_pb2.ORDER_ALERT_AT_RISK: "yellow",
    orders_pb2.ORDER_ALERT_REFUSED: "yellow",
}
_NEVER = float("inf")


class OrderBoard:
    """Orders by id, as a watch tells them."""

    def __init__(self, texts: OrderTexts) -> None:
        self.orders: dict[str, Any] = {}
        self._texts = texts
        self._ahead = 0.0
        """Seconds that the server's clock is ahead of this machine's."""

    def enter(self, batch: Any) -> None:
        """Take over a batch of WatchOrders."""
        if batch.HasField("time"):
            self._ahead = batch.time.ToMilliseconds() / 1000 - time.time()
        for change in batch.changes:
            if change.matches:
                self.orders[change.order.order_id] = change.order
            else:
                self.orders.pop(change.order.order_id, None)

    def clear(self) -> None:
        """Nothing is known any more."""
        self.orders.clear()

    def head(self) -> str:
        """How many there are, and how many with each alert."""
        counts = Counter(alert for order in self.orders.values() for alert in order.alerts)
        said = [self._texts("orders", count=len(self.orders))]
        for number in orders_pb2.OrderAlert.values()[1:]:
            if counts[number]:
                word = self._texts.of(orders_pb2.OrderAlert, number)
                said.append(f"[{_COLOURS.get(number, 'yellow')}]{word} {counts[number]:,}[/]")
        return " · ".join(said)

    def table(self, *, rows_max: int = 0, now: float | None = None) -> RenderableType:
        """The most urgent, or all; `now` in seconds since the epoch, by default as the server has it."""
        now = time.time() + self._ahead if now is None else now
        texts = self._texts
        names = ("order", "alerts", "state", "node", "channel", "due", "in")
        rows = table(*(texts(name) for name in names), right=[texts("in")])
        ranked = sorted(self.orders.values(), key=lambda order: (_next_of(order)[0], order.order_id))
        shown = ranked[:rows_max] if rows_max else ranked
        for order in shown:
            seconds, deadline, node_id = _next_of(order)
            alerts = ", ".join(
                f"[{_COLOURS.get(each, 'yellow')}]{texts.of(orders_pb2.OrderAlert, each)}[/]" for each in order.alerts
            )
            rows.add_row(
                order.order_id,
                alerts,
                texts.of(orders_pb2.OrderState, order.state),
                node_id,
                order.channel,
                texts.of(orders_pb2.DeadlineKind, deadline) if deadline else "",
                _span(seconds - now) if deadline else "",
            )
        if len(shown) < len(ranked):
            rows.caption = texts("more", count=len(ranked) - len(shown))
        return rows


def _next_of(order: Any) -> tuple[float, int, str]:
    """The deadline of an order that is due first: when, which, and of which node; nothing else where none is due."""
    due = [
        (each.time.ToMilliseconds() / 1000, each.kind, ship.pickup_node_id or ship.node_id)
        for ship in order.shipments
        for each in ship.deadlines
        if each.state in _STILL_DUE
    ]
    nodes = ", ".join(dict.fromkeys(ship.node_id for ship in order.shipments))
    return min(due, default=(_NEVER, 0, nodes))


def _span(seconds: float) -> str:
    """A time to come or gone by, in its two largest units: 2 h 05 min, -3 d 4 h."""
    sign, minutes = ("-", int(-seconds // 60)) if seconds < 0 else ("", int(seconds // 60))
    if minutes < 60:
        return f"{sign}{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours} h {minutes:02d} min"
    return f"{sign}{hours // 24} d {hours % 24} h"
