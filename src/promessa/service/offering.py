"""Offers to several nodes: which others could bring a shipment whole, and in time, the cheapest first.

A shipment is asked for as an order of its own, of one shipment, without the nodes that have it or refused units of the order;
its best plan names the first, the best one without that node the next. Nothing is held for them: see docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.kinds import NEVER_MS
from promessa.domain.limits import TTL_MS_DEFAULT, WORK_SLIP_DAYS_MAX
from promessa.domain.offer import Offer
from promessa.domain.order import Shipment, Way
from promessa.domain.sourcing import Order, Plan, PlannedShipment
from promessa.service import refusals
from promessa.service.held_plan import slip_of, with_later
from promessa.service.order_shipments import way_of
from promessa.service.refusals import RefusedLine
from promessa.service.sourcing import Sourcing


@dataclass(slots=True)
class Offering:
    """Finds the nodes that shipments are offered to. `node_ids` has the id of each node by index, `now_ms` is the wall
    clock."""

    sourcing: Sourcing
    node_ids: Sequence[str]
    now_ms: Callable[[], int]

    async def offered(
        self, order: Order, shipments: Sequence[Shipment], count: int, plan: Plan | None, refused_by: Sequence[str] = ()
    ) -> list[Shipment]:
        """Shipments of an order, those that are sent with offers to `count` nodes, if there are so many; with 0 to as many as
        the policy says that decided their plan. Raises as Sourcing.source."""
        if not count and plan is not None and plan.policy is not None:
            count = plan.policy.offer_nodes
        if count < 2 or order.ways.waits:
            return list(shipments)
        return [await self._with_offers(order, each, count, refused_by) for each in shipments]

    async def _with_offers(self, order: Order, shipment: Shipment, count: int, refused_by: Sequence[str]) -> Shipment:
        if shipment.way == Way.PICKUP:  # its customer comes to this node
            return shipment
        asked = self._asked(order, shipment, refused_by)
        try:
            question = await self.sourcing.ask(asked, self.now_ms(), to_hold=False)
        except (
            NotFound,
            InvalidRequest,
            FailedPrecondition,
        ):  # what it was planned by is gone: its own node has it all the same
            return shipment
        decider, offers = self.sourcing.decider.silent, [_own(shipment)]
        while len(offers) < count:
            found = decider.decide(question)
            if found.unserved or len(found.shipments) != 1:
                break
            if question.destination.schedules:
                found = with_later(found, question)
            (planned,) = found.shipments
            if way_of(planned.kind) == shipment.way:
                offers.append(_other(planned, question.latest_ms))
            for _, sku_ix, _ in planned.lines:
                question.correct(planned.node_ix, sku_ix, 0)
        return shipment._replace(offers=tuple(offers)) if len(offers) > 1 else shipment

    def _asked(self, order: Order, shipment: Shipment, refused_by: Sequence[str]) -> Order:
        """A shipment as an order of its own. It was planned some time ago, at most as long as a hold lasts."""
        lines = [RefusedLine(line.line, line.sku_ix, line.quantity) for line in shipment.lines]
        part = refusals.part_of(order, lines, [self.node_ids[shipment.node_ix], *refused_by])
        latest_ms = part.constraints.latest_delivery_ms
        if 0 < shipment.promise_ms < NEVER_MS:
            latest_ms = min(latest_ms or NEVER_MS, shipment.promise_ms + TTL_MS_DEFAULT)
        return part._replace(constraints=replace(part.constraints, max_shipments=1, latest_delivery_ms=latest_ms))


def _own(shipment: Shipment) -> Offer:
    """The offer to the node that has a shipment's units."""
    return Offer(
        shipment.node_ix,
        shipment.kind,
        shipment.lane_id,
        shipment.carrier_service,
        shipment.ship_ms,
        shipment.cost_micros,
    )


def _other(planned: PlannedShipment, latest_ms: int) -> Offer:
    slip_days = slip_of(planned, latest_ms) if latest_ms else WORK_SLIP_DAYS_MAX
    return Offer(
        planned.node_ix,
        planned.kind,
        planned.lane_id,
        planned.carrier_service,
        planned.ship_ms,
        planned.total_micros,
        slip_days,
    )
