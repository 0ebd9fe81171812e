"""What a step of an order is to somebody who watches some: it passes their filters, or it did before.

An order says where it stands and where it stood before its last step, so the log alone tells both.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import NamedTuple

from promessa.domain.order import StoredOrder
from promessa.domain.order_filters import OrderFilters
from promessa.store.event_log import Entry, EventLog
from promessa.store.order_codec import decode_order

_ORDER = b"o:"


class OrderChange(NamedTuple):
    """An order after a step, with that step alone, and whether it passes the filters."""

    stored: StoredOrder
    matches: bool


class ChangedOrders(NamedTuple):
    """What one entry of a log tells somebody: partition, sequence, and changes in their order; mostly none."""

    number: int
    sequence: int
    changes: tuple[OrderChange, ...]


def orders_in(entry: Entry) -> list[StoredOrder]:
    """The orders that an entry changed, after each step."""
    _, flat = entry
    return [decode_order(flat[i + 1]) for i in range(2, len(flat) - 1, 2) if flat[i].startswith(_ORDER)]


def change_for(filters: OrderFilters, stored: StoredOrder) -> OrderChange | None:
    """What a step is to those who filter so; None if nothing."""
    order = stored.order
    if not filters.keep_place(order):
        return None
    matches = filters.keep_standing(order.stands)
    return OrderChange(stored, matches) if matches or filters.keep_standing(order.stood) else None


def changes_for(filters: OrderFilters, orders: Sequence[StoredOrder]) -> tuple[OrderChange, ...]:
    """What several are to them."""
    found = [change_for(filters, stored) for stored in orders]
    return tuple([change for change in found if change is not None])


async def missed(
    log: EventLog, filters: OrderFilters, known: Mapping[str, int], *, since: Sequence[int], until: Sequence[int]
) -> AsyncGenerator[ChangedOrders, None]:
    """Entries after some positions up to others, also those that tell nothing. Changes that made a version which is `known`, by
    order, or one before it, are left out. Raises LookupError if the log lacks an entry.
    """
    async with log.stretches() as stretches:
        for number in range(log.partitions):
            async for page in stretches.between(number, since[number], until[number]):
                for entry in page:
                    new = [each for each in orders_in(entry) if each.version > known.get(each.order.order_id, 0)]
                    yield ChangedOrders(number, entry[0], changes_for(filters, new))
