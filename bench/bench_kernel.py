"""How fast the decision kernel is, and how often it proves its plan: `measure()` for the runner, or run it as a script.

Method: seeded instances (kernel_instances.py), CPU time of the calling thread, one warm-up, then 25 short rounds; an
instance's figure is the median of its rounds, a benchmark's figure the median over its instances.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from statistics import median

import kernel_highs
import kernel_instances

from promessa.kernel import Basket, Network, Rules, plan

ROUNDS = 25
Instance = tuple[Network, Basket]


def measure() -> list[dict[str, object]]:
    """One entry for each figure: name, value, unit, yardstick, ratio (above 1 is better), goal, meets_goal."""
    return [
        _speed("kernel_5x1000", lines=5, nodes=1_000, goal=60),
        _speed("kernel_10x5000", lines=10, nodes=5_000, goal=250),
        _proven(),
        _against_highs(),
    ]


def _speed(name: str, *, lines: int, nodes: int, goal: float) -> dict[str, object]:
    value = median(_cpu_us(instance) for instance in _instances(nodes, lines, count=15))
    return _entry(name, value, "µs", f"goal of {goal} µs CPU", ratio=goal / value, goal=goal, meets=value <= goal)


def _proven() -> dict[str, object]:
    """Share of consumer baskets at 5,000 nodes whose plan is proven within the default budget."""
    random, rules = Random(2026), Rules()
    networks = [kernel_instances.network(random, 5_000) for _ in range(4)]
    proven = 0
    for at in range(300):
        basket = kernel_instances.basket(random, 5_000, kernel_instances.consumer_lines(random))
        proven += plan(networks[at % 4], basket, rules)[3]
    value = 100 * proven / 300
    return _entry("kernel_proven", value, "%", "every decision proven", ratio=value / 100, goal=99, meets=value >= 99)


def _against_highs() -> dict[str, object]:
    """CPU time of HiGHS on the same problem (5 lines, 200 nodes), over that of the kernel."""
    ratios, rules = [], Rules()
    for network, basket in _instances(200, 5, count=5):
        start = time.process_time()
        kernel_highs.solve(network, basket, rules)
        highs_us = (time.process_time() - start) * 1e6
        ratios.append(highs_us / _cpu_us((network, basket)))
    value = median(ratios)
    return _entry("kernel_vs_highs", value, "x", "HiGHS 1.x, exact MIP", ratio=value, goal=1_000, meets=value >= 1_000)


def _instances(nodes: int, lines: int, *, count: int) -> list[Instance]:
    random = Random(nodes * 100 + lines)
    network = kernel_instances.network(random, nodes)
    return [(network, kernel_instances.basket(random, nodes, lines)) for _ in range(count)]


def _cpu_us(instance: Instance) -> float:
    network, basket = instance
    rules = Rules()
    return median(_timed(lambda: plan(network, basket, rules)) for _ in range(ROUNDS + 1))


def _timed(call: Callable[[], object]) -> float:
    start = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - start) / 1_000


def _entry(
    name: str, value: float, unit: str, yardstick: str, *, ratio: float, goal: float, meets: bool
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": round(ratio, 3),
        "goal": goal,
        "meets_goal": meets,
    }


if __name__ == "__main__":
    for entry in measure():
        print(json.dumps(entry, ensure_ascii=False))
