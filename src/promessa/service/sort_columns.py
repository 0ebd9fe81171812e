"""The sorts of a rule as the levels that the kernel compares plans by: for each sort a number of every lane, less is better.

What can be added up counts as the sum over a plan's shipments: kilometres, money, refusals, places in a list of words,
turns. What cannot (days until something arrives, and whatever is best when it is largest) counts by the worst of them:
an order has arrived with its last shipment, and two nodes that are half full are no full one. What is not known of a
node comes after everything known: one such shipment is worse than any number of others.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from promessa.domain.policy import OF_LANES, WORDS, WORST_COUNTS, Fact, Sort
from promessa.kernel import Level, LevelKind
from promessa.kernel._kernel import MAX_SHIPMENTS
from promessa.service.node_facts import Facts

_OF_PLANS = {Fact.COST: LevelKind.COST, Fact.SHIPMENTS: LevelKind.SHIPMENTS}


def sort_levels(sorts: Sequence[Sort], facts: Facts) -> list[Level]:
    """A level for each sort, the first counts most."""
    return [_level(sort, facts) for sort in sorts]


def _level(sort: Sort, facts: Facts) -> Level:
    of_plan = _OF_PLANS.get(sort.by)
    if of_plan is not None:
        return Level(of_plan)
    kind = LevelKind.WORST if worst_counts(sort) else LevelKind.SUM
    return Level(kind, array("q", lane_column(sort, facts)))


def worst_counts(sort: Sort) -> bool:
    """Whether a plan is as good as its worst shipment, rather than all of them together."""
    return sort.largest_first or sort.by in WORST_COUNTS


def lane_column(sort: Sort, facts: Facts) -> list[int]:
    """A number of every lane for a sort by a fact of nodes or lanes."""
    destination = facts.destination
    if sort.by in OF_LANES:
        return banded(facts.lanes(sort.by), sort)
    if sort.by in WORDS:
        places = facts.words.places(sort)
        last = len(sort.prefer)
        return [places[node] if node < len(places) else last for node in destination.lane_nodes]
    of_nodes = banded(facts.nodes(sort.by, sort.name), sort)
    return [of_nodes[node] for node in destination.lane_nodes]


def banded(values: Sequence[int | None], sort: Sort) -> list[int]:
    """Values of nodes or lanes as a sort compares them: by bands, and turned round where the largest is first."""
    band = sort.band or 1
    known = [value // band for value in values if value is not None]
    if not known:
        return [0] * len(values)
    last = max(known)
    unknown = last + 1 if worst_counts(sort) else last * MAX_SHIPMENTS + 1
    if sort.largest_first:
        return [unknown if value is None else last - value // band for value in values]
    return [unknown if value is None else value // band for value in values]
