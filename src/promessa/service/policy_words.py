"""Filters and limits of policies as people read them, in the words of the document."""

from __future__ import annotations

from datetime import UTC, datetime

from promessa.domain.policy import MONEY, NodeFilter, Rule
from promessa.domain.why import Constraint, ConstraintKind

LIMITS = ("max_shipments", "ship_complete", "keep_lines_whole", "min_shipment_value_micros", "arrives_within_days")
"""The fields of Limits that a plan keeps to."""

_MICROS = 1_000_000


def filter_words(each: NodeFilter) -> str:
    """A filter as the document writes it: node_type any_of [store, dark_store]."""
    name = f" {each.name}" if each.name else ""
    said = []
    if each.any_of:
        said.append(f"any_of [{', '.join(each.any_of)}]")
    if each.none_of:
        said.append(f"none_of [{', '.join(each.none_of)}]")
    for word, value in (("min", each.min), ("max", each.max)):
        if value is not None:
            said.append(f"{word} {_amount(value, money=each.where in MONEY)}")
    return f"{each.where.name.lower()}{name} {' '.join(said)}"


def limit_constraint(rule_ix: int, rule: Rule, field: str) -> Constraint:
    """A limit of a rule by name."""
    value = getattr(rule.limits, field)
    name = field.removesuffix("_micros")
    text = name if isinstance(value, bool) else f"{name} {_amount(value, money=name != field)}"
    return Constraint(ConstraintKind.POLICY_LIMIT, rule_ix, rule.name, f"limits.{name}", text)


def _amount(value: int, *, money: bool) -> str:
    return f"{value / _MICROS:.2f}" if money else str(value)


def instant_text(ms: int) -> str:
    """An instant as ISO 8601, to the minute, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%MZ")
