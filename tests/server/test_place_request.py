"""A plain PlaceOrderRequest is read as every message would be, or is left to that."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from test_source_request import lines, notes, plain, plain_text

from promessa.server import place_request
from promessa.server.boundary import MALFORMED
from promessa.server.place_request import PlaceRequest, checked
from promessa.server.validate import InvalidFields
from promessa.v1 import order_service_pb2 as messages
from promessa.v1 import sourcing_pb2, sourcing_service_pb2

request_ids = st.one_of(plain_text, st.sampled_from(["", "short", "x" * 65, "a b c d e"]))
orders = st.one_of(
    plain.map(lambda request: request.order),
    st.builds(
        sourcing_pb2.SourcingOrder, lines=st.lists(lines, max_size=2), channel=st.sampled_from(["", "web", "a//b"])
    ),
)
requests = st.builds(
    messages.PlaceOrderRequest,
    request_id=request_ids,
    actor=notes,
    order=st.builds(
        messages.NewOrder,
        order_id=st.sampled_from(["o-1", "", "x" * 48, "x" * 49, "a b", "o\n"]),
        sourcing=orders,
        allow_partial=st.booleans(),
        customer_id=notes,
        reservation_id=st.sampled_from(["", "", "hold-0001"]),
        currency_code=st.sampled_from(["", "", "BRL"]),
    ),
)


def check_like_protobuf(body: bytes) -> None:
    found = place_request.read(body)
    event("plain" if isinstance(found, PlaceRequest) else "left to protobuf")
    if isinstance(found, PlaceRequest):
        assert found == checked(messages.PlaceOrderRequest.FromString(body))
    elif found is not MALFORMED:
        assert found == messages.PlaceOrderRequest.FromString(body)


@given(requests)
def test_what_is_read_as_plain_means_what_the_message_says(message: messages.PlaceOrderRequest) -> None:
    check_like_protobuf(message.SerializeToString())


@settings(max_examples=2_000)
@given(plain, st.data())
def test_bytes_that_were_tampered_with(
    request: sourcing_service_pb2.SourceAndReserveRequest, data: st.DataObject
) -> None:
    new = messages.NewOrder(order_id="o-1", sourcing=request.order, customer_id="ana")
    body = bytearray(messages.PlaceOrderRequest(request_id=request.request_id, order=new).SerializeToString())
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


def field(number: int, value: bytes | int) -> bytes:
    """A field as protobuf writes a short one."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


CUP = field(1, b"cup") + field(2, 2)
PLACE = field(2, b"0")
WRITTEN = field(2, CUP) + field(3, PLACE)


@pytest.mark.parametrize(
    ("sourcing", "is_plain"),
    [
        (WRITTEN, True),
        (field(3, PLACE) + field(2, CUP), False),
        (field(2, field(2, 2) + field(1, b"cup")) + field(3, PLACE), False),
        (field(1, b"") + WRITTEN, False),
        (field(2, CUP) + field(3, field(1, b"") + PLACE), False),
        (field(2, field(1, b"cup") + b"\x10\x82\x00") + field(3, PLACE), False),
        (field(2, CUP) + b"\x1a\x83\x00" + PLACE, False),
    ],
)
def test_the_same_order_in_other_bytes_says_the_same(sourcing: bytes, is_plain: bool) -> None:
    """Another client's library may write the retry of a request: its fingerprint must not differ."""
    body = field(1, b"request-0001") + field(2, field(1, b"o-1") + field(3, sourcing))
    found = place_request.read(body)
    assert isinstance(found, PlaceRequest) == is_plain
    asked = found if isinstance(found, PlaceRequest) else checked(found)
    assert asked.placing.said == WRITTEN


@given(plain)
def test_what_is_plain_is_read_so(request: messages.PlaceOrderRequest) -> None:
    new = messages.NewOrder(order_id="o-1", sourcing=request.order)
    message = messages.PlaceOrderRequest(request_id=request.request_id, order=new)
    assert isinstance(place_request.read(message.SerializeToString()), PlaceRequest)


def test_what_breaks_a_rule_is_not_plain() -> None:
    for fields in ({"request_id": "short"}, {"request_id": "long-enough", "actor": "a\x00"}):
        order = {
            "order_id": "o",
            "sourcing": {"lines": [{"sku": "cup", "quantity": 1}], "destination": {"postal_code": "1"}},
        }
        message = messages.PlaceOrderRequest(order=order, **fields)
        assert place_request.read(message.SerializeToString()) == message
        try:
            checked(message)
        except InvalidFields:
            continue
        raise AssertionError("the message breaks a rule")
