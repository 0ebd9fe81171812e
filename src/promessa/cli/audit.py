"""`promessa audit`: do the books agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console


def audit(
    max_violations: Annotated[int, typer.Option(min=1, max=1000, help="Violations listed at most.")] = 100,
    since: Annotated[str, typer.Option(help="The token of an earlier check: only what changed since is checked.")] = "",
    repair: Annotated[bool, typer.Option("--repair", help="Say what would be set right.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="With --repair: set it right.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 300.0,
) -> None:
    """Check every cell and reservation against each other, the event log and the replica. Exit code 1 on violations."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.inventory_service_pb2 import CheckInvariantsRequest, RepairRequest

    if apply and not repair:
        raise usage("--apply needs --repair.")
    with Client(address, timeout_seconds=timeout) as client:
        if repair:
            order = RepairRequest(request_id=new_request_id(), apply=apply)
            repairs = client.call(client.inventory.Repair, order)
            emit(repairs, as_json=as_json, render=lambda to: _render_repairs(to, repairs))
        if repair and not apply:
            raise typer.Exit(1 if repairs.violation_count else 0)
        request = CheckInvariantsRequest(max_violations=max_violations, since_token=since)
        answer = client.call(client.inventory.CheckInvariants, request)
    if not (repair and as_json):  # one document a run
        emit(answer, as_json=as_json, render=lambda to: render_audit(to, answer))
    if not answer.ok:
        raise typer.Exit(1)


def _render_repairs(to: Console, answer: Any) -> None:
    from promessa.cli.output import table, word
    from promessa.v1.inventory_service_pb2 import RepairOutcome

    rows = table("what", "subject", "found", "should be", "outcome")
    for entry in answer.repairs:
        outcome = word(RepairOutcome, entry.outcome)
        rows.add_row(entry.invariant, entry.subject, entry.before, entry.after, outcome)
    to.print(rows if answer.repairs else "There is nothing that can be repaired.")


def render_audit(to: Console, answer: Any) -> None:
    """What was checked, and what is wrong."""
    from promessa.cli.output import table

    verdict = "[green]the books agree[/]" if answer.ok else f"[red]{answer.violation_count:,} violations[/]"
    to.print(
        f"{verdict}: {answer.cell_count:,} cells, {answer.reservation_count:,} reservations, "
        f"{answer.event_count:,} events checked"
    )
    to.print(f"The next check of what changes from now on: promessa audit --since {answer.token}", style="dim")
    if answer.deficit_cell_count:
        to.print(
            f"{answer.deficit_cell_count:,} cells promise more than they have, because a feed lowered units on hand. "
            "Source those reservations again, or count the stock."
        )
    rows = table("invariant", "subject", "what was found")
    for violation in answer.violations:
        rows.add_row(violation.invariant, violation.subject, violation.detail)
    if answer.violations:
        to.print(rows)
        to.print(
            "This is a defect, or the store was changed behind promessa's back. Keep the data; see docs/operating.md."
        )
