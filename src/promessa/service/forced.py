"""The best plan that has a shipment of one node: what choosing it would cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from promessa.kernel import Basket, Network, Rules, plan

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found


class Forced(NamedTuple):
    """The best plan with a node. `exact`: no plan with it is better."""

    found: Found
    exact: bool


def with_node(network: Network, basket: Basket, rules: Rules, node_ix: int) -> Forced | None:
    """The best plan with a shipment of a node; None if no plan has one."""
    found = plan(network, basket, replace(rules, required_node=node_ix))
    return Forced(found, found[3]) if found[6] else None
