"""The calls that bench_server.py measures: their requests, and what a right answer to them is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from chain import Chain

from promessa.v1 import availability_pb2 as availability
from promessa.v1 import availability_service_pb2 as reads
from promessa.v1 import order_service_pb2 as orders
from promessa.v1 import reservation_pb2 as reservation
from promessa.v1 import reservation_service_pb2 as reservations
from promessa.v1 import sourcing_pb2 as sourcing
from promessa.v1 import sourcing_service_pb2 as decisions

NODES, SKUS = 300, 300
CHAIN = Chain(NODES, SKUS, on_hand=(1_000_000, 9_000_000))
"""So many units that nothing sells out while it is measured."""

LARGE_CHAIN = Chain(1_000, SKUS, on_hand=CHAIN.on_hand)
"""The same skus at more nodes."""

STREAM_RESERVATIONS = 64
BATCH_PAIRS = 100
BASKET_LINES = 10
ORDER_LINES = 5
CELLS = list(CHAIN.counts)


@dataclass(frozen=True, slots=True)
class Case:
    """One measure. `goal`: worker CPU for a unit over that of an empty call, at most."""

    name: str
    goal: float
    method: str
    calls_per_round: int
    request: Callable[[Random], bytes]
    check: Callable[[bytes], None]
    """Raises AssertionError for an answer that is not the work that was to be measured."""

    changes: bool = False
    """A request is good for one call only, for its request_id is new."""

    units_per_call: int = 1
    stream: bool = False
    chain: Chain = CHAIN
    """What the worker has loaded."""


def get_availability(random: Random) -> bytes:
    sku, node_id = random.choice(CELLS)
    return reads.GetAvailabilityRequest(sku=sku, node_ids=[node_id]).SerializeToString()


def check_get(raw: bytes) -> None:
    answer = reads.GetAvailabilityResponse.FromString(raw)
    assert len(answer.nodes) == 1, answer
    assert answer.nodes[0].available_quantity > 0, answer
    assert answer.freshness.source == availability.READ_SOURCE_REPLICA, answer


def batch_get_availability(random: Random, cells: list[tuple[str, str]] = CELLS) -> bytes:
    pairs = [reads.SkuAtNode(sku=sku, node_id=node_id) for sku, node_id in random.sample(cells, BATCH_PAIRS)]
    return reads.BatchGetAvailabilityRequest(pairs=pairs).SerializeToString()


def check_batch(raw: bytes) -> None:
    answer = reads.BatchGetAvailabilityResponse.FromString(raw)
    assert len(answer.availabilities) == BATCH_PAIRS, answer
    assert all(entry.available_quantity > 0 for entry in answer.availabilities), answer
    assert answer.freshness.source == availability.READ_SOURCE_REPLICA, answer


def check_basket(random: Random) -> bytes:
    """Every node is looked at, and the ones that cannot serve are told with their short lines."""
    lines = [
        reads.BasketLine(sku=sku, quantity=random.randint(1, 5)) for sku in random.sample(CHAIN.skus, BASKET_LINES)
    ]
    return reads.CheckBasketRequest(lines=lines).SerializeToString()


def check_check_basket(raw: bytes) -> None:
    answer = reads.CheckBasketResponse.FromString(raw)
    assert len(answer.nodes) + len(answer.rejected_nodes) == NODES, answer
    assert answer.freshness.source == availability.READ_SOURCE_REPLICA, answer


def reserve_request(random: Random) -> reservations.ReserveRequest:
    sku, node_id = random.choice(CELLS)
    line = reservation.ReserveLine(sku=sku, node_id=node_id, quantity=random.randint(1, 3))
    return reservations.ReserveRequest(request_id=str(uuid.uuid4()), lines=[line], owner_id="cart")


def reserve(random: Random) -> bytes:
    return reserve_request(random).SerializeToString()


def check_reserve(raw: bytes) -> None:
    answer = reservations.ReserveResponse.FromString(raw)
    assert answer.outcome == reservation.RESERVE_OUTCOME_RESERVED, answer
    assert not answer.replayed, answer


def reserve_many(random: Random) -> bytes:
    requests = [reserve_request(random) for _ in range(STREAM_RESERVATIONS)]
    return reservations.ReserveStreamRequest(reservations=requests).SerializeToString()


def check_reserve_many(raw: bytes) -> None:
    results = reservations.ReserveStreamResponse.FromString(raw).results
    assert len(results) == STREAM_RESERVATIONS, results
    for result in results:
        assert result.response.outcome == reservation.RESERVE_OUTCOME_RESERVED, result


def _order(random: Random) -> sourcing.SourcingOrder:
    """A consumer's order to anywhere in the country: every node is a candidate. It is good for every chain of these skus."""
    lines = [
        sourcing.OrderLine(sku=sku, quantity=random.randint(1, 3)) for sku in random.sample(CHAIN.skus, ORDER_LINES)
    ]
    destination = sourcing.Destination(country_code="BR", postal_code=CHAIN.postal_code(random))
    return sourcing.SourcingOrder(order_id="order", lines=lines, destination=destination)


def source_and_reserve(random: Random) -> bytes:
    request = decisions.SourceAndReserveRequest(request_id=str(uuid.uuid4()), order=_order(random))
    return request.SerializeToString()


def place_order(random: Random) -> bytes:
    order = orders.NewOrder(order_id=str(uuid.uuid4()), sourcing=_order(random))
    return orders.PlaceOrderRequest(request_id=str(uuid.uuid4()), order=order).SerializeToString()


def source(random: Random, *, explain: bool = False) -> bytes:
    return decisions.SourceRequest(order=_order(random), explain=explain).SerializeToString()


def check_source(raw: bytes) -> None:
    answer = decisions.SourceAndReserveResponse.FromString(raw)
    assert answer.outcome == reservation.RESERVE_OUTCOME_RESERVED, answer
    assert not answer.replayed, answer
    assert not answer.plan.unserved_lines, answer


def check_placed(raw: bytes) -> None:
    answer = orders.PlaceOrderResponse.FromString(raw)
    assert answer.outcome == orders.PLACE_ORDER_OUTCOME_PLACED, answer
    assert not answer.replayed and len(answer.order.lines) == ORDER_LINES, answer


def check_sourced(raw: bytes) -> None:
    answer = decisions.SourceResponse.FromString(raw)
    assert answer.plan.shipments and not answer.plan.unserved_lines, answer


AVAILABILITY = "/promessa.v1.AvailabilityService/"
RESERVATION = "/promessa.v1.ReservationService/"
SOURCING = "/promessa.v1.SourcingService/"
ORDERS = "/promessa.v1.OrderService/"
CASES = (
    Case("get_availability_1", 1.15, f"{AVAILABILITY}GetAvailability", 128, get_availability, check_get),
    Case("batch_availability_100", 1.4, f"{AVAILABILITY}BatchGetAvailability", 96, batch_get_availability, check_batch),
    Case("check_basket_10x300", 1.6, f"{AVAILABILITY}CheckBasket", 96, check_basket, check_check_basket),
    Case("reserve_1_c64", 1.6, f"{RESERVATION}Reserve", 256, reserve, check_reserve, changes=True),
    Case(
        "reserve_stream_64",
        0.2,
        f"{RESERVATION}ReserveStream",
        8,
        reserve_many,
        check_reserve_many,
        changes=True,
        units_per_call=STREAM_RESERVATIONS,
        stream=True,
    ),
    Case(
        "source_and_reserve_5x300",
        2.2,
        f"{SOURCING}SourceAndReserve",
        128,
        source_and_reserve,
        check_source,
        changes=True,
    ),
    Case("place_order_5x300", 3.0, f"{ORDERS}PlaceOrder", 128, place_order, check_placed, changes=True),
    Case(
        "source_and_reserve_5x1000",
        2.5,
        f"{SOURCING}SourceAndReserve",
        128,
        source_and_reserve,
        check_source,
        changes=True,
        chain=LARGE_CHAIN,
    ),
)
