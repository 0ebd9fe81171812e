"""Lines that name groups: nothing is taken twice, nothing that could be served is refused, and few nodes do it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.placement import Missing, WantedLine, place
from promessa.domain.reservation import ShortfallReason

NODES = range(4)
lines = st.lists(
    st.builds(
        WantedLine,
        st.integers(0, 1),
        st.lists(st.sampled_from(NODES), unique=True, max_size=4).map(sorted),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=4,
)
stock = st.dictionaries(st.tuples(st.sampled_from(NODES), st.integers(0, 1)), st.integers(-2, 6))


def most_units(wanted: list[WantedLine], atp: dict[tuple[int, int], int]) -> int:
    """Maximum flow by minimum cut: over all sets of nodes on the lines' side of the cut."""
    total = 0
    for sku in (0, 1):
        mine = [line for line in wanted if line.sku_ix == sku]
        cuts = []
        for side in product([False, True], repeat=len(NODES)):
            nodes = {node for node in NODES if side[node]}
            stock_cut = sum(max(0, atp.get((node, sku), 0)) for node in nodes)
            cuts.append(stock_cut + sum(line.units for line in mine if not set(line.node_ixs) <= nodes))
        total += min(cuts)
    return total


@given(lines, stock)
def test_all_that_can_be_served_is_served_and_nothing_twice(
    wanted: list[WantedLine], atp: dict[tuple[int, int], int]
) -> None:
    taken, missing = place(wanted, atp)
    assert all(0 < units <= atp[cell] for cell, units in taken.items())
    assert sum(taken.values()) == most_units(wanted, atp)
    short = sum(each.requested - each.available for each in missing)
    assert sum(taken.values()) + short == sum(line.units for line in wanted)
    allowed = {(node, line.sku_ix) for line in wanted for node in line.node_ixs}
    assert taken.keys() <= allowed


@given(lines, stock, st.sampled_from(NODES))
def test_one_node_that_has_everything_serves_everything(
    wanted: list[WantedLine], atp: dict[tuple[int, int], int], node: int
) -> None:
    wanted = [line._replace(node_ixs=sorted({*line.node_ixs, node})) for line in wanted]
    rich = {**atp, (node, 0): 100, (node, 1): 100}
    taken, missing = place(wanted, rich)
    assert missing == []
    assert len({cell[0] for cell in taken}) == 1


def test_units_of_another_line_give_way() -> None:
    both, first = WantedLine(0, [0, 1], 5), WantedLine(0, [0, 2], 5)
    taken, missing = place([both, first], {(0, 0): 5, (1, 0): 5})
    assert (taken, missing) == ({(0, 0): 5, (1, 0): 5}, [])


def test_a_place_that_takes_no_orders_says_so() -> None:
    assert place([WantedLine(0, [], 2)], {(0, 0): 9}) == ({}, [Missing(0, 2, 0, ShortfallReason.NODE_PAUSED)])
