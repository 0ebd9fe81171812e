"""What can be promised, and which nodes can serve a basket: the readable rules.

`ext/wire.h` and `ext/replica.h` answer the same questions over the replica; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from promessa.domain.catalogue import NodeState
from promessa.domain.limits import CELL_QUANTITY_MAX
from promessa.domain.stock import StockCell, SupplyMode


class AvailabilityStatus(IntEnum):
    """Why an available quantity is what it is."""

    AVAILABLE = 1
    OUT_OF_STOCK = 2
    NOT_STOCKED = 3
    NODE_PAUSED = 4
    UNKNOWN_SKU = 5
    UNKNOWN_NODE = 6
    CAPACITY_FULL = 11
    INFINITE = 20
    MADE_TO_ORDER = 21


_ENDLESS = {
    SupplyMode.INFINITE: AvailabilityStatus.INFINITE,
    SupplyMode.MADE_TO_ORDER: AvailabilityStatus.MADE_TO_ORDER,
}


_OF_THE_NODE = (AvailabilityStatus.NODE_PAUSED, AvailabilityStatus.CAPACITY_FULL, AvailabilityStatus.NOT_STOCKED)
"""Statuses of a component that are those of the kit."""


class BasketMode(IntEnum):
    """Which nodes count as able to serve a basket."""

    ALL = 1
    PARTIAL = 2
    ANY = 3


class BasketRejection(IntEnum):
    """Why a node cannot serve a basket."""

    SHORT = 1
    NODE_PAUSED = 2
    UNKNOWN_NODE = 3
    CAPACITY_FULL = 11


@dataclass(frozen=True, slots=True)
class Promise:
    """Units that can be promised of one sku at one node, and why so many."""

    available: int
    status: AvailabilityStatus

    @property
    def endless(self) -> bool:
        """Any quantity can be promised; `available` is 0 then, for there is no number."""
        return self.status >= AvailabilityStatus.INFINITE

    @property
    def enough_for(self) -> int:
        """The largest quantity that can be promised."""
        return CELL_QUANTITY_MAX if self.endless else self.available


@dataclass(frozen=True, slots=True)
class NodeCoverage:
    """What one node can serve of a basket."""

    node_id: str
    whole_lines: tuple[int, ...]
    served_quantity: int


@dataclass(frozen=True, slots=True)
class RejectedNode:
    """Why one node is not among the able ones."""

    node_id: str
    reason: BasketRejection
    short_lines: tuple[int, ...]


_REJECTIONS: dict[NodeState | None, BasketRejection] = {
    NodeState.PAUSED: BasketRejection.NODE_PAUSED,
    NodeState.FULL: BasketRejection.CAPACITY_FULL,
}


def promise(cell: StockCell | None, state: NodeState) -> Promise:
    """What a known node promises of a known sku."""
    if state != NodeState.ACTIVE:
        full = state == NodeState.FULL
        return Promise(0, AvailabilityStatus.CAPACITY_FULL if full else AvailabilityStatus.NODE_PAUSED)
    if cell is None:
        return Promise(0, AvailabilityStatus.NOT_STOCKED)
    if cell.mode != SupplyMode.STOCKED:
        return Promise(0, _ENDLESS[SupplyMode(cell.mode)])
    status = AvailabilityStatus.AVAILABLE if cell.available else AvailabilityStatus.OUT_OF_STOCK
    return Promise(cell.available, status)


def promise_of_kit(components: Sequence[tuple[Promise, int]]) -> Promise:
    """What a node promises of a kit, from what it promises of each component and how many units are in one kit.

    The scarcest component limits it; one without end limits nothing.
    """
    for promised, _ in components:
        if promised.status in _OF_THE_NODE:
            return promised
    kits = [promised.available // units for promised, units in components if not promised.endless]
    if not kits:
        made = any(promised.status == AvailabilityStatus.MADE_TO_ORDER for promised, _ in components)
        return Promise(0, AvailabilityStatus.MADE_TO_ORDER if made else AvailabilityStatus.INFINITE)
    return Promise(min(kits), AvailabilityStatus.AVAILABLE if min(kits) else AvailabilityStatus.OUT_OF_STOCK)


def overall(total: int, statuses: Iterable[AvailabilityStatus]) -> AvailabilityStatus:
    """The status of a sum over nodes."""
    found = list(statuses)
    endless = [status for status in found if status >= AvailabilityStatus.INFINITE]
    if total:
        return AvailabilityStatus.AVAILABLE
    if endless:
        return endless[-1]
    return found[0] if len(set(found)) == 1 else AvailabilityStatus.OUT_OF_STOCK


def check_basket(
    lines: Sequence[tuple[str, int]],
    mode: BasketMode,
    nodes: Iterable[tuple[str, NodeState | None]],
    available: Mapping[tuple[str, str], int],
) -> tuple[list[NodeCoverage], list[RejectedNode]]:
    """Which nodes can serve a basket under a mode, and why the others cannot.

    `lines` are sku and quantity; `nodes` are ids with their state, None for an unknown one, oldest first; `available`
    is the ATP by (sku, node id), absent for none. Lines with one sku are summed before the check: such a line is whole
    only if the sum is.
    """
    wanted: dict[str, int] = {}
    for sku, quantity in lines:
        wanted[sku] = wanted.get(sku, 0) + quantity
    able: list[NodeCoverage] = []
    rejected: list[RejectedNode] = []
    for node_id, state in nodes:
        if state != NodeState.ACTIVE:
            reason = _REJECTIONS.get(state, BasketRejection.UNKNOWN_NODE)
            rejected.append(RejectedNode(node_id, reason, ()))
            continue
        has = {sku: available.get((sku, node_id), 0) for sku in wanted}
        whole = tuple(i for i, (sku, _) in enumerate(lines) if has[sku] >= wanted[sku])
        served = sum(min(has[sku], quantity) for sku, quantity in wanted.items())
        if _able(mode, len(whole), len(lines), served):
            able.append(NodeCoverage(node_id, whole, served))
        else:
            short = tuple(i for i in range(len(lines)) if i not in whole)
            rejected.append(RejectedNode(node_id, BasketRejection.SHORT, short))
    able.sort(key=lambda coverage: (-len(coverage.whole_lines), -coverage.served_quantity))
    return able, rejected


def _able(mode: BasketMode, whole: int, lines: int, served: int) -> bool:
    if mode == BasketMode.ALL:
        return whole == lines
    if mode == BasketMode.PARTIAL:
        return whole > 0
    return served > 0
