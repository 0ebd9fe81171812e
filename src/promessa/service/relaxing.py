"""A question without some of what it must keep to: what that is, and the same question relaxed.

A relaxed question shares everything else with the first, so its decision is what would have been decided.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.kinds import NO_DAY, OwnStock
from promessa.domain.policy import Limits, Rule
from promessa.domain.sourcing import Constraints
from promessa.domain.why import Constraint, ConstraintKind
from promessa.service.asking import Questions
from promessa.service.cooling import cooling_lines
from promessa.service.fates import filter_constraint
from promessa.service.guided import Guide
from promessa.service.lane_causes import allowed_kinds
from promessa.service.lines_of_nodes import own_stock
from promessa.service.policy_words import LIMITS, instant_text, limit_constraint
from promessa.service.question import Question

STOCK = Constraint(ConstraintKind.STOCK)
_OFF = Limits()
_OF_ORDER: Mapping[ConstraintKind, tuple[str, Any]] = {
    ConstraintKind.MAX_SHIPMENTS: ("max_shipments", 0),
    ConstraintKind.SHIP_COMPLETE: ("ship_complete", False),
    ConstraintKind.KEEP_LINES_WHOLE: ("keep_lines_whole", False),
    ConstraintKind.LATEST_DELIVERY: ("latest_delivery_ms", 0),
    ConstraintKind.EXCLUDED_NODES: ("excluded_node_ids", ()),
    ConstraintKind.NODE_GROUP: ("node_group_id", ""),
}
"""The field of each constraint of an order, and what it is without it."""
_OF_WAYS: Mapping[ConstraintKind, tuple[str, Any]] = {
    ConstraintKind.ALLOWED_KINDS: ("kinds", ()),
    ConstraintKind.OWN_STOCK: ("own_stock", OwnStock.AS_ANY),
}
"""The same of its ways; of the shop's stock only that it is left out."""


def constraints_of(question: Question, catalogue: Catalogue) -> Iterator[Constraint]:
    """What an order says itself, and what its owner may hold."""
    said = question.order.constraints
    for kind, (name, none) in _OF_ORDER.items():
        value = getattr(said, name)
        if value == none:
            continue
        if kind == ConstraintKind.EXCLUDED_NODES:
            known = [catalogue.nodes.index_of[x] for x in value if x in catalogue.nodes.index_of]
            if known:
                yield Constraint(kind, nodes=tuple(known))
        elif kind == ConstraintKind.LATEST_DELIVERY:
            yield Constraint(kind, text=instant_text(value))
        else:
            yield Constraint(kind, text="" if value is True else str(value))
    ways = question.order.ways
    if ways.kinds:
        yield allowed_kinds(question.order)
    if ways.own_stock == OwnStock.EXCLUDED:
        yield own_stock(question.order)
    if question.left:
        yield Constraint(ConstraintKind.OWNER_LIMIT)


def constraints_of_rule(index: int, rule: Rule) -> Iterator[Constraint]:
    """The filters and limits of a rule of a policy."""
    for k, each in enumerate(rule.filters):
        yield filter_constraint(index, rule, k, each)
    for field in LIMITS:
        if getattr(rule.limits, field) != getattr(_OFF, field):
            yield limit_constraint(index, rule, field)


def without(questions: Questions, question: Question, off: Sequence[Constraint]) -> Question:
    """The question without some constraints; see with_stock for STOCK."""
    said, guide = question.order.constraints, question.guide
    relaxed = question
    of_rules: dict[int, list[str]] = {}
    for each in off:
        if each.kind in _OF_ORDER:
            name, none = _OF_ORDER[each.kind]
            said = replace(said, **{name: none})
        elif each.kind in _OF_WAYS:
            name, none = _OF_WAYS[each.kind]
            order = relaxed.order
            relaxed = replace(relaxed, order=order._replace(ways=order.ways._replace(**{name: none})))
        elif each.kind == ConstraintKind.OWNER_LIMIT:
            relaxed = replace(relaxed, quantities=relaxed.wanted, left={})
        elif each.kind == ConstraintKind.POLICY_RULES:
            guide = None
        elif each.rule_ix >= 0:
            of_rules.setdefault(each.rule_ix, []).append(each.field)
    if guide is not None and of_rules:
        guide = Guide(guide.version, [(i, _without(rule, of_rules.get(i, ()))) for i, rule in guide.rules])
    return with_constraints(questions, replace(relaxed, guide=guide), said)


def with_constraints(questions: Questions, question: Question, said: Constraints) -> Question:
    """The question with other constraints of the order."""
    order = question.order if said == question.order.constraints else question.order._replace(constraints=said)
    rules = questions.rules_of(order, question.destination, question.now_ms, question.longest_lead_ms)
    return replace(question, order=order, rules=rules, latest_ms=said.latest_delivery_ms)


def with_stock(question: Question, catalogue: Catalogue, more: Mapping[int, int], at: Mapping[int, int]) -> Question:
    """The question with so many more lots of some lines at every node that takes orders, has a lane, and is not left alone; or
    of a line in `at` at that node alone."""
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    reached = set(question.destination.lane_nodes)
    active = [node_ix for node_ix, state in catalogue.node_states.items() if state == NodeState.ACTIVE]
    alone = {(node_ix, line) for node_ix, line, _ in cooling_lines(catalogue, question.sku_ixs, question.now_ms)}
    for line in range(len(question.sku_ixs)):
        first, last = question.row_start[line], question.row_start[line + 1]
        row = dict(zip(question.row_node[first:last], question.row_atp[first:last], strict=True))
        if line in more:
            for node_ix in [at[line]] if line in at else active:
                place = question.place(line, node_ix)
                if place in reached and (node_ix, line) not in alone:
                    for each in (place, *_later(question, row, node_ix)):
                        row[each] = max(0, row.get(each, 0)) + more[line]
        for node_ix in sorted(row):
            nodes.append(node_ix)
            atp.append(row[node_ix])
        start.append(len(nodes))
    return replace(question, row_start=start, row_node=nodes, row_atp=atp)


def _later(question: Question, row: Iterable[int], node_ix: int) -> list[int]:
    """The nodes of a row that are a node of the catalogue on days to come: what is in stock now is there by then, too."""
    joint = question.destination.joint
    if joint is None:
        return []
    return [node for node in row if joint.origins[node] == node_ix and joint.supply_days[node] != NO_DAY]


def _without(rule: Rule, off: Sequence[str]) -> Rule:
    """A rule without some filters and limits, by their fields."""
    if not off:
        return rule
    kept = tuple([each for k, each in enumerate(rule.filters) if f"filters[{k}]" not in off])
    limits = rule.limits
    for field in LIMITS:
        name = field.removesuffix("_micros")
        if f"limits.{name}" in off:
            soft = tuple([each for each in limits.soft if each.name.lower() != name])
            limits = replace(limits, soft=soft, **{field: getattr(_OFF, field)})
    return replace(rule, filters=kept, limits=limits)
