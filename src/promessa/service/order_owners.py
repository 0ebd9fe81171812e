"""Whose the nodes of an order's shipments are, and what the seller owes them: kept with what was done, for both change.

Plain functions over orders and the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.catalogue import Catalogue, Node
from promessa.domain.order import NOWHERE, Shipment
from promessa.domain.order_steps import Change
from promessa.domain.pair_rules import rate_of, rates_at
from promessa.domain.replacing import replacing

_with_owner = replacing(Shipment, "owner_code", "commission_basis_points", "node_type")


def owned(shipments: Sequence[Shipment], seller_code: str, catalogue: Catalogue, now_ms: int) -> list[Shipment]:
    """Shipments that say who owns their nodes, and at which rate the seller owes them commission at an instant."""
    found = []
    for shipment in shipments:
        node = _node(catalogue, shipment.node_ix)
        rate = _rate(catalogue, seller_code, node.owner_code, now_ms)
        found.append(_with_owner(shipment, node.owner_code, rate, node.type))
    return found


def received(change: Change, catalogue: Catalogue, now_ms: int) -> Change:
    """Units that came back, with who owns the node they came to, and at which rate this one owes the one that sent them."""
    units = []
    for moved in change.units:
        if moved.node_ix != NOWHERE:
            owner = _node(catalogue, moved.node_ix).owner_code
            sender = change.order.shipments[moved.shipment - 1].owner_code
            rate = _rate(catalogue, owner, sender, now_ms)
            moved = moved._replace(owner_code=owner, commission_basis_points=rate)
        units.append(moved)
    return change._replace(units=tuple(units))


def _node(catalogue: Catalogue, node_ix: int) -> Node:
    """A node, as far as anything is known of it."""
    node_id = catalogue.nodes.ids[node_ix]
    return catalogue.nodes.by_id.get(node_id) or Node(node_id)


def _rate(catalogue: Catalogue, taker: str, owner: str, now_ms: int) -> int:
    """At which rate a company that takes units of another one's node owes it commission; between a company and itself none."""
    if taker == owner:
        return 0
    pairs = ((taker, owner), (taker, ""), ("", owner), ("", ""))
    rules = [rule for pair in pairs for rule in catalogue.commissions_of.get(pair, {}).values()]
    return rate_of(rates_at(rules, now_ms), taker, owner)
