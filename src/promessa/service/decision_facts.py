"""What the event log is told of a decision, for reports: in the smallest form, since every order pays for it."""

from __future__ import annotations

from promessa.domain.regions import region_of
from promessa.domain.sourcing import Plan
from promessa.service.question import Question
from promessa.store.about import UNKNOWN_GAP, DecisionFacts


def facts_of(question: Question, found: Plan) -> DecisionFacts:
    """The facts of a plan. Of one without shipments, a refusal, nothing costs anything."""
    order, policy, ships = question.order, found.policy, found.shipments
    shipping = handling = opening = 0
    terms: dict[int, int] = {}
    for ship in ships:
        shipping += ship.shipping_micros
        handling += ship.handling_micros
        opening += ship.shipment_micros
        for term, micros in ship.terms:
            terms[term] = terms.get(term, 0) + micros
    return DecisionFacts(
        bool(order.traits.refused_by),
        order.region_code or region_of(order.country_code, order.postal_code),
        found.currency_code,
        policy.policy_id if policy else "",
        policy.version if policy else 0,
        len(ships),
        found.proven_optimal,
        _gap(found),
        found.split_micros if ships else 0,
        shipping,
        handling,
        opening,
        tuple([x for each in terms.items() for x in each]) if terms else (),
    )


def _gap(found: Plan) -> int:
    """How much cheaper a plan could be at most, by what was minimised."""
    if found.proven_optimal or not found.shipments:
        return 0
    if not found.lower_bound_micros:
        return UNKNOWN_GAP
    return max(0, (found.policy.objective_micros if found.policy else found.total_micros) - found.lower_bound_micros)
