"""What a row of a snapshot and a cell under audit cost: `measure()` for the runner, or run it as a script.

A server with one worker and its store, on fresh processes. Counted is the CPU time of both, all threads, for 1,000,000
cells: audited when they have just been loaded, so that the event log names each once; and counted again in one snapshot of
200 messages. The client is a process of its own and is not counted; messages are bytes made beforehand. What the applier
does meanwhile is in the raw results. There is no yardstick but the goal, a rate.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import chain
import grpc
import uvloop
from google.protobuf.timestamp_pb2 import Timestamp
from harness import Entry, cpu_ns, entry
from processes import Server, promessa_serve

from promessa.store.embedded import EmbeddedStore
from promessa.v1 import inventory_pb2
from promessa.v1 import inventory_service_pb2 as messages
from promessa.v1 import inventory_service_pb2_grpc as inventory

NODES = SKUS = 1_000
CELLS = NODES * SKUS
ROUNDS = 3
"""Snapshots and audits of all cells: each takes many seconds, and long ones differ little."""

IMPORT_GOAL, AUDIT_GOAL = 100_000, 500_000
MESSAGE = 5_000
CALL_SECONDS_MAX = 600.0
SETTLE_SECONDS = 2.0

CHAIN = chain.Chain(NODES, SKUS, stocked=1.0, on_hand=(1, 99))


def measure(only: set[str] | None = None) -> list[Entry]:
    """import_rows and audit_cells; their "raw" has every round."""
    if only is not None and not only & {"import_rows", "audit_cells"}:
        return []
    with tempfile.TemporaryDirectory(prefix="promessa-feeds-") as name, EmbeddedStore(name, durability="dev") as store:
        settings = {"REDIS_URL": store.url, "DURABILITY": "dev"}
        with promessa_serve(Path(name) / "server", workers=1, settings=settings) as server:
            return uvloop.run(_measure(server, store))


async def _measure(server: Server, store: EmbeddedStore) -> list[Entry]:
    parties = {"server": server.worker_pids[0], "store": store.pid, "applier": server.run.children["applier"]}
    imports, audits = [], []
    async with grpc.aio.insecure_channel(server.target) as channel:
        await chain.load(CHAIN, channel)
        for _ in range(ROUNDS):
            audits.append(await _cpu_us(parties, lambda: _audit(channel)))
        for number in range(ROUNDS):
            snapshot = _snapshot(number)
            imports.append(await _cpu_us(parties, lambda snapshot=snapshot: _import(channel, snapshot)))
    return [_entry("import_rows", imports, IMPORT_GOAL), _entry("audit_cells", audits, AUDIT_GOAL)]


async def _cpu_us(parties: Mapping[str, int], work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """CPU a cell of each party, in microseconds."""
    await asyncio.sleep(SETTLE_SECONDS)  # the applier catches up, and a fork of the store for its file is over
    before = {name: cpu_ns(pid) for name, pid in parties.items()}
    await work()
    await asyncio.sleep(SETTLE_SECONDS)
    return {name: (cpu_ns(pid) - before[name]) / CELLS / 1_000 for name, pid in parties.items()}


async def _import(channel: grpc.aio.Channel, snapshot: Sequence[bytes]) -> None:
    call = channel.stream_unary(
        "/promessa.v1.InventoryService/ImportSnapshot",
        request_serializer=None,
        response_deserializer=messages.ImportSnapshotResponse.FromString,
    )

    async def send() -> AsyncIterator[bytes]:
        for message in snapshot:
            yield message

    answer = await call(send(), timeout=CALL_SECONDS_MAX)
    assert answer.applied_count == CELLS, answer


def _snapshot(number: int) -> list[bytes]:
    """All cells in messages of 5,000, in another order and with other counts than before."""
    as_of = Timestamp()
    as_of.FromMilliseconds(time.time_ns() // 1_000_000)
    request_id = f"snapshot-{uuid.uuid4().hex}"
    counts = (
        inventory_pb2.StockCount(sku=sku, node_id=node_id, on_hand_quantity=units + number + 1)
        for (sku, node_id), units in CHAIN.counts.items()
    )
    return [
        messages.ImportSnapshotRequest(request_id=request_id, as_of=as_of, counts=chunk).SerializeToString()
        for chunk in chain.batches(counts, MESSAGE)
    ]


async def _audit(channel: grpc.aio.Channel) -> None:
    stub = inventory.InventoryServiceStub(channel)
    answer = await stub.CheckInvariants(messages.CheckInvariantsRequest(), timeout=CALL_SECONDS_MAX)
    assert answer.ok, answer
    assert answer.cell_count == CELLS, answer


def _entry(name: str, rounds: list[dict[str, float]], goal: int) -> Entry:
    rates = [1e6 / (each["server"] + each["store"]) for each in rounds]
    found = entry(
        name=name,
        value=max(rates),
        unit="a second of CPU of server and store",
        yardstick=f"a goal (median {median(rates):,.0f})",
        ratio=max(rates) / goal,
        goal=goal,
        meets_goal=max(rates) >= goal,
    )
    found["raw"] = {"cpu_us_per_cell": [{party: round(us, 3) for party, us in each.items()} for each in rounds]}
    return found


if __name__ == "__main__":
    for line in measure():
        print(json.dumps(line, ensure_ascii=False))
