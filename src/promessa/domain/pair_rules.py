"""Rates by a pair, dated: tax by origin and destination, commission by seller and owner.

Each side of a rule may be empty, which is every one. Of the rules in force that match a pair the most specific counts: both
sides named, then the first alone, then the second alone, then neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from promessa.domain.validity import is_valid, overlap


@dataclass(frozen=True, slots=True)
class TaxRule:
    """Tax on the value of goods that go from one region to another (ISO 3166-2), in hundredths of a per cent."""

    tax_rule_id: str
    name: str = ""
    origin_region_code: str = ""
    destination_region_code: str = ""
    rate_basis_points: int = 0
    valid_from_ms: int = 0
    valid_until_ms: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """What it is about."""
        return self.origin_region_code, self.destination_region_code


@dataclass(frozen=True, slots=True)
class CommissionRule:
    """What the seller of an order pays to the owner of the node that serves it, in hundredths of a per cent of the value."""

    commission_rule_id: str
    name: str = ""
    seller_code: str = ""
    owner_code: str = ""
    rate_basis_points: int = 0
    valid_from_ms: int = 0
    valid_until_ms: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """What it is about."""
        return self.seller_code, self.owner_code


Rule = TypeVar("Rule", TaxRule, CommissionRule)


def rates_at(rules: Iterable[Rule], now_ms: int) -> dict[tuple[str, str], int]:
    """The rates in force at an instant, by pair."""
    return {rule.pair: rule.rate_basis_points for rule in rules if is_valid(rule, now_ms)}


def rate_of(rates: Mapping[tuple[str, str], int], first: str, second: str) -> int:
    """The rate of a pair, 0 without a rule."""
    for pair in ((first, second), (first, ""), ("", second), ("", "")):
        if pair in rates:
            return rates[pair]
    return 0


def problem_of(rule: Rule, others: Mapping[str, Rule], rule_id: str) -> tuple[str, str] | None:
    """What is wrong with a rule among the others: the field and the rule it breaks, None if all is right."""
    if rule.valid_until_ms and rule.valid_until_ms <= rule.valid_from_ms:
        return "valid_until_time", "must be later than valid_from_time"
    for other_id, other in others.items():
        if other_id != rule_id and other.pair == rule.pair and overlap(other, rule):
            return "valid_from_time", f"must not overlap {other_id!r}, which is about the same pair"
    return None
