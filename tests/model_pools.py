"""Allocation pools in the model: see model.py. What a channel may take is domain/pools.py's to say."""

from __future__ import annotations

from typing import Any

from promessa.domain.claim import claim_of
from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import POOLS_MAX
from promessa.domain.pools import CellPools, Pool, PoolStrategy, sources
from promessa.domain.reservation import Drawn, ReservationState
from promessa.domain.stock import SupplyMode

Key = tuple[int, int]
DELETED = 3


def _member(key: Key) -> str:
    return f"a:{key[0]}:{key[1]}"


class PoolModel:
    """The pools of a data set, by cell and channel; `drawn` of each is the sum of what records have drawn."""

    now: int
    cell: Any
    due: dict[str, int]
    pools: dict[Key, dict[str, Pool]]
    answers: dict[str, Any]
    sku_states: dict[int, int]
    _change: Any
    _once: Any
    sweep: Any

    def cell_pools(self, key: Key) -> CellPools:
        cell = self.cell(key)
        pools = self.ordered(key) if cell.mode == SupplyMode.STOCKED else ()
        return CellPools(cell.free, cell.on_hand - cell.unavailable - cell.safety_stock, pools)

    def unused(self, key: Key, pool: Pool) -> int:
        counted = self.cell(key).mode == SupplyMode.STOCKED
        return pool.unused(self.cell_pools(key).sellable, self.now) if counted else 0

    def ordered(self, key: Key) -> tuple[Pool, ...]:
        return tuple(sorted(self.pools.get(key, {}).values()))

    def available_to(self, key: Key, claim: str) -> int:
        """What could be promised of a cell to a claim; below zero where it is in deficit."""
        found, (channel, method) = self.cell_pools(key), claim_of(claim)
        units = min(found.free, found.available(channel, self.now)) if self.pools.get(key) else found.free
        if not method or self.cell(key).mode != SupplyMode.STOCKED:
            return units
        cell = self.cell(key)
        return min(units, found.free - max(0, self.safety_by_rules(key, cell.on_hand, method) - cell.safety_stock))

    def settle_pools(self, key: Key) -> None:
        """What a change of a cell means to its pools: their time may have come, and nobody may draw from a closed one."""
        pools = self.pools.get(key, {})
        for channel, pool in list(pools.items()):
            if not pool.is_open(self.now):
                pools[channel] = pool = Pool(channel, PoolStrategy.CLOSED, 0, 0, 0, pool.drawn)
            if pool.strategy == PoolStrategy.CLOSED and not pool.drawn:
                del pools[channel]
        self.cell(key).ring_fenced = self.cell_pools(key).ring_fenced(self.now) if pools else None
        self.due.pop(_member(key), None)
        ends = [pool.gives_back_ms for pool in pools.values() if pool.gives_back_ms]
        if ends:
            self.due[_member(key)] = min(ends)

    def give_back(self, member: str) -> None:
        """A pool of a cell is due, unless a change of the cell has settled it."""
        node, sku = member[2:].split(":")
        key = (int(node), int(sku))
        pools = self.pools.get(key, {}).values()
        if any(pool.strategy != PoolStrategy.CLOSED and not pool.is_open(self.now) for pool in pools):
            self._change(key)

    def draw(self, record: Any, key: Key, units: int) -> None:
        """Before units are held for a channel: what of them comes from pools."""
        found = self.cell_pools(key)
        common = found.common(self.now)
        for pool in sources(found.pools, claim_of(record.channel).channel, self.now) if record.channel else ():
            share = min(units, common if pool is None else pool.unused(found.sellable, self.now))
            units -= share
            if pool is not None and share:
                self.pools[key][pool.channel] = pool._replace(drawn=pool.drawn + share)
                record.drawn.append(Drawn(*key, pool.channel, share))

    def settle_draws(self, record: Any, *, consumed: bool = False) -> None:
        """Fewer units of a record may be open than were drawn: the rest goes back, or has left with its quota."""
        active = record.state in (ReservationState.HELD, ReservationState.CONFIRMED)
        left: dict[Key, int] = {}
        for line in record.lines if active else ():
            for key, units in line.cells if line.inbound_id is None else ():
                left[key] = left.get(key, 0) + line.open * units
        kept = []
        for draw in record.drawn:
            key = (draw.node_ix, draw.sku_ix)
            keep = min(draw.units, left.get(key, 0))
            left[key] = left.get(key, 0) - keep
            if keep:
                kept.append(draw._replace(units=keep))
            if keep < draw.units:
                self._give(key, draw.channel, draw.units - keep, consumed)
        record.drawn = kept

    def _give(self, key: Key, channel: str, units: int, consumed: bool) -> None:
        pool = self.pools[key][channel]
        quota = max(0, pool.units - units) if consumed else pool.units
        self.pools[key][channel] = pool._replace(drawn=pool.drawn - units, units=quota)
        self._change(key)

    # Changes ----------------------------------------------------------------------------------------------------------

    def set_pool(self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, pool: Pool) -> Any:
        key = (node_ix, sku_ix)

        def act() -> object:
            pools = self.pools.setdefault(key, {})
            if 0 < pool.gives_back_ms <= self.now:
                raise InvalidRequest("INVALID_FIELD", "", field="allocation_pool.give_back_time")
            open_pools = [each for each in pools.values() if each.is_open(self.now) and each.channel != pool.channel]
            if sum(each.permille for each in open_pools) + pool.permille > 1000:
                raise InvalidRequest("INVALID_FIELD", "", field="allocation_pool.share_permille")
            if pool.channel not in pools and pool.strategy == PoolStrategy.CLOSED:
                return pool, 0
            known = pools.get(pool.channel)
            if known is None and len(pools) >= POOLS_MAX:
                raise FailedPrecondition("POOL_LIMIT", "", limit=POOLS_MAX)
            pools[pool.channel] = after = pool._replace(drawn=known.drawn if known else 0)
            self._change(key)
            return after, self.unused(key, after)

        return self._on_pools(request_id, request, key, act)

    def move_units(
        self, request_id: str, request: Fingerprint, *, node_ix: int, sku_ix: int, source: str, target: str, units: int
    ) -> Any:
        key = (node_ix, sku_ix)

        def able() -> int:
            return self.unused(key, self.pools[key][source]) if source else self.cell_pools(key).common(self.now)

        def act() -> object:
            pools = self.pools.setdefault(key, {})
            for field, channel in (("from_channel", source), ("to_channel", target)):
                if channel and (channel not in pools or not pools[channel].is_open(self.now)):
                    raise NotFound("POOL_NOT_FOUND", "", channel=channel)
                if channel and pools[channel].permille:
                    raise InvalidRequest("INVALID_FIELD", "", field=field)
            if able() < units:
                self.sweep()
            most = able()
            if most < units:
                return False, most
            for channel, change in ((source, -units), (target, units)):
                if channel:
                    pools[channel] = pools[channel]._replace(units=pools[channel].units + change)
            self._change(key)
            return True, most

        return self._on_pools(request_id, request, key, act)

    def _on_pools(self, request_id: str, request: Fingerprint, key: Key, act: Any) -> Any:
        if self.is_new(request_id):
            if self.is_deleted(key[0]):
                raise NotFound("NODE_NOT_FOUND", "")
            if self.is_kit(key[1]):
                raise InvalidRequest("INVALID_FIELD", "", field="sku")
            if self.sku_states.get(key[1]) == DELETED:
                raise NotFound("SKU_NOT_FOUND", "")
        return self._once(request_id, request, act)

    def is_deleted(self, node_ix: int) -> bool:
        raise NotImplementedError

    def is_kit(self, sku_ix: int) -> bool:
        raise NotImplementedError
