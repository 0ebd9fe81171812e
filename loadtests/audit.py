"""After a load test: does the server find its books right, and do they agree with what the buyers counted?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import _paths  # noqa: F401
import grpc
from chain import Chain, batches
from ledger import Cell, Ledger, disagreements

from promessa.v1 import (
    availability_pb2,
    availability_service_pb2,
    availability_service_pb2_grpc,
    inventory_service_pb2,
    inventory_service_pb2_grpc,
    reservation_service_pb2,
    reservation_service_pb2_grpc,
)

PAIRS = 1_000
PAGE = 1_000
PAGES_MAX = 10_000
AUDIT_SECONDS_MAX = 120.0


def audit(target: str, chain: Chain, ledger: Ledger) -> list[str]:
    """Sentences about everything that is wrong; none when all is well."""
    with grpc.insecure_channel(target) as channel:
        cells = sorted({*chain.counts, *ledger.granted, *ledger.fed})
        return [
            *(f"Nobody knows what {request_id} did: it was not answered." for request_id in sorted(ledger.unanswered)),
            *_violations(channel),
            *disagreements(ledger, chain.counts, _available(channel, cells)),
            *_unlike_reservations(channel, ledger),
        ]


def _violations(channel: grpc.Channel) -> list[str]:
    stub = inventory_service_pb2_grpc.InventoryServiceStub(channel)
    answer = stub.CheckInvariants(inventory_service_pb2.CheckInvariantsRequest(), timeout=AUDIT_SECONDS_MAX)
    found = [f"{x.invariant} {x.subject}: {x.detail}" for x in answer.violations]
    if answer.deficit_cell_count:
        found.append(f"{answer.deficit_cell_count} cells promise more than they have.")
    if not answer.ok and not found:
        found.append("CheckInvariants is not satisfied, and does not say why.")
    return found


def _available(channel: grpc.Channel, cells: Iterable[Cell]) -> dict[Cell, int]:
    """What the store, not the replica, promises of every cell."""
    stub = availability_service_pb2_grpc.AvailabilityServiceStub(channel)
    found = {}
    for some in batches(cells, PAIRS):
        pairs = [availability_service_pb2.SkuAtNode(sku=sku, node_id=node_id) for sku, node_id in some]
        request = availability_service_pb2.BatchGetAvailabilityRequest(
            pairs=pairs, consistency=availability_pb2.Consistency(authoritative=True)
        )
        for entry in stub.BatchGetAvailability(request, timeout=AUDIT_SECONDS_MAX).availabilities:
            found[entry.sku, entry.node_id] = entry.available_quantity
    return found


def _unlike_reservations(channel: grpc.Channel, ledger: Ledger) -> list[str]:
    """Every reservation of the store, summed by cell, against what the buyers were granted."""
    listed: Counter[Cell] = Counter()
    stub = reservation_service_pb2_grpc.ReservationServiceStub(channel)
    request = reservation_service_pb2.ListReservationsRequest(page_size=PAGE)
    seen: set[str] = set()
    for _ in range(PAGES_MAX):
        page = stub.ListReservations(request, timeout=AUDIT_SECONDS_MAX)
        for reservation in page.reservations:
            if reservation.reservation_id not in seen:
                seen.add(reservation.reservation_id)
                listed.update({(line.sku, line.node_id): line.quantity for line in reservation.lines})
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    cells = sorted(cell for cell in {*listed, *ledger.granted} if listed[cell] != ledger.granted[cell])
    return [f"{sku} at {node_id}: reservations list {listed[sku, node_id]} units granted, the own count says "
            f"{ledger.granted[sku, node_id]}." for sku, node_id in cells]  # fmt: skip
