"""What channels can be promised of cells with allocation pools, and of kits of them: from what the log says to the rows of
the replica.

The Writer owns one, and tells it of kits, pools and cells as it meets them. Pools come before their cell where both changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgpack

from promessa.domain.pools import CellPools, Pool

NO_POOL = -1
"""As PR_NO_POOL in ext/replica.h."""

ENDLESS = 2**63 - 2
"""As PR_MADE_TO_ORDER in ext/replica.h: what has so much limits no kit."""

_MODE = 7

Parts = tuple[tuple[int, int], ...]
"""What a kit consists of: indices of skus, and units of each in one kit."""


class ChannelRows:
    """The pools of every cell that has some, and the channels whose rows show it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Everything is read again."""
        self._pools: dict[bytes, tuple[Pool, ...]] = {}
        self._shown: dict[int, dict[int, dict[str, int]]] = {}
        self._parts: dict[int, Parts] = {}
        self._kits: dict[int, set[int]] = {}

    def put_kit(self, kit: int, parts: Parts) -> None:
        """A sku consists of other parts now; of none if it is no kit."""
        for sku, _ in self._parts.pop(kit, ()):
            self._kits[sku].discard(kit)
        if parts:
            self._parts[kit] = parts
        for sku, _ in parts:
            self._kits.setdefault(sku, set()).add(kit)

    def kits_with(self, sku: int) -> Iterable[int]:
        """The kits that a sku is in."""
        return self._kits.get(sku, ())

    def parts(self, kit: int) -> Parts:
        """What a kit consists of."""
        return self._parts.get(kit, ())

    def nodes_of_kit(self, kit: int) -> set[int]:
        """The nodes where a channel's row shows a kit, or one of its components."""
        return {node for sku in (kit, *(sku for sku, _ in self.parts(kit))) for node in self._shown.get(sku, ())}

    def learn(self, field: bytes, packed: bytes) -> None:
        """The pools of a cell, `a:<field of the cell>`, are others now."""
        pools = tuple([Pool(*values) for values in msgpack.unpackb(packed)]) if packed else ()
        if pools:
            self._pools[field[2:]] = pools
        else:
            self._pools.pop(field[2:], None)

    def shows(self, sku: int, node: int) -> bool:
        """Whether a channel's row has the cell."""
        return node in self._shown.get(sku, ())

    def units(self, sku: int, node: int, field: bytes, cell: bytes) -> list[tuple[bytes, int]]:
        """What each channel can be promised of a cell as it is now; NO_POOL where its pool has gone.

        A pool keeps its units until the log says that it gave back: the store's sweep sees to that.
        """
        unpacker = msgpack.Unpacker()
        unpacker.feed(cell)
        values = list(unpacker)
        if len(values) > _MODE and values[_MODE]:
            return self._show(sku, node, {})
        on_hand, unavailable, safety_stock, held, committed = values[:5]
        sellable = on_hand - unavailable - safety_stock
        found = CellPools(sellable - held - committed, sellable, self._pools.get(field, ())).by_channel(now_ms=0)
        return self._show(sku, node, found)

    def units_of_kit(self, kit: int, node: int, common: Sequence[int] | None) -> list[tuple[bytes, int]]:
        """What each channel can be promised of a kit at a node, as `units`.

        `common` is what no channel has of its components there, None where it lacks one.
        """
        if common is None:
            return self._show(kit, node, {})
        parts = [
            (self._shown.get(sku, {}).get(node, {}), units, plain)
            for (sku, units), plain in zip(self.parts(kit), common, strict=True)
        ]
        channels = {channel for kept, _, _ in parts for channel in kept}
        found = {
            channel: min(_kits(kept, channel, plain, units) for kept, units, plain in parts) for channel in channels
        }
        return self._show(kit, node, found)

    def _show(self, sku: int, node: int, found: Mapping[str, int]) -> list[tuple[bytes, int]]:
        nodes = self._shown.setdefault(sku, {})
        gone = nodes.pop(node, {}).keys() - found.keys()
        if found:
            nodes[node] = dict(found)
        return [(channel.encode(), units) for channel, units in found.items()] + [(x.encode(), NO_POOL) for x in gone]


def _kits(kept: Mapping[str, int], channel: str, common: int, units: int) -> int:
    """Kits that a channel has enough of a component for: what the deepest pool on its path says, else what is common."""
    while channel and channel not in kept:
        channel = channel.rpartition("/")[0]
    have = kept.get(channel, common)
    return have if have >= ENDLESS else have // units
