"""Several channels to one server: a channel is one connection, and the workers share the port by connection."""

from __future__ import annotations

import asyncio
import itertools
from types import TracebackType
from typing import Any

import grpc
import grpc.aio

from promessa.cli.channel import open_aio_channel
from promessa.cli.failure import of_rpc
from promessa.v1 import (
    availability_service_pb2_grpc,
    inventory_service_pb2_grpc,
    network_service_pb2_grpc,
    order_service_pb2_grpc,
    reservation_service_pb2_grpc,
    sourcing_service_pb2_grpc,
)
from promessa.v1.network_service_pb2 import ListNodesRequest

CHANNELS = 6
"""Connections: enough that every worker of a small server most likely gets some."""

PATIENCE_SECONDS = 60.0
"""How long a call is repeated while the server cannot take it: a restart of the store takes less."""

CHECK_SECONDS = 1.0
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
CALL_SECONDS = 30.0


class Connection:
    """The stubs of one channel."""

    def __init__(self, address: str) -> None:
        self.channel = open_aio_channel(address)
        self.availability: Any = availability_service_pb2_grpc.AvailabilityServiceStub(self.channel)
        self.inventory: Any = inventory_service_pb2_grpc.InventoryServiceStub(self.channel)
        self.network: Any = network_service_pb2_grpc.NetworkServiceStub(self.channel)
        self.orders: Any = order_service_pb2_grpc.OrderServiceStub(self.channel)
        self.reservations: Any = reservation_service_pb2_grpc.ReservationServiceStub(self.channel)
        self.sourcing: Any = sourcing_service_pb2_grpc.SourcingServiceStub(self.channel)


class Connections:
    """Connections in turn. Use as an asynchronous context manager."""

    def __init__(self, address: str, *, count: int = CHANNELS, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.address = address
        self._patience_seconds = patience_seconds
        self._all = [Connection(address) for _ in range(count)]
        self._turns = itertools.cycle(self._all)

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._all:
            await connection.channel.close()

    def next(self) -> Connection:
        """The connection whose turn it is."""
        return next(self._turns)

    async def check(self) -> None:
        """Whether anybody is there: told at once, without the patience of a run under way. Raises Failure."""
        patience_seconds, self._patience_seconds = self._patience_seconds, CHECK_SECONDS
        try:
            await self.call("network", "ListNodes", ListNodesRequest(page_size=1))
        except grpc.aio.AioRpcError as error:
            raise of_rpc(error, address=self.address) from None
        finally:
            self._patience_seconds = patience_seconds

    async def call(self, service: str, method: str, request: Any) -> Any:
        """The answer of a call, repeated as it is while the server cannot take it.

        Raises grpc.aio.AioRpcError for a refusal, Failure when no server answers for too long.
        """
        deadline = asyncio.get_running_loop().time() + self._patience_seconds
        delay = 0.05
        while True:
            try:
                return await getattr(getattr(self.next(), service), method)(request, timeout=CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                if error.code() not in PASSING and error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                if asyncio.get_running_loop().time() + delay > deadline:
                    raise of_rpc(error, address=self.address) from None
            await asyncio.sleep(delay)
            delay = min(delay * 2, 1.0)
