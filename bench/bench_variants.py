"""What more costs than less, by one worker: kits, pools, supply to come and explanations beside the same call without.

`measure()` for the runner, or run it as a script. The chain, the rounds and the turns are those of bench_server.py.

    kits_availability       GetAvailability of one kit of three components
    pools_availability      of a cell with three allocation pools, by a channel two levels deep
    schedule_availability   of a cell with four inbound
    atp_schedule            GetAtpSchedule of such a cell over 180 days, beside GetAvailability from the store
    source_explained        Source, 5 lines, with the reason of every one of 300 nodes
    source_explained_1000   the same of 1,000 nodes
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import grpc
import uvloop
from bench_server import Bench, Requests, servers, unary_call
from harness import STARTS, Entry, Pair, entry, in_turns, middle, raw_of
from server_cases import (
    AVAILABILITY,
    CASES,
    CELLS,
    CHAIN,
    LARGE_CHAIN,
    NODES,
    SOURCING,
    Case,
    check_get,
    check_sourced,
    source,
)

from promessa.v1 import (
    allocation_pb2,
    inventory_service_pb2,
    inventory_service_pb2_grpc,
    network_service_pb2,
    network_service_pb2_grpc,
    supply_pb2,
    supply_service_pb2,
    supply_service_pb2_grpc,
)
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as reads
from promessa.v1 import sourcing_service_pb2 as decisions

KITS, COMPONENTS = 100, 3
POOLED = AWAITED = 200
CHANNEL = "web/vip"
INBOUND, HORIZON_DAYS = 4, 180
PLAIN = CASES[0]
_random = Random("variants")
RECIPES = {f"kit-{n:04d}": _random.sample(CHAIN.skus, COMPONENTS) for n in range(KITS)}
KIT_PLACES = [
    (kit, node_id)
    for kit, skus in RECIPES.items()
    for node_id in CHAIN.node_ids
    if all((sku, node_id) in CHAIN.counts for sku in skus)
]
"""Kits at nodes that keep all their components."""
POOLED_CELLS = _random.sample(CELLS, POOLED)
AWAITED_CELLS = _random.sample(CELLS, AWAITED)


def get_kit(random: Random) -> bytes:
    kit, node_id = random.choice(KIT_PLACES)
    return reads.GetAvailabilityRequest(sku=kit, node_ids=[node_id]).SerializeToString()


def get_for_channel(random: Random) -> bytes:
    sku, node_id = random.choice(POOLED_CELLS)
    return reads.GetAvailabilityRequest(sku=sku, node_ids=[node_id], channel=CHANNEL).SerializeToString()


def get_awaited(random: Random) -> bytes:
    sku, node_id = random.choice(AWAITED_CELLS)
    return reads.GetAvailabilityRequest(sku=sku, node_ids=[node_id]).SerializeToString()


def get_schedule(random: Random) -> bytes:
    sku, node_id = random.choice(AWAITED_CELLS)
    request = reads.GetAtpScheduleRequest(sku=sku, node_ids=[node_id], horizon_days=HORIZON_DAYS)
    return request.SerializeToString()


def get_from_store(random: Random) -> bytes:
    sku, node_id = random.choice(CELLS)
    fresh = nouns.Consistency(authoritative=True)
    return reads.GetAvailabilityRequest(sku=sku, node_ids=[node_id], consistency=fresh).SerializeToString()


def check_schedule(raw: bytes) -> None:
    answer = reads.GetAtpScheduleResponse.FromString(raw)
    assert len(answer.windows) == INBOUND + 1, answer


def check_from_store(raw: bytes) -> None:
    answer = reads.GetAvailabilityResponse.FromString(raw)
    assert answer.nodes[0].available_quantity > 0, answer
    assert answer.freshness.source == nouns.READ_SOURCE_STORE, answer


def source_explained(random: Random) -> bytes:
    return source(random, explain=True)


def check_explained(raw: bytes, nodes: int = NODES) -> None:
    check_sourced(raw)
    answer = decisions.SourceResponse.FromString(raw)
    assert len(answer.candidates) == nodes, answer


def check_explained_of_many(raw: bytes) -> None:
    check_explained(raw, nodes=len(LARGE_CHAIN.node_ids))


@dataclass(frozen=True, slots=True)
class Variant:
    """A call, and the plain one beside which it is measured."""

    case: Case
    plain: Case
    beside: str


_GET = PLAIN.method, PLAIN.calls_per_round
FROM_STORE = Case("from_store", 0, *_GET, get_from_store, check_from_store)
VARIANTS = (
    Variant(Case("kits_availability", 1.3, *_GET, get_kit, check_get), PLAIN, "GetAvailability of a plain sku"),
    Variant(
        Case("pools_availability", 1.3, *_GET, get_for_channel, check_get), PLAIN, "GetAvailability of a plain sku"
    ),
    Variant(Case("schedule_availability", 1.3, *_GET, get_awaited, check_get), PLAIN, "GetAvailability of a plain sku"),
    Variant(
        Case("atp_schedule", 1.3, f"{AVAILABILITY}GetAtpSchedule", PLAIN.calls_per_round, get_schedule, check_schedule),
        FROM_STORE,
        "GetAvailability of a plain sku from the store",
    ),
    Variant(
        Case("source_explained", 2.0, f"{SOURCING}Source", 64, source_explained, check_explained),
        Case("source", 0, f"{SOURCING}Source", 64, source, check_sourced),
        "Source without",
    ),
    Variant(
        Case(
            "source_explained_1000",
            2.0,
            f"{SOURCING}Source",
            64,
            source_explained,
            check_explained_of_many,
            chain=LARGE_CHAIN,
        ),
        Case("source", 0, f"{SOURCING}Source", 64, source, check_sourced),
        "Source without",
    ),
)


def measure(wanted: set[str]) -> list[Entry]:
    """The figures wanted."""
    return uvloop.run(_measure([variant for variant in VARIANTS if variant.case.name in wanted]))


async def _measure(variants: list[Variant]) -> list[Entry]:
    pairs: dict[str, list[Pair]] = {variant.case.name: [] for variant in variants}
    for chain in dict.fromkeys(variant.case.chain for variant in variants):
        for _ in range(STARTS):
            with servers() as bench:
                await bench.prepare(chain)
                async with grpc.aio.insecure_channel(bench.server.target) as channel:
                    if chain is CHAIN:
                        await _put(channel)
                    for variant in variants:
                        if variant.case.chain is chain:
                            pairs[variant.case.name].append(await _pair(bench, channel, variant))
    return [_figure(variant, pairs[variant.case.name]) for variant in variants]


def _figure(variant: Variant, pairs: list[Pair]) -> Entry:
    found = middle(pairs)
    return {
        **entry(
            name=variant.case.name,
            value=found.ours.quiet_us,
            unit="µs worker CPU per call",
            yardstick=f"{variant.beside}: {found.yardstick.quiet_us:.1f} µs",
            ratio=found.ratio,
            goal=variant.case.goal,
            meets_goal=found.ratio <= variant.case.goal,
        ),
        "raw": raw_of(pairs),
    }


async def _pair(bench: Bench, channel: grpc.aio.Channel, variant: Variant) -> Pair:
    sides = []
    for case in (variant.case, variant.plain):
        call = unary_call(channel, case.method)
        await _until_right(lambda call=call, case=case: call(case.request(Random("first"))), case)
        sides.append(bench._ours(case, call, Requests(case, Random(case.name))))
    await in_turns(*sides)
    return Pair(*sides)


async def _until_right(ask: Callable[[], Awaitable[bytes]], case: Case) -> None:
    """Wait until reads see what was put."""
    async with asyncio.timeout(30):
        while True:
            try:
                return case.check(await ask())
            except AssertionError:
                await asyncio.sleep(0.01)


async def _put(channel: grpc.aio.Channel) -> None:
    """Kits, pools and inbound beside the chain."""
    network = network_service_pb2_grpc.NetworkServiceStub(channel)
    inventory = inventory_service_pb2_grpc.InventoryServiceStub(channel)
    supply = supply_service_pb2_grpc.SupplyServiceStub(channel)
    for kit, skus in RECIPES.items():
        sku = {"sku": kit, "kit": [{"sku": part, "quantity": 1 + n} for n, part in enumerate(skus)]}
        await network.PutSku(network_service_pb2.PutSkuRequest(request_id=f"bench-{kit}", sku=sku))
    for n, (sku_id, node_id) in enumerate(POOLED_CELLS):
        for name, strategy in (("web", "STRICT"), (CHANNEL, "OWN_FIRST"), ("shop", "COMMON_FIRST")):
            pool = allocation_pb2.AllocationPool(
                sku=sku_id,
                node_id=node_id,
                channel=name,
                strategy=f"ALLOCATION_STRATEGY_{strategy}",
                quantity=1_000 + n,
            )
            request = inventory_service_pb2.SetAllocationPoolRequest(
                request_id=f"bench-pool-{n}-{name.replace('/', '-')}", allocation_pool=pool
            )
            await inventory.SetAllocationPool(request)
    today = date.today()
    for n, (sku_id, node_id) in enumerate(AWAITED_CELLS):
        for i in range(INBOUND):
            inbound = supply_pb2.InboundSupply(
                inbound_id=f"po-{n}-{i}",
                sku=sku_id,
                node_id=node_id,
                kind=supply_pb2.INBOUND_KIND_PURCHASE_ORDER,
                quantity=100,
                expected_date=(today + timedelta(days=10 + 7 * i)).isoformat(),
            )
            await supply.PutInboundSupply(
                supply_service_pb2.PutInboundSupplyRequest(request_id=f"bench-po-{n}-{i}", inbound_supply=inbound)
            )


if __name__ == "__main__":
    for line in measure(set(sys.argv[1:]) or {variant.case.name for variant in VARIANTS}):
        line.pop("raw")
        print(json.dumps(line, ensure_ascii=False))
