"""What the demo does to a running server: a chain, orders with feeds and a flash sale beside them, their journeys, an audit."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from promessa.cli.demo_books import FLASH_SKU, FlashSale, Seen
from promessa.cli.demo_calls import BUSY, ENDED_MEANWHILE, Progress, insist
from promessa.cli.demo_journeys import Travels
from promessa.cli.demo_shopping import Shopping
from promessa.cli.ids import new_request_id
from promessa.cli.loading import Pool, gather_bounded, import_stock, put_all
from promessa.demo.chain import Chain
from promessa.demo.orders import DemoOrder
from promessa.demo.purchases import Purchase, purchases
from promessa.server.clock import clock_of
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1.inventory_pb2 import FEED_OUTCOME_APPLIED

SHOPPERS = 16
"""Orders under way at once."""

FLASH_CHANNELS = 8
AUDITS = 2
"""One after each act."""

FEED_ITEMS = 50
FEED_PAUSE_SECONDS = 0.05


class Story:
    """Runs the demo against `address`."""

    def __init__(self, address: str, chain: Chain, orders: list[DemoOrder], progress: Progress) -> None:
        self._address = address
        self._purchases = purchases(orders, chain)
        self._progress = progress
        self._is_open = True
        self.pool = Pool(address)
        self.seen = Seen(chain)

    async def load(self) -> None:
        """Put the whole chain and its stock."""
        chain = self.seen.chain
        await self._put("Node", "node", chain.nodes)
        await self._put("Sku", "sku", chain.skus)
        await self._put("RateCard", "rate_card", chain.rate_cards)
        await self._put("NodeGroup", "node_group", chain.node_groups)
        await self._put("Lane", "lane", chain.lanes)
        await self._put("CommissionRule", "commission_rule", chain.commission_rules)
        done = 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            self._progress("stock", done, len(chain.stock))

        answers = await import_stock(self.pool, chain.stock, request_id="demo-stock", tick=tick)
        assert not any(answer.rejected_count for answer in answers), answers[0].rejections[:3]
        for sku, node_id, on_hand, safety in chain.stock:
            self.seen.have[sku, node_id] = max(0, on_hand - safety)
        for answer in answers:
            await self._see(answer.token)

    async def shop(self, clock: Path | None, *, flash_units: int, flash_attempts: int) -> None:
        """Orders are sourced and placed, with feeds beside them and a flash sale in their middle. `clock` is the server's."""
        started = time.monotonic()
        self.seen.first_ms = clock_of(clock)()
        shopping = Shopping(self.pool, self.seen)
        half, done = len(self._purchases) // 2, 0

        async def shop(purchase: Purchase) -> None:
            nonlocal done
            await shopping.buy(purchase)
            done += 1
            self._progress("orders", done, len(self._purchases))

        feeding = asyncio.create_task(self._feed())
        await gather_bounded((shop(each) for each in self._purchases[:half]), SHOPPERS)
        if flash_attempts:
            await self._flash_sale(flash_units, flash_attempts)
        await gather_bounded((shop(each) for each in self._purchases[half:]), SHOPPERS)
        self._is_open = False
        await feeding
        self.seen.seconds = time.monotonic() - started
        shopping.compare()

    async def travel(self, clock: Path, *, days: int) -> None:
        """The orders travel for some days of the server's clock, which its file sets forward."""
        started = time.monotonic()
        await Travels(self.pool, self.seen, clock, self._progress).run(self._purchases, days=days)
        self.seen.journeys.seconds = time.monotonic() - started
        if self.seen.flash:
            request = av.GetAvailabilityRequest(sku=FLASH_SKU, consistency={"authoritative": True})
            answer = await insist(lambda: self.pool.stubs().availability.GetAvailability(request))
            self.seen.flash.back = answer.available_quantity

    async def audit(self) -> None:
        """Have the server check its books."""
        inventory = self.pool.stubs().inventory
        self.seen.audits.append(await insist(lambda: inventory.CheckInvariants(iv.CheckInvariantsRequest())))
        self._progress("audit", len(self.seen.audits), AUDITS)

    async def close(self) -> None:
        await self.pool.close()

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
            async for answer in self.pool.stubs().inventory.ApplyStockDeltas(messages()):
                for (sku, node_id, units), result in zip(unanswered.popleft()[1], answer.results, strict=True):
                    if result.outcome == FEED_OUTCOME_APPLIED:
                        self.seen.have[sku, node_id] += units
                        self.seen.fed_items += 1

        await insist(stream, busy=(*BUSY, *ENDED_MEANWHILE))

    # The flash sale --------------------------------------------------------------------------------------------------

    async def _flash_sale(self, units: int, attempts: int) -> None:
        node_id = self.seen.chain.nodes[0]["node_id"]
        await self._put("Sku", "sku", [{"sku": FLASH_SKU, "weight_grams": 300}], prefix="flash")
        count = {"sku": FLASH_SKU, "node_id": node_id, "on_hand_quantity": units}
        request = iv.SetOnHandRequest(request_id=new_request_id(), count=count)
        await insist(lambda: self.pool.stubs().inventory.SetOnHand(request))
        self.seen.have[FLASH_SKU, node_id] = units
        sale = self.seen.flash = FlashSale(units, attempts)
        pool = Pool(self._address, FLASH_CHANNELS)
        started = time.monotonic()

        async def grab() -> None:
            line = {"sku": FLASH_SKU, "node_id": node_id, "quantity": 1}
            request = rs.ReserveRequest(request_id=new_request_id(), lines=[line])
            answer = await insist(lambda: pool.stubs().reservations.Reserve(request))
            if answer.outcome == rv.RESERVE_OUTCOME_RESERVED:
                sale.won += 1
                self.seen.flash_units[FLASH_SKU, node_id] += 1
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

        await put_all(self.pool, kind, name, values, prefix=prefix, tick=tick)

    async def _see(self, token: str) -> None:
        """Wait until reads see a change."""
        sku = self.seen.chain.skus[0]["sku"]
        request = av.GetAvailabilityRequest(sku=sku, consistency={"at_least_token": token})
        await insist(lambda: self.pool.stubs().availability.GetAvailability(request))
