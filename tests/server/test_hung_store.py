"""A store that is there and silent: nobody waits for ever, health says so, and all goes on when it wakes."""

from __future__ import annotations

import asyncio
import os
import signal

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving, StoreProcess

from promessa.server import health
from promessa.store import group_commit
from promessa.store import store as store_module
from promessa.v1 import reservation_pb2 as rv


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, shorter."""
    monkeypatch.setattr(group_commit, "STORE_SECONDS_MAX", 0.3)
    monkeypatch.setattr(store_module, "STORE_SECONDS_MAX", 0.3)
    monkeypatch.setattr(health, "PING_SECONDS_MAX", 0.3)


async def test_a_silent_store_is_taken_for_dead_and_comes_back(serving: Serving, store_process: StoreProcess) -> None:
    api = Api(serving.channel)
    await api.shop(units=5)
    os.kill(store_process.process.pid, signal.SIGSTOP)
    try:
        unknown = api.reserve(1, request_id="hold-0001")
        await refused(unknown, grpc.StatusCode.UNAVAILABLE, "OUTCOME_UNKNOWN")
        assert not await asyncio.wait_for(serving.parts.health.check_once(), 5)
    finally:
        os.kill(store_process.process.pid, signal.SIGCONT)
    async with asyncio.timeout(20):
        while not await serving.parts.health.check_once():
            pass
        answer = await api.reserve(1, request_id="hold-0001")
    assert answer.outcome == rv.RESERVE_OUTCOME_RESERVED
    found = await api.reservation.GetReservation(_get("hold-0001"))
    assert found.reservation.lines[0].open_quantity == 1


def _get(reservation_id: str):  # type: ignore[no-untyped-def]
    from promessa.v1 import reservation_service_pb2 as rs

    return rs.GetReservationRequest(reservation_id=reservation_id)
