"""The worked promises of docs/concepts.md, done on the store; and limits of what one call and one inbound take."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from redis.asyncio import Redis
from store_kit import TODAY, Shop, check_books, granted, refused

from promessa.domain.limits import BOUND_MAX
from promessa.store.store import Store

CONCEPTS = Path(__file__).parent.parent.parent / "docs" / "concepts.md"


def worked_rows() -> list[list[int]]:
    """The numbers of the table under "Promises of what is to come"."""
    text = CONCEPTS.read_text(encoding="utf-8").split("## Promises of what is to come\n")[1]
    table = re.search(r"\n(\|.*\|\n)+", text)
    assert table
    lines = table.group().strip().split("\n")[2:]
    return [[int(cell) for cell in line.strip("|").split("|")[1:]] for line in lines]


async def counts(shop: Shop) -> list[int]:
    cell, inbound, allowance = await shop.cell(0, 0), await shop.inbound("po-1", 0, 0), await shop.inbound("", 0, 0)
    free = inbound.to_come - inbound.bound
    return [cell.on_hand, cell.held, inbound.to_come, inbound.bound, allowance.bound, cell.available, free]


async def test_the_worked_promises_are_those_of_the_store(shop: Shop) -> None:
    rows = []
    await shop.count(0, 0, 2)
    await shop.expect("po-1", 0, 0, 4, day=TODAY + 5)
    await shop.limits(0, 0, backorder=3)
    rows.append(await counts(shop))
    assert refused(await shop.promise("hold-0001", (0, 0, 3), latest=TODAY + 4))
    rows.append(await counts(shop))
    await shop.promise("hold-0002", (0, 0, 3), latest=TODAY + 5)
    rows.append(await counts(shop))
    await shop.promise("hold-0003", (0, 0, 5), latest=TODAY + 5, backorder=True)
    rows.append(await counts(shop))
    await shop.receive("po-1", 0, 0, 3)
    rows.append(await counts(shop))
    await shop.receive("po-1", 0, 0, 4, last=True)
    rows.append(await counts(shop))
    assert rows == worked_rows()


async def test_one_delivery_is_handed_over_to_all_it_was_promised_to(shop: Shop, redis: Redis, store: Store) -> None:
    await shop.expect("po-1", 0, 0, 2 * BOUND_MAX)
    for first in range(0, BOUND_MAX, 100):
        ids = range(first, first + 100)
        await asyncio.gather(*[shop.promise(f"hold-{n:05d}", (0, 0, 1)) for n in ids])
    assert refused(await shop.promise("hold-more", (0, 0, 1))), "so many reservations are bound to one inbound"
    await shop.release("hold-00000")
    assert granted(await shop.promise("hold-again", (0, 0, 1))) == [0, 1]
    await shop.receive("po-1", 0, 0, 2 * BOUND_MAX)
    cell = await shop.cell(0, 0)
    assert (cell.held, cell.available) == (BOUND_MAX, BOUND_MAX)
    await check_books(redis, store.keys)


async def test_an_inbound_put_promised_and_received_in_one_call(shop: Shop, redis: Redis, store: Store) -> None:
    put, held, came, over = await asyncio.gather(
        shop.expect("po-1", 0, 0, 3),
        shop.promise("hold-0001", (0, 0, 2)),
        shop.receive("po-1", 0, 0, 3),
        shop.hold("hold-0002", (0, 0, 2)),
    )
    assert (put.inbound.bound, granted(held), came.inbound.bound, refused(over)) == (0, [0, 2], 0, True)
    assert (await shop.cell(0, 0)).held == 2
    await check_books(redis, store.keys)
