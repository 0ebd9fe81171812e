"""Reserving from groups of nodes over a real channel: placed at once, never oversold, answered once."""

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


@pytest.fixture
async def api(serving: Serving) -> Api:
    """Five cups at a, five at b, five at c; groups ab and bc share b."""
    api = Api(serving.channel)
    await api.shop(units=5)
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "c"}))
    for name in ("ab", "bc"):
        group = {"node_group_id": name, "node_ids": list(name)}
        await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    last = await api.count("c", 5)
    await api.availability.GetAvailability(_seen(last.token))  # the replica knows all of it
    return api


def _seen(token: str) -> Any:
    from api_kit import token_read

    return token_read(token)


def line(group: str, units: int) -> dict[str, Any]:
    return {"sku": "cup", "node_group_id": group, "quantity": units}


def places(answer: rs.ReserveResponse) -> dict[str, int]:
    return {x.node_id: x.quantity for x in answer.reservation.lines}


async def test_a_line_is_placed_on_as_few_nodes_as_will_do(api: Api) -> None:
    assert places(await api.reserve(lines=[line("ab", 4)])) == {"a": 4}
    whole = await api.reserve(lines=[line("ab", 6)], request_id="hold-0001")
    assert (whole.outcome, places(whole)) == (rv.RESERVE_OUTCOME_RESERVED, {"a": 1, "b": 5})
    again = await api.reserve(lines=[line("ab", 6)], request_id="hold-0001")
    assert (again.replayed, again.reservation) == (True, whole.reservation)


async def test_lines_of_overlapping_groups_and_nodes_share_what_there_is(api: Api) -> None:
    node = {"sku": "cup", "node_id": "b", "quantity": 3}
    answer = await api.reserve(lines=[line("ab", 6), line("bc", 6), node])
    assert (answer.outcome, places(answer)) == (rv.RESERVE_OUTCOME_RESERVED, {"a": 5, "b": 5, "c": 5})


async def test_a_part_is_held_and_the_rest_said_to_be_short_again_and_again(api: Api) -> None:
    ask: dict[str, Any] = {"lines": [line("ab", 12)], "mode": rs.RESERVE_MODE_PARTIAL, "request_id": "part-0001"}
    part = await api.reserve(**ask)
    assert (part.outcome, places(part)) == (rv.RESERVE_OUTCOME_PARTIALLY_RESERVED, {"a": 5, "b": 5})
    assert [(x.node_id, x.requested_quantity, x.available_quantity) for x in part.shortfalls] == [("", 12, 10)]
    confirm = rs.ConfirmRequest(request_id=api.new_id(), reservation_id="part-0001")
    await api.reservation.Confirm(confirm)
    again = await api.reserve(**ask)
    assert (again.replayed, again.outcome, again.reservation) == (True, part.outcome, part.reservation)
    assert again.shortfalls == part.shortfalls
    done = await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id="part-0001"))
    assert done.reservation.state == rv.RESERVATION_STATE_FULFILLED


async def test_all_or_nothing_is_refused_with_what_there_was(api: Api) -> None:
    ask: dict[str, Any] = {"lines": [line("ab", 11)], "request_id": "none-0001"}
    none = await api.reserve(**ask)
    assert (none.outcome, none.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 10)
    await api.count("a", 50)
    again = await api.reserve(**ask)
    assert (again.replayed, again.outcome) == (True, rv.RESERVE_OUTCOME_REFUSED)


async def test_paused_nodes_of_a_group_serve_nobody(api: Api) -> None:
    for node_id in "ab":
        pause = nw.SetNodeStateRequest(request_id=api.new_id(), node_id=node_id, state=2)
        await api.network.SetNodeState(pause)
    answer = await api.reserve(lines=[line("ab", 1)])
    assert (answer.outcome, answer.shortfalls[0].reason) == (
        rv.RESERVE_OUTCOME_REFUSED,
        rv.SHORTFALL_REASON_NODE_PAUSED,
    )
    assert places(await api.reserve(lines=[line("bc", 1)])) == {"c": 1}


async def test_many_at_once_over_groups_that_share_a_node_sell_every_unit_once(api: Api) -> None:
    asks = [api.reserve(lines=[line("ab" if i % 2 else "bc", 1)]) for i in range(64)]
    answers = await asyncio.gather(*asks)
    held = sum(sum(places(answer).values()) for answer in answers)
    assert held == 15
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert report.ok, report.violations


async def test_more_places_than_can_be_weighed_in_time_are_refused(api: Api) -> None:
    names = [f"many-{i:03d}" for i in range(201)]
    for name in names:
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": name}))
    group = {"node_group_id": "many", "node_ids": names}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))
    await refused(
        api.reserve(lines=[line("many", 1)] * 100), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="lines"
    )


async def test_what_names_no_place_or_an_unknown_one_is_refused(api: Api) -> None:
    nowhere = {"sku": "cup", "quantity": 1}
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(api.reserve(lines=[nowhere]), invalid, "INVALID_FIELD", field="lines[0].place")
    await refused(api.reserve(lines=[line("zz", 1)]), invalid, "REFERENCE_NOT_FOUND", id="zz")
    group = line("ab", 1) | {"sku": "nix"}
    await refused(api.reserve(lines=[group]), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")
