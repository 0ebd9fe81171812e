"""The native module: cells as the store keeps them, and the fold of their event log. Loops over millions, for the audit.

Cells come in flat lists of fields and values as the store gives them, `<node>:<sku>` and their counts in MessagePack; what
is no cell is passed over. A Cell is (node, sku). Raises ValueError for a cell that is none.
"""

from array import array
from collections.abc import Callable

Cell = tuple[int, int]
Problem = tuple[str, Cell, int, int, bytes]
"""("LOG_VERSION", cell, version, version before, b"") or ("OVERSOLD", cell, units too many, 0, reference of the hold)."""

def doubts(flat: list[bytes], held: dict[Cell, int], committed: dict[Cell, int]) -> list[Cell]:
    """Cells whose held or committed units are not these sums."""

def apart(flat: list[bytes], active: bytes, shown: Callable[[array[int]], array[int]]) -> list[Cell]:
    """Cells that promise something else than `shown` ("q") of all of them ("Q": node << 32 | sku). `active` has a byte for each
    node; one without or with 0 promises nothing."""

class Ledger:
    """The cells of one partition, and the fold of its event log: first take cells, then add entries in order."""

    @property
    def count(self) -> int:
        """Cells taken."""
    @property
    def deficits(self) -> int:
        """Cells taken that promise more than they have."""
    def take(self, flat: list[bytes]) -> None:
        """Cells as they were read; of one that comes again the last counts."""
    def add(self, flat: list[bytes]) -> list[Problem] | None:
        """Fold one entry of the log; what is wrong with it."""
    def named(self) -> list[bytes]:
        """The fields of cells that entries named."""
    def unsaid(self, whole: bool, at: int, most: int) -> tuple[list[tuple[Cell, tuple[int, ...]]], int]:
        """Cells taken, and their counts, that no entry says to be what they are: those at the next `most` places, and where
        to go on; begin with 0, end with -1. What no entry names counts if `whole`: the entries began with the first one.
        """
    def __contains__(self, cell: Cell) -> bool:
        """Whether a cell was taken."""
    def counts(self, cell: Cell) -> tuple[int, ...] | None:
        """The counts of a cell, in the order of StockCell, -1 where it has no pools; None if it was not taken."""
    def ring_fenced(self) -> list[Cell]:
        """Cells taken that say that they have pools."""
