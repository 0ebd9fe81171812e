"""Days of the archive that are over become one file of each table, in a server that is set forward by days."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_command import Command

from promessa.cli.demo_server import serving

SECONDS = 0.1
"""How far the archive may be behind; the archiver makes one file of a day of a table as often."""

DAY = datetime.now(UTC).date()


class Shop:
    """A server with a clock and an archive of its own, and one node that sells."""

    def __init__(self, promessa: Command, folder: Path, address: str) -> None:
        self.promessa, self.address = promessa, address
        self.archive, self.clock = folder / "archive", folder / "clock"

    def run(self, *words: object) -> Any:
        done = self.promessa(*words, "--address", self.address, "--json")
        assert done.code == 0, done.err
        return done.json

    def sell(self, order_id: str) -> None:
        """An order that is placed and leaves, and is archived before the next one."""
        self.run("order", "place", order_id, "sku-1=1", "--to", "01310-100", "--channel", "web")
        for step in ("accept", "pick", "ship"):
            self.run("order", step, order_id)
        self.until(lambda: self.run("consumers", "list")["consumers"][0]["lag_entries"] == 0)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.promessa("archive", "status", "--archive", self.archive, "--json").json
        return found

    def shown(self) -> str:
        return self.promessa("archive", "status", "--archive", self.archive).out

    def later(self, days: int) -> None:
        assert self.promessa("clock", "--file", self.clock, "--days", days).code == 0

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not is_so():
            assert time.monotonic() < deadline, self.shown()
            time.sleep(SECONDS)

    def reports(self) -> list[Any]:
        """What reports tell of the first day and the next."""
        days = ("--from", DAY.isoformat(), "--to", (DAY + timedelta(days=1)).isoformat(), "--zone", "UTC")
        return [{**self.run("report", name, *days), "basis": None} for name in ("channels", "reservations")]

    def files(self, days: int) -> dict[str, int]:
        """How many files each of the first so many days of each table has on the disk."""
        wanted = {f"day={DAY + timedelta(days=n)}" for n in range(days)}
        return {str(day): len(list(day.iterdir())) for day in self.archive.glob("*/day=*") if day.name in wanted}

    def status_is_true(self) -> bool:
        """Whether the status says what is on the disk; what time makes of orders may be written meanwhile."""
        counts, said = self.files(100).values(), self.status()
        names = ("files", "tables_days", "tables_days_of_several_files")
        return [said[name] for name in names] == [sum(counts), len(counts), sum(count > 1 for count in counts)]


@pytest.fixture
def shop(promessa: Command, network_files: list[Path], tmp_path: Path) -> Iterator[Shop]:
    settings = {"CLOCK_FILE": tmp_path / "clock", "ARCHIVE_DIR": tmp_path / "archive", "ARCHIVE_SECONDS": SECONDS}
    with serving(tmp_path / "data", 0, WORKERS=1, **settings) as (address, _):
        shop = Shop(promessa, tmp_path, address)
        shop.run("import", *network_files)
        shop.run("count", "sku-1@n1=50")
        yield shop


def test_days_that_are_over_become_one_file_of_each_table(shop: Shop) -> None:
    for n in range(3):
        shop.sell(f"o-{n}")
    shop.until(shop.status_is_true)
    before = shop.status()
    assert before["tables_days_of_several_files"] >= 4, "each of four tables has several files of this day"
    told = shop.reports()
    shop.later(days=3)
    shop.until(lambda: set(shop.files(2).values()) == {1})
    assert shop.reports() == told
    for n in (3, 4):
        shop.sell(f"o-{n}")
    shop.until(shop.status_is_true)
    after = shop.status()
    assert (after["first_day"], after["last_day"] > before["last_day"]) == (before["first_day"], True)
    assert after["tables_days"] == before["tables_days"] + 4, "four tables have rows of the new day, too"
    assert after["tables_days_of_several_files"] == 4, "of that day alone"
    assert f"4 of {after['tables_days']} days of tables in several files" in shop.shown()
    shop.later(days=3)
    shop.until(lambda: set(shop.files(5).values()) == {1})
    assert len(shop.files(5)) == after["tables_days"]
    assert shop.reports() == told
