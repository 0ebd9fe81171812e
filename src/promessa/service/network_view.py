"""The network as the kernel sees it from one destination: costs and lanes of every node, in columns.

Built from the catalogue once per set of matching postal-code prefixes, and thrown away when the network changes.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from promessa.domain.calendar import MINUTE_MS, WorkingTime
from promessa.domain.capacity import LOAD_FULL
from promessa.domain.catalogue import Catalogue, Lane, Node
from promessa.domain.kinds import DELIVERED, kind_of
from promessa.domain.pair_rules import rate_of, rates_at
from promessa.domain.positions import kilometres, unit_vector
from promessa.domain.promise_dates import DAY_MS, Dates, NodeWork, Route, Schedule, leaves_at_ms
from promessa.domain.promise_ways import Way
from promessa.domain.rate_cards import BASIS_POINTS, CardBook, RateCard, RateZone
from promessa.domain.regions import region_of
from promessa.domain.sourcing import CostTerm, Order, PlannedShipment, with_terms
from promessa.domain.validity import Dated, is_valid, span_around
from promessa.kernel import Network
from promessa.service.business_days import public_holidays
from promessa.service.line_costs import LineCosts, LineWorth, NodeClasses, NodeRates
from promessa.service.weighted_network import Columns, columns_of

DESTINATIONS_MAX = 4_096
"""Destinations kept; each is some tens of kilobytes for 1,000 nodes."""

CLASSES_MAX = 64
"""Pairs of region and seller kept for a destination; each is some kilobytes for 1,000 nodes."""

SPARE_NODES = 64
"""Nodes beyond those known here: the replica may learn of a new node a moment earlier."""

_NO_LANES: tuple[dict[str, list[Lane]], list[int]] = ({}, [])
"""Lanes by prefix, and the lengths of prefixes there are, the longest first."""


class LanePrice(NamedTuple):
    """Of a lane with surcharges of its rate card: what its price at a weight consists of."""

    card: RateCard
    tariff: RateZone
    surcharge_micros: int
    remote_area_micros: int

    def fuel_micros(self, price_micros: int, grams: int) -> int:
        """The fuel in the price of a shipment: what is left of it without freight and other surcharges."""
        freight = self.card.freight_at(self.tariff, grams)
        return price_micros - freight - self.surcharge_micros - self.remote_area_micros


class Joint(NamedTuple):
    """Of a network joined of several, what its nodes stand for (see joined_network.py): the node each is, the node where it is
    collected or DELIVERED, and the day its supply comes. Stretches of nodes begin at `firsts`. `collectors` are the nodes where
    anything is collected.
    """

    origins: Sequence[int]
    collected_at: Sequence[int]
    supply_days: Sequence[int]
    firsts: Sequence[int]
    collectors: dict[int, Node]

    def collector(self, node_ix: int) -> Node | None:
        """Where a node's shipment is collected, None if it is delivered."""
        return self.collectors.get(self.collected_at[node_ix])


@dataclass(slots=True)
class Destination:
    """Everything the decision needs to know about one destination. Lane columns are in the order of the kernel's lanes.

    `schedules` has for each lane its way from order to arrived, None where that is so many days; it is empty if all are.
    `prices` has for each lane the surcharges of its rate card, None where there are none; it is empty if nowhere are any.
    `openings` has for each node what a shipment costs there beside shipment_cost_micros; it is empty if that is nothing.
    `insurance` are the hundredths of a per cent of the value at which the lanes of each node insure.
    """

    network: Network
    lanes: list[Lane]
    lane_nodes: list[int]
    nodes: list[Node | None]
    schedules: Sequence[Way | None]
    prices: list[LanePrice | None]
    openings: list[dict[CostTerm, int]]
    insurance: array[int]
    joint: Joint | None = None
    """What its nodes stand for, if it is joined of several; None where they are those of the catalogue."""
    detailed: bool = field(init=False)
    """Whether shipments have more to them than a carrier's price, so many days, and what the node costs."""
    classes: dict[tuple[str, str], NodeClasses] = field(default_factory=dict)
    _arrivals: tuple[int, list[int]] = field(default=(-1, []))
    _ships: dict[int, tuple[int, int]] = field(default_factory=dict)
    _columns: Columns | None = None
    _kinds: bytes = b""
    _known_nodes: array[int] = field(default_factory=lambda: array("I"))
    near: list[int] = field(init=False)
    """Lanes that do not go everywhere: no farther than so many kilometres, or nowhere, for the customer collects."""
    weighted: dict[object, Network] = field(default_factory=dict)
    """The network as rules of policies weigh it, by what they weigh."""

    def __post_init__(self) -> None:
        if not any(self.prices):
            self.prices = []
        self.detailed = bool(self.schedules or self.prices or self.openings)
        joined = self.joint is not None
        self.near = [
            i for i, lane in enumerate(self.lanes) if lane.max_distance_km or (joined and lane.customer_collects)
        ]

    def detail(self, shipment: PlannedShipment, lane_ix: int, now_ms: int, lead_ms: int) -> PlannedShipment:
        """A shipment as the kernel priced it, with its dates by the calendars and its cost by all terms."""
        dates = self.dates(lane_ix, now_ms, lead_ms)
        if dates:
            shipment = shipment._replace(
                ready_ms=dates.ready_ms,
                ship_ms=dates.ship_ms,
                window_start_ms=dates.window_start_ms,
                promise_ms=dates.promise_ms,
            )
        price = self.prices[lane_ix] if self.prices else None
        if price:
            fuel = price.fuel_micros(shipment.shipping_micros, shipment.weight_grams)
            shipping = shipment.shipping_micros - fuel - price.remote_area_micros
            terms = {CostTerm.FUEL: fuel, CostTerm.REMOTE_AREA: price.remote_area_micros}
            shipment = with_terms(shipment._replace(shipping_micros=shipping), terms)
        opening = self.openings[shipment.node_ix] if self.openings else None
        if opening:
            fixed = shipment.shipment_micros - sum(opening.values())
            shipment = with_terms(shipment._replace(shipment_micros=fixed), opening)
        return shipment

    def as_it_is(self, shipment: PlannedShipment) -> PlannedShipment:
        """A shipment of a joined network, by the node it leaves, where it is collected, and when its supply comes."""
        joint = self.joint
        if joint is None:
            return shipment
        at = shipment.node_ix
        return shipment._replace(
            node_ix=joint.origins[at], collected_ix=joint.collected_at[at], supply_day=joint.supply_days[at]
        )

    @property
    def known_nodes(self) -> array[int]:
        """The positions of the nodes that there are."""
        if not self._known_nodes:
            self._known_nodes = array("I", [at for at, node in enumerate(self.nodes) if node is not None])
        return self._known_nodes

    @property
    def kinds(self) -> bytes:
        """The FulfillmentKind of each lane."""
        if not self._kinds:
            self._kinds = bytes([self._kind(at, lane) for at, lane in zip(self.lane_nodes, self.lanes, strict=True)])
        return self._kinds

    def _kind(self, node_ix: int, lane: Lane) -> int:
        node = self.nodes[node_ix]
        assert node is not None
        return kind_of(node, lane, collected=self.joint is not None and self.joint.collected_at[node_ix] != DELIVERED)

    def lanes_of_kinds(self, kinds: Sequence[int]) -> bytes:
        """One byte per lane: 1 if its shipments are of these kinds."""
        return bytes([kind in kinds for kind in self.kinds])

    def lanes_in_reach(self, position_e6: tuple[int, int] | None) -> bytes:
        """One byte per lane: 1 if it goes to a position, or to where its shipment is collected."""
        mask = bytearray(b"\1" * len(self.lanes))
        for lane_ix in self.near:
            node, lane = self.nodes[self.lane_nodes[lane_ix]], self.lanes[lane_ix]
            collector = self.joint.collector(self.lane_nodes[lane_ix]) if self.joint else None
            there = collector.position_e6 if collector else position_e6
            if lane.customer_collects:  # at its own node
                mask[lane_ix] = collector is None or collector.node_id == lane.node_id
            elif node is None or not node.position_e6 or not there:
                mask[lane_ix] = 0
            else:
                far = kilometres(unit_vector(*node.position_e6), unit_vector(*there))
                mask[lane_ix] = far <= lane.max_distance_km
        return bytes(mask)

    @property
    def served(self) -> bool:
        """Whether any node ships there."""
        return bool(self.lanes)

    def ship_ms(self, node_ix: int, now_ms: int) -> int:
        """When an order placed now leaves a node without hours; see leaves_at_ms."""
        node = self.nodes[node_ix]
        assert node is not None
        if node.cutoff_minute is None:
            return leaves_at_ms(node, now_ms)
        minute = now_ms // MINUTE_MS  # with a cut-off, all orders of a minute leave together
        known = self._ships.get(node_ix)
        if known is None or known[0] != minute:
            known = self._ships[node_ix] = (minute, leaves_at_ms(node, now_ms))
        return known[1]

    def dates(self, lane_ix: int, now_ms: int, lead_ms: int = 0, slip_days: int = 0) -> Dates | None:
        """When an order placed now is ready, leaves and arrives by a lane with hours; None for a lane without."""
        schedule = self.schedules[lane_ix] if self.schedules else None
        return schedule.dates(now_ms, lead_ms, slip_days) if schedule else None

    def lane_of(self, ship: PlannedShipment) -> int:
        """The position of a shipment's lane among the columns."""
        node_ix = self._node_of(ship)
        at = self.lane_nodes.index(node_ix)
        return next(i for i in range(at, len(self.lanes)) if self.lanes[i].lane_id == ship.lane_id)

    def _node_of(self, ship: PlannedShipment) -> int:
        """The node among the columns that a shipment leaves."""
        joint = self.joint
        if joint is None:
            return ship.node_ix
        places = zip(joint.origins, joint.collected_at, joint.supply_days, strict=True)
        return list(places).index((ship.node_ix, ship.collected_ix, ship.supply_day))

    def lanes_in_time(self, now_ms: int, latest_ms: int, lead_ms: int) -> bytes:
        """One byte per lane: 1 if an order placed now arrives by then."""
        return bytes([arrival <= latest_ms for arrival in self.arrivals(now_ms, lead_ms)])

    def arrivals(self, now_ms: int, lead_ms: int) -> list[int]:
        """When an order placed in this minute arrives, lane by lane; by lanes without hours, if it came at its beginning.

        Without a lead it is kept for the minute.
        """
        minute = now_ms // MINUTE_MS
        if lead_ms:
            return self._all_arrivals(minute * MINUTE_MS, lead_ms)
        if self._arrivals[0] != minute:
            self._arrivals = (minute, self._all_arrivals(minute * MINUTE_MS, 0))
        return self._arrivals[1]

    @property
    def columns(self) -> Columns:
        """The numbers of the network, to weigh them and to price shipments without the kernel."""
        if self._columns is None:
            self._columns = columns_of(self.network)
        return self._columns

    def _all_arrivals(self, now_ms: int, lead_ms: int) -> list[int]:
        """When an order placed now arrives, lane by lane."""
        found = []
        for lane_ix, (node_ix, lane) in enumerate(zip(self.lane_nodes, self.lanes, strict=True)):
            dates = self.dates(lane_ix, now_ms, lead_ms)
            plain = None if dates else self.ship_ms(node_ix, now_ms) + lane.transit_days * DAY_MS + lead_ms
            found.append(dates.promise_ms if dates else plain or 0)
        return found


class NetworkView:
    """Destinations by postal code, over a catalogue that may change at any moment."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version = -1
        self._from_ms = self._until_ms = 0
        self._lanes: dict[str, tuple[dict[str, list[Lane]], list[int]]] = {}
        self._card_of: dict[str, RateCard] = {}
        self._rates: list[tuple[RateCard, RateZone]] = []
        self._rate_of: dict[tuple[str, str], int] = {}
        self._taxes: dict[tuple[str, str], int] = {}
        self._commissions: dict[tuple[str, str], int] = {}
        self._destinations: OrderedDict[tuple[str, ...], Destination] = OrderedDict()
        self._schedules: dict[tuple[object, ...], Schedule] = {}
        self._times: dict[tuple[str, str], WorkingTime] = {}
        self.joined: OrderedDict[object, tuple[Destination, object]] = OrderedDict()
        """Networks joined of several, each with what it was joined of, so that their ids are theirs; see joined_network.py."""
        self.currency_code = ""
        self.volumetric_divisor = 0

    def over(self, catalogue: Catalogue) -> NetworkView:
        """A view of its own over a copy of the catalogue, or another one. What was built of the same network is shared."""
        found = NetworkView(catalogue)
        if catalogue.network_version == self._version == self._catalogue.network_version:
            for name, value in vars(self).items():
                if name != "_catalogue":
                    setattr(found, name, value)
            found._destinations, found._schedules, found._times = (
                OrderedDict(self._destinations), dict(self._schedules), dict(self._times)
            )  # fmt: skip
        return found

    def destination(self, country_code: str, postal_code: str, now_ms: int) -> Destination:
        """The network towards a postal code, as it is in force at an instant."""
        self.take_over(now_ms)
        by_prefix, lengths = self._lanes.get(country_code, _NO_LANES)
        prefixes = [postal_code[:n] for n in lengths if n <= len(postal_code)]
        matching = [prefix for prefix in prefixes if prefix in by_prefix]  # longest first
        key = (country_code, *matching)
        found = self._destinations.get(key)
        if found is None:
            found = self._build([by_prefix[prefix] for prefix in matching], matching)
            self._destinations[key] = found
            if len(self._destinations) > DESTINATIONS_MAX:
                self._destinations.popitem(last=False)
        return found

    def take_over(self, now_ms: int) -> None:
        """See to it that all is of the catalogue as it is, at an instant."""
        if self._version != self._catalogue.network_version or not self._from_ms <= now_ms < self._until_ms:
            self._index(now_ms)

    def _index(self, now_ms: int) -> None:
        """Take over the catalogue as it is at an instant: lanes by country and prefix, rate cards by position."""
        catalogue = self._catalogue
        self._version = catalogue.network_version
        book = CardBook(catalogue.rate_cards.by_id.values())
        taxes, commissions = catalogue.tax_rules.by_id.values(), catalogue.commission_rules.by_id.values()
        dated: list[Dated] = [*catalogue.lanes.by_id.values(), *book.in_force(), *taxes, *commissions]
        self._from_ms, self._until_ms = span_around(now_ms, dated)
        self._taxes, self._commissions = rates_at(taxes, now_ms), rates_at(commissions, now_ms)
        self._destinations.clear()
        self._schedules.clear()
        self._times.clear()
        self.joined.clear()
        self.currency_code = next((card.currency_code for card in book.by_id.values()), "")
        self._card_of = {each: card for each in book.by_id if (card := book.at(each, now_ms))}
        self.volumetric_divisor = next((card.volumetric_divisor for card in self._card_of.values()), 0)
        self._rates, self._rate_of = [], {}
        lanes: dict[str, dict[str, list[Lane]]] = {}
        index_of = catalogue.lanes.index_of
        for lane in sorted(catalogue.lanes.by_id.values(), key=lambda lane: index_of[lane.lane_id]):  # in any process
            if lane.node_id in catalogue.nodes.by_id and is_valid(lane, now_ms) and self._take_rate(lane):
                by_prefix = lanes.setdefault(lane.country_code, {})
                for prefix in lane.postal_code_prefixes or ("",):
                    by_prefix.setdefault(prefix, []).append(lane)
        for card in self._card_of.values():  # remote areas divide destinations as prefixes of lanes do
            for prefix in [prefix for area in card.remote_areas for prefix in area.postal_code_prefixes]:
                for by_prefix in lanes.values():
                    by_prefix.setdefault(prefix, [])
        self._lanes = {
            country: (by_prefix, sorted({len(prefix) for prefix in by_prefix}, reverse=True))
            for country, by_prefix in lanes.items()
        }

    def _take_rate(self, lane: Lane) -> bool:
        """Give the prices of a lane a position; whether it has any."""
        key = (lane.rate_card_id, lane.zone)
        if key not in self._rate_of:
            card = self._card_of.get(lane.rate_card_id)
            tariff = card.tariff(lane.zone) if card else None
            if card is None or tariff is None:
                return False
            self._rate_of[key] = len(self._rates)
            self._rates.append((card, tariff))
        return True

    def working_time(self, calendar_id: str, time_zone: str) -> WorkingTime:
        """A calendar's working time in a zone; without a calendar every hour counts."""
        found = self._times.get((calendar_id, time_zone))
        if found is None:
            calendar = self._catalogue.calendars.by_id.get(calendar_id)
            found = self._times[calendar_id, time_zone] = WorkingTime(calendar, time_zone, public_holidays)
        return found

    def schedule(self, node: Node, lane: Lane) -> Schedule | None:
        """The way of a lane with hours, or from a node with hours; None where it is so many days. Ways alike are one."""
        if not (lane.timed or node.timed):
            return None
        key = (
            node.calendar_id, node.time_zone, node.cutoff_minute, node.handling_days, node.handling_minutes,
            node.queue_minutes, lane.calendar_id, lane.time_zone, lane.transit_days, lane.transit_in_working_days,
            lane.transit_minutes, lane.pickup_minutes, lane.delivery_start_minute, lane.delivery_end_minute,
            lane.customer_collects,
        )  # fmt: skip
        found = self._schedules.get(key)
        if found is None:
            work = NodeWork(node, self.working_time(node.calendar_id, node.time_zone) if node.calendar_id else None)
            route = Route(
                lane,
                node=self.working_time(node.calendar_id, node.time_zone),
                carrier=self.working_time(lane.calendar_id, node.time_zone),
                there=self.working_time(lane.calendar_id, lane.time_zone or node.time_zone),
            )
            found = self._schedules[key] = Schedule(work, route)
        return found

    def _build(self, lanes_by_prefix: list[list[Lane]], prefixes: list[str]) -> Destination:
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
        schedules = [self.schedule(node, lane) for node_ix, _, lane in ordered if (node := nodes[node_ix])]
        openings = [self.opening(node_ix, node) for node_ix, node in enumerate(nodes)]
        rates = [self._rates[self._rate_of[lane.rate_card_id, lane.zone]] for lane in lanes]
        remote = [_remote_micros(card, prefixes) for card, _ in rates]
        return Destination(
            network=self._network(nodes, openings, lane_start, lanes, remote),
            lanes=lanes,
            lane_nodes=[node_ix for node_ix, _, _ in ordered],
            nodes=nodes,
            schedules=schedules if any(schedules) else [],
            prices=[
                LanePrice(card, tariff, lane.surcharge_micros, remote_micros)
                if card.fuel_basis_points or remote_micros
                else None
                for (card, tariff), lane, remote_micros in zip(rates, lanes, remote, strict=True)
            ],
            openings=openings if any(openings) else [],
            insurance=array(
                "i",
                [rates[first][0].insurance_basis_points if first < end else 0 for first, end in pairwise(lane_start)],
            ),
        )

    def opening(self, node_ix: int, node: Node | None) -> dict[CostTerm, int]:
        """What a shipment costs at a node beside opening it; terms of 0 are left out.

        The load is priced as congestion, by the square of the part of today's capacity that is taken: next to nothing while
        there is room, and all of load_cost_micros when there is none.
        """
        if node is None:
            return {}
        load = self._catalogue.loads.get(node_ix, 0)
        terms = {
            CostTerm.PACKAGING: node.packaging_cost_micros,
            CostTerm.LOAD: node.load_cost_micros * load * load // LOAD_FULL**2,
            CostTerm.REJECTION: node.rejection_basis_points * node.resource_cost_micros // BASIS_POINTS,
        }
        return {term: micros for term, micros in terms.items() if micros}

    def line_costs(self, order: Order, destination: Destination, worths: Sequence[LineWorth]) -> LineCosts | None:
        """What units of an order cost by themselves at each node, None if that is nothing anywhere."""
        region = order.region_code or region_of(order.country_code, order.postal_code)
        classes = self._node_classes(destination, region, order.seller_code)
        if not any(any(rates[:3]) for rates in classes.rates) and not any(worth.health for worth in worths):
            return None
        return LineCosts(worths, classes)

    def _node_classes(self, destination: Destination, region: str, seller: str) -> NodeClasses:
        """The rates of each node for an order to a region, sold by a company."""
        found = destination.classes.get((region, seller))
        if found is None:
            known: dict[NodeRates, int] = {}
            of_node = array("i")
            joint = destination.joint
            for node_ix, (node, insurance) in enumerate(zip(destination.nodes, destination.insurance, strict=True)):
                collector = joint.collector(node_ix) if joint else None
                there = region_of_node(collector) if collector else region
                tax = rate_of(self._taxes, node.region_code, there) if node else 0
                other = node is not None and node.owner_code != seller
                commission = rate_of(self._commissions, seller, node.owner_code) if node and other else 0
                rates = NodeRates(insurance, tax, commission, node.demand_share_basis_points if node else 0)
                of_node.append(known.setdefault(rates, len(known)))
            if len(destination.classes) >= CLASSES_MAX:
                destination.classes.clear()
            found = destination.classes[region, seller] = NodeClasses(of_node, list(known))
        return found

    def _network(
        self,
        nodes: list[Node | None],
        openings: list[dict[CostTerm, int]],
        lane_start: array[int],
        lanes: list[Lane],
        remote: list[int],
    ) -> Network:
        used = sorted({self._rate_of[lane.rate_card_id, lane.zone] for lane in lanes})
        position = {rate: i for i, rate in enumerate(used)}
        rates = [self._rates[rate] for rate in used]
        bracket_start, grams, prices = array("i", [0]), array("q"), array("q")
        for card, tariff in rates:
            grams.extend(bracket.max_weight_grams for bracket in tariff.brackets)
            prices.extend(card.with_fuel(card.freight(bracket.price_micros)) for bracket in tariff.brackets)
            bracket_start.append(len(grams))
        fixed = [
            node.shipment_cost_micros + sum(opening.values()) if node else 0
            for node, opening in zip(nodes, openings, strict=True)
        ]
        surcharges = [lane.surcharge_micros + more for lane, more in zip(lanes, remote, strict=True)]
        return Network(
            fixed_cost=array("q", fixed),
            unit_cost=array("q", [node.unit_cost_micros if node else 0 for node in nodes]),
            lane_start=lane_start,
            lane_rate=array("i", [position[self._rate_of[lane.rate_card_id, lane.zone]] for lane in lanes]),
            lane_surcharge=array("q", surcharges),
            bracket_start=bracket_start,
            bracket_grams=grams,
            bracket_price=prices,
            over_step_grams=array("q", [tariff.over_step_grams for _, tariff in rates]),
            over_step_price=array("q", [card.with_fuel(tariff.over_step_price_micros) for card, tariff in rates]),
        )


def region_of_node(node: Node) -> str:
    """The region of what goes to a node."""
    return node.region_code or region_of(node.country_code, node.postal_code)


def _remote_micros(card: RateCard, prefixes: list[str]) -> int:
    """What a card asks for a destination: of its areas with a prefix of it, the one with the longest."""
    priced = {prefix: area.surcharge_micros for area in card.remote_areas for prefix in area.postal_code_prefixes}
    return next((priced[prefix] for prefix in prefixes if prefix in priced), 0) if priced else 0
