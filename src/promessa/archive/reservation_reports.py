"""Reports on reservations, as SQL over the table `changes`.

Units that a change took or gave are what a cell counted after it less what it counted before.
"""

from __future__ import annotations

MOVED = """
CREATE VIEW moved AS
SELECT time_ms, reservation_id, kind, node, inbound_id, field, order_id, owner_id, channel,
  coalesce(held_after - held_before, 0) AS held, coalesce(committed_after - committed_before, 0) AS committed
FROM changes WHERE reservation_id IS NOT NULL
"""

JOURNEYS = """
CREATE VIEW journeys AS
SELECT reservation_id,
  min(time_ms) FILTER (kind IN ('hold', 'bind') AND held > 0) AS held_ms,
  min(time_ms) FILTER (kind IN ('hold', 'confirm') AND committed > 0) AS confirmed_ms,
  max(time_ms) FILTER (kind = 'fulfill' AND held + committed < 0) AS fulfilled_ms,
  coalesce(sum(held) FILTER (kind IN ('hold', 'bind')), 0)::BIGINT AS held_units,
  coalesce(sum(committed) FILTER (kind IN ('hold', 'confirm') AND committed > 0), 0)::BIGINT AS confirmed_units,
  -coalesce(sum(held + committed) FILTER (kind = 'fulfill'), 0)::BIGINT AS fulfilled_units,
  -coalesce(sum(held + committed) FILTER (kind IN ('release', 'confirm')), 0)::BIGINT AS released_units,
  -coalesce(sum(held + committed) FILTER (kind = 'expire'), 0)::BIGINT AS expired_units,
  coalesce(sum(held), 0)::BIGINT AS open_held, coalesce(sum(committed), 0)::BIGINT AS open_committed,
  min(time_ms) FILTER (kind = 'refuse') AS refused_ms,
  coalesce(max(channel), '') AS channel,
  CASE WHEN bool_or(kind = 'refuse') THEN 'REFUSED'
    WHEN open_committed > 0 THEN 'CONFIRMED' WHEN open_held > 0 THEN 'HELD'
    WHEN confirmed_units = 0 AND expired_units > 0 THEN 'EXPIRED'
    WHEN fulfilled_units > 0 THEN 'FULFILLED' ELSE 'RELEASED' END AS outcome
FROM moved GROUP BY reservation_id
"""


def spread(time: str, where: str = "true") -> str:
    """The times that 50, 90 and 99 % do not exceed; 0 where there is none."""
    return f"coalesce(quantile_disc({time}, [0.5, 0.9, 0.99]) FILTER ({time} IS NOT NULL AND {where}), [0, 0, 0])"


RESERVATIONS = f"""
SELECT channel, count(*) FILTER (outcome <> 'REFUSED') AS reservation_count,
  count(*) FILTER (outcome = 'REFUSED') AS refused_count,
  count(*) FILTER (outcome = 'HELD') AS held_count, count(*) FILTER (outcome = 'CONFIRMED') AS confirmed_count,
  count(*) FILTER (outcome = 'FULFILLED') AS fulfilled_count, count(*) FILTER (outcome = 'RELEASED') AS released_count,
  count(*) FILTER (outcome = 'EXPIRED') AS expired_count,
  sum(held_units)::BIGINT AS held_quantity, sum(fulfilled_units)::BIGINT AS fulfilled_quantity,
  sum(released_units)::BIGINT AS released_quantity, sum(expired_units)::BIGINT AS expired_quantity,
  {spread("confirmed_ms - held_ms")} AS confirm_time, {spread("fulfilled_ms - confirmed_ms")} AS fulfill_time
FROM journeys WHERE coalesce(held_ms, refused_ms) >= $start AND coalesce(held_ms, refused_ms) < $end
GROUP BY channel ORDER BY reservation_count DESC, channel
"""
