"""The sourcing problem, stated by exhaustive enumeration: the specification of ext/kernel.h.

It is readable and slow (exponential in the lines) and decides the same plans as the native kernel whenever that one
reports proven_optimal. Tests hold the two together.

**Who may serve.** A node is eligible when its byte in node_eligible is not 0, it is not excluded, and at least one of
its lanes is allowed. Its usable units of a line are its ATP, at most as many as its heaviest-going allowed lane accepts
by weight, and at most the quantity.

**How a line is served.** A line that some eligible node can serve whole goes whole to one node. Any other line is
split, when allow_line_split is set: it takes a set of nodes in *stock order* (most usable units first, then the lowest
node); each node gives all its usable units, and the last one what is still needed; no node of the set may be left with
nothing to give. Without allow_line_split such a line is unfilled. A line may also be left out, in whole or (a split
line) in part, when max_shipments or weight limits leave no better way.

**What a plan costs.** For each node used: fixed_cost + unit_cost * units + the row_cost of each unit + the price of its
lane at the weight of all its units; and split_cost for each shipment beyond the first. Any allowed lane that accepts the
weight may be taken.

**Which plan is best.** The first by (unfilled units, what it comes to in each of the levels, cost, number of shipments,
ascending tuple of node numbers, assignments as ascending (line, node) pairs, lanes). Without levels each shipment so takes
its cheapest lane. A plan without a shipment from required_node is none; where no other is left, and with ship_complete
where the best plan leaves units out, the empty plan is the answer.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

from promessa.kernel._kernel import MAX_SHIPMENTS, Basket, Network
from promessa.kernel.problem import Assignment, Decision, Level, LevelKind, Rules, Shipment

PlanOrder = tuple[int, tuple[int, ...], int, int, tuple[int, ...], tuple[tuple[int, int], ...], tuple[int, ...]]
Choice = tuple[tuple[int, int], ...]
"""(node, units) pairs that one line takes; () leaves the line out."""


class Lane(NamedTuple):
    rate: int
    surcharge: int
    number: int


def decide(network: Network, basket: Basket, rules: Rules) -> Decision:
    """The best plan of all, by looking at every one of them."""
    problem = Problem(network, basket, rules)
    best = min(problem.plans(), key=problem.plan_order, default=None)
    if best is None or (rules.ship_complete and best.unfilled_units):
        return problem.price(((),) * basket.lines, {})
    return best


def rate_price(network: Network, rate: int, grams: int) -> int | None:
    """The price of a weight on one rate card column, or None when the rate does not accept it."""
    first, end = network.bracket_start[rate], network.bracket_start[rate + 1]
    for bracket in range(first, end):
        if grams <= network.bracket_grams[bracket]:
            return network.bracket_price[bracket]
    step = network.over_step_grams[rate]
    if step == 0:
        return None
    steps = -((network.bracket_grams[end - 1] - grams) // step)
    return network.bracket_price[end - 1] + steps * network.over_step_price[rate]


class Problem:
    """One instance, with what each node could send: the vocabulary that plans are built from."""

    def __init__(self, network: Network, basket: Basket, rules: Rules) -> None:
        self.network, self.basket, self.rules = network, basket, rules
        self.fixed_cost, self.unit_cost = network.fixed_cost, network.unit_cost
        self.bracket_start, self.bracket_grams = network.bracket_start, network.bracket_grams
        self.bracket_price = network.bracket_price
        self.over_step_grams, self.over_step_price = network.over_step_grams, network.over_step_price
        self.quantities, self.unit_grams = basket.quantities, basket.unit_grams
        costs = list(zip(basket.row_node, basket.row_cost, strict=True))
        self.row_cost = [
            dict(costs[basket.row_start[line] : basket.row_start[line + 1]]) for line in range(basket.lines)
        ]
        self.lanes = [self._lanes(node) for node in range(network.nodes)]
        self.stock = [self._stock(line) for line in range(basket.lines)]

    def _lanes(self, node: int) -> list[Lane]:
        """The allowed lanes of a node; none when the node is not eligible."""
        rules, network = self.rules, self.network
        if node in rules.excluded_nodes or (rules.node_eligible and not memoryview(rules.node_eligible)[node]):
            return []
        allowed = memoryview(rules.lane_allowed) if rules.lane_allowed is not None else None
        return [
            Lane(network.lane_rate[lane], network.lane_surcharge[lane], lane)
            for lane in range(network.lane_start[node], network.lane_start[node + 1])
            if allowed is None or allowed[lane]
        ]

    def _stock(self, line: int) -> dict[int, int]:
        """Usable units by node, in stock order."""
        start, end = self.basket.row_start[line], self.basket.row_start[line + 1]
        atp = zip(self.basket.row_node[start:end], self.basket.row_atp[start:end], strict=True)
        usable = {node: self._usable(line, node, units) for node, units in atp}
        return {node: usable[node] for node in sorted(usable, key=lambda n: (-usable[n], n)) if usable[node] > 0}

    def _usable(self, line: int, node: int, atp: int) -> int:
        grams, units = self.unit_grams[line], min(max(atp, 0), self.quantities[line])
        while units and grams and self.ship(node, units * grams) is None:
            units -= 1
        return units if self.lanes[node] else 0

    def ship(self, node: int, grams: int) -> tuple[int, int] | None:
        """(price, lane) of the cheapest allowed lane, or None when none accepts the weight."""
        return min(self.prices(node, grams), default=None)

    def prices(self, node: int, grams: int) -> list[tuple[int, int]]:
        """(price, lane) of each allowed lane that accepts the weight."""
        return [
            (price + lane.surcharge, lane.number)
            for lane in self.lanes[node]
            if (price := rate_price(self.network, lane.rate, grams)) is not None
        ]

    def plans(self) -> Iterator[Decision]:
        """Every plan."""
        for choices in product(*self.choices_by_line()):
            grams = self._grams(choices)
            if len(grams) > min(self.rules.max_shipments or MAX_SHIPMENTS, MAX_SHIPMENTS):
                continue
            if self.rules.required_node is not None and self.rules.required_node not in grams:
                continue
            for lanes in product(*(self.prices(node, grams[node]) for node in grams)):
                yield self.price(choices, dict(zip(grams, lanes, strict=True)))

    def _grams(self, choices: tuple[Choice, ...]) -> dict[int, int]:
        """The weight that leaves each node."""
        grams: dict[int, int] = defaultdict(int)
        for line, choice in enumerate(choices):
            for node, taken in choice:
                grams[node] += taken * self.unit_grams[line]
        return grams

    def choices_by_line(self) -> list[list[Choice]]:
        return [[(), *self._choices(line)] for line in range(self.basket.lines)]

    def _choices(self, line: int) -> Iterator[Choice]:
        quantity, stock = self.quantities[line], self.stock[line]
        whole = [node for node, units in stock.items() if units == quantity]
        if whole:
            yield from (((node, quantity),) for node in whole)
            return
        if not self.rules.allow_line_split:
            return
        for size in range(1, len(stock) + 1):
            for nodes in combinations(stock, size):
                if sum(stock[node] for node in nodes[:-1]) < quantity:
                    yield self._fill(nodes, stock, quantity)

    @staticmethod
    def _fill(nodes: tuple[int, ...], stock: dict[int, int], needed: int) -> Choice:
        taken = []
        for node in nodes:
            units = min(stock[node], needed)
            taken.append((node, units))
            needed -= units
        return tuple(taken)

    def price(self, choices: tuple[Choice, ...], lanes: dict[int, tuple[int, int]]) -> Decision:
        """The plan of one choice for each line and one (price, lane) for each node."""
        units: dict[int, int] = defaultdict(int)
        own: dict[int, int] = defaultdict(int)
        for line, choice in enumerate(choices):
            for node, taken in choice:
                units[node] += taken
                own[node] += taken * self.row_cost[line][node]
        grams, shipments = self._grams(choices), []
        for node in sorted(units):
            price, lane = lanes[node]
            handling = self.unit_cost[node] * units[node] + own[node]
            shipments.append(Shipment(node, lane, grams[node], price, handling, self.fixed_cost[node]))
        split_cost = self.rules.split_cost * max(0, len(shipments) - 1)
        total = split_cost + sum(s.shipping_cost + s.handling_cost + s.fixed_cost for s in shipments)
        return Decision(
            assignments=tuple(
                sorted(Assignment(line, node, n) for line, choice in enumerate(choices) for node, n in choice)
            ),
            shipments=tuple(shipments),
            unfilled=tuple(
                quantity - sum(n for _, n in choice) for quantity, choice in zip(self.quantities, choices, strict=True)
            ),
            split_cost=split_cost,
            total_cost=total,
            lower_bound=total,
            proven_optimal=True,
            steps=0,
            levels=tuple(self._level(level, shipments, total) for level in self.rules.levels),
        )

    @staticmethod
    def _level(level: Level, shipments: list[Shipment], total: int) -> int:
        if level.kind == LevelKind.COST:
            return total
        if level.kind == LevelKind.SHIPMENTS:
            return len(shipments)
        assert level.values is not None
        values = [level.values[shipment.lane] for shipment in shipments]
        return sum(values) if level.kind == LevelKind.SUM else max(values, default=0)

    @staticmethod
    def plan_order(plan: Decision) -> PlanOrder:
        return (
            plan.unfilled_units,
            plan.levels,
            plan.total_cost,
            len(plan.shipments),
            tuple(shipment.node for shipment in plan.shipments),
            tuple((assignment.line, assignment.node) for assignment in plan.assignments),
            tuple(shipment.lane for shipment in plan.shipments),
        )
