"""The audit of allocation pools: what is drawn of each against the reservations, what cells keep, and the event log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from promessa.domain.audit import AuditReport, WrongDraws
from promessa.store._ledger import Ledger
from promessa.store.books import Books, Draws, cell_of_counts
from promessa.store.keys import cell_of_field, pools_field
from promessa.store.pool_store import cell_pools

Cell = tuple[int, int]

Subject = Callable[[Cell], str]
"""How a cell is named in a violation."""


async def check_pools(
    books: Books,
    partition: int,
    ledger: Ledger,
    drawn: Mapping[tuple[int, int, str], int],
    report: AuditReport,
    subject: Subject,
    *,
    after: int = 0,
) -> None:
    """Check the pools of one partition, its log after a sequence only, and the cells of the ledger that have pools or say so.

    Cells and `drawn` were read page by page before.
    """
    found = await books.pools(partition)
    keys = {*ledger.ring_fenced(), *(cell_of_field(field[2:]) for field in found)}
    cells = {key: cell_of_counts(counts) for key in keys if (counts := ledger.counts(key))}
    nodes = partition, books.keys.partitions
    here = {key: units for key, units in drawn.items() if key[0] % nodes[1] == nodes[0]}
    counted = {
        (*cell_of_field(field[2:]), pool.channel): pool.drawn for field, pools in found.items() for pool in pools
    }
    if {key: units for key, units in counted.items() if units} != here:
        await _settle_draws(books, partition, report, subject)
    doubts = [key for key, cell in cells.items() if (cell.ring_fenced is not None) != (pools_field(*key) in found)]
    doubts += [
        key
        for key, cell in cells.items()
        if pools_field(*key) in found
        and cell.ring_fenced != cell_pools(cell, found[pools_field(*key)]).ring_fenced(now_ms=0)
    ]
    for key in sorted(set(doubts)):
        await _settle_kept(books, key, report, subject)
    if found:
        await _check_log(books, partition, found, report, subject, after)


async def _settle_draws(books: Books, partition: int, report: AuditReport, subject: Subject) -> None:
    """A doubt may only be a change meanwhile: look again in one atomic read."""
    for draws in await books.drawn_units(partition):
        if draws.counted != draws.drawn:
            name = _name(draws, subject)
            detail = f"The pool counts {draws.counted} units as drawn of it, and reservations sum to {draws.drawn}."
            report.add("DRAWN_SUM", name, detail)
            report.wrong_draws.append(
                WrongDraws(draws.node_ix, draws.sku_ix, draws.channel, name, draws.counted, draws.drawn)
            )


async def _settle_kept(books: Books, key: Cell, report: AuditReport, subject: Subject) -> None:
    cell, pools = await books.cell_and_pools(key)
    kept = cell_pools(cell, pools).ring_fenced(now_ms=0) if pools else None
    if cell.ring_fenced != kept:
        report.add(
            "RING_FENCED", subject(key), f"The cell keeps {cell.ring_fenced} units for its pools, and they {kept}."
        )


async def _check_log(
    books: Books, partition: int, found: Mapping[bytes, object], report: AuditReport, subject: Subject, after: int
) -> None:
    """The fold of the log is the pools: it is read after them, so it has been what they are."""
    agreed: set[bytes] = set()
    known: set[bytes] = set()
    first = 0
    async for sequence, changes in books.pool_log(partition, after=after):
        first = first or sequence
        for field, pools in changes:
            known.add(field)
            if found.get(field) == pools:
                agreed.add(field)
    for field in found:
        if field not in agreed and (first == 1 or field in known):
            name = subject(cell_of_field(field[2:]))
            report.add("LEDGER", name, f"The pools are {found[field]}, and no entry of the log says so.")


def _name(draws: Draws, subject: Subject) -> str:
    return f"pool {draws.channel} of {subject((draws.node_ix, draws.sku_ix))}"
