"""A request sent again gets its first answer, even where what it names is gone, in use or forbidden by now."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused, stock_delta

from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

LINE = {"sku": "cup", "node_id": "a", "quantity": 1}


@pytest.fixture
def api(serving: Any) -> Api:
    return Api(serving.channel)


async def delete_cup(api: Api) -> None:
    """The sku goes: nothing of it is left at any node."""
    for node_id in "ab":
        await api.count(node_id, 0)
    await api.network.DeleteSku(nw.DeleteSkuRequest(request_id=api.new_id(), sku="cup"))


async def test_reservations_are_answered_again_when_the_sku_is_gone(api: Api) -> None:
    await api.shop(units=5)
    reserve = rs.ReserveRequest(request_id="hold-0001", lines=[LINE])
    first = await api.reservation.Reserve(reserve)
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id="hold-0001"))
    fulfill = rs.FulfillRequest(request_id="pick-0001", reservation_id="hold-0001", lines=[LINE])
    picked = await api.reservation.Fulfill(fulfill)
    await delete_cup(api)

    again = await api.reservation.Reserve(reserve)
    assert (again.replayed, again.reservation) == (True, first.reservation)
    repicked = await api.reservation.Fulfill(fulfill)
    assert (repicked.replayed, repicked.reservation) == (True, picked.reservation)
    never = rs.ReserveRequest(request_id="hold-0002", lines=[LINE])
    await refused(api.reservation.Reserve(never), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")
    other = rs.ReserveRequest(request_id="hold-0001", lines=[{**LINE, "quantity": 2}])
    await refused(api.reservation.Reserve(other), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="lines")


async def test_a_sourced_order_is_answered_again_when_its_lane_is_gone(api: Api) -> None:
    await api.shop(units=5)
    order = {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "01310100"}}
    request = so.SourceAndReserveRequest(request_id="order-0001", order=order)
    first = await api.sourcing.SourceAndReserve(request)
    for node_id in "ab":
        await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id=f"lane-{node_id}"))

    again = await api.sourcing.SourceAndReserve(request)
    assert (again.replayed, again.plan, again.reservation) == (True, first.plan, first.reservation)
    never = so.SourceAndReserveRequest(request_id="order-0002", order=order)
    await refused(api.sourcing.SourceAndReserve(never), grpc.StatusCode.FAILED_PRECONDITION, "DESTINATION_NOT_SERVED")


async def test_changes_of_one_cell_are_answered_again_when_the_sku_is_gone(api: Api) -> None:
    await api.shop(units=5)
    calls = [
        (api.inventory.AdjustStock, iv.AdjustStockRequest(request_id="adjust-1", delta=stock_delta(2))),
        (
            api.inventory.SetOnHand,
            iv.SetOnHandRequest(request_id="count-01", count={"sku": "cup", "node_id": "a", "on_hand_quantity": 3}),
        ),
        (
            api.inventory.SetSafetyStock,
            iv.SetSafetyStockRequest(request_id="safety-1", sku="cup", node_id="a", safety_stock_quantity=1),
        ),
    ]
    firsts = [await call(request) for call, request in calls]
    await delete_cup(api)

    for (call, request), first in zip(calls, firsts, strict=True):
        again = await call(request)
        assert (again.replayed, again.cell) == (True, first.cell)
        request.request_id = f"{request.request_id}-new"
        await refused(call(request), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")


async def test_a_snapshot_cut_otherwise_brings_nothing_back(api: Api) -> None:
    await api.shop(units=1)
    counts = [{"sku": "cup", "node_id": node_id, "on_hand_quantity": 10} for node_id in "ab"]
    two = [iv.ImportSnapshotRequest(request_id="snapshot-1", counts=[count]) for count in counts]
    assert (await api.inventory.ImportSnapshot(iter(two))).applied_count == 2
    await api.inventory.AdjustStock(iv.AdjustStockRequest(request_id=api.new_id(), delta=stock_delta(-4)))
    one = iv.ImportSnapshotRequest(request_id="snapshot-1", counts=counts)
    again = await api.inventory.ImportSnapshot(iter([one]))
    assert (again.applied_count, again.stale_count, again.unchanged_count) == (0, 1, 1)
    other = iv.ImportSnapshotRequest(request_id="snapshot-1", counts=counts, as_of={"seconds": 5})
    reused = api.inventory.ImportSnapshot(iter([other]))
    await refused(reused, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="as_of")
    mixed = [two[0], iv.ImportSnapshotRequest(request_id="snapshot-2", counts=counts)]
    await refused(
        api.inventory.ImportSnapshot(iter(mixed)), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="request_id"
    )


async def test_a_delete_is_answered_again_when_the_resource_is_back_and_in_use(api: Api) -> None:
    await api.shop(units=5)
    for node_id in "ab":
        await api.network.DeleteLane(nw.DeleteLaneRequest(request_id=api.new_id(), lane_id=f"lane-{node_id}"))
    delete = nw.DeleteRateCardRequest(request_id="delete-1", rate_card_id="card")
    assert not (await api.network.DeleteRateCard(delete)).replayed
    await api.shop(units=5)

    assert (await api.network.DeleteRateCard(delete)).replayed
    delete.request_id = "delete-2"
    await refused(api.network.DeleteRateCard(delete), grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")


async def test_a_put_is_answered_again_when_its_currency_is_another_by_now(api: Api) -> None:
    card = {"rate_card_id": "first", "brackets": [{"max_weight_grams": 9, "price_micros": 7}]}
    put = nw.PutRateCardRequest(request_id="put-0001", rate_card={**card, "currency_code": "BRL"})
    await api.network.PutRateCard(put)
    await api.network.DeleteRateCard(nw.DeleteRateCardRequest(request_id=api.new_id(), rate_card_id="first"))
    other = {**card, "rate_card_id": "other", "currency_code": "USD"}
    await api.network.PutRateCard(nw.PutRateCardRequest(request_id=api.new_id(), rate_card=other))

    assert (await api.network.PutRateCard(put)).replayed
    put.request_id = "put-0002"
    await refused(api.network.PutRateCard(put), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lines", [{"sku": "cup", "node_id": "a", "quantity": 2}]),
        ("mode", rs.RESERVE_MODE_PARTIAL),
        ("ttl", {"seconds": 77}),
        ("owner_id", "ann"),
        ("order_id", "o-1"),
        ("hold_rule_id", "pix"),
        ("channel", "web"),
        ("fulfillment_method", "pickup"),
        ("latest_date", "2999-01-01"),
        ("allow_backorder", True),
    ],
)
async def test_another_payload_under_the_same_id_is_refused_with_its_field(api: Api, field: str, value: Any) -> None:
    """Whichever of the two came first."""
    await api.shop(units=9)
    for rule in ("pix", "card"):
        named = {"hold_rule_id": rule, "ttl_seconds": 60}
        await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=named))
    plain, other = {"lines": [LINE]}, {"lines": [LINE], field: value}
    for one, two in ((plain, other), (other, plain)):
        request_id = api.new_id()
        await api.reserve(request_id=request_id, **one)
        again = api.reserve(request_id=request_id, **two)
        await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field=field)
    rules = [{"lines": [LINE], "hold_rule_id": rule} for rule in ("pix", "card")]
    request_id = api.new_id()
    await api.reserve(request_id=request_id, **rules[0])
    again = api.reserve(request_id=request_id, **rules[1])
    await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="hold_rule_id")
