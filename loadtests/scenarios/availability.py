"""Looking: product pages and search results ask what is there."""

from __future__ import annotations

from shop import Shop

from promessa.v1 import availability_service_pb2 as messages

BATCH_PAIRS = 50


class LookAtProduct:
    """A product page: one sku, at one node, at a few, or everywhere."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def run(self) -> None:
        random, (sku, node_id) = self._shop.random, self._shop.some_cell()
        few = random.sample(self._shop.chain.node_ids, 5)
        node_ids = random.choice(([node_id], few, []))
        self._shop.ask(
            "GetAvailability",
            self._shop.availability.GetAvailability,
            messages.GetAvailabilityRequest(sku=sku, node_ids=node_ids),
            check=lambda answer: _is_sum(answer) and (not node_ids or len(answer.nodes) == len(node_ids)),
        )


class LookAtResults:
    """A page of search results: many skus at the customer's store."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def run(self) -> None:
        pairs = [self._shop.some_cell() for _ in range(BATCH_PAIRS)]
        self._shop.ask(
            "BatchGetAvailability",
            self._shop.availability.BatchGetAvailability,
            messages.BatchGetAvailabilityRequest(
                pairs=[messages.SkuAtNode(sku=sku, node_id=node_id) for sku, node_id in pairs]
            ),
            check=lambda answer: [(x.sku, x.node_id) for x in answer.availabilities] == pairs,
        )


def _is_sum(answer: messages.GetAvailabilityResponse) -> bool:
    return bool(answer.available_quantity == sum(node.available_quantity for node in answer.nodes))
