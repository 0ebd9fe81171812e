"""The native module: what waits for a watcher, and the bytes it is told. See ext/mailbox.h."""

from collections.abc import Callable

from promessa.domain.watching import Levels

class Cell:
    """A watched cell, shared by all who watch it: indices of node and sku as the store writes them, and what it promises if
    its node takes orders. UNKNOWN where nobody knows, ATP_INFINITE and ATP_MADE_TO_ORDER where units are not counted."""

    node: bytes
    sku: bytes
    available: int
    def __init__(self, node: bytes, sku: bytes, available: int) -> None: ...

class Mailbox:
    """What one watcher has not yet taken, under its levels: bounded by what it watches, however slow it is.

    The first `unmerged` changes that wait are kept one by one; later ones of a cell that waits are merged into its last.
    """

    owner: object
    """Whose it is."""

    memory: int
    """Bytes taken."""
    def __init__(self, levels: Levels | None, *, unmerged: int, owner: object = None) -> None: ...
    def __len__(self) -> int: ...
    def open(self) -> None:
        """From now on `offer` of the module keeps changes; before, it leaves them out."""

    def offer(self, cell: Cell, before: int, after: int) -> None:
        """Keep a change if it is an event."""

    def take(self, label: Callable[[bytes, bytes], bytes]) -> tuple[bytes, int, int]:
        """All that waits: the events as a WatchAvailabilityResponse with nothing else, how many, and how many are missing
        because they were merged into others, or into nothing.

        `label` makes the fields sku and node_id of an AvailabilityEvent from the node and sku of a cell; it is asked once
        for a cell. What it raises is raised, and then everything still waits.
        """

def offer(mailboxes: list[Mailbox], cell: Cell, before: int, after: int, arrived: list[object]) -> None:
    """Offer a change to all open mailboxes of a list. The owners of those that were empty and are not any more are added to
    `arrived`."""
