"""What became of simulated orders: cost by term, shipments, days, what was not served, and how nodes and owners share it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from promessa.domain.catalogue import Catalogue
from promessa.domain.sourcing import PLAN_TERMS, Order, Plan, costs_by_term


class Wanted(NamedTuple):
    """What an order asks for: units, and what they are worth in micros."""

    units: int
    value_micros: int


class Decided(NamedTuple):
    """One decision about one order. `held`: SourceAndReserve would have held it; else the order is refused, and nothing of it
    is served."""

    plan: Plan
    held: bool

    @property
    def units_unserved(self) -> int:
        """Units of the plan that nothing serves."""
        return sum(units for _, _, units in self.plan.unserved)


@dataclass(slots=True)
class Share:
    """What a node, an owner or a rule had of it."""

    orders: int = 0
    shipments: int = 0
    units: int = 0
    cost_micros: int = 0


@dataclass(slots=True)
class Tally:
    """The sums over all orders decided one way. `arrivals` are from the order to the last arrival, in ms, of every order that
    is served in full or in part."""

    catalogue: Catalogue
    orders: int = 0
    whole: int = 0
    in_part: int = 0
    refused: int = 0
    units_wanted: int = 0
    units_unserved: int = 0
    value_wanted_micros: int = 0
    value_unserved_micros: int = 0
    shipments: int = 0
    several_shipments: int = 0
    lines: int = 0
    split_lines: int = 0
    proven: int = 0
    currency_code: str = ""
    costs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLAN_TERMS, 0))
    arrivals: array[int] = field(default_factory=lambda: array("q"))
    nodes: dict[int, Share] = field(default_factory=dict)
    policies: dict[tuple[str, int, str], Share] = field(default_factory=dict)

    def add(self, order: Order, wanted: Wanted, decided: Decided, at_ms: int) -> dict[str, int]:
        """Count a decision; what of it differs between ways to decide, by measure."""
        plan = decided.plan
        self.orders += 1
        self.units_wanted += wanted.units
        self.value_wanted_micros += wanted.value_micros
        self.proven += plan.proven_optimal
        policy = plan.policy
        by = self.policies.setdefault(
            (policy.policy_id, policy.version, policy.rule) if policy else ("", 0, ""), Share()
        )
        by.orders += 1
        if not decided.held:
            self.refused += 1
            self.units_unserved += wanted.units
            self.value_unserved_micros += wanted.value_micros
            return {"unserved_units": wanted.units, "unserved_value": wanted.value_micros}
        self.currency_code = plan.currency_code
        missing, lost = self._missing(order, plan)
        self.whole += not missing
        self.in_part += bool(missing)
        self.units_unserved += missing
        self.value_unserved_micros += lost
        self.several_shipments += len(plan.shipments) > 1
        arrival = plan.promise_ms - at_ms
        self.arrivals.append(arrival)
        self._ship(plan, by)
        costs = costs_by_term(plan)
        for term, micros in costs.items():
            self.costs[term] += micros
        return {
            **costs,
            "cost": plan.total_micros,
            "shipments": len(plan.shipments),
            "arrival": arrival,
            "unserved_units": missing,
            "unserved_value": lost,
        }

    def _ship(self, plan: Plan, by: Share) -> None:
        """Count what leaves where."""
        places: list[int] = []
        for ship in plan.shipments:
            share = self.nodes.get(ship.node_ix)
            if share is None:
                share = self.nodes[ship.node_ix] = Share()
            units = 0
            for line, _, taken in ship.lines:
                units += taken
                places.append(line)
            share.orders += 1
            share.shipments += 1
            share.units += units
            share.cost_micros += ship.total_micros
            by.units += units
        count, lines = len(plan.shipments), len(set(places))
        self.shipments += count
        self.lines += lines
        if len(places) > lines:
            self.split_lines += sum(places.count(line) > 1 for line in set(places))
        by.shipments += count
        by.cost_micros += plan.total_micros

    def _missing(self, order: Order, plan: Plan) -> tuple[int, int]:
        """Units of a plan that nothing serves, and what they are worth."""
        units = value = 0
        for _, sku_ix, quantity in plan.unserved:
            units += quantity
            value += worth(self.catalogue, self.catalogue.skus.ids[sku_ix], quantity)
        return units, value

    def owners(self) -> dict[str, Share]:
        """The shares of nodes by the company they belong to; empty is the chain itself."""
        found: dict[str, Share] = {}
        for node_ix, share in self.nodes.items():
            node = self.catalogue.nodes.by_id.get(self.catalogue.nodes.ids[node_ix])
            owner = found.setdefault(node.owner_code if node else "", Share())
            owner.orders += share.orders
            owner.shipments += share.shipments
            owner.units += share.units
            owner.cost_micros += share.cost_micros
        return found

    def arrives_within_ms(self, percent: int) -> int:
        """So many per cent of the orders served arrive within this; 0 if none is served."""
        if not self.arrivals:
            return 0
        ordered = sorted(self.arrivals)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def worth(catalogue: Catalogue, sku_id: str, quantity: int) -> int:
    """What units of a sku are worth, in micros; 0 where that is not known."""
    sku = catalogue.skus.by_id.get(sku_id)
    return sku.value_micros * quantity // 10**sku.decimals if sku else 0


def wanted_of(catalogue: Catalogue, lines: Sequence[tuple[str, int]]) -> Wanted:
    """What an order's lines ask for."""
    units = sum(quantity for _, quantity in lines)
    if not catalogue.priced:
        return Wanted(units, 0)
    return Wanted(units, sum(worth(catalogue, sku, quantity) for sku, quantity in lines))
