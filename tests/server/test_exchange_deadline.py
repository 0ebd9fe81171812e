"""An order that is given in exchange waits for its return until that is due, and is cancelled then: once, with all of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from orders_kit import OrdersApi, kinds, states
from test_order_crashes import dying
from test_order_deadlines import DAY_MS, MINUTE_MS, api, later, told
from test_order_exchanges import ON_RECEIPT, exchange, receive

from promessa.domain.errors import Unavailable
from promessa.v1 import orders_pb2 as od

__all__ = ["api", "later"]
CANCELLED = ("CANCEL", "RETURN_NOT_RECEIVED")


@pytest.fixture
async def waiting(api: OrdersApi) -> OrdersApi:
    """Of five cups that were shipped one is to come back, and two others wait for it at a."""
    await api.place(units=5)
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery")
    await exchange(api, "o-2", wanted=2, policy=ON_RECEIPT)
    assert (await api.counts("a"))[3] == 2
    return api


async def test_it_is_cancelled_when_the_return_is_due_and_not_before(waiting: OrdersApi, later: Any, wall_clock: Any):
    due_ms = (await waiting.get("o-2")).exchange.return_due_time.ToMilliseconds()
    assert due_ms == wall_clock.now_ms + 30 * DAY_MS
    assert await later(30 * DAY_MS - 1) == 0
    assert await later(1) == 1
    order = await waiting.get("o-2")
    assert (order.state, states(order), told(order)) == (od.ORDER_STATE_CANCELLED, ["CANCELLED"], [CANCELLED])
    assert await waiting.counts("a") == (5, 0, 0, 0), "its units can be sold"
    assert order.exchange.return_due_time.ToMilliseconds() == due_ms
    await waiting.check_books()


async def test_it_is_cancelled_once(waiting: OrdersApi, later: Any):
    again = asyncio.gather(*[later(15 * DAY_MS) for _ in range(2)])
    assert sum(await again) == 1, "two workers look at once"
    assert await later(90 * DAY_MS) == 0
    assert told(await waiting.get("o-2")) == [CANCELLED]


@pytest.mark.parametrize("after", [False, True])
async def test_a_worker_that_dies_leaves_it_to_the_next(waiting: OrdersApi, later: Any, after: bool):
    with dying(waiting, 1, after=after), suppress(Unavailable):
        await later(30 * DAY_MS)
    await later(0)
    assert told(await waiting.get("o-2")) == [CANCELLED]
    assert await waiting.counts("a") == (5, 0, 0, 0)
    await waiting.check_books()


async def test_what_came_in_time_ends_the_waiting(waiting: OrdersApi, later: Any):
    await later(30 * DAY_MS - MINUTE_MS)
    await receive(waiting, 1)
    await later(2 * MINUTE_MS)
    assert states(await waiting.get("o-2")) == ["OFFERED"]


async def test_what_comes_in_part_is_not_enough(api: OrdersApi, later: Any):
    await api.place(units=5)
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery")
    await exchange(api, "o-2", 2, policy=ON_RECEIPT)
    await receive(api, 1)
    await later(30 * DAY_MS)
    assert kinds(await api.get("o-2")) == ["PLACE", "CANCEL"]
    late = await receive(api, 1)
    assert not late.HasField("released_order") and late.order.returns[0].state == od.RETURN_STATE_RECEIVED
    await api.check_books()


async def test_other_steps_do_not_move_it_and_what_is_cancelled_has_none(waiting: OrdersApi, later: Any):
    due = (await waiting.get("o-2")).exchange.return_due_time
    await later(10 * DAY_MS)
    await waiting.step("CancelOrder", "o-2", lines=[{"line": 0, "quantity": 1}])
    order = await waiting.get("o-2")
    assert (order.exchange.return_due_time, states(order)) == (due, ["WAITING"])
    await waiting.step("CancelOrder", "o-2")
    assert await later(90 * DAY_MS) == 0


async def test_what_is_brought_at_once_has_no_such_deadline(api: OrdersApi):
    await api.place(units=5)
    await api.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery")
    done = await exchange(api, "o-2")
    assert not done.order.exchange.HasField("return_due_time")


async def test_a_return_that_comes_while_time_cancels_the_order_is_a_return_like_any_other(
    waiting: OrdersApi, later: Any, monkeypatch: pytest.MonkeyPatch
):
    store = waiting.parts.order_rest.writes.store
    read, seen = store.get, []

    async def read_and_wait(order_id: str) -> Any:
        found = await read(order_id)
        if order_id == "o-2" and not seen:
            seen.append(order_id)
            await later(30 * DAY_MS)
        return found

    monkeypatch.setattr(store, "get", read_and_wait)
    done = await receive(waiting, 1)
    assert seen and not done.HasField("released_order")
    assert kinds(await waiting.get("o-2")) == ["PLACE", "CANCEL"]
    await waiting.check_books()
