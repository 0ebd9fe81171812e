"""The words of one decision: the rules that come in and the plan that goes out. Numbers only, and no computation.

Money is integer micros of one currency, weight is integer grams, nodes, lanes and lines are positions (0, 1, 2, ...) in
the columns of a Network and a Basket. The service translates node names and policies into these; see service/.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, TypeAlias, overload

Flags: TypeAlias = "bytes | bytearray | memoryview | array[int]"
"""One byte for each node or lane; 0 means no."""

DEFAULT_BUDGET_STEPS = 7_000
"""Search steps before the best plan so far is taken: about 300 µs of search (40 ns a step) on an AMD EPYC core.

Steps, not time, so that the same input gives the same answer on a slow machine and on a busy one.
"""


class Reason(IntEnum):
    """Why a node is, or is not, in the plan. The numbers are those of pk_reason in ext/kernel.h."""

    IN_PLAN = 0
    FILTERED_INELIGIBLE = 1
    """Excluded by the rules, or its eligibility byte is 0."""
    NO_LANE = 2
    """No lane, or no allowed lane, reaches the destination."""
    NO_STOCK = 3
    """It cannot serve any line whole, nor a part of a line that is split."""
    TOO_HEAVY = 4
    """It has the units of some line, but no lane that accepts their weight."""
    COSTS_MORE = 5
    """Any plan with this node costs at least `NodeReason.costs_more` micros more than the plan chosen."""


class LevelKind(IntEnum):
    """What a level compares plans by. The numbers are those of pk_level_kind in ext/kernel.h."""

    SUM = 0
    """A number of each lane, summed over the plan's shipments."""
    WORST = 1
    """A number of each lane, of which the largest of the plan's shipments counts."""
    SHIPMENTS = 2
    """How many shipments the plan has."""
    COST = 3
    """What the plan costs."""


class Level(NamedTuple):
    """One thing that plans are compared by, less first. values: one number for each lane, with SUM and WORST alone, at
    least 0; a buffer of typecode "q", used where it is."""

    kind: LevelKind
    values: array[int] | memoryview | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a plan must respect, for one decision.

    max_shipments: most nodes a plan may open; 0 means the kernel's own maximum (limits.MAX_SHIPMENTS).
    ship_complete: all units or none at all.
    allow_line_split: a line that no single eligible node can serve whole may come from several nodes.
    split_cost: micros for each shipment beyond the first.
    excluded_nodes: node numbers that must not serve, for example those that refused before.
    node_eligible: one byte for each node, 0 = must not serve; None = all may.
    lane_allowed: one byte for each lane, 0 = must not be used; None = all may.
    budget_steps: search steps before the best plan so far is taken.
    levels: what plans are compared by before their cost, the first counts most; none: by cost alone. Each shipment then
        takes the lane with which the plan comes first, not the cheapest.
    required_node: the plan must have a shipment from this node; where no plan has, the empty plan is returned.
    """

    max_shipments: int = 0
    ship_complete: bool = False
    allow_line_split: bool = True
    split_cost: int = 0
    excluded_nodes: Sequence[int] = ()
    node_eligible: Flags | None = None
    lane_allowed: Flags | None = None
    budget_steps: int = DEFAULT_BUDGET_STEPS
    levels: Sequence[Level] = ()
    required_node: int | None = None


class Assignment(NamedTuple):
    """Units of one line that come from one node."""

    line: int
    node: int
    units: int


class Shipment(NamedTuple):
    """The units that leave one node together. The three costs are micros and are added up in the plan's total."""

    node: int
    lane: int
    weight_grams: int
    shipping_cost: int
    handling_cost: int
    fixed_cost: int


class NodeReason(NamedTuple):
    """Why one node is or is not in the plan; costs_more is micros, and 0 unless the reason is COSTS_MORE."""

    reason: Reason
    costs_more: int


@dataclass(frozen=True, slots=True)
class Reasons(Sequence[NodeReason]):
    """Why each node is or is not in the plan, in columns: a Reason and the micros of its costs_more for each node. A
    NodeReason is made when it is looked at."""

    codes: bytes = b""
    costs_more: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> NodeReason: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[NodeReason, ...]: ...
    def __getitem__(self, at: int | slice) -> NodeReason | tuple[NodeReason, ...]:
        if isinstance(at, slice):
            return tuple([self[node] for node in range(*at.indices(len(self)))])
        return NodeReason(Reason(self.codes[at]), self.costs_more[at])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One plan with its certificate.

    assignments: ascending by (line, node). shipments: ascending by node. unfilled: units left out, for each line.
    total_cost: the exact cost in micros, split_cost included.
    lower_bound: no plan that leaves as few units out costs less than this; equal to total_cost when proven_optimal. With
        levels it speaks of plans that are as good in them, and is 0 unless proven_optimal.
    levels: what the plan comes to in each of the rules' levels.
    proven_optimal: this plan is the first of all plans in the total order (see reference.py); never claimed wrongly.
    steps: search steps used. reasons: one for each node, when asked for.
    alternatives: the next plans in the order with other node sets, each with its own certificate, when asked for.
    """

    assignments: tuple[Assignment, ...]
    shipments: tuple[Shipment, ...]
    unfilled: tuple[int, ...]
    split_cost: int
    total_cost: int
    lower_bound: int
    proven_optimal: bool
    steps: int
    levels: tuple[int, ...] = ()
    reasons: Reasons = field(default_factory=Reasons)
    alternatives: tuple[Decision, ...] = ()

    @property
    def unfilled_units(self) -> int:
        return sum(self.unfilled)
