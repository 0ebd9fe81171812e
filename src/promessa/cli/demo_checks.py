"""Figures of the reports beside those that the demo counted itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promessa.cli.demo_books import FLASH_SKU, Check, Seen
from promessa.v1 import orders_pb2 as od


def checks_of(seen: Seen, answers: Mapping[str, Any]) -> list[Check]:
    """One for each figure that both have; `answers` are those of the reports by name."""
    return [
        *_channels(seen, answers["channels"].rows),
        *_nodes(seen, answers["nodes"].rows),
        *_journey(seen, answers["journey"].rows),
        *_settlement(seen, answers["settlement"].rows),
        *_sourcing(seen, answers["sourcing"].total),
        *_reservations(seen, answers["reservations"].rows, answers["stockouts"].rows),
    ]


def _channels(seen: Seen, rows: Sequence[Any]) -> Iterator[Check]:
    """Orders by channel, their units, and money."""
    placed = Counter(order.channel for order in seen.orders.values())
    lines = [line for order in seen.orders.values() for line in order.lines]
    cancelled = sum(order.state == od.ORDER_STATE_CANCELLED for order in seen.orders.values())
    made = seen.journeys
    for channel, count in sorted(placed.items()):
        yield Check(f"orders by {channel}", count, _sum([row for row in rows if row.channel == channel], "order_count"))
    yield Check("orders", len(seen.orders), _sum(rows, "order_count"))
    yield Check("orders cancelled", cancelled, _sum(rows, "cancelled_count"))
    yield Check("units ordered", sum(line.quantity for line in lines), _sum(rows, "ordered_quantity"))
    yield Check(
        "micros ordered", sum(line.quantity * line.unit_price_micros for line in lines), _sum(rows, "ordered_micros")
    )
    yield Check("units that left", made.left_units.total(), _sum(rows, "shipped_quantity"))
    returned = made.returned_units.total() + seen.put_back.total()
    yield Check("units returned, or put back", returned, _sum(rows, "returned_quantity"))
    revenue = made.left_micros - made.returned_micros - seen.put_back_micros
    yield Check("micros of revenue", revenue, _sum(rows, "revenue_micros"))


def _nodes(seen: Seen, rows: Sequence[Any]) -> Iterator[Check]:
    """What nodes did with what they were offered."""
    made, left = seen.journeys, Counter[str]()
    for (_, node_id), units in made.left_units.items():
        left[node_id] += units
    yield Check("shipments accepted", made.steps["ACCEPT"], _sum(rows, "accepted_count"))
    yield Check("shipments refused", made.refusals.total(), _sum(rows, "refused_count"))
    for reason in ("NOT_FOUND", "DAMAGED", "NO_CAPACITY", "NODE_CLOSED", "OTHER"):
        yield Check(f"refused for {reason}", made.refusals[reason], _sum(rows, f"{reason.lower()}_count"))
    yield Check("shipments later than promised", made.overdue, _sum(rows, "late_count"))
    agreeing = sum(left[row.node_id] == row.shipped_quantity for row in rows)
    yield Check("nodes whose units agree", len(rows), agreeing)


def _journey(seen: Seen, rows: Sequence[Any]) -> Iterator[Check]:
    """States that shipments came to."""
    came = Counter[str]()
    for row in rows:
        if row.part == "SHIPMENT":
            came[row.state] += row.entered_count
    yield Check("shipments delivered", seen.journeys.steps["DELIVER"], came["DELIVERED"])
    yield Check("shipments handed over", seen.journeys.steps["HAND_OVER"], came["HANDED_OVER"])


def _settlement(seen: Seen, rows: Sequence[Any]) -> Iterator[Check]:
    """What companies owe each other: our own sum of commissions, and a ledger that is zero; and what customers owe."""
    yield Check("micros of commission", seen.journeys.commission_micros, _sum(rows, "commission_micros"))
    yield Check("micros that all companies together owe", 0, _sum(rows, "net_micros"))
    differences = sum(order.exchange.difference_micros for order in seen.orders.values())
    yield Check("micros that customers pay for exchanges", seen.journeys.exchange_difference_micros, differences)


def _sourcing(seen: Seen, total: Any) -> Iterator[Check]:
    """Decisions on orders that were asked for: those of the first act, and those of exchanges."""
    exchanged = seen.journeys.steps["EXCHANGE"] + seen.journeys.exchanges_not_served
    yield Check("orders sourced", seen.outcomes.total() + exchanged, total.decision_count)


def _reservations(seen: Seen, reservations: Sequence[Any], stockouts: Sequence[Any]) -> Iterator[Check]:
    """What became of the flash sale."""
    flash, refused = seen.flash, [row for row in stockouts if row.sku == FLASH_SKU]
    yield Check("units whose hold ran out", flash.won if flash else 0, _sum(reservations, "expired_quantity"))
    yield Check("units refused", flash.lost if flash else 0, _sum(refused, "missing_quantity"))


def _sum(rows: Sequence[Any], field: str) -> int:
    return sum(getattr(row, field) for row in rows)
