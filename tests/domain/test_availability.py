"""The readable rules of availability and baskets."""

import pytest

from promessa.domain.availability import (
    AvailabilityStatus,
    BasketMode,
    BasketRejection,
    NodeCoverage,
    Promise,
    check_basket,
    promise,
    promise_of_kit,
)
from promessa.domain.catalogue import NodeState
from promessa.domain.stock import StockCell, SupplyMode


def cell(**counts: int) -> StockCell:
    return StockCell(**{**dict.fromkeys(StockCell.__slots__, 0), "mode": SupplyMode.STOCKED, **counts})


@pytest.mark.parametrize(
    ("counts", "available"),
    [
        ({"on_hand": 10}, 10),
        ({"on_hand": 10, "unavailable": 1, "safety_stock": 2, "held": 3, "committed": 4}, 0),
        ({"on_hand": 11, "unavailable": 1, "safety_stock": 2, "held": 3, "committed": 4}, 1),
        ({"on_hand": 1, "safety_stock": 5}, 0),
    ],
)
def test_atp_is_what_is_left_and_never_below_zero(counts: dict[str, int], available: int) -> None:
    assert cell(**counts).available == available


def test_units_promised_beyond_those_on_hand_are_a_deficit() -> None:
    assert cell(on_hand=5, unavailable=1, held=3, committed=3).deficit == 2
    assert cell(on_hand=6, held=3, committed=3).deficit == 0


def test_a_paused_node_promises_nothing() -> None:
    assert promise(cell(on_hand=9), NodeState.PAUSED) == Promise(0, AvailabilityStatus.NODE_PAUSED)


def test_a_cell_that_never_was_is_not_stocked_and_an_empty_one_is_out_of_stock() -> None:
    assert promise(None, NodeState.ACTIVE).status == AvailabilityStatus.NOT_STOCKED
    assert promise(cell(), NodeState.ACTIVE).status == AvailabilityStatus.OUT_OF_STOCK


NODES = [("a", NodeState.ACTIVE), ("b", NodeState.ACTIVE), ("c", NodeState.PAUSED), ("d", None)]
STOCK = {("x", "a"): 5, ("y", "a"): 1, ("x", "b"): 5, ("y", "b"): 5, ("x", "c"): 9, ("y", "c"): 9}


def test_a_whole_basket_needs_every_line_whole() -> None:
    able, rejected = check_basket([("x", 2), ("y", 2)], BasketMode.ALL, NODES, STOCK)
    assert able == [NodeCoverage("b", (0, 1), 4)]
    assert [(node.node_id, node.reason, node.short_lines) for node in rejected] == [
        ("a", BasketRejection.SHORT, (1,)),
        ("c", BasketRejection.NODE_PAUSED, ()),
        ("d", BasketRejection.UNKNOWN_NODE, ()),
    ]


def test_a_partial_basket_ranks_whole_lines_before_units() -> None:
    able, _ = check_basket([("x", 5), ("y", 2)], BasketMode.PARTIAL, NODES, STOCK)
    assert [(node.node_id, node.whole_lines, node.served_quantity) for node in able] == [
        ("b", (0, 1), 7),
        ("a", (0,), 6),
    ]


def test_lines_with_one_sku_are_summed_before_the_check() -> None:
    able, _ = check_basket([("x", 3), ("x", 3)], BasketMode.ALL, NODES[:1], STOCK)
    assert able == []
    able, _ = check_basket([("x", 3), ("x", 2)], BasketMode.ALL, NODES[:1], STOCK)
    assert able == [NodeCoverage("a", (0, 1), 5)]


def test_any_unit_makes_a_node_able_in_mode_any() -> None:
    able, _ = check_basket([("x", 100)], BasketMode.ANY, NODES[:1], STOCK)
    assert able == [NodeCoverage("a", (), 5)]


@pytest.mark.parametrize("state", [NodeState.PAUSED, NodeState.FULL])
def test_a_node_that_takes_no_orders_promises_no_kit_for_that_reason(state: NodeState) -> None:
    for mode in SupplyMode:
        promised = promise(cell(on_hand=5, mode=mode), state)
        assert promise_of_kit([(promised, 1)]) == promised
        assert promise_of_kit([(promised, 2), (promised, 3)]) == promised
