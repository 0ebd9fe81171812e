"""Tallies: what they tell is what the metrics would have counted one by one."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from serving import Serving

from promessa.server import tallies
from promessa.server.worker import end

BOUNDS = (0.001, 0.01, 0.1)
TIMES = (0.0, 0.0005, 0.001, 0.0011, 0.01, 0.05, 0.1, 0.2, 7.0)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def samples(histogram: Histogram) -> dict[tuple[str, str], float]:
    [family] = histogram.collect()
    return {(each.name, each.labels.get("le", "")): each.value for each in family.samples if "created" not in each.name}


def test_seconds_are_told_as_if_each_had_been_observed(registry: CollectorRegistry) -> None:
    told = Histogram("told", "", buckets=BOUNDS, registry=registry)
    one_by_one = Histogram("told", "", buckets=BOUNDS, registry=None)
    tally = tallies.Seconds(told)
    note = tally.note
    for _ in range(2):  # what `note` was taken once goes on after it was told
        for seconds in TIMES:
            note(seconds)
            one_by_one.observe(seconds)
        tally.tell()
    assert samples(told) == pytest.approx(samples(one_by_one))


def test_nothing_is_told_twice(registry: CollectorRegistry) -> None:
    counter = Counter("calls", "", registry=registry)
    tally = tallies.count(counter)
    tally.amount += 3
    for _ in range(2):
        asyncio.run(tallies.tell_all())
    assert registry.get_sample_value("calls_total") == 3


class Broken:
    def tell(self) -> None:
        raise OSError("no space left on device")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tally that cannot be told, before those that a test makes."""
    monkeypatch.setattr(tallies, "_all", [Broken()])


@pytest.mark.usefixtures("broken")
def test_a_tally_that_cannot_be_told_keeps_no_other_from_it(registry: CollectorRegistry) -> None:
    counter = Counter("later_calls", "", registry=registry)
    tallies.count(counter).amount += 3
    asyncio.run(tallies.tell_all())
    assert registry.get_sample_value("later_calls_total") == 3


async def test_a_worker_that_ends_tells_what_it_counted_even_if_its_store_cannot_be_closed(
    registry: CollectorRegistry, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = tallies.count(Counter("last_calls", "", registry=registry))
    tally.amount += 3

    async def gone() -> None:
        raise ConnectionResetError("the store is gone")

    monkeypatch.setattr(serving.parts.store, "close", gone)
    with pytest.raises(ConnectionResetError):
        await end(serving.parts, [], 0)
    assert registry.get_sample_value("last_calls_total") == 3
