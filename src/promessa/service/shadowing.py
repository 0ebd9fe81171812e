"""The shadow: versions of policies that decide beside whatever decides about live orders, and only count.

    an order was decided: offer it (a moment) -> the answer goes out -> later decide it again by each version in the shadow,
    on the very rows, instant and network that the real decision saw -> count what differs -> now and then add to the store

A version in the shadow decides about an order that it would decide if it were active instead of its policy's active version.
What waits is bounded, and what finds no room is counted as dropped. Whatever goes wrong here is counted, and no order knows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple
from zlib import crc32

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import Unavailable
from promessa.domain.limits import SHADOW_ROWS_WAITING_MAX
from promessa.domain.policy import PolicyVersion
from promessa.domain.sourcing import Plan, costs_by_term
from promessa.service.deciding import Decider, would_be_held
from promessa.service.guides import Guides
from promessa.service.question import Question
from promessa.store.shadow_store import ShadowStore

WAIT_SECONDS = 0.001
"""From the first order that waits until it is looked at: its answer is on its way by then."""

SLICE_SECONDS = 0.001
"""Worked before calls have their turn again."""

ORDERS, SAME, COMPARABLE, GAINED, LOST, FAILED, DROPPED = (
    "orders", "same", "comparable", "gained", "lost", "failed", "dropped",
)  # fmt: skip
COUNTS = (ORDERS, SAME, COMPARABLE, GAINED, LOST, FAILED, DROPPED)
"""What is counted of a version; all else are differences, which may be below zero."""

COST, SHIPMENTS, ARRIVAL, UNSERVED = "cost", "shipments", "arrival", "unserved"

Name = tuple[str, int]
"""A policy and the number of a version."""


class _Waiting(NamedTuple):
    """An order as it was decided. `allow_partial`: it could be held in part."""

    version: PolicyVersion
    question: Question
    found: Plan
    allow_partial: bool


class Shadowing:
    """The shadow of one worker. `on_counts` hears what is added to the counts of a version, `on_failure` of what failed."""

    def __init__(
        self,
        catalogue: Catalogue,
        decider: Decider,
        guides: Guides,
        store: ShadowStore,
        *,
        on_counts: Callable[[Name, Mapping[str, int]], None] = lambda name, counts: None,
        on_failure: Callable[[str, BaseException], None] = lambda what, error: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.versions = catalogue.shadows
        """Those in the shadow: while there are none, nobody needs to offer anything."""
        self._decider = decider
        self._guides = guides
        self._store = store
        self._on_counts = on_counts
        self._on_failure = on_failure
        self._sleep = sleep
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._some = asyncio.Event()
        self._counts: dict[Name, dict[str, int]] = {}

    def offer(self, request_id: str, question: Question, found: Plan, *, allow_partial: bool) -> None:
        """An order was decided so: let those decide it that would, for their share of the orders."""
        drawn = crc32(request_id.encode()) % 100
        for version in self.versions.values():
            if drawn >= version.shadow_percent:
                continue
            if self._rows + len(question.row_node) > SHADOW_ROWS_WAITING_MAX:
                self._add(version, {DROPPED: 1})
                continue
            self._rows += len(question.row_node)
            self._waiting.append(_Waiting(version, question, found, allow_partial))
            self._some.set()

    async def run(self) -> None:
        """Until cancelled: decide what waits, whenever calls leave time for it."""
        while True:
            await self._some.wait()
            await self._sleep(WAIT_SECONDS)
            self._some.clear()
            await self.settle()

    async def settle(self) -> None:
        """Decide all that waits now."""
        since = perf_counter()
        while self._waiting:
            self._look_at(self._waiting.popleft())
            if perf_counter() - since > SLICE_SECONDS:
                await self._sleep(0)
                since = perf_counter()

    async def flush(self) -> None:
        """Add what was counted since to the store. Raises Unavailable (STORE_UNAVAILABLE); it is tried again with the next."""
        for name in list(self._counts):
            added = self._counts.pop(name)
            try:
                await self._store.add(name, added)
            except Unavailable:
                self._count(name, added)
                raise

    def _look_at(self, waiting: _Waiting) -> None:
        self._rows -= len(waiting.question.row_node)
        version, question = waiting.version, waiting.question
        try:
            guide = self._guides.beside(question.order, question.now_ms, version)
            if guide is None:
                return
            asked = replace(question, guide=guide, latest_ms=question.order.constraints.latest_delivery_ms)
            found = self._decider.decide(asked)
            held = would_be_held(found, allow_partial=waiting.allow_partial)
            really = would_be_held(waiting.found, allow_partial=waiting.allow_partial)
            added = compared(found if held else None, waiting.found if really else None, question)
        except Exception as error:
            self._on_failure(f"version {version.version} of policy {version.policy_id} in the shadow", error)
            added = {FAILED: 1}
        self._add(version, added)

    def _add(self, version: PolicyVersion, added: Mapping[str, int]) -> None:
        name = version.policy_id, version.version
        self._count(name, added)
        self._on_counts(name, added)

    def _count(self, name: Name, added: Mapping[str, int]) -> None:
        counts = self._counts.setdefault(name, {})
        for what, amount in added.items():
            counts[what] = counts.get(what, 0) + amount


def compared(shadow: Plan | None, real: Plan | None, question: Question) -> dict[str, int]:
    """What to count of an order: the plans that would be held, None where it would be refused."""
    found = {ORDERS: 1, SAME: int(_what_is_done(shadow) == _what_is_done(real))}
    units = sum(quantity for _, quantity in question.order.lines)
    missing = [units if plan is None else sum(each for _, _, each in plan.unserved) for plan in (shadow, real)]
    found[UNSERVED] = missing[0] - missing[1]
    found[GAINED], found[LOST] = int(missing[1] > missing[0] == 0), int(missing[0] > missing[1] == 0)
    if shadow is None or real is None or any(missing):
        return found
    found[COMPARABLE] = 1
    found[SHIPMENTS] = len(shadow.shipments) - len(real.shipments)
    found[ARRIVAL] = shadow.promise_ms - real.promise_ms
    found[COST] = shadow.total_micros - real.total_micros
    costs, others = costs_by_term(shadow), costs_by_term(real)
    return found | {term: costs.get(term, 0) - others.get(term, 0) for term in costs.keys() | others.keys()}


def _what_is_done(plan: Plan | None) -> object:
    """Which units leave which node by which lane; None if none do."""
    return plan and [(ship.node_ix, ship.lane_id, ship.lines) for ship in plan.shipments]
