"""Reports on orders, as SQL over the tables of orders: of what began in the period, with all that has become of it until now.

Money is in micros, and counted in HUGEINT: units times price may be more than a BIGINT.
"""

from __future__ import annotations

from promessa.archive.reservation_reports import spread
from promessa.domain.order import OrderState, RejectReason, ShipmentState

_STORES = ("STORE", "FRANCHISE_STORE", "DARK_STORE")
"""Types of nodes that are stores."""

SHIPMENTS = """
CREATE VIEW shipments AS
SELECT *, coalesce(arrived_ms, ready_ms) > promise_ms AS is_late FROM (
SELECT order_id, shipment, coalesce(any_value(channel), '') AS channel, arg_max(node, version) AS node,
  arg_max(node_type, version) AS node_type, arg_max(quantity, version) AS quantity,
  min(time_ms) FILTER (state = 'OFFERED' AND step IN ('PLACE', 'SOURCE', 'RETURN_CAME')) AS offered_ms,
  any_value(promise_ms) AS promise_ms,
  min(time_ms) FILTER (state = 'ACCEPTED') AS accepted_ms, min(time_ms) FILTER (state = 'PICKED') AS picked_ms,
  min(time_ms) FILTER (state = 'READY') AS ready_ms,
  min(time_ms) FILTER (state = 'SHIPPED' OR (state = 'HANDED_OVER' AND way = 'PICKUP')) AS left_ms,
  min(time_ms) FILTER (state = 'HANDED_OVER') AS handed_ms,
  max(delivered_ms) FILTER (state = 'DELIVERED') AS arrived_ms,
  bool_or(state = 'REJECTED') AS is_refused, arg_max(reason, version) AS reason
FROM order_shipments GROUP BY order_id, shipment)
"""
"""What has become of each shipment. Its promise is kept when its customer has it, or can come for it.

`offered_ms` is NULL where that was before the files that are read, and of what waits for a return.
"""

REFUSALS = """
CREATE VIEW refusals AS
WITH refused AS (
  SELECT partition, sequence, ordinal, order_id, number AS shipment, channel, split_part(detail, ' ', 1) AS node,
    split_part(detail, ' ', 2) AS reason
  FROM order_steps WHERE step = 'REFUSE_OFFER'
), types AS (
  SELECT node, any_value(node_type) AS node_type FROM order_shipments WHERE node IN (SELECT node FROM refused) GROUP BY node
)
SELECT refused.*, node_type FROM refused LEFT JOIN types USING (node)
"""
"""Offers that a node refused while others could still accept the shipment. The last one to refuse refused the shipment itself.

`node_type` is known of nodes that some shipment was at.
"""

CHANNELS = f"""
WITH of_orders AS (
  SELECT channel, currency_code, count(*) AS order_count, count(*) FILTER (state = 'CANCELLED') AS cancelled_count
  FROM (
    SELECT coalesce(any_value(channel), '') AS channel, coalesce(any_value(currency), '') AS currency_code,
      arg_max(state, version) AS state
    FROM order_steps WHERE placed_ms >= $start AND placed_ms < $end GROUP BY order_id
  ) GROUP BY ALL
), of_units AS (
  SELECT coalesce(channel, '') AS channel, coalesce(currency, '') AS currency_code,
    sum(quantity) FILTER (step = 'PLACE')::BIGINT AS ordered_quantity,
    coalesce(sum(quantity) FILTER (step = 'PLACE' AND effect = 'PLANNED'), 0)::BIGINT AS promised_quantity,
    coalesce(sum(quantity) FILTER (effect = 'CANCELLED'), 0)::BIGINT AS cancelled_quantity,
    coalesce(sum(quantity) FILTER (effect = 'LEFT'), 0)::BIGINT AS shipped_quantity,
    coalesce(sum(quantity) FILTER (effect = 'RETURNED'), 0)::BIGINT AS returned_quantity,
    coalesce(sum(micros) FILTER (step = 'PLACE'), 0) AS ordered_micros,
    coalesce(sum(micros) FILTER (effect = 'CANCELLED'), 0) AS cancelled_micros,
    coalesce(sum(micros) FILTER (effect = 'LEFT'), 0) - coalesce(sum(micros) FILTER (effect = 'RETURNED'), 0) AS revenue_micros
  FROM (SELECT *, quantity * coalesce(unit_price_micros, 0)::HUGEINT AS micros FROM order_units)
  WHERE placed_ms >= $start AND placed_ms < $end GROUP BY ALL
), of_arrivals AS (
  SELECT coalesce(channel, '') AS channel, coalesce(currency, '') AS currency_code,
    {spread("delivered_ms - placed_ms")} AS lead_time
  FROM order_shipments
  WHERE step IN ('DELIVER', 'HAND_OVER') AND placed_ms >= $start AND placed_ms < $end GROUP BY ALL
)
SELECT channel, currency_code, order_count, cancelled_count, ordered_quantity, promised_quantity,
  promised_quantity * 10000 // ordered_quantity AS fill_basis_points, cancelled_quantity, shipped_quantity,
  returned_quantity, ordered_micros, cancelled_micros, revenue_micros, coalesce(lead_time, [0, 0, 0]) AS lead_time
FROM of_orders JOIN of_units USING (channel, currency_code) LEFT JOIN of_arrivals USING (channel, currency_code)
ORDER BY order_count DESC, channel, currency_code
"""

_REASONS = [f"{reason.name.lower()}_count" for reason in RejectReason]
_COUNTED_REASONS = ", ".join(
    f"count(*) FILTER (is_refused AND reason = '{reason.name}') AS {name}"
    for reason, name in zip(RejectReason, _REASONS, strict=True)
)

NODES = f"""
WITH offers AS (
  FROM shipments
  UNION ALL BY NAME SELECT refusals.node AS node, refusals.node_type AS node_type, offered_ms, true AS is_refused,
    refusals.reason AS reason
  FROM refusals JOIN shipments USING (order_id, shipment)
), at_nodes AS (
  SELECT node, any_value(node_type) AS node_type, count(*) AS offered_count, count(accepted_ms) AS accepted_count,
    count(*) FILTER (is_refused) AS refused_count,
    count(*) FILTER (is_refused OR accepted_ms IS NOT NULL) AS decided_count, {_COUNTED_REASONS},
    count(*) FILTER (NOT is_refused AND reason IS NOT NULL) AS short_count,
    {spread("accepted_ms - offered_ms")} AS accept_time, {spread("picked_ms - accepted_ms")} AS pick_time,
    {spread("left_ms - offered_ms")} AS ship_time, {spread("handed_ms - ready_ms")} AS pickup_time,
    sum(handed_ms - ready_ms) // count(handed_ms - ready_ms) AS mean_pickup_ms,
    count(*) FILTER (NOT is_late) AS on_time_count, count(*) FILTER (is_late) AS late_count,
    coalesce(sum(quantity) FILTER (left_ms IS NOT NULL), 0)::BIGINT AS shipped_quantity
  FROM offers WHERE offered_ms >= $start AND offered_ms < $end GROUP BY node
)
SELECT node AS node_id, coalesce(node_type, '') AS node_type, offered_count, accepted_count, refused_count,
  coalesce(accepted_count * 10000 // nullif(decided_count, 0), 0) AS accept_basis_points, {", ".join(_REASONS)}, short_count,
  accept_time, pick_time, ship_time, pickup_time, coalesce(mean_pickup_ms, 0)::BIGINT AS mean_pickup_ms,
  on_time_count, late_count,
  coalesce(on_time_count * 10000 // nullif(on_time_count + late_count, 0), 0) AS on_time_basis_points,
  shipped_quantity, coalesce(shipped_quantity * 10000 // nullif(sum(shipped_quantity) OVER (), 0), 0)::BIGINT
    AS share_basis_points,
  coalesce(sum(shipped_quantity) FILTER (node_type IN {_STORES}) OVER () * 10000 // nullif(sum(shipped_quantity) OVER (), 0), 0)
    ::BIGINT AS store_share_basis_points
FROM at_nodes ORDER BY offered_count DESC, node_id
"""


def _rank(states: type[OrderState] | type[ShipmentState]) -> str:
    """The place of a state among its kind."""
    return f"list_position([{', '.join(repr(state.name) for state in states)}], state)"


JOURNEY = f"""
WITH visits AS (
  SELECT 'ORDER' AS part, order_id, 0 AS shipment, channel, version, time_ms, state FROM order_steps
  WHERE placed_ms >= $start AND placed_ms < $end
  UNION ALL SELECT 'SHIPMENT', order_id, shipment, channel, version, time_ms, state FROM order_shipments
  WHERE placed_ms >= $start AND placed_ms < $end
), timed AS (
  SELECT *, lead(time_ms) OVER (PARTITION BY part, order_id, shipment ORDER BY version) AS until_ms FROM visits
), stays AS (
  SELECT part, order_id, shipment, coalesce(any_value(channel), '') AS channel, state,
    bool_or(until_ms IS NULL) AS is_open, sum(until_ms - time_ms)::BIGINT AS stayed_ms
  FROM timed GROUP BY part, order_id, shipment, state
), kept AS (
  SELECT 'SHIPMENT' AS part, order_id, shipment, is_late FROM shipments WHERE is_late IS NOT NULL
  UNION ALL SELECT 'ORDER', order_id, 0, bool_or(is_late) FROM shipments WHERE is_late IS NOT NULL GROUP BY order_id
)
SELECT channel, part, state, count(*) AS entered_count, count(*) FILTER (is_open) AS open_count,
  {spread("stayed_ms", "NOT is_open")} AS stay_time,
  count(is_late) AS promised_count, count(*) FILTER (is_late) AS late_count,
  coalesce(late_count * 10000 // nullif(promised_count, 0), 0) AS late_basis_points
FROM stays LEFT JOIN kept USING (part, order_id, shipment) GROUP BY channel, part, state
ORDER BY channel, part, CASE part WHEN 'ORDER' THEN {_rank(OrderState)} ELSE {_rank(ShipmentState)} END
"""
