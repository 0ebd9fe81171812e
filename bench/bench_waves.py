"""Waves of 100 orders planned jointly: decisions per second of CPU, and what is gained over one after another.

Method: the demo's chain of 320 nodes and its orders (real baskets, skus and postal codes, synthetic weights and stocks: see
src/promessa/demo/data/NOTICE.md) on scarce stock: the 60 most popular skus alone, and two or three units of each wherever the
demo has any, so that the orders of a wave want the same units. Planned as the server does, by `plan_wave`, without a store.
CPU time of the process, medians of rounds. In turns with it the yardstick: the same orders decided one after another, which is
where a wave begins. What is gained is told as a share of what competition costs: how much dearer the orders are one after
another than if each found all the stock. No plan can gain much more than all of that.
"""

from __future__ import annotations

import asyncio
import json
import time
from array import array
from statistics import median
from types import SimpleNamespace
from typing import Any

from google.protobuf.json_format import ParseDict

from promessa.demo.chain import build_chain
from promessa.demo.orders import replay_orders
from promessa.domain.catalogue import Catalogue
from promessa.domain.limits import WAVE_ROUNDS_DEFAULT
from promessa.domain.sourcing import Order
from promessa.server.network_servicer import resource_of
from promessa.service.asking import Questions
from promessa.service.deciding import Decider
from promessa.service.guides import Guides
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.question import Question
from promessa.service.wave_decisions import WaveDecisions
from promessa.service.wave_planning import plan_wave
from promessa.v1 import network_pb2

WAVE, WAVES, ROUNDS, SKUS = 100, 10, 3, 60
NOON = 1_700_000_000_000
_MESSAGES = {
    "rate_card": network_pb2.RateCard,
    "node": network_pb2.Node,
    "sku": network_pb2.Sku,
    "lane": network_pb2.Lane,
}


def measure() -> list[dict[str, object]]:
    """One entry for each figure: name, value, unit, yardstick, ratio, goal, meets_goal."""
    return asyncio.run(_measure())


async def _measure() -> list[dict[str, object]]:
    chain = _Scarce()
    waves = [await chain.questions(number) for number in range(WAVES)]
    together, apart = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        asked = [await _decisions(chain, questions) for questions in waves]
        first = [await each.one_by_one() for each in asked]
        apart.append(time.process_time() - start)
        plans = [await plan_wave(*each, rounds_max=WAVE_ROUNDS_DEFAULT) for each in zip(asked, first, strict=True)]
        together.append(time.process_time() - start)
    cost, alone = sum(p.value.cost for p in plans), sum(p.one_by_one.cost for p in plans)
    unserved, left = sum(p.value.unserved for p in plans), sum(p.one_by_one.unserved for p in plans)
    ideal = sum(standing.cost for each in asked for standing in each.alone)
    orders, seconds, yardstick = WAVE * WAVES, median(together), median(apart)
    raw = {
        "unserved": unserved,
        "one_by_one_unserved": left,
        "cost_percent": round(100 * (alone - cost) / alone, 3),
        "gap_percent": round(100 * (cost - sum(plan.bound for plan in plans)) / cost, 3),
        "scarce": sum(len(plan.scarce) for plan in plans),
        "rounds": sum(plan.rounds for plan in plans),
    }
    speed, gained = orders / seconds, 100 * (alone - cost) / (alone - ideal)
    told = f"one after another: {orders / yardstick:,.0f}"
    told_gain = f"one after another, {raw['cost_percent']} % dearer; {left} and {unserved} units unserved"
    return [
        _entry("wave_decisions", speed, "orders/s CPU", told, ratio=yardstick / seconds, goal=500, raw=raw),
        _entry("wave_gain", gained, "% of competition", told_gain, ratio=cost / alone, goal=40, raw=raw),
    ]


class _Scarce:
    """The demo's chain, with two or three units where it has a sku."""

    def __init__(self) -> None:
        chain = build_chain(sku_limit=SKUS)
        self.catalogue = catalogue = Catalogue()
        puts = (("rate_card", chain.rate_cards), ("node", chain.nodes), ("sku", chain.skus), ("lane", chain.lanes))
        for kind, resources in puts:
            for index, resource in enumerate(resources):
                name = resource["sku" if kind == "sku" else f"{kind}_id"]
                message = ParseDict(resource, _MESSAGES[kind]())
                catalogue.put(kind, name, index, resource_of(kind, message), 1 if kind == "node" else 0)
        known = {resource["sku"] for resource in chain.skus}
        self._orders = replay_orders(count=WAVE * WAVES, known=known)
        self._rows: dict[int, list[tuple[int, int]]] = {}
        for sku, node_id, units, safety in chain.stock:
            if units > safety:
                node_ix = catalogue.nodes.index_of[node_id]
                sku_ix = catalogue.skus.index_of[sku]
                self._rows.setdefault(sku_ix, []).append((node_ix, 2 + (sku_ix + node_ix) % 2))
        keeper: Any = SimpleNamespace(catalogue=catalogue)
        nobody: Any = None
        self.lots, self.view = Lots(keeper, nobody), NetworkView(catalogue)
        authority: Any = SimpleNamespace(methods=SimpleNamespace(has_rules=lambda method: False))
        guides = Guides(catalogue, nobody)
        self._questions = Questions(keeper, lambda: self, self.lots, authority, guides, self.view)  # type: ignore[arg-type,return-value]
        self.decider = Decider(catalogue, self.lots, self.view)

    ready = True

    def rows(self, sku_indices: list[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        """What the replica would say."""
        start, nodes, atp = array("i", [0]), array("I"), array("q")
        for sku_ix in sku_indices:
            for node_ix, units in sorted(self._rows.get(sku_ix, ())):
                nodes.append(node_ix)
                atp.append(units)
            start.append(len(nodes))
        return start, nodes, atp

    async def questions(self, wave: int) -> list[Question]:
        """The orders of one wave, asked."""
        some = self._orders[wave * WAVE : (wave + 1) * WAVE]
        return [
            await self._questions.ask(Order(each.order_id, each.lines, "BR", each.postal_code), NOON) for each in some
        ]


async def _decisions(chain: _Scarce, questions: list[Question]) -> WaveDecisions:
    decisions = WaveDecisions(chain.decider, chain.lots.parts, {})
    for question in questions:
        await decisions.add(question, allow_partial=False)
    return decisions


def _entry(
    name: str, value: float, unit: str, yardstick: str, *, ratio: float, goal: float, raw: dict[str, object]
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "yardstick": yardstick,
        "ratio": round(ratio, 3),
        "goal": goal,
        "meets_goal": value >= goal,
        "raw": raw,
    }


if __name__ == "__main__":
    for line in measure():
        print(json.dumps(line, ensure_ascii=False))
