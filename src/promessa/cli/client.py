"""A small client: one channel, the services, a deadline, and retries that repeat the very same request.

Every mutation carries a request_id, so that repeating it after UNAVAILABLE is safe and happens here.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import grpc

from promessa.cli.address import resolve_address
from promessa.cli.channel import open_channel
from promessa.cli.failure import of_rpc
from promessa.v1 import (
    availability_service_pb2_grpc,
    event_log_service_pb2_grpc,
    inventory_service_pb2_grpc,
    network_service_pb2_grpc,
    order_service_pb2_grpc,
    policy_service_pb2_grpc,
    report_service_pb2_grpc,
    reservation_service_pb2_grpc,
    sourcing_service_pb2_grpc,
    stock_confidence_service_pb2_grpc,
    supply_service_pb2_grpc,
)

TIMEOUT_SECONDS = 10.0
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 0.1, 1.0
ATTEMPTS_MAX = 4
"""Calls of one request: about 0.7 seconds of waiting, which a worker that restarts needs."""

RETRIED = (grpc.StatusCode.UNAVAILABLE,)


class Client:
    """The services of one server. Use as a context manager."""

    def __init__(self, address: str | None = None, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.address = resolve_address(address)
        self.timeout_seconds = timeout_seconds
        self.channel = open_channel(self.address)
        self.availability: Any = availability_service_pb2_grpc.AvailabilityServiceStub(self.channel)
        self.inventory: Any = inventory_service_pb2_grpc.InventoryServiceStub(self.channel)
        self.network: Any = network_service_pb2_grpc.NetworkServiceStub(self.channel)
        self.reservations: Any = reservation_service_pb2_grpc.ReservationServiceStub(self.channel)
        self.confidence: Any = stock_confidence_service_pb2_grpc.StockConfidenceServiceStub(self.channel)
        self.supply: Any = supply_service_pb2_grpc.SupplyServiceStub(self.channel)
        self.policies: Any = policy_service_pb2_grpc.PolicyServiceStub(self.channel)
        self.orders: Any = order_service_pb2_grpc.OrderServiceStub(self.channel)
        self.sourcing: Any = sourcing_service_pb2_grpc.SourcingServiceStub(self.channel)
        self.reports: Any = report_service_pb2_grpc.ReportServiceStub(self.channel)
        self.event_log: Any = event_log_service_pb2_grpc.EventLogServiceStub(self.channel)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.channel.close()

    def call(self, method: Any, request: Any) -> Any:
        """The answer of one call, repeated after UNAVAILABLE. Raises Failure."""
        deadline = time.monotonic() + self.timeout_seconds
        delay = RETRY_SECONDS_MIN
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return method(request, timeout=max(0.01, deadline - time.monotonic()))
            except grpc.RpcError as error:
                late = attempt == ATTEMPTS_MAX or time.monotonic() + delay > deadline
                if error.code() not in RETRIED or late:
                    raise of_rpc(error, address=self.address) from None
            time.sleep(delay)
            delay = min(delay * 2, RETRY_SECONDS_MAX)
        raise AssertionError("the last attempt returns or raises")
