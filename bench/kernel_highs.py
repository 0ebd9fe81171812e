"""The sourcing problem of the kernel as a mixed-integer program for HiGHS: oracle of the tests, yardstick of the bench.

It follows src/promessa/kernel/reference.py line by line and shares no code with the native search. Two solves: first
the fewest unfilled units, then the least cost among those plans. Ties are not resolved.
"""

from __future__ import annotations

from collections import defaultdict

import highspy

from promessa.kernel import Basket, Network, Rules
from promessa.kernel.reference import Problem


def solve(network: Network, basket: Basket, rules: Rules) -> tuple[int, int]:
    """(unfilled units, cost in micros) of a best plan, ship_complete apart."""
    model = _Model(network, basket, rules)
    if not model.opened:
        return basket.units, 0
    unfilled = model.minimise(model.unfilled)
    model.highs.addConstr(model.unfilled <= unfilled + 0.5)
    return round(unfilled), round(model.minimise(model.cost) * model.scale)


class _Model:
    def __init__(self, network: Network, basket: Basket, rules: Rules) -> None:
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("mip_rel_gap", 0.0)
        self.highs.setOptionValue("mip_abs_gap", 1e-7)
        self.highs.setOptionValue("threads", 1)
        self.problem = Problem(network, basket, rules)
        self.basket, self.rules = basket, rules
        self.scale = (
            1_000_000 if max(network.bracket_price) > 1_000_000 else 1
        )  # keeps the solver's tolerances sensible
        self.cost = highspy.highs_linear_expression(0.0)
        self.unfilled = highspy.highs_linear_expression(0.0)
        self.grams = defaultdict(list)  # node -> terms
        self.opened = {}
        for line in range(basket.lines):
            self._add_line(line)
        for node, opened in self.opened.items():
            self._add_node(node, opened)
        if self.opened:  # split_cost is due for each shipment beyond the first
            first = self._binary()
            self.highs.addConstr(first <= sum(self.opened.values()))
            self.cost = self.cost - first * (rules.split_cost / self.scale)
        if rules.max_shipments and self.opened:
            self.highs.addConstr(sum(self.opened.values()) <= rules.max_shipments)

    def minimise(self, objective: highspy.highs_linear_expression) -> float:
        self.highs.minimize(objective)
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal, self.highs.getModelStatus()
        return self.highs.getObjectiveValue()

    def _binary(self):
        return self.highs.addVariable(0, 1, type=highspy.HighsVarType.kInteger)

    def _open(self, node: int):
        if node not in self.opened:
            self.opened[node] = self._binary()
        return self.opened[node]

    def _add_line(self, line: int) -> None:
        quantity, stock = self.problem.quantities[line], self.problem.stock[line]
        whole = [node for node, units in stock.items() if units == quantity]
        taken = []
        if whole:
            for node in whole:
                taken.append((node, quantity * self._serve(node)))
        elif self.rules.allow_line_split:
            taken = self._split(line)
        for node, units in taken:
            self.grams[node].append(units * self.problem.unit_grams[line])
            each = self.problem.unit_cost[node] + self.problem.row_cost[line][node]
            self.cost = self.cost + units * (each / self.scale)
        served = sum((units for _, units in taken), 0)
        if taken:
            self.highs.addConstr(served <= quantity)
        self.unfilled = self.unfilled + quantity - served

    def _serve(self, node: int):
        serves = self._binary()
        self.highs.addConstr(serves <= self._open(node))
        return serves

    def _split(self, line: int) -> list:
        """In stock order, a node gives all it has as soon as a later one gives anything."""
        taken, earlier = [], []
        for node, units in self.problem.stock[line].items():
            serves = self._serve(node)
            given = self.highs.addVariable(0, units, type=highspy.HighsVarType.kInteger)
            self.highs.addConstr(given <= units * serves)
            self.highs.addConstr(given >= serves)
            for held, before_serves, before_given in earlier:
                self.highs.addConstr(before_given >= held * (before_serves + serves - 1))
            earlier.append((units, serves, given))
            taken.append((node, 1 * given))
        # The last one gives what is still needed: with no more nodes, units are left out only when all give everything.
        short = self._binary()
        quantity = self.problem.quantities[line]
        self.highs.addConstr(sum(given for _, _, given in earlier) >= quantity * (1 - short))
        for held, serves, given in earlier:
            self.highs.addConstr(given >= held * (serves + short - 1))
        return taken

    def _add_node(self, node: int, opened) -> None:
        """One binary for each (lane, bracket) up to the weight of the basket; exactly one when the node is opened."""
        choices, capacity = [], []
        for lane in self.problem.lanes[node]:
            for grams, price in self._brackets(lane.rate):
                chosen = self._binary()
                self.cost = self.cost + chosen * ((price + lane.surcharge) / self.scale)
                choices.append(chosen)
                capacity.append(grams * chosen)
        self.cost = self.cost + opened * ((self.problem.fixed_cost[node] + self.rules.split_cost) / self.scale)
        self.highs.addConstr(sum(choices) == opened)
        self.highs.addConstr(sum(self.grams[node]) <= sum(capacity))

    def _brackets(self, rate: int) -> list[tuple[int, int]]:
        network, total = self.problem, self.basket.grams
        start, end = network.bracket_start[rate], network.bracket_start[rate + 1]
        brackets = list(zip(network.bracket_grams[start:end], network.bracket_price[start:end], strict=True))
        step = network.over_step_grams[rate]
        while step and brackets[-1][0] < total:
            grams, price = brackets[-1]
            brackets.append((grams + step, price + network.over_step_price[rate]))
        enough = next((at for at, (grams, _) in enumerate(brackets) if grams >= total), len(brackets) - 1)
        return brackets[: enough + 1]
