"""Nodes, stock, safety stock, reasons and hold rules from the command line: paused, counted, withheld, moved, limited."""

from __future__ import annotations

from collections.abc import Callable
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


def test_a_cell_is_counted_and_adjusted(promessa: Command, on_hand: Callable[[str, str], int]) -> None:
    found = promessa("count", "sku-5@n1=12", "--unavailable", 2, "--source", "pda-7", "--json").json["cell"]
    assert (found["on_hand_quantity"], found["unavailable_quantity"], found["count_source_id"]) == (12, 2, "pda-7")
    assert on_hand("sku-5", "n1") == 10
    wrong = promessa("count", "sku-5@n1=3", "--expect", 11)
    assert wrong.code == 1
    assert "conflict" in wrong.out
    assert promessa("adjust", "sku-5@n1=-4", "--reason", "sale").code == 0
    assert promessa("adjust", "sku-5@n1=+1").code == 0
    assert on_hand("sku-5", "n1") == 7
    assert promessa("adjust", "sku-5@n1=-99").code == 1
    more = promessa("count", "sku-5@n1=3", "--unavailable", 4)
    assert more.code == 1
    assert "unavailable_quantity" in more.err
    late = promessa("count", "sku-5@n1=0", "--as-of", "2020-01-01T00:00:00Z", "--json")
    assert (late.code, late.json["outcome"]) == (1, "FEED_OUTCOME_STALE")
    for word in ("sku-5@n1", "sku-5=3", "sku-5@n1=-3", "@n1=3"):
        assert promessa("count", word).code == 2
    for word in ("sku-5@n1=3", "sku-5@n1=+", "sku-5@n1=0.5"):
        assert promessa("adjust", word).code == 2


def test_the_safety_stock_of_one_cell_is_set_and_left_to_the_rules_again(
    promessa: Command, on_hand: Callable[[str, str], int]
) -> None:
    assert promessa("count", "sku-6@n1=10").code == 0
    assert promessa("safety", "put", "six", "--quantity", 1, "--sku", "sku-6").code == 0
    assert promessa("safety", "set", "sku-6@n1", "--quantity", 4).code == 0
    assert on_hand("sku-6", "n1") == 6
    assert promessa("safety", "set", "sku-6@n1", "--follow-rules").code == 0
    assert on_hand("sku-6", "n1") == 9
    assert promessa("safety", "set", "sku-6@n1").code == 2
    assert promessa("safety", "set", "sku-6@n1", "--quantity", 1, "--follow-rules").code == 2
    assert promessa("safety", "delete", "six").code == 0


def test_hold_rules_are_put_listed_kept_to_and_deleted(promessa: Command) -> None:
    assert promessa("count", "sku-7@n1=10").code == 0
    pix = promessa("hold-rule", "put", "pix", "--ttl", "30m", "--share", "12.5%", "--owner-units", 2, "--json").json
    assert pix["hold_rule"] == {
        "hold_rule_id": "pix", "ttl_seconds": "1800", "held_share_max_permille": 125, "owner_units_max": "2",
    }  # fmt: skip
    assert promessa("hold-rule", "put", "boleto", "--business-days", 3, "--until", "18:00").code == 0
    listed = promessa("hold-rule", "list").out
    assert "12.5 % of a cell" in listed
    assert "3 business days (BR_BANK), until 18:00 in America/Sao_Paulo" in listed
    short = promessa("reserve", "sku-7@n1=2", "--rule", "pix", "--owner", "ann", "--json")
    assert (short.code, short.json["shortfalls"][0]["reason"]) == (1, "SHORTFALL_REASON_HOLD_LIMIT")
    held = promessa("reserve", "sku-7@n1=1", "--rule", "boleto", "--json").json["reservation"]
    assert promessa("release", held["reservation_id"]).code == 0
    for wrong in (
        (), ("--ttl", "1m", "--business-days", 2), ("--ttl", "1m", "--share", "half"),
        ("--business-days", 2, "--until", "25:00"),
    ):  # fmt: skip
        assert promessa("hold-rule", "put", "x", *wrong).code == 2
    assert promessa("hold-rule", "put", "x", "--business-days", 2, "--calendar", "US").code == 1
    for rule in ("pix", "boleto"):
        assert promessa("hold-rule", "delete", rule).code == 0
    assert promessa("hold-rule", "list", "--json").json["hold_rules"] == []
    assert promessa("hold-rule", "delete", "pix").code == 1


def test_reasons_of_ones_own_are_put_given_and_deleted(promessa: Command) -> None:
    assert promessa("count", "sku-8@n1=3").code == 0
    assert promessa("reclassify", "sku-8@n1=1", "--to", "recalled").code == 1
    assert promessa("reason", "put", "recalled", "--name", "Recall 12").code == 0
    assert "Recall 12" in promessa("reason", "list").out
    assert promessa("reclassify", "sku-8@n1=1", "--to", "recalled").code == 0
    assert promessa("reclassify", "sku-8@n1=1", "--from", "recalled").code == 0
    assert promessa("reason", "delete", "recalled").code == 0
    assert "recalled" not in promessa("reason", "list").out
