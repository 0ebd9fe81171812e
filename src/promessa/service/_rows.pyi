"""Types of the native module; ext/_rows.pyx."""

from array import array

def pack_rows(
    quantities: list[int], row_start: array[int], row_node: array[int], row_atp: array[int], forms: list[int]
) -> bytes:
    """The rows of all lines, each in its RowForm."""
