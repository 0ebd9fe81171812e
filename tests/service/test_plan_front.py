"""The front of a kernel's question against all plans there are, by brute force."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promessa.domain.promise_dates import DAY_MS
from promessa.kernel import Basket, Network, Rules, plan
from promessa.kernel.reference import Problem
from promessa.service import plan_front
from promessa.service.pace import SLICE_SECONDS
from promessa.service.plan_front import Front
from promessa.service.weighted_network import columns_of

sys.path.insert(0, str(Path(__file__).parent.parent / "kernel"))

from kernel_builders import basket, network, random_instance

Sizes = tuple[int, int, int, int]
"""Units left out, cost, arrival, shipments."""


async def front_of(asked: tuple[Network, Basket, Rules], arrivals: list[int]) -> Front:
    on, wanted, rules = asked
    return await Front.of(lambda stricter: plan(on, wanted, stricter), columns_of(on), wanted, rules, arrivals)


def all_plans(asked: tuple[Network, Basket, Rules], arrivals: list[int]) -> set[Sizes]:
    """Whatever the kernel could answer for any latest arrival."""
    on, wanted, rules = asked
    allowed = bytes(on.lanes * [1]) if rules.lane_allowed is None else bytes(rules.lane_allowed)
    found: set[Sizes] = set()
    for latest in set(arrivals):
        mask = bytes([may and at <= latest for may, at in zip(allowed, arrivals, strict=True)])
        problem = Problem(on, wanted, replace(rules, lane_allowed=mask))
        for made in problem.plans():
            if (rules.ship_complete and made.unfilled_units) or not made.shipments:
                continue
            arrives = max(arrivals[shipment.lane] for shipment in made.shipments)
            found.add((made.unfilled_units, made.total_cost, arrives, len(made.shipments)))
    least = min((each[0] for each in found), default=0)
    return {each for each in found if each[0] == least}


def with_arrivals(random: Random) -> tuple[tuple[Network, Basket, Rules], list[int]]:
    asked = random_instance(random, nodes=4, lines=3)
    days = random.choice([2, 3, 6])
    return asked, [random.randrange(days) * DAY_MS for _ in range(asked[0].lanes)]


async def check(random: Random) -> bool:
    return await named_points_are_right(*with_arrivals(random), value=random.choice([0, 1, 5, 30]))


async def named_points_are_right(asked: tuple[Network, Basket, Rules], arrivals: list[int], *, value: int = 1) -> bool:
    """Every named point is the first of all plans in its order, and says so; whether the order could be served at all."""
    front, plans = await front_of(asked, arrivals), all_plans(asked, arrivals)
    assert front.served == bool(plans)
    if not plans:
        return False
    points = await front.walk()
    cheapest = front.cheapest(points)
    fewest, is_cheapest_of_so_few = await front.fewest(cheapest)
    named = [cheapest, await front.fastest(), fewest, front.balanced(points, value)]
    expected = [
        min(plans, key=lambda each: (each[1], each[2], each[3])),
        min(plans, key=lambda each: (each[2], each[1], each[3])),
        min(plans, key=lambda each: (each[3], each[1], each[2])),
        min(plans, key=lambda each: (each[1] * DAY_MS + value * each[2], *each[1:])),
    ]
    assert [each.point.sizes for each in named] == expected
    assert all(each.proven for each in named)
    assert is_cheapest_of_so_few
    assert front.lower_bound == cheapest.point.cost
    for each in named:
        assert each is fewest or await front.is_cheapest_by_date(each.point)
    for sizes in expected:
        assert not [p for p in plans if p != sizes and all(x <= y for x, y in zip(p, sizes, strict=True))]
    return True


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
async def test_the_named_points_are_the_first_of_all_plans(random: Random) -> None:
    await check(random)


async def test_the_named_points_are_the_first_of_all_plans_on_two_thousand_seeded_instances() -> None:
    served = sum([await check(Random(seed)) for seed in range(2_000)])
    assert served > 1_000


async def test_nodes_that_may_share_a_line_only_before_another_could_serve_it_whole_are_found() -> None:
    """a and b have a unit of the cup each, and what else is wanted; c, a day later, both cups. Two shipments are allowed."""
    lines = basket((2, {0: 1, 1: 1, 2: 2}), (1, {0: 1}), (1, {1: 1}))
    asked = network(fixed_cost=[1, 1, 0]), lines, Rules(max_shipments=2)
    assert await named_points_are_right(asked, [0, 0, DAY_MS])
    assert (await (await front_of(asked, [0, 0, DAY_MS])).fastest()).point.sizes == (0, 22, 0, 2)


async def test_a_node_that_sends_fewer_units_before_its_heavy_lane_is_found() -> None:
    """Six cups: n has five, three of which go by its early lane; m has three, q five. In full, n sends all five a day later."""
    rates = [[(300, 10)], [(9_000, 50)], [(9_000, 60)]]
    lanes = [[(0, 0), (2, 0)], [(0, 0)], [(1, 0)]]
    on = network(fixed_cost=[0, 0, 0], lanes=lanes, rates=rates, over=[(0, 0)] * 3)
    asked, arrivals = (on, basket((6, {0: 5, 1: 3, 2: 5})), Rules()), [0, DAY_MS, 0, 0]
    assert await named_points_are_right(asked, arrivals)
    front = await front_of(asked, arrivals)
    assert front.cheapest(await front.walk()).point.cost == 20


async def test_a_small_budget_never_claims_a_proof_that_is_wrong() -> None:
    unproven = 0
    for seed in range(600):
        (on, wanted, rules), arrivals = with_arrivals(Random(seed))
        asked = (on, wanted, replace(rules, budget_steps=Random(seed).choice([0, 1, 3, 9])))
        front, plans = await front_of(asked, arrivals), all_plans((on, wanted, rules), arrivals)
        if not front.served:
            continue
        points = await front.walk()
        cheapest, fastest = front.cheapest(points), await front.fastest()
        fewest, _ = await front.fewest(cheapest)
        least = min(each[0] for each in plans)
        at = [each for each in plans if each[0] == least]
        for found, place in ((cheapest, 1), (fastest, 2), (fewest, 3)):
            unproven += not found.proven
            if found.proven and found.point.unfilled == least:
                assert found.point.sizes[place] == min(each[place] for each in at), seed
        if front.lower_bound is not None and cheapest.point.unfilled == least:
            assert front.lower_bound <= min(each[1] for each in at), seed
        balanced = front.balanced(points, 5)
        if balanced.proven:
            assert balanced.point.sizes[1] * DAY_MS + 5 * balanced.point.sizes[2] == min(
                each[1] * DAY_MS + 5 * each[2] for each in plans
            )
    assert unproven > 50


def many_arrivals(count: int) -> tuple[tuple[Network, Basket, Rules], list[int]]:
    """One unit, which each node brings a day later and a micro cheaper than the one before."""
    on = network(fixed_cost=[count - i for i in range(count)])
    return (on, basket((1, dict.fromkeys(range(count), 1))), Rules()), [i * DAY_MS for i in range(count)]


@pytest.mark.parametrize("count", [90, 254, 255, 300])
async def test_however_many_arrivals_there_are_the_extremes_are_found(count: int) -> None:
    asked, arrivals = many_arrivals(count)
    front = await front_of(asked, arrivals)
    points = await front.walk()
    assert points.proven == (count <= plan_front.QUOTE_WALK_MAX)
    assert len(points.found) == min(count, plan_front.QUOTE_WALK_MAX)
    assert front.cheapest(points).point.arrives_ms == (count - 1) * DAY_MS
    fastest = await front.fastest()
    assert fastest.point.arrives_ms == 0 and fastest.proven
    assert front.balanced(points, 2).proven == points.proven


async def test_others_work_while_a_front_is_walked() -> None:
    """One decision of many may take milliseconds, and a quote makes hundreds."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    (on, wanted, rules), arrivals = many_arrivals(30)

    def slowly(stricter: Rules) -> Any:
        time.sleep(2 * SLICE_SECONDS)
        return plan(on, wanted, stricter)

    ticking = asyncio.create_task(tick())
    front = await Front.of(slowly, columns_of(on), wanted, rules, arrivals)
    assert len((await front.walk()).found) == 30
    ticking.cancel()
    assert ticks >= 30
