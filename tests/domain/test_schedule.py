"""The schedule against a reference that looks at every day, and the overdue policies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.schedule import Movement, Projection, project, schedule
from promessa.domain.stock import StockCell
from promessa.domain.supply import Inbound, OverdueAction, OverduePolicy

TODAY = 20_000
SLIP_1 = OverduePolicy(OverdueAction.SLIP, 1)

projections = st.builds(
    Projection,
    st.integers(-20, 20),
    st.lists(
        st.builds(Movement, st.integers(TODAY - 3, TODAY + 14), st.integers(0, 9), st.integers(0, 9)), max_size=6
    ).map(tuple),
)


def reference_atp(projection: Projection, day: int, last: int) -> int:
    """The definition, day by day."""

    def balance(at: int) -> int:
        return projection.balance + sum(x.supply - x.demand for x in projection.movements if x.day <= at)

    return max(0, min(balance(at) for at in range(day, last + 1)))


@given(st.lists(projections, max_size=4), st.integers(0, 3), st.integers(1, 12))
def test_a_schedule_says_for_every_day_what_the_definition_says(nodes: list[Projection], start: int, days: int) -> None:
    first, last = TODAY + start, TODAY + start + days - 1
    found = schedule(nodes, first=first, last=last)
    assert (found.windows[0].first, found.windows[-1].last) == (first, last)
    assert all(a.last + 1 == b.first for a, b in zip(found.windows, found.windows[1:], strict=False))
    for window in found.windows:
        assert window.first <= window.last
        for day in range(window.first, window.last + 1):
            assert window.atp == sum(reference_atp(each, day, last) for each in nodes)
            moved = [x for each in nodes for x in each.movements if x.day == day]
            shown = (window.supply, window.demand) if day == window.first else (0, 0)
            assert shown == (sum(x.supply for x in moved), sum(x.demand for x in moved))
    assert found.fulfil == sum(max(0, each.balance) for each in nodes)
    assert found.order == sum(max(0, each.balance, reference_atp(each, last, last)) for each in nodes)


@given(st.lists(projections, max_size=4), st.integers(1, 40))
def test_the_capable_day_is_the_first_that_can_promise_it(nodes: list[Projection], quantity: int) -> None:
    last = TODAY + 12
    able = [day for day in range(TODAY, last + 1) if sum(reference_atp(each, day, last) for each in nodes) >= quantity]
    assert schedule(nodes, first=TODAY, last=last).capable_day(quantity) == (able[0] if able else None)


def test_a_later_commitment_lowers_an_earlier_promise() -> None:
    later = Projection(10, (Movement(TODAY + 5, 0, 4),))
    assert [window.atp for window in schedule([later], first=TODAY, last=TODAY + 9).windows] == [6, 6]


def test_no_node_pays_for_another() -> None:
    found = schedule([Projection(-3, ()), Projection(5, ())], first=TODAY, last=TODAY)
    assert found.windows[0].atp == 5


def inbound(day: int, policy: OverduePolicy | None = None, held: int = 0) -> Inbound:
    return Inbound(0, 0, "po", 1, 8, 0, 8, held, 0, day, policy, 1, 1, 0)


def atp(days: int, *expected: Inbound, policy: OverduePolicy = SLIP_1) -> list[tuple[int, int]]:
    cell = StockCell(2, 0, 0, 0, 0, 1, 0)
    found = schedule([project(cell, expected, today=TODAY, policy=policy)], first=TODAY, last=TODAY + days - 1)
    return [(window.first - TODAY, window.atp) for window in found.windows]


def test_what_is_overdue_counts_as_its_policy_says() -> None:
    drop, alert = OverduePolicy(OverdueAction.DROP), OverduePolicy(OverdueAction.HOLD_AND_ALERT)
    assert atp(9, inbound(TODAY)) == [(0, 10)]
    assert atp(9, inbound(TODAY + 3)) == [(0, 2), (3, 10)]
    assert atp(9, inbound(TODAY - 1)) == [(0, 2), (1, 10)]
    assert atp(9, inbound(TODAY - 1, OverduePolicy(OverdueAction.SLIP, 4))) == [(0, 2), (4, 10)]
    assert atp(9, inbound(TODAY - 1), policy=drop) == [(0, 2)]
    assert atp(9, inbound(TODAY - 1, drop, held=1)) == [(0, 1)], "what was promised of it must come from elsewhere"
    assert atp(9, inbound(TODAY - 1, alert, held=1)) == [(0, 2)], "what was promised of it waits for it"
