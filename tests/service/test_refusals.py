"""What a node refused as an order of its own: whatever is asked, no unit is lost, doubled, or taken from elsewhere."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.kinds import OwnStock, Ways
from promessa.domain.sourcing import Constraints, Order, Plan, PlannedShipment
from promessa.service.refusals import (
    RefusedLine,
    by_first_order,
    order_of,
    refused_lines,
    waiting_for_nothing,
    without,
)

SKUS = ["cup", "pot", "bowl"]
LINES = (("cup", 4), ("pot", 3), ("cup", 2), ("bowl", 1))
"""Of an order that asks for cups twice, to go different ways."""


def ship(node_ix: int, *lines: tuple[int, int], supply_day: int = 0) -> PlannedShipment:
    taken = tuple((position, SKUS.index(LINES[position][0]), units) for position, units in lines)
    return PlannedShipment(node_ix, f"lane-{node_ix}", "", 0, 0, 0, 0, 0, 0, taken, supply_day=supply_day)


def plan(*shipments: PlannedShipment) -> Plan:
    return Plan(shipments, (), "BRL", 0, 0, 0, True)


NOW = plan(ship(1, (0, 3), (1, 3)), ship(1, (2, 2)), ship(2, (0, 1), (3, 1)), ship(1, (3, 1), supply_day=9))
THERE = {0: 5, 1: 3}


def order(together: tuple[str, ...] = (), **ways: object) -> Order:
    return Order("o", LINES, "BR", "01310100", ways=Ways(together=together, **ways))  # type: ignore[arg-type]


def units_of(found: Plan) -> Counter[tuple[int, int, int]]:
    counted: Counter[tuple[int, int, int]] = Counter()
    for each in found.shipments:
        for position, sku_ix, units in each.lines:
            counted[each.node_ix, position, sku_ix] += units
    return counted


@given(st.fixed_dictionaries({0: st.integers(0, 5), 1: st.integers(0, 3)}))
def test_as_many_units_are_refused_as_are_asked_and_the_rest_of_the_plan_stays(asked: dict[int, int]) -> None:
    found = refused_lines(order(), NOW, 1, asked, THERE, SKUS)
    sums: Counter[int] = Counter()
    for line in found:
        sums[line.sku_ix] += line.units
        assert LINES[line.position][0] == SKUS[line.sku_ix] and line.units > 0
    assert sums == Counter({sku_ix: units for sku_ix, units in asked.items() if units})
    left = without(NOW, 1, found)
    taken = Counter({(1, line.position, line.sku_ix): line.units for line in found})
    assert units_of(left) + taken == units_of(NOW)
    assert all(each.lines for each in left.shipments)


@given(st.fixed_dictionaries({0: st.integers(0, 5), 1: st.integers(0, 3)}))
def test_what_leaves_together_is_refused_together(asked: dict[int, int]) -> None:
    found = {
        line.position: line.units for line in refused_lines(order(("set", "set", "", "")), NOW, 1, asked, THERE, SKUS)
    }
    assert (0 in found) == (1 in found)
    if 0 in found:
        assert (found[0], found[1]) == (3, 3)


def test_units_that_were_moved_here_by_hand_are_of_the_first_line_with_that_sku() -> None:
    found = refused_lines(order(), plan(ship(2, (0, 4))), 1, {0: 2, 2: 1}, {0: 2, 2: 1}, SKUS)
    assert found == [RefusedLine(0, 0, 2), RefusedLine(3, 2, 1)]


def test_units_of_a_line_that_came_by_several_shipments_are_all_refused() -> None:
    """As when another node refused before, and its units went to this one, too."""
    now = plan(ship(1, (0, 2)), ship(1, (0, 2)), ship(2, (3, 1)))
    assert refused_lines(order(), now, 1, {0: 4}, {0: 4}, SKUS) == [RefusedLine(0, 0, 4)]
    assert refused_lines(order(), now, 1, {0: 3}, {0: 4}, SKUS) == [RefusedLine(0, 0, 3)]
    assert refused_lines(order(("set", "", "", "")), now, 1, {0: 1}, {0: 4}, SKUS) == [RefusedLine(0, 0, 4)]


def test_units_that_were_moved_by_hand_to_a_node_that_serves_the_line_are_refused_with_it() -> None:
    found = refused_lines(order(), plan(ship(1, (0, 3)), ship(2, (0, 1))), 1, {0: 4}, {0: 4}, SKUS)
    assert found == [RefusedLine(0, 0, 4)]


def test_the_order_of_what_was_refused_says_only_that() -> None:
    refused = [RefusedLine(1, 1, 2), RefusedLine(2, 0, 1)]
    first = order(
        ("", "a", "b", ""), pickups=("", "s", "", "s"), sold_at="n1", own_stock=int(OwnStock.FIRST), backorder=True
    )
    first = first._replace(constraints=Constraints(max_shipments=3, excluded_node_ids=("n9",), ship_complete=True))
    found = order_of(first, refused, ["n0", "n1"], ["n1"], kept=1)
    assert found.lines == (("pot", 2), ("cup", 1))
    assert found.constraints == Constraints(max_shipments=2, excluded_node_ids=("n9", "n1"), ship_complete=True)
    assert found.traits.refused_by == ("n0", "n1")
    assert (found.ways.pickups, found.ways.together) == (("s", ""), ("a", "b"))
    assert found.ways.own_stock == OwnStock.EXCLUDED
    assert found.ways.waits and not waiting_for_nothing(found).ways.waits
    assert order_of(first, refused, ["n2"], [], kept=9).constraints.max_shipments == 1
    assert order_of(first, refused, ["n2"], [], kept=9).ways.own_stock == OwnStock.FIRST


def test_a_plan_of_refused_lines_is_told_by_the_lines_of_the_first_order() -> None:
    found = by_first_order(plan(ship(5, (0, 1), (1, 2)))._replace(unserved=((1, 1, 4),)), (3, 1))
    assert [line[0] for line in found.shipments[0].lines] == [3, 1]
    assert found.unserved == ((1, 1, 4),)
