"""Calendars, hours and promises over a real channel, and what is refused when they are put."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import sourcing_service_pb2 as so

INVALID, FAILED = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
EVERY_DAY = [{"weekday": day, "start_minute": 600, "end_minute": 1_200} for day in range(1, 8)]
LANE = {
    "lane_id": "lane-a",
    "node_id": "a",
    "country_code": "BR",
    "postal_code_prefixes": ["0"],
    "rate_card_id": "card",
}


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = Api(serving.channel)
    await api.shop(units=100)
    yield api
    following.cancel()


async def put_calendar(api: Api, **fields: Any) -> Any:
    calendar = {"calendar_id": "shop", "hours": EVERY_DAY, **fields}
    return await api.network.PutCalendar(nw.PutCalendarRequest(request_id=api.new_id(), calendar=calendar))


async def put_node(api: Api, node_id: str, **fields: Any) -> Any:
    ask = nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": node_id, **fields})
    return await api.network.PutNode(ask)


async def put_lane(api: Api, **fields: Any) -> Any:
    return await api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane={**LANE, **fields}))


def order(**more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "01310100"}, **more}


async def test_a_promise_keeps_to_hours_whoever_asks(api: Api) -> None:
    await put_calendar(api)
    await put_node(api, "a", calendar_id="shop", time_zone="America/Sao_Paulo", handling_minutes=30)
    window = {"delivery_start_minute": 480, "delivery_end_minute": 1_080}
    await put_lane(api, transit_days=1, calendar_id="shop", pickup_minutes=[720, 1_140], **window)
    wanted = order(constraints={"excluded_node_ids": ["b"]})
    quote = (await api.sourcing.Quote(so.QuoteRequest(order=wanted))).options[0].plan
    plan = (await api.sourcing.Source(so.SourceRequest(order=wanted))).plan
    ask = so.SourceAndReserveRequest(request_id="order-0001", order=wanted)
    held = (await api.sourcing.SourceAndReserve(ask)).plan
    for each in (quote, plan, held, (await api.sourcing.SourceAndReserve(ask)).plan):
        (shipment,) = each.shipments
        times = [shipment.ready_time, shipment.ship_time, shipment.window_start_time, shipment.promise_time]
        instants = [time.ToMilliseconds() for time in times]
        assert instants == sorted(instants)
        minutes = [ms // 60_000 % 1_440 - 180 for ms in instants[1:]]  # São Paulo is three hours behind, all year
        assert minutes[0] in (720, 1_140) and [x % 1_440 for x in minutes[1:]] == [480, 1_080]
        assert instants[3] - instants[2] == 600 * 60_000
    (other,) = (
        await api.sourcing.Source(so.SourceRequest(order=order(constraints={"excluded_node_ids": ["a"]})))
    ).plan.shipments
    assert not other.HasField("ready_time") and not other.HasField("window_start_time")


async def test_work_that_slips_keeps_to_hours(api: Api) -> None:
    await put_calendar(api)
    await put_node(api, "a", calendar_id="shop", time_zone="America/Sao_Paulo")
    await put_lane(api, pickup_minutes=[720])
    capacity = {"limit_quantity": 1, "unit": "CAPACITY_UNIT_ORDERS", "on_full": "CAPACITY_ON_FULL_NEXT_DAY"}
    await api.network.SetNodeCapacity(
        nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id="a", capacity=capacity)
    )
    wanted = order(constraints={"excluded_node_ids": ["b"]})
    plans = [
        await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id=f"order-000{i}", order=wanted))
        for i in range(3)
    ]
    slips = [plan.reservation.work_days[0].slip_days for plan in plans]
    leaves = [plan.plan.shipments[0].ship_time.ToMilliseconds() for plan in plans]
    assert slips == [0, 1, 2]
    assert all((ms // 60_000 - 900) % 1_440 == 0 for ms in leaves), "with the pickup at noon"
    assert leaves == sorted(leaves) and leaves[2] > leaves[0]
    again = await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0002", order=wanted))
    assert again.replayed and again.plan == plans[2].plan


async def test_a_calendar_is_kept_as_it_was_put_and_not_deleted_while_it_is_used(api: Api) -> None:
    days = [{"date": "2026-12-24", "start_minute": 600, "end_minute": 780}, {"date": "2026-12-25"}]
    put = await put_calendar(api, name="Loja", holiday_country_code="BR", holiday_region_code="BR-SP", days=days)
    got = await api.network.GetCalendar(nw.GetCalendarRequest(calendar_id="shop"))
    assert got.calendar == put.calendar and len(got.calendar.hours) == 7 and got.calendar.days[1].date == "2026-12-25"
    assert list((await api.network.ListCalendars(nw.ListCalendarsRequest())).calendars) == [put.calendar]
    await put_node(api, "a", calendar_id="shop")
    gone = nw.DeleteCalendarRequest(request_id=api.new_id(), calendar_id="shop")
    await refused(api.network.DeleteCalendar(gone), FAILED, "RESOURCE_IN_USE", kind="calendar", id="shop")
    await put_node(api, "a")
    await api.network.DeleteCalendar(gone)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"hours": []}, "calendar.hours"),
        ({"hours": EVERY_DAY[::-1]}, "calendar.hours[1]"),
        ({"holiday_country_code": "XX"}, "calendar.holiday_country_code"),
        ({"holiday_country_code": "BR", "holiday_region_code": "BR-XX"}, "calendar.holiday_region_code"),
        ({"holiday_region_code": "BR-SP"}, "calendar.holiday_region_code"),
        ({"days": [{"date": "2026-02-30"}]}, "calendar.days[0].date"),
        ({"hours": [{"weekday": 8, "start_minute": 1, "end_minute": 2}]}, "calendar.hours[0].weekday"),
    ],
)
async def test_a_calendar_that_cannot_be_kept_to_is_refused_whole(api: Api, fields: dict[str, Any], field: str) -> None:
    await refused(put_calendar(api, **fields), INVALID, "INVALID_FIELD", field=field)
    assert not (await api.network.ListCalendars(nw.ListCalendarsRequest())).calendars


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"postal_code_prefixes": ["01A"]}, "lane.postal_code_prefixes"),
        ({"postal_code_prefixes": ["013101001"]}, "lane.postal_code_prefixes"),
        ({"transit_in_working_days": True}, "lane.calendar_id"),
        ({"transit_minutes": 60, "transit_days": 1}, "lane.transit_days"),
        ({"pickup_minutes": [600, 600]}, "lane.pickup_minutes"),
        ({"delivery_start_minute": 600}, "lane.delivery_end_minute"),
        ({"customer_collects": True, "transit_days": 1}, "lane.customer_collects"),
        ({"time_zone": "Mars/Olympus"}, "lane.time_zone"),
        ({"valid_from_time": {"seconds": 9}, "valid_until_time": {"seconds": 9}}, "lane.valid_until_time"),
    ],
)
async def test_a_lane_to_nowhere_is_refused(api: Api, fields: dict[str, Any], field: str) -> None:
    await refused(put_lane(api, **fields), INVALID, "INVALID_FIELD", field=field)


async def test_a_calendar_that_does_not_exist_is_not_referred_to(api: Api) -> None:
    await refused(put_node(api, "a", calendar_id="none"), INVALID, "REFERENCE_NOT_FOUND", kind="calendar", id="none")
    await refused(put_lane(api, calendar_id="none"), INVALID, "REFERENCE_NOT_FOUND", kind="calendar", id="none")
