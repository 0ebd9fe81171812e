"""What policies ask of nodes and lanes: words that the catalogue knows, and numbers that go by the order and the instant.

What is not known of a node is None: it passes no filter, and comes last in every sort.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.limits import POLICY_NUMBER_MAX
from promessa.domain.policy import OF_LANES, WORDS, Fact, NodeFilter, Sort
from promessa.domain.policy_lint import LintNode, lets, place_of
from promessa.domain.positions import Vector, kilometres, unit_vector
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.rate_cards import BASIS_POINTS
from promessa.domain.sourcing import Order
from promessa.service.network_view import Destination

MASKS_MAX = 1_000
"""Filters whose nodes are remembered; each is a byte for each node."""

Values = Sequence[int | None]


class Rows(NamedTuple):
    """The stock rows of an order's lines as the kernel counts them: in lots of `steps` units, in units where that is empty."""

    sku_ixs: Sequence[int]
    quantities: Sequence[int]
    steps: Sequence[int]
    start: array[int]
    node: array[int]
    atp: array[int]


class NodeWords:
    """The words of all nodes by index, remembered until the network changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version = -1
        self._nodes: list[LintNode | None] = []
        self._masks: dict[NodeFilter, bytes] = {}
        self._places: dict[Sort, list[int]] = {}
        self._unit_vectors: list[Vector | None] = []

    def nodes(self) -> list[LintNode | None]:
        """The nodes by index, None for one that is deleted."""
        if self._version != self._catalogue.network_version:
            self._version = self._catalogue.network_version
            known = {node.node_id: node for node in lint_nodes(self._catalogue)}
            self._nodes = [known.get(node_id) for node_id in self._catalogue.nodes.ids]
            self._unit_vectors = [self._vector(node_id) for node_id in self._catalogue.nodes.ids]
            self._masks.clear()
            self._places.clear()
        return self._nodes

    def mask(self, node_filter: NodeFilter) -> bytes:
        """A byte for each node: 1 if a filter of words lets it serve."""
        nodes = self.nodes()
        found = self._masks.get(node_filter)
        if found is None:
            fact, name = node_filter.where, node_filter.name
            found = bytes([node is not None and lets(node_filter, node.words(fact, name)) for node in nodes])
            if len(self._masks) >= MASKS_MAX:
                self._masks.clear()
            self._masks[node_filter] = found
        return found

    def places(self, sort: Sort) -> list[int]:
        """Where each node comes in a sort of words, 0 for the best."""
        nodes = self.nodes()
        found = self._places.get(sort)
        if found is None:
            last = len(sort.prefer)
            found = [place_of(sort, node.words(sort.by, sort.name)) if node else last for node in nodes]
            if len(self._places) >= MASKS_MAX:
                self._places.clear()
            self._places[sort] = found
        return found

    def distances_km(self, position_e6: tuple[int, int]) -> list[int | None]:
        """Whole kilometres from each node to a place; None for a node that does not say where it is."""
        self.nodes()
        there = unit_vector(*position_e6)
        return [None if at is None else kilometres(at, there) for at in self._unit_vectors]

    def _vector(self, node_id: str) -> Vector | None:
        node = self._catalogue.nodes.by_id.get(node_id)
        return unit_vector(*node.position_e6) if node and node.position_e6 else None


class Facts:
    """The numbers for one order at one instant. `lead_ms` is how much later it leaves for want of what must be made first,
    `places` where each of its lines goes, if there are several."""

    def __init__(
        self,
        catalogue: Catalogue,
        words: NodeWords,
        destination: Destination,
        order: Order,
        rows: Rows,
        *,
        grams: int,
        now_ms: int,
        lead_ms: int,
        places: Sequence[int] = (),
    ) -> None:
        self._places = places
        self._catalogue = catalogue
        self.words = words
        self.destination = destination
        self._order = order
        self._rows = rows
        self._grams = grams
        self._now_ms = now_ms
        self._lead_ms = lead_ms
        self._of_nodes: dict[Fact, Values] = {}
        self.node_count = len(destination.nodes)
        joint = destination.joint
        self._origins: Sequence[int] = joint.origins if joint else range(self.node_count)
        """The node of the catalogue that each node is."""

    def mask(self, node_filter: NodeFilter) -> bytes:
        """A byte for each node, or for a fact of lanes for each lane: 1 if a filter lets it serve."""
        if node_filter.where in WORDS:
            mask = self.words.mask(node_filter)
            if self.destination.joint is None:
                return fitted(mask, self.node_count)
            return bytes([mask[node] if node < len(mask) else 0 for node in self._origins])
        fact = node_filter.where
        values = self.lanes(fact) if fact in OF_LANES else self.nodes(fact)
        least = node_filter.min or 0
        most = POLICY_NUMBER_MAX if node_filter.max is None else node_filter.max
        return bytes([value is not None and least <= value <= most for value in values])

    def lanes(self, fact: Fact) -> Values:
        """A fact of every lane."""
        if fact == Fact.ARRIVAL_DAYS:
            return self.arrival_days()
        columns = self.destination.columns
        return [columns.price(lane, self._grams) for lane in range(len(self.destination.lanes))]

    def arrival_days(self) -> list[int]:
        """Begun days from now until each lane's shipment arrives."""
        now = self._now_ms
        return [max(0, -((now - at) // DAY_MS)) for at in self.destination.arrivals(now, self._lead_ms)]

    def nodes(self, fact: Fact, name: str = "") -> Values:
        """A number of every node."""
        if fact == Fact.ROTATION:
            return self._turns(by_owner=name == "owner")
        found = self._of_nodes.get(fact)
        if found is None:
            values = _OF_NODES[fact](self)
            short = self.node_count - len(values)
            found = self._of_nodes[fact] = [*values, *[None] * short] if short > 0 else values[: self.node_count]
        return found

    def _distances(self) -> Values:
        """To where each node's shipment goes: to the destination, or to where it is collected."""
        position, joint = self._order.traits.position_e6, self.destination.joint
        if joint is None:
            return [None] * self.node_count if position is None else self.words.distances_km(position)
        collectors = [joint.collector(node) for node in range(self.node_count)]
        places = {each.position_e6 if each else position for each in collectors} - {None}
        known: dict[object, Values] = {place: self.words.distances_km(place) for place in places if place}
        found = []
        for origin, each in zip(self._origins, collectors, strict=True):
            values = known.get(each.position_e6 if each else position, ())
            found.append(values[origin] if origin < len(values) else None)
        return found

    def _stock(self) -> Values:
        """Units of all lines, of each no more than what is wanted."""
        found = [0] * self.node_count
        for line, at, node in self._entries():
            step = self._rows.steps[line] if self._rows.steps else 1
            found[node] += min(max(0, self._rows.atp[at]), self._rows.quantities[line]) * step
        return found

    def _coverage(self) -> Values:
        whole = [0] * self.node_count
        for line, at, node in self._entries():
            whole[node] += self._rows.atp[at] >= self._rows.quantities[line]
        joint, lines = self.destination.joint, len(self._rows.quantities)
        if joint is None:
            return [count * 100 // lines for count in whole]
        going = Counter(self._places)  # of the lines that go where its shipment goes
        return [
            count * 100 // going[place] if going[place] else None
            for count, place in zip(whole, joint.collected_at, strict=True)
        ]

    def _weeks(self) -> Values:
        """Weeks that what a node has of the scarcest sku lasts. What nobody asks for lasts for ever; what is not there, not."""
        skus, ids = self._catalogue.skus.by_id, self._catalogue.skus.ids
        demands = [sku.weekly_demand_quantity if (sku := skus.get(ids[x])) else 0 for x in self._rows.sku_ixs]
        shares = [node.demand_share_basis_points if node else 0 for node in self.destination.nodes]
        found: list[int | None] = [None] * self.node_count
        for line, at, node in self._entries():
            step = self._rows.steps[line] if self._rows.steps else 1
            weekly = demands[line] * shares[node]
            lots = max(0, self._rows.atp[at])
            weeks = min(POLICY_NUMBER_MAX, lots * step * BASIS_POINTS // weekly) if weekly else POLICY_NUMBER_MAX
            before = found[node]
            if lots:
                found[node] = weeks if before is None else min(before, weeks)
        return found

    def _free_capacity(self) -> Values:
        loads = self._catalogue.loads
        return [max(0, 100 - loads.get(node, 0)) for node in self._origins]

    def _acceptance(self) -> Values:
        return [100 - node.rejection_basis_points // 100 if node else None for node in self.destination.nodes]

    def _refusals(self) -> Values:
        refused = Counter(self._catalogue.nodes.index_of.get(node_id) for node_id in self._order.traits.refused_by)
        return [refused[node] for node in self._origins]

    def _turns(self, *, by_owner: bool) -> Values:
        """A turn among the nodes that have anything, or among their owners: drawn from the order's id, and the same again for
        it."""
        nodes = self.words.nodes()
        at = {self._origins[node] for node in self._rows.node if node < self.node_count}
        at = {node for node in at if node < len(nodes)}
        names = {node: (known.owner_code if by_owner else known.node_id) for node in at if (known := nodes[node])}
        drawn = sorted(set(names.values()), key=self._lot)
        turn = {name: i for i, name in enumerate(drawn)}
        return [turn[names[node]] if node in names else None for node in self._origins]

    def _lot(self, name: str) -> bytes:
        return blake2b(name.encode(), key=self._order.order_id.encode()[:64], digest_size=8).digest()

    def _entries(self) -> Sequence[tuple[int, int, int]]:
        """Line, position and node of every entry of the rows at a node that the destination knows."""
        start, nodes = self._rows.start, self._rows.node
        return [
            (line, at, nodes[at])
            for line in range(len(self._rows.quantities))
            for at in range(start[line], start[line + 1])
            if nodes[at] < self.node_count
        ]


_OF_NODES: dict[Fact, Callable[[Facts], Values]] = {
    Fact.DISTANCE_KM: Facts._distances,
    Fact.STOCK_UNITS: Facts._stock,
    Fact.COVERAGE_PERCENT: Facts._coverage,
    Fact.WEEKS_OF_SUPPLY: Facts._weeks,
    Fact.FREE_CAPACITY_PERCENT: Facts._free_capacity,
    Fact.ACCEPTANCE_PERCENT: Facts._acceptance,
    Fact.REFUSALS: Facts._refusals,
}


def lint_nodes(catalogue: Catalogue) -> list[LintNode]:
    """The nodes as filters of words see them."""
    groups: dict[str, set[str]] = {}
    for group in catalogue.node_groups.by_id.values():
        for node_id in group.node_ids:
            groups.setdefault(node_id, set()).add(group.node_group_id)
    return [
        LintNode(
            node.node_id, frozenset(groups.get(node.node_id, ())), node.type, node.country_code, node.region_code,
            node.owner_code, node.attributes,
        )
        for node in catalogue.nodes.by_id.values()
    ]  # fmt: skip


def fitted(mask: bytes, count: int) -> bytes:
    """A mask for so many nodes: those it does not know cannot serve."""
    return mask[:count].ljust(count, b"\0")


def both(one: bytes | None, other: bytes) -> bytes:
    """What two masks both let; None lets all."""
    if one is None:
        return other
    return (int.from_bytes(one, "little") & int.from_bytes(other, "little")).to_bytes(len(other), "little")
