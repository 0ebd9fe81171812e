"""The audit of orders: every order against itself, against the reservations that hold its units, and against its timer."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from promessa.domain.audit import AuditReport
from promessa.domain.order import PlacedOrder, StoredOrder
from promessa.domain.order_timers import next_ms
from promessa.domain.order_work import open_at
from promessa.domain.reservation import Reservation
from promessa.service.order_shipments import open_cells
from promessa.store.books import Books

Cells = dict[tuple[int, int], int]
"""Units by node and sku."""


async def check_orders(books: Books, records: Mapping[str, Reservation], report: AuditReport) -> None:
    """Check all orders. `records` are the open reservations, read page by page before."""
    doubts: set[str] = set()
    turns, odd_turns = await books.underway(), set[str]()
    work, indexed_at = await books.work(), dict[str, set[int]]()
    unnamed = {name: found for name, found in records.items() if found.is_of_order and open_cells(found)}
    for partition in range(books.keys.partitions):
        async for stored in books.orders(partition):
            order = stored.order
            report.order_count += 1
            listed = work.pop(order.order_id, set())
            if listed != open_at(order):
                indexed_at[order.order_id] = listed
            problem = _problem_of(order)
            if problem:
                report.add("ORDER", order.order_id, problem)
            if turns.pop(order.order_id, None) != _turn_of(stored):
                odd_turns.add(order.order_id)
            held = _held_of(order)
            for name in held:
                unnamed.pop(name, None)
            if any((open_cells(records[name]) if name in records else {}) != cells for name, cells in held.items()):
                doubts.add(order.order_id)
    doubts.update(found.order_id for found in unnamed.values())
    for order_id in sorted(doubts):
        await _settle(books, order_id, sorted(n for n, x in unnamed.items() if x.order_id == order_id), report)
    for order_id in sorted({*odd_turns, *turns}):
        found, turn = await books.order_and_turn(order_id)
        if turn != _turn_of(found):
            report.wrong_orders.setdefault(order_id, set())
            report.add("ORDER_TIMER", order_id, f"Its timer stands at {turn}, and should at {_turn_of(found)}.")
    for order_id, listed in {**indexed_at, **work}.items():
        await _settle_work(books, order_id, listed, report)
    indexed, there = await books.placed_and_there()
    if indexed != there:
        report.add("ORDER_INDEX", "orders", f"{there} orders are there, and {indexed} are in the index by time.")


async def _settle(books: Books, order_id: str, unnamed: list[str], report: AuditReport) -> None:
    """A doubt may only be a change meanwhile: look again in one atomic read."""
    stored = await books.order(order_id)
    while True:
        names = sorted({*_held_of(stored.order), *unnamed} if stored else unnamed)
        again, found = await books.order_and_reservations(order_id, names)
        if _version(again) == _version(stored):
            break
        stored = again
    held = _held_of(stored.order) if stored else {}
    for name in names:
        record = found.get(name)
        cells = open_cells(record) if record and (record.is_of_order or name in held) else {}
        if cells != held.get(name, {}):
            detail = (
                f"Its shipments have {sum(held.get(name, {}).values())} units in reservation {name}, which holds "
                f"{sum(cells.values())}."
            )
            report.add("ORDER_SUM", order_id, detail)


def _turn_of(stored: StoredOrder | None) -> float | None:
    """When time makes something of an order, None of one that is over."""
    if stored is None or stored.order.is_final:
        return None
    return float(next_ms(stored.order) or inf)


async def _settle_work(books: Books, order_id: str, listed: set[int], report: AuditReport) -> None:
    """The same of the nodes that have something to do for an order."""
    nodes = set(listed)
    while True:
        stored, there = await books.order_and_work(order_id, sorted(nodes))
        wanted = open_at(stored.order) if stored else set()
        if wanted <= nodes:
            break
        nodes |= wanted
    if there != wanted:
        detail = f"{len(wanted)} nodes have something to do for it, and {len(there)} in the index by node."
        report.wrong_orders.setdefault(order_id, set()).update(there)
        report.add("ORDER_INDEX", order_id, detail)


def _version(stored: StoredOrder | None) -> int:
    return stored.version if stored else 0


def _held_of(order: PlacedOrder) -> dict[str, Cells]:
    """What an order's reservations are to hold: the units of shipments that have not left."""
    held: dict[str, Cells] = {}
    for shipment in order.shipments:
        cells = held.setdefault(shipment.reservation_id, {})
        for node_ix, sku_ix, units in shipment.cells if shipment.is_open else ():
            cells[node_ix, sku_ix] = cells.get((node_ix, sku_ix), 0) + units
    return held


def _problem_of(order: PlacedOrder) -> str:
    """What is wrong with an order by itself, empty if nothing is."""
    for i, line in enumerate(order.lines):
        here = sum(x.quantity for ship in order.shipments if not ship.is_over for x in ship.lines if x.line == i)
        if line.to_source + line.cancelled + here != line.quantity or min(line.to_source, line.cancelled) < 0:
            return (
                f"Line {i} is of {line.quantity} units: {here} are in shipments, {line.to_source} are to be sourced, and "
                f"{line.cancelled} are cancelled."
            )
        if order.returnable(i) < 0:
            return f"More units of line {i} are to come back than have left."
    return ""
