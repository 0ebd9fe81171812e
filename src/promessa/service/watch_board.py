"""What watched cells promise at one position of the logs, and what the next entries change.

A node that is paused, full for today or deleted promises nothing; its cells keep their counts. A kit has a cell, too, which
follows those of its components: they are on the board though nobody may watch them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from promessa.domain.stock import ATP_INFINITE, ATP_MADE_TO_ORDER
from promessa.domain.watching import UNKNOWN
from promessa.service._mailbox import Cell
from promessa.service.watch_channel import ChannelPools
from promessa.service.watch_selection import Selection
from promessa.store.event_log import POOLS, available_in

STATE_FIELDS = (b"n:", b"f:")
"""Before the index of a node: whether it is paused or deleted, and whether it is full."""
OPEN = (b"1", None)
"""Of either, for a node that takes orders."""

Change = tuple[Cell, int, int]
"""A cell, and the units it promised before and promises after."""

Parts = tuple[tuple[bytes, int], ...]
"""Components of a kit: sku, and units of it in one kit."""

Row = dict[bytes, Cell]
Wanted = Callable[[bytes, bytes], object]


class Board:
    """Cells by node and sku. A cell that is not there never was, and promises nothing.

    With `pools` it is what their channel can be promised, and else what no pool keeps.
    """

    def __init__(self, pools: ChannelPools | None = None) -> None:
        self._pools = pools
        self._rows: dict[bytes, Row] = {}
        self._closed: set[bytes] = set()
        self._unsure: set[bytes] = set()
        self._kits: dict[bytes, Parts] = {}
        self._used_in: dict[bytes, list[bytes]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    # Putting ----------------------------------------------------------------------------------------------------------

    def put_cell(self, node: bytes, sku: bytes, available: int) -> None:
        """What a cell promises if its node takes orders; UNKNOWN where nobody knows. Kits follow with `settle_kits`."""
        if sku in self._kits:
            return
        row = self._rows.setdefault(node, {})
        if sku in row:
            row[sku].available = available
        else:
            row[sku] = Cell(node, sku, available)

    def put_value(self, node: bytes, sku: bytes, value: bytes) -> None:
        """A cell as the store has it, after its pools."""
        self.put_cell(node, sku, self._units_in(b"%b:%b" % (node, sku), value))

    def put_pools(self, cell: bytes, packed: bytes | None) -> None:
        """The pools of a cell as the store has them."""
        if self._pools is not None:
            self._pools.put(cell, packed)

    def lose_pools(self, cell: bytes) -> None:
        """Nobody knows the pools of a cell until they change."""
        if self._pools is not None:
            self._pools.lose(cell)

    def put_state(self, name: bytes, value: bytes | None) -> None:
        """A field of a node's state, as the store has it."""
        (self._closed.discard if value in OPEN else self._closed.add)(name)

    def put_unsure(self, name: bytes) -> None:
        """Nobody knows the state until it changes: then what every cell of the node promises is told as a state."""
        self._closed.add(name)
        self._unsure.add(name)

    def know_kit(self, kit: bytes, parts: Parts) -> None:
        """What a kit consists of, nothing if it is none any more. Its cells follow with `settle_kits`."""
        for part, _ in self._kits.pop(kit, ()):
            self._used_in[part].remove(kit)
            if not self._used_in[part]:
                del self._used_in[part]
        if parts:
            self._kits[kit] = parts
            for part, _ in parts:
                self._used_in.setdefault(part, []).append(kit)

    def settle_kits(self, selection: Selection, wanted: Wanted) -> None:
        """Let the kits of a selection follow what was put of their components."""
        kits = [kit for kit in self._kits if selection.has_sku(kit)]
        for node in self._rows if selection.nodes is None else selection.nodes & self._rows.keys():
            for kit in kits:
                if wanted(node, kit):
                    self._follow_kit(node, kit, [])

    def forget(self, selection: Selection, wanted: Wanted) -> None:
        """No longer keep cells of a selection that are not wanted, nor what they alone needed."""
        kits = [kit for kit in self._kits if selection.has_sku(kit)]
        gone = [cell for cell in self.cells(selection) if not wanted(cell.node, cell.sku)]
        for cell in gone:
            if not self.is_used(cell.node, cell.sku, wanted):
                self._drop(cell.node, cell.sku)
        nodes = list(self._rows) if selection.nodes is None else selection.nodes
        for part in {part for kit in kits for part, _ in self._kits[kit]}:
            for node in nodes:
                if not wanted(node, part) and not self.is_used(node, part, wanted):
                    self._drop(node, part)

    def _drop(self, node: bytes, sku: bytes) -> None:
        row = self._rows.get(node, {})
        row.pop(sku, None)
        if self._pools is not None:
            self._pools.drop(b"%b:%b" % (node, sku))
        if not row:
            self._rows.pop(node, None)

    def is_used(self, node: bytes, sku: bytes, wanted: Wanted) -> bool:
        """Whether a wanted kit follows a cell."""
        return any(wanted(node, kit) for kit in self._used_in.get(sku, ()))

    # Reading ----------------------------------------------------------------------------------------------------------

    @property
    def has_pools(self) -> bool:
        """Whether the pools of its cells are needed."""
        return self._pools is not None

    @property
    def nodes(self) -> Iterable[bytes]:
        """Nodes with cells."""
        return self._rows.keys()

    @property
    def kits(self) -> Mapping[bytes, Parts]:
        """The kits that are followed."""
        return self._kits

    def part(self, selection: Selection) -> Board:
        """A board of its own with the cells of a selection and what they need, and all nodes."""
        found = Board(None if self._pools is None else self._pools.copy())
        found._closed = set(self._closed)
        for kit, parts in self._kits.items():
            if selection.has_sku(kit):
                found.know_kit(kit, parts)
        skus = None if selection.skus is None else selection.skus | found._used_in.keys()
        for cell in self.cells(Selection(selection.nodes, skus)):
            found.put_cell(cell.node, cell.sku, cell.available)
        found.settle_kits(selection, selection.has)
        return found

    def take_kits_off(self, selection: Selection, skus: Iterable[bytes]) -> list[Change]:
        """No longer follow some kits, or skus that were kits; what they promise now at the nodes of a selection."""
        states = []
        for sku in skus:
            self.know_kit(sku, ())
            for node in list(self._rows) if selection.nodes is None else selection.nodes:
                cell = self._rows.get(node, {}).get(sku) or Cell(node, sku, 0)
                states.append((cell, UNKNOWN, cell.available if self._takes_orders(node) else 0))
                self._drop(node, sku)
        return states

    def needs(self, node: bytes, sku: bytes, selection: Selection) -> bool:
        """Whether the cells of a selection are of this cell, or follow it."""
        return selection.has_node(node) and (
            selection.has_sku(sku) or any(selection.has_sku(kit) for kit in self._used_in.get(sku, ()))
        )

    def cells(self, selection: Selection) -> Iterator[Cell]:
        """Every cell of a selection."""
        for node in self._rows if selection.nodes is None else selection.nodes:
            row = self._rows.get(node, {})
            for sku in row if selection.skus is None else selection.skus:
                if sku in row:
                    yield row[sku]

    def states(self, selection: Selection) -> Iterator[Change]:
        """What every cell of a selection promises now, as a change from nobody knows what."""
        for cell in self.cells(selection):
            yield cell, UNKNOWN, cell.available if self._takes_orders(cell.node) else 0

    def _takes_orders(self, node: bytes) -> bool:
        closed = self._closed
        return not closed or all(field + node not in closed for field in STATE_FIELDS)

    # Following --------------------------------------------------------------------------------------------------------

    def apply(self, flat: list[bytes], wanted: Wanted) -> list[Change]:
        """Take over one entry of a log as far as its cells are wanted; what changed, in order, and then the kits."""
        changes: list[Change] = []
        kits: dict[tuple[bytes, bytes], None] = {}
        for i in range(2, len(flat) - 1, 2):  # the first pair is the instant
            name = flat[i]
            if name[:1].isdigit():
                node, _, sku = name.partition(b":")
                followers = [kit for kit in self._used_in.get(sku, ()) if wanted(node, kit)] if self._used_in else ()
                cell = self._cell_of(node, sku, wanted, is_needed=bool(followers))
                if cell is not None:
                    self._become(cell, self._units_in(name, flat[i + 1]), changes)
                    kits.update(((node, kit), None) for kit in followers)
            elif name.startswith(STATE_FIELDS):
                self._apply_state(name, flat[i + 1], changes)
            elif self._pools is not None and name.startswith(POOLS):
                node, _, sku = name[len(POOLS) :].partition(b":")
                if wanted(node, sku) or self.is_used(node, sku, wanted):
                    self._pools.put(name[len(POOLS) :], flat[i + 1])
        for node, kit in kits:
            self._follow_kit(node, kit, changes)
        return changes

    def put_kit(self, kit: bytes, parts: Parts, wanted: Wanted) -> list[Change]:
        """What a kit consists of from now on, nothing if it is none any more; what that changes."""
        changes: list[Change] = []
        self.know_kit(kit, parts)
        for node, row in self._rows.items():
            if kit in row or wanted(node, kit):
                self._follow_kit(node, kit, changes)
        return changes

    def _units_in(self, name: bytes, value: bytes) -> int:
        return available_in(value) if self._pools is None else self._pools.units(name, value)

    def _cell_of(self, node: bytes, sku: bytes, wanted: Wanted, *, is_needed: bool) -> Cell | None:
        """The cell to keep, if it is to be kept: what is on the board is."""
        row = self._rows.get(node)
        if row is not None and sku in row:
            return None if sku in self._kits else row[sku]
        if sku in self._kits or not (is_needed or wanted(node, sku)):
            return None
        cell = self._rows.setdefault(node, {})[sku] = Cell(node, sku, 0)
        return cell

    def _become(self, cell: Cell, after: int, changes: list[Change]) -> None:
        before = cell.available
        if before != after:
            cell.available = after
            if self._takes_orders(cell.node):
                changes.append((cell, before, after))

    def _apply_state(self, name: bytes, value: bytes, changes: list[Change]) -> None:
        node = name[2:]
        before = self._takes_orders(node)
        self.put_state(name, value)
        active = self._takes_orders(node)
        if name in self._unsure:
            self._unsure.remove(name)
            told = (cell for cell in self._rows.get(node, {}).values() if cell.available != UNKNOWN)
            changes += [(cell, UNKNOWN, cell.available if active else 0) for cell in told]
            return
        if active == before:
            return
        for cell in self._rows.get(node, {}).values():
            if active and cell.available > 0:
                changes.append((cell, 0, cell.available))
            elif not active and cell.available != 0:
                changes.append((cell, cell.available, 0))

    def _follow_kit(self, node: bytes, kit: bytes, changes: list[Change]) -> None:
        row = self._rows[node]
        after = _kits_in(row, self._kits.get(kit, ()))
        cell = row.get(kit)
        if cell is None:
            if after is None:
                return
            cell = row[kit] = Cell(node, kit, 0)
        self._become(cell, after or 0, changes)


def _kits_in(row: Row, parts: Parts) -> int | None:
    """Kits that a node can promise: as the scarcest component allows. None where it never had one of the components.

    `domain.stock.atp_of_kit` has the same rule.
    """
    least = ATP_INFINITE
    for part, units in parts:
        cell = row.get(part)
        if cell is None:
            return None
        if cell.available == UNKNOWN:
            return UNKNOWN
        least = min(least, cell.available if cell.available >= ATP_MADE_TO_ORDER else cell.available // units)
    return least if parts else None
