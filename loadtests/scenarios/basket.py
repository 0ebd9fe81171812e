"""Choosing where to collect: which stores have the whole basket?"""

from __future__ import annotations

from shop import Shop

from promessa.v1 import availability_service_pb2 as messages

LINES_MAX = 6


class CheckBasket:
    """A basket against every node."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def run(self) -> None:
        skus = self._shop.some_skus(LINES_MAX)
        lines = [messages.BasketLine(sku=sku, quantity=self._shop.random.randint(1, 3)) for sku in skus]
        nodes = len(self._shop.chain.node_ids)
        self._shop.ask(
            "CheckBasket",
            self._shop.availability.CheckBasket,
            messages.CheckBasketRequest(lines=lines),
            check=lambda answer: len(answer.nodes) + len(answer.rejected_nodes) == nodes,
        )
