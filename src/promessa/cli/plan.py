"""Sourcing plans and explanations as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def render_plan(to: Console, plan: Any, *, is_alternative: bool = False) -> None:
    """Shipments, what is not served, the cost by term, and how good the plan is (not of an alternative)."""
    from promessa.cli.output import local_time, money, table

    cost = plan.cost
    rows = table("node", "kind", "service", "lines", "weight", "cost", "ships", "arrives", right=["weight", "cost"])
    for shipment in plan.shipments:
        rows.add_row(
            shipment.node_id,
            _kind(shipment),
            shipment.carrier_service,
            ", ".join(f"{line.quantity} x {line.sku}" for line in shipment.lines),
            f"{shipment.weight_grams:,} g",
            money(shipment.cost.total_micros),
            local_time(shipment.ship_time),
            local_time(shipment.promise_time),
        )
    if plan.shipments:
        to.print(rows)
        to.print(
            f"[bold]{money(cost.total_micros, cost.currency_code)}[/] = shipping {money(cost.shipping_micros)} + "
            f"picking {money(cost.handling_micros)} + opening {money(cost.shipment_micros)} + "
            f"splitting {money(cost.split_micros)}{_more_terms(cost)}{'' if is_alternative else _certificate(plan)}"
        )
    for line in plan.unserved_lines:
        to.print(f"Nothing serves {line.quantity:,} x {line.sku}.")
    if plan.HasField("policy"):
        render_policy(to, plan.policy)


def _kind(shipment: Any) -> str:
    """How a shipment gets to its customer: where it is collected, and what it waits for."""
    from promessa.cli.output import word
    from promessa.v1.sourcing_pb2 import FulfillmentKind

    found = word(FulfillmentKind, shipment.fulfillment_kind)
    if shipment.pickup_node_id not in ("", shipment.node_id):
        found += f" {shipment.pickup_node_id}"
    if shipment.supply_date:
        found += f", waits until {shipment.supply_date}"
    elif not shipment.HasField("ship_time"):
        found += ", backordered"
    return found


def _more_terms(cost: Any) -> str:
    """The terms that only some plans have; what is saved has its sign."""
    from promessa.cli.output import money

    named = [(field.name.removesuffix("_micros"), getattr(cost, field.name)) for field in cost.DESCRIPTOR.fields[6:]]
    return "".join(
        f" {'-' if micros < 0 else '+'} {name.replace('_', ' ')} {money(abs(micros))}"
        for name, micros in named
        if micros
    )


def _certificate(plan: Any) -> str:
    from promessa.cli.output import money

    by_policy = plan.HasField("policy")
    if plan.proven_optimal:
        return "; proven: by this rule no plan is better." if by_policy else "; proven: no plan costs less."
    least = plan.policy.objective_micros if by_policy else plan.cost.total_micros
    return f"; the best plan found; none costs less than {money(least - plan.lower_bound_micros)} below it."


def render_policy(to: Console, decision: Any) -> None:
    """Which policy decided, by which rule, and what is to become of what is not served."""
    from promessa.cli.output import word
    from promessa.v1.policy_pb2 import PolicyUnservedAction

    rule = f"rule {decision.rule!r}" if decision.rule else "no rule serves it as it must be"
    given_up = f", without {', '.join(decision.given_up)}" if decision.given_up else ""
    to.print(f"Decided by policy {decision.policy_id}, version {decision.version}: {rule}{given_up}.", markup=False)
    if decision.HasField("unserved") and decision.unserved.action > PolicyUnservedAction.POLICY_UNSERVED_ACTION_ANSWER:
        where = f" in queue {decision.unserved.queue}" if decision.unserved.queue else ""
        days = f", {decision.unserved.days} days" if decision.unserved.days else ""
        to.print(
            f"What is not served: {word(PolicyUnservedAction, decision.unserved.action)}{where}{days}.", markup=False
        )
    if decision.HasField("offer"):
        to.print(f"Offer it to {decision.offer.nodes} nodes for {decision.offer.minutes} minutes.")
