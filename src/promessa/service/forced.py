"""The best plan that has a shipment of one node: what choosing it would cost, exactly where that can be told."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from promessa import kernel
from promessa.kernel import Basket, Network, Rules, plan

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found

REQUIRED_NODE = "required_node" in kernel.Rules.__dataclass_fields__
"""Whether the kernel takes a node that must be in the plan."""


class Forced(NamedTuple):
    """The best plan with a node. `exact`: no plan with it is better."""

    found: Found
    exact: bool


def with_node(network: Network, basket: Basket, rules: Rules, node_ix: int) -> Forced | None:
    """The best plan with a shipment of a node; None if no plan has one."""
    if REQUIRED_NODE:
        required: dict[str, Any] = {"required_node": node_ix}
        found = plan(network, basket, replace(rules, **required))
        return Forced(found, found[3]) if found[6] else None
    return _line_by_line(network, basket, rules, node_ix)


def _line_by_line(network: Network, basket: Basket, rules: Rules, node_ix: int) -> Forced | None:
    """The best over the lines that the node may serve whole, each with no other node to choose.

    Not exact where it may also serve a part of a line.
    """
    start, nodes, atp, cost = basket.row_start, basket.row_node, basket.row_atp, basket.row_cost
    best: Found | None = None
    exact = True
    for line, quantity in enumerate(basket.quantities):
        at = bisect_left(nodes, node_ix, start[line], start[line + 1])
        if at == start[line + 1] or nodes[at] != node_ix or atp[at] <= 0:
            continue
        if atp[at] < quantity:
            exact = False
            continue
        cut = start[line + 1] - start[line] - 1  # all of the line's row but this entry
        found = plan(
            network,
            Basket(
                quantities=basket.quantities,
                unit_grams=basket.unit_grams,
                row_start=[x - cut if i > line else x for i, x in enumerate(start)],
                row_node=array("I", _only(nodes, start, line, at)),
                row_atp=array("q", _only(atp, start, line, at)),
                row_cost=array("q", _only(cost, start, line, at)),
            ),
            rules,
        )
        if not any(shipment[0] == node_ix for shipment in found[6]):
            continue  # the rules do not let it serve, or not in so few shipments
        exact = exact and found[3]
        if best is None or (found[0], found[1]) < (best[0], best[1]):
            best = found
    return Forced(best, exact) if best else None


def _only(column: tuple[int, ...], start: tuple[int, ...], line: int, at: int) -> tuple[int, ...]:
    return (*column[: start[line]], column[at], *column[start[line + 1] :])
