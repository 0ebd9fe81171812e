"""The options that say how an order is sourced: what was quoted with them is placed, and exchanged, with the same words."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

TO = ("--to", "01310100")
SOON = date.today() + timedelta(days=5)
WISHES = (
    ("--max-shipments", "1", "--complete", "--whole-lines", "--exclude", "dc", "--group", "stores"),
    ("--by", f"{SOON + timedelta(days=20)}T12:00:00Z", "--min-shipment-value", "0.50", "--kind", "ship-from-store"),
    ("--tier", "gold", "--tag", "gift", "--tag", "rush", "--position=-23.5,-46.6", "--sold-at", "n1"),
    ("--ship-to-store", "--backorder", "--channel", "web", "--method", "express"),
    ("--policy", "default"),
)


@pytest.fixture
def stocked(promessa: Command, network: None, tmp_path: Path) -> None:
    """Nine units of sku-34 at n1 and at n2."""
    path = tmp_path / "stock-34.jsonl"
    path.write_text(
        "\n".join(json.dumps({"sku": "sku-34", "node_id": node, "on_hand_quantity": 9}) for node in ("n1", "n2"))
    )
    assert promessa("import", path).code == 0


def token_of(promessa: Command, *wanted: str) -> str:
    quoted = promessa("source", *wanted, "--quote", "0", "--json")
    assert quoted.code == 0, quoted.err
    return str(quoted.json["options"][0]["plan_token"])


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(("order_id", "wishes"), [(f"cli-9{i}", each) for i, each in enumerate(WISHES)])
def test_what_was_quoted_with_wishes_is_placed(promessa: Command, order_id: str, wishes: tuple[str, ...]) -> None:
    wanted = ("sku-34=1", *TO)
    token = token_of(promessa, *wanted, *wishes)
    other = promessa("order", "place", order_id, *wanted, "--token", token)
    assert other.code == 1 and "is of another order" in other.err, other
    placed = promessa("order", "place", order_id, *wanted, *wishes, "--token", token, "--json")
    assert placed.code == 0, placed.err
    assert placed.json["plan_token_result"]["outcome"] == "PLAN_TOKEN_OUTCOME_HONOURED"


def test_what_waits_for_supply_is_placed_as_quoted(promessa: Command) -> None:
    assert promessa("supply", "put", "po-35", "sku-35@n1=5", "--date", SOON.isoformat()).code == 0
    wanted = ("sku-35=2", *TO, "--future")
    placed = promessa("order", "place", "cli-95", *wanted, "--token", token_of(promessa, *wanted))
    assert placed.code == 0 and "Plan honoured" in placed.out, placed.err


@pytest.mark.usefixtures("stocked")
def test_the_new_order_of_an_exchange_has_the_same_options(promessa: Command) -> None:
    assert promessa("order", "place", "cli-96", "sku-34=1", *TO).code == 0
    for step in ("accept", "pick", "ship"):
        assert promessa("order", step, "cli-96").code == 0
    wishes = (*TO, "--max-shipments", "1", "--tier", "gold", "--position=-23.5,-46.6")
    token = token_of(promessa, "sku-34=2", *wishes)
    exchange = ("order", "exchange", "cli-96", "sku-34=1", "--new", "cli-97", "--give", "sku-34=2", "--token", token)
    done = promessa(*exchange, *wishes, "--json")
    assert done.code == 0, done.err
    assert done.json["plan_token_result"]["outcome"] == "PLAN_TOKEN_OUTCOME_HONOURED"


def test_wishes_that_make_no_sense_are_usage_errors(promessa: Command) -> None:
    for wrong in (("--policy", "a@b"), ("--position", "here"), ("--own-stock", "first"), ("--kind", "drone")):
        assert promessa("order", "place", "cli-98", "sku-34=1", *TO, *wrong).code == 2, wrong
