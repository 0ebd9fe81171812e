"""Confirming in part and late, moving to other nodes, and who holds what, over a real channel."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Clock, Serving

from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs

START_MS, PAST_MS = 1_900_000_000_000, 1_600_000_000_000
LINE = {"sku": "cup", "node_id": "a", "quantity": 2}


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


def move(units: int, here: str = "a", there: str = "b") -> dict[str, Any]:
    return {"sku": "cup", "from_node_id": here, "to_node_id": there, "quantity": units}


def transfer(api: Api, reservation_id: str, *moves: dict[str, Any], **fields: Any) -> Any:
    fields.setdefault("request_id", api.new_id())
    return api.reservation.Transfer(rs.TransferRequest(reservation_id=reservation_id, moves=moves, **fields))


def confirm(api: Api, reservation_id: str, **fields: Any) -> Any:
    return api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=reservation_id, **fields))


async def test_a_confirmation_of_some_lines_gives_the_rest_back(api: Api) -> None:
    await api.shop(units=5)
    await api.reserve(request_id="hold-0001", lines=[LINE, {**LINE, "node_id": "b", "quantity": 3}])
    firm = await confirm(api, "hold-0001", lines=[{**LINE, "quantity": 1}])
    assert firm.reservation.state == rv.RESERVATION_STATE_CONFIRMED
    assert [line.open_quantity for line in firm.reservation.lines] == [1, 0]
    assert (await api.reserve(4)).outcome == rv.RESERVE_OUTCOME_RESERVED
    assert (await api.reserve(1)).outcome == rv.RESERVE_OUTCOME_REFUSED


async def test_a_late_confirmation_takes_the_units_once_more_or_says_no(api: Api, clock: Clock) -> None:
    clock.now_ms = START_MS
    await api.shop(units=5)
    await api.reserve(3, request_id="hold-0001", ttl={"seconds": 10})
    clock.now_ms += 10_000
    await refused(confirm(api, "hold-0001"), grpc.StatusCode.FAILED_PRECONDITION, "RESERVATION_EXPIRED")
    await api.reserve(3, request_id="hold-0002", ttl={"seconds": 10})
    late = confirm(api, "hold-0001", reacquire=True)
    await refused(late, grpc.StatusCode.FAILED_PRECONDITION, "RESERVATION_EXPIRED")
    found = await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id="hold-0001"))
    assert (found.reservation.state, found.reservation.lines[0].open_quantity) == (rv.RESERVATION_STATE_EXPIRED, 0)
    clock.now_ms += 10_000
    firm = await confirm(api, "hold-0001", reacquire=True)
    assert (firm.reservation.state, firm.reservation.lines[0].open_quantity) == (rv.RESERVATION_STATE_CONFIRMED, 3)


async def test_units_move_to_another_node_all_or_none(api: Api) -> None:
    await api.shop(units=2)
    held = await api.reserve(2, request_id="hold-0001")
    moved = await transfer(api, "hold-0001", move(1), request_id="move-0001")
    assert moved.outcome == rs.TRANSFER_OUTCOME_TRANSFERRED
    assert [(x.node_id, x.quantity, x.open_quantity) for x in moved.reservation.lines] == [("a", 1, 1), ("b", 1, 1)]
    again = await transfer(api, "hold-0001", move(1), request_id="move-0001")
    assert (again.replayed, again.reservation) == (True, moved.reservation)
    assert (await api.reserve(1)).outcome == rv.RESERVE_OUTCOME_RESERVED, "what left the node is free there"
    await api.count("b", 1)
    short = await transfer(api, "hold-0001", move(1), request_id="move-0002")
    assert short.outcome == rs.TRANSFER_OUTCOME_REFUSED
    assert [(x.node_id, x.requested_quantity, x.available_quantity) for x in short.shortfalls] == [("b", 1, 0)]
    again = await transfer(api, "hold-0001", move(1), request_id="move-0002")
    assert (again.replayed, again.shortfalls) == (True, short.shortfalls)
    first = await api.reserve(2, request_id="hold-0001")
    assert (first.replayed, first.reservation) == (True, held.reservation)


async def test_a_bad_transfer_says_what_is_wrong(api: Api) -> None:
    await api.shop(units=2)
    await api.reserve(2, request_id="hold-0001")
    invalid, failed = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
    same = transfer(api, "hold-0001", move(1, "a", "a"))
    await refused(same, invalid, "INVALID_FIELD", field="moves[0].to_node_id")
    await refused(transfer(api, "hold-0001"), invalid, "INVALID_FIELD", field="moves")
    much = transfer(api, "hold-0001", move(1), move(2))
    await refused(much, failed, "QUANTITY_EXCEEDS_RESERVATION", node_id="a", open_quantity="2")
    await refused(transfer(api, "hold-0001", move(1, "a", "z")), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND")
    await refused(transfer(api, "hold-0009", move(1)), grpc.StatusCode.NOT_FOUND, "RESERVATION_NOT_FOUND")
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    await refused(transfer(api, "hold-0001", move(1)), failed, "WRONG_STATE", state="RELEASED")


async def test_who_holds_what_is_listed_by_sku_node_owner_order_and_age(api: Api, clock: Clock) -> None:
    clock.now_ms = PAST_MS
    await api.shop(units=9)
    await api.reserve(1, request_id="hold-0001", owner_id="ann")
    clock.now_ms += 60_000
    await api.reserve(request_id="hold-0002", lines=[{**LINE, "node_id": "b"}], owner_id="bob", order_id="o-1")

    async def listed(**filters: Any) -> list[str]:
        page = await api.reservation.ListReservations(rs.ListReservationsRequest(**filters))
        return sorted(found.reservation_id for found in page.reservations)

    assert await listed(sku="cup") == ["hold-0001", "hold-0002"]
    assert await listed(sku="cup", node_id="b") == ["hold-0002"]
    assert await listed(owner_id="ann") == ["hold-0001"]
    assert await listed(order_id="o-1") == ["hold-0002"]
    assert await listed(min_age={"seconds": 1}) == ["hold-0001"]
    assert await listed(min_age={"seconds": 61}) == []
    clock.now_ms += 1_000
    assert await listed(min_age={"seconds": 1}) == ["hold-0001", "hold-0002"]
    await refused(listed(sku="nix"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")
