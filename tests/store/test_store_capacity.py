"""Daily capacity in the store: the worked days of docs/concepts.md, and days and clocks at their edges."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, HOUR, START_MS, TODAY, Shop, check_books, granted, refused

from promessa.domain.capacity import Capacity, CapacityUnit, OnFull, offsets

MINUTE = 60_000
THURSDAY = START_MS - 32 * HOUR  # START_MS is a Friday, 08:00 in UTC; this is a Thursday, 00:00
CONCEPTS = Path(__file__).parent.parent.parent / "docs" / "concepts.md"
WORKS = 0b0011111


def worked_days() -> list[list[str]]:
    text = CONCEPTS.read_text(encoding="utf-8").split("## What a node takes on in a day\n")[1]
    table = re.search(r"\n(\|.*\|\n)+", text)
    assert table
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.group().strip().split("\n")[2:]]


@pytest.mark.parametrize(("on_full", "column"), [(OnFull.PAUSE, 2), (OnFull.NEXT_DAY, 3)])
async def test_the_worked_days_are_those_of_the_store(shop: Shop, fixed: Any, on_full: OnFull, column: int) -> None:
    fixed.now_ms = THURSDAY
    node = await shop.open_node("a", 3, CapacityUnit.UNITS, on_full, WORKS, clock=(12 * 60, 0))
    for number, (at, call, *rest) in enumerate(worked_days()):
        hour, minute = at.split(":")
        fixed.now_ms = THURSDAY + int(hour) * HOUR + int(minute) * MINUTE
        if call.startswith("Reserve"):
            held = await shop.hold(f"hold-{number:04d}", (node, 0, int(call.split()[1])), ttl_ms=HOUR)
            assert granted(held) == [int(rest[column - 2])]
        elif on_full == OnFull.NEXT_DAY:
            await shop.release("hold-0001")
        if on_full == OnFull.NEXT_DAY:
            days = {day: taken for day, taken, _ in await shop.taken(node)}
            first = THURSDAY // (24 * HOUR)
            assert [days.get(first + i, 0) for i in (0, 1, 4)] == [int(x) for x in rest[2:]]
    await check_books(shop.store._redis, shop.store.keys)


async def test_a_day_begins_at_the_cut_off_and_the_weekend_is_mondays(shop: Shop, fixed: Any) -> None:
    fixed.now_ms = THURSDAY + 36 * HOUR - 1  # Friday, a millisecond before noon
    node = await shop.open_node("a", 2, CapacityUnit.ORDERS, OnFull.PAUSE, WORKS, clock=(12 * 60, 0))
    await shop.hold("hold-0001", (node, 0, 1), ttl_ms=99 * HOUR)
    fixed.now_ms += 1
    await shop.hold("hold-0002", (node, 0, 1), ttl_ms=99 * HOUR)
    fixed.now_ms += 40 * HOUR  # Sunday
    held = await shop.hold("hold-0003", (node, 0, 1), ttl_ms=99 * HOUR)
    friday = THURSDAY // (24 * HOUR) + 1
    assert await shop.taken(node) == [(friday, 1, 0), (friday + 3, 2, 0)]
    assert held.reservation.work_days[0].slip_days == 1
    assert refused(await shop.hold("hold-0004", (node, 0, 1)))
    fixed.now_ms += 31 * HOUR + 59 * MINUTE  # Monday, a minute before noon
    assert refused(await shop.hold("hold-0005", (node, 0, 1)))
    fixed.now_ms += MINUTE
    assert granted(await shop.hold("hold-0006", (node, 0, 1))) == [1], "the instant decides, swept or not"


async def test_a_capacity_taken_away_gives_nothing_up(shop: Shop, fixed: Any, redis: Redis) -> None:
    node = await shop.open_node("a", 2, CapacityUnit.UNITS, OnFull.PAUSE)
    await shop.hold("hold-0001", (node, 0, 2))
    assert await shop.states() == {"a": 4}
    await shop.capacity.set_capacity("", ANY, node_id="a", seen=b"{}", capacity=None, clock=(-1, 0))
    assert await shop.states() == {"a": 1}
    await shop.hold("hold-0002", (node, 0, 3))
    assert await shop.taken(node) == [(TODAY, 2, 0)]
    limit = Capacity(2, CapacityUnit.UNITS, OnFull.PAUSE)
    await shop.capacity.set_capacity("", ANY, node_id="a", seen=b"{}", capacity=limit, clock=(-1, 0))
    assert await shop.states() == {"a": 4}, "what was taken on before is still to be done"
    await shop.release("hold-0002")
    assert refused(await shop.hold("hold-0003", (node, 0, 1))), "what was never counted is not given back"
    await shop.release("hold-0001")
    assert await shop.taken(node) == [(TODAY, 0, 0)]
    await check_books(redis, shop.store.keys)


async def test_days_long_past_are_forgotten_once_nothing_of_them_is_open(shop: Shop, fixed: Any) -> None:
    node = await shop.open_node("a", 9, CapacityUnit.UNITS, OnFull.PAUSE)
    for day in range(6):
        name = f"hold-{day:04d}"
        await shop.hold(name, (node, 0, 1), ttl_ms=999 * HOUR)
        if day:
            await shop.release(name)
        fixed.now_ms += 24 * HOUR
    assert [(day - TODAY, taken) for day, taken, _ in await shop.taken(node)] == [(0, 1), (3, 0), (4, 0), (5, 0)]


def test_offsets_follow_a_zones_clock_changes() -> None:
    first, at, after, *_ = offsets("Europe/Lisbon", START_MS // (24 * HOUR))
    assert (first, after) == (0, 60)
    assert at == 1_806_195_600_000  # 2027-03-28, 01:00 in UTC
    assert offsets("America/Sao_Paulo", START_MS // (24 * HOUR)) == (-180,)
