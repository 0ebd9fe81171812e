"""Nodes, safety stock and reasons from the command line: paused, resumed, withheld, moved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")


def test_a_node_is_paused_for_a_while_and_resumed(promessa: Command) -> None:
    paused = promessa("pause", "n2", "--for", "2h")
    assert paused.code == 0
    assert "paused until" in paused.out
    assert promessa("reserve", "sku-3@n2=1").code == 1
    assert promessa("resume", "n2", "--json").json["node"]["state"] == "NODE_STATE_ACTIVE"
    assert promessa("pause", "n2", "--for", "2h", "--until", "2099-01-01").code == 2
    late = promessa("pause", "n2", "--until", "2099-01-01")
    assert late.code == 1
    assert "until_time" in late.err
    assert promessa("pause", "nowhere").code == 1


def test_rules_of_safety_stock_are_put_listed_and_deleted(promessa: Command) -> None:
    def kept() -> int:
        (node,) = promessa("explain", "sku-4", "n1", "--json").json["nodes"]
        steps = {step["kind"]: step["quantity"] for step in node["steps"]}
        return -steps.get("AVAILABILITY_STEP_KIND_SAFETY_STOCK", 0)

    soon = (date.today() + timedelta(days=5)).isoformat()
    assert promessa("supply", "put", "po-4", "sku-4@n1=5", "--date", soon).code == 0
    assert promessa("supply", "receive", "po-4", "sku-4@n1=5", "--last").code == 0
    assert promessa("safety", "put", "four", "--quantity", 1, "--sku", "sku-4", "--group", "stores").code == 0
    assert kept() == 1
    put = promessa("safety", "put", "doubt", "--by-confidence", "--sku", "sku-4", "--node", "n1", "--json").json
    assert put["safety_rule"]["by_confidence"] is True
    listed = promessa("safety", "list").out
    assert "what cannot be believed in" in listed
    assert "group stores" in listed
    assert promessa("safety", "put", "both", "--quantity", 1, "--share", 5).code == 1
    for rule in ("doubt", "four"):
        assert promessa("safety", "delete", rule).code == 0
    assert kept() == 0
    assert promessa("safety", "delete", "four").code == 1
