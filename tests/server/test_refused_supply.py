"""Resource of units that wait for supply: they go back to what is to come there, and other nodes serve them from stock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_kit import refused
from serving import Serving, WallClock
from test_fulfillment_kinds_api import KindsApi, line
from test_resource_api import FAILED, IN_PART, NOT_FOUND, NOT_RESOURCED, RESOURCED
from test_supply_api import NOON_MS

from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

LEFT = {"cooldown": {"seconds": 0}}
"""The node is not left alone."""
WAITING = {"allow_future_supply": True, "constraints": {"keep_lines_whole": True}}


class RefusedApi(KindsApi):
    async def refuse(self, node_id: str = "a", request_id: str = "", **more: Any) -> so.ResourceResponse:
        fields = {"reservation_id": "order-0001", "node_id": node_id, "reason": NOT_FOUND, **more}
        request_id = request_id or f"refusal-{self.new_id()}"
        return await self.sourcing.Resource(so.ResourceRequest(request_id=request_id, **fields))

    async def lines(self) -> dict[tuple[str, str], int]:
        """Open units by node and the inbound that they are bound to."""
        request = rs.GetReservationRequest(reservation_id="order-0001")
        found = (await self.reservation.GetReservation(request)).reservation
        return {(each.node_id, each.inbound_id): each.open_quantity for each in found.lines if each.open_quantity}


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[RefusedApi]:
    """Nodes a and b with 10 cups each; 10 more come to a after five days, and order-0001 waits for five of them there."""
    wall_clock.now_ms = NOON_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = RefusedApi(serving, wall_clock)
    await made.shop()
    await made.expect(days=5, quantity=10)
    first = await made.hold(line(quantity=15), request_id="order-0001", **WAITING)
    assert [ship.supply_date for ship in first.plan.shipments] == [made.day(5)]
    assert await made.lines() == {("a", ""): 10, ("a", "po-1"): 5}
    yield made
    await made.audited()
    following.cancel()


async def next_waits(api: RefusedApi, units: int) -> bool:
    """Whether so many cups can be waited for at a, and no more."""
    more = {"allow_future_supply": True, "constraints": {"excluded_node_ids": ["b"], "keep_lines_whole": True}}
    enough = (await api.source(line(quantity=units), **more)).plan.shipments
    return bool(enough) and not (await api.source(line(quantity=units + 1), **more)).plan.shipments


async def test_units_that_wait_are_refused_with_those_in_stock_and_others_serve_them_all(api: RefusedApi) -> None:
    await api.stock("cup", "b", 20)
    answer = await api.refuse(request_id="refusal-0001", **LEFT)
    assert answer.outcome == RESOURCED and not answer.shortfalls
    assert [(ship.node_id, ship.supply_date) for ship in answer.plan.shipments] == [("b", "")]
    assert await api.lines() == {("b", ""): 15}
    assert await next_waits(api, 20), "all that is to come can be promised again"
    found = await api.sourcing.ExplainDecision(so.ExplainDecisionRequest(decision_id="refusal-0001"))
    assert found.is_identical and found.plan == answer.plan and found.previous_decision_id == "order-0001"
    again = await api.refuse(request_id="refusal-0001", **LEFT)
    assert again.replayed and (again.plan, again.reservation) == (answer.plan, answer.reservation)
    await api.receive(10)
    assert await api.lines() == {("b", ""): 15}, "what came is not theirs any more"


async def test_of_what_is_named_units_in_stock_are_refused_first(api: RefusedApi) -> None:
    await api.stock("cup", "b", 20)
    answer = await api.refuse(lines=[{"sku": "cup", "quantity": 12}])
    assert answer.outcome == RESOURCED
    assert await api.lines() == {("a", "po-1"): 3, ("b", ""): 12}
    await api.refuse(lines=[{"sku": "cup", "quantity": 3}])
    assert await api.lines() == {("b", ""): 15}
    await refused(api.refuse(), FAILED, "NOTHING_AT_NODE", node_id="a")


async def test_what_nobody_serves_stays_or_goes_back_to_what_is_to_come(api: RefusedApi) -> None:
    before = await api.lines()
    stays = await api.refuse(**LEFT)
    assert stays.outcome == NOT_RESOURCED and await api.lines() == before
    assert (stays.shortfalls[0].requested_quantity, stays.shortfalls[0].available_quantity) == (15, 0)
    answer = await api.refuse(request_id="refusal-0002", release_unserved=True, **LEFT)
    assert answer.outcome == NOT_RESOURCED
    assert answer.reservation.state == rv.RESERVATION_STATE_RELEASED
    assert await next_waits(api, 20)


async def test_what_moves_in_part_leaves_the_rest_bound_or_gives_it_back(api: RefusedApi) -> None:
    await api.reservation.Release(rs.ReleaseRequest(request_id="release-0001", reservation_id="order-0001"))
    for number, release_unserved in enumerate((False, True)):
        await api.stock("cup", "b", 0)
        order = api.order(line(quantity=15), allow_future_supply=True)
        held = so.SourceAndReserveRequest(request_id=f"order-100{number}", order=order)
        assert (await api.sourcing.SourceAndReserve(held)).outcome == rv.RESERVE_OUTCOME_RESERVED
        await api.stock("cup", "b", 12)
        answer = await api.refuse(
            reservation_id=held.request_id, allow_partial=True, release_unserved=release_unserved, **LEFT
        )
        assert (answer.outcome, answer.shortfalls[0].available_quantity) == (IN_PART, 12)
        kept = {(each.node_id, each.inbound_id): each.open_quantity for each in answer.reservation.lines}
        assert {place: units for place, units in kept.items() if units} == (
            {("b", ""): 12} if release_unserved else {("b", ""): 12, ("a", "po-1"): 3}
        )
        await api.reservation.Release(
            rs.ReleaseRequest(request_id=f"release-100{number}", reservation_id=held.request_id)
        )
    assert await next_waits(api, 20)


async def test_a_node_that_refused_is_left_alone_by_orders_that_may_wait(api: RefusedApi) -> None:
    await api.stock("cup", "b", 20)
    await api.refuse()
    elsewhere = {"allow_future_supply": True, "constraints": {"excluded_node_ids": ["b"]}}
    assert not (await api.source(line(quantity=1), **elsewhere)).plan.shipments
    api.clock.now_ms += 3600 * 1000
    assert (await api.source(line(quantity=20), **elsewhere)).plan.shipments[0].supply_date


async def test_a_confirmed_reservation_stays_confirmed_and_fulfils_what_moved(api: RefusedApi) -> None:
    await api.stock("cup", "b", 20)
    await api.reservation.Confirm(rs.ConfirmRequest(request_id="confirm-0001", reservation_id="order-0001"))
    answer = await api.refuse(lines=[{"sku": "cup", "quantity": 15}], **LEFT)
    assert (answer.outcome, answer.reservation.state) == (RESOURCED, rv.RESERVATION_STATE_CONFIRMED)
    assert await next_waits(api, 20)
    await api.reservation.Fulfill(rs.FulfillRequest(request_id="fulfil-0001", reservation_id="order-0001"))
    assert await api.lines() == {}


async def test_units_whose_supply_has_come_are_refused_by_the_shipment_that_waited_for_it(api: RefusedApi) -> None:
    await api.receive(10)
    await api.stock("cup", "b", 20)
    answer = await api.refuse(lines=[{"sku": "cup", "quantity": 4}])
    assert answer.outcome == RESOURCED and await api.lines() == {("a", ""): 11, ("b", ""): 4}
    answer = await api.refuse()
    assert answer.outcome == RESOURCED and await api.lines() == {("b", ""): 15}
