"""What is wrong with a policy, wherever it came from: values out of their bounds, and fields that do not go together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from promessa.domain.policy import (
    NODE_TYPES,
    WORDS,
    Fact,
    Limit,
    Mode,
    NodeFilter,
    Policy,
    Preference,
    Rule,
    Sort,
    UnservedAction,
)
from promessa.domain.policy_fields import Field, fields_of, in_micros

MICROS = 1_000_000
ROTATIONS = ("node", "owner")


class Problem(NamedTuple):
    """A field, as rules[0].filters[1].max, and what is wrong with it; its line in the document, 0 where there is none."""

    field: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.line else self.field
        return f"{where} {self.message}"


def problems_of(policy: Policy) -> list[Problem]:
    """Everything that is wrong, in the order of the fields."""
    return [*_bounds(policy, ""), *_together(policy)]


def _bounds(value: Any, path: str) -> Iterator[Problem]:
    """Each value against the rules of its field."""
    owner: type = type(value)
    around = {each.name: getattr(value, each.name) for each in fields_of(owner)}
    for each in fields_of(owner):
        found, at = around[each.name], f"{path}{each.key}"
        if each.many:
            least, most = each.rules.get("min_items", 0), each.rules["max_items"]
            if not least <= len(found) <= most:
                yield Problem(at, f"has {len(found)} entries; it must have from {least} to {most}.")
        items = [(f"{at}[{i}]", item) for i, item in enumerate(found)] if each.many else [(at, found)]
        for where, item in items:
            if item is None:
                continue
            if each.nested:
                yield from _bounds(item, f"{where}.")
            elif each.type is str:
                yield from _bad_text(each, where, item)
            elif each.type is int:
                yield from _bad_number(each, where, item, micros=in_micros(each, around))
            elif each.words and item not in each.rules.get("facts", each.type):
                yield Problem(where, f"cannot be {item.name.lower()}. Allowed: {', '.join(each.words)}.")


def _bad_text(field: Field, where: str, text: str) -> Iterator[Problem]:
    if not text and not field.required and not field.many:
        return
    longest = field.rules.get("max_length", 200)
    if len(text) > longest:
        yield Problem(where, f"has {len(text)} characters; {longest} are the most.")
    elif not re.fullmatch(field.rules["pattern"], text):
        yield Problem(where, f"is {text!r}; allowed is what matches {field.rules['pattern']}.")


def _bad_number(field: Field, where: str, number: int, *, micros: bool) -> Iterator[Problem]:
    least, most = field.rules.get("least", 0), field.rules.get("most", 1 << 62)
    if not least <= number <= most:
        unit = MICROS if micros else 1
        shown = f"{number / unit:g}" if micros else str(number)
        yield Problem(where, f"is {shown}; it must be from {least / unit:g} to {most / unit:,.0f}.")


def _together(policy: Policy) -> Iterator[Problem]:
    """What no field can say of itself."""
    names: set[str] = set()
    for i, rule in enumerate(policy.rules):
        at = f"rules[{i}]"
        if rule.name in names:
            yield Problem(f"{at}.name", f"is {rule.name!r} once more; each rule needs a name of its own.")
        names.add(rule.name)
        yield from _of_mode(policy.mode, rule, at)
        for k, node_filter in enumerate(rule.filters):
            yield from _of_filter(node_filter, f"{at}.filters[{k}]")
        for k, sort in enumerate(rule.sorts):
            yield from _of_sort(sort, f"{at}.sorts[{k}]")
        for k, preference in enumerate(rule.costs.preferences):
            yield from _of_preference(preference, f"{at}.costs.preferences[{k}]")
        terms = [weight.term for weight in rule.costs.weights]
        if len(set(terms)) < len(terms):
            yield Problem(f"{at}.costs.weights", "must name each term once.")
        for k, limit in enumerate(rule.limits.soft):
            if not _is_set(rule, limit):
                yield Problem(f"{at}.limits.soft[{k}]", f"names {limit.name.lower()}, which this rule does not set.")
    if policy.starts_ms is not None and policy.ends_ms is not None and policy.ends_ms <= policy.starts_ms:
        yield Problem("ends", "must be after starts.")
    unserved = policy.unserved
    if (unserved.action == UnservedAction.PARK) != bool(unserved.queue):
        yield Problem("unserved.queue", "goes with action park, and is needed there.")
    dated = unserved.action in (UnservedAction.CANCEL, UnservedAction.BACKORDER)
    if dated != (unserved.days is not None):
        yield Problem("unserved.days", "goes with action cancel or backorder, and is needed there.")


def _of_mode(mode: Mode, rule: Rule, at: str) -> Iterator[Problem]:
    if mode == Mode.RULES and not rule.sorts:
        yield Problem(f"{at}.sorts", "must have at least one sort in mode rules; or use mode cost.")
    if mode == Mode.RULES and rule.costs != type(rule.costs)():
        yield Problem(f"{at}.costs", "is for mode cost alone; in mode rules use sorts.")
    if mode == Mode.COST and rule.sorts:
        yield Problem(f"{at}.sorts", "is for mode rules alone; in mode cost use costs.")


def _of_filter(each: NodeFilter, at: str) -> Iterator[Problem]:
    fact = each.where.name.lower()
    if each.where in WORDS:
        if each.min is not None or each.max is not None:
            yield Problem(f"{at}.where", f"is {fact}, which has words: use any_of or none_of, not min or max.")
        if not each.any_of and not each.none_of:
            yield Problem(f"{at}.where", f"is {fact}; it needs any_of or none_of.")
        both = sorted(set(each.any_of) & set(each.none_of))
        if both:
            yield Problem(f"{at}.none_of", f"has {both[0]!r}, and any_of has it, too.")
    else:
        if each.any_of or each.none_of:
            yield Problem(f"{at}.where", f"is {fact}, which is a number: use min or max, not any_of or none_of.")
        if each.min is None and each.max is None:
            yield Problem(f"{at}.where", f"is {fact}; it needs min or max.")
        if each.min is not None and each.max is not None and each.min > each.max:
            yield Problem(f"{at}.max", "must not be less than min: no node could serve.")
        if each.where == Fact.UNITS_LEFT and (each.max is not None or each.min is None):
            yield Problem(f"{at}.max", "does not go with units_left; it needs min.")
    yield from _of_words(each.where, each.name, (*each.any_of, *each.none_of), at)


def _of_words(fact: Fact, name: str, words: tuple[str, ...], at: str) -> Iterator[Problem]:
    """Attributes have names, and the kinds of node are known."""
    if (fact == Fact.ATTRIBUTE) != bool(name) and fact != Fact.ROTATION:
        yield Problem(f"{at}.name", "goes with attribute, and is needed there.")
    if fact == Fact.NODE_TYPE:
        for word in words:
            if word not in NODE_TYPES:
                yield Problem(at, f"names {word!r}, which is no node_type. Allowed: {', '.join(NODE_TYPES)}.")


def _of_sort(each: Sort, at: str) -> Iterator[Problem]:
    fact = each.by.name.lower()
    if each.by in WORDS:
        if not each.prefer:
            yield Problem(f"{at}.prefer", f"is needed to sort by {fact}: the best first.")
        if each.band is not None or each.largest_first:
            yield Problem(
                f"{at}.by", f"is {fact}, which has words: prefer says which first, not band or largest_first."
            )
    elif each.prefer:
        yield Problem(f"{at}.prefer", f"goes with words alone, and {fact} is a number.")
    if each.by in (Fact.SHIPMENTS, Fact.ROTATION) and (each.band is not None or each.largest_first):
        yield Problem(f"{at}.by", f"is {fact}, which has neither band nor largest_first.")
    if each.by == Fact.COST and (each.band is not None or each.largest_first):
        yield Problem(f"{at}.by", "is cost, which is compared to the micro: it has neither band nor largest_first.")
    if each.by == Fact.ROTATION and each.name and each.name not in ROTATIONS:
        yield Problem(f"{at}.name", f"is {each.name!r}. Allowed with rotation: {', '.join(ROTATIONS)}.")
    yield from _of_words(each.by, each.name, each.prefer, at)


def _of_preference(each: Preference, at: str) -> Iterator[Problem]:
    yield from _of_filter(each.nodes, f"{at}.nodes")
    if each.nodes.where not in WORDS and each.nodes.where != Fact.DISTANCE_KM:
        yield Problem(f"{at}.nodes.where", "must be of words or distance_km in a preference.")
    if each.nodes.soft:
        yield Problem(f"{at}.nodes.soft", "says nothing here: a preference is soft.")


def _is_set(rule: Rule, limit: Limit) -> bool:
    limits = rule.limits
    return {
        Limit.MAX_SHIPMENTS: limits.max_shipments is not None,
        Limit.SHIP_COMPLETE: limits.ship_complete,
        Limit.KEEP_LINES_WHOLE: limits.keep_lines_whole,
        Limit.MIN_SHIPMENT_VALUE: limits.min_shipment_value_micros is not None,
        Limit.ARRIVES_WITHIN_DAYS: limits.arrives_within_days is not None,
    }[limit]


def with_line(problem: Problem, lines: dict[str, int]) -> Problem:
    """A problem with the line of its field, or of what it is in."""
    at = problem.field
    while at and at not in lines:
        at = at[: max(at.rfind("."), at.rfind("["), 0)]
    return problem._replace(line=lines.get(at, 1))
