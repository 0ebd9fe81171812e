"""Reading SourceAndReserveRequest: plain ones in one native call, all others as every message is read."""

from __future__ import annotations

from typing import Any, NamedTuple

from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.plan_token import Redemption
from promessa.domain.sourcing import Order
from promessa.server import validate
from promessa.server._requests import source_request
from promessa.server.boundary import parser
from promessa.server.convert import ttl_ms
from promessa.server.convert_sourcing import DEFAULT_COUNTRY, order_of, redemption_of
from promessa.service.terms import Terms
from promessa.v1 import sourcing_service_pb2 as messages


class SourceRequest(NamedTuple):
    """An order to source and hold."""

    request_id: str
    order: Order
    terms: Terms
    allow_partial: bool
    explain_refusal: bool = False
    redemption: Redemption | None = None
    """How its plan token is to be redeemed, if it has one."""


_parse = parser(messages.SourceAndReserveRequest)


def read(body: bytes) -> Any:
    """The deserializer of the method: a SourceRequest if the bytes are plain, else what a parser gives."""
    plain = source_request(body)
    if plain is None:
        return _parse(body)
    request_id, order_id, lines, country_code, postal_code, ttl, owner_id, allow_partial = plain
    order = Order(order_id, lines, country_code or DEFAULT_COUNTRY, postal_code)
    return SourceRequest(request_id, order, Terms(True, ttl or TTL_MS_DEFAULT, owner_id, order_id), allow_partial)


def checked(message: messages.SourceAndReserveRequest) -> SourceRequest:
    """The same of a message. Raises InvalidFields."""
    validate.check(message)
    return SourceRequest(
        message.request_id,
        order_of(message.order),
        Terms(True, ttl_ms(message), message.owner_id, message.order.order_id, message.hold_rule_id),
        message.allow_partial,
        message.explain_refusal,
        redemption_of(message),
    )
