"""Paired differences: means and intervals, against sums done another way, and how often an interval holds the truth."""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.paired import BATCHES, T_975_29, PairedDifferences


def paired(values: list[int]) -> PairedDifferences:
    found = PairedDifferences()
    for value in values:
        found.add({"cost": value, "other": 0})
    return found


@given(st.lists(st.integers(-(10**15), 10**15), min_size=30, max_size=200))
def test_an_interval_is_that_of_the_means_of_batches(values: list[int]) -> None:
    found, n = paired(values).of("cost"), len(values)
    batches = [[x for i, x in enumerate(values) if i * BATCHES // n == batch] for batch in range(BATCHES)]
    overall = sum(values) / n
    spread = sqrt(sum((mean(batch) - overall) ** 2 for batch in batches) / (BATCHES * (BATCHES - 1)))
    assert found.mean == overall
    assert found.low == pytest.approx(overall - T_975_29 * spread, rel=1e-9, abs=1e-6)
    assert found.high == pytest.approx(overall + T_975_29 * spread, rel=1e-9, abs=1e-6)


def test_with_30_orders_it_is_the_paired_t_interval() -> None:
    values = [Random(5).randint(-9, 20) for _ in range(30)]
    values[7] = 40
    found = paired(values).of("cost")
    half = 2.0452 * stdev(values) / sqrt(30)
    assert (found.low, found.high) == (
        pytest.approx(mean(values) - half, rel=1e-4),
        pytest.approx(mean(values) + half, rel=1e-4),
    )


def test_fewer_than_30_orders_have_a_mean_and_no_interval() -> None:
    assert paired([4] * 29).of("cost") == (4.0, None, None)
    assert paired([]).of("cost") == (0.0, None, None)


def test_a_measure_that_never_differs_differs_by_nothing() -> None:
    found = paired([3] * 60)
    assert found.of("other") == found.of("unheard of") == (0.0, 0.0, 0.0)
    assert found.of("cost") == (3.0, 3.0, 3.0)


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_intervals_hold_the_true_mean_about_95_times_in_100(memory: float) -> None:
    """Also where each order's difference follows from the last one's, as where they share stock."""
    random, held, runs = Random(11), 0, 400
    for _ in range(runs):
        state, values = 0.0, []
        for _ in range(900):
            state = memory * state + random.expovariate(1) - 1
            values.append(round(1_000 * (state + 2)))
        found = paired(values).of("cost")
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2_000 <= found.high
    assert 0.90 <= held / runs <= 0.99
