"""Feeds as they are: messages shuffled, doubled, lost and sent again, two sources, counts that come late, orders between.

Shelves are the truth: each happening in the shop changes one at an instant, and tells the store of it some time later, or
never until it is asked again. When everything has arrived, the store must have on hand just what is on the shelves, and
on the way it must do what the model does.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from itertools import count
from random import Random
from typing import Any

import pytest
from model import Model
from redis.asyncio import Redis
from store_kit import Shop, all_cells, check_books, request

from promessa.domain.stock import FeedOutcome, FeedPosition, SequenceOutcome

NODES, SKUS = 3, 2
ITEMS = int(os.environ.get("PROMESSA_TEST_ITEMS", "1000"))
"""Deltas of each feed; a campaign has a million."""
MESSAGE_ITEMS_MAX = max(4, ITEMS // 20_000)
SEEDS = range(6 if ITEMS <= 10_000 else 1)
MINUTE = 60_000
Cell = tuple[int, int]
SETTLED = (SequenceOutcome.IN_SEQUENCE, SequenceOutcome.DUPLICATE)


class Chaos:
    """A shop whose shelves are known, the store and the model that hear of them, and the messages still on their way."""

    def __init__(self, shop: Shop, clock: Any, seed: int) -> None:
        self.store = shop.store
        self.clock = clock
        self.random = Random(seed)
        self.model = Model(lambda: clock.now_ms)
        self.shelves: dict[Cell, int] = {(node, sku): 10_000 for node in range(NODES) for sku in range(SKUS)}
        self.sent: dict[str, list[dict[str, Any]]] = {"erp": [], "pos": []}
        self.under_way: list[tuple[str, dict[str, Any]]] = []
        self.counts: list[tuple[int, list[int]]] = []
        self.orders: deque[tuple[str, Cell, int]] = deque()
        self.outcomes: dict[str, int] = {}
        self.items = 0

    async def call(self, name: str, *positional: Any, **named: Any) -> Any:
        """Do it in the store and in the model; both must say the same."""
        found = await getattr(self.store, name)(*positional, **named)
        expected, _ = getattr(self.model, name)(*positional, **named)
        if name == "apply_deltas":
            assert (found.results, found.place) == expected
            self._tally(found.place.outcome.name)
        if name in ("apply_counts", "apply_deltas"):
            for result in found.results:
                self._tally(FeedOutcome(result.outcome).name)
        return found

    def _tally(self, name: str) -> None:
        self.outcomes[name] = self.outcomes.get(name, 0) + 1

    def tick(self) -> None:
        self.clock.now_ms += self.random.randrange(1, 2 * MINUTE)

    def some_cell(self) -> Cell:
        return self.random.randrange(NODES), self.random.randrange(SKUS)

    def happen(self, source: str) -> None:
        """Units come and leave, and a message about them sets off."""
        items, occurred = [], []
        for _ in range(self.random.randint(1, MESSAGE_ITEMS_MAX)):
            self.tick()
            cell, units = self.some_cell(), self.random.randrange(-9, 10) or 1
            self.shelves[cell] += units
            items += [*cell, units]
            occurred.append(self.clock.now_ms)
        self.items += len(occurred)
        sequence = len(self.sent[source]) + 1
        message = {"items": items, "occurred_ms": occurred, "position": FeedPosition(source, 1, sequence)}
        self.sent[source].append(message)
        if self.random.random() < 0.85:  # else it is lost
            self.under_way += [(source, message)] * self.random.choice([1, 1, 1, 2, 3])

    async def deliver(self, source: str, message: dict[str, Any]) -> SequenceOutcome:
        position: FeedPosition = message["position"]
        request_id = self.random.choice(["", f"{source}-{position.sequence:06d}"])
        found = await self.call("apply_deltas", request_id, request(source, position.sequence), reason="", **message)
        outcome: SequenceOutcome = found.place.outcome
        return outcome

    async def deliver_some(self) -> None:
        self.random.shuffle(self.under_way)
        for _ in range(min(len(self.under_way), self.random.randrange(6))):
            await self.deliver(*self.under_way.pop())

    def take_count(self) -> None:
        """Somebody counts all shelves at this instant; the file comes later, in two parts."""
        self.tick()
        flat = [x for cell, units in self.shelves.items() for x in (*cell, units, -1, -1)]
        half = len(flat) // 10 * 5
        self.counts += [(self.clock.now_ms, flat[:half]), (self.clock.now_ms, flat[half:])]

    async def bring_count(self) -> None:
        as_of_ms, items = self.counts.pop(self.random.randrange(len(self.counts)))
        for _ in range(self.random.choice([1, 2])):
            await self.call("apply_counts", "", request("count"), as_of_ms=as_of_ms, items=items)

    async def order(self, number: int) -> None:
        """Someone buys: the units leave their shelf some time later, or the order is given up."""
        name, cell, units = f"order-{number:06d}", self.some_cell(), self.random.randrange(1, 4)
        await self.call(
            "reserve", name, request(name), cells=[*cell, units], all_or_nothing=True, ttl_ms=10**8, owner_id="",
            order_id="",
        )  # fmt: skip
        await self.call("confirm", "", request(name), name, order_id="")
        self.orders.append((name, cell, units))

    async def ship(self) -> None:
        name, cell, units = self.orders.popleft()
        if self.random.random() < 0.2:
            await self.call("release", "", request(name), name)
            return
        self.tick()
        self.shelves[cell] -= units
        await self.call("fulfill", "", request(name), name)

    async def ask_again(self) -> None:
        """Each source is told what is missing, and sends from there, until nothing is."""
        for source, messages in self.sent.items():
            for message in messages:
                assert await self.deliver(source, message) in SETTLED


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", SEEDS)
async def test_shelves_and_store_agree_once_everything_has_arrived(
    shop: Shop, redis: Redis, fixed: Any, seed: int
) -> None:
    chaos = Chaos(shop, fixed, seed)
    chaos.take_count()
    await chaos.bring_count()
    await chaos.bring_count()
    for step in count():
        if chaos.items >= ITEMS:
            break
        chaos.tick()
        chaos.happen(chaos.random.choice(["erp", "pos"]))
        await chaos.deliver_some()
        if step % 3 == 0:
            await chaos.order(step)
        if len(chaos.orders) > 5:
            await chaos.ship()
        if step % 40 == 20:
            chaos.take_count()
        if chaos.counts and chaos.random.random() < 0.1:
            await chaos.bring_count()
    await chaos.ask_again()

    cells = await all_cells(redis, shop.store.keys)
    assert cells == {key: cell.frozen() for key, cell in chaos.model.cells.items()}
    assert {key: cell.on_hand - chaos.shelves[key] for key, cell in cells.items()} == dict.fromkeys(chaos.shelves, 0)
    await check_books(redis, shop.store.keys)
    assert {"IN_SEQUENCE", "DUPLICATE", "PARKED", "APPLIED", "ABSORBED", "STALE"} <= set(chaos.outcomes)


async def test_many_messages_at_once_in_one_call_are_applied_in_their_order(shop: Shop, redis: Redis) -> None:
    """A whole feed shuffled into single calls of the store: each message is one delta that fails out of its turn."""
    randomness = Random(5)
    sequences = [*range(1, 61)] * 2
    randomness.shuffle(sequences)

    async def send(sequence: int) -> Any:
        units = 1 if sequence % 2 else -1
        position = FeedPosition("till", 1, sequence)
        return await shop.store.apply_deltas("", request(sequence), items=[0, 0, units], reason="", position=position)

    answers = await asyncio.gather(*[send(sequence) for sequence in sequences])
    applied = [answer.results for answer in answers if answer.place.outcome == SequenceOutcome.IN_SEQUENCE]
    released = [x.results for answer in answers for x in answer.place.released]
    assert len(applied) + len(released) == 60
    assert {FeedOutcome(result.outcome) for results in applied + released for result in results} == {
        FeedOutcome.APPLIED
    }
    assert (await shop.cell(0, 0)).on_hand == 0
    await check_books(redis, shop.store.keys)
