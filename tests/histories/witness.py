"""Whether a history of concurrent clients is linearizable, by the versions that it carries as witnesses.

Linearizable: there is one order of all calls in which each sees the effects of those before it, and that keeps to real
time. Finding such an order is hard in general; here the store claims one (the versions of each cell, and the sequences
of each partition), so it is enough to check the claim, in O(n log n):

    1. the steps of each cell follow each other, and each is legal after the one before;
    2. every effect a client was told of is a step, once, where its token says, and every step belongs to a call;
    3. of two calls, the one that ended before the other began has the smaller sequence wherever both left one;
    4. what changes nothing (a read, a refusal) is true at some moment between those it must come after and before;
    5. a hold ends by itself at its instant at the earliest, and nothing is confirmed after it;
    6. one request id has one answer.

A call without an answer may have happened or not: the steps say so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from history import Call, Cell, Counts, History, Step

STEP_OF = {"reserve": "hold", "confirm": "confirm", "release": "release", "fulfill": "fulfill", "adjust": "adjust"}


def violations(history: History) -> list[str]:
    """What is wrong with a history, in sentences; nothing if it is linearizable."""
    cells: dict[Cell, list[Step]] = defaultdict(list)
    for step in history.steps:
        cells[step.cell].append(step)
    found: list[str] = []
    for cell, steps in cells.items():
        found += _illegal(cell, steps, *history.before.get(cell, (0, Counts())))
    found += _unaccounted(history)
    found += _out_of_time(history)
    moments = {cell: _Moments(steps, history.before.get(cell, (0, Counts()))[1]) for cell, steps in cells.items()}
    for cell, (_, counts) in history.before.items():
        moments.setdefault(cell, _Moments([], counts))
    found += _never_true(history, moments)
    found += _wrong_ends(history)
    found += _two_answers(history)
    return found


def _illegal(cell: Cell, steps: list[Step], version: int, before: Counts) -> Iterator[str]:
    sequence = 0
    for step in steps:
        if step.version != version + 1:
            yield f"{cell}: version {step.version} comes after {version}"
        if step.sequence < sequence:
            yield f"{cell}: sequence {step.sequence} comes after {sequence}"
        reason = _wrong_change(step, before)
        if reason:
            yield f"{cell} version {step.version}: {step.kind} of {step.reference}: {reason}"
        version, sequence, before = step.version, step.sequence, step.after


def _wrong_change(step: Step, before: Counts) -> str:
    after, units = step.after, _units(step, before)
    if units <= 0:
        return f"moves {units} units"
    expected = {
        "hold": Counts(before.on_hand, before.unavailable, before.safety_stock, before.held + units, before.committed),
        "confirm": Counts(
            before.on_hand, before.unavailable, before.safety_stock, before.held - units, before.committed + units
        ),
        "expire": Counts(
            before.on_hand, before.unavailable, before.safety_stock, before.held - units, before.committed
        ),
        "fulfill": Counts(
            before.on_hand - units, before.unavailable, before.safety_stock, before.held, before.committed - units
        ),
        "adjust": Counts(
            before.on_hand + units, before.unavailable, before.safety_stock, before.held, before.committed
        ),
        "release": Counts(
            before.on_hand,
            before.unavailable,
            before.safety_stock,
            before.held - (units if after.held != before.held else 0),
            before.committed - (units if after.held == before.held else 0),
        ),
    }.get(step.kind)
    if expected is None:
        return "nobody knows such a change"
    if after != expected:
        return f"{before} became {after}"
    if min(after.on_hand, after.held, after.committed) < 0:
        return f"{after} has less than nothing"
    if step.kind == "hold" and units > before.available:
        return f"{units} units of {before.available}"
    return ""


def _units(step: Step, before: Counts) -> int:
    after = step.after
    return {
        "hold": after.held - before.held,
        "confirm": after.committed - before.committed,
        "expire": before.held - after.held,
        "fulfill": before.on_hand - after.on_hand,
        "adjust": after.on_hand - before.on_hand,
        "release": before.held + before.committed - after.held - after.committed,
    }.get(step.kind, 0)


def _unaccounted(history: History) -> Iterator[str]:
    """Effects without a step, steps without an effect, and steps elsewhere than the token says."""
    taken: dict[tuple[str, str], list[tuple[Step, int]]] = defaultdict(list)
    before = {cell: counts for cell, (_, counts) in history.before.items()}
    for step in history.steps:
        taken[step.kind, step.reference].append((step, _units(step, before.get(step.cell, Counts()))))
        before[step.cell] = step.after
    calls: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in history.calls:
        if call.kind in STEP_OF:
            calls[STEP_OF[call.kind], call.reference].append(call)
    first = _first_asked(history)
    for key, found in taken.items():
        if key[0] != "expire" and not any(call.outcome != "refused" for call in calls[key]):
            yield f"{key[0]} of {key[1]} has steps, and no call that could have made them"
        moved = [(step.cell, units) for step, units in found]
        if len({cell for cell, _ in moved}) < len(moved):
            yield f"{key[0]} of {key[1]} changed a cell twice"
    for key, those in calls.items():
        moved_units = {step.cell: units for step, units in taken[key]}
        sequences = {step.partition: step.sequence for step, _ in taken[key]}
        for call in those:
            if call.outcome != "ok":
                continue
            if call.effects != moved_units:
                yield f"{call.kind} {call.reference} told of {call.effects}, and the log of {moved_units}"
            told = {partition: call.positions.get(partition, 0) for partition in sequences}
            again = first[call.request_id] is not call  # its token is of the moment it was answered again
            if told != sequences and not (again and all(told[p] >= sequences[p] for p in sequences)):
                yield f"{call.kind} {call.reference} has the token {told}, and the log {sequences}"


def _out_of_time(history: History) -> Iterator[str]:
    """Calls whose sequences are not in the order of real time."""
    for partition in range(history.partitions):
        here = [call for call in _first_calls(history) if partition in call.positions]
        ended = sorted(here, key=_end)
        latest, at = 0, 0
        for call in sorted(here, key=lambda call: call.start):
            while at < len(ended) and _end(ended[at]) < call.start:
                latest = max(latest, ended[at].positions[partition])
                at += 1
            if call.positions[partition] <= latest:
                yield (
                    f"{call.kind} {call.reference} has sequence {call.positions[partition]} of partition {partition}, "
                    f"and {latest} was answered before it began"
                )


def _first_calls(history: History) -> list[Call]:
    """Acknowledged changes, without retries: theirs may have been made when they were asked for first."""
    first = _first_asked(history).values()
    return [call for call in first if call.end is not None and call.outcome == "ok" and call.kind in STEP_OF]


def _first_asked(history: History) -> dict[str, Call]:
    """The first call of each request id."""
    first: dict[str, Call] = {}
    for call in sorted(history.calls, key=lambda call: call.start):
        first.setdefault(call.request_id, call)
    return first


def _end(call: Call) -> int:
    assert call.end is not None
    return call.end


class _Moments:
    """What could be promised of a cell, by the sequence after which it was so. Several steps may share a sequence."""

    def __init__(self, steps: list[Step], before: Counts) -> None:
        self._sequences = [0, *[step.sequence for step in steps]]
        self._available = [before.available, *[step.after.available for step in steps]]

    def between(self, first: int, last: int) -> list[int]:
        """Every value from the one that holds when `first` is done to the last one of `last`."""
        begin = bisect_right(self._sequences, first) - 1
        return self._available[begin : bisect_right(self._sequences, last)]


class _Window:
    """Per partition: what surely was done before an instant, and what surely was not done at another."""

    def __init__(self, history: History, partition: int) -> None:
        here = [call for call in _first_calls(history) if partition in call.positions]
        ended = sorted((_end(call), call.positions[partition]) for call in here)
        began = sorted((call.start, call.positions[partition]) for call in here)
        self._ends, self._done = [end for end, _ in ended], [0]
        for _, sequence in ended:
            self._done.append(max(self._done[-1], sequence))
        self._starts = [start for start, _ in began]
        self._later = [1 << 62]
        for _, sequence in reversed(began):
            self._later.append(min(self._later[-1], sequence))
        self._later.reverse()

    def of(self, start: int, end: int) -> tuple[int, int]:
        """The greatest sequence done before `start`, and the last that may have been there at `end`."""
        return self._done[bisect_left(self._ends, start)], self._later[bisect_right(self._starts, end)] - 1


def _never_true(history: History, moments: dict[Cell, _Moments]) -> Iterator[str]:
    """Reads that answered what never was, and refusals that stock was there for all the time."""
    asked = _first_asked(history)
    windows = [_Window(history, partition) for partition in range(history.partitions)]

    def possible(call: Call, cell: Cell) -> list[int]:
        partition = int(cell.split(":")[0]) % history.partitions
        first, last = windows[partition].of(asked[call.request_id].start, _end(call))
        if call.kind == "read":
            first = call.positions.get(partition, first)
        return moments[cell].between(first, last) if cell in moments else [0]

    for call in history.calls:
        if call.end is None:
            continue
        for cell, value in call.available.items():
            if value not in {max(0, each) for each in possible(call, cell)}:
                yield f"a read answered {value} for {cell}, and it was {possible(call, cell)}"
        if call.outcome == "refused" and not any(
            min(possible(call, cell), default=units) < units for cell, units in call.wanted.items()
        ):
            yield f"{call.kind} {call.reference} was refused, and there was enough of {list(call.wanted)}"


def _wrong_ends(history: History) -> Iterator[str]:
    ends = {call.reference: call.expires_ms for call in history.calls if call.kind == "reserve" and call.expires_ms}
    for step in history.steps:
        end = ends.get(step.reference)
        if end is None:
            continue
        if step.kind == "expire" and step.at_ms < end:
            yield f"{step.reference} expired {end - step.at_ms} ms too early"
        if step.kind == "confirm" and step.at_ms >= end:
            yield f"{step.reference} was confirmed {step.at_ms - end} ms after its end"


def _two_answers(history: History) -> Iterator[str]:
    answers: dict[str, bytes] = {}
    for call in history.calls:
        if call.end is not None and call.answer and answers.setdefault(call.request_id, call.answer) != call.answer:
            yield f"{call.request_id} was answered in two ways"
