"""What the façade refuses, each with a plain sentence; and that nothing it accepts can overflow."""

from array import array

import pytest
from kernel_builders import UNLIMITED, basket, network

from promessa.kernel import Basket, Network, Rules, _kernel, decide

COLUMNS = {
    "fixed_cost": [1, 1],
    "unit_cost": [1, 1],
    "lane_start": [0, 1, 2],
    "lane_rate": [0, 0],
    "lane_surcharge": [0, 0],
    "bracket_start": [0, 2],
    "bracket_grams": [10, 20],
    "bracket_price": [1, 2],
    "over_step_grams": [0],
    "over_step_price": [0],
}

LINES = {"quantities": [1], "unit_grams": [1], "row_start": [0, 2], "row_node": [0, 1], "row_atp": [1, 1]}


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("fixed_cost", [], "from 1 to"),
        ("fixed_cost", [1, -1], "must be from"),
        ("fixed_cost", [1, 10**15 + 1], "must be from"),
        ("unit_cost", [1], "one value for each node"),
        ("unit_cost", [1, -1], "must be from"),
        ("lane_start", [0, 1], "lane_start"),
        ("lane_start", [1, 1, 2], "lane_start"),
        ("lane_start", [0, 1, 3], "lane_start"),
        ("lane_start", [0, 3, 2], "must not descend"),
        ("lane_rate", [0, 1], "must be from"),
        ("lane_rate", [0, -1], "must be from"),
        ("lane_surcharge", [0], "one value for each lane"),
        ("lane_surcharge", [0, -1], "must be from"),
        ("bracket_start", [0, 1], "bracket_start"),
        ("bracket_grams", [10, 10], "must ascend"),
        ("bracket_grams", [0, 10], "must be from"),
        ("bracket_price", [2, 1], "must not get cheaper"),
        ("bracket_price", [-1, 1], "must be from"),
        ("bracket_price", [1], "needs a price"),
        ("over_step_grams", [-1], "must be from"),
        ("over_step_price", [-1], "must be from"),
        ("over_step_price", [0, 0], "over_step_price"),
    ],
)
def test_a_network_with_a_wrong_column_is_refused(column: str, values: list[int], sentence: str) -> None:
    Network(**COLUMNS)
    with pytest.raises(ValueError, match=sentence):
        Network(**{**COLUMNS, column: values})


def test_a_rate_without_brackets_is_refused() -> None:
    with pytest.raises(ValueError, match="has no bracket"):
        Network(**{**COLUMNS, "bracket_start": [0, 0, 2], "over_step_grams": [0, 0], "over_step_price": [0, 0]})


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("quantities", [], "from 1 to 64 lines"),
        ("quantities", [1] * 65, "from 1 to 64 lines"),
        ("quantities", [0], "must be from"),
        ("quantities", [10**6 + 1], "must be from"),
        ("unit_grams", [-1], "must be from"),
        ("unit_grams", [10**7 + 1], "must be from"),
        ("unit_grams", [1, 1], "one value for each line"),
        ("row_start", [0, 1], "row_start"),
        ("row_start", [0, 1, 2], "row_start"),
        ("row_atp", [1], "one value each"),
    ],
)
def test_a_basket_with_a_wrong_column_is_refused(column: str, values: list[int], sentence: str) -> None:
    Basket(**LINES)
    with pytest.raises(ValueError, match=sentence):
        Basket(**{**LINES, column: values})


@pytest.mark.parametrize("nodes", [[1, 0], [0, 0], [0, 2]])
def test_a_stock_row_out_of_order_or_out_of_the_network_is_refused(nodes: list[int]) -> None:
    with pytest.raises(ValueError, match="strictly ascending"):
        decide(Network(**COLUMNS), Basket(**{**LINES, "row_node": nodes}))


@pytest.mark.parametrize(
    "rules",
    [
        Rules(max_shipments=-1),
        Rules(split_cost=-1),
        Rules(split_cost=10**15 + 1),
        Rules(budget_steps=-1),
        Rules(excluded_nodes=(2,)),
        Rules(node_eligible=b"\1"),
        Rules(lane_allowed=b"\1\1\1"),
    ],
)
def test_rules_out_of_range_are_refused(rules: Rules) -> None:
    with pytest.raises(ValueError, match=r"must|names"):
        decide(Network(**COLUMNS), Basket(**LINES), rules)


@pytest.mark.parametrize("alternatives", [-1, 17])
def test_too_many_alternatives_are_refused(alternatives: int) -> None:
    with pytest.raises(ValueError, match="alternatives"):
        decide(Network(**COLUMNS), Basket(**LINES), alternatives=alternatives)


def test_a_basket_whose_cost_could_leave_the_exact_range_is_refused() -> None:
    lines = basket((1_000_000, {0: 1_000_000}), unit_grams=1)
    with pytest.raises(OverflowError, match="could cost"):
        decide(network(fixed_cost=[0], unit_cost=[10**10], rates=[[(10**7, 1)]]), lines)
    with pytest.raises(OverflowError, match="could cost"):
        decide(network(fixed_cost=[0], rates=[[(1, 1)]], over=[(1, 10**10)]), lines)
    assert decide(network(fixed_cost=[0], unit_cost=[10**9], rates=[[(10**7, 1)]]), lines).total_cost == 10**15 + 1


def test_numbers_near_the_largest_accepted_cost_are_added_exactly() -> None:
    nodes = network(fixed_cost=[10**15 - 3, 10**15 - 4], rates=[[(10**7, 5)]])
    decision = decide(nodes, basket((1, {0: 1, 1: 1}), (1, {0: 1, 1: 1}), unit_grams=1))
    assert decision.shipments[0].node == 1
    assert decision.total_cost == 10**15 + 1


def test_a_network_and_a_basket_cannot_be_changed_by_building_them_again() -> None:
    nodes, lines = Network(**COLUMNS), Basket(**LINES)
    with pytest.raises(TypeError, match="immutable"):
        nodes.__init__(**COLUMNS)
    with pytest.raises(TypeError, match="immutable"):
        lines.__init__(**LINES)


def test_a_network_keeps_its_own_copy_of_the_columns() -> None:
    fixed = array("q", [1, 1])
    nodes = Network(**{**COLUMNS, "fixed_cost": fixed})
    fixed[0] = 99
    assert nodes.fixed_cost == (1, 1)


def test_more_survivors_than_the_search_holds_are_never_called_proven() -> None:
    """1,500 equal nodes for each of two lines, and none with both: nothing can be fixed away."""
    nodes = network(fixed_cost=[1] * 3_000)
    lines = basket((1, dict.fromkeys(range(0, 3_000, 2), 1)), (1, dict.fromkeys(range(1, 3_000, 2), 1)))
    decision = decide(nodes, lines, Rules(budget_steps=UNLIMITED))
    assert decision.total_cost == 22
    assert not decision.proven_optimal
    assert decision.lower_bound <= 22


def test_the_limits_are_those_the_header_was_compiled_with() -> None:
    assert (_kernel.MAX_LINES, _kernel.MAX_SHIPMENTS, _kernel.MAX_ALTERNATIVES) == (64, 64, 16)
