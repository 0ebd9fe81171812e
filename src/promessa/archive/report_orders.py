"""The orders behind a row of a report, as SQL: each with when, where and how much, in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from promessa.archive.grouping import DIMENSIONS

_PLACE = "time_ms, partition, sequence, ordinal"

_BEHIND = {
    "stockouts": f"""
SELECT {_PLACE}, reservation_id, coalesce(order_id, '') AS order_id, coalesce(channel, '') AS channel,
  coalesce(node, '') AS node_id, sku, reason, coalesce(region, '') AS region, requested - granted AS quantity
FROM lost
""",
    "sourcing": f"""
SELECT {_PLACE}, reservation_id, coalesce(order_id, '') AS order_id, coalesce(channel, '') AS channel, '' AS node_id,
  '' AS sku, '' AS reason, coalesce(region, '') AS region, said.shipments AS quantity
FROM decisions
""",
    "shipments": f"""
SELECT {_PLACE}, coalesce(reservation_id, '') AS reservation_id, order_id, coalesce(channel, '') AS channel,
  node AS node_id, '' AS sku, coalesce(reason, '') AS reason, '' AS region, quantity, state
FROM shipments_made
""",
}
"""By the name of what is listed. `quantity` is the units lost, the shipments decided on, or the units of a shipment."""

VIEWS = f"""
CREATE VIEW shipments_made AS
WITH made AS (
  SELECT first.* EXCLUDE (state, reason, node), last.state AS state, last.reason AS reason, last.node AS node,
    coalesce(units.quantity, 0) AS quantity
  FROM (
    SELECT * FROM order_shipments WHERE step IN ('PLACE', 'SOURCE')
  ) AS first JOIN (
    SELECT order_id, shipment, arg_max(state, version) AS state, arg_max(reason, version) AS reason,
      arg_max(node, version) AS node
    FROM order_shipments GROUP BY order_id, shipment
  ) AS last USING (order_id, shipment) LEFT JOIN (
    SELECT order_id, shipment, sum(quantity)::BIGINT AS quantity
    FROM order_units WHERE effect = 'PLANNED' AND shipment IS NOT NULL GROUP BY order_id, shipment
  ) AS units USING (order_id, shipment)
)
SELECT {_PLACE}, reservation_id, order_id, channel, node, reason, quantity, state FROM made
UNION ALL SELECT made.time_ms, refusals.partition, refusals.sequence, refusals.ordinal, made.reservation_id, made.order_id,
  made.channel, refusals.node, refusals.reason, made.quantity, 'REJECTED'
FROM refusals JOIN made USING (order_id, shipment)
"""
"""Shipments of when they came into being, with what has become of each, and the units it was to bring; and each offer that its
node refused, as such a shipment that was rejected."""


def orders_behind(name: str, wanted: Mapping[str, str], after: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """The query and its parameters beside $start, $end and $most; `after` is the place behind which it goes on, if any."""
    conditions = ["time_ms >= $start", "time_ms < $end"]
    parameters: dict[str, Any] = {}
    for dimension, value in wanted.items():
        conditions.append(f"{DIMENSIONS[dimension]} = ${dimension}")
        parameters[dimension] = value
    if after:
        conditions.append(f"({_PLACE}) > ($a, $b, $c, $d)")
        parameters |= dict(zip("abcd", after, strict=True))
    return f"{_BEHIND[name]} WHERE {' AND '.join(conditions)} ORDER BY {_PLACE} LIMIT $most", parameters
