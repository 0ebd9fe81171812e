"""What rows of a report can be grouped by: SQL of each dimension, by the name that a request has for it."""

from __future__ import annotations

from collections.abc import Sequence

DIMENSIONS = {
    "sku": "sku",
    "node": "coalesce(node, '')",
    "reason": "coalesce(reason, '')",
    "channel": "coalesce(channel, '')",
    "region": "coalesce(region, '')",
    "policy": "coalesce(policy, '')",
    "day": "day",
    "state": "state",
}
"""How each is told of a row; empty where it is not known. Rows need the columns that it names."""

FIELDS = {"node": "node_id", "policy": "policy_id"}
"""What a dimension is called in the rows of a report, where that is another name."""


def named(by: Sequence[str]) -> list[str]:
    """The dimensions as columns of the report."""
    return [FIELDS.get(each, each) for each in by]


def selected(by: Sequence[str]) -> str:
    """The dimensions to be selected, each under its name in the report; ends with a comma."""
    return "".join(f"{DIMENSIONS[each]} AS {name}, " for each, name in zip(by, named(by), strict=True))


def rows_of(view: str, by: Sequence[str]) -> str:
    """The rows of a view, each with its day if days are wanted; `days` has those of the period."""
    return f"{view} ASOF JOIN days ON {view}.time_ms >= days.start_ms" if "day" in by else view
