"""What is kept of the stock decides as the stock did, and is refused where it was damaged."""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promessa.kernel import Basket, Network, Rules, plan
from promessa.service.decision_rows import RowForm, pack_rows, unpack_rows

Row = dict[int, int]
Columns = tuple["array[int]", "array[int]", "array[int]"]
ROWS = st.dictionaries(st.integers(0, 40), st.integers(0, 9), max_size=30)
LINES = st.lists(st.tuples(st.integers(1, 6), ROWS), min_size=1, max_size=5)


def columns(rows: list[Row]) -> tuple[array[int], array[int], array[int]]:
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    for row in rows:
        for node in sorted(row):
            nodes.append(node)
            atp.append(row[node])
        start.append(len(nodes))
    return start, nodes, atp


def rows_of(start: array[int], nodes: array[int], atp: array[int]) -> list[Row]:
    return [dict(zip(nodes[a:b], atp[a:b], strict=True)) for a, b in pairwise(start)]


@given(LINES, st.data())
def test_a_row_is_read_back_as_far_as_its_form_keeps_it(lines: list[tuple[int, Row]], data: st.DataObject) -> None:
    quantities, rows = [line[0] for line in lines], [line[1] for line in lines]
    forms = [data.draw(st.sampled_from(RowForm)) for _ in lines]
    found = rows_of(*unpack_rows(pack_rows(quantities, *columns(rows), forms), quantities))
    for quantity, row, form, again in zip(quantities, rows, forms, found, strict=True):
        enough = {node: quantity for node, units in row.items() if units >= quantity}
        parts = {node: units for node, units in row.items() if 0 < units < quantity}
        counts = {node: units for node, units in row.items() if units > 0}
        assert again == {RowForm.WHOLE: enough, RowForm.PARTS: enough | parts, RowForm.COUNTS: counts}[form]


def test_a_thousand_nodes_are_a_bit_each_and_few_are_a_byte_each() -> None:
    everywhere = dict.fromkeys(range(1000), 3)
    assert len(pack_rows([2] * 5, *columns([everywhere] * 5), [RowForm.WHOLE] * 5)) <= 5 * 129
    here_and_there = dict.fromkeys(range(0, 1000, 100), 3)
    assert len(pack_rows([2], *columns([here_and_there]), [RowForm.WHOLE])) <= 12


@given(st.binary(max_size=60), st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_damaged_rows_are_refused_or_are_rows(packed: bytes, quantities: list[int]) -> None:
    try:
        start, nodes, atp = unpack_rows(packed, quantities)
    except ValueError:
        return
    assert len(start) == len(quantities) + 1 and start[-1] == len(nodes) == len(atp)
    for a, b in pairwise(start):
        assert list(nodes[a:b]) == sorted(set(nodes[a:b]))


def instance(random: Random) -> tuple[Network, list[int], list[int], list[Row], Rules]:
    nodes, lines = random.randint(2, 24), random.randint(1, 5)
    lanes = [random.choice([0, 1, 1, 2]) for _ in range(nodes)]
    network = Network(
        fixed_cost=[random.choice([0, 3, 10]) for _ in range(nodes)],
        unit_cost=[random.choice([0, 1]) for _ in range(nodes)],
        lane_start=[sum(lanes[:i]) for i in range(nodes + 1)],
        lane_rate=[random.randrange(2) for _ in range(sum(lanes))],
        lane_surcharge=[random.choice([0, 2]) for _ in range(sum(lanes))],
        bracket_start=[0, 1, 3],
        bracket_grams=[8, 3, 30],
        bracket_price=[5, 4, 9],
        over_step_grams=[random.choice([0, 4]), 0],
        over_step_price=[1, 0],
    )
    quantities = [random.randint(1, 5) for _ in range(lines)]
    rows = [{node: random.randint(1, 7) for node in range(nodes) if random.random() < 0.5} for _ in range(lines)]
    rules = Rules(
        max_shipments=random.choice([0, 0, 1, 2]),
        ship_complete=random.random() < 0.2,
        allow_line_split=random.random() < 0.8,
        split_cost=random.choice([0, 4]),
        node_eligible=bytes(random.random() < 0.8 for _ in range(nodes)),
        budget_steps=random.choice([20, 5_000]),
    )
    return network, quantities, [random.choice([0, 1, 4]) for _ in range(lines)], rows, rules


def decided(network: Network, rules: Rules, quantities: list[int], grams: list[int], columns: Columns) -> Any:
    start, nodes, atp = columns
    basket = Basket(quantities=quantities, unit_grams=grams, row_start=start, row_node=nodes, row_atp=atp)
    return plan(network, basket, rules)


def test_what_is_kept_of_a_line_served_whole_decides_as_all_of_it_did() -> None:
    """Also where the search runs out of steps: the plan, its bound and its steps are the same."""
    random, whole = Random(7), 0
    for _ in range(4_000):
        network, quantities, grams, rows, rules = instance(random)

        found = decided(network, rules, quantities, grams, columns(rows))
        served: dict[int, list[int]] = {}
        for line, _, units in found[5]:
            served.setdefault(line, []).append(units)
        forms = [
            RowForm.WHOLE if served.get(line) == [quantity] else RowForm.PARTS
            for line, quantity in enumerate(quantities)
        ]
        whole += forms.count(RowForm.WHOLE)
        kept = unpack_rows(pack_rows(quantities, *columns(rows), forms), quantities)
        assert decided(network, rules, quantities, grams, kept) == found
    assert whole > 3_000


@pytest.mark.parametrize("form", [RowForm.WHOLE, RowForm.PARTS])
def test_parts_are_what_a_line_that_is_split_needs(form: RowForm) -> None:
    network, _, _, _, rules = instance(Random(3))
    split = replace(rules, node_eligible=None, allow_line_split=True, max_shipments=0, ship_complete=False)
    quantities, rows = [5], [dict.fromkeys(range(network.nodes), 2)]
    start, nodes, atp = unpack_rows(pack_rows(quantities, *columns(rows), [form]), quantities)
    basket = Basket(quantities=quantities, unit_grams=[0], row_start=start, row_node=nodes, row_atp=atp)
    assert (plan(network, basket, split)[0] == 5) == (form == RowForm.WHOLE)
