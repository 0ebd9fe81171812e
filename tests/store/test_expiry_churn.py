"""Holds by the hundred thousand that end by themselves: every unit comes back once, at its instant, and to whom asks then."""

from __future__ import annotations

import os
from collections import Counter
from heapq import heappop, heappush
from random import Random

from redis.asyncio import Redis
from serving import Clock
from store_kit import ANY, START_MS, Shop, all_cells, check_books

from promessa.domain.errors import FailedPrecondition
from promessa.domain.reservation import ReserveOutcome
from promessa.store.books import Books

HOLDS = int(os.environ.get("PROMESSA_TEST_HOLDS", "200000"))
NODES, SKUS, UNITS, ROUND = 8, 2, 150, 100
RETENTION_MS = 3_600_000
"""Longer than the whole run: records stay to be counted."""


class Free:
    """What should be free in each cell at an instant, in plain Python."""

    def __init__(self) -> None:
        self.units = dict.fromkeys([(node, sku) for node in range(NODES) for sku in range(SKUS)], UNITS)
        self._ends: list[tuple[int, str]] = []
        self._held: dict[str, tuple[tuple[int, int], int]] = {}

    def at(self, now_ms: int) -> None:
        while self._ends and self._ends[0][0] <= now_ms:
            self.give_back(heappop(self._ends)[1])

    def hold(self, name: str, cell: tuple[int, int], units: int, end_ms: int) -> bool:
        if self.units[cell] < units:
            return False
        self.units[cell] -= units
        self._held[name] = cell, units
        heappush(self._ends, (end_ms, name))
        return True

    def give_back(self, name: str) -> bool:
        """False if it was over."""
        cell, units = self._held.pop(name, ((0, 0), 0))
        self.units[cell] += units
        return units > 0


async def test_every_unit_comes_back_once(shop: Shop, redis: Redis, fixed: Clock) -> None:
    random, free = Random(11), Free()
    for node, sku in free.units:
        await shop.count(node, sku, UNITS)
    granted: dict[str, tuple[str, ...]] = {}
    refused = made = 0
    recent: list[str] = []
    while len(granted) < HOLDS:
        fixed.now_ms += random.randint(1, 12)
        free.at(fixed.now_ms)
        asked, sent = [], []
        for _ in range(ROUND):
            name, cell = f"hold-{made:07d}", (random.randrange(NODES), random.randrange(SKUS))
            units, ttl_ms = random.randint(1, 3), random.randint(50, 500)
            made += 1
            asked.append((name, free.hold(name, cell, units, fixed.now_ms + ttl_ms)))
            sent.append(
                shop.store.reserve(
                    name, ANY, cells=(*cell, units), all_or_nothing=True, ttl_ms=ttl_ms, owner_id="", order_id=""
                )
            )
        for (name, expected), answer in zip(asked, sent, strict=True):
            found = (await answer).reservation.outcome == ReserveOutcome.RESERVED
            assert found == expected, f"{name} at {fixed.now_ms - START_MS} ms"
            refused += not found
            if found:
                granted[name] = ("expire",)
                recent.append(name)
        for name in random.sample(recent, min(4, len(recent))):  # some of them are over by now
            fixed.now_ms += random.randint(0, 4)
            free.at(fixed.now_ms)
            kinds = random.choice([("release",), ("confirm", "release")])
            alive = free.give_back(name)
            try:
                for kind in kinds:
                    await getattr(shop, kind)(name)
            except FailedPrecondition:
                assert not alive, f"{kinds[0]} of {name} was refused before its end"
            else:
                assert alive, f"{kinds[0]} of {name} was taken after its end"
                granted[name] = kinds
            recent.remove(name)
        recent = recent[-4_000:]
    fixed.now_ms += 1_000
    while await shop.store.sweep(limit=2_000) >= 2_000:
        pass

    assert refused > made // 50, "hardly anybody was short: nothing depends on what comes back"
    ends = Counter[tuple[str, str]]()
    for partition in range(shop.store.keys.partitions):
        async for _, changes in Books(redis, shop.store.keys).log(partition):
            ends.update((reference, kind) for kind, reference, _ in changes if kind in ("expire", "confirm", "release"))
    assert ends == Counter((name, kind) for name, kinds in granted.items() for kind in kinds)
    cells = (await all_cells(redis, shop.store.keys)).values()
    assert {(cell.held, cell.committed, cell.available) for cell in cells} == {(0, 0, UNITS)}
    await check_books(redis, shop.store.keys)
