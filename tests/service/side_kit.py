"""Orders with side rules of any size, made of a seed: lines that share skus, lines together, least values, several ways."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator

from promessa.kernel import Basket, Network, Rules
from promessa.service.network_view import Joint
from promessa.service.node_facts import Rows
from promessa.service.side_rules import SideRules, Taken, basket_of

REAL = 1_000_000

Asked = tuple[Network, Basket, Rules, SideRules]


def asked(
    seed: int,
    lines: int,
    nodes: int,
    *,
    ways: int = 2,
    together: float = 0.0,
    least: int = 0,
    units: float = 2.6,
    split: bool = True,
    most: int = 0,
    later: int = 0,
) -> Asked:
    """An order whose lines have half as many skus, each line one of so many ways; `together` of them in groups. What goes
    another way does so as many days `later`."""
    draw = random.Random(f"{seed} {lines} {nodes} {ways} {together} {least} {units}")
    opens, picks = [draw.randint(5, 30) for _ in range(nodes)], [draw.randint(1, 5) for _ in range(nodes)]
    starts, surcharges = [0], []
    for _ in range(nodes * ways):
        surcharges += [draw.randint(0, 40) * REAL // 10 for _ in range(draw.choice((1, 1, 2)))]
        starts.append(len(surcharges))
    network = Network(
        fixed_cost=[each * REAL // 10 for each in opens] * ways,
        unit_cost=[each * REAL // 10 for each in picks] * ways,
        lane_start=starts,
        lane_rate=[0] * len(surcharges),
        lane_surcharge=surcharges,
        bracket_start=[0, 5],
        bracket_grams=[500, 2_000, 5_000, 15_000, 60_000],
        bracket_price=[price * REAL for price in (8, 12, 17, 30, 70)],
        over_step_grams=[1_000],
        over_step_price=[2 * REAL],
    )
    stock = [[int(draw.expovariate(1 / units)) for _ in range(nodes)] for _ in range(max(1, lines // 2))]
    items = {}
    for line in range(lines):
        sku, way, group = draw.randrange(len(stock)), draw.randrange(ways), draw.randrange(3)
        name = (way, group) if draw.random() < together else line
        items[sku, way, name] = draw.choice((1, 1, 2, 3))
    start, row_node, row_atp = array("i", [0]), array("I"), array("q")
    for sku, way, _ in items:
        row_node.extend(range(way * nodes, (way + 1) * nodes))
        row_atp.extend(stock[sku])
        start.append(len(row_node))
    rows = Rows([sku for sku, _, _ in items], list(items.values()), [], start, row_node, row_atp)
    groups: dict[object, list[int]] = {}
    for item, (_, _, name) in enumerate(items):
        groups.setdefault(name, []).append(item)
    whole = tuple([isinstance(name, tuple) for name in groups])
    worth = [(sku % 7 + 1) * 10 * REAL for sku, _, _ in items]
    origins, places = list(range(nodes)) * ways, [way for way in range(ways) for _ in range(nodes)]
    joint = Joint(
        origins,
        places,
        [way * later for way in range(ways) for _ in range(nodes)],
        [way * nodes for way in range(ways)] * 2,
        {},
    )
    side = SideRules(tuple(map(tuple, groups.values())), whole, rows, True, least, lambda: worth, joint)
    grams = [draw.randint(1, 20) * 100 for _ in items]
    rules = Rules(split_cost=2 * REAL, allow_line_split=split, max_shipments=most)
    return network, basket_of(side, rows, grams, None, network.unit_cost), rules, side


def broken(side: SideRules, taken: Taken) -> Iterator[str]:
    """What a plan breaks, said plainly."""
    cells: dict[tuple[int, int], int] = {}
    worth: dict[int, int] = {}
    days: dict[tuple[int, int], int] = {}
    for item, node, lots in side.expand(taken):
        cell = side.rows.sku_ixs[item], side.origin(node)
        if days.setdefault(cell, side.day(node)) != side.day(node):
            yield f"{cell} leaves on two days"
        cells[cell] = cells.get(cell, 0) + lots
        if cells[cell] > side.available(item, node):
            yield f"{cell} is overdrawn"
        worth[node] = worth.get(node, 0) + lots * side.values()[item]
    for node, value in worth.items():
        if value < side.least_micros and [side.place(each) for each in worth].count(side.place(node)) > 1:
            yield f"the shipment of {node} is worth too little"
