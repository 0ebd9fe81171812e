"""`promessa decision`: why an order was sourced as it was, made again from what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, LangOption, TimeoutOption


def decision(
    decision_id: Annotated[
        str, typer.Argument(metavar="ID", help="The request id of `promessa source --reserve`.", show_default=False)
    ],
    map_path: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.html", show_default=False, help="Draw it on a map, too.")
    ] = None,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Make a decision again with the stock, prices and policy of then, and explain it. Exit code 1 if it is not the same."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.cli.texts import Texts
    from promessa.cli.why import all_parts, write_map
    from promessa.v1.sourcing_service_pb2 import ExplainDecisionRequest

    texts = Texts(lang)
    with Client(address, timeout_seconds=timeout) as client:
        request = ExplainDecisionRequest(decision_id=decision_id, parts=all_parts(texts))
        answer = client.call(client.sourcing.ExplainDecision, request)
        emit(answer, as_json=as_json, render=lambda to: _render(to, answer, texts))
        if map_path is not None:
            write_map(client, map_path, answer.order, answer, texts, quiet=as_json)
    if not answer.is_identical:
        raise typer.Exit(1)


def _render(to: Any, answer: Any, texts: Any) -> None:
    from promessa.cli.output import local_time, word
    from promessa.cli.plan import render_plan
    from promessa.cli.why import render_why
    from promessa.v1.reservation_pb2 import ReserveOutcome

    outcome = word(ReserveOutcome, answer.outcome)
    to.print(f"{answer.decision_id}: {outcome}, {local_time(answer.decision_time)}", markup=False)
    if answer.previous_decision_id:
        to.print(texts("decision_previous", decision=answer.previous_decision_id), markup=False)
    if answer.later_decision_ids:
        to.print(texts("decision_later", decisions=", ".join(answer.later_decision_ids)), markup=False)
    if answer.HasField("plan"):
        render_plan(to, answer.plan)
    currency = answer.plan.cost.currency_code
    render_why(to, answer.candidates, answer.explanation, answer.order, currency, texts)
    if answer.is_identical:
        to.print(texts("replay_identical"), style="green")
    for each in answer.differences:
        said = texts("replay_differs", place=each.place, recorded=each.recorded, found=each.found)
        to.print(said, markup=False, style="red")
    for told, name in ((answer.is_record_altered, "replay_altered"), (answer.is_other_engine, "replay_other_engine")):
        if told:
            to.print(texts(name), style="yellow")
