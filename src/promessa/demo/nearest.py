"""The rule of thumb that sourcing is compared with: the nearest node that has everything.

Precisely, for each order over stock of its own:

1. Nodes are taken by distance to the destination, ties in the chain's order.
2. The nearest node that has every remaining line whole serves them all.
3. If none has, the node that has most of the remaining lines whole serves those, the nearest of several; then from 2 on
   with the rest.
4. If no node has any remaining line whole, the nearest node with units of the first remaining line gives what it has.
5. Each shipment takes the cheapest lane to the destination for its weight.

Its cost has the server's terms: rate card and surcharge, picking per unit, opening per shipment, and the split cost for
each shipment after the first.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from promessa.demo.chain import Chain
from promessa.demo.geo import distance_km
from promessa.demo.orders import DemoOrder
from promessa.demo.places import area_of
from promessa.demo.resources import REAIS, Resource

SPLIT_COST_MICROS = 2 * REAIS
"""The server's own cost of a shipment after the first."""

Shipment = tuple["_Node", dict[str, int]]


class _Node(NamedTuple):
    node_id: str
    latitude: float
    longitude: float
    shipment_micros: int
    unit_micros: int


class NearestFirst:
    """Sources order after order over its own copy of the chain's stock, and counts what it costs."""

    def __init__(self, chain: Chain, *, split_cost_micros: int = SPLIT_COST_MICROS) -> None:
        self._split_cost = split_cost_micros
        self._nodes = [_node(node) for node in chain.nodes]
        self._grams: dict[str, int] = {sku["sku"]: sku["weight_grams"] for sku in chain.skus}
        cards = {card["rate_card_id"]: card for card in chain.rate_cards}
        self._lanes: dict[tuple[str, str], list[tuple[Resource, int]]] = defaultdict(list)
        for lane in chain.lanes:
            offer = cards[lane["rate_card_id"]], int(lane.get("surcharge_micros", 0))
            for area in lane["postal_code_prefixes"]:
                self._lanes[lane["node_id"], area].append(offer)
        self._free: dict[str, dict[str, int]] = defaultdict(dict)
        for sku, node_id, on_hand, safety in chain.stock:
            if on_hand > safety:
                self._free[sku][node_id] = on_hand - safety

    def serve(self, order: DemoOrder) -> tuple[int, int] | None:
        """Cost in micros and number of shipments, and takes the stock; None if it cannot serve every unit."""
        shipments, complete = self._take(order)
        if not complete:
            for node, lines in shipments.items():
                self._move(node, lines, sign=1)
            return None
        area = area_of(order.postal_code)
        cost = sum(self._cost(node, lines, area) for node, lines in shipments.items())
        return cost + self._split_cost * (len(shipments) - 1), len(shipments)

    def _take(self, order: DemoOrder) -> tuple[dict[_Node, dict[str, int]], bool]:
        """What each node gives, taken from the stock, and whether that is everything."""
        rest = dict(order.lines)
        by_distance = sorted(
            self._nodes,
            key=lambda node: distance_km(node.latitude, node.longitude, order.latitude, order.longitude),
        )
        shipments: dict[_Node, dict[str, int]] = {}
        while rest:
            found = self._most_whole_lines(rest, by_distance) or self._part_of_a_line(rest, by_distance)
            if found is None:
                return shipments, False
            node, lines = found
            self._move(node, lines, sign=-1)
            given = shipments.setdefault(node, {})
            for sku, units in lines.items():
                given[sku] = given.get(sku, 0) + units
            rest = {sku: left for sku, units in rest.items() if (left := units - lines.get(sku, 0))}
        return shipments, True

    def _most_whole_lines(self, rest: dict[str, int], by_distance: list[_Node]) -> Shipment | None:
        """Rules 2 and 3."""
        free = {sku: self._free[sku] for sku in rest}
        best: Shipment | None = None
        for node in by_distance:
            lines = {sku: units for sku, units in rest.items() if free[sku].get(node.node_id, 0) >= units}
            if len(lines) > (len(best[1]) if best else 0):
                best = node, lines
                if len(lines) == len(rest):
                    break
        return best

    def _part_of_a_line(self, rest: dict[str, int], by_distance: list[_Node]) -> Shipment | None:
        """Rule 4."""
        sku, units = next(iter(rest.items()))
        for node in by_distance:
            left = self._free[sku].get(node.node_id, 0)
            if left > 0:
                return node, {sku: min(left, units)}
        return None

    def _move(self, node: _Node, lines: dict[str, int], *, sign: int) -> None:
        for sku, units in lines.items():
            self._free[sku][node.node_id] += sign * units

    def _cost(self, node: _Node, lines: dict[str, int], area: str) -> int:
        grams = sum(self._grams[sku] * units for sku, units in lines.items())
        shipping = min(price_micros(card, grams) + surcharge for card, surcharge in self._lanes[node.node_id, area])
        return shipping + node.unit_micros * sum(lines.values()) + node.shipment_micros


def price_micros(card: Resource, grams: int) -> int:
    """What a rate card charges for one shipment."""
    for bracket in card["brackets"]:
        if grams <= bracket["max_weight_grams"]:
            return int(bracket["price_micros"])
    last = card["brackets"][-1]
    steps = -(-(grams - int(last["max_weight_grams"])) // int(card["over_step_grams"]))
    return int(last["price_micros"]) + steps * int(card["over_step_price_micros"])


def _node(node: Resource) -> _Node:
    return _Node(
        node["node_id"],
        node["latitude_e6"] / 1e6,
        node["longitude_e6"] / 1e6,
        node["shipment_cost_micros"],
        node["unit_cost_micros"],
    )
