"""Safety stock by rule over a real channel: the most specific counts, at once, for new cells and old ones."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused, token_read
from serving import Serving

from promessa.service.safety_rules import SafetyRules
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv


@pytest.fixture
async def api(serving: Serving) -> Api:
    api = Api(serving.channel)
    await api.shop(units=10)
    for name, members in (("west", ["a"]), ("all", ["a", "b"])):
        group = {"node_group_id": name, "node_ids": members}
        await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    return api


async def put(api: Api, rule_id: str, **rule: Any) -> Any:
    rule = {"safety_rule_id": rule_id, **rule}
    return await api.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=api.new_id(), safety_rule=rule))


async def kept(api: Api) -> dict[str, int]:
    """Safety stock by node, as it is explained."""
    from promessa.v1 import availability_pb2 as avp
    from promessa.v1 import availability_service_pb2 as av

    ask = av.ExplainAvailabilityRequest(sku="cup", node_ids=["a", "b"], language="en")
    nodes = (await api.availability.ExplainAvailability(ask)).nodes
    kind = avp.AVAILABILITY_STEP_KIND_SAFETY_STOCK
    return {node.node_id: -sum(step.quantity for step in node.steps if step.kind == kind) for node in nodes}


async def test_the_most_specific_rule_counts(api: Api) -> None:
    for rule_id, rule, expected in (
        ("all", {"quantity": 1}, {"a": 1, "b": 1}),
        ("of-west", {"node_group_id": "west", "quantity": 2}, {"a": 2, "b": 1}),
        ("of-a", {"node_id": "a", "quantity": 0}, {"a": 0, "b": 1}),
        ("of-cups", {"sku": "cup", "quantity": 3}, {"a": 3, "b": 3}),
        ("cups-in-all", {"sku": "cup", "node_group_id": "all", "quantity": 2}, {"a": 2, "b": 2}),
        ("cups-in-west", {"sku": "cup", "node_group_id": "west", "share_permille": 350}, {"a": 4, "b": 2}),
        ("cups-at-b", {"sku": "cup", "node_id": "b", "quantity": 9}, {"a": 4, "b": 9}),
    ):
        await put(api, rule_id, **rule)
        assert await kept(api) == expected, rule_id
    short = await api.reserve(2, lines=[{"sku": "cup", "node_id": "b", "quantity": 2}])
    assert (short.outcome, short.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 1)
    delete = nw.DeleteSafetyStockRuleRequest(request_id=api.new_id(), safety_rule_id="cups-at-b")
    await api.network.DeleteSafetyStockRule(delete)
    assert await kept(api) == {"a": 4, "b": 2}
    listed = await api.network.ListSafetyStockRules(nw.ListSafetyStockRulesRequest())
    assert len(listed.safety_rules) == 6


async def test_what_is_set_for_a_cell_counts_before_rules_until_it_is_left_to_them(api: Api) -> None:
    await put(api, "all", quantity=4)

    async def set_safety(**fields: Any) -> Any:
        ask = iv.SetSafetyStockRequest(request_id=api.new_id(), sku="cup", node_id="a", **fields)
        return await api.inventory.SetSafetyStock(ask)

    changed = await set_safety(safety_stock_quantity=0)
    assert changed.cell.safety_stock_quantity == 0
    await put(api, "all", quantity=5)
    assert await kept(api) == {"a": 0, "b": 5}
    assert (await set_safety(follow_rules=True)).cell.safety_stock_quantity == 5
    count = stock.StockCount(sku="cup", node_id="b", on_hand_quantity=10, safety_stock_quantity=1)
    await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=count))
    await put(api, "all", quantity=6)
    assert await kept(api) == {"a": 6, "b": 1}
    both = set_safety(safety_stock_quantity=1, follow_rules=True)
    await refused(both, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="safety_stock_quantity")


async def test_what_was_set_before_there_were_rules_stays(api: Api) -> None:
    ask = iv.SetSafetyStockRequest(request_id=api.new_id(), sku="cup", node_id="a", safety_stock_quantity=2)
    await api.inventory.SetSafetyStock(ask)
    await put(api, "all", quantity=4)
    assert await kept(api) == {"a": 2, "b": 4}


async def test_new_cells_and_new_members_of_groups_follow_at_once(api: Api) -> None:
    await put(api, "of-west", node_group_id="west", quantity=3)
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "c"}))
    group = {"node_group_id": "west", "node_ids": ["b", "c"]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    assert await kept(api) == {"a": 0, "b": 3}
    born = await api.count("c", 10)
    found = await api.availability.GetAvailability(token_read(born.token, node_ids=["c"]))
    assert found.nodes[0].available_quantity == 7


async def test_a_share_is_of_what_is_there_now(api: Api) -> None:
    await put(api, "share", share_permille=100)
    assert await kept(api) == {"a": 1, "b": 1}
    await api.count("a", 11)
    assert await kept(api) == {"a": 2, "b": 1}
    delta = stock.StockDelta(sku="cup", node_id="a", delta_quantity=-1)
    await api.inventory.AdjustStock(iv.AdjustStockRequest(request_id=api.new_id(), delta=delta))
    assert await kept(api) == {"a": 1, "b": 1}


async def test_cells_come_to_the_rules_though_who_changed_them_died(api: Api, serving: Serving) -> None:
    settling: SafetyRules = serving.parts.safety_rules
    follow, visited = settling.store.follow, 0

    async def die(*arguments: Any) -> bool:
        nonlocal visited
        visited += 1
        if visited > 1:
            raise ConnectionError("gone")
        return await follow(*arguments)

    settling.store.follow = die  # type: ignore[method-assign]
    with pytest.raises(grpc.aio.AioRpcError):
        await put(api, "all", quantity=4)
    assert sorted((await kept(api)).values()) == [0, 4], "broken off in the middle"
    settling.store.follow = follow  # type: ignore[method-assign]
    await settling.settle()
    assert await kept(api) == {"a": 4, "b": 4}
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert list(report.violations) == []


async def test_what_is_wrong_is_named(api: Api) -> None:
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(put(api, "r", quantity=-1), invalid, "INVALID_FIELD", field="safety_rule.quantity")
    await refused(put(api, "r", share_permille=1001), invalid, "INVALID_FIELD", field="safety_rule.share_permille")
    both = put(api, "r", quantity=1, share_permille=1)
    await refused(both, invalid, "INVALID_FIELD", field="safety_rule.share_permille")
    places = put(api, "r", node_id="a", node_group_id="west")
    await refused(places, invalid, "INVALID_FIELD", field="safety_rule.node_group_id")
    await refused(put(api, "r", sku="moon"), invalid, "REFERENCE_NOT_FOUND", kind="sku", id="moon")
    await put(api, "of-west", node_group_id="west", quantity=3)
    used = nw.DeleteNodeGroupRequest(request_id=api.new_id(), node_group_id="west")
    await refused(api.network.DeleteNodeGroup(used), grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")
