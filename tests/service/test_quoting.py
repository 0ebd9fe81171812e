"""Quotes over the real kernel: which options an order has, what speaks for each, and what of it is proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_guided_sourcing import EVERYWHERE, put_policy, shops
from test_sourcing import DAY, NOON, Rows, network, order, quoting, sourcing

from promessa.domain.catalogue import Catalogue, Lane, Node
from promessa.domain.quote import Merit, Option
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.sourcing import Order
from promessa.store.store import Store

REAL = 1_000_000
CHEAPEST, FASTEST, FEWEST, BALANCED = Merit
ALL_MERITS = tuple(Merit)


async def options_of(
    store: Store,
    wanted: Order,
    atp: dict[tuple[int, int], int],
    *,
    catalogue: Catalogue | None = None,
    alternatives: int = 0,
    day_value: int = 2 * REAL,
) -> list[Option]:
    service = quoting(sourcing(store, Rows(atp), catalogue))
    return await service.quote(wanted, alternatives=alternatives, day_value_micros=day_value)


def nodes_of(option: Option) -> list[int]:
    return [shipment.node_ix for shipment in option.plan.shipments]


def chain() -> Catalogue:
    """The nodes of test_sourcing; d, at 17 and in 3 days, beside them."""
    catalogue = network()
    catalogue.put("node", "d", 3, Node("d", shipment_cost_micros=REAL), 1)
    card = RateCard("middle", "", "BRL", (RateBracket(10_000, 17 * REAL),))
    catalogue.put("rate_card", "middle", 2, card, 0)
    catalogue.put("lane", "lane-d", 3, Lane("lane-d", "d", "BR", ("0",), "road", "middle", 3), 0)
    return catalogue


async def test_a_plan_that_is_best_in_everything_is_the_only_option(store: Store) -> None:
    (option,) = await options_of(store, order(("cup", 1)), {(0, 0): 5, (0, 1): 5})
    assert (nodes_of(option), option.merits, option.proven) == ([0], ALL_MERITS, ALL_MERITS)
    assert option.plan.proven_optimal and option.cheapest_by_date and option.cheapest_by_shipments


async def test_the_cheapest_the_fastest_and_the_balanced_are_options_with_dates_and_costs_of_their_own(
    store: Store,
) -> None:
    atp = {(0, 0): 5, (0, 2): 5, (0, 3): 5}
    options = await options_of(store, order(("cup", 1)), atp, catalogue=chain(), day_value=4 * REAL)
    assert [nodes_of(each) for each in options] == [[0], [3], [2]]
    assert [each.plan.total_micros for each in options] == [11 * REAL, 18 * REAL, 31 * REAL]
    assert [each.plan.promise_ms for each in options] == [NOON + 5 * DAY, NOON + 3 * DAY, NOON + DAY]
    few = FEWEST
    assert [each.merits for each in options] == [(CHEAPEST, few), (few, BALANCED), (FASTEST, few)]
    assert [each.proven for each in options] == [each.merits for each in options]
    assert [each.plan.proven_optimal for each in options] == [True, False, False]
    assert {each.plan.lower_bound_micros for each in options} == {11 * REAL}
    assert all(each.cheapest_by_date for each in options)


@pytest.mark.parametrize(("a_day", "balanced"), [(REAL, [0]), (4 * REAL, [3]), (7 * REAL, [2])])
async def test_what_a_day_is_worth_decides_which_option_is_balanced(
    store: Store, a_day: int, balanced: list[int]
) -> None:
    atp = {(0, 0): 5, (0, 2): 5, (0, 3): 5}
    options = await options_of(store, order(("cup", 1)), atp, catalogue=chain(), day_value=a_day)
    assert [nodes_of(each) for each in options if BALANCED in each.merits] == [balanced]


async def test_fewer_shipments_are_an_option_where_they_cost_more(store: Store) -> None:
    atp = {(0, 0): 5, (1, 1): 5, (0, 2): 5, (1, 2): 5}
    catalogue = network()
    catalogue.put("lane", "lane-c", 2, replace(catalogue.lanes.by_id["lane-c"], transit_days=9), 0)
    options = await options_of(store, order(("cup", 1), ("pot", 1)), atp, catalogue=catalogue)
    assert [(nodes_of(each), each.merits) for each in options] == [
        ([0, 1], (CHEAPEST, FASTEST, BALANCED)),
        ([2], (FEWEST,)),
    ]
    assert (options[1].proven, options[1].cheapest_by_shipments) == ((FEWEST,), True)
    assert options[0].plan.split_micros > options[1].plan.split_micros == 0


async def test_what_cannot_be_served_whole_is_quoted_as_far_as_it_can_be(store: Store) -> None:
    options = await options_of(store, order(("cup", 5)), {(0, 0): 2, (0, 2): 1})
    (option,) = options
    assert (nodes_of(option), option.plan.unserved) == ([0, 2], ((0, 0, 2),))
    assert await options_of(store, order(("cup", 5), ship_complete=True), {(0, 0): 2}) == []
    assert await options_of(store, order(("cup", 5)), {}) == []


async def test_the_constraints_of_the_order_bind_all_options(store: Store) -> None:
    catalogue, atp = chain(), {(0, 0): 5, (0, 2): 5, (0, 3): 5}
    late = order(("cup", 1), latest_delivery_ms=NOON + 4 * DAY)
    assert [nodes_of(x) for x in await options_of(store, late, atp, catalogue=catalogue)] == [[3], [2]]
    without = order(("cup", 1), excluded_node_ids=("c",))
    assert [nodes_of(x) for x in await options_of(store, without, atp, catalogue=catalogue)] == [[0], [3]]
    group = order(("cup", 1), node_group_id="dear ones")
    assert [nodes_of(x) for x in await options_of(store, group, atp, catalogue=catalogue)] == [[2]]


async def test_alternatives_come_beside_the_options(store: Store) -> None:
    atp = {(0, 0): 5, (0, 1): 5, (0, 2): 5}
    options = await options_of(store, order(("cup", 1)), atp, alternatives=3)
    assert [nodes_of(each) for each in options] == [[0], [1], [2]], "b is as good as a"
    catalogue = network()
    catalogue.put("node", "b", 1, Node("b", shipment_cost_micros=2 * REAL), 1)
    options = await options_of(store, order(("cup", 1)), atp, alternatives=3, catalogue=catalogue)
    assert [(nodes_of(each), each.merits) for each in options] == [
        ([0], (CHEAPEST, FEWEST, BALANCED)),
        ([1], (FEWEST,)),
        ([2], (FASTEST, FEWEST)),
    ]
    assert [each.plan.proven_optimal for each in options] == [True, False, False]
    assert [each.cheapest_by_date for each in options] == [True, False, True]


async def test_what_is_made_first_leaves_the_fastest_unproven(store: Store) -> None:
    catalogue = network()
    catalogue.put("sku", "pot", 1, replace(catalogue.skus.by_id["pot"], lead_time_days=4), 0)
    catalogue.shaped.add("pot")
    options = await options_of(store, order(("pot", 1)), {(1, 0): 5, (1, 2): 5}, catalogue=catalogue)
    assert [each.plan.promise_ms for each in options] == [NOON + 9 * DAY, NOON + 5 * DAY]
    assert FASTEST in options[1].proven, "all of it is made in as many days"
    both = order(("pot", 1), ("cup", 1))
    atp = {(1, 0): 5, (1, 2): 5, (0, 0): 5, (0, 2): 5}
    mixed = await options_of(store, both, atp, catalogue=catalogue)
    assert [(nodes_of(each), FASTEST in each.merits, FASTEST in each.proven) for each in mixed] == [
        ([0], False, False),
        ([2], True, False),
    ]


# By a policy --------------------------------------------------------------------------------------------------------------


def by_rule(rule: str, **more: Any) -> Catalogue:
    return shops(f"rules: [{{name: only, {rule}}}]", **more)


async def test_options_keep_to_the_rule_that_decides(store: Store) -> None:
    catalogue = by_rule("filters: [{where: node, none_of: [a]}], limits: {arrives_within_days: 5}")
    options = await options_of(store, order(("cup", 1)), EVERYWHERE, catalogue=catalogue)
    assert [nodes_of(each) for each in options] == [[1], [2]]
    assert {each.plan.policy and each.plan.policy.rule for each in options} == {"only"}
    assert [each.plan.policy and each.plan.policy.objective_micros for each in options] == [11 * REAL, 31 * REAL]


async def test_cost_is_what_the_policy_minimises_and_its_own_plan_comes_first(store: Store) -> None:
    catalogue = by_rule("costs: {preferences: [{nodes: {where: node, any_of: [a, b]}, add: 90}]}")
    options = await options_of(store, order(("cup", 1)), EVERYWHERE, catalogue=catalogue)
    assert [(nodes_of(each), each.merits) for each in options] == [([2], ALL_MERITS)]
    catalogue.put("lane", "lane-a", 0, replace(catalogue.lanes.by_id["lane-a"], transit_days=0), 0)
    options = await options_of(store, order(("cup", 1)), EVERYWHERE, catalogue=catalogue)
    assert [(nodes_of(each), CHEAPEST in each.merits) for each in options] == [([2], True), ([0], False)]
    assert options[0].plan.total_micros > options[1].plan.total_micros
    sizes = [each.plan.policy.objective_micros for each in options if each.plan.policy]
    assert sizes == [31 * REAL, 101 * REAL]


async def test_no_option_has_a_shipment_of_less_value_than_the_rule_allows(store: Store) -> None:
    catalogue = by_rule("limits: {min_shipment_value: 30}")
    for sku, ix, value in (("cup", 0, 100), ("pot", 1, 10)):
        catalogue.put("sku", sku, ix, replace(catalogue.skus.by_id[sku], value_micros=value * REAL), 0)
    atp = {(0, 0): 5, (1, 1): 5, (0, 2): 5, (1, 2): 5}
    wanted = order(("cup", 1), ("pot", 1))
    options = await options_of(store, wanted, atp, catalogue=catalogue)
    assert [nodes_of(each) for each in options] == [[2]]
    put_policy(catalogue, "rules: [{name: only}]", version=2)
    options = await options_of(store, wanted, atp, catalogue=catalogue)
    assert [nodes_of(each) for each in options] == [[0, 1], [2]]
