"""Stock confidence: which share of the units in the books is really there, by node and stock class.

Whoever goes to a shelf for units tells how many were there. Each check is evidence for a share p of units found, with a Beta
prior, so that a node nobody looked at has PRIOR_CONFIDENCE and one with much evidence its own share (the posterior mean of
the beta-binomial model: Gelman et al., Bayesian Data Analysis, section 2.4). Evidence halves every HALF_LIFE_MS, for shelves
and people change:

    confidence = (found + PRIOR_FOUND) / (found + missing + PRIOR_FOUND + PRIOR_MISSING)

Units here are thousandths of units, so that the store and this module count in integers and agree.
"""

from __future__ import annotations

from typing import NamedTuple

DAY_MS = 24 * 3600 * 1000
HALF_LIFE_MS = 60 * DAY_MS
"""A season: what was found before weighs half."""

CHECK_UNITS_MAX = 100
"""One check weighs at most so many units: one count of a full shelf is not a hundred visits."""

PRIOR_FOUND, PRIOR_MISSING = 19_000, 1_000
"""As if 20 units had been looked for and 19 found: a common accuracy of records in shops."""

SHARE = 1_000
"""Confidence is told in thousandths."""


class Evidence(NamedTuple):
    """Thousandths of units that were found and missing, as they weigh at an instant (ms since the epoch)."""

    found: int = 0
    missing: int = 0
    at_ms: int = 0

    def at(self, now_ms: int) -> Evidence:
        """What it weighs later."""
        left = 0.5 ** (max(now_ms - self.at_ms, 0) / HALF_LIFE_MS)
        return Evidence(round_half_up(self.found * left), round_half_up(self.missing * left), max(now_ms, self.at_ms))

    def with_check(self, found: int, missing: int, now_ms: int) -> Evidence:
        """With what a check tells, as weight_of gives it."""
        then = self.at(now_ms)
        return Evidence(then.found + found, then.missing + missing, then.at_ms)

    @property
    def confidence(self) -> int:
        """The share of units that are there, in thousandths, rounded down."""
        found = self.found + PRIOR_FOUND
        return found * SHARE // (found + self.missing + PRIOR_MISSING)


def weight_of(looked_for: int, found: int) -> tuple[int, int]:
    """Thousandths of units found and missing that a check stands for. 0 <= found <= looked_for, 1 <= looked_for."""
    weight = min(looked_for, CHECK_UNITS_MAX) * 1_000
    present = weight * found // looked_for
    return present, weight - present


def expected_sellable(available: int, confidence: int, safety_stock: int = 0) -> int:
    """Units that are probably there of those that may be promised, rounded down: what is missing is missing of the safety
    stock first."""
    return min(available, (available + safety_stock) * confidence // SHARE)


def round_half_up(value: float) -> int:
    """The nearest integer; as the store rounds."""
    return int(value + 0.5)
