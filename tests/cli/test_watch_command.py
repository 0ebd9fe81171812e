"""`promessa watch` against a real server of two workers: what it shows, and going on where it ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")


def test_what_changes_is_shown_as_it_does(promessa: Command, tmp_path: Path) -> None:
    def count(units: int) -> None:
        path = tmp_path / "stock.jsonl"
        path.write_text(json.dumps({"sku": "sku-28", "node_id": "n1", "on_hand_quantity": units}))
        assert promessa("import", path).code == 0

    count(7)
    words = ("watch", "sku-28", "--group", "stores")
    assert promessa(*words, "--initial", "--limit", 1).out == "sku-28@n1: 7 (changed)\n"
    token = promessa(*words, "--initial", "--limit", 1, "--json").json["resume_token"]
    count(2)
    assert promessa(*words, "--resume", token, "--limit", 1).out == "sku-28@n1: 7 → 2 (changed)\n"
    low = promessa(*words, "--resume", token, "--limit", 1, "--low", 2, "--json").json
    assert [event["kind"] for event in low["events"]] == ["AVAILABILITY_EVENT_KIND_LOW"]
    data_set, epoch, positions = token.split(".")
    expired = promessa(*words, "--resume", f"{data_set}.9{epoch}.{positions}")
    assert expired.code == 1
    assert "--initial" in expired.err


def test_kits_and_what_has_no_end_are_shown(promessa: Command, tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_text(
        "sku,kit,supply_mode,lead_time_days\nsolo,,,\nduo,solo:2,,\nsong,,infinite,\nbench,,made to order,4\n",
        encoding="utf-8",
    )
    (tmp_path / "stock.csv").write_text(
        "sku,node_id,on_hand_quantity\nsolo,n1,7\nsong,n1,0\nbench,n1,0\n", encoding="utf-8"
    )
    assert promessa("import", tmp_path / "skus.csv", tmp_path / "stock.csv").code == 0
    shown = promessa("watch", "duo", "song", "bench", "--node", "n1", "--initial", "--limit", 3).out
    assert sorted(shown.splitlines()) == [
        "bench@n1: made to order (changed)", "duo@n1: 3 (changed)", "song@n1: infinite (changed)"
    ]  # fmt: skip
