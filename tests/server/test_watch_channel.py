"""Watching for a channel: what its allocation pools keep is told as it changes, and nothing that leaves it as it is."""

from __future__ import annotations

import random

import pytest
from api_kit import Api, refused
from serving import Serving
from test_kits_api import Kits, line
from test_pools_api import COMMON_FIRST, INVALID, OWN_FIRST, STRICT, PoolApi
from test_watch import Books, Cell, Watcher, set_state

from promessa.service import watch_replay
from promessa.store import event_log
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import reservation_pb2 as rv

WEB = {"skus": ["cup"], "node_ids": ["a"], "channel": "web"}


class PooledKits(Kits, PoolApi):
    """Kits, and pools of their components."""


@pytest.fixture
async def api(serving: Serving) -> PoolApi:
    """Ten cups at node a."""
    api = PoolApi(serving.channel)
    await api.shop(units=10)
    return api


async def told_to(api: Api, channel: str) -> Watcher:
    return await Watcher(api, skus=["cup"], node_ids=["a"], channel=channel).begin()


async def truth(api: Api, channel: str) -> dict[Cell, int]:
    """What a channel can be promised of all cups, from the store."""
    fresh = nouns.Consistency(authoritative=True)
    answer = await api.availability.GetAvailability(
        av.GetAvailabilityRequest(sku="cup", channel=channel, consistency=fresh)
    )
    return {("cup", node.node_id): node.available_quantity for node in answer.nodes if node.available_quantity}


async def test_each_channel_is_told_of_its_own(api: PoolApi) -> None:
    watchers = {channel: await told_to(api, channel) for channel in ("", "web", "web/vip", "shop")}
    await api.keep("web", 6, strategy=STRICT)
    await api.hold(2, "web")
    await api.hold(1)
    await api.keep("web/vip", 3, strategy=OWN_FIRST)
    await api.keep("web", 0)
    expected = {
        "": [(10, 4), (4, 3), (3, 0), (0, 4)],
        "shop": [(10, 4), (4, 3), (3, 0), (0, 4)],
        "web": [(10, 6), (6, 4)],
        "web/vip": [(10, 6), (6, 4), (4, 7)],
    }
    for channel, watcher in watchers.items():
        while len(watcher.events) < len(expected[channel]):
            await watcher.next()
        assert [event[2:] for event in watcher.told] == expected[channel], channel
        watcher.call.cancel()


async def test_the_present_state_is_that_of_the_channel(api: PoolApi) -> None:
    await api.keep("web", 7, strategy=STRICT)
    for channel, units in (("", 3), ("web/vip", 7)):
        watcher = await Watcher(api, skus=["cup"], node_ids=["a"], channel=channel, include_initial=True).begin()
        assert [event.available_quantity for event in watcher.events] == [units]


async def test_levels_are_crossed_by_what_the_channel_can_be_promised(api: PoolApi) -> None:
    await api.keep("web", 3, strategy=STRICT)
    watcher = await Watcher(api, **WEB, levels={"low_quantity": 2}).begin()
    for _ in range(3):
        await api.hold(1, "web")
    await api.keep("web", 20, strategy=STRICT)
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert watcher.kinds == ["LOW", "OUT_OF_STOCK", "BACK_IN_STOCK"]


async def test_a_kit_is_told_of_as_far_as_the_channel_has_its_components(serving: Serving) -> None:
    api = PooledKits(serving.channel)
    await api.open()
    plain, web = [await Watcher(api, skus=["set"], node_ids=["a"], channel=name).begin() for name in ("", "web")]
    await api.keep("web", 2, sku="pot", strategy=STRICT)
    await api.hold(0, "web", lines=[line("set", 1)])
    await plain.until(lambda: len(plain.events) >= 1)
    await web.until(lambda: len(web.events) >= 2)
    assert [event[2:] for event in plain.told] == [(3, 1)]
    assert [event[2:] for event in web.told] == [(3, 2), (2, 1)]


@pytest.mark.parametrize("seed", range(8))
async def test_disconnections_lose_and_repeat_nothing_of_a_channel(api: PoolApi, seed: int) -> None:
    chance = random.Random(seed)

    async def change_something() -> None:
        act = chance.random()
        channel = chance.choice(("web", "web/vip", "shop"))
        if act < 0.35:
            units = chance.choice((0, 1, 3, 6))
            strategy = {"strategy": chance.choice((STRICT, OWN_FIRST, COMMON_FIRST))} if units else {}
            await api.keep(channel, units, **strategy)
        elif act < 0.7:
            await api.hold(1, chance.choice(("", channel)))
        elif act < 0.8:
            await set_state(api, "a", chance.choice(("ACTIVE", "PAUSED")))
        else:
            await api.count("a", chance.choice((0, 4, 10, 30)))

    for _ in range(6):
        await change_something()
    first = await Watcher(api, skus=["cup"], channel="web/vip", include_initial=True).begin()
    books = Books({(event.sku, event.node_id): event.available_quantity for event in first.events})
    first.call.cancel()
    token = first.token
    for _ in range(5):
        for _ in range(chance.randrange(10)):
            await change_something()
        watcher = Watcher(api, skus=["cup"], channel="web/vip", resume_token=token)
        for _ in range(chance.randrange(4)):
            await change_something()
        await watcher.next()
        watcher.call.cancel()
        books.enter(watcher.events)
        token = watcher.token
    now = await truth(api, "web/vip")
    last = Watcher(api, skus=["cup"], channel="web/vip", resume_token=token)
    seen = 0
    while {cell: units for cell, units in books.now.items() if units} != now:
        await last.next()
        books.enter(last.events[seen:])
        seen = len(last.events)
    last.call.cancel()


@pytest.mark.parametrize("remembered", [0, 1], ids=["nothing", "the cell alone"])
async def test_a_pool_that_nobody_remembers_is_told_as_a_state(
    api: PoolApi, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    await api.keep("web", 4, strategy=STRICT)
    await api.count("a", 9)
    watcher = await Watcher(api, **WEB).begin()
    watcher.call.cancel()
    monkeypatch.setattr(watch_replay, "WATCH_LOOK_BACK_ENTRIES", remembered)
    monkeypatch.setattr(event_log, "_PAGE", 1)
    await api.keep("web", 5, strategy=STRICT)
    await api.keep("web", 6, strategy=STRICT)
    again = Watcher(api, **WEB, resume_token=watcher.token)
    await again.until(lambda: len(again.events) >= 2)
    assert [event[2:] for event in again.told] == [(None, 5), (5, 6)]


async def test_followers_of_channels_end_with_their_last_watcher(api: PoolApi, serving: Serving) -> None:
    watches = serving.parts.watches
    watchers = [await told_to(api, channel) for channel in ("", "web", "web", "shop")]
    assert set(watches._followers) == {"", "web", "shop"}
    watchers[1].call.cancel()
    watchers[3].call.cancel()
    await api.hold(1)
    await watchers[2].until(lambda: bool(watchers[2].events))
    while set(watches._followers) != {"", "web"}:
        await watchers[0].next()
        await api.hold(1)
    watchers[2].call.cancel()
    watchers[0].call.cancel()


async def test_a_channel_that_is_no_path_is_refused(api: PoolApi) -> None:
    watcher = Watcher(api, skus=["cup"], channel="web//vip")
    await refused(watcher.next(), INVALID, "INVALID_FIELD", field="channel")
    assert (await api.hold(1)).outcome == rv.RESERVE_OUTCOME_RESERVED
