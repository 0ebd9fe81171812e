"""Policies in the shadow: they decide beside live orders and only count, and no answer knows of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from prometheus_client import REGISTRY
from serving import PARTITIONS, Clock, Serving, StoreProcess, WallClock, serving_on, start_serving

from promessa.domain.limits import SHADOW_ROWS_WAITING_MAX
from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_pb2 as po
from promessa.v1 import policy_service_pb2 as ps
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import shadow_pb2 as sh
from promessa.v1 import sourcing_service_pb2 as so

NOON = 1_700_481_600_000
NOT_A = "policy: p\nmode: cost\nrules: [{name: r, filters: [{where: node, none_of: [a]}]}]"


class Shop(Api):
    """The shop, with b dearer by one and a half, and policies."""

    async def open(self, *, units: int = 10) -> None:
        await self.shop(units=units)
        node = {"node_id": "b", "shipment_cost_micros": 1_500_000}
        await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node=node))

    async def draft(self, document: str = NOT_A) -> int:
        request = ps.CreatePolicyVersionRequest(request_id=self.new_id(), document=document)
        return int((await self.policies.CreatePolicyVersion(request)).version.version)

    async def activate(self, version: int, policy: str = "p", **more: Any) -> ps.ActivatePolicyVersionResponse:
        more.setdefault("request_id", self.new_id())
        request = ps.ActivatePolicyVersionRequest(policy_id=policy, version=version, **more)
        return await self.policies.ActivatePolicyVersion(request)

    async def order(self, quantity: int = 1, request_id: str = "", **fields: Any) -> so.SourceAndReserveResponse:
        order = {
            "lines": [{"sku": "cup", "quantity": quantity}],
            "destination": {"postal_code": "01310100"},
            **fields,
        }
        request = so.SourceAndReserveRequest(request_id=request_id or self.new_id(), order=order)
        return await self.sourcing.SourceAndReserve(request)


@pytest.fixture
async def shop(serving: Serving) -> AsyncIterator[Shop]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    shop = Shop(serving.channel)
    await shop.open()
    yield shop
    following.cancel()


async def results(shop: Shop, serving: Serving, version: int = 1) -> sh.ShadowResults:
    """What the version did, as the store says once the worker has counted all."""
    await serving.parts.shadowing.settle()
    await serving.parts.shadowing.flush()
    return (await shop.policies.GetPolicy(ps.GetPolicyRequest(policy_id="p", version=version))).shadow


async def test_a_draft_decides_beside_what_is_active_and_only_counts(shop: Shop, serving: Serving) -> None:
    await shop.draft()
    switched = await shop.activate(1, shadow_percent=100)
    assert (switched.version.state, switched.version.shadow_percent) == (po.POLICY_STATE_DRAFT, 100)
    for _ in range(3):
        assert [ship.node_id for ship in (await shop.order()).plan.shipments] == ["a"]
    assert (await shop.order(30)).outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (await shop.order(15)).plan.cost.split_micros > 0
    found = await results(shop, serving)
    assert (found.order_count, found.same_count, found.comparable_count) == (5, 1, 3)
    assert (found.gained_count, found.lost_count, found.unserved_difference_quantity) == (0, 1, 15)
    assert found.cost_difference.total_micros == found.cost_difference.shipment_micros == 3 * 1_500_000
    assert (found.shipment_difference, found.arrival_difference_ms, found.percent) == (0, 0, 100)
    assert (found.failed_count, found.dropped_count) == (0, 0)
    listed = await shop.policies.ListPolicyVersions(ps.ListPolicyVersionsRequest(policy_id="p"))
    assert list(listed.shadows) == [found]
    (summary,) = (await shop.policies.ListPolicies(ps.ListPoliciesRequest())).policies
    assert (summary.active_version, summary.shadow_version, summary.shadow_percent) == (0, 1, 100)
    counted = {"policy": "p", "version": "1"}
    assert REGISTRY.get_sample_value("promessa_shadow_orders_total", {**counted, "what": "orders"}) >= 5
    assert REGISTRY.get_sample_value("promessa_shadow_difference", {**counted, "measure": "cost"}) >= 4_500_000


async def test_what_would_be_served_more_is_counted_as_gained(shop: Shop, serving: Serving) -> None:
    version = await shop.draft(NOT_A.replace("p\n", "p\n", 1))
    await shop.activate(version)
    await shop.draft("policy: p\nmode: cost\nrules: [{name: r}]")
    await shop.activate(2, shadow_percent=100)
    assert (await shop.order(15)).outcome == rv.RESERVE_OUTCOME_REFUSED
    found = await results(shop, serving, 2)
    assert (found.order_count, found.gained_count, found.unserved_difference_quantity) == (1, 1, -15)


async def test_a_shadow_is_switched_off_by_0_by_another_one_and_by_becoming_active(
    shop: Shop, serving: Serving
) -> None:
    for _ in range(3):
        await shop.draft()
    shadows = serving.parts.shadowing.versions

    async def known() -> list[tuple[str, int]]:
        head = (await shop.policies.ListPolicies(ps.ListPoliciesRequest())).policies[0]
        assert {head.shadow_version: head.shadow_percent} == (
            {each.version: each.shadow_percent for each in shadows.values()} or {0: 0}
        )
        return [(name, each.shadow_percent) for name, each in shadows.items()]

    await shop.activate(1, shadow_percent=30)
    assert await known() == [("p@1", 30)]
    await shop.activate(2, shadow_percent=40)
    assert await known() == [("p@2", 40)]
    await shop.activate(1, shadow_percent=0)
    assert await known() == [("p@2", 40)], "that of another version is left alone"
    await shop.activate(2, shadow_percent=0)
    assert await known() == []
    await shop.activate(2, shadow_percent=50)
    await shop.activate(2)
    assert await known() == []
    await shop.activate(3, shadow_percent=60)
    await shop.policies.ArchivePolicyVersion(
        ps.ArchivePolicyVersionRequest(request_id=shop.new_id(), policy_id="p", version=3)
    )
    assert await known() == []
    conflict = grpc.StatusCode.FAILED_PRECONDITION
    await refused(shop.activate(2, shadow_percent=10), conflict, "POLICY_ACTIVE", policy_id="p", version="2")
    await refused(shop.activate(9, shadow_percent=10), grpc.StatusCode.NOT_FOUND, "POLICY_NOT_FOUND")
    await refused(shop.activate(1, shadow_percent=101), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_the_same_request_gets_its_first_answer_whatever_is_in_the_shadow_by_then(shop: Shop) -> None:
    await shop.draft()
    await shop.draft()
    first = await shop.activate(1, request_id="switch-on", shadow_percent=20)
    await shop.activate(1)
    again = await shop.activate(1, request_id="switch-on", shadow_percent=20)
    assert again.replayed
    assert again.version == first.version
    reused = grpc.StatusCode.ALREADY_EXISTS
    await refused(shop.activate(1, request_id="switch-on", shadow_percent=21), reused, "REQUEST_ID_REUSED")


async def test_other_workers_follow_what_is_in_the_shadow(
    shop: Shop, serving: Serving, store: Store, redis: Any
) -> None:
    await shop.draft()
    async with serving_on(store, redis, serving_url(serving)) as other:
        followed = asyncio.create_task(other.parts.keeper.follow())
        assert not other.parts.shadowing.versions
        await shop.activate(1, shadow_percent=100)
        while not other.parts.shadowing.versions:
            await asyncio.sleep(0.005)
        beside = Shop(other.channel)
        beside._count = 500
        await beside.order()
        await other.parts.shadowing.settle()
        await other.parts.shadowing.flush()
        await shop.order()
        assert (await results(shop, serving)).order_count == 2, "counts of workers are summed"
        followed.cancel()


def serving_url(serving: Serving) -> str:
    pool = serving.parts.store._redis.connection_pool
    return f"unix://{pool.connection_kwargs['path']}"


async def test_a_share_of_the_orders_is_drawn_by_their_request_ids(shop: Shop, serving: Serving) -> None:
    await shop.draft()
    await shop.activate(1, shadow_percent=25)
    for number in range(200):
        await shop.order(99, request_id=f"sampled-{number:04d}")
    assert 30 <= (await results(shop, serving)).order_count <= 70


async def test_only_orders_that_it_would_decide_if_it_were_active_count(shop: Shop, serving: Serving) -> None:
    other = await shop.draft(
        "policy: web\nmode: cost\nprecedence: 1\napplies_to: {channels: [web]}\nrules: [{name: r}]"
    )
    await shop.activate(other, "web")
    version = await shop.draft(NOT_A.replace("mode", "except_for: {tags: [plain]}\nmode"))
    await shop.activate(version, shadow_percent=100)
    await shop.order()
    await shop.order(channel="web")
    await shop.order(traits={"tags": ["plain"]})
    await shop.order(policy_id="default")
    assert (await results(shop, serving)).order_count == 1


async def test_what_finds_no_room_is_dropped_and_counted(
    shop: Shop, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SHADOW_ROWS_WAITING_MAX == 2_000_000
    monkeypatch.setattr("promessa.service.shadowing.SHADOW_ROWS_WAITING_MAX", 4)
    await shop.draft()
    await shop.activate(1, shadow_percent=100)
    for _ in range(5):
        await shop.order()
    found = await results(shop, serving)
    assert (found.order_count, found.dropped_count) == (2, 3)
    await shop.order()
    assert (await results(shop, serving)).order_count == 3, "there is room again"


async def test_a_shadow_that_fails_hurts_no_order(
    shop: Shop, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.draft()
    await shop.activate(1, shadow_percent=100)

    def fail(question: object) -> None:
        raise RuntimeError("as bad as can be")

    monkeypatch.setattr(serving.parts.shadowing._decider, "decide", fail)
    running = asyncio.create_task(serving.parts.shadowing.run())
    for _ in range(4):
        assert (await shop.order()).outcome == rv.RESERVE_OUTCOME_RESERVED
    found = await results(shop, serving)
    assert (found.order_count, found.failed_count) == (0, 4)
    assert not running.done()
    running.cancel()


async def test_it_runs_by_itself_after_the_answers(shop: Shop, serving: Serving) -> None:
    await shop.draft()
    await shop.activate(1, shadow_percent=100)
    running = asyncio.create_task(serving.parts.shadowing.run())
    await shop.order()
    while serving.parts.shadowing._waiting:
        await asyncio.sleep(0.001)
    await serving.parts.shadowing.flush()
    answer = await shop.policies.GetPolicy(ps.GetPolicyRequest(policy_id="p", version=1))
    assert answer.shadow.order_count == 1
    running.cancel()


async def test_answers_are_the_same_to_the_byte_with_a_shadow_and_without(own_store_process: Any) -> None:
    """Two data sets on clocks that stand still, with the same requests; the draft is in the shadow in one alone."""
    without = await answers_of(own_store_process(), shadow=False)
    assert without == await answers_of(own_store_process(), shadow=True)
    assert len({so.SourceAndReserveResponse.FromString(each).outcome for each in without}) == 2


async def answers_of(process: StoreProcess, *, shadow: bool) -> list[bytes]:
    redis, clock, wall_clock = connect(process.url), Clock(), WallClock()
    clock.now_ms = wall_clock.now_ms = NOON
    keys = await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells(), now_ms=clock)
    store = Store(redis, keys, commit)
    serving, (following, writer, source) = await start_serving(store, redis, process.url, now_ms=wall_clock)
    followed = asyncio.create_task(serving.parts.keeper.follow())
    running = asyncio.create_task(serving.parts.shadowing.run())
    try:
        shop = Shop(serving.channel)
        await shop.open()
        await shop.draft()
        if shadow:
            await shop.activate(1, shadow_percent=100)
        found = []
        for number in range(12):
            response = await shop.order(1 + number % 3, request_id=f"order-{number:04d}")
            found.append(response.SerializeToString(deterministic=True))
        await serving.parts.shadowing.settle()
        await serving.parts.shadowing.flush()
        counted = (await shop.policies.GetPolicy(ps.GetPolicyRequest(policy_id="p", version=1))).shadow.order_count
        assert counted == (12 if shadow else 0)
        return found
    finally:
        followed.cancel()
        running.cancel()
        await serving.channel.close()
        await serving.parts.server.stop(0)
        await serving.parts.watches.close()
        following.cancel()  # type: ignore[attr-defined]
        writer.close()  # type: ignore[attr-defined]
        await source.close()  # type: ignore[attr-defined]
        await commit.close()
        await redis.aclose()
