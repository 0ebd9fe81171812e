"""Compares ways to source an order over the published instances: `make bench-sourcing`, some minutes.

    bench/sourcing.py                           everything, against sourcing.json, sourcing.md and sourcing.svg
    bench/sourcing.py --nodes 100 --count 20    a taste of it; writes nothing

For each instance every method decides once, in turns; its plan is checked, priced by one function, and set beside the true
optimum. HiGHS solves the first instances of each cell, as far as a limit of wall time lets it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

import sourcing_highs
import sourcing_report
from rich.console import Console
from sourcing_methods import METHODS, PROMESSA, Nodes, Priced, View, priced, proves
from sourcing_optimum import Optimum, optimum
from sourcing_set import COUNT, HASHES, LINES, NODES, SUPPLY, Cell, Chain, Hash

HIGHS = "HiGHS"
HIGHS_SAMPLE, HIGHS_SECONDS = 3, 6.0
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Run:
    """One decision: what it costs, how far above the optimum, how long it took, and whether it is proven."""

    shipments: int
    days: int
    above: float
    cpu_us: float
    proven: bool


@dataclass(slots=True)
class Runs:
    """All decisions of one method in one cell. `unsolved`: instances for which HiGHS found no plan in time."""

    cell: Cell
    method: str
    runs: list[Run] = field(default_factory=list)
    unsolved: int = 0


@dataclass(slots=True)
class Comparison:
    """What is written and printed. `unknown`: instances whose optimum is only the best plan known."""

    runs: list[Runs] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)
    left_out: int = 0
    unknown: list[str] = field(default_factory=list)


def main() -> int:
    """The exit code: 1 when the instances are not the published ones."""
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 150)
    whole = arguments.nodes == list(NODES) and arguments.count == COUNT
    start = time.monotonic()
    comparison = compare(
        arguments.nodes,
        arguments.count,
        highs_sample=arguments.highs,
        say=lambda text: console.print(text, style="dim"),
    )
    for table in sourcing_report.tables(comparison):
        console.print(table)
    others = [nodes for nodes, found in comparison.hashes.items() if found != HASHES[nodes]]
    if whole:
        for nodes in others:
            console.print(f"Not the published instances of {nodes} nodes: {comparison.hashes[nodes]}.", style="red")
        if not others:
            highs = {"instances_per_cell": arguments.highs, "seconds": HIGHS_SECONDS}
            more = {"seconds": round(time.monotonic() - start), "highs": highs}
            for path in sourcing_report.write(comparison, HERE, more=more):
                console.print(f"Written: {path.relative_to(HERE.parent)}", style="dim")
    return 1 if whole and others else 0


def compare(nodes: list[int], count: int, *, highs_sample: int, say: Callable[[str], None]) -> Comparison:
    """All cells of some chains."""
    comparison = Comparison()
    for size in nodes:
        say(f"{size:,} nodes: making the chain ...")
        chain, hashed = Chain(size), Hash()
        for lines, supply in product(LINES, SUPPLY):
            cell = Cell(size, lines, supply)
            say(f"{cell} ...")
            comparison.runs += _of_cell(cell, _views(chain, cell, count, hashed), highs_sample, comparison.unknown)
        comparison.hashes[size] = hashed.hex()
        comparison.left_out += chain.left_out
    return comparison


def _views(chain: Chain, cell: Cell, count: int, hashed: Hash) -> Iterator[View]:
    for instance in chain.instances(cell.lines, cell.supply, count=count):
        hashed.add(instance)
        yield View(instance)


def _of_cell(cell: Cell, views: Iterator[View], highs_sample: int, unknown: list[str]) -> list[Runs]:
    found = {method: Runs(cell, method) for method in (*METHODS, HIGHS)}
    for number, view in enumerate(views):
        if number == 0:
            for decide in METHODS.values():  # once before the clock runs
                decide(view)
        tried = {method: _decided(view, method) for method in METHODS}
        if number < highs_sample:
            solved = sourcing_highs.solve(view, seconds=HIGHS_SECONDS)
            if solved.nodes is None:
                found[HIGHS].unsolved += 1
            else:
                tried[HIGHS] = Tried(_checked(view, solved.nodes), solved.cpu_us, solved.proven)
        best = _best(view, tried)
        if not best.proven:
            unknown.append(view.instance.name)
        for method, each in tried.items():
            above = each.plan.cost / best.cost - 1
            found[method].runs.append(Run(each.plan.shipments, each.plan.days, above, each.cpu_us, each.proven))
    return [runs for runs in found.values() if runs.runs or runs.unsolved]


class Tried(NamedTuple):
    plan: Priced
    cpu_us: float
    proven: bool


def _decided(view: View, method: str) -> Tried:
    start = time.thread_time_ns()
    nodes = METHODS[method](view)
    cpu_us = (time.thread_time_ns() - start) / 1_000
    return Tried(_checked(view, nodes), cpu_us, proven=method == PROMESSA and proves(view))


def _checked(view: View, nodes: Nodes) -> Priced:
    """A plan, priced. Raises AssertionError for one that breaks a rule."""
    assert len(nodes) == view.lines and all(view.has[node, line] for line, node in enumerate(nodes)), view.instance.name
    return priced(view, nodes)


def _best(view: View, tried: dict[str, Tried]) -> Optimum:
    """The optimum, or the cheapest plan known. Raises AssertionError where one proof contradicts another, or a plan does."""
    proofs = {each.plan.cost for each in tried.values() if each.proven}
    truth = optimum(view)
    if truth.proven:
        proofs.add(truth.cost)
    least = min(truth.cost, *(each.plan.cost for each in tried.values()))
    assert proofs <= {least}, (view.instance.name, proofs, least)
    return Optimum(least, bool(proofs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--nodes", nargs="+", type=int, choices=NODES, default=list(NODES), help="chains of so many nodes"
    )
    parser.add_argument("--count", type=int, default=COUNT, help="instances of each cell")
    parser.add_argument("--highs", type=int, default=HIGHS_SAMPLE, help="of these, so many for HiGHS")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
