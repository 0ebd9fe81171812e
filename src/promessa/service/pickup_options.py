"""Options to collect all of an order at one node: which nodes are looked at, and the cheapest plan for each.

Recipe: the pickup points nearest to the destination, or those named -> the order as if it said so (asking.py) -> decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from promessa.domain.catalogue import Catalogue, Node, NodeState
from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import PICKUP_CANDIDATES_MAX
from promessa.domain.positions import kilometres, unit_vector
from promessa.domain.quote import Option
from promessa.domain.sourcing import Order
from promessa.service.asking import Questions
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.deciding import Decider, as_said, ask_with_supply
from promessa.service.pace import Pace
from promessa.service.plan_tokens import PlanTokens
from promessa.service.quoting import is_draft

UNKNOWN_KM = 1 << 20
"""Farther than any place: a node without a position comes after those that have one."""

Distance = tuple[int, int, int]
"""Kilometres, then how little postal codes have in common, then the index, so that no two are alike."""


@dataclass(slots=True)
class PickupOptions:
    """The pickup options of Quote. `now_ms` is the wall clock, for dates."""

    keeper: CatalogueKeeper
    questions: Questions
    decider: Decider
    tokens: PlanTokens
    now_ms: Callable[[], int]

    async def of(self, order: Order, *, count: int, node_ids: Sequence[str]) -> list[Option]:
        """Up to `count` options: of all that serve most units first, of these those that are ready first, then the cheapest.

        `node_ids` are the nodes looked at; with none the nearest pickup points are. Raises as Sourcing.source.
        """
        issue = await self.tokens.issuer()
        options, pace = [], Pace()
        for node_id in await self._among(node_ids) if node_ids else self._nearest(order):
            await pace.rest_if_due()
            collected = order._replace(ways=order.ways._replace(pickups=(node_id,) * len(order.lines)))
            try:
                question = await ask_with_supply(self.questions, self.decider, collected, self.now_ms())
            except FailedPrecondition as error:
                if error.reason != "PICKUP_NOT_OFFERED":
                    raise
                continue  # it was paused, or ceased to be one, this very moment
            plan = as_said(self.decider.decide(question), question)
            if plan.shipments:
                option = Option(plan, (), pickup_node_id=node_id)
                if not is_draft(question):
                    option = option._replace(token=issue(collected, plan, question.now_ms))
                options.append(option)
        return sorted(options, key=_by_worth)[:count]

    async def _among(self, node_ids: Sequence[str]) -> list[str]:
        """Those that are pickup points and take orders. Raises NotFound (NODE_NOT_FOUND)."""
        for node_id in node_ids:
            await self.keeper.node_index(node_id)
        catalogue = self.keeper.catalogue
        return [x for x in dict.fromkeys(node_ids) if _offers(catalogue, catalogue.nodes.by_id[x])]

    def _nearest(self, order: Order) -> list[str]:
        """The nearest pickup points in the order's country that take orders."""
        catalogue = self.keeper.catalogue
        points = [
            node
            for node in catalogue.nodes.by_id.values()
            if node.country_code in ("", order.country_code) and _offers(catalogue, node)
        ]
        index_of = catalogue.nodes.index_of
        points.sort(key=lambda node: _distance(order, node, index_of[node.node_id]))
        return [node.node_id for node in points[:PICKUP_CANDIDATES_MAX]]


def _offers(catalogue: Catalogue, node: Node) -> bool:
    """Whether customers may collect at a node now."""
    paused = catalogue.node_states.get(catalogue.nodes.index_of[node.node_id]) == NodeState.PAUSED
    return node.pickup_point and not paused


def _distance(order: Order, node: Node, node_ix: int) -> Distance:
    """How far a node is from where an order goes; where positions are not known, by what their postal codes have in common."""
    here, there = order.traits.position_e6, node.position_e6
    far = kilometres(unit_vector(*there), unit_vector(*here)) if here and there else UNKNOWN_KM
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(node.postal_code, order.postal_code, strict=False))
    return far, -len(list(alike)), node_ix


def _by_worth(option: Option) -> tuple[int, int, int]:
    plan = option.plan
    return sum(units for _, _, units in plan.unserved), plan.promise_ms, plan.total_micros
