"""The fates of nodes one by one, as promessa.service.fates says they are: its specification, slow and easy to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.kinds import FulfillmentKind, OwnStock
from promessa.domain.policy import OF_LANES, Fact, Rule
from promessa.domain.sourcing import CandidateReason
from promessa.domain.why import Candidate, Constraint, ConstraintKind
from promessa.kernel import NodeReason, Reason
from promessa.service.fates import cooling_of, filter_constraint
from promessa.service.guided import Guided
from promessa.service.order_ways import first_of_shop
from promessa.service.policy_words import limit_constraint
from promessa.service.question import Question

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
    fates, joint = _Fates(catalogue, question, guided), question.destination.joint
    nearest: dict[int, tuple[int, NodeReason]] = {}
    for way in there:
        origin = joint.origins[way[0]] if joint else way[0]
        nearest[origin] = min(nearest.get(origin, way), way, key=_nearness)
    return [
        fates.of(node_ix, at, reason, more, node_ix in chosen)
        for node_ix, (at, (reason, more)) in sorted(nearest.items())
    ]


def _nearness(way: tuple[int, NodeReason]) -> tuple[int, int]:
    """How near a way of a node came to be in a plan, the nearest first."""
    reason, last = way[1], len(_NEAREST)
    return _NEAREST.index(reason.reason) if reason.reason in _NEAREST else last, reason.costs_more


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
        self._shop = catalogue.nodes.index_of.get(question.order.ways.sold_at)
        self._enough = _lines_with_enough(question)
        self._cooling = cooling_of(catalogue, question)
        self._all_lines = range(len(question.sku_ixs))
        self._rule = _rule_of(guided)
        self._filters = _filters_of(guided, self._rule)

    def of(self, node_ix: int, at: int, reason: Reason, more: int, is_chosen: bool) -> Candidate:
        """The fate of a node, of which `at` is the way that comes nearest."""
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
            return Candidate(node_ix, CandidateReason.NO_LANE, 0, self._no_lane(at))
        if reason is Reason.TOO_HEAVY:
            return Candidate(node_ix, CandidateReason.TOO_HEAVY, 0)
        return Candidate(node_ix, CandidateReason.NOT_ELIGIBLE, 0, self._left_out(node_ix, at))

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
        own = [line for line in self._all_lines if self._may_serve(node_ix, line)]
        for_shop = [line for line in self._all_lines if node_ix != self._shop and self._is_for_shop(line)]
        short = [self._question.positions[line] for line in own if line not in enough and line not in for_shop]
        removed_by = None
        if not short and for_shop:
            removed_by = Constraint(ConstraintKind.OWN_STOCK, text=self._question.order.ways.sold_at)
        elif not short:  # it has all, and must keep some
            removed_by = next((each for each, where, _ in self._filters if where == Fact.UNITS_LEFT), None)
        return Candidate(node_ix, CandidateReason.NO_STOCK, 0, removed_by, tuple(short))

    def _may_serve(self, node_ix: int, line: int) -> bool:
        """Whether the way of a line goes by a node."""
        route = self._question.route
        if route is None:
            return True
        part = route.parts[route.of_item[line]]
        return part.destination is not None or part.collector == node_ix

    def _is_for_shop(self, line: int) -> bool:
        """Whether a line comes from the shop where the order is sold, and from nowhere else."""
        question, route = self._question, self._question.route
        if route is None or line in route.handed:
            return route is not None
        if question.order.ways.own_stock != OwnStock.FIRST:
            return False
        assert self._shop is not None
        rules, there = question.rules, question.destination
        return any(line in items for items, _ in first_of_shop(route, self._shop, question.rows, rules, there))

    def _left_out(self, node_ix: int, at: int) -> Constraint | None:
        """What of the order or the policy does not let a node serve."""
        ways = self._question.order.ways
        if node_ix in self._excluded:
            return Constraint(ConstraintKind.EXCLUDED_NODES)
        if ways.own_stock == OwnStock.EXCLUDED and node_ix == self._shop:
            return Constraint(ConstraintKind.OWN_STOCK, text=ways.sold_at)
        if self._group and not _in_group(self._catalogue, self._group, node_ix):
            return Constraint(ConstraintKind.NODE_GROUP, text=self._group)
        if self._guided and not self._guided.decision.rule:
            return Constraint(ConstraintKind.POLICY_RULES, text=self._guided.decision.policy_id)
        for constraint, where, mask in self._filters:
            if where not in OF_LANES and where != Fact.UNITS_LEFT and not mask[at]:
                return constraint
        if self._rule and self._rule[1].limits.min_shipment_value_micros:
            return limit_constraint(*self._rule, "min_shipment_value_micros")
        return None

    def _no_lane(self, at: int) -> Constraint | None:
        """What leaves out the lanes of a way; nothing if it never had any."""
        destination = self._question.destination
        lanes = [lane for lane, node in enumerate(destination.lane_nodes) if node == at]
        if not lanes:
            return None
        left = lanes
        for constraint, allows in self._causes():
            left = [lane for lane in left if allows(lane)]
            if not left:
                return constraint
        for constraint, where, mask in self._filters:
            if where in OF_LANES and not any(mask[lane] for lane in lanes):
                return constraint
        if self._rule and self._rule[1].limits.arrives_within_days:
            return limit_constraint(*self._rule, "arrives_within_days")
        for constraint, allows in self._causes():
            if not all(allows(lane) for lane in lanes):
                return constraint
        for constraint, where, mask in self._filters:
            if where in OF_LANES and not all(mask[lane] for lane in lanes):
                return constraint
        return None

    def _causes(self) -> Iterator[tuple[Constraint, Callable[[int], bool]]]:
        """What of the order leaves lanes out, and whether it lets one."""
        order, there = self._question.order, self._question.destination
        kinds, latest_ms = order.ways.kinds, order.constraints.latest_delivery_ms
        if kinds:
            names = ", ".join(FulfillmentKind(kind).name for kind in kinds)
            yield Constraint(ConstraintKind.ALLOWED_KINDS, text=names), lambda lane: there.kinds[lane] in kinds
        in_reach = there.lanes_in_reach(order.traits.position_e6)
        yield Constraint(ConstraintKind.OUT_OF_REACH), lambda lane: bool(in_reach[lane])
        if latest_ms:
            arrivals = there.arrivals(self._question.now_ms, self._question.longest_lead_ms)
            yield Constraint(ConstraintKind.LATEST_DELIVERY), lambda lane: arrivals[lane] <= latest_ms


def _lines_with_enough(question: Question) -> dict[int, set[int]]:
    """For each node the lines of which it has all that is wanted, by one way at least."""
    joint = question.destination.joint
    found: dict[int, set[int]] = {}
    for line, quantity in enumerate(question.quantities):
        first, last = question.row_start[line], question.row_start[line + 1]
        for node_ix, units in zip(question.row_node[first:last], question.row_atp[first:last], strict=True):
            if units >= quantity:
                found.setdefault(joint.origins[node_ix] if joint else node_ix, set()).add(line)
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
