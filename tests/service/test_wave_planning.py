"""Joint plans against every joint plan there is: the bound is below the best, the best below the plan, the plan never worse
than one order after another."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wave_kit import NODES, SKUS, basket, chain, decisions_of, optimum, planned

from promessa.domain.capacity import CapacityUnit
from promessa.service.wave_ledger import Room
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
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
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
