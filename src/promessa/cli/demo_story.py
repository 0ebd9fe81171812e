"""What the demo does to a running server, and what it sees: a chain, orders, feeds, a flash sale, an audit.

It keeps books of its own: units it loaded and fed, units it was promised. Nothing here trusts the server's.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import grpc

from promessa.cli.ids import new_request_id
from promessa.cli.loading import Pool, gather_bounded, import_stock, put_all
from promessa.demo.chain import Chain
from promessa.demo.nearest import NearestFirst
from promessa.demo.orders import DemoOrder
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1.inventory_pb2 import FEED_OUTCOME_APPLIED

SHOPPERS = 16
"""Orders under way at once."""

FLASH_SKU = "FLASH-SALE"
FLASH_CHANNELS = 8
FEED_ITEMS = 50
FEED_PAUSE_SECONDS = 0.05

RETRY_SECONDS, RETRY_SECONDS_MAX = 0.05, 30.0
_BUSY = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
_ENDED_MEANWHILE = (grpc.StatusCode.INTERNAL,)
"""What grpc.aio says of a stream that the server ended while a message of ours was under way, whatever the server said."""

Cell = tuple[str, str]
Progress = Callable[[str, int, int], None]
"""What is going on, how much of it is done, and how much there is."""


@dataclass(slots=True)
class FlashSale:
    """A thousand units, five thousand hands."""

    units: int
    attempts: int
    won: int = 0
    lost: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Seen:
    """What the client saw."""

    chain: Chain
    outcomes: Counter[str] = field(default_factory=Counter)
    shipments: int = 0
    proven: int = 0
    cost_micros: int = 0
    compared: int = 0
    compared_micros: int = 0
    nearest_micros: int = 0
    waits_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    fed_items: int = 0
    flash: FlashSale | None = None
    audit: Any = None
    have: Counter[Cell] = field(default_factory=Counter)
    promised: Counter[Cell] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def oversold_units(self) -> int:
        """Units promised beyond those that there ever were, by the client's own books."""
        return sum(max(0, units - self.have[cell]) for cell, units in self.promised.items())


class Story:
    """Runs the demo against `address`."""

    def __init__(self, address: str, chain: Chain, orders: list[DemoOrder], progress: Progress) -> None:
        self._address = address
        self._orders = orders
        self._progress = progress
        self._pool = Pool(address)
        self._nearest = NearestFirst(chain)
        self._is_open = True
        self._sourced: list[tuple[DemoOrder, int, int]] = []
        self.seen = Seen(chain)

    async def load(self) -> None:
        """Put the whole chain and its stock."""
        chain = self.seen.chain
        await self._put("Node", "node", chain.nodes)
        await self._put("Sku", "sku", chain.skus)
        await self._put("RateCard", "rate_card", chain.rate_cards)
        await self._put("NodeGroup", "node_group", chain.node_groups)
        await self._put("Lane", "lane", chain.lanes)
        done = 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            self._progress("stock", done, len(chain.stock))

        answers = await import_stock(self._pool, chain.stock, request_id="demo-stock", tick=tick)
        assert not any(answer.rejected_count for answer in answers), answers[0].rejections[:3]
        for sku, node_id, on_hand, safety in chain.stock:
            self.seen.have[sku, node_id] = max(0, on_hand - safety)
        for answer in answers:
            await self._see(answer.token)

    async def run(self, *, flash_units: int, flash_attempts: int) -> Seen:
        """Orders, with feeds beside them and a flash sale in their middle; then the audit."""
        started = time.monotonic()
        half = len(self._orders) // 2
        done = 0

        async def shop(order: DemoOrder) -> None:
            nonlocal done
            await self._serve(order)
            done += 1
            self._progress("orders", done, len(self._orders))

        feeding = asyncio.create_task(self._feed())
        await gather_bounded((shop(order) for order in self._orders[:half]), SHOPPERS)
        if flash_attempts:
            await self._flash_sale(flash_units, flash_attempts)
        await gather_bounded((shop(order) for order in self._orders[half:]), SHOPPERS)
        self._is_open = False
        await feeding
        self.seen.seconds = time.monotonic() - started
        self._compare()
        self._progress("audit", 0, 1)
        inventory = self._pool.stubs().inventory
        self.seen.audit = await _insist(lambda: inventory.CheckInvariants(iv.CheckInvariantsRequest()))
        self._progress("audit", 1, 1)
        return self.seen

    async def close(self) -> None:
        await self._pool.close()

    # One order -------------------------------------------------------------------------------------------------------

    async def _serve(self, order: DemoOrder) -> None:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in order.lines]
        stubs = self._pool.stubs()
        check = av.CheckBasketRequest(lines=lines, omit_rejected=True)
        await self._timed("CheckBasket", lambda: stubs.availability.CheckBasket(check))
        request = so.SourceAndReserveRequest(
            request_id=new_request_id(),
            order={"order_id": order.order_id, "lines": lines, "destination": {"postal_code": order.postal_code}},
            allow_partial=True,
        )
        held = await self._timed("SourceAndReserve", lambda: stubs.sourcing.SourceAndReserve(request))
        self._note(order, held)
        if held.outcome == rv.RESERVE_OUTCOME_REFUSED:
            return
        reservation_id = held.reservation.reservation_id
        confirm = rs.ConfirmRequest(request_id=new_request_id(), reservation_id=reservation_id, order_id=order.order_id)
        await self._timed("Confirm", lambda: stubs.reservations.Confirm(confirm))
        fulfill = rs.FulfillRequest(request_id=new_request_id(), reservation_id=reservation_id)
        await self._timed("Fulfill", lambda: stubs.reservations.Fulfill(fulfill))

    def _note(self, order: DemoOrder, held: so.SourceAndReserveResponse) -> None:
        seen = self.seen
        seen.outcomes[rv.ReserveOutcome.Name(held.outcome)] += 1
        self._sourced.append((order, held.outcome, held.plan.cost.total_micros))
        if held.outcome == rv.RESERVE_OUTCOME_REFUSED:
            return
        for line in held.reservation.lines:
            seen.promised[line.sku, line.node_id] += line.quantity
        seen.shipments += len(held.plan.shipments)
        seen.proven += held.plan.proven_optimal
        seen.cost_micros += held.plan.cost.total_micros

    def _compare(self) -> None:
        """Serve the same orders by the rule of thumb; afterwards, for its computing would slow the clients down."""
        for order, outcome, cost_micros in self._sourced:
            nearest = self._nearest.serve(order)
            if outcome == rv.RESERVE_OUTCOME_RESERVED and nearest is not None:
                self.seen.compared += 1
                self.seen.compared_micros += cost_micros
                self.seen.nearest_micros += nearest[0]

    # Feeds -----------------------------------------------------------------------------------------------------------

    async def _feed(self) -> None:
        """Receipts at random cells, message after message, until the orders are done; what was applied counts."""
        randomness = random.Random(3)
        stock = self.seen.chain.stock
        unanswered: deque[tuple[iv.ApplyStockDeltasRequest, list[tuple[str, str, int]]]] = deque()

        async def messages() -> AsyncIterator[iv.ApplyStockDeltasRequest]:
            for request, _ in list(unanswered):  # of a stream before: with their request ids none counts twice
                yield request
            while self._is_open:
                items = [(*randomness.choice(stock)[:2], randomness.randint(1, 4)) for _ in range(FEED_ITEMS)]
                request = iv.ApplyStockDeltasRequest(
                    request_id=new_request_id(),
                    reason="receipt",
                    deltas=[{"sku": sku, "node_id": node_id, "delta_quantity": units} for sku, node_id, units in items],
                )
                unanswered.append((request, items))
                yield request
                await asyncio.sleep(FEED_PAUSE_SECONDS)

        async def stream() -> None:
            async for answer in self._pool.stubs().inventory.ApplyStockDeltas(messages()):
                for (sku, node_id, units), result in zip(unanswered.popleft()[1], answer.results, strict=True):
                    if result.outcome == FEED_OUTCOME_APPLIED:
                        self.seen.have[sku, node_id] += units
                        self.seen.fed_items += 1

        await _insist(stream, busy=(*_BUSY, *_ENDED_MEANWHILE))

    # The flash sale --------------------------------------------------------------------------------------------------

    async def _flash_sale(self, units: int, attempts: int) -> None:
        node_id = self.seen.chain.nodes[0]["node_id"]
        await self._put("Sku", "sku", [{"sku": FLASH_SKU, "weight_grams": 300}], prefix="flash")
        count = {"sku": FLASH_SKU, "node_id": node_id, "on_hand_quantity": units}
        request = iv.SetOnHandRequest(request_id=new_request_id(), count=count)
        await _insist(lambda: self._pool.stubs().inventory.SetOnHand(request))
        self.seen.have[FLASH_SKU, node_id] = units
        sale = self.seen.flash = FlashSale(units, attempts)
        pool = Pool(self._address, FLASH_CHANNELS)
        started = time.monotonic()

        async def grab() -> None:
            line = {"sku": FLASH_SKU, "node_id": node_id, "quantity": 1}
            request = rs.ReserveRequest(request_id=new_request_id(), lines=[line])
            answer = await _insist(lambda: pool.stubs().reservations.Reserve(request))
            if answer.outcome == rv.RESERVE_OUTCOME_RESERVED:
                sale.won += 1
                self.seen.promised[FLASH_SKU, node_id] += 1
            else:
                sale.lost += 1
            self._progress("flash", sale.won + sale.lost, attempts)

        await asyncio.gather(*[grab() for _ in range(attempts)])
        sale.seconds = time.monotonic() - started
        await pool.close()

    # Helpers ---------------------------------------------------------------------------------------------------------

    async def _put(self, kind: str, name: str, values: list[dict[str, Any]], *, prefix: str = "demo") -> None:
        done = 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            self._progress(name, done, len(values))

        await put_all(self._pool, kind, name, values, prefix=prefix, tick=tick)

    async def _see(self, token: str) -> None:
        """Wait until reads see a change."""
        sku = self.seen.chain.skus[0]["sku"]
        request = av.GetAvailabilityRequest(sku=sku, consistency={"at_least_token": token})
        await _insist(lambda: self._pool.stubs().availability.GetAvailability(request))

    async def _timed(self, method: str, call: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        answer = await _insist(call)
        self.seen.waits_ms[method].append((time.perf_counter() - started) * 1000)
        return answer


async def _insist(call: Callable[[], Any], *, busy: Collection[grpc.StatusCode] = _BUSY) -> Any:
    """Call again when the server has too much to do: safe, for the request keeps its id. Not for ever.

    The pauses are drawn, so that thousands who were turned away at once do not come back at once.
    """
    pause = RETRY_SECONDS
    while True:
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() not in busy or pause > RETRY_SECONDS_MAX:
                raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause *= 2
