"""What is counted at every call, kept in the process and told to the metrics now and then.

A value that all processes share costs a call as much as some of its steps; a tally costs next to nothing. What a worker that is
killed had not told is lost, less than a second of counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Protocol

import structlog
from prometheus_client import Counter, Histogram

log = structlog.get_logger()


class Tally(Protocol):
    """Something that is counted."""

    def tell(self) -> None:
        """Let the metrics know of all that was counted since."""


class Count:
    """A counter that rises often: add to `amount`."""

    __slots__ = ("_counter", "amount")

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.amount = 0

    def tell(self) -> None:
        amount, self.amount = self.amount, 0
        if amount:
            self._counter.inc(amount)


class Seconds:
    """A histogram of times that are measured often: `note` takes the seconds of one."""

    __slots__ = ("_histogram", "_noted", "note")

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._noted: list[float] = []
        self.note: Callable[[float], None] = self._noted.append

    def tell(self) -> None:
        noted = self._noted.copy()
        self._noted.clear()  # the list itself is what `note` adds to
        if not noted:
            return
        # As Histogram.observe does for each of them: a value of its own counts each bucket.
        bounds, buckets = self._histogram._upper_bounds, self._histogram._buckets
        self._histogram._sum.inc(sum(noted))
        in_bucket = [0] * len(bounds)
        for seconds in noted:
            in_bucket[bisect_left(bounds, seconds)] += 1
        for bucket, count in zip(buckets, in_bucket, strict=True):
            if count:
                bucket.inc(count)


_all: list[Tally] = []


def count(counter: Counter) -> Count:
    """A tally for a counter."""
    _all.append(found := Count(counter))
    return found


def seconds(histogram: Histogram) -> Seconds:
    """A tally for a histogram of seconds."""
    _all.append(found := Seconds(histogram))
    return found


async def tell_all() -> None:
    """Tell what was counted since this was last done. A coroutine, to be called now and then as others are.

    A tally that cannot be told loses what it had; the others are told all the same.
    """
    for tally in _all:
        try:
            tally.tell()
        except Exception as error:
            log.debug("skipped", act="tell", error=str(error))
