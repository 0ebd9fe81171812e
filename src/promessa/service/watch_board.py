"""What watched cells promise at one position of the logs, and what the next entries change.

A node that is paused or deleted promises nothing; its cells keep their counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from promessa.domain.watching import Change
from promessa.service.watch_selection import Selection
from promessa.store.event_log import available_in

ACTIVE = b"1"
NODE_FIELD = b"n:"


class Board:
    """Cells by node and sku. A cell that is not there never was, and promises nothing."""

    def __init__(self) -> None:
        self._rows: dict[bytes, dict[bytes, int | None]] = {}
        self._inactive: set[bytes] = set()

    def put_cell(self, node: bytes, sku: bytes, available: int | None) -> None:
        """What a cell promises if its node takes orders; None where nobody knows."""
        self._rows.setdefault(node, {})[sku] = available

    def put_node(self, node: bytes, *, active: bool) -> None:
        """Whether a node takes orders; one that was not put does."""
        (self._inactive.discard if active else self._inactive.add)(node)

    def forget(self, node: bytes, sku: bytes) -> None:
        """No longer keep a cell."""
        row = self._rows.get(node, {})
        row.pop(sku, None)
        if not row:
            self._rows.pop(node, None)

    def part(self, selection: Selection) -> Board:
        """A board of its own with the cells of a selection, and all nodes."""
        found = Board()
        found._inactive = set(self._inactive)
        for node, sku, available in self.cells(selection):
            found.put_cell(node, sku, available)
        return found

    def cells(self, selection: Selection) -> Iterator[tuple[bytes, bytes, int | None]]:
        """Node, sku and what it promises if its node takes orders, of every cell of a selection."""
        for node in self._rows if selection.nodes is None else selection.nodes:
            row = self._rows.get(node, {})
            for sku in row if selection.skus is None else selection.skus:
                if sku in row:
                    yield node, sku, row[sku]

    def states(self, selection: Selection) -> Iterator[Change]:
        """What every cell of a selection promises now, as a change from nobody knows what."""
        for node, sku, available in self.cells(selection):
            yield Change(node, sku, None, 0 if node in self._inactive else available or 0)

    def apply(self, flat: list[bytes], wanted: Callable[[bytes, bytes], object]) -> Iterator[Change]:
        """Take over one entry of a log as far as its cells are wanted; what changed, in order."""
        for i in range(2, len(flat) - 1, 2):  # the first pair is the instant
            name = flat[i]
            if name[:1].isdigit():
                node, _, sku = name.partition(b":")
                if wanted(node, sku):
                    yield from self._apply_cell(node, sku, available_in(flat[i + 1]))
            elif name.startswith(NODE_FIELD):
                yield from self._apply_node(name[2:], active=flat[i + 1] == ACTIVE)

    def _apply_cell(self, node: bytes, sku: bytes, after: int) -> Iterator[Change]:
        row = self._rows.setdefault(node, {})
        before = row.get(sku, 0)
        row[sku] = after
        if before != after and node not in self._inactive:
            yield Change(node, sku, before, after)

    def _apply_node(self, node: bytes, *, active: bool) -> Iterator[Change]:
        if active == (node not in self._inactive):
            return
        self.put_node(node, active=active)
        for sku, available in self._rows.get(node, {}).items():
            if active and available:
                yield Change(node, sku, 0, available)
            elif not active and available != 0:
                yield Change(node, sku, available, 0)
