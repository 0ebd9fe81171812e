"""What clients saw and what the store wrote: the two sides of a history."""

from __future__ import annotations

from dataclasses import dataclass, field

Cell = str
"""`<node index>:<sku index>`, as the log names it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a cell after a step."""

    on_hand: int = 0
    unavailable: int = 0
    safety_stock: int = 0
    held: int = 0
    committed: int = 0

    @property
    def available(self) -> int:
        return self.on_hand - self.unavailable - self.safety_stock - self.held - self.committed


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one cell, as the event log has it. `reference` is the reservation, or the request of a feed."""

    cell: Cell
    version: int
    kind: str
    reference: str
    partition: int
    sequence: int
    at_ms: int
    after: Counts


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client. Instants are of one clock, in ns; `end` is None where no answer came.

    kind       reserve, confirm, release, fulfill, adjust or read
    reference  the reservation, or the request of an adjustment
    wanted     units asked for, by cell
    outcome    ok, refused (short of stock), or unknown
    effects    units granted or moved, by cell, that the answer told
    positions  sequence by partition, of the token of a change or the freshness of a read
    available  what a read answered, by cell
    answer     the bytes of the answer, to compare those of one request id
    expires_ms when a hold ends by itself
    """

    client: int
    start: int
    end: int | None
    kind: str
    reference: str
    request_id: str
    wanted: dict[Cell, int]
    outcome: str
    effects: dict[Cell, int] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)
    available: dict[Cell, int] = field(default_factory=dict)
    answer: bytes = b""
    expires_ms: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """Everything that happened in one run. `before` has the cells as they were when the first call began."""

    steps: list[Step]
    calls: list[Call]
    partitions: int
    before: dict[Cell, tuple[int, Counts]]
    """Version and counts."""
