"""The person's client against a real server: tables for people, JSON for machines, exit codes for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture
def stocked(promessa: Command, network: None, tmp_path: Path) -> None:
    """Forty units of sku-20 and sku-19 at n1, five at n2."""
    path = tmp_path / "stock.jsonl"
    rows = [("sku-20", "n1", 40), ("sku-19", "n1", 40), ("sku-20", "n2", 5), ("sku-19", "n2", 5)]
    lines = [json.dumps({"sku": sku, "node_id": node, "on_hand_quantity": n}) for sku, node, n in rows]
    path.write_text("\n".join(lines))
    assert promessa("import", path).code == 0


def test_a_reservation_lives_its_whole_life(promessa: Command) -> None:
    held = promessa("reserve", "sku-20@n1=3", "--ttl", "10m", "--owner", "cart-1", "--json").json
    reservation_id = held["reservation"]["reservation_id"]
    assert held["outcome"] == "RESERVE_OUTCOME_RESERVED"
    assert promessa("extend", reservation_id, "--ttl", "1h", "--json").json["reservation"]["expire_time"]
    assert promessa("release", reservation_id, "sku-20@n1=1").code == 0
    assert promessa("confirm", reservation_id, "--order", "o-1").code == 0
    assert promessa("fulfill", reservation_id, "sku-20@n1=1").code == 0
    line = promessa("reservation", reservation_id, "--json").json["reservation"]["lines"][0]
    assert (line["quantity"], line["open_quantity"], line["fulfilled_quantity"]) == (3, 1, 1)
    assert promessa("fulfill", reservation_id).code == 0
    assert "fulfilled" in promessa("reservation", reservation_id).out


def test_units_move_and_who_holds_what_is_listed(promessa: Command) -> None:
    held = promessa("reserve", "sku-20@n1=3", "--owner", "mover", "--json").json["reservation"]["reservation_id"]
    assert promessa("transfer", held, "sku-20@n1=2", "--to", "n2").code == 0
    refused = promessa("transfer", held, "sku-20@n2=2", "--to", "nowhere")
    assert refused.code == 1
    assert "There is no node 'nowhere'" in refused.err
    words = ("reservations", "--owner", "mover", "--sku", "sku-20", "--node", "n2", "--state", "held")
    (found,) = promessa(*words, "--json").json["reservations"]
    assert [(x["node_id"], x["open_quantity"]) for x in found["lines"]] == [("n1", 1), ("n2", 2)]
    assert "sku-20@n2=2" in promessa(*words).out
    assert promessa("reservations", "--state", "eaten").code == 2
    assert promessa("confirm", held, "sku-20@n2=1", "--reacquire").code == 0
    kept = promessa("reservation", held, "--json").json["reservation"]["lines"]
    assert [x["open_quantity"] for x in kept] == [0, 1]


def test_where_more_is_promised_than_is_there_is_listed(promessa: Command, tmp_path: Path) -> None:
    assert promessa("reserve", "sku-19@n2=4", "--ttl", "10m").code == 0
    path = tmp_path / "deltas.csv"
    path.write_text("sku,node_id,delta_quantity,occurred_at\nsku-19,n2,-4,\nsku-19,n2,-1,2020-01-01T00:00:00Z\n")
    done = promessa("import", path, "--json").json["files"][0]
    assert (done["kind"], done["applied"], done["stale"]) == ("deltas", 1, 1)
    (found,) = promessa("deficits", "--json").json["deficits"]
    assert (found["sku"], found["node_id"], found["deficit_quantity"]) == ("sku-19", "n2", 3)
    assert "sku-19" in promessa("deficits").out


def test_a_refusal_has_exit_code_1_and_says_what_there_was(promessa: Command) -> None:
    result = promessa("reserve", "sku-20@n2=1000")
    assert result.code == 1
    assert "refused" in result.out
    assert "insufficient stock" in result.out
    assert (
        promessa("reserve", "sku-19@n2=1000", "--partial", "--json").json["outcome"]
        == "RESERVE_OUTCOME_PARTIALLY_RESERVED"
    )


def test_the_same_request_id_reserves_once(promessa: Command) -> None:
    words = ("reserve", "sku-20@n1=1", "--request-id", "cli-test-request-1", "--json")
    first, second = promessa(*words).json, promessa(*words).json
    assert not first["replayed"]
    assert second["replayed"]
    other = promessa("reserve", "sku-20@n1=2", "--request-id", "cli-test-request-1", "--json")
    assert other.code == 1
    assert json.loads(other.err)["error"]["reason"] == "REQUEST_ID_REUSED"


def test_an_order_is_sourced_explained_quoted_and_held(promessa: Command) -> None:
    plan = promessa("source", "--to", "01310-100", "sku-20=2", "sku-19=1", "--json").json["plan"]
    assert plan["shipments"]
    assert plan["proven_optimal"]
    explained = promessa("source", "--to", "01310100", "sku-20=2", "--explain")
    assert "chosen" in explained.out
    assert "proven: no plan costs less" in explained.out
    assert len(promessa("source", "--to", "01310100", "sku-20=1", "--quote", "1", "--json").json["options"]) == 2
    held = promessa("source", "--to", "01310100", "sku-20=1", "--reserve", "--json").json
    assert held["reservation"]["state"] == "RESERVATION_STATE_HELD"
    assert promessa("source", "--to", "01310100", "sku-20=100000", "--reserve", "--complete").code == 1


def test_reads_answer_in_tables_and_json(promessa: Command) -> None:
    assert "n1" in promessa("availability", "sku-20").out
    assert promessa("availability", "sku-20", "--group", "stores", "--json").json["nodes"]
    assert promessa("availability", "no-such-sku").code == 1
    assert "n1" in promessa("basket", "sku-20=1", "sku-19").out
    assert promessa("basket", "sku-20=100000", "--why").code == 1
    assert promessa("basket", "sku-20=1", "--json").json["nodes"]


def test_units_are_reserved_from_a_group(promessa: Command, tmp_path: Path) -> None:
    path = tmp_path / "groups.jsonl"
    path.write_text(json.dumps({"node_group_id": "both", "node_ids": ["n1", "n2"]}))
    assert promessa("import", path).code == 0
    (line,) = promessa("reserve", "sku-19@@both=2", "--json").json["reservation"]["lines"]
    assert (line["quantity"], line["node_id"]) == (2, "n1")


def test_books_that_are_right_need_no_repair(promessa: Command) -> None:
    assert "nothing that can be repaired" in promessa("audit", "--repair").out
    assert promessa("audit", "--repair", "--apply", "--json").json["violation_count"] == 0
    assert promessa("audit", "--apply").code == 2


def test_a_number_is_explained_in_both_languages(promessa: Command) -> None:
    assert "on hand" in promessa("explain", "sku-20", "n1").out
    assert "em estoque" in promessa("explain", "sku-20", "n1", "--lang", "pt-BR").out
    assert promessa("explain", "sku-20", "--json").json["nodes"][0]["steps"][0]["kind"].endswith("ON_HAND")
    assert promessa("explain", "nix").code == 1


def test_the_audit_finds_the_books_right(promessa: Command) -> None:
    assert "the books agree" in promessa("audit").out
    assert promessa("audit", "--json").json["ok"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("reserve", "sku-20=1"),
        ("reserve", "sku-20@n1=0"),
        ("reserve", "sku-20@n1=x"),
        ("reserve", "sku-20@n1=1", "--ttl", "soon"),
        ("basket", "sku-20=1", "--mode", "most"),
        ("source", "--to", "01310100", "sku-20=1", "--reserve", "--explain"),
        ("source", "--to", "01310100", "sku-20=1", "--by", "tomorrow"),
        ("source", "sku-20=1"),
        ("nonsense",),
    ],
)
def test_a_wrong_command_line_has_exit_code_2(promessa: Command, words: tuple[str, ...]) -> None:
    assert promessa(*words).code == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("reserve", "nope@n1=1"), "SKU_NOT_FOUND"),
        (("reserve", "sku-20@nope=1"), "NODE_NOT_FOUND"),
        (("confirm", "no-such-reservation"), "RESERVATION_NOT_FOUND"),
        (("availability", "bad sku"), "INVALID_FIELD"),
    ],
)
def test_errors_carry_the_servers_reason(promessa: Command, words: tuple[str, ...], reason: str) -> None:
    result = promessa(*words, "--json")
    assert result.code == 1
    assert json.loads(result.err)["error"]["reason"] == reason


def test_without_a_server_every_client_command_says_what_to_do(promessa: Command) -> None:
    for words in (("availability", "a"), ("reserve", "a@b=1"), ("audit",), ("source", "--to", "1", "a")):
        result = promessa(*words, "--address", "127.0.0.1:1")
        assert result.code == 1
        assert "promessa serve" in result.err


def test_what_was_found_is_told_and_shown(promessa: Command) -> None:
    assert "2 checks learned from" in promessa("check", "sku-20@n1=1/2", "sku-20@n2=2/2").out
    (node,) = promessa("confidence", "sku-20", "n1", "--json").json["nodes"]
    assert int(node["missing_milliunits"]) == 1_000
    assert "expected sellable" in promessa("confidence", "sku-20").out
    assert promessa("check", "sku-20@n1=1").code == 2
    wrong = promessa("check", "sku-20@nowhere=1/2")
    assert wrong.code == 1
    assert "no node 'nowhere'" in wrong.out
