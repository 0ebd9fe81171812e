"""Allocation pools: units of a cell kept for a channel, and what that leaves for each.

    common = free - what all pools keep, never below zero
    a channel = the sum of its sources, never more than is free

`lua/pools.lua` decides by the same rules inside the store; the model test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple


class PoolStrategy(IntEnum):
    """Where a channel takes units from. CLOSED is no choice: such a pool was cleared or gave back, and keeps nothing."""

    CLOSED = 0
    STRICT = 1
    OWN_FIRST = 2
    COMMON_FIRST = 3


class Pool(NamedTuple):
    """What one cell keeps for a channel: `units`, or where `permille` is above zero a share of what could be sold.

    `gives_back_ms` is when it ends, 0 for never. `drawn` are its units in reservations that are held or confirmed.
    """

    channel: str
    strategy: int
    permille: int
    units: int
    gives_back_ms: int
    drawn: int

    def is_open(self, now_ms: int) -> bool:
        """Whether it keeps units at an instant, swept or not."""
        return self.strategy != PoolStrategy.CLOSED and not 0 < self.gives_back_ms <= now_ms

    def quota(self, sellable: int) -> int:
        """Units it keeps, drawn ones among them, of so many that could be sold but for promises."""
        return max(0, sellable) * self.permille // 1000 if self.permille else self.units

    def unused(self, sellable: int, now_ms: int) -> int:
        """Units it keeps that nobody has drawn."""
        return max(0, self.quota(sellable) - self.drawn) if self.is_open(now_ms) else 0

    def serves(self, channel: str) -> bool:
        """Whether it is on the path of a channel: the pool of `web` serves `web/vip`, too."""
        return channel == self.channel or channel.startswith(self.channel + "/")


class CellPools(NamedTuple):
    """A cell as its pools see it: units that are free, that could be sold but for promises, and the pools in order."""

    free: int
    sellable: int
    pools: Sequence[Pool]

    def ring_fenced(self, now_ms: int) -> int:
        """Units kept from what is common."""
        return sum(pool.unused(self.sellable, now_ms) for pool in self.pools)

    def common(self, now_ms: int) -> int:
        """Units that can be promised without a channel."""
        return max(0, self.free - self.ring_fenced(now_ms))

    def available(self, channel: str, now_ms: int) -> int:
        """Units that can be promised to a channel."""
        units = sum(
            self.common(now_ms) if pool is None else pool.unused(self.sellable, now_ms)
            for pool in sources(self.pools, channel, now_ms)
        )
        return max(0, min(self.free, units))

    def by_channel(self, now_ms: int) -> dict[str, int]:
        """What can be promised to the channel of each open pool. Any other has what the nearest above it has."""
        return {pool.channel: self.available(pool.channel, now_ms) for pool in self.pools if pool.is_open(now_ms)}


def sources(pools: Iterable[Pool], channel: str, now_ms: int) -> list[Pool | None]:
    """Where a channel takes units from, in order; None is what is common. `pools` are ordered by channel."""
    order: list[Pool | None] = [None]
    for pool in pools:
        if pool.serves(channel) and pool.is_open(now_ms):
            if pool.strategy == PoolStrategy.STRICT:
                order = [pool]
            elif pool.strategy == PoolStrategy.OWN_FIRST:
                order.insert(0, pool)
            else:
                order.append(pool)
    return order
