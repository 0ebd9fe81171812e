"""Sorts as columns for the kernel: bands, what is best first, what is not known last; by nodes and by lanes."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_guided_sourcing import changed
from test_sourcing import NOON, network, order

from promessa.domain.catalogue import Catalogue
from promessa.domain.policy import Fact, Sort
from promessa.domain.sourcing import OrderTraits
from promessa.kernel import Level, LevelKind
from promessa.kernel._kernel import MAX_SHIPMENTS
from promessa.service.network_view import NetworkView
from promessa.service.node_facts import Facts, NodeWords, Rows
from promessa.service.sort_columns import banded, lane_column, sort_levels

known_or_not = st.lists(st.none() | st.integers(0, 10**12), max_size=9)


@given(known_or_not, st.integers(1, 1_000), st.booleans())
def test_bands_keep_the_order_and_put_what_is_not_known_last(
    values: list[int | None], band: int, largest_first: bool
) -> None:
    found = banded(values, Sort(Fact.STOCK_UNITS, band=band, largest_first=largest_first))
    assert all(0 <= number < 2**62 for number in found)
    sign = -1 if largest_first else 1
    for one, first in zip(values, found, strict=True):
        for other, second in zip(values, found, strict=True):
            if one is None or other is None:
                assert (first <= second) or one is None, "not known is never better"
                assert (first == second) or not (one is None and other is None)
                continue
            expected = sign * (one // band - other // band)
            assert (first > second) - (first < second) == (expected > 0) - (expected < 0)


def test_worked_bands() -> None:
    assert banded([0, 4, 5, 12, None], Sort(Fact.DISTANCE_KM, band=5)) == [0, 0, 1, 2, 129]
    assert banded([0, 4, 5, 12, None], Sort(Fact.STOCK_UNITS, band=5, largest_first=True)) == [2, 2, 1, 0, 3]
    assert banded([None, None], Sort(Fact.DISTANCE_KM)) == [0, 0]


def facts(catalogue: Catalogue, **more: Any) -> Facts:
    wanted = order(("cup", 2), ("pot", 1))._replace(**more)
    destination = NetworkView(catalogue).destination("BR", "01310100", NOON)
    start, nodes, atp = array("i", [0, 3, 5]), array("I", [0, 1, 2, 0, 2]), array("q", [1, 9, 2, 0, 4])
    rows = Rows([0, 1], [2, 1], [], start, nodes, atp)
    return Facts(catalogue, NodeWords(catalogue), destination, wanted, rows, grams=3_000, now_ms=NOON, lead_ms=0)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort(Fact.STOCK_UNITS), [1, 2, 3]),
        (Sort(Fact.STOCK_UNITS, largest_first=True), [2, 1, 0]),
        (Sort(Fact.COVERAGE_PERCENT), [0, 50, 100]),
        (Sort(Fact.ARRIVAL_DAYS), [5, 5, 1]),
        (Sort(Fact.LANE_COST, band=10_000_000), [1, 1, 3]),
        (Sort(Fact.NODE_TYPE, prefer=("dark_store", "store")), [2, 1, 2]),
        (Sort(Fact.OWNER, prefer=("f",)), [1, 0, 1]),
        (Sort(Fact.DISTANCE_KM, band=100), [193, 3, 0]),
        (Sort(Fact.REFUSALS), [2, 0, 1]),
        (Sort(Fact.ACCEPTANCE_PERCENT, largest_first=True), [0, 5, 0]),
        (Sort(Fact.FREE_CAPACITY_PERCENT, largest_first=True), [70, 0, 0]),
    ],
)
def test_a_sort_is_a_number_of_every_lane(sort: Sort, expected: list[int]) -> None:
    catalogue = network()
    changed(
        catalogue,
        "b",
        type=2,
        owner_code="f",
        rejection_basis_points=500,
        latitude_e6=-22_900_000,
        longitude_e6=-43_200_000,
    )
    changed(catalogue, "c", latitude_e6=-23_600_000, longitude_e6=-46_700_000)
    catalogue.set_loads({0: 70})
    traits = OrderTraits(position_e6=(-23_550_000, -46_630_000), refused_by=("a", "a", "c"))
    assert lane_column(sort, facts(catalogue, traits=traits)) == expected


def test_lanes_of_one_node_have_its_number_each() -> None:
    catalogue = network()
    lane = catalogue.lanes.by_id["lane-a"]
    catalogue.put("lane", "air-a", 3, replace(lane, lane_id="air-a", carrier_service="air"), 0)
    assert lane_column(Sort(Fact.NODE, prefer=("c", "a")), facts(catalogue)) == [1, 1, 2, 0]


def test_levels_come_in_the_order_of_the_sorts_and_say_how_they_add_up() -> None:
    sorts = (
        Sort(Fact.SHIPMENTS),
        Sort(Fact.COST),
        Sort(Fact.ARRIVAL_DAYS),
        Sort(Fact.REFUSALS),
        Sort(Fact.REFUSALS, largest_first=True),
    )
    assert sort_levels(sorts, facts(network())) == [
        Level(LevelKind.SHIPMENTS),
        Level(LevelKind.COST),
        Level(LevelKind.WORST, array("q", [5, 5, 1])),
        Level(LevelKind.SUM, array("q", [0, 0, 0])),
        Level(LevelKind.WORST, array("q", [0, 0, 0])),
    ]


def test_one_shipment_of_unknown_value_is_worse_than_any_number_of_known_ones() -> None:
    known, unknown = banded([7, None], Sort(Fact.DISTANCE_KM))
    assert unknown > MAX_SHIPMENTS * known


def test_turns_are_fair_and_the_same_again_for_an_order() -> None:
    catalogue = network()
    for node_id, owner in (("a", "f"), ("b", "f"), ("c", "g")):
        changed(catalogue, node_id, owner_code=owner)
    by_node, by_owner = Counter[int](), Counter[int]()
    for n in range(600):
        first = lane_column(Sort(Fact.ROTATION), facts(catalogue, order_id=f"order-{n}"))
        assert first == lane_column(Sort(Fact.ROTATION, name="node"), facts(catalogue, order_id=f"order-{n}"))
        assert sorted(first) == [0, 1, 2]
        by_node[first.index(0)] += 1
        owners = lane_column(Sort(Fact.ROTATION, name="owner"), facts(catalogue, order_id=f"order-{n}"))
        assert owners[0] == owners[1] != owners[2]
        by_owner[owners.index(0)] += 1
    assert min(by_node.values()) > 150, "a third each"
    assert min(by_owner.values()) > 240, "half each, however many nodes an owner has"
