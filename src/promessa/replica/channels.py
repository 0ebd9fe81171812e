"""What channels can be promised of cells with allocation pools: from what the log says to the rows of the replica.

The Writer owns one, and tells it of pools and cells as it meets them. Pools come before their cell where both changed.
"""

from __future__ import annotations

import msgpack

from promessa.domain.pools import CellPools, Pool

NO_POOL = -1
"""As PR_NO_POOL in ext/replica.h."""


class ChannelRows:
    """The pools of every cell that has some, and the channels whose rows show it."""

    def __init__(self) -> None:
        self._pools: dict[bytes, tuple[Pool, ...]] = {}
        self._shown: dict[bytes, set[str]] = {}

    def learn(self, field: bytes, packed: bytes) -> None:
        """The pools of a cell, `a:<field of the cell>`, are others now."""
        pools = tuple([Pool(*values) for values in msgpack.unpackb(packed)]) if packed else ()
        if pools:
            self._pools[field[2:]] = pools
        else:
            self._pools.pop(field[2:], None)

    def shows(self, field: bytes) -> bool:
        """Whether a channel's row has the cell."""
        return field in self._shown

    def units(self, field: bytes, cell: bytes) -> list[tuple[bytes, int]]:
        """What each channel can be promised of a cell as it is now; NO_POOL where its pool has gone.

        A pool keeps its units until the log says that it gave back: the store's sweep sees to that.
        """
        unpacker = msgpack.Unpacker()
        unpacker.feed(cell)
        on_hand, unavailable, safety_stock, held, committed, *_ = unpacker
        sellable = on_hand - unavailable - safety_stock
        found = CellPools(sellable - held - committed, sellable, self._pools.get(field, ())).by_channel(now_ms=0)
        gone = self._shown.pop(field, set()) - found.keys()
        if found:
            self._shown[field] = set(found)
        return [(channel.encode(), units) for channel, units in found.items()] + [(x.encode(), NO_POOL) for x in gone]

    def clear(self) -> None:
        """Everything is read again."""
        self._pools.clear()
        self._shown.clear()
