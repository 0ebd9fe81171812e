"""The files of a day that is over become one, and nobody ever sees a row twice or misses one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from archive_kit import ALWAYS_MS, Kept, check_befores, check_whole
from archive_world import DAY, History
from serving import Clock
from store_kit import START_MS, Shop

from promessa.archive import compaction
from promessa.archive.reports import REPORTS, connect, make_report
from promessa.archive.revisions import span_of
from promessa.archive.state import STATES_KEPT
from promessa.archive.tables import TABLES
from promessa.domain.limits import ARCHIVE_OPEN_DAYS


class Killed(BaseException):
    pass


def later() -> int:
    return ALWAYS_MS


@pytest.fixture
async def history(shop: Shop, kept: Kept, clock: Clock) -> History:
    """Some days, in many files, none of them one yet."""
    history = History(shop, clock, 11)
    for _ in range(3):
        for _ in range(3):
            await history.play(15)
            await kept.archive(segment_rows_max=20, state_rows=10**9)
        clock.now_ms += DAY
    assert max(files_of_days(kept).values()) > 4
    return history


def files_of_days(kept: Kept) -> dict[Path, int]:
    """How many files every day of every table has on the disk."""
    return {day: sum(1 for _ in day.iterdir()) for table in TABLES for day in kept.directory.days(table)}


def everything(kept: Kept) -> dict[str, list[Any]]:
    with connect(kept.directory) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY partition, sequence, ordinal").fetchall()
            for table in TABLES
        }


async def test_each_day_of_each_table_becomes_one_file_with_the_same_rows(kept: Kept, history: History):
    rows = everything(kept)
    reports = [make_report(kept.directory, name, start_ms=0, end_ms=ALWAYS_MS, rows_max=999) for name in REPORTS]
    await kept.archive(now_ms=later)
    assert set(files_of_days(kept).values()) == {1}
    assert everything(kept) == rows
    await check_whole(kept)
    assert reports == [
        make_report(kept.directory, name, start_ms=0, end_ms=ALWAYS_MS, rows_max=999) for name in REPORTS
    ]


async def test_a_day_stays_as_it_is_until_it_has_been_over_for_a_while(kept: Kept, history: History):
    first_day_ends_ms = (START_MS // DAY + 1) * DAY
    before = files_of_days(kept)
    due_ms = first_day_ends_ms + ARCHIVE_OPEN_DAYS * DAY
    await kept.archive(now_ms=lambda: due_ms - 1)
    assert files_of_days(kept) == before
    await kept.archive(now_ms=lambda: due_ms)
    after = files_of_days(kept)
    for table in TABLES:
        first, *others = kept.directory.days(table)
        assert after[first] == 1
        assert all(after[day] == before[day] for day in others)


async def test_a_day_and_a_table_at_a_time(kept: Kept, history: History):
    before = files_of_days(kept)
    assert compaction.compact(kept.directory, now_ms=ALWAYS_MS)
    assert sum(after != before[day] for day, after in files_of_days(kept).items()) == 1


async def test_whoever_reads_at_any_step_sees_each_row_once(kept: Kept, history: History):
    rows, steps = everything(kept), []

    def look(step: str) -> None:
        steps.append(step)
        if steps.count(step) % 4 == 1:  # of many alike some
            assert everything(kept) == rows, step

    while compaction.compact(kept.directory, now_ms=ALWAYS_MS, on_step=look):
        pass
    assert {"merged", "compacted", "covered removed"} == set(steps)


@pytest.mark.parametrize("step", ["merged", "compacted", "covered removed"])
@pytest.mark.parametrize("times", [1, 3])
async def test_killed_at_any_step_it_is_done_again(kept: Kept, history: History, step: str, times: int):
    rows, seen = everything(kept), 0

    def die(at: str) -> None:
        nonlocal seen
        seen += at == step
        if at == step and seen == times:
            raise Killed

    with pytest.raises(Killed):
        await kept.archive(now_ms=later, on_step=die)
    assert everything(kept) == rows
    await kept.archive()
    assert everything(kept) == rows, "a beginning alone harms nothing"
    await history.play(20)
    await kept.archive(now_ms=later)
    assert set(files_of_days(kept).values()) == {1}
    await check_whole(kept)
    check_befores(kept)


async def test_files_stay_while_somebody_reads(kept: Kept, history: History):
    rows, before = everything(kept), files_of_days(kept)
    with kept.directory.reading(), kept.directory.reading():
        while compaction.compact(kept.directory, now_ms=ALWAYS_MS):
            pass
        after = files_of_days(kept)
        assert all(after[day] == count + 1 for day, count in before.items() if count > 1)
        assert everything(kept) == rows
    assert compaction.compact(kept.directory, now_ms=ALWAYS_MS) is False
    assert set(files_of_days(kept).values()) == {1}
    assert everything(kept) == rows


async def test_a_report_reads_so_that_its_files_stay(kept: Kept, history: History, monkeypatch: pytest.MonkeyPatch):
    from promessa.archive import reports

    seen, rows = [], reports._rows

    def look(*asked: Any) -> list[dict[str, Any]]:
        with kept.directory.unread() as unread:
            seen.append(unread)
        return rows(*asked)

    monkeypatch.setattr(reports, "_rows", look)
    make_report(kept.directory, "channels", start_ms=0, end_ms=ALWAYS_MS, rows_max=9)
    wanted: dict[str, str] = {}
    reports.find_orders(kept.directory, "stockouts", start_ms=0, end_ms=ALWAYS_MS, wanted=wanted, after=(), page_size=9)
    assert seen == [False, False]
    with kept.directory.unread() as unread:
        assert unread


async def test_what_comes_late_for_a_day_is_added_to_its_file(kept: Kept, history: History, clock: Clock):
    await kept.archive(now_ms=later)
    clock.now_ms -= 3 * DAY
    await history.play(40)
    await kept.archive(segment_rows_max=20)
    assert max(files_of_days(kept).values()) > 1
    rows = kept.places()
    await kept.archive(now_ms=later)
    assert kept.places() == rows
    assert set(files_of_days(kept).values()) == {1}
    await check_whole(kept)


async def test_a_restart_knows_what_was_before(kept: Kept, history: History, clock: Clock):
    """States lie in the middle of days, and what follows one is not mixed with what came before it."""
    for _ in range(4):
        await history.play(20)
        await kept.archive(segment_rows_max=20, state_rows=40, now_ms=later)
    states = [int(path.stem) for path in kept.directory.states()]
    spans = [span for path in kept.directory.all_segments() if (span := span_of(path))]
    assert any(first != last for first, last in spans)
    assert not any(first <= state < last for state in states for first, last in spans)
    assert len(states) == STATES_KEPT
    for path in kept.directory.states()[:-1]:  # as if the store had been set back: an older state, and all after it
        path.unlink()
        await history.play(10)
        await kept.archive()
        assert check_befores(kept) > 200
    await check_whole(kept)


async def test_a_store_that_is_set_back_into_a_compacted_day_sets_the_archive_back(
    kept: Kept, history: History, shop: Shop, clock: Clock
):
    clock.now_ms -= DAY
    saved = {key: await kept.redis.dump(key) for key in await kept.redis.keys()}
    committed = everything(kept)
    await history.play(60)
    await kept.archive(segment_rows_max=20, state_rows=10**9)
    await kept.archive(now_ms=later)
    assert set(files_of_days(kept).values()) == {1}
    await kept.redis.flushall()
    for key, value in saved.items():
        await kept.redis.restore(key, 0, value)
    copy = kept.directory.path.with_name("copy")
    shutil.copytree(kept.directory.path, copy)
    again = Kept(kept.redis, kept.keys, copy)
    for step in ("cut", "set back"):  # killed on the way, it begins again
        with pytest.raises(Killed):
            await again.archiver(on_step=killing(step))
    (await again.archiver()).close()
    assert everything(again) == committed
    await History(shop, clock, 99).play(40)
    await kept.archive(now_ms=later)
    assert set(files_of_days(kept).values()) == {1}
    await check_whole(kept)
    check_befores(kept)


def killing(step: str) -> Any:
    def on_step(at: str) -> None:
        if at == step:
            raise Killed

    return on_step


async def test_a_dead_letter_becomes_rows_of_a_compacted_day(
    shop: Shop, kept: Kept, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    await History(shop, clock, 5).play(40)
    with monkeypatch.context() as broken:

        def fail(*_: Any) -> None:
            raise ValueError("not yet")

        broken.setattr("promessa.archive.decoding._FIELDS", {b"i:": fail, b"a:": fail, b"o:": fail})
        await kept.archive(segment_rows_max=20, now_ms=later)
    letters = kept.directory.letters()
    assert len(letters) > 1
    archiver = await kept.archiver()
    assert (await archiver.replay_dead_letters()).count == len(letters)
    archiver.close()
    await check_whole(kept)
    rows = everything(kept)
    await kept.archive(now_ms=later)
    assert everything(kept) == rows
