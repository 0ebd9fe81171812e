"""A SourceAndReserveRequest read natively means what protobuf and Protovalidate say it means, or is left to them."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import event, given, settings
from hypothesis import strategies as st

from promessa.server import source_request
from promessa.server._requests import source_request as native
from promessa.server.boundary import MALFORMED
from promessa.server.source_request import SourceRequest, checked
from promessa.v1 import sourcing_pb2 as sourcing
from promessa.v1 import sourcing_service_pb2 as messages

PLAIN: dict[str, Any] = {
    "request_id": "req-00000001",
    "order": {
        "order_id": "order 17",
        "lines": [{"sku": "cup", "quantity": 2}, {"sku": "pot/1", "quantity": 1_000_000}],
        "destination": {"country_code": "BR", "postal_code": "01310100"},
    },
    "owner_id": "cart",
}

ids = st.sampled_from(["", "cup", "a.b:c/d_e-f", "x" * 64, "x" * 65, "a b", "a\x00", "é", "12345678", "a1234567\n"])
notes = st.sampled_from(["", "order 17", "n" * 128, "n" * 129, "tab\t", "nul\x00", "del\x7f", "ação", "😀" * 33])
lines = st.builds(sourcing.OrderLine, sku=ids, quantity=st.sampled_from([-1, 0, 1, 7, 127, 128, 10**6, 10**6 + 1]))
destinations = st.builds(
    sourcing.Destination,
    country_code=st.sampled_from(["", "BR", "US", "br", "BRA", "B"]),
    postal_code=st.sampled_from(["", "01310100", "SW1A1AA", "0" * 12, "0" * 13, "01310-100", "ç"]),
)
ttls = st.builds(
    Duration,
    seconds=st.sampled_from([-1, 0, 1, 900, 2_592_000, 2_592_001]),
    nanos=st.sampled_from([0, 1, 500_000_000, -1]),
)
plain_text = st.text("aZ09._:-", min_size=8, max_size=64)
plain = st.builds(
    messages.SourceAndReserveRequest,
    request_id=plain_text,
    order=st.builds(
        sourcing.SourcingOrder,
        order_id=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=128),
        lines=st.lists(
            st.builds(sourcing.OrderLine, sku=plain_text, quantity=st.integers(1, 10**6)), min_size=1, max_size=64
        ),
        destination=st.builds(
            sourcing.Destination,
            country_code=st.sampled_from(["", "BR"]),
            postal_code=st.text("a0", min_size=1, max_size=12),
        ),
    ),
    ttl=st.none() | st.builds(Duration, seconds=st.integers(1, 2_591_999), nanos=st.integers(0, 999_999_999)),
    owner_id=st.text("abc ", max_size=128),
    allow_partial=st.booleans(),
)


def as_protobuf_reads(body: bytes) -> SourceRequest | None:
    """None where it is refused."""
    try:
        return checked(messages.SourceAndReserveRequest.FromString(body))
    except Exception:
        return None


def check_like_protobuf(body: bytes) -> None:
    found = source_request.read(body)
    event("plain" if isinstance(found, SourceRequest) else "left to protobuf")
    if isinstance(found, SourceRequest):
        assert found == as_protobuf_reads(body)
    elif found is not MALFORMED:
        assert found == messages.SourceAndReserveRequest.FromString(body)


@given(plain)
def test_plain_requests_are_read_natively(message: messages.SourceAndReserveRequest) -> None:
    assert source_request.read(message.SerializeToString()) == checked(message)


@settings(max_examples=1_000)
@given(plain, st.data())
def test_one_field_that_may_break_its_rule(message: messages.SourceAndReserveRequest, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(["request_id", "owner_id", "order_id", "line", "lines", "destination", "ttl"]))
    if field == "line":
        message.order.lines.append(data.draw(lines))
    elif field == "lines":
        message.order.lines.extend([sourcing.OrderLine(sku="cup", quantity=1)] * data.draw(st.integers(0, 65)))
    elif field == "destination":
        message.order.destination.CopyFrom(data.draw(destinations))
    elif field == "ttl":
        message.ttl.CopyFrom(data.draw(ttls))
    elif field == "order_id":
        message.order.order_id = data.draw(notes)
    else:
        setattr(message, field, data.draw(notes if field == "owner_id" else ids))
    check_like_protobuf(message.SerializeToString())


@settings(max_examples=2_000)
@given(plain, st.data())
def test_bytes_that_were_tampered_with(message: messages.SourceAndReserveRequest, data: st.DataObject) -> None:
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
    ("changed", "why"),
    [
        ({"hold_rule_id": "pix"}, "a hold rule"),
        ({"owner_id": "ação"}, "text beyond ASCII"),
        ({"owner_id": "a\x00"}, "a control character"),
        ({"request_id": "req\x0000001"}, "a NUL in an id"),
        ({"request_id": "short"}, "an id too short"),
        ({"order": {**PLAIN["order"], "constraints": {}}}, "constraints, though empty"),
        ({"order": {**PLAIN["order"], "lines": []}}, "no lines"),
        ({"order": {**PLAIN["order"], "lines": [{"sku": "cup", "quantity": 0}]}}, "no units"),
        ({"order": {**PLAIN["order"], "destination": None}}, "no destination"),
        ({"ttl": {"seconds": 0}}, "a span too short"),
    ],
)
def test_what_is_not_plain_is_left_to_protobuf(changed: dict[str, Any], why: str) -> None:
    assert native(messages.SourceAndReserveRequest(**PLAIN).SerializeToString()) is not None
    assert native(messages.SourceAndReserveRequest(**{**PLAIN, **changed}).SerializeToString()) is None, why


def test_a_field_given_twice_is_left_to_protobuf() -> None:
    body = messages.SourceAndReserveRequest(**PLAIN).SerializeToString()
    order = messages.SourceAndReserveRequest(order=PLAIN["order"]).SerializeToString()
    assert native(body + order) is None
    assert native(body + b"\x12\x00") is None
