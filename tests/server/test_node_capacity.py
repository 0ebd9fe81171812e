"""Daily capacity over a real channel: full nodes everywhere, work that slips, many clients, and what is asked wrongly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import availability_pb2 as avp
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

RESERVED, REFUSED = rv.RESERVE_OUTCOME_RESERVED, rv.RESERVE_OUTCOME_REFUSED
FULL = [rv.SHORTFALL_REASON_CAPACITY_FULL]
CLIENTS = 64


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = Api(serving.channel)
    await api.shop(units=100)
    yield api
    following.cancel()


async def limit(api: Api, node_id: str, units: int, on_full: str = "PAUSE", unit: str = "UNITS", **more: Any) -> Any:
    capacity = {
        "limit_quantity": units, "unit": f"CAPACITY_UNIT_{unit}", "on_full": f"CAPACITY_ON_FULL_{on_full}", **more
    }  # fmt: skip
    ask = nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id=node_id, capacity=capacity)
    return await api.network.SetNodeCapacity(ask)


async def taken(api: Api, node_id: str) -> list[tuple[int, int, int]]:
    found = await api.network.GetNodeCapacity(nw.GetNodeCapacityRequest(node_id=node_id))
    return [(day.open_quantity, day.done_quantity, day.used_percent) for day in found.days]


async def shown(api: Api, node_id: str) -> tuple[int, int]:
    ask = av.GetAvailabilityRequest(sku="cup", node_ids=[node_id])
    (found,) = (await api.availability.GetAvailability(ask)).nodes
    return found.available_quantity, found.status


async def until(api: Api, node_id: str, status: int) -> None:
    while (await shown(api, node_id))[1] != status:
        await asyncio.sleep(0)


def order(api: Api, units: int, **more: Any) -> so.SourceAndReserveRequest:
    wanted = {"lines": [{"sku": "cup", "quantity": units}], "destination": {"postal_code": "01310100"}, **more}
    return so.SourceAndReserveRequest(request_id=api.new_id(), order=wanted)


async def audited(api: Api) -> list[str]:
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    return [violation.invariant for violation in report.violations]


async def test_a_full_node_is_full_everywhere_until_there_is_room(api: Api) -> None:
    await limit(api, "a", 5)
    held = await api.reserve(5, request_id="hold-0001")
    assert [day.slip_days for day in held.reservation.work_days] == [0]
    short = await api.reserve(1)
    assert (short.outcome, [x.reason for x in short.shortfalls]) == (REFUSED, FULL)
    ask = av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency={"authoritative": True})
    stored = (await api.availability.GetAvailability(ask)).nodes[0]  # the store knows it at once
    assert (stored.available_quantity, stored.status) == (0, avp.AVAILABILITY_STATUS_CAPACITY_FULL)
    schedule = await api.availability.GetAtpSchedule(av.GetAtpScheduleRequest(sku="cup", node_ids=["a"]))
    assert (schedule.available_to_fulfil_quantity, schedule.available_to_order_quantity) == (0, 95)
    await until(api, "a", avp.AVAILABILITY_STATUS_CAPACITY_FULL)
    basket = av.CheckBasketRequest(lines=[{"sku": "cup", "quantity": 1}], mode=av.BASKET_MODE_ALL)
    answer = await api.availability.CheckBasket(basket)
    assert [(x.node_id, x.reason) for x in answer.rejected_nodes] == [("a", av.BASKET_REJECTION_CAPACITY_FULL)]
    while (await api.network.GetNode(nw.GetNodeRequest(node_id="a"))).node.state != np.NODE_STATE_FULL:
        await asyncio.sleep(0)
    explained = await api.availability.ExplainAvailability(
        av.ExplainAvailabilityRequest(sku="cup", node_ids=["a"], language="en")
    )
    assert "takes on no more today" in explained.nodes[0].sentence
    sourced = await api.sourcing.SourceAndReserve(order(api, 4))
    assert [line.node_id for line in sourced.reservation.lines] == ["b"]
    node = (await api.network.GetNode(nw.GetNodeRequest(node_id="a"))).node
    assert node.state == np.NODE_STATE_FULL
    put = await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    assert put.node.state == np.NODE_STATE_FULL, "putting it as it was read changes nothing"
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    await until(api, "a", avp.AVAILABILITY_STATUS_AVAILABLE)
    assert (await api.reserve(5)).outcome == RESERVED
    assert await audited(api) == []


async def test_an_order_is_split_or_sourced_elsewhere_where_too_little_room_is_left(api: Api) -> None:
    await limit(api, "a", 3)
    sourced = await api.sourcing.SourceAndReserve(order(api, 5))
    assert [(line.node_id, line.quantity) for line in sourced.reservation.lines] == [("b", 5)]
    await limit(api, "b", 4)
    both = await api.sourcing.SourceAndReserve(order(api, 7))
    assert {line.node_id: line.quantity for line in both.reservation.lines} == {"a": 3, "b": 4}
    none = await api.sourcing.SourceAndReserve(order(api, 1))
    assert none.outcome == REFUSED


async def test_work_slips_to_days_with_room_and_the_answer_says_so(api: Api) -> None:
    await limit(api, "a", 1, "NEXT_DAY", "ORDERS")
    first, second = await api.reserve(5), await api.reserve(5, request_id="hold-0002")
    (one,), (two,) = first.reservation.work_days, second.reservation.work_days
    assert date.fromisoformat(two.date) - date.fromisoformat(one.date) == timedelta(days=1)
    assert (one.slip_days, two.slip_days) == (0, 1)
    again = await api.reserve(5, request_id="hold-0002")
    assert (again.replayed, again.reservation) == (True, second.reservation)
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id="hold-0002"))
    await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id="hold-0002"))
    assert await taken(api, "a") == [(1, 0, 100), (0, 1, 100)]


async def test_a_sourced_order_arrives_so_much_later_and_in_time(api: Api) -> None:
    await limit(api, "a", 1, "NEXT_DAY", "ORDERS")
    await limit(api, "b", 1, "NEXT_DAY", "ORDERS")
    plain = (await api.sourcing.SourceAndReserve(order(api, 1))).plan.shipments[0]
    soon = {"seconds": plain.promise_time.seconds + 3_600}
    other = await api.sourcing.SourceAndReserve(order(api, 1, constraints={"latest_delivery_time": soon}))
    assert other.plan.shipments[0].node_id != plain.node_id, "the first day of that node is taken"
    ask = order(api, 1)
    later = await api.sourcing.SourceAndReserve(ask)
    (slipped,) = later.plan.shipments
    days = later.reservation.work_days[0].slip_days
    assert days > 0
    span = slipped.ship_time.ToMilliseconds() - plain.ship_time.ToMilliseconds()
    assert abs(span - days * 86_400_000) < 3_600_000
    replayed = await api.sourcing.SourceAndReserve(ask)
    assert (replayed.replayed, replayed.plan.shipments) == (True, later.plan.shipments)
    late = await api.sourcing.SourceAndReserve(order(api, 1, constraints={"latest_delivery_time": soon}))
    assert late.outcome == REFUSED, "the first days of both nodes are taken"


async def test_many_clients_never_take_more_than_a_day_has_and_strand_nothing(api: Api) -> None:
    await limit(api, "a", 10)
    answers = await asyncio.gather(*[api.reserve(1, request_id=f"crowd-{i:04d}") for i in range(CLIENTS)])
    held = [answer.reservation.reservation_id for answer in answers if answer.outcome == RESERVED]
    assert len(held) == 10
    assert await taken(api, "a") == [(10, 0, 100)]

    async def end(i: int, name: str) -> None:
        if i % 3:
            await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=name))
        if i % 3 == 2:
            await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id=name))
        else:
            await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id=name))

    async def come(i: int) -> bool:
        return (await api.reserve(1, request_id=f"later-{i:04d}", ttl={"seconds": 1})).outcome == RESERVED

    ends = [end(i, name) for i, name in enumerate(held)]
    came = await asyncio.gather(*[come(i) for i in range(CLIENTS)], *ends)
    ((open_units, done, _),) = await taken(api, "a")
    assert (done, open_units) == (3, sum(x is True for x in came))
    assert open_units + done <= 10
    while (await api.reserve(7, request_id=api.new_id())).outcome != RESERVED:
        pass  # holds of a second end by the store's clock; seven of ten are to be had again
    assert await audited(api) == []


async def test_what_is_wrong_is_named(api: Api) -> None:
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(limit(api, "a", 0), invalid, "INVALID_FIELD", field="capacity.limit_quantity")
    await refused(limit(api, "a", 5, "UNSPECIFIED"), invalid, "INVALID_FIELD", field="capacity.on_full")
    twice = limit(api, "a", 5, working_weekdays=[1, 1])
    await refused(twice, invalid, "INVALID_FIELD", field="capacity.working_weekdays")
    eighth = limit(api, "a", 5, working_weekdays=[8])
    await refused(eighth, invalid, "INVALID_FIELD", field="capacity.working_weekdays[0]")
    await refused(limit(api, "moon", 5), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND", node_id="moon")
    full = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state="NODE_STATE_FULL")
    await refused(api.network.SetNodeState(full), invalid, "INVALID_FIELD", field="state")
    unknown = api.network.GetNodeCapacity(nw.GetNodeCapacityRequest(node_id="moon"))
    await refused(unknown, grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND")
