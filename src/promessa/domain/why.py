"""Why an order is sourced as it is: what bound the plan, what would change the choice, what would serve the order whole."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple, overload

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
    ALLOWED_KINDS = 15
    OUT_OF_REACH = 16
    OWN_STOCK = 17


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(Sequence[Candidate]):
    """Of every node why it is or is not in a plan, in columns: a Candidate is made when it is looked at.

    `nodes` are those that there are, ascending. The other columns go by node: the CandidateReason, the micros more, the
    position of what removed it among `constraints`, and its short lines, one bit for each of `positions`. `removed` and
    `short` are empty where nothing is told of them. `exact` are nodes.
    """

    nodes: array[int]
    reasons: bytes
    costs_more: array[int]
    removed: array[int] = field(default_factory=lambda: array("I"))
    constraints: tuple[Constraint | None, ...] = (None,)
    short: array[int] = field(default_factory=lambda: array("Q"))
    positions: tuple[int, ...] = ()
    exact: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.nodes)

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        if isinstance(at, slice):
            return [self._candidate(node_ix) for node_ix in self.nodes[at]]
        return self._candidate(self.nodes[at])

    def exactly(self, costs_more: Mapping[int, int]) -> Candidates:
        """The same with what plans with some nodes cost exactly more."""
        found = self.costs_more[:]
        for node_ix, micros in costs_more.items():
            found[node_ix] = micros
        return replace(self, costs_more=found, exact=self.exact.union(costs_more))

    def _candidate(self, node_ix: int) -> Candidate:
        short = self.short[node_ix] if self.short else 0
        return Candidate(
            node_ix,
            CandidateReason(self.reasons[node_ix]),
            self.costs_more[node_ix],
            self.constraints[self.removed[node_ix]] if self.removed else None,
            tuple([position for line, position in enumerate(self.positions) if short >> line & 1]),
            node_ix in self.exact,
        )


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


class Quoted(NamedTuple):
    """Of a plan that was held as it was quoted: when that was, as text, what it cost, and what the same plan would have cost
    when it was held, in micros."""

    at: str
    micros: int
    now_micros: int


NO_PARTS = Parts()
NO_CANDIDATES = Candidates(nodes=array("I"), reasons=b"", costs_more=array("q"))


class Why(NamedTuple):
    """Why an order is sourced as it is; what was not asked for is empty. `cut_short`: there was more to try. `quoted` is set,
    and most else empty, where the plan of a token was held."""

    plan: Plan
    candidates: Candidates = NO_CANDIDATES
    bindings: tuple[Binding, ...] = ()
    flips: tuple[Flip, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    cut_short: bool = False
    quoted: Quoted | None = None
