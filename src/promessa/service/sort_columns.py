"""The sorts of a rule as the kernel compares plans: for each sort one number of every lane, less is better.

A plan's value is the sum over the lanes of its shipments. What is not known of a node comes last.
"""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.policy import Sort
from promessa.kernel import Rules

RULES_MODE = "sort_keys" in Rules.__dataclass_fields__
"""Whether the kernel compares plans by sorts."""


def banded(values: Sequence[int | None], sort: Sort) -> list[int]:
    """Values of nodes or lanes as a sort compares them: by bands, and turned round where the largest is first."""
    band = sort.band or 1
    known = [value // band for value in values if value is not None]
    if not known:
        return [0] * len(values)
    last = max(known)
    if sort.largest_first:
        return [last + 1 if value is None else last - value // band for value in values]
    return [last + 1 if value is None else value // band for value in values]
