"""Reading PlaceOrderRequest: plain ones, which are sourced as they say, by the native reader of what is sourced; all others as
every message is read. Protovalidate costs as much as a third of placing an order.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from promessa.domain.sourcing import Order
from promessa.server import validate
from promessa.server._requests import source_request
from promessa.server.boundary import parser
from promessa.server.convert_orders import placing_of, said_of
from promessa.server.convert_sourcing import DEFAULT_COUNTRY
from promessa.service.orders import Placing
from promessa.v1 import order_service_pb2 as messages
from promessa.v1 import sourcing_service_pb2

_ORDER_ID = re.compile(r"[0-9A-Za-z._:-]{1,48}", re.ASCII)
_ACTOR = re.compile(r"[ -~]{0,64}", re.ASCII)
_PLAIN_FIELDS = {"order_id", "sourcing", "allow_partial", "customer_id"}
_parse = parser(messages.PlaceOrderRequest)


class PlaceRequest(NamedTuple):
    """An order to place."""

    request_id: str
    placing: Placing
    actor: str


def read(body: bytes) -> Any:
    """The deserializer of the method: a PlaceRequest if it is plain, else what a parser gives."""
    message = _parse(body)
    return _plain(message) or message if isinstance(message, messages.PlaceOrderRequest) else message


def checked(message: messages.PlaceOrderRequest) -> PlaceRequest:
    """The same of any message. Raises InvalidFields."""
    validate.check(message)
    return PlaceRequest(message.request_id, placing_of(message.order), message.actor)


def _plain(message: messages.PlaceOrderRequest) -> PlaceRequest | None:
    """A request that keeps its rules, None if it is anything but plain: with a reservation, prices, a token, offers to several
    nodes, or ways of its own."""
    new = message.order
    if not new.HasField("sourcing") or {field.name for field, _ in new.ListFields()} - _PLAIN_FIELDS:
        return None
    if not _ORDER_ID.fullmatch(new.order_id) or not _ACTOR.fullmatch(message.actor):
        return None
    asked = sourcing_service_pb2.SourceAndReserveRequest(
        request_id=message.request_id, order=new.sourcing, owner_id=new.customer_id
    )
    plain = source_request(asked.SerializeToString())
    if plain is None:
        return None
    request_id, _, lines, country_code, postal_code, _, customer_id, _ = plain
    order = Order(new.order_id, lines, country_code or DEFAULT_COUNTRY, postal_code)
    placing = Placing(new.order_id, "", order, said_of(new), new.allow_partial, customer_id=customer_id)
    return PlaceRequest(request_id, placing, message.actor)
