"""`promessa report`, `archive` and `consumers`, over a server whose archiver runs beside it."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

DAY = datetime.now(UTC).date().isoformat()


def wait_for_archive(promessa: Command) -> None:
    """Until the archiver has done all there is now."""
    asked = datetime.now(UTC)
    deadline = time.monotonic() + 60
    while True:
        consumers = promessa("consumers", "list", "--json").json["consumers"]
        if consumers and datetime.fromisoformat(consumers[0]["caught_up_time"]) > asked:
            return
        assert time.monotonic() < deadline, consumers
        time.sleep(0.05)


def refused_row(promessa: Command) -> dict[str, Any]:
    found = promessa("report", "stockouts", "--from", DAY, "--json")
    assert found.code == 0, found.err
    return next(row for row in found.json["rows"] if row["sku"] == "sku-13")


def test_a_refusal_is_in_the_report_of_its_day(promessa: Command):
    assert promessa("reserve", "sku-13@n1=21", "--channel", "web").code == 1
    wait_for_archive(promessa)
    row = refused_row(promessa)
    assert (row["node_id"], row["reason"], row["missing_quantity"]) == ("n1", "INSUFFICIENT_STOCK", 21)

    text = promessa("report", "stockouts", "--from", DAY, "--to", DAY, "--csv").out
    (line,) = [each for each in csv.DictReader(io.StringIO(text)) if each["sku"] == "sku-13"]
    assert line["requested_quantity"] == "21"

    shown = promessa("report", "stockouts", "--from", DAY, "--zone", "UTC").out
    assert "sku-13" in shown, promessa("report", "stockouts", "--from", DAY, "--zone", "UTC").err
    assert "archived until" in shown


def test_every_report_has_a_table_and_csv(promessa: Command):
    promessa("count", "sku-13@n2=5")
    held = promessa("reserve", "sku-13@n2=2", "--channel", "web", "--json").json["reservation"]["reservation_id"]
    promessa("confirm", held)
    promessa("fulfill", held)
    assert promessa("order", "place", "report-1", "sku-13=1", "--to", "01310-100").code == 0
    for step in ("accept", "pick", "ship"):
        assert promessa("order", step, "report-1").code == 0
    wait_for_archive(promessa)
    for name in ("stockouts", "journey", "nodes", "channels", "settlement", "reservations"):
        assert promessa("report", name, "--from", DAY).code == 0
        rows = list(csv.reader(io.StringIO(promessa("report", name, "--from", DAY, "--csv").out)))
        assert len(rows) > 1
        assert len({len(row) for row in rows}) == 1
    headings = promessa("report", "reservations", "--from", DAY, "--csv").out.split("\n")[0]
    assert "confirm_time_p90_ms" in headings


@pytest.mark.parametrize(
    ("lang", "says"),
    [("en", "decided again just now, on the stock and network of now"), ("pt", "decididos de novo agora")],
)
def test_other_rules_are_headed_by_what_they_were_decided_on(promessa: Command, lang: str, says: str):
    promessa("count", "sku-12@n2=5")
    assert promessa("source", "--to", "01310100", "sku-12=1", "--reserve").code == 0
    wait_for_archive(promessa)
    shown = " ".join(promessa("report", "sourcing", "--from", DAY, "--compare", 3, "--lang", lang).out.split())
    first = {"en": "least cost", "pt": "menor custo"}[lang]
    assert 0 < shown.index(says) < shown.index(first), "before its table"
    assert says not in promessa("report", "sourcing", "--from", DAY, "--lang", lang).out


def test_days_that_are_none_are_refused(promessa: Command):
    failed = promessa("report", "nodes", "--from", "2026-02-31", "--json")
    assert failed.code == 1
    assert json.loads(failed.err)["error"]["metadata"]["field"] == "period.first_day"


def test_the_archive_can_be_looked_at(promessa: Command, server_directory: Path):
    wait_for_archive(promessa)
    found = promessa("archive", "status", "--archive", server_directory / "archive", "--json").json
    assert found["files"] > 0
    assert (found["first_day"] <= DAY, found["dead_letters"]) == (True, [])
    assert "files" in promessa("archive", "status", "--archive", server_directory / "archive").out


def test_dead_letters_are_read_once_more_by_the_archiver(promessa: Command, server_directory: Path):
    wait_for_archive(promessa)
    folder = server_directory / "archive" / "dead-letters"
    entry = ["dA==", "MTgwMDAwMDAwMDAwMA==", "bm90ZQ==", "eA=="]  # t, an instant, note, x
    letter = {"partition": 0, "sequence": 0, "epoch": 1, "why": "", "entry": entry}
    (folder / "000000000001-0-0.json").write_text(json.dumps(letter))
    (folder / "000000000001-0-1.json").write_text(json.dumps({**letter, "sequence": 1, "entry": entry[:3]}))
    done = promessa("archive", "replay-dead-letters", "--archive", server_directory / "archive", "--json")
    assert (done.code, done.json["count"], list(done.json["left"])) == (1, 1, ["000000000001-0-1.json"])
    (folder / "000000000001-0-1.json").unlink()
    assert promessa("archive", "replay-dead-letters", "--archive", server_directory / "archive").code == 0


def test_a_directory_that_is_no_archive_is_told(promessa: Command, tmp_path: Path):
    assert "is no archive" in promessa("archive", "status", "--archive", tmp_path).err
    assert promessa("archive", "status").code == 2


def test_a_consumer_that_is_not_there_is_told(promessa: Command):
    assert "no consumer" in promessa("consumers", "remove", "nobody").err
    assert "archive" in promessa("consumers", "list").out
