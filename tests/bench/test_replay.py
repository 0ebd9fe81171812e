"""A small replay agrees with itself, and one that was tampered with does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from processes import promessa_serve
from replay_check import Checked, check_archive, check_reports, reports
from replay_counts import Counts
from replay_process import ChainSize
from replay_server import SETTINGS, audit, clock_settings, load, replay_on, times_of, until_archived

from promessa.archive.directory import ArchiveDirectory

ORDERS, SIZE = 120, ChainSize(stores=12, sku_limit=200)


@dataclass(frozen=True)
class Replayed:
    archive: ArchiveDirectory
    counts: Counts
    audited: Any

    def checked(self) -> list[Checked]:
        return [*check_archive(self.archive.path, self.counts), *check_reports(reports(self.archive), self.counts)]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    directory: Path = tmp_path_factory.mktemp("replay")
    archive = {"ARCHIVE_DIR": str(directory / "archive"), "ARCHIVE_SECONDS": "1"}
    with promessa_serve(directory, workers=1, settings={**SETTINGS, **clock_settings(directory), **archive}) as server:
        asyncio.run(load(server.target, times_of(ORDERS), SIZE))
        counts = replay_on(server, orders=ORDERS, days=1, processes=2, size=SIZE)
        asyncio.run(until_archived(server.target))
        yield Replayed(ArchiveDirectory(directory / "archive"), counts, asyncio.run(audit(server.target)))


def test_all_orders_travel_and_every_figure_agrees(replayed: Replayed) -> None:
    counts = replayed.counts
    assert counts.orders + counts.not_served >= ORDERS
    assert {"PLACE", "ACCEPT", "PICK", "SHIP", "DELIVER", "MAKE_READY", "HAND_OVER"} <= counts.steps.keys()
    assert [each for each in replayed.checked() if not each.agrees] == []
    assert replayed.audited.ok


@pytest.mark.parametrize("figures", ["of_channels", "of_nodes"])
def test_figures_that_are_wrong_are_found(replayed: Replayed, figures: str) -> None:
    counted = getattr(replayed.counts, figures)
    counted.update(dict.fromkeys(counted, 1))
    try:
        assert [each for each in replayed.checked() if not each.agrees]
    finally:
        counted.subtract(dict.fromkeys(counted, 1))


def test_a_step_that_is_missing_is_found(replayed: Replayed) -> None:
    replayed.counts.steps["SHIP"] += 1
    try:
        assert not all(each.agrees for each in replayed.checked())
    finally:
        replayed.counts.steps["SHIP"] -= 1
