"""A policy: how the business wants orders sourced, as a document that people read.

    which orders    applies_to and except_for, between starts and ends; of several policies the one of the lowest precedence
    rules           tried in turn; the first that serves an order whole decides it
      which nodes     filters, hard or soft
      how             limits of the plan, hard or soft
      which plan      RULES: sorts, the first counts most; COST: weights of the cost
    unserved        what is to become of units that no rule serves

Whatever is soft is kept to as long as the order can be served whole so, and given up otherwise, the last first.

Each field says in its metadata what it means and what it may be. Reading documents, their JSON Schema and the messages of
the API follow from that, so a field is added here and in the proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from promessa.domain.limits import (
    ID_LENGTH_MAX,
    OFFERS_MAX,
    POLICY_NUMBER_MAX,
    POLICY_RULES_MAX,
    POLICY_TERMS_MAX,
    POLICY_VALUES_MAX,
)

ID_PATTERN = r"[0-9A-Za-z._:/-]+"
SLUG_PATTERN = r"[0-9A-Za-z._:/ -]+"
NODE_TYPES = ("distribution_centre", "store", "franchise_store", "dark_store", "supplier")
"""The kinds of node in the order of their numbers, which begin with 1."""


class Mode(IntEnum):
    """How plans are compared."""

    COST = 1
    RULES = 2


class Fact(IntEnum):
    """Something known of a node, a lane of it, or a plan, to filter or to sort by."""

    NODE = 1
    NODE_GROUP = 2
    NODE_TYPE = 3
    COUNTRY = 4
    REGION = 5
    OWNER = 6
    ATTRIBUTE = 7
    DISTANCE_KM = 10
    ARRIVAL_DAYS = 11
    LANE_COST = 12
    STOCK_UNITS = 13
    UNITS_LEFT = 14
    COVERAGE_PERCENT = 15
    WEEKS_OF_SUPPLY = 16
    FREE_CAPACITY_PERCENT = 17
    ACCEPTANCE_PERCENT = 18
    REFUSALS = 19
    SHIPMENTS = 30
    COST = 31
    ROTATION = 32


WORDS = frozenset((Fact.NODE, Fact.NODE_GROUP, Fact.NODE_TYPE, Fact.COUNTRY, Fact.REGION, Fact.OWNER, Fact.ATTRIBUTE))
"""Facts whose values are words."""
OF_PLANS = frozenset((Fact.SHIPMENTS, Fact.COST, Fact.ROTATION))
"""Facts to sort by alone."""
MONEY = frozenset((Fact.LANE_COST, Fact.COST))
"""Facts in money: a document has units of the currency, all else micros."""
FILTER_ONLY = frozenset((Fact.UNITS_LEFT,))
OF_LANES = frozenset((Fact.ARRIVAL_DAYS, Fact.LANE_COST))
"""Facts that each lane of a node has for itself."""

WORST_COUNTS = frozenset(
    (
        Fact.ARRIVAL_DAYS,
        Fact.STOCK_UNITS,
        Fact.COVERAGE_PERCENT,
        Fact.WEEKS_OF_SUPPLY,
        Fact.FREE_CAPACITY_PERCENT,
        Fact.ACCEPTANCE_PERCENT,
    )
)
"""Facts that do not add up over shipments: in a sort the worst shipment of a plan counts."""

MEANINGS: Mapping[Fact, str] = {
    Fact.NODE: "the node's id",
    Fact.NODE_GROUP: "the groups a node is in",
    Fact.NODE_TYPE: "the kind of place: " + ", ".join(NODE_TYPES),
    Fact.COUNTRY: "the node's country (ISO 3166-1 alpha-2)",
    Fact.REGION: "the node's region (ISO 3166-2)",
    Fact.OWNER: "the company that owns the node; empty for the chain itself",
    Fact.ATTRIBUTE: "what the node says of itself under the attribute of this `name`",
    Fact.DISTANCE_KM: "kilometres as the crow flies from the node to the destination",
    Fact.ARRIVAL_DAYS: "begun days from now until a lane's shipment arrives",
    Fact.LANE_COST: "what a lane charges for all of the order in one shipment",
    Fact.STOCK_UNITS: "units the node has of the order's skus, of each no more than what is wanted",
    Fact.UNITS_LEFT: "units that must stay at the node of each sku",
    Fact.COVERAGE_PERCENT: "lines of the order that the node has whole, in per cent",
    Fact.WEEKS_OF_SUPPLY: "weeks the node's units of the order's scarcest sku last",
    Fact.FREE_CAPACITY_PERCENT: "what is left of the node's daily capacity, in per cent",
    Fact.ACCEPTANCE_PERCENT: "shipments that the node does not refuse, in per cent",
    Fact.REFUSALS: "how many times the node refused this order",
    Fact.SHIPMENTS: "shipments of the plan",
    Fact.COST: "the plan's whole cost",
    Fact.ROTATION: "a turn among nodes, or with `name: owner` among owners, that follows from the order's id",
}


class OrderFact(IntEnum):
    """What orders of a wave are put in order by."""

    ORDER_TIME = 1
    SHIP_BY = 2
    SHIP_AFTER = 3
    SLA_DAYS = 4
    PRIORITY = 5


class Limit(IntEnum):
    """The limits of a plan by name, to say which are soft."""

    MAX_SHIPMENTS = 1
    SHIP_COMPLETE = 2
    KEEP_LINES_WHOLE = 3
    MIN_SHIPMENT_VALUE = 4
    ARRIVES_WITHIN_DAYS = 5


class Otherwise(IntEnum):
    """What follows where a rule does not serve an order whole."""

    NEXT_RULE = 1
    STOP = 2


class UnservedAction(IntEnum):
    """What is to become of units that no rule serves."""

    ANSWER = 1
    PARK = 2
    CANCEL = 3
    BACKORDER = 4


class WeightedTerm(IntEnum):
    """Terms of a plan's cost that can be weighted: shipping with fuel and remote areas, all others by themselves."""

    SHIPPING = 1
    HANDLING = 2
    SHIPMENT = 3
    PACKAGING = 62
    LOAD = 63
    REJECTION = 64
    INSURANCE = 65
    TAX = 66
    COMMISSION = 67
    STOCK_OUT = 68
    MARKDOWN = 69
    WAITING = 180


def _says(doc: str, **rules: Any) -> dict[str, Any]:
    return {"doc": doc, **rules}


def _texts(doc: str, pattern: str = SLUG_PATTERN) -> Any:
    return field(default=(), metadata=_says(doc, pattern=pattern, max_items=POLICY_VALUES_MAX))


def _number(doc: str, *, least: int = 0, most: int = POLICY_NUMBER_MAX, **rules: Any) -> Any:
    return field(default=None, metadata=_says(doc, least=least, most=most, **rules))


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders: all fields that are given must fit; of a list any value may."""

    channels: tuple[str, ...] = _texts("Channels, with those below them: web covers web/vip.")
    order_kinds: tuple[str, ...] = _texts("Kinds of order, as the caller names them.")
    countries: tuple[str, ...] = _texts("Countries it goes to.", r"[A-Z]{2}")
    regions: tuple[str, ...] = _texts("Regions it goes to (ISO 3166-2).", r"[A-Z]{2}-[0-9A-Za-z]{1,3}")
    customer_tiers: tuple[str, ...] = _texts("Tiers of the customer.")
    queues: tuple[str, ...] = _texts("Queues the order is in.")
    origins: tuple[str, ...] = _texts("Where it was sold: a site, a marketplace, a shop.")
    ship_methods: tuple[str, ...] = _texts("Ways of shipping the customer chose.")
    categories: tuple[str, ...] = _texts("Categories of which it has any sku.")
    tags: tuple[str, ...] = _texts("Tags of which it has any.")
    min_priority: int | None = _number("The least priority.")
    max_priority: int | None = _number("The greatest priority.")
    min_value_micros: int | None = _number("The least value of the order.", money=True)
    max_value_micros: int | None = _number("The greatest value of the order.", money=True)
    min_promise_days: int | None = _number("The fewest days that are left until it must arrive.", most=3_650)
    max_promise_days: int | None = _number("The most days that are left until it must arrive.", most=3_650)

    @property
    def says_nothing(self) -> bool:
        """Whether it fits every order."""
        return self == ANY_ORDER


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """Which nodes, by one fact: any_of or none_of words, or from min to max."""

    where: Fact = field(metadata=_says("What is looked at.", facts=frozenset(Fact) - OF_PLANS))
    name: str = field(
        default="", metadata=_says("The attribute's name, with `where: attribute`.", pattern=SLUG_PATTERN)
    )
    any_of: tuple[str, ...] = _texts("One of these words.", r"[^\x00-\x1f\x7f]*")
    none_of: tuple[str, ...] = _texts("None of these words.", r"[^\x00-\x1f\x7f]*")
    min: int | None = _number("At least so much.", of_fact="where")
    max: int | None = _number("At most so much.", of_fact="where")
    soft: bool = field(default=False, metadata=_says("Give it up where the order cannot be served whole with it."))


@dataclass(frozen=True, slots=True)
class Sort:
    """What plans are compared by, less first. In a band all values count as equal.

    Of the shipments of a plan counts the sum; the worst where values do not add up, or where the largest is first.
    """

    by: Fact = field(metadata=_says("What is compared.", facts=frozenset(Fact) - FILTER_ONLY))
    name: str = field(
        default="", metadata=_says("With attribute: its name. With rotation: node or owner.", pattern=SLUG_PATTERN)
    )
    band: int | None = _number("Values in a band of this width count as equal.", least=1, of_fact="by")
    largest_first: bool = field(default=False, metadata=_says("More is better."))
    prefer: tuple[str, ...] = _texts("Of words: the best first; those not named come last.", r"[^\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a term of the cost counts."""

    term: WeightedTerm = field(metadata=_says("The term."))
    percent: int = field(default=100, metadata=_says("100: as it is.", least=0, most=10_000))


@dataclass(frozen=True, slots=True)
class Preference:
    """What a shipment from some nodes costs more than its money."""

    nodes: NodeFilter = field(metadata=_says("Which nodes, by words, or by kilometres.", hard=True))
    add_micros: int = field(default=0, metadata=_says("Added to each shipment from them.", money=True, least=1))


@dataclass(frozen=True, slots=True)
class Costs:
    """What is minimised in mode COST: the cost, its terms weighted, and what is added here."""

    weights: tuple[Weight, ...] = field(
        default=(), metadata=_says("Terms that count other than 100 per cent.", max_items=POLICY_TERMS_MAX)
    )
    split_micros: int | None = _number("What each shipment after the first costs in patience.", money=True)
    arrival_day_micros: int | None = _number("What each begun day until a shipment arrives costs.", money=True)
    distance_km_micros: int | None = _number("What each kilometre of a shipment costs.", money=True)
    preferences: tuple[Preference, ...] = field(
        default=(), metadata=_says("What shipments from some nodes cost more.", max_items=POLICY_TERMS_MAX)
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to; what an order says itself holds as well."""

    max_shipments: int | None = _number("The most shipments.", least=1, most=64)
    ship_complete: bool = field(default=False, metadata=_says("All units or none."))
    keep_lines_whole: bool = field(default=False, metadata=_says("A line comes from one node or not at all."))
    min_shipment_value_micros: int | None = _number("The least value of each shipment of several.", money=True)
    arrives_within_days: int | None = _number("Begun days until everything has arrived.", least=1, most=365)
    soft: tuple[Limit, ...] = field(
        default=(), metadata=_says("Limits to give up where the order cannot be served whole with them.", max_items=5)
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """Offer the shipment to several nodes at once: the first to take it has it."""

    nodes: int = field(default=2, metadata=_says("How many nodes.", least=2, most=OFFERS_MAX))
    minutes: int = field(default=30, metadata=_says("How long they have.", least=1, most=10_080))


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to serve an order."""

    name: str = field(metadata=_says("Its name, one within the policy.", pattern=SLUG_PATTERN))
    when: OrderFilter = field(default_factory=OrderFilter, metadata=_says("Only for such orders."))
    unless: OrderFilter = field(default_factory=OrderFilter, metadata=_says("Not for such orders."))
    filters: tuple[NodeFilter, ...] = field(
        default=(), metadata=_says("Which nodes may serve: all filters must let them.", max_items=POLICY_TERMS_MAX)
    )
    limits: Limits = field(default_factory=Limits, metadata=_says("What the plan must keep to."))
    sorts: tuple[Sort, ...] = field(
        default=(), metadata=_says("In mode RULES: which plan is best, the first sort counts most.", max_items=8)
    )
    costs: Costs = field(default_factory=Costs, metadata=_says("In mode COST: what is minimised."))
    allow_partial: bool = field(default=False, metadata=_says("Also decide orders that it serves in part."))
    offer: Offer | None = field(default=None, metadata=_says("Offer shipments to several nodes."))
    otherwise: Otherwise = field(default=Otherwise.NEXT_RULE, metadata=_says("If it does not serve the order whole."))


@dataclass(frozen=True, slots=True)
class Unserved:
    """What is to become of units that no rule serves: told in the answer, done by who asked."""

    action: UnservedAction = field(default=UnservedAction.ANSWER, metadata=_says("What to do."))
    queue: str = field(default="", metadata=_says("With park: the queue.", pattern=SLUG_PATTERN))
    days: int | None = _number("With cancel: after so many days; with backorder: at most so many.", most=365)


@dataclass(frozen=True, slots=True)
class OrderSort:
    """What orders of a wave are sourced by, earliest or least first."""

    by: OrderFact = field(metadata=_says("What is compared."))
    largest_first: bool = field(default=False, metadata=_says("Latest or greatest first."))


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole document."""

    policy_id: str = field(metadata=_says("Its id.", pattern=ID_PATTERN, key="policy", max_length=ID_LENGTH_MAX))
    mode: Mode = field(metadata=_says("How plans are compared: by sorts or by cost."))
    rules: tuple[Rule, ...] = field(metadata=_says("Tried in turn.", max_items=POLICY_RULES_MAX, min_items=1))
    name: str = field(default="", metadata=_says("Its name for people.", pattern=r"[^\x00-\x1f\x7f]*", max_length=200))
    precedence: int = field(default=100, metadata=_says("Of policies that apply, the lowest decides.", most=1_000_000))
    starts_ms: int | None = field(default=None, metadata=_says("It holds from this instant on.", instant=True))
    ends_ms: int | None = field(default=None, metadata=_says("It holds until before this instant.", instant=True))
    applies_to: OrderFilter = field(default_factory=OrderFilter, metadata=_says("Only to such orders."))
    except_for: OrderFilter = field(default_factory=OrderFilter, metadata=_says("Not to such orders."))
    order_sorts: tuple[OrderSort, ...] = field(
        default=(), metadata=_says("In which order the orders of a wave are sourced.", max_items=5)
    )
    unserved: Unserved = field(default_factory=Unserved, metadata=_says("What becomes of units that no rule serves."))

    def holds_at(self, now_ms: int) -> bool:
        """Whether an instant is between its dates."""
        return (self.starts_ms or 0) <= now_ms and (self.ends_ms is None or now_ms < self.ends_ms)


def asks_for(policy: Policy, fact: Fact) -> bool:
    """Whether a filter, a sort or a preference of a policy looks at a fact."""
    for rule in policy.rules:
        filters = [*rule.filters, *(each.nodes for each in rule.costs.preferences)]
        if any(each.where == fact for each in filters) or any(each.by == fact for each in rule.sorts):
            return True
    return False


ANY_ORDER = OrderFilter()
NO_LIMITS = Limits()
PLAIN_COSTS = Costs()


class PolicyState(IntEnum):
    """The life of a version. A new one is a draft; of each policy one is active at most."""

    DRAFT = 1
    ACTIVE = 2
    ARCHIVED = 3


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A document as it was once written down; it never changes but for its state, which is kept beside it."""

    policy_id: str
    version: int
    comment: str
    created_ms: int
    policy: Policy
    state: PolicyState = PolicyState.DRAFT
    document: str = ""
    """The document as it was written, with its comments; empty if it came as a message."""
    shadow_percent: int = 0
    """For how many per cent of the orders it decides in the shadow of what is active, and only counts."""


@dataclass(frozen=True, slots=True)
class PolicyHead:
    """How many versions a policy has, and which of them is active or in the shadow: 0 for none. They are numbered from 1."""

    policy_id: str
    versions: int
    active_version: int
    shadow_version: int = 0
    shadow_percent: int = 0


DEFAULT_POLICY_ID = "default"
"""Names what decides where no policy does: the least cost, all nodes, no limits but the order's own."""
