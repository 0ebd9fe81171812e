"""Orders as they were once asked for: read from what is kept beside their reservations, refusals among them."""

from __future__ import annotations

from typing import NamedTuple

from promessa.domain.reservation import Reservation, ReserveOutcome
from promessa.domain.sourcing import Order
from promessa.service.decision_records import read_record
from promessa.service.held_plan import decode
from promessa.store.answers import is_record, reservation
from promessa.store.store import Store

RECORDS_AT_ONCE = 100
"""Records read before others may work: some milliseconds."""


class AskedOrder(NamedTuple):
    """An order, when it was decided, and whether it could be held in part, as far as what became of it tells."""

    order: Order
    at_ms: int
    allow_partial: bool


async def asked_between(store: Store, since_ms: int, until_ms: int, most: int) -> list[AskedOrder]:
    """Orders that SourceAndReserve decided from an instant on and before another, the earliest `most`.

    All reservations are looked at. Those whose records do not tell what was asked are left out. Raises Unavailable.
    """
    found: list[tuple[int, str, AskedOrder]] = []
    for partition in range(store.keys.partitions):
        async for page in store.scan(store.keys.res(partition), match=b"r:*", count=RECORDS_AT_ONCE):
            for member, packed in page.items():
                if not is_record(packed):
                    continue
                each = reservation(member[2:].decode(), packed)
                asked = _asked(each)
                if asked and since_ms <= asked.at_ms < until_ms:
                    found.append((asked.at_ms, each.reservation_id, asked))
            if len(found) > 2 * most:
                found = _earliest(found, most)
    return [asked for _, _, asked in _earliest(found, most)]


def _earliest(found: list[tuple[int, str, AskedOrder]], most: int) -> list[tuple[int, str, AskedOrder]]:
    """In their order, each once: a page of a hash may come twice."""
    once = {reservation_id: (at_ms, reservation_id, asked) for at_ms, reservation_id, asked in found}
    return sorted(once.values(), key=lambda entry: entry[:2])[:most]


def _asked(each: Reservation) -> AskedOrder | None:
    if not each.extra:
        return None
    kept = read_record(decode(each.extra).record)
    if kept is None or kept.record.previous:  # what a node refused of an order is no order of its own
        return None
    in_part = each.as_first_answered().outcome == ReserveOutcome.PARTIALLY_RESERVED
    return AskedOrder(kept.record.order, kept.record.now_ms, in_part)
