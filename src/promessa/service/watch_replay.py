"""What a watcher missed: the events between the position of its token and the one where it begins now, from the log.

The log has what cells became, not what they were. So the stretch is read twice: first for what it touches, then for the
events. What it does not touch was before as it is now; what it does is looked up in the entries before it, as far back
as is reasonable. Where that finds nothing, the first event of the cell tells a state, and no quantity before. So do those of
kits that consisted of something else meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence

from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import WATCH_EVENTS_UNMERGED, WATCH_LOOK_BACK_ENTRIES
from promessa.domain.watching import UNKNOWN, Levels
from promessa.service._mailbox import Mailbox
from promessa.service.watch_board import OPEN, STATE_FIELDS, Board, Change, Parts
from promessa.service.watch_selection import Selection
from promessa.store.event_log import POOLS, Entry, EventLog, Stretches, version_in


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
) -> AsyncGenerator[tuple[Mailbox, list[int]], None]:
    """The events of a selection, in order, each time in a mailbox that is to be emptied, with the positions after them.

    `board` is the caller's own, with the selection at `until`; it is used up. Positions are as the follower's. Raises
    FailedPrecondition (RESUME_TOKEN_EXPIRED).
    """
    if any(had > have for had, have in zip(since, until, strict=True)):
        raise expired("The store has less than it had.")
    positions, mailbox = list(since), Mailbox(levels, unmerged=WATCH_EVENTS_UNMERGED)
    try:
        async with log.stretches() as stretches:
            states = await _kits_that_changed(log, stretches, board, selection, since=since, until=until)
            for number in range(log.partitions):
                await _turn_back(stretches, board, selection, number, positions[number], until[number])
                here = frozenset(node for node in board.nodes if int(node) % log.partitions == number)
                board.settle_kits(Selection(here, selection.skus), selection.has)
                async for page in stretches.between(number, positions[number], until[number]):
                    for sequence, flat in page:
                        changes = board.apply(flat, selection.has)
                        _offer(mailbox, (change for change in changes if selection.has(change[0].node, change[0].sku)))
                        positions[number] = sequence
                        if len(mailbox) >= WATCH_EVENTS_UNMERGED:
                            yield mailbox, positions
            positions[log.catalogue] = until[log.catalogue]
            _offer(mailbox, states)
            if mailbox:
                yield mailbox, positions
    except LookupError as error:
        raise expired(str(error)) from error


def _offer(mailbox: Mailbox, changes: Iterable[Change]) -> None:
    for change in changes:
        mailbox.offer(*change)


# Kits ---------------------------------------------------------------------------------------------------------------------


async def _kits_that_changed(
    log: EventLog,
    stretches: Stretches,
    board: Board,
    selection: Selection,
    *,
    since: Sequence[int],
    until: Sequence[int],
) -> list[Change]:
    """The states of kits that may have consisted of something else before, or are none any more; they leave the board."""
    first, last = since[log.catalogue], until[log.catalogue]
    recipes: dict[bytes, set[Parts]] = {}
    async for page in stretches.between(log.catalogue, first, last):
        for sku, parts in _recipes(log, page, selection):
            recipes.setdefault(sku, set()).add(parts)
    sought = set(recipes)
    if sought:
        async for page in stretches.back_from(log.catalogue, first, entries_max=WATCH_LOOK_BACK_ENTRIES):
            for sku, parts in reversed(_recipes(log, reversed(page), selection)):
                if sku in sought:
                    sought.remove(sku)
                    recipes[sku].add(parts)
            if not sought:
                break
    changed = {sku for sku, found in recipes.items() if any(found) and (len(found) > 1 or sku in sought)}
    return board.take_kits_off(selection, changed)


def _recipes(log: EventLog, page: Iterable[Entry], selection: Selection) -> list[tuple[bytes, Parts]]:
    """What entries of the catalogue's log say that skus consist of, in order."""
    return [
        (sku, parts)
        for kind, index, _, _, parts in log.catalogue_changes(list(page))
        if kind == "sku" and selection.has_sku(sku := b"%d" % index)
    ]


# Turning back -------------------------------------------------------------------------------------------------------------


async def _turn_back(
    stretches: Stretches, board: Board, selection: Selection, number: int, since: int, until: int
) -> None:
    """Make the board what it was before a stretch of one partition."""
    touched: dict[bytes, bytes] = {}
    async for page in stretches.between(number, since, until):
        for name, value in _fields(page, board, selection):
            touched.setdefault(name, value)
    for name, value in touched.items():
        _put_before(board, name, value)
    sought = {name for name, value in touched.items() if _may_have_been(name, value)}
    before: dict[bytes, bytes] = {}
    if sought:
        async for page in stretches.back_from(number, since, entries_max=WATCH_LOOK_BACK_ENTRIES):
            for name, value in reversed(_fields(reversed(page), board, selection)):
                if name in sought:
                    sought.remove(name)
                    before[name] = value
            if not sought:
                break
    for name, value in sorted(before.items(), key=lambda found: not found[0].startswith(POOLS)):
        _put(board, name, value)  # pools before their cells
    for name in sought:
        if name.startswith(STATE_FIELDS):
            board.put_unsure(name)


def _may_have_been(name: bytes, first: bytes) -> bool:
    """Whether the log may have what a field was before its first value of a stretch."""
    return name.startswith((*STATE_FIELDS, POOLS)) or version_in(first) > 1


def _put(board: Board, name: bytes, value: bytes) -> None:
    if name.startswith(STATE_FIELDS):
        board.put_state(name, value)
    elif name.startswith(POOLS):
        board.put_pools(name[len(POOLS) :], value)
    else:
        node, _, sku = name.partition(b":")
        board.put_value(node, sku, value)


def _put_before(board: Board, name: bytes, first: bytes) -> None:
    """What a field was before its first value of the stretch, as far as that value tells."""
    if name.startswith(STATE_FIELDS):
        board.put_state(name, b"" if first in OPEN else OPEN[0])
    elif name.startswith(POOLS):
        board.lose_pools(name[len(POOLS) :])
    else:
        node, _, sku = name.partition(b":")
        board.put_cell(node, sku, 0 if version_in(first) == 1 else UNKNOWN)


def _fields(page: Iterable[Entry], board: Board, selection: Selection) -> list[tuple[bytes, bytes]]:
    """The fields of entries that a selection is about, with their values, in order."""
    found = []
    for _, flat in page:
        for i in range(2, len(flat) - 1, 2):
            name = flat[i]
            if name.startswith(STATE_FIELDS):
                if selection.has_node(name[2:]):
                    found.append((name, flat[i + 1]))
            elif name[:1].isdigit() or (board.has_pools and name.startswith(POOLS)):
                node, _, sku = name.removeprefix(POOLS).partition(b":")
                if board.needs(node, sku, selection):
                    found.append((name, flat[i + 1]))
    return found
