"""Prices of what is scarce in a wave: what a unit of a cell, or the work of a node, is worth to the orders that do without it.

They are the multipliers of the joint problem's Lagrangian: each order is decided by itself, and pays for what it takes of what
others want, too. To the kernel a price of a cell, or of each unit of work, is a cost of its line there (line_costs.py), and a
price of an order's work is a cost of opening a shipment (weighted_network.py). Nobody is charged a price: plans are told
without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from promessa.domain.sourcing import Plan
from promessa.kernel import Network
from promessa.service.line_costs import no_costs
from promessa.service.network_view import Destination
from promessa.service.question import Question
from promessa.service.wave_ledger import ORDERS, UNITS, Parts, Resource, Taken, entries
from promessa.service.weighted_network import weighted


@dataclass(slots=True)
class WavePrices:
    """Micros of each unit, or order, of a resource; all others cost nothing. They are not changed afterwards."""

    of: Mapping[Resource, int]
    parts: Parts
    _at: dict[int, dict[int, int]] = field(default_factory=dict)
    _networks: dict[int, tuple[Destination, Destination]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for (sku_ix, node_ix), micros in self.of.items():
            if micros:
                self._at.setdefault(sku_ix, {})[node_ix] = micros

    def paid(self, taken: Sequence[Taken]) -> int:
        """What a plan pays for what it takes."""
        return sum(self.of.get(resource, 0) * amount for resource, amount, _ in taken)

    def asked(self, question: Question) -> Question:
        """A question at these prices; itself, if nothing in its rows has one."""
        lines = [self._of_line(question, line) for line in range(len(question.sku_ixs))]
        costs = question.costs
        if any(lines):
            costs = (costs or no_costs(len(lines))).with_prices(lines)
        destination = self._destination(question)
        if costs is question.costs and destination is question.destination:
            return question
        return replace(question, costs=costs, destination=destination)

    def _of_line(self, question: Question, line: int) -> dict[int, int]:
        """Micros a lot of a line by the node in its row."""
        found: dict[int, int] = {}
        step = question.steps[line] if question.steps else 1
        for part, each in self.parts(question.sku_ixs[line]):
            for sku_ix in (part, UNITS):
                for node_ix, micros in self._at.get(sku_ix, {}).items():
                    for at in entries(question, line, node_ix):
                        node = question.row_node[at]
                        found[node] = found.get(node, 0) + micros * each * step
        return found

    def _destination(self, question: Question) -> Destination:
        """The destination with the prices of orders' work. Orders by a policy, or that go several ways, do not see these."""
        opening, there = self._at.get(ORDERS), question.destination
        if not opening or there.joint is not None or question.guide is not None:
            return there
        known = self._networks.get(id(there))
        if known is None:
            priced = replace(there, network=with_openings(there, opening), weighted={}, _columns=None)
            known = self._networks[id(there)] = there, priced
        return known[1]

    def without(self, plan: Plan, question: Question) -> Plan:
        """A plan made at these prices as it is told: what it costs without them."""
        opening = {} if question.destination.joint or question.guide else self._at.get(ORDERS, {})
        shipments, paid = [], 0
        for ship in plan.shipments:
            own = sum(
                units * each * (self.of.get((part, ship.node_ix), 0) + self.of.get((UNITS, ship.node_ix), 0))
                for _, sku_ix, units in ship.lines
                for part, each in self.parts(sku_ix)
            )
            fixed = opening.get(ship.node_ix, 0)
            shipments.append(
                ship._replace(handling_micros=ship.handling_micros - own, shipment_micros=ship.shipment_micros - fixed)
            )
            paid += own + fixed
        return plan._replace(shipments=tuple(shipments), total_micros=plan.total_micros - paid)


def with_openings(there: Destination, opening: Mapping[int, int]) -> Network:
    """The network of a destination with more to pay for a shipment of some nodes."""
    more = [opening.get(node_ix, 0) for node_ix in range(len(there.nodes))]
    return weighted(there.columns, {}, there.openings, more_of_nodes=more, more_of_lanes=None)
