"""What is doubtful about a policy that can be read: rules that never decide, sorts that never count, filters that leave no
node, and what contradicts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from promessa.domain.policy import (
    ANY_ORDER,
    NODE_TYPES,
    WORDS,
    Fact,
    Limits,
    NodeFilter,
    Otherwise,
    Policy,
    PolicyVersion,
    Rule,
    Sort,
)
from promessa.domain.policy_match import covers, disjoint


class Finding(IntEnum):
    """What kind of doubt it is."""

    UNREACHABLE_RULE = 1
    SHADOWED_RULE = 2
    IDLE_SORT = 3
    EMPTY_FILTER = 4
    CONTRADICTION = 5
    SHADOWED_POLICY = 6
    UNKNOWN_NAME = 7
    EXPIRED = 8
    INVALID = 9
    """It cannot be read; the others are of policies that can."""


class Doubt(NamedTuple):
    """One finding. With an error the policy cannot be activated; all others are for somebody to look at."""

    finding: Finding
    error: bool
    field: str
    message: str
    line: int = 0


class LintNode(NamedTuple):
    """A node as filters of words see it."""

    node_id: str
    groups: frozenset[str]
    type: int
    country_code: str
    region_code: str
    owner_code: str
    attributes: tuple[tuple[str, str], ...] = ()

    def words(self, fact: Fact, name: str = "") -> frozenset[str]:
        """The node's words for a fact."""
        if fact == Fact.NODE_GROUP:
            return self.groups
        if fact == Fact.ATTRIBUTE:
            return frozenset([dict(self.attributes).get(name, "")])
        kind = NODE_TYPES[self.type - 1] if 0 < self.type <= len(NODE_TYPES) else ""
        return frozenset([
            {
                Fact.NODE: self.node_id,
                Fact.NODE_TYPE: kind,
                Fact.COUNTRY: self.country_code,
                Fact.REGION: self.region_code,
                Fact.OWNER: self.owner_code,
            }[fact]
        ])  # fmt: skip


def lets(node_filter: NodeFilter, words: frozenset[str]) -> bool:
    """Whether a filter of words lets a node with these words serve."""
    if node_filter.any_of and not words & set(node_filter.any_of):
        return False
    return not words & set(node_filter.none_of)


@dataclass(slots=True)
class Surroundings:
    """What a policy is looked at against: the nodes there are, the other active policies, and the time."""

    nodes: Sequence[LintNode] = ()
    active: Sequence[PolicyVersion] = ()
    now_ms: int = 0


def lint(policy: Policy, around: Surroundings) -> list[Doubt]:
    """Everything doubtful, errors first."""
    found = [
        *_of_whole(policy, around),
        *_of_rules(policy),
        *_of_filters(policy, around.nodes),
        *(doubt for i, rule in enumerate(policy.rules) for doubt in _of_sorts(i, rule, around.nodes)),
    ]
    return sorted(found, key=lambda each: not each.error)


def _of_whole(policy: Policy, around: Surroundings) -> Iterator[Doubt]:
    if policy.ends_ms is not None and policy.ends_ms <= around.now_ms:
        yield Doubt(Finding.EXPIRED, False, "ends", "is past: the policy decides nothing any more.")
    if policy.except_for != ANY_ORDER and covers(policy.except_for, policy.applies_to):
        yield Doubt(
            Finding.CONTRADICTION,
            True,
            "except_for",
            "excepts every order that applies_to lets in: it decides nothing.",
        )
    for other in around.active:
        if other.policy_id != policy.policy_id and _hides(other.policy, policy):
            message = (
                f"of {policy.precedence} is never reached: {other.policy_id} comes first and takes all its orders."
            )
            yield Doubt(Finding.SHADOWED_POLICY, False, "precedence", message)


def _hides(first: Policy, other: Policy) -> bool:
    """Whether a policy takes every order that another could take."""
    earlier = (first.precedence, first.policy_id) < (other.precedence, other.policy_id)
    lasts = first.ends_ms is None or (other.ends_ms is not None and other.ends_ms <= first.ends_ms)
    since = (first.starts_ms or 0) <= (other.starts_ms or 0)
    return earlier and lasts and since and first.except_for == ANY_ORDER and covers(first.applies_to, other.applies_to)


def _of_rules(policy: Policy) -> Iterator[Doubt]:
    """Rules that no order gets to, and rules that come too late."""
    for i, rule in enumerate(policy.rules):
        at = f"rules[{i}]"
        if disjoint(rule.when, policy.applies_to):
            yield Doubt(Finding.UNREACHABLE_RULE, False, f"{at}.when", "fits no order that the policy applies to.")
            continue
        if rule.unless != ANY_ORDER and covers(rule.unless, rule.when):
            yield Doubt(Finding.CONTRADICTION, True, f"{at}.unless", "takes away every order that when lets in.")
        yield from _of_limits(rule, at)
        for earlier in policy.rules[:i]:
            if not _takes_all_orders(earlier, rule):
                continue
            if earlier.otherwise == Otherwise.STOP:
                message = f"is never tried: {earlier.name!r} before it takes the same orders and stops."
                yield Doubt(Finding.UNREACHABLE_RULE, False, f"{at}.name", message)
                break
            if _is_no_stricter(earlier, rule):
                message = f"never decides: what it could serve whole, {earlier.name!r} before it serves."
                yield Doubt(Finding.SHADOWED_RULE, False, f"{at}.name", message)
                break


def _takes_all_orders(earlier: Rule, rule: Rule) -> bool:
    return earlier.unless == ANY_ORDER and covers(earlier.when, rule.when)


def _is_no_stricter(earlier: Rule, rule: Rule) -> bool:
    """Whether an order that a rule can serve whole can be served whole by an earlier one, and would be.

    A rule that allows partial plans decides where an earlier one does not.
    """
    if rule.allow_partial and not earlier.allow_partial:
        return False
    hard = [each for each in rule.filters if not each.soft]
    for each in (x for x in earlier.filters if not x.soft):
        if not any(_implies(own, each) for own in hard):
            return False
    return _limits_imply(rule, earlier)


def _implies(own: NodeFilter, other: NodeFilter) -> bool:
    """Whether what one filter lets through, another does too."""
    if (own.where, own.name) != (other.where, other.name):
        return False
    if other.any_of and not (own.any_of and set(own.any_of) <= set(other.any_of)):
        return False
    if other.none_of:
        if not (set(other.none_of) <= set(own.none_of) or (own.any_of and not set(own.any_of) & set(other.none_of))):
            return False
    if other.min is not None and (own.min is None or own.min < other.min):
        return False
    return not (other.max is not None and (own.max is None or own.max > other.max))


def _limits_imply(rule: Rule, earlier: Rule) -> bool:
    own, other = hard_limits(rule.limits), hard_limits(earlier.limits)
    if other.max_shipments is not None and (own.max_shipments is None or own.max_shipments > other.max_shipments):
        return False
    if other.keep_lines_whole and not own.keep_lines_whole:
        return False
    least, days = other.min_shipment_value_micros, other.arrives_within_days
    if least is not None and (own.min_shipment_value_micros is None or own.min_shipment_value_micros < least):
        return False
    return not (days is not None and (own.arrives_within_days is None or own.arrives_within_days > days))


def hard_limits(limits: Limits, given_up: int | None = None) -> Limits:
    """The limits without the soft ones; or without the last so many of these."""
    count = len(limits.soft) if given_up is None else given_up
    off = {each.name for each in limits.soft[len(limits.soft) - count :]} if count else set()
    return Limits(
        max_shipments=None if "MAX_SHIPMENTS" in off else limits.max_shipments,
        ship_complete=limits.ship_complete and "SHIP_COMPLETE" not in off,
        keep_lines_whole=limits.keep_lines_whole and "KEEP_LINES_WHOLE" not in off,
        min_shipment_value_micros=None if "MIN_SHIPMENT_VALUE" in off else limits.min_shipment_value_micros,
        arrives_within_days=None if "ARRIVES_WITHIN_DAYS" in off else limits.arrives_within_days,
        soft=limits.soft[: len(limits.soft) - count],
    )


def _of_limits(rule: Rule, at: str) -> Iterator[Doubt]:
    limits = rule.limits
    if rule.allow_partial and limits.ship_complete:
        yield Doubt(
            Finding.CONTRADICTION,
            True,
            f"{at}.allow_partial",
            "goes against limits.ship_complete, which lets no part go.",
        )
    if limits.max_shipments == 1 and limits.min_shipment_value_micros is not None:
        message = "says nothing with max_shipments 1: it is for shipments of several."
        yield Doubt(Finding.CONTRADICTION, False, f"{at}.limits.min_shipment_value", message)
    if limits.max_shipments == 1 and any(each.by == Fact.SHIPMENTS for each in rule.sorts):
        message = "says nothing with max_shipments 1."
        index = next(i for i, each in enumerate(rule.sorts) if each.by == Fact.SHIPMENTS)
        yield Doubt(Finding.IDLE_SORT, False, f"{at}.sorts[{index}]", message)
    for i, one in enumerate(rule.filters):
        for other in rule.filters[:i]:
            if one.where == Fact.UNITS_LEFT or (one.where, one.name) != (other.where, other.name):
                continue
            floor = max(one.min or 0, other.min or 0)
            tops = [each.max for each in (one, other) if each.max is not None]
            none_left = (
                one.where in WORDS
                and one.where != Fact.NODE_GROUP
                and one.any_of
                and other.any_of
                and not (set(one.any_of) & set(other.any_of))
            )
            if none_left or (tops and floor > min(tops)):
                hard = not (one.soft or other.soft)
                message = f"and an earlier filter of {one.where.name.lower()} let no node serve together."
                yield Doubt(Finding.CONTRADICTION, hard, f"{at}.filters[{i}]", message)


def _of_filters(policy: Policy, nodes: Sequence[LintNode]) -> Iterator[Doubt]:
    """Filters, alone and together, that let no node of today's network serve; and names nothing has."""
    if not nodes:
        return
    for i, rule in enumerate(policy.rules):
        left = list(nodes)
        worded = [(k, each) for k, each in enumerate(rule.filters) if each.where in WORDS]
        for k, each in worded:
            at = f"rules[{i}].filters[{k}]"
            yield from _unknown(each.where, each.name, (*each.any_of, *each.none_of), at, nodes)
            passing = [node for node in nodes if lets(each, node.words(each.where, each.name))]
            if not passing:
                yield Doubt(Finding.EMPTY_FILTER, False, at, "lets no node of today's network serve.")
            elif not each.soft and left:
                left = [node for node in left if lets(each, node.words(each.where, each.name))]
                if not left:
                    message = "and the filters before it let no node of today's network serve."
                    yield Doubt(Finding.EMPTY_FILTER, False, at, message)
        for k, sort in enumerate(rule.sorts):
            yield from _unknown(sort.by, sort.name, sort.prefer, f"rules[{i}].sorts[{k}]", nodes)
        for k, preference in enumerate(rule.costs.preferences):
            of = preference.nodes
            at = f"rules[{i}].costs.preferences[{k}]"
            yield from _unknown(of.where, of.name, (*of.any_of, *of.none_of), at, nodes)


def _unknown(fact: Fact, name: str, words: Iterable[str], at: str, nodes: Sequence[LintNode]) -> Iterator[Doubt]:
    if fact not in WORDS or fact == Fact.NODE_TYPE:
        return
    known = {word for node in nodes for word in node.words(fact, name)}
    for word in words:
        if word not in known:
            yield Doubt(Finding.UNKNOWN_NAME, False, at, f"names {word!r}, and no node has this {fact.name.lower()}.")


def _of_sorts(index: int, rule: Rule, nodes: Sequence[LintNode]) -> Iterator[Doubt]:
    """Sorts that can never break a tie of those before them."""
    decided = ""
    seen: dict[tuple[Fact, str, bool, tuple[str, ...]], int] = {}
    for k, sort in enumerate(rule.sorts):
        at = f"rules[{index}].sorts[{k}]"
        key = (sort.by, sort.name, sort.largest_first, sort.prefer)
        if decided:
            message = f"never counts: {decided} before it leaves next to no ties. Give that a band."
            yield Doubt(Finding.IDLE_SORT, False, at, message)
        elif key in seen and (sort.band or 1) >= seen[key] and (sort.band or 1) % seen[key] == 0:
            yield Doubt(Finding.IDLE_SORT, False, at, "never counts: the same sort before it is as fine.")
        elif nodes and sort.by in WORDS and not _divides(sort, nodes):
            yield Doubt(Finding.IDLE_SORT, False, at, "never counts: all nodes of today's network are equal to it.")
        seen[key] = min(seen.get(key, sort.band or 1), sort.band or 1)
        if _leaves_no_ties(sort):
            decided = sort.by.name.lower()


def _leaves_no_ties(sort: Sort) -> bool:
    """Whether values are so fine that two plans hardly ever share one."""
    fine: dict[Fact, Callable[[int], bool]] = {
        Fact.COST: lambda band: True,
        Fact.LANE_COST: lambda band: band < 10_000,
        Fact.DISTANCE_KM: lambda band: band <= 1,
    }
    if sort.by == Fact.ROTATION and sort.name != "owner":
        return True
    return sort.by in fine and fine[sort.by](sort.band or 1)


def _divides(sort: Sort, nodes: Sequence[LintNode]) -> bool:
    places = {place_of(sort, node.words(sort.by, sort.name)) for node in nodes}
    return len(places) > 1


def place_of(sort: Sort, words: frozenset[str]) -> int:
    """Where a node with these words comes in a sort of words: 0 for the best."""
    return next((i for i, word in enumerate(sort.prefer) if word in words), len(sort.prefer))
