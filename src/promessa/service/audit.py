"""The audit: do cells, reservations, due index, event log and replica tell the same story?

It runs beside live traffic. What a page-by-page reading finds odd may only have changed meanwhile, so every doubt is
looked at again in one atomic read before it is called a violation.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from promessa.domain.audit import AuditReport, WrongOwner, WrongSums
from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.reservation import Reservation, ReservationState
from promessa.domain.stock import StockCell, atp_of_kit
from promessa.domain.supply import Inbound, text_of_day
from promessa.service.audit_orders import check_orders
from promessa.service.audit_pools import check_pools
from promessa.service.audit_supply import check_supply
from promessa.store import _ledger
from promessa.store._ledger import Ledger
from promessa.store.books import Books, cell_of_counts, sum_bound, sum_days, sum_drawn, sum_open, sum_owned

if TYPE_CHECKING:
    from promessa.store._ledger import Problem

DOUBTS_AT_ONCE = 500
CELLS_AT_ONCE = 50_000
"""Looked at without letting anybody else of this process go on: a millisecond."""
REPLICA_ROUNDS = 50
REPLICA_STEP_SECONDS = 0.02
STANDS_STILL = "The replica stands still, so it was not compared."

Cell = tuple[int, int]

Parts = tuple[tuple[int, int], ...]
"""Components of a kit: sku index, and units in one kit."""


class ReplicaCells(Protocol):
    """What the audit asks of the replica."""

    @property
    def ready(self) -> bool: ...

    def get(self, sku_ix: int, node_ix: int) -> int: ...

    def atps(self, cells: array[int]) -> array[int]: ...

    def applied(self, partition: int) -> int: ...


class Audit:
    """The use case of CheckInvariants."""

    def __init__(self, books: Books, catalogue: Catalogue, replica: Callable[[], ReplicaCells]) -> None:
        self._books = books
        self._catalogue = catalogue
        self._replica = replica

    async def run(self, *, violations_max: int, since: Sequence[int] | None = None) -> AuditReport:
        """Check everything once; with `since`, a sequence of every partition, what changed after it.

        Then only cells that the event log names after it are checked, against reservations, log and replica; of a partition
        whose log does not reach back so far, all are. Reservations, due index and inbound are always checked whole.
        """
        report = AuditReport(violations_max)
        report.positions = await self._books.heads()
        records = await self._read_records(report)
        held, committed = sum_open(records.values())
        bound, drawn = sum_bound(records.values()), sum_drawn(records.values())
        kits = self._kits()
        doubts: set[Cell] = set()
        for partition in range(self._books.keys.partitions):
            after = since[partition] if since else 0
            if after and not await self._books.log_reaches(partition, after):
                after = 0
            ledger = Ledger()
            async for page in await self._pages(partition, after):
                ledger.take(page)
                doubts.update(_ledger.doubts(page, held, committed))
                await self._check_replica(page, kits, report)
            report.cell_count += ledger.count
            report.deficit_cell_count += ledger.deficits
            if not after:
                doubts.update(self._without_cell(partition, {**held, **committed}, ledger))
            await self._check_kits(partition, kits, ledger, report)
            await self._check_log(partition, ledger, after, report)
            await self._check_reasons(partition, report)
            await check_pools(self._books, partition, ledger, drawn, report, self._name, after=after)
            await check_supply(self._books, partition, bound, report, self._inbound_name, after=after)
        await check_orders(self._books, records, report)
        await self._settle_sums(sorted(doubts), report)
        if await self._books.counted_for_owners() != sum_owned(records.values()):
            await self._settle_owners(report)
        if await self._books.open_on_days() != sum_days(records.values()):
            await self._settle_days(report)
        if report.replica_missed:
            report.add("REPLICA", "replica", report.replica_missed)
        return report

    async def _pages(self, partition: int, after: int) -> AsyncIterator[list[bytes]]:
        """The cells to check: all of a partition, or those that its log names after a sequence."""
        if not after:
            return self._books.cell_pages(partition)
        named = Ledger()
        async for _, flat in self._books.entries(partition, after=after):
            named.add(flat)
        return self._books.cell_pages_of(partition, named.named())

    def _without_cell(self, partition: int, open_cells: Iterable[Cell], ledger: Ledger) -> list[Cell]:
        """Cells of a partition that reservations name, and that are not there."""
        return [key for key in open_cells if self._books.keys.partition_of(key[0]) == partition and key not in ledger]

    async def _read_records(self, report: AuditReport) -> dict[str, Reservation]:
        """Open reservations by id; the due index must know every hold."""
        found: dict[str, Reservation] = {}
        for partition in range(self._books.keys.partitions):
            seen: set[str] = set()
            async for record in self._books.reservations(partition):
                seen.add(record.reservation_id)
                if record.state in (ReservationState.HELD, ReservationState.CONFIRMED):
                    found[record.reservation_id] = record
            report.reservation_count += len(seen)
            due = await self._books.due(partition)
            for reservation_id in seen & found.keys():
                record = found[reservation_id]
                if record.state == ReservationState.HELD:
                    if due.get(f"r:{reservation_id}".encode()) != record.expires_ms:
                        await self._settle_due(reservation_id, report)
        return found

    async def _settle_due(self, reservation_id: str, report: AuditReport) -> None:
        record, due_at = await self._books.hold_and_due(reservation_id)
        if record and record.state == ReservationState.HELD and due_at != record.expires_ms:
            report.add(
                "DUE",
                reservation_id,
                f"The hold ends at {record.expires_ms} ms, and the due index says {due_at}.",
            )
            report.wrong_due.append(reservation_id)

    async def _settle_sums(self, doubts: list[Cell], report: AuditReport) -> None:
        for first in range(0, len(doubts), DOUBTS_AT_ONCE):
            chunk = doubts[first : first + DOUBTS_AT_ONCE]
            for key, (cell, held, committed) in zip(chunk, await self._books.open_units(chunk), strict=True):
                if cell.held != held:
                    detail = f"The cell holds {cell.held} units, and open holds sum to {held}."
                    report.add("HELD_SUM", self._name(key), detail)
                if cell.committed != committed:
                    detail = f"The cell commits {cell.committed} units, and confirmed reservations sum to {committed}."
                    report.add("COMMITTED_SUM", self._name(key), detail)
                if cell.held != held or cell.committed != committed:
                    found = (cell.held, cell.committed)
                    report.wrong_sums.append(WrongSums(*key, self._name(key), cell.version, found, held, committed))

    async def _settle_owners(self, report: AuditReport) -> None:
        counted, right = await self._books.owned()
        for field in sorted(counted.keys() | right.keys()):
            found, sum_ = counted.get(field, 0), right.get(field, 0)
            if found != sum_:
                subject, unit = self._owner_name(field)
                report.add("OWNER_SUM", subject, f"{found} {unit} are counted, and holds sum to {sum_}.")
                report.wrong_owners.append(WrongOwner(field, subject, found, sum_))

    async def _settle_days(self, report: AuditReport) -> None:
        taken, right = await self._books.capacity_sums()
        for node_ix, day in sorted(taken.keys() | right.keys()):
            found, sum_ = taken.get((node_ix, day), 0), right.get((node_ix, day), 0)
            if found != sum_:
                detail = f"{found} are taken of {text_of_day(day)}, and reservations sum to {sum_}."
                report.add("CAPACITY_SUM", self._node(node_ix), detail)

    async def _check_log(self, partition: int, ledger: Ledger, after: int, report: AuditReport) -> None:
        """Sequences and versions have no gap, no hold went below zero, and the fold of the log is the cells.

        The log is read after the cells, so it has every version that a cell was seen with.
        """
        previous, first = after, 0
        async for sequence, flat in self._books.entries(partition, after=after):
            first = first or sequence
            report.event_count += 1
            if previous and sequence != previous + 1:
                report.add("LOG_SEQUENCE", f"partition {partition}", f"Entry {sequence} follows {previous}.")
            previous = sequence
            for problem in ledger.add(flat) or ():
                self._add_from_log(problem, sequence, report)
        at = 0
        while at >= 0:
            found, at = ledger.unsaid(first == 1, at, CELLS_AT_ONCE)
            for key, counts in found:
                detail = f"The cell is {cell_of_counts(counts)}, and no entry of the log says so."
                report.add("LEDGER", self._name(key), detail)
            await asyncio.sleep(0)  # others of this worker wait

    def _add_from_log(self, problem: Problem, sequence: int, report: AuditReport) -> None:
        invariant, key, found, before, reference = problem
        if invariant == "LOG_VERSION":
            detail = f"Version {found} follows {before} in entry {sequence}."
        else:
            who = reference.decode().removeprefix("r:")
            detail = f"Reservation {who} took {found} units more than could be promised."
        report.add(invariant, self._name(key), detail)

    async def _check_replica(self, page: list[bytes], kits: Mapping[int, Parts], report: AuditReport) -> None:
        replica = self._replica()
        if not replica.ready:
            report.replica_missed = "The replica is not ready, so it was not compared."
            return
        states = self._catalogue.node_states
        active = bytes([states.get(ix) == NodeState.ACTIVE for ix in range(max(states, default=-1) + 1)])
        try:
            for key in _ledger.apart(page, active, replica.atps):
                if key[1] not in kits:
                    await self._settle_replica(key, report)
        except TimeoutError:  # its writer died in the middle of a row
            report.replica_missed = STANDS_STILL

    async def _check_kits(self, partition: int, kits: Mapping[int, Parts], ledger: Ledger, report: AuditReport) -> None:
        """The rows of kits are what their components allow; a kit is looked at where any of them was."""
        replica = self._replica()
        nodes = [ix for ix in self._catalogue.node_states if self._books.keys.partition_of(ix) == partition]
        if not replica.ready:
            return
        try:
            for kit_ix, parts in kits.items():
                for node_ix in nodes:
                    counts = [ledger.counts((node_ix, sku_ix)) for sku_ix, _ in parts]
                    if not any(counts):
                        continue
                    found = [
                        (StockCell(*each) if each else None, units)
                        for each, (_, units) in zip(counts, parts, strict=True)
                    ]
                    if replica.get(kit_ix, node_ix) != self._promised_of_kit(node_ix, found):
                        await self._settle_kit((node_ix, kit_ix), parts, report)
        except TimeoutError:
            report.replica_missed = STANDS_STILL

    async def _check_reasons(self, partition: int, report: AuditReport) -> None:
        for key, reasons, cell in await self._books.reasons_and_cells(partition):
            units = sum(quantity for _, quantity in reasons)
            if units > cell.unavailable or min(quantity for _, quantity in reasons) <= 0:
                detail = f"{cell.unavailable} units cannot be sold, and its reasons sum to {units}."
                report.add("UNAVAILABLE_SUM", self._name(key), detail)

    async def _settle_replica(self, key: Cell, report: AuditReport) -> None:
        """A difference counts if it stands when the replica has applied just what the store had."""
        partition = self._books.keys.partition_of(key[0])
        shown = expected = 0
        for _ in range(REPLICA_ROUNDS):
            cell, sequence = await self._books.cell_and_sequence(*key)
            replica = self._replica()
            shown, expected = replica.get(key[1], key[0]), self._promised(key, cell)
            if shown == expected or replica.applied(partition) > sequence:
                return
            await asyncio.sleep(REPLICA_STEP_SECONDS)
        report.add("REPLICA", self._name(key), f"The replica promises {shown} units, and the store {expected}.")

    async def _settle_kit(self, key: Cell, parts: Parts, report: AuditReport) -> None:
        """As _settle_replica, for the row of a kit. A kit that is another one by now is left to the next audit."""
        partition = self._books.keys.partition_of(key[0])
        shown = expected = 0
        for _ in range(REPLICA_ROUNDS):
            found, sequence = await self._books.cells_and_sequence(key[0], [sku_ix for sku_ix, _ in parts])
            counts = list(zip(found, [units for _, units in parts], strict=True))
            replica = self._replica()
            shown, expected = replica.get(key[1], key[0]), self._promised_of_kit(key[0], counts)
            if shown == expected or replica.applied(partition) > sequence or self._kits().get(key[1]) != parts:
                return
            await asyncio.sleep(REPLICA_STEP_SECONDS)
        report.add("REPLICA", self._name(key), f"The replica promises {shown} kits, and its components {expected}.")

    def _kits(self) -> dict[int, Parts]:
        """The kits as the catalogue has them now: index of each, and of its components with their units."""
        skus = self._catalogue.skus
        kits = [skus.by_id[sku] for sku in self._catalogue.shaped if skus.by_id[sku].kit]
        return {
            skus.index_of[kit.sku]: tuple((skus.index_of[part.sku], part.quantity) for part in kit.kit)
            for kit in kits
            if all(part.sku in skus.index_of for part in kit.kit)
        }

    def _promised_of_kit(self, node_ix: int, components: Sequence[tuple[StockCell | None, int]]) -> int:
        active = self._catalogue.node_states.get(node_ix) == NodeState.ACTIVE
        return atp_of_kit(components) if active else 0

    def _promised(self, key: Cell, cell: StockCell) -> int:
        active = self._catalogue.node_states.get(key[0]) == NodeState.ACTIVE
        return cell.atp if active else 0

    def _inbound_name(self, inbound: Inbound) -> str:
        return f"{inbound.inbound_id} of {self._name((inbound.node_ix, inbound.sku_ix))}"

    def _owner_name(self, field: str) -> tuple[str, str]:
        """Whom a count is about, and what it counts."""
        sku_ix, _, owner = field.partition(":")
        return (f"{self._sku(int(sku_ix))} of {owner}", "units") if sku_ix else (owner, "reservations")

    def _name(self, key: Cell) -> str:
        return f"{self._sku(key[1])} at {self._node(key[0])}"

    def _node(self, node_ix: int) -> str:
        nodes = self._catalogue.nodes.ids
        return nodes[node_ix] if node_ix < len(nodes) else f"node index {node_ix}"

    def _sku(self, sku_ix: int) -> str:
        skus = self._catalogue.skus.ids
        return skus[sku_ix] if sku_ix < len(skus) else f"sku index {sku_ix}"
