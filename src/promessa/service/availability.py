"""Availability read from the store itself: what the replica's hot reads answer, for callers who want the authority."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from promessa.domain.availability import (
    AvailabilityStatus,
    BasketMode,
    NodeCoverage,
    Promise,
    RejectedNode,
    check_basket,
    promise,
    promise_of_kit,
)
from promessa.domain.catalogue import Catalogue, KitComponent, NodeState
from promessa.domain.claim import NOBODY, Claim
from promessa.domain.errors import Exhausted, InvalidRequest, NotFound
from promessa.domain.explanation import Step, waterfall
from promessa.domain.pools import Pool
from promessa.domain.stock import StockCell
from promessa.domain.unavailable import Reasons
from promessa.service.catching_up import return_due_holds
from promessa.service.method_safety import MethodSafety
from promessa.store.pool_store import AllocatedPool, PoolStore, allocated
from promessa.store.store import Store
from promessa.store.unavailable_store import UnavailableStore

UNKNOWN_SKU = Promise(0, AvailabilityStatus.UNKNOWN_SKU)
UNKNOWN_NODE = Promise(0, AvailabilityStatus.UNKNOWN_NODE)


class Found(NamedTuple):
    """What can be promised of a sku at a node, and its cell; a kit has none."""

    promise: Promise
    cell: StockCell | None


class ComponentPromise(NamedTuple):
    """What can be promised of a kit's component at a node, and units of it in one kit."""

    sku: str
    units: int
    promise: Promise

    @property
    def kits(self) -> int:
        """Kits that is enough for; a large number if it has no end."""
        return self.promise.enough_for if self.promise.endless else self.promise.available // self.units


class Explanation(NamedTuple):
    """A node, its cell if it ever had the sku, and its state if there is such a node."""

    node_id: str
    cell: StockCell | None
    state: NodeState | None
    reasons: Reasons = ()
    """Why units cannot be sold, as far as that is known."""
    pools: tuple[AllocatedPool, ...] = ()
    components: tuple[ComponentPromise, ...] = ()
    """Of a kit, which has no cell."""

    @property
    def promise(self) -> Promise:
        """What can be promised there."""
        if self.state is not None and self.components:
            return promise_of_kit([(part.promise, part.units) for part in self.components])
        return UNKNOWN_NODE if self.state is None else promise(self.cell, self.state)

    @property
    def steps(self) -> list[Step]:
        """From on hand to that; empty if there is no such node."""
        return [] if self.state is None or self.components else waterfall(self.cell, self.state)


def _allocated(cell: StockCell | None, pools: Sequence[Pool]) -> tuple[AllocatedPool, ...]:
    """The open pools of a cell, for an explanation."""
    if cell is None:
        return ()
    return tuple(allocated(0, 0, cell, pool, 0) for pool in pools if pool.is_open(0))


class Availability:
    """The use cases of AvailabilityService that read the store. Every method may raise Unavailable."""

    def __init__(self, catalogue: Catalogue, store: Store, pools: PoolStore, unavailable: UnavailableStore) -> None:
        self._catalogue = catalogue
        self._unavailable = unavailable
        self._store = store
        self._pools = pools
        self.methods = MethodSafety(catalogue)

    @property
    def epoch(self) -> int:
        """The epoch of the data set."""
        return self._store.epoch

    def nodes_of_group(self, node_group_id: str) -> tuple[str, ...]:
        """The nodes of a group. Raises InvalidRequest (REFERENCE_NOT_FOUND)."""
        group = self._catalogue.node_groups.by_id.get(node_group_id)
        if group is None:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no node group {node_group_id!r}. Put it first, or leave node_group_id empty.",
                kind="node_group",
                id=node_group_id,
            )
        return group.node_ids

    async def of_sku(self, sku: str, node_ids: Sequence[str], *, claim: Claim = NOBODY) -> list[tuple[str, Found]]:
        """What can be promised of a sku at the nodes named; at every node that has some when none is named."""
        asked = list(node_ids) or self._all_nodes()
        answers = await self.at_pairs([(sku, node_id) for node_id in asked], claim=claim)
        found = list(zip(asked, answers, strict=True))
        return found if node_ids else [entry for entry in found if entry[1].promise.enough_for]

    async def explain(self, sku: str, node_ids: Sequence[str], *, claim: Claim = NOBODY) -> list[Explanation]:
        """Why so many units of a sku can be promised, node by node; at every node that ever had it when none is named.

        Raises NotFound (SKU_NOT_FOUND).
        """
        sku_ix = self._catalogue.skus.index_of.get(sku)
        if sku_ix is None:
            raise NotFound("SKU_NOT_FOUND", f"There is no sku {sku!r}. Put it first, or correct the id.", sku=sku)
        states = [(node_id, self._state(node_id)) for node_id in node_ids or self._all_nodes()]
        kit = self._catalogue.skus.by_id[sku].kit
        if kit:
            return await self._explain_kit(kit, states, claim, every=not node_ids)
        known = {node_id: (self._catalogue.nodes.index_of[node_id], sku_ix) for node_id, state in states if state}
        with suppress(Exhausted):
            await return_due_holds(self._store)
        read = dict(zip(known, await self._pools.read_cells(list(known.values())), strict=True))
        some = {node_id: known[node_id] for node_id, (cell, _) in read.items() if cell and cell.unavailable}
        reasons = dict(zip(some, await self._unavailable.read(list(some.values())), strict=True)) if some else {}
        found = []
        for node_id, state in states:
            cell, pools = read.get(node_id, (None, ()))
            if node_ids or cell:
                kept = _allocated(cell, pools)
                if cell:
                    cell = self.methods.as_seen(cell, pools, *known[node_id], claim)
                found.append(Explanation(node_id, cell, state, reasons.get(node_id, ()), kept))
        return found

    async def _explain_kit(
        self, kit: Sequence[KitComponent], states: Sequence[tuple[str, NodeState | None]], claim: Claim, *, every: bool
    ) -> list[Explanation]:
        """Explanations of a kit; with `every` of the nodes that have all its components."""
        pairs = [(part.sku, node_id) for node_id, _ in states for part in kit]
        promises = await self.of_pairs(pairs, claim=claim)
        found = []
        for i, (node_id, state) in enumerate(states):
            parts = [
                ComponentPromise(part.sku, part.quantity, promised)
                for part, promised in zip(kit, promises[i * len(kit) :], strict=False)
            ]
            components = tuple(sorted(parts, key=lambda part: part.kits))
            explained = Explanation(node_id, None, state, components=components)
            if not every or explained.promise.status != AvailabilityStatus.NOT_STOCKED:
                found.append(explained)
        return found

    async def of_pairs(self, pairs: Sequence[tuple[str, str]], *, claim: Claim = NOBODY) -> list[Promise]:
        """What can be promised of (sku, node id) pairs, in order."""
        return [found.promise for found in await self.at_pairs(pairs, claim=claim)]

    async def at_pairs(self, pairs: Sequence[tuple[str, str]], *, claim: Claim = NOBODY) -> list[Found]:
        """As of_pairs, with the cells."""
        skus, nodes = self._catalogue.skus.index_of, self._catalogue.nodes.index_of
        parts = [(part, node_id) for sku, node_id in pairs for part, _ in self._parts(sku)]
        known = {pair: (nodes[pair[1]], skus[pair[0]]) for pair in parts if pair[0] in skus and pair[1] in nodes}
        cells = dict(zip(known, await self._read(list(known.values()), claim), strict=True))
        return [Found(self._promise(pair, cells), cells.get(pair)) for pair in pairs]

    def _parts(self, sku: str) -> list[tuple[str, int]]:
        """The skus whose cells say what can be promised of one: its own, or those of a kit's components."""
        found = self._catalogue.skus.by_id.get(sku)
        return [(part.sku, part.quantity) for part in found.kit] if found and found.kit else [(sku, 1)]

    async def _read(self, cells: Sequence[tuple[int, int]], claim: Claim) -> list[StockCell | None]:
        """Cells as they are now: a hold that is over counts no more, swept or not, nor does a pool that gave back.

        With a channel, what pools keep is what they keep from it; with a method, its rules are safety stock.
        """
        with suppress(Exhausted):  # a full store takes no changes, but can be read
            await return_due_holds(self._store)
        if claim == NOBODY:
            return await self._store.read_cells(cells)
        read = zip(cells, await self._pools.read_cells(cells), strict=True)
        return [self.methods.as_seen(cell, pools, *pair, claim) for pair, (cell, pools) in read]

    def _promise(self, pair: tuple[str, str], cells: dict[tuple[str, str], StockCell | None]) -> Promise:
        sku, node_id = pair
        if sku not in self._catalogue.skus.index_of:
            return UNKNOWN_SKU
        state = self._state(node_id)
        if state is None:
            return UNKNOWN_NODE
        return promise_of_kit([(promise(cells.get((part, node_id)), state), units) for part, units in self._parts(sku)])

    async def basket(
        self, lines: Sequence[tuple[str, int]], mode: BasketMode, node_ids: Sequence[str], *, claim: Claim = NOBODY
    ) -> tuple[list[NodeCoverage], list[RejectedNode]]:
        """Which nodes can serve a basket; see domain/availability.py."""
        asked = self._oldest_first(node_ids) if node_ids else self._all_nodes()
        pairs = [(sku, node_id) for sku in {sku for sku, _ in lines} for node_id in asked]
        promises = dict(zip(pairs, await self.of_pairs(pairs, claim=claim), strict=True))
        available = {pair: found.enough_for for pair, found in promises.items()}
        return check_basket(lines, mode, [(node_id, self._state(node_id)) for node_id in asked], available)

    def unknown_skus(self, lines: Sequence[tuple[str, int]]) -> list[int]:
        """Positions of the lines whose sku is unknown."""
        return [i for i, (sku, _) in enumerate(lines) if sku not in self._catalogue.skus.index_of]

    def _oldest_first(self, node_ids: Sequence[str]) -> list[str]:
        """Nodes by age, which is their index; unknown ones last, as they were asked about."""
        index_of = self._catalogue.nodes.index_of
        return sorted(node_ids, key=lambda node_id: index_of.get(node_id, len(self._catalogue.nodes.ids)))

    def _all_nodes(self) -> list[str]:
        directory = self._catalogue.nodes
        return [node_id for node_id in directory.ids if node_id in directory.index_of]

    def _state(self, node_id: str) -> NodeState | None:
        index = self._catalogue.nodes.index_of.get(node_id)
        return None if index is None else self._catalogue.node_states[index]
