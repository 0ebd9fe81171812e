"""Telling: an ERP sends what came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shop import Shop

from promessa.v1 import inventory_pb2 as nouns
from promessa.v1 import inventory_service_pb2 as messages

DELTAS = 20


class FeedReceipts:
    """One message of receipts over a feed.

    Only receipts: a count may drop below what is promised, but the own count could not tell that from overselling.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def run(self) -> None:
        shop = self._shop
        cells = [shop.some_cell() for _ in range(DELTAS)]
        deltas = [
            nouns.StockDelta(sku=sku, node_id=node_id, delta_quantity=shop.random.randint(1, 2))
            for sku, node_id in cells
        ]
        request = messages.ApplyStockDeltasRequest(request_id=shop.new_id(), deltas=deltas, reason="receipt")
        answer = shop.change("ApplyStockDeltas", self._apply, request, check=_all_applied)
        if answer is not None:
            for delta in deltas:
                shop.ledger.feed((delta.sku, delta.node_id), delta.delta_quantity)

    def _apply(self, request: messages.ApplyStockDeltasRequest, timeout: float) -> Any:
        """A stream of one message, to its end."""
        answers: Iterator[Any] = self._shop.inventory.ApplyStockDeltas(iter([request]), timeout=timeout)
        (answer,) = answers
        return answer


def _all_applied(answer: messages.ApplyStockDeltasResponse) -> bool:
    return len(answer.results) == DELTAS and all(x.outcome == nouns.FEED_OUTCOME_APPLIED for x in answer.results)
