"""WatchOrders: what is under way, then every step once and in order, across disconnections; filters; slow readers; tokens."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from api_kit import error_of, refused
from orders_kit import OrdersApi
from redis.asyncio import Redis
from serving import Serving, StoreProcess, WallClock, start_serving

from promessa.domain.errors import Exhausted, Unavailable
from promessa.domain.order_filters import OrderFilters
from promessa.server import order_watch_servicer
from promessa.server.store_connection import connect
from promessa.server.worker import drain
from promessa.service import order_batches, order_follower, order_watches
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od

SECONDS_MAX = 20
HOUR_MS = 3_600_000
Seen = tuple[str, int]
"""An order, and its version."""


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> OrdersApi:
    made = OrdersApi(serving)
    await made.shop(units=500)
    wall_clock.now_ms = time.time_ns() // 1_000_000
    return made


class Watcher:
    """A watch as its client sees it."""

    def __init__(self, api: OrdersApi, **fields: Any) -> None:
        self.call = api.orders.WatchOrders(os.WatchOrdersRequest(**fields))
        self.changes: list[os.OrderChange] = []
        self.token = ""

    async def next(self) -> os.WatchOrdersResponse:
        """One batch more. Raises what ended the watch."""
        async with asyncio.timeout(SECONDS_MAX):
            batch = await self.call.read()
        if batch is grpc.aio.EOF:
            raise grpc.aio.AioRpcError(
                await self.call.code(),
                await self.call.initial_metadata(),
                await self.call.trailing_metadata(),
                details=await self.call.details(),
            )
        self.changes += batch.changes
        self.token = batch.resume_token
        return batch

    async def begin(self) -> Watcher:
        """Until what is under way is told."""
        await self.until(lambda: bool(self.token))
        return self

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.next()

    async def has(self, count: int) -> None:
        """Until so many changes are told."""
        await self.until(lambda: len(self.changes) >= count)

    async def until_it_ends(self) -> None:
        while True:
            await self.next()

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        """Orders, their last step (empty: as it was at first), and whether they pass the filters."""
        return [(x.order.order_id, _last(x.order), x.matches) for x in self.changes]

    @property
    def seen(self) -> list[Seen]:
        return [(x.order.order_id, x.order.version) for x in self.changes]


def _last(order: od.Order) -> str:
    assert len(order.steps) <= 1
    return od.OrderStepKind.Name(order.steps[0].kind).removeprefix("ORDER_STEP_KIND_") if order.steps else ""


async def walk(api: OrdersApi, order_id: str, chance: random.Random) -> None:
    """An order goes some way, or is refused, or cancelled."""
    await api.place(order_id, units=1)
    for method in ("AcceptShipment", "RecordPick", "Ship", "RecordDelivery"):
        if chance.random() < 0.15:
            await api.step("CancelOrder", order_id) if method != "RecordDelivery" else None
            return
        await api.step(method, order_id)


async def history(api: OrdersApi, order_ids: list[str]) -> list[Seen]:
    """Every version of orders there was, in order."""
    return [(each, version) for each in order_ids for version in range(1, (await api.get(each)).version + 1)]


async def test_what_is_under_way_comes_first_and_then_every_step(api: OrdersApi) -> None:
    await api.place("o-1")
    await api.place("o-2")
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery", order_id="o-2")
    watcher = await Watcher(api).begin()
    assert watcher.told == [("o-1", "", True)], "what is over is not told"
    await api.step("AcceptShipment", "o-1", actor="ana")
    await api.place("o-3")
    await watcher.has(3)
    assert watcher.told[1:] == [("o-1", "ACCEPT", True), ("o-3", "PLACE", True)]
    order = watcher.changes[1].order
    assert (order.steps[0].actor, order.version) == ("ana", 2)
    del order.steps[:]
    now = await api.get("o-1")
    del now.steps[:]
    assert order == now, "it is the whole order but for its history"
    watcher.call.cancel()


async def test_who_looks_after_late_orders_is_told_when_one_is_and_when_not_any_more(
    api: OrdersApi, wall_clock: WallClock
) -> None:
    await api.place("o-1")
    watcher = await Watcher(api, alerts=[od.ORDER_ALERT_LATE]).begin()
    assert watcher.told == []
    await api.place("o-2")
    wall_clock.now_ms += 2 * HOUR_MS
    await api.parts.order_timers.tend()
    await api.step("AcceptShipment", "o-1")
    await api.step("RecordPick", "o-1")
    await api.step("AcceptShipment", "o-2")
    await watcher.has(4)
    assert sorted(watcher.told[:2]) == [("o-1", "LATE", True), ("o-2", "LATE", True)]
    assert watcher.told[2:] == [("o-1", "ACCEPT", False), ("o-2", "ACCEPT", False)]
    watcher.call.cancel()
    wall_clock.now_ms += 9 * HOUR_MS
    await api.parts.order_timers.tend()
    anew = await Watcher(api, alerts=[od.ORDER_ALERT_LATE]).begin()
    assert sorted(anew.told) == [("o-1", "", True), ("o-2", "", True)]
    anew.call.cancel()


async def test_states_nodes_and_channels_are_filtered(api: OrdersApi) -> None:
    web = {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "01310100"}, "channel": "web/app"}
    await api.place("o-1", sourcing=web)
    watchers = [
        await Watcher(api, states=[od.ORDER_STATE_PLACED]).begin(),
        await Watcher(api, node_id="a").begin(),
        await Watcher(api, node_id="b").begin(),
        await Watcher(api, channel="web").begin(),
        await Watcher(api, channel="shop").begin(),
    ]
    assert [each.told for each in watchers] == [[("o-1", "", True)]] * 2 + [[], [("o-1", "", True)], []]
    await api.step("RejectShipment", "o-1", reason=od.REJECT_REASON_NO_CAPACITY)  # b has it now
    await api.step("AcceptShipment", "o-1", shipment_number=2)
    for watcher, expected in zip(
        watchers,
        (
            [("o-1", "REJECT", False), ("o-1", "SOURCE", True), ("o-1", "ACCEPT", False)],
            [("o-1", "REJECT", True), ("o-1", "SOURCE", True), ("o-1", "ACCEPT", True)],
            [("o-1", "SOURCE", True), ("o-1", "ACCEPT", True)],
            [("o-1", "REJECT", True), ("o-1", "SOURCE", True), ("o-1", "ACCEPT", True)],
        ),
        strict=False,
    ):
        await watcher.has(len(expected) + (watcher.told[:1] == [("o-1", "", True)]))
        assert [x for x in watcher.told if x[1]] == expected
    for watcher in watchers:
        watcher.call.cancel()
    assert watchers[-1].told == []


@pytest.mark.parametrize("seed", range(4))
async def test_who_is_cut_off_again_and_again_is_told_every_step_once(
    api: OrdersApi, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What many watches were told, one after the other, is the history of the orders; slow and quick ones alike."""
    monkeypatch.setattr(order_batches, "BATCH_CHANGES", 2)
    monkeypatch.setattr(order_watches, "ORDER_CHANGES_WAITING_MAX", 3)
    chance = random.Random(seed)
    ids = [f"o-{number}" for number in range(24)]
    watcher = await Watcher(api).begin()
    walking = asyncio.gather(*[walk(api, each, random.Random(f"{seed}-{each}")) for each in ids])
    told: list[Seen] = []

    async def go_on(done: Callable[[], bool]) -> None:
        nonlocal watcher
        while not done():
            for _ in range(chance.randrange(1, 4)):
                if not done():
                    await watcher.next()
                    told.extend(watcher.seen)
                    watcher.changes.clear()
            watcher.call.cancel()
            watcher = Watcher(api, resume_token=watcher.token)
            watcher.token = ""
            await watcher.begin()
            told.extend(watcher.seen)
            watcher.changes.clear()

    await go_on(walking.done)
    await walking
    expected = await history(api, ids)
    await go_on(lambda: len(told) >= len(expected))
    assert sorted(told) == sorted(expected), "nothing is missing, and nothing came twice"
    for each in ids:
        versions = [version for order_id, version in told if order_id == each]
        assert versions == sorted(versions), "in order"
    watcher.call.cancel()


async def test_steps_made_while_the_orders_are_read_are_told_once(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_batches, "BATCH_CHANGES", 1)
    ids = [f"o-{number}" for number in range(6)]
    for each in ids:
        await api.place(each, units=1)
    found: dict[str, list[int]] = {each: [] for each in [*ids, "o-9"]}
    watch = api.parts.order_watches.watch(OrderFilters())
    batches = 0
    async for changes, token in watch:
        batches += 1
        for change in changes:
            found[change.stored.order.order_id].append(change.stored.version)
        if batches == 2:  # some are read, and others are not
            assert not token, "nobody could go on from here"
            for each in ids:
                await api.step("AcceptShipment", each)
            await api.place("o-9", units=1)
        if batches > 2 and token and all(versions and versions[-1] >= 2 for versions in list(found.values())[:-1]):
            break
    await watch.aclose()
    assert sorted(found.pop("o-9")) == [1]
    told_before = [each for each, versions in found.items() if versions == [1, 2]]
    assert len(told_before) == 2
    assert all(versions == [2] for each, versions in found.items() if each not in told_before)


async def test_a_watcher_who_takes_nothing_keeps_little_in_memory_and_misses_nothing(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watches, "ORDER_CHANGES_WAITING_MAX", 5)
    watches = api.parts.order_watches
    watch = watches.watch(OrderFilters())
    await anext(watch)
    ids = [f"o-{number}" for number in range(12)]
    for each in ids:
        await walk(api, each, random.Random(each))
        assert watches.waiting <= 5
    expected, told = await history(api, ids), list[Seen]()
    async for changes, _ in watch:
        told += [(change.stored.order.order_id, change.stored.version) for change in changes]
        if len(told) >= len(expected):
            break
    await watch.aclose()
    assert sorted(told) == sorted(expected)


async def test_watchers_share_one_follower_and_leave_none_behind(api: OrdersApi) -> None:
    watches = api.parts.order_watches
    first, second = await Watcher(api).begin(), await Watcher(api).begin()
    await api.place()
    for watcher in (first, second):
        await watcher.has(1)
    assert len(watches._following) == 1
    first.call.cancel()
    second.call.cancel()
    async with asyncio.timeout(SECONDS_MAX):
        while watches.is_following or watches._watchers:
            await asyncio.sleep(0)
    third = await Watcher(api).begin()
    assert [order_id for order_id, _, _ in third.told] == ["o-1"]
    third.call.cancel()


# Tokens ------------------------------------------------------------------------------------------------------------------


async def expires(api: OrdersApi, token: str) -> None:
    await refused(Watcher(api, resume_token=token).next(), grpc.StatusCode.FAILED_PRECONDITION, "RESUME_TOKEN_EXPIRED")


async def test_forged_and_old_tokens_have_an_answer(api: OrdersApi, redis: Redis, store: Store) -> None:
    await api.place("o-1")
    watcher = await Watcher(api).begin()
    watcher.call.cancel()
    data_set, epoch, positions = watcher.token.split(".")
    for forged in ("x", f"{data_set}.{epoch}", f"00000000.{epoch}.{positions}", f"{watcher.token},9-9", "é" * 9):
        await refused(Watcher(api, resume_token=forged).next(), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_TOKEN")
    await refused(Watcher(api, resume_token="x" * 9_000).next(), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    await expires(api, f"{data_set}.{int(epoch) + 1}.{positions}")
    ahead = ",".join(f"{p}-{10**9}" for p in range(len(positions.split(","))))
    await expires(api, f"{data_set}.{epoch}.{ahead}")
    await api.step("AcceptShipment")
    for partition in range(store.keys.partitions):
        await redis.xtrim(store.keys.log(partition), maxlen=0, approximate=False)
    await expires(api, watcher.token)
    anew = await Watcher(api).begin()
    assert anew.told == [("o-1", "", True)], "it begins anew"
    anew.call.cancel()


async def test_a_token_comes_now_and_then_though_nothing_happens(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watches, "TOKEN_SECONDS", 0.02)
    watcher = await Watcher(api).begin()
    first = watcher.token
    await api.count("b", 1)
    await watcher.until(lambda: watcher.token != first)
    assert not watcher.changes
    watcher.call.cancel()


# Refusals and ends -------------------------------------------------------------------------------------------------------


async def test_what_cannot_be_watched_is_refused(api: OrdersApi, monkeypatch: pytest.MonkeyPatch) -> None:
    await refused(Watcher(api, node_id="nowhere").next(), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND")
    for wrong in ({"states": [99]}, {"alerts": [0]}, {"channel": "a b"}, {"node_id": "a b"}):
        await refused(Watcher(api, **wrong).next(), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    monkeypatch.setattr(order_watches, "ORDER_WATCHES_MAX", 1)
    watcher = await Watcher(api).begin()
    await refused(Watcher(api).next(), grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_WATCHES", watches_max="1")
    watcher.call.cancel()


async def ends(watcher: Watcher, reason: str) -> None:
    """With UNAVAILABLE, and the last token once more."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watcher.until_it_ends()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert error_of(caught.value) == (reason, {"resume_token": watcher.token})


async def test_a_draining_server_ends_watches_and_takes_none(api: OrdersApi, serving: Serving) -> None:
    watcher = await Watcher(api).begin()
    draining = asyncio.create_task(drain(serving.parts, 2))
    await ends(watcher, "DRAINING")
    await draining
    assert not serving.parts.order_watches.is_following


async def test_watches_that_are_ended_stay_ended(api: OrdersApi, serving: Serving) -> None:
    serving.parts.order_watches.end(Unavailable("DRAINING", "This server is shutting down."))
    await refused(Watcher(api).next(), grpc.StatusCode.UNAVAILABLE, "DRAINING")


@pytest.mark.parametrize("field", ["epoch", "seq"])
async def test_a_store_that_is_another_one_or_tells_nothing_ends_watches(
    api: OrdersApi, redis: Redis, store: Store, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_follower, "CHECK_SECONDS", 0.05)
    watcher = await Watcher(api).begin()
    await redis.hincrby(store.keys.meta if field == "epoch" else store.keys.cells(0), field, 1)  # type: ignore[misc]
    await ends(watcher, "STORE_UNAVAILABLE")


async def test_a_store_that_dies_ends_watches(own_store_process: Callable[..., StoreProcess]) -> None:
    process = own_store_process()
    redis = connect(process.url)
    keys = await open_data_set(redis, namespace="test", partitions=4, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    found, (following, writer, source) = await start_serving(Store(redis, keys, commit), redis, process.url)
    try:
        api = OrdersApi(found)
        watcher = await Watcher(api).begin()
        process.kill()
        await ends(watcher, "STORE_UNAVAILABLE")
        await refused(Watcher(api).next(), grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
    finally:
        await found.channel.close()
        await found.parts.server.stop(0)
        await found.parts.order_watches.close()
        following.cancel()  # type: ignore[attr-defined]
        writer.close()  # type: ignore[attr-defined]
        await source.close()  # type: ignore[attr-defined]
        await commit.close()
        await redis.aclose()


async def test_a_batch_tells_the_clock_of_the_server(api: OrdersApi, wall_clock: WallClock) -> None:
    wall_clock.now_ms += 9 * HOUR_MS
    watcher = Watcher(api)
    assert (await watcher.next()).time.ToMilliseconds() == wall_clock.now_ms
    watcher.call.cancel()


class Deaf:
    """Takes nothing of what is written to it."""

    async def write(self, _: object) -> None:
        await asyncio.Event().wait()


async def test_a_watcher_that_takes_nothing_for_long_gives_its_place_up(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch_servicer, "WATCH_STALLED_SECONDS", 0.05)
    watches = api.parts.order_watches
    servicer = order_watch_servicer.OrderWatchServicer(watches, api.parts.keeper, lambda: 0)
    with pytest.raises(Exhausted) as caught:
        await servicer.WatchOrders(os.WatchOrdersRequest(), Deaf())
    assert caught.value.reason == "WATCH_STALLED"
    assert not watches._watchers
    again = await Watcher(api, resume_token=str(caught.value.metadata["resume_token"])).begin()
    again.call.cancel()
