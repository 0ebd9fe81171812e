"""`promessa resource`: what a node refused goes to others, in words and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

STOCK = """sku,node_id,on_hand_quantity
sku-26,dc,3
sku-26,n1,3
sku-27,dc,2
"""


@pytest.fixture
def stocked(network: None, promessa: Command, tmp_path: Path) -> None:
    """A sku at two nodes, and one at a single node."""
    (tmp_path / "stock.csv").write_text(STOCK, encoding="utf-8")
    assert promessa("import", tmp_path / "stock.csv", "--json").json["files"][0]["rejected"] == 0


def held(promessa: Command, request_id: str, sku: str) -> str:
    """An order of two that is held; the node that serves it."""
    words = ("source", f"{sku}=2", "--to", "01310100", "--reserve", "--request-id", request_id, "--json")
    return str(promessa(*words).json["plan"]["shipments"][0]["node_id"])


@pytest.mark.usefixtures("stocked")
def test_a_refusal_shows_where_the_units_went_and_how_long_the_node_is_left_alone(promessa: Command) -> None:
    node_id = held(promessa, "resource-cmd-1", "sku-26")
    words = (
        "resource",
        "resource-cmd-1",
        "sku-26=2",
        "--node",
        node_id,
        "--cooldown",
        "1s",
        "--request-id",
        "refused-cmd-1",
    )
    shown = promessa(*words)
    assert shown.code == 0 and "resourced, after resource-cmd-1" in shown.out
    assert f"{node_id} is left alone for sku sku-26 until" in shown.out and "not found" in shown.out
    again = promessa(*words, "--json").json
    assert again["replayed"] and again["plan"]["shipments"][0]["node_id"] != node_id
    explained = promessa("decision", "refused-cmd-1")
    assert explained.code == 0 and "resource-cmd-1" in explained.out
    assert "refused-cmd-1" in promessa("decision", "resource-cmd-1").out


@pytest.mark.usefixtures("stocked")
def test_what_nobody_else_serves_is_told_and_the_exit_code_says_so(promessa: Command) -> None:
    node_id = held(promessa, "resource-cmd-2", "sku-27")
    kept = promessa("resource", "resource-cmd-2", "--node", node_id, "--reason", "closed", "--cooldown", "0")
    assert kept.code == 1 and "not resourced" in kept.out and "not served" in kept.out
    assert "left alone" not in kept.out
    words = (
        "resource",
        "resource-cmd-2",
        "--node",
        node_id,
        "--release-unserved",
        "--partial",
        "--cooldown",
        "0",
        "--json",
    )
    assert promessa(*words).json["reservation"]["state"] == "RESERVATION_STATE_RELEASED"
    assert promessa("resource", "resource-cmd-2", "--node", node_id, "--reason", "bored").code == 2
