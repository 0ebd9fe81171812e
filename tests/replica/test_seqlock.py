"""Readers in other processes never see half a change: a stress test, and the proof that it would notice."""

from __future__ import annotations

import multiprocessing
import struct
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from world import PARTITIONS, cell_value, replica

from promessa.replica import Code, Reader, Writer
from promessa.v1 import availability_service_pb2 as messages

NODES = 700
SECONDS = 2.0
PATIENCE_SECONDS = 120.0
"""How long a reader without the seqlock may look for half a change; it finds one at once unless the machine is busy."""


def torn_rows(path: str, stop: Callable[[], bool], *, unsafe: bool) -> int:
    """Reads one row again and again: its nodes must ascend and its units all be the same."""
    reader = Reader(path)
    torn = 0
    while not stop():
        for _ in range(200):
            nodes, atps = reader.row(0, unsafe_no_seqlock=unsafe)
            ordered = all(a < b for a, b in pairwise(nodes))
            if not ordered or (len(atps) and min(atps) != max(atps)):
                torn += 1
    return torn


def read(path: str, unsafe: bool, found: multiprocessing.Queue[int]) -> None:
    deadline = time.monotonic() + SECONDS
    torn = torn_rows(path, lambda: time.monotonic() > deadline, unsafe=unsafe)
    while unsafe and not torn and time.monotonic() < deadline + PATIENCE_SECONDS:
        torn = torn_rows(path, iter([False, True]).__next__, unsafe=unsafe)
    found.put(torn)


def write_for(readers: list[Any], writer: Writer) -> None:
    """The row grows from nothing to all nodes and is emptied, over and over; between two inserts all units are equal.

    A cell that is inserted moves all cells behind it, so half an insert is a row that does not ascend.
    """
    value = cell_value(5)
    while any(reader.is_alive() for reader in readers):
        writer.clear()
        for node in range(NODES - 1, -1, -1):
            writer.load_cells([b"%d:0" % node, value])


@pytest.mark.parametrize("unsafe", [False, True])
def test_no_reader_sees_a_torn_row_and_without_the_seqlock_some_do(unsafe: bool) -> None:
    context = multiprocessing.get_context("spawn")
    with replica() as (writer, path):
        for node in range(NODES):
            writer.put_node(node, b"node-%d" % node, 1)
        writer.put_sku(0, b"sku")
        writer.set_ready(True)
        found: multiprocessing.Queue[int] = context.Queue()
        readers = [context.Process(target=read, args=(path, unsafe, found)) for _ in range(2)]
        for reader in readers:
            reader.start()
        write_for(readers, writer)
        torn = sum(found.get(timeout=60) for _ in readers)
        for reader in readers:
            reader.join(60)
    if unsafe:
        assert torn > 0, "the test has no teeth: nothing was torn even without the seqlock"
    else:
        assert torn == 0


def loads_seen(path: str, seconds: float, found: multiprocessing.Queue[Any]) -> None:
    """Asks all three hot reads again and again. Finds answers that are neither whole nor left to the store."""
    reader = Reader(path)
    get = messages.GetAvailabilityRequest(sku="sku").SerializeToString()
    pairs = [{"sku": "sku", "node_id": f"node-{node}"} for node in range(NODES)]
    batch = messages.BatchGetAvailabilityRequest(pairs=pairs).SerializeToString()
    basket = messages.CheckBasketRequest(lines=[{"sku": "sku", "quantity": 1}], mode=3).SerializeToString()
    wrong, whole, refused, deadline = [], 0, 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for read, request, kind in (
            (reader.get_availability, get, messages.GetAvailabilityResponse),
            (reader.batch_get_availability, batch, messages.BatchGetAvailabilityResponse),
            (reader.check_basket, basket, messages.CheckBasketResponse),
        ):
            answer = read(request)
            if isinstance(answer, int):
                refused += answer == Code.NOT_READY
                continue
            response = kind.FromString(answer)
            match response:
                case messages.GetAvailabilityResponse():
                    units = [node.available_quantity for node in response.nodes]
                case messages.BatchGetAvailabilityResponse():
                    units = [pair.available_quantity for pair in response.availabilities]
                case _:
                    units = [node.served_quantity for node in response.nodes]
            whole += 1
            least = 1 if kind is messages.CheckBasketResponse else response.freshness.applied_sequences[0]
            if len(units) != NODES or min(units) < least:
                wrong.append((kind.__name__, len(units), min(units, default=0), least))
    found.put((wrong[:3], whole, refused))


def test_no_answer_mixes_a_load_with_the_emptiness_before_it_or_promises_what_it_did_not_read() -> None:
    """Every load writes its own number as the units of all cells, and then says that it has applied so much."""
    context = multiprocessing.get_context("spawn")
    with replica() as (writer, path):
        for node in range(NODES):
            writer.put_node(node, b"node-%d" % node, 1)
        writer.put_sku(0, b"sku")
        found: multiprocessing.Queue[Any] = context.Queue()
        readers = [context.Process(target=loads_seen, args=(path, SECONDS, found)) for _ in range(2)]
        for reader in readers:
            reader.start()
        number = 0
        while any(reader.is_alive() for reader in readers):
            number += 1
            writer.set_ready(False)
            writer.clear()
            writer.load_cells([x for node in range(NODES) for x in (b"%d:0" % node, cell_value(number))])
            for partition in range(PARTITIONS):
                writer.set_position(partition, number)
            writer.set_ready(True)
            for _ in range(20):  # and changes of every cell under the readers' eyes
                number += 1
                writer.load_cells([x for node in range(NODES) for x in (b"%d:0" % node, cell_value(number))])
                writer.set_position(0, number)
        results = [found.get(timeout=60) for _ in readers]
        for reader in readers:
            reader.join(60)
    assert all(not wrong for wrong, _, _ in results), results
    assert all(whole > 100 for _, whole, _ in results), results


def growth_seen(path: str, seconds: float, found: multiprocessing.Queue[Any]) -> None:
    """Looks ids and rows up while all tables grow: what was there once stays, and has one value in all of a row."""
    reader = Reader(path)
    known, wrong, deadline = 0, [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        count = reader.sku_count
        for ix in {0, known // 2, known - 1, count // 2, count - 1} if count else ():
            if ix < 0:
                continue
            if reader.sku_id(ix) != f"sku-{ix}" or reader.sku_index(f"sku-{ix}") != ix:
                wrong.append(("id", ix))
            start, nodes, atps = reader.rows([ix])
            if any(units != 100 + ix for units in atps) or list(nodes) != sorted(set(nodes)) or start[1] != len(nodes):
                wrong.append(("row", ix))
        if count < known:
            wrong.append(("count", count))
        known = count
    found.put((wrong[:3], known))


def test_readers_go_on_while_every_table_grows() -> None:
    context = multiprocessing.get_context("spawn")
    with replica() as (writer, path):
        found: multiprocessing.Queue[Any] = context.Queue()
        readers = [context.Process(target=growth_seen, args=(path, SECONDS, found)) for _ in range(2)]
        for reader in readers:
            reader.start()
        sku = 0
        while any(reader.is_alive() for reader in readers) and sku < 60_000:
            writer.put_sku(sku, b"sku-%d" % sku)
            if sku % 20 == 0:
                writer.put_node(sku // 20, b"node-%d" % (sku // 20), 1)
            writer.load_cells(
                [x for n in range(sku // 20 + 1) for x in (b"%d:%d" % (n, sku), cell_value(100 + sku))][:80]
            )
            sku += 1
        results = [found.get(timeout=60) for _ in readers]
        for reader in readers:
            reader.join(60)
    assert all(not wrong and known > 100 for wrong, known in results), results


def test_a_row_whose_writer_died_in_the_middle_is_left_to_the_store() -> None:
    with replica() as (writer, path):
        for node in range(3):
            writer.put_node(node, b"node-%d" % node, 1)
        writer.put_sku(0, b"a-sku-that-stands-out")
        writer.load_cells([x for node in range(3) for x in (b"%d:0" % node, cell_value(5))])
        writer.set_ready(True)
        reader = Reader(path)
        with open(path, "r+b") as file:
            row = file.read(1 << 20).index(
                struct.pack("<IIII", 6, 3, 4, 21)
            )  # sequence, length, capacity, length of id
            file.seek(row)
            file.write(struct.pack("<I", 7))
        sku = "a-sku-that-stands-out"
        began = time.monotonic()
        for node_ids in ([], ["node-0"]):
            request = messages.GetAvailabilityRequest(sku=sku, node_ids=node_ids)
            assert reader.get_availability(request.SerializeToString()) == Code.NOT_READY
        basket = messages.CheckBasketRequest(lines=[{"sku": sku, "quantity": 1}])
        assert reader.check_basket(basket.SerializeToString()) == Code.NOT_READY
        for read in (lambda: reader.get(0, 0), lambda: reader.rows([0]), lambda: reader.row(0)):
            with pytest.raises(TimeoutError, match="stopped in the middle"):
                read()
        assert 0.4 < time.monotonic() - began < 5
