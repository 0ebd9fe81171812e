"""Deadlines of orders over a real channel: from plan and terms, told once; and what becomes of pickups that nobody collects."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from api_kit import refused
from orders_kit import OrdersApi, kinds, states
from redis.asyncio import Redis
from serving import Serving, StoreProcess, WallClock, start_serving
from test_order_crashes import dying

from promessa.domain.errors import Unavailable
from promessa.server.store_connection import connect
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.store import Store
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
COLLECTED = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "a"}
TO_STORE = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "b", "allow_ship_to_store": True}
PRICES = {"prices": [{"line": 0, "unit_price_micros": 12_500_000}], "currency_code": "BRL"}


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> OrdersApi:
    made = OrdersApi(serving)
    await made.pickup_shop()
    wall_clock.now_ms = time.time_ns() // 1_000_000
    return made


@pytest.fixture
def later(api: OrdersApi, wall_clock: WallClock) -> Any:
    """Lets time go by, and makes what it makes of orders."""

    async def go(ms: int) -> int:
        wall_clock.now_ms += ms
        return await api.parts.order_timers.tend()

    return go


def due_of(order: od.Order, number: int = 1) -> dict[str, tuple[int, str]]:
    """The deadlines of a shipment: by when, in ms, and where each stands."""
    return {
        od.DeadlineKind.Name(each.kind).removeprefix("DEADLINE_KIND_"): (
            each.time.ToMilliseconds(),
            od.DeadlineState.Name(each.state).removeprefix("DEADLINE_STATE_"),
        )
        for each in order.shipments[number - 1].deadlines
    }


def alerts_of(order: od.Order) -> list[str]:
    return [od.OrderAlert.Name(each).removeprefix("ORDER_ALERT_") for each in order.alerts]


def told(order: od.Order) -> list[tuple[str, str]]:
    """What was told of an order by itself."""
    names = zip(kinds(order), order.steps, strict=True)
    return [(kind, step.detail) for kind, step in names if step.actor == "promessa"]


async def bring_to_shop(api: OrdersApi, order_id: str = "o-1", **fields: Any) -> od.Order:
    await api.place(order_id, sourcing=COLLECTED, **fields)
    await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup", order_id=order_id)
    return await api.get(order_id)


async def send_to_shop(api: OrdersApi, order_id: str = "o-1", **fields: Any) -> od.Order:
    """Two cups of a, which are collected at b."""
    shop = {"node_id": "b", "pickup_point": True, "country_code": "BR", "postal_code": "01310100"}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=shop))
    await api.count("b", 0)
    await api.place(order_id, **{"sourcing": TO_STORE, **fields})
    await api.steps("AcceptShipment", "RecordPick", "Ship", "MarkReadyForPickup", order_id=order_id)
    return await api.get(order_id)


async def test_deadlines_follow_from_the_terms_where_nothing_is_planned(api: OrdersApi, wall_clock: WallClock) -> None:
    await api.place()
    now_ms = wall_clock.now_ms
    assert due_of(await api.get()) == {
        "ACCEPT": (now_ms + HOUR_MS, "OPEN"),
        "PICK": (now_ms + 3 * HOUR_MS, "OPEN"),
        "SHIP": (now_ms + 5 * HOUR_MS, "OPEN"),
        "DELIVER": (now_ms + 5 * HOUR_MS + 7 * DAY_MS, "OPEN"),
    }
    await api.step("AcceptShipment")
    wall_clock.now_ms += MINUTE_MS
    await api.step("RecordPick")
    assert [state for _, state in due_of(await api.get()).values()] == ["CLOSED", "CLOSED", "OPEN", "OPEN"]


async def test_deadlines_follow_from_the_plan_and_the_hours_of_the_node(api: OrdersApi, wall_clock: WallClock) -> None:
    hours = [{"weekday": day, "start_minute": 540, "end_minute": 1080} for day in range(1, 8)]
    calendar = {"calendar_id": "shop", "hours": hours}
    await api.network.PutCalendar(nw.PutCalendarRequest(request_id=api.new_id(), calendar=calendar))
    node = {"node_id": "a", "calendar_id": "shop", "time_zone": "America/Sao_Paulo", "handling_minutes": 240}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    wall_clock.now_ms = int(datetime(2027, 1, 15, 22, tzinfo=SAO_PAULO).timestamp() * 1000)
    await api.place()
    order = await api.get()
    opens = int(datetime(2027, 1, 16, 9, tzinfo=SAO_PAULO).timestamp() * 1000)
    ship_ms = order.shipments[0].ship_time.ToMilliseconds()
    assert ship_ms > opens
    assert due_of(order) == {
        "ACCEPT": (opens + HOUR_MS, "OPEN"),
        "PICK": (max(opens + HOUR_MS, ship_ms - 2 * HOUR_MS), "OPEN"),
        "SHIP": (ship_ms, "OPEN"),
        "DELIVER": (order.shipments[0].promise_time.ToMilliseconds(), "OPEN"),
    }


async def test_a_node_has_deadlines_of_its_own_from_when_they_are_put(api: OrdersApi, wall_clock: WallClock) -> None:
    await api.place("o-1", sourcing=COLLECTED)
    node = {"node_id": "a", "pickup_point": True, "accept_minutes": 15, "pick_minutes": 30, "pickup_days": 2}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    got = (await api.network.GetNode(nw.GetNodeRequest(node_id="a"))).node
    assert (got.accept_minutes, got.pick_minutes, got.ship_minutes, got.pickup_days) == (15, 30, 0, 2)
    now_ms = wall_clock.now_ms
    order = await bring_to_shop(api, "o-2")
    assert [by_ms for by_ms, _ in due_of(order).values()] == [
        now_ms + 15 * MINUTE_MS, now_ms + 45 * MINUTE_MS, now_ms + (45 + 120) * MINUTE_MS, now_ms + 2 * DAY_MS
    ]  # fmt: skip
    assert due_of(await api.get("o-1"))["ACCEPT"][0] == now_ms + HOUR_MS, "what is made keeps its own"
    node = {"node_id": "a", "pickup_point": True, "accept_minutes": 20}
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    await api.place("o-3", sourcing=COLLECTED)
    assert due_of(await api.get("o-3"))["ACCEPT"][0] == now_ms + 20 * MINUTE_MS
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "a", "pickup_point": True}))
    await api.place("o-4", sourcing=COLLECTED)
    assert due_of(await api.get("o-4"))["ACCEPT"][0] == now_ms + HOUR_MS


async def test_what_is_near_and_what_is_over_is_told_once(api: OrdersApi, later: Any) -> None:
    await api.place()
    assert await later(29 * MINUTE_MS) == 0
    assert await later(MINUTE_MS) == 1
    order = await api.get()
    assert (told(order), alerts_of(order)) == ([("AT_RISK", "ACCEPT")], ["AT_RISK"])
    assert due_of(order)["ACCEPT"][1] == "AT_RISK"
    assert await later(29 * MINUTE_MS) == 0
    assert await later(MINUTE_MS) == 1
    order = await api.get()
    assert (told(order)[1:], alerts_of(order)) == ([("LATE", "ACCEPT")], ["LATE"])
    assert states(order) == ["OFFERED"], "it may still be accepted"
    assert order.steps[-1].number == 1
    await api.step("AcceptShipment")
    assert alerts_of(await api.get()) == []
    await later(DAY_MS)
    assert told(await api.get())[2:] == [("LATE", "PICK"), ("LATE", "SHIP")], "what is over is not near any more"
    await api.steps("RecordPick", "Ship", "RecordDelivery")
    assert await later(90 * DAY_MS) == 0
    await api.check_books()


async def test_two_workers_tell_once(
    api: OrdersApi, redis: Redis, store_process: StoreProcess, wall_clock: WallClock
) -> None:
    for number in range(20):
        await api.place(f"o-{number}", units=1)
    keys = await open_data_set(redis, namespace="test", partitions=4, new_id="test")
    client = connect(store_process.url)
    store = Store(client, keys, GroupCommit(client.connection_pool, keys.all_cells()))
    other, (following, writer, source) = await start_serving(store, client, store_process.url, now_ms=wall_clock)
    wall_clock.now_ms += 2 * HOUR_MS
    counts = await asyncio.gather(*[each.order_timers.tend() for each in (api.parts, other.parts) * 2])
    assert sum(counts) == 20
    for number in range(20):
        assert told(await api.get(f"o-{number}")) == [("LATE", "ACCEPT")]
    await api.check_books()
    await other.channel.close()
    await other.parts.server.stop(0)
    following.cancel()  # type: ignore[attr-defined]
    writer.close()  # type: ignore[attr-defined]
    await source.close()  # type: ignore[attr-defined]
    await store.close()


@pytest.mark.parametrize("after", [False, True])
async def test_a_worker_that_dies_leaves_it_to_the_next(api: OrdersApi, later: Any, after: bool) -> None:
    await bring_to_shop(api, **PRICES)
    with dying(api, 1, after=after), suppress(Unavailable):
        await later(8 * DAY_MS)
    await later(0)
    order = await api.get()
    assert told(order) == [("PUT_BACK", ""), ("REFUND", "25000000 BRL")]
    assert await api.counts() == (10, 0, 0, 0)
    await api.check_books()


async def test_timers_are_there_after_a_restart(own_store_process: Any, wall_clock: WallClock) -> None:
    wall_clock.now_ms = time.time_ns() // 1_000_000
    process = own_store_process()

    async def serve() -> tuple[Serving, Any]:
        client = connect(process.url)
        keys = await open_data_set(client, namespace="test", partitions=4, new_id="test")
        store = Store(client, keys, GroupCommit(client.connection_pool, keys.all_cells()))
        return await start_serving(store, client, process.url, now_ms=wall_clock)

    async def stop(found: Serving, more: Any) -> None:
        await found.channel.close()
        await found.parts.server.stop(0)
        more[0].cancel()
        more[1].close()
        await more[2].close()
        await found.parts.store.close()

    found, more = await serve()
    api = OrdersApi(found)
    await api.shop()
    await api.place()
    await stop(found, more)
    process.kill()
    process.start()
    wall_clock.now_ms += 2 * HOUR_MS
    found, more = await serve()
    assert await found.parts.order_timers.tend() == 1
    assert told(await OrdersApi(found).get()) == [("LATE", "ACCEPT")]
    await stop(found, more)


async def test_what_nobody_collects_goes_back_to_the_stock_it_is_of(api: OrdersApi, later: Any) -> None:
    order = await bring_to_shop(api, **PRICES)
    ready_ms = order.shipments[0].deadlines[-1].time.ToMilliseconds()
    assert due_of(order)["COLLECT"] == (order.steps[0].time.ToMilliseconds() and ready_ms, "OPEN")
    assert await api.counts() == (10, 0, 0, 2)
    await later(6 * DAY_MS)
    assert told(await api.get()) == [("AT_RISK", "COLLECT")]
    await api.step("MarkReadyForPickup")  # a new code gives no more time
    assert due_of(await api.get())["COLLECT"][0] == ready_ms
    await later(DAY_MS)
    order = await api.get()
    assert told(order)[1:] == [("PUT_BACK", ""), ("REFUND", "25000000 BRL")]
    assert (order.state, states(order), alerts_of(order)) == (od.ORDER_STATE_CANCELLED, ["UNCOLLECTED"], [])
    assert (order.shipments[0].refund_micros, order.lines[0].cancelled_quantity) == (25_000_000, 2)
    assert not order.shipments[0].legal_steps
    assert await api.counts() == (10, 0, 0, 0)
    handed = api.step("HandOver", pickup_code="X")
    await refused(handed, grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_STEP", state="UNCOLLECTED")
    assert await later(90 * DAY_MS) == 0
    await api.check_books()


async def test_what_was_sent_to_a_store_is_sold_there(api: OrdersApi, later: Any) -> None:
    await send_to_shop(api, **PRICES)
    assert (await api.counts("a"), await api.counts("b")) == ((8, 0, 0, 0), (0, 0, 0, 0))
    await later(7 * DAY_MS)
    order = await api.get()
    assert states(order) == ["UNCOLLECTED"]
    assert told(order)[-2:] == [("PUT_BACK", ""), ("REFUND", "25000000 BRL")]
    assert (await api.counts("a"), await api.counts("b")) == ((8, 0, 0, 0), (2, 0, 0, 0))
    await api.check_books()


async def test_of_a_kit_its_components_come_to_the_store(api: OrdersApi, later: Any) -> None:
    duo = {"sku": "duo", "kit": [{"sku": "cup", "quantity": 2}]}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=duo))
    await send_to_shop(
        api, sourcing={**TO_STORE, "lines": [{"sku": "duo", "quantity": 3}, {"sku": "cup", "quantity": 1}]}
    )
    assert await api.counts("a") == (3, 0, 0, 0)
    await later(7 * DAY_MS)
    assert await api.counts("b") == (7, 0, 0, 0)
    await api.check_books()


async def test_what_is_to_be_returned_does_not_go_back_by_itself(api: OrdersApi, later: Any) -> None:
    await send_to_shop(api)
    await api.step("RequestReturn", lines=[{"line": 0, "quantity": 1}])
    await later(7 * DAY_MS)
    order = await api.get()
    assert (states(order), alerts_of(order)) == (["READY"], ["LATE"])
    assert told(order)[-1] == ("LATE", "COLLECT")
    assert await api.counts("b") == (0, 0, 0, 0)
    await api.check_books()


async def test_a_store_that_is_gone_takes_nothing_back_and_the_money_is_due(api: OrdersApi, later: Any) -> None:
    await send_to_shop(api, **PRICES)
    await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id="lane-b"))
    await api.network.DeleteNode(nw.DeleteNodeRequest(request_id=api.new_id(), node_id="b"))
    await later(7 * DAY_MS)
    order = await api.get()
    assert told(order)[-2:] == [("PUT_BACK", "NODE_NOT_FOUND"), ("REFUND", "25000000 BRL")]
    assert await later(DAY_MS) == 0
    await api.check_books()


async def test_an_order_of_which_nobody_does_the_next_step_is_stuck(api: OrdersApi, later: Any) -> None:
    await api.place()
    await later(HOUR_MS + DAY_MS)
    order = await api.get()
    assert (told(order)[-1], alerts_of(order)) == (("STUCK", ""), ["LATE", "STUCK"])
    await later(DAY_MS)
    assert [kind for kind, _ in told(await api.get())].count("STUCK") == 1
    await api.step("AcceptShipment")
    assert alerts_of(await api.get()) == ["LATE"], "it goes on, late"
    await later(DAY_MS - MINUTE_MS)
    assert alerts_of(await api.get()) == ["LATE"]
    await later(MINUTE_MS)
    assert alerts_of(await api.get()) == ["LATE", "STUCK"]


async def test_an_order_whose_rest_nobody_sources_is_stuck(api: OrdersApi, later: Any) -> None:
    held = (await api.reserve(2)).reservation.reservation_id
    await api.place(reservation_id=held)
    await api.step("RejectShipment", reason=od.REJECT_REASON_NO_CAPACITY)
    assert alerts_of(await api.get()) == ["REFUSED"]
    await later(0)
    assert (told(await api.get()), alerts_of(await api.get())) == ([("STUCK", "REST")], ["REFUSED", "STUCK"])
    await api.step("CancelOrder")
    assert alerts_of(await api.get()) == []
    assert await later(90 * DAY_MS) == 0


async def test_orders_are_listed_by_their_alerts(api: OrdersApi, later: Any) -> None:
    await api.place("o-1", units=1)
    await later(2 * HOUR_MS)
    await api.place("o-2", units=1)

    async def listed(*alerts: int) -> list[str]:
        found = await api.orders.ListOrders(os.ListOrdersRequest(alerts=alerts))
        return [order.order_id for order in found.orders]

    assert await listed(od.ORDER_ALERT_LATE) == ["o-1"]
    assert await listed(od.ORDER_ALERT_AT_RISK, od.ORDER_ALERT_STUCK) == []
    assert await listed() == ["o-2", "o-1"]
