"""The audit of what is to come: every inbound against itself, the reservations bound to it, and the event log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from promessa.domain.audit import AuditReport
from promessa.domain.supply import Inbound, InboundState
from promessa.store.books import Books
from promessa.store.supply_store import InboundKey

Subject = Callable[[Inbound], str]
"""How an inbound is named in a violation."""

Bound = Mapping[InboundKey, tuple[int, int]]
"""Open units of HELD and of CONFIRMED reservations bound to each inbound."""


async def check_supply(
    books: Books, partition: int, bound: Bound, report: AuditReport, subject: Subject, *, after: int = 0
) -> None:
    """Check the inbound of one partition, its log after a sequence only. `bound` was read page by page before."""
    found = await books.supply(partition)
    if not found:
        return
    report.inbound_count += len(found)
    if any((x.held, x.committed) != bound.get(InboundKey(*x[:3]), (0, 0)) for x in found.values()):
        await _settle_sums(books, partition, report, subject)
    await _check_log(books, partition, found, report, subject, after)
    for inbound in found.values():
        problem = _problem_of(inbound)
        if problem:
            report.add("INBOUND", subject(inbound), problem)


async def _settle_sums(books: Books, partition: int, report: AuditReport, subject: Subject) -> None:
    """A doubt may only be a change meanwhile: look again in one atomic read."""
    for inbound, held, committed in await books.bound_units(partition):
        if (inbound.held, inbound.committed) != (held, committed):
            detail = (
                f"It counts {inbound.held} held and {inbound.committed} committed units as bound to it, and reservations "
                f"sum to {held} and {committed}."
            )
            report.add("BOUND_SUM", subject(inbound), detail)


async def _check_log(
    books: Books, partition: int, found: Mapping[bytes, Inbound], report: AuditReport, subject: Subject, after: int
) -> None:
    """Versions have no gap, and the fold of the log is the inbound: it is read after them, so it has their versions."""
    versions: dict[bytes, int] = {}
    agreed: set[bytes] = set()
    first = 0
    async for sequence, changes in books.supply_log(partition, after=after):
        first = first or sequence
        for field, changed in changes:
            if field in versions and changed.version not in (1, versions[field] + 1):  # 1: its id was used anew
                detail = f"Version {changed.version} follows {versions[field]} in entry {sequence}."
                report.add("LOG_VERSION", subject(changed), detail)
            versions[field] = changed.version
            if changed.inbound_id and changed.bound > changed.to_come:
                units = changed.bound - changed.to_come
                detail = f"{units} units more were bound to it than were to come, in entry {sequence}."
                report.add("OVERSOLD", subject(changed), detail)
            if found.get(field) == changed:
                agreed.add(field)
    for field, inbound in found.items():
        if field not in agreed and (first == 1 or field in versions):
            report.add("LEDGER", subject(inbound), f"The inbound is {inbound}, and no entry of the log says so.")


def _problem_of(inbound: Inbound) -> str:
    """What is wrong with an inbound by itself."""
    if not inbound.inbound_id:
        return ""  # the backorder allowance may be lowered below what was promised of it
    if inbound.bound > inbound.to_come or min(inbound.held, inbound.committed) < 0:
        return f"{inbound.bound} units are bound to the {inbound.to_come} that are to come."
    ended = inbound.state != InboundState.EXPECTED
    if ended and inbound.to_come:
        return f"It is {InboundState(inbound.state).name}, and {inbound.to_come} units are to come."
    if not ended and inbound.to_come + inbound.received != inbound.quantity:
        return f"Of {inbound.quantity} units {inbound.received} came, and {inbound.to_come} are to come."
    return ""
