"""A plain order of lines is placed in one change of the store, and everybody sees what two would have made."""

from __future__ import annotations

from typing import Any

import grpc
import msgpack
import pytest
from api_kit import refused
from orders_kit import TO_SAO_PAULO, OrdersApi, kinds, states
from serving import Serving

from promessa.v1 import network_pb2 as np
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs

EXISTS = grpc.StatusCode.ALREADY_EXISTS


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    made = OrdersApi(serving)
    await made.shop()
    return made


@pytest.fixture
def calls(api: OrdersApi, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The operations that are sent to the store, by name."""
    sent: list[bytes] = []
    submit = api.parts.commit.submit

    def counted(operation: Any, *, weight: int = 1) -> Any:
        first = operation[0] if isinstance(operation, tuple) else next(iter(unpacker_of(operation)))
        sent.append(first)
        return submit(operation, weight=weight)

    monkeypatch.setattr(api.parts.commit, "submit", counted)
    return sent


def unpacker_of(packed: bytes) -> msgpack.Unpacker:
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(packed)
    return unpacker


async def held_for(api: OrdersApi, reservation_id: str) -> rv.Reservation:
    request = rs.GetReservationRequest(reservation_id=reservation_id)
    return (await api.reservation.GetReservation(request)).reservation


async def test_a_plain_order_is_one_change(api: OrdersApi, calls: list[bytes]) -> None:
    placed = await api.place(units=12, request_id="place-0001", actor="shop")
    assert calls == [b"place"]
    assert placed.outcome == os.PLACE_ORDER_OUTCOME_PLACED and placed.token and not placed.replayed
    assert await api.get() == placed.order
    held = await held_for(api, placed.order.shipments[0].reservation_id)
    assert (held.state, held.order_id) == (rv.RESERVATION_STATE_CONFIRMED, "o-1")
    assert (await api.counts("a"), await api.counts("b")) == ((10, 0, 0, 10), (10, 0, 0, 2))
    await api.check_books()


async def test_a_sku_that_is_gone_once_it_was_decided_on_leaves_the_hold_alone(
    api: OrdersApi, calls: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    holding, known = api.parts.orders.sourcing.holding, api.parts.keeper.catalogue.skus.index_of
    hold = holding.hold

    def hold_of_what_is_gone(*args: Any) -> Any:
        sku_ix = known.pop("cup")
        try:
            return hold(*args)
        finally:
            known["cup"] = sku_ix

    monkeypatch.setattr(holding, "hold", hold_of_what_is_gone)
    placed = await api.place()
    assert calls == [b"reserve", b"order_step"]
    assert placed.outcome == os.PLACE_ORDER_OUTCOME_PLACED
    await api.check_books()


async def test_a_retry_is_given_the_same_answer(api: OrdersApi) -> None:
    first = await api.place(request_id="place-0001")
    again = await api.place(request_id="place-0001")
    assert again.replayed
    again.replayed = False
    assert again.order == first.order and again.outcome == first.outcome
    assert sum([(await api.counts(node))[3] for node in "ab"]) == 2
    await refused(api.place(request_id="place-0001", units=3), EXISTS, "REQUEST_ID_REUSED", request_id="place-0001")
    await refused(api.place(request_id="place-0002"), EXISTS, "ORDER_EXISTS", order_id="o-1")
    assert [(await api.counts(node))[2] for node in "ab"] == [0, 0], "nothing is held for an order that is there"
    assert kinds(await api.get()) == ["PLACE"]
    await api.check_books()


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"units": 25, "allow_partial": True}, os.PLACE_ORDER_OUTCOME_PLACED_IN_PART),
        ({"offer_count": 2}, os.PLACE_ORDER_OUTCOME_PLACED),
        (
            {"sourcing": {"lines": [{"sku": "cup", "quantity": 2, "together": "x"}], **TO_SAO_PAULO}},
            os.PLACE_ORDER_OUTCOME_PLACED,
        ),
    ],
    ids=["in part", "offered to several", "with ways"],
)
async def test_what_does_not_follow_from_the_plan_alone_is_held_first(
    api: OrdersApi, calls: list[bytes], fields: dict[str, Any], outcome: Any
) -> None:
    placed = await api.place(**fields)
    assert [x for x in calls if x in (b"place", b"reserve", b"order_step")] == [b"reserve", b"order_step"]
    assert placed.outcome == outcome
    assert await api.get() == placed.order
    await api.check_books()


async def test_where_a_node_says_on_which_day_it_works_the_order_comes_second(
    api: OrdersApi, calls: list[bytes]
) -> None:
    for node_id in "ab":
        capacity = {"limit_quantity": 50, "unit": np.CAPACITY_UNIT_ORDERS, "on_full": np.CAPACITY_ON_FULL_NEXT_DAY}
        ask = nw.SetNodeCapacityRequest(request_id=api.new_id(), node_id=node_id, capacity=capacity)
        await api.network.SetNodeCapacity(ask)
    calls.clear()
    placed = await api.place()
    assert calls == [b"place", b"order_step"]
    assert states(placed.order) == ["OFFERED"]
    assert await api.get() == placed.order
    await api.check_books()
