"""Reading PlaceOrderRequest: plain ones, which are sourced as they say, in one native call; all others as every message is
read.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from promessa.domain.sourcing import Order
from promessa.server import validate
from promessa.server._requests import place_request
from promessa.server.boundary import parser
from promessa.server.convert_orders import placing_of
from promessa.server.convert_sourcing import DEFAULT_COUNTRY
from promessa.service.placing import Placing
from promessa.v1 import order_service_pb2 as messages

_parse = parser(messages.PlaceOrderRequest)


class PlaceRequest(NamedTuple):
    """An order to place."""

    request_id: str
    placing: Placing
    actor: str


def read(body: bytes) -> Any:
    """The deserializer of the method: a PlaceRequest if the bytes are plain, else what a parser gives."""
    plain = place_request(body)
    if plain is None:
        return _parse(body)
    request_id, order_id, lines, country_code, postal_code, said, allow_partial, customer_id, actor = plain
    order = Order(order_id, lines, country_code or DEFAULT_COUNTRY, postal_code)
    return PlaceRequest(request_id, Placing(order_id, "", order, said, allow_partial, customer_id=customer_id), actor)


def checked(message: messages.PlaceOrderRequest) -> PlaceRequest:
    """The same of any message. Raises InvalidFields."""
    validate.check(message)
    return PlaceRequest(message.request_id, placing_of(message.order), message.actor)
