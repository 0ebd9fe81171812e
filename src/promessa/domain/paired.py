"""What a difference between two ways to decide the same orders amounts to, and how sure that is.

Both ways decide the same orders on the same stock, so that what differs is the ways alone, and of each order only its
difference counts: the paired-t interval under common random numbers (A. Law, Simulation Modeling and Analysis, 5th ed.,
10.2.1 and 11.2). Orders that share stock depend on each other, so it is not taken over orders but over means of batches of
consecutive ones (non-overlapping batch means, same book, 9.5.3; 10 to 30 batches: B. Schmeiser, Operations Research 30,
1982):

    difference = sum of all orders' differences / orders
    interval   = difference +- t(0.975, 29) x sqrt(sum over 30 batches of (mean of a batch - difference)^2 / (30 x 29))

Sums are of whole numbers and nothing is drawn at random, so the same orders give the same interval to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

BATCHES = 30
"""Batches of an interval, and so the fewest orders that one is told for."""

T_975_29 = 2.045229642
"""Of Student's distribution with 29 degrees of freedom 2.5 % lie above it."""


class Difference(NamedTuple):
    """A mean difference per order, and between what it lies in 95 of 100 cases; None where orders are too few to say."""

    mean: float
    low: float | None
    high: float | None


@dataclass(slots=True)
class PairedDifferences:
    """Differences between two decisions of the same orders, of any number of measures. Those of 0 take no room."""

    pairs: int = 0
    _of: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, differences: dict[str, int]) -> None:
        """One more order, with what differs of it by measure."""
        for measure, difference in differences.items():
            if difference:
                self._of.setdefault(measure, []).append((self.pairs, difference))
        self.pairs += 1

    def of(self, measure: str) -> Difference:
        """The difference of one measure over all orders so far."""
        n, known = self.pairs, self._of.get(measure, [])
        if not n:
            return Difference(0.0, None, None)
        mean = sum(each for _, each in known) / n
        if n < BATCHES:
            return Difference(mean, None, None)
        sums = [0] * BATCHES
        for position, each in known:
            sums[position * BATCHES // n] += each
        sizes = [_first(i + 1, n) - _first(i, n) for i in range(BATCHES)]
        spread = sum((total / size - mean) ** 2 for total, size in zip(sums, sizes, strict=True))
        half = T_975_29 * sqrt(spread / (BATCHES * (BATCHES - 1)))
        return Difference(mean, mean - half, mean + half)


def _first(batch: int, n: int) -> int:
    """The first of n positions that position * BATCHES // n puts into a batch."""
    return -(-batch * n // BATCHES)
