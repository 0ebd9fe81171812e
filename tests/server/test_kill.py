"""Processes of a real server are killed under load; nothing acknowledged is lost, and nothing is sold twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from promessa.server.run_file import RunFile, read_run_file
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import inventory_service_pb2_grpc as iv_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import network_service_pb2_grpc as nw_grpc
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import reservation_service_pb2_grpc as rs_grpc

UNITS, BUYERS, PURCHASES = 400, 12, 60
BUSY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """The data directory of a running server with two workers on an embedded store."""
    environment = {
        **os.environ,
        "PROMESSA_DATA_DIR": str(tmp_path),
        "PROMESSA_PORT": "0",
        "PROMESSA_METRICS_PORT": "0",
        "PROMESSA_STORE_BINARY": os.environ.get("PROMESSA_TEST_SERVER", ""),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "promessa.cli.main", "serve"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "promessa is ready" in process.stdout.readline()
    yield tmp_path
    process.terminate()
    process.wait(60)


async def insist(channel: grpc.aio.Channel, call: object, request: object) -> object:
    """Again and again with the same request, as a client must after UNAVAILABLE."""
    while True:
        try:
            return await call(request, timeout=5)  # type: ignore[operator]
        except grpc.aio.AioRpcError as error:
            if error.code() not in BUSY:
                raise
            await channel.channel_ready()


@pytest.mark.parametrize("victims", [("worker-0", "worker-1"), ("applier",), ("store",)], ids=lambda names: names[0])
async def test_nothing_acknowledged_is_lost_when_a_process_is_killed_under_load(
    data_dir: Path, victims: tuple[str, ...]
) -> None:
    running = read_run_file(data_dir)
    assert running is not None
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{running.port}", options) for _ in range(4)]
    network, inventory = nw_grpc.NetworkServiceStub(channels[0]), iv_grpc.InventoryServiceStub(channels[0])
    await network.PutNode(nw.PutNodeRequest(request_id="put-node-1", node={"node_id": "a"}))
    await network.PutSku(nw.PutSkuRequest(request_id="put-sku-01", sku={"sku": "cup"}))
    count = {"sku": "cup", "node_id": "a", "on_hand_quantity": UNITS}
    await inventory.SetOnHand(iv.SetOnHandRequest(request_id="set-on-hand", count=count))
    acknowledged: dict[str, int] = {}
    halfway = asyncio.Event()

    async def buy(buyer: int) -> None:
        channel = channels[buyer % len(channels)]
        stub = rs_grpc.ReservationServiceStub(channel)
        for number in range(PURCHASES):
            request_id = f"buyer-{buyer:02d}-{number:04d}"
            line = {"sku": "cup", "node_id": "a", "quantity": 1}
            request = rs.ReserveRequest(request_id=request_id, lines=[line])
            answer = await insist(channel, stub.Reserve, request)
            acknowledged[request_id] = answer.outcome  # type: ignore[attr-defined]
            if len(acknowledged) > BUYERS * PURCHASES // 4:
                halfway.set()

    buyers = [asyncio.create_task(buy(number)) for number in range(BUYERS)]
    await halfway.wait()
    for victim in victims:
        os.kill(pid_of(running, victim), signal.SIGKILL)
    await asyncio.gather(*buyers)

    won = {request_id for request_id, outcome in acknowledged.items() if outcome == rv.RESERVE_OUTCOME_RESERVED}
    assert len(won) == UNITS
    stub = rs_grpc.ReservationServiceStub(channels[1])
    for request_id in won:
        request = rs.GetReservationRequest(reservation_id=request_id)
        found = await insist(channels[1], stub.GetReservation, request)
        assert found.reservation.state == rv.RESERVATION_STATE_HELD  # type: ignore[attr-defined]
    report = await books_when_loaded(channels[0], inventory)
    assert report.ok, report
    assert report.reservation_count == UNITS
    for channel in channels:
        await channel.close()


async def books_when_loaded(
    channel: grpc.aio.Channel, inventory: iv_grpc.InventoryServiceStub
) -> iv.CheckInvariantsResponse:
    """The audit, once the replica is loaded again."""
    while True:
        report = await insist(channel, inventory.CheckInvariants, iv.CheckInvariantsRequest())
        assert isinstance(report, iv.CheckInvariantsResponse)
        if "not ready" not in str(report):
            return report


def pid_of(running: RunFile, victim: str) -> int:
    pid = running.store_pid if victim == "store" else running.children[victim]
    assert pid is not None
    return pid
