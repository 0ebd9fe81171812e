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
}
"""By the name of a report. `quantity` is the units lost, or the shipments decided on."""

REPORTS = tuple(_BEHIND)
FILTERS = {"stockouts": ("sku", "node", "reason", "channel", "region"), "sourcing": ("channel", "region", "policy")}
"""By what the orders behind a report can be told apart."""


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
