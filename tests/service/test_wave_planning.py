"""Joint plans against every joint plan there is: the bound is below the best, the best below the plan, the plan never worse
than one order after another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wave_kit import MICROS, NODES, SKUS, basket, chain, decisions_of, optimum, planned

from promessa.domain.capacity import CapacityUnit
from promessa.domain.catalogue import Catalogue
from promessa.domain.sourcing import Order
from promessa.service import wave_bound, wave_repair
from promessa.service.pace import Pace
from promessa.service.wave_bound import least_cost
from promessa.service.wave_decisions import Standing, Value
from promessa.service.wave_ledger import ORDERS, UNITS, Resource, Room
from promessa.service.wave_planning import plan_wave
from promessa.service.wave_prices import WavePrices
from promessa.service.wave_repair import Repair
from promessa.service.wave_stock import WaveStock
from promessa.store.store import Store

small = st.integers(0, 3)


@st.composite
def waves(draw: st.DrawFn) -> tuple[Any, ...]:
    """A chain, its stock, up to four orders, and now and then a node's day with little room."""
    card = [draw(st.integers(0, 9)) for _ in range(9)]
    catalogue = chain(card, [draw(small) for _ in NODES], [draw(st.integers(0, 2)) for _ in NODES])
    atp = {(sku, node): draw(small) for sku in range(len(SKUS)) for node in range(len(NODES))}
    orders = []
    for number in range(draw(st.integers(2, 4))):
        lines = tuple((sku, draw(st.integers(1, 2))) for sku in draw(st.sampled_from((SKUS[:1], SKUS[1:], SKUS))))
        constraints = draw(st.sampled_from(({}, {}, {"keep_lines_whole": True}, {"max_shipments": 1})))
        orders.append((basket(*lines, order_id=f"o{number}", **constraints), draw(st.booleans())))
    rooms = {}
    if draw(st.booleans()):
        unit = draw(st.sampled_from(CapacityUnit))
        rooms[draw(st.integers(0, 2))] = Room(unit, draw(st.integers(0, 2 if unit == CapacityUnit.ORDERS else 4)))
    return catalogue, atp, orders, rooms


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(waves())
async def test_the_bound_is_below_the_best_plan_and_that_below_ours(store: Store, wave: tuple[Any, ...]) -> None:
    catalogue, atp, orders, rooms = wave
    decisions = await decisions_of(store, catalogue, atp, orders, rooms)
    plan = await planned(decisions)
    best = optimum(catalogue, atp, orders, rooms)
    assert best <= plan.value <= plan.one_by_one
    assert plan.bound <= best.cost
    taken: dict[tuple[int, int], int] = {}
    for standing in plan.standings:
        for resource, amount, _ in standing.taken:
            taken[resource] = taken.get(resource, 0) + amount
    for resource, amount in taken.items():
        assert amount <= decisions.stock.capacity(resource), "more is taken than there is"
    again = await planned(await decisions_of(store, catalogue, atp, orders, rooms))
    assert [each.plan for each in again.standings] == [each.plan for each in plan.standings]


async def test_a_plan_that_is_no_better_is_not_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the search comes up with: one after another is kept where that is better."""
    catalogue, atp, orders = scarce_pot()
    decisions = await decisions_of(store, catalogue, atp, orders)
    one_by_one = await decisions.one_by_one()
    worse = [replace(each, cost=each.cost + 1) for each in one_by_one]

    async def run(self: Repair) -> list[Standing]:
        return worse

    monkeypatch.setattr(Repair, "run", run)
    plan = await plan_wave(decisions, one_by_one, rounds_max=5)
    assert (plan.value, plan.standings) == (plan.one_by_one, one_by_one)


def scarce_pot() -> tuple[Catalogue, dict[tuple[int, int], int], list[tuple[Order, bool]]]:
    """Two orders want the one pot at a; b has more, dearer."""
    catalogue = chain([4, 1, 1, 6, 1, 1, 9, 1, 1], [1, 1, 1], [0, 1, 2])
    orders = [(basket(("pot", 1), order_id="x"), False), (basket(("pot", 1), ("cup", 1), order_id="y"), False)]
    return catalogue, {(1, 0): 1, (1, 1): 5, (0, 0): 5, (0, 1): 0}, orders


@pytest.mark.parametrize("resource", [(1, 0), (UNITS, 0), (ORDERS, 0)])
async def test_a_price_steers_a_plan_and_nobody_is_charged(store: Store, resource: Resource) -> None:
    catalogue, atp, orders = scarce_pot()
    decisions = await decisions_of(store, catalogue, atp, orders[:1], {0: Room(CapacityUnit.UNITS, 9)})
    (contender,), (alone,) = decisions.contenders, decisions.alone
    for price, node in ((1 * MICROS, 0), (9 * MICROS, 1)):
        prices = WavePrices({resource: price}, decisions.no_prices.parts)
        found = await decisions.decide(contender, decisions.nothing_taken(), prices)
        (shipment,) = found.plan.shipments
        assert shipment.node_ix == node
        assert found.cost == found.plan.total_micros == shipment.total_micros
        assert prices.paid(found.taken) == (price if node == 0 and resource != (ORDERS, 0) else 0)
        if node == 0:
            assert found.plan.shipments == alone.plan.shipments


async def test_prices_beyond_what_can_be_counted_are_left_aside(store: Store) -> None:
    catalogue, _, _ = scarce_pot()
    decisions = await decisions_of(store, catalogue, {(1, 0): 9, (1, 1): 9}, [(basket(("pot", 9)), False)])
    (contender,), (alone,) = decisions.contenders, decisions.alone
    prices = WavePrices({(1, 0): 10**15, (1, 1): 10**15}, decisions.no_prices.parts)
    found = await decisions.decide(contender, decisions.nothing_taken(), prices)
    assert found.plan == alone.plan
    assert await least_cost(decisions, prices, Value(0, 0), MICROS) <= alone.cost


async def test_a_bound_that_says_nothing_still_is_a_number_that_can_be_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a plan may cost less than nothing, and a million million units are not served."""
    catalogue, atp, orders = scarce_pot()
    decisions = await decisions_of(store, catalogue, atp, orders)
    monkeypatch.setattr(wave_bound, "_may_gain", lambda question: True)
    assert await least_cost(decisions, decisions.no_prices, Value(10**12, 0), 10**16) >= -(1 << 63)


async def test_a_plan_that_was_tried_often_enough_is_not_looked_through_any_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, atp, _ = scarce_pot()
    orders = [(basket(("pot", 1), ("cup", 1), order_id=f"o{i}"), False) for i in range(12)]
    decisions = await decisions_of(store, catalogue, atp, orders)
    looked: list[int] = []
    in_the_way = Repair._in_the_way

    def noted(self: Repair, i: int) -> Any:
        looked.append(i)
        return in_the_way(self, i)

    monkeypatch.setattr(Repair, "_in_the_way", noted)
    monkeypatch.setattr(wave_repair, "WAVE_TRIES_PER_ORDER", 0)
    await Repair(decisions, await decisions.one_by_one()).run()
    assert len(looked) == 1


async def test_others_work_while_it_is_looked_up_how_much_there_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each cell by all orders that see it: together that is half a second of a large wave."""
    catalogue, atp, orders = scarce_pot()
    decisions = await decisions_of(store, catalogue, atp, orders)
    ticks, seen = 0, list[int]()
    units = WaveStock._units

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    def noted(self: WaveStock, sku_ix: int, node_ix: int) -> int:
        seen.append(ticks)
        return units(self, sku_ix, node_ix)

    monkeypatch.setattr(WaveStock, "_units", noted)
    monkeypatch.setattr(Pace, "is_due", lambda self: True)
    ticking = asyncio.create_task(tick())
    await planned(decisions, rounds=2)
    ticking.cancel()
    assert len(set(seen)) == len(seen) > 1


@pytest.mark.parametrize("unit", CapacityUnit)
async def test_one_after_another_finds_a_node_full_whatever_it_has(store: Store, unit: CapacityUnit) -> None:
    """a has what both orders want, and takes on one more of either."""
    catalogue, _, _ = scarce_pot()
    atp = {(0, 0): 5, (1, 0): 5, (0, 1): 5, (1, 1): 5}
    orders = [(basket((sku, 1), order_id=sku), False) for sku in SKUS]
    decisions = await decisions_of(store, catalogue, atp, orders, {0: Room(unit, 1)})
    found = await decisions.one_by_one()
    assert [[ship.node_ix for ship in each.plan.shipments] for each in found] == [[0], [1]]
