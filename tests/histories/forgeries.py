"""Good histories made bad, each in one way that a store with a defect would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from history import Call, Counts, History, Step

Forgery = Callable[[History], History]
FORGERIES: list[Forgery] = []


def forgery(forge: Forgery) -> Forgery:
    FORGERIES.append(forge)
    return forge


def step_of(history: History, kind: str, *, last: bool = False) -> Step:
    found = [step for step in history.steps if step.kind == kind]
    return found[-1 if last else 0]


def call_of(history: History, kind: str, outcome: str = "ok") -> Call:
    return next(
        call for call in history.calls if call.kind == kind and call.outcome == outcome and call.end is not None
    )


def with_step(history: History, old: Step, *new: Step) -> History:
    at = history.steps.index(old)
    return replace(history, steps=[*history.steps[:at], *new, *history.steps[at + 1 :]])


def with_call(history: History, old: Call, *new: Call) -> History:
    at = history.calls.index(old)
    return replace(history, calls=[*history.calls[:at], *new, *history.calls[at + 1 :]])


def grown(counts: Counts, **more: int) -> Counts:
    return replace(counts, **{name: getattr(counts, name) + units for name, units in more.items()})


def shift(history: History, cell: str, after: int, **more: int) -> History:
    """All counts of a cell from a version on, as if a change before them had been another."""
    return replace(
        history,
        steps=[
            replace(step, after=grown(step.after, **more)) if step.cell == cell and step.version > after else step
            for step in history.steps
        ],
    )


@forgery
def a_step_is_lost(history: History) -> History:
    return with_step(history, step_of(history, "hold"))


@forgery
def a_step_is_lost_and_nobody_counts_it(history: History) -> History:
    """Versions close up, and counts are as if it had never been."""
    lost = step_of(history, "adjust")
    units = next(call for call in history.calls if call.reference == lost.reference).wanted[lost.cell]
    closed = replace(
        history,
        steps=[
            replace(step, version=step.version - 1, after=grown(step.after, on_hand=-units))
            if step.cell == lost.cell and step.version > lost.version
            else step
            for step in history.steps
        ],
    )
    return with_step(closed, lost)


@forgery
def a_step_is_doubled(history: History) -> History:
    step = step_of(history, "hold")
    return with_step(history, step, step, step)


@forgery
def a_step_is_made_twice(history: History) -> History:
    """A retry took effect again."""
    step = step_of(history, "adjust", last=True)
    units = next(call for call in history.calls if call.reference == step.reference).wanted[step.cell]
    here = [each for each in history.steps if each.cell == step.cell]
    again = replace(
        here[-1], version=here[-1].version + 1, kind="adjust", reference=step.reference,
        after=grown(here[-1].after, on_hand=units),
    )  # fmt: skip
    return replace(history, steps=[*history.steps, again])


@forgery
def two_steps_change_places(history: History) -> History:
    first, second = [step for step in history.steps if step.cell == history.steps[0].cell][:2]
    place = {first: second, second: first}
    return replace(history, steps=[place.get(step, step) for step in history.steps])


@forgery
def a_version_is_left_out(history: History) -> History:
    cell, after = history.steps[0].cell, history.steps[0].version
    return replace(
        history,
        steps=[replace(s, version=s.version + 1) if s.cell == cell and s.version > after else s for s in history.steps],
    )


@forgery
def a_sequence_goes_back(history: History) -> History:
    here = [step for step in history.steps if step.cell == history.steps[0].cell]
    return with_step(history, here[-1], replace(here[-1], sequence=here[0].sequence - 1))


@forgery
def a_hold_takes_one_unit_more(history: History) -> History:
    step = step_of(history, "hold")
    return shift(history, step.cell, step.version - 1, held=1)


@forgery
def a_hold_takes_one_unit_less(history: History) -> History:
    step = step_of(history, "hold")
    return shift(history, step.cell, step.version - 1, held=-1)


@forgery
def more_is_held_than_there_is(history: History) -> History:
    step = step_of(history, "hold")
    return shift(history, step.cell, -1, on_hand=-30)


@forgery
def a_release_gives_back_too_much(history: History) -> History:
    step = step_of(history, "release")
    return shift(history, step.cell, step.version - 1, held=-1)


@forgery
def a_release_gives_back_nothing(history: History) -> History:
    step = step_of(history, "release")
    return with_step(history, step, replace(step, after=_before(history, step)))


@forgery
def a_confirmation_forgets_what_was_held(history: History) -> History:
    step = step_of(history, "confirm")
    return shift(history, step.cell, step.version - 1, held=1)


@forgery
def a_fulfillment_leaves_the_stock(history: History) -> History:
    step = step_of(history, "fulfill")
    return shift(history, step.cell, step.version - 1, on_hand=1)


@forgery
def an_expiry_returns_too_much(history: History) -> History:
    step = step_of(history, "expire")
    return shift(history, step.cell, step.version - 1, held=-1)


@forgery
def a_hold_ends_too_early(history: History) -> History:
    step = step_of(history, "expire")
    return with_step(history, step, replace(step, at_ms=step.at_ms - 5_000))


@forgery
def a_hold_is_confirmed_after_its_end(history: History) -> History:
    step = step_of(history, "confirm")
    return with_step(history, step, replace(step, at_ms=step.at_ms + 3_600_000))


@forgery
def a_change_has_no_name(history: History) -> History:
    step = step_of(history, "adjust")
    return with_step(history, step, replace(step, kind="magic"))


@forgery
def a_step_is_nobodys(history: History) -> History:
    step = step_of(history, "hold")
    return with_step(history, step, replace(step, reference="client-99-000001"))


@forgery
def a_refused_call_took_effect(history: History) -> History:
    call = next(c for c in history.calls if any(s.reference == c.reference and s.kind == "hold" for s in history.steps))
    return with_call(history, call, replace(call, outcome="refused", effects={}, positions={}))


@forgery
def an_acknowledged_change_is_not_in_the_log(history: History) -> History:
    call = call_of(history, "reserve")
    steps = [step for step in history.steps if step.reference != call.reference]
    return replace(history, steps=steps)


@forgery
def half_a_basket_is_in_the_log(history: History) -> History:
    call = next(c for c in history.calls if c.kind == "reserve" and c.outcome == "ok" and len(c.effects) > 1)
    step = next(s for s in history.steps if s.reference == call.reference and s.kind == "hold")
    return with_step(history, step)


@forgery
def an_answer_tells_of_other_units(history: History) -> History:
    call = call_of(history, "reserve")
    return with_call(history, call, replace(call, effects={cell: n + 1 for cell, n in call.effects.items()}))


@forgery
def a_token_is_of_the_past(history: History) -> History:
    call = call_of(history, "reserve")
    return with_call(history, call, replace(call, positions={p: s - 1 for p, s in call.positions.items()}))


@forgery
def a_token_forgets_a_partition(history: History) -> History:
    call = next(c for c in history.calls if c.outcome == "ok" and len(c.positions) > 1 and c.kind == "reserve")
    return with_call(history, call, replace(call, positions=dict(list(call.positions.items())[1:])))


@forgery
def the_first_ended_before_the_second_began_and_comes_after_it(history: History) -> History:
    """The last change of a partition is said to have been over before any other began."""
    changes = [c for c in history.calls if c.kind == "reserve" and c.outcome == "ok"]
    last = max(changes, key=lambda call: max(call.positions.values()))
    start = min(call.start for call in history.calls)
    return with_call(history, last, replace(last, start=start - 20, end=start - 10))


@forgery
def a_change_was_there_before_it_was_asked_for(history: History) -> History:
    changes = [c for c in history.calls if c.kind == "reserve" and c.outcome == "ok"]
    first = min(changes, key=lambda call: max(call.positions.values()))
    end = max(call.end or 0 for call in history.calls)
    return with_call(history, first, replace(first, start=end + 10, end=end + 20))


@forgery
def a_read_answers_what_never_was(history: History) -> History:
    call = call_of(history, "read")
    return with_call(history, call, replace(call, available=dict.fromkeys(call.available, 1000000)))


@forgery
def a_read_is_older_than_its_freshness(history: History) -> History:
    """It answers the first value of a cell that never had it again."""
    for call in reversed([c for c in history.calls if c.kind == "read" and c.positions]):
        for cell in call.available:
            values = [s.after.available for s in history.steps if s.cell == cell]
            start = history.before[cell][1].available
            if start not in values:
                return with_call(history, call, replace(call, available={cell: start}))
    raise AssertionError("every first value came again")


@forgery
def a_read_does_not_see_what_its_client_did(history: History) -> History:
    """A change whose answer it had is not in the answer."""
    reads = [c for c in history.calls if c.kind == "read"]
    last = max(reads, key=lambda call: call.start)
    cell = next(cell for cell in last.available)
    start = history.before[cell][1].available
    sequence = dict.fromkeys(range(history.partitions), 1 << 40)
    return with_call(history, last, replace(last, positions=sequence, available={cell: start + 1}))


@forgery
def a_refusal_though_there_was_stock(history: History) -> History:
    call = call_of(history, "reserve", "refused")
    return with_call(history, call, replace(call, wanted=dict.fromkeys(call.wanted, 0)))


@forgery
def one_request_has_two_answers(history: History) -> History:
    call = call_of(history, "reserve")
    other = replace(call, start=call.start + 1, answer=call.answer + b"\x28\x01")
    return with_call(history, call, call, other)


def _before(history: History, step: Step) -> Counts:
    return next(s.after for s in history.steps if s.cell == step.cell and s.version == step.version - 1)
