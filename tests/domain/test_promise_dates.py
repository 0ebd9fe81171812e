"""Promise dates, to the minute: against a clock that walks minute by minute, and on days that are written out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promessa.domain.calendar import MINUTE_MS, Calendar, CalendarDay, WorkingHours, WorkingTime
from promessa.domain.catalogue import Lane, Node
from promessa.domain.promise_dates import DAY_MS, Dates, NodeWork, Route
from promessa.domain.validity import FOR_EVER_MS, is_valid, overlap, span_around
from promessa.service.business_days import public_holidays

SAO_PAULO, NEW_YORK, MANAUS = "America/Sao_Paulo", "America/New_York", "America/Manaus"
WEEK = tuple(WorkingHours(weekday, 540, 1080) for weekday in range(1, 6))
"""Monday to Friday, 9 to 18."""
SHOP = Calendar("shop", hours=(*WEEK, WorkingHours(6, 540, 780)), holiday_country_code="BR")


def at(text: str, zone: str = SAO_PAULO) -> int:
    """The instant of a local wall clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def local(ms: int, zone: str = SAO_PAULO) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def working(calendar: Calendar | None, zone: str = SAO_PAULO) -> WorkingTime:
    return WorkingTime(calendar, zone, public_holidays)


def ready(order: str, **node: object) -> str:
    work = NodeWork(Node("n", time_zone=SAO_PAULO, calendar_id="shop", **node), working(SHOP))  # type: ignore[arg-type]
    return local(work.ready_ms(at(order)))


@pytest.mark.parametrize(
    ("order", "node", "expected"),
    [
        ("2026-11-24 10:00", {"handling_minutes": 90}, "2026-11-24 11:30"),
        ("2026-11-24 07:00", {"handling_minutes": 90}, "2026-11-24 10:30"),
        ("2026-11-24 17:00", {"handling_minutes": 90}, "2026-11-25 09:30"),
        ("2026-11-24 13:59", {"handling_minutes": 90, "cutoff_minute": 840}, "2026-11-24 15:29"),
        ("2026-11-24 14:00", {"handling_minutes": 90, "cutoff_minute": 840}, "2026-11-25 10:30"),
        ("2026-11-24 18:00", {}, "2026-11-25 09:00"),
        ("2026-11-24 10:00", {"handling_minutes": 90, "queue_minutes": 600}, "2026-11-25 12:30"),
        ("2026-11-27 17:00", {"handling_minutes": 120}, "2026-11-28 10:00"),
        ("2026-11-28 12:30", {"handling_minutes": 60}, "2026-11-30 09:30"),
        ("2026-11-24 10:00", {"handling_days": 1, "handling_minutes": 30}, "2026-11-25 09:30"),
        ("2026-11-19 17:30", {"handling_minutes": 60}, "2026-11-21 09:30"),  # the 20th is a national holiday
    ],
)
def test_an_order_is_ready_after_so_much_work_in_working_hours(order: str, node: dict[str, int], expected: str):
    assert ready(order, **node) == expected


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    hours = []
    for weekday in sorted(draw(st.sets(st.integers(1, 7), min_size=1))):
        cuts = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=4)))
        hours += [WorkingHours(weekday, a * 60, b * 60) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    names = sorted(draw(st.sets(st.integers(0, 40), max_size=4)))
    days = []
    for offset in names:
        end = draw(st.sampled_from([0, 600, 1440]))
        days.append(CalendarDay((date(2026, 10, 25) + timedelta(offset)).isoformat(), 480 if end else 0, end))
    return Calendar("c", hours=tuple(hours), days=tuple(days), holiday_country_code=draw(st.sampled_from(["", "BR"])))


@settings(deadline=None)
@given(calendars(), st.integers(0, 40 * 24 * 60), st.integers(0, 700), st.sampled_from([SAO_PAULO, NEW_YORK]))
def test_work_passes_as_on_a_clock_that_walks_every_minute(calendar: Calendar, start: int, work: int, zone: str):
    """New York changes its clocks on 2026-11-01."""
    assert calendar.problem() is None
    time = working(calendar, zone)
    begin = at("2026-10-25 00:00", zone) + start * MINUTE_MS

    def is_open(ms: int) -> bool:
        wall = datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        own = [day for day in calendar.days if day.date == wall.date().isoformat()]
        if own:
            return any(day.start_minute <= minute < day.end_minute for day in own)
        if calendar.holiday_country_code and wall.date() in public_holidays("BR", "", wall.year):
            return False
        return any(h.weekday == wall.isoweekday() and h.start_minute <= minute < h.end_minute for h in calendar.hours)

    ms, left = begin, work
    while left or not (work or is_open(ms)):
        left -= is_open(ms)
        ms += MINUTE_MS
    assert local(time.after(begin, work * MINUTE_MS), zone) == local(ms, zone)


@given(calendars(), st.integers(0, 30 * 24 * 60), st.integers(0, 10_000))
def test_an_order_placed_later_is_never_ready_earlier(calendar: Calendar, start: int, later: int):
    node = Node("n", time_zone=SAO_PAULO, calendar_id="c", cutoff_minute=720, handling_days=1, handling_minutes=45)
    work = NodeWork(node, working(calendar))
    begin = at("2026-10-25 00:00") + start * MINUTE_MS
    found = [work.ready_ms(begin), work.ready_ms(begin + later * MINUTE_MS)]
    assert found == sorted(found)
    slipped = [work.ready_ms(begin, 0, days) for days in range(10)]
    assert slipped == sorted(slipped)


def route(calendar: Calendar | None = None, zone: str = "", **lane: object) -> Route:
    made = Lane("lane", "n", "BR", time_zone=zone, **lane)  # type: ignore[arg-type]
    carrier = working(calendar)
    return Route(made, working(SHOP), carrier, working(calendar, zone or SAO_PAULO))


def dates(found: Route, ready_at: str, zone: str = SAO_PAULO) -> list[str]:
    return [local(ms, zone) for ms in found.dates(at(ready_at))[1:]]


CARRIER = Calendar("carrier", hours=WEEK, holiday_country_code="BR", holiday_region_code="BR-RJ")


@pytest.mark.parametrize(
    ("lane", "ready_at", "leaves", "window", "promise"),
    [
        ({"pickup_minutes": (660, 1020), "transit_days": 2}, "2026-11-24 10:59", "11-24 11:00", "11-26 11:00", "11-26 11:00"),
        ({"pickup_minutes": (660, 1020), "transit_days": 2}, "2026-11-24 11:01", "11-24 17:00", "11-26 17:00", "11-26 17:00"),
        ({"pickup_minutes": (660, 1020)}, "2026-11-24 17:01", "11-25 11:00", "11-25 11:00", "11-25 11:00"),
        # From Saturday, when the shop is open and the carrier is not, to Monday; three days later, or three working days.
        ({"pickup_minutes": (660,), "transit_days": 6}, "2026-11-28 09:30", "11-30 11:00", "12-07 11:00", "12-07 11:00"),
        (
            {"pickup_minutes": (660,), "transit_days": 6, "transit_in_working_days": True},
            "2026-11-28 09:30", "11-30 11:00", "12-08 11:00", "12-08 11:00",
        ),
        (
            {"transit_days": 1, "delivery_start_minute": 480, "delivery_end_minute": 1080},
            "2026-11-24 15:00", "11-24 15:00", "11-25 08:00", "11-25 18:00",
        ),
        (
            {"delivery_start_minute": 480, "delivery_end_minute": 1080},
            "2026-11-24 15:00", "11-24 15:00", "11-24 15:00", "11-24 18:00",
        ),
        ({"transit_minutes": 90}, "2026-11-24 17:00", "11-24 17:00", "11-24 18:30", "11-24 18:30"),
        (
            {"transit_minutes": 90, "delivery_start_minute": 480, "delivery_end_minute": 1080},
            "2026-11-24 17:00", "11-24 17:00", "11-25 08:00", "11-25 08:00",
        ),
    ],
)  # fmt: skip
def test_a_shipment_leaves_with_a_pickup_and_arrives_on_a_working_day(
    lane: dict[str, object], ready_at: str, leaves: str, window: str, promise: str
):
    assert dates(route(CARRIER, **lane), ready_at) == [f"2026-{each}" for each in (leaves, window, promise)]


def test_nothing_is_picked_up_while_the_node_is_closed():
    """Its next day, 2026-11-20, is a holiday for the shop and none for the carrier."""
    every_day = Calendar("daily", hours=tuple(WorkingHours(weekday, 0, 1440) for weekday in range(1, 8)))
    assert dates(route(every_day, pickup_minutes=(600,)), "2026-11-19 11:00")[0] == "2026-11-21 10:00"
    assert dates(route(every_day, pickup_minutes=(600,)), "2026-11-20 09:00")[0] == "2026-11-21 10:00"


def test_a_state_holiday_keeps_the_carrier_at_home():
    """23 April is a holiday in Rio de Janeiro alone."""
    assert dates(route(CARRIER, transit_days=1), "2026-04-22 12:00")[-1] == "2026-04-24 12:00"
    national = Calendar("carrier", hours=WEEK, holiday_country_code="BR")
    assert dates(route(national, transit_days=1), "2026-04-22 12:00")[-1] == "2026-04-23 12:00"


def test_a_window_is_one_of_the_place_it_is_delivered_to():
    lane = {"transit_days": 1, "delivery_start_minute": 480, "delivery_end_minute": 1080}
    found = route(CARRIER, MANAUS, **lane)
    assert dates(found, "2026-11-24 10:00", MANAUS)[1:] == ["2026-11-25 08:00", "2026-11-25 18:00"]
    assert dates(found, "2026-11-24 10:00")[1:] == ["2026-11-25 09:00", "2026-11-25 19:00"]


def test_what_the_customer_collects_can_be_had_while_the_node_is_open():
    found = route(customer_collects=True)
    assert dates(found, "2026-11-24 11:30") == ["2026-11-24 11:30", "2026-11-24 11:30", "2026-11-24 18:00"]
    assert dates(found, "2026-11-28 13:30") == ["2026-11-30 09:00", "2026-11-30 09:00", "2026-11-30 18:00"]


def test_work_of_a_later_day_begins_when_that_day_opens():
    node = Node("n", time_zone=SAO_PAULO, calendar_id="shop", cutoff_minute=840, handling_minutes=60)
    work = NodeWork(node, working(SHOP))
    order = at("2026-11-27 15:00")  # past the cut-off: its own day is Saturday
    assert [local(work.ready_ms(order, 0, days)) for days in (0, 1, 2)] == [
        "2026-11-28 10:00", "2026-11-30 10:00", "2026-11-30 10:00"
    ]  # fmt: skip
    assert local(work.ready_ms(order, 2 * DAY_MS)) == "2026-11-30 10:00"


def test_a_node_without_hours_adds_its_work_to_what_it_did_before():
    work = NodeWork(Node("n", handling_days=1, handling_minutes=30, queue_minutes=15), None)
    order = at("2026-11-24 10:00")
    assert work.ready_ms(order) == order + DAY_MS + 45 * MINUTE_MS
    assert work.ready_ms(order, DAY_MS, 2) == order + 4 * DAY_MS + 45 * MINUTE_MS


@pytest.mark.parametrize(
    ("calendar", "field"),
    [
        (Calendar("c"), "hours"),
        (Calendar("c", hours=(WorkingHours(1, 600, 540),)), "hours[0].end_minute"),
        (Calendar("c", hours=(WorkingHours(2, 540, 600), WorkingHours(1, 540, 600))), "hours[1]"),
        (Calendar("c", hours=(WorkingHours(1, 540, 600), WorkingHours(1, 590, 660))), "hours[1]"),
        (Calendar("c", hours=WEEK, holiday_region_code="BR-SP"), "holiday_region_code"),
        (Calendar("c", hours=WEEK, days=(CalendarDay("2026-02-30"),)), "days[0].date"),
        (Calendar("c", hours=WEEK, days=(CalendarDay("2026-03-02"), CalendarDay("2026-03-01"))), "days[1].date"),
        (Calendar("c", hours=WEEK, days=(CalendarDay("2026-03-02", 600, 540),)), "days[0].end_minute"),
        (Calendar("c", hours=WEEK, days=(CalendarDay("2026-03-02"), CalendarDay("2026-03-02", 1, 2))), "days[1].end_minute"),
        (
            Calendar(
                "c", hours=WEEK, days=tuple(CalendarDay((date(2026, 1, 1) + timedelta(i)).isoformat()) for i in range(61))
            ),
            "days",
        ),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_kept_to_names_the_field(calendar: Calendar, field: str):
    problem = calendar.problem()
    assert problem and problem[0] == field


def test_calendars_that_never_meet_still_give_a_date():
    weekend = Calendar("w", hours=(WorkingHours(7, 540, 600),))
    found = Route(Lane("l", "n", "BR", pickup_minutes=(660,)), working(SHOP), working(weekend), working(weekend))
    answer = found.dates(at("2026-11-24 10:00"))
    assert isinstance(answer, Dates) and answer.promise_ms > at("2027-01-01 00:00")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6), st.integers(0, 40))
def test_between_two_turns_nothing_comes_or_goes(spans: list[tuple[int, int]], now: int):
    things = [Lane("l", "n", "BR", valid_from_ms=a, valid_until_ms=b) for a, b in spans]
    start, end = span_around(now, things)
    assert start <= now < end
    valid = [is_valid(each, now) for each in things]
    for instant in range(start, min(end, 45)):
        assert [is_valid(each, instant) for each in things] == valid
    for one in things:
        for other in things:
            together = any(is_valid(one, t) and is_valid(other, t) for t in range(70))
            assert overlap(one, other) >= together
    assert end <= FOR_EVER_MS
