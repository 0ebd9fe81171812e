"""The subset program: an exact oracle for whole lines that takes many nodes, where enumeration takes few."""

from __future__ import annotations

from math import inf

from promessa.kernel import Basket, Network, Rules, reference


def subset_program(network: Network, basket: Basket, rules: Rules) -> int | None:
    """The least cost of serving all lines whole, or None: best[S] within k shipments is the least of single(T) +
    best[S without T] within k - 1, over the parts T of S that contain its lowest line."""
    problem = reference.Problem(network, basket, rules)
    covers = [
        {node for node, units in stock.items() if units == wanted}
        for stock, wanted in zip(problem.stock, problem.quantities, strict=True)
    ]
    full = (1 << basket.lines) - 1

    def single(part: int) -> float:
        chosen = [i for i in range(basket.lines) if part >> i & 1]
        grams = sum(problem.quantities[i] * problem.unit_grams[i] for i in chosen)
        units = sum(problem.quantities[i] for i in chosen)
        costs = [
            problem.fixed_cost[node]
            + problem.unit_cost[node] * units
            + ship[0]
            + rules.split_cost
            + sum(problem.quantities[i] * problem.row_cost[i][node] for i in chosen)
            for node in set.intersection(*(covers[i] for i in chosen))
            if (ship := problem.ship(node, grams)) is not None
        ]
        return min(costs, default=inf)

    price = [0.0] + [single(part) for part in range(1, full + 1)]
    best = [0.0] + [inf] * full
    for _ in range(rules.max_shipments or basket.lines):
        before, best = best, [0.0] + [inf] * full
        for whole in range(1, full + 1):
            rest = whole & (whole - 1)
            sub = rest
            while True:
                best[whole] = min(best[whole], price[whole ^ sub] + before[sub])
                if sub == 0:
                    break
                sub = (sub - 1) & rest
    return None if best[full] == inf else int(best[full]) - rules.split_cost
