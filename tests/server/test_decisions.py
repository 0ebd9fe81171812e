"""Decisions made again: identical after everything has changed and the server was restarted, or a clear answer why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import msgpack
import pytest
from api_kit import Api, refused
from redis.asyncio import Redis
from serving import Serving, StoreProcess, WallClock, start_serving

from promessa.store.keys import record_member
from promessa.store.store import Store
from promessa.v1 import constraint_pb2 as cn
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_service_pb2 as po
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so

ID = "decision-0001"
PARTS = {"bindings": True, "flips": True, "relaxations": True}


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    yield Api(serving.channel)
    following.cancel()


async def chain(api: Api, nodes: int = 6) -> None:
    """Nodes n0, n1 ... with cups and pots, each with two lanes to São Paulo, dearer and nearer as it goes on."""
    for i in range(nodes):
        node = {"node_id": f"n{i}", "shipment_cost_micros": 1_000_000, "unit_cost_micros": 100_000, "type": 1 + i % 3}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    for sku, grams in (("cup", 400), ("pot", 1_500)):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": sku, "weight_grams": grams}))
    for i in range(nodes):
        brackets = [{"max_weight_grams": 1_000, "price_micros": 8_000_000 + i * 500_000}]
        brackets.append({"max_weight_grams": 9_000, "price_micros": 12_000_000 + i * 700_000})
        card = {"rate_card_id": f"card{i}", "currency_code": "BRL", "brackets": brackets}
        await api.network.PutRateCard(nw.PutRateCardRequest(request_id=api.new_id(), rate_card=card))
        for k, (days, more) in enumerate(((6 - i, 0), (1, 9_000_000))):
            await put_lane(api, i, k, days, more)
    group = {"node_group_id": "west", "node_ids": [f"n{i}" for i in range(nodes - 1)]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    for i in range(nodes):
        await count(api, f"n{i}", "cup", 3 + i)
        await count(api, f"n{i}", "pot", 2 if i % 2 else 0)


async def put_lane(api: Api, i: int, k: int, days: int, more: int) -> None:
    lane = {
        "lane_id": f"lane-{i}-{k}",
        "node_id": f"n{i}",
        "country_code": "BR",
        "postal_code_prefixes": ["0"],
        "carrier_service": ("road", "air")[k],
        "rate_card_id": f"card{i}",
        "transit_days": days,
        "surcharge_micros": more,
    }
    await api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane=lane))


async def count(api: Api, node_id: str, sku: str, units: int) -> None:
    cell = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
    await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=cell))


async def shown(api: Api, node_id: str, sku: str, units: int) -> None:
    """Until the replica shows it, and so all that was counted before."""
    from promessa.v1 import availability_service_pb2 as av

    while True:
        found = await api.availability.GetAvailability(av.GetAvailabilityRequest(sku=sku, node_ids=[node_id]))
        if found.available_quantity == units:
            return
        await asyncio.sleep(0)


def order(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    wanted = [{"sku": sku, "quantity": units} for sku, units in lines]
    return {"order_id": "o-1", "lines": wanted, "destination": {"postal_code": "01310100"}, **more}


async def source(api: Api, wanted: dict[str, Any], request_id: str = ID, **more: Any) -> so.SourceAndReserveResponse:
    return await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id=request_id, order=wanted, **more))


async def explain(api: Api, decision_id: str = ID, **parts: Any) -> so.ExplainDecisionResponse:
    return await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id=decision_id, parts=parts or None))


async def change_everything(api: Api) -> None:
    """Rates, lanes, costs, nodes, groups, skus, policies and stock: all of it."""
    for i in range(6):
        await count(api, f"n{i}", "cup", 0)
        await count(api, f"n{i}", "pot", 0)
    for i in range(6):
        card = {"rate_card_id": f"card{i}", "currency_code": "BRL"}
        card["brackets"] = [{"max_weight_grams": 20_000, "price_micros": 99_000_000 - i}]  # type: ignore[assignment]
        await api.network.PutRateCard(nw.PutRateCardRequest(request_id=api.new_id(), rate_card=card))
        node = {"node_id": f"n{i}", "shipment_cost_micros": 5_000_000 * (i + 1), "handling_days": 9}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    group = {"node_group_id": "west", "node_ids": ["n5"]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    for k in range(2):
        await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id=f"lane-0-{k}"))
    await put_lane(api, 5, 0, 1, 0)
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": "cup", "weight_grams": 8_000}))
    for node_id in ("n4", "n6"):
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": node_id}))
    await api.network.SetNodeState(
        nw.SetNodeStateRequest(request_id=api.new_id(), node_id="n5", state=np.NODE_STATE_PAUSED)
    )
    for policy in (await api.policies.ListPolicies(po.ListPoliciesRequest())).policies:
        await api.policies.ArchivePolicyVersion(
            po.ArchivePolicyVersionRequest(
                request_id=api.new_id(), policy_id=policy.policy_id, version=policy.active_version
            )
        )


async def policy(api: Api, **fields: Any) -> None:
    made = await api.policies.CreatePolicyVersion(
        po.CreatePolicyVersionRequest(request_id=api.new_id(), policy={"policy_id": "p", **fields})
    )
    await api.policies.ActivatePolicyVersion(
        po.ActivatePolicyVersionRequest(request_id=api.new_id(), policy_id="p", version=made.version.version)
    )


STORES_ONLY = {"name": "stores", "filters": [{"where": "POLICY_FACT_NODE_TYPE", "any_of": ["store"]}]}
HALF_SHIPPING = {
    "name": "rest",
    "costs": {"weights": [{"term": "POLICY_TERM_SHIPPING", "percent": 50}]},
    "filters": [{"where": "POLICY_FACT_UNITS_LEFT", "min": 1}],
}
BY_SORTS = {
    "name": "sorted",
    "sorts": [{"by": "POLICY_FACT_STOCK_UNITS", "largest_first": True}, {"by": "POLICY_FACT_ROTATION", "name": "node"}],
    "allow_partial": True,
}
ORDERS: dict[str, Callable[[], dict[str, Any]]] = {
    "one line": lambda: order(("cup", 1)),
    "two lines": lambda: order(("cup", 2), ("pot", 1)),
    "a split line": lambda: order(("cup", 20)),
    "one after another": lambda: order(("pot", 2), ("cup", 1), ("cup", 1), channel="web"),
    "a group": lambda: order(("cup", 1), constraints={"node_group_id": "west", "excluded_node_ids": ["n0", "gone"]}),
    "few shipments": lambda: order(("cup", 11), ("pot", 1), constraints={"max_shipments": 3}),
}


@pytest.fixture
def restarted(
    store: Store, redis: Redis, store_process: StoreProcess, wall_clock: WallClock
) -> Callable[[], Awaitable[tuple[Api, list[Any]]]]:
    """Another server over the same store, as after a restart."""

    async def start() -> tuple[Api, list[Any]]:
        found, parts = await start_serving(store, redis, store_process.url, now_ms=wall_clock)
        return Api(found.channel), [found, *parts]

    return start


async def stop(started: list[Any]) -> None:
    found, following, writer, source = started
    await found.channel.close()
    await found.parts.server.stop(0)
    await found.parts.watches.close()
    following.cancel()
    writer.close()
    await source.close()


@pytest.mark.parametrize("rules", [[], [STORES_ONLY, HALF_SHIPPING], [BY_SORTS]], ids=["none", "costs", "sorts"])
async def test_a_decision_is_made_again_to_the_last_micro_after_everything_changed_and_a_restart(
    api: Api, restarted: Any, rules: list[dict[str, Any]], wall_clock: WallClock
) -> None:
    await chain(api)
    if rules:
        await policy(api, rules=rules, mode="POLICY_MODE_RULES" if rules == [BY_SORTS] else "POLICY_MODE_COST")
    await shown(api, "n5", "cup", 8)
    answers = {}
    for i, (name, wanted) in enumerate(ORDERS.items()):
        answers[name] = await source(api, wanted(), f"decision-{i:04}", allow_partial=True)
    assert {answer.outcome for answer in answers.values()} >= {rv.RESERVE_OUTCOME_RESERVED}
    before = [await explain(api, f"decision-{i:04}", **PARTS) for i in range(len(ORDERS))]
    await change_everything(api)
    wall_clock.now_ms = wall_clock() + 40 * 24 * 3600 * 1000
    again, started = await restarted()
    try:
        for i, name in enumerate(ORDERS):
            found = await explain(again, f"decision-{i:04}", **PARTS)
            assert found.is_identical, (name, found.differences)
            assert not (found.differences or found.is_record_altered or found.is_other_engine)
            assert (found.plan, found.outcome) == (answers[name].plan, answers[name].outcome)
            assert found == before[i], name
    finally:
        await stop(started)


async def test_a_refusal_is_made_again_and_says_what_to_relax(api: Api) -> None:
    await chain(api)
    await shown(api, "n5", "cup", 8)
    wanted = order(("cup", 9), constraints={"max_shipments": 1})
    answer = await source(api, wanted, explain_refusal=True)
    assert answer.outcome == rv.RESERVE_OUTCOME_REFUSED
    told = {each.constraints[0].kind: each for each in answer.relaxations}
    assert set(told) == {cn.CONSTRAINT_KIND_MAX_SHIPMENTS, cn.CONSTRAINT_KIND_STOCK}
    freer = told[cn.CONSTRAINT_KIND_MAX_SHIPMENTS]
    assert freer.constraints[0].text == "2"
    (missing,) = told[cn.CONSTRAINT_KIND_STOCK].missing
    assert (missing.sku, missing.node_id, missing.quantity) == ("cup", "n5", 1)
    freed = await api.sourcing.Source(so.SourceRequest(order=order(("cup", 9), constraints={"max_shipments": 2})))
    assert freer.plan.cost == freed.plan.cost
    assert [x.node_id for x in freer.plan.shipments] == [x.node_id for x in freed.plan.shipments]
    await change_everything(api)
    found = await explain(api, relaxations=True)
    assert found.is_identical and found.outcome == rv.RESERVE_OUTCOME_REFUSED and not found.HasField("plan")
    assert found.explanation.relaxations == answer.relaxations
    repeated = await source(api, wanted, explain_refusal=True)
    assert repeated.replayed and repeated.relaxations == answer.relaxations


async def test_stock_lost_between_decision_and_reservation_is_part_of_the_record(api: Api, serving: Serving) -> None:
    await chain(api)
    await shown(api, "n5", "cup", 8)
    serving.stop_following()  # the replica goes on showing what was
    await count(api, "n0", "cup", 0)
    await count(api, "n1", "cup", 1)
    answer = await source(api, order(("cup", 2)))
    assert answer.attempt_count == 3
    found = await explain(api)
    assert found.is_identical and found.attempt_count == 3
    assert [x.node_id for x in found.plan.shipments] == ["n2"]
    fates = {x.node_id: x.reason for x in found.candidates}
    assert fates["n0"] == fates["n1"] == sp.CANDIDATE_REASON_NO_STOCK


async def rewritten(redis: Redis, store: Store, change: Callable[[list[Any]], None], request_id: str = ID) -> None:
    """What the store keeps of a decision, changed behind everybody's back."""
    key, member = store.keys.res(store.keys.home_of(request_id)), record_member(request_id)
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(await redis.hget(key, member))
    values = list(unpacker)
    kept = msgpack.unpackb(values[5][4])
    change(kept)
    values[5][4] = msgpack.packb(kept)
    await redis.hset(key, member, b"".join(msgpack.packb(value) for value in values))


async def test_a_record_that_was_altered_says_so(api: Api, redis: Redis, store: Store) -> None:
    await chain(api)
    await shown(api, "n5", "cup", 8)
    await source(api, order(("cup", 1), ("pot", 1)))
    assert (await explain(api)).is_identical

    def another_stock(kept: list[Any]) -> None:
        at = kept[3].rindex(0b101010)  # the nodes that have pots: n1, n3 and n5
        kept[3] = kept[3][:at] + bytes([0b101000]) + kept[3][at + 1 :]

    def another_cost(kept: list[Any]) -> None:
        kept[0][3] += 1

    await rewritten(redis, store, another_cost)
    found = await explain(api)
    assert not found.is_identical and not found.is_record_altered
    assert [x.place for x in found.differences] == ["plan.total_micros"]
    await rewritten(redis, store, another_stock)
    found = await explain(api)
    assert not found.is_identical and found.is_record_altered
    await rewritten(redis, store, lambda kept: kept.__setitem__(3, kept[3][:20]))
    await refused(
        explain(api), grpc.StatusCode.FAILED_PRECONDITION, "DECISION_NOT_REPLAYABLE", decision_id=ID, missing="record"
    )


async def test_what_was_never_decided_or_not_recorded_is_a_clear_error(api: Api, redis: Redis, store: Store) -> None:
    await chain(api, 2)
    await shown(api, "n1", "pot", 2)
    await refused(
        explain(api, "nobody-knows"), grpc.StatusCode.NOT_FOUND, "DECISION_NOT_FOUND", decision_id="nobody-knows"
    )
    line = {"sku": "cup", "node_id": "n0", "quantity": 1}
    await api.reservation.Reserve(rs.ReserveRequest(request_id="reserved-by-hand", lines=[line]))
    await refused(
        explain(api, "reserved-by-hand"),
        grpc.StatusCode.FAILED_PRECONDITION,
        "DECISION_NOT_REPLAYABLE",
        missing="record",
    )
    await source(api, order(("cup", 1)))
    await rewritten(redis, store, lambda kept: kept.__delitem__(slice(3, None)))  # as an earlier version kept it
    await refused(explain(api), grpc.StatusCode.FAILED_PRECONDITION, "DECISION_NOT_REPLAYABLE", missing="record")


async def test_a_history_that_does_not_go_back_so_far_is_a_clear_error(api: Api, redis: Redis, store: Store) -> None:
    await chain(api, 2)
    await shown(api, "n1", "pot", 2)
    await source(api, order(("cup", 1)))
    for _ in range(3):
        await api.network.PutNode(
            nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "n0", "handling_days": _ + 1})
        )
    assert (await explain(api)).is_identical
    await redis.xtrim(store.keys.history, maxlen=1, approximate=False)
    await refused(explain(api), grpc.StatusCode.FAILED_PRECONDITION, "DECISION_NOT_REPLAYABLE", missing="catalogue")


async def test_a_record_of_another_form_is_refused_not_misread(api: Api, redis: Redis, store: Store) -> None:
    await chain(api, 2)
    await shown(api, "n1", "pot", 2)
    await source(api, order(("cup", 1)))

    def from_the_future(kept: list[Any]) -> None:
        body = msgpack.unpackb(kept[3][8:], strict_map_key=False)
        body[0] += 1
        kept[3] = kept[3][:8] + msgpack.packb(body)

    await rewritten(redis, store, from_the_future)
    await refused(explain(api), grpc.StatusCode.FAILED_PRECONDITION, "DECISION_NOT_REPLAYABLE", missing="format")


async def test_what_its_owner_could_hold_is_part_of_a_decision_and_can_be_relaxed(api: Api) -> None:
    await chain(api)
    await shown(api, "n5", "cup", 8)
    rule = {"hold_rule_id": "few", "ttl_seconds": 600, "owner_units_max": 2}
    await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))
    ann = {"hold_rule_id": "few", "owner_id": "ann"}
    unlimited = await api.sourcing.Source(so.SourceRequest(order=order(("cup", 3), ("pot", 1))))
    part = await source(api, order(("cup", 3), ("pot", 1)), allow_partial=True, **ann)
    assert part.outcome == rv.RESERVE_OUTCOME_PARTIALLY_RESERVED
    found = await explain(api, relaxations=True)
    assert found.is_identical and found.plan == part.plan
    (freed,) = [x for x in found.explanation.relaxations if x.constraints[0].kind == cn.CONSTRAINT_KIND_OWNER_LIMIT]
    assert freed.plan.cost == unlimited.plan.cost
    none = await source(api, order(("cup", 1)), "decision-0002", explain_refusal=True, **ann)
    assert none.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert [x.constraints[0].kind for x in none.relaxations] == [cn.CONSTRAINT_KIND_OWNER_LIMIT]
    assert (await explain(api, "decision-0002")).is_identical


async def test_units_that_must_stay_at_a_node_are_part_of_a_decision(api: Api) -> None:
    await chain(api)
    await shown(api, "n5", "cup", 8)
    keeps = {"name": "keeps", "filters": [{"where": "POLICY_FACT_UNITS_LEFT", "min": 4}]}
    await policy(api, rules=[keeps], mode="POLICY_MODE_COST")
    answer = await source(api, order(("cup", 2)))
    assert [x.node_id for x in answer.plan.shipments] == ["n3"], "the first that keeps four of its six"
    found = await explain(api)
    assert found.is_identical
    fates = {x.node_id: x for x in found.candidates}
    assert fates["n0"].removed_by.field == "filters[0]" and fates["n0"].removed_by.text == "units_left min 4"
