"""`promessa source`: plans, their costs, and why not otherwise."""

from __future__ import annotations

import typer

from promessa.cli.arguments import sku_quantities
from promessa.cli.changes import print_answer
from promessa.cli.client import Client, find_address, new_request_id
from promessa.cli.output import console, money, name_of, show_json, show_table
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import sourcing_pb2 as so
from promessa.v1 import sourcing_service_pb2 as messages

CANDIDATES_MAX = 15


def show_sourcing(
    lines: list[str], to: str, *, reserve: bool, explain: bool, quote: int, json: bool, address: str | None
) -> None:
    client = Client(find_address(address))
    order = so.SourcingOrder(lines=sku_quantities(lines), destination={"postal_code": to})
    if reserve:
        _reserve(client, order, json=json)
    elif quote:
        _quote(client, order, quote, json=json)
    else:
        _source(client, order, explain=explain, json=json)


def _reserve(client: Client, order: so.SourcingOrder, *, json: bool) -> None:
    request = messages.SourceAndReserveRequest(request_id=new_request_id(), order=order)
    answer = client.call(client.stubs.sourcing.SourceAndReserve, request)
    if json:
        show_json(answer)
    else:
        if answer.HasField("plan"):
            _print_plan("Plan", answer.plan)
        print_answer(answer)
    if answer.outcome == rv.RESERVE_OUTCOME_REFUSED:
        raise typer.Exit(1)


def _quote(client: Client, order: so.SourcingOrder, count: int, *, json: bool) -> None:
    request = messages.QuoteRequest(order=order, alternative_count=min(count, 5))
    answer = client.call(client.stubs.sourcing.Quote, request)
    if json:
        show_json(answer)
        return
    for number, option in enumerate(answer.options, 1):
        merits = ", ".join(name_of(messages.QuoteMerit, merit) for merit in option.merits)
        _print_plan(f"Option {number}{f': {merits}' if merits else ''}", option.plan)


def _source(client: Client, order: so.SourcingOrder, *, explain: bool, json: bool) -> None:
    answer = client.call(client.stubs.sourcing.Source, messages.SourceRequest(order=order, explain=explain))
    if json:
        show_json(answer)
        return
    _print_plan("Plan", answer.plan)
    if explain:
        others = [x for x in answer.candidates if x.reason != so.CANDIDATE_REASON_CHOSEN]
        others.sort(key=lambda x: (x.reason != so.CANDIDATE_REASON_COSTS_MORE, x.at_least_more_micros))
        show_table(
            f"Why not another node ({len(others)})",
            ("node", "reason", "at least more"),
            [
                (x.node_id, name_of(so.CandidateReason, x.reason), money(x.at_least_more_micros) or "")
                for x in others[:CANDIDATES_MAX]
            ],
        )


def _print_plan(title: str, plan: so.SourcingPlan) -> None:
    proof = "proven optimal" if plan.proven_optimal else f"at least {money(plan.lower_bound_micros)}"
    currency = plan.cost.currency_code
    show_table(
        f"{title}: {currency} {money(plan.cost.total_micros)}, {proof}",
        ("node", "service", "units", "grams", "shipping", "handling", "shipment", "arrives"),
        [
            (
                x.node_id,
                x.carrier_service,
                ", ".join(f"{line.quantity} x {line.sku}" for line in x.lines),
                x.weight_grams,
                money(x.cost.shipping_micros),
                money(x.cost.handling_micros),
                money(x.cost.shipment_micros),
                x.promise_time.ToDatetime().strftime("%Y-%m-%d"),
            )
            for x in plan.shipments
        ],
    )
    for missing in plan.unserved_lines:
        console.print(f"Nothing serves {missing.quantity} x {missing.sku}.")
