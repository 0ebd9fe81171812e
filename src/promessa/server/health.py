"""grpc.health.v1: every service is SERVING while the store answers and the server is not draining.

Reads go on without the store, from the replica; but a balancer should prefer a machine that can also reserve.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

PING_SECONDS = 0.2
PING_SECONDS_MAX = 2.0
"""A store that is silent for so long does not serve; a stall of its disk is shorter."""

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Health:
    """The health of all services of one worker. `ping` raises when the store does not answer."""

    def __init__(self, services: Sequence[str], ping: Callable[[], Awaitable[None]]) -> None:
        self._servicer = health.aio.HealthServicer()
        self._services = ("", *services)
        self._ping = ping
        self._serving: bool | None = None
        self._draining = False

    def register(self, server: grpc.aio.Server) -> None:
        """Add the health service."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def check_once(self) -> bool:
        """Ask the store, and say so; whether the worker serves."""
        try:
            await asyncio.wait_for(self._ping(), PING_SECONDS_MAX)
        except Exception:
            serving = False
        else:
            serving = not self._draining
        await self._set(serving)
        return serving

    async def watch(self) -> None:
        """Until cancelled: check again and again."""
        while True:
            await self.check_once()
            await asyncio.sleep(PING_SECONDS)

    async def drain(self) -> None:
        """NOT_SERVING from now on."""
        self._draining = True
        await self._set(False)

    async def _set(self, serving: bool) -> None:
        if serving != self._serving:
            self._serving = serving
            for service in self._services:
                await self._servicer.set(service, _SERVING if serving else _NOT_SERVING)
