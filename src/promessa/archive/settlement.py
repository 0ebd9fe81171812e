"""What companies owe each other for orders, as a ledger in SQL: each posting has a debtor and a creditor, so all of it is zero.

docs/settlement.md has the rules. Amounts are rounded down for each unit: one that comes back undoes what it was posted for.
Nothing that was posted ever changes: what is undone later is a posting of then, the other way round. What is exchanged is
MATERIALIZED: it is little, and otherwise DuckDB may first join all orders of one currency with each other.
"""

from __future__ import annotations

POSTINGS = """
CREATE VIEW postings AS
WITH facts AS (
  SELECT time_ms, order_id, version, line, shipment, effect, quantity, coalesce(disposition, '') AS disposition,
    coalesce(currency, '') AS currency_code, coalesce(seller, '') AS seller, coalesce(owner, '') AS owner,
    coalesce(receiver_owner, '') AS receiver, coalesce(unit_price_micros, 0)::HUGEINT AS price,
    price * commission_basis_points // 10000 AS commission, price * receiver_basis_points // 10000 AS transfer
  FROM order_units WHERE effect IN ('LEFT', 'RETURNED')
), made AS MATERIALIZED (
  SELECT order_id, version, detail AS new_order_id FROM order_steps WHERE step = 'EXCHANGE'
), given_back AS MATERIALIZED (
  SELECT order_id, version, new_order_id, time_ms, currency, coalesce(seller, '') AS seller,
    sum(quantity * coalesce(unit_price_micros, 0)::HUGEINT) AS micros
  FROM order_units JOIN made USING (order_id, version) GROUP BY ALL
), given AS MATERIALIZED (
  SELECT order_id, version, time_ms, currency, coalesce(seller, '') AS seller,
    sum(if(step = 'PLACE', quantity, -quantity) * coalesce(unit_price_micros, 0)::HUGEINT) AS micros
  FROM order_units WHERE step IN ('PLACE', 'CANCEL', 'PUT_BACK') AND order_id IN (SELECT new_order_id FROM made) GROUP BY ALL
), given_for AS MATERIALIZED (
  SELECT *, sum(micros) OVER (PARTITION BY order_id ORDER BY version) AS left_micros FROM given
)
SELECT 'COMMISSION' AS account, time_ms, order_id, version, line, shipment, currency_code, seller AS debtor, owner AS creditor,
  quantity * commission AS micros
FROM facts WHERE effect = 'LEFT' AND seller <> owner
UNION ALL SELECT 'COMMISSION_BACK', time_ms, order_id, version, line, shipment, currency_code, owner, seller,
  quantity * commission
FROM facts WHERE effect = 'RETURNED' AND disposition <> 'SCRAP' AND seller <> owner
UNION ALL SELECT 'TRANSFER', time_ms, order_id, version, line, shipment, currency_code, receiver, owner, quantity * transfer
FROM facts WHERE effect = 'RETURNED' AND disposition <> 'SCRAP' AND receiver <> owner
UNION ALL SELECT 'EXCHANGE', old.time_ms, old.order_id, old.version, NULL, NULL, old.currency,
  old.seller, new.seller, least(old.micros, new.left_micros)
FROM given_back AS old JOIN given_for AS new ON new.order_id = old.new_order_id AND new.currency = old.currency
WHERE old.seller <> new.seller AND new.version = 1
UNION ALL SELECT 'EXCHANGE_BACK', new.time_ms, new.order_id, new.version, NULL, NULL, new.currency,
  new.seller, old.seller, least(old.micros, new.left_micros - new.micros) - least(old.micros, new.left_micros)
FROM given_back AS old JOIN given_for AS new ON new.order_id = old.new_order_id AND new.currency = old.currency
WHERE old.seller <> new.seller AND new.version > 1
  AND least(old.micros, new.left_micros - new.micros) > least(old.micros, new.left_micros)
"""
"""Each of what is owed. `left_micros` is what is left of an order given in exchange after a step: what the exchange comes to
follows from it, so each step that cancels units undoes just what they made of it, and all of them together the whole.
"""

SINCE = """
SELECT min(placed_ms) FROM order_steps
WHERE step IN ('CANCEL', 'PUT_BACK') AND exchange_of IS NOT NULL AND time_ms >= $start AND time_ms < $end
"""
"""When the earliest exchange was made of which something is undone in the period: what it came to is told there alone."""

LEDGER = """
CREATE VIEW ledger AS
SELECT account, time_ms, order_id, version, line, shipment, currency_code, creditor AS company, debtor AS counterparty, micros
FROM postings
UNION ALL SELECT account, time_ms, order_id, version, line, shipment, currency_code, debtor, creditor, -micros FROM postings
"""
"""Both sides of each posting: what a company is owed by another one is more than 0, what it owes less."""

SETTLEMENT = """
WITH owed AS (
  SELECT debtor AS company_code, creditor AS counterparty_code, currency_code, account, micros FROM postings
  WHERE time_ms >= $start AND time_ms < $end
), units AS (
  SELECT coalesce(seller, '') AS seller, coalesce(owner, '') AS owner, coalesce(receiver_owner, '') AS receiver,
    coalesce(currency, '') AS currency_code, effect = 'LEFT' AS is_sold, coalesce(disposition, '') = 'SCRAP' AS is_scrap,
    quantity, quantity * coalesce(unit_price_micros, 0)::HUGEINT AS micros
  FROM order_units WHERE effect IN ('LEFT', 'RETURNED') AND time_ms >= $start AND time_ms < $end
), told AS (
  SELECT company_code, counterparty_code, currency_code, account, 0 AS quantity, micros, micros AS owed, micros AS net FROM owed
  UNION ALL SELECT counterparty_code, company_code, currency_code, '', 0, 0, 0, -micros FROM owed
  UNION ALL SELECT seller, owner, currency_code, if(is_sold, 'SOLD', if(is_scrap, 'SCRAPPED', 'BACK')), quantity, micros, 0, 0
  FROM units
  UNION ALL SELECT receiver, owner, currency_code, 'RECEIVED', quantity, 0, 0, 0 FROM units WHERE NOT is_sold AND NOT is_scrap
)
SELECT company_code, counterparty_code, currency_code,
  coalesce(sum(quantity) FILTER (account = 'SOLD'), 0)::BIGINT AS sold_quantity,
  coalesce(sum(micros) FILTER (account = 'SOLD'), 0) AS sold_micros,
  coalesce(sum(quantity) FILTER (account = 'BACK'), 0)::BIGINT AS returned_quantity,
  coalesce(sum(quantity) FILTER (account = 'SCRAPPED'), 0)::BIGINT AS scrapped_quantity,
  coalesce(sum(quantity) FILTER (account = 'RECEIVED'), 0)::BIGINT AS received_quantity,
  coalesce(sum(micros) FILTER (account = 'COMMISSION'), 0) AS commission_micros,
  coalesce(sum(micros) FILTER (account = 'COMMISSION_BACK'), 0) AS commission_back_micros,
  coalesce(sum(micros) FILTER (account = 'TRANSFER'), 0) AS transfer_micros,
  coalesce(sum(micros) FILTER (account = 'EXCHANGE'), 0) AS exchange_micros,
  coalesce(sum(micros) FILTER (account = 'EXCHANGE_BACK'), 0) AS exchange_back_micros,
  sum(owed) AS owed_micros, sum(net) AS net_micros
FROM told GROUP BY ALL ORDER BY currency_code, company_code, counterparty_code
"""
"""Each pair of companies in both directions: what the first sold of what the second served, and what it owes that one."""
