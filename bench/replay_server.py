"""What a replay does to a running `promessa serve`: a chain with stock enough, orders on their journeys, questions."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from processes import Server
from replay_counts import Counts, summed
from replay_process import ChainSize, Share, replay

from promessa.cli.loading import Pool, import_stock, put_all
from promessa.server.settings import RESOLVED_VARIABLE, Resolved
from promessa.v1 import event_log_service_pb2, event_log_service_pb2_grpc, inventory_service_pb2

SETTINGS = {"DURABILITY": "dev"}
"""Beside `clock_settings`."""

ORDERS_OF_STOCK = 1_500
"""Orders that the demo's stock is enough for: for more, there is so many times as much."""

RECOUNTED = 10
"""Units of the demo that a cell has when it is counted again."""

WHOLE = ChainSize()
AUDIT_SECONDS_MAX = 3_600.0
_WAIT_SECONDS = 0.5


def clock_settings(directory: Path) -> dict[str, str]:
    """The clock that a replay sets forward."""
    return {"CLOCK_FILE": str(directory / "clock")}


def times_of(orders: int) -> int:
    """How much more stock there is than in the demo."""
    return -(-orders // ORDERS_OF_STOCK)


async def load(target: str, times: int, size: ChainSize = WHOLE) -> None:
    """Put the demo's chain, with so many times its stock."""
    chain, pool = size.chain(), Pool(target)
    for kind, field, values in (
        ("Node", "node", chain.nodes), ("Sku", "sku", chain.skus), ("RateCard", "rate_card", chain.rate_cards),
        ("NodeGroup", "node_group", chain.node_groups), ("Lane", "lane", chain.lanes),
    ):  # fmt: skip
        await put_all(pool, kind, field, values, prefix="replay", tick=lambda count: None)
    stock = [(sku, node_id, on_hand * times, safety) for sku, node_id, on_hand, safety in chain.stock]
    answers = await import_stock(pool, stock, request_id="replay-stock", tick=lambda count: None)
    assert not any(answer.rejected_count for answer in answers), answers[0].rejections[:3]
    await pool.close()


def replay_on(server: Server, *, orders: int, days: int, processes: int, size: ChainSize = WHOLE) -> Counts:
    """Orders, with all that becomes of them; they come in so many days, from now on."""
    settings, started_ms, recounted = settings_of(server), time.time_ns() // 1_000_000, RECOUNTED * times_of(orders)
    each = orders // processes
    shares = [Share(i, processes, each, days, started_ms, recounted, size) for i in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        return summed(list(pool.map(replay, shares, [settings] * processes)))


async def until_archived(target: str) -> None:
    """Return once the archive has everything."""
    async with grpc.aio.insecure_channel(target) as channel:
        stub: Any = event_log_service_pb2_grpc.EventLogServiceStub(channel)
        while True:
            found = await stub.ListConsumers(event_log_service_pb2.ListConsumersRequest())
            if not sum(each.lag_entries for each in found.consumers):
                return
            await asyncio.sleep(_WAIT_SECONDS)


async def audit(target: str) -> Any:
    """What CheckInvariants answers."""
    pool = Pool(target, channels=1)
    request = inventory_service_pb2.CheckInvariantsRequest(max_violations=10)
    answer = await pool.stubs().inventory.CheckInvariants(request, timeout=AUDIT_SECONDS_MAX)
    await pool.close()
    return answer


def settings_of(server: Server) -> Resolved:
    """What the server's own worker was told."""
    said = Path(f"/proc/{server.worker_pids[0]}/environ").read_bytes().split(b"\0")
    told = dict(each.decode().split("=", 1) for each in said if b"=" in each)
    return Resolved.model_validate_json(told[RESOLVED_VARIABLE])
