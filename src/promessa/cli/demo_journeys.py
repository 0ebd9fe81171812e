"""The second act: orders travel, while the server's clock is set forward from one shop hour to the next.

Events wait in the order of their hours. The clock goes to the hour of the next ones, all of these are made, those of one order
one after another, and what they lead to waits for its own hour. What an order is like is only known from answers.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import grpc

from promessa.cli.demo_books import Seen
from promessa.cli.demo_calls import Progress, insist
from promessa.cli.demo_steps import Steps
from promessa.cli.failure import of_rpc
from promessa.cli.loading import Pool, gather_bounded
from promessa.demo.journeys import DAY_MS, HOUR_MS, Back, Next, order_plan, shipment_plan, shop_hour
from promessa.demo.purchases import Purchase, Stores
from promessa.domain.order import Step, Way
from promessa.server.clock import clock_of, set_forward
from promessa.v1 import order_service_pb2 as os_
from promessa.v1 import orders_pb2 as od

AT_ONCE = 32
"""Orders that something happens to at once."""

PAGE_SIZE = 200

Event = Callable[[], Awaitable[None]]


class Travels:
    """Has orders travel. `clock` is the file that sets the server's clock forward."""

    def __init__(self, pool: Pool, seen: Seen, clock: Path, progress: Progress) -> None:
        self._pool = pool
        self._seen = seen
        self._clock = clock
        self._now_ms = clock_of(clock)
        self._progress = progress
        self._steps = Steps(pool, seen, Stores(seen.chain))
        self._purchases: dict[str, Purchase] = {}
        self._waiting: list[tuple[int, int, str, Event]] = []
        self._numbers = count()
        self._at_ms = 0
        self._planned: dict[tuple[str, int], int] = {}
        self._planned_orders: set[tuple[str, str]] = set()

    async def run(self, purchases: Sequence[Purchase], *, days: int) -> None:
        """So many days; whatever would come after them does not happen. At the end all orders are looked at."""
        self._seen.journeys.days = days
        self._purchases = {purchase.order.order_id: purchase for purchase in purchases}
        first_ms = self._at_ms = self._now_ms()
        for order in list(self._seen.orders.values()):
            self._told(order)
        while self._waiting and self._waiting[0][0] <= first_ms + days * DAY_MS:
            self._at_ms = self._waiting[0][0]
            set_forward(self._clock, max(0, self._at_ms - self._now_ms()))
            self._progress("journeys", min(days - 1, (self._at_ms - first_ms) // DAY_MS), days)
            await gather_bounded((_in_turn(events) for events in self._due()), AT_ONCE)
        set_forward(self._clock, max(0, first_ms + days * DAY_MS - self._now_ms()))
        await self._look_at_all()
        self._seen.last_ms = self._now_ms()
        self._progress("journeys", days, days)

    def _due(self) -> list[list[Event]]:
        """What happens now, by order."""
        found: dict[str, list[Event]] = defaultdict(list)
        while self._waiting and self._waiting[0][0] == self._at_ms:
            _, _, order_id, event = heapq.heappop(self._waiting)
            found[order_id].append(event)
        return list(found.values())

    def _plan(self, at_ms: int, order_id: str, event: Event) -> None:
        heapq.heappush(self._waiting, (at_ms, next(self._numbers), order_id, event))

    # What is known of an order, and what it leads to -----------------------------------------------------------------

    def _told(self, order: od.Order) -> None:
        """An order is like this now: plan what comes next of it that is not planned yet."""
        known = self._seen.orders.get(order.order_id)
        if known is not None and known.version > order.version:
            return
        self._seen.orders[order.order_id] = order
        for shipment in order.shipments:
            self._plan_shipment(order.order_id, shipment)
        if any(line.to_source_quantity for line in order.lines):
            self._plan_once(
                "look", order.order_id, shop_hour(self._at_ms + DAY_MS), partial(self._look, order.order_id)
            )
        plan = order_plan(order.order_id)
        if plan.cancel_hours is not None:
            at_ms = shop_hour(self._at_ms + plan.cancel_hours * HOUR_MS)
            self._plan_once("cancel", order.order_id, at_ms, partial(self._cancel, order.order_id))
        if plan.back and order.state == od.ORDER_STATE_COMPLETED and not order.exchange_of_order_id:
            at_ms = shop_hour(self._at_ms + plan.back.after_days * DAY_MS)
            self._plan_once("back", order.order_id, at_ms, partial(self._bring_back, order.order_id, plan.back))

    def _plan_shipment(self, order_id: str, shipment: od.OrderShipment) -> None:
        key = order_id, shipment.shipment_number
        if self._planned.get(key) == shipment.state:
            return
        self._planned[key] = shipment.state
        plan = shipment_plan(*key)
        promise_ms = shipment.promise_time.ToMilliseconds() if shipment.HasField("promise_time") else 0
        coming = plan.next(_way(shipment), shipment.state, now_ms=self._at_ms, promise_ms=promise_ms)
        if coming is not None:
            self._plan(coming.at_ms, order_id, partial(self._move, key, shipment.state, coming))

    def _plan_once(self, what: str, order_id: str, at_ms: int, event: Event) -> None:
        if (what, order_id) not in self._planned_orders:
            self._planned_orders.add((what, order_id))
            self._plan(at_ms, order_id, event)

    # Events ----------------------------------------------------------------------------------------------------------

    async def _move(self, key: tuple[str, int], state: int, coming: Next) -> None:
        """The next step of a shipment, if it is still where it was."""
        order_id, number = key
        shipment = self._seen.orders[order_id].shipments[number - 1]
        if shipment.state != state:
            return
        try:
            order = await self._steps.make(order_id, shipment, coming, plan=shipment_plan(*key))
        except grpc.aio.AioRpcError as error:
            if of_rpc(error).reason != "ILLEGAL_STEP":
                raise
            await self._look(order_id)  # the server's own timers may have come first
            if self._seen.orders[order_id].shipments[number - 1].state == state:
                raise
            return
        self._told(order)
        if coming.step == Step.REJECT or coming.short:
            await self._look(order_id)  # what brings its rest is not in the answer

    async def _cancel(self, order_id: str) -> None:
        self._told(await self._steps.cancel(order_id))

    async def _bring_back(self, order_id: str, back: Back) -> None:
        """A customer returns or exchanges something of an order."""
        place = self._purchases[order_id].order
        changed, given = await self._steps.bring_back(self._seen.orders[order_id], place, back)
        self._told(changed)
        if given is not None:
            self._told(given)
        if back.mail_days and changed.returns:
            at_ms = shop_hour(self._at_ms + back.mail_days * DAY_MS)
            self._plan_once("receive", order_id, at_ms, partial(self._receive, order_id, back))

    async def _receive(self, order_id: str, back: Back) -> None:
        """What was sent back by mail comes to a centre."""
        centre = self._seen.chain.nodes[0]["node_id"]
        self._told(await self._steps.receive(self._seen.orders[order_id], centre, back))

    async def _look(self, order_id: str) -> None:
        """Look at an order; once more tomorrow while units of it wait to be sourced."""
        self._planned_orders.discard(("look", order_id))
        request = os_.GetOrderRequest(order_id=order_id)
        self._told((await insist(lambda: self._pool.stubs().orders.GetOrder(request))).order)

    async def _look_at_all(self) -> None:
        """Every order as it is at the end: the server itself sources what waits, and takes back what nobody collected."""
        request = os_.ListOrdersRequest(page_size=PAGE_SIZE)
        while True:
            page = await insist(lambda: self._pool.stubs().orders.ListOrders(request))
            for order in page.orders:
                self._seen.orders[order.order_id] = order
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


async def _in_turn(events: Sequence[Event]) -> None:
    for event in events:
        await event()


def _way(shipment: od.OrderShipment) -> Way:
    """How a shipment gets to its customer."""
    if not shipment.pickup_node_id:
        return Way.DELIVERY
    return Way.PICKUP if shipment.pickup_node_id == shipment.node_id else Way.TO_STORE
