"""What a watcher missed: the events between the position of its token and the one where it begins now, from the log.

The log has what cells became, not what they were. So the stretch is read twice: first for what it touches, then for the
events. What it does not touch was before as it is now; what it does is looked up in the entries before it, as far back
as is reasonable. Where that finds nothing, the first event of the cell tells a state, and no quantity before.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence

from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import WATCH_EVENTS_UNMERGED, WATCH_LOOK_BACK_ENTRIES
from promessa.domain.watching import Event, Levels, kind_of
from promessa.service.watch_board import ACTIVE, NODE_FIELD, Board
from promessa.service.watch_selection import Selection
from promessa.store.event_log import Entry, EventLog, Stretches, available_in, version_in

Missed = tuple[list[Event], list[int]]
"""Events, and the positions after them."""


def expired(why: str) -> FailedPrecondition:
    """A token from which nobody can go on."""
    return FailedPrecondition(
        "RESUME_TOKEN_EXPIRED",
        f"{why} What changed since the resume_token is not known any more: watch anew, without it and with "
        "include_initial.",
    )


async def missed(
    log: EventLog,
    board: Board,
    selection: Selection,
    levels: Levels | None,
    *,
    since: Sequence[int],
    until: Sequence[int],
) -> AsyncGenerator[Missed, None]:
    """The events of a selection, in order. `board` is the caller's own, with the selection at `until`; it is used up.

    Raises FailedPrecondition (RESUME_TOKEN_EXPIRED).
    """
    if any(had > have for had, have in zip(since, until, strict=True)):
        raise expired("The store has less than it had.")
    positions = list(since)
    async with log.stretches() as stretches:
        for number, end in enumerate(until):
            try:
                await _turn_back(stretches, board, selection, number, positions[number], end)
                events: list[Event] = []
                async for page in stretches.between(number, positions[number], end):
                    for sequence, flat in page:
                        for change in board.apply(flat, selection.has):
                            if kind := kind_of(levels, change.before, change.after):
                                events.append((kind, change))
                        positions[number] = sequence
                        if len(events) >= WATCH_EVENTS_UNMERGED:
                            yield events, positions
                            events = []
                if events:
                    yield events, positions
            except LookupError as error:
                raise expired(str(error)) from error


async def _turn_back(
    stretches: Stretches, board: Board, selection: Selection, number: int, since: int, until: int
) -> None:
    """Make the board what it was before a stretch of one partition."""
    touched: dict[bytes, bytes] = {}
    async for page in stretches.between(number, since, until):
        for name, value in _fields(page, selection):
            touched.setdefault(name, value)
    for name, value in touched.items():
        _put_before(board, name, value)
    sought = {name for name, value in touched.items() if name.startswith(NODE_FIELD) or version_in(value) > 1}
    if not sought:
        return
    async for page in stretches.back_from(number, since, entries_max=WATCH_LOOK_BACK_ENTRIES):
        for name, value in reversed(_fields(reversed(page), selection)):
            if name in sought:
                sought.remove(name)
                _put(board, name, value)
        if not sought:
            return


def _put(board: Board, name: bytes, value: bytes) -> None:
    if name.startswith(NODE_FIELD):
        board.put_node(name[2:], active=value == ACTIVE)
    else:
        node, _, sku = name.partition(b":")
        board.put_cell(node, sku, available_in(value))


def _put_before(board: Board, name: bytes, first: bytes) -> None:
    """What a field was before its first value of the stretch, as far as that value tells."""
    if name.startswith(NODE_FIELD):
        board.put_node(name[2:], active=first != ACTIVE)
    else:
        node, _, sku = name.partition(b":")
        board.put_cell(node, sku, 0 if version_in(first) == 1 else None)


def _fields(page: Iterable[Entry], selection: Selection) -> list[tuple[bytes, bytes]]:
    """The fields of entries that a selection is about, with their values, in order."""
    found = []
    for _, flat in page:
        for i in range(2, len(flat) - 1, 2):
            name = flat[i]
            if name.startswith(NODE_FIELD):
                if selection.has_node(name[2:]):
                    found.append((name, flat[i + 1]))
            elif name[:1].isdigit():
                node, _, sku = name.partition(b":")
                if selection.has(node, sku):
                    found.append((name, flat[i + 1]))
    return found
