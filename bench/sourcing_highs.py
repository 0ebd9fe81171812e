"""A published instance as a mixed integer program for HiGHS, written for speed: the exact yardstick of the comparison.

    x[line, node]      the line goes to the node, for nodes that have it in full; one node for each line
    y[node]            the node ships; x[line, node] <= y[node]
    b[node, bracket]   the bracket its shipment falls into, at the price of the cheapest lane there; one when it ships

Only brackets that a node's lines can reach are there. kernel_highs.py has all of the kernel's rules, and is slower.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import highspy
import numpy as np
from sourcing_methods import Nodes, View
from sourcing_set import RULES

MICROS = 1_000_000
KILOGRAM = 1_000


class Solved(NamedTuple):
    """`nodes`: the best plan found, None without one. `bound` in micros. `cpu_us` of the solver alone, without the model."""

    nodes: Nodes | None
    proven: bool
    bound: float
    cpu_us: float


def solve(view: View, *, seconds: float) -> Solved:
    """The cheapest plan, or the best one within so many seconds."""
    model = _Model(view)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 1e-7)
    highs.setOptionValue("time_limit", seconds)
    highs.passModel(model.lp())
    start = time.process_time_ns()
    highs.run()
    cpu_us = (time.process_time_ns() - start) / 1_000
    status, info = highs.getModelStatus(), highs.getInfo()
    assert status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit), status
    proven = status == highspy.HighsModelStatus.kOptimal
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    nodes = model.nodes_of(highs.getSolution().col_value) if found else None
    return Solved(nodes, proven, info.mip_dual_bound * MICROS, cpu_us)


class _Model:
    """Columns x, then y, then b; rows as they are added."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._serves = np.argwhere(view.has.T)  # (line, node)
        self._open = np.flatnonzero(view.has.any(axis=1))
        self._costs: list[float] = []
        self._rows: list[tuple[list[int], list[float], float, float]] = []

    def nodes_of(self, values: list[float]) -> Nodes:
        nodes = [-1] * self._view.lines
        for (line, node), value in zip(self._serves.tolist(), values, strict=False):
            if value > 0.5:
                nodes[line] = node
        return nodes

    def lp(self) -> highspy.HighsLp:
        self._add_lines()
        self._add_nodes()
        self._add_brackets()
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._costs), len(self._rows)
        lp.col_cost_ = np.array(self._costs) / MICROS
        lp.offset_ = -RULES.split_cost / MICROS
        lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.ones(lp.num_col_)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
        lp.row_lower_ = np.array([low for _, _, low, _ in self._rows])
        lp.row_upper_ = np.array([high for _, _, _, high in self._rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(columns) for columns, _, _, _ in self._rows)])
        lp.a_matrix_.index_ = np.concatenate([columns for columns, _, _, _ in self._rows])
        lp.a_matrix_.value_ = np.concatenate([values for _, values, _, _ in self._rows])
        return lp

    def _add_lines(self) -> None:
        """Every line to one node."""
        view, of_line = self._view, [[] for _ in range(self._view.lines)]
        self._of_node: dict[int, list[tuple[int, int]]] = {int(node): [] for node in self._open}
        for column, (line, node) in enumerate(self._serves.tolist()):
            self._costs.append(float(view.units[line] * view.unit[node]))
            of_line[line].append(column)
            self._of_node[node].append((column, line))
        for columns in of_line:
            self._rows.append((columns, [1.0] * len(columns), 1.0, 1.0))

    def _add_nodes(self) -> None:
        """Lines only to nodes that ship."""
        self._shipping: dict[int, int] = {}
        for node, serves in self._of_node.items():
            self._shipping[node] = ships = len(self._costs)
            self._costs.append(float(self._view.fixed[node] + RULES.split_cost))
            for column, _ in serves:
                self._rows.append(([column, ships], [1.0, -1.0], -highspy.kHighsInf, 0.0))

    def _add_brackets(self) -> None:
        """A shipping node pays one bracket that is enough for its lines."""
        view = self._view
        for node, serves in self._of_node.items():
            grams = [int(view.grams[line]) for _, line in serves]
            tops = _bracket_tops(view.bracket_grams.tolist(), int(view.over_step[0]), min(grams), sum(grams))
            prices = view.lane_prices(np.full(len(tops), node), np.array(tops)).min(axis=1)
            first = len(self._costs)
            self._costs += prices.astype(float).tolist()
            chosen = list(range(first, first + len(tops)))
            ones = [1.0] * len(tops)
            self._rows.append(([*chosen, self._shipping[node]], [*ones, -1.0], 0.0, 0.0))
            weights = [each / KILOGRAM for each in grams] + [-top / KILOGRAM for top in tops]
            columns = [column for column, _ in serves] + chosen
            self._rows.append((columns, weights, -highspy.kHighsInf, 0.0))


def _bracket_tops(brackets: list[int], over_step: int, least: int, most: int) -> list[int]:
    """The heaviest grams of each bracket that shipments between two weights can fall into, steps over the last included."""
    tops = list(brackets)
    while tops[-1] < most:
        tops.append(tops[-1] + over_step)
    first = next(at for at, top in enumerate(tops) if top >= least)
    last = next(at for at, top in enumerate(tops) if top >= most)
    return tops[first : last + 1]
