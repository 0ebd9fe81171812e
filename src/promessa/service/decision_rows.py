"""The stock that a decision saw, in few bytes: for each line of which nodes had enough, and more only where it mattered.

    a line     form (a byte: RowForm; 4 is added where the first list is one, not a map of bits), then
      WHOLE    nodes that had the quantity
      PARTS    the same, then nodes that had less with their units: for lines that are split, or left unserved
      COUNTS   nodes with their units, all of them: where stock has a price, or a policy asks for it
    nodes      as a map: its first byte's place, its length, the bytes; as a list: how many, then how far each is from the last
    numbers    seven bits a byte, the lowest first

So 1,000 nodes take 125 bytes a line. The kernel counts no more units of a line than are wanted, and looks at parts only where
no node has a line whole: with these rows it decides as it did.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import IntEnum

from promessa.service._rows import pack_rows

__all__ = ["NODES_MAX", "RowForm", "pack_rows", "unpack_rows"]

NODES_MAX = 1_000_000
"""As many nodes as the kernel takes: what names more is damaged."""

_AS_LIST = 4


class RowForm(IntEnum):
    """How much is kept of a line's row. The numbers are those of ext/_rows.pyx."""

    WHOLE = 0
    PARTS = 1
    COUNTS = 2


def unpack_rows(packed: bytes, quantities: Sequence[int]) -> tuple[array[int], array[int], array[int]]:
    """Row starts, nodes and units, as StockRows.rows gives them. Raises ValueError for bytes that are no rows."""
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    reader = _Reader(packed)
    for quantity in quantities:
        for node, units in sorted(_row(reader, quantity).items()):
            nodes.append(node)
            atp.append(units)
        start.append(len(nodes))
    if reader.at != len(packed):
        raise ValueError("There is more than the rows of the lines.")
    return start, nodes, atp


def _row(reader: _Reader, quantity: int) -> dict[int, int]:
    form = reader.byte()
    if form == RowForm.COUNTS:
        return reader.entries(with_units=True, units=0)
    as_list = form & _AS_LIST
    row = reader.entries(with_units=False, units=quantity) if as_list else dict.fromkeys(reader.map(), quantity)
    if form & ~_AS_LIST == RowForm.PARTS:
        row |= reader.entries(with_units=True, units=0)
    elif form & ~_AS_LIST != RowForm.WHOLE:
        raise ValueError(f"There is no form {form} of a row.")
    return row


class _Reader:
    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self._packed):
            raise ValueError("The rows end too early.")
        self.at += 1
        return self._packed[self.at - 1]

    def number(self) -> int:
        value = shift = 0
        while True:
            part = self.byte()
            value |= (part & 127) << shift
            shift += 7
            if part < 128:
                return value
            if shift > 63:
                raise ValueError("A number of the rows has no end.")

    def map(self) -> list[int]:
        first, length = self.number(), self.number()
        if (first + length) * 8 > NODES_MAX + 8:
            raise ValueError("The rows name more nodes than there can be.")
        return [
            (first + i) * 8 + bit
            for i in range(length)
            for byte in [self.byte()]
            for bit in range(8)
            if byte >> bit & 1
        ]

    def entries(self, *, with_units: bool, units: int) -> dict[int, int]:
        found, node = {}, -1
        for _ in range(self.number()):
            node += self.number() + 1
            if node >= NODES_MAX:
                raise ValueError("The rows name more nodes than there can be.")
            found[node] = self.number() if with_units else units
        return found
