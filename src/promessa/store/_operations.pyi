"""The native module: what `reserve` asks of the store, as bytes. Every order pays for each of its lines here.

`cells` are flat, node, sku, quantity; `missing` is flat, sku, requested, available, reason.
"""

from collections.abc import Callable, Sequence
from typing import Any

from promessa.domain.reservation import ReservationLine

def reserve_lines(head: bytes, cells: Sequence[int], missing: Sequence[int], partitions: int) -> tuple[bytes, bytes]:
    """The body of a record, and where its cells are (partition, field and units of each, one after the other), in MessagePack.
    `head` is an array of the values before the lines of the body."""

def granted_lines(
    cells: Sequence[int], make: Callable[[tuple[Any, ...]], ReservationLine]
) -> tuple[ReservationLine, ...]:
    """The lines of a reservation that was granted in full; `make` makes one of its values."""
