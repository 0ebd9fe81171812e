"""A report is what anybody can count again from the raw log."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from archive_kit import Kept, raw_log
from archive_world import CHANNELS, DAY, NODES, SKUS, History
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from recount import Recount
from serving import Clock
from store_kit import START_MS, Shop, records_of

from promessa.archive.reports import connect, make_report
from promessa.domain.errors import InvalidRequest
from promessa.domain.report_period import ReportPeriod
from promessa.domain.reservation import ReservationState
from promessa.store.books import Books

PERIODS = ((START_MS - DAY, START_MS + 9 * DAY), (START_MS + DAY // 2, START_MS + 2 * DAY), (0, DAY))


def reported(kept: Kept, name: str, start: int, end: int, **how: Any) -> list[dict[str, Any]]:
    found = make_report(kept.directory, name, start_ms=start, end_ms=end, rows_max=1_000, **how)
    assert found.row_count == len(found.rows)
    return found.rows


async def check_reports(kept: Kept) -> None:
    """All reports of all periods, beside a recount of the raw log."""
    again = Recount(NODES, SKUS).read(await raw_log(kept.redis, kept.keys))
    for start, end in PERIODS:
        for by in (("sku", "node", "reason"), ("channel",), ("sku",), ("node", "channel"), ("channel", "reason")):
            columns = ["node_id" if each == "node" else each for each in by]
            found = reported(kept, "stockouts", start, end, group_by=by)
            assert found == again.stockouts(start, end, columns)
        assert reported(kept, "reservations", start, end) == again.reservations(start, end)


@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=3, unique=True), rows_max=st.sampled_from((20, 10_000))
)
async def test_every_report_is_a_recount_of_the_raw_log(
    shop: Shop, kept: Kept, clock: Clock, tmp_path_factory: pytest.TempPathFactory, seeds: list[int], rows_max: int
):
    kept = Kept(kept.redis, kept.keys, tmp_path_factory.mktemp("archive"))
    await kept.consumers.remove("archive")
    for seed in seeds:
        await History(shop, clock, seed).play(60)
        await kept.archive(segment_rows_max=rows_max, state_rows=100)
    await check_reports(kept)


async def test_the_outcome_of_a_journey_is_the_state_of_its_record(shop: Shop, kept: Kept, clock: Clock):
    await History(shop, clock, 21).play(300)
    await kept.archive()
    with connect(kept.directory) as connection:
        journeys = dict(connection.execute("SELECT reservation_id, outcome FROM journeys").fetchall())
    records = await records_of(Books(kept.redis, kept.keys))
    refused = {name for name, outcome in journeys.items() if outcome == "REFUSED"}
    made = {name: outcome for name, outcome in journeys.items() if name not in refused}
    assert len(set(made.values())) == 5, "the history has all of them"
    kept_records = {name: ReservationState(record.state).name for name, record in records.items() if name in made}
    assert kept_records == {name: made[name] for name in kept_records}
    assert len(kept_records) > 50


async def test_dead_letters_are_told_in_the_report(shop: Shop, kept: Kept):
    from test_archiver import poison

    await poison(kept, count=3)
    await kept.archive()
    assert make_report(kept.directory, "stockouts", start_ms=0, end_ms=DAY, rows_max=5).dead_letter_count == 3


async def test_no_more_rows_than_wanted(shop: Shop, kept: Kept, clock: Clock):
    await History(shop, clock, 1).play(80)
    await kept.archive()
    found = make_report(kept.directory, "reservations", start_ms=0, end_ms=START_MS + 9 * DAY, rows_max=2)
    assert (len(found.rows), found.row_count) == (2, len({each.split("\n")[0] for each in CHANNELS}))


@pytest.mark.parametrize(
    ("days", "zone", "instants"),
    [
        (("2026-11-01", "2026-11-01"), "", (1_793_491_200_000, 1_793_577_600_000)),
        (("2026-11-01", "2026-11-02"), "America/Sao_Paulo", (1_793_502_000_000, 1_793_674_800_000)),
        (
            ("2018-11-04", "2018-11-04"),
            "America/Sao_Paulo",
            (1_541_300_400_000, 1_541_383_200_000),
        ),  # midnight is skipped
        (("2026-03-29", "2026-03-29"), "Europe/Lisbon", (1_774_742_400_000, 1_774_825_200_000)),  # 23 hours
    ],
)
def test_a_period_is_days_of_its_time_zone(days: tuple[str, str], zone: str, instants: tuple[int, int]):
    assert ReportPeriod.of_days(*days, zone) == ReportPeriod(*instants, zone or "UTC")


@pytest.mark.parametrize(
    ("first", "last", "zone", "hours"),
    [
        ("2026-03-28", "2026-03-30", "Europe/Lisbon", [24, 23, 24]),
        ("2026-10-24", "2026-10-26", "Europe/Lisbon", [24, 25, 24]),
        ("2018-11-03", "2018-11-05", "America/Sao_Paulo", [24, 23, 24]),  # midnight is skipped
        ("2026-02-28", "2026-03-01", "UTC", [24, 24]),
    ],
)
def test_the_days_of_a_period_are_as_long_as_clocks_say(first: str, last: str, zone: str, hours: list[int]):
    period = ReportPeriod.of_days(first, last, zone)
    days = period.days
    assert (days[0][0], days[-1][0], days[0][1], days[-1][2]) == (first, last, period.start_ms, period.end_ms)
    assert [(end - start) // 3_600_000 for _, start, end in days] == hours
    assert all(before[2] == after[1] for before, after in pairwise(days))


@pytest.mark.parametrize(
    ("first", "last", "zone", "field"),
    [
        ("2026-11-02", "2026-11-01", "", "period.last_day"),
        ("2026-01-01", "2027-02-05", "", "period.last_day"),
        ("2026-13-01", "2026-11-01", "", "period.first_day"),
        ("0001-01-01", "0001-01-01", "", "period.first_day"),
        ("2026-11-01", "2026-11-01", "Mars/Olympus", "period.time_zone"),
        ("2026-11-01", "2026-11-01", "../etc/passwd", "period.time_zone"),
    ],
)
def test_a_period_that_is_none_is_refused(first: str, last: str, zone: str, field: str):
    with pytest.raises(InvalidRequest) as refusal:
        ReportPeriod.of_days(first, last, zone)
    assert refusal.value.metadata["field"] == field
