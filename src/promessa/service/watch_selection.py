"""Which cells a watch is over, and who watches a cell: found by look-ups, however many watch.

Nodes and skus are their indices as the store writes them: b"12" and b"345", a cell b"12:345".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Watching = TypeVar("Watching")


@dataclass(frozen=True, slots=True)
class Selection:
    """Skus at nodes. None stands for every one, also those that come later; not both are None."""

    nodes: frozenset[bytes] | None
    skus: frozenset[bytes] | None

    def has(self, node: bytes, sku: bytes) -> bool:
        """Whether a cell is among them."""
        return self.has_node(node) and self.has_sku(sku)

    def has_node(self, node: bytes) -> bool:
        """Whether a cell of this node may be among them."""
        return self.nodes is None or node in self.nodes

    def has_sku(self, sku: bytes) -> bool:
        """Whether a cell of this sku may be among them."""
        return self.skus is None or sku in self.skus


class Interest(Generic[Watching]):
    """Who watches what. Of one watcher's selection every cell is found in one of three dictionaries."""

    def __init__(self) -> None:
        self._of_cell: dict[bytes, list[Watching]] = {}
        self._of_node: dict[bytes, list[Watching]] = {}
        self._of_sku: dict[bytes, list[Watching]] = {}
        self._skus: Counter[bytes | None] = Counter()

    def add(self, selection: Selection, watching: Watching) -> None:
        directory, names = self._places(selection)
        for name in names:
            directory.setdefault(name, []).append(watching)
        self._skus.update((None,) if selection.skus is None else selection.skus)

    def remove(self, selection: Selection, watching: Watching) -> None:
        directory, names = self._places(selection)
        for name in names:
            directory[name].remove(watching)
            if not directory[name]:
                del directory[name]
        for sku in (None,) if selection.skus is None else selection.skus:
            self._skus[sku] -= 1
            if not self._skus[sku]:
                del self._skus[sku]

    def of(self, node: bytes, sku: bytes) -> list[Watching]:
        """Who watches a cell; the list is not to be changed."""
        found = self._of_cell.get(b"%b:%b" % (node, sku), [])
        for more in (self._of_node.get(node), self._of_sku.get(sku)):
            if more:
                found = found + more
        return found

    def has_sku(self, sku: bytes) -> bool:
        """Whether anybody may watch a cell of a sku."""
        return sku in self._skus or None in self._skus

    def _places(self, selection: Selection) -> tuple[dict[bytes, list[Watching]], Iterator[bytes]]:
        if selection.nodes is None:
            assert selection.skus is not None
            return self._of_sku, iter(selection.skus)
        if selection.skus is None:
            return self._of_node, iter(selection.nodes)
        skus = selection.skus
        return self._of_cell, (b"%b:%b" % (node, sku) for node in selection.nodes for sku in skus)
