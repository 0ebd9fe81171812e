"""Limits by owner over a real channel: counted exactly however many ask, given back, and kept to by sourcing and groups."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

RESERVED, PARTLY, REFUSED = (
    rv.RESERVE_OUTCOME_RESERVED,
    rv.RESERVE_OUTCOME_PARTIALLY_RESERVED,
    rv.RESERVE_OUTCOME_REFUSED,
)
CLIENTS = 64


@pytest.fixture
async def api(serving: Serving) -> Api:
    api = Api(serving.channel)
    await api.shop(units=50)
    await put(api, "few", owner_units_max=5)
    await put(api, "once", owner_holds_max=1)
    group = {"node_group_id": "both", "node_ids": ["a", "b"]}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    return api


async def put(api: Api, hold_rule_id: str, **limits: int) -> Any:
    rule = {"hold_rule_id": hold_rule_id, "ttl_seconds": 600, **limits}
    return await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))


def why(answer: Any) -> list[tuple[int, int]]:
    return [(short.available_quantity, short.reason) for short in answer.shortfalls]


async def audited(api: Api) -> list[str]:
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    return [violation.invariant for violation in report.violations]


async def test_one_owner_holds_no_more_than_the_rule_says_wherever_it_is(api: Api) -> None:
    ann = {"hold_rule_id": "few", "owner_id": "ann"}
    assert (await api.reserve(4, request_id="hold-0001", **ann)).outcome == RESERVED
    short = await api.reserve(2, lines=[{"sku": "cup", "node_id": "b", "quantity": 2}], **ann)
    assert (short.outcome, why(short)) == (REFUSED, [(1, rv.SHORTFALL_REASON_OWNER_LIMIT)])
    assert (await api.reserve(5, hold_rule_id="few", owner_id="bob")).outcome == RESERVED
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    assert (await api.reserve(5, **ann)).outcome == RESERVED, "what is paid is not held"
    assert await audited(api) == []


async def test_so_many_reservations_at_once_and_no_more(api: Api) -> None:
    ann = {"hold_rule_id": "once", "owner_id": "ann"}
    assert (await api.reserve(9, request_id="hold-0001", **ann)).outcome == RESERVED
    assert why(await api.reserve(1, **ann)) == [(0, rv.SHORTFALL_REASON_OWNER_LIMIT)]
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    assert (await api.reserve(1, **ann)).outcome == RESERVED


async def test_an_order_is_not_sourced_beyond_its_owners_limit(api: Api) -> None:
    def order(units: int, **more: Any) -> so.SourceAndReserveRequest:
        wanted = {"lines": [{"sku": "cup", "quantity": units}], "destination": {"postal_code": "01310100"}}
        fields = {"request_id": api.new_id(), "order": wanted, "hold_rule_id": "few", "owner_id": "ann", **more}
        return so.SourceAndReserveRequest(**fields)

    refusal = await api.sourcing.SourceAndReserve(order(7))
    assert (refusal.outcome, why(refusal)) == (REFUSED, [(5, rv.SHORTFALL_REASON_OWNER_LIMIT)])
    ask = order(7, allow_partial=True)
    part = await api.sourcing.SourceAndReserve(ask)
    assert (part.outcome, why(part)) == (PARTLY, [(5, rv.SHORTFALL_REASON_OWNER_LIMIT)])
    assert sum(line.quantity for line in part.reservation.lines) == 5
    again = await api.sourcing.SourceAndReserve(ask)
    assert (again.replayed, list(again.shortfalls)) == (True, list(part.shortfalls))
    none = await api.sourcing.SourceAndReserve(order(2, allow_partial=True))
    assert (none.outcome, why(none)) == (REFUSED, [(0, rv.SHORTFALL_REASON_OWNER_LIMIT)])


async def test_a_group_is_no_way_around_the_limit(api: Api) -> None:
    line = {"sku": "cup", "node_group_id": "both", "quantity": 4}
    fields: dict[str, Any] = {"lines": [line, line], "hold_rule_id": "few", "owner_id": "ann"}
    refusal = await api.reserve(**fields)
    assert (refusal.outcome, why(refusal)) == (REFUSED, [(1, rv.SHORTFALL_REASON_OWNER_LIMIT)])
    part = await api.reserve(**fields, mode=rs.RESERVE_MODE_PARTIAL)
    assert (part.outcome, why(part)) == (PARTLY, [(1, rv.SHORTFALL_REASON_OWNER_LIMIT)])
    assert sum(line.quantity for line in part.reservation.lines) == 5


async def test_a_rule_that_limits_owners_wants_to_know_the_owner(api: Api) -> None:
    asked = api.reserve(1, hold_rule_id="few")
    await refused(asked, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="owner_id")
    wrong = put(api, "bad", owner_units_max=-1)
    await refused(wrong, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="hold_rule.owner_units_max")


async def test_of_many_clients_at_once_just_as_many_are_served_as_the_limit_allows(api: Api) -> None:
    asks = [api.reserve(1, hold_rule_id="few", owner_id="ann") for _ in range(CLIENTS)]
    outcomes = [answer.outcome for answer in await asyncio.gather(*asks)]
    assert (outcomes.count(RESERVED), outcomes.count(REFUSED)) == (5, CLIENTS - 5)


async def test_many_clients_of_one_owner_strand_nothing(api: Api) -> None:
    """Each takes, and gives back in one of several ways: in parts, by confirming, by releasing, by letting go."""
    await put(api, "soon", owner_units_max=5, ttl_seconds=1)

    async def client(number: int) -> int:
        held = 0
        for turn in range(6):
            name, node_id, units = f"crowd-{number:02d}-{turn}", "ab"[(number + turn) % 2], 1 + turn % 3
            line = {"sku": "cup", "node_id": node_id, "quantity": units}
            rule = "soon" if number % 5 == 0 else "few"
            answer = await api.reserve(request_id=name, lines=[line], hold_rule_id=rule, owner_id="ann")
            if answer.outcome != RESERVED:
                continue
            held += 1
            if number % 4 == 0 and units > 1:
                part = [{**line, "quantity": 1}]
                await api.reservation.Release(
                    rs.ReleaseRequest(request_id=api.new_id(), reservation_id=name, lines=part)
                )
            if rule == "few" and number % 2:
                await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=name))
            elif rule == "few":
                await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id=name))
        return held

    assert sum(await asyncio.gather(*[client(number) for number in range(CLIENTS)])) >= 5
    held = rs.ListReservationsRequest(owner_id="ann", states=["RESERVATION_STATE_HELD"])
    while (await api.reservation.ListReservations(held)).reservations:
        pass  # holds of the rule `soon` end by the store's clock
    assert await audited(api) == []
    assert (await api.reserve(5, hold_rule_id="few", owner_id="ann")).outcome == RESERVED, "nothing is stranded"
