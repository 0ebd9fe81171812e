"""Nobody is refused while there is stock: not by lost races, not by a hold that is over, not by a replica that is behind."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of
from serving import Serving

from promessa.service import group_reservations, sourcing
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

ORDERS = 24


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


def order(api: Api, units: int = 1, request_id: str = "") -> Any:
    wanted = {"lines": [{"sku": "cup", "quantity": units}], "destination": {"postal_code": "01310100"}}
    return so.SourceAndReserveRequest(request_id=request_id or api.new_id(), order=wanted)


async def many_nodes(api: Api) -> None:
    """As many nodes as orders, with one cup each; all in the group `all`."""
    await api.shop(units=1)
    names = ["a", "b", *[f"n{i:02d}" for i in range(ORDERS - 2)]]
    for name in names[2:]:
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": name}))
        lane = {"lane_id": f"lane-{name}", "node_id": name, "country_code": "BR", "rate_card_id": "card"}
        await api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane=lane))
        await api.count(name, 1)
    group = {"node_group_id": "all", "node_ids": names}
    await api.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=api.new_id(), node_group=group))


async def test_as_many_orders_as_units_are_all_served(api: Api) -> None:
    await many_nodes(api)
    asks = [order(api) for _ in range(ORDERS + 1)]
    answers = await asyncio.gather(*[api.sourcing.SourceAndReserve(ask) for ask in asks])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(rv.RESERVE_OUTCOME_RESERVED) == ORDERS
    (refused,) = [answer for answer in answers if answer.outcome == rv.RESERVE_OUTCOME_REFUSED]
    assert refused.shortfalls[0].reason == rv.SHORTFALL_REASON_NOT_SERVED


@pytest.mark.parametrize("module", [sourcing, group_reservations])
async def test_who_loses_too_many_races_is_told_to_come_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    monkeypatch.setattr(module, "SOURCING_ATTEMPTS_MAX", 1)
    await many_nodes(api)
    line = {"sku": "cup", "node_group_id": "all", "quantity": 1}
    by_group = module is group_reservations
    asks = [
        api.reserve(lines=[line], request_id=f"race-{i:04d}")
        if by_group
        else api.sourcing.SourceAndReserve(order(api, request_id=f"race-{i:04d}"))
        for i in range(ORDERS)
    ]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    lost = [i for i, answer in enumerate(answers) if isinstance(answer, Exception)]
    assert lost
    for i in lost[1:]:
        assert error_of(answers[i])[0] == "STOCK_CONTENDED"  # type: ignore[arg-type]
    monkeypatch.undo()
    again = order(api, request_id=f"race-{lost[0]:04d}")
    late = await (
        api.reserve(lines=[line], request_id=f"race-{lost[0]:04d}")
        if by_group
        else api.sourcing.SourceAndReserve(again)
    )
    assert (late.outcome, late.replayed) == (rv.RESERVE_OUTCOME_RESERVED, False), "nothing was kept of it"


async def test_as_many_group_reservations_as_units_are_all_served(api: Api) -> None:
    await many_nodes(api)
    line = {"sku": "cup", "node_group_id": "all", "quantity": 1}
    answers = await asyncio.gather(*[api.reserve(lines=[line]) for _ in range(ORDERS + 1)])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(rv.RESERVE_OUTCOME_RESERVED) == ORDERS
    (refused,) = [answer for answer in answers if answer.outcome == rv.RESERVE_OUTCOME_REFUSED]
    assert refused.shortfalls[0].available_quantity == 0


async def test_a_hold_that_is_over_stands_in_nobodys_way(api: Api) -> None:
    await api.shop(units=5)
    for _ in range(5):
        held = [
            await api.reserve(lines=[{"sku": "cup", "node_id": n, "quantity": 5}], ttl={"seconds": 1}) for n in "ab"
        ]
        assert all(each.outcome == rv.RESERVE_OUTCOME_RESERVED for each in held)
        await until_nothing_is_held(api)
        answer = await api.sourcing.SourceAndReserve(order(api, 5))
        assert answer.outcome == rv.RESERVE_OUTCOME_RESERVED
        release = rs.ReleaseRequest(request_id=api.new_id(), reservation_id=answer.reservation.reservation_id)
        await api.reservation.Release(release)


async def until_nothing_is_held(api: Api) -> None:
    """Until the store's clock says so; reading returns no hold to stock."""
    while True:
        found = await api.reservation.ListReservations(rs.ListReservationsRequest(states=[rv.RESERVATION_STATE_HELD]))
        if not found.reservations:
            return


async def test_an_order_right_after_its_stock_came_is_served(api: Api) -> None:
    await api.shop(units=0)
    for _ in range(20):
        await api.count("a", 1)
        answer = await api.sourcing.SourceAndReserve(order(api))
        assert answer.outcome == rv.RESERVE_OUTCOME_RESERVED
        await api.reservation.Confirm(
            rs.ConfirmRequest(request_id=api.new_id(), reservation_id=answer.reservation.reservation_id)
        )
        await api.reservation.Fulfill(
            rs.FulfillRequest(request_id=api.new_id(), reservation_id=answer.reservation.reservation_id)
        )


async def test_a_replica_that_stands_still_refuses_nobody(api: Api, serving: Serving) -> None:
    await api.shop(units=0)
    serving.stop_following()
    await api.count("a", 1)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await api.sourcing.SourceAndReserve(order(api, request_id="order-0001"))
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
