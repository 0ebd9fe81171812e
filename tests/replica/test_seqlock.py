"""Readers in other processes never see half a change: a stress test, and the proof that it would notice."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from world import cell_value, replica

from promessa.replica import Reader, Writer

NODES = 700
SECONDS = 3.0


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


def read_until(path: str, deadline: float, unsafe: bool, found: multiprocessing.Queue[int]) -> None:
    found.put(torn_rows(path, lambda: time.monotonic() > deadline, unsafe=unsafe))


def write_until(writer: Writer, deadline: float) -> None:
    """The row grows from nothing to all nodes and is emptied, over and over; between two inserts all units are equal.

    A cell that is inserted moves all cells behind it, so half an insert is a row that does not ascend.
    """
    value = cell_value(5)
    while time.monotonic() < deadline:
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
        deadline = time.monotonic() + SECONDS + 1.0
        readers = [context.Process(target=read_until, args=(path, deadline, unsafe, found)) for _ in range(2)]
        for reader in readers:
            reader.start()
        write_until(writer, deadline)
        torn = sum(found.get(timeout=60) for _ in readers)
        for reader in readers:
            reader.join(60)
    if unsafe:
        assert torn > 0, "the test has no teeth: nothing was torn even without the seqlock"
    else:
        assert torn == 0
