"""What clumsy or hostile clients send to OrderService: each gets one clear answer, nothing is held for it, and no other order
notices.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import pytest
from api_kit import refused
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving, WallClock

from promessa.domain.limits import PICKUP_CODES_MAX
from promessa.service import order_due
from promessa.service.catching_up import contended
from promessa.v1 import order_service_pb2 as os

DAY_MS = 24 * 3_600_000
DEAREST = 10**15
INVALID, PRECONDITION = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
COLLECTED = {"lines": [{"sku": "cup", "quantity": 2}], "pickup_node_id": "a"}


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> OrdersApi:
    made = OrdersApi(serving)
    await made.pickup_shop()
    wall_clock.now_ms = time.time_ns() // 1_000_000
    return made


def price(micros: int, line: int = 0) -> dict[str, Any]:
    return {"prices": [{"line": line, "unit_price_micros": micros}], "currency_code": "BRL"}


def exchange(api: OrdersApi, request_id: str = "exchange-1") -> Any:
    order = {"order_id": "o-2", "sourcing": {"lines": [{"sku": "cup", "quantity": 1}], **TO_SAO_PAULO}}
    asked = [{"line": 0, "quantity": 1}]
    request = os.ExchangeOrderRequest(request_id=request_id, order_id="o-1", lines=asked, order=order)
    return api.orders.ExchangeOrder(request)


async def test_nothing_is_held_for_prices_of_lines_that_there_are_not(api: OrdersApi) -> None:
    await refused(api.place(**price(1, line=3)), INVALID, "INVALID_FIELD", field="order.prices")
    assert [await api.counts("a"), await api.counts("b")] == [(10, 0, 0, 0)] * 2


@pytest.mark.parametrize("from_reservation", [False, True])
async def test_an_order_costs_no_more_than_can_be_told(api: OrdersApi, from_reservation: bool) -> None:
    await api.count("a", 20_000)
    units, held = 2**63 // DEAREST, {}
    if from_reservation:
        held = {"reservation_id": (await api.reserve(units + 1)).reservation.reservation_id}
    await refused(api.place(units=units + 1, **price(DEAREST), **held), INVALID, "INVALID_FIELD", field="order.prices")
    if not from_reservation:
        assert (await api.counts("a"))[2] == 0
        sourcing = {"lines": [{"sku": "cup", "quantity": units}], "pickup_node_id": "a"}
        await api.place(sourcing=sourcing, **price(DEAREST))
        await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup")
        api.parts.order_timers.now_ms.now_ms += 40 * DAY_MS  # type: ignore[attr-defined]
        await api.parts.order_timers.tend()
        assert (await api.get()).shipments[0].refund_micros == units * DEAREST


async def test_an_exchange_that_is_refused_time_after_time_says_why_and_can_be_made_once_it_is_legal(
    api: OrdersApi,
) -> None:
    await api.place()
    for _ in range(5):
        await refused(exchange(api), PRECONDITION, "QUANTITY_EXCEEDS_ORDER")
    assert [(await api.counts(node_id))[2] for node_id in "ab"] == [0, 0]
    await api.steps("AcceptShipment", "RecordPick", "Ship")
    made = await exchange(api)
    assert made.order.order_id == "o-2"
    assert (await exchange(api)).order == made.order


async def test_an_order_placed_under_its_own_id_has_its_rest_sourced(api: OrdersApi, wall_clock: WallClock) -> None:
    placed = await api.place("order-0001", units=25, request_id="order-0001", allow_partial=True)
    assert placed.outcome == os.PLACE_ORDER_OUTCOME_PLACED_IN_PART
    await api.count("a", 30)
    wall_clock.now_ms += 60_000
    await api.parts.order_rest.tend()
    assert kinds(await api.get("order-0001")) == ["PLACE", "SOURCE"]
    await api.check_books()


async def test_an_order_of_which_a_timer_fails_keeps_no_other_from_its_own(
    api: OrdersApi, wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order_id in ("o-1", "o-2"):
        await api.place(order_id, sourcing=COLLECTED)
        await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup", order_id=order_id)
    timed = api.parts.order_timers.writes.times

    class Failing:
        def timed(self, change: Any) -> Any:
            if change.order.order_id == "o-1":
                raise OverflowError("a number that cannot be written")
            return timed.timed(change)

    monkeypatch.setattr(api.parts.order_timers.writes, "times", Failing())
    wall_clock.now_ms += 40 * DAY_MS
    await api.parts.order_timers.tend()
    assert [states(await api.get(each)) for each in ("o-1", "o-2")] == [["READY"], ["UNCOLLECTED"]]


async def test_an_order_of_which_the_rest_fails_keeps_no_other_from_its_own(
    api: OrdersApi, wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.count("a", 1)
    await api.count("b", 0)
    for order_id in ("o-1", "o-2"):  # of each there is one unit, and nothing for the rest
        await api.place(
            order_id, sourcing={"lines": [{"sku": "cup", "quantity": 2}], **TO_SAO_PAULO}, allow_partial=True
        )
        await api.count("a", 2)
    await api.count("a", 9)
    rest = api.parts.order_rest
    served = rest.sourcing

    class Failing:
        async def source_and_reserve(self, name: str, order: Any, **asked: Any) -> Any:
            if asked["terms"].order_id == "o-1":
                raise OverflowError("a number that cannot be written")
            return await served.source_and_reserve(name, order, **asked)

    monkeypatch.setattr(rest, "sourcing", Failing())
    wall_clock.now_ms += DAY_MS
    await rest.tend()
    assert [(await api.get(each)).lines[0].to_source_quantity for each in ("o-1", "o-2")] == [1, 0]


FAILING = [f"o-{number:02}" for number in range(60)]


async def test_orders_of_which_timers_always_fail_keep_none_behind_them_from_its_own(
    api: OrdersApi, wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.count("a", 100)
    await asyncio.gather(*[api.place(each, units=1) for each in FAILING])
    wall_clock.now_ms += 60_000
    await api.place("o-99", units=1)
    timers, tried = api.parts.order_timers, list[str]()
    timed = timers.writes.times

    class Failing:
        def timed(self, change: Any) -> Any:
            if change.order.order_id in FAILING:
                tried.append(change.order.order_id)
                raise OverflowError("a number that cannot be written")
            return timed.timed(change)

    monkeypatch.setattr(timers.writes, "times", Failing())
    monkeypatch.setattr(order_due, "IDS_AT_ONCE", 7)
    wall_clock.now_ms += DAY_MS
    assert await timers.tend() == 3
    assert kinds(await api.get("o-99")) == ["PLACE", "LATE", "LATE", "LATE"]
    assert sorted(set(tried)) == FAILING
    tries = []
    for _ in range(9):  # each time twice as long as before, to an hour
        wall_clock.now_ms += 30_000 << len(tries) if len(tries) < 7 else 3_600_000
        tried.clear()
        await timers.tend()
        tries.append(len(tried))
    assert tries == [60] * 9
    wall_clock.now_ms += 3_599_999
    tried.clear()
    await timers.tend()
    assert not tried, "it waits for an hour"
    monkeypatch.setattr(timers.writes, "times", timed)
    wall_clock.now_ms += 1
    await timers.tend()
    assert {kinds(await api.get(each))[1] for each in FAILING} == {"LATE"}, "what was wrong is right again"


async def test_orders_of_which_the_rest_always_fails_keep_none_behind_them_from_its_own(
    api: OrdersApi, wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.count("b", 0)
    for number, order_id in enumerate((*FAILING, "o-99"), 1):  # of each there is one unit
        await api.count("a", number)
        await api.place(order_id, allow_partial=True)
    await api.count("a", 100)
    rest = api.parts.order_rest
    served = rest.sourcing

    class Failing:
        async def source_and_reserve(self, name: str, order: Any, **asked: Any) -> Any:
            if asked["terms"].order_id in FAILING:
                raise OverflowError("a number that cannot be written")
            return await served.source_and_reserve(name, order, **asked)

    monkeypatch.setattr(rest, "sourcing", Failing())
    wall_clock.now_ms += DAY_MS
    await rest.tend()
    assert kinds(await api.get("o-99"))[-1] == "SOURCE"
    assert kinds(await api.get("o-00"))[-1] == "PLACE"


async def test_a_rest_for_which_others_win_every_race_is_an_attempt_like_any_other(
    api: OrdersApi, wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.count("a", 1)
    await api.count("b", 0)
    await api.place("o-1", allow_partial=True)
    rest = api.parts.order_rest
    served = rest.sourcing

    class Contended:
        async def source_and_reserve(self, *args: Any, **asked: Any) -> Any:
            raise contended(64)

    monkeypatch.setattr(rest, "sourcing", Contended())
    wall_clock.now_ms += DAY_MS
    await rest.tend()
    assert (await api.get("o-1")).steps[-1].detail == "STOCK_CONTENDED"
    monkeypatch.setattr(rest, "sourcing", served)
    await api.count("a", 9)
    wall_clock.now_ms += DAY_MS
    await rest.tend()
    assert kinds(await api.get("o-1"))[-1] == "SOURCE"


async def test_nobody_takes_the_request_ids_of_timers(api: OrdersApi, wall_clock: WallClock) -> None:
    await api.place(sourcing=COLLECTED)
    await api.steps("AcceptShipment", "RecordPick", "MarkReadyForPickup")
    await api.place("o-2", units=8)
    for version in range(4, 8):
        await api.step("CancelOrder", "o-2", lines=[{"line": 0, "quantity": 1}], request_id=f"timer:o-1:{version}")
    wall_clock.now_ms += 40 * DAY_MS
    await api.parts.order_timers.tend()
    assert states(await api.get()) == ["UNCOLLECTED"]
    assert kinds(await api.get())[-1] == "REFUND"


async def test_pickup_codes_of_one_shipment_come_to_an_end(api: OrdersApi) -> None:
    await api.place(sourcing=COLLECTED)
    await api.steps("AcceptShipment", "RecordPick")
    for _ in range(PICKUP_CODES_MAX):
        last = await api.step("MarkReadyForPickup", request_id=api.new_id())
    await refused(
        api.step("MarkReadyForPickup"),
        PRECONDITION,
        "PICKUP_CODE_LIMIT",
        shipment_number="1",
        limit=str(PICKUP_CODES_MAX),
    )
    await api.step("HandOver", pickup_code=last.pickup_code)
    assert states(await api.get()) == ["HANDED_OVER"]
