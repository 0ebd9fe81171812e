"""Random histories of a small shop, and the shop."""

from __future__ import annotations

from itertools import count, product
from random import Random

from serving import Clock
from store_kit import SECOND, START_MS, TODAY, Shop

from promessa.domain import order_steps as steps
from promessa.domain.errors import PromessaError
from promessa.domain.fingerprint import fingerprint
from promessa.domain.kinds import NO_WAYS
from promessa.domain.order import OrderedLine, PlacedOrder, RejectReason, Step
from promessa.domain.reservation import LotLine
from promessa.service.order_shipments import Held, open_cells, shipments_of
from promessa.store.order_store import OrderStore, Write
from promessa.store.store import ExceedsReservation, Store

NODES = ("dc", "shop-1", "shop-2", "shop-3")
SKUS = ("cup", "mug", "plate")
CHANNELS = ("", "web", "web/vip", "store\npickup")
DAY = 24 * 3600 * SECOND

_names = count()


async def open_world(store: Store) -> Shop:
    """The shop with its nodes and skus, fifteen of each everywhere."""
    shop = Shop(store)
    for node_id in NODES:
        await shop.node(node_id)
    for sku in SKUS:
        await shop.sku(sku)
    for node, sku in product(range(len(NODES)), range(len(SKUS))):
        await shop.count(node, sku, 15)
    return shop


class History:
    """Plays random steps; the same seed plays the same ones."""

    def __init__(self, shop: Shop, clock: Clock, seed: int) -> None:
        self._shop, self._clock, self._random = shop, clock, Random(seed)
        self._made: list[str] = []
        self._confirmed: list[str] = []
        self._name, self._count = next(_names), 0
        clock.now_ms = clock.now_ms or START_MS

    async def play(self, steps: int) -> None:
        acts = (
            self._stock,
            self._hold,
            self._hold,
            self._hold,
            self._lots,
            self._promise,
            self._step,
            self._step,
            self._order,
            self._order,
            self._later,
        )
        for _ in range(steps):
            try:
                await self._random.choice(acts)()
            except (PromessaError, ExceedsReservation):
                pass  # refused, as such requests are

    def _new_id(self) -> str:
        self._count += 1
        return f"request-{self._name}-{self._count:06d}"

    def _cell(self) -> tuple[int, int]:
        return self._random.randrange(len(NODES)), self._random.randrange(len(SKUS))

    async def _stock(self) -> None:
        node, sku = self._cell()
        match self._random.randrange(4):
            case 0:
                await self._shop.count(node, sku, self._random.randrange(12), 1, request_id=self._new_id())
            case 1:
                await self._shop.expect(f"po-{self._random.randrange(3)}", node, sku, self._random.randrange(1, 9))
            case 2:
                await self._shop.receive(f"po-{self._random.randrange(3)}", node, sku, self._random.randrange(1, 9))
            case _:
                await self._shop.keep("web", node, sku, self._random.randrange(4))

    async def _hold(self) -> None:
        lines = {self._cell(): self._random.randrange(1, 5) for _ in range(self._random.randrange(1, 4))}
        request_id = self._new_id()
        await self._shop.hold(
            request_id, *((*cell, units) for cell, units in lines.items()), **self._whom(), **self._how()
        )
        self._made.append(request_id)

    async def _lots(self) -> None:
        node, sku = self._cell()
        self._made.append(request_id := self._new_id())
        await self._shop.hold_lots(
            request_id, LotLine(node, sku, self._random.randrange(1, 4), 2), **self._whom(), **self._how()
        )

    async def _promise(self) -> None:
        self._made.append(request_id := self._new_id())
        await self._shop.promise(
            request_id, (*self._cell(), self._random.randrange(1, 7)), latest=TODAY + 9, **self._whom(), **self._how()
        )

    async def _step(self) -> None:
        """One of those made before goes on."""
        if not self._made or not self._confirmed:
            self._confirmed = self._made[:1]
            return
        which = self._random.choice(self._made[-8:])
        node, sku = self._cell()
        order = self._random.choice(("", f"order-{which}"))
        match self._random.randrange(8):
            case 0 | 1 | 2:
                again = self._random.random() < 0.5
                await self._shop.confirm(which, order_id=order, reacquire=again, request_id=self._new_id())
                self._confirmed.append(which)
            case 3:
                await self._shop.confirm(which, (node, sku, 1), request_id=self._new_id())
            case 4:
                await self._shop.fulfill(self._random.choice(self._confirmed), request_id=self._new_id())
            case 5:
                await self._shop.fulfill(which, (node, sku, 1), request_id=self._new_id())
            case 6:
                await self._shop.release(which, request_id=self._new_id())
            case _:
                move = (node, self._random.randrange(len(NODES)), sku, 1)
                await self._shop.move(which, move, request_id=self._new_id())

    async def _later(self) -> None:
        self._clock.now_ms += self._random.choice((1, 500, 20 * SECOND, 90 * SECOND, DAY // 3))
        await self._shop.store.sweep()

    async def _order(self) -> None:
        """One of those made becomes an order, and that goes on."""
        if not self._made:
            return
        which = self._random.choice(self._made[-5:])
        store = self._shop.store
        orders = OrderStore(store._redis, store.keys, store._commit)
        stored, found = await orders.get(f"o-{which}"), await store.get_reservation(which)
        if stored is None and (found is None or not open_cells(found)):
            return
        if stored is None:
            assert found is not None
            wanted = [OrderedLine(sku_ix, units, units) for (_, sku_ix), units in open_cells(found).items()]
            order = PlacedOrder(f"o-{which}", tuple(wanted), ())
            placed = steps.sourced(order, shipments_of(Held(found, None, NO_WAYS), wanted, NODES.index))
            change = placed._replace(step=Step.PLACE, number=0, detail="")
        else:
            acts = (
                lambda order: steps.accept(order, 1),
                lambda order: steps.pick(order, 1, {0: 0}),
                lambda order: steps.ship(order, 1, "post", "1"),
                lambda order: steps.reject(order, 1, RejectReason.OTHER),
                lambda order: steps.cancel(order, {}),
            )
            change = self._random.choice(acts)(stored.order)
        write = Write(stored.version if stored else 0, change, "ann", 0, 0)
        classes = [""] * len(change.moves)
        await orders.step(self._new_id(), fingerprint(("method",), "order"), [write], classes)

    def _whom(self) -> dict[str, str]:
        return {
            "channel": self._random.choice(CHANNELS),
            "owner_id": self._random.choice(("", "ann", "bob")),
            "order_id": self._random.choice(("", f"order-{self._count}")),
        }

    def _how(self) -> dict[str, bool]:
        return {"partial": self._random.random() < 0.4}
