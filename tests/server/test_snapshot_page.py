"""An ImportSnapshotRequest read natively means what protobuf and Protovalidate say it means, or is left to them."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from promessa.server.boundary import MALFORMED
from promessa.server.snapshot_page import SnapshotPage, page_of, read
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as messages

PLAIN: dict[str, Any] = {
    "request_id": "stock-2026-11-27",
    "as_of": {"seconds": 1_800_000_000, "nanos": 1},
    "counts": [{"sku": "cup", "node_id": "n/1", "on_hand_quantity": 10**9, "safety_stock_quantity": 0}],
}

ids = st.text("aZ09._:/-", min_size=1, max_size=64)
quantities = st.integers(0, 10**9)
counts = st.builds(
    stock.StockCount,
    sku=ids,
    node_id=ids,
    on_hand_quantity=quantities,
    unavailable_quantity=st.none() | quantities,
    safety_stock_quantity=st.none() | quantities,
)
plain = st.builds(
    messages.ImportSnapshotRequest,
    request_id=st.just("") | st.text("aZ09._:-", min_size=8, max_size=48),
    as_of=st.none() | st.builds(Timestamp, seconds=st.integers(0, 9 * 10**9), nanos=st.integers(0, 999_999_999)),
    counts=st.lists(counts, min_size=1, max_size=5),
    dry_run=st.booleans(),
    source_id=st.just("") | st.text("aZ09._-", min_size=1, max_size=32),
)
odd_ids = st.sampled_from(["", "cup", "x" * 64, "x" * 65, "a b", "a\x00", "é", "a\n"])
odd_quantities = st.sampled_from([-(2**63), -1, 0, 10**9, 10**9 + 1, 2**63 - 1])
odd_counts = st.builds(
    stock.StockCount,
    sku=odd_ids,
    node_id=odd_ids,
    on_hand_quantity=odd_quantities,
    unavailable_quantity=st.none() | odd_quantities,
    safety_stock_quantity=st.none() | odd_quantities,
)


def as_protobuf_reads(body: bytes) -> SnapshotPage | None:
    """None where the message itself is refused."""
    try:
        return page_of(messages.ImportSnapshotRequest.FromString(body))
    except Exception:
        return None


def check_like_protobuf(body: bytes) -> None:
    found = read(body)
    if isinstance(found, SnapshotPage):
        assert found == as_protobuf_reads(body)
        assert not any(count.problem for count in found.counts)
    elif found is not MALFORMED:
        assert found == messages.ImportSnapshotRequest.FromString(body)


@given(plain)
def test_plain_messages_are_read_natively(message: messages.ImportSnapshotRequest) -> None:
    assert read(message.SerializeToString()) == page_of(message)


@settings(max_examples=1_000)
@given(plain, st.data())
def test_one_field_that_may_break_its_rule(message: messages.ImportSnapshotRequest, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(["request_id", "as_of", "count", "counts", "source_id"]))
    if field == "request_id":
        message.request_id = data.draw(st.sampled_from(["short", "a" * 49, "a b c d e f", "12345678\n", "12345678é"]))
    elif field == "as_of":
        message.as_of.seconds = data.draw(st.sampled_from([-1, 0, 9_223_372_036, 253_402_300_799, 2**63 - 1]))
        message.as_of.nanos = data.draw(st.sampled_from([-1, 0, 999_999_999, 1_000_000_000]))
    elif field == "source_id":
        message.source_id = data.draw(st.sampled_from(["x" * 33, "a b", "a/b", "é", "erp\n", "a:b"]))
    elif field == "count":
        message.counts.append(data.draw(odd_counts))
    else:
        first = stock.StockCount.FromString(message.counts[0].SerializeToString())
        message.counts.extend([first] * data.draw(st.sampled_from([4_990, 4_999, 5_000])))
    check_like_protobuf(message.SerializeToString())


@settings(max_examples=2_000)
@given(plain, st.data())
def test_bytes_that_were_tampered_with(message: messages.ImportSnapshotRequest, data: st.DataObject) -> None:
    body = bytearray(message.SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        how = data.draw(st.sampled_from(["change", "cut", "insert", "twice"]))
        if how == "change" and at < len(body):
            body[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del body[at:]
        elif how == "insert":
            body[at:at] = data.draw(st.binary(min_size=1, max_size=12))
        else:
            body += body[at:]
    check_like_protobuf(bytes(body))


@pytest.mark.parametrize(
    "changed",
    [
        {"request_id": "a b c d e f g h"},
        {"as_of": {"seconds": -1}},
        {"counts": []},
        {"counts": [{"sku": "cup", "node_id": "n1", "on_hand_quantity": -1}]},
        {"counts": [{"sku": "cup", "node_id": "", "on_hand_quantity": 1}]},
        {"counts": PLAIN["counts"] * 5_001},
    ],
)
def test_what_is_not_plain_is_left_to_protobuf(changed: dict[str, Any]) -> None:
    assert isinstance(read(messages.ImportSnapshotRequest(**PLAIN).SerializeToString()), SnapshotPage)
    message = messages.ImportSnapshotRequest(**{**PLAIN, **changed})
    assert read(message.SerializeToString()) == message
