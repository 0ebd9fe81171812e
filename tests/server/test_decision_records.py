"""What is kept of decisions: of quoted plans, too; what was altered, is of another build, or too much to keep."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import grpc
import msgpack
import pytest
from api_kit import error_of, refused
from redis.asyncio import Redis
from serving import Serving, WallClock
from test_decisions import rewritten
from test_fulfillment_kinds_api import line
from test_supply_api import NOON_MS
from ways_kit import NODES, ORDERS, PARTS, POLICIES, REAL, SKUS, WaysApi, active, ways_api

from promessa.service import decisions
from promessa.service.decision_rows import unpack_rows
from promessa.store.store import Store
from promessa.v1 import plan_token_pb2 as pt
from promessa.v1 import sourcing_service_pb2 as so


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[WaysApi]:
    async with ways_api(serving, wall_clock) as made:
        yield made


QUOTED = {
    name: ORDERS[name] for name in ("plain", "pickup", "mixed", "together", "sold in a shop", "stock with a price")
}


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_plan_held_as_it_was_quoted_says_what_was_quoted_and_stands_as_it_stood(
    api: WaysApi, policy: str
) -> None:
    for sku in SKUS:
        for node_id in NODES:
            await api.stock(sku, node_id, 40)
    rules = POLICIES[policy]
    if rules:
        await active(api, **rules)
    answers = {}
    for i, (name, made_up) in enumerate(QUOTED.items()):
        wanted = made_up()
        option = (await api.quote(*wanted.pop("lines"), **wanted)).options[0]
        answers[name] = f"decision-{i:04}", option, api.clock.now_ms
    for node_id in NODES:  # everything is dearer and slower to pick by then
        await api.lane(node_id, transit_days=1, surcharge_micros=50 * REAL)
    api.clock.now_ms += 60_000
    for name, (decision_id, option, _) in answers.items():
        wanted = QUOTED[name]()
        order = api.order(*wanted.pop("lines"), **wanted)
        request = so.SourceAndReserveRequest(request_id=decision_id, order=order, plan_token=option.plan_token)
        made = await api.sourcing.SourceAndReserve(request)
        assert made.plan_token_result.outcome == pt.PLAN_TOKEN_OUTCOME_HONOURED
        told = await api.explain(decision_id)
        assert told.plan == made.plan
        answers[name] = decision_id, option, told
    await api.change_everything()
    for name, (decision_id, option, told) in answers.items():
        found = await api.explain(decision_id, language="pt-BR", **PARTS)
        assert found.is_identical and not found.is_record_altered, (name, found.differences)
        assert (found.plan, found.order, found.quoted) == (told.plan, told.order, told.quoted)
        assert found.plan.cost == option.plan.cost, "each term as it was quoted"
        assert found.quoted.total_micros == option.plan.cost.total_micros
        assert found.quoted.quote_time.ToMilliseconds() == NOON_MS
        assert found.quoted.promise_time == option.plan.promise_time
        carried = any(ship.lane_id for ship in option.plan.shipments)
        assert (found.quoted.total_at_hold_micros > found.quoted.total_micros) == carried, name
        assert not found.candidates and "Foi cotado em 2027-01-15T" in found.explanation.sentences[-1]


async def test_an_altered_quote_or_what_it_would_have_cost_shows(api: WaysApi, redis: Redis, store: Store) -> None:
    for sku in SKUS:
        await api.stock(sku, "a", 9)
    option = (await api.quote(line())).options[0]
    request = so.SourceAndReserveRequest(
        request_id="decision-0001", order=api.order(line()), plan_token=option.plan_token
    )
    await api.sourcing.SourceAndReserve(request)
    assert (await api.explain("decision-0001")).is_identical

    def dearer_now(kept: list[Any]) -> None:
        kept[4][4] += 1

    await rewritten(redis, store, dearer_now, "decision-0001")
    found = await api.explain("decision-0001")
    assert [x.place for x in found.differences] == ["total_now_micros"] and not found.is_record_altered

    def another_quote(kept: list[Any]) -> None:
        at = kept[3].rindex(b"lane-a")
        kept[3] = kept[3][:at] + b"lane-b" + kept[3][at + 6 :]

    await rewritten(redis, store, another_quote, "decision-0001")
    found = await api.explain("decision-0001")
    assert found.is_record_altered and not found.is_identical


@pytest.mark.parametrize("name", ["mixed", "waiting", "handed over"])
async def test_an_altered_record_of_ways_is_never_told_to_be_intact(
    api: WaysApi, redis: Redis, store: Store, name: str
) -> None:
    await api.stocked(random.Random(4))
    wanted = ORDERS[name]()
    await api.hold(*wanted.pop("lines"), request_id="decision-0001", allow_partial=True, **wanted)
    draw = random.Random(name)
    whole: list[bytes] = []
    await rewritten(redis, store, lambda kept: whole.append(kept[3]), "decision-0001")
    answers = {"told": 0, "refused": 0}
    for _ in range(150):
        at = draw.randrange(8, len(whole[0]))
        altered = bytearray(whole[0])
        altered[at] ^= 1 << draw.randrange(8)
        await rewritten(redis, store, lambda kept, record=bytes(altered): kept.__setitem__(3, record), "decision-0001")
        try:
            found = await api.explain("decision-0001")
        except grpc.aio.AioRpcError as error:
            assert error_of(error)[0] == "DECISION_NOT_REPLAYABLE"
            answers["refused"] += 1
        else:
            assert found.is_record_altered and not found.is_identical
            answers["told"] += 1
    assert min(answers.values()) > 0


async def test_a_record_that_says_what_no_order_can_say_is_damaged(api: WaysApi, redis: Redis, store: Store) -> None:
    await api.stock("cup", "a", 9)
    await api.hold(line(quantity=2, pickup_node_id="a"), request_id="decision-0001", sold_at_node_id="a")

    def absurd(kept: list[Any]) -> None:
        fields = msgpack.unpackb(kept[3][8:], strict_map_key=False)
        fields[4][10] = 1 << 40  # the version of its policy
        kept[3] = kept[3][:8] + msgpack.packb(fields)

    await rewritten(redis, store, absurd, "decision-0001")
    await refused(api.explain("decision-0001"), grpc.StatusCode.FAILED_PRECONDITION, "DECISION_NOT_REPLAYABLE")


async def test_another_build_is_told(api: WaysApi, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.stock("cup", "a", 9)
    await api.hold(line(pickup_node_id="a"), request_id="decision-0001")
    monkeypatch.setattr(decisions, "engine", lambda: b"another!")
    found = await api.explain("decision-0001")
    assert found.is_other_engine and found.is_identical


async def test_plain_orders_keep_no_more_than_before_and_those_of_ways_little(
    api: WaysApi, redis: Redis, store: Store
) -> None:
    await api.stocked(random.Random(6))
    sizes = {}
    for i, name in enumerate(sorted(ORDERS, key=lambda each: each != "least value")):
        wanted = ORDERS[name]()
        await api.hold(*wanted.pop("lines"), request_id=f"decision-{i:04}", allow_partial=True, **wanted)
        records: list[bytes] = []
        await rewritten(redis, store, lambda kept, to=records: to.append(kept[3]), f"decision-{i:04}")
        fields = msgpack.unpackb(records[0][8:], strict_map_key=False)
        assert len(fields) == (10 if name in ("plain", "least value") else 11), name
        sizes[name] = len(records[0])
        if name == "least value":  # a shipment that is worth too little may go in parts, so these are kept
            start, _, lots = unpack_rows(fields[5], [9, 9])
            assert start[2] == len(lots) and min(lots) < 9
    assert sizes["plain"] < 110, sizes
    assert max(sizes.values()) < 700, sizes
