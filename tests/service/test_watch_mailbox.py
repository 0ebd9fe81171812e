"""What waits for a slow watcher: bounded by its cells, in order, and honest about what was merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.limits import WATCH_EVENTS_UNMERGED
from promessa.domain.watching import Change, EventKind, Levels, kind_of
from promessa.service.watch_mailbox import Mailbox
from promessa.service.watch_selection import Interest, Selection

CELLS = (b"0", b"1", b"2")
LEVELS = Levels(2, 4, 6)
quantities = st.integers(0, 8)
steps = st.lists(
    st.one_of(st.just("take"), st.just("page"), st.tuples(st.sampled_from(CELLS), quantities)), max_size=60
)


@given(steps, st.sampled_from([None, LEVELS, Levels(), Levels(high=3)]))
def test_whatever_the_pace_nothing_is_lost_repeated_or_disordered(
    doings: list[str | tuple[bytes, int]], levels: Levels | None
) -> None:
    mailbox, page = Mailbox(levels), 1
    promised, told, offered, taken = dict.fromkeys(CELLS, 5), dict.fromkeys(CELLS, 5), 0, 0
    for doing in [*doings, "take"]:
        if doing == "page":
            page += 1
        elif doing == "take":
            events, merged = mailbox.take()
            taken += len(events) + merged
            for kind, change in events:
                before = told[change.sku]
                assert change.before is not None
                assert kind == kind_of(levels, before, change.after), "the side it comes from is the one last told"
                assert levels or change.before == before
                told[change.sku] = change.after
            assert taken == offered
            assert not merged or page > 1
        else:
            sku, after = doing
            before, promised[sku] = promised[sku], after
            offered += kind_of(levels, before, after) is not None
            mailbox.offer(Change(b"7", sku, before, after), page)
    for sku in CELLS:
        assert (levels.of(told[sku]) == levels.of(promised[sku])) if levels else told[sku] == promised[sku]


@given(st.integers(1, 5))
def test_what_waits_is_merged_cell_by_cell(pages: int) -> None:
    mailbox = Mailbox(None)
    for page in range(1, pages + 1):
        for sku in CELLS:
            mailbox.offer(Change(b"7", sku, page - 1, page), page)
    assert len(mailbox) == len(CELLS)
    events, merged = mailbox.take()
    assert [(change.before, change.after) for _, change in events] == [(0, pages)] * len(CELLS)
    assert merged == (pages - 1) * len(CELLS)
    assert mailbox.take() == ([], 0)


def test_one_page_is_told_change_by_change_up_to_a_limit() -> None:
    mailbox = Mailbox(None)
    for units in range(WATCH_EVENTS_UNMERGED + 10):
        mailbox.offer(Change(b"7", b"0", units, units + 1), 1)
    events, merged = mailbox.take()
    assert (len(events), merged) == (WATCH_EVENTS_UNMERGED, 10)
    assert events[-1][1].after == WATCH_EVENTS_UNMERGED + 10


def test_what_went_away_and_came_back_is_told_as_merged() -> None:
    mailbox = Mailbox(LEVELS)
    mailbox.offer(Change(b"7", b"0", 8, 0), 1)
    mailbox.offer(Change(b"7", b"0", 0, 7), 2)
    assert mailbox.take() == ([], 2)


@given(quantities, quantities)
def test_levels_are_crossed_or_not(before: int, after: int) -> None:
    kind = kind_of(LEVELS, before, after)
    sides = [0 if n == 0 else 1 if n <= 2 else 2 if n <= 4 else 3 if n <= 6 else 4 for n in (before, after)]
    assert (kind is None) == (sides[0] == sides[1])
    if kind is not None:
        names = list(EventKind)[1:6]
        assert kind == (EventKind.BACK_IN_STOCK if before == 0 else names[sides[1]])


names = st.sampled_from([b"0", b"1", b"2", b"3"])
some = st.one_of(st.none(), st.frozensets(names))
selections = st.tuples(some, some).filter(lambda pair: pair != (None, None)).map(lambda pair: Selection(*pair))


@given(st.lists(selections, max_size=8), st.data())
def test_who_watches_a_cell_is_found_once(watched: list[Selection], data: st.DataObject) -> None:
    interest: Interest[int] = Interest()
    for number, selection in enumerate(watched):
        interest.add(selection, number)
    gone = data.draw(st.sets(st.integers(0, 7)))
    for number, selection in enumerate(watched):
        if number in gone:
            interest.remove(selection, number)
    for node in (b"0", b"1", b"9"):
        for sku in (b"0", b"2", b"9"):
            expected = [n for n, selection in enumerate(watched) if n not in gone and selection.has(node, sku)]
            assert sorted(interest.of(node, sku)) == expected
