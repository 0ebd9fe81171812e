"""A kit's row says what its components' rows allow, whatever changes in whatever order; and what has no end limits nothing."""

from __future__ import annotations

import time
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import PARTITIONS, cell_value, replica

from promessa.domain.availability import AvailabilityStatus, Promise, promise, promise_of_kit
from promessa.domain.catalogue import NodeState
from promessa.domain.stock import ATP_INFINITE, ATP_MADE_TO_ORDER, StockCell, SupplyMode
from promessa.replica import Reader, Writer
from promessa.v1 import availability_service_pb2 as messages

NODES, SKUS = 4, 7
STATES = [1, 1, 1, 2]
recipes = st.dictionaries(st.integers(0, SKUS - 4), st.integers(1, 4), max_size=3).map(
    lambda found: tuple(found.items())
)
cells = st.tuples(
    st.just("cell"),
    st.integers(0, SKUS - 1),
    st.integers(0, NODES - 1),
    st.integers(0, 20),
    st.sampled_from([1, 1, 1, 2, 3]),
)
kits = st.tuples(st.just("kit"), st.integers(SKUS - 3, SKUS - 1), recipes)
changes = st.lists(st.one_of(cells, cells, kits, st.just(("clear",))), max_size=40)


def value(units: int, mode: int) -> bytes:
    packed = cell_value(units)
    return packed + msgpack.packb(mode) if mode > 1 else packed


class Expected:
    """Cells and recipes; rows of kits by the readable rules."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[int, int]] = {}
        self.kits: dict[int, tuple[tuple[int, int], ...]] = {}

    def promise(self, sku: int, node: int) -> Promise:
        state = NodeState(STATES[node])
        return promise_of_kit(
            [(promise(self._cell(part, node), state), units) for part, units in self.kits.get(sku) or ((sku, 1),)]
        )

    def _cell(self, sku: int, node: int) -> StockCell | None:
        found = self.cells.get((sku, node))
        return None if found is None else StockCell(found[0], 0, 0, 0, 0, 1, 0, found[1])

    def atp(self, sku: int, node: int) -> int:
        endless = {AvailabilityStatus.INFINITE: ATP_INFINITE, AvailabilityStatus.MADE_TO_ORDER: ATP_MADE_TO_ORDER}
        found = self.promise(sku, node)
        return endless.get(found.status, found.available)


def named(writer: Writer) -> None:
    for node, state in enumerate(STATES):
        writer.put_node(node, b"n%d" % node, state)
    for sku in range(SKUS):
        writer.put_sku(sku, b"s%d" % sku)
    for partition in range(PARTITIONS):
        writer.caught_up(partition, time.monotonic_ns())
    writer.set_epoch(7)
    writer.set_ready(True)


def apply(writer: Writer, expected: Expected, change: Any) -> None:
    match change:
        case ("cell", sku, node, units, mode):
            writer.load_cells([b"%d:%d" % (node, sku), value(units, mode)])
            if not expected.kits.get(sku):
                expected.cells[sku, node] = (units, mode)
        case ("kit", sku, recipe):
            writer.put_kit(sku, [(b"s%d" % part, units) for part, units in recipe])
            if recipe or expected.kits.get(sku):  # its row is made anew
                expected.cells = {key: found for key, found in expected.cells.items() if key[0] != sku}
            expected.kits[sku] = recipe
        case _:
            writer.clear()
            expected.cells = {}


@given(changes)
@settings(max_examples=200, deadline=None)
def test_the_row_of_a_kit_follows_its_components(found: list[Any]) -> None:
    with replica(max_bytes=1 << 24) as (writer, path):
        named(writer)
        reader, expected = Reader(path), Expected()
        for change in found:
            apply(writer, expected, change)
        for sku in range(SKUS):
            for node in range(NODES):
                assert reader.get(sku, node) == expected.atp(sku, node), (sku, node)
            _check_reads(reader, expected, sku)
        entries = sum(len(reader.row(sku)[0]) for sku in range(SKUS))
        assert writer.stats()["cells"] == entries


def _check_reads(reader: Reader, expected: Expected, sku: int) -> None:
    """The hot reads: each node as the readable rules say, the sum and its status."""
    ask = messages.GetAvailabilityRequest(sku=f"s{sku}", node_ids=[f"n{node}" for node in range(NODES)])
    raw = reader.get_availability(ask.SerializeToString())
    assert isinstance(raw, bytes)
    answer = messages.GetAvailabilityResponse.FromString(raw)
    promises = [expected.promise(sku, node) for node in range(NODES)]
    assert [(x.available_quantity, x.status) for x in answer.nodes] == [(p.available, p.status) for p in promises]
    total = sum(p.available for p in promises)
    endless = [p.status for p in promises if p.endless]
    if total or endless:
        assert (answer.available_quantity, answer.status) == (total, 1 if total else endless[-1])
    basket = messages.CheckBasketRequest(lines=[{"sku": f"s{sku}", "quantity": 3}])
    raw = reader.check_basket(basket.SerializeToString())
    assert isinstance(raw, bytes)
    able = {x.node_id for x in messages.CheckBasketResponse.FromString(raw).nodes}
    assert able == {f"n{node}" for node, p in enumerate(promises) if p.enough_for >= 3}
    start, nodes, atps = reader.rows([sku])
    assert dict(zip(nodes, atps, strict=True)) == {n: p.enough_for for n, p in enumerate(promises) if p.enough_for}
    assert list(start) == [0, len(nodes)]


def test_a_kit_of_what_nobody_knows_is_refused() -> None:
    with replica(max_bytes=1 << 24) as (writer, _):
        named(writer)
        with pytest.raises(KeyError):
            writer.put_kit(0, [(b"nothing", 1)])
        with pytest.raises(KeyError):
            writer.put_kit(SKUS, [(b"s0", 1)])
        with pytest.raises(ValueError, match="at most"):
            writer.put_kit(0, [(b"s1", 1)] * 65)


def test_the_numbers_without_end_are_those_of_the_domain() -> None:
    for mode, atp in ((SupplyMode.INFINITE, ATP_INFINITE), (SupplyMode.MADE_TO_ORDER, ATP_MADE_TO_ORDER)):
        with replica(max_bytes=1 << 24) as (writer, path):
            named(writer)
            writer.load_cells([b"0:0", value(5, mode)])
            assert Reader(path).get(0, 0) == atp == StockCell(5, 0, 0, 0, 0, 1, 0, mode).atp
