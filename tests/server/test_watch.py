"""WatchAvailability: every change once and in order, across any disconnection; crossings; slow readers; many watchers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of, refused
from redis.asyncio import Redis
from serving import Serving, StoreProcess, start_serving

from promessa.domain.errors import Unavailable
from promessa.server import watch_servicer
from promessa.server.store_connection import connect
from promessa.server.worker import drain
from promessa.service import watch_follower, watch_replay, watches
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_service_pb2 as rs

SECONDS_MAX = 20
NODES = "abcde"
SKUS = ("cup", "jug", "pan")
Kind = nouns.AvailabilityEventKind
Cell = tuple[str, str]


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


class Watcher:
    """A watch as its client sees it: what it was told, and the last token."""

    def __init__(self, api: Api, **fields: Any) -> None:
        self.call = api.availability.WatchAvailability(av.WatchAvailabilityRequest(**fields))
        self.events: list[nouns.AvailabilityEvent] = []
        self.batches: list[av.WatchAvailabilityResponse] = []
        self.token = ""

    async def next(self) -> av.WatchAvailabilityResponse:
        """One batch more. Raises what ended the watch."""
        async with asyncio.timeout(SECONDS_MAX):
            batch = await self.call.read()
        if batch is grpc.aio.EOF:
            await self.call.code()
            raise grpc.aio.AioRpcError(
                await self.call.code(),
                await self.call.initial_metadata(),
                await self.call.trailing_metadata(),
                details=await self.call.details(),
            )
        self.batches.append(batch)
        self.events += batch.events
        self.token = batch.resume_token
        return batch

    async def begin(self) -> Watcher:
        await self.next()
        return self

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.next()

    async def until_it_ends(self) -> None:
        while True:
            await self.next()

    @property
    def told(self) -> list[tuple[str, str, int | None, int]]:
        return [(e.sku, e.node_id, before_of(e), e.available_quantity) for e in self.events]

    @property
    def kinds(self) -> list[str]:
        return [Kind.Name(e.kind).removeprefix("AVAILABILITY_EVENT_KIND_") for e in self.events]

    @property
    def missing(self) -> int:
        assert all(batch.coalesced == (batch.merged_count > 0) for batch in self.batches)
        return sum(batch.merged_count for batch in self.batches)


class Books:
    """What the events of one client say, whichever watches brought them: each must go on where the last one ended."""

    def __init__(self, at_first: dict[Cell, int]) -> None:
        self.now = dict(at_first)
        self.count = 0

    def enter(self, events: list[nouns.AvailabilityEvent]) -> None:
        for event in events:
            cell = (event.sku, event.node_id)
            assert before_of(event) == self.now.get(cell, 0), (cell, event)
            assert event.available_quantity != self.now.get(cell, 0)
            self.now[cell] = event.available_quantity
            self.count += 1


def before_of(event: nouns.AvailabilityEvent) -> int | None:
    return event.available_quantity_before if event.HasField("available_quantity_before") else None


async def put_node(api: Api, node_id: str) -> None:
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": node_id}))


async def put_sku(api: Api, sku: str) -> None:
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": sku}))


async def put_group(api: Api, node_group_id: str, node_ids: str) -> None:
    group = {"node_group_id": node_group_id, "node_ids": list(node_ids)}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))


async def set_state(api: Api, node_id: str, state: str) -> None:
    request = nw.SetNodeStateRequest(request_id=api.new_id(), node_id=node_id, state=f"NODE_STATE_{state}")
    await api.network.SetNodeState(request)


async def count(api: Api, sku: str, node_id: str, units: int) -> None:
    counted = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
    await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=counted))


async def chain(api: Api) -> None:
    """Five nodes, so that a partition has two, and three skus; nothing in stock."""
    for node_id in NODES:
        await put_node(api, node_id)
    for sku in SKUS:
        await put_sku(api, sku)


async def eventually(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            found = true()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.001)


# What is told -------------------------------------------------------------------------------------------------------------


async def test_every_change_is_told_with_what_was_before(api: Api) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    assert not watcher.events
    await api.reserve(3)
    await api.count("b", 4)
    await watcher.until(lambda: len(watcher.events) >= 2)
    assert sorted(watcher.told) == [("cup", "a", 10, 7), ("cup", "b", 10, 4)]
    assert set(watcher.kinds) == {"CHANGED"}


async def test_what_does_not_change_the_quantity_is_not_told(api: Api) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    held = await api.reserve(3)
    reservation_id = held.reservation.reservation_id
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=reservation_id))
    await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id=reservation_id))
    await api.count("a", 8)
    await watcher.until(lambda: len(watcher.events) >= 2)
    assert watcher.told == [("cup", "a", 10, 7), ("cup", "a", 7, 8)]


async def test_the_present_state_comes_first_if_asked_for(api: Api) -> None:
    await chain(api)
    for node_id, units in (("a", 5), ("b", 0), ("e", 7)):
        await count(api, "cup", node_id, units)
        await count(api, "cup", node_id, units + 1)
        await count(api, "cup", node_id, units)
    await set_state(api, "e", "PAUSED")
    first = await Watcher(api, skus=["cup"], include_initial=True).next()
    told = sorted((e.node_id, before_of(e), e.available_quantity) for e in first.events)
    assert told == [("a", None, 5), ("b", None, 0), ("e", None, 0)]
    levels = Watcher(api, skus=["cup"], node_ids=["a", "b"], include_initial=True, levels={"low_quantity": 5})
    await levels.begin()
    assert sorted(levels.kinds) == ["LOW", "OUT_OF_STOCK"]


async def test_what_comes_into_being_later_is_told_too(api: Api) -> None:
    await chain(api)
    of_sku = await Watcher(api, skus=["cup"]).begin()
    of_node = await Watcher(api, node_ids=["a"]).begin()
    both = await Watcher(api, skus=["cup"], node_ids=["a"]).begin()
    await put_node(api, "new")
    await put_sku(api, "bowl")
    for sku, node_id in (("cup", "new"), ("bowl", "new"), ("bowl", "a"), ("cup", "a")):
        await count(api, sku, node_id, 2)
    for watcher, cells in ((of_sku, [("cup", "new"), ("cup", "a")]), (of_node, [("bowl", "a"), ("cup", "a")])):
        await watcher.until(lambda watcher=watcher: len(watcher.events) >= 2)
        assert watcher.told == [(*cell, 0, 2) for cell in cells] or watcher.told == [
            (*cell, 0, 2) for cell in cells[::-1]
        ]
    await both.until(lambda: len(both.events) >= 1)
    assert both.told == [("cup", "a", 0, 2)]


async def test_a_group_stands_for_its_nodes(api: Api) -> None:
    await chain(api)
    await put_group(api, "south", "bd")
    watcher = await Watcher(api, skus=["cup"], node_group_ids=["south"], node_ids=["e"]).begin()
    for node_id in NODES:
        await count(api, "cup", node_id, 1)
        await count(api, "jug", node_id, 1)
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert sorted(watcher.told) == [("cup", "b", 0, 1), ("cup", "d", 0, 1), ("cup", "e", 0, 1)]
    await count(api, "cup", "b", 2)
    await watcher.next()
    assert len(watcher.events) == 4, "the nodes of others were not told"


async def test_a_paused_node_promises_nothing_until_it_goes_on(api: Api) -> None:
    await chain(api)
    await count(api, "cup", "a", 4)
    await count(api, "jug", "a", 0)
    watcher = await Watcher(api, node_ids=["a"]).begin()
    await set_state(api, "a", "PAUSED")
    await set_state(api, "a", "PAUSED")
    await count(api, "cup", "a", 6)
    await count(api, "pan", "a", 1)
    await set_state(api, "a", "ACTIVE")
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert watcher.told[0] == ("cup", "a", 4, 0)
    assert sorted(watcher.told[1:]) == [("cup", "a", 0, 6), ("pan", "a", 0, 1)]


async def test_a_node_that_was_paused_before_tells_nothing_while_it_is(api: Api) -> None:
    await chain(api)
    await count(api, "cup", "a", 4)
    await set_state(api, "a", "PAUSED")
    watcher = await Watcher(api, skus=["cup"]).begin()
    await count(api, "cup", "a", 5)
    await set_state(api, "a", "ACTIVE")
    await watcher.next()
    assert watcher.told == [("cup", "a", 0, 5)]


# Levels -------------------------------------------------------------------------------------------------------------------


async def test_levels_tell_of_crossings_alone(api: Api) -> None:
    await chain(api)
    await count(api, "cup", "a", 100)
    levels = {"low_quantity": 5, "medium_quantity": 20, "high_quantity": 50}
    watcher = await Watcher(api, skus=["cup"], levels=levels).begin()
    steps = [
        (90, ""), (50, "HIGH"), (49, ""), (21, ""), (20, "MEDIUM"), (6, ""), (5, "LOW"), (4, ""), (1, ""),
        (0, "OUT_OF_STOCK"), (1, "BACK_IN_STOCK"), (5, ""), (6, "MEDIUM"), (7, ""), (51, "ABOVE_LEVELS"), (60, ""),
        (0, "OUT_OF_STOCK"), (30, "BACK_IN_STOCK"), (19, "MEDIUM"), (3, "LOW"), (80, "ABOVE_LEVELS"),
    ]  # fmt: skip
    for units, kind in steps:
        await count(api, "cup", "a", units)
        if kind:
            batch = await watcher.next()
            assert [Kind.Name(event.kind) for event in batch.events] == [f"AVAILABILITY_EVENT_KIND_{kind}"], units
            assert batch.events[0].available_quantity == units


async def test_levels_without_quantities_tell_of_out_and_back(api: Api) -> None:
    await api.shop(units=2)
    watcher = await Watcher(api, skus=["cup"], node_ids=["a"], levels={}).begin()
    for units in (1, 0, 5, 4):
        await api.count("a", units)
    await set_state(api, "a", "PAUSED")
    await watcher.until(lambda: len(watcher.events) + watcher.missing >= 3)
    if not watcher.missing:
        assert watcher.kinds == ["OUT_OF_STOCK", "BACK_IN_STOCK", "OUT_OF_STOCK"]


# Going on after a disconnection -------------------------------------------------------------------------------------------


async def change_something(api: Api, now: dict[Cell, int], paused: set[str], chance: random.Random) -> int:
    """One random change; how many quantities it changes. `now` is what every cell would promise at an active node."""
    node_id, sku = chance.choice(NODES), chance.choice(SKUS)
    if chance.random() < 0.1:
        seen = sum(1 for (_, at), units in now.items() if at == node_id and units)
        if node_id in paused:
            paused.discard(node_id)
            await set_state(api, node_id, "ACTIVE")
        else:
            paused.add(node_id)
            await set_state(api, node_id, "PAUSED")
        return seen
    units = chance.choice((0, 0, 1, 2, 3))
    changed = now.get((sku, node_id), 0) != units and node_id not in paused
    now[sku, node_id] = units
    await count(api, sku, node_id, units)
    return int(changed)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "selection",
    [{"skus": SKUS}, {"node_ids": NODES}, {"skus": SKUS, "node_ids": NODES}],
    ids=["skus", "nodes", "cells"],
)
async def test_disconnections_lose_and_repeat_nothing(api: Api, selection: dict[str, Any], seed: int) -> None:
    """Watches that end at random points: what is told afterwards goes on where the last batch ended, change by change."""
    chance = random.Random(seed)
    await chain(api)
    units: dict[Cell, int] = {}
    paused: set[str] = set()
    for _ in range(10):
        await change_something(api, units, paused, chance)
    first = await Watcher(api, **selection, include_initial=True).begin()
    books = Books({(event.sku, event.node_id): event.available_quantity for event in first.events})
    first.call.cancel()
    token, changes, missing = first.token, 0, 0
    for _ in range(4):
        for _ in range(chance.randrange(12)):
            changes += await change_something(api, units, paused, chance)
        watcher = Watcher(api, **selection, resume_token=token)
        for _ in range(chance.randrange(12)):
            changes += await change_something(api, units, paused, chance)
        for _ in range(chance.randrange(1, 4)):
            await watcher.next()
            if books.count + len(watcher.events) + missing + watcher.missing >= changes:
                break
        watcher.call.cancel()
        books.enter(watcher.events)
        missing += watcher.missing
        token = watcher.token
    last = Watcher(api, **selection, resume_token=token)
    await last.until(lambda: books.count + len(last.events) + missing + last.missing >= changes)
    books.enter(last.events)
    assert books.count + missing + last.missing == changes
    promised = {(sku, node_id): 0 if node_id in paused else n for (sku, node_id), n in units.items()}
    assert {cell: n for cell, n in books.now.items() if n} == {cell: n for cell, n in promised.items() if n}
    last.call.cancel()


async def test_what_was_missed_comes_change_by_change(api: Api) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    watcher.call.cancel()
    for units in (9, 8, 9, 0, 0, 3):
        await api.count("a", units)
    again = Watcher(api, skus=["cup"], resume_token=watcher.token)
    await again.until(lambda: len(again.events) >= 5)
    assert [event[2:] for event in again.told] == [(10, 9), (9, 8), (8, 9), (9, 0), (0, 3)]
    assert not again.missing
    await again.next()
    assert len(again.events) == 5


async def test_a_resumed_watch_with_levels_tells_no_side_twice(api: Api) -> None:
    await api.shop(units=3)
    levels = {"low_quantity": 5}
    watcher = await Watcher(api, skus=["cup"], levels=levels).begin()
    watcher.call.cancel()
    for units in (2, 4, 9, 8, 1):
        await api.count("a", units)
    again = Watcher(api, skus=["cup"], levels=levels, resume_token=watcher.token)
    await again.until(lambda: len(again.events) >= 2)
    assert again.kinds == ["ABOVE_LEVELS", "LOW"]
    await api.count("a", 3)
    await api.count("a", 0)
    await again.until(lambda: len(again.events) >= 3)
    assert again.kinds == ["ABOVE_LEVELS", "LOW", "OUT_OF_STOCK"]


async def test_what_nobody_knows_any_more_is_told_as_a_state(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_replay, "WATCH_LOOK_BACK_ENTRIES", 0)
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    watcher.call.cancel()
    await put_node(api, "new")
    await count(api, "cup", "new", 2)
    await api.count("a", 4)
    await api.count("a", 5)
    again = Watcher(api, skus=["cup"], resume_token=watcher.token)
    await again.until(lambda: len(again.events) >= 3)
    assert [event for event in again.told if event[1] == "a"] == [("cup", "a", None, 4), ("cup", "a", 4, 5)]
    assert ("cup", "new", 0, 2) in again.told


async def expires(api: Api, token: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await Watcher(api, skus=["cup"], resume_token=token).until_it_ends()
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert error_of(caught.value)[0] == "RESUME_TOKEN_EXPIRED"
    assert "include_initial" in (caught.value.details() or "")


async def test_a_token_expires_when_the_log_lacks_what_comes_after_it(api: Api, redis: Redis, store: Store) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    watcher.call.cancel()
    for units in range(3):
        await api.count("a", units)
    partition = 0
    seq = int(await redis.hget(store.keys.cells(partition), "seq") or 0)  # type: ignore[misc]
    await redis.xtrim(store.keys.log(partition), minid=f"{seq - 1}-0", approximate=False)
    await expires(api, watcher.token)
    present = await Watcher(api, skus=["cup"], include_initial=True).begin()
    assert ("cup", "a", None, 2) in present.told
    await redis.xtrim(store.keys.log(partition), maxlen=0, approximate=False)
    again = await Watcher(api, skus=["cup"], resume_token=present.token).begin()
    assert not again.events, "the log need not reach back to where nothing happened since"


async def test_a_token_expires_with_its_epoch(api: Api, redis: Redis, store: Store, serving: Serving) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    watcher.call.cancel()
    data_set, epoch, positions = watcher.token.split(".")
    await expires(api, f"{data_set}.{int(epoch) + 1}.{positions}")
    await redis.hincrby(store.keys.meta, "epoch", 1)  # type: ignore[misc]
    await eventually(lambda: not serving.parts.watches.is_following)
    await expires(api, watcher.token)


async def test_a_token_expires_when_the_store_has_less_than_it_says(api: Api) -> None:
    await api.shop(units=10)
    watcher = await Watcher(api, skus=["cup"]).begin()
    head, _, sequence = watcher.token.rpartition("-")
    await expires(api, f"{head}-{int(sequence) + 1}")


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "1",
        "1.",
        "1.0-1",
        "1.0-1,1-1,2-1,3-1",
        "1.0-1,1-1,2-1,3-1,4-1,5-1",
        "1.1-1,0-1,2-1,3-1,4-1",
        "1.0-1,1-1,2-1,3-1,4-",
    ],
)
async def test_a_token_that_none_gave_is_refused(api: Api, token: str) -> None:
    await api.shop()
    mine = (await Watcher(api, skus=["cup"]).begin()).token.partition(".")[0]
    for forged in (token, f"{mine}.{token}", f"{mine[::-1]}.{token}"):
        await refused(Watcher(api, skus=["cup"], resume_token=forged).next(), INVALID, "INVALID_TOKEN")


async def test_a_token_of_another_data_set_is_refused(api: Api, redis: Redis, store: Store, serving: Serving) -> None:
    await api.shop()
    watcher = await Watcher(api, skus=["cup"]).begin()
    await redis.hset(store.keys.meta, "id", "another")  # type: ignore[misc]
    watcher.call.cancel()
    await eventually(lambda: not serving.parts.watches.is_following)
    await refused(Watcher(api, skus=["cup"], resume_token=watcher.token).next(), INVALID, "INVALID_TOKEN")


INVALID = grpc.StatusCode.INVALID_ARGUMENT


# Requests -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "skus"),
        ({"skus": ["no sku"]}, "skus[0]"),
        ({"skus": ["cup"], "resume_token": "1.0-1,1-1,2-1,3-1", "include_initial": True}, "include_initial"),
        ({"skus": ["cup"], "levels": {"low_quantity": 5, "high_quantity": 5}}, "levels"),
        ({"skus": ["cup"], "levels": {"medium_quantity": 9, "high_quantity": 5}}, "levels"),
        ({"skus": ["cup"], "levels": {"low_quantity": -1}}, "levels.low_quantity"),
        ({"skus": ["cup"] * 1001}, "skus"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, fields: dict[str, Any], wrong: str) -> None:
    await api.shop()
    await refused(Watcher(api, **fields).next(), INVALID, "INVALID_FIELD", field=wrong)


async def test_names_that_nobody_has_are_refused(api: Api) -> None:
    await api.shop()
    not_found = grpc.StatusCode.NOT_FOUND
    await refused(Watcher(api, skus=["cup", "jug"]).next(), not_found, "SKU_NOT_FOUND", sku="jug")
    await refused(Watcher(api, node_ids=["z"]).next(), not_found, "NODE_NOT_FOUND", node_id="z")
    await refused(Watcher(api, node_group_ids=["z"]).next(), INVALID, "REFERENCE_NOT_FOUND", kind="node_group", id="z")


async def test_watches_and_their_cells_have_limits(api: Api, monkeypatch: pytest.MonkeyPatch, serving: Serving) -> None:
    await chain(api)
    monkeypatch.setattr(watches, "WATCH_CELLS_MAX", len(NODES) * 2)
    metadata = {"pairs": "15", "pairs_max": "10"}
    await refused(Watcher(api, skus=SKUS).next(), INVALID, "WATCH_TOO_LARGE", **metadata)
    await refused(Watcher(api, node_ids=NODES).next(), INVALID, "WATCH_TOO_LARGE", **metadata)
    await refused(Watcher(api, skus=SKUS, node_ids=NODES).next(), INVALID, "WATCH_TOO_LARGE", **metadata)
    monkeypatch.setattr(watches, "WATCHES_MAX", 2)
    watchers = [await Watcher(api, skus=SKUS[:2]).begin() for _ in range(2)]
    exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
    await refused(Watcher(api, skus=["cup"]).next(), exhausted, "TOO_MANY_WATCHES", watches_max="2")
    watchers[0].call.cancel()
    await eventually(lambda: len(serving.parts.watches._watchers) == 1)
    await Watcher(api, skus=["cup"]).begin()


# Slow watchers, many watchers, none ---------------------------------------------------------------------------------------


async def test_a_slow_watcher_gets_merged_changes_and_grows_nothing(
    api: Api, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads, so the connection fills up; of what happens then a little is kept as it is, and more once a cell."""
    cells, unmerged = 300, 50
    monkeypatch.setattr(watches, "WATCH_EVENTS_UNMERGED", unmerged)
    await put_node(api, "a")
    skus = [f"sku-{number:03d}-{'x' * 40}" for number in range(cells)]
    for sku in skus:
        await put_sku(api, sku)
    deltas = [{"sku": sku, "node_id": "a", "delta_quantity": 2} for sku in skus]
    feed = api.inventory.ApplyStockDeltas(iter([iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=deltas)]))
    assert len([answer async for answer in feed]) == 1
    changes = Watcher(api, node_ids=["a"])
    crossings = Watcher(api, node_ids=["a"], levels={"low_quantity": 1})
    await changes.begin()
    await crossings.begin()
    toggles, stuck = 0, 0
    while stuck < 7:
        await set_state(api, "a", "ACTIVE" if toggles % 2 else "PAUSED")
        toggles += 1
        waiting = [len(watcher.mailbox) for watcher in serving.parts.watches._watchers]
        assert all(n <= unmerged + cells for n in waiting), "then no more than one for each cell"
        stuck = stuck + 1 if all(waiting) else 0
        assert toggles < 2_000, "the connection takes everything"
    for watcher in (changes, crossings):
        books = Books({(sku, "a"): 2 for sku in skus})
        await watcher.until(lambda watcher=watcher: len(watcher.events) + watcher.missing >= toggles * cells)
        books.enter(watcher.events)
        assert watcher.missing > 0
        assert len(watcher.events) + watcher.missing == toggles * cells
        assert set(books.now.values()) == {0 if toggles % 2 else 2}
        assert all(len(batch.events) <= unmerged + cells for batch in watcher.batches)


async def test_watchers_share_one_follower_and_leave_none_behind(api: Api, serving: Serving, redis: Redis) -> None:
    async def connections() -> int:
        return len(await redis.client_list())

    await api.shop(units=5)
    await api.availability.GetAvailability(av.GetAvailabilityRequest(sku="cup"))
    before = await connections()
    assert not serving.parts.watches.is_following
    first = await Watcher(api, skus=["cup"]).begin()
    with_one = await connections()
    assert serving.parts.watches.is_following
    assert with_one > before
    second = await Watcher(api, node_ids=["a"]).begin()
    third = await Watcher(api, skus=["cup"], node_ids=["a"], levels={"low_quantity": 4}).begin()
    assert await connections() == with_one
    await api.count("a", 4)
    for watcher in (first, second, third):
        await watcher.next()
        assert watcher.told == [("cup", "a", 5, 4)]
    first.call.cancel()
    third.call.cancel()
    await eventually(lambda: len(serving.parts.watches._watchers) == 1)
    await api.count("a", 3)
    await second.next()
    assert second.told[-1] == ("cup", "a", 4, 3)
    second.call.cancel()
    await eventually(lambda: not serving.parts.watches.is_following)

    async def as_before() -> bool:
        return await connections() == before

    await eventually(as_before)
    assert not serving.parts.watches._watchers


async def test_cells_that_nobody_watched_for_a_while_are_read_again(api: Api, serving: Serving) -> None:
    await api.shop(units=5)
    other = await Watcher(api, skus=["cup"], node_ids=["b"]).begin()
    first = await Watcher(api, skus=["cup"]).begin()
    first.call.cancel()
    await eventually(lambda: len(serving.parts.watches._watchers) == 1)
    follower = serving.parts.watches._followers[""]
    assert follower is not None
    assert sum(len(row) for row in follower.board._rows.values()) == 1, "only what is watched is kept"
    await api.count("a", 3)
    second = await Watcher(api, skus=["cup"]).begin()
    await api.count("a", 2)
    await second.next()
    assert second.told == [("cup", "a", 3, 2)]
    other.call.cancel()


async def test_watches_that_begin_while_everything_changes_see_one_instant(api: Api) -> None:
    """What comes first and what comes then fit together, though cells are read while the logs are followed."""
    await chain(api)
    units = dict.fromkeys(((sku, node_id) for sku in SKUS for node_id in NODES), 0)
    stop = asyncio.Event()

    async def sell(node_id: str) -> None:
        chance = random.Random(node_id)
        while not stop.is_set():
            sku, counted = chance.choice(SKUS), chance.randrange(100)
            await count(api, sku, node_id, counted)
            units[sku, node_id] = counted

    selling = [asyncio.create_task(sell(node_id)) for node_id in NODES]
    watchers = []
    for number in range(12):
        selection = ({"skus": SKUS}, {"node_ids": NODES}, {"skus": SKUS, "node_ids": NODES})[number % 3]
        watchers.append(await Watcher(api, **selection, include_initial=True).begin())
    stop.set()
    await asyncio.gather(*selling)
    for watcher in watchers:
        now: dict[Cell, int] = {}
        entered = 0
        while {cell: n for cell, n in now.items() if n} != {cell: n for cell, n in units.items() if n}:
            if entered == len(watcher.events):
                await watcher.next()
            for event in watcher.events[entered:]:
                before = before_of(event)
                assert before == now.get((event.sku, event.node_id), None if before is None else 0)
                now[event.sku, event.node_id] = event.available_quantity
            entered = len(watcher.events)
        watcher.call.cancel()


# Ends ---------------------------------------------------------------------------------------------------------------------


async def ends(watcher: Watcher, reason: str) -> None:
    """With UNAVAILABLE, and the last token once more."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watcher.until_it_ends()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert error_of(caught.value) == (reason, {"resume_token": watcher.token})


async def test_a_draining_server_ends_watches_and_takes_none(api: Api, serving: Serving) -> None:
    await api.shop(units=5)
    watcher = await Watcher(api, skus=["cup"]).begin()
    draining = asyncio.create_task(drain(serving.parts, 2))
    await ends(watcher, "DRAINING")
    await draining
    assert not serving.parts.watches.is_following


async def test_watches_that_are_ended_stay_ended(api: Api, serving: Serving) -> None:
    await api.shop(units=5)
    serving.parts.watches.end(Unavailable("DRAINING", "This server is shutting down."))
    await refused(Watcher(api, skus=["cup"]).next(), grpc.StatusCode.UNAVAILABLE, "DRAINING")


async def test_a_log_with_a_gap_ends_watches_and_the_next_one_follows_again(
    api: Api, redis: Redis, store: Store, serving: Serving
) -> None:
    await api.shop(units=5)
    watcher = await Watcher(api, skus=["cup"]).begin()
    seq = int(await redis.hget(store.keys.cells(1), "seq") or 0)  # type: ignore[misc]
    await redis.xadd(store.keys.log(1), {"t": "1"}, id=f"{seq + 2}-0")
    await ends(watcher, "STORE_UNAVAILABLE")
    await redis.xdel(store.keys.log(1), f"{seq + 2}-0")
    await api.count("a", 4)
    again = Watcher(api, skus=["cup"], resume_token=watcher.token)
    await again.until(lambda: len(again.events) >= 1)
    assert again.told == [("cup", "a", 5, 4)]


@pytest.mark.parametrize("field", ["epoch", "seq"])
async def test_a_store_that_is_another_one_or_tells_nothing_ends_watches(
    api: Api, redis: Redis, store: Store, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tail is silent in both cases: that the head is ahead of it, or the epoch another one, is seen beside it."""
    monkeypatch.setattr(watch_follower, "CHECK_SECONDS", 0.05)
    await api.shop(units=5)
    watcher = await Watcher(api, skus=["cup"]).begin()
    await redis.hincrby(store.keys.meta if field == "epoch" else store.keys.cells(0), field, 1)  # type: ignore[misc]
    await ends(watcher, "STORE_UNAVAILABLE")


async def test_a_store_that_dies_ends_watches_which_go_on_when_it_is_back(
    own_store_process: Callable[..., StoreProcess],
) -> None:
    process = own_store_process()
    redis = connect(process.url)
    keys = await open_data_set(redis, namespace="test", partitions=4, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    found, (following, writer, source) = await start_serving(Store(redis, keys, commit), redis, process.url)
    try:
        api = Api(found.channel)
        await api.shop(units=5)
        watcher = await Watcher(api, skus=["cup"]).begin()
        process.kill()
        await ends(watcher, "STORE_UNAVAILABLE")
        dead = Watcher(api, skus=["cup"])
        await refused(dead.next(), grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
        process.start()
        await expires(api, watcher.token)  # another process may have lost data: another epoch
        present = await Watcher(api, skus=["cup"], include_initial=True).begin()
        assert ("cup", "a", None, 5) in present.told
    finally:
        await found.channel.close()
        await found.parts.server.stop(0)
        following.cancel()  # type: ignore[attr-defined]
        writer.close()  # type: ignore[attr-defined]
        await source.close()  # type: ignore[attr-defined]
        await commit.close()
        await redis.aclose()


async def test_a_token_comes_now_and_then_though_nothing_happens(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "TOKEN_SECONDS", 0.02)
    await api.shop(units=5)
    watcher = await Watcher(api, skus=["cup"], node_ids=["a"]).begin()
    first = watcher.token
    await api.count("b", 1)
    await watcher.until(lambda: watcher.token != first)
    assert not watcher.events


async def test_a_watcher_that_takes_nothing_for_long_gives_its_place_up(
    api: Api, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_servicer, "WATCH_STALLED_SECONDS", 0.2)
    await put_node(api, "a")
    skus = [f"sku-{number:03d}-{'x' * 50}" for number in range(300)]
    for sku in skus:
        await put_sku(api, sku)
    deltas = [{"sku": sku, "node_id": "a", "delta_quantity": 2} for sku in skus]
    feed = api.inventory.ApplyStockDeltas(iter([iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=deltas)]))
    assert len([answer async for answer in feed]) == 1
    watcher = await Watcher(api, node_ids=["a"]).begin()
    toggles = 0
    while serving.parts.watches._watchers:
        await set_state(api, "a", "ACTIVE" if toggles % 2 else "PAUSED")
        toggles += 1
        assert toggles < 5_000, "it keeps its place"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watcher.until_it_ends()
    assert error_of(caught.value) == ("WATCH_STALLED", {"resume_token": watcher.token})
