"""Which records of the catalogue a new one must agree with, by scope: the store refuses a change if one of them has changed
since it was checked, by whatever worker.
"""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.catalogue import Catalogue, Lane, Resource
from promessa.domain.pair_rules import CommissionRule, TaxRule
from promessa.domain.rate_cards import RateCard

CARDS, LANES = "rate_card", "lane"


def scopes_of(resource: Resource) -> Sequence[str]:
    """What a record belongs to."""
    if isinstance(resource, RateCard):
        return (CARDS,)
    if isinstance(resource, Lane):
        return (LANES, _lanes_of(resource.node_id))
    if isinstance(resource, TaxRule | CommissionRule):
        return (_rules_of(resource),)
    return ()


def checked_against(resource: Resource, catalogue: Catalogue) -> Sequence[str]:
    """What a record is checked against. Lanes of a node only matter to each other where a card insures, and to a card where
    some may use it."""
    cards = catalogue.rate_cards.by_id
    if isinstance(resource, RateCard):
        is_used = resource.rate_card_id in cards or resource.succeeds_id
        return (CARDS, LANES) if is_used else (CARDS,)
    if isinstance(resource, Lane):
        insured = any(card.insurance_basis_points for card in cards.values())
        return (CARDS, _lanes_of(resource.node_id)) if insured else (CARDS,)
    return scopes_of(resource)


def _lanes_of(node_id: str) -> str:
    return f"{LANES}@{node_id}"


def _rules_of(rule: TaxRule | CommissionRule) -> str:
    first, second = rule.pair
    return f"{type(rule).__name__}@{first}>{second}"
