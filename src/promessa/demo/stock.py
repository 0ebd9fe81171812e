"""Synthetic stock over real popularity: centres keep most skus, deep; stores keep what sells, a few of each.

Popularity is a sku's place among all skus by the number of real order lines. Long-tail skus are in few nodes, and each
node is out of some that it usually keeps, so that no node can serve every basket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random

from promessa.demo.resources import CENTRE, Resource
from promessa.demo.sources import order_lines, skus

Cell = tuple[str, str, int, int]
"""Sku, node id, units on hand, units of safety stock."""

ASSORTMENTS = (0.97, 0.9, 0.78, 0.66)
"""Share of the skus that the centres aim to keep, in their order; a centre drops the least popular ones."""

CENTRE_MISSING = 0.05
"""Share of its assortment that a centre has never received."""

CENTRE_SAFETY = 5
STORE_SAFETY_SHARE = 0.3


@cache
def by_popularity() -> tuple[str, ...]:
    """All skus, most often ordered first."""
    lines = Counter(line.sku for line in order_lines())
    return tuple(sorted((sku for sku, _ in skus()), key=lambda sku: (-lines[sku], sku)))


def stock(nodes: list[Resource], *, sku_count: int, seed: int) -> list[Cell]:
    """The cells of the `sku_count` most popular skus at each node."""
    popular, count = by_popularity()[:sku_count], len(skus())
    popularity = [1 - rank / count for rank in range(len(popular))]
    shelves = [(sku, popularity[rank]) for rank, sku in enumerate(popular)]
    cells: list[Cell] = []
    centres = 0
    for node in nodes:
        randomness = Random(f"{seed} stock of {node['node_id']}")
        if node["type"] == CENTRE:
            assortment = ASSORTMENTS[centres % len(ASSORTMENTS)]
            centres += 1
            cells += _centre(node["node_id"], shelves, assortment, randomness)
        else:
            cells += _store(node["node_id"], shelves, randomness)
    return cells


def _centre(node_id: str, shelves: list[tuple[str, float]], assortment: float, randomness: Random) -> Iterator[Cell]:
    for sku, popularity in shelves:
        if popularity < 1 - assortment or randomness.random() < CENTRE_MISSING:
            continue
        usual = 20 + 380 * popularity**3
        yield sku, node_id, CENTRE_SAFETY + int(randomness.expovariate(1 / usual)), CENTRE_SAFETY


def _store(node_id: str, shelves: list[tuple[str, float]], randomness: Random) -> Iterator[Cell]:
    """A store's size decides how much of the range it shows."""
    size = randomness.uniform(0.6, 1.4)
    draw = randomness.random
    for sku, popularity in shelves:
        if draw() < size * (0.12 + 0.42 * popularity):
            on_hand = int(randomness.expovariate(1 / (1 + 9 * popularity * popularity)))
            yield sku, node_id, on_hand, int(draw() < STORE_SAFETY_SHARE)
