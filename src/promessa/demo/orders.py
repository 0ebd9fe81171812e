"""The orders that are replayed: real lines with their real popularity, in baskets as consumers fill them.

The real orders are wholesale-like, with many lines. A basket takes neighbouring lines of one real order, as many as a
consumer's would have: 60 % one, 25 % two or three, 12 % four to ten, 3 % eleven to twenty; quantities are the real ones
where they are small. It goes to a real postal-code prefix, drawn by its number of postal codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from random import Random

from promessa.demo.places import points
from promessa.demo.sources import order_lines, prefixes

SIZES = ((0.60, 1, 1), (0.25, 2, 3), (0.12, 4, 10), (0.03, 11, 20))
"""Share of baskets, and fewest and most lines."""

UNITS, UNITS_WEIGHTS = (1, 2, 3), (0.72, 0.2, 0.08)
"""Units of a line a consumer takes at most; fewer if the real line has fewer."""


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order. `lines` are sku and quantity, each sku once; the coordinates are for the rule of thumb.

    `order_id` is the real one's, with a suffix where orders are replayed more than once.
    """

    order_id: str
    lines: tuple[tuple[str, int], ...]
    postal_code: str
    latitude: float
    longitude: float


def replay_orders(
    *, count: int = 2_000, known: set[str] | None = None, seed: int = 7, size: int | None = None
) -> list[DemoOrder]:
    """`count` orders, in the order of the real ones; only skus in `known`, and only baskets of `size` lines, if given.

    Raises ValueError if no real order has so many lines of known skus.
    """
    randomness = Random(seed)
    places = prefixes()
    cumulative = _cumulative_ceps()
    real = [order for order in _real_orders(known) if len(order[1]) >= (size or 1)]
    if not real:
        raise ValueError(f"No real order has {size or 1} of the known skus or more: nothing can be replayed.")
    waiting: list[int] = []
    orders: list[DemoOrder] = []
    while len(orders) < count:
        order_id, lines = real[len(orders) % len(real)]
        turn = len(orders) // len(real)
        wanted = size or _next_size(waiting, len(lines), randomness)
        first = randomness.randrange(len(lines) - wanted + 1)
        (place,) = randomness.choices(places, cum_weights=cumulative)
        point = points()[place.digits]
        orders.append(
            DemoOrder(
                order_id if turn == 0 else f"{order_id}-{turn + 1}",
                tuple((sku, _units(quantity, randomness)) for sku, quantity in lines[first : first + wanted]),
                f"{place.digits}{randomness.randrange(1000):03d}",
                point.latitude,
                point.longitude,
            )
        )
    return orders


def _real_orders(known: set[str] | None) -> list[tuple[str, list[tuple[str, int]]]]:
    """Real orders with their lines of known skus, each sku once, without orders that have none."""
    found = []
    for order_id, group in groupby(order_lines(), key=lambda line: line.order_id):
        lines: dict[str, int] = {}
        for line in group:
            if known is None or line.sku in known:
                lines.setdefault(line.sku, line.quantity)
        if lines:
            found.append((order_id, list(lines.items())))
    return found


@cache
def _cumulative_ceps() -> list[int]:
    total = 0
    return [total := total + place.ceps for place in prefixes()]


def _next_size(waiting: list[int], most: int, randomness: Random) -> int:
    """A basket's lines. One too large for this order waits for a later order, so that the shares come out right."""
    for position, size in enumerate(waiting):
        if size <= most:
            return waiting.pop(position)
    while (size := _size(randomness)) > most:
        waiting.append(size)
    return size


def _size(randomness: Random) -> int:
    (share,) = randomness.choices(SIZES, [share for share, _, _ in SIZES])
    return randomness.randint(share[1], share[2])


def _units(real_quantity: int, randomness: Random) -> int:
    (wanted,) = randomness.choices(UNITS, UNITS_WEIGHTS)
    return min(wanted, max(1, real_quantity))
