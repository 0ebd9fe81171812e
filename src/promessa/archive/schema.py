"""The table `changes`: what its columns mean. docs/archive.md explains them, and a test compares the two.

A row is a cell, an inbound or any other field that a change touched; a line that was short, or whom a reservation is for;
and of a change that touched nothing the change itself. What does not apply is NULL, and so is an empty text.
"""

from __future__ import annotations

SCHEMA_VERSION = 1
"""Rises when a column's meaning changes. New columns come without a new version: readers unite by name."""

COLUMNS: dict[str, tuple[str, str]] = {
    "time_ms": ("BIGINT", "When the change was made, in ms since 1970-01-01 UTC."),
    "epoch": ("INTEGER", "Epoch of the data set when it was archived."),
    "partition": ("INTEGER", "The log it stands in; the last one is the catalogue's."),
    "sequence": ("BIGINT", "The entry of that log."),
    "ordinal": ("INTEGER", "Place of the row in its entry, from 0."),
    "kind": ("VARCHAR", "What was done: hold, confirm, count, adjust, put ..."),
    "reference": ("VARCHAR", "What the change refers to, as the log has it."),
    "field": ("VARCHAR", "What was touched, as the log has it."),
    "request_id": ("VARCHAR", "The request that made the change, where the log names it."),
    "reservation_id": ("VARCHAR", "The reservation it belongs to."),
    "order_id": ("VARCHAR", "The caller's order, in rows `about:` and of orders."),
    "owner_id": ("VARCHAR", "Whom the units are for, in rows `about:`."),
    "channel": ("VARCHAR", "The channel of the sale, in rows `about:`."),
    "fulfillment_method": ("VARCHAR", "How it was to be fulfilled, in rows `about:`."),
    "reason": ("VARCHAR", "Why a line was short, or why units came or left."),
    "node": ("VARCHAR", "The node; NULL in a short line that no node could serve."),
    "sku": ("VARCHAR", "The sku."),
    "kit": ("VARCHAR", "The kit that a short line is a component of."),
    "inbound_id": ("VARCHAR", "The inbound, where that was touched and not the cell."),
    "on_hand_before": ("BIGINT", "Units on hand; of an inbound those to come."),
    "on_hand_after": ("BIGINT", "The same after the change."),
    "unavailable_before": ("BIGINT", "Units that cannot be sold."),
    "unavailable_after": ("BIGINT", "The same after the change."),
    "safety_stock_before": ("BIGINT", "Units kept back."),
    "safety_stock_after": ("BIGINT", "The same after the change."),
    "held_before": ("BIGINT", "Units of reservations that are held."),
    "held_after": ("BIGINT", "The same after the change."),
    "committed_before": ("BIGINT", "Units of reservations that are confirmed."),
    "committed_after": ("BIGINT", "The same after the change."),
    "version": ("BIGINT", "How many changes the cell or inbound has seen."),
    "counted_at_ms": ("BIGINT", "When the cell was last counted."),
    "count_source": ("VARCHAR", "Who counted it last, if that was named."),
    "requested": ("BIGINT", "Units asked for, of a line that was short."),
    "granted": ("BIGINT", "Units it got."),
    "available": ("BIGINT", "Units there were for it."),
    "detail": ("VARCHAR", "Any other value, as JSON; bytes that are no text in hexadecimal."),
    "region": (
        "VARCHAR",
        "Where a sourced order goes, in rows `about:`; else where the node is: of a short line, of units held. ISO 3166-2.",
    ),
    "value_micros": ("BIGINT", "What the units are worth that a short line did not get, in micros."),
}
"""Type and meaning by name, in order."""

COUNTS = ("on_hand", "unavailable", "safety_stock", "held", "committed")
"""What a cell counts, in its order in the store: each has a column before and one after."""
