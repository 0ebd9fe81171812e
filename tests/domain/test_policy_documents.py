"""Policy documents: what can be read, what is told of what cannot, and the schema that says the same."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from promessa.domain.errors import InvalidRequest
from promessa.domain.policy import Fact, Limit, Mode, Policy, UnservedAction
from promessa.domain.policy_schema import policy_schema
from promessa.service.policy_documents import policy_of, read_document, ready_made, ready_made_text

ROOT = Path(__file__).parent.parent.parent
SCHEMA_FILES = (ROOT / "src/promessa/policies/policy.schema.json", ROOT / "docs/policy.schema.json")
WHOLE = """\
policy: black-friday
name: Black Friday
mode: cost
precedence: 10
starts: 2026-11-27T00:00:00-03:00
ends: 2026-11-30T00:00:00-03:00
applies_to:
  channels: [web, app/vip]
  countries: [NO, BR]          # YAML 1.1 reads NO as false; a policy does not
  min_value: 12.5
except_for: {tags: [fragile]}
order_sorts:
  - {by: priority, largest_first: true}
rules:
  - name: near and cheap
    when: {customer_tiers: [gold], max_promise_days: 2}
    filters:
      - {where: distance_km, max: 300, soft: true}
      - {where: lane_cost, max: 19.90}
      - {where: attribute, name: gift wrap, any_of: ["yes"]}
    limits: {max_shipments: 2, min_shipment_value: 30, soft: [max_shipments]}
    costs:
      weights: [{term: handling, percent: 150}]
      split: 2.25
      arrival_day: 0.000001
      preferences: [{nodes: {where: node_type, any_of: [store]}, add: 5}]
    offer: {nodes: 3, minutes: 45}
    otherwise: stop
unserved: {action: park, queue: night}
"""


def test_a_document_says_everything_a_policy_is() -> None:
    policy = policy_of(WHOLE)
    (rule,) = policy.rules
    assert (policy.policy_id, policy.mode, policy.precedence) == ("black-friday", Mode.COST, 10)
    assert (policy.starts_ms, policy.ends_ms) == (1_795_748_400_000, 1_796_007_600_000)
    assert policy.applies_to.countries == ("NO", "BR")
    assert policy.applies_to.min_value_micros == 12_500_000
    assert [(each.where, each.max, each.soft) for each in rule.filters[:2]] == [
        (Fact.DISTANCE_KM, 300, True),
        (Fact.LANE_COST, 19_900_000, False),
    ]
    assert rule.limits.soft == (Limit.MAX_SHIPMENTS,)
    assert (rule.costs.split_micros, rule.costs.arrival_day_micros) == (2_250_000, 1)
    assert policy.unserved.action == UnservedAction.PARK


def test_json_says_the_same_as_yaml() -> None:
    tree = yaml.load(WHOLE, Loader=yaml.BaseLoader)
    assert policy_of(json.dumps(tree, indent="\t")) == policy_of(WHOLE)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("mode: cost", "mode: csot", 3, "mode", "Did you mean cost? Allowed: cost, rules"),
        ("precedence: 10", "precedence: 1e9", 4, "precedence", "from 0 to 1,000,000"),
        ("precedence: 10", "precedence: soon", 4, "precedence", "whole number"),
        ("2026-11-27T00:00:00-03:00", "2026-11-27", 5, "starts", "instant"),
        ("2026-11-30T00:00:00-03:00", "2026-11-26T00:00:00-03:00", 6, "ends", "after starts"),
        ("  channels:", "  chanels:", 8, "applies_to.chanels", "Did you mean channels?"),
        ("[NO, BR]", "[no]", 9, "applies_to.countries[0]", "[A-Z]{2}"),
        ("12.5", "12.1234567", 10, "applies_to.min_value", "at most 6 decimals"),
        ("where: distance_km", "where: node_group", 18, "rules[0].filters[0].where", "any_of or none_of"),
        ("where: distance_km", "where: shipments", 18, "rules[0].filters[0].where", "Allowed: node, node_group"),
        ("max: 300", "max: -1", 18, "rules[0].filters[0].max", "from 0 to"),
        ("any_of: [\"yes\"]", "min: 1", 20, "rules[0].filters[2].where", "words"),
        ("name: gift wrap, ", "", 20, "rules[0].filters[2].name", "needed"),
        ("max_shipments: 2", "max_shipments: 65", 21, "rules[0].limits.max_shipments", "from 1 to 64"),
        ("soft: [max_shipments]", "soft: [ship_complete]", 21, "rules[0].limits.soft[0]", "does not set"),
        ("percent: 150", "percent: ten", 23, "rules[0].costs.weights[0].percent", "whole number"),
        ("[store]", "[shop]", 26, "rules[0].costs.preferences[0].nodes", "no node_type. Allowed: distribution_centre"),
        ("otherwise: stop", "otherwise: [stop]", 28, "rules[0].otherwise", "one value"),
        ("otherwise: stop", "sorts: [{by: cost}]", 28, "rules[0].sorts", "mode rules alone"),
        ("queue: night", "days: 3", 29, "unserved.queue", "needed there"),
        ("policy: black-friday", "policy: black friday", 1, "policy", "allowed is what matches"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_its_field_and_what_is_allowed(
    old: str, new: str, line: int, field: str, words: str
) -> None:
    assert old in WHOLE
    with pytest.raises(InvalidRequest) as caught:
        policy_of(WHOLE.replace(old, new))
    error = caught.value
    assert error.reason == "INVALID_POLICY"
    assert error.metadata["field"] == field
    assert error.metadata["line"] == str(line)
    assert words in error.message
    assert f"line {line}, {field} " in error.message


def test_everything_that_is_wrong_is_told_at_once() -> None:
    broken = WHOLE.replace("mode: cost", "mode: dear").replace("otherwise: stop", "otherwise: sleep")
    assert [(each.line, each.field) for each in read_document(broken).problems] == [
        (3, "mode"),
        (28, "rules[0].otherwise"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing", "policy", "[1, 2]", "{", "a: *b", "policy: a\npolicy: b", "a: &a [*a]", "x: " + "[" * 5_000,
        "\x00", "a: b: c", "- " * 3_000, "a: !!python/object/apply:os.system ['true']", "k: " + "x" * 70_000,
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]",
    ],
)  # fmt: skip
def test_what_is_no_policy_is_told_so(text: str) -> None:
    policy, problems, _ = read_document(text)
    assert policy is None
    assert problems
    assert all(problem.line for problem in problems)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "replace")))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    policy, problems, _ = read_document(text)
    assert (policy is None) == bool(problems)


def test_the_shipped_schema_is_that_of_the_classes() -> None:
    wanted = json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("PROMESSA_WRITE_SCHEMA"):
        for file in SCHEMA_FILES:
            file.write_text(wanted)
    for file in SCHEMA_FILES:
        assert file.read_text() == wanted, "write it anew with PROMESSA_WRITE_SCHEMA=1 pytest tests/domain"


def _plain(text: str) -> Any:
    """A document as any YAML 1.2 reader would see it, for a validator of schemas."""
    tree = yaml.load(text, Loader=yaml.BaseLoader)

    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: typed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [typed(each) for each in value]
        if value in ("true", "false"):
            return value == "true"
        if re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        return float(value) if re.fullmatch(r"-?[0-9]+\.[0-9]+", value) else value

    return typed(tree)


@pytest.mark.parametrize("text", [WHOLE.replace('"yes"', '"yes please"'), *map(ready_made_text, ready_made())])
def test_policies_keep_to_the_schema(text: str) -> None:
    Draft202012Validator.check_schema(policy_schema())
    Draft202012Validator(policy_schema()).validate(_plain(text))
    assert isinstance(policy_of(text), Policy)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_the_schema_refuses_the_reader_refuses(data: st.DataObject) -> None:
    """A document with one value changed: where the schema says no, the reader does."""
    tree = _plain(WHOLE)
    places = list(_places(tree))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(
        st.sampled_from([0, -1, 3, 70, 10**13, 1.5, "", "x", "cost", "store", True, ["x"], [], {}, {"by": "cost"}])
    )
    text = yaml.safe_dump(tree)
    if not Draft202012Validator(policy_schema()).is_valid(tree):
        plain_words = holder[key] in (0, -1, 3, 70, 10**13, 1.5, True)  # YAML's 3 may be somebody's word "3"
        assert plain_words or read_document(text).policy is None, text


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield value, key
        if isinstance(each, dict | list):
            yield from _places(each)


def test_six_policies_come_along() -> None:
    assert ready_made() == [
        "cheapest", "fastest", "fewest-shipments", "franchise-fair", "nearest-first", "protect-store-stock",
    ]  # fmt: skip
    for name in ready_made():
        assert policy_of(ready_made_text(name)).policy_id == name
