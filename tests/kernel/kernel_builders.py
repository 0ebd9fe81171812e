"""Small instances for the kernel's tests: hand-written ones with defaults, and random ones with every feature."""

from __future__ import annotations

from array import array
from random import Random

from promessa.kernel import Basket, Level, LevelKind, Network, Rules

UNLIMITED = 10**9
"""Steps that no small instance can use up."""


def network(
    *,
    fixed_cost: list[int],
    unit_cost: list[int] | None = None,
    lanes: list[list[tuple[int, int]]] | None = None,
    rates: list[list[tuple[int, int]]] | None = None,
    over: list[tuple[int, int]] | None = None,
) -> Network:
    """lanes: (rate, surcharge) pairs of each node; rates: (grams, price) brackets; over: (step grams, step price)."""
    rates = rates or [[(1_000, 10)]]
    lanes = lanes if lanes is not None else [[(0, 0)] for _ in fixed_cost]
    over = over or [(1_000, 10)] * len(rates)
    return Network(
        fixed_cost=fixed_cost,
        unit_cost=unit_cost or [0] * len(fixed_cost),
        lane_start=[sum(map(len, lanes[:node])) for node in range(len(lanes) + 1)],
        lane_rate=[rate for node in lanes for rate, _ in node],
        lane_surcharge=[surcharge for node in lanes for _, surcharge in node],
        bracket_start=[sum(map(len, rates[:rate])) for rate in range(len(rates) + 1)],
        bracket_grams=[grams for rate in rates for grams, _ in rate],
        bracket_price=[price for rate in rates for _, price in rate],
        over_step_grams=[grams for grams, _ in over],
        over_step_price=[price for _, price in over],
    )


def basket(
    *lines: tuple[int, dict[int, int]],
    unit_grams: int | list[int] = 100,
    costs: list[dict[int, int]] | None = None,
) -> Basket:
    """Each line is (quantity, {node: atp}); costs: {node: micros a unit} of each line."""
    rows = [sorted(stock.items()) for _, stock in lines]
    return Basket(
        quantities=[quantity for quantity, _ in lines],
        unit_grams=unit_grams if isinstance(unit_grams, list) else [unit_grams] * len(lines),
        row_start=[sum(map(len, rows[:line])) for line in range(len(rows) + 1)],
        row_node=[node for row in rows for node, _ in row],
        row_atp=[atp for row in rows for _, atp in row],
        row_cost=None
        if costs is None
        else [costs[line].get(node, 0) for line, row in enumerate(rows) for node, _ in row],
    )


def random_instance(
    random: Random, *, nodes: int = 5, lines: int = 4, rules: Rules | None = None
) -> tuple[Network, Basket, Rules]:
    """Few and small numbers, so that ties, splits, heavy parcels and shortages all happen."""
    nodes, lines, rates = random.randint(1, nodes), random.randint(1, lines), random.randint(1, 3)
    lane_lists = [
        [(random.randrange(rates), random.choice([0, 0, 7, 20])) for _ in range(random.choice([0, 1, 1, 1, 2, 3]))]
        for _ in range(nodes)
    ]
    found = network(
        fixed_cost=[random.choice([0, 1, 10, 40]) for _ in range(nodes)],
        unit_cost=[random.choice([0, 1, 2]) for _ in range(nodes)],
        lanes=lane_lists,
        rates=[_random_rate(random) for _ in range(rates)],
        over=[(random.choice([0, 1, 5]), random.choice([0, 2, 30])) for _ in range(rates)],
    )
    wanted = basket(
        *[
            (
                random.randint(1, 6),
                {node: random.choice([-1, 0, 1, 2, 3, 6, 9]) for node in range(nodes) if random.random() < 0.7},
            )
            for _ in range(lines)
        ],
        unit_grams=[random.choice([0, 1, 2, 5]) for _ in range(lines)],
        costs=[{node: random.choice([0, 0, 1, 5, 60]) for node in range(nodes)} for _ in range(lines)]
        if random.random() < 0.5
        else None,
    )
    return found, wanted, rules or _random_rules(random, nodes, found.lanes)


def random_levels(random: Random, lanes: int) -> list[Level]:
    """Up to four levels of every kind, with few different numbers."""
    most = random.choice([0, 1, 3, 9])
    return [
        Level(kind, array("q", [random.randint(0, most) for _ in range(lanes)]))
        if kind in (LevelKind.SUM, LevelKind.WORST)
        else Level(kind)
        for kind in random.choices([*LevelKind, LevelKind.SUM], k=random.randint(1, 4))
    ]


def _random_rate(random: Random) -> list[tuple[int, int]]:
    grams, price, brackets = 0, random.choice([0, 5, 100]), []
    for _ in range(random.randint(1, 4)):
        grams += random.randint(1, 10)
        price += random.choice([0, 1, 3, 50])
        brackets.append((grams, price))
    return brackets


def _random_rules(random: Random, nodes: int, lanes: int) -> Rules:
    return Rules(
        max_shipments=random.choice([0, 0, 0, 1, 2, 3]),
        ship_complete=random.random() < 0.2,
        allow_line_split=random.random() < 0.7,
        split_cost=random.choice([0, 0, 5, 100]),
        excluded_nodes=(random.randrange(nodes),) if random.random() < 0.2 else (),
        node_eligible=bytes(random.random() < 0.9 for _ in range(nodes)) if random.random() < 0.3 else None,
        lane_allowed=bytes(random.random() < 0.8 for _ in range(lanes)) if random.random() < 0.3 else None,
        budget_steps=UNLIMITED,
    )
