"""The network as the kernel sees it from one destination: costs and lanes of every node, in columns.

Built from the catalogue once per set of matching postal-code prefixes, and thrown away when the network changes.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from promessa.domain.catalogue import Catalogue, Lane, Node, RateCard
from promessa.kernel import Network

DESTINATIONS_MAX = 4_096
"""Destinations kept; each is some tens of kilobytes for 1,000 nodes."""

SPARE_NODES = 64
"""Nodes beyond those known here: the replica may learn of a new node a moment earlier."""

_NO_LANES: tuple[dict[str, list[Lane]], list[int]] = ({}, [])
"""Lanes by prefix, and the lengths of prefixes there are, the longest first."""

_MINUTE_MS = 60_000
_DAY_MS = 24 * 3600 * 1000


@dataclass(slots=True)
class Destination:
    """Everything the decision needs to know about one destination. Lane columns are in the order of the kernel's lanes."""

    network: Network
    lanes: list[Lane]
    lane_nodes: list[int]
    nodes: list[Node | None]
    _arrivals: tuple[int, list[int]] = field(default=(-1, []))
    _ships: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def served(self) -> bool:
        """Whether any node ships there."""
        return bool(self.lanes)

    def ship_ms(self, node_ix: int, now_ms: int) -> int:
        """When an order placed now leaves a node; see leaves_at_ms."""
        node = self.nodes[node_ix]
        assert node is not None
        if node.cutoff_minute is None:
            return leaves_at_ms(node, now_ms)
        minute = now_ms // _MINUTE_MS  # with a cut-off, all orders of a minute leave together
        known = self._ships.get(node_ix)
        if known is None or known[0] != minute:
            known = self._ships[node_ix] = (minute, leaves_at_ms(node, now_ms))
        return known[1]

    def lanes_in_time(self, now_ms: int, latest_ms: int) -> bytes:
        """One byte per lane: 1 if an order placed now arrives by then. Ship times are kept for a minute."""
        minute = now_ms // _MINUTE_MS
        if self._arrivals[0] != minute:
            ships = {node_ix: self.ship_ms(node_ix, now_ms) for node_ix in set(self.lane_nodes)}
            arrivals = [
                ships[node_ix] + lane.transit_days * _DAY_MS
                for node_ix, lane in zip(self.lane_nodes, self.lanes, strict=True)
            ]
            self._arrivals = (minute, arrivals)
        return bytes([arrival <= latest_ms for arrival in self._arrivals[1]])


class NetworkView:
    """Destinations by postal code, over a catalogue that may change at any moment."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version = -1
        self._lanes: dict[str, tuple[dict[str, list[Lane]], list[int]]] = {}
        self._rates: list[RateCard] = []
        self._rate_of: dict[str, int] = {}
        self._destinations: OrderedDict[tuple[str, ...], Destination] = OrderedDict()
        self.currency_code = ""

    def destination(self, country_code: str, postal_code: str) -> Destination:
        """The network towards a postal code."""
        if self._version != self._catalogue.network_version:
            self._index()
        by_prefix, lengths = self._lanes.get(country_code, _NO_LANES)
        prefixes = [postal_code[:n] for n in lengths if n <= len(postal_code)]
        matching = [prefix for prefix in prefixes if prefix in by_prefix]  # longest first
        key = (country_code, *matching)
        found = self._destinations.get(key)
        if found is None:
            found = self._build([by_prefix[prefix] for prefix in matching])
            self._destinations[key] = found
            if len(self._destinations) > DESTINATIONS_MAX:
                self._destinations.popitem(last=False)
        return found

    def _index(self) -> None:
        """Take over the catalogue as it is now: live lanes by country and prefix, rate cards by position."""
        catalogue = self._catalogue
        self._version = catalogue.network_version
        self._destinations.clear()
        lanes: dict[str, dict[str, list[Lane]]] = {}
        self._rates = list(catalogue.rate_cards.by_id.values())
        self._rate_of = {card.rate_card_id: i for i, card in enumerate(self._rates)}
        self.currency_code = self._rates[0].currency_code if self._rates else ""
        for lane in catalogue.lanes.by_id.values():
            if lane.node_id in catalogue.nodes.by_id and lane.rate_card_id in self._rate_of:
                by_prefix = lanes.setdefault(lane.country_code, {})
                for prefix in lane.postal_code_prefixes or ("",):
                    by_prefix.setdefault(prefix, []).append(lane)
        self._lanes = {
            country: (by_prefix, sorted({len(prefix) for prefix in by_prefix}, reverse=True))
            for country, by_prefix in lanes.items()
        }

    def _build(self, lanes_by_prefix: list[list[Lane]]) -> Destination:
        """Columns for the lanes that match, longest prefix first; one lane per node and carrier service."""
        directory = self._catalogue.nodes
        best: dict[tuple[int, str], Lane] = {}
        for lanes in lanes_by_prefix:
            for lane in lanes:
                best.setdefault((directory.index_of[lane.node_id], lane.carrier_service), lane)
        ordered = sorted((node_ix, lane.lane_id, lane) for (node_ix, _), lane in best.items())
        nodes = [directory.by_id.get(node_id) for node_id in directory.ids] + [None] * SPARE_NODES
        lane_start = array("i", [0])
        at = 0
        for node_ix in range(len(nodes)):
            while at < len(ordered) and ordered[at][0] == node_ix:
                at += 1
            lane_start.append(at)
        lanes = [lane for _, _, lane in ordered]
        return Destination(
            network=self._network(nodes, lane_start, lanes),
            lanes=lanes,
            lane_nodes=[node_ix for node_ix, _, _ in ordered],
            nodes=nodes,
        )

    def _network(self, nodes: list[Node | None], lane_start: array[int], lanes: list[Lane]) -> Network:
        used = sorted({self._rate_of[lane.rate_card_id] for lane in lanes})
        position = {rate: i for i, rate in enumerate(used)}
        rates = [self._rates[rate] for rate in used]
        bracket_start, grams, prices = array("i", [0]), array("q"), array("q")
        for card in rates:
            grams.extend(bracket.max_weight_grams for bracket in card.brackets)
            prices.extend(bracket.price_micros for bracket in card.brackets)
            bracket_start.append(len(grams))
        return Network(
            fixed_cost=array("q", [node.shipment_cost_micros if node else 0 for node in nodes]),
            unit_cost=array("q", [node.unit_cost_micros if node else 0 for node in nodes]),
            lane_start=lane_start,
            lane_rate=array("i", [position[self._rate_of[lane.rate_card_id]] for lane in lanes]),
            lane_surcharge=array("q", [lane.surcharge_micros for lane in lanes]),
            bracket_start=bracket_start,
            bracket_grams=grams,
            bracket_price=prices,
            over_step_grams=array("q", [card.over_step_grams for card in rates]),
            over_step_price=array("q", [card.over_step_price_micros for card in rates]),
        )


def leaves_at_ms(node: Node, now_ms: int) -> int:
    """When an order placed now leaves a node, in ms.

    With a cut-off: at the cut-off of the local day, of the next day if it has passed, plus the handling days. Without:
    now plus the handling days.
    """
    if node.cutoff_minute is None:
        return now_ms + node.handling_days * _DAY_MS
    zone = ZoneInfo(node.time_zone or "UTC")
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    days = node.handling_days + (1 if now.hour * 60 + now.minute >= node.cutoff_minute else 0)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return int((midnight + timedelta(minutes=node.cutoff_minute)).timestamp() * 1000)
