"""What is to come, from the command line: put, promised, received, late, cancelled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cli_command import Command

from promessa.v1.supply_pb2 import InboundKind, InboundState

pytestmark = pytest.mark.usefixtures("network")

SOON = (date.today() + timedelta(days=5)).isoformat()


def test_what_is_to_come_is_promised_and_comes(promessa: Command) -> None:
    put = promessa("supply", "put", "po-1", "sku-17@n1=5", "--date", SOON, "--json").json["inbound_supply"]
    assert (put["open_quantity"], put["state"]) == (5, "INBOUND_STATE_EXPECTED")
    days = promessa("schedule", "sku-17", "n1", "--quantity", 4, "--days", 30, "--json").json
    assert (days["capable_date"], days["available_to_order_quantity"]) == (SOON, 5)
    assert f"4 units: {SOON}." in promessa("schedule", "sku-17", "n1", "--quantity", 4, "--days", 30).out
    assert promessa("reserve", "sku-17@n1=3").code == 1
    held = promessa("reserve", "sku-17@n1=3", "--by", SOON, "--json").json["reservation"]
    assert [(x["inbound_id"], x["open_quantity"]) for x in held["lines"] if x["open_quantity"]] == [("po-1", 3)]
    refused = promessa("supply", "cancel", "po-1", "sku-17@n1")
    assert refused.code == 1
    assert "bound" in refused.err
    assert "po-1" in promessa("supply", "list", "--sku", "sku-17", "--state", "expected").out
    assert promessa("supply", "receive", "po-1", "sku-17@n1=5", "--last").code == 0
    assert promessa("supply", "list", "--sku", "sku-17", "--state", "expected", "--json").json["inbound_supplies"] == []
    (node,) = promessa("explain", "sku-17", "n1", "--json").json["nodes"]
    assert node["available_quantity"] == 2


def test_limits_are_set_and_shown_with_what_is_promised_within_them(promessa: Command) -> None:
    assert promessa("supply", "put", "po-9", "sku-29@n1=5", "--date", SOON).code == 0
    assert "backorder: 0 of 0 units promised" in promessa("supply", "limits", "sku-29@n1").out
    assert promessa("supply", "limits", "sku-29@n1", "--backorder", 3, "--preorder", 2).code == 0
    assert promessa("reserve", "sku-29@n1=4", "--backorder").code == 0
    shown = promessa("supply", "limits", "sku-29@n1", "--backorder", 4).out
    assert "backorder: 2 of 4 units promised" in shown
    assert "preorder: 2 units promised, of 2 that may be" in shown
    found = promessa("supply", "limits", "sku-29@n1", "--preorder", "all", "--json").json
    assert (found["backorder_limit_quantity"], "preorder_limit_quantity" in found) == (4, False)
    assert promessa("supply", "limits", "sku-29@n1", "--preorder", "some").code == 2


def test_what_is_overdue_follows_its_own_policy_and_may_end_without_a_unit(promessa: Command) -> None:
    late = (date.today() - timedelta(days=3)).isoformat()
    put = ("supply", "put", "po-10", "sku-10@n1=5", "--date", late)
    found = promessa(*put, "--overdue", "slip:2", "--json").json["inbound_supply"]
    assert found["overdue_policy"] == {"action": "OVERDUE_ACTION_SLIP", "slip_days": 2}
    assert (found["state"], found["promise_quantity"]) == ("INBOUND_STATE_OVERDUE", 5)
    found = promessa(*put, "--overdue", "hold-and-alert", "--json").json["inbound_supply"]
    assert found["promise_date"] == ""
    assert promessa(*put, "--overdue", "wait").code == 2
    ended = promessa("supply", "receive", "po-10", "sku-10@n1", "--last", "--json").json["inbound_supply"]
    assert (ended["state"], ended["received_quantity"]) == ("INBOUND_STATE_RECEIVED", 0)


def test_a_backorder_needs_leave(promessa: Command) -> None:
    refused = promessa("reserve", "sku-16@n1=1000000", "--backorder")
    assert refused.code == 1
    assert "refused" in refused.out


@pytest.mark.parametrize(
    "words",
    [
        ("put", "po-2", "sku-17@n1=5", "--date", SOON, "--kind", "gift"),
        ("put", "po-2", "sku-17", "--date", SOON),
        ("list", "--state", "lost"),
    ],
)
def test_a_wrong_word_is_a_wrong_command_line(promessa: Command, words: tuple[str, ...]) -> None:
    assert promessa("supply", *words).code == 2


def test_the_words_are_those_of_the_contract() -> None:
    from promessa.cli.supply import KINDS, STATES

    assert len(KINDS) == len(InboundKind.keys()) - 1
    assert len(STATES) == len(InboundState.keys()) - 1
