"""What waits for a slow watcher: bounded by its cells, in order, and honest about what was merged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.stock import ATP_INFINITE, ATP_MADE_TO_ORDER
from promessa.domain.watching import UNKNOWN, EventKind, Levels, kind_of
from promessa.service._mailbox import Cell, Mailbox, offer
from promessa.service.watch_selection import Interest, Selection
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av

SKUS = (b"0", b"1", b"2")
LEVELS = Levels(2, 4, 6)
quantities = st.integers(0, 8)
steps = st.lists(st.one_of(st.just("take"), st.tuples(st.sampled_from(SKUS), quantities)), max_size=60)


def label(node: bytes, sku: bytes) -> bytes:
    return nouns.AvailabilityEvent(sku=sku.decode(), node_id=node.decode()).SerializeToString()


def taken(mailbox: Mailbox) -> tuple[list[nouns.AvailabilityEvent], int]:
    raw, count, merged = mailbox.take(label)
    events = list(av.WatchAvailabilityResponse.FromString(raw).events)
    assert len(events) == count
    return events, merged


@given(steps, st.sampled_from([None, LEVELS, Levels(), Levels(high=3)]), st.integers(0, 20))
def test_whatever_the_pace_nothing_is_lost_repeated_or_disordered(
    doings: list[str | tuple[bytes, int]], levels: Levels | None, unmerged: int
) -> None:
    mailbox = Mailbox(levels, unmerged=unmerged)
    cells = {sku: Cell(b"7", sku, 0) for sku in SKUS}
    promised, told, offered, got = dict.fromkeys(SKUS, 5), dict.fromkeys(SKUS, 5), 0, 0
    for doing in [*doings, "take"]:
        if doing == "take":
            waited = len(mailbox)
            events, merged = taken(mailbox)
            got += len(events) + merged
            for event in events:
                sku = event.sku.encode()
                before = told[sku]
                assert event.kind == kind_of(levels, before, event.available_quantity), (
                    "it goes on from the one last told"
                )
                assert levels or event.available_quantity_before == before
                told[sku] = event.available_quantity
            assert got == offered
            assert not merged or waited >= unmerged
        else:
            sku, after = doing
            before, promised[sku] = promised[sku], after
            offered += kind_of(levels, before, after) is not None
            mailbox.offer(cells[sku], before, after)
            assert len(mailbox) <= unmerged + len(SKUS)
    for sku in SKUS:
        assert (levels.of(told[sku]) == levels.of(promised[sku])) if levels else told[sku] == promised[sku]


def test_what_waits_is_merged_cell_by_cell_and_takes_no_more_memory() -> None:
    cells = [Cell(b"7", b"%d" % sku, 0) for sku in range(5_000)]
    mailbox = Mailbox(None, unmerged=10)
    empty = mailbox.memory
    for cell in cells:
        mailbox.offer(cell, 0, 1)
    once = mailbox.memory
    for units in range(1, 20):
        for cell in cells:
            mailbox.offer(cell, units, units + 1)
    assert (len(mailbox), mailbox.memory) == (5_000, once)
    assert once <= 128 * len(cells)
    events, merged = taken(mailbox)
    assert [(event.available_quantity_before, event.available_quantity) for event in events] == [(0, 20)] * len(cells)
    assert merged == 19 * len(cells)
    assert taken(mailbox) == ([], 0)
    assert mailbox.memory == empty


def test_what_went_away_and_came_back_is_told_as_merged() -> None:
    mailbox, cell = Mailbox(LEVELS, unmerged=1), Cell(b"7", b"0", 0)
    mailbox.offer(cell, 8, 0)
    mailbox.offer(cell, 0, 7)
    assert taken(mailbox) == ([], 2)


units = st.one_of(quantities, st.integers(0, 10**12), st.sampled_from([ATP_INFINITE, ATP_MADE_TO_ORDER]))


@given(st.one_of(st.just(UNKNOWN), units), units, st.sampled_from([None, LEVELS, Levels(high=10**9)]), st.text("aZ/-ü"))
def test_the_bytes_are_those_of_the_message(before: int, after: int, levels: Levels | None, sku: str) -> None:
    def named(node: bytes, _: bytes) -> bytes:
        return nouns.AvailabilityEvent(sku=sku, node_id=node.decode()).SerializeToString()

    mailbox = Mailbox(levels, unmerged=1)
    mailbox.offer(Cell(b"7", b"0", 0), before, after)
    kind = kind_of(levels, before, after)
    raw, count, _ = mailbox.take(named)
    assert count == (kind is not None)
    if kind is None:
        return
    event = nouns.AvailabilityEvent(
        kind=int(kind), sku=sku, node_id="7", available_quantity=shown(after), status=status(after)
    )
    if before != UNKNOWN:
        event.available_quantity_before, event.status_before = shown(before), status(before)
    assert raw == av.WatchAvailabilityResponse(events=[event]).SerializeToString(deterministic=True)


def shown(n: int) -> int:
    return 0 if n >= ATP_MADE_TO_ORDER else n


def status(n: int) -> str:
    names = {ATP_INFINITE: "INFINITE", ATP_MADE_TO_ORDER: "MADE_TO_ORDER", 0: "OUT_OF_STOCK"}
    return f"AVAILABILITY_STATUS_{names.get(n, 'AVAILABLE')}"


def test_a_name_that_is_not_known_leaves_everything_waiting() -> None:
    def unknown(node: bytes, sku: bytes) -> bytes:
        raise LookupError(sku)

    mailbox = Mailbox(None, unmerged=1)
    mailbox.offer(Cell(b"7", b"0", 0), 1, 2)
    with pytest.raises(LookupError):
        mailbox.take(unknown)
    events, merged = taken(mailbox)
    assert (len(events), merged) == (1, 0)


def test_only_open_mailboxes_are_offered_to_and_only_who_waited_in_vain_is_told() -> None:
    first, second = Mailbox(None, unmerged=9, owner="first"), Mailbox(None, unmerged=9, owner="second")
    arrived: list[object] = []
    first.open()
    offer([first, second], Cell(b"7", b"0", 0), 1, 2, arrived)
    offer([first, second], Cell(b"7", b"0", 0), 2, 1, arrived)
    offer([first], Cell(b"7", b"0", 0), 1, 1, arrived)
    assert (len(first), len(second), arrived) == (2, 0, ["first"])


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
