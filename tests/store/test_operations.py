"""The bytes of `reserve`, against MessagePack's own packer: the store must not see who packed them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.reservation import NO_NODE, ReservationLine, ShortfallReason
from promessa.store import answers
from promessa.store._operations import granted_lines, reserve_lines
from promessa.store.group_commit import consecutive
from promessa.store.keys import cell_field

EDGES = (0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**62)
NATURAL = st.sampled_from(EDGES) | st.integers(0, 2**62)
NEGATIVE = st.sampled_from((-1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**62)))
CELLS = st.lists(st.tuples(NATURAL, NATURAL, NATURAL), max_size=20)
SHORT = st.lists(st.tuples(NATURAL, NATURAL, NATURAL | NEGATIVE, st.sampled_from(ShortfallReason)), max_size=3)
HEADS = st.tuples(st.binary(max_size=12), NATURAL, st.text(max_size=4), st.text(max_size=40), st.binary(max_size=400))


@given(HEADS, CELLS, SHORT, st.integers(1, 256))
def test_lines_are_packed_as_messagepack_packs_them(
    head: tuple[bytes, int, str, str, bytes],
    cells: list[tuple[int, int, int]],
    short: list[tuple[int, int, int, ShortfallReason]],
    partitions: int,
) -> None:
    located: list[object] = []
    body: list[object] = [*head]
    for node_ix, sku_ix, units in cells:
        at = (node_ix % partitions, cell_field(node_ix, sku_ix), units)
        located += at
        body += (*at, units, units, 0, units if short else 0, 0)
    for sku_ix, requested, available, reason in short:
        body += (0, cell_field(NO_NODE, sku_ix), requested, 0, 0, 0, available, int(reason))
    found = reserve_lines(answers.pack(head), sum(cells, ()), sum(short, ()), partitions)
    assert found == (answers.pack(body), consecutive(located))


@given(CELLS)
def test_what_is_granted_in_full_is_open_in_full(cells: list[tuple[int, int, int]]) -> None:
    lines = granted_lines(sum(cells, ()), ReservationLine._make)
    assert lines == tuple(ReservationLine(*cell, cell[2], cell[2], 0, 0, 0) for cell in cells)
