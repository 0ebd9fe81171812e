"""Messages of SourcingService to domain values and back, nothing else."""

from __future__ import annotations

from promessa.domain.catalogue import Catalogue
from promessa.domain.sourcing import NO_CONSTRAINTS, Candidate, Constraints, Order, Plan, PlannedShipment
from promessa.server.convert import reservation_message, timestamp
from promessa.service.sourcing import Sourced
from promessa.v1 import reservation_pb2, sourcing_pb2, sourcing_service_pb2

DEFAULT_COUNTRY = "BR"


def order_of(message: sourcing_pb2.SourcingOrder) -> Order:
    """A SourcingOrder, already validated."""
    destination = message.destination
    return Order(
        message.order_id,
        tuple([(line.sku, line.quantity) for line in message.lines]),
        destination.country_code or DEFAULT_COUNTRY,
        destination.postal_code,
        _constraints(message.constraints) if message.HasField("constraints") else NO_CONSTRAINTS,
    )


def _constraints(message: sourcing_pb2.SourcingConstraints) -> Constraints:
    latest = message.latest_delivery_time
    return Constraints(
        max_shipments=message.max_shipments,
        ship_complete=message.ship_complete,
        keep_lines_whole=message.keep_lines_whole,
        latest_delivery_ms=latest.seconds * 1000 + latest.nanos // 1_000_000,
        excluded_node_ids=tuple(message.excluded_node_ids),
        node_group_id=message.node_group_id,
    )


def plan_message(plan: Plan, catalogue: Catalogue) -> sourcing_pb2.SourcingPlan:
    """A plan with ids for indices."""
    skus = catalogue.skus.ids
    message = sourcing_pb2.SourcingPlan(
        shipments=[_shipment(shipment, plan.currency_code, catalogue) for shipment in plan.shipments],
        unserved_lines=[
            sourcing_pb2.UnservedLine(line=line, sku=skus[sku_ix], quantity=units)
            for line, sku_ix, units in plan.unserved
        ],
        cost=sourcing_pb2.PlanCost(
            currency_code=plan.currency_code,
            total_micros=plan.total_micros,
            shipping_micros=sum([x.shipping_micros for x in plan.shipments]),
            handling_micros=sum([x.handling_micros for x in plan.shipments]),
            shipment_micros=sum([x.shipment_micros for x in plan.shipments]),
            split_micros=plan.split_micros,
        ),
        proven_optimal=plan.proven_optimal,
        lower_bound_micros=plan.lower_bound_micros,
    )
    if plan.shipments:
        message.promise_time.CopyFrom(timestamp(plan.promise_ms))
    return message


def _shipment(shipment: PlannedShipment, currency_code: str, catalogue: Catalogue) -> sourcing_pb2.PlannedShipment:
    skus = catalogue.skus.ids
    total = shipment.shipping_micros + shipment.handling_micros + shipment.shipment_micros
    return sourcing_pb2.PlannedShipment(
        node_id=catalogue.nodes.ids[shipment.node_ix],
        lane_id=shipment.lane_id,
        carrier_service=shipment.carrier_service,
        lines=[
            sourcing_pb2.PlannedLine(line=line, sku=skus[sku_ix], quantity=units)
            for line, sku_ix, units in shipment.lines
        ],
        weight_grams=shipment.weight_grams,
        cost=sourcing_pb2.PlanCost(
            currency_code=currency_code,
            total_micros=total,
            shipping_micros=shipment.shipping_micros,
            handling_micros=shipment.handling_micros,
            shipment_micros=shipment.shipment_micros,
        ),
        ship_time=timestamp(shipment.ship_ms),
        promise_time=timestamp(shipment.promise_ms),
    )


def candidate_message(candidate: Candidate, catalogue: Catalogue) -> sourcing_pb2.CandidateExplanation:
    """Why one node is or is not in a plan."""
    return sourcing_pb2.CandidateExplanation(
        node_id=catalogue.nodes.ids[candidate.node_ix],
        reason=int(candidate.reason),
        at_least_more_micros=candidate.at_least_more_micros,
    )


def quote_options(plans: list[Plan], catalogue: Catalogue) -> list[sourcing_service_pb2.QuoteOption]:
    """Plans with what speaks for each."""
    if not plans:
        return []
    cheapest = min(plan.total_micros for plan in plans)
    fastest = min(plan.promise_ms for plan in plans)
    fewest = min(len(plan.shipments) for plan in plans)
    return [
        sourcing_service_pb2.QuoteOption(
            plan=plan_message(plan, catalogue),
            merits=[
                merit
                for merit, holds in (
                    (sourcing_service_pb2.QUOTE_MERIT_CHEAPEST, plan.total_micros == cheapest),
                    (sourcing_service_pb2.QUOTE_MERIT_FASTEST, plan.promise_ms == fastest),
                    (sourcing_service_pb2.QUOTE_MERIT_FEWEST_SHIPMENTS, len(plan.shipments) == fewest),
                )
                if holds
            ],
        )
        for plan in plans
    ]


def sourced_message(
    sourced: Sourced, catalogue: Catalogue, token: str
) -> sourcing_service_pb2.SourceAndReserveResponse:
    """A plan that is held, or the refusal of an order."""
    message = sourcing_service_pb2.SourceAndReserveResponse(
        outcome=int(sourced.outcome),
        shortfalls=[
            reservation_pb2.Shortfall(
                sku=catalogue.skus.ids[sku_ix],
                requested_quantity=requested,
                available_quantity=available,
                reason=reason,
            )
            for sku_ix, requested, available, reason in sourced.shortfalls
        ],
        attempt_count=sourced.attempts,
        token=token,
        replayed=sourced.replayed,
    )
    if sourced.plan.shipments:
        message.plan.CopyFrom(plan_message(sourced.plan, catalogue))
        message.reservation.CopyFrom(reservation_message(sourced.reservation, catalogue))
    return message
