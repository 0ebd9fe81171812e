"""What is in force from one instant until another: of two versions of a thing, the one that an order's instant asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

FOR_EVER_MS = 1 << 62


class Dated(Protocol):
    """Something in force from an instant on (0: since ever) and before another (0: for ever), in ms."""

    @property
    def valid_from_ms(self) -> int: ...
    @property
    def valid_until_ms(self) -> int: ...


def is_valid(thing: Dated, now_ms: int) -> bool:
    """Whether it is in force at an instant."""
    return thing.valid_from_ms <= now_ms and (not thing.valid_until_ms or now_ms < thing.valid_until_ms)


def overlap(one: Dated, other: Dated) -> bool:
    """Whether there is an instant at which both are in force."""
    return one.valid_from_ms < (other.valid_until_ms or FOR_EVER_MS) and other.valid_from_ms < (
        one.valid_until_ms or FOR_EVER_MS
    )


def span_around(now_ms: int, things: Iterable[Dated]) -> tuple[int, int]:
    """The span around an instant in which nothing comes into force and nothing ceases to be."""
    start, end = 0, FOR_EVER_MS
    for thing in things:
        for turn in (thing.valid_from_ms, thing.valid_until_ms):
            if turn and turn <= now_ms:
                start = max(start, turn)
            elif turn:
                end = min(end, turn)
    return start, end
