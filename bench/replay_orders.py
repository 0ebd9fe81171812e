"""The orders of a replay: real baskets, who buys them and where, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from promessa.demo.chain import Chain
from promessa.demo.orders import replay_orders
from promessa.demo.purchases import Purchase, Stores, prices_of, purchase
from promessa.v1 import order_service_pb2, sourcing_pb2

AT_ONCE = 20_000
"""Orders drawn together: a million are too many to have at once."""


@dataclass(slots=True)
class Replayed:
    """An order of a replay, the `number`th of its share. `planned` counts its shipments whose journeys began."""

    order_id: str
    number: int
    purchase: Purchase
    is_replacement: bool = False
    planned: int = 0

    def message(self) -> order_service_pb2.NewOrder:
        """What its shop sends."""
        bought, order = self.purchase, self.purchase.order
        return order_service_pb2.NewOrder(
            order_id=self.order_id,
            sourcing=sourcing_pb2.SourcingOrder(
                lines=[sourcing_pb2.OrderLine(sku=sku, quantity=units) for sku, units in order.lines],
                destination=sourcing_pb2.Destination(country_code="BR", postal_code=order.postal_code),
                channel=bought.channel,
                seller_code=bought.seller_code,
                pickup_node_id=bought.pickup_node_id,
                allow_ship_to_store=bool(bought.pickup_node_id),
                sold_at_node_id=bought.sold_at_node_id,
            ),
            prices=[
                order_service_pb2.OrderLinePrice(line=line, unit_price_micros=price)
                for line, price in enumerate(bought.prices_micros)
            ],
            currency_code="BRL",
            customer_id=bought.customer_id,
        )

    def replacement(self) -> Replayed:
        """The same order once more, in exchange for what came back."""
        return Replayed(f"{self.order_id}-x", self.number, self.purchase, is_replacement=True)


def replayed(count: int, *, seed: int, chain: Chain) -> Iterator[Replayed]:
    """`count` orders; another seed gives others with other ids."""
    stores, prices = Stores(chain), prices_of(chain)
    known = {sku["sku"] for sku in chain.skus}
    for first in range(0, count, AT_ONCE):
        orders = replay_orders(count=min(AT_ONCE, count - first), known=known, seed=1_000 * seed + first // AT_ONCE)
        for number, order in enumerate(orders, first):
            order_id = f"{seed}-{number:07d}"
            yield Replayed(order_id, number, purchase(order, stores, prices, Random(order_id)))
