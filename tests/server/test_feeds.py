"""Feeds over the wire: positions, instants, and snapshots that break off."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from google.protobuf.timestamp_pb2 import Timestamp
from redis.asyncio import Redis

from promessa.server import metrics
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw


@pytest.fixture
def api(serving: Any) -> Api:
    return Api(serving.channel)


def instant(seconds_from_now: float) -> Timestamp:
    found = Timestamp()
    found.FromMilliseconds(int((time.time() + seconds_from_now) * 1_000))
    return found


def message(sequence: int, units: int = 1, *, epoch: int = 1, **more: Any) -> iv.ApplyStockDeltasRequest:
    more.setdefault("request_id", f"feed-{epoch}-{sequence:06d}")
    delta = {"sku": "cup", "node_id": "a", "delta_quantity": units, "occurred_at": more.pop("occurred_at", None)}
    position = {"source_id": "till/1", "epoch": epoch, "sequence": sequence}
    return iv.ApplyStockDeltasRequest(deltas=[delta], position=position, **more)


async def send(api: Api, *requests: iv.ApplyStockDeltasRequest) -> list[iv.ApplyStockDeltasResponse]:
    return [answer async for answer in api.inventory.ApplyStockDeltas(iter(requests))]


async def dump(redis: Redis) -> dict[bytes, bytes]:
    """Everything in the store."""
    return {key: await redis.dump(key) for key in sorted(await redis.keys())}


async def test_a_stream_says_what_is_missing_and_what_it_set_free(api: Api) -> None:
    await api.shop(units=10)
    parked = metrics.FEED_MESSAGES.labels("PARKED")._value
    before = parked.get()
    one, three, again, two = await send(api, message(1), message(3, 5), message(1), message(2))
    assert parked.get() == before + 1
    assert (one.sequence_outcome, one.expected_sequence) == (stock.SEQUENCE_OUTCOME_IN_SEQUENCE, 2)
    assert (three.sequence_outcome, three.received_sequence, three.expected_sequence, list(three.results)) == (
        stock.SEQUENCE_OUTCOME_PARKED, 3, 2, [],
    )  # fmt: skip
    assert again.replayed
    assert (two.sequence_outcome, two.expected_sequence, two.epoch) == (stock.SEQUENCE_OUTCOME_IN_SEQUENCE, 4, 1)
    (released,) = two.released
    assert (released.request_id, released.sequence, released.results[0].on_hand_quantity) == ("feed-1-000003", 3, 17)
    (late,) = await send(api, message(3, 5))
    assert (late.replayed, late.results[0].on_hand_quantity) == (True, 17)
    new, stale, other = await send(
        api, message(1, epoch=2), message(4, request_id="feed-0004"), message(1, epoch=2, request_id="feed-0005")
    )
    assert new.sequence_outcome == stock.SEQUENCE_OUTCOME_IN_SEQUENCE
    assert (stale.sequence_outcome, stale.epoch) == (stock.SEQUENCE_OUTCOME_STALE_EPOCH, 2)
    assert other.sequence_outcome == stock.SEQUENCE_OUTCOME_DUPLICATE


async def test_a_message_without_a_position_has_no_sequence(api: Api) -> None:
    await api.shop(units=10)
    delta = {"sku": "cup", "node_id": "a", "delta_quantity": 1}
    (answer,) = await send(api, iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=[delta]))
    assert (answer.sequence_outcome, answer.expected_sequence, answer.epoch) == (0, 0, 0)
    assert answer.results[0].outcome == stock.FEED_OUTCOME_APPLIED


@pytest.mark.parametrize(
    ("position", "field"),
    [
        ({"source_id": "", "epoch": 1, "sequence": 1}, "position.source_id"),
        ({"source_id": "a b", "epoch": 1, "sequence": 1}, "position.source_id"),
        ({"source_id": "a", "epoch": 0, "sequence": 1}, "position.epoch"),
        ({"source_id": "a", "epoch": 1, "sequence": 0}, "position.sequence"),
        ({"source_id": "a", "epoch": 1, "sequence": 2**53}, "position.sequence"),
    ],
)
async def test_a_position_that_breaks_its_rule_is_named(api: Api, position: dict[str, Any], field: str) -> None:
    await api.shop()
    delta = {"sku": "cup", "node_id": "a", "delta_quantity": 1}
    bad = iv.ApplyStockDeltasRequest(request_id="feed-0001", deltas=[delta], position=position)
    await refused(send(api, bad), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)


async def test_late_deltas_are_in_the_count_unless_the_feed_says_otherwise(api: Api) -> None:
    await api.shop(units=10)
    dropped, merged, future = await send(
        api,
        message(1, occurred_at=instant(-60)),
        message(2, occurred_at=instant(-60), late_deltas=stock.LATE_DELTAS_MERGE),
        message(3, occurred_at=instant(60)),
    )
    outcomes = [answer.results[0].outcome for answer in (dropped, merged, future)]
    assert outcomes == [stock.FEED_OUTCOME_ABSORBED, stock.FEED_OUTCOME_APPLIED, stock.FEED_OUTCOME_IN_FUTURE]
    ancient = stock.StockDelta(sku="cup", node_id="a", delta_quantity=1, occurred_at={"seconds": -5})
    adjusted = await api.inventory.AdjustStock(iv.AdjustStockRequest(request_id="adjust-1", delta=ancient))
    assert (adjusted.outcome, adjusted.cell.on_hand_quantity) == (stock.FEED_OUTCOME_ABSORBED, 11)


async def test_a_count_of_the_future_is_refused_and_changes_nothing(api: Api, redis: Redis) -> None:
    await api.shop()
    count = {"sku": "cup", "node_id": "a", "on_hand_quantity": 3}
    before = await dump(redis)
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    one = iv.SetOnHandRequest(request_id="count-01", count=count, as_of=instant(60))
    await refused(api.inventory.SetOnHand(one), invalid, "INVALID_FIELD", field="as_of")
    many = iv.ImportSnapshotRequest(request_id="import-1", as_of=instant(60), counts=[count])
    await refused(api.inventory.ImportSnapshot(iter([many])), invalid, "INVALID_FIELD", field="as_of")
    assert await dump(redis) == before


async def test_a_count_of_more_that_cannot_be_sold_than_there_is_is_refused_and_the_rest_goes_on(api: Api) -> None:
    await api.shop(units=10)
    bad = {"sku": "cup", "node_id": "a", "on_hand_quantity": 3, "unavailable_quantity": 4}
    good = {"sku": "cup", "node_id": "b", "on_hand_quantity": 4, "unavailable_quantity": 4}
    odd = {"sku": "cup", "node_id": "b", "on_hand_quantity": -1}  # then the message is not read natively
    for name, counts in (("snapshot-1", [bad, good]), ("snapshot-2", [bad, good, odd])):
        imported = await api.inventory.ImportSnapshot(iter([iv.ImportSnapshotRequest(request_id=name, counts=counts)]))
        assert (imported.received_count, imported.rejected_count) == (len(counts), len(counts) - 1)
        rejected = imported.rejections[0]
        assert (rejected.position, rejected.outcome) == (0, stock.FEED_OUTCOME_INVALID)
        assert rejected.detail == "unavailable_quantity: must not be more than on_hand_quantity"
    single = iv.SetOnHandRequest(request_id=api.new_id(), count=bad)
    field = "count.unavailable_quantity"
    await refused(api.inventory.SetOnHand(single), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)


async def test_what_was_handed_over_after_a_snapshot_is_not_brought_back_by_it(api: Api) -> None:
    await api.shop(units=10)
    counted = instant(0)
    held = await api.reserve(4)
    from promessa.v1 import reservation_service_pb2 as rs

    name = held.reservation.reservation_id
    await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=name))
    time.sleep(0.005)
    await api.reservation.Fulfill(rs.FulfillRequest(request_id=api.new_id(), reservation_id=name))
    count = {"sku": "cup", "node_id": "a", "on_hand_quantity": 9}
    many = iv.ImportSnapshotRequest(request_id="import-1", as_of=counted, counts=[count])
    assert (await api.inventory.ImportSnapshot(iter([many]))).applied_count == 1
    again = await api.inventory.AdjustStock(
        iv.AdjustStockRequest(request_id="adjust-1", delta={"sku": "cup", "node_id": "a", "delta_quantity": 1})
    )
    assert again.cell.on_hand_quantity == 9 - 4 + 1


# Snapshots ----------------------------------------------------------------------------------------------------------------


async def many_cups(api: Api, skus: int) -> list[stock.StockCount]:
    """Skus cup-0, cup-1, ... and a count of each at node a."""
    await api.shop(units=10)
    for n in range(skus):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": f"cup-{n}"}))
    return [stock.StockCount(sku=f"cup-{n}", node_id="a", on_hand_quantity=n) for n in range(skus)]


async def test_a_dry_run_says_what_would_change_and_changes_nothing(api: Api, redis: Redis) -> None:
    await api.shop(units=10)
    await api.reserve(3)
    counts = [
        {"sku": "cup", "node_id": "a", "on_hand_quantity": 2},
        {"sku": "cup", "node_id": "b", "on_hand_quantity": 10},
        {"sku": "jug", "node_id": "a", "on_hand_quantity": 1},
        {"sku": "cup", "node_id": "nowhere", "on_hand_quantity": 1},
        {"sku": "cup", "node_id": "b", "on_hand_quantity": -1},
    ]
    request = iv.ImportSnapshotRequest(request_id="import-1", counts=counts, dry_run=True)
    before = await dump(redis)
    tried = await api.inventory.ImportSnapshot(iter([request]))
    assert await dump(redis) == before
    assert (tried.received_count, tried.applied_count, tried.changed_count, tried.rejected_count) == (5, 2, 1, 3)
    (found,) = tried.differences
    assert (found.position, found.sku, found.node_id) == (0, "cup", "a")
    assert (found.on_hand_quantity, found.on_hand_quantity_after) == (10, 2)
    assert (found.available_quantity, found.available_quantity_after) == (7, 0)
    assert [(x.position, stock.FeedOutcome.Name(x.outcome)) for x in tried.rejections] == [
        (2, "FEED_OUTCOME_UNKNOWN_SKU"), (3, "FEED_OUTCOME_UNKNOWN_NODE"), (4, "FEED_OUTCOME_INVALID")
    ]  # fmt: skip
    assert not tried.token
    request.dry_run = False
    done = await api.inventory.ImportSnapshot(iter([request]))
    assert (done.applied_count, done.replayed_count, done.changed_count, list(done.differences)) == (2, 0, 0, [])
    old = iv.ImportSnapshotRequest(counts=counts[:2], dry_run=True, as_of=instant(-60))
    assert (await api.inventory.ImportSnapshot(iter([old]))).stale_count == 2


async def test_a_dry_run_counts_all_differences_and_lists_a_thousand(api: Api) -> None:
    counts = await many_cups(api, 1_101)
    request = iv.ImportSnapshotRequest(counts=counts, dry_run=True)
    tried = await api.inventory.ImportSnapshot(iter([request]))
    assert (tried.changed_count, len(tried.differences)) == (1_100, 1_000)  # the first count is of none, as before


async def test_a_snapshot_cut_in_the_middle_goes_on_where_it_was(api: Api, redis: Redis) -> None:
    """The client dies after three of six messages; sent again whole, what was applied is not applied twice."""
    counts = await many_cups(api, 60)
    pages = [
        iv.ImportSnapshotRequest(request_id="import-1", as_of=instant(0), counts=counts[first : first + 10])
        for first in range(0, 60, 10)
    ]
    for page in pages:
        page.as_of.CopyFrom(pages[0].as_of)

    async def half() -> Any:
        for page in pages[:3]:
            yield page
        while await redis.hlen("{test}:0:cells") < 30:  # node a lives in partition 0
            await asyncio.sleep(0.001)
        raise ConnectionError("the client dies")

    call = api.inventory.ImportSnapshot(half())
    with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
        await call
    sold = iv.AdjustStockRequest(
        request_id="adjust-1", delta={"sku": "cup-7", "node_id": "a", "delta_quantity": -2}, reason="sale"
    )
    assert (await api.inventory.AdjustStock(sold)).cell.on_hand_quantity == 5
    whole = await api.inventory.ImportSnapshot(iter(pages))
    assert (whole.received_count, whole.replayed_count, whole.applied_count) == (60, 30, 60)
    again = await api.inventory.ImportSnapshot(iter(pages))
    assert (again.replayed_count, again.applied_count, again.rejected_count) == (60, 60, 0)
    seven = await api.inventory.AdjustStock(
        iv.AdjustStockRequest(request_id="adjust-2", delta={"sku": "cup-7", "node_id": "a", "delta_quantity": 1})
    )
    assert seven.cell.on_hand_quantity == 6  # the sale between the two attempts was not undone


# Deficits -----------------------------------------------------------------------------------------------------------------


async def test_cells_in_deficit_are_listed_with_since_when(api: Api, serving: Any) -> None:
    await api.shop(units=10)
    await api.reserve(7)
    await api.count("a", 5)
    listing = iv.ListSupplyDeficitsRequest(page_size=1)
    (found,) = (await api.inventory.ListSupplyDeficits(listing)).deficits
    assert (found.sku, found.node_id, found.deficit_quantity) == ("cup", "a", 2)
    assert abs(found.since.ToMilliseconds() / 1_000 - time.time()) < 60
    short = await api.reserve(1)
    assert (short.shortfalls[0].available_quantity, short.shortfalls[0].requested_quantity) == (0, 1)
    audited = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audited.deficit_cell_count == 1
    assert await serving.parts.store.settle_deficits() == 1
    await api.count("a", 7)
    assert not (await api.inventory.ListSupplyDeficits(listing)).deficits
    bad = grpc.StatusCode.INVALID_ARGUMENT
    page = iv.ListSupplyDeficitsRequest(page_token="nonsense")
    await refused(api.inventory.ListSupplyDeficits(page), bad, "INVALID_PAGE_TOKEN")
    page = iv.ListSupplyDeficitsRequest(page_size=1_001)
    await refused(api.inventory.ListSupplyDeficits(page), bad, "INVALID_FIELD", field="page_size")
