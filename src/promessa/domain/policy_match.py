"""Which orders a policy or a rule is for, and in which order a wave of orders is sourced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from promessa.domain.policy import OrderFact, OrderFilter, OrderSort, Policy, PolicyVersion, Rule
from promessa.domain.sourcing import OrderTraits

_DAY_MS = 24 * 3600 * 1000

_LISTS = {
    "order_kinds": "order_kind",
    "customer_tiers": "customer_tier",
    "queues": "queue",
    "origins": "origin",
    "ship_methods": "ship_method",
}
"""Fields of a filter that hold words of which a trait must be one."""
_SETS = ("categories", "tags")
_RANGES = (
    ("min_priority", "max_priority"),
    ("min_value_micros", "max_value_micros"),
    ("min_promise_days", "max_promise_days"),
)


class OrderProfile(NamedTuple):
    """An order as filters see it. `promise_days` are the begun days left until it must arrive, None without such a day."""

    traits: OrderTraits
    channel: str
    country_code: str
    region_code: str
    promise_days: int | None


def promise_days(latest_delivery_ms: int, now_ms: int) -> int | None:
    """Begun days from now until an instant; None for 0, which stands for "whenever"."""
    return max(0, -((now_ms - latest_delivery_ms) // _DAY_MS)) if latest_delivery_ms else None


def fits(wanted: OrderFilter, order: OrderProfile) -> bool:
    """Whether an order has all that a filter asks for."""
    if wanted.says_nothing:
        return True
    traits = order.traits
    if wanted.channels and not any(_within(order.channel, each) for each in wanted.channels):
        return False
    if wanted.countries and order.country_code not in wanted.countries:
        return False
    if wanted.regions and order.region_code not in wanted.regions:
        return False
    for name, trait in _LISTS.items():
        words = getattr(wanted, name)
        if words and getattr(traits, trait) not in words:
            return False
    for name in _SETS:
        words = getattr(wanted, name)
        if words and not set(words) & set(getattr(traits, name)):
            return False
    numbers = (traits.priority, traits.value_micros, order.promise_days)
    return all(
        _in_range(number, getattr(wanted, least), getattr(wanted, most))
        for number, (least, most) in zip(numbers, _RANGES, strict=True)
    )


def applies(policy: Policy, order: OrderProfile, now_ms: int) -> bool:
    """Whether a policy decides about an order now."""
    return (
        policy.holds_at(now_ms)
        and fits(policy.applies_to, order)
        and (policy.except_for.says_nothing or not fits(policy.except_for, order))
    )


def rules_for(policy: Policy, order: OrderProfile) -> list[tuple[int, Rule]]:
    """The rules that may serve an order, by position."""
    return [
        (i, rule)
        for i, rule in enumerate(policy.rules)
        if fits(rule.when, order) and (rule.unless.says_nothing or not fits(rule.unless, order))
    ]


def deciding(active: Iterable[PolicyVersion], order: OrderProfile, now_ms: int) -> PolicyVersion | None:
    """Of the policies that apply the one of the lowest precedence, and of these the first by id; None if none applies."""
    found = [each for each in active if applies(each.policy, order, now_ms)]
    return min(found, key=lambda each: (each.policy.precedence, each.policy_id), default=None)


def in_order(wave: Sequence[OrderTraits], sorts: Sequence[OrderSort]) -> list[int]:
    """Positions of a wave's orders as they are to be sourced: by the sorts, then as they came. Not said is last."""
    return sorted(range(len(wave)), key=lambda i: [_place(wave[i], sort) for sort in sorts])


def covers(wide: OrderFilter, narrow: OrderFilter) -> bool:
    """Whether every order that fits the narrow filter fits the wide one. True is certain, false may be caution."""
    if wide.says_nothing:
        return True
    for name in ("countries", "regions", *_LISTS, *_SETS):
        words, others = getattr(wide, name), getattr(narrow, name)
        if words and not (others and set(others) <= set(words)):
            return False
    if wide.channels:
        covered = [any(_within(each, path) for path in wide.channels) for each in narrow.channels]
        if not covered or not all(covered):
            return False
    return all(_spans(wide, narrow, least, most) for least, most in _RANGES)


def disjoint(one: OrderFilter, other: OrderFilter) -> bool:
    """Whether no order can fit both. True is certain."""
    for name in ("countries", "regions", *_LISTS):
        words, others = getattr(one, name), getattr(other, name)
        if words and others and not set(words) & set(others):
            return True
    if one.channels and other.channels:
        if not any(_within(a, b) or _within(b, a) for a in one.channels for b in other.channels):
            return True
    for least, most in _RANGES:
        floor = max((getattr(x, least) or 0 for x in (one, other)), default=0)
        tops = [getattr(x, most) for x in (one, other) if getattr(x, most) is not None]
        if tops and floor > min(tops):
            return True
    return False


def _within(channel: str, path: str) -> bool:
    return channel == path or channel.startswith(f"{path}/")


def _in_range(number: int | None, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    return number is not None and (least is None or number >= least) and (most is None or number <= most)


def _spans(wide: OrderFilter, narrow: OrderFilter, least: str, most: str) -> bool:
    floor, top = getattr(wide, least), getattr(wide, most)
    inner_floor, inner_top = getattr(narrow, least), getattr(narrow, most)
    return (floor is None or (inner_floor is not None and inner_floor >= floor)) and (
        top is None or (inner_top is not None and inner_top <= top)
    )


def _place(order: OrderTraits, sort: OrderSort) -> tuple[bool, int]:
    value = {
        OrderFact.ORDER_TIME: order.order_ms,
        OrderFact.SHIP_BY: order.ship_by_ms,
        OrderFact.SHIP_AFTER: order.ship_after_ms,
        OrderFact.SLA_DAYS: order.sla_days,
        OrderFact.PRIORITY: order.priority,
    }[sort.by]
    return not value, -value if sort.largest_first else value
