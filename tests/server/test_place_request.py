"""A plain PlaceOrderRequest is read as every message would be, or is left to that."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st
from test_source_request import lines, notes, plain, plain_text

from promessa.server import place_request
from promessa.server.place_request import PlaceRequest, checked
from promessa.server.validate import InvalidFields
from promessa.v1 import order_service_pb2 as messages
from promessa.v1 import sourcing_pb2

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


@given(requests)
def test_what_is_read_as_plain_means_what_the_message_says(message: messages.PlaceOrderRequest) -> None:
    found = place_request.read(message.SerializeToString())
    event("plain" if isinstance(found, PlaceRequest) else "left to the message")
    if isinstance(found, PlaceRequest):
        assert found == checked(message)
    else:
        assert found == message


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
