"""How many orders a simulation decides in a second of CPU: `measure()` for the runner, or run it as a script.

    simulated_orders   by one way to decide
    simulated_pairs    by two, which are compared

Method: a generated chain of 300 nodes and 300 skus, plain orders of 2 to 5 lines to anywhere in the country, decided by the
least cost through `Simulations` as the server runs it, with depletion. In turns with it the yardstick: the bare kernel on the
same questions, asked beforehand. CPU time of the process; one warm-up, then five rounds of each; medians count.
"""

from __future__ import annotations

import asyncio
import json
import time
from array import array
from collections.abc import Awaitable, Callable
from random import Random
from statistics import median
from types import SimpleNamespace
from typing import Any

from chain import Chain, _lanes, _nodes, _rate_cards, _skus

from promessa.domain.catalogue import Catalogue
from promessa.domain.sourcing import Order
from promessa.kernel import plan
from promessa.server.network_servicer import resource_of
from promessa.service.asking import Questions
from promessa.service.guides import Guides
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.question import Question
from promessa.service.simulation import Report, Scenario, SimulatedOrder, SimulatedPolicy, Simulations
from promessa.service.virtual_stock import VirtualAuthority

NODES, SKUS, ORDERS, ROUNDS = 300, 300, 10_000, 5
NOON = 1_700_000_000_000
LEAST_COST = Scenario(SimulatedPolicy())


def measure() -> list[dict[str, object]]:
    """One entry for each figure: name, value, unit, yardstick, ratio, goal, meets_goal."""
    return asyncio.run(_measure())


async def _measure() -> list[dict[str, object]]:
    catalogue, stock, orders = _chain()
    simulations = _simulations(catalogue, stock)
    questions = await _questions(simulations, orders[:2_000])
    one, two, bare = [], [], []
    for number in range(ROUNDS + 1):
        timings = (
            (one, await _cpu(lambda: _run(simulations, orders, [LEAST_COST]))),
            (two, await _cpu(lambda: _run(simulations, orders, [LEAST_COST, LEAST_COST]))),
            (bare, await _cpu(lambda: _bare(questions)) * ORDERS / len(questions)),
        )
        for kept, seconds in timings:
            if number:
                kept.append(seconds)
    return [
        _entry("simulated_orders", median(one), median(bare), goal=10_000),
        _entry("simulated_pairs", median(two), median(bare), goal=5_000),
    ]


async def _run(simulations: Simulations, orders: list[SimulatedOrder], scenarios: list[Scenario]) -> None:
    report = None
    async for told in simulations.run(orders, scenarios, deplete=True):
        report = told
    assert isinstance(report, Report), report
    assert [tally.orders for tally in report.tallies] == [len(orders)] * len(scenarios), report.problems
    assert report.tallies[0].whole > 0.99 * len(orders), report.tallies[0].whole


async def _bare(questions: list[Question]) -> None:
    """The kernel alone, on baskets that are made already."""
    for question in questions:
        plan(question.destination.network, question.basket, question.rules)


async def _cpu(act: Callable[[], Awaitable[None]]) -> float:
    start = time.process_time()
    await act()
    return time.process_time() - start


def _chain() -> tuple[Catalogue, Any, list[SimulatedOrder]]:
    chain = Chain(NODES, SKUS, on_hand=(200, 900))
    catalogue = Catalogue()
    puts = (
        ("rate_card", [each.rate_card for each in _rate_cards()]),
        ("node", [each.node for each in _nodes(chain)]),
        ("sku", [each.sku for each in _skus(chain)]),
        ("lane", [each.lane for each in _lanes(chain)]),
    )
    for kind, messages in puts:
        for index, message in enumerate(messages):
            name = message.sku if kind == "sku" else getattr(message, f"{kind}_id")
            catalogue.put(kind, name, index, resource_of(kind, message), 1 if kind == "node" else 0)
    random = Random(7)
    orders = []
    for number in range(ORDERS):
        skus = random.sample(chain.skus, random.randint(2, 5))
        lines = tuple((sku, random.randint(1, 3)) for sku in skus)
        orders.append(SimulatedOrder(Order(f"order-{number}", lines, "BR", chain.postal_code(random)), NOON + number))
    return catalogue, _Rows(catalogue, chain), orders


class _Rows:
    """What the replica would say."""

    ready = True

    def __init__(self, catalogue: Catalogue, chain: Chain) -> None:
        self._rows: dict[int, tuple[array[int], array[int]]] = {}
        index_of, nodes = catalogue.skus.index_of, catalogue.nodes.index_of
        for (sku, node_id), units in sorted(chain.counts.items(), key=lambda x: nodes[x[0][1]]):
            row = self._rows.setdefault(index_of[sku], (array("I"), array("q")))
            row[0].append(nodes[node_id])
            row[1].append(units)

    def applied(self, partition: int) -> int:
        return 0

    def rows(self, sku_indices: list[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        start, nodes, atp = array("i", [0]), array("I"), array("q")
        for sku_ix in sku_indices:
            nodes += self._rows[sku_ix][0]
            atp += self._rows[sku_ix][1]
            start.append(len(nodes))
        return start, nodes, atp


def _simulations(catalogue: Catalogue, stock: _Rows) -> Simulations:
    keeper: Any = SimpleNamespace(catalogue=catalogue)
    pools: Any = SimpleNamespace(scan_open=_nothing)
    nobody: Any = None
    return Simulations(
        keeper, nobody, lambda: stock, Lots(keeper, nobody), nobody, pools, nobody, NetworkView(catalogue)
    )


async def _nothing() -> Any:
    for each in ():
        yield each


async def _questions(simulations: Simulations, orders: list[SimulatedOrder]) -> list[Question]:
    keeper, stock = simulations._keeper, simulations._stock
    nobody: Any = None
    authority: Any = VirtualAuthority(nobody, keeper.catalogue, nobody)
    questions = Questions(
        keeper, stock, simulations._lots, authority, Guides(keeper.catalogue, nobody), simulations._view
    )
    return [await questions.ask(each.order, each.at_ms) for each in orders]


def _entry(name: str, seconds: float, bare_seconds: float, *, goal: float) -> dict[str, object]:
    value = ORDERS / seconds
    return {
        "name": name,
        "value": round(value),
        "unit": "a second of CPU",
        "yardstick": "the bare kernel on the same questions",
        "ratio": round(bare_seconds / seconds, 3),
        "goal": goal,
        "meets_goal": value >= goal,
    }


if __name__ == "__main__":
    for entry in measure():
        print(json.dumps(entry, ensure_ascii=False))
