"""Several ways of delivery as one network for the kernel: to the customer, to be collected here or there, once supply has come.

Each way is a stretch of nodes of the joined network: the nodes of the catalogue once more, with the lanes of that way. A line
of an order has stock in the stretch of its way alone, so one search decides about all ways together, and the limits, the cost
of splits and the certificate are those of the whole order.

    part        collected at   lanes of a node
    delivered   -              those towards the destination
    pickup      S              of S: none, it is collected there; of others, if that is allowed: those towards S

What is to come is another stretch for each part: nodes on days, with the same lanes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from promessa.domain.calendar import WorkingTime
from promessa.domain.catalogue import Catalogue, Lane, Node
from promessa.domain.kinds import DELIVERED, NO_DAY
from promessa.domain.promise_ways import CollectedWay, DayWay, SentWay, SupplyWay, Way
from promessa.domain.sourcing import CostTerm
from promessa.kernel import Network
from promessa.service.network_view import Destination, Joint, LanePrice, NetworkView

JOINED_MAX = 256
"""Joined networks kept; each is some hundred kilobytes for 1,000 nodes."""

_ANY_GRAMS = 1_000_000_000
"""A step of the price of what nobody carries, which costs nothing."""


class Part(NamedTuple):
    """A way of delivery: to the customer, or collected at a node; what is collected comes from the stock of that node alone if
    there is no `destination`."""

    destination: Destination | None
    collector: int = DELIVERED


class NodeDay(NamedTuple):
    """A node once the supply of a day has come, and what waiting for it costs a shipment in patience."""

    node_ix: int
    day: int
    wait_micros: int = 0


def join(
    view: NetworkView, catalogue: Catalogue, parts: Sequence[Part], to_come: Sequence[NodeDay] = ()
) -> Destination:
    """The network of all parts, and of nodes on days to come, for each part; of one part that is delivered, its own."""
    if len(parts) == 1 and parts[0].collector == DELIVERED and parts[0].destination and not to_come:
        return parts[0].destination
    key = tuple((id(part.destination), part.collector) for part in parts)
    known = None if to_come else view.joined.get(key)
    if known is None:
        joining = _Joining(view, catalogue)
        for part in parts:
            joining.add_stock(part)
        for part in parts:
            joining.add_days(part, days_of(part, to_come))
        known = joining.destination(), parts
        if not to_come:
            view.joined[key] = known
            if len(view.joined) > JOINED_MAX:
                view.joined.popitem(last=False)
    return known[0]


def nodes_of(part: Part) -> Sequence[int]:
    """The nodes of a part's stretch, by index."""
    return range(len(part.destination.nodes)) if part.destination else (part.collector,)


def days_of(part: Part, to_come: Sequence[NodeDay]) -> Sequence[NodeDay]:
    """The nodes of a part's stretch of days to come."""
    return to_come if part.destination else [each for each in to_come if each.node_ix == part.collector]


class _Joining:
    """The columns of the joined network as they grow."""

    def __init__(self, view: NetworkView, catalogue: Catalogue) -> None:
        self._view = view
        self._catalogue = catalogue
        self._rates: dict[int, int] = {}
        self._nodes: list[Node | None] = []
        self._lanes: list[Lane] = []
        self._lane_nodes: list[int] = []
        self._ways: list[Way | None] = []
        self._prices: list[LanePrice | None] = []
        self._openings: list[dict[CostTerm, int]] = []
        self._insurance = array("i")
        self._origins: list[int] = []
        self._collected_at: list[int] = []
        self._days: list[int] = []
        self._firsts: list[int] = []
        self._collectors: dict[int, Node] = {}
        self._fixed, self._unit = array("q"), array("q")
        self._lane_start, self._lane_rate, self._surcharge = array("i", [0]), array("i"), array("q")
        self._bracket_start, self._grams, self._bracket_price = array("i", [0]), array("q"), array("q")
        self._over_grams, self._over_price = array("q"), array("q")

    def add_stock(self, part: Part) -> None:
        """All nodes of a part, as they are now."""
        collector = self._begin(part)
        destination, own = part.destination, part.collector
        if destination is not None and collector is None:
            self._add_span(destination, None, 0, len(destination.nodes))
            return
        if destination is not None:
            self._add_span(destination, collector, 0, own)
        self._add_node(part, collector, NodeDay(own, NO_DAY))
        if destination is not None:
            self._add_span(destination, collector, own + 1, len(destination.nodes))

    def add_days(self, part: Part, stretch: Sequence[NodeDay]) -> None:
        """Nodes of a part on days to come."""
        collector = self._begin(part)
        for each in stretch:
            self._add_node(part, collector, each)

    def _begin(self, part: Part) -> Node | None:
        """Begin a stretch; where its shipments are collected."""
        self._firsts.append(len(self._origins))
        collector = self._node(part.collector)
        if collector is not None:
            self._collectors[part.collector] = collector
        return collector

    def _add_span(self, destination: Destination, collector: Node | None, first: int, end: int) -> None:
        """Nodes of a destination one after another, as they are: most of a joined network."""
        columns, base, before = destination.columns, self._rates_of(destination), len(self._origins)
        collected_at = self._catalogue.nodes.index_of[collector.node_id] if collector else DELIVERED
        lanes = range(columns.lane_start[first], columns.lane_start[end])
        shift = len(self._lanes) - lanes.start
        self._origins.extend(range(first, end))
        self._collected_at.extend([collected_at] * (end - first))
        self._days.extend([NO_DAY] * (end - first))
        self._nodes.extend(destination.nodes[first:end])
        self._openings.extend(destination.openings[first:end] or [{}] * (end - first))
        self._fixed.extend(columns.fixed_cost[first:end])
        self._unit.extend(columns.unit_cost[first:end])
        self._insurance.extend(destination.insurance[first:end])
        self._lane_start.extend([shift + at for at in columns.lane_start[first + 1 : end + 1]])
        self._lanes.extend(destination.lanes[lanes.start : lanes.stop])
        self._lane_nodes.extend([before - first + node for node in destination.lane_nodes[lanes.start : lanes.stop]])
        self._lane_rate.extend([base + rate for rate in columns.lane_rate[lanes.start : lanes.stop]])
        self._surcharge.extend(columns.lane_surcharge[lanes.start : lanes.stop])
        self._prices.extend(destination.prices[lanes.start : lanes.stop] or [None] * len(lanes))
        if collector is None:
            self._ways.extend(destination.schedules[lanes.start : lanes.stop] or [None] * len(lanes))
        else:
            time = self._view.working_time(collector.calendar_id, collector.time_zone)
            self._ways.extend([_sent(destination, at, time, collector.receiving_minutes) for at in lanes])

    def _add_node(self, part: Part, collector: Node | None, each: NodeDay) -> None:
        node, destination = self._node(each.node_ix), part.destination
        opening = self._view.opening(each.node_ix, node)
        if each.wait_micros:
            opening = {**opening, CostTerm.WAITING: each.wait_micros}
        self._origins.append(each.node_ix)
        self._collected_at.append(part.collector)
        self._days.append(each.day)
        self._nodes.append(node)
        self._openings.append(opening)
        self._fixed.append(node.shipment_cost_micros + sum(opening.values()) if node else 0)
        self._unit.append(node.unit_cost_micros if node else 0)
        self._insurance.append(
            0 if each.node_ix == part.collector or not destination else destination.insurance[each.node_ix]
        )
        if node is not None and each.node_ix == part.collector:
            self._add_pickup(node, each.day)
        elif node is not None and destination is not None:
            self._add_lanes(destination, node, collector, each)
        self._lane_start.append(len(self._lanes))

    def _add_pickup(self, node: Node, day: int) -> None:
        """What is collected at the node that has it: nobody carries it."""
        if 0 not in self._rates:
            self._rates[0] = len(self._over_grams)
            self._grams.append(1)
            self._bracket_price.append(0)
            self._bracket_start.append(len(self._grams))
            self._over_grams.append(_ANY_GRAMS)
            self._over_price.append(0)
        lane = Lane("", node.node_id, node.country_code, customer_collects=True)
        own = self._view.schedule(node, lane)
        assert own is not None, "what is collected has hours"
        self._add_lane(lane, self._rates[0], 0, self._on_day(CollectedWay(own), node, day), None)

    def _add_lanes(self, destination: Destination, node: Node, collector: Node | None, each: NodeDay) -> None:
        """The lanes of a node on a day to come."""
        columns, base = destination.columns, self._rates_of(destination)
        for at in range(columns.lane_start[each.node_ix], columns.lane_start[each.node_ix + 1]):
            way = _own(destination, at)
            if collector is not None:
                time = self._view.working_time(collector.calendar_id, collector.time_zone)
                way = _sent(destination, at, time, collector.receiving_minutes)
            price = destination.prices[at] if destination.prices else None
            rate, surcharge = base + columns.lane_rate[at], columns.lane_surcharge[at]
            self._add_lane(destination.lanes[at], rate, surcharge, self._on_day(way, node, each.day), price)

    def _on_day(self, way: Way, node: Node, day: int) -> Way:
        """A way once the supply of a day has come."""
        return SupplyWay(way, self._view.working_time("", node.time_zone), day) if day else way

    def _add_lane(self, lane: Lane, rate: int, surcharge: int, way: Way | None, price: LanePrice | None) -> None:
        self._lanes.append(lane)
        self._lane_nodes.append(len(self._origins) - 1)
        self._lane_rate.append(rate)
        self._surcharge.append(surcharge)
        self._ways.append(way)
        self._prices.append(price)

    def _rates_of(self, destination: Destination) -> int:
        """Where the rates of a destination begin among the columns."""
        if id(destination) not in self._rates:
            columns = destination.columns
            self._rates[id(destination)] = len(self._over_grams)
            shift = len(self._grams)
            self._bracket_start.extend(shift + end for end in columns.bracket_start[1:])
            self._grams.extend(columns.bracket_grams)
            self._bracket_price.extend(columns.bracket_price)
            self._over_grams.extend(columns.over_step_grams)
            self._over_price.extend(columns.over_step_price)
        return self._rates[id(destination)]

    def _node(self, node_ix: int) -> Node | None:
        nodes = self._catalogue.nodes
        return nodes.by_id.get(nodes.ids[node_ix]) if 0 <= node_ix < len(nodes.ids) else None

    def destination(self) -> Destination:
        """All of it."""
        network = Network(
            fixed_cost=self._fixed,
            unit_cost=self._unit,
            lane_start=self._lane_start,
            lane_rate=self._lane_rate,
            lane_surcharge=self._surcharge,
            bracket_start=self._bracket_start,
            bracket_grams=self._grams,
            bracket_price=self._bracket_price,
            over_step_grams=self._over_grams,
            over_step_price=self._over_price,
        )
        return Destination(
            network=network,
            lanes=self._lanes,
            lane_nodes=self._lane_nodes,
            nodes=self._nodes,
            schedules=self._ways if any(self._ways) else [],
            prices=self._prices,
            openings=self._openings if any(self._openings) else [],
            insurance=self._insurance,
            joint=Joint(self._origins, self._collected_at, self._days, self._firsts, self._collectors),
        )


def _own(destination: Destination, lane_ix: int) -> Way:
    """The way of a lane, also of one that takes so many days."""
    own = destination.schedules[lane_ix] if destination.schedules else None
    if own is not None:
        return own
    node = destination.nodes[destination.lane_nodes[lane_ix]]
    assert node is not None, "lanes begin at nodes"
    return DayWay(node, destination.lanes[lane_ix])


def _sent(destination: Destination, lane_ix: int, store: WorkingTime, receiving_minutes: int) -> Way:
    """The way of a lane to a store, where its shipment is collected."""
    return SentWay(_own(destination, lane_ix), store, receiving_minutes)
