"""An order survives the death of a worker before or after any call of the store: a retry finishes it, or time undoes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager, suppress
from typing import Any

import grpc
import pytest
from orders_kit import TO_SAO_PAULO, OrdersApi, states
from serving import Clock, Serving, WallClock

from promessa.domain.errors import Unavailable
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import orders_pb2 as od

HOUR_MS = 3_600_000
Act = Callable[[OrdersApi], Awaitable[Any]]


class Death:
    """A worker that dies at its n-th call of the store: before it is sent, or before its answer comes."""

    def __init__(self, submit: Callable[..., Any], at: int, *, after: bool) -> None:
        self.submit, self.at, self.after = submit, at, after
        self.calls = 0

    def __call__(self, operation: Any, *, weight: int = 1) -> Any:
        self.calls += 1
        if self.calls < self.at:
            return self.submit(operation, weight=weight)
        return asyncio.ensure_future(self._die(operation, sent=self.after and self.calls == self.at))

    async def _die(self, operation: Any, *, sent: bool) -> None:
        if sent:
            await self.submit(operation)
        raise Unavailable("OUTCOME_UNKNOWN", "The worker died; a test wanted it.")


@contextmanager
def dying(api: OrdersApi, at: int, *, after: bool) -> Any:
    commit = api.parts.commit
    death = Death(commit.submit, at, after=after)
    commit.submit = death  # type: ignore[method-assign]
    try:
        yield death
    finally:
        del commit.submit  # type: ignore[attr-defined]


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    made = OrdersApi(serving)
    await made.shop()
    return made


async def place(api: OrdersApi) -> Any:
    return await api.place(request_id="place-0001")


async def place_from_reservation(api: OrdersApi) -> Any:
    return await api.place(reservation_id="hold-0001", request_id="place-0001")


async def place_with_offers(api: OrdersApi) -> Any:
    return await api.place(request_id="place-0001", offer_count=2)


async def accept_elsewhere(api: OrdersApi) -> Any:
    return await api.step("AcceptShipment", node_id="b", request_id="accept-0001")


async def refuse_an_offer(api: OrdersApi) -> Any:
    return await api.step("RejectShipment", node_id="a", reason=od.REJECT_REASON_NOT_FOUND, request_id="refuse-0001")


async def accept(api: OrdersApi) -> Any:
    return await api.step("AcceptShipment", request_id="accept-0001")


async def reject(api: OrdersApi) -> Any:
    return await api.step("RejectShipment", reason=od.REJECT_REASON_NOT_FOUND, request_id="reject-0001")


async def pick_short(api: OrdersApi) -> Any:
    return await api.step("RecordPick", short_lines=[{"line": 0, "picked_quantity": 1}], request_id="pick-0001")


async def ship(api: OrdersApi) -> Any:
    return await api.step("Ship", carrier="c", request_id="ship-0001")


async def deliver(api: OrdersApi) -> Any:
    return await api.step("RecordDelivery", request_id="deliver-0001")


async def cancel(api: OrdersApi) -> Any:
    return await api.step("CancelOrder", request_id="cancel-0001")


async def request_return(api: OrdersApi) -> Any:
    return await api.step("RequestReturn", lines=[{"line": 0, "quantity": 1}], request_id="return-0001")


async def receive_return(api: OrdersApi) -> Any:
    lines = [{"line": 0, "quantity": 1, "disposition": od.DISPOSITION_RESELLABLE}]
    return await api.step("ReceiveReturn", return_number=1, node_id="b", lines=lines, request_id="receive-0001")


async def exchange(api: OrdersApi, policy: Any = od.EXCHANGE_POLICY_IMMEDIATE) -> Any:
    order = {"order_id": "o-2", "sourcing": {"lines": [{"sku": "cup", "quantity": 1}], **TO_SAO_PAULO}}
    request = os.ExchangeOrderRequest(
        request_id="exchange-0001", order_id="o-1", lines=[{"line": 0, "quantity": 1}], order=order, policy=policy
    )
    return await api.orders.ExchangeOrder(request)


async def exchange_on_receipt(api: OrdersApi) -> Any:
    return await exchange(api, od.EXCHANGE_POLICY_ON_RECEIPT)


JOURNEYS: dict[str, tuple[list[Act], Act, list[str], tuple[int, int]]] = {
    "place": ([], place, ["OFFERED"], (2, 0)),
    "place from a reservation": ([], place_from_reservation, ["OFFERED"], (2, 0)),
    "place with offers": ([], place_with_offers, ["OFFERED"], (2, 0)),
    "accept": ([place], accept, ["ACCEPTED"], (2, 0)),
    "accept elsewhere": ([place_with_offers], accept_elsewhere, ["ACCEPTED"], (0, 2)),
    "refuse an offer": ([place_with_offers], refuse_an_offer, ["OFFERED"], (0, 2)),
    "reject": ([place], reject, ["REJECTED", "OFFERED"], (0, 2)),
    "pick short": ([place, accept], pick_short, ["PICKED", "OFFERED"], (1, 1)),
    "ship": ([place, accept, pick_short], ship, ["SHIPPED", "OFFERED"], (0, 1)),
    "deliver": ([place, accept, pick_short, ship], deliver, ["DELIVERED", "OFFERED"], (0, 1)),
    "cancel": ([place, accept], cancel, ["CANCELLED"], (0, 0)),
    "return": ([place, accept, pick_short, ship], request_return, ["SHIPPED", "OFFERED"], (0, 1)),
    "receive": ([place, accept, pick_short, ship, request_return], receive_return, ["SHIPPED", "OFFERED"], (0, 1)),
    "exchange": ([place, accept, pick_short, ship, deliver], exchange, ["DELIVERED", "OFFERED"], (0, 2)),
    "receive what another order waits for": (
        [place, accept, pick_short, ship, exchange_on_receipt],
        receive_return,
        ["SHIPPED", "OFFERED"],
        (0, 2),
    ),
}
"""What came before, the step, and after it the states of the order's shipments and the units committed at a and b."""

CALLS_MAX = 4
"""Calls of the store that one of these steps makes: also a promise of its cost."""

STEPS = pytest.mark.parametrize("name", JOURNEYS)
DEATHS = pytest.mark.parametrize(
    ("at", "after"), [(at, after) for at in range(1, CALLS_MAX + 1) for after in (False, True)]
)


async def prepare(api: OrdersApi, before: list[Act]) -> None:
    if not before:
        await api.reserve(2, request_id="hold-0001")
    for act in before:
        await act(api)


async def committed(api: OrdersApi) -> tuple[int, int]:
    return (await api.counts("a"))[3], (await api.counts("b"))[3]


@STEPS
async def test_a_step_needs_few_calls_of_the_store(api: OrdersApi, name: str) -> None:
    before, act, expected, units = JOURNEYS[name]
    await prepare(api, before)
    with dying(api, 1_000, after=False) as nobody:
        await act(api)
    assert nobody.calls <= CALLS_MAX
    assert (states(await api.get()), await committed(api)) == (expected, units)


@DEATHS
@STEPS
async def test_a_retry_finishes_what_a_dead_worker_began(api: OrdersApi, name: str, at: int, after: bool) -> None:
    before, act, expected, units = JOURNEYS[name]
    await prepare(api, before)
    with dying(api, at, after=after), suppress(grpc.aio.AioRpcError):
        await act(api)
    await api.check_books()
    await act(api)
    assert (states(await api.get()), await committed(api)) == (expected, units)
    assert (await api.get()).state != od.ORDER_STATE_TO_SOURCE
    await api.check_books()


@DEATHS
@STEPS
async def test_without_a_retry_time_finishes_or_undoes_it(
    api: OrdersApi, name: str, at: int, after: bool, clock: Clock, wall_clock: WallClock
) -> None:
    before, act, _, units = JOURNEYS[name]
    await prepare(api, before)
    was = await committed(api)
    with dying(api, at, after=after), suppress(grpc.aio.AioRpcError):
        await act(api)
    clock.now_ms = wall_clock.now_ms = time.time_ns() // 1_000_000 + HOUR_MS
    await api.parts.store.sweep()
    await api.parts.order_rest.tend()
    assert await committed(api) in (was, units), "as before the step, or as after it"
    assert [(await api.counts(node))[2] for node in "ab"] == [0, 0], "nothing is held for nobody"
    with suppress(grpc.aio.AioRpcError):
        assert (await api.get()).state != od.ORDER_STATE_TO_SOURCE
    await api.check_books()
