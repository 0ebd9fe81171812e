"""The journeys of replayed orders: each step says when the next one is due. What happens is drawn in promessa.demo.journeys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from typing import TypeVar

from replay_counts import Counts
from replay_orders import Replayed

from promessa.demo.chain import CENTRES, Chain
from promessa.demo.journeys import DAY_MS, HOUR_MS, Back, Next, order_plan, shipment_plan, shop_hour
from promessa.domain.errors import FailedPrecondition, Unavailable
from promessa.domain.order import OrderState, RejectReason, Shipment, Step, StoredOrder
from promessa.domain.order_exchange import Exchanged
from promessa.domain.order_returns import Came
from promessa.server.bootstrap import Parts
from promessa.server.convert_orders import placing_of
from promessa.service.inventory import AS_BEFORE, Count, Inventory
from promessa.service.order_journey import Of

T = TypeVar("T")
Act = Callable[[], Awaitable[None]]
"""Something that is due."""

PROMISE_DAYS_MAX = 60
"""What is promised for later has no date."""

RETRIES_MAX = 20
RETRY_SECONDS = 0.1


async def patiently(send: Callable[[], Awaitable[T]]) -> T:
    """What a call answers, asked again with the same request id as long as the server has no time, as its clients do."""
    for attempt in range(RETRIES_MAX):
        try:
            return await send()
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS * (attempt + 1))
    return await send()


@dataclass(slots=True)
class Journeys:
    """Orders on their way, and what is due of them. `recounted` is what a cell has once it is counted again."""

    parts: Parts
    chain: Chain
    now_ms: Callable[[], int]
    name: str
    recounted: int
    counts: Counts = field(default_factory=Counts)
    under_way: set[str] = field(default_factory=set)
    _due: list[tuple[int, int, Act]] = field(default_factory=list)
    _numbers: int = 0
    _codes: dict[tuple[str, int], str] = field(default_factory=dict)

    def at(self, at_ms: int, act: Act) -> None:
        """Have something done at an instant."""
        self._numbers += 1
        heappush(self._due, (at_ms, self._numbers, act))

    @property
    def next_ms(self) -> int | None:
        """When something is due next."""
        return self._due[0][0] if self._due else None

    @property
    def waiting(self) -> int:
        """How much is due, now and later."""
        return len(self._due)

    def take(self) -> Act | None:
        """What is due by now."""
        return heappop(self._due)[2] if self._due and self._due[0][0] <= self.now_ms() else None

    # Orders -----------------------------------------------------------------------------------------------------------

    async def place(self, order: Replayed, exchanged: Exchanged | None = None) -> bool:
        """Place an order, and plan what becomes of it; whether it could be served."""
        placing, actor = placing_of(order.message()), order.purchase.channel
        placed = await patiently(
            lambda: self.parts.orders.place(f"place-{order.order_id}", placing, actor=actor, exchanged=exchanged)
        )
        if placed.stepped is None:
            self.counts.not_served += 1
            return False
        self.under_way.add(order.order_id)
        plan = order_plan(order.order_id)
        if plan.cancel_hours is not None:
            self.at(self.now_ms() + plan.cancel_hours * HOUR_MS, lambda: self._cancel(order))
        self._go_on(order, placed.stepped.orders[0])
        return True

    async def count_open(self) -> None:
        """Count what is still under way, once all is told of it that time alone has made."""
        await self.parts.order_timers.tend()
        for order_id in sorted(self.under_way):
            self.counts.end(await self._get(order_id), self.parts.keeper.catalogue)

    async def _get(self, order_id: str) -> StoredOrder:
        return await patiently(lambda: self.parts.orders.get(order_id))

    def _go_on(self, order: Replayed, found: StoredOrder, *numbers: int) -> None:
        """Plan what is next of some shipments and of all that are new, or what its customer does once all is there."""
        new = range(order.planned + 1, len(found.order.shipments) + 1)
        order.planned = max(order.planned, len(found.order.shipments))
        for number in (*numbers, *new):
            shipment, now_ms = found.order.shipments[number - 1], self.now_ms()
            promise_ms = shipment.promise_ms if shipment.promise_ms < now_ms + PROMISE_DAYS_MAX * DAY_MS else 0
            following = shipment_plan(order.order_id, number).next(
                shipment.way, shipment.state, now_ms=now_ms, promise_ms=promise_ms
            )
            if following is not None:
                self.at(
                    following.at_ms, lambda number=number, following=following: self._step(order, number, following)
                )
        back = order_plan(order.order_id).back
        if found.order.state == OrderState.COMPLETED and back and not order.is_replacement:
            self.at(shop_hour(self.now_ms() + back.after_days * DAY_MS), lambda: self._bring_back(order, back))
        elif found.order.is_final:
            self._end(found)

    def _end(self, found: StoredOrder) -> None:
        """Nothing happens to an order any more."""
        if found.order.order_id in self.under_way:
            self.under_way.remove(found.order.order_id)
            self.counts.end(found, self.parts.keeper.catalogue)

    async def _cancel(self, order: Replayed) -> None:
        try:
            of = Of(f"cancel-{order.order_id}", order.order_id, "customer")
            done = await patiently(lambda: self.parts.journey.cancel(of, {}))
        except FailedPrecondition:  # all of it has left by now
            return
        self._go_on(order, done.orders[0])

    # Shipments --------------------------------------------------------------------------------------------------------

    async def _step(self, order: Replayed, number: int, following: Next) -> None:
        try:
            found = await patiently(lambda: self._make(order.order_id, number, following))
        except FailedPrecondition:  # it was cancelled, or refused, meanwhile
            return
        if following.step == Step.REJECT or following.short:
            self._count_again(found.order.shipments[number - 1])
            found = await self._get(order.order_id)  # other shipments bring the rest by now
        self._go_on(order, found, number)

    async def _make(self, order_id: str, number: int, following: Next) -> StoredOrder:
        step, journey = following.step, self.parts.journey
        of = Of(f"{step.name.lower()}-{order_id}-{number}", order_id, "store")
        if step == Step.MAKE_READY:
            done, self._codes[order_id, number] = await journey.make_ready(of, number)
        elif step == Step.HAND_OVER:
            done = await journey.hand_over(of, number, self._codes[order_id, number])
            del self._codes[order_id, number]
        elif step == Step.PICK:
            done = await journey.pick(of, number, await self._picked(order_id, number) if following.short else {})
        elif step == Step.REJECT:
            done = await journey.reject(of, number, "", RejectReason(following.reason))
        elif step == Step.SHIP:
            done = await journey.ship(of, number, "Correios", f"BR{order_id}{number}")
        elif step == Step.DELIVER:
            done = await journey.deliver(of, number, 0)
        else:
            assert step == Step.ACCEPT, step
            done = await journey.accept(of, number, "")
        return done.orders[0]

    async def _picked(self, order_id: str, number: int) -> dict[int, int]:
        """A unit of the shipment's first line is missing."""
        line = (await self._get(order_id)).order.shipments[number - 1].lines[0]
        return {line.line: line.quantity - 1}

    def _count_again(self, shipment: Shipment) -> None:
        """Where something was not found, the shelf is counted the next morning, and filled up."""
        if shipment.reason == RejectReason.NOT_FOUND:
            self.at(shop_hour(self.now_ms() + DAY_MS), lambda: self._count(shipment))

    async def _count(self, shipment: Shipment) -> None:
        catalogue, inventory = self.parts.keeper.catalogue, Inventory(self.parts.keeper, self.parts.store)
        for line in shipment.lines:
            self._numbers += 1
            count = Count(catalogue.skus.ids[line.sku_ix], catalogue.nodes.ids[shipment.node_ix], self.recounted)
            set_on_hand = partial(inventory.set_on_hand, f"count-{self.name}-{self._numbers}", count)
            await patiently(partial(set_on_hand, expected_on_hand=AS_BEFORE, expected_version=AS_BEFORE, as_of_ms=0))

    # Returns ----------------------------------------------------------------------------------------------------------

    async def _bring_back(self, order: Replayed, back: Back) -> None:
        """A unit of the first line that was delivered is given back, or for the same order once more."""
        found = (await self._get(order.order_id)).order
        line = next(line for line in range(len(found.lines)) if found.returnable(line))
        if not back.for_other_goods or not await self._exchange(order, line):
            of = Of(f"back-{order.order_id}", order.order_id, "customer")
            await patiently(lambda: self.parts.journey.request_return(of, {line: 1}, "unwanted"))
        at_ms = shop_hour(self.now_ms() + back.mail_days * DAY_MS)
        self.at(at_ms, lambda: self._receive(order, line, back))

    async def _exchange(self, order: Replayed, line: int) -> bool:
        return await self.place(order.replacement(), Exchanged(order.order_id, {line: 1}, "exchanged"))

    async def _receive(self, order: Replayed, line: int, back: Back) -> None:
        """By mail it comes to a centre, else to any store."""
        nodes = self.chain.nodes
        place = (
            order.number % len(CENTRES) if back.mail_days else len(CENTRES) + order.number % (len(nodes) - len(CENTRES))
        )
        of = Of(f"receive-{order.order_id}", order.order_id, "store")
        came = [Came(line, 1, back.disposition)]
        done = await patiently(lambda: self.parts.journey.receive_return(of, 1, nodes[place]["node_id"], came))
        self._end(done.orders[0])
