"""`promessa pool` and --channel against a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture
def stocked(promessa: Command, network: None, tmp_path: Path) -> None:
    """Forty units of sku-18 at n1."""
    path = tmp_path / "stock.jsonl"
    path.write_text(json.dumps({"sku": "sku-18", "node_id": "n1", "on_hand_quantity": 40}))
    assert promessa("import", path).code == 0


def units(promessa: Command, channel: str) -> int:
    found = promessa("availability", "sku-18", "--fresh", "--channel", channel, "--json").json
    return int(found.get("available_quantity", 0))


def test_units_are_kept_listed_moved_and_given_back(promessa: Command) -> None:
    kept = promessa("pool", "set", "sku-18@n1", "web/vip", "10", "--strategy", "strict")
    assert kept.code == 0
    assert "strict" in kept.out
    assert promessa("pool", "set", "sku-18@n1", "shop", "12.5%").code == 0
    assert [units(promessa, channel) for channel in ("", "web/vip", "shop")] == [25, 10, 30]
    held = promessa("reserve", "sku-18@n1=4", "--channel", "web/vip", "--json").json["reservation"]
    assert held["channel"] == "web/vip"
    assert promessa("reserve", "sku-18@n1=26").code == 1
    listed = promessa("pool", "list", "--sku", "sku-18", "--channel", "web", "--json").json["allocation_pools"]
    assert [(pool["drawn_quantity"], pool["unused_quantity"]) for pool in listed] == [(4, 6)]
    assert "web/vip" in promessa("pool", "list").out
    assert promessa("pool", "move", "sku-18@n1", "6", "--from", "web/vip").code == 0
    short = promessa("pool", "move", "sku-18@n1", "1", "--from", "web/vip")
    assert short.code == 1
    assert "Only 0 units" in short.out
    assert "kept for other channels" in promessa("explain", "sku-18", "n1", "--channel", "web/vip").out
    for channel in ("web/vip", "shop"):
        assert "cleared" in promessa("pool", "set", "sku-18@n1", channel, "0").out
    assert units(promessa, "") == 36


def test_an_order_is_sourced_by_channel(promessa: Command) -> None:
    assert promessa("pool", "set", "sku-18@n1", "web", "100%", "--strategy", "strict").code == 0
    order = ("source", "--to", "01310-100", "sku-18=1", "--reserve")
    assert promessa(*order, "--channel", "shop").code == 1
    assert promessa(*order, "--channel", "web").code == 0
    assert promessa("pool", "set", "sku-18@n1", "web", "0").code == 0


def test_a_wrong_command_line_says_what_is_wrong(promessa: Command) -> None:
    for words in (
        ("set", "sku-18", "web", "1"),
        ("set", "sku-18@n1", "web", "many"),
        ("set", "sku-18@n1", "web", "1", "--strategy", "greedy"),
    ):
        assert promessa("pool", *words).code == 2
    past = promessa("pool", "set", "sku-18@n1", "web", "1", "--until", "2020-01-01T00:00:00Z")
    assert past.code == 1
    assert "give_back_time" in past.err
