"""The own count of the load test: it must see what a wrong server would do."""

from pathlib import Path

import pytest
from ledger import Ledger, disagreements, kept_units

CELL = ("sku-1", "store-1")
OTHER = ("sku-2", "store-1")


def test_a_right_server_agrees() -> None:
    ledger = Ledger()
    ledger.grant(CELL, 7)
    ledger.release(CELL, 2)
    ledger.feed(CELL, 1)
    assert kept_units(ledger) == {CELL: 5}
    assert disagreements(ledger, {CELL: 10, OTHER: 3}, {CELL: 6, OTHER: 3}) == []


def test_an_oversold_cell_is_told_even_if_it_shows_nothing_available() -> None:
    ledger = Ledger()
    ledger.grant(CELL, 11)
    (sentence,) = disagreements(ledger, {CELL: 10}, {CELL: 0})
    assert sentence.startswith("OVERSOLD sku-1 at store-1: 11 units were promised of 10")


def test_a_lost_unit_is_told() -> None:
    ledger = Ledger()
    ledger.grant(CELL, 3)
    assert len(disagreements(ledger, {CELL: 10}, {CELL: 6})) == 1
    assert len(disagreements(ledger, {CELL: 10}, {CELL: 8})) == 1


def test_a_grant_of_a_cell_nobody_stocked_is_oversold() -> None:
    ledger = Ledger()
    ledger.grant(OTHER, 1)
    assert "OVERSOLD" in disagreements(ledger, {}, {})[0]


def test_more_cannot_be_given_back_than_was_granted() -> None:
    ledger = Ledger()
    ledger.grant(CELL, 1)
    with pytest.raises(AssertionError):
        ledger.release(CELL, 2)


def test_the_ledger_survives_its_file(tmp_path: Path) -> None:
    ledger = Ledger(refused_count=4)
    ledger.grant(CELL, 3)
    ledger.feed(OTHER, 2)
    ledger.sending("request-1")
    ledger.sending("request-2")
    ledger.answered("request-1")
    ledger.save(tmp_path / "ledger.json")
    assert Ledger.load(tmp_path / "ledger.json") == ledger
    assert ledger.unanswered == {"request-2"}
