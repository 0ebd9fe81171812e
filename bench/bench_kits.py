"""What kits cost a read: GetAvailability of one kit at one node beside the same of a plain sku, by the same worker.

`measure()` for the runner, or run it as a script. A kit has three components; the chain, the rounds and the turns are those
of bench_server.py.
"""

from __future__ import annotations

import asyncio
import json
from random import Random

import grpc
import uvloop
from bench_server import Bench, Requests, servers, unary_call
from harness import STARTS, Entry, Pair, entry, in_turns, middle, raw_of
from server_cases import CASES, CHAIN, Case, check_get

from promessa.v1 import availability_service_pb2 as reads
from promessa.v1 import network_service_pb2, network_service_pb2_grpc

KITS, COMPONENTS = 100, 3
PLAIN = CASES[0]
_random = Random("kits")
RECIPES = {f"kit-{n:04d}": _random.sample(CHAIN.skus, COMPONENTS) for n in range(KITS)}
PLACES = [
    (kit, node_id)
    for kit, skus in RECIPES.items()
    for node_id in CHAIN.node_ids
    if all((sku, node_id) in CHAIN.counts for sku in skus)
]
"""Kits at nodes that keep all their components."""


def get_kit(random: Random) -> bytes:
    kit, node_id = random.choice(PLACES)
    return reads.GetAvailabilityRequest(sku=kit, node_ids=[node_id]).SerializeToString()


OF_KITS = Case("kits_availability", 1.3, PLAIN.method, PLAIN.calls_per_round, get_kit, check_get)


def measure() -> list[Entry]:
    """The one figure."""
    return uvloop.run(_measure())


async def _measure() -> list[Entry]:
    pairs = []
    for _ in range(STARTS):
        with servers() as bench:
            await bench.prepare()
            pairs.append(await _pair(bench))
    found = middle(pairs)
    return [
        {
            **entry(
                name=OF_KITS.name,
                value=found.ours.quiet_us,
                unit="µs worker CPU per call",
                yardstick=f"GetAvailability of a plain sku: {found.yardstick.quiet_us:.1f} µs",
                ratio=found.ratio,
                goal=OF_KITS.goal,
                meets_goal=found.ratio <= OF_KITS.goal,
            ),
            "raw": raw_of(pairs),
        }
    ]


async def _pair(bench: Bench) -> Pair:
    async with grpc.aio.insecure_channel(bench.server.target) as channel:
        await _put_kits(channel)
        call = unary_call(channel, PLAIN.method)
        for kit, node_id in PLACES[::50]:
            request = reads.GetAvailabilityRequest(sku=kit, node_ids=[node_id]).SerializeToString()
            async with asyncio.timeout(30):
                while not reads.GetAvailabilityResponse.FromString(await call(request)).available_quantity:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        kits = bench._ours(OF_KITS, call, Requests(OF_KITS, Random("kits")))
        plain = bench._ours(PLAIN, call, Requests(PLAIN, Random("plain")))
        await in_turns(kits, plain)
    return Pair(kits, plain)


async def _put_kits(channel: grpc.aio.Channel) -> None:
    network = network_service_pb2_grpc.NetworkServiceStub(channel)
    for kit, skus in RECIPES.items():
        sku = {"sku": kit, "kit": [{"sku": part, "quantity": 1 + n} for n, part in enumerate(skus)]}
        await network.PutSku(network_service_pb2.PutSkuRequest(request_id=f"bench-{kit}", sku=sku))


if __name__ == "__main__":
    for line in measure():
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
