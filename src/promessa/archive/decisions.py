"""What was decided about orders: the report of sourcing, as SQL over the table `changes`.

Figures are of the first decision about each order; those that followed because a node refused are counted apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from promessa.archive.grouping import named, rows_of, selected
from promessa.domain.sourcing import PLAN_TERMS, CostTerm
from promessa.store.about import UNKNOWN_GAP, DecisionFacts

_DETAIL = json.dumps(
    {
        "again": "BOOLEAN",
        "currency": "VARCHAR",
        "policy": "VARCHAR",
        "version": "INTEGER",
        "shipments": "INTEGER",
        "proven": "BOOLEAN",
        "gap": "BIGINT",
        "total": "BIGINT",
        "costs": dict.fromkeys(PLAN_TERMS, "BIGINT"),
    }
)
"""What the detail of a decision has, and its types."""


def detail_of(facts: DecisionFacts) -> dict[str, Any]:
    """The same of a decision, as it is archived: what costs nothing is left out, and so is a gap that is not known."""
    costs = {"split": facts.split, "shipping": facts.shipping, "handling": facts.handling, "shipment": facts.opening}
    terms = facts.terms
    costs |= {CostTerm(terms[i]).name.lower(): terms[i + 1] for i in range(0, len(terms), 2)}
    return {
        "again": bool(facts.again),
        "currency": facts.currency,
        "policy": facts.policy_id,
        "version": facts.policy_version,
        "shipments": facts.shipments,
        "proven": bool(facts.proven),
        "gap": None if facts.gap == UNKNOWN_GAP else facts.gap,
        "total": sum(costs.values()),
        "costs": {term: micros for term, micros in costs.items() if micros},
    }


VIEWS = f"""
CREATE VIEW decisions AS
SELECT time_ms, partition, sequence, ordinal, reservation_id, order_id, channel, region, kind = 'refuse' AS refused,
  said.policy AS policy, said
FROM (
  SELECT *, from_json(detail, '{_DETAIL}') AS said
  FROM changes WHERE field = 'about:' AND requested IS NULL AND detail IS NOT NULL AND kind IN ('hold', 'refuse')
)
"""

DEFAULT = ("channel",)

_COSTS = ",\n    ".join(f"coalesce(sum(said.costs.{term}) FILTER (held), 0)::BIGINT AS {term}" for term in PLAN_TERMS)


def sourcing(by: Sequence[str]) -> str:
    """Rows by some dimensions; without any, one row of all."""
    return f"""
WITH partly AS (
  SELECT DISTINCT reservation_id FROM changes WHERE requested IS NOT NULL AND time_ms >= $start AND time_ms < $end
), counted AS (
  SELECT *, NOT refused AND NOT said.again AS held, refused AND NOT said.again AS gone,
    said.shipments AS shipments, reservation_id IN (FROM partly) AS partial
  FROM {rows_of("decisions", by)} WHERE time_ms >= $start AND time_ms < $end
), found AS (
  SELECT {selected(by)}count(*) FILTER (held OR gone) AS decision_count, count(*) FILTER (gone) AS refused_count,
    count(*) FILTER (held AND partial) AS partial_count, count(*) FILTER (said.again) AS again_count,
    coalesce(sum(shipments) FILTER (held), 0)::BIGINT AS shipment_count,
    count(*) FILTER (held AND shipments = 1) AS one_shipment_count,
    count(*) FILTER (held AND shipments = 2) AS two_shipments_count,
    count(*) FILTER (held AND shipments = 3) AS three_shipments_count,
    count(*) FILTER (held AND shipments > 3) AS more_shipments_count,
    count(*) FILTER (held AND said.proven) AS proven_count,
    count(*) FILTER (held AND said.gap IS NULL) AS unbounded_count,
    coalesce(sum(said.gap) FILTER (held), 0)::BIGINT AS gap_micros,
    coalesce(max(said.currency), '') AS currency, coalesce(sum(said.total) FILTER (held), 0)::BIGINT AS total,
    {_COSTS}
  FROM counted GROUP BY {"ALL" if by else "()"}
)
SELECT * FROM found WHERE decision_count + again_count > 0
ORDER BY decision_count DESC{"".join(f", {name}" for name in named(by))}
"""
