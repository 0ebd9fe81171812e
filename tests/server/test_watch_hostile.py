"""Storms, forged tokens, deleted nodes, failovers: nothing grows, and everybody else goes on."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import grpc
import pytest
from api_kit import Api, error_of
from redis.asyncio import Redis
from serving import PARTITIONS, Serving, serving_on
from test_watch import NODES, SKUS, Watcher, chain, count, ends, eventually, expires, put_node, put_sku, set_state
from topologies import SERVICE, Topology, is_in_step, until

from promessa.domain.limits import WATCHES_MAX
from promessa.server import status
from promessa.server.store_connection import connect
from promessa.service import watch_follower, watch_replay, watches
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Errors that nobody expected."""
    found: list[str] = []

    class Log:
        def error(self, *words: object, **more: object) -> None:
            found.append(str((words, more)))

    monkeypatch.setattr(status, "log", Log())
    return found


async def leftovers(serving: Serving, redis: Redis) -> tuple[int, int, bool, int]:
    """Watchers, connections, whether the log is followed, and tasks."""
    found = serving.parts.watches
    return len(found._watchers), len(await redis.client_list()), found.is_following, len(asyncio.all_tasks())


async def test_a_storm_of_watches_that_come_and_go_leaves_nothing(
    api: Api, serving: Serving, redis: Redis, errors: list[str]
) -> None:
    """Hundreds of watches, cancelled at any moment, while counts change; one watcher among them misses nothing."""
    await chain(api)
    chance = random.Random(7)
    before = await leftovers(serving, redis)
    steady = await Watcher(api, skus=SKUS).begin()
    changes = 0
    for round_ in range(60):
        resume = steady.token if round_ % 3 == 0 else ""
        storm = [
            Watcher(api, **chance.choice(({"skus": SKUS}, {"node_ids": NODES})), resume_token=resume) for _ in range(10)
        ]
        await count(api, "cup", "a", round_ + 1)
        changes += 1
        for watcher in chance.sample(storm, 5):
            watcher.call.cancel()
        if round_ % 4 == 0:
            await steady.next()
        for watcher in storm:
            watcher.call.cancel()
    await steady.until(lambda: len(steady.events) + steady.missing >= changes)
    assert steady.told[-1] == ("cup", "a", changes - 1, changes)
    follower = serving.parts.watches._followers[""]
    assert follower is not None
    await eventually(lambda: len(serving.parts.watches._watchers) == 1)
    assert (len(follower.board), len(follower._interest._of_sku)) == (1, len(SKUS))
    steady.call.cancel()

    async def as_before() -> bool:
        now = await leftovers(serving, redis)
        return now[:3] == before[:3] and now[3] <= before[3]

    await eventually(as_before)
    assert not follower._interest._of_sku
    assert not follower._interest._of_node
    assert not follower._watchers
    assert errors == []


async def test_of_thousands_of_watches_as_many_as_there_are_places_are_served(
    api: Api, serving: Serving, errors: list[str]
) -> None:
    await api.shop(units=5)
    asked = [Watcher(api, skus=["cup"]) for _ in range(1_000)]
    answers = await asyncio.gather(*(watcher.next() for watcher in asked), return_exceptions=True)
    served = [watcher for watcher, answer in zip(asked, answers, strict=True) if not isinstance(answer, Exception)]
    refusals = {error_of(answer)[0] for answer in answers if isinstance(answer, grpc.aio.AioRpcError)}
    assert (len(served), refusals) == (WATCHES_MAX, {"TOO_MANY_WATCHES"})
    await api.count("a", 4)
    await asyncio.gather(*(watcher.next() for watcher in served))
    assert {watcher.told[-1] for watcher in served} == {("cup", "a", 5, 4)}
    for watcher in served:
        watcher.call.cancel()
    await eventually(lambda: not serving.parts.watches._watchers)
    assert (await Watcher(api, skus=["cup"]).begin()).token
    assert errors == []


async def test_a_watcher_that_goes_away_with_a_batch_under_way_is_no_error(
    api: Api, serving: Serving, errors: list[str]
) -> None:
    await put_node(api, "a")
    skus = [f"sku-{number:03d}-{'x' * 50}" for number in range(300)]
    for sku in skus:
        await put_sku(api, sku)
    deltas = [{"sku": sku, "node_id": "a", "delta_quantity": 2} for sku in skus]
    feed = api.inventory.ApplyStockDeltas(iter([iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=deltas)]))
    assert len([answer async for answer in feed]) == 1
    watcher = await Watcher(api, node_ids=["a"]).begin()
    (served,) = serving.parts.watches._watchers
    toggles, stuck = 0, 0
    while stuck < 7:
        await set_state(api, "a", "ACTIVE" if toggles % 2 else "PAUSED")
        toggles += 1
        stuck = stuck + 1 if served.mailbox else 0
        assert toggles < 2_000, "the connection takes everything"
    watcher.call.cancel()
    await eventually(lambda: not serving.parts.watches._watchers)
    assert errors == []


@pytest.mark.parametrize("position", [0, 1])
async def test_whoever_makes_up_positions_is_told_what_happened_since_or_that_nobody_knows(
    api: Api, redis: Redis, store: Store, position: int
) -> None:
    await api.shop(units=5)
    token = (await Watcher(api, skus=["cup"]).begin()).token
    data_set, epoch, positions = token.split(".")
    pairs = [pair.split("-") for pair in positions.split(",")]
    made_up = ",".join(f"{number}-{min(position, int(sequence))}" for number, sequence in pairs)
    forged = f"{data_set}.{epoch}.{made_up}"
    told = await Watcher(api, skus=["cup"], resume_token=forged).begin()
    assert told.told[-1][3] == 5
    await redis.xtrim(store.keys.log(0), maxlen=0, approximate=False)
    if int(pairs[0][1]) > position:
        await expires(api, forged)


async def test_a_node_that_is_deleted_while_it_is_watched_is_told_of_once_it_is_back(api: Api) -> None:
    await chain(api)
    await count(api, "cup", "e", 3)
    of_node = await Watcher(api, node_ids=["e"], include_initial=True).begin()
    of_sku = await Watcher(api, skus=["cup"]).begin()
    await count(api, "cup", "e", 0)
    await api.network.DeleteNode(nw.DeleteNodeRequest(request_id=api.new_id(), node_id="e"))
    for watcher in (of_node, of_sku):
        await watcher.until(lambda watcher=watcher: ("cup", "e", 3, 0) in watcher.told)
    await put_node(api, "e")
    await count(api, "cup", "e", 4)
    for watcher in (of_node, of_sku):
        await watcher.until(lambda watcher=watcher: watcher.told[-1] == ("cup", "e", 0, 4))
        assert len(watcher.told) <= 3
    again = await Watcher(api, skus=["cup"], resume_token=of_sku.batches[0].resume_token).begin()
    assert again.told == [("cup", "e", 3, 0), ("cup", "e", 0, 4)]


async def test_a_filter_that_nothing_matches_goes_on_and_keeps_its_token_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "TOKEN_SECONDS", 0.02)
    monkeypatch.setattr(watch_follower, "CHECK_SECONDS", 0.02)
    await chain(api)
    watcher = await Watcher(api, skus=["pan"], node_ids=["c"], include_initial=True).begin()
    first = watcher.token
    await count(api, "cup", "c", 3)
    await set_state(api, "c", "PAUSED")
    await watcher.until(lambda: watcher.token != first)
    assert not watcher.events


async def test_a_node_that_goes_up_and_down_in_one_call_cannot_make_a_batch_that_nobody_can_take(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was missed is merged, too, within one entry of the log, so that a batch stays below what a client takes."""
    monkeypatch.setattr(watch_replay, "WATCH_EVENTS_UNMERGED", 4)
    await chain(api)
    for sku in SKUS:
        await count(api, sku, "a", 1)
    watcher = await Watcher(api, node_ids=["a"]).begin()
    watcher.call.cancel()
    states = ("PAUSED", "ACTIVE") * 20
    await asyncio.gather(*(set_state(api, "a", state) for state in states))
    again = Watcher(api, node_ids=["a"], resume_token=watcher.token)
    await again.until(lambda: len(again.events) + again.missing >= 3)
    assert all(len(batch.events) <= 4 + len(SKUS) + len(SKUS) for batch in again.batches)


async def test_a_store_with_another_primary_ends_watches_which_begin_anew(stores: Topology) -> None:
    """Nobody knows whether the new primary has all that was told, so tokens expire."""
    primary = stores.node()
    replica = stores.replica_of(primary)
    sentinel = stores.sentinel(primary)
    url = f"redis+sentinel://127.0.0.1:{sentinel.port}/{SERVICE}"
    redis = connect(url)
    keys = await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    async with serving_on(Store(redis, keys, commit), redis, url) as found:
        api = Api(found.channel)
        await api.shop(units=5)
        watcher = await Watcher(api, skus=["cup"]).begin()
        until(lambda: is_in_step(replica, primary), "the last change")
        sentinel.fail_over()
        await ends(watcher, "STORE_UNAVAILABLE")

        present = Watcher(api, skus=["cup"], include_initial=True)
        while not present.events:
            try:
                await present.next()
            except grpc.aio.AioRpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE
                await asyncio.sleep(0.05)
                present = Watcher(api, skus=["cup"], include_initial=True)
        assert ("cup", "a", None, 5) in present.told
        await expires(api, watcher.token)
        with suppress(grpc.aio.AioRpcError):  # its connection may be one to the old primary
            await api.count("a", 4)
        await api.count("a", 3)
        await present.until(lambda: present.told[-1] == ("cup", "a", present.told[-1][2], 3))
    await commit.close()
    await redis.aclose()
