"""What is asked for when an order is placed, and what makes one such request another than the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.kinds import OwnStock
from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.order import OrderedLine, PlacedOrder
from promessa.domain.order_exchange import Exchanged
from promessa.domain.plan_token import Redemption
from promessa.domain.sourcing import Order
from promessa.service.order_fingerprints import redemption_values
from promessa.service.terms import Terms

_PLACE = (
    "method", "order_id", "reservation_id", "order", "allow_partial", "prices", "currency_code", "customer_id",
    "exchanged_order_id", "lines", "reason", "policy", "offer_count", "plan_token", "accept_changes", "max_extra_cost_micros",
    "latest_promise_time",
)  # fmt: skip


class Placing(NamedTuple):
    """What is to be placed: what a reservation holds, what is asked for, or what is asked for and held already.

    `prices` are pairs of line and micros a unit. `said` is `asked` in the caller's own bytes: another request says other ones.
    `redemption` is how a quoted plan is to be held. Shipments that are sent are offered to `offer_count` nodes,
    or with 0 to as many as their policy says.
    """

    order_id: str
    reservation_id: str
    asked: Order | None
    said: bytes = b""
    allow_partial: bool = False
    prices: tuple[tuple[int, int], ...] = ()
    currency_code: str = ""
    customer_id: str = ""
    redemption: Redemption | None = None
    offer_count: int = 0

    @property
    def terms(self) -> Terms:
        """On what terms its units are held until it is placed."""
        return Terms(not self.allow_partial, TTL_MS_DEFAULT, "", self.order_id)


def new_order(placing: Placing, lines: Sequence[tuple[int, int]], asked: Order | None, channel: str) -> PlacedOrder:
    """An order of lines (sku, units), nothing of which has a shipment yet. It is sourced as `asked`, for a channel."""
    prices = dict(placing.prices)
    wanted = tuple([OrderedLine(sku_ix, n, n, 0, prices.get(i, 0)) for i, (sku_ix, n) in enumerate(lines)])
    return PlacedOrder(
        placing.order_id, wanted, (), asked=asked, channel=channel, currency_code=placing.currency_code,
        customer_id=placing.customer_id, offer_count=placing.offer_count,
    )  # fmt: skip


def handed_over(placing: Placing, node_id: str) -> Placing:
    """An order as sourced for a customer who stands in a shop, which hands over what it has. One that says where it is sold, or
    that was quoted, stays as it is."""
    asked = placing.asked
    if not node_id or asked is None or asked.ways.sold_at or placing.redemption:
        return placing
    ways = asked.ways._replace(sold_at=node_id, own_stock=OwnStock.HAND_OVER.value)
    return placing._replace(asked=asked._replace(ways=ways))


def placing_fingerprint(placing: Placing, exchanged: Exchanged | None) -> Fingerprint:
    """Of a request to place an order; with `exchanged`, for units of another."""
    redemption = placing.redemption
    return fingerprint(
        _PLACE,
        "ExchangeOrder" if exchanged else "PlaceOrder",
        placing.order_id,
        placing.reservation_id,
        placing.said,
        placing.allow_partial,
        placing.prices,
        placing.currency_code,
        placing.customer_id,
        exchanged.order_id if exchanged else "",
        tuple(sorted(exchanged.lines.items())) if exchanged else "",
        exchanged.reason if exchanged else "",
        (int(exchanged.policy), exchanged.return_node_id) if exchanged else "",
        placing.offer_count or "",
        *(redemption_values(redemption) if redemption else ()),
    )
