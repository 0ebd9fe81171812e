"""The tables of the archive by name: each has a directory of its own, and a file in it for each segment and day."""

from __future__ import annotations

from typing import Any

from promessa.archive.order_schema import ORDER_SHIPMENTS, ORDER_STEPS, ORDER_UNITS
from promessa.archive.schema import COLUMNS

Row = tuple[Any, ...]
"""Values in the order of a table's columns. The first is the instant."""

Rows = dict[str, list[Row]]
"""By table."""

CHANGES = "changes"
TABLES = {
    CHANGES: COLUMNS,
    "order_steps": ORDER_STEPS,
    "order_shipments": ORDER_SHIPMENTS,
    "order_units": ORDER_UNITS,
}
"""Columns by table: type and meaning by name. Of every entry of the log there are rows in `changes`."""
