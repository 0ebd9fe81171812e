"""The store keeps evidence as the domain counts it, once for each request id."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from serving import Clock
from store_kit import ANY, START_MS, request

from promessa.domain.confidence import DAY_MS, Evidence
from promessa.domain.errors import AlreadyExists
from promessa.store.confidence_store import Checked, ConfidenceStore
from promessa.store.store import Store

places = st.tuples(st.integers(0, 4), st.sampled_from(["", "boxed", "fresh"]))
weights = st.tuples(st.integers(0, 100_000), st.integers(0, 100_000))
rounds = st.lists(
    st.tuples(st.integers(0, 200 * DAY_MS), st.lists(st.tuples(places, weights), max_size=5)), min_size=1, max_size=8
)


@pytest.fixture
def confidence(store: Store, redis: Redis) -> ConfidenceStore:
    return ConfidenceStore(redis, store.keys, store._commit)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rounds)
async def test_the_store_agrees_with_the_domain(
    confidence: ConfidenceStore,
    redis: Redis,
    fixed: Clock,
    history: list[tuple[int, list[tuple[tuple[int, str], tuple[int, int]]]]],
) -> None:
    for partition in range(confidence.keys.partitions):
        await redis.delete(confidence.keys.confidence(partition))
    expected: dict[tuple[int, str], Evidence] = {}
    for passed_ms, checks in history:
        fixed.now_ms += passed_ms  # the store's clock never goes back, so neither does ours between examples
        await confidence.add("", ANY, [Checked(node, 0, name, *weight) for (node, name), weight in checks])
        for place, (found, missing) in checks:
            expected[place] = expected.get(place, Evidence()).with_check(found, missing, fixed.now_ms)
    assert await confidence.read(list(expected)) == list(expected.values())


async def test_a_check_teaches_once(confidence: ConfidenceStore, fixed: Clock) -> None:
    checks = [Checked(1, 0, "boxed", 2_000, 1_000)]
    assert not await confidence.add("check-0001", request("a"), checks)
    assert await confidence.add("check-0001", request("a"), checks)
    with pytest.raises(AlreadyExists):
        await confidence.add("check-0001", request("b"), [Checked(1, 0, "boxed", 9_000, 0)])
    assert await confidence.read([(1, "boxed"), (1, ""), (2, "boxed")]) == [
        Evidence(2_000, 1_000, START_MS), Evidence(), Evidence()
    ]  # fmt: skip
