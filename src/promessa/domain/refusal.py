"""Refusals: why a node refuses what a plan gave it, what becomes of that, and for how long decisions then leave it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class RefusalReason(IntEnum):
    """Why a node refuses; the numbers are those of the API."""

    NOT_FOUND = 1
    DAMAGED = 2
    NO_CAPACITY = 3
    CLOSED = 4
    OTHER = 5

    @property
    def of_node(self) -> bool:
        """Whether it says something of the node, and not only of the units that it refuses."""
        return self in (RefusalReason.NO_CAPACITY, RefusalReason.CLOSED)


class ResourceOutcome(IntEnum):
    """What became of units that a node refused; the numbers are those of the API."""

    RESOURCED = 1
    PARTIALLY_RESOURCED = 2
    NOT_RESOURCED = 3


class Cooling(NamedTuple):
    """A node is left alone for a sku (empty: for every one) from one instant until another, in ms. `reason` is a RefusalReason;
    `decision_id` is the decision that found other nodes."""

    sku: str
    since_ms: int
    until_ms: int
    reason: int
    decision_id: str

    def counts(self, now_ms: int) -> bool:
        """Whether it counts at an instant."""
        return self.since_ms <= now_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class NodeCooling:
    """All cool-downs of a node, those that are over among them."""

    node_id: str
    coolings: tuple[Cooling, ...]

    @property
    def until_ms(self) -> int:
        """When the last of them is over."""
        return max([each.until_ms for each in self.coolings], default=0)

    def at(self, now_ms: int) -> Iterator[Cooling]:
        """Those that count at an instant."""
        return (each for each in self.coolings if each.counts(now_ms))
