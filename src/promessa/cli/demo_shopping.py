"""The first act: each order is looked up, sourced, held and placed; and what the rule of thumb would have cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.cli.demo_books import Seen
from promessa.cli.demo_calls import timed
from promessa.cli.ids import new_request_id
from promessa.cli.loading import Pool
from promessa.demo.nearest import NearestFirst
from promessa.demo.purchases import Purchase
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import order_service_pb2 as os_
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import sourcing_service_pb2 as so

CURRENCY = "BRL"


class Shopping:
    """Customers of the chain, one call after another."""

    def __init__(self, pool: Pool, seen: Seen) -> None:
        self._pool = pool
        self._seen = seen
        self._nearest = NearestFirst(seen.chain)
        self._sourced: list[tuple[Purchase, int, int]] = []

    async def buy(self, purchase: Purchase) -> None:
        """Look, hold, place."""
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in purchase.order.lines]
        stubs, waits = self._pool.stubs(), self._seen.waits_ms
        check = av.CheckBasketRequest(lines=lines, omit_rejected=True)
        await timed(waits["CheckBasket"], lambda: stubs.availability.CheckBasket(check))
        request = so.SourceAndReserveRequest(
            request_id=new_request_id(), order=sourcing_of(purchase), allow_partial=True
        )
        held = await timed(waits["SourceAndReserve"], lambda: stubs.sourcing.SourceAndReserve(request))
        self._note(purchase, held)
        if held.outcome == rv.RESERVE_OUTCOME_REFUSED:
            return
        order = new_order(purchase, reservation_id=held.reservation.reservation_id)
        place = os_.PlaceOrderRequest(request_id=new_request_id(), order=order, actor=purchase.channel)
        placed = await timed(waits["PlaceOrder"], lambda: stubs.orders.PlaceOrder(place))
        self._seen.orders[placed.order.order_id] = placed.order

    def compare(self) -> None:
        """Serve the same orders by the rule of thumb; afterwards, for its computing would slow the clients down.

        It takes stock for all that is delivered, and is compared where both serve all of an order.
        """
        for purchase, outcome, cost_micros in self._sourced:
            nearest = self._nearest.serve(purchase.order) if purchase.is_compared else None
            if outcome == rv.RESERVE_OUTCOME_RESERVED and nearest is not None:
                self._seen.compared += 1
                self._seen.compared_micros += cost_micros
                self._seen.nearest_micros += nearest[0]

    def _note(self, purchase: Purchase, held: so.SourceAndReserveResponse) -> None:
        seen = self._seen
        seen.outcomes[rv.ReserveOutcome.Name(held.outcome)] += 1
        self._sourced.append((purchase, held.outcome, held.plan.cost.total_micros))
        if held.outcome == rv.RESERVE_OUTCOME_REFUSED:
            return
        seen.shipments += len(held.plan.shipments)
        seen.proven += held.plan.proven_optimal
        seen.cost_micros += held.plan.cost.total_micros


def sourcing_of(purchase: Purchase) -> dict[str, Any]:
    """How an order is sourced, as a SourcingOrder."""
    return {
        "order_id": purchase.order.order_id,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in purchase.order.lines],
        "destination": {"postal_code": purchase.order.postal_code},
        "channel": purchase.channel,
        "seller_code": purchase.seller_code,
        "sold_at_node_id": purchase.sold_at_node_id,
        "pickup_node_id": purchase.pickup_node_id,
        "allow_ship_to_store": bool(purchase.pickup_node_id),
    }


def new_order(purchase: Purchase, *, reservation_id: str = "") -> dict[str, Any]:
    """What is placed, as a NewOrder."""
    return {
        "order_id": purchase.order.order_id,
        "reservation_id": reservation_id,
        "sourcing": sourcing_of(purchase),
        "allow_partial": True,
        "prices": priced(purchase.prices_micros),
        "currency_code": CURRENCY,
        "customer_id": purchase.customer_id,
    }


def priced(micros: Sequence[int]) -> list[dict[str, int]]:
    """The prices of lines, the first line first."""
    return [{"line": line, "unit_price_micros": price} for line, price in enumerate(micros)]
