"""Orders to be sourced, and plans: which node serves which units, at which cost.

Money is integer micros of the data set's currency, instants are ms since the epoch, nodes, skus and lanes are indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from promessa.domain.kinds import DELIVERED, NO_WAYS, Ways


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a plan must keep to. `latest_delivery_ms` 0 stands for "whenever"; `max_shipments` 0 for "as many as needed"."""

    max_shipments: int = 0
    ship_complete: bool = False
    keep_lines_whole: bool = False
    latest_delivery_ms: int = 0
    excluded_node_ids: tuple[str, ...] = ()
    node_group_id: str = ""
    min_shipment_value_micros: int = 0
    """The least value of each shipment where several go to the same place."""


NO_CONSTRAINTS = Constraints()


class OrderTraits(NamedTuple):
    """What policies may ask of an order beside its lines and where it goes. Empty or 0 stands for "not said".

    `refused_by` are the nodes that refused it before, once for each time; `position_e6` is where it goes, in degrees times
    1,000,000. Instants are ms since the epoch.
    """

    order_kind: str = ""
    customer_tier: str = ""
    queue: str = ""
    origin: str = ""
    ship_method: str = ""
    priority: int = 0
    value_micros: int = 0
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    refused_by: tuple[str, ...] = ()
    position_e6: tuple[int, int] | None = None
    order_ms: int = 0
    ship_by_ms: int = 0
    ship_after_ms: int = 0
    sla_days: int = 0


NO_TRAITS = OrderTraits()


class Order(NamedTuple):
    """What is to be sourced. Lines are pairs of sku and quantity; several lines may name one sku.

    `channel` is the text of a Claim: nodes have what can be promised to it. The region it goes to counts for tax (empty: that
    of the postal code), the company that sells it for commission (empty: the chain). A policy may be named, and a version of
    it; 0 stands for the active one.
    """

    order_id: str
    lines: tuple[tuple[str, int], ...]
    country_code: str
    postal_code: str
    constraints: Constraints = NO_CONSTRAINTS
    channel: str = ""
    region_code: str = ""
    seller_code: str = ""
    traits: OrderTraits = NO_TRAITS
    policy_id: str = ""
    policy_version: int = 0
    ways: Ways = NO_WAYS


def said_plainly(order: Order) -> Order:
    """An order that was kept, as if it were made of a request: what it does not say are the very values that all share."""
    return order._replace(
        constraints=NO_CONSTRAINTS if order.constraints == NO_CONSTRAINTS else order.constraints,
        traits=NO_TRAITS if order.traits == NO_TRAITS else order.traits,
        ways=NO_WAYS if order.ways == NO_WAYS else order.ways,
    )


class CostTerm(IntEnum):
    """The terms of a shipment's cost beside shipping, handling and shipment; the numbers are the fields of PlanCost."""

    FUEL = 60
    REMOTE_AREA = 61
    PACKAGING = 62
    LOAD = 63
    REJECTION = 64
    INSURANCE = 65
    TAX = 66
    COMMISSION = 67
    STOCK_OUT = 68
    MARKDOWN = 69
    WAITING = 180


Terms = tuple[tuple[CostTerm, int], ...]
"""Micros of each term that is not 0, ascending by term."""


class PlannedShipment(NamedTuple):
    """Units leaving one node together. `lines` are triples of order line, sku index and units.

    Of a lane with hours there are `ready_ms`, and `window_start_ms` where it delivers in a window; 0 stands for none.
    `later` are ready_ms, ship_ms, window_start_ms and promise_ms with the work done 1, 2, ... days later. `kind` is a
    FulfillmentKind. It is collected at node `collected_ix`; units that are to come are there on `supply_day` (0: all are in
    stock). What nothing is known to bring comes NEVER_MS.
    """

    node_ix: int
    lane_id: str
    carrier_service: str
    weight_grams: int
    shipping_micros: int
    handling_micros: int
    shipment_micros: int
    ship_ms: int
    promise_ms: int
    lines: tuple[tuple[int, int, int], ...]
    ready_ms: int = 0
    window_start_ms: int = 0
    later: tuple[tuple[int, int, int, int], ...] = ()
    terms: Terms = ()
    kind: int = 0
    collected_ix: int = DELIVERED
    supply_day: int = 0

    @property
    def total_micros(self) -> int:
        """All it costs; what splits cost is the plan's."""
        own = self.shipping_micros + self.handling_micros + self.shipment_micros
        return own + sum(micros for _, micros in self.terms)


def with_terms(shipment: PlannedShipment, more: Mapping[CostTerm, int]) -> PlannedShipment:
    """A shipment with more terms of its cost; those of 0 are left out."""
    terms = dict(shipment.terms) | {term: micros for term, micros in more.items() if micros}
    return shipment._replace(terms=tuple(sorted(terms.items())))


class PolicyDecision(NamedTuple):
    """Which policy made a decision, and by which of its rules; empty if none of them serves the order as it must be.

    `given_up` are the soft filters and limits that were not kept to. `objective_micros` is what was minimised: the cost as the
    policy weighs it. What is to become of unserved units (`action`, an UnservedAction; `queue`, `days`) and to how many nodes
    shipments are to be offered (0: they are not) is told to whoever asked, who does it.
    """

    policy_id: str
    version: int
    rule: str
    given_up: tuple[str, ...] = ()
    objective_micros: int = 0
    action: int = 1
    queue: str = ""
    days: int = 0
    offer_nodes: int = 0
    offer_minutes: int = 0


class Plan(NamedTuple):
    """A decision. `unserved` are triples as in a shipment's lines; `split_micros` is part of the total.

    `policy` says which policy made it, None if none did. Where one weighs costs, `lower_bound_micros` is of its objective.
    """

    shipments: tuple[PlannedShipment, ...]
    unserved: tuple[tuple[int, int, int], ...]
    currency_code: str
    total_micros: int
    split_micros: int
    lower_bound_micros: int
    proven_optimal: bool
    policy: PolicyDecision | None = None

    @property
    def promise_ms(self) -> int:
        """When the last shipment arrives, 0 without a shipment."""
        return max((shipment.promise_ms for shipment in self.shipments), default=0)


PLAN_TERMS = ("shipping", "handling", "shipment", "split", *(term.name.lower() for term in CostTerm))
"""The terms of a plan's cost, as the fields of PlanCost begin."""

_TERM_NAMES = {term: term.name.lower() for term in CostTerm}


def costs_by_term(plan: Plan) -> dict[str, int]:
    """What a plan costs, by PLAN_TERMS; terms of shipments that it does not have are left out."""
    shipping = handling = opening = 0
    more: dict[str, int] = {}
    for ship in plan.shipments:
        shipping += ship.shipping_micros
        handling += ship.handling_micros
        opening += ship.shipment_micros
        for term, micros in ship.terms:
            name = _TERM_NAMES[term]
            more[name] = more.get(name, 0) + micros
    return {"shipping": shipping, "handling": handling, "shipment": opening, "split": plan.split_micros, **more}


class CandidateReason(IntEnum):
    """Why a node is or is not in a plan."""

    CHOSEN = 1
    NOT_ELIGIBLE = 2
    NO_LANE = 3
    NO_STOCK = 4
    TOO_HEAVY = 5
    COSTS_MORE = 6
