"""Consumers of the event log: what one has not done stays, and of two that bear one name only one goes on."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis
from store_kit import ANY

from promessa.domain.limits import CONSUMERS_MAX
from promessa.store.consumers import Consumers, OvertakenConsumer, TooManyConsumers, done_by_all
from promessa.store.replica_source import ReplicaSource
from promessa.store.store import Store


@pytest.fixture
def consumers(store: Store, redis: Redis) -> Consumers:
    return Consumers(redis, store.keys)


async def test_a_consumer_is_found_as_it_was_committed(consumers: Consumers):
    new = await consumers.register("hub", [0, 0, 0, 0, 0], now_ms=5)
    assert await consumers.register("hub", [9, 9, 9, 9, 9], now_ms=7) == new, "registering again changes nothing"
    after = await consumers.commit(new, [1, 2, 3, 4, 5], caught_up_ms=9)
    assert await consumers.all() == [after]
    assert (after.revision, after.positions, after.registered_ms, after.caught_up_ms) == (1, (1, 2, 3, 4, 5), 5, 9)
    assert after.lag([2, 2, 3, 4, 8]) == 4


async def test_of_two_that_go_on_from_one_place_only_one_does(consumers: Consumers):
    new = await consumers.register("hub", [0] * 5, now_ms=5)
    after = await consumers.commit(new, [1] * 5, caught_up_ms=6)
    with pytest.raises(OvertakenConsumer):
        await consumers.commit(new, [2] * 5, caught_up_ms=7)
    assert await consumers.get("hub") == after


async def test_one_that_was_removed_ends_with_its_next_commit(consumers: Consumers):
    new = await consumers.register("hub", [0] * 5, now_ms=5)
    assert await consumers.remove("hub")
    assert not await consumers.remove("hub")
    with pytest.raises(OvertakenConsumer):
        await consumers.commit(new, [1] * 5, caught_up_ms=6)
    assert await consumers.get("hub") is None


async def test_commits_of_others_are_no_hindrance(consumers: Consumers):
    one, other = [await consumers.register(name, [0] * 5, now_ms=5) for name in ("one", "other")]
    for i in range(1, 20):
        one = await consumers.commit(one, [i] * 5, caught_up_ms=6)
        other = await consumers.commit(other, [i] * 5, caught_up_ms=6)
    assert [each.revision for each in await consumers.all()] == [19, 19]


async def test_there_are_only_so_many(consumers: Consumers):
    for i in range(CONSUMERS_MAX):
        await consumers.register(f"hub-{i}", [0] * 5, now_ms=5)
    with pytest.raises(TooManyConsumers):
        await consumers.register("one-more", [0] * 5, now_ms=5)
    assert await consumers.register("hub-3", [0] * 5, now_ms=5), "one that is there may come again"


async def test_the_log_is_never_trimmed_below_a_consumer(consumers: Consumers, store: Store, redis: Redis):
    for on_hand in range(900):
        await store.apply_counts("", ANY, as_of_ms=0, items=[0, 0, on_hand, -1, -1])
    source = ReplicaSource(redis, redis.connection_pool, store.keys)
    heads = await source.heads()
    slow = await consumers.register("slow", [40, 0, 0, 0, 0], now_ms=1)
    await consumers.register("fast", heads, now_ms=1)

    async def trim() -> int:
        await source.trim_logs(heads, keep=0, done=done_by_all(await consumers.all(), heads))
        return int((await redis.xrange(store.keys.log(0), count=1))[0][0].split(b"-")[0])

    assert await trim() <= 41
    slow = await consumers.commit(slow, [850, *heads[1:]], caught_up_ms=2)
    assert 700 < await trim() <= 851, "Redis drops whole nodes of a stream"
    await consumers.remove("slow")
    await source.trim_logs(heads, keep=0, done=done_by_all(await consumers.all(), heads))
    assert await redis.xlen(store.keys.log(0)) < 150
