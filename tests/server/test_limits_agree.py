"""What withholds units counts the same wherever it is asked: in the replica, in the store, in a reservation and in a plan."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.service.safety_rules import SafetyRules
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1 import stock_confidence_service_pb2 as sc
from promessa.v1 import stock_confidence_service_pb2_grpc as sc_grpc

MANY = 1_000


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    """Ten cups at a, and a group of it; b has none, and no lane that matters."""
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = Api(serving.channel)
    await api.shop(units=10)
    await api.count("b", 0)
    group = {"node_group_id": "west", "node_ids": ["a"]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    yield api
    following.cancel()


async def everywhere(api: Api) -> list[int]:
    """Cups to be had at a: as the replica says once it has seen all, as the store says, as a reservation and an order get."""
    ask: dict[str, Any] = {"sku": "cup", "node_ids": ["a"]}
    authority = await api.availability.GetAvailability(
        av.GetAvailabilityRequest(**ask, consistency={"authoritative": True})
    )
    seen = await api.count("b", 0)  # what its token has seen, it has seen of every partition's past
    held = await api.reserve(MANY, mode="RESERVE_MODE_PARTIAL")
    got = sum(line.quantity for line in held.reservation.lines)
    if held.reservation.reservation_id and got:
        gone = rs.ReleaseRequest(request_id=api.new_id(), reservation_id=held.reservation.reservation_id)
        seen = await api.reservation.Release(gone)
    while True:  # the state of a node comes by the catalogue's log, which no token names
        replica = await api.availability.GetAvailability(
            av.GetAvailabilityRequest(**ask, consistency={"at_least_token": seen.token})
        )
        if replica.available_quantity == got:
            break
        await asyncio.sleep(0)
    wanted = {"lines": [{"sku": "cup", "quantity": MANY}], "destination": {"postal_code": "01310100"}}
    order = so.SourceAndReserveRequest(request_id=api.new_id(), order=wanted, allow_partial=True)
    sourced = await api.sourcing.SourceAndReserve(order)
    planned = sum(line.quantity for line in sourced.reservation.lines)
    if planned:
        gone = rs.ReleaseRequest(request_id=api.new_id(), reservation_id=sourced.reservation.reservation_id)
        await api.reservation.Release(gone)
    return [replica.available_quantity, authority.available_quantity, got, planned]


async def rule(api: Api, rule_id: str, **terms: Any) -> None:
    named = {"safety_rule_id": rule_id, **terms}
    await api.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=api.new_id(), safety_rule=named))


async def set_state(api: Api, state: int, until_ms: int = 0) -> nw.SetNodeStateResponse:
    request = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=state)
    if until_ms:
        request.until_time.FromMilliseconds(max(until_ms, 0))
    return await api.network.SetNodeState(request)


async def test_whatever_withholds_units_counts_the_same_everywhere(api: Api, serving: Serving) -> None:
    assert await everywhere(api) == [10] * 4
    away = iv.ReclassifyStockRequest(request_id=api.new_id(), sku="cup", node_id="a", quantity=1, to_reason="damaged")
    await api.inventory.ReclassifyStock(away)
    assert await everywhere(api) == [9] * 4
    await rule(api, "all", quantity=1)
    assert await everywhere(api) == [8] * 4
    await rule(api, "west", node_group_id="west", share_permille=250)
    assert await everywhere(api) == [6] * 4
    await rule(api, "doubt", node_id="a", by_confidence=True)
    assert await everywhere(api) == [8] * 4
    looked = sc.RecordStockChecksRequest(request_id=api.new_id())
    looked.checks.add(sku="cup", node_id="a", looked_for_quantity=20, found_quantity=10)
    await sc_grpc.StockConfidenceServiceStub(serving.channel).RecordStockChecks(looked)
    assert await everywhere(api) == [6] * 4
    await set_state(api, np.NODE_STATE_PAUSED)
    assert await everywhere(api) == [0] * 4
    await set_state(api, np.NODE_STATE_ACTIVE)
    capacity = {"limit_quantity": 4, "unit": "CAPACITY_UNIT_UNITS", "on_full": "CAPACITY_ON_FULL_PAUSE"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="a", capacity=capacity)
    )
    await api.reserve(4)
    assert await everywhere(api) == [0] * 4
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert [violation.invariant for violation in report.violations] == []


async def test_a_paused_node_comes_back_by_itself(api: Api) -> None:
    """The store's clock is the machine's here: a moment is waited for, not measured."""
    until_ms = time.time_ns() // 1_000_000 + 300
    answer = await set_state(api, np.NODE_STATE_PAUSED, until_ms)
    assert answer.node.paused_until_time.ToMilliseconds() == until_ms
    short = await api.reserve(1)
    assert [x.reason for x in short.shortfalls] == [rv.SHORTFALL_REASON_NODE_PAUSED]
    node = (await api.network.GetNode(nw.GetNodeRequest(node_id="a"))).node
    assert node.paused_until_time.ToMilliseconds() == until_ms
    put = await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    assert put.node == node, "putting it as it was read changes nothing"
    while (await api.reserve(1)).outcome != rv.RESERVE_OUTCOME_RESERVED:
        await asyncio.sleep(0.01)
    assert time.time_ns() // 1_000_000 >= until_ms
    assert await everywhere(api) == [9] * 4
    node = (await api.network.GetNode(nw.GetNodeRequest(node_id="a"))).node
    assert (node.state, node.HasField("paused_until_time")) == (np.NODE_STATE_ACTIVE, False)


async def test_a_pause_that_cannot_be_is_refused_and_a_repeated_one_answered(api: Api) -> None:
    now_ms = time.time_ns() // 1_000_000
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    for state, until_ms in (
        (np.NODE_STATE_PAUSED, now_ms - 1),
        (np.NODE_STATE_PAUSED, -1),
        (np.NODE_STATE_PAUSED, now_ms + 400 * 86_400_000),
        (np.NODE_STATE_ACTIVE, now_ms + 60_000),
    ):
        await refused(set_state(api, state, until_ms), invalid, "INVALID_FIELD", field="until_time")
    request = nw.SetNodeStateRequest(request_id="pause-0001", node_id="a", state=np.NODE_STATE_PAUSED)
    request.until_time.FromMilliseconds(now_ms + 500)
    first = await api.network.SetNodeState(request)
    await asyncio.sleep(0.6)
    again = await api.network.SetNodeState(request)
    assert (again.replayed, again.node) == (True, first.node), "the first answer, though that instant has passed"
    assert (await api.reserve(1)).outcome == rv.RESERVE_OUTCOME_RESERVED, "and the node is not paused again"


async def test_rules_by_confidence_are_looked_at_anew_once_a_day(api: Api, serving: Serving) -> None:
    """The server's care of it: nothing happens without such a rule, and once a day with one."""
    tended: SafetyRules = serving.parts.safety_rules
    await rule(api, "doubt", by_confidence=True)
    assert await everywhere(api) == [9] * 4
    await tended.tend()
    assert await tended.store.unsettled() is None
    bad = {"safety_rule_id": "both", "by_confidence": True, "quantity": 3}
    put = nw.PutSafetyStockRuleRequest(request_id=api.new_id(), safety_rule=bad)
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(api.network.PutSafetyStockRule(put), invalid, "INVALID_FIELD", field="safety_rule.by_confidence")


async def test_groups_and_kits_keep_to_limits_too(api: Api) -> None:
    """Lines at groups, with more wanted than there is; kits, which are as many units as they have; and the books agree."""
    await api.count("b", 10)
    for sku in ({"sku": "pot"}, {"sku": "set", "kit": [{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}]}):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=sku))
    count = {"sku": "pot", "node_id": "a", "on_hand_quantity": 9}
    await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=count))
    capacity = {"limit_quantity": 7, "unit": "CAPACITY_UNIT_UNITS", "on_full": "CAPACITY_ON_FULL_PAUSE"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="a", capacity=capacity)
    )
    named = {"hold_rule_id": "pix", "ttl_seconds": 60, "owner_units_max": 3}
    await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=named))
    partial: dict[str, Any] = {"mode": "RESERVE_MODE_PARTIAL"}
    sets = [{"sku": "set", "node_id": "a", "quantity": 3}]
    held = await api.reserve(lines=sets, hold_rule_id="pix", owner_id="ann", **partial)
    assert [(x.reason, x.available_quantity) for x in held.shortfalls] == [(rv.SHORTFALL_REASON_OWNER_LIMIT, 1)]
    cups = [{"sku": "cup", "node_group_id": "west", "quantity": 50}]
    held = await api.reserve(lines=cups, **partial)
    assert sum(line.quantity for line in held.reservation.lines) == 4, "a set of three pieces is taken on already"
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert [violation.invariant for violation in report.violations] == []
