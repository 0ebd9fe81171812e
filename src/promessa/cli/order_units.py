"""Units of skus, as people name them, as units of an order's lines, as steps take them: first lines of a sku come first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.cli.failure import usage
from promessa.cli.parsing import sku_amounts


def picked(order: Any, number: int, words: Sequence[str]) -> list[dict[str, int]]:
    """What was there of lines of a shipment."""
    shipment = next((each for each in order.shipments if each.shipment_number == number), None)
    if words and shipment is None:
        raise usage(f"Order {order.order_id!r} has no shipment {number}; it has {len(order.shipments)}.")
    has = {line.line: (line.sku, line.quantity) for line in shipment.lines} if shipment else {}
    found: list[dict[str, int]] = []
    for sku, units in _units(words, zero=True):
        of_sku = {line: quantity for line, (name, quantity) in has.items() if name == sku}
        for line, part in _spread(sku, units, of_sku, "the shipment"):
            found.append({"line": line, "picked_quantity": part})
    return found


def cancelled(order: Any, words: Sequence[str]) -> list[dict[str, int]]:
    """Units of lines that did not leave."""
    able = {i: (x.sku, x.quantity - x.cancelled_quantity - x.shipped_quantity) for i, x in enumerate(order.lines)}
    return _quantities(able, words)


def returned(order: Any, words: Sequence[str]) -> list[dict[str, int]]:
    """Units of lines that left and did not come back."""
    able = {i: (x.sku, x.shipped_quantity - x.returned_quantity) for i, x in enumerate(order.lines)}
    return _quantities(able, words)


def received(order: Any, number: int, words: Sequence[str], disposition: int) -> list[dict[str, int]]:
    """Units of lines of a return that did not come yet."""
    back = next((each for each in order.returns if each.return_number == number), None)
    if back is None:
        raise usage(f"Order {order.order_id!r} has no return {number}; it has {len(order.returns)}.")
    able = {
        x.line: (
            order.lines[x.line].sku,
            x.quantity - x.resellable_quantity - x.quarantined_quantity - x.scrapped_quantity,
        )
        for x in back.lines
    }
    return [{**line, "disposition": disposition} for line in _quantities(able, words, "the return")]


def _quantities(
    able: dict[int, tuple[str, int]], words: Sequence[str], where: str = "the order"
) -> list[dict[str, int]]:
    found: list[dict[str, int]] = []
    for sku, units in _units(words):
        of_sku = {line: quantity for line, (name, quantity) in able.items() if name == sku}
        found += [{"line": line, "quantity": part} for line, part in _spread(sku, units, of_sku, where) if part]
    return found


def _units(words: Sequence[str], *, zero: bool = False) -> list[tuple[str, int]]:
    found = []
    for word in words:
        sku, _, quantity = word.rpartition("=")
        if zero and sku and quantity == "0":
            found.append((sku, 0))
            continue
        ((sku, amount),) = sku_amounts([word])
        if not amount.is_units:
            raise usage(f"{word!r} has no whole number: here a quantity counts the smallest units of the sku.")
        found.append((sku, int(amount.whole)))
    return found


def _spread(sku: str, units: int, able: dict[int, int], where: str) -> list[tuple[int, int]]:
    """Units over the lines of a sku; what is too much is asked for of the last, so that the server says so."""
    if not able:
        raise usage(f"There is no sku {sku!r} in {where}.")
    parts = []
    for line, quantity in sorted(able.items()):
        part = min(units, quantity)
        parts.append((line, part))
        units -= part
    line, part = parts[-1]
    parts[-1] = (line, part + units)
    return parts
