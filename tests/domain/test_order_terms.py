"""Deadlines by themselves: never in the wrong order, always found when they are due, told once, and not after their step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.catalogue import Node
from promessa.domain.kinds import NEVER_MS
from promessa.domain.order import OrderedLine, PlacedOrder, Shipment, ShipmentLine, ShipmentState, Step, Way
from promessa.domain.order_deadlines import (
    DAY_MS,
    DEADLINES,
    Deadline,
    Terms,
    next_due_ms,
    next_told_ms,
    open_deadlines,
    own_terms,
    with_deadlines,
)
from promessa.domain.order_moves import MOVES, legal_steps
from promessa.domain.order_steps import Change
from promessa.domain.order_timers import TOLD, next_ms, overdue, timed

NOW = 1_800_000_000_000
MINUTE = 60_000
TERMS = Terms(60 * MINUTE, 120 * MINUTE, 90 * MINUTE, 5 * DAY_MS, 7 * DAY_MS, 30 * MINUTE, DAY_MS, 30 * DAY_MS)

ways = st.sampled_from(Way)
instants = st.one_of(st.just(0), st.just(NEVER_MS), st.integers(NOW - DAY_MS, NOW + 9 * DAY_MS))


def working(node_ix: int, at_ms: int, work_ms: int) -> int:
    return at_ms + work_ms


def terms_of(node_ix: int) -> Terms:
    return TERMS


def a_shipment(way: Way, ship_ms: int = 0, promise_ms: int = 0) -> Shipment:
    return Shipment(0, "hold", way, (ShipmentLine(0, 0, 1),), collected_ix=1, ship_ms=ship_ms, promise_ms=promise_ms)


@given(way=ways, ship_ms=instants, promise_ms=instants)
def test_no_deadline_is_later_than_those_after_it(way: Way, ship_ms: int, promise_ms: int) -> None:
    made = with_deadlines(a_shipment(way, ship_ms, promise_ms), NOW, terms_of, working)
    assert list(made.due) == sorted(made.due)
    assert made.due[0] > NOW, "there is time for the first step"
    assert len(made.due) == len(DEADLINES[way]) - (way != Way.DELIVERY)
    assert with_deadlines(made, NOW + DAY_MS, terms_of, working) == made, "they do not move"


@given(
    way=ways,
    state=st.sampled_from(ShipmentState),
    ship_ms=instants,
    promise_ms=instants,
    told=st.lists(st.sampled_from(Deadline)),
    late=st.lists(st.sampled_from(Deadline)),
)
def test_what_is_next_is_the_first_of_all_that_is_due(
    way: Way, state: ShipmentState, ship_ms: int, promise_ms: int, told: list[Deadline], late: list[Deadline]
) -> None:
    made = with_deadlines(a_shipment(way, ship_ms, promise_ms), NOW, terms_of, working)
    ship = with_deadlines(made._replace(state=state), NOW, terms_of, working)._replace(
        at_risk=tuple(told), late=tuple(late)
    )
    due = open_deadlines(ship)
    assert next_due_ms(ship) == min([each.by_ms for each in due], default=0)
    tells = [each.by_ms if each.deadline in told else each.at_risk_ms for each in due if each.deadline not in late]
    assert next_told_ms(ship) == min(tells, default=0)


@pytest.mark.parametrize(
    ("way", "ship", "promise", "due"),
    [
        (Way.DELIVERY, 0, 0, (60, 180, 270, 270 + 5 * 1440)),
        (Way.DELIVERY, 600, 3000, (60, 510, 600, 3000)),
        (Way.DELIVERY, 100, 3000, (60, 60, 100, 3000)),
        (Way.DELIVERY, 30, 3000, (30, 30, 30, 3000)),
        (Way.DELIVERY, -5, 3000, (60, 180, 270, 3000)),
        (Way.DELIVERY, -5, 90, (60, 90, 90, 90)),
        (Way.PICKUP, 600, 900, (60, 810, 900)),
        (Way.PICKUP, 0, 0, (60, 180, 270)),
        (Way.TO_STORE, 600, 3000, (60, 510, 600, 3000)),
    ],
)
def test_the_plan_comes_before_the_terms(way: Way, ship: int, promise: int, due: tuple[int, ...]) -> None:
    planned = a_shipment(way, ship and NOW + ship * MINUTE, promise and NOW + promise * MINUTE)
    assert with_deadlines(planned, NOW, terms_of, working).due == tuple(NOW + each * MINUTE for each in due)


def test_a_shipment_is_collected_from_when_it_is_ready() -> None:
    made = with_deadlines(a_shipment(Way.PICKUP), NOW, terms_of, working)
    ready = with_deadlines(made._replace(state=ShipmentState.READY), NOW + 99, terms_of, working)
    assert ready.due[-1] == NOW + 99 + 7 * DAY_MS
    assert [(each.deadline, each.at_risk_ms) for each in open_deadlines(ready)] == [
        (Deadline.COLLECT, ready.due[-1] - DAY_MS)
    ]


def test_a_node_may_have_terms_of_its_own() -> None:
    node = Node("n", accept_minutes=15, ship_minutes=45, deliver_days=2, pickup_days=3, at_risk_minutes=5)
    own = own_terms(TERMS, node)
    assert own == Terms(15 * MINUTE, 120 * MINUTE, 45 * MINUTE, 2 * DAY_MS, 3 * DAY_MS, 5 * MINUTE, DAY_MS, 30 * DAY_MS)
    assert own_terms(TERMS, Node("n", pick_minutes=60)) == TERMS._replace(pick_ms=60 * MINUTE)
    assert own_terms(TERMS, Node("n")) == TERMS and node.has_terms and not Node("n").has_terms
    terms = [own, TERMS]
    made = with_deadlines(a_shipment(Way.DELIVERY), NOW, terms.__getitem__, working)
    assert made.due == tuple(NOW + each * MINUTE for each in (15, 135, 180, 180 + 2 * 1440))
    assert made.lead_ms == 5 * MINUTE
    sent = with_deadlines(a_shipment(Way.TO_STORE), NOW, terms.__getitem__, working)
    ready = with_deadlines(sent._replace(state=ShipmentState.READY), NOW, terms.__getitem__, working)
    assert ready.due[-1] == NOW + 7 * DAY_MS, "where it is collected"
    ready = with_deadlines(sent._replace(state=ShipmentState.READY), NOW, terms[::-1].__getitem__, working)
    assert ready.due[-1] == NOW + 3 * DAY_MS


def test_a_step_that_time_makes_cannot_be_asked_for() -> None:
    made_by_time = {step for states in MOVES.values() for steps in states.values() for step in steps} - {
        step for way, states in MOVES.items() for state in states for step in legal_steps(way, state)
    }
    assert made_by_time == {Step.PUT_BACK}


def walked(order: PlacedOrder, pick: int) -> Change | None:
    """A step of the first shipment that goes on; its way and reasons do not matter here."""
    for number, shipment in enumerate(order.shipments, 1):
        legal = legal_steps(shipment.way, shipment.state)
        if legal:
            step = legal[pick % len(legal)]
            moved = shipment._replace(state=MOVES[Way(shipment.way)][ShipmentState(shipment.state)][step])
            shipments = (*order.shipments[: number - 1], moved, *order.shipments[number:])
            return Change(order._replace(shipments=shipments), step, number)
    return None


@given(
    first=ways, second=ways, ship_ms=instants, promise_ms=instants,
    acts=st.lists(st.one_of(st.integers(0, 5), st.sampled_from([MINUTE, 31 * MINUTE, 180 * MINUTE, 2 * DAY_MS])), max_size=20),
)  # fmt: skip
def test_whatever_is_done_and_whenever_each_deadline_is_told_once_and_in_time(
    first: Way, second: Way, ship_ms: int, promise_ms: int, acts: list[int]
) -> None:
    now_ms = NOW
    lines = (OrderedLine(0, 2, 0),)
    order = PlacedOrder("o-1", lines, (a_shipment(first, ship_ms, promise_ms), a_shipment(second)))
    order = timed(Change(order, Step.PLACE), now_ms, TERMS, working, terms_of).order
    told: set[tuple[int, int, str]] = set()

    def apply(change: Change) -> None:
        nonlocal order
        after = timed(change, now_ms, TERMS, working, terms_of).order
        assert after.stood == order.stands, "it says where it stood"
        order = after

    for act in acts:
        if act > 5:
            now_ms += act
        elif (change := walked(order, act)) is not None:
            apply(change)
        while True:
            change = overdue(order, now_ms)
            assert (change is not None) == (0 < next_ms(order) <= now_ms), "who looks when the store says so finds it"
            if change is None:
                break
            if change.step in (Step.AT_RISK, Step.LATE):
                due = {each.deadline.name: each for each in open_deadlines(order.shipments[change.number - 1])}
                assert change.detail in due, "its step was not made"
                by_ms, at_risk_ms = due[change.detail][1:]
                assert by_ms <= now_ms if change.step == Step.LATE else at_risk_ms <= now_ms < by_ms
                key = (change.step, change.number, change.detail)
                assert key not in told
                told.add(key)
            elif change.step == Step.PUT_BACK:
                assert order.shipments[change.number - 1].due[-1] <= now_ms
            else:
                assert change.step in TOLD
            apply(change)
    for each in (order.shipments[0], order.shipments[1]):
        assert all(by_ms > now_ms or deadline in each.late for deadline, by_ms, _ in open_deadlines(each))
