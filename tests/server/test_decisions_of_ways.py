"""Decisions of orders that go ways of their own, made again: pickup, ship to store, mixed, sold in a shop, waiting."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from serving import Serving, WallClock
from test_fulfillment_kinds_api import line
from ways_kit import NODES, ORDERS, PARTS, POLICIES, REAL, SKUS, WaysApi, active, ways_api

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[WaysApi]:
    async with ways_api(serving, wall_clock) as made:
        yield made


async def held(
    api: WaysApi, decision_id: str, wanted: dict[str, Any]
) -> tuple[so.SourceResponse, so.SourceAndReserveResponse]:
    """An order explained and then held, on the same stock."""
    wanted = dict(wanted)
    lines = wanted.pop("lines")
    seen = await api.source(*lines, explain=True, **wanted)
    made = await api.hold(*lines, request_id=decision_id, allow_partial=True, **wanted)
    await api.stock("cup", "e", 9)  # the replica shows what was held
    return seen, made


async def made_again(
    api: WaysApi, decision_id: str, seen: so.SourceResponse, made: so.SourceAndReserveResponse, wanted: dict[str, Any]
) -> None:
    found = await api.explain(decision_id, **PARTS)
    about = (decision_id, wanted, list(found.differences))
    assert found.is_identical and not found.is_record_altered and not found.is_other_engine, about
    is_refused = made.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert found.outcome == made.outcome and found.HasField("plan") != is_refused
    if not is_refused:
        assert found.plan == made.plan, about
    if made.attempt_count == 1:
        assert list(found.candidates) == list(seen.candidates), about
    own = {"order_id": "order-1", **{name: value for name, value in wanted.items() if name != "to"}}
    if wanted.get("to", "x"):
        own["destination"] = {"postal_code": "01310100", "country_code": "BR"}
    said = so.SourceRequest(order=own).order
    assert [(x.pickup_node_id or said.pickup_node_id, x.together) for x in said.lines] == [
        (x.pickup_node_id, x.together) for x in found.order.lines
    ]
    for name in ("own_stock", "sold_at_node_id", "allow_future_supply", "allow_backorder", "allow_ship_to_store"):
        assert getattr(found.order, name) == getattr(said, name)


@pytest.mark.parametrize("policy", POLICIES)
async def test_an_order_of_any_way_is_made_again_after_everything_changed(api: WaysApi, policy: str) -> None:
    await api.stocked(random.Random(5))
    rules = POLICIES[policy]
    if rules:
        await active(api, **rules)
    answers = {}
    for i, (name, wanted) in enumerate(ORDERS.items()):
        answers[name] = await held(api, f"decision-{i:04}", wanted())
    assert {made.outcome for _, made in answers.values()} >= {rv.RESERVE_OUTCOME_RESERVED}
    before = [await api.explain(f"decision-{i:04}", **PARTS) for i in range(len(ORDERS))]
    await api.change_everything()
    for i, (name, (seen, made)) in enumerate(answers.items()):
        await made_again(api, f"decision-{i:04}", seen, made, ORDERS[name]())
        assert await api.explain(f"decision-{i:04}", **PARTS) == before[i], name


def drawn(draw: random.Random) -> dict[str, Any]:
    """An order that goes some ways."""
    stores = ["", "", "a", "c"]
    groups: dict[str, str] = {}
    lines = []
    for _ in range(draw.randint(1, 4)):
        together = draw.choice(("", "", "", "g", "h"))
        pickup = draw.choice(stores)
        if together:
            pickup = groups.setdefault(together, pickup)
        lines.append(line(draw.choice(SKUS), draw.choice((1, 1, 2, 3, 8)), together=together, pickup_node_id=pickup))
    found: dict[str, Any] = {"lines": lines}
    for name, value, often in (
        ("allow_ship_to_store", True, 0.5), ("allow_future_supply", True, 0.5), ("allow_backorder", True, 0.3),
        ("allowed_kinds", draw.choice(([2, 3, 7], [3, 5, 6], [2, 4, 6])), 0.2), ("sold_at_node_id", draw.choice("acd"), 0.5),
    ):  # fmt: skip
        if draw.random() < often:
            found[name] = value
    if found.get("sold_at_node_id") in ("a", "c"):
        found["own_stock"] = draw.randint(0, 3)
    constraints: dict[str, Any] = {}
    for name, value, often in (
        ("max_shipments", draw.randint(1, 3), 0.3), ("keep_lines_whole", True, 0.3), ("ship_complete", True, 0.1),
        ("min_shipment_value_micros", draw.choice((15, 40, 90)) * REAL, 0.3), ("excluded_node_ids", [draw.choice(NODES)], 0.3),
    ):  # fmt: skip
        if draw.random() < often:
            constraints[name] = value
    if constraints:
        found["constraints"] = constraints
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_orders_of_random_ways_are_made_again_after_everything_changed(api: WaysApi, seed: int) -> None:
    draw = random.Random(seed)
    await api.stocked(draw)
    rules = POLICIES[draw.choice(tuple(POLICIES))]
    if rules:
        await active(api, **rules)
    orders = [drawn(draw) for _ in range(25)]
    answers = [await held(api, f"decision-{i:04}", wanted) for i, wanted in enumerate(orders)]
    await api.change_everything()
    for i, (seen, made) in enumerate(answers):
        await made_again(api, f"decision-{i:04}", seen, made, orders[i])


async def test_what_a_shop_was_to_hand_over_when_it_was_asked_is_part_of_a_decision(api: WaysApi) -> None:
    await api.stock("cup", "a", 4)
    await api.stock("cup", "b", 9)
    lines, sold = [line(quantity=3)], {"sold_at_node_id": "a", "own_stock": sp.OWN_STOCK_HAND_OVER}
    wave = so.SourceStreamRequest(
        orders=[
            so.SourceAndReserveRequest(request_id=f"decision-{i}", order=api.order(*lines, **sold), allow_partial=True)
            for i in range(2)
        ]
    )
    answers = [each async for each in api.sourcing.SourceStream(iter([wave]))]
    results = [result.response for answer in answers for result in answer.results]
    assert [[(ship.node_id, ship.lines[0].quantity) for ship in each.plan.shipments] for each in results] == [
        [("a", 3)],
        [("a", 1)],  # it was to be handed over before the other had it
    ]
    await api.change_everything()
    for i, made in enumerate(results):
        found = await api.explain(f"decision-{i}")
        assert found.is_identical and found.plan == made.plan, found.differences


async def test_missing_units_of_what_is_collected_are_told_where_it_is_collected(api: WaysApi) -> None:
    for node_id in NODES:
        await api.stock("cup", node_id, 5)
    made = await api.hold(line(quantity=7), request_id="decision-0001", pickup_node_id="c", to="")
    assert made.outcome == rv.RESERVE_OUTCOME_REFUSED
    (freed,) = (await api.explain("decision-0001", **PARTS)).explanation.relaxations
    (missing,) = freed.missing
    assert (missing.sku, missing.node_id, missing.quantity) == ("cup", "c", 2)
    assert [(x.node_id, x.pickup_node_id) for x in freed.plan.shipments] == [("c", "c")]


async def test_missing_units_of_what_waits_are_those_that_are_not_to_come(api: WaysApi) -> None:
    await api.stock("cup", "a", 5)
    await api.expect(days=2, quantity=6)
    wanted = {"pickup_node_id": "a", "to": "", "allow_future_supply": True}
    made = await api.hold(line(quantity=30), request_id="decision-0001", **wanted)
    assert made.outcome == rv.RESERVE_OUTCOME_REFUSED
    (freed,) = (await api.explain("decision-0001", **PARTS)).explanation.relaxations
    assert [(x.node_id, x.quantity) for x in freed.missing] == [("a", 19)]


async def test_what_the_store_said_of_a_shop_that_comes_first_is_part_of_a_decision(
    api: WaysApi, serving: Serving
) -> None:
    for node_id, units in (("a", 1), ("b", 1), ("c", 1)):
        await api.stock("cup", node_id, units)
    serving.stop_following()  # the replica shows too few of them, and then one that is gone
    for node_id, units in (("a", 5), ("b", 9), ("c", 0)):
        await api.count(node_id, units)
    first = {"sold_at_node_id": "a", "own_stock": sp.OWN_STOCK_FIRST}
    made = await api.hold(line(quantity=3), request_id="decision-0001", **first)
    assert (made.attempt_count, [ship.node_id for ship in made.plan.shipments]) == (2, ["b"])
    found = await api.explain("decision-0001")
    assert found.is_identical and found.plan == made.plan, found.differences


async def test_a_plain_order_with_constraints_has_the_flips_that_it_had(api: WaysApi) -> None:
    await api.stocked(random.Random(8))
    wanted = api.order(line(), line("plate"), constraints={"max_shipments": 3})
    live = await api.sourcing.Source(so.SourceRequest(order=wanted, explain=True, parts=PARTS))
    await api.hold(line(), line("plate"), constraints={"max_shipments": 3}, request_id="decision-0001")
    found = await api.explain("decision-0001", **PARTS)
    assert found.explanation.flips and found.explanation == live.explanation


async def test_what_an_owner_could_hold_counts_for_orders_of_any_way(api: WaysApi) -> None:
    await api.expect(days=2, quantity=6)
    await api.expect("po-2", days=4, quantity=6, node_id="c")
    rule = {"hold_rule_id": "few", "ttl_seconds": 600, "owner_units_max": 9}
    await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))
    ann = {"hold_rule_id": "few", "owner_id": "ann", "allow_partial": True}
    lines = [line(quantity=6, pickup_node_id="a"), line(quantity=6)]
    made = await api.hold(*lines, request_id="decision-0001", allow_future_supply=True, **ann)
    assert sum(each.quantity for each in made.reservation.lines) == 9
    await api.change_everything()
    found = await api.explain("decision-0001", **PARTS)
    assert found.is_identical and found.plan == made.plan, found.differences


async def test_what_a_node_refused_of_such_orders_is_made_again(api: WaysApi) -> None:
    await api.stocked(random.Random(3))
    for node_id in NODES:
        await api.stock("cup", node_id, 9)
    lines = [line(quantity=2, together="g"), line("cup", 3, pickup_node_id="c")]
    made = await api.hold(*lines, request_id="decision-0001", allow_ship_to_store=True)
    assert made.outcome == rv.RESERVE_OUTCOME_RESERVED
    for n, node_id in enumerate(sorted({ship.node_id for ship in made.plan.shipments})):
        refusal = so.ResourceRequest(
            request_id=f"refusal-{n:04}", reservation_id="decision-0001", node_id=node_id, allow_partial=True, reason=1
        )
        answer = await api.sourcing.Resource(refusal)
        assert answer.outcome in (1, 2)
    await api.change_everything()
    for decision_id in ("decision-0001", "refusal-0000"):
        found = await api.explain(decision_id, **PARTS)
        assert found.is_identical, found.differences
