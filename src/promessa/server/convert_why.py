"""Why an order is sourced as it is: domain values to messages, nothing else."""

from __future__ import annotations

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import claim_of
from promessa.domain.explanation import LANGUAGES
from promessa.domain.sourcing import NO_CONSTRAINTS, NO_TRAITS, Order, Plan
from promessa.domain.why import Binding, Candidate, Candidates, Constraint, Flip, Parts, Relaxation, Why
from promessa.domain.why_sentences import Names, sentences, served
from promessa.server._answers import candidates as write_candidates
from promessa.server.convert import set_instant
from promessa.server.convert_sourcing import fill_plan
from promessa.v1 import constraint_pb2, decision_pb2, sourcing_pb2


def parts_of(message: decision_pb2.ExplanationParts) -> Parts:
    """What is to be explained."""
    return Parts(message.bindings, message.flips, message.relaxations)


def candidate_message(candidate: Candidate, catalogue: Catalogue) -> sourcing_pb2.CandidateExplanation:
    """Why one node is or is not in a plan."""
    message = sourcing_pb2.CandidateExplanation(
        node_id=catalogue.nodes.ids[candidate.node_ix],
        reason=int(candidate.reason),  # type: ignore[arg-type]
        at_least_more_micros=candidate.at_least_more_micros,
        is_exact=candidate.exact,
        short_lines=candidate.short_lines,
    )
    if candidate.removed_by is not None:
        _fill_constraint(message.removed_by, candidate.removed_by, catalogue)
    return message


def candidate_bytes(field: int, candidates: Candidates, catalogue: Catalogue) -> bytes:
    """The same of every node as a repeated field, written natively: there are thousands of them."""
    named = [
        constraint_message(each, catalogue).SerializeToString() if each else b"" for each in candidates.constraints
    ]
    return write_candidates(field, candidates, named, catalogue.nodes.ids)


def constraint_message(constraint: Constraint, catalogue: Catalogue) -> constraint_pb2.Constraint:
    """One thing that a plan must keep to."""
    message = constraint_pb2.Constraint()
    _fill_constraint(message, constraint, catalogue)
    return message


def explanation_message(
    why: Why, parts: Parts, catalogue: Catalogue, language: str
) -> decision_pb2.DecisionExplanation:
    """The parts asked for, and sentences."""
    message = decision_pb2.DecisionExplanation(is_cut_short=why.cut_short)
    for binding in why.bindings:
        _fill_binding(message.bindings.add(), binding, why.plan, catalogue)
    message.flips.extend(_flip_message(flip, catalogue) for flip in why.flips)
    message.relaxations.extend(relaxation_messages(why, catalogue))
    names = Names(catalogue.nodes.ids.__getitem__, catalogue.skus.ids.__getitem__)
    message.sentences.extend(sentences(why, names, language or LANGUAGES[0], asked_relaxations=parts.relaxations))
    return message


def relaxation_messages(why: Why, catalogue: Catalogue) -> list[decision_pb2.Relaxation]:
    """What would serve an order whole."""
    return [_relaxation_message(each, why.plan, catalogue) for each in why.relaxations]


def order_message(order: Order) -> sourcing_pb2.SourcingOrder:
    """An order as it came, as far as it was said."""
    message = sourcing_pb2.SourcingOrder(
        order_id=order.order_id,
        lines=[sourcing_pb2.OrderLine(sku=sku, quantity=quantity) for sku, quantity in order.lines],
        seller_code=order.seller_code,
        policy_id=order.policy_id,
        policy_version=order.policy_version,
    )
    message.destination.country_code, message.destination.postal_code = order.country_code, order.postal_code
    message.destination.region_code = order.region_code
    message.channel, message.fulfillment_method = claim_of(order.channel)
    _fill_ways(message, order)
    said = order.constraints
    if said != NO_CONSTRAINTS:
        message.constraints.max_shipments = said.max_shipments
        message.constraints.ship_complete = said.ship_complete
        message.constraints.keep_lines_whole = said.keep_lines_whole
        message.constraints.node_group_id = said.node_group_id
        message.constraints.min_shipment_value_micros = said.min_shipment_value_micros
        message.constraints.excluded_node_ids.extend(said.excluded_node_ids)
        if said.latest_delivery_ms:
            set_instant(message.constraints.latest_delivery_time, said.latest_delivery_ms)
    if order.traits != NO_TRAITS:
        _fill_traits(message, order)
    return message


def _fill_ways(message: sourcing_pb2.SourcingOrder, order: Order) -> None:
    ways = order.ways
    for position, line in enumerate(message.lines):
        line.pickup_node_id, line.together = ways.pickup(position), ways.group(position)
    message.allow_ship_to_store, message.sold_at_node_id = ways.ship_to_store, ways.sold_at
    message.allowed_kinds.extend(ways.kinds)  # type: ignore[arg-type]
    message.own_stock = ways.own_stock  # type: ignore[assignment]
    message.allow_future_supply, message.allow_backorder = ways.future_supply, ways.backorder


def _fill_traits(message: sourcing_pb2.SourcingOrder, order: Order) -> None:
    said = order.traits
    if said.position_e6:
        message.destination.position.latitude_e6, message.destination.position.longitude_e6 = said.position_e6
    message.traits.CopyFrom(
        sourcing_pb2.OrderTraits(
            order_kind=said.order_kind,
            customer_tier=said.customer_tier,
            queue=said.queue,
            origin=said.origin,
            ship_method=said.ship_method,
            priority=said.priority,
            value_micros=said.value_micros,
            categories=said.categories,
            tags=said.tags,
            refused_by_node_ids=said.refused_by,
        )
    )


def _fill_constraint(message: constraint_pb2.Constraint, constraint: Constraint, catalogue: Catalogue) -> None:
    message.kind = int(constraint.kind)  # type: ignore[assignment]
    message.rule, message.field, message.text = constraint.rule, constraint.field, constraint.text
    message.node_ids.extend(catalogue.nodes.ids[node_ix] for node_ix in constraint.nodes)


def _fill_binding(message: decision_pb2.Binding, binding: Binding, plan: Plan, catalogue: Catalogue) -> None:
    _fill_constraint(message.constraint, binding.constraint, catalogue)
    other = binding.plan
    if other is None:
        return
    message.is_binding = True
    message.saves_micros = plan.total_micros - other.total_micros
    message.more_quantity = served(other) - served(plan)
    if plan.shipments and other.shipments:
        message.earlier_seconds = (plan.promise_ms - other.promise_ms) // 1000
    fill_plan(message.plan, other, catalogue)


def _flip_message(flip: Flip, catalogue: Catalogue) -> decision_pb2.Flip:
    return decision_pb2.Flip(
        kind=int(flip.kind),  # type: ignore[arg-type]
        node_id=catalogue.nodes.ids[flip.node_ix],
        micros=flip.micros,
        is_exact=flip.exact,
        is_out_of_reach=flip.out_of_reach,
    )


def _relaxation_message(relaxation: Relaxation, plan: Plan, catalogue: Catalogue) -> decision_pb2.Relaxation:
    message = decision_pb2.Relaxation()
    for constraint in relaxation.constraints:
        _fill_constraint(message.constraints.add(), constraint, catalogue)
    other = relaxation.plan
    fill_plan(message.plan, other, catalogue)
    message.extra_micros = other.total_micros - plan.total_micros
    message.extra_shipments = len(other.shipments) - len(plan.shipments)
    if plan.shipments:
        message.later_seconds = (other.promise_ms - plan.promise_ms) // 1000
    for each in relaxation.missing:
        message.missing.add(
            line=each.position,
            sku=catalogue.skus.ids[each.sku_ix],
            node_id=catalogue.nodes.ids[each.node_ix],
            quantity=each.units,
        )
    return message
