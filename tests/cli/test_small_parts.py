"""Notations, ids, addresses."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from promessa.cli.address import DEFAULT_ADDRESS, resolve_address
from promessa.cli.bench import find_script
from promessa.cli.failure import Failure, as_failure
from promessa.cli.ids import new_request_id, uuid7
from promessa.cli.import_kinds import KINDS, guess_kind, kind_named
from promessa.cli.parsing import Amount, cell_amounts, cell_quantities, instant, postal_code, seconds, sku_amounts


def test_skus_and_cells_are_read() -> None:
    assert sku_amounts(["a=2", "b", "c=0.350kg", "d=1.5 l"]) == [
        ("a", Amount("2")), ("b", Amount("1")), ("c", Amount("0", "350", "kg")), ("d", Amount("1", "5", "l"))
    ]  # fmt: skip
    assert cell_amounts(["a@n=0.5"]) == [("a", "n", Amount("0", "5"))]
    assert cell_quantities(["a@n=2", "x@y"]) == [("a", "n", 2), ("x", "y", 1)]


@pytest.mark.parametrize(
    "word", ["=2", "a=", "a=-1", "a=0", "a=0.00kg", "a=.5", "a=1,5", "a=1.2.3", "a=1e3", "a=2 kilograms"]
)
def test_wrong_quantities_are_refused(word: str) -> None:
    with pytest.raises(Failure):
        sku_amounts([word])


def test_where_smallest_units_are_counted_an_amount_is_refused() -> None:
    with pytest.raises(Failure, match="whole number"):
        cell_quantities(["a@n=1.5"])


def test_durations_instants_and_postal_codes_are_read() -> None:
    assert [seconds(text) for text in ("90", "90s", "15m", "2h", "1d")] == [90, 90, 900, 7200, 86400]
    assert instant("2026-03-01T18:30:00-03:00") == datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
    assert postal_code("01310-100") == "01310100"


def test_request_ids_are_uuids_of_version_7_in_order_of_time() -> None:
    assert uuid.UUID(new_request_id()).version == 7
    assert uuid.UUID(new_request_id()).variant == uuid.RFC_4122
    assert uuid7(1, b"\xff" * 10) < uuid7(2, b"\0" * 10)


def test_the_address_is_as_said_or_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMESSA_DATA_DIR", str(tmp_path))
    assert resolve_address("host:1") == "host:1"
    assert resolve_address("host") == "host:50051"
    assert resolve_address(None) == DEFAULT_ADDRESS
    monkeypatch.setenv("PROMESSA_PORT", "0")
    assert resolve_address(None) == DEFAULT_ADDRESS
    monkeypatch.setenv("PROMESSA_PORT", "6001")
    assert resolve_address(None) == "127.0.0.1:6001"
    monkeypatch.setenv("PROMESSA_HOST", "0.0.0.0")
    assert resolve_address(None) == "127.0.0.1:6001"
    monkeypatch.delenv("PROMESSA_PORT")
    (tmp_path / "run.json").write_text("left by a killed server")
    assert resolve_address(None) == DEFAULT_ADDRESS


def test_every_kind_is_guessed_by_its_columns() -> None:
    for kind in KINDS:
        assert guess_kind(Path("x.csv"), kind.required) is kind
    assert guess_kind(Path("my_rate_cards.csv"), ["a"]) is kind_named("rate-cards")
    assert guess_kind(Path("x.csv"), ["sku", "node_id"]) is None


def test_without_a_checkout_bench_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_script().name == "run.py"
    monkeypatch.setattr("promessa.cli.bench.__file__", str(tmp_path / "a/b/c/d/bench.py"))
    with pytest.raises(Failure, match="source tree"):
        find_script(tmp_path)


def test_a_failure_in_a_group_of_tasks_is_told_like_any_other() -> None:
    failure = Failure("no")
    assert as_failure(ExceptionGroup("tasks", [ExceptionGroup("more", [failure])])) is failure
    assert as_failure(ValueError("a defect")) is None
