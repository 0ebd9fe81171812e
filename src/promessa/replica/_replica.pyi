"""The native module: a replica file in shared memory, its one writer and its readers. See ext/replica.h."""

from array import array
from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any

class Gap(Exception):
    """A log entry that should have come before this one did not. Everything before it is applied."""

    partition: int
    expected: int
    found: int
    def __init__(self, partition: int, expected: int, found: int) -> None: ...

class Renamed(ValueError):
    """An index was to get another id than it has. Indices are given once: the catalogue is that of another data set."""

class _Mapped:
    @property
    def partitions(self) -> int:
        """Logs that are followed, the catalogue's included."""
    @property
    def epoch(self) -> int: ...
    @property
    def ready(self) -> bool:
        """Whether every cell is loaded."""
    def applied(self, partition: int) -> int:
        """Sequence of the last log entry applied. Raises IndexError."""
    @property
    def node_count(self) -> int:
        """One more than the greatest node index named."""
    @property
    def sku_count(self) -> int:
        """One more than the greatest sku index named."""
    def node_id(self, ix: int) -> str:
        """The id of a node, deleted or not. Raises IndexError for an index that was never named."""
    def sku_id(self, ix: int) -> str:
        """The id of a sku, deleted or not. Raises IndexError for an index that was never named."""
    def stats(self) -> dict[str, int]:
        """cells, skus, nodes, bytes of the file in use, and the writer's last heartbeat (CLOCK_MONOTONIC, ns)."""

class Writer(_Mapped):
    """Makes the file anew, in place of an earlier one, whose readers see that it is superseded.

    `partitions` counts the logs that are followed (1 to 257, the catalogue's included). `max_bytes` is the size of the
    sparse file: address space, not memory. Whatever grows raises MemoryError once the file is full, or once the file
    system under it is; what was applied before stays.
    """

    def __init__(self, path: str | PathLike[str], partitions: int, *, max_bytes: int = ...) -> None: ...
    def put_node(self, ix: int, id: bytes, state: int) -> None:
        """Give a node index its id (1 to 64 bytes) and its state: 1 active, 2 paused, 3 deleted.

        Raises Renamed if the index has another id, ValueError for an id or index out of range.
        """
    def put_sku(self, ix: int, id: bytes, state: int = 1) -> None:
        """Give a sku index its id and its state: 1 or 3. Raises as put_node."""
    def put_kit(self, ix: int, parts: Sequence[tuple[bytes, int]]) -> None:
        """Say what a sku consists of: ids of skus named before, and units of each in one kit; at most 64. Nothing: no kit.

        The row of a kit follows those of its components, and cells of its own are passed over. Raises KeyError for a sku
        that is not named.
        """
    def load_cells(self, cells: list[bytes] | dict[bytes, bytes]) -> int:
        """Take over cells as the store has them: field, value, field, value ..., or a dict. Returns their number.

        Raises KeyError for a sku not named before, ValueError for a value that is no cell.
        """
    def apply(self, partition: int, entries: list[Any]) -> int:
        """Apply log entries in order; known ones are passed over. Returns cells applied.

        An entry is [id, [field, value, ...]], or (id, {field: value}), which is slower. Raises Gap, with everything
        before it applied, and KeyError and ValueError as load_cells: then the position stays where it was, and the same
        entries may be applied again.
        """
    def set_position(self, partition: int, sequence: int) -> None:
        """Cells of the partition are loaded as of this log entry, or a later one."""
    def caught_up(self, partition: int, at_ns: int) -> None:
        """The replica equalled the store's head at this moment (CLOCK_MONOTONIC, ns)."""
    def clear(self) -> None:
        """Empty every row; ids stay. Withdraw readiness first: readers would take the emptiness for the truth."""
    def reset(self) -> None:
        """Begin a new, empty file under the same name; readers of the old one see that it is superseded."""
    def set_epoch(self, epoch: int) -> None:
        """Say of which epoch of the data set the cells are; before set_ready."""
    def set_ready(self, ready: bool) -> None:
        """Let readers answer, or have them leave it to the store. An answer under way when it is withdrawn is lost."""
    def heartbeat(self, at_ns: int) -> None:
        """The writer's process was alive at this moment (CLOCK_MONOTONIC, ns)."""
    def close(self) -> None:
        """Tell the readers that nothing comes any more, and take the file away."""

class Reader(_Mapped):
    """Maps a file read-only. Raises FileNotFoundError, or ValueError for a file that is no replica of this layout.

    Not for two threads at once: the room for answers is the reader's own. `get`, `row` and `rows` raise TimeoutError if
    the writer stopped in the middle of a row; the hot reads answer NOT_READY then.
    """

    def __init__(self, path: str | PathLike[str]) -> None: ...
    def get_availability(self, request: bytes) -> bytes | int:
        """GetAvailabilityRequest bytes to response bytes, or a Code."""
    def batch_get_availability(self, request: bytes) -> bytes | int:
        """BatchGetAvailabilityRequest bytes to response bytes, or a Code."""
    def check_basket(self, request: bytes) -> bytes | int:
        """CheckBasketRequest bytes to response bytes, or a Code."""
    def reached(self, token: str) -> int:
        """0 if the replica has seen what a token stands for, or NEEDS_WAIT, INVALID_TOKEN, EPOCH_CHANGED."""
    def sku_index(self, sku: str) -> int:
        """Index of a sku, -1 if there is none."""
    def node_index(self, node_id: str) -> int:
        """Index of a node, -1 if there is none."""
    def get(self, sku_ix: int, node_ix: int) -> int:
        """ATP of a cell; 0 where the node is not active. Where units are not counted, as StockCell.atp says it."""
    def atps(self, cells: array[int]) -> array[int]:
        """The same ("q") of many cells ("Q"): node << 32 | sku."""
    def rows(self, sku_indices: Iterable[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        """Stock rows for the kernel: starts ("i"), nodes ("I", ascending), ATP ("q"), each row of one moment.

        Only cells with stock at active nodes; with a channel, of what can be promised to it. Where units are not counted, as
        many as a cell can hold.
        """
    def row(self, sku_ix: int, *, unsafe_no_seqlock: bool = False) -> tuple[array[int], array[int]]:
        """One whole row, nodes and ATP. Without the seqlock it may be torn: a test shows that it would be."""
    def staleness_ns(self, now_ns: int) -> int:
        """Nanoseconds since the replica is known to have equalled the store."""
    @property
    def superseded(self) -> bool:
        """Another file has taken this one's place."""
