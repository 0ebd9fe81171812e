"""The sorts of a rule as the kernel compares plans: for each sort one number of every lane, less is better.

A plan's value is the sum over the lanes of its shipments. What is not known of a node comes last.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from promessa import kernel
from promessa.domain.errors import FailedPrecondition
from promessa.domain.policy import OF_LANES, WORDS, Fact, Mode, PolicyVersion, Sort
from promessa.service.node_facts import Facts

RULES_MODE = "sort_keys" in kernel.Rules.__dataclass_fields__
"""Whether the kernel compares plans by sorts."""

COST_LEVEL: Any = getattr(kernel, "COST_LEVEL", None)
"""Stands for the plan's cost among the columns."""


def beyond_kernel(version: PolicyVersion) -> FailedPrecondition | None:
    """Why the kernel cannot decide by a version, None if it can."""
    if RULES_MODE or version.policy.mode != Mode.RULES:
        return None
    rule = "is rules, and this version of promessa decides by mode cost alone."
    return FailedPrecondition(
        "POLICY_UNFIT",
        f"Version {version.version} of policy {version.policy_id!r} cannot decide: mode {rule} Create a version in mode cost.",
        policy_id=version.policy_id,
        version=version.version,
        field="mode",
        rule=rule,
    )


def sort_columns(sorts: Sequence[Sort], facts: Facts) -> list[Any]:
    """A column for each sort, the first counts most; COST_LEVEL for one by cost."""
    return [COST_LEVEL if sort.by == Fact.COST else array("q", lane_column(sort, facts)) for sort in sorts]


def lane_column(sort: Sort, facts: Facts) -> list[int]:
    """A number of every lane for a sort by anything but cost."""
    destination = facts.destination
    if sort.by == Fact.SHIPMENTS:
        return [1] * len(destination.lanes)
    if sort.by in OF_LANES:
        return banded(facts.lanes(sort.by), sort)
    if sort.by in WORDS:
        places = facts.words.places(sort)
        last = len(sort.prefer)
        joint = destination.joint
        origins = [joint.origins[node] for node in destination.lane_nodes] if joint else destination.lane_nodes
        return [places[node] if node < len(places) else last for node in origins]
    of_nodes = banded(facts.nodes(sort.by, sort.name), sort)
    return [of_nodes[node] for node in destination.lane_nodes]


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
