"""Seeded journeys: what happens next to a shipment is always a legal step, in shop hours, and the shares come out right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from promessa.demo.journeys import (
    CANCELLED_SHARE,
    CLOSES_HOUR,
    DAY_MS,
    EXCHANGED_SHARE,
    HOUR_MS,
    LATE_SHARE,
    NOT_COLLECTED_SHARE,
    OPENS_HOUR,
    REFUSED_SHARE,
    RETURNED_SHARE,
    ZONE_HOURS,
    Next,
    opening,
    order_plan,
    shipment_plan,
    shop_hour,
)
from promessa.domain.order import ShipmentState, Step, Way
from promessa.domain.order_moves import MOVES

START_MS = 1_796_000_000_000
MANY = 4_000


def journey(order_id: str, way: Way, *, promise_ms: int) -> Iterator[tuple[Next, ShipmentState]]:
    """A shipment's whole journey, and the state that each step leads to. A step that is not legal is a KeyError."""
    plan = shipment_plan(order_id, 1)
    state, now_ms = ShipmentState.OFFERED, START_MS
    while (coming := plan.next(way, state, now_ms=now_ms, promise_ms=promise_ms)) is not None:
        state, now_ms = MOVES[way][state][coming.step], coming.at_ms
        yield coming, state


@given(order_id=st.text(max_size=8), way=st.sampled_from(Way), days=st.integers(0, 12))
def test_every_step_is_legal_and_goes_forward_in_shop_hours(order_id: str, way: Way, days: int) -> None:
    made = list(journey(order_id, way, promise_ms=START_MS + days * DAY_MS if days else 0))
    assert made[-1][1] in {
        ShipmentState.REJECTED,
        ShipmentState.DELIVERED if way == Way.DELIVERY else ShipmentState.HANDED_OVER,
        ShipmentState.READY,
    }
    assert all(before.at_ms <= after.at_ms for (before, _), (after, _) in pairwise(made))
    for coming, _ in made:
        assert coming.at_ms >= START_MS and coming.at_ms % HOUR_MS == 0
        assert OPENS_HOUR <= (coming.at_ms // HOUR_MS + ZONE_HOURS) % 24 <= CLOSES_HOUR
        assert (coming.reason != 0) == (coming.step == Step.REJECT)


@given(at_ms=st.integers(START_MS, START_MS + 30 * DAY_MS))
def test_the_next_shop_hour_is_the_first_there_is(at_ms: int) -> None:
    found = shop_hour(at_ms)
    hours = range(-(-at_ms // HOUR_MS), found // HOUR_MS)
    assert at_ms <= found
    assert not any(OPENS_HOUR <= (hour + ZONE_HOURS) % 24 <= CLOSES_HOUR for hour in hours)


@given(at_ms=st.integers(START_MS, START_MS + 30 * DAY_MS))
def test_shops_open_on_the_next_day(at_ms: int) -> None:
    found = opening(at_ms)
    assert (found // HOUR_MS + ZONE_HOURS) % 24 == OPENS_HOUR and found % HOUR_MS == 0
    assert (found + ZONE_HOURS * HOUR_MS) // DAY_MS == (at_ms + ZONE_HOURS * HOUR_MS) // DAY_MS + 1


def test_the_same_order_travels_the_same_way() -> None:
    assert shipment_plan("a", 1) == shipment_plan("a", 1) != shipment_plan("a", 2)
    assert order_plan("a", seed=1) == order_plan("a", seed=1)
    assert len({shipment_plan(f"o{i}", 1) for i in range(50)}) > 40


def test_shares_come_out_as_they_are_said() -> None:
    plans = [shipment_plan(f"o{i}", 1) for i in range(MANY)]
    customers = [order_plan(f"o{i}") for i in range(MANY)]
    backs = [plan.back for plan in customers if plan.back]
    for found, share in (
        (sum(plan.refused_for != 0 for plan in plans), REFUSED_SHARE),
        (sum(plan.arrives_ms > 0 for plan in plans), LATE_SHARE),
        (sum(plan.collected_hours is None for plan in plans), NOT_COLLECTED_SHARE),
        (sum(plan.cancel_hours is not None for plan in customers), CANCELLED_SHARE),
        (sum(back.for_other_goods for back in backs), EXCHANGED_SHARE),
        (sum(not back.for_other_goods for back in backs), RETURNED_SHARE),
    ):
        assert abs(found / MANY - share) < 0.015
    assert not any(back.mail_days for back in backs if back.for_other_goods)


def test_what_nobody_collects_stays_ready() -> None:
    never = next(f"o{i}" for i in range(MANY) if _is_never_collected(f"o{i}"))
    assert [state for _, state in journey(never, Way.PICKUP, promise_ms=0)][-1] == ShipmentState.READY


def _is_never_collected(order_id: str) -> bool:
    plan = shipment_plan(order_id, 1)
    return plan.collected_hours is None and not plan.refused_for
