"""A generated retail chain of any size, and loading it through the public API.

One node in fifty is a distribution centre that keeps nearly everything; the others are stores that keep a share. Every
node has a cheap lane into its own postal zone and a dearer one into the whole country, so that every node is a
candidate for every order and no two destinations have the same best plan. The same seed gives the same chain.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, TypeVar

import grpc

from promessa.v1 import (
    inventory_pb2,
    inventory_service_pb2,
    inventory_service_pb2_grpc,
    network_pb2,
    network_service_pb2,
    network_service_pb2_grpc,
)

T = TypeVar("T")
ZONES = "0123456789"
"""Brazilian postal zones: the first digit of the postal code."""

CENTRE_EVERY = 50
CENTRE_STOCKED = 0.95
PUTS_IN_FLIGHT = 32
COUNTS_PER_MESSAGE = 5_000
CALL_SECONDS_MAX, IMPORT_SECONDS_MAX = 30.0, 600.0
MICROS = 1_000_000


@dataclass(frozen=True)
class Chain:
    """Nodes, skus, first counts. `stocked`: share of the skus a store keeps; `on_hand`: lowest and highest count."""

    node_count: int
    sku_count: int
    stocked: float = 0.6
    on_hand: tuple[int, int] = (5, 50)
    seed: int = 2026

    @cached_property
    def node_ids(self) -> list[str]:
        return [f"dc-{n:04d}" if n % CENTRE_EVERY == 0 else f"store-{n:04d}" for n in range(self.node_count)]

    @cached_property
    def skus(self) -> list[str]:
        return [f"sku-{n:05d}" for n in range(self.sku_count)]

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        """First units on hand by (sku, node)."""
        random = Random(self.seed)
        lowest, highest = self.on_hand
        found = {}
        for number, node_id in enumerate(self.node_ids):
            share = max(self.stocked, CENTRE_STOCKED) if number % CENTRE_EVERY == 0 else self.stocked
            for sku in self.skus:
                if random.random() < share:
                    found[sku, node_id] = random.randint(lowest, highest)
        return found

    def zone(self, node: int) -> str:
        return ZONES[node % len(ZONES)]

    def postal_code(self, random: Random) -> str:
        return f"{random.randrange(100_000_000):08d}"


async def load(chain: Chain, channel: grpc.aio.Channel) -> str:
    """Put the chain and its counts into a data set; returns a token that a read may carry to see them all."""
    network = network_service_pb2_grpc.NetworkServiceStub(channel)
    await _put_all(network.PutRateCard, _rate_cards())
    await _put_all(network.PutNode, _nodes(chain))
    await _put_all(network.PutSku, _skus(chain))
    await _put_all(network.PutLane, _lanes(chain))
    return await import_counts(channel, ((sku, node_id, n) for (sku, node_id), n in chain.counts.items()))


async def import_counts(channel: grpc.aio.Channel, counts: Iterable[tuple[str, str, int]]) -> str:
    """Import (sku, node, units on hand) as one snapshot. Raises RuntimeError if any count is rejected."""
    inventory = inventory_service_pb2_grpc.InventoryServiceStub(channel)
    request_id = f"load-{uuid.uuid4().hex}"

    async def messages() -> AsyncIterator[inventory_service_pb2.ImportSnapshotRequest]:
        for chunk in batches(counts, COUNTS_PER_MESSAGE):
            yield inventory_service_pb2.ImportSnapshotRequest(
                request_id=request_id,
                counts=[
                    inventory_pb2.StockCount(sku=sku, node_id=node_id, on_hand_quantity=n) for sku, node_id, n in chunk
                ],
            )

    answer = await inventory.ImportSnapshot(messages(), timeout=IMPORT_SECONDS_MAX)
    if answer.rejected_count:
        raise RuntimeError(f"{answer.rejected_count} counts were rejected, the first: {answer.rejections[0]}")
    return str(answer.token)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def _put_all(call: Callable[..., Awaitable[Any]], requests: Sequence[Any]) -> None:
    waiting = iter(requests)

    async def one_after_another() -> None:
        for request in waiting:
            request.request_id = uuid.uuid4().hex
            await call(request, timeout=CALL_SECONDS_MAX)

    await asyncio.gather(*(one_after_another() for _ in range(PUTS_IN_FLIGHT)))


def _rate_cards() -> list[network_service_pb2.PutRateCardRequest]:
    """Near and far: five brackets, heavier shipments by the started kilogram."""
    weights = (300, 1_000, 3_000, 10_000, 30_000)
    return [
        network_service_pb2.PutRateCardRequest(
            rate_card=network_pb2.RateCard(
                rate_card_id=rate_card_id,
                currency_code="BRL",
                brackets=[
                    network_pb2.RateBracket(max_weight_grams=grams, price_micros=(first + step * n) * MICROS)
                    for n, grams in enumerate(weights)
                ],
                over_step_grams=1_000,
                over_step_price_micros=step * MICROS // 4,
            )
        )
        for rate_card_id, first, step in (("near", 8, 3), ("far", 17, 7))
    ]


def _nodes(chain: Chain) -> list[network_service_pb2.PutNodeRequest]:
    random = Random(chain.seed + 1)
    return [
        network_service_pb2.PutNodeRequest(
            node=network_pb2.Node(
                node_id=node_id,
                name=f"Node {node}",
                type="NODE_TYPE_DISTRIBUTION_CENTRE" if node_id.startswith("dc") else "NODE_TYPE_STORE",
                country_code="BR",
                postal_code=f"{chain.zone(node)}{random.randrange(10_000_000):07d}",
                time_zone="America/Sao_Paulo",
                cutoff_minute=14 * 60,
                handling_days=random.randrange(2),
                shipment_cost_micros=random.randrange(2 * MICROS, 6 * MICROS),
                unit_cost_micros=random.randrange(MICROS // 4, MICROS),
            )
        )
        for node, node_id in enumerate(chain.node_ids)
    ]


def _skus(chain: Chain) -> list[network_service_pb2.PutSkuRequest]:
    random = Random(chain.seed + 2)
    return [
        network_service_pb2.PutSkuRequest(
            sku=network_pb2.Sku(sku=sku, description=f"Article {sku}", weight_grams=random.randrange(50, 3_000))
        )
        for sku in chain.skus
    ]


def _lanes(chain: Chain) -> list[network_service_pb2.PutLaneRequest]:
    random = Random(chain.seed + 3)
    found = []
    for node, node_id in enumerate(chain.node_ids):
        zone = chain.zone(node)
        for lane_id, card, prefixes, days in ((f"{node_id}.near", "near", [zone], 1), (f"{node_id}.far", "far", [], 5)):
            lane = network_pb2.Lane(
                lane_id=lane_id,
                node_id=node_id,
                country_code="BR",
                postal_code_prefixes=prefixes,
                carrier_service="ground",
                rate_card_id=card,
                transit_days=days,
                surcharge_micros=random.randrange(3 * MICROS),
            )
            found.append(network_service_pb2.PutLaneRequest(lane=lane))
    return found
