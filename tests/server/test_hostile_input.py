"""What a hostile or mistaken client sends is refused with the field named, and never read as something else."""

from __future__ import annotations

import time
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from google.rpc import error_details_pb2, status_pb2
from serving import Serving, start_serving

from promessa.server.paging import page_token
from promessa.server.status import FIELD_VIOLATIONS_MAX
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


def count(api: Api, units: int, **fields: Any) -> Any:
    what = {"sku": "cup", "node_id": "a", "on_hand_quantity": units}
    return api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=what, **fields))


async def test_an_expectation_below_zero_is_no_expectation_that_always_holds(api: Api) -> None:
    await api.shop(units=5)
    for field in ("expected_on_hand_quantity", "expected_version"):
        await refused(count(api, 77, **{field: -1}), INVALID, "INVALID_FIELD", field=field)


async def test_a_count_of_the_future_does_not_block_the_cell(api: Api) -> None:
    await api.shop(units=5)
    ahead = int(time.time()) + 3_600
    for seconds in (ahead, 2**62, -5):
        await refused(count(api, 10, as_of={"seconds": seconds}), INVALID, "INVALID_FIELD", field="as_of")
        what = [{"sku": "cup", "node_id": "a", "on_hand_quantity": 10}]
        snapshot = iv.ImportSnapshotRequest(as_of={"seconds": seconds}, counts=what)
        await refused(api.inventory.ImportSnapshot(iter([snapshot])), INVALID, "INVALID_FIELD", field="as_of")
    assert (await count(api, 3)).cell.on_hand_quantity == 3


@pytest.mark.parametrize("token", ["0.-5.", "0.99999999999999999999999999.", "-3.0.", "99.0.", "0.0.é", "x", "0.0.q:x"])
async def test_a_made_up_page_token_is_refused(api: Api, token: str) -> None:
    listing = api.reservation.ListReservations(rs.ListReservationsRequest(page_token=token))
    await refused(listing, INVALID, "INVALID_PAGE_TOKEN")
    sealed = page_token(rs.ListReservationsRequest(), token)  # even if its seal were right
    listing = api.reservation.ListReservations(rs.ListReservationsRequest(page_token=sealed))
    await refused(listing, INVALID, "INVALID_PAGE_TOKEN")


async def test_a_page_token_goes_on_with_its_own_listing_alone(api: Api) -> None:
    await api.shop()
    for _ in range(3):
        await api.reserve(1, owner_id="me")
    first = await api.reservation.ListReservations(rs.ListReservationsRequest(page_size=1, owner_id="me"))
    token = first.next_page_token
    assert token
    for other in ({}, {"owner_id": "you"}, {"owner_id": "me", "sku": "cup"}):
        listing = api.reservation.ListReservations(rs.ListReservationsRequest(page_token=token, **other))
        await refused(listing, INVALID, "INVALID_PAGE_TOKEN")
    await refused(api.network.ListNodes(nw.ListNodesRequest(page_token=token)), INVALID, "INVALID_PAGE_TOKEN")
    rest = rs.ListReservationsRequest(page_size=2, owner_id="me", page_token=token)  # a page may have another size
    assert len((await api.reservation.ListReservations(rest)).reservations) == 2


async def test_an_audit_goes_on_from_the_token_of_another_and_from_no_other(api: Api) -> None:
    await api.shop()
    first = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert (first.ok, first.cell_count) == (True, 2)
    await api.count("a", 7)
    changed = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest(since_token=first.token))
    assert (changed.ok, changed.cell_count) == (True, 1)
    epoch, _, rest = first.token.partition(".")
    another = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest(since_token=f"{int(epoch) + 1}.{rest}"))
    assert another.cell_count == 2  # of another epoch nothing is known to be checked
    for token in ("x", f"{epoch}.", f"{epoch}.0-1", first.token + ",9-9", first.token.replace("0-", "00-", 1)):
        refusal = api.inventory.CheckInvariants(iv.CheckInvariantsRequest(since_token=token))
        await refused(refusal, INVALID, "INVALID_TOKEN")


def order(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    wanted = [{"sku": sku, "quantity": units} for sku, units in lines]
    return {"lines": wanted, "destination": {"postal_code": "01310100"}, **more}


async def test_a_large_order_is_decided_and_one_beyond_counting_says_so(api: Api) -> None:
    await api.shop(units=1_000_000)
    doubled = so.SourceRequest(order=order(("cup", 1_000_000), ("cup", 1)))
    await refused(api.sourcing.Source(doubled), INVALID, "INVALID_FIELD", field="order.lines")
    for i in range(16):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": f"s{i}", "weight_grams": 5_000}))
    large = order(*[(f"s{i}", 1_000_000) for i in range(16)])
    assert len((await api.sourcing.Source(so.SourceRequest(order=large))).plan.unserved_lines) == 16
    card = {
        "rate_card_id": "mad",
        "currency_code": "BRL",
        "brackets": [{"max_weight_grams": 1, "price_micros": 10**12}],
        "over_step_grams": 1,
        "over_step_price_micros": 10**12,
    }
    await api.network.PutRateCard(nw.PutRateCardRequest(request_id=api.new_id(), rate_card=card))
    small = so.SourceRequest(order=order(("cup", 1_000)))
    assert (await api.sourcing.Source(small)).plan.shipments, "a card that no lane uses is nobody's concern"
    lane = {"lane_id": "mad", "node_id": "a", "country_code": "BR", "carrier_service": "x", "rate_card_id": "mad"}
    await api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane=lane))
    await refused(api.sourcing.Source(small), INVALID, "INVALID_FIELD", field="order.lines")
    quote = so.QuoteRequest(order=small.order)
    await refused(api.sourcing.Quote(quote), INVALID, "INVALID_FIELD", field="order.lines")
    hold = so.SourceAndReserveRequest(request_id=api.new_id(), order=small.order)
    await refused(api.sourcing.SourceAndReserve(hold), INVALID, "INVALID_FIELD", field="order.lines")


async def test_however_many_fields_are_wrong_the_refusal_arrives(api: Api) -> None:
    """Clients end a call whose trailers are longer than they take, and nobody would learn what was wrong."""
    lines = [{"sku": "a b", "node_id": "x" * 65, "quantity": -1}] * 100
    request = rs.ReserveRequest(request_id=api.new_id(), lines=lines)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await api.reservation.Reserve(request)
    await refused(api.reservation.Reserve(request), INVALID, "INVALID_FIELD", field="lines[0].sku")
    assert "more fields are wrong" in (caught.value.details() or "")
    status = status_pb2.Status.FromString(dict(caught.value.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad)
    assert len(bad.field_violations) == FIELD_VIOLATIONS_MAX
    assert status.ByteSize() < 4_096


async def test_one_other_field_is_one_field(api: Api) -> None:
    line = {"sku": "a b", "node_id": "a b", "quantity": 1}
    with pytest.raises(grpc.aio.AioRpcError, match="1 more field is wrong"):
        await api.reservation.Reserve(rs.ReserveRequest(request_id=api.new_id(), lines=[line]))


async def test_control_characters_and_impossible_instants_are_refused(api: Api) -> None:
    await api.shop()
    node = nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "c", "region_code": "\x00\n"})
    await refused(api.network.PutNode(node), INVALID, "INVALID_FIELD", field="node.region_code")
    excluded = order(("cup", 1), constraints={"excluded_node_ids": ["\x07"]})
    field = "order.constraints.excluded_node_ids[0]"
    await refused(api.sourcing.Source(so.SourceRequest(order=excluded)), INVALID, "INVALID_FIELD", field=field)
    late = order(("cup", 1), constraints={"latest_delivery_time": {"seconds": 2**62}})
    field = "order.constraints.latest_delivery_time"
    await refused(api.sourcing.Source(so.SourceRequest(order=late)), INVALID, "INVALID_FIELD", field=field)


async def test_streams_that_send_nothing_take_nobodys_place(store: Any, redis: Any, store_process: Any) -> None:
    serving, (following, writer, source) = await start_serving(store, redis, store_process.url, max_in_flight=4)
    try:
        api = Api(serving.channel)
        await api.shop()
        idle = [api.reservation.ReserveStream() for _ in range(8)]
        line = {"sku": "cup", "node_id": "a", "quantity": 1}
        for i, stream in enumerate(idle):
            ask = rs.ReserveRequest(request_id=f"idle-{i:04d}", lines=[line])
            await stream.write(rs.ReserveStreamRequest(reservations=[ask]))
            assert (await stream.read()).results[0].response.reservation.lines
        assert (await api.reserve(1)).reservation.lines
        for stream in idle:
            stream.cancel()
    finally:
        await serving.channel.close()
        await serving.parts.server.stop(0)
        following.cancel()
        writer.close()
        await source.close()
