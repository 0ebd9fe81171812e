"""Each candidate's fate: that it is in the plan, what left it out by name, or how much more any plan with it costs.

What the kernel answers for a node is a word; which of several filters or limits it stands for is looked up here. All of it is
worked out in columns over the nodes, for a network has thousands of them (ext/_fates.pyx):

    the kernel's words        -> fates
    what leaves a node out    -> removed: the first of the masks, in the order in which they are told, that has 0 for it
    nodes left alone          -> left out if that is for all lines, for they refused
    nodes that take no orders -> left out, whatever the kernel said
    nodes without the units   -> their short lines

Where an order goes several ways a node has several fates, and the nearest is told. It is taken after what leaves nodes out,
which is by ways, and before the rest, which is of the node however it sends.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence, Set

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.kinds import OwnStock
from promessa.domain.policy import OF_LANES, Fact, NodeFilter, Rule
from promessa.domain.refusal import RefusalReason
from promessa.domain.sourcing import CandidateReason
from promessa.domain.why import Candidates, Constraint, ConstraintKind
from promessa.kernel import Reason, Reasons
from promessa.service._fates import left_out, reached, short_lines
from promessa.service.cooling import cooling_lines
from promessa.service.guided import Guided
from promessa.service.lane_causes import causes_of, remains, untouched
from promessa.service.lines_of_nodes import LinesOfNodes, own_stock
from promessa.service.policy_words import filter_words, instant_text, limit_constraint
from promessa.service.question import Question

Mask = bytes | bytearray | memoryview
"""A byte for each node: 0 where it is left out."""

_STATES = {
    NodeState.PAUSED: Constraint(ConstraintKind.NODE_PAUSED),
    NodeState.FULL: Constraint(ConstraintKind.NODE_FULL),
}
_FATES = {
    Reason.IN_PLAN: CandidateReason.NOT_ELIGIBLE,  # of a plan that is not told
    Reason.FILTERED_INELIGIBLE: CandidateReason.NOT_ELIGIBLE,
    Reason.NO_LANE: CandidateReason.NO_LANE,
    Reason.NO_STOCK: CandidateReason.NO_STOCK,
    Reason.TOO_HEAVY: CandidateReason.TOO_HEAVY,
    Reason.COSTS_MORE: CandidateReason.COSTS_MORE,
}
_FATE_OF = bytes([_FATES[reason] for reason in Reason]).ljust(256, b"\0")
"""The fate of each of the kernel's words, for bytes.translate."""

_NEAREST = (
    Reason.IN_PLAN,
    Reason.COSTS_MORE,
    Reason.TOO_HEAVY,
    Reason.NO_STOCK,
    Reason.NO_LANE,
    Reason.FILTERED_INELIGIBLE,
)
_RANK_OF: dict[int, int] = {reason: rank for rank, reason in enumerate(_NEAREST)}
"""How near the kernel's words are to the plan."""


def candidates_of(
    catalogue: Catalogue, question: Question, guided: Guided | None, reasons: Reasons, chosen: Set[int]
) -> Candidates:
    """One for each node that there is. `chosen` are the nodes of the plan as it is told."""
    fates = _Fates(question, reasons)
    names = _Names(catalogue, question, guided)
    fates.leave_out(CandidateReason.NOT_ELIGIBLE, names.of_nodes())
    fates.leave_out(CandidateReason.NO_LANE, names.of_lanes())
    fates.take_nearest(reasons)
    fates.cool(catalogue)
    fates.close(catalogue)
    fates.choose(chosen)
    fates.find_short(next(names.of_stock(), None), LinesOfNodes.of(catalogue, question))
    return fates.told()


class _Fates:
    """The columns, as they become. `removed` has for each node the position of what left it out among `constraints`."""

    def __init__(self, question: Question, reasons: Reasons) -> None:
        self._question = question
        self._nodes = question.destination.known_nodes
        self._fates = bytearray(reasons.codes.translate(_FATE_OF))
        self._costs_more = reasons.costs_more[:]
        self._removed = array("I", bytes(4 * len(self._fates)))
        self._constraints: dict[Constraint | None, int] = {None: 0}
        self._short = array("Q")

    def leave_out(self, fate: CandidateReason, masks: Iterator[tuple[Constraint | None, Mask]]) -> None:
        """Name what leaves out the nodes of a fate: of several the first."""
        if fate in self._fates:
            for constraint, mask in reversed(list(masks)):
                left_out(self._fates, fate, mask, self._removed, self._position(constraint))

    def take_nearest(self, reasons: Reasons) -> None:
        """Of each node the way that comes nearest, where there are several: from here on nodes are those of the catalogue."""
        joint, nodes = self._question.destination.joint, self._question.destination.nodes
        if joint is None:
            return
        nearest: dict[int, tuple[int, int, int]] = {}
        for at, (code, more) in enumerate(zip(reasons.codes, reasons.costs_more, strict=True)):
            if nodes[at] is not None:
                way, origin = (_RANK_OF[code], more, at), joint.origins[at]
                nearest[origin] = min(nearest.get(origin, way), way)
        self._nodes = array("I", sorted(nearest))
        fates, costs_more, removed = self._fates, self._costs_more, self._removed
        count = max(nearest, default=-1) + 1
        self._fates, self._costs_more = bytearray(count), array("q", bytes(8 * count))
        self._removed = array("I", bytes(4 * count))
        for origin, (_, _, at) in nearest.items():
            self._fates[origin], self._costs_more[origin], self._removed[origin] = (
                fates[at],
                costs_more[at],
                removed[at],
            )

    def cool(self, catalogue: Catalogue) -> None:
        """Nodes that are left alone because they refused: they have no stock for some lines, or none at all."""
        lines = len(self._question.sku_ixs)
        for node_ix, (constraint, cooling) in cooling_of(catalogue, self._question).items():
            if node_ix < len(self._fates) and self._fates[node_ix] == CandidateReason.NO_STOCK:
                fate = CandidateReason.NOT_ELIGIBLE if len(cooling) == lines else CandidateReason.NO_STOCK
                self._put(node_ix, fate, constraint)

    def close(self, catalogue: Catalogue) -> None:
        """Leave out the nodes that take no orders."""
        active, known = NodeState.ACTIVE, len(self._fates)
        for node_ix, state in catalogue.node_states.items():
            if state is not active and node_ix < known:
                self._put(node_ix, CandidateReason.NOT_ELIGIBLE, _STATES.get(state))

    def choose(self, chosen: Set[int]) -> None:
        for node_ix in chosen:
            self._put(node_ix, CandidateReason.CHOSEN, None)

    def find_short(self, kept: Constraint | None, lines: LinesOfNodes | None) -> None:
        """The lines that nodes without stock are short of; one that has them all must keep some, or others come first.

        `lines` are those that nodes may serve, None where all may serve any.
        """
        if CandidateReason.NO_STOCK not in self._fates:
            return
        question = self._question
        self._short = short_lines(
            self._fates, CandidateReason.NO_STOCK, question.quantities, question.row_start,
            lines.row_node if lines else question.row_node, question.row_atp,
        )  # fmt: skip
        if kept is None and lines is None:
            return
        for node_ix, fate in enumerate(self._fates):
            if fate == CandidateReason.NO_STOCK:
                own = lines.only_of_shop(node_ix) if lines else 0
                if lines:
                    self._short[node_ix] &= lines.of_node(node_ix) & ~own
                why = kept if not own or lines is None else lines.shop
                if why is not None and not self._short[node_ix] and not self._removed[node_ix]:
                    self._removed[node_ix] = self._position(why)

    def told(self) -> Candidates:
        return Candidates(
            nodes=self._nodes,
            reasons=bytes(self._fates),
            costs_more=self._costs_more,
            removed=self._removed,
            constraints=tuple(self._constraints),
            short=self._short,
            positions=tuple(self._question.positions),
        )

    def _put(self, node_ix: int, fate: CandidateReason, removed_by: Constraint | None) -> None:
        self._fates[node_ix], self._costs_more[node_ix] = fate, 0
        self._removed[node_ix] = self._position(removed_by)

    def _position(self, constraint: Constraint | None) -> int:
        return self._constraints.setdefault(constraint, len(self._constraints))


class _Names:
    """What may leave nodes out, in the order in which it is told: each with its mask."""

    def __init__(self, catalogue: Catalogue, question: Question, guided: Guided | None) -> None:
        self._catalogue = catalogue
        self._question = question
        self._guided = guided
        self._count = len(question.destination.nodes)
        self._rule = _rule_of(guided)

    def of_nodes(self) -> Iterator[tuple[Constraint, Mask]]:
        """What of the order or the policy does not let a node serve."""
        order, guided, rule = self._question.order, self._guided, self._rule
        constraints = order.constraints
        if constraints.excluded_node_ids:
            yield Constraint(ConstraintKind.EXCLUDED_NODES), self._without(constraints.excluded_node_ids)
        if order.ways.own_stock == OwnStock.EXCLUDED:
            yield own_stock(order), self._without((order.ways.sold_at,))
        group = self._question.rules.node_eligible
        if constraints.node_group_id and group is not None:
            yield Constraint(ConstraintKind.NODE_GROUP, text=constraints.node_group_id), bytes(group)
        if guided and not guided.decision.rule:
            yield Constraint(ConstraintKind.POLICY_RULES, text=guided.decision.policy_id), self._nobody
        for constraint, each in self._filters():
            if guided and each.where not in OF_LANES and each.where != Fact.UNITS_LEFT:
                yield constraint, guided.facts.mask(each)
        if rule and rule[1].limits.min_shipment_value_micros:
            yield limit_constraint(*rule, "min_shipment_value_micros"), self._nobody

    def of_lanes(self) -> Iterator[tuple[Constraint | None, Mask]]:
        """What leaves out the lanes of a node; nothing if it never had any."""
        guided, rule, lanes = self._guided, self._rule, self._question.destination.lane_nodes
        causes = causes_of(self._question)
        yield None, reached(lanes, b"\1" * len(lanes), self._count)
        for constraint, mask in remains(causes):
            yield constraint, reached(lanes, mask, self._count)
        for constraint, each in self._filters():
            if guided and each.where in OF_LANES:
                causes.append((constraint, guided.facts.mask(each)))
                yield constraint, reached(lanes, causes[-1][1], self._count)
        if rule and rule[1].limits.arrives_within_days:
            yield limit_constraint(*rule, "arrives_within_days"), self._nobody
        for constraint, mask in causes:  # none by itself: the first that has a part in it
            yield constraint, untouched(lanes, mask, self._count)

    def of_stock(self) -> Iterator[Constraint]:
        """What keeps units at nodes."""
        for constraint, each in self._filters():
            if each.where == Fact.UNITS_LEFT:
                yield constraint

    def _filters(self) -> Iterator[tuple[Constraint, NodeFilter]]:
        """The filters that were kept to."""
        if self._guided is None or self._rule is None:
            return
        index, deciding = self._rule
        for k, each in enumerate(deciding.filters):
            if f"filters[{k}]" not in self._guided.decision.given_up:
                yield filter_constraint(index, deciding, k, each), each

    @property
    def _nobody(self) -> Mask:
        return bytes(self._count)

    def _without(self, node_ids: tuple[str, ...]) -> Mask:
        index_of, joint = self._catalogue.nodes.index_of, self._question.destination.joint
        excluded = {index_of.get(node_id) for node_id in node_ids}
        origins: Sequence[int] = joint.origins if joint else range(self._count)
        return bytes([node_ix not in excluded for node_ix in origins])


def cooling_of(catalogue: Catalogue, question: Question) -> dict[int, tuple[Constraint, set[int]]]:
    """For each node that is left alone: why and until when, and for which lines."""
    found: dict[int, tuple[Constraint, set[int]]] = {}
    for node_ix, line, cooling in cooling_lines(catalogue, question.sku_ixs, question.now_ms):
        why, until = RefusalReason(cooling.reason).name.lower(), instant_text(cooling.until_ms)
        constraint = Constraint(ConstraintKind.NODE_COOLING, field=why, text=until)
        found.setdefault(node_ix, (constraint, set()))[1].add(line)
    return found


def _rule_of(guided: Guided | None) -> tuple[int, Rule] | None:
    """The rule that decided, and its position."""
    return None if guided is None or guided.rule is None else (guided.rule_ix, guided.rule)


def filter_constraint(rule_ix: int, rule: Rule, k: int, each: NodeFilter, nodes: tuple[int, ...] = ()) -> Constraint:
    """A filter of a rule by name."""
    return Constraint(ConstraintKind.POLICY_FILTER, rule_ix, rule.name, f"filters[{k}]", filter_words(each), nodes)
