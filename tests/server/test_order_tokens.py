"""Orders placed from plan tokens: the plan that was quoted is placed, or what changed is told and nothing is placed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
import pytest
from api_kit import refused
from orders_kit import states
from serving import Clock, Serving, WallClock
from test_order_crashes import CALLS_MAX, dying
from test_plan_tokens_api import CHANGED, HONOURED, NINE_MS, REAL, REPLACED, TokenApi, nodes_of, order

from promessa.v1 import order_service_pb2 as os
from promessa.v1 import order_service_pb2_grpc as os_grpc
from promessa.v1 import orders_pb2 as od

INVALID, FAILED, EXISTS = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
PLACED, NOT_SERVED, PLAN_CHANGED = (
    os.PLACE_ORDER_OUTCOME_PLACED,
    os.PLACE_ORDER_OUTCOME_NOT_SERVED,
    os.PLACE_ORDER_OUTCOME_PLAN_CHANGED,
)


class TokenOrders(TokenApi):
    """Orders from tokens, with few words."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(serving.channel)
        self.parts = serving.parts
        self.orders = os_grpc.OrderServiceStub(serving.channel)

    async def token(self, wanted: dict[str, Any], option: int = 0) -> str:
        return (await self.quote(wanted)).options[option].plan_token

    async def place(self, token: str, order_id: str = "o-1", request_id: str = "", **fields: Any) -> Any:
        fields.setdefault("sourcing", order())
        new = {"order_id": order_id, "plan_token": token, **fields}
        return await self.orders.PlaceOrder(os.PlaceOrderRequest(request_id=request_id or self.new_id(), order=new))

    async def get(self, order_id: str = "o-1") -> od.Order:
        return (await self.orders.GetOrder(os.GetOrderRequest(order_id=order_id))).order

    async def counts(self, node_id: str) -> tuple[int, int]:
        """Held and committed cups at a node."""
        keeper = self.parts.keeper
        at = (await keeper.node_index(node_id), await keeper.sku_index("cup"))
        (cell,) = await self.parts.store.read_cells([at])
        return (0, 0) if cell is None else (cell.held, cell.committed)


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[TokenOrders]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = TokenOrders(serving)
    await made.chain()
    yield made
    await made.audited()
    following.cancel()


async def test_the_quoted_plan_is_placed_and_a_retry_gets_the_same_answer(api: TokenOrders) -> None:
    fast = (await api.quote(order())).options[1]
    placed = await api.place(fast.plan_token, request_id="place-0001")
    (ship,) = placed.order.shipments
    assert (placed.outcome, ship.node_id, placed.plan_token_result.outcome) == (PLACED, "far", HONOURED)
    (planned,) = fast.plan.shipments
    assert ship.planned_cost_micros == fast.plan.cost.total_micros
    assert ship.promise_time == planned.promise_time
    again = await api.place(fast.plan_token, request_id="place-0001")
    assert again.replayed and (again.order, again.plan_token_result) == (placed.order, placed.plan_token_result)
    assert await api.counts("far") == (0, 1)


async def test_where_the_plan_changed_nothing_is_placed_and_the_new_token_is(api: TokenOrders) -> None:
    token = await api.token(order())
    await api.stock("cup", "near", 0)
    told = await api.place(token, request_id="place-0001")
    result = told.plan_token_result
    assert (told.outcome, told.HasField("order"), result.outcome) == (PLAN_CHANGED, False, CHANGED)
    assert (nodes_of(result.plan), result.extra_cost_micros) == (["mid"], 4 * REAL)
    assert [(change.node_id, change.available_quantity) for change in result.changes] == [("near", 0)]
    assert [await api.counts(node) for node in ("near", "mid", "far")] == [(0, 0)] * 3
    await refused(api.orders.GetOrder(os.GetOrderRequest(order_id="o-1")), grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")
    await api.stock("cup", "near", 5)
    again = await api.place(token, request_id="place-0001")
    assert again.replayed and again.plan_token_result == result, "the first answer, whatever there is now"
    placed = await api.place(result.plan_token)
    assert (placed.outcome, placed.order.shipments[0].node_id) == (PLACED, "mid")


async def test_what_is_accepted_is_placed_instead_within_its_bounds(api: TokenOrders) -> None:
    token = await api.token(order())
    await api.stock("cup", "near", 0)
    bounds: dict[str, Any] = {"accept_changes": True, "max_extra_cost_micros": 4 * REAL - 1}
    assert (await api.place(token, **bounds)).outcome == PLAN_CHANGED
    bounds["max_extra_cost_micros"] += 1
    placed = await api.place(token, **bounds)
    assert (placed.outcome, placed.plan_token_result.outcome) == (PLACED, REPLACED)
    assert placed.order.shipments[0].node_id == "mid"
    bounds = {"accept_changes": True, "latest_promise_time": placed.order.shipments[0].promise_time}
    bounds["latest_promise_time"].seconds -= 1
    assert (await api.place(token, "o-2", **bounds)).outcome == PLAN_CHANGED, "it arrives a second too late"


async def test_where_nothing_serves_it_any_more_it_is_not_served(api: TokenOrders) -> None:
    token = await api.token(order())
    for node_id in ("near", "mid", "far"):
        await api.stock("cup", node_id, 0)
    told = await api.place(token)
    assert (told.outcome, told.plan_token_result.outcome) == (NOT_SERVED, CHANGED)
    assert not told.plan_token_result.plan_token and [each.available_quantity for each in told.shortfalls] == [0]


async def test_tokens_that_do_not_count_place_nothing(api: TokenOrders, wall_clock: WallClock) -> None:
    token = await api.token(order())
    await refused(api.place("nonsense"), INVALID, "PLAN_TOKEN_INVALID", why="FORM")
    await refused(api.place(token[:-2] + "AA"), INVALID, "PLAN_TOKEN_INVALID", why="SIGNATURE")
    await refused(api.place(token, sourcing=order(2)), INVALID, "PLAN_TOKEN_MISMATCH", field="order.lines")
    await refused(api.place(token, reservation_id="hold-0001"), INVALID, "INVALID_FIELD")
    await refused(api.place("", accept_changes=True), INVALID, "INVALID_FIELD")
    await refused(api.place(token, max_extra_cost_micros=1), INVALID, "INVALID_FIELD")
    wall_clock.now_ms += 15 * MINUTE_MS
    await refused(api.place(token), FAILED, "PLAN_TOKEN_EXPIRED")
    assert [await api.counts(node) for node in ("near", "mid", "far")] == [(0, 0)] * 3


async def test_a_request_id_stands_for_one_token(api: TokenOrders) -> None:
    cheap, fast = await api.token(order()), await api.token(order(), 1)
    await api.place(cheap, request_id="place-0001")
    await refused(api.place(fast, request_id="place-0001"), EXISTS, "REQUEST_ID_REUSED")
    await refused(api.place(cheap, request_id="place-0001", accept_changes=True), EXISTS, "REQUEST_ID_REUSED")
    await refused(api.place("", request_id="place-0001"), EXISTS, "REQUEST_ID_REUSED")


async def test_a_token_of_an_order_that_is_there_already_holds_nothing(api: TokenOrders) -> None:
    token = await api.token(order())
    await api.place(token)
    await refused(api.place(token), EXISTS, "ORDER_EXISTS")
    assert await api.counts("near") == (0, 1)


async def test_an_exchange_is_given_as_it_was_quoted(api: TokenOrders) -> None:
    await api.place(await api.token(order()))
    for method, more in (("AcceptShipment", {}), ("RecordPick", {}), ("Ship", {}), ("RecordDelivery", {})):
        request = getattr(os, f"{method}Request")(request_id=api.new_id(), order_id="o-1", shipment_number=1, **more)
        await getattr(api.orders, method)(request)

    async def exchange(token: str) -> os.ExchangeOrderResponse:
        new = {"order_id": "o-2", "sourcing": order(), "plan_token": token}
        lines = [{"line": 0, "quantity": 1}]
        return await api.orders.ExchangeOrder(
            os.ExchangeOrderRequest(request_id=api.new_id(), order_id="o-1", lines=lines, order=new)
        )

    token = await api.token(order(), 1)
    await api.stock("cup", "far", 0)
    told = await exchange(token)
    assert (told.outcome, told.plan_token_result.outcome, told.HasField("exchanged_order")) == (
        PLAN_CHANGED, CHANGED, False,
    )  # fmt: skip
    assert not (await api.get()).returns, "nothing comes back for nothing"
    given = await exchange(told.plan_token_result.plan_token)
    assert (given.outcome, given.plan_token_result.outcome) == (PLACED, HONOURED)
    assert (given.order.exchange_of_order_id, len(given.exchanged_order.returns)) == ("o-1", 1)


DEATHS = pytest.mark.parametrize(
    ("at", "after"), [(at, after) for at in range(1, CALLS_MAX + 1) for after in (False, True)]
)


@DEATHS
@pytest.mark.parametrize("token_is_over", [False, True])
async def test_a_retry_finishes_what_a_dead_worker_began(
    api: TokenOrders, at: int, after: bool, token_is_over: bool, wall_clock: WallClock
) -> None:
    token = await api.token(order())
    with dying(api, at, after=after), suppress(grpc.aio.AioRpcError):  # type: ignore[arg-type]
        await api.place(token, request_id="place-0001")
    was_held = at > 1 or after
    await api.audited()
    if token_is_over:
        wall_clock.now_ms += 16 * MINUTE_MS
    if token_is_over and not was_held:
        await refused(api.place(token, request_id="place-0001"), FAILED, "PLAN_TOKEN_EXPIRED")
        return
    placed = await api.place(token, request_id="place-0001")
    assert (placed.outcome, states(placed.order)) == (PLACED, ["OFFERED"])
    assert placed.plan_token_result.outcome == HONOURED
    assert await api.counts("near") == (0, 1)


@DEATHS
async def test_without_a_retry_time_undoes_it(api: TokenOrders, at: int, after: bool, clock: Clock) -> None:
    token = await api.token(order())
    with dying(api, at, after=after), suppress(grpc.aio.AioRpcError):  # type: ignore[arg-type]
        await api.place(token, request_id="place-0001")
    clock.now_ms = time.time_ns() // 1_000_000 + HOUR_MS
    await api.parts.store.sweep()
    assert await api.counts("near") in ((0, 0), (0, 1))
