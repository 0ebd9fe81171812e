"""The audit of what is to come: every inbound against itself and against the event log."""

from __future__ import annotations

from collections.abc import Callable

from promessa.domain.audit import AuditReport
from promessa.domain.supply import Inbound, InboundState
from promessa.store.books import Books

Subject = Callable[[Inbound], str]
"""How an inbound is named in a violation."""


async def check_supply(books: Books, partition: int, report: AuditReport, subject: Subject) -> None:
    """Check the inbound of one partition. The log is read after them, so it has every version they were seen with."""
    found = await books.supply(partition)
    if not found:
        return
    report.inbound_count += len(found)
    versions: dict[bytes, int] = {}
    agreed: set[bytes] = set()
    first = 0
    async for sequence, changes in books.supply_log(partition):
        first = first or sequence
        for field, after in changes:
            if field in versions and after.version != versions[field] + 1 and after.version != 1:
                detail = f"Version {after.version} follows {versions[field]} in entry {sequence}."
                report.add("LOG_VERSION", subject(after), detail)
            versions[field] = after.version
            if found.get(field) == after:
                agreed.add(field)
    for field, inbound in found.items():
        if field not in agreed and (first == 1 or field in versions):
            report.add("LEDGER", subject(inbound), f"The inbound is {inbound}, and no entry of the log says so.")
        problem = _problem_of(inbound)
        if problem:
            report.add("INBOUND", subject(inbound), problem)


def _problem_of(inbound: Inbound) -> str:
    """What is wrong with an inbound by itself."""
    if inbound.bound > inbound.to_come or min(inbound.held, inbound.committed) < 0:
        return f"{inbound.bound} units are bound to the {inbound.to_come} that are to come."
    ended = inbound.state != InboundState.EXPECTED
    if ended and inbound.to_come:
        return f"It is {InboundState(inbound.state).name}, and {inbound.to_come} units are to come."
    if not ended and inbound.to_come + inbound.received != inbound.quantity:
        return f"Of {inbound.quantity} units {inbound.received} came, and {inbound.to_come} are to come."
    return ""
