"""The orders that are replayed: real lines with their real popularity, in baskets as consumers fill them.

The real orders are wholesale-like, with many lines. A basket takes the first lines of one real order, as many as a
consumer's would have: 60 % one, 25 % two or three, 12 % four to ten, 3 % eleven to twenty. It goes to a real postal-code
prefix, drawn by its number of postal codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from random import Random

from promessa.demo.sources import order_lines, prefixes

SIZES = ((0.60, 1, 1), (0.25, 2, 3), (0.12, 4, 10), (0.03, 11, 20))
"""Share of baskets, and fewest and most lines."""

QUANTITY_MAX = 3


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order: the real one's id, its lines, and where it goes, with coordinates for the rule of thumb."""

    order_id: str
    lines: tuple[tuple[str, int], ...]
    postal_code: str
    latitude: float
    longitude: float


def replay_orders(*, count: int, known: set[str] | None = None, seed: int = 7) -> list[DemoOrder]:
    """`count` orders, in the order of the real ones; only skus in `known`, if given."""
    randomness = Random(seed)
    places = prefixes()
    weights = [place.ceps for place in places]
    orders: list[DemoOrder] = []
    while len(orders) < count:
        for order_id, group in groupby(order_lines(), key=lambda line: line.order_id):
            lines = [line for line in group if known is None or line.sku in known]
            if not lines or len(orders) == count:
                continue
            size = min(_size(randomness), len(lines))
            first = randomness.randrange(len(lines) - size + 1)
            units: dict[str, int] = {}
            for line in lines[first : first + size]:
                units[line.sku] = min(QUANTITY_MAX, max(1, min(line.quantity, randomness.randint(1, QUANTITY_MAX))))
            (place,) = randomness.choices(places, weights)
            orders.append(
                DemoOrder(
                    f"{order_id}-{len(orders)}",
                    tuple(units.items()),
                    f"{place.digits}{randomness.randrange(1000):03d}",
                    place.latitude,
                    place.longitude,
                )
            )
    return orders


def _size(randomness: Random) -> int:
    share = randomness.random()
    for part, fewest, most in SIZES:
        if share < part:
            return randomness.randint(fewest, most)
        share -= part
    return 1
