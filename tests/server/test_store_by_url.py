"""`promessa serve` on stores of its operator's: a primary with a replica, sentinels, a cluster; and what it refuses."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from topologies import SERVICE, Topology, needs_waitaof, until

from promessa.server.run_file import read_run_file
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import inventory_service_pb2_grpc as iv_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import network_service_pb2_grpc as nw_grpc
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import reservation_service_pb2_grpc as rs_grpc

BUYERS = 8
BUSY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


class Client:
    """Calls of a server that has one node and one sku in stock."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self.inventory = iv_grpc.InventoryServiceStub(channel)
        self.network = nw_grpc.NetworkServiceStub(channel)
        self.reservations = rs_grpc.ReservationServiceStub(channel)

    async def stock(self, units: int) -> None:
        count = {"sku": "cup", "node_id": "a", "on_hand_quantity": units}
        await self.insist(self.network.PutNode, nw.PutNodeRequest(request_id="put-node-1", node={"node_id": "a"}))
        await self.insist(self.network.PutSku, nw.PutSkuRequest(request_id="put-sku-01", sku={"sku": "cup"}))
        await self.insist(self.inventory.SetOnHand, iv.SetOnHandRequest(request_id="set-on-hand", count=count))

    async def reserve(self, request_id: str, units: int) -> Any:
        line = {"sku": "cup", "node_id": "a", "quantity": units}
        return await self.reservations.Reserve(rs.ReserveRequest(request_id=request_id, lines=[line]))

    async def insist(self, call: Any, *arguments: Any) -> Any:
        """Again and again with the same request, as a client must after UNAVAILABLE."""
        while True:
            try:
                return await call(*arguments)
            except grpc.aio.AioRpcError as error:
                if error.code() not in BUSY:
                    raise
                await self._channel.channel_ready()
                await asyncio.sleep(0.02)

    async def books(self) -> iv.CheckInvariantsResponse:
        """The audit, once the replica is loaded again."""
        while True:
            report = await self.insist(self.inventory.CheckInvariants, iv.CheckInvariantsRequest())
            assert isinstance(report, iv.CheckInvariantsResponse)
            if "not ready" not in str(report):
                return report


def environment(data_dir: Path, settings: dict[str, str]) -> dict[str, str]:
    fixed = {"DATA_DIR": str(data_dir), "PORT": "0", "METRICS_PORT": "0", "WORKERS": "1", "LOG_LEVEL": "error"}
    return {**os.environ, **{f"PROMESSA_{name}": value for name, value in {**fixed, **settings}.items()}}


SERVE = [sys.executable, "-m", "promessa.cli.main", "serve"]


@asynccontextmanager
async def serving(data_dir: Path, **settings: str) -> AsyncIterator[Client]:
    """A client of a running server."""
    process = subprocess.Popen(SERVE, env=environment(data_dir, settings), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "promessa is ready" in process.stdout.readline()
        running = read_run_file(data_dir)
        assert running is not None
        async with grpc.aio.insecure_channel(f"127.0.0.1:{running.port}") as channel:
            yield Client(channel)
    finally:
        process.terminate()
        process.wait(60)


def reason(error: grpc.aio.AioRpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    assert status is not None and any(detail.Unpack(info) for detail in status.details)
    return info.reason


@needs_waitaof
async def test_in_durability_ha_a_change_that_the_replicas_do_not_confirm_is_in_doubt(
    stores: Topology, tmp_path: Path
) -> None:
    primary = stores.node()
    one, two = stores.replica_of(primary), stores.replica_of(primary)
    async with serving(tmp_path, REDIS_URL=primary.tcp_url, DURABILITY="ha", STORE_REPLICAS="2") as client:
        await client.stock(10)
        await client.insist(client.reserve, "reserve-1", 1)
        two.signal(signal.SIGSTOP)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.reserve("reserve-2", 3)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason(caught.value) == "OUTCOME_UNKNOWN"
        two.signal(signal.SIGCONT)
        answer = await client.insist(client.reserve, "reserve-2", 3)
        assert answer.replayed and answer.outcome == rv.RESERVE_OUTCOME_RESERVED
        report = await client.books()
        assert report.ok and report.reservation_count == 2, report
        assert one.client.dbsize() == two.client.dbsize() == primary.client.dbsize()


@needs_waitaof
async def test_a_failover_under_load_loses_nothing_that_was_acknowledged(stores: Topology, tmp_path: Path) -> None:
    """The old primary goes on taking changes until the sentinel makes it a replica: they must not be acknowledged."""
    primary = stores.node()
    stores.replica_of(primary)
    sentinel = stores.sentinel(primary)
    url = f"redis+sentinel://127.0.0.1:{sentinel.port}/{SERVICE}"
    async with serving(tmp_path, REDIS_URL=url, DURABILITY="ha") as client:
        await client.stock(1_000_000)
        acknowledged: set[str] = set()
        demoted = False

        async def buy(buyer: int) -> None:
            number = 0
            while not demoted:
                request_id = f"buyer-{buyer:02d}-{number:06d}"
                await client.insist(client.reserve, request_id, 1)
                acknowledged.add(request_id)
                number += 1

        buyers = [asyncio.create_task(buy(number)) for number in range(BUYERS)]
        await asyncio.to_thread(sentinel.fail_over)
        await asyncio.to_thread(until, lambda: primary.info("replication")["role"] == "slave", "the demotion")
        demoted = True
        await asyncio.gather(*buyers)
        report = await client.books()
        assert report.ok, report
        assert report.reservation_count == len(acknowledged) > BUYERS  # nobody asked for anything else


async def test_a_cluster_serves(stores: Topology, tmp_path: Path) -> None:
    nodes = stores.cluster()
    async with serving(tmp_path, REDIS_URL=f"redis+cluster://127.0.0.1:{nodes[0].port}") as client:
        await client.stock(10)
        assert (await client.reserve("reserve-1", 3)).outcome == rv.RESERVE_OUTCOME_RESERVED
        assert (await client.reserve("reserve-1", 3)).replayed
        report = await client.books()
        assert report.ok and report.reservation_count == 1, report
    assert sum(node.client.dbsize() > 0 for node in nodes) == 1


def test_a_store_that_does_not_fit_ends_the_start_with_one_sentence(stores: Topology, tmp_path: Path) -> None:
    refusals = {
        stores.cluster_node().tcp_url: "Set PROMESSA_REDIS_URL to redis+cluster://",
        stores.node().tcp_url.replace("redis://", "redis+cluster://"): "Cluster mode is not enabled",
        stores.node().tcp_url.replace("redis://", "redis+sentinel://") + "/shop": "The store cannot be reached",
        "redis://127.0.0.1:1": "The store cannot be reached",
    }
    for url, sentence in refusals.items():
        command = subprocess.run(
            SERVE, env=environment(tmp_path, {"REDIS_URL": url}), capture_output=True, text=True, timeout=100
        )
        assert command.returncode == 1
        assert sentence in command.stderr
        assert "Traceback" not in command.stderr
