"""The rule of thumb that most shops use: the nearest node that has everything; otherwise the node that covers most lines,
nearest first, and so on for the rest. Its cost is counted with the same rate cards, picking, opening and split costs.
"""

from __future__ import annotations

from collections import defaultdict

from promessa.demo.chain import REAIS, Chain, region_centres, zone_of
from promessa.demo.geo import distance_km
from promessa.demo.orders import DemoOrder

SPLIT_COST_MICROS = 2 * REAIS
"""The server's own cost of a shipment after the first."""


class NearestFirst:
    """Sources order after order over its own copy of the chain's stock, and counts what it costs."""

    def __init__(self, chain: Chain) -> None:
        self._nodes = chain.nodes
        self._grams = {sku["sku"]: sku["weight_grams"] for sku in chain.skus}
        self._cards = {card["rate_card_id"]: card for card in chain.rate_cards}
        self._centres = region_centres()
        self._free: dict[str, dict[str, int]] = defaultdict(dict)
        for sku, node_id, on_hand, safety in chain.stock:
            if on_hand > safety:
                self._free[sku][node_id] = on_hand - safety

    def serve(self, order: DemoOrder) -> tuple[int, int] | None:
        """Cost in micros and number of shipments; None if the order cannot be served in whole lines. Takes the stock."""
        rest = dict(order.lines)
        by_distance = sorted(self._nodes, key=lambda node: self._km(node, order))
        shipments: list[tuple[dict[str, object], dict[str, int]]] = []
        while rest:
            best: dict[str, int] = {}
            chosen = None
            for node in by_distance:
                covered = {
                    sku: units for sku, units in rest.items() if self._free[sku].get(node["node_id"], 0) >= units
                }
                if len(covered) > len(best):
                    best, chosen = covered, node
                    if len(best) == len(rest):
                        break
            if chosen is None:
                return None
            shipments.append((chosen, best))
            rest = {sku: units for sku, units in rest.items() if sku not in best}
        for node, lines in shipments:
            for sku, units in lines.items():
                self._free[sku][str(node["node_id"])] -= units
        cost = sum(self._cost(node, lines, order) for node, lines in shipments)
        return cost + SPLIT_COST_MICROS * (len(shipments) - 1), len(shipments)

    def _km(self, node: dict[str, object], order: DemoOrder) -> float:
        latitude, longitude = int(node["latitude_e6"]) / 1e6, int(node["longitude_e6"]) / 1e6  # type: ignore[call-overload]
        return distance_km(latitude, longitude, order.latitude, order.longitude)

    def _cost(self, node: dict[str, object], lines: dict[str, int], order: DemoOrder) -> int:
        """The cheapest service from the node to the order's region, as the lanes of the chain price it."""
        latitude, longitude = self._centres[order.postal_code[:2]]
        zone = zone_of(
            distance_km(
                int(node["latitude_e6"]) / 1e6,  # type: ignore[call-overload]
                int(node["longitude_e6"]) / 1e6,  # type: ignore[call-overload]
                latitude,
                longitude,
            )
        )
        grams = sum(self._grams[sku] * units for sku, units in lines.items())
        shipping = min(self._price(f"{service}-zone-{zone + 1}", grams) for service in ("economy", "express"))
        picking = int(node["unit_cost_micros"]) * sum(lines.values())  # type: ignore[call-overload]
        return shipping + picking + int(node["shipment_cost_micros"])  # type: ignore[call-overload]

    def _price(self, rate_card_id: str, grams: int) -> int:
        card = self._cards[rate_card_id]
        for bracket in card["brackets"]:
            if grams <= bracket["max_weight_grams"]:
                return int(bracket["price_micros"])
        last = card["brackets"][-1]
        steps = -(-(grams - last["max_weight_grams"]) // card["over_step_grams"])
        return int(last["price_micros"]) + steps * int(card["over_step_price_micros"])
