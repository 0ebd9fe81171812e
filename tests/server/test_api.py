"""Every method and every reason over a real channel to a real server on a real store."""

from __future__ import annotations

import random
import time
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of, refused, stock_delta, token_read
from redis.asyncio import Redis
from serving import Clock, Serving, StoreProcess, start_serving

from promessa.domain.limits import COMMIT_QUEUE_MAX
from promessa.server.bootstrap import SERVICES
from promessa.server.store_connection import connect, prepare
from promessa.store.store import Store
from promessa.v1 import availability_pb2 as fresh
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import error_reason_pb2
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

NOW = 1_700_000_000_000


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


# The life of a reservation ------------------------------------------------------------------------------------------------


async def test_a_reservation_lives_from_hold_to_handover(api: Api) -> None:
    await api.shop()
    held = await api.reserve(3, owner_id="cart-1", ttl={"seconds": 60})
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert held.reservation.expire_time.ToMilliseconds() - held.reservation.create_time.ToMilliseconds() == 60_000
    seen = await api.availability.GetAvailability(token_read(held.token, node_ids=["a"]))
    assert seen.available_quantity == 7
    reservation_id = held.reservation.reservation_id
    extended = await api.reservation.Extend(
        rs.ExtendRequest(request_id=api.new_id(), reservation_id=reservation_id, ttl={"seconds": 600})
    )
    assert extended.reservation.expire_time.ToMilliseconds() > held.reservation.expire_time.ToMilliseconds()
    firm = await api.reservation.Confirm(
        rs.ConfirmRequest(request_id=api.new_id(), reservation_id=reservation_id, order_id="order-1")
    )
    assert (firm.reservation.state, firm.reservation.order_id) == (rv.RESERVATION_STATE_CONFIRMED, "order-1")
    assert not firm.reservation.HasField("expire_time")
    line = {"sku": "cup", "node_id": "a", "quantity": 1}
    part = await api.reservation.Release(
        rs.ReleaseRequest(request_id=api.new_id(), reservation_id=reservation_id, lines=[line])
    )
    assert part.reservation.lines[0].open_quantity == 2
    done = await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id=reservation_id))
    assert done.reservation.state == rv.RESERVATION_STATE_FULFILLED
    assert done.reservation.lines[0].fulfilled_quantity == 2
    found = await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id=reservation_id))
    assert found.reservation == done.reservation
    left = await api.availability.GetAvailability(
        av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency={"authoritative": True})
    )
    assert (left.available_quantity, left.freshness.source) == (8, fresh.READ_SOURCE_STORE)


async def test_short_stock_is_an_answer_and_partial_holds_what_there_is(api: Api) -> None:
    await api.shop(units=2)
    short = await api.reserve(3)
    assert short.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (short.shortfalls[0].requested_quantity, short.shortfalls[0].available_quantity) == (3, 2)
    assert short.shortfalls[0].reason == rv.SHORTFALL_REASON_INSUFFICIENT_STOCK
    part = await api.reserve(3, mode=rs.RESERVE_MODE_PARTIAL)
    assert part.outcome == rv.RESERVE_OUTCOME_PARTIALLY_RESERVED
    assert part.reservation.lines[0].quantity == 2


async def test_lines_for_one_cell_are_summed_before_the_check(api: Api) -> None:
    await api.shop(units=3)
    line = {"sku": "cup", "node_id": "a", "quantity": 2}
    refused_ = await api.reserve(lines=[line, line])
    assert refused_.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert refused_.shortfalls[0].requested_quantity == 4


async def test_a_repeated_request_gets_the_first_answer_even_after_it_was_confirmed(api: Api) -> None:
    await api.shop()
    first = await api.reserve(3, request_id="the-one-and-only")
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id="the-one-and-only"))
    again = await api.reserve(3, request_id="the-one-and-only")
    assert again.replayed
    assert (again.outcome, again.reservation) == (first.outcome, first.reservation)
    refusal = await api.reserve(99, request_id="never-in-stock")
    again = await api.reserve(99, request_id="never-in-stock")
    again.replayed = False
    assert (again.outcome, again.shortfalls) == (refusal.outcome, refusal.shortfalls)


async def test_a_stream_answers_in_order_and_one_bad_reservation_stops_nothing(api: Api) -> None:
    await api.shop(units=2)
    good = {"sku": "cup", "node_id": "a", "quantity": 1}
    lines = [[good], [{**good, "node_id": "nowhere"}], [{**good, "quantity": 0}], [good], [good]]
    reservations = [rs.ReserveRequest(request_id=f"stream-{i:04d}", lines=each) for i, each in enumerate(lines)]
    call = api.reservation.ReserveStream(iter([rs.ReserveStreamRequest(reservations=reservations)]))
    answers = [answer async for answer in call]
    results = answers[0].results
    assert [result.response.outcome for result in results] == [1, 0, 0, 1, 3]
    assert [result.error.reason for result in results[1:3]] == [
        error_reason_pb2.ERROR_REASON_NODE_NOT_FOUND,
        error_reason_pb2.ERROR_REASON_INVALID_FIELD,
    ]


async def test_reservations_are_listed_page_by_page(api: Api) -> None:
    await api.shop()
    made = {(await api.reserve(1, owner_id="me")).reservation.reservation_id for _ in range(7)}
    await api.reserve(1, owner_id="other")
    found: list[str] = []
    token = ""
    while True:
        page = await api.reservation.ListReservations(
            rs.ListReservationsRequest(page_size=3, page_token=token, owner_id="me", states=[rv.RESERVATION_STATE_HELD])
        )
        assert len(page.reservations) <= 3
        found += [reservation.reservation_id for reservation in page.reservations]
        token = page.next_page_token
        if not token:
            break
    assert sorted(found) == sorted(made)


# Stock and catalogue ------------------------------------------------------------------------------------------------------


async def test_feeds_answer_every_item_and_bad_items_stop_nothing(api: Api) -> None:
    await api.shop(units=5)
    items = [("cup", "a", 3), ("cup", "a", -9), ("jug", "a", 1), ("cup", "z", 1), ("cup", "a", 0), ("cup", "b", -5)]
    deltas = [stock.StockDelta(sku=sku, node_id=node, delta_quantity=units) for sku, node, units in items]
    request = iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=deltas, reason="sale")
    answers = [answer async for answer in api.inventory.ApplyStockDeltas(iter([request, request]))]
    assert [result.outcome for result in answers[0].results] == [
        stock.FEED_OUTCOME_APPLIED,
        stock.FEED_OUTCOME_INSUFFICIENT_ON_HAND,
        stock.FEED_OUTCOME_UNKNOWN_SKU,
        stock.FEED_OUTCOME_UNKNOWN_NODE,
        stock.FEED_OUTCOME_INVALID,
        stock.FEED_OUTCOME_APPLIED,
    ]
    assert [answer.replayed for answer in answers] == [False, True]
    assert answers[1].results == answers[0].results
    assert answers[0].results[0].on_hand_quantity == 8


async def test_a_snapshot_reports_what_became_of_every_count(api: Api) -> None:
    await api.shop(units=5)
    counts = [
        {"sku": "cup", "node_id": "a", "on_hand_quantity": 7, "safety_stock_quantity": 2},
        {"sku": "jug", "node_id": "a", "on_hand_quantity": 1},
        {"sku": "cup", "node_id": "b", "on_hand_quantity": -1},
    ]
    pages = [iv.ImportSnapshotRequest(request_id="snapshot-1", counts=counts)] * 2
    report = await api.inventory.ImportSnapshot(iter(pages))
    assert (report.received_count, report.applied_count, report.rejected_count) == (6, 2, 4)
    assert report.replayed_count == 3
    assert [(x.position, x.outcome) for x in report.rejections[:2]] == [
        (1, stock.FEED_OUTCOME_UNKNOWN_SKU),
        (2, stock.FEED_OUTCOME_INVALID),
    ]
    old = await api.inventory.ImportSnapshot(iter([iv.ImportSnapshotRequest(as_of={"seconds": 1}, counts=counts[:1])]))
    assert old.stale_count == 1


async def test_a_feed_sent_again_after_its_skus_became_known_is_no_defect(api: Api) -> None:
    await api.shop(units=5)
    counts = [
        {"sku": "cup", "node_id": "a", "on_hand_quantity": 7},
        {"sku": "jug", "node_id": "a", "on_hand_quantity": 3},
    ]
    snapshot = iv.ImportSnapshotRequest(request_id="snapshot-2", counts=counts)
    first = await api.inventory.ImportSnapshot(iter([snapshot]))
    assert (first.applied_count, first.rejected_count) == (1, 1)
    deltas = [stock.StockDelta(sku="jug", node_id="a", delta_quantity=1)]
    feed = iv.ApplyStockDeltasRequest(request_id="feed-jug-1", deltas=deltas)
    (answer,) = [answer async for answer in api.inventory.ApplyStockDeltas(iter([feed]))]
    assert answer.results[0].outcome == stock.FEED_OUTCOME_UNKNOWN_SKU
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": "jug"}))
    assert (await api.inventory.ImportSnapshot(iter([snapshot]))).rejected_count == 0
    (again,) = [answer async for answer in api.inventory.ApplyStockDeltas(iter([feed]))]
    assert (again.replayed, again.results) == (True, answer.results)


async def test_compare_and_set_refuses_what_was_not_expected(api: Api) -> None:
    await api.shop(units=5)
    count = {"sku": "cup", "node_id": "a", "on_hand_quantity": 9}
    request = iv.SetOnHandRequest(request_id=api.new_id(), count=count, expected_on_hand_quantity=4)
    conflict = await api.inventory.SetOnHand(request)
    assert (conflict.outcome, conflict.cell.on_hand_quantity) == (stock.FEED_OUTCOME_CONFLICT, 5)
    request = iv.SetOnHandRequest(request_id=api.new_id(), count=count, expected_version=conflict.cell.version)
    assert (await api.inventory.SetOnHand(request)).cell.on_hand_quantity == 9


async def test_safety_stock_is_withheld_and_adjustments_are_applied_once(api: Api) -> None:
    await api.shop(units=5)
    safety = iv.SetSafetyStockRequest(request_id=api.new_id(), sku="cup", node_id="a", safety_stock_quantity=4)
    assert (await api.inventory.SetSafetyStock(safety)).cell.available_quantity == 1
    delta = {"sku": "cup", "node_id": "a", "delta_quantity": 2}
    adjust = iv.AdjustStockRequest(request_id=api.new_id(), delta=delta, reason="receipt")
    first, again = await api.inventory.AdjustStock(adjust), await api.inventory.AdjustStock(adjust)
    assert (first.cell.on_hand_quantity, again.cell.on_hand_quantity, again.replayed) == (7, 7, True)


async def test_books_of_an_honest_server_agree(api: Api) -> None:
    await api.shop()
    held = await api.reserve(2)
    await api.availability.GetAvailability(token_read(held.token))
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert (report.ok, report.cell_count, report.reservation_count) == (True, 2, 1), report


@pytest.mark.parametrize("kind", ["Node", "NodeGroup", "Sku", "RateCard", "Lane"])
async def test_every_kind_of_resource_is_put_got_listed_and_deleted(api: Api, kind: str) -> None:
    await api.shop()
    field, value = {
        "Node": ("node", {"node_id": "new", "name": "Loja Nova", "cutoff_minute": 0, "time_zone": "America/Bahia"}),
        "NodeGroup": ("node_group", {"node_group_id": "new", "node_ids": ["a", "b"]}),
        "Sku": ("sku", {"sku": "new", "weight_grams": 5, "gtin": "7891000315507"}),
        "RateCard": (
            "rate_card",
            {"rate_card_id": "new", "currency_code": "BRL", "brackets": [{"max_weight_grams": 1, "price_micros": 2}]},
        ),
        "Lane": ("lane", {"lane_id": "new", "node_id": "a", "country_code": "BR", "rate_card_id": "card"}),
    }[kind]
    id_field = next(iter(value))
    call = lambda verb, **fields: getattr(api.network, verb)(getattr(nw, f"{verb}Request")(**fields))
    put = await call(f"Put{kind}", request_id="put-resource", **{field: value})
    assert (await call(f"Put{kind}", request_id="put-resource", **{field: value})).replayed
    got = await call(f"Get{kind}", **{id_field: "new"})
    assert getattr(got, field) == getattr(put, field)
    listed = await call(f"List{kind}s", page_size=1000)
    assert getattr(put, field) in getattr(listed, f"{field}s")
    await call(f"Delete{kind}", request_id=api.new_id(), **{id_field: "new"})
    with pytest.raises(grpc.aio.AioRpcError):
        await call(f"Get{kind}", **{id_field: "new"})


async def test_a_paused_node_promises_nothing_and_takes_no_reservation(api: Api) -> None:
    await api.shop()
    pause = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=2)
    assert (await api.network.SetNodeState(pause)).node.state == 2
    refusal = await api.reserve(1)
    assert refusal.shortfalls[0].reason == rv.SHORTFALL_REASON_NODE_PAUSED
    read = av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency={"authoritative": True})
    assert (await api.availability.GetAvailability(read)).nodes[0].status == fresh.AVAILABILITY_STATUS_NODE_PAUSED


# Reads and sourcing -------------------------------------------------------------------------------------------------------


async def test_the_store_and_the_replica_give_the_same_answers(api: Api) -> None:
    await api.shop()
    token = (await api.reserve(9)).token
    await api.network.PutNodeGroup(
        nw.PutNodeGroupRequest(request_id=api.new_id(), node_group={"node_group_id": "g", "node_ids": ["b", "a"]})
    )
    basket = {"lines": [{"sku": "cup", "quantity": 2}, {"sku": "jug", "quantity": 1}], "mode": 2}
    pairs = [{"sku": "cup", "node_id": "a"}, {"sku": "jug", "node_id": "a"}, {"sku": "cup", "node_id": "z"}]
    questions = [
        (api.availability.GetAvailability, av.GetAvailabilityRequest, {"sku": "cup"}),
        (api.availability.GetAvailability, av.GetAvailabilityRequest, {"sku": "jug"}),
        (api.availability.GetAvailability, av.GetAvailabilityRequest, {"sku": "cup", "node_ids": ["b", "z"]}),
        (api.availability.GetAvailability, av.GetAvailabilityRequest, {"sku": "cup", "node_group_id": "g"}),
        (api.availability.BatchGetAvailability, av.BatchGetAvailabilityRequest, {"pairs": pairs}),
        (api.availability.CheckBasket, av.CheckBasketRequest, basket),
        (api.availability.CheckBasket, av.CheckBasketRequest, {**basket, "node_group_id": "g", "mode": 1}),
    ]
    for ask, kind, fields in questions:
        fast = await ask(kind(**fields, consistency={"at_least_token": token}))
        slow = await ask(kind(**fields, consistency={"authoritative": True}))
        assert (fast.freshness.source, slow.freshness.source) == (fresh.READ_SOURCE_REPLICA, fresh.READ_SOURCE_STORE)
        fast.ClearField("freshness")
        slow.ClearField("freshness")
        for each in [*getattr(slow, "nodes", ()), *getattr(slow, "availabilities", ())]:
            for field in ("version", "count_time", "count_source_id"):  # only the store knows these
                if field in each.DESCRIPTOR.fields_by_name:
                    each.ClearField(field)
        assert fast == slow


async def test_answers_say_when_they_were_observed_and_the_store_who_counted_last(api: Api) -> None:
    await api.shop()
    counted = iv.SetOnHandRequest(
        request_id=api.new_id(),
        count={"sku": "cup", "node_id": "a", "on_hand_quantity": 7},
        as_of={"seconds": 1_700_000_000},
        source_id="pda-7",
        expected_on_hand_quantity=10,
    )
    token = (await api.inventory.SetOnHand(counted)).token
    delta = iv.AdjustStockRequest(request_id=api.new_id(), delta=stock_delta(-1))
    token = (await api.inventory.AdjustStock(delta)).token
    now_ms = time.time_ns() // 1_000_000
    pairs = [{"sku": "cup", "node_id": "a"}]
    for consistency in ({"at_least_token": token}, {"authoritative": True}):
        single = await api.availability.GetAvailability(
            av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency=consistency)
        )
        batch = await api.availability.BatchGetAvailability(
            av.BatchGetAvailabilityRequest(pairs=pairs, consistency=consistency)
        )
        for answer, said in ((single, single.nodes[0]), (batch, batch.availabilities[0])):
            observed_ms = answer.freshness.observed_time.ToMilliseconds()
            assert now_ms - 60_000 < observed_ms <= time.time_ns() // 1_000_000
            from_store = answer.freshness.source == fresh.READ_SOURCE_STORE
            assert from_store == consistency.get("authoritative", False)
            assert (said.version, said.count_source_id) == ((3, "pda-7") if from_store else (0, ""))
            assert said.HasField("count_time") == from_store
    schedule = await api.availability.GetAtpSchedule(av.GetAtpScheduleRequest(sku="cup"))
    assert schedule.freshness.observed_time.ToMilliseconds() >= now_ms


async def test_an_order_is_quoted_sourced_and_held(api: Api) -> None:
    await api.shop()
    token = (await api.reserve(1)).token
    await api.availability.GetAvailability(token_read(token))
    order = {"lines": [{"sku": "cup", "quantity": 4}], "destination": {"postal_code": "01310100"}}
    quote = await api.sourcing.Quote(so.QuoteRequest(order=order, alternative_count=1))
    assert len(quote.options) == 2
    assert so.QUOTE_MERIT_CHEAPEST in quote.options[0].merits
    source = await api.sourcing.Source(so.SourceRequest(order=order, explain=True))
    assert (source.plan.proven_optimal, len(source.candidates)) == (True, 2)
    held = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="source-0001", order=order, ttl={"seconds": 60})
    )
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert held.reservation.reservation_id == "source-0001"
    assert [(x.node_id, x.lines[0].quantity) for x in held.plan.shipments] == [("a", 4)]
    again = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="source-0001", order=order, ttl={"seconds": 60})
    )
    assert again.replayed
    again.replayed = False
    held.token = again.token = ""
    assert again == held


# Reasons ------------------------------------------------------------------------------------------------------------------


async def test_what_does_not_exist_is_named(api: Api) -> None:
    await api.shop()
    not_found = grpc.StatusCode.NOT_FOUND
    jug = [{"sku": "jug", "node_id": "a", "quantity": 1}]
    await refused(api.reserve(lines=jug), not_found, "SKU_NOT_FOUND", sku="jug")
    nowhere = [{"sku": "cup", "node_id": "nowhere", "quantity": 1}]
    await refused(api.reserve(lines=nowhere), not_found, "NODE_NOT_FOUND", node_id="nowhere")
    await refused(
        api.reservation.GetReservation(rs.GetReservationRequest(reservation_id="no-such-id")),
        not_found,
        "RESERVATION_NOT_FOUND",
        reservation_id="no-such-id",
    )
    await refused(
        api.network.GetLane(nw.GetLaneRequest(lane_id="none")), not_found, "RESOURCE_NOT_FOUND", kind="lane", id="none"
    )


async def test_a_reused_request_id_names_the_first_field_that_differs(api: Api) -> None:
    await api.shop()
    exists = grpc.StatusCode.ALREADY_EXISTS
    await api.reserve(1, request_id="used-once-only")
    await refused(api.reserve(2, request_id="used-once-only"), exists, "REQUEST_ID_REUSED", field="lines")
    await refused(
        api.reserve(1, request_id="used-once-only", owner_id="x"), exists, "REQUEST_ID_REUSED", field="owner_id"
    )
    confirm = rs.ConfirmRequest(request_id="confirm-once", reservation_id="used-once-only")
    await api.reservation.Confirm(confirm)
    release = rs.ReleaseRequest(request_id="confirm-once", reservation_id="used-once-only")
    await refused(api.reservation.Release(release), exists, "REQUEST_ID_REUSED", field="method")


async def test_a_request_id_is_for_one_request_of_any_kind(api: Api) -> None:
    await api.shop(units=5)
    exists = grpc.StatusCode.ALREADY_EXISTS
    await api.reserve(1, request_id="hold-it-once")
    confirm = rs.ConfirmRequest(request_id="confirm-once", reservation_id="hold-it-once")
    await api.reservation.Confirm(confirm)
    await refused(api.reserve(1, request_id="confirm-once"), exists, "REQUEST_ID_REUSED", field="method")
    confirm.request_id = "hold-it-once"
    await refused(api.reservation.Confirm(confirm), exists, "REQUEST_ID_REUSED", field="method")
    node = nw.PutNodeRequest(request_id="hold-it-once", node={"node_id": "c"})
    await refused(api.network.PutNode(node), exists, "REQUEST_ID_REUSED", field="method")
    many = rs.ReserveStreamRequest(reservations=[rs.ReserveRequest(request_id="confirm-once", lines=[LINE])])
    answer = await api.reservation.ReserveStream(iter([many])).read()
    assert answer.results[0].error.reason == error_reason_pb2.ERROR_REASON_REQUEST_ID_REUSED
    assert (await api.count("a", 5)).cell.available_quantity == 4


async def test_a_reservation_in_another_state_says_which(api: Api, clock: Clock) -> None:
    clock.now_ms = NOW
    await api.shop()
    failed = grpc.StatusCode.FAILED_PRECONDITION
    await api.reserve(1, request_id="will-expire", ttl={"seconds": 1})
    held = rs.FulfillRequest(request_id=api.new_id(), reservation_id="will-expire")
    await refused(api.reservation.Fulfill(held), failed, "WRONG_STATE", state="HELD")
    line = {"sku": "cup", "node_id": "a", "quantity": 2}
    too_much = rs.ReleaseRequest(request_id=api.new_id(), reservation_id="will-expire", lines=[line])
    await refused(
        api.reservation.Release(too_much), failed, "QUANTITY_EXCEEDS_RESERVATION", open_quantity="1", sku="cup"
    )
    clock.now_ms = NOW + 1_000
    late = rs.ConfirmRequest(request_id=api.new_id(), reservation_id="will-expire")
    await refused(api.reservation.Confirm(late), failed, "RESERVATION_EXPIRED", reservation_id="will-expire")


async def test_what_is_used_cannot_be_deleted_and_what_is_missing_cannot_be_used(api: Api) -> None:
    await api.shop()
    failed = grpc.StatusCode.FAILED_PRECONDITION
    await refused(
        api.network.DeleteNode(nw.DeleteNodeRequest(request_id=api.new_id(), node_id="a")), failed, "RESOURCE_IN_USE"
    )
    await refused(
        api.network.DeleteSku(nw.DeleteSkuRequest(request_id=api.new_id(), sku="cup")), failed, "RESOURCE_IN_USE"
    )
    lane = {"lane_id": "l", "node_id": "nowhere", "country_code": "BR", "rate_card_id": "card"}
    await refused(
        api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane=lane)),
        grpc.StatusCode.INVALID_ARGUMENT,
        "REFERENCE_NOT_FOUND",
        id="nowhere",
    )
    order = {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "99999999"}}
    await refused(
        api.sourcing.Source(so.SourceRequest(order=order)), failed, "DESTINATION_NOT_SERVED", postal_code="99999999"
    )


LINE = {"sku": "cup", "node_id": "a", "quantity": 1}
HOUR = {"seconds": 3600}
BAD_RESERVES: list[tuple[dict[str, Any], str]] = [
    ({"lines": []}, "lines"),
    ({"lines": [LINE] * 201}, "lines"),
    ({"lines": [{**LINE, "quantity": 0}]}, "lines[0].quantity"),
    ({"lines": [{**LINE, "quantity": -1}]}, "lines[0].quantity"),
    ({"lines": [{**LINE, "quantity": 2**63 - 1}]}, "lines[0].quantity"),
    ({"lines": [{**LINE, "sku": ""}]}, "lines[0].sku"),
    ({"lines": [{**LINE, "sku": "x" * 65}]}, "lines[0].sku"),
    ({"lines": [{**LINE, "sku": "cup\x00"}]}, "lines[0].sku"),
    ({"lines": [{**LINE, "node_id": "a}:b"}]}, "lines[0].node_id"),
    ({"request_id": "short"}, "request_id"),
    ({"request_id": "x" * 65}, "request_id"),
    ({"request_id": "has space"}, "request_id"),
    ({"request_id": "line\nbreak"}, "request_id"),
    ({"mode": 9}, "mode"),
    ({"ttl": {"seconds": 0}}, "ttl"),
    ({"ttl": {"seconds": -5}}, "ttl"),
    ({"ttl": {"seconds": 2592001}}, "ttl"),
    ({"owner_id": "x" * 129}, "owner_id"),
    ({"owner_id": "tab\there"}, "owner_id"),
    ({"order_id": "\x7f"}, "order_id"),
]


@pytest.mark.parametrize(("fields", "field"), BAD_RESERVES)
async def test_a_field_that_breaks_its_rule_is_named_and_nothing_changes(
    api: Api, redis: Redis, fields: dict[str, Any], field: str
) -> None:
    await api.shop()
    before = await contents(redis)
    await refused(api.reserve(**fields), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)
    assert await contents(redis) == before


async def test_tokens_that_are_none_are_refused(api: Api) -> None:
    await api.shop()
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(api.availability.GetAvailability(token_read("nonsense")), invalid, "INVALID_TOKEN")
    await refused(
        api.availability.GetAvailability(token_read("99.0-1")),
        grpc.StatusCode.FAILED_PRECONDITION,
        "TOKEN_EPOCH_CHANGED",
    )
    page = rs.ListReservationsRequest(page_token="nonsense")
    await refused(api.reservation.ListReservations(page), invalid, "INVALID_PAGE_TOKEN")
    page = nw.ListNodesRequest(page_token="nonsense")
    await refused(api.network.ListNodes(page), invalid, "INVALID_PAGE_TOKEN")


async def test_an_old_replica_fails_only_those_who_asked_for_it(api: Api, serving: Serving) -> None:
    await api.shop()
    serving.applier._writer.caught_up(0, 1)
    serving.applier._note_caught_up = lambda heads, at_ns: False  # type: ignore[method-assign]
    serving.applier._writer.caught_up(0, 1)
    read = av.GetAvailabilityRequest(sku="cup", consistency={"max_staleness_ms": 1, "stale_policy": 3})
    await refused(api.availability.GetAvailability(read), grpc.StatusCode.UNAVAILABLE, "REPLICA_STALE")
    read.consistency.stale_policy = fresh.STALE_POLICY_READ_THROUGH
    answer = await api.availability.GetAvailability(read)
    assert answer.freshness.source == fresh.READ_SOURCE_STORE
    read.consistency.stale_policy = fresh.STALE_POLICY_ANNOTATE
    assert (await api.availability.GetAvailability(read)).freshness.staleness_ms > 1


async def test_bytes_that_are_no_message_are_said_to_be_none(serving: Serving) -> None:
    for method in ("AvailabilityService/GetAvailability", "ReservationService/Reserve", "NetworkService/PutNode"):
        call = serving.channel.unary_unary(f"/promessa.v1.{method}")
        await refused(call(b"\xff\xff\xff"), grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")


async def test_a_draining_server_and_a_full_queue_say_so(api: Api, serving: Serving) -> None:
    await api.shop()
    serving.parts.boundary.draining = True
    await refused(api.reserve(), grpc.StatusCode.UNAVAILABLE, "DRAINING")
    serving.parts.boundary.draining = False
    serving.parts.boundary._calls_max = 0
    await refused(api.reserve(), grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    serving.parts.boundary._calls_max = 10
    serving.parts.commit._waiting.extend([None] * COMMIT_QUEUE_MAX)  # type: ignore[list-item]
    await refused(api.reserve(), grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    serving.parts.commit._waiting.clear()


async def test_an_unexpected_error_has_an_id_and_no_details(api: Api, serving: Serving) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret details")

    serving.parts.store.get_reservation = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id="something"))
    reason, metadata = error_of(caught.value)
    assert (caught.value.code(), reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert metadata["error_id"] in (caught.value.details() or "")
    assert "secret" not in (caught.value.details() or "")


async def test_a_store_that_dies_is_said_to_be_away_and_reads_go_on(own_store_process: Any) -> None:
    process: StoreProcess = own_store_process()
    redis = connect(process.url)
    store, commit = await data_set(redis)
    serving, rest = await start_serving(store, redis, process.url)
    api = Api(serving.channel)
    await api.shop()
    token = (await api.reserve(1)).token
    await api.availability.GetAvailability(token_read(token))
    process.kill()
    unavailable = grpc.StatusCode.UNAVAILABLE
    await refused(api.reserve(), unavailable, "OUTCOME_UNKNOWN")
    await refused(api.reserve(), unavailable, "STORE_UNAVAILABLE")
    assert not await serving.parts.health.check_once()
    assert (await api.availability.GetAvailability(av.GetAvailabilityRequest(sku="cup"))).available_quantity == 19
    process.start()
    assert (await api.reserve()).outcome == rv.RESERVE_OUTCOME_RESERVED
    assert await serving.parts.health.check_once()
    await close(serving, rest, commit)


async def test_a_full_store_refuses_and_writes_nothing(own_store_process: Any) -> None:
    process: StoreProcess = own_store_process()
    redis = connect(process.url)
    store, commit = await data_set(redis)
    serving, rest = await start_serving(store, redis, process.url)
    api = Api(serving.channel)
    await api.shop()
    await redis.config_set("maxmemory", "1mb")
    before = await contents(redis)
    await refused(api.reserve(), grpc.StatusCode.RESOURCE_EXHAUSTED, "STORE_FULL")
    assert await contents(redis) == before
    await redis.config_set("maxmemory", "0")
    assert (await api.reserve()).outcome == rv.RESERVE_OUTCOME_RESERVED
    await close(serving, rest, commit)


async def test_data_of_another_layout_are_refused(redis: Redis, store: Store, store_process: StoreProcess) -> None:
    from serving import resolved

    from promessa.domain.errors import FailedPrecondition

    await redis.hset(store.keys.meta, "layout", "99")
    with pytest.raises(FailedPrecondition, match="layout 99") as caught:
        await prepare(resolved(store_process.url))
    assert caught.value.reason == "DATA_VERSION_MISMATCH"


async def test_random_bytes_on_every_method_get_a_status_and_the_server_lives(api: Api, serving: Serving) -> None:
    randomness = random.Random(3)
    await api.shop()
    methods = [f"/{service.full_name}/{method.name}" for service in SERVICES for method in service.methods]
    for method in methods:
        streams = method.rsplit("/", 1)[1] in ("ReserveStream", "ApplyStockDeltas", "ImportSnapshot")
        for _ in range(30):
            body = randomness.randbytes(randomness.randrange(40))
            try:
                if method.endswith(
                    "/WatchOrders"
                ):  # all of what there is, if these bytes say no more than that, and then for good
                    watched = serving.channel.unary_stream(method)(body)
                    await watched.read()
                    watched.cancel()
                elif streams:
                    async for _ in serving.channel.stream_stream(method)(iter([body])):
                        pass
                else:
                    await serving.channel.unary_unary(method)(body)
            except grpc.aio.AioRpcError as error:
                assert error_of(error)[0] != "INTERNAL", method
    assert (await api.reserve()).outcome == rv.RESERVE_OUTCOME_RESERVED


async def data_set(redis: Redis) -> tuple[Store, Any]:
    from serving import PARTITIONS

    from promessa.store.functions import open_data_set
    from promessa.store.group_commit import GroupCommit

    keys = await open_data_set(redis, namespace="test", partitions=PARTITIONS, new_id="test")
    commit = GroupCommit(redis.connection_pool, keys.all_cells())
    return Store(redis, keys, commit), commit


async def close(serving: Serving, rest: list[Any], commit: Any) -> None:
    following, writer, source = rest
    await serving.channel.close()
    await serving.parts.server.stop(0)
    following.cancel()
    writer.close()
    await source.close()
    await commit.close()


async def contents(redis: Redis) -> dict[bytes, bytes]:
    """Everything in the store."""
    keys = sorted(await redis.keys("*"))
    return {key: await redis.dump(key) for key in keys}  # type: ignore[misc]
