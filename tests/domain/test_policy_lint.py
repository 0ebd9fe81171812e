"""What the linter finds, and that it stays silent about what is sound."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promessa.domain.policy import OrderFact as By
from promessa.domain.policy import OrderFilter, OrderSort, PolicyState, PolicyVersion
from promessa.domain.policy_lint import Finding, LintNode, Surroundings, lint
from promessa.domain.policy_match import OrderProfile, covers, disjoint, fits, in_order, promise_days
from promessa.domain.sourcing import OrderTraits
from promessa.service.policy_documents import policy_of, ready_made, ready_made_text

NODES = (
    LintNode("dc", frozenset({"south"}), 1, "BR", "BR-SP", ""),
    LintNode("shop", frozenset({"south", "shops"}), 2, "BR", "BR-RJ", "", (("gift", "yes"),)),
    LintNode("franchise", frozenset({"shops"}), 3, "BR", "BR-MG", "acme"),
)
HEAD = "policy: p\nmode: rules\nrules:\n"
SORT = "sorts: [{by: cost}]"


def found(text: str, **around: object) -> list[tuple[Finding, bool, str]]:
    values: dict[str, object] = {"nodes": NODES, **around}
    doubts = lint(policy_of(text), Surroundings(**values))  # type: ignore[arg-type]
    return [(doubt.finding, doubt.error, doubt.field) for doubt in doubts]


@pytest.mark.parametrize("name", ready_made())
def test_the_policies_that_come_along_leave_no_doubt(name: str) -> None:
    assert found(ready_made_text(name)) == []


@pytest.mark.parametrize(
    ("rules", "finding", "error", "field"),
    [
        (
            f"  - {{name: a, {SORT}, otherwise: stop}}\n  - {{name: b, {SORT}}}",
            Finding.UNREACHABLE_RULE, False, "rules[1].name",
        ),
        (
            f"  - {{name: a, {SORT}}}\n  - {{name: b, {SORT}, filters: [{{where: country, any_of: [BR]}}]}}",
            Finding.SHADOWED_RULE, False, "rules[1].name",
        ),
        (
            f"  - {{name: a, {SORT}, limits: {{max_shipments: 2}}}}\n"
            f"  - {{name: b, {SORT}, limits: {{max_shipments: 1}}, when: {{tags: [x]}}}}",
            Finding.SHADOWED_RULE, False, "rules[1].name",
        ),
        ("  - {name: a, sorts: [{by: cost}, {by: shipments}]}", Finding.IDLE_SORT, False, "rules[0].sorts[1]"),
        ("  - {name: a, sorts: [{by: distance_km}, {by: cost}]}", Finding.IDLE_SORT, False, "rules[0].sorts[1]"),
        (
            "  - {name: a, sorts: [{by: stock_units, band: 5}, {by: stock_units, band: 10}]}",
            Finding.IDLE_SORT, False, "rules[0].sorts[1]",
        ),
        (
            "  - {name: a, sorts: [{by: country, prefer: [BR]}, {by: cost}]}",
            Finding.IDLE_SORT, False, "rules[0].sorts[0]",
        ),
        (
            f"  - {{name: a, {SORT}, filters: [{{where: node_type, any_of: [supplier]}}]}}",
            Finding.EMPTY_FILTER, False, "rules[0].filters[0]",
        ),
        (
            f"  - {{name: a, {SORT}, filters: [{{where: node_group, any_of: [shops]}}, "
            "{where: node_type, any_of: [distribution_centre]}]}",
            Finding.EMPTY_FILTER, False, "rules[0].filters[1]",
        ),
        (
            f"  - {{name: a, {SORT}, filters: [{{where: owner, any_of: [acme, amce]}}]}}",
            Finding.UNKNOWN_NAME, False, "rules[0].filters[0]",
        ),
        (
            f"  - {{name: a, {SORT}, filters: [{{where: distance_km, max: 5}}, {{where: distance_km, min: 9}}]}}",
            Finding.CONTRADICTION, True, "rules[0].filters[1]",
        ),
        (
            f"  - {{name: a, {SORT}, allow_partial: true, limits: {{ship_complete: true}}}}",
            Finding.CONTRADICTION, True, "rules[0].allow_partial",
        ),
        (
            f"  - {{name: a, {SORT}, limits: {{max_shipments: 1, min_shipment_value: 5}}}}",
            Finding.CONTRADICTION, False, "rules[0].limits.min_shipment_value",
        ),
        (
            f"  - {{name: a, {SORT}, when: {{tags: [x]}}, unless: {{tags: [x, y]}}}}",
            Finding.CONTRADICTION, True, "rules[0].unless",
        ),
    ],
)  # fmt: skip
def test_a_doubt_is_found_and_nothing_else(rules: str, finding: Finding, error: bool, field: str) -> None:
    assert found(HEAD + rules) == [(finding, error, field)]


@pytest.mark.parametrize(
    "rules",
    [
        f"  - {{name: a, {SORT}, otherwise: stop, when: {{tags: [x]}}}}\n  - {{name: b, {SORT}}}",
        f"  - {{name: a, {SORT}, limits: {{max_shipments: 1}}}}\n  - {{name: b, {SORT}}}",
        f"  - {{name: a, {SORT}, filters: [{{where: distance_km, max: 9}}]}}\n  - {{name: b, {SORT}}}",
        f"  - {{name: a, {SORT}}}\n  - {{name: b, {SORT}, allow_partial: true}}",
        "  - {name: a, sorts: [{by: distance_km, band: 20}, {by: cost}]}",
        "  - {name: a, sorts: [{by: stock_units, band: 10}, {by: stock_units, band: 4}]}",
        f"  - {{name: a, {SORT}, filters: [{{where: units_left, min: 2}}, {{where: units_left, min: 9}}]}}",
        f"  - {{name: a, {SORT}, unless: {{tags: [x]}}}}\n  - {{name: b, {SORT}, when: {{tags: [x]}}}}",
    ],
)
def test_what_is_sound_is_left_alone(rules: str) -> None:
    assert found(HEAD + rules) == []


def test_a_rule_for_orders_the_policy_is_not_for_is_unreachable() -> None:
    rules = f"rules:\n  - {{name: a, {SORT}, when: {{channels: [app]}}}}"
    text = f"policy: p\nmode: rules\napplies_to: {{channels: [web]}}\n{rules}"
    assert found(text) == [(Finding.UNREACHABLE_RULE, False, "rules[0].when")]


def test_a_policy_another_one_hides_and_one_that_is_over_are_found() -> None:
    other = PolicyVersion("a", 1, "", 0, policy_of(ready_made_text("cheapest")), PolicyState.ACTIVE)
    text = f"{HEAD}  - {{name: a, {SORT}}}"
    assert found(text, active=(other,)) == [(Finding.SHADOWED_POLICY, False, "precedence")]
    assert found(f"precedence: 1\n{text}", active=(other,)) == []
    over = f"ends: 2026-01-01T00:00:00Z\n{text}"
    assert found(over, now_ms=1_800_000_000_000) == [(Finding.EXPIRED, False, "ends")]


WORDS = st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(tuple)
NUMBER = st.none() | st.integers(0, 3)
FILTERS = st.builds(
    OrderFilter,
    channels=st.lists(st.sampled_from(["a", "a/b", "b", "b/c/d"]), max_size=2).map(tuple),
    queues=WORDS,
    tags=WORDS,
    regions=WORDS,
    min_priority=NUMBER,
    max_priority=NUMBER,
    max_promise_days=NUMBER,
)
ORDERS = st.builds(
    lambda queue, tags, priority, channel, region, days: OrderProfile(
        OrderTraits(queue=queue, tags=tags, priority=priority), channel, "BR", region, days
    ),
    st.sampled_from(["", *"abc"]), WORDS, st.integers(0, 3), st.sampled_from(["", "a", "a/b", "a/b/c", "b"]),
    st.sampled_from(["", *"abc"]), NUMBER,
)  # fmt: skip


@settings(max_examples=2_000, deadline=None)
@given(FILTERS, FILTERS, ORDERS)
def test_what_the_linter_concludes_holds_for_every_order(
    one: OrderFilter, other: OrderFilter, order: OrderProfile
) -> None:
    if covers(one, other) and fits(other, order):
        assert fits(one, order)
    if disjoint(one, other):
        assert not (fits(one, order) and fits(other, order))


def test_a_wave_is_put_in_order_with_what_is_not_said_last() -> None:
    wave = [
        OrderTraits(priority=1, ship_by_ms=5),
        OrderTraits(priority=9),
        OrderTraits(ship_by_ms=4),
        OrderTraits(priority=9),
    ]
    assert in_order(wave, [OrderSort(By.PRIORITY, largest_first=True)]) == [1, 3, 0, 2]
    assert in_order(wave, [OrderSort(By.SHIP_BY), OrderSort(By.PRIORITY)]) == [2, 0, 1, 3]


def test_days_until_a_promise_are_begun_days() -> None:
    day = 24 * 3600 * 1000
    assert promise_days(0, 5) is None
    assert [promise_days(1_000 + each, 1_000) for each in (-5, 0, 1, day, day + 1)] == [0, 0, 1, 1, 2]
