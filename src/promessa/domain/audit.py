"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where the books do not agree."""

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class WrongSums:
    """A cell whose held or committed units are not the sum of its reservations' open units.

    `version` is the cell's when it was found wrong; `held` and `committed` are what they should be.
    """

    node_ix: int
    sku_ix: int
    subject: str
    version: int
    found: tuple[int, int]
    held: int
    committed: int


@dataclass(frozen=True, slots=True)
class WrongDraws:
    """An allocation pool of which reservations have drawn another number of units than it counts."""

    node_ix: int
    sku_ix: int
    channel: str
    subject: str
    found: int
    drawn: int


@dataclass(frozen=True, slots=True)
class WrongOwner:
    """A count of what an owner holds that is not the sum of the owner's reservations; `field` is the store's."""

    field: str
    subject: str
    found: int
    right: int


@dataclass(slots=True)
class AuditReport:
    """Counts of what was checked, the first `violations_max` violations, and what of all can be repaired."""

    violations_max: int
    cell_count: int = 0
    reservation_count: int = 0
    event_count: int = 0
    deficit_cell_count: int = 0
    inbound_count: int = 0
    order_count: int = 0
    violation_count: int = 0
    violations: list[Violation] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """The sequence of every partition when the audit began: what came up to there was checked."""
    replica_missed: str = ""
    """Why the replica was not compared, or not with all; empty if it was."""
    wrong_sums: list[WrongSums] = field(default_factory=list)
    wrong_draws: list[WrongDraws] = field(default_factory=list)
    wrong_owners: list[WrongOwner] = field(default_factory=list)
    wrong_due: list[str] = field(default_factory=list)
    """Holds that the due index does not know, or knows with another end."""
    wrong_orders: dict[str, set[int]] = field(default_factory=dict)
    """Orders that an index does not know, or knows wrongly, with nodes that have something to do for them by it."""

    def add(self, invariant: str, subject: str, detail: str) -> None:
        """Count a violation, and list it if there is room."""
        self.violation_count += 1
        if len(self.violations) < self.violations_max:
            self.violations.append(Violation(invariant, subject, detail))
