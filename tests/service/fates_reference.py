"""The fates of nodes one by one, as promessa.service.fates says they are: its specification, slow and easy to read."""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.policy import OF_LANES, Fact, Rule
from promessa.domain.sourcing import CandidateReason
from promessa.domain.why import Candidate, Constraint, ConstraintKind
from promessa.kernel import NodeReason, Reason
from promessa.service.fates import cooling_of, filter_constraint
from promessa.service.guided import Guided
from promessa.service.policy_words import limit_constraint
from promessa.service.question import Question

_REASONS = tuple(CandidateReason)
_NEAREST = (Reason.IN_PLAN, Reason.COSTS_MORE, Reason.TOO_HEAVY, Reason.NO_STOCK, Reason.NO_LANE)
_STATES = {
    NodeState.PAUSED: Constraint(ConstraintKind.NODE_PAUSED),
    NodeState.FULL: Constraint(ConstraintKind.NODE_FULL),
}


def candidates_one_by_one(
    catalogue: Catalogue,
    question: Question,
    guided: Guided | None,
    reasons: Sequence[NodeReason],
    chosen: set[int],
) -> list[Candidate]:
    """One for each node that there is. `chosen` are the nodes of the plan as it is told."""
    there = [(node, each) for node, each in enumerate(reasons) if question.destination.nodes[node] is not None]
    joint = question.destination.joint
    if joint is not None:
        nearest: dict[int, NodeReason] = {}
        for node, reason in there:
            origin = joint.origins[node]
            nearest[origin] = min(nearest.get(origin, reason), reason, key=_nearness)
        return [_of_ways(catalogue, node_ix, reason, node_ix in chosen) for node_ix, reason in sorted(nearest.items())]
    fates = _Fates(catalogue, question, guided)
    return [fates.of(node_ix, reason, more, node_ix in chosen) for node_ix, (reason, more) in there]


def _nearness(reason: NodeReason) -> tuple[int, int]:
    """How near a node came to be in a plan, the nearest first."""
    last = len(_NEAREST)
    return _NEAREST.index(reason.reason) if reason.reason in _NEAREST else last, reason.costs_more


def _of_ways(catalogue: Catalogue, node_ix: int, reason: NodeReason, is_chosen: bool) -> Candidate:
    if is_chosen:
        return Candidate(node_ix, CandidateReason.CHOSEN, 0)
    active = catalogue.node_states.get(node_ix) == NodeState.ACTIVE
    if not active or reason.reason == Reason.IN_PLAN:
        return Candidate(node_ix, CandidateReason.NOT_ELIGIBLE, 0)
    return Candidate(node_ix, _REASONS[reason.reason], reason.costs_more)


class _Fates:
    """What is looked up for many nodes, once."""

    def __init__(self, catalogue: Catalogue, question: Question, guided: Guided | None) -> None:
        self._catalogue = catalogue
        self._states = catalogue.node_states
        self._question = question
        self._guided = guided
        constraints = question.order.constraints
        self._excluded = {catalogue.nodes.index_of.get(x) for x in constraints.excluded_node_ids}
        self._group = constraints.node_group_id
        self._enough = _lines_with_enough(question)
        self._cooling = cooling_of(catalogue, question)
        self._all_lines = range(len(question.sku_ixs))
        self._rule = _rule_of(guided)
        self._filters = _filters_of(guided, self._rule)
        lanes = question.destination.lane_nodes
        self._first_lane: dict[int, int] = {}
        for lane_ix, node_ix in enumerate(lanes):
            self._first_lane.setdefault(node_ix, lane_ix)

    def of(self, node_ix: int, reason: Reason, more: int, is_chosen: bool) -> Candidate:
        if is_chosen:
            return Candidate(node_ix, CandidateReason.CHOSEN, 0)
        state = self._states.get(node_ix)
        if state is not NodeState.ACTIVE and state is not None:
            return Candidate(node_ix, CandidateReason.NOT_ELIGIBLE, 0, _STATES.get(state))
        if reason is Reason.COSTS_MORE:
            return Candidate(node_ix, CandidateReason.COSTS_MORE, more)
        if reason is Reason.NO_STOCK:
            return self._cooled(node_ix) or self._short(node_ix)
        if reason is Reason.NO_LANE:
            return Candidate(node_ix, CandidateReason.NO_LANE, 0, self._no_lane(node_ix))
        if reason is Reason.TOO_HEAVY:
            return Candidate(node_ix, CandidateReason.TOO_HEAVY, 0)
        return Candidate(node_ix, CandidateReason.NOT_ELIGIBLE, 0, self._left_out(node_ix))

    def _cooled(self, node_ix: int) -> Candidate | None:
        """The fate of a node that is left alone because it refused, None of others."""
        cooling = self._cooling.get(node_ix)
        if cooling is None:
            return None
        constraint, lines = cooling
        if len(lines) == len(self._all_lines):
            return Candidate(node_ix, CandidateReason.NOT_ELIGIBLE, 0, constraint)
        return self._short(node_ix)._replace(removed_by=constraint)

    def _short(self, node_ix: int) -> Candidate:
        enough = self._enough.get(node_ix, ())
        short = tuple([self._question.positions[line] for line in self._all_lines if line not in enough])
        removed_by = None
        if not short:  # it has all, and must keep some
            removed_by = next((each for each, where, _ in self._filters if where == Fact.UNITS_LEFT), None)
        return Candidate(node_ix, CandidateReason.NO_STOCK, 0, removed_by, short)

    def _left_out(self, node_ix: int) -> Constraint | None:
        """What of the order or the policy does not let a node serve."""
        if node_ix in self._excluded:
            return Constraint(ConstraintKind.EXCLUDED_NODES)
        if self._group and not _in_group(self._catalogue, self._group, node_ix):
            return Constraint(ConstraintKind.NODE_GROUP, text=self._group)
        if self._guided and not self._guided.decision.rule:
            return Constraint(ConstraintKind.POLICY_RULES, text=self._guided.decision.policy_id)
        for constraint, where, mask in self._filters:
            if where not in OF_LANES and where != Fact.UNITS_LEFT and not mask[node_ix]:
                return constraint
        if self._rule and self._rule[1].limits.min_shipment_value_micros:
            return limit_constraint(*self._rule, "min_shipment_value_micros")
        return None

    def _no_lane(self, node_ix: int) -> Constraint | None:
        """What leaves out the lanes of a node; nothing if it never had any."""
        lane_ix = self._first_lane.get(node_ix)
        if lane_ix is None:
            return None
        question = self._question
        last = lane_ix
        while last < len(question.destination.lane_nodes) and question.destination.lane_nodes[last] == node_ix:
            last += 1
        allowed = question.rules.lane_allowed
        if allowed is not None and not any(memoryview(allowed)[lane_ix:last]):
            return Constraint(ConstraintKind.LATEST_DELIVERY)
        for constraint, where, mask in self._filters:
            if where in OF_LANES and not any(mask[lane_ix:last]):
                return constraint
        if self._rule and self._rule[1].limits.arrives_within_days:
            return limit_constraint(*self._rule, "arrives_within_days")
        return Constraint(ConstraintKind.LATEST_DELIVERY) if allowed is not None else None


def _lines_with_enough(question: Question) -> dict[int, set[int]]:
    """For each node the lines of which it has all that is wanted."""
    found: dict[int, set[int]] = {}
    for line, quantity in enumerate(question.quantities):
        first, last = question.row_start[line], question.row_start[line + 1]
        for node_ix, units in zip(question.row_node[first:last], question.row_atp[first:last], strict=True):
            if units >= quantity:
                found.setdefault(node_ix, set()).add(line)
    return found


def _in_group(catalogue: Catalogue, node_group_id: str, node_ix: int) -> bool:
    group = catalogue.node_groups.by_id.get(node_group_id)
    return group is not None and catalogue.nodes.ids[node_ix] in group.node_ids


def _rule_of(guided: Guided | None) -> tuple[int, Rule] | None:
    """The rule that decided, and its position."""
    return None if guided is None or guided.rule is None else (guided.rule_ix, guided.rule)


def _filters_of(guided: Guided | None, rule: tuple[int, Rule] | None) -> list[tuple[Constraint, Fact, bytes]]:
    """The filters that were kept to, what each looks at, and whom it lets."""
    if guided is None or rule is None:
        return []
    index, deciding = rule
    found = []
    for k, each in enumerate(deciding.filters):
        if f"filters[{k}]" in guided.decision.given_up:
            continue
        named = filter_constraint(index, deciding, k, each)
        found.append((named, each.where, b"" if each.where == Fact.UNITS_LEFT else guided.facts.mask(each)))
    return found
