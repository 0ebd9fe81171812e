"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where the books do not agree."""

    invariant: str
    subject: str
    detail: str


@dataclass(slots=True)
class AuditReport:
    """Counts of what was checked, and the first `violations_max` violations."""

    violations_max: int
    cell_count: int = 0
    reservation_count: int = 0
    event_count: int = 0
    deficit_cell_count: int = 0
    inbound_count: int = 0
    violation_count: int = 0
    violations: list[Violation] = field(default_factory=list)

    def add(self, invariant: str, subject: str, detail: str) -> None:
        """Count a violation, and list it if there is room."""
        self.violation_count += 1
        if len(self.violations) < self.violations_max:
            self.violations.append(Violation(invariant, subject, detail))
