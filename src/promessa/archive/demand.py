"""Demand and what became of it: the report of stock-outs, as SQL over the table `changes`.

Demand is what reservations and orders asked for: the units they held, and the units of lines that were short. What is sourced
again because a node refused was asked for before, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from promessa.archive.grouping import named, rows_of, selected

VIEWS = """
CREATE VIEW told AS
SELECT reservation_id, coalesce(max(channel), '') AS channel, max(region) AS region,
  coalesce(bool_or(detail LIKE '{"again":true%'), false) AS again
FROM changes WHERE field = 'about:' AND requested IS NULL AND kind IN ('hold', 'refuse') GROUP BY reservation_id;

CREATE VIEW lost AS
SELECT time_ms, partition, sequence, ordinal, reservation_id, order_id, changes.channel AS channel, node, sku, reason,
  changes.region AS region, requested, granted, available, value_micros
FROM changes LEFT JOIN told USING (reservation_id)
WHERE requested IS NOT NULL AND NOT coalesce(again, false);

CREATE VIEW promised AS
SELECT time_ms, changes.reservation_id AS reservation_id, told.channel AS channel, node, sku,
  coalesce(told.region, changes.region) AS region, held_after - held_before AS units
FROM changes LEFT JOIN told USING (reservation_id)
WHERE kind IN ('hold', 'bind') AND held_after > held_before AND reservation_id IS NOT NULL AND NOT coalesce(again, false)
"""

DEFAULT = ("sku", "node", "reason")


def stockouts(by: Sequence[str]) -> str:
    """Rows by some dimensions; without any, one row of all. What has a reason is lost, so that rows by reason are of losses
    alone: the demand they tell is that of their other dimensions."""
    rows, shared = ["every", *named(by)], ["every", *[each for each in named(by) if each != "reason"]]
    joined = "LEFT" if "reason" in by else "FULL"
    return f"""
WITH short AS (
  SELECT 1 AS every, {selected(by)}count(*) AS line_count, count(DISTINCT reservation_id) AS request_count,
    sum(requested) AS requested, sum(granted) AS granted, sum(requested - least(requested, available)) AS missing,
    sum(requested - granted) AS lost, coalesce(sum(value_micros), 0) AS value,
    coalesce(sum(requested - granted) FILTER (value_micros IS NULL), 0) AS unvalued
  FROM {rows_of("lost", by)} WHERE time_ms >= $start AND time_ms < $end GROUP BY ALL
), there AS (
  SELECT 1 AS every, {selected([each for each in by if each != "reason"])}sum(units) AS units
  FROM {rows_of("promised", by)} WHERE time_ms >= $start AND time_ms < $end GROUP BY ALL
), found AS (
  SELECT {", ".join(rows)}, coalesce(lost, 0) AS lost, coalesce(units, 0) + coalesce(sum(lost) OVER same, 0) AS demand,
    * EXCLUDE ({", ".join(rows)}, lost, units)
  FROM short {joined} JOIN there USING ({", ".join(shared)}) WINDOW same AS (PARTITION BY {", ".join(shared)})
)
SELECT {"".join(f"{name}, " for name in named(by))}coalesce(line_count, 0) AS line_count,
  coalesce(request_count, 0) AS request_count, coalesce(requested, 0)::BIGINT AS requested_quantity,
  coalesce(granted, 0)::BIGINT AS granted_quantity, coalesce(missing, 0)::BIGINT AS missing_quantity,
  demand::BIGINT AS demand_quantity, lost::BIGINT AS lost_quantity, coalesce(value, 0)::BIGINT AS lost_value_micros,
  coalesce(unvalued, 0)::BIGINT AS unvalued_quantity,
  (CASE WHEN demand > 0 THEN (10000 * lost + demand // 2) // demand ELSE 0 END)::BIGINT AS rupture_basis_points
FROM found ORDER BY lost_value_micros DESC, lost_quantity DESC{"".join(f", {name}" for name in named(by))}
"""
