"""How fast the kernel decides the published instances, how often it proves its plan, and how far the others are off.

    kernel_cost_1000x5_p99 ...   CPU of a decision by cost, and by rules, over nodes × lines
    kernel_proven_10_lines ...   plans proven within a millisecond of search, 5,000 nodes
    kernel_gap                   the cost above the true optimum where nothing is proven, all chains, by cost and by rules
    kernel_decisions             consumer baskets decided for each second of CPU, 5,000 nodes
    explain_unasked, explain_asked   the kernel's explanation, beside the plain call

`measure()` for the runner, or run it as a script. The instances are those of sourcing_set.py; a figure is over both halves
of them, all nodes and stores alone. Every round decides all instances of a cell, so that none finds its stock in the cache
from its last turn; an instance's time is the median of its rounds, and the percentiles are over instances.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any

import run
from harness import QUIET_PERCENT, Entry, entry, percentile
from sourcing_methods import View
from sourcing_optimum import STEPS, optimum
from sourcing_set import BUDGET_STEPS, LINES, NODES, RULES, SUPPLY, Chain, Instance

from promessa.kernel import Level, LevelKind, Rules, plan
from promessa.kernel._kernel import solve, solve_explained

GOAL_US = 1_000
"""What promessa promises of any decision: less than a millisecond."""

ROUNDS = 5
A_B_ROUNDS = 600
A_B_NODES, A_B_LINES = 1_000, "5"
LARGEST = NODES[-1]
MODES = ("cost", "rules")
NUMBERS = [lines for lines in LINES if lines != "consumer"]


def measure(wanted: set[str]) -> list[Entry]:
    """One entry for each figure wanted, and those that come with it."""
    found: list[Entry] = []
    certificates: list[Certificate] = []
    sizes = {nodes for nodes in NODES if any(f"_{nodes}x" in name for name in wanted)}
    if wanted & {"kernel_proven_10_lines", "kernel_proven_20_lines", "kernel_decisions"}:
        sizes.add(LARGEST)
    if "kernel_gap" in wanted:
        sizes |= set(NODES)
    if wanted & {"explain_unasked", "explain_asked"}:
        sizes.add(A_B_NODES)
    for nodes in sorted(sizes):
        found += _of_chain(Chain(nodes), nodes, certificates)
    return [*found, _gap(certificates)] if "kernel_gap" in wanted else found


def _of_chain(chain: Chain, nodes: int, all_certificates: list[Certificate]) -> list[Entry]:
    """All figures over one chain; instances are made cell by cell, for they are large."""
    found: list[Entry] = []
    certificates: dict[str, list[Certificate]] = {}
    for lines in LINES:
        instances = [instance for supply in SUPPLY for instance in chain.instances(lines, supply)]
        if lines in NUMBERS:
            for mode in MODES:
                found += _latencies(mode, nodes, lines, instances)
            certificates[lines] = [_certificate("cost", instance) for instance in instances]
            all_certificates += [*certificates[lines], *(_certificate("rules", instance) for instance in instances)]
        if (nodes, lines) == (LARGEST, "consumer"):
            found.append(_decisions(instances))
        if (nodes, lines) == (A_B_NODES, A_B_LINES):
            found += _explanations(instances)
    if nodes == LARGEST:
        found.append(_proven("10", [each for lines in ("1", "5", "10") for each in certificates[lines]], goal=99))
        found.append(_proven("20", certificates["20"], goal=90))
    return found


def rules_of(mode: str, instance: Instance) -> Rules:
    """By cost; or, as the ready-made policy `fastest` does, by the day of arrival, then by shipments, then by cost."""
    if mode == "cost":
        return RULES
    levels = [Level(LevelKind.WORST, instance.toward.days), Level(LevelKind.SHIPMENTS), Level(LevelKind.COST)]
    return replace(RULES, levels=levels)


def _latencies(mode: str, nodes: int, lines: str, instances: Sequence[Instance]) -> list[Entry]:
    asked = [(instance.toward.network, instance.basket, rules_of(mode, instance)) for instance in instances]
    rounds = [[_cpu_us(plan, each) for each in asked] for _ in range(ROUNDS + 1)][1:]
    ordered = sorted(median(times) for times in zip(*rounds, strict=True))
    proven = 100 * mean(plan(*each)[3] for each in asked)
    raw = {"instances": len(asked), "proven_percent": round(proven, 2), "max_us": round(ordered[-1], 2)}
    found = []
    for percent in (50, 99):
        value = percentile(ordered, percent)
        name = f"kernel_{mode}_{nodes}x{lines}_p{percent}"
        told = f"goal of {GOAL_US:,} µs CPU; {proven:.1f} % proven"
        found.append(
            {**_entry(name, value, "µs", told, ratio=value / GOAL_US, goal=GOAL_US, meets=value <= GOAL_US), "raw": raw}
        )
    return found


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a decision said of itself, and what is true. `above` the optimum, as a share; 0 where it is proven."""

    name: str
    proven: bool
    above: float
    cpu_us: float


def _certificate(mode: str, instance: Instance) -> Certificate:
    asked = instance.toward.network, instance.basket, rules_of(mode, instance)
    cpu_us = min(_cpu_us(plan, asked) for _ in range(2))
    found = plan(*asked)
    above = 0.0 if found[3] else (_above_by_cost if mode == "cost" else _above_by_rules)(instance, found)
    return Certificate(f"{instance.name} by {mode}", found[3], above, cpu_us)


def _above_by_cost(instance: Instance, found: Any) -> float:
    return float(found[1] / optimum(View(instance)).cost - 1)


def _above_by_rules(instance: Instance, found: Any) -> float:
    """Its cost above that of the first plan of all, by a search that ends; 1 where it arrives later or has more shipments."""
    best = plan(instance.toward.network, instance.basket, replace(rules_of("rules", instance), budget_steps=STEPS))
    assert best[3], instance.name
    levels = [(max(instance.toward.days[lane] for _, lane, *_ in each[6]), len(each[6])) for each in (found, best)]
    return float(found[1] / best[1] - 1) if levels[0] == levels[1] else 1.0


def _proven(lines: str, found: Sequence[Certificate], *, goal: int) -> Entry:
    value = 100 * mean(each.proven for each in found)
    within = 100 * mean(each.proven and each.cpu_us <= GOAL_US for each in found)
    told = f"all {len(found)} instances, {BUDGET_STEPS:,} steps; {within:.1f} % within 1 ms of CPU"
    name = f"kernel_proven_{lines}_lines"
    raw = {"unproven": [each.name for each in found if not each.proven]}
    return {**_entry(name, value, "%", told, ratio=value / 100, goal=goal, meets=value >= goal), "raw": raw}


def _gap(found: Sequence[Certificate]) -> Entry:
    unproven = [each for each in found if not each.proven]
    value = 100 * mean(each.above for each in unproven) if unproven else 0.0
    worst = 100 * max((each.above for each in unproven), default=0.0)
    off = sum(each.above > 0 for each in unproven)
    told = f"the true optimum of {len(unproven)} unproven plans of {len(found):,}; {off} are not optimal, at most {worst:.1f} %"
    raw = {"above": {each.name: round(each.above, 6) for each in unproven}}
    return {**_entry("kernel_gap", value, "%", told, ratio=value / 0.1, goal=0.1, meets=value <= 0.1), "raw": raw}


def _decisions(instances: Sequence[Instance]) -> Entry:
    asked = [(instance.toward.network, instance.basket, RULES) for instance in instances]
    rounds = [_round_us(plan, asked) for _ in range(ROUNDS + 1)][1:]
    value, goal = len(asked) * 1e6 / median(rounds), 10_000
    told = f"a goal; consumer baskets, {LARGEST:,} nodes"
    raw = {"rounds_us": [round(each) for each in rounds]}
    name, unit = "kernel_decisions", "a second of CPU"
    return {**_entry(name, value, unit, told, ratio=value / goal, goal=goal, meets=value >= goal), "raw": raw}


def _explanations(instances: Sequence[Instance]) -> list[Entry]:
    """The plain call in turns with the one that could explain, and with the one that does; who goes first alternates."""
    plain = [(instance.toward.network, instance.basket, RULES) for instance in instances[::10]]
    return [
        _beside_plain("explain_unasked", plain, [(*each, False, 0) for each in plain], goal=1.01),
        _beside_plain("explain_asked", plain, [(*each, True, 0) for each in plain], goal=2.0),
    ]


def _beside_plain(name: str, plain: list[Any], asked: list[Any], *, goal: float) -> Entry:
    sides, times = ((solve, plain), (solve_explained, asked)), ([], [])
    for number in range(A_B_ROUNDS):
        for side in (0, 1) if number % 2 else (1, 0):
            times[side].append(_round_us(*sides[side]) / len(plain))
    yardstick, ours = (percentile(sorted(each), QUIET_PERCENT) for each in times)
    told = f"the plain call, {A_B_LINES} lines × {A_B_NODES:,} nodes: {yardstick:.2f} µs"
    ratio = ours / yardstick
    return _entry(name, ours, "µs", told, ratio=ratio, goal=goal, meets=ratio <= goal)


def _cpu_us(call: Callable[..., object], asked: tuple[Any, ...]) -> float:
    start = time.thread_time_ns()
    call(*asked)
    return (time.thread_time_ns() - start) / 1_000


def _round_us(call: Callable[..., object], asked: Sequence[tuple[Any, ...]]) -> float:
    """All of them, without a look at the clock between."""
    gc.collect(0)
    start = time.thread_time_ns()
    for each in asked:
        call(*each)
    return (time.thread_time_ns() - start) / 1_000


def _entry(name: str, value: float, unit: str, yardstick: str, *, ratio: float, goal: float, meets: bool) -> Entry:
    return entry(name=name, value=value, unit=unit, yardstick=yardstick, ratio=ratio, goal=goal, meets_goal=meets)


if __name__ == "__main__":
    for line in measure(
        set(sys.argv[1:]) or {name for name, module in run.MEASURES.items() if module == "bench_decisions"}
    ):
        line.pop("raw", None)
        print(json.dumps(line, ensure_ascii=False))
