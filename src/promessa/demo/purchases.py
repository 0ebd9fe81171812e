"""Who buys the orders that are replayed, where, and how they want them: seeded.

Channels are those a chain sells by. A franchisee's shop on the web sells some, and in stores assistants sell what other nodes
have. Some customers collect what they bought at the store nearest to them, from its own stock or sent there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from promessa.demo.chain import Chain
from promessa.demo.geo import distance_km
from promessa.demo.orders import DemoOrder
from promessa.demo.prices import unit_price_micros
from promessa.demo.resources import FRANCHISE, Resource

CHANNELS = {"web": 0.46, "app": 0.27, "marketplace": 0.15, "store": 0.12}
"""Share of the orders of each."""

OWN_CHANNELS = ("web", "app")
"""Channels whose customers may collect, and by which franchisees sell."""

COLLECTED_SHARE = 0.3
FRANCHISEE_SHARE = 0.15
NEAR_KM = 60.0
"""How far customers go to collect."""

CUSTOMERS = 5_000


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with whoever buys and sells it. `prices_micros` are those of a unit of each line, in BRL.

    Without `pickup_node_id` it is delivered. `sold_at_node_id` is the store where an assistant sells it.
    """

    order: DemoOrder
    channel: str
    customer_id: str
    prices_micros: tuple[int, ...]
    seller_code: str = ""
    sold_at_node_id: str = ""
    pickup_node_id: str = ""

    @property
    def is_compared(self) -> bool:
        """Whether the rule of thumb, which delivers whatever the shop, would have served it the same way."""
        return not self.pickup_node_id and not self.sold_at_node_id


class Stores:
    """The stores of a chain, by how near they are."""

    def __init__(self, chain: Chain) -> None:
        self._places = [
            (node, node["latitude_e6"] / 1e6, node["longitude_e6"] / 1e6)
            for node in chain.nodes
            if node.get("pickup_point")
        ]
        self._near: dict[tuple[float, float], tuple[Resource, list[Resource]]] = {}

    def near(self, order: DemoOrder) -> tuple[Resource, list[Resource]]:
        """The store nearest to where an order goes, and those that are near enough to collect it: found once a place."""
        at = order.latitude, order.longitude
        found = self._near.get(at)
        if found is None:
            found = self._near[at] = self.nearest(order)[0], self.within(order, NEAR_KM)
        return found

    def nearest(self, order: DemoOrder, *, count: int = 1) -> list[Resource]:
        """The stores nearest to where an order goes, the nearest first."""
        return [node for _, node in self._by_distance(order)[:count]]

    def within(self, order: DemoOrder, km: float) -> list[Resource]:
        """The stores that are no further than this."""
        return [node for distance, node in self._by_distance(order) if distance <= km]

    def _by_distance(self, order: DemoOrder) -> list[tuple[float, Resource]]:
        found = [
            (distance_km(order.latitude, order.longitude, latitude, longitude), node)
            for node, latitude, longitude in self._places
        ]
        return sorted(found, key=lambda each: each[0])


def purchases(orders: Sequence[DemoOrder], chain: Chain, *, seed: int = 11) -> list[Purchase]:
    """One for each order, in their order."""
    stores, prices = Stores(chain), prices_of(chain)
    return [purchase(order, stores, prices, Random(f"{seed} {order.order_id}")) for order in orders]


def prices_of(chain: Chain) -> dict[str, int]:
    """What a unit of each sku is sold for, in micros."""
    return {sku["sku"]: unit_price_micros(sku["sku"], sku["weight_grams"]) for sku in chain.skus}


def purchase(order: DemoOrder, stores: Stores, prices: dict[str, int], randomness: Random) -> Purchase:
    """Who buys an order, where, and how."""
    nearest, near = stores.near(order)
    (channel,) = randomness.choices(list(CHANNELS), list(CHANNELS.values()))
    seller, sold_at, pickup = "", "", ""
    if channel == "store":
        sold_at = nearest["node_id"]
    elif channel in OWN_CHANNELS:
        franchises = [node for node in near if node["type"] == FRANCHISE]
        if franchises and randomness.random() < FRANCHISEE_SHARE:
            seller = franchises[0]["owner_code"]
        if near and randomness.random() < COLLECTED_SHARE:
            pickup = near[0]["node_id"]
    return Purchase(
        order,
        channel,
        f"customer-{randomness.randrange(CUSTOMERS):05d}",
        tuple(prices[sku] for sku, _ in order.lines),
        seller,
        sold_at,
        pickup,
    )
