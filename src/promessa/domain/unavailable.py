"""Why units cannot be sold: reasons everybody has, and the owner's own."""

from __future__ import annotations

from dataclasses import dataclass

SELLABLE = ""
"""No reason: units that can be sold."""

UNSPECIFIED = "unspecified"
"""Units that a count found unavailable without a reason."""

NOT_FOUND = "not_found"
"""Units of a cell in which somebody looked for some in vain: nothing of it is believed until it is counted."""

DAMAGED, QUARANTINE = "damaged", "quarantine"

COMMON_REASONS = (DAMAGED, QUARANTINE, "display", NOT_FOUND, UNSPECIFIED)

Reasons = tuple[tuple[str, int], ...]
"""Units by reason, in the order of reasons; what they do not explain is UNSPECIFIED."""


@dataclass(frozen=True, slots=True)
class UnavailableReason:
    """A reason of the owner's own."""

    reason_id: str
    name: str = ""


def with_unspecified(reasons: Reasons, unavailable: int) -> Reasons:
    """The reasons of all unavailable units of a cell."""
    rest = unavailable - sum(units for _, units in reasons)
    return tuple(sorted((*reasons, (UNSPECIFIED, rest)))) if rest else reasons
