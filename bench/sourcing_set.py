"""The published sourcing instances: real baskets, real cities and postal codes, and a hash by which all can be known again.

An instance is the demo's chain of 100, 1,000 or 5,000 nodes, one order of the demo's, and the stock of its lines: real
skus and orders of an online retailer, real municipalities and postal codes, drawn by population; weights, stock and
rate cards are synthetic (src/promessa/demo/data/NOTICE.md). An order has 1, 5, 10 or 20 lines, or as many as consumers'
have; the same orders go to every chain. In half of the instances all nodes serve, and the four distribution centres keep
nearly everything; in the other half the stores serve alone, which takes more shipments and is harder to prove. Orders
with a line that no node has in full are left out and counted, so that every method can serve every order whole.

    bench/sourcing_set.py FOLDER   writes them for other solvers: JSON lines, a network before the first instance towards it
"""

from __future__ import annotations

import gzip
import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, product
from pathlib import Path
from typing import NamedTuple, TextIO

from promessa.demo.chain import build_chain
from promessa.demo.geo import distance_km
from promessa.demo.nearest import SPLIT_COST_MICROS
from promessa.demo.orders import DemoOrder, replay_orders
from promessa.demo.places import area_of
from promessa.demo.resources import Resource
from promessa.kernel import Basket, Network, Rules

NODES = (100, 1_000, 5_000)
LINES = ("1", "5", "10", "20", "consumer")
"""Lines of the orders of a cell; consumer: 60 % have 1, 25 % 2 or 3, 12 % 4 to 10, 3 % 11 to 20."""

SUPPLY = ("all", "stores")
"""Who serves: all nodes, or the stores alone."""

COUNT = 200
"""Instances of a cell."""

SEED = 2026
CENTRES = 4
BUDGET_STEPS = 23_000
"""A millisecond of search on a quiet AMD EPYC core: 40 ns a step, and what a chain of 5,000 nodes takes before it."""

RULES = Rules(split_cost=SPLIT_COST_MICROS, allow_line_split=False, budget_steps=BUDGET_STEPS)
HASHES = {
    100: "2e156bb69e9f9eaeab0b548a26bc34c8ad2de32ee84a3fcf419a87cc57348c0c",
    1_000: "f70605d2f30643c0add7865e61837d9e8989fc449dea27528bc4807198bbc0d7",
    5_000: "2cc23cbfd46129767fc8e3d99df4ad4d552337b049a85fe671c5de4edead1579",
}
"""SHA-256 of all instances of a chain: see `Hash`."""


class Cell(NamedTuple):
    """Instances of one kind. `lines`: see LINES; `supply`: see SUPPLY."""

    nodes: int
    lines: str
    supply: str

    def __str__(self) -> str:
        return f"{self.nodes}x{self.lines}-{self.supply}"


CELLS = [Cell(*each) for each in product(NODES, LINES, SUPPLY)]


@dataclass(frozen=True, slots=True)
class Toward:
    """A network towards one area that carriers price. `days` of each lane, the handling at its node included."""

    area: str
    network: Network
    days: array[int]


@dataclass(frozen=True, slots=True)
class Instance:
    """One order over one chain. `metres` from each node to the destination; `toward.days` of each lane."""

    name: str
    toward: Toward
    basket: Basket
    metres: array[int]


class Chain:
    """The demo's chain with so many nodes, as the kernel takes it."""

    def __init__(self, nodes: int) -> None:
        chain = build_chain(stores=nodes - CENTRES)
        self.nodes = chain.nodes
        self.left_out = 0
        self._grams = {sku["sku"]: sku["weight_grams"] for sku in chain.skus}
        self._cards = {card["rate_card_id"]: at for at, card in enumerate(chain.rate_cards)}
        self._rate_cards = chain.rate_cards
        self._lanes = chain.lanes
        self._towards: dict[str, Toward] = {}
        self._metres_to: dict[tuple[float, float], array[int]] = {}
        self._positions = [(node["latitude_e6"] / 1e6, node["longitude_e6"] / 1e6) for node in chain.nodes]
        numbers = {node["node_id"]: at for at, node in enumerate(chain.nodes)}
        self._row_nodes = {sku: array("I") for sku in self._grams}
        self._row_atp = {sku: array("q") for sku in self._grams}
        for sku, node_id, on_hand, safety in chain.stock:  # node by node, so each row ascends
            if on_hand > safety:
                self._row_nodes[sku].append(numbers[node_id])
                self._row_atp[sku].append(on_hand - safety)

    def instances(self, lines: str, supply: str, *, count: int = COUNT) -> Iterator[Instance]:
        """The first `count` orders of a cell that this chain can serve whole."""
        cell, first = Cell(len(self.nodes), lines, supply), CENTRES if supply == "stores" else 0
        orders = replay_orders(count=2 * count, seed=SEED, size=None if lines == "consumer" else int(lines))
        given = 0
        for order in orders:
            if given == count:
                return
            basket = self._basket(order, first)
            if basket is None:
                self.left_out += 1
                continue
            given += 1
            yield Instance(
                f"{cell}-{given:03d}", self._toward_area(area_of(order.postal_code)), basket, self._metres(order)
            )
        raise AssertionError(f"{cell}: only {given} of {len(orders)} orders can be served whole.")

    def _metres(self, order: DemoOrder) -> array[int]:
        at = order.latitude, order.longitude
        if at not in self._metres_to:
            self._metres_to[at] = array("q", [round(distance_km(*each, *at) * 1_000) for each in self._positions])
        return self._metres_to[at]

    def _basket(self, order: DemoOrder, first: int) -> Basket | None:
        """An order and the stock of nodes from `first` on; None when a line of it is nowhere in full."""
        start, nodes, atp = array("q", [0]), array("I"), array("q")
        for sku, units in order.lines:
            at = bisect_left(self._row_nodes[sku], first)
            nodes.extend(self._row_nodes[sku][at:])
            atp.extend(self._row_atp[sku][at:])
            if max(atp[start[-1] :], default=0) < units:
                return None
            start.append(len(nodes))
        return Basket(
            quantities=[units for _, units in order.lines],
            unit_grams=[self._grams[sku] for sku, _ in order.lines],
            row_start=start,
            row_node=nodes,
            row_atp=atp,
        )

    def _toward_area(self, area: str) -> Toward:
        if area not in self._towards:
            self._towards[area] = self._toward(area)
        return self._towards[area]

    def _toward(self, area: str) -> Toward:
        lanes: dict[str, list[Resource]] = {node["node_id"]: [] for node in self.nodes}
        for lane in self._lanes:
            if area in lane["postal_code_prefixes"]:
                lanes[lane["node_id"]].append(lane)
        handling = {node["node_id"]: node["handling_days"] for node in self.nodes}
        days = [handling[node_id] + lane["transit_days"] for node_id, found in lanes.items() for lane in found]
        brackets = [bracket for card in self._rate_cards for bracket in card["brackets"]]
        network = Network(
            fixed_cost=[node["shipment_cost_micros"] for node in self.nodes],
            unit_cost=[node["unit_cost_micros"] for node in self.nodes],
            lane_start=[0, *accumulate(len(found) for found in lanes.values())],
            lane_rate=[self._cards[lane["rate_card_id"]] for found in lanes.values() for lane in found],
            lane_surcharge=[0] * len(days),
            bracket_start=[0, *accumulate(len(card["brackets"]) for card in self._rate_cards)],
            bracket_grams=[bracket["max_weight_grams"] for bracket in brackets],
            bracket_price=[bracket["price_micros"] for bracket in brackets],
            over_step_grams=[card["over_step_grams"] for card in self._rate_cards],
            over_step_price=[card["over_step_price_micros"] for card in self._rate_cards],
        )
        return Toward(area, network, array("q", days))


NETWORK_COLUMNS = (
    "fixed_cost", "unit_cost", "lane_start", "lane_rate", "lane_surcharge", "bracket_start", "bracket_grams",
    "bracket_price", "over_step_grams", "over_step_price",
)  # fmt: skip
BASKET_COLUMNS = ("quantities", "unit_grams", "row_start", "row_node", "row_atp")


class Hash:
    """SHA-256 over instances in the order in which they are added."""

    def __init__(self) -> None:
        self._all = sha256()
        self._towards: dict[str, bytes] = {}

    def add(self, instance: Instance) -> None:
        area = instance.toward.area
        if area not in self._towards:
            self._towards[area] = _digest(_network_columns(instance.toward))
        self._all.update(instance.name.encode() + self._towards[area] + _digest(_basket_columns(instance)))

    def hex(self) -> str:
        return self._all.hexdigest()


def _network_columns(toward: Toward) -> dict[str, Sequence[int]]:
    return {**{name: getattr(toward.network, name) for name in NETWORK_COLUMNS}, "days": toward.days}


def _basket_columns(instance: Instance) -> dict[str, Sequence[int]]:
    return {**{name: getattr(instance.basket, name) for name in BASKET_COLUMNS}, "metres": instance.metres}


def _digest(columns: dict[str, Sequence[int]]) -> bytes:
    """Each column as its length and its numbers, all in 8 bytes, little-endian."""
    found = sha256()
    for column in columns.values():
        numbers = array("q", column)
        numbers.insert(0, len(numbers))
        if sys.byteorder == "big":
            numbers.byteswap()
        found.update(numbers.tobytes())
    return found.digest()


def check(nodes: int, found: str) -> str | None:
    """What to tell when the instances are not the published ones; None when they are."""
    if found == HASHES[nodes]:
        return None
    return f"These are not the published instances of {nodes} nodes: {found} instead of {HASHES[nodes]}."


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for nodes in NODES:
        chain, hashed = Chain(nodes), Hash()
        for lines, supply in product(LINES, SUPPLY):
            write(folder, Cell(nodes, lines, supply), chain.instances(lines, supply), hashed)
        print(nodes, hashed.hex(), f"{chain.left_out} orders left out")
    return 0


def write(folder: Path, cell: Cell, instances: Iterable[Instance], hashed: Hash) -> Path:
    """A cell as a file: a line for each instance, and before it one for its network, if there was none yet."""
    path, written = folder / f"{cell}.jsonl.gz", set[str]()
    with gzip.open(path, "wt", compresslevel=3) as file:
        for instance in instances:
            hashed.add(instance)
            area = instance.toward.area
            if area not in written:
                written.add(area)
                _write_line(file, {"network": area}, _network_columns(instance.toward))
            _write_line(file, {"instance": instance.name, "network": area}, _basket_columns(instance))
    return path


def _write_line(file: TextIO, said: dict[str, str], columns: dict[str, Sequence[int]]) -> None:
    whole = {**said, "split_cost": RULES.split_cost, **{name: list(column) for name, column in columns.items()}}
    file.write(json.dumps(whole, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    sys.exit(main())
