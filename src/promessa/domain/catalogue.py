"""Nodes, groups, skus, rate cards, lanes, and rules of holds and safety stock: what they are, and the directory of all of them.

Everything has a dense index, given once and never used again; ids are for people, indices for computing.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from promessa.domain.calendar import Calendar
from promessa.domain.hold_rules import HoldRule
from promessa.domain.pair_rules import CommissionRule, TaxRule
from promessa.domain.policy import PolicyHead, PolicyState, PolicyVersion
from promessa.domain.rate_cards import RateCard
from promessa.domain.refusal import NodeCooling
from promessa.domain.safety_stock import SafetyStockRule
from promessa.domain.stock import SupplyMode
from promessa.domain.unavailable import UnavailableReason


class NodeState(IntEnum):
    """Whether a node takes orders."""

    ACTIVE = 1
    PAUSED = 2
    DELETED = 3
    FULL = 4
    """Active, but its daily capacity is taken. The store says so; nobody sets it."""


class NodeAttribute(NamedTuple):
    """A name and a value of the retailer's own."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Node:
    """A place that keeps stock and serves orders. Costs in micros, position in degrees x 1,000,000."""

    node_id: str
    name: str = ""
    type: int = 0
    country_code: str = ""
    region_code: str = ""
    postal_code: str = ""
    latitude_e6: int = 0
    longitude_e6: int = 0
    time_zone: str = ""
    cutoff_minute: int | None = None
    handling_days: int = 0
    shipment_cost_micros: int = 0
    unit_cost_micros: int = 0
    owner_code: str = ""
    calendar_id: str = ""
    handling_minutes: int = 0
    queue_minutes: int = 0
    packaging_cost_micros: int = 0
    rejection_basis_points: int = 0
    resource_cost_micros: int = 0
    load_cost_micros: int = 0
    demand_share_basis_points: int = 0
    attributes: tuple[NodeAttribute, ...] = ()
    """What it says of itself beside all this, for policies to ask."""
    pickup_point: bool = False
    receiving_minutes: int = 0
    accept_minutes: int = 0
    """This and the five below: by when steps of orders are due there, see order_deadlines.py; 0: as the settings say."""
    pick_minutes: int = 0
    ship_minutes: int = 0
    deliver_days: int = 0
    pickup_days: int = 0
    at_risk_minutes: int = 0
    paused_until_ms: int = 0
    """When it takes orders again by itself, if it is paused; 0: when somebody says so. Not kept in its JSON."""

    @property
    def timed(self) -> bool:
        """Whether an order takes more than so many days and a cut-off to leave it."""
        return bool(self.calendar_id or self.handling_minutes or self.queue_minutes)

    @property
    def has_terms(self) -> bool:
        """Whether steps of orders are due there at other times than elsewhere."""
        minutes = self.accept_minutes or self.pick_minutes or self.ship_minutes or self.at_risk_minutes
        return bool(minutes or self.deliver_days or self.pickup_days)

    @property
    def position_e6(self) -> tuple[int, int] | None:
        """Where it is, in degrees times 1,000,000; None if it does not say."""
        return (self.latitude_e6, self.longitude_e6) if self.latitude_e6 or self.longitude_e6 else None


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Nodes that are addressed together."""

    node_group_id: str
    name: str = ""
    node_ids: tuple[str, ...] = ()


class SkuState(IntEnum):
    """What the store must know of a sku: whether it has cells of its own, and whether their units are counted."""

    STOCKED = 1
    KIT = 2
    DELETED = 3
    INFINITE = 4
    MADE_TO_ORDER = 5


_STATES: dict[int, SkuState] = {
    SupplyMode.INFINITE: SkuState.INFINITE,
    SupplyMode.MADE_TO_ORDER: SkuState.MADE_TO_ORDER,
}


class KitComponent(NamedTuple):
    """A part of a kit: a sku that is no kit, and units of it in one kit."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Sku:
    """Something sold, in one unit of measure.

    Quantities count its smallest units: there are 10 ** `decimals` of them in a whole one, which weighs `weight_grams`.
    """

    sku: str
    description: str = ""
    weight_grams: int = 0
    gtin: str = ""
    unit_code: str = ""
    stock_class: str = ""
    kit: tuple[KitComponent, ...] = ()
    decimals: int = 0
    step_quantity: int = 0
    supply_mode: int = 0
    lead_time_days: int = 0
    substitutes: tuple[str, ...] = ()
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    value_micros: int = 0
    margin_micros: int = 0
    markdown_micros: int = 0
    weekly_demand_quantity: int = 0
    healthy_weeks_min: int = 0
    healthy_weeks_max: int = 0

    @property
    def volume_mm3(self) -> int:
        """The box it goes in; 0 if it is not known."""
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def step(self) -> int:
        """It is sold in multiples of so many smallest units."""
        return self.step_quantity or 1

    @property
    def shaped(self) -> bool:
        """Whether it is more than a thing of which there are so many."""
        return bool(self.kit or self.step > 1 or self.decimals or self.lead_time_days)

    @property
    def state(self) -> SkuState:
        """What the store must know of it."""
        return SkuState.KIT if self.kit else _STATES.get(self.supply_mode, SkuState.STOCKED)


@dataclass(frozen=True, slots=True)
class Lane:
    """A carrier service that takes shipments from one node to some destinations."""

    lane_id: str
    node_id: str
    country_code: str
    postal_code_prefixes: tuple[str, ...] = ()
    carrier_service: str = ""
    rate_card_id: str = ""
    transit_days: int = 0
    surcharge_micros: int = 0
    zone: str = ""
    calendar_id: str = ""
    transit_in_working_days: bool = False
    transit_minutes: int = 0
    pickup_minutes: tuple[int, ...] = ()
    delivery_start_minute: int = 0
    delivery_end_minute: int = 0
    time_zone: str = ""
    customer_collects: bool = False
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    max_distance_km: int = 0

    @property
    def timed(self) -> bool:
        """Whether its arrival is more than so many days after leaving."""
        return bool(
            self.calendar_id
            or self.pickup_minutes
            or self.transit_minutes
            or self.delivery_end_minute
            or self.customer_collects
        )

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        nowhere = next((x for x in self.postal_code_prefixes if not _can_begin(self.country_code, x)), None)
        if nowhere is not None:
            return (
                "postal_code_prefixes",
                f"must begin postal codes of {self.country_code}, and none begins {nowhere!r}",
            )
        if self.valid_until_ms and self.valid_until_ms <= self.valid_from_ms:
            return "valid_until_time", "must be later than valid_from_time"
        if self.transit_in_working_days and not self.calendar_id:
            return "calendar_id", "must be given for transit_in_working_days: it says which days are"
        if self.transit_minutes and self.transit_days:
            return "transit_days", "must be 0 with transit_minutes"
        if any(after <= before for before, after in pairwise(self.pickup_minutes)):
            return "pickup_minutes", "must rise"
        if self.delivery_end_minute <= self.delivery_start_minute and (
            self.delivery_start_minute or self.delivery_end_minute
        ):
            return "delivery_end_minute", "must be later than delivery_start_minute"
        carried = self.transit_days or self.transit_minutes or self.pickup_minutes or self.delivery_end_minute
        if self.customer_collects and (carried or self.calendar_id):
            return "customer_collects", "must have no transit, pickup, delivery window or calendar: nobody carries it"
        return None


def _can_begin(country_code: str, prefix: str) -> bool:
    """Whether a postal code of a country can begin so: those of Brazil have eight digits."""
    return country_code != "BR" or (prefix.isdecimal() and len(prefix) <= 8)


Resource = (
    Calendar
    | Node
    | NodeGroup
    | Sku
    | RateCard
    | Lane
    | TaxRule
    | CommissionRule
    | HoldRule
    | SafetyStockRule
    | UnavailableReason
    | PolicyHead
    | PolicyVersion
    | NodeCooling
)
T = TypeVar(
    "T",
    Calendar,
    Node,
    NodeGroup,
    Sku,
    RateCard,
    Lane,
    TaxRule,
    CommissionRule,
    HoldRule,
    SafetyStockRule,
    UnavailableReason,
    PolicyHead,
    PolicyVersion,
    NodeCooling,
)

NO_PLACE_IN_NETWORK = ("sku", "hold_rule", "safety_rule", "unavailable_reason", "policy", "policy_version", "cooling")
"""Kinds that no column of a destination is made of."""


@dataclass(slots=True)
class Directory(Generic[T]):
    """The live resources of one kind by id and by index."""

    by_id: dict[str, T] = field(default_factory=dict)
    index_of: dict[str, int] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def copy(self) -> Directory[T]:
        """The same as it is now."""
        return Directory(dict(self.by_id), dict(self.index_of), list(self.ids))

    def put(self, resource_id: str, index: int, resource: T | None) -> None:
        """Set the resource of an id, or take it away (None); the id keeps its index."""
        while len(self.ids) <= index:
            self.ids.append("")
        self.ids[index] = resource_id
        if resource is None:
            self.by_id.pop(resource_id, None)
            self.index_of.pop(resource_id, None)
        else:
            self.by_id[resource_id] = resource
            self.index_of[resource_id] = index


_PLURALS = {"policy": "policies"}


class Seen(NamedTuple):
    """What a catalogue is of: all of its log up to a position, some records (kind, id, position) of later ones, and the loads
    that were kept under an id (empty: none count)."""

    position: int = 0
    ahead: tuple[tuple[str, str, int], ...] = ()
    loads_id: str = ""


class Catalogue:
    """All resources of a data set, as one process knows them.

    `network_version` rises with every change that sourcing costs depend on. `shaped` are the skus that a request must
    be looked at twice for: kits, those sold in steps or with decimals, those made to order. Many catalogues have none.
    `priced` are the skus whose units cost something by themselves. `lanes_of` are the lanes by node and id,
    `commissions_of` the commission rules by pair and id. `own_terms` are the nodes with own deadlines of orders, by index.
    `seen` says what all of it is of.
    """

    def __init__(self) -> None:
        self.calendars: Directory[Calendar] = Directory()
        self.nodes: Directory[Node] = Directory()
        self.node_groups: Directory[NodeGroup] = Directory()
        self.skus: Directory[Sku] = Directory()
        self.rate_cards: Directory[RateCard] = Directory()
        self.lanes: Directory[Lane] = Directory()
        self.tax_rules: Directory[TaxRule] = Directory()
        self.commission_rules: Directory[CommissionRule] = Directory()
        self.hold_rules: Directory[HoldRule] = Directory()
        self.safety_rules: Directory[SafetyStockRule] = Directory()
        self.unavailable_reasons: Directory[UnavailableReason] = Directory()
        self.coolings: Directory[NodeCooling] = Directory()
        """By node, with its index."""
        self._cool_until: list[tuple[int, str]] = []
        """When the last cool-down of each node is over, the first to be so first: most are, and no decision looks at these."""
        self.policies: Directory[PolicyHead] = Directory()
        self.policy_versions: Directory[PolicyVersion] = Directory()
        """Those that are active, by id@version; all others are the store's to show."""
        self.shadows: dict[str, PolicyVersion] = {}
        """Those that decide in the shadow of these and only count, by id@version."""
        self.node_states: dict[int, NodeState] = {}
        self.own_terms: dict[int, Node] = {}
        self.lanes_of: dict[str, dict[str, Lane]] = {}
        self.commissions_of: dict[tuple[str, str], dict[str, CommissionRule]] = {}
        self.network_version = 0
        self.shaped: set[str] = set()
        self.priced: set[str] = set()
        self.loads: dict[int, int] = {}
        self.seen = Seen()

    @property
    def currency_code(self) -> str:
        """The currency of all amounts; empty while there is no rate card to say it."""
        return next((card.currency_code for card in self.rate_cards.by_id.values()), "")

    def directory(self, kind: str) -> Directory[Resource]:  # type: ignore[type-var]
        """The directory of `calendar`, `node`, `node_group`, `sku`, `rate_card`, `lane`, `hold_rule` or `safety_rule`."""
        return getattr(self, _PLURALS.get(kind) or f"{kind}s")  # type: ignore[no-any-return]

    def put(self, kind: str, resource_id: str, index: int, resource: Resource | None, state: int) -> None:
        """Take over one change of the store's catalogue."""
        if isinstance(resource, PolicyVersion) and resource.state != PolicyState.ACTIVE:
            self.shadows[resource_id] = resource
            resource = None
        elif kind == "policy_version":
            self.shadows.pop(resource_id, None)
        directory = self.directory(kind)
        before = directory.by_id.get(resource_id)
        directory.put(resource_id, index, resource)
        if kind == "node":
            self.node_states[index] = NodeState(state)
            self.own_terms.pop(index, None)
        if isinstance(resource, Node) and resource.has_terms:
            self.own_terms[index] = resource
        if isinstance(before, Lane):
            del self.lanes_of[before.node_id][resource_id]
        if isinstance(resource, Lane):
            self.lanes_of.setdefault(resource.node_id, {})[resource_id] = resource
        if isinstance(before, CommissionRule):
            del self.commissions_of[before.pair][resource_id]
        if isinstance(resource, CommissionRule):
            self.commissions_of.setdefault(resource.pair, {})[resource_id] = resource
        if isinstance(resource, Sku) and resource.shaped:
            self.shaped.add(resource_id)
        elif kind == "sku":
            self.shaped.discard(resource_id)
        if isinstance(resource, Sku) and (resource.value_micros or resource.weekly_demand_quantity):
            self.priced.add(resource_id)
        elif kind == "sku":
            self.priced.discard(resource_id)
        if isinstance(before, NodeCooling):
            self._cool_until.remove((before.until_ms, resource_id))
        if isinstance(resource, NodeCooling):
            insort(self._cool_until, (resource.until_ms, resource_id))
        if kind not in NO_PLACE_IN_NETWORK and resource != before:
            self.network_version += 1

    def cooling_at(self, now_ms: int) -> Iterator[NodeCooling]:
        """The nodes that have a cool-down which is not over at an instant."""
        first = bisect_right(self._cool_until, now_ms, key=lambda each: each[0])
        return (self.coolings.by_id[node_id] for _, node_id in self._cool_until[first:])

    def set_loads(self, loads: dict[int, int], loads_id: str = "") -> None:
        """Take over how much of today's capacity is taken, in per cent by node, of nodes where that counts.

        `loads_id` is what they are kept under.
        """
        if loads != self.loads:
            self.loads = loads
            self.seen = self.seen._replace(loads_id=loads_id)
            self.network_version += 1

    def copy(self, *, sharing_skus: bool = False) -> Catalogue:
        """The same resources in a catalogue that changes by itself, but for skus, if shared: there may be a million of them."""
        other, shared = Catalogue(), ("skus", "shaped", "priced") if sharing_skus else ()
        for name, value in vars(self).items():
            own = isinstance(value, dict | list | set | Directory) and name not in shared
            setattr(other, name, value.copy() if own else value)
        other.lanes_of = {node_id: dict(lanes) for node_id, lanes in self.lanes_of.items()}
        other.commissions_of = {pair: dict(rules) for pair, rules in self.commissions_of.items()}
        return other

    def used_by(self, kind: str, resource_id: str) -> str | None:
        """What still refers to a resource, for a refusal to delete it."""
        if kind == "calendar":
            node = next((f"node {x.node_id}" for x in self.nodes.by_id.values() if x.calendar_id == resource_id), None)
            lanes = self.lanes.by_id.values()
            return node or next((f"lane {x.lane_id}" for x in lanes if x.calendar_id == resource_id), None)
        if kind == "rate_card":
            cards = self.rate_cards.by_id.values()
            card = next((f"rate card {x.rate_card_id}" for x in cards if x.succeeds_id == resource_id), None)
            return card or next(
                (f"lane {x.lane_id}" for x in self.lanes.by_id.values() if x.rate_card_id == resource_id), None
            )
        if kind == "node":
            lane = next((f"lane {lane_id}" for lane_id in self.lanes_of.get(resource_id, ())), None)
            groups = self.node_groups.by_id.values()
            return lane or next((f"node group {x.node_group_id}" for x in groups if resource_id in x.node_ids), None)
        if kind == "sku":
            kits = [self.skus.by_id[sku] for sku in self.shaped]
            return next((f"kit {x.sku}" for x in kits if any(part.sku == resource_id for part in x.kit)), None)
        return None
