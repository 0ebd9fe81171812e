"""Messages of SourcingService to domain values and back, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.kinds import DELIVERED, NEVER_MS, NO_DAY, NO_WAYS, UNKNOWN_DAY, OwnStock, Ways
from promessa.domain.plan_token import IssuedToken, PlanChange, Redeemed, Redemption, TokenOutcome
from promessa.domain.quote import Merit, Option
from promessa.domain.sourcing import (
    NO_CONSTRAINTS,
    NO_TRAITS,
    Constraints,
    CostTerm,
    Order,
    OrderTraits,
    Plan,
    PlannedShipment,
    PolicyDecision,
)
from promessa.domain.supply import text_of_day
from promessa.domain.token import make_token
from promessa.server.convert import claim, fill_reservation, instant_ms, set_instant
from promessa.server.validate import InvalidFields
from promessa.service.held_plan import Sourced
from promessa.service.promises import Waits
from promessa.v1 import (
    order_service_pb2,
    plan_token_pb2,
    policy_pb2,
    reservation_pb2,
    sourcing_pb2,
    sourcing_service_pb2,
)

DEFAULT_COUNTRY = "BR"
_TERM_FIELDS = {term: f"{term.name.lower()}_micros" for term in CostTerm}


def order_of(message: sourcing_pb2.SourcingOrder) -> Order:
    """A SourcingOrder, already validated. Raises InvalidFields for rules about several fields."""
    destination = message.destination
    ways = _ways(message)
    if not message.HasField("destination") and not (ways.pickups and all(ways.pickups)):
        raise InvalidFields([("order.destination", "value is required")])
    return Order(
        message.order_id,
        tuple([(line.sku, line.quantity) for line in message.lines]),
        destination.country_code or DEFAULT_COUNTRY,
        destination.postal_code,
        _constraints(message.constraints) if message.HasField("constraints") else NO_CONSTRAINTS,
        claim(message).text,
        destination.region_code,
        message.seller_code,
        _traits(message) if message.HasField("traits") or destination.HasField("position") else NO_TRAITS,
        message.policy_id,
        message.policy_version,
        ways,
    )


def _ways(message: sourcing_pb2.SourcingOrder) -> Ways:
    """How its units get to their customer; NO_WAYS if it says nothing of that."""
    pickups = tuple([line.pickup_node_id or message.pickup_node_id for line in message.lines])
    together = tuple([line.together for line in message.lines])
    found = Ways(
        pickups if any(pickups) else (),
        together if any(together) else (),
        message.allow_ship_to_store,
        tuple(message.allowed_kinds),
        message.sold_at_node_id,
        message.own_stock,
        message.allow_future_supply,
        message.allow_backorder,
    )
    if found == NO_WAYS:
        return NO_WAYS
    if found.own_stock != OwnStock.AS_ANY and not found.sold_at:
        raise InvalidFields([("order.own_stock", "is for an order with sold_at_node_id")])
    if found.backorder and message.constraints.HasField("latest_delivery_time"):
        raise InvalidFields([("order.allow_backorder", "must not be set with latest_delivery_time: it has no date")])
    return found


def _traits(message: sourcing_pb2.SourcingOrder) -> OrderTraits:
    said, destination = message.traits, message.destination
    at = destination.position
    return OrderTraits(
        order_kind=said.order_kind,
        customer_tier=said.customer_tier,
        queue=said.queue,
        origin=said.origin,
        ship_method=said.ship_method,
        priority=said.priority,
        value_micros=said.value_micros,
        categories=tuple(said.categories),
        tags=tuple(said.tags),
        refused_by=tuple(said.refused_by_node_ids),
        position_e6=(at.latitude_e6, at.longitude_e6) if destination.HasField("position") else None,
    )


def _constraints(message: sourcing_pb2.SourcingConstraints) -> Constraints:
    return Constraints(
        max_shipments=message.max_shipments,
        ship_complete=message.ship_complete,
        keep_lines_whole=message.keep_lines_whole,
        latest_delivery_ms=instant_ms(message.latest_delivery_time, "order.constraints.latest_delivery_time"),
        excluded_node_ids=tuple(message.excluded_node_ids),
        node_group_id=message.node_group_id,
        min_shipment_value_micros=message.min_shipment_value_micros,
    )


def plan_message(plan: Plan, catalogue: Catalogue) -> sourcing_pb2.SourcingPlan:
    """A plan with ids for indices."""
    message = sourcing_pb2.SourcingPlan()
    fill_plan(message, plan, catalogue)
    return message


def fill_plan(message: sourcing_pb2.SourcingPlan, plan: Plan, catalogue: Catalogue) -> None:
    """Write a plan into an empty message."""
    for shipment in plan.shipments:
        _fill_shipment(message.shipments.add(), shipment, plan.currency_code, catalogue)
    for line, sku_ix, units in plan.unserved:
        message.unserved_lines.add(line=line, sku=catalogue.skus.ids[sku_ix], quantity=units)
    _fill_cost(message.cost, plan.currency_code, plan.total_micros, plan.shipments)
    message.cost.split_micros = plan.split_micros
    message.proven_optimal = plan.proven_optimal
    message.lower_bound_micros = plan.lower_bound_micros
    if plan.shipments and plan.promise_ms < NEVER_MS:
        set_instant(message.promise_time, plan.promise_ms)
    if plan.policy:
        fill_policy(message.policy, plan.policy, any_unserved=bool(plan.unserved))


def fill_policy(message: policy_pb2.PolicyDecision, decision: PolicyDecision, *, any_unserved: bool) -> None:
    """Write which policy decided into an empty message."""
    message.policy_id, message.version, message.rule = decision.policy_id, decision.version, decision.rule
    message.given_up.extend(decision.given_up)
    message.objective_micros = decision.objective_micros
    if any_unserved:
        message.unserved.action = decision.action
        message.unserved.queue = decision.queue
        if decision.days:
            message.unserved.days = decision.days
    if decision.offer_nodes:
        message.offer.nodes, message.offer.minutes = decision.offer_nodes, decision.offer_minutes


def _fill_shipment(
    message: sourcing_pb2.PlannedShipment, shipment: PlannedShipment, currency_code: str, catalogue: Catalogue
) -> None:
    skus = catalogue.skus.ids
    message.node_id = catalogue.nodes.ids[shipment.node_ix]
    message.lane_id = shipment.lane_id
    message.carrier_service = shipment.carrier_service
    add = message.lines.add
    for line, sku_ix, units in shipment.lines:
        added = add()
        added.line, added.sku, added.quantity = line, skus[sku_ix], units
    message.weight_grams = shipment.weight_grams
    _fill_cost(message.cost, currency_code, shipment.total_micros, (shipment,))
    message.fulfillment_kind = shipment.kind
    if shipment.collected_ix != DELIVERED:
        message.pickup_node_id = catalogue.nodes.ids[shipment.collected_ix]
    if shipment.supply_day not in (NO_DAY, UNKNOWN_DAY):
        message.supply_date = text_of_day(shipment.supply_day)
    if shipment.promise_ms >= NEVER_MS:
        return
    set_instant(message.ship_time, shipment.ship_ms)
    set_instant(message.promise_time, shipment.promise_ms)
    if shipment.ready_ms:
        set_instant(message.ready_time, shipment.ready_ms)
        if shipment.window_start_ms and shipment.window_start_ms != shipment.promise_ms:
            set_instant(message.window_start_time, shipment.window_start_ms)


def _fill_cost(
    message: sourcing_pb2.PlanCost, currency_code: str, total: int, shipments: Sequence[PlannedShipment]
) -> None:
    """Write the total, and the sums of what shipments cost by term."""
    message.currency_code = currency_code
    message.total_micros = total
    message.shipping_micros = sum([shipment.shipping_micros for shipment in shipments])
    message.handling_micros = sum([shipment.handling_micros for shipment in shipments])
    message.shipment_micros = sum([shipment.shipment_micros for shipment in shipments])
    for shipment in shipments:
        for term, micros in shipment.terms:
            name = _TERM_FIELDS[term]
            setattr(message, name, getattr(message, name) + micros)


def sourced_message(
    sourced: Sourced, epoch: int, catalogue: Catalogue, waits: Waits | None = None
) -> sourcing_service_pb2.SourceAndReserveResponse:
    """The answer to SourceAndReserve; `server/_answers` writes it where no line waits."""
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
        token=make_token(epoch, sourced.positions),
        replayed=sourced.replayed,
    )
    if sourced.plan.shipments:
        fill_plan(message.plan, sourced.plan, catalogue)
        fill_reservation(message.reservation, sourced.reservation, catalogue, waits)
    elif sourced.plan.policy:
        fill_policy(message.policy, sourced.plan.policy, any_unserved=bool(sourced.plan.unserved))
    return message


def option_message(option: Option, catalogue: Catalogue) -> sourcing_service_pb2.QuoteOption:
    """A plan with what speaks for it."""
    message = sourcing_service_pb2.QuoteOption(
        plan=plan_message(option.plan, catalogue),
        merits=_merits(option.merits),
        proven_merits=_merits(option.proven),
        proven_cheapest_by_date=option.cheapest_by_date,
        proven_cheapest_by_shipments=option.cheapest_by_shipments,
        pickup_node_id=option.pickup_node_id,
    )
    _fill_token(message, option.token)
    return message


def _fill_token(message: sourcing_service_pb2.QuoteOption | plan_token_pb2.PlanTokenResult, token: IssuedToken) -> None:
    message.plan_token = token.text
    if token.text:
        set_instant(message.plan_token_expire_time, token.expires_ms)


def redemption_of(
    message: sourcing_service_pb2.SourceAndReserveRequest | order_service_pb2.NewOrder, within: str = ""
) -> Redemption | None:
    """How a plan token is to be redeemed, if there is one. Raises InvalidFields for what only counts with another field;
    `within` is where the fields are."""
    bounds: list[Any] = [name for name in ("max_extra_cost_micros", "latest_promise_time") if message.HasField(name)]
    if bounds and not message.accept_changes:
        raise InvalidFields([(within + name, "is for a request with accept_changes") for name in bounds])
    if message.accept_changes and not message.plan_token:
        raise InvalidFields([(f"{within}accept_changes", "is for a request with a plan_token")])
    if not message.plan_token:
        return None
    latest_ms = instant_ms(message.latest_promise_time, f"{within}latest_promise_time")
    extra = message.max_extra_cost_micros if message.HasField("max_extra_cost_micros") else None
    return Redemption(message.plan_token, message.accept_changes, extra, latest_ms)


def redeemed_message(redeemed: Redeemed, catalogue: Catalogue) -> plan_token_pb2.PlanTokenResult:
    """What became of a plan token."""
    message = plan_token_pb2.PlanTokenResult(
        outcome=redeemed.outcome,
        changes=[_change_message(change) for change in redeemed.changes],
        quoted_total_micros=redeemed.quoted_micros,
        total_now_micros=redeemed.total_now_micros if redeemed.outcome == TokenOutcome.HONOURED else 0,
        extra_cost_micros=redeemed.extra_micros,
    )
    if redeemed.quoted_promise_ms < NEVER_MS:
        set_instant(message.quoted_promise_time, redeemed.quoted_promise_ms)
    if redeemed.plan is not None:
        fill_plan(message.plan, redeemed.plan, catalogue)
    _fill_token(message, redeemed.token)
    return message


def _change_message(change: PlanChange) -> plan_token_pb2.PlanTokenChange:
    message = plan_token_pb2.PlanTokenChange(
        kind=change.kind,
        node_id=change.node_id,
        lane_id=change.lane_id,
        sku=change.sku,
        requested_quantity=change.requested,
        available_quantity=change.available,
        reason=change.reason,
    )
    if change.supply_day not in (NO_DAY, UNKNOWN_DAY):
        message.supply_date = text_of_day(change.supply_day)
    if change.promise_ms:
        set_instant(message.promise_time, change.promise_ms)
        set_instant(message.quoted_promise_time, change.quoted_promise_ms)
    return message


def _merits(merits: Sequence[Merit]) -> list[Any]:
    return [int(merit) for merit in merits]
