"""Types and meaning of the native module (ext/_fates.pyx): columns over the nodes of a network.

`fates` has a byte for each node. A mask has one for each node, or for each lane, too: 0 where it leaves something out.
"""

from array import array

Bytes = bytes | bytearray | memoryview

def left_out(fates: Bytes, fate: int, mask: Bytes, removed: array[int], by: int) -> None:
    """Write into `removed` that `by` removed the nodes of this fate that the mask leaves out."""

def reached(lane_nodes: list[int], mask: Bytes, nodes: int) -> bytearray:
    """A byte for each node: 1 if the mask leaves it a lane. `lane_nodes` has the node of each lane."""

def short_lines(
    fates: Bytes,
    fate: int,
    quantities: list[int],
    row_start: array[int],
    row_node: array[int],
    row_atp: array[int],
) -> array[int]:
    """Of nodes of this fate the lines, one bit each, of which they lack the quantity; 0 of others. From 1 to 64 lines."""
