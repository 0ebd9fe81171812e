"""What a channel can be promised of watched cells: the pools of the cells on its board, and units from values of the log.

The log has the pools of a cell before the cell itself wherever either changed, so a cell is always read with its own pools.
A pool keeps its units until the log says that it gave back: the store's sweep sees to that.
"""

from __future__ import annotations

from promessa.domain.pools import Pool
from promessa.domain.watching import UNKNOWN
from promessa.store.event_log import channel_units_in
from promessa.store.pool_store import decode_pools


class ChannelPools:
    """Pools by cell, as the logs name it: b"12:345". A cell that is not there has none."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._pools: dict[bytes, tuple[Pool, ...] | None] = {}

    def put(self, cell: bytes, packed: bytes | None) -> None:
        """The pools of a cell, as the store has them."""
        if packed:
            self._pools[cell] = decode_pools(packed)
        else:
            self._pools.pop(cell, None)

    def lose(self, cell: bytes) -> None:
        """Nobody knows the pools of a cell until they change."""
        self._pools[cell] = None

    def drop(self, cell: bytes) -> None:
        """A cell is not on the board any more."""
        self._pools.pop(cell, None)

    def units(self, cell: bytes, value: bytes) -> int:
        """Units that a raw cell promises to the channel; UNKNOWN if it has pools that nobody knows."""
        units = channel_units_in(value, self._pools.get(cell, ()), self.channel)
        return UNKNOWN if units is None else units

    def copy(self) -> ChannelPools:
        """One of its own."""
        found = ChannelPools(self.channel)
        found._pools = dict(self._pools)
        return found
