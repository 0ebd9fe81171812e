"""How fast the replica takes over changes, how much memory a cell takes, and what a lookup costs: `measure()` for the
runner, or run it as a script.

Method: CPU time of the calling thread. Log entries are real replies of the protocol, parsed by hiredis anew for every
round and outside the clock; what is measured starts with the lists of bytes that redis-py hands over. Ours and the
yardstick take turns in short rounds, and a figure is the median of its rounds.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import hiredis
import msgpack

from promessa.replica import Reader, Writer

ROUNDS = 11
NODES = SKUS = 1_000
CELLS_A_ROUND = 64_000
MIX = ((1, 0.5), (4, 0.3), (16, 0.2))
"""Cells of an entry and their share of all cells: reservations of one line, of a basket, and items of a stock feed."""

SHARED = Path("/dev/shm") if os.path.isdir("/dev/shm") else Path(tempfile.gettempdir())
Entries = list[Any]


def measure() -> list[dict[str, object]]:
    """One entry for each figure: name, value, unit, yardstick, ratio (above 1 is better), goal, meets_goal."""
    path = SHARED / f"promessa-bench-{os.getpid()}"
    writer = Writer(path, 2, max_bytes=1 << 30)
    try:
        table = _fill(writer)
        stats = writer.stats()
        reader = Reader(path)
        return [
            _apply(writer, "replica_apply", MIX, "the mix of entries"),
            _apply(writer, "replica_apply_1", ((1, 1.0),), "entries of one cell"),
            _apply(writer, "replica_apply_16", ((16, 1.0),), "entries of 16 cells"),
            _bytes(stats),
            _lookup(reader, table),
            _basket(reader),
        ]
    finally:
        writer.close()


def _fill(writer: Writer) -> dict[tuple[int, int], int]:
    """A million cells, node after node as a load brings them. Returns the yardstick: the same in a dict."""
    for ix in range(NODES):
        writer.put_node(ix, b"node-%04d" % ix, 1)
    for ix in range(SKUS):
        writer.put_sku(ix, b"sku-%06d" % ix)
    table = {}
    for node in range(NODES):
        page = []
        for sku in range(SKUS):
            units = (node * 31 + sku * 7) % 50
            table[sku, node] = units
            page += [b"%d:%d" % (node, sku), _cell(units, 1)]
        writer.load_cells(page)
    writer.set_ready(True)
    return table


def _apply(writer: Writer, name: str, mix: tuple[tuple[int, float], ...], case: str) -> dict[str, object]:
    """Cells applied in a second of CPU, against a Python loop that decodes the same entries into a dict."""
    random, ours, theirs = Random(name), [], []
    table: dict[bytes, int] = {}
    for _ in range(ROUNDS + 1):
        reply, cells = _reply(random, writer.applied(0), mix)
        entries = _parse(reply)
        ours.append(cells / _cpu_seconds(lambda entries=entries: writer.apply(0, entries)))
        few = _parse(reply)[:2_000]
        touched = sum((len(fields) - 4) // 2 for _, fields in few)
        theirs.append(touched / _cpu_seconds(lambda few=few: _apply_to_dict(table, few)))
    value, yardstick = median(ours[1:]), median(theirs[1:])
    return _entry(
        name,
        value,
        "cells/s CPU",
        f"Python loop with msgpack into a dict; {case}",
        ratio=value / yardstick,
        goal=1_000_000,
        meets=value >= 1_000_000,
    )


def _reply(random: Random, position: int, mix: tuple[tuple[int, float], ...]) -> tuple[bytes, int]:
    """XREAD's entries after a position as the store sends them, and how many cells they touch."""
    sizes = [size for size, share in mix for _ in range(int(CELLS_A_ROUND * share / size))]
    random.shuffle(sizes)
    out = [b"*%d\r\n" % len(sizes)]
    for number, size in enumerate(sizes, position + 1):
        fields = [b"k", b"RESERVE", b"r", b"0-%016x" % random.getrandbits(64)]
        for _ in range(size):
            name = b"%d:%d" % (random.randrange(NODES), random.randrange(SKUS))
            fields += [name, _cell(random.randrange(300), number)]
        out.append(b"*2\r\n" + _bulk(b"%d-0" % number) + b"*%d\r\n" % len(fields) + b"".join(map(_bulk, fields)))
    return b"".join(out), sum(sizes)


def _bulk(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)


def _cell(on_hand: int, version: int) -> bytes:
    return b"".join(map(msgpack.packb, (on_hand, 0, 2, 1, 0, version, 1_700_000_000_000)))


def _parse(reply: bytes) -> Entries:
    parser = hiredis.Reader()
    parser.feed(reply)
    entries: Entries = parser.gets()
    return entries


def _apply_to_dict(table: dict[bytes, int], entries: Entries) -> None:
    unpacker = msgpack.Unpacker()
    for _, fields in entries:
        for name, value in zip(fields[::2], fields[1::2], strict=True):
            if name[:1].isdigit():
                unpacker.feed(value)
                on_hand, unavailable, safety_stock, held, committed, _version, _counted_at_ms = unpacker
                table[name] = max(0, on_hand - unavailable - safety_stock - held - committed)


def _bytes(stats: dict[str, int]) -> dict[str, object]:
    """Bytes of the file in use for a cell, everything in it counted: ids, tables, room for growth."""
    value = stats["bytes"] / stats["cells"]
    return _entry("replica_bytes", value, "B/cell", "goal of 24 bytes", ratio=24 / value, goal=24, meets=value <= 24)


def _lookup(reader: Reader, table: dict[tuple[int, int], int]) -> dict[str, object]:
    """One cell by its two indices, the call from Python counted on both sides; the empty loop is taken off."""
    random, count = Random(3), 100_000
    asked = [(random.randrange(SKUS), random.randrange(NODES)) for _ in range(count)]
    ours, theirs = [], []
    get, find = reader.get, table.__getitem__

    def by_replica() -> None:
        for sku, node in asked:
            get(sku, node)

    def by_dict() -> None:
        for sku, node in asked:
            find((sku, node))

    def empty() -> None:
        for _sku, _node in asked:
            pass

    for _ in range(ROUNDS):
        loop = _cpu_seconds(empty)
        ours.append((_cpu_seconds(by_replica) - loop) / count * 1e9)
        theirs.append((_cpu_seconds(by_dict) - loop) / count * 1e9)
    value = median(ours)
    return _entry(
        "replica_lookup",
        value,
        "ns CPU",
        "a Python dict of a million cells, keyed by the pair",
        ratio=median(theirs) / value,
        goal=200,
        meets=value <= 200,
    )


def _basket(reader: Reader) -> dict[str, object]:
    """CheckBasket of 10 lines over 300 nodes, bytes to bytes; the yardstick reads the cells alone, from Python."""
    lines = b"".join(_sub(1, _sub(1, b"sku-%06d" % (ix * 97)) + b"\x10\x03") for ix in range(10))
    request = lines + b"".join(_sub(3, b"node-%04d" % ix) for ix in range(300))
    assert isinstance(reader.check_basket(request), bytes)
    skus, get = [ix * 97 for ix in range(10)], reader.get
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu_seconds(lambda: [reader.check_basket(request) for _ in range(50)]) / 50 * 1e6)
        theirs.append(_cpu_seconds(lambda: [get(sku, node) for sku in skus for node in range(300)]) * 1e6)
    value = median(ours)
    yardstick = "its 3,000 cells looked up one by one from Python"
    return _entry(
        "replica_basket_10x300", value, "µs CPU", yardstick, ratio=median(theirs) / value, goal=50, meets=value <= 50
    )


def _sub(field: int, body: bytes) -> bytes:
    return bytes([field << 3 | 2, len(body)]) + body


def _cpu_seconds(call: Callable[[], object]) -> float:
    start = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - start) / 1e9


def _entry(
    name: str, value: float, unit: str, yardstick: str, *, ratio: float, goal: float, meets: bool
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": round(ratio, 3),
        "goal": goal,
        "meets_goal": meets,
    }


if __name__ == "__main__":
    for entry in measure():
        print(json.dumps(entry, ensure_ascii=False))
