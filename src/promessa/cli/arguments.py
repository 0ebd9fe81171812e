"""What people type: SKU=QTY and SKU@NODE=QTY."""

from __future__ import annotations

import typer


def sku_quantities(values: list[str]) -> list[dict[str, object]]:
    """`SKU=QTY` to lines. Raises BadParameter."""
    return [{"sku": sku, "quantity": quantity} for sku, quantity in map(_pair, values)]


def stock_lines(values: list[str]) -> list[dict[str, object]]:
    """`SKU@NODE=QTY` to lines. Raises BadParameter."""
    lines: list[dict[str, object]] = []
    for value in values:
        cell, quantity = _pair(value)
        sku, at, node_id = cell.partition("@")
        if not at:
            raise typer.BadParameter(f"{value!r} names no node. Write SKU@NODE=QUANTITY, such as 85123A@dc-cajamar=2.")
        lines.append({"sku": sku, "node_id": node_id, "quantity": quantity})
    return lines


def _pair(value: str) -> tuple[str, int]:
    name, _, quantity = value.rpartition("=")
    if not name or not quantity.isdigit():
        raise typer.BadParameter(f"{value!r} has no quantity. Write NAME=QUANTITY, such as 85123A=2.")
    return name, int(quantity)
