"""Messages of Simulate to values of the service and back, nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from promessa.domain.catalogue import Catalogue
from promessa.domain.paired import Difference, PairedDifferences
from promessa.domain.rate_cards import BASIS_POINTS, RateCard
from promessa.domain.sourcing import PLAN_TERMS
from promessa.server.convert import instant_ms, timestamp
from promessa.server.convert_sourcing import order_of, plan_message
from promessa.server.network_servicer import resource_of
from promessa.service.simulation import OrderDecisions, OrderProblem, Report, SimulatedOrder
from promessa.service.simulation_tally import Decided, Share, Tally
from promessa.service.what_if import WhatIf
from promessa.v1 import simulation_pb2 as nouns

WHOLE_STOCK = 100
"""Per cent of what can be promised, if nothing else is said."""


def simulated_order(message: nouns.SimulatedOrder, now_ms: int) -> SimulatedOrder:
    """An order, already validated."""
    at_ms = instant_ms(message.order_time, "order_time") if message.HasField("order_time") else now_ms
    return SimulatedOrder(order_of(message.order), at_ms, message.allow_partial)


def what_if_of(message: nouns.SimulationWhatIf) -> WhatIf:
    """What is supposed, already validated."""
    cards = [resource_of("rate_card", card) for card in message.rate_cards]
    return WhatIf(
        paused_node_ids=tuple(message.paused_node_ids),
        stock_percent=message.stock_percent if message.HasField("stock_percent") else WHOLE_STOCK,
        node_stock_percents=tuple([(each.node_id, each.percent) for each in message.node_stocks]),
        cells=tuple([(each.sku, each.node_id, each.available_quantity) for each in message.cells]),
        rate_cards=tuple([card for card in cards if isinstance(card, RateCard)]),
    )


def problem_message(problem: OrderProblem) -> nouns.SimulationProblem:
    """Why an order cannot be decided."""
    error = problem.error
    return nouns.SimulationProblem(
        position=problem.position, order_id=problem.order_id, reason=error.reason, message=error.message
    )


def decision_message(found: OrderDecisions, catalogue: Catalogue) -> nouns.SimulatedDecision:
    """What was decided about an order."""
    message = nouns.SimulatedDecision(position=found.position, order_id=found.order_id)
    for into, decided in zip((message.scenario, message.baseline), found.decisions, strict=False):
        into.CopyFrom(_plan(decided, catalogue))
    return message


def _plan(decided: Decided, catalogue: Catalogue) -> nouns.SimulatedPlan:
    return nouns.SimulatedPlan(held=decided.held, plan=plan_message(decided.plan, catalogue))


def report_message(report: Report, stock_ms: int) -> nouns.SimulationReport:
    """What became of all orders."""
    message = nouns.SimulationReport(
        scenario=_outcome(report.tallies[0]),
        comparable_order_count=report.comparable.pairs,
        different_order_count=report.differently,
        problems=[
            nouns.SimulationProblemCount(reason=reason, order_count=count)
            for reason, count in sorted(report.problems.items())
        ],
        stock_time=timestamp(stock_ms),
    )
    if len(report.tallies) == 2:
        message.baseline.CopyFrom(_outcome(report.tallies[1]))
        message.differences.extend(_differences(report))
    return message


def _differences(report: Report) -> list[nouns.SimulationDifference]:
    """Of the measures all, of the terms those that cost something either way."""
    whole, every = report.comparable, report.unserved
    found = [
        _difference(nouns.SIMULATION_MEASURE_COST, whole, "cost"),
        _difference(nouns.SIMULATION_MEASURE_SHIPMENTS, whole, "shipments"),
        _difference(nouns.SIMULATION_MEASURE_ARRIVAL, whole, "arrival"),
        _difference(nouns.SIMULATION_MEASURE_UNSERVED_UNITS, every, "unserved_units"),
        _difference(nouns.SIMULATION_MEASURE_UNSERVED_VALUE, every, "unserved_value"),
    ]
    for term in PLAN_TERMS:
        if any(tally.costs[term] for tally in report.tallies):
            found.append(_difference(nouns.SIMULATION_MEASURE_COST_TERM, whole, term, term=term))
    return found


def _difference(
    measure: nouns.SimulationMeasure, of: PairedDifferences, name: str, *, term: str = ""
) -> nouns.SimulationDifference:
    found: Difference = of.of(name)
    return nouns.SimulationDifference(
        measure=measure, term=term, order_count=of.pairs, mean=found.mean, low=found.low, high=found.high
    )


def _outcome(tally: Tally) -> nouns.SimulationOutcome:
    served = len(tally.arrivals)
    message = nouns.SimulationOutcome(
        order_count=tally.orders,
        whole_order_count=tally.whole,
        partial_order_count=tally.in_part,
        refused_order_count=tally.refused,
        wanted_quantity=tally.units_wanted,
        unserved_quantity=tally.units_unserved,
        wanted_value_micros=tally.value_wanted_micros,
        unserved_value_micros=tally.value_unserved_micros,
        shipment_count=tally.shipments,
        split_order_count=tally.several_shipments,
        line_count=tally.lines,
        split_line_count=tally.split_lines,
        arrival_mean_ms=sum(tally.arrivals) // served if served else 0,
        arrival_p50_ms=tally.arrives_within_ms(50),
        arrival_p90_ms=tally.arrives_within_ms(90),
        arrival_p99_ms=tally.arrives_within_ms(99),
        proven_order_count=tally.proven,
    )
    message.cost.currency_code = tally.currency_code
    message.cost.total_micros = sum(tally.costs.values())
    for term, micros in tally.costs.items():
        setattr(message.cost, f"{term}_micros", micros)
    names = tally.catalogue.nodes.ids
    message.nodes.extend(_shares({names[node_ix]: share for node_ix, share in tally.nodes.items()}))
    message.owners.extend(_shares(tally.owners()))
    for (policy_id, version, rule), share in sorted(
        tally.policies.items(), key=lambda entry: (-entry[1].orders, entry[0])
    ):
        message.policies.add(
            policy_id=policy_id,
            version=version,
            rule=rule,
            order_count=share.orders,
            shipment_count=share.shipments,
            quantity=share.units,
            cost_micros=share.cost_micros,
        )
    return message


def _shares(shares: Mapping[str, Share]) -> list[nouns.SimulationShare]:
    """Those with the most units first."""
    total = sum(share.units for share in shares.values())
    return [
        nouns.SimulationShare(
            name=name,
            order_count=share.orders,
            shipment_count=share.shipments,
            quantity=share.units,
            quantity_basis_points=share.units * BASIS_POINTS // total if total else 0,
            cost_micros=share.cost_micros,
        )
        for name, share in sorted(shares.items(), key=lambda entry: (-entry[1].units, entry[0]))
    ]
