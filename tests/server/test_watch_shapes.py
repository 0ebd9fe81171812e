"""Watching kits, stock that is not counted, and nodes that are full: whatever moves what can be promised is told."""

from __future__ import annotations

import random
from typing import Any

import pytest
from api_kit import refused
from serving import Serving
from test_kits_api import Kits, line
from test_watch import INVALID, Kind, Watcher, before_of, eventually, put_group, set_state

from promessa.service import watch_follower, watch_replay, watches
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import network_service_pb2 as nw

INFINITE, MADE_TO_ORDER = 2, 3
Status = nouns.AvailabilityStatus


@pytest.fixture
async def api(serving: Serving) -> Kits:
    """Sets of two cups and a pot: 3 at node a, 5 at node b."""
    api = Kits(serving.channel)
    await api.open()
    return api


def statuses(watcher: Watcher) -> list[str]:
    return [Status.Name(event.status).removeprefix("AVAILABILITY_STATUS_") for event in watcher.events]


# Kits ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("selection", [{"skus": ["set"]}, {"skus": ["set"], "node_ids": ["a", "b"]}])
async def test_a_kit_is_told_of_when_a_component_moves_it(api: Kits, selection: dict[str, Any]) -> None:
    watcher = await Watcher(api, **selection).begin()
    await api.stock("pot", "a", 9)
    await api.stock("pot", "a", 8)
    await api.reserve(lines=[line("set", 2)])
    await api.stock("pot", "b", 4)
    await api.stock("cup", "b", 0)
    await watcher.until(lambda: len(watcher.events) >= 4)
    of_a = [event[2:] for event in watcher.told if event[1] == "a"]
    assert of_a == [(3, 5), (5, 3)], "8 pots are as good as 9 for 10 cups; a set takes two cups and a pot in one change"
    assert [event[2:] for event in watcher.told if event[1] == "b"] == [(5, 4), (4, 0)]
    assert {event.sku for event in watcher.events} == {"set"}


async def test_a_kit_crosses_levels_when_its_scarcest_component_does(api: Kits) -> None:
    watcher = await Watcher(api, skus=["set"], node_ids=["a"], levels={"low_quantity": 2}, include_initial=True).begin()
    for pots in (2, 1, 0, 1, 9):
        await api.stock("pot", "a", pots)
    await api.stock("cup", "a", 1)
    await watcher.until(lambda: len(watcher.events) >= 6)
    assert watcher.kinds == ["ABOVE_LEVELS", "LOW", "OUT_OF_STOCK", "BACK_IN_STOCK", "ABOVE_LEVELS", "OUT_OF_STOCK"]
    assert statuses(watcher)[2:4] == ["OUT_OF_STOCK", "AVAILABLE"]


async def test_a_kit_and_its_components_are_told_of_in_one_watch(api: Kits) -> None:
    watcher = await Watcher(api, node_ids=["a"]).begin()
    await api.reserve(lines=[line("set", 1)])
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert sorted(watcher.told) == [("cup", "a", 10, 8), ("pot", "a", 3, 2), ("set", "a", 3, 2)]


async def test_a_node_that_never_had_a_component_tells_of_no_kit(api: Kits) -> None:
    await api.put("lid")
    await api.put("jar", kit=[("pot", 1), ("lid", 1)])
    watcher = await Watcher(api, skus=["jar"], include_initial=True).begin()
    await api.stock("pot", "a", 7)
    await api.stock("lid", "a", 4)
    await watcher.next()
    assert watcher.told == [("jar", "a", 0, 4)]


async def test_a_kit_that_becomes_another_one_is_told_of(api: Kits, serving: Serving) -> None:
    await api.put("lid")
    await api.stock("lid", "a", 1)
    watcher = await Watcher(api, skus=["set"], node_ids=["a"]).begin()
    follower = serving.parts.watches._followers[""]
    assert follower is not None
    assert len(follower.board) == 3
    await api.put("set", kit=[("cup", 5), ("pot", 1)])
    await api.put("set", kit=[("lid", 1)])
    await watcher.until(lambda: len(watcher.events) >= 2)  # recipes and counts come by different logs
    await api.stock("pot", "a", 0)
    await api.stock("lid", "a", 6)
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert [event[2:] for event in watcher.told] == [(3, 2), (2, 1), (1, 6)]
    assert len(follower.board) == 2, "the components it had are forgotten"
    await api.put("set")
    await watcher.next()
    assert watcher.told[-1] == ("set", "a", 6, 0)
    await api.put("set", kit=[("cup", 1)])
    await watcher.next()
    assert watcher.told[-1] == ("set", "a", 0, 10)


async def test_a_kit_that_is_made_while_its_node_is_watched_is_told_of(api: Kits) -> None:
    watcher = await Watcher(api, node_ids=["a"]).begin()
    await api.put("pair", kit=[("pot", 2)])
    await watcher.next()
    await api.stock("pot", "a", 5)
    await watcher.until(lambda: len(watcher.events) >= 4)
    assert watcher.told[0] == ("pair", "a", 0, 1)
    assert sorted(watcher.told[1:]) == [("pair", "a", 1, 2), ("pot", "a", 3, 5), ("set", "a", 3, 5)]


async def test_what_only_a_kit_needed_is_forgotten_with_it(api: Kits, serving: Serving) -> None:
    of_cup = await Watcher(api, skus=["cup"], node_ids=["a"]).begin()
    of_set = await Watcher(api, skus=["set"]).begin()
    follower = serving.parts.watches._followers[""]
    assert follower is not None
    assert (len(follower.board), len(follower.board.kits)) == (6, 1)
    of_set.call.cancel()
    await eventually(lambda: len(follower.board) == 1)
    assert not follower.board.kits
    await api.stock("cup", "a", 4)
    await of_cup.next()
    assert of_cup.told == [("cup", "a", 10, 4)]


async def change_something(api: Kits, chance: random.Random) -> None:
    """A component, a node's state, or, now and then, what a kit consists of."""
    doing = chance.random()
    if doing < 0.1:
        await set_state(api, chance.choice("ab"), chance.choice(("PAUSED", "ACTIVE")))
    elif doing < 0.2:
        await api.put("set", kit=chance.choice(([("cup", 2), ("pot", 1)], [("cup", 1)], [("pot", 2), ("lid", 1)])))
    else:
        await api.stock(chance.choice(("cup", "pot", "lid")), chance.choice("ab"), chance.randrange(7))


@pytest.mark.parametrize("look_back", [0, 5_000])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("selection", [{"skus": ["set", "pot"]}, {"node_ids": ["a", "b"]}], ids=["skus", "nodes"])
async def test_a_kit_goes_on_where_the_watch_ended(
    api: Kits, selection: dict[str, Any], seed: int, look_back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across disconnections every event goes on from what was told last, or tells a state; in the end all is right."""
    monkeypatch.setattr(watch_replay, "WATCH_LOOK_BACK_ENTRIES", look_back)
    monkeypatch.setattr(watches, "TOKEN_SECONDS", 0.02)
    monkeypatch.setattr(watch_follower, "CHECK_SECONDS", 0.02)
    chance = random.Random(seed)
    await api.put("lid")
    told: dict[tuple[str, str], int] = {}
    token, states = "", 0

    def enter(events: list[nouns.AvailabilityEvent]) -> None:
        nonlocal states
        for event in events:
            cell, before = (event.sku, event.node_id), before_of(event)
            assert before is None or before == told.get(cell, 0), (event, told)
            states += before is None
            told[cell] = event.available_quantity

    for round_ in range(6):
        from_then = {"resume_token": token} if token else {"include_initial": True}
        for _ in range(chance.randrange(8)):
            await change_something(api, chance)
        watcher = Watcher(api, **selection, **from_then)
        for _ in range(chance.randrange(4)):
            await change_something(api, chance)
        for _ in range(chance.randrange(1, 4) if round_ < 5 else 1):
            await watcher.next()
        watcher.call.cancel()
        enter(watcher.events)
        token = watcher.token
    await api.put("last")
    last = Watcher(api, **selection, resume_token=token)
    marker = (await api.stock("pot", "a", 100), await api.stock("pot", "a", 101))[-1].token
    await set_state(api, "a", "ACTIVE")
    await set_state(api, "b", "ACTIVE")
    await last.until(lambda: any(event.available_quantity == 101 for event in last.events))
    for sku in ("set", "pot"):
        expected = await api.units(sku, token=marker, node_ids=["a", "b"])
        await last.until(lambda sku=sku, expected=expected: is_so(told | now_of(last), sku, expected))
    enter(last.events)
    last.call.cancel()


def now_of(watcher: Watcher) -> dict[tuple[str, str], int]:
    return {(event.sku, event.node_id): event.available_quantity for event in watcher.events}


def is_so(told: dict[tuple[str, str], int], sku: str, expected: dict[str, int]) -> bool:
    return all(told.get((sku, node_id), 0) == units for node_id, units in expected.items())


async def test_a_kit_that_was_put_anew_unchanged_is_told_of_as_if_nothing_was(api: Kits) -> None:
    watcher = await Watcher(api, skus=["set"]).begin()
    watcher.call.cancel()
    await api.put("set", kit=[("cup", 2), ("pot", 1)], description="Tea for two")
    await api.stock("pot", "a", 1)
    again = await Watcher(api, skus=["set"], resume_token=watcher.token).begin()
    assert again.told == [("set", "a", 3, 1)]


async def test_a_kit_that_was_another_one_meanwhile_is_told_of_as_a_state(api: Kits) -> None:
    watcher = await Watcher(api, skus=["set"], node_ids=["a"]).begin()
    watcher.call.cancel()
    await api.stock("pot", "a", 2)
    await api.put("set", kit=[("cup", 1)])
    again = await Watcher(api, skus=["set"], node_ids=["a"], resume_token=watcher.token).begin()
    assert again.told == [("set", "a", None, 10)]
    again.call.cancel()
    await api.put("set")
    ended = await Watcher(api, skus=["set"], node_ids=["a"], resume_token=again.token).begin()
    assert ended.told == [("set", "a", None, 0)]


async def test_a_kit_counts_with_its_components_among_the_pairs(api: Kits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "WATCH_CELLS_MAX", 5)
    await refused(Watcher(api, skus=["set"]).next(), INVALID, "WATCH_TOO_LARGE", pairs="6", pairs_max="5")


# Not counted --------------------------------------------------------------------------------------------------------------


async def test_what_has_no_end_says_so(api: Kits) -> None:
    await api.put("song", supply_mode=INFINITE)
    await api.put("desk", supply_mode=MADE_TO_ORDER, lead_time_days=3)
    await api.put("album", kit=[("song", 9)])
    await api.stock("song", "a", 0)
    await api.stock("desk", "a", 0)
    watcher = await Watcher(api, skus=["song", "desk", "album"], include_initial=True).begin()
    told = sorted(zip([event.sku for event in watcher.events], statuses(watcher), strict=True))
    assert told == [("album", "INFINITE"), ("desk", "MADE_TO_ORDER"), ("song", "INFINITE")]
    assert {event.available_quantity for event in watcher.events} == {0}
    await api.reserve(lines=[line("song", 1_000)])
    await api.put("song")
    await watcher.until(lambda: len(watcher.events) >= 5)
    for event in watcher.events[3:]:
        assert (Status.Name(event.status_before), before_of(event)) == ("AVAILABILITY_STATUS_INFINITE", 0)
        assert (Status.Name(event.status), event.available_quantity) == ("AVAILABILITY_STATUS_OUT_OF_STOCK", 0)
    assert {event.sku for event in watcher.events[3:]} == {"song", "album"}


async def test_what_has_no_end_is_above_all_levels_until_its_node_pauses(api: Kits) -> None:
    await api.put("song", supply_mode=INFINITE)
    await api.stock("song", "a", 0)
    watcher = await Watcher(api, skus=["song"], levels={"high_quantity": 10**9}, include_initial=True).begin()
    await set_state(api, "a", "PAUSED")
    await set_state(api, "a", "ACTIVE")
    await watcher.until(lambda: len(watcher.events) >= 3)
    assert watcher.kinds == ["ABOVE_LEVELS", "OUT_OF_STOCK", "BACK_IN_STOCK"]
    assert statuses(watcher) == ["INFINITE", "OUT_OF_STOCK", "INFINITE"]
    assert [event.available_quantity for event in watcher.events] == [0, 0, 0]


# Full nodes ---------------------------------------------------------------------------------------------------------------


async def limit(api: Kits, node_id: str, orders: int | None) -> None:
    capacity = orders and {
        "limit_quantity": orders,
        "unit": "CAPACITY_UNIT_ORDERS",
        "on_full": "CAPACITY_ON_FULL_PAUSE",
    }
    request = nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id=node_id, capacity=capacity or None)
    await api.network.SetNodeCapacity(request)


async def test_a_node_that_is_full_promises_nothing_until_there_is_room(api: Kits) -> None:
    await put_group(api, "both", "ab")
    await limit(api, "a", 1)
    watcher = await Watcher(api, skus=["cup", "set"], node_ids=["a"]).begin()
    held = await api.reserve(lines=[line("cup", 1)])
    await watcher.until(lambda: len(watcher.events) >= 3)
    full = await Watcher(api, skus=["cup"], node_ids=["a"], include_initial=True).begin()
    assert full.told == [("cup", "a", None, 0)]
    await limit(api, "a", 2)
    await watcher.until(lambda: now_of(watcher) == {("cup", "a"): 9, ("set", "a"): 3})
    await full.next()
    assert full.told[1:] == [("cup", "a", 0, 9)]
    assert [Kind.Name(event.kind) for event in full.events] == ["AVAILABILITY_EVENT_KIND_CHANGED"] * 2
    again = await Watcher(api, skus=["cup"], node_ids=["a"], resume_token=watcher.batches[0].resume_token).begin()
    assert again.told[-1] == ("cup", "a", 0, 9)
    assert held.reservation.reservation_id
