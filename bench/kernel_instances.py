"""Seeded sourcing instances shaped like a Brazilian retail network, for benchmarks and tests of the kernel.

Synthetic, and said to be so: nodes are random points on a 4,000 km square with clusters around a few centres, the
destination is one of the centres, six distance zones have Correios-like rate cards in 1 kg brackets, four nodes are
distribution centres. Stores hold a line's stock with probability `density`, distribution centres with 0.9.
"""

from __future__ import annotations

import math
from array import array
from random import Random

from promessa.kernel import Basket, Network

REAL = 1_000_000  # micros
ZONE_KM = (50, 200, 500, 1_000, 2_000, math.inf)
ZONE_BASE = (9, 13, 18, 24, 31, 40)
ZONE_PER_KG = (0.9, 1.6, 2.6, 4.1, 6.2, 8.8)
BRACKETS = 30
DISTRIBUTION_CENTRES = 4


def network(random: Random, nodes: int) -> Network:
    """A network towards one destination: one lane for each node, by its distance zone."""
    centres = [(random.uniform(0, 4_000), random.uniform(0, 4_000)) for _ in range(12)]
    here = random.choice(centres)
    zones = []
    for _ in range(nodes):
        x, y = random.choice(centres)
        distance = math.hypot(random.gauss(x, 150) - here[0], random.gauss(y, 150) - here[1])
        zones.append(next(zone for zone, limit in enumerate(ZONE_KM) if distance <= limit))
    return Network(
        fixed_cost=[round(random.uniform(2, 4 if node < DISTRIBUTION_CENTRES else 8) * REAL) for node in range(nodes)],
        unit_cost=[round(random.uniform(0.3, 1.2) * REAL) for _ in range(nodes)],
        lane_start=range(nodes + 1),
        lane_rate=zones,
        lane_surcharge=[0] * nodes,
        bracket_start=[zone * BRACKETS for zone in range(len(ZONE_KM) + 1)],
        bracket_grams=[1_000 * (step + 1) for _ in ZONE_KM for step in range(BRACKETS)],
        bracket_price=[
            round((base + per_kg * step) * REAL)
            for base, per_kg in zip(ZONE_BASE, ZONE_PER_KG, strict=True)
            for step in range(BRACKETS)
        ],
        over_step_grams=[1_000] * len(ZONE_KM),
        over_step_price=[round(per_kg * REAL) for per_kg in ZONE_PER_KG],
    )


def basket(random: Random, nodes: int, lines: int, density: float = 0.4) -> Basket:
    """Lines of 1 to 3 units and about 0.7 kg a unit, with one stock row for each."""
    row_node, row_atp, row_start = array("I"), array("q"), array("q", [0])
    for _ in range(lines):
        for node in range(nodes):
            if random.random() < (0.9 if node < DISTRIBUTION_CENTRES else density):
                row_node.append(node)
                row_atp.append(random.randint(1, 12))
        row_start.append(len(row_node))
    return Basket(
        quantities=[random.choice((1, 1, 1, 1, 2, 3)) for _ in range(lines)],
        unit_grams=[min(30_000, max(50, round(random.lognormvariate(math.log(700), 1.0)))) for _ in range(lines)],
        row_start=row_start,
        row_node=row_node,
        row_atp=row_atp,
    )


def consumer_lines(random: Random) -> int:
    """Lines of a consumer basket: 60 % have 1, 25 % have 2 or 3, 12 % have 4 to 10, 3 % have 11 to 20."""
    draw = random.random()
    if draw < 0.60:
        return 1
    if draw < 0.85:
        return random.randint(2, 3)
    return random.randint(4, 10) if draw < 0.97 else random.randint(11, 20)
