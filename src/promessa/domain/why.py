"""Why an order is sourced as it is: what bound the plan, what would change the choice, what would serve the order whole."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.sourcing import CandidateReason, Plan


class ConstraintKind(IntEnum):
    """What a plan must keep to; the numbers are those of the API."""

    MAX_SHIPMENTS = 1
    SHIP_COMPLETE = 2
    KEEP_LINES_WHOLE = 3
    LATEST_DELIVERY = 4
    EXCLUDED_NODES = 5
    NODE_GROUP = 6
    POLICY_FILTER = 7
    POLICY_LIMIT = 8
    POLICY_RULES = 9
    OWNER_LIMIT = 10
    STOCK = 11
    NODE_PAUSED = 12
    NODE_FULL = 13
    NODE_COOLING = 14


class Constraint(NamedTuple):
    """One thing that a plan must keep to. Of a policy: the rule's position and name, and the field of it."""

    kind: ConstraintKind
    rule_ix: int = -1
    rule: str = ""
    field: str = ""
    text: str = ""
    nodes: tuple[int, ...] = ()


class Candidate(NamedTuple):
    """Why one node is or is not in a plan.

    `at_least_more_micros` counts with COSTS_MORE; no plan with the node costs less more, and one as much where it is `exact`.
    `removed_by` is what left it out, `short_lines` are the positions of order lines that it lacks units of.
    """

    node_ix: int
    reason: CandidateReason
    at_least_more_micros: int
    removed_by: Constraint | None = None
    short_lines: tuple[int, ...] = ()
    exact: bool = False


class Binding(NamedTuple):
    """A constraint that was kept to, and the plan without it, None if that is the same."""

    constraint: Constraint
    plan: Plan | None


class FlipKind(IntEnum):
    """What would have to change for another choice."""

    NODE_CHEAPER = 1
    CHOSEN_DEARER = 2


class Flip(NamedTuple):
    """A node's shipment that would have to cost more than `micros` less (or more). Without `exact` it takes at least so much.
    `out_of_reach`: it does not cost so much."""

    kind: FlipKind
    node_ix: int
    micros: int
    exact: bool
    out_of_reach: bool = False


class MissingStock(NamedTuple):
    """Units of an order line that are not at a node: position, sku and node indices, how many."""

    position: int
    sku_ix: int
    node_ix: int
    units: int


class Relaxation(NamedTuple):
    """Constraints without which the order is served whole, and how."""

    constraints: tuple[Constraint, ...]
    plan: Plan
    missing: tuple[MissingStock, ...] = ()


class Parts(NamedTuple):
    """What of a decision is to be explained."""

    bindings: bool = False
    flips: bool = False
    relaxations: bool = False


NO_PARTS = Parts()


class Why(NamedTuple):
    """Why an order is sourced as it is; what was not asked for is empty. `cut_short`: there was more to try."""

    plan: Plan
    candidates: tuple[Candidate, ...] = ()
    bindings: tuple[Binding, ...] = ()
    flips: tuple[Flip, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    cut_short: bool = False
